// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of how mm/cma/boot_activate.c splits ranges where struct pages aren't
 * neighbours. In the pictures a letter stands for a pageblock, and a bar for such a
 * border, which these tests put where they like.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/mm.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK
#define AREA	(6 * BLOCK)

static unsigned long borders __initdata;

/* Bit n is the border before block n. */
static bool __init fake_border(unsigned long pfn)
{
	unsigned long offset = pfn - FAKE_BASE_PFN;

	return offset % BLOCK == 0 && test_bit(offset / BLOCK, &borders);
}

static bool __init split(struct kunit *test, struct cma *cma,
			 unsigned long where)
{
	bool done;

	borders = where;
	kunit_activate_static_stub(test, cma_is_border, fake_border);
	done = cma_split_ranges(cma);
	kunit_deactivate_static_stub(test, cma_is_border);
	return done;
}

/* An area of these ranges, which is split before it has books. */
static struct cma * __init area(struct kunit *test, unsigned int order,
				unsigned long where)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma_add_range(cma, FAKE_BASE_PFN, AREA);
	cma->order_per_bit = order;
	strscpy(cma->name, "fake");
	KUNIT_ASSERT_TRUE(test, split(test, cma, where));
	return cma;
}

static void __init expect_range(struct kunit *test, const struct cma *cma,
				unsigned int i, unsigned long start,
				unsigned long end)
{
	const struct cma_range *range = &cma->ranges[i];

	KUNIT_EXPECT_EQ(test, range->base_pfn, FAKE_BASE_PFN + start);
	KUNIT_EXPECT_EQ(test, range->nr_pages, end - start);
}

/* "......" */
static void __init without_a_border_an_area_stays_as_it_is(struct kunit *test)
{
	struct cma *cma = area(test, 0, 0);

	KUNIT_EXPECT_EQ(test, cma->nr_ranges, 1);
	KUNIT_EXPECT_EQ(test, cma->nr_pages, AREA);
	expect_range(test, cma, 0, 0, AREA);
}

/* "|......|": those at the ends are nobody's business */
static void __init a_border_at_an_end_splits_nothing(struct kunit *test)
{
	struct cma *cma = area(test, 0, BIT(0) | BIT(6));

	KUNIT_EXPECT_EQ(test, cma->nr_ranges, 1);
	expect_range(test, cma, 0, 0, AREA);
}

/* "..|.|..." */
static void __init a_range_ends_a_unit_before_each_border(struct kunit *test)
{
	struct cma *cma = area(test, 2, BIT(2) | BIT(3));

	KUNIT_EXPECT_EQ(test, cma->nr_ranges, 3);
	KUNIT_EXPECT_EQ(test, cma->nr_pages, AREA - 2 * 4);
	KUNIT_EXPECT_EQ(test, cma->base_pfn, FAKE_BASE_PFN);
	KUNIT_EXPECT_EQ(test, cma->end_pfn, FAKE_BASE_PFN + AREA);
	expect_range(test, cma, 0, 0, 2 * BLOCK - 4);
	expect_range(test, cma, 1, 2 * BLOCK, 3 * BLOCK - 4);
	expect_range(test, cma, 2, 3 * BLOCK, AREA);
}

/* "..|...." */
static void __init what_was_handed_out_early_stays_below_the_border(struct kunit *test)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma_add_range(cma, FAKE_BASE_PFN, AREA);
	cma->ranges[0].nr_early = BLOCK;
	KUNIT_ASSERT_TRUE(test, split(test, cma, BIT(2)));
	KUNIT_EXPECT_EQ(test, cma->ranges[0].nr_early, BLOCK);
	KUNIT_EXPECT_EQ(test, cma->ranges[1].nr_early, 0);
}

/* ".|.|.|.|.|. .|.|.|.|.|.", which are two ranges that would become twelve */
static void __init more_pieces_than_an_area_can_have_are_refused(struct kunit *test)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma_add_range(cma, FAKE_BASE_PFN, AREA);
	cma_add_range(cma, FAKE_BASE_PFN + AREA + BLOCK, AREA);
	KUNIT_EXPECT_FALSE(test, split(test, cma, ~0UL));
	KUNIT_EXPECT_LE(test, cma->nr_ranges, CMA_MAX_RANGES);
}

/* "..|....": whatever is asked for, in each size that there can be */
static void __init no_run_reaches_across_a_border(struct kunit *test)
{
	struct cma *cma = area(test, 0, BIT(2));
	struct cma_fake *fake = cma_fake_create_ranges(test,
		(struct cma_range []){
			{ 0, cma->ranges[0].nr_pages },
			{ 2 * BLOCK, cma->ranges[1].nr_pages },
		}, 2, 0);
	unsigned long count, border = 2 * BLOCK;
	long at;

	for (count = 1; count <= 4 * BLOCK; count = count * 3 / 2 + 1) {
		long held[16];
		bool below;
		int nr = 0;

		for (; nr < ARRAY_SIZE(held); nr++) {
			at = cma_fake_alloc(fake, count, 0);
			if (at < 0)
				break;
			held[nr] = at;
			below = at + count < border;
			KUNIT_ASSERT_TRUE(test, below || at >= border);
		}
		KUNIT_EXPECT_GT(test, nr, 0);
		while (nr--)
			KUNIT_ASSERT_EQ(test, 0,
					cma_fake_release(fake, held[nr],
							 count));
	}
	cma_fake_expect_reason(fake, 4 * BLOCK + 1, GFP_KERNEL,
			       CMA_REASON_TOO_BIG);
}

static struct kunit_case __refdata cma_boot_borders_cases[] = {
	KUNIT_CASE(without_a_border_an_area_stays_as_it_is),
	KUNIT_CASE(a_border_at_an_end_splits_nothing),
	KUNIT_CASE(a_range_ends_a_unit_before_each_border),
	KUNIT_CASE(what_was_handed_out_early_stays_below_the_border),
	KUNIT_CASE(more_pieces_than_an_area_can_have_are_refused),
	KUNIT_CASE(no_run_reaches_across_a_border),
	{}
};

static struct kunit_suite __refdata cma_boot_borders_suite = {
	.name = "cma_boot_borders",
	.test_cases = cma_boot_borders_cases,
};

kunit_test_init_section_suites(&cma_boot_borders_suite);
