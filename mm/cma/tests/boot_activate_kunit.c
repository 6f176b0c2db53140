// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_activate.c: what becomes of areas when the page allocator takes
 * over. Those that can't be activated are broken on purpose, while that is possible.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "real.h"
#include "reserve.h"

static struct cma *given_up, *kept;
static bool reserved;

static struct cma * __init declare_area(const char *name)
{
	struct cma *cma;

	if (cma_declare_contiguous(0, CMA_MIN_ALIGNMENT_BYTES, 0, 0, 0, false,
				   name, &cma))
		return NULL;
	return cma;
}

/*
 * Memory of an area that isn't reserved any more can't be lent. It is freed as late
 * as that is possible before activation: what memblock frees it may hand out again,
 * which makes it reserved memory, but somebody else's.
 */
static int __init break_area(void)
{
	if (given_up)
		free_reserved_page(pfn_to_page(given_up->base_pfn + 1));
	return 0;
}
early_initcall(break_area);

/* Nor can one that would have more units than a map, until activation is over. */
static struct cma * __init inflate_area(const char *name)
{
	struct cma *cma = declare_area(name);

	if (cma)
		cma->end_pfn += RUNMAP_MAX_UNITS;
	return cma;
}

static int __init deflate_area(void)
{
	if (kept)
		kept->end_pfn -= RUNMAP_MAX_UNITS;
	return 0;
}
postcore_initcall(deflate_area);

/**
 * cma_kunit_reserve_broken() - declare two areas that can't be activated
 *
 * Context: early boot, when areas can be declared.
 */
void __init cma_kunit_reserve_broken(void)
{
	reserved = true;
	given_up = declare_area("kunit-given-up");
	kept = inflate_area("kunit-kept");
	if (kept)
		cma_reserve_pages_on_error(kept);
}

static int activate_init(struct kunit *test)
{
	if (!reserved)
		kunit_skip(test, "no areas were declared for tests on this machine");
	return 0;
}

static void the_areas_of_the_tests_are_active(struct kunit *test)
{
	struct cma *kunit0 = cma_real_area(test, "kunit0");
	struct cma *kunit1 = cma_real_area(test, "kunit1");

	KUNIT_EXPECT_TRUE(test, cma_is_active(kunit0));
	KUNIT_EXPECT_FALSE(test, cma_activation_failed(kunit0));
	KUNIT_EXPECT_TRUE(test, cma_is_active(kunit1));
	KUNIT_EXPECT_EQ(test, cma_get_size(kunit0), 2 * CMA_KUNIT_SIZE);
	KUNIT_EXPECT_EQ(test, cma_get_size(kunit1), CMA_KUNIT_SIZE);
	KUNIT_EXPECT_EQ(test, kunit1->order_per_bit, 2);
}

static void expect_lent(struct kunit *test, const struct cma_range *range)
{
	unsigned long pfn = range->base_pfn, end = pfn + range->nr_pages;
	struct zone *zone = page_zone(pfn_to_page(pfn));

	KUNIT_EXPECT_EQ(test, pfn % pageblock_nr_pages, 0);
	KUNIT_EXPECT_PTR_EQ(test, page_zone(pfn_to_page(end - 1)), zone);
	for (; pfn < end; pfn += pageblock_nr_pages) {
		struct page *page = pfn_to_page(pfn);

		KUNIT_EXPECT_TRUE_MSG(test,
				      is_migrate_cma(get_pageblock_migratetype(page)),
				      "page %#lx", pfn);
		KUNIT_EXPECT_FALSE(test, PageReserved(page));
	}
}

static void each_range_of_an_active_area_is_cma_in_one_zone(struct kunit *test)
{
	unsigned int i, k;

	for (i = 0; i < cma_area_count; i++)
		if (cma_is_active(&cma_areas[i]))
			for (k = 0; k < cma_areas[i].nr_ranges; k++)
				expect_lent(test, &cma_areas[i].ranges[k]);
}

static void the_total_is_that_of_the_active_areas(struct kunit *test)
{
	unsigned long in_areas = 0, in_zones = 0;
	struct zone *zone;
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_is_active(&cma_areas[i]))
			in_areas += cma_areas[i].nr_pages;
	for_each_populated_zone(zone)
		in_zones += zone_cma_pages(zone);
	KUNIT_EXPECT_EQ(test, totalcma_pages, in_areas);
	KUNIT_EXPECT_EQ(test, in_zones, in_areas);
}

static unsigned long nr_reserved(const struct cma *cma)
{
	unsigned long pfn, nr = 0;

	for (pfn = cma->base_pfn; pfn < cma->base_pfn + cma->nr_pages; pfn++)
		nr += PageReserved(pfn_to_page(pfn));
	return nr;
}

static void an_area_that_fails_gives_its_pages_away(struct kunit *test)
{
	KUNIT_ASSERT_NOT_NULL(test, given_up);
	KUNIT_EXPECT_EQ(test, given_up->state, CMA_AREA_FAILED);
	KUNIT_EXPECT_TRUE(test, cma_activation_failed(given_up));
	KUNIT_EXPECT_EQ(test, nr_reserved(given_up), 0);
	KUNIT_EXPECT_NULL(test, cma_alloc(given_up, 1, 0, true));
}

static void an_area_that_fails_keeps_its_pages_if_told_so(struct kunit *test)
{
	KUNIT_ASSERT_NOT_NULL(test, kept);
	KUNIT_EXPECT_EQ(test, kept->state, CMA_AREA_FAILED);
	KUNIT_EXPECT_EQ(test, nr_reserved(kept), kept->nr_pages);
	KUNIT_EXPECT_NULL(test, cma_alloc(kept, 1, 0, true));
}

static struct kunit_case cma_boot_activate_cases[] = {
	KUNIT_CASE(the_areas_of_the_tests_are_active),
	KUNIT_CASE(each_range_of_an_active_area_is_cma_in_one_zone),
	KUNIT_CASE(the_total_is_that_of_the_active_areas),
	KUNIT_CASE(an_area_that_fails_gives_its_pages_away),
	KUNIT_CASE(an_area_that_fails_keeps_its_pages_if_told_so),
	{}
};

static struct kunit_suite cma_boot_activate_suite = {
	.name = "cma_boot_activate",
	.init = activate_init,
	.test_cases = cma_boot_activate_cases,
};

kunit_test_suite(cma_boot_activate_suite);
