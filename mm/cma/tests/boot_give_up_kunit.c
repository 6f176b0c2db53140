// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what mm/cma/boot_activate.c leaves behind when an area can't have its books:
 * areas of one and of several ranges, of memory that is the page allocator's and
 * is made to look as if memblock had set it aside.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "fake.h"

/* Ranges are of a pageblock, with another one between any two of them, or all are one. */

/**
 * struct remains - an area that is given up, and what it is made of
 * @test: the test
 * @area: the area
 * @page: the first of the pageblocks
 * @managed: how many pages the zone had before
 * @total: how many pages areas had before
 */
struct remains {
	struct kunit *test;
	struct cma area;
	struct page *page;
	unsigned long managed;
	unsigned long total;
};

static void * __init no_memory(size_t size)
{
	return NULL;
}

/* As memblock leaves it */
static void __init set_aside(struct page *page, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		__SetPageReserved(page + i);
	adjust_managed_page_count(page, -(long)nr);
	totalcma_pages += nr;
}

static struct remains * __init take_memory(struct kunit *test, unsigned long nr_pages)
{
	struct remains *remains = kunit_kzalloc(test, sizeof(*remains),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, remains);
	/* Its memory goes to the page allocator as well, when it was unpacked. */
	wait_for_initramfs();
	remains->test = test;
	remains->page = alloc_contig_pages(nr_pages, GFP_KERNEL | __GFP_NOWARN,
					   first_online_node, NULL);
	if (!remains->page)
		kunit_skip(test, "no %lu pages in one piece", nr_pages);

	remains->managed = zone_managed_pages(page_zone(remains->page));
	remains->total = totalcma_pages;
	strscpy(remains->area.name, "given-up");
	remains->area.evacuator = &cma_page_evacuator;
	return remains;
}

static void __init own_range(struct remains *remains, struct page *page,
			     unsigned long nr_pages)
{
	set_aside(page, nr_pages);
	cma_add_range(&remains->area, page_to_pfn(page), nr_pages);
}

static struct remains * __init make_area(struct kunit *test, unsigned int nr)
{
	unsigned long block = pageblock_nr_pages;
	struct remains *remains = take_memory(test, (2 * nr - 1) * block);
	unsigned int i;

	for (i = 0; i < nr; i++)
		own_range(remains, remains->page + 2 * i * block, block);
	return remains;
}

/* What never was the area's goes the way that it came. */
static void __init free_between(const struct remains *remains, unsigned int nr)
{
	unsigned long block = pageblock_nr_pages;
	unsigned int i;

	for (i = 1; i < nr; i++)
		free_contig_range(page_to_pfn(remains->page) +
				  (2 * i - 1) * block, block);
}

static unsigned long __init nr_reserved(const struct cma *cma)
{
	unsigned long pfn, nr = 0;
	unsigned int i;

	for (i = 0; i < cma->nr_ranges; i++)
		for (pfn = cma->ranges[i].base_pfn;
		     pfn < cma->ranges[i].base_pfn + cma->ranges[i].nr_pages;
		     pfn++)
			nr += PageReserved(pfn_to_page(pfn));
	return nr;
}

static void __init give_up(struct kunit *test, struct remains *remains)
{
	kunit_activate_static_stub(test, cma_books_alloc, no_memory);
	cma_activate_area(&remains->area);
	kunit_deactivate_static_stub(test, cma_books_alloc);
	KUNIT_EXPECT_TRUE(test, cma_activation_failed(&remains->area));
	KUNIT_EXPECT_EQ(test, totalcma_pages, remains->total);
}

static const unsigned int numbers[] __initconst = { 1, 3, CMA_MAX_RANGES };

static void __init without_memory_for_its_books_an_area_gives_all_pages_away(struct kunit *test)
{
	struct remains *remains;
	struct zone *zone;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		remains = make_area(test, numbers[i]);
		zone = page_zone(remains->page);
		give_up(test, remains);
		KUNIT_EXPECT_EQ(test, nr_reserved(&remains->area), 0);
		KUNIT_EXPECT_EQ(test, zone_managed_pages(zone),
				remains->managed);
		KUNIT_EXPECT_FALSE(test, is_migrate_cma_page(remains->page));
		free_between(remains, numbers[i]);
	}
}

static void __init without_memory_for_its_books_an_area_keeps_what_it_must(struct kunit *test)
{
	struct remains *remains;
	unsigned long pfn;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		remains = make_area(test, numbers[i]);
		cma_reserve_pages_on_error(&remains->area);
		give_up(test, remains);
		KUNIT_EXPECT_EQ(test, nr_reserved(&remains->area),
				remains->area.nr_pages);
		for (k = 0; k < numbers[i]; k++)
			for (pfn = 0; pfn < pageblock_nr_pages; pfn++)
				free_reserved_page(remains->page + pfn +
						   2 * k * pageblock_nr_pages);
		free_between(remains, numbers[i]);
	}
}

static unsigned long border __initdata;

static bool __init fake_border(unsigned long pfn)
{
	return pfn == border;
}

/* "...|...", whose unit below the border is no range's by then */
static void __init what_a_border_has_cost_is_given_away_as_well(struct kunit *test)
{
	unsigned long block = pageblock_nr_pages, nr = 0, i;
	struct remains *remains = take_memory(test, 2 * block);

	own_range(remains, remains->page, 2 * block);
	remains->area.order_per_bit = 2;
	border = page_to_pfn(remains->page) + block;
	kunit_activate_static_stub(test, cma_is_border, fake_border);
	give_up(test, remains);
	kunit_deactivate_static_stub(test, cma_is_border);
	KUNIT_EXPECT_EQ(test, remains->area.nr_ranges, 2);
	for (i = 0; i < 2 * block; i++)
		nr += PageReserved(remains->page + i);
	KUNIT_EXPECT_EQ(test, nr, 0);
	KUNIT_EXPECT_EQ(test, zone_managed_pages(page_zone(remains->page)),
			remains->managed);
}

static struct kunit_case __refdata cma_boot_give_up_cases[] = {
	KUNIT_CASE(without_memory_for_its_books_an_area_gives_all_pages_away),
	KUNIT_CASE(without_memory_for_its_books_an_area_keeps_what_it_must),
	KUNIT_CASE(what_a_border_has_cost_is_given_away_as_well),
	{}
};

static struct kunit_suite __refdata cma_boot_give_up_suite = {
	.name = "cma_boot_give_up",
	.test_cases = cma_boot_give_up_cases,
};

kunit_test_init_section_suites(&cma_boot_give_up_suite);
