// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/stats.c: the looks at an area's units, as runs and as bits.
 *
 * In the pictures a letter stands for some pages.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "../stats.h"
#include "fake.h"
#include "real.h"

#define AREA	FAKE_MAX_PAGES

static void expect_run(struct cma_fake *fake, unsigned long start,
		       unsigned long end, enum cma_unit_state state)
{
	struct cma_view run;

	cma_view_at(&fake->cma, start, &run);
	KUNIT_EXPECT_EQ(fake->test, run.units.start, start);
	KUNIT_EXPECT_EQ(fake->test, cma_extent_end(run.units), end);
	KUNIT_EXPECT_EQ(fake->test, run.state, state);
}

static void a_new_area_is_one_lent_run(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	expect_run(fake, 0, AREA, CMA_UNIT_LENT);
	expect_run(fake, AREA - 1, AREA, CMA_UNIT_LENT);
}

/*
 * Three requests, the one in the middle released:
 *
 *	##|###|####|......  ->  ##|...|####|......
 */
static void runs_follow_each_other_without_a_gap(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 3, 0), 2);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 5);
	expect_run(fake, 0, 2, CMA_UNIT_ALLOCATED);
	expect_run(fake, 2, 5, CMA_UNIT_ALLOCATED);
	expect_run(fake, 5, 9, CMA_UNIT_ALLOCATED);
	expect_run(fake, 9, AREA, CMA_UNIT_LENT);

	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 2, 3), 0);
	expect_run(fake, 2, 5, CMA_UNIT_LENT);
	expect_run(fake, 3, 5, CMA_UNIT_LENT);
	expect_run(fake, 5, 9, CMA_UNIT_ALLOCATED);

	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 2), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 5, 4), 0);
}

/*
 *	....##rrrrr####....	with what is READY longer than a piece
 */
static void what_is_ready_is_a_run_of_its_own(struct kunit *test)
{
	unsigned long long_run = CMA_VIEW_PIECE + 5;
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	cma_set_ready_max(&fake->cma, AREA);
	cma_fake_make_ready(fake, 4, long_run);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, long_run + 1, 0),
			long_run + 4);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 4);
	expect_run(fake, 0, 4, CMA_UNIT_LENT);
	expect_run(fake, 4, 6, CMA_UNIT_ALLOCATED);
	expect_run(fake, 6, long_run + 4, CMA_UNIT_READY);
	expect_run(fake, long_run + 3, long_run + 4, CMA_UNIT_READY);
	expect_run(fake, long_run + 4, 2 * long_run + 5, CMA_UNIT_ALLOCATED);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 4, 2), 0);
	expect_run(fake, 4, long_run + 4, CMA_UNIT_READY);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, long_run + 4,
					       long_run + 1), 0);
}

/* More than what is looked at under one hold of the lock:  .####...#### */
static void a_run_longer_than_a_piece_is_one_run(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_GT(test, AREA, CMA_VIEW_PIECE + 8);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 3, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, AREA - 3, 0), 3);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 3), 0);
	expect_run(fake, 0, 3, CMA_UNIT_LENT);
	expect_run(fake, 3, AREA, CMA_UNIT_ALLOCATED);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 3, AREA - 3), 0);
}

static u64 read_area(struct kunit *test, struct cma *cma, const char *name)
{
	return cma_read_figure(test, cma, CMA_FIGURES_AREA, name);
}

/* The states add up to the area, and those in use to what is called used. */
static void expect_sum(struct kunit *test, struct cma *cma, u64 claimed,
		       u64 allocated)
{
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "claimed_pages"), claimed);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "allocated_pages"),
			allocated);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "total_pages"),
			read_area(test, cma, "lent_pages") +
			read_area(test, cma, "ready_pages") +
			claimed + allocated);
	KUNIT_EXPECT_EQ(test, claimed + allocated,
			cma_read_figure(test, cma, CMA_FIGURES_DEBUG, "used"));
}

/*
 * A request for 8 stops while its run is evacuated, behind a run of 4:
 *
 *	####cccccccc....
 */
static void a_run_under_evacuation_is_claimed_and_the_sum_holds(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	struct cma_fake_caller caller;
	struct cma *cma = &fake->cma;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	fake->hold = 4;
	cma_fake_call(&caller, fake, 8, GFP_KERNEL);
	wait_for_completion(&fake->held);

	expect_run(fake, 0, 4, CMA_UNIT_ALLOCATED);
	expect_run(fake, 4, 12, CMA_UNIT_CLAIMED);
	expect_run(fake, 12, AREA, CMA_UNIT_LENT);
	expect_sum(test, cma, 8, 4);

	complete(&fake->proceed);
	KUNIT_ASSERT_EQ(test, cma_fake_result(&caller), 4);
	expect_run(fake, 4, 12, CMA_UNIT_ALLOCATED);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 4, 8), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), 0);
}

/* Room for what is copied at a time */
static u32 *make_words(struct kunit *test)
{
	u32 *words = kunit_kzalloc(test, CMA_VIEW_WORDS * sizeof(u32),
				   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, words);
	return words;
}

/* ..####.......	with the four at 30, so that two words are touched */
static void the_bitmap_has_a_bit_set_where_a_unit_is_in_use(struct kunit *test)
{
	u32 *words = make_words(test);
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	struct cma_extent all = cma_all_units(&fake->cma);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 30, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 30);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 30), 0);

	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, all, words),
			CMA_VIEW_WORDS);
	KUNIT_EXPECT_EQ(test, words[0], 0xc0000000);
	KUNIT_EXPECT_EQ(test, words[1], 0x00000003);
	KUNIT_EXPECT_EQ(test, words[2], 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 30, 4), 0);
}

/* ##rrrr##....	nobody uses what is READY */
static void the_bitmap_has_no_bit_set_where_a_unit_is_ready(struct kunit *test)
{
	u32 *words = make_words(test);
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	struct cma_extent all = cma_all_units(&fake->cma);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 60, 0), 8);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 68);
	cma_set_ready_max(&fake->cma, 60);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 8, 60), 0);

	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, all, words),
			CMA_VIEW_WORDS);
	KUNIT_EXPECT_EQ(test, words[0], 0xff);
	KUNIT_EXPECT_EQ(test, words[1], 0);
	KUNIT_EXPECT_EQ(test, words[2], 0xff0);
	KUNIT_EXPECT_EQ(test, 16, cma_read_figure(test, &fake->cma,
						  CMA_FIGURES_DEBUG, "used"));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 8), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 68, 8), 0);
}

/* A block in units of 32 pages is less than a piece:  #### */
static void the_bitmap_ends_with_the_area(struct kunit *test)
{
	u32 *words = make_words(test);
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 5);
	unsigned long units = FAKE_BLOCK >> 5;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, FAKE_BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, cma_extent_at(0, units), words),
			BITS_TO_U32(units));
	KUNIT_EXPECT_EQ(test, words[0],
			units < 32 ? GENMASK(units - 1, 0) : U32_MAX);
	KUNIT_EXPECT_EQ(test, 0, cma_copy_bitmap(&fake->cma, cma_extent_at(units, 0),
						 words));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, FAKE_BLOCK), 0);
}

/* ...|##..|...	a range of its own that begins in the middle of a piece */
static void the_bitmap_of_a_part_has_nothing_from_beyond_it(struct kunit *test)
{
	u32 *words = make_words(test);
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 100, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, cma_extent_between(60, 97), words), 2);
	KUNIT_EXPECT_EQ(test, words[0], U32_MAX);
	KUNIT_EXPECT_EQ(test, words[1], GENMASK(4, 0));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 100), 0);
}

/* An area need not begin where a power of two does, unlike the fake one. */
static void the_bitmap_begins_with_the_area_wherever_that_is(struct kunit *test)
{
	struct runmap_query query = { .count = 2, .to = ULONG_MAX };
	u32 words[CMA_VIEW_WORDS] __aligned(sizeof(long));
	struct cma_claim claim;
	struct cma_lookup look = { };
	struct cma *cma;

	cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma_add_range(cma, FAKE_BASE_PFN + 3 * pageblock_nr_pages,
		      5 * pageblock_nr_pages);
	cma->order_per_bit = 2;
	KUNIT_ASSERT_EQ(test, cma_area_init(cma), 0);
	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(cma, cma_extent_at(0, 64), words), 2);
	KUNIT_EXPECT_EQ(test, words[0], 0);

	KUNIT_EXPECT_EQ(test, CMA_FOUND_RUN,
			cma_claim_first(cma, &query, &claim, &look));
	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(cma, cma_extent_at(0, 64), words), 2);
	KUNIT_EXPECT_EQ(test, words[0], 3);
	cma_abort(cma, &claim);
	cma_area_destroy(cma);
}

static struct kunit_case cma_runs_cases[] = {
	KUNIT_CASE(a_new_area_is_one_lent_run),
	KUNIT_CASE(runs_follow_each_other_without_a_gap),
	KUNIT_CASE(what_is_ready_is_a_run_of_its_own),
	KUNIT_CASE(a_run_longer_than_a_piece_is_one_run),
	KUNIT_CASE(a_run_under_evacuation_is_claimed_and_the_sum_holds),
	KUNIT_CASE(the_bitmap_has_a_bit_set_where_a_unit_is_in_use),
	KUNIT_CASE(the_bitmap_has_no_bit_set_where_a_unit_is_ready),
	KUNIT_CASE(the_bitmap_ends_with_the_area),
	KUNIT_CASE(the_bitmap_of_a_part_has_nothing_from_beyond_it),
	KUNIT_CASE(the_bitmap_begins_with_the_area_wherever_that_is),
	{}
};

static struct kunit_suite cma_runs_suite = {
	.name = "cma_runs",
	.test_cases = cma_runs_cases,
};

kunit_test_suite(cma_runs_suite);
