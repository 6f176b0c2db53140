// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/area.c: the books of an area, and what they say of it.
 *
 * In the pictures a letter stands for some pages: a block of CMA_EXCLUSION_PAGES
 * where a bar parts it from the next, a unit else.
 *
 *	.  lent		c  claimed	#  allocated
 */
#include <kunit/test.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

static void a_new_area_is_lent_as_a_whole(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_usage usage;

	cma_fake_expect_usage(fake, 2 * BLOCK, 0, 0, 0);
	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.total, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, usage.largest, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, usage.nr_runs, 0);
}

static void a_commit_makes_a_claimed_run_allocated(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim begun;

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	cma_commit(&fake->cma, &begun);
	cma_fake_expect_usage(fake, BLOCK - 4, 0, 0, 4);
	cma_fake_forget(fake, 0, 4);
}

static void an_abort_lends_a_claimed_run_again(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim begun;

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	cma_abort(&fake->cma, &begun);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, begun.run.start, 0);
	cma_abort(&fake->cma, &begun);
}

static void a_retired_run_is_claimed_until_it_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned long start = cma_fake_enter(fake, 4);
	struct cma_claim retired;

	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(start, 4), &retired));
	cma_fake_expect_usage(fake, BLOCK - 4, 0, 4, 0);
	cma_abort(&fake->cma, &retired);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

static void a_run_is_retired_once(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim first, second;

	cma_fake_enter(fake, 4);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(0, 4), &first));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 4), &second));
	cma_abort(&fake->cma, &first);
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 4), &second));
}

static void lent_units_are_not_retired(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim retired;

	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 4), &retired));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(BLOCK - 1, 1),
					    &retired));
}

static void a_wait_for_a_claim_that_has_ended_is_no_wait(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct runmap_query q = cma_fake_query(1, 0);
	struct cma_claim first, second;
	struct cma_lookup look = { };

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &first, BLOCK, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, cma_claim_first(&fake->cma, &q, &second, &look),
			CMA_FOUND_IN_FLIGHT);
	cma_abort(&fake->cma, &first);
	KUNIT_EXPECT_EQ(test, cma_wait_for_claim(&fake->cma, &look, 1, 1), 0);
}

static void units_of_several_pages_are_counted_in_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	KUNIT_EXPECT_EQ(test, cma_nr_units(&fake->cma), BLOCK / 8);
	KUNIT_EXPECT_EQ(test, cma_fake_enter(fake, 2), 0);
	cma_fake_expect_usage(fake, BLOCK - 16, 0, 0, 16);
	cma_fake_forget(fake, 0, 2);
}

static void an_area_that_is_not_active_has_nothing_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_usage usage;

	cma_set_state(&fake->cma, CMA_AREA_FAILED);
	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.total, BLOCK);
	KUNIT_EXPECT_EQ(test, usage.lent, 0);
	KUNIT_EXPECT_EQ(test, usage.largest, 0);
	cma_set_state(&fake->cma, CMA_AREA_ACTIVE);
}

/*
 *	##########  ...  ##########	one unit more than a map can have
 */
static void more_units_than_a_map_can_have_get_no_books(struct kunit *test)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma_add_range(cma, BLOCK, RUNMAP_MAX_UNITS + 1);
	KUNIT_EXPECT_EQ(test, cma_area_init(cma), -EFBIG);
	KUNIT_EXPECT_NULL(test, cma->first);
	KUNIT_EXPECT_NULL(test, cma->books);
}

/*
 *	########  ->  ##|...|###
 */
static void a_part_of_a_run_is_retired_and_leaves_two(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_enter(fake, 8);
	cma_fake_forget(fake, 2, 3);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 2);
	cma_fake_expect_usage(fake, BLOCK - 5, 0, 0, 5);
	cma_fake_forget(fake, 0, 2);
	cma_fake_forget(fake, 5, 3);
}

/*
 *	##|##|##|##  ->  #|.......|#
 */
static void parts_of_runs_that_touch_are_retired_together(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned int i;

	for (i = 0; i < 4; i++)
		cma_fake_enter(fake, 2);
	cma_fake_forget(fake, 1, 6);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 2);
	cma_fake_forget(fake, 7, 1);
	cma_fake_forget(fake, 0, 1);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 0);
}

/*
 *	##|##...	^^^^^ has a page that isn't allocated
 */
static void what_is_not_all_allocated_is_not_retired(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim;

	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 4), &claim));
	cma_fake_enter(fake, 2);
	cma_fake_enter(fake, 2);
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 5), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(2, 0), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(4, 1), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(2, BLOCK), &claim));
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 2);
	cma_fake_forget(fake, 0, 4);
}

/*
 *	####cc##	c is on its way already
 */
static void what_is_claimed_is_not_retired_with_its_neighbours(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim, other;

	cma_fake_enter(fake, 8);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(4, 2), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 8), &other));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(5, 1), &other));
	cma_abort(&fake->cma, &claim);
	cma_fake_forget(fake, 0, 4);
	cma_fake_forget(fake, 6, 2);
}

static struct kunit_case cma_area_cases[] = {
	KUNIT_CASE(a_new_area_is_lent_as_a_whole),
	KUNIT_CASE(a_commit_makes_a_claimed_run_allocated),
	KUNIT_CASE(an_abort_lends_a_claimed_run_again),
	KUNIT_CASE(a_retired_run_is_claimed_until_it_is_lent),
	KUNIT_CASE(a_run_is_retired_once),
	KUNIT_CASE(lent_units_are_not_retired),
	KUNIT_CASE(a_wait_for_a_claim_that_has_ended_is_no_wait),
	KUNIT_CASE(units_of_several_pages_are_counted_in_pages),
	KUNIT_CASE(an_area_that_is_not_active_has_nothing_lent),
	KUNIT_CASE(more_units_than_a_map_can_have_get_no_books),
	KUNIT_CASE(a_part_of_a_run_is_retired_and_leaves_two),
	KUNIT_CASE(parts_of_runs_that_touch_are_retired_together),
	KUNIT_CASE(what_is_not_all_allocated_is_not_retired),
	KUNIT_CASE(what_is_claimed_is_not_retired_with_its_neighbours),
	{}
};

static struct kunit_suite cma_area_suite = {
	.name = "cma_area",
	.test_cases = cma_area_cases,
};

kunit_test_suite(cma_area_suite);

MODULE_DESCRIPTION("Tests of the states of a contiguous memory area");
MODULE_LICENSE("GPL");
