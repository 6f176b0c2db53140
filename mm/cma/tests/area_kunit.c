// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/area.c: the states of an area and the ways between them.
 *
 * In the pictures a letter stands for some pages: a block of CMA_EXCLUSION_PAGES
 * where a bar parts it from the next, a unit else.
 *
 *	.  lent		c  claimed	#  allocated
 */
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/string.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

static struct runmap_query query(unsigned long count, unsigned long from)
{
	return (struct runmap_query){
		.count = count, .from = from, .to = ULONG_MAX,
	};
}

static enum cma_found claim(struct cma_fake *fake, struct cma_claim *claim,
			    unsigned long count, unsigned long from)
{
	struct runmap_query q = query(count, from);
	struct cma_lookup look = { };

	return cma_claim_first(&fake->cma, &q, claim, &look);
}

static void expect_usage(struct cma_fake *fake, unsigned long lent,
			 unsigned long claimed, unsigned long allocated)
{
	struct cma_usage usage;

	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(fake->test, usage.lent, lent);
	KUNIT_EXPECT_EQ(fake->test, usage.claimed, claimed);
	KUNIT_EXPECT_EQ(fake->test, usage.allocated, allocated);
	KUNIT_EXPECT_TRUE(fake->test, cma_check(&fake->cma));
}

/* A run that the fake evacuator doesn't know of goes back by the books only. */
static void forget(struct cma_fake *fake, unsigned long start,
		   unsigned long count)
{
	struct cma_claim retired;

	KUNIT_EXPECT_TRUE(fake->test,
			  cma_retire(&fake->cma, cma_extent_at(start, count), &retired));
	cma_abort(&fake->cma, &retired);
}

/* Allocate by the books only. */
static unsigned long enter(struct cma_fake *fake, unsigned long count)
{
	struct cma_claim begun;

	KUNIT_ASSERT_EQ(fake->test, claim(fake, &begun, count, 0),
			CMA_FOUND_RUN);
	cma_commit(&fake->cma, &begun);
	return begun.run.start;
}

static void a_new_area_is_lent_as_a_whole(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_usage usage;

	expect_usage(fake, 2 * BLOCK, 0, 0);
	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.total, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, usage.largest, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, usage.nr_runs, 0);
}

/*
 *	........  ->  cccc....
 */
static void a_claim_takes_the_lowest_run_that_fits(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim begun;

	KUNIT_EXPECT_EQ(test, claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, begun.run.start, 0);
	KUNIT_EXPECT_EQ(test, begun.run.count, 4);
	expect_usage(fake, BLOCK - 4, 4, 0);
	cma_abort(&fake->cma, &begun);
}

static void a_commit_makes_a_claimed_run_allocated(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim begun;

	KUNIT_ASSERT_EQ(test, claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	cma_commit(&fake->cma, &begun);
	expect_usage(fake, BLOCK - 4, 0, 4);
	forget(fake, 0, 4);
}

static void an_abort_lends_a_claimed_run_again(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim begun;

	KUNIT_ASSERT_EQ(test, claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	cma_abort(&fake->cma, &begun);
	expect_usage(fake, BLOCK, 0, 0);
	KUNIT_ASSERT_EQ(test, claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, begun.run.start, 0);
	cma_abort(&fake->cma, &begun);
}

static void a_retired_run_is_claimed_until_it_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned long start = enter(fake, 4);
	struct cma_claim retired;

	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(start, 4), &retired));
	expect_usage(fake, BLOCK - 4, 4, 0);
	cma_abort(&fake->cma, &retired);
	expect_usage(fake, BLOCK, 0, 0);
}

static void a_run_is_retired_once(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim first, second;

	enter(fake, 4);
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

/*
 *	|c...|....|	the next one starts behind the first block
 */
static void a_claim_keeps_others_out_of_its_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_claim first, second;

	KUNIT_ASSERT_EQ(test, claim(fake, &first, 1, 0), CMA_FOUND_RUN);
	KUNIT_ASSERT_EQ(test, claim(fake, &second, 1, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, second.run.start, BLOCK);
	cma_abort(&fake->cma, &first);
	cma_abort(&fake->cma, &second);
}

/*
 *	|...c|c...|....|	a claim over two blocks keeps both
 */
static void a_claim_keeps_every_block_that_it_touches(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);
	struct cma_claim first, second;

	KUNIT_ASSERT_EQ(test, claim(fake, &first, 2, BLOCK - 1),
			CMA_FOUND_RUN);
	KUNIT_ASSERT_EQ(test, claim(fake, &second, 1, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, second.run.start, 2 * BLOCK);
	cma_abort(&fake->cma, &first);
	cma_abort(&fake->cma, &second);
}

/*
 *	|c...|		nothing but the claim is in the way
 */
static void a_conflict_tells_where_to_go_on(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct runmap_query q = query(4, 0);
	struct cma_claim first, second;
	struct cma_lookup look = { };

	KUNIT_ASSERT_EQ(test, claim(fake, &first, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, cma_claim_first(&fake->cma, &q, &second, &look),
			CMA_FOUND_CONFLICT);
	KUNIT_EXPECT_EQ(test, q.from, 4);
	cma_commit(&fake->cma, &first);
	KUNIT_EXPECT_EQ(test, cma_claim_first(&fake->cma, &q, &second, &look),
			CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, second.run.start, 4);
	cma_abort(&fake->cma, &second);
	forget(fake, 0, 4);
}

static void an_allocated_run_keeps_nobody_out_of_its_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_EXPECT_EQ(test, enter(fake, 1), 0);
	KUNIT_EXPECT_EQ(test, enter(fake, 1), 1);
	forget(fake, 0, 1);
	forget(fake, 1, 1);
}

static void a_retired_run_keeps_nobody_out_of_its_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim retired;

	enter(fake, 1);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(0, 1), &retired));
	KUNIT_EXPECT_EQ(test, enter(fake, 1), 1);
	cma_abort(&fake->cma, &retired);
	forget(fake, 1, 1);
}

/*
 *	|cccc|		all of it may come back, or may not
 */
static void what_others_claim_is_told_from_nothing(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim all, none;

	KUNIT_ASSERT_EQ(test, claim(fake, &all, BLOCK, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, claim(fake, &none, 1, 0), CMA_FOUND_IN_FLIGHT);
	cma_commit(&fake->cma, &all);
	KUNIT_EXPECT_EQ(test, claim(fake, &none, 1, 0), CMA_FOUND_NONE);
	forget(fake, 0, BLOCK);
}

static void a_wait_for_a_claim_that_has_ended_is_no_wait(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct runmap_query q = query(1, 0);
	struct cma_claim first, second;
	struct cma_lookup look = { };

	KUNIT_ASSERT_EQ(test, claim(fake, &first, BLOCK, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, cma_claim_first(&fake->cma, &q, &second, &look),
			CMA_FOUND_IN_FLIGHT);
	cma_abort(&fake->cma, &first);
	KUNIT_EXPECT_EQ(test, cma_wait_for_claim(&fake->cma, look.seen, 1), 0);
}

static void units_of_several_pages_are_counted_in_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	KUNIT_EXPECT_EQ(test, cma_nr_units(&fake->cma), BLOCK / 8);
	KUNIT_EXPECT_EQ(test, enter(fake, 2), 0);
	expect_usage(fake, BLOCK - 16, 0, 16);
	forget(fake, 0, 2);
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

static void the_audit_notices_a_run_without_an_end(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	enter(fake, 4);
	__clear_bit(3, fake->cma.last);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	__set_bit(3, fake->cma.last);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	forget(fake, 0, 4);
}

static void the_audit_notices_an_allocated_unit_that_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	enter(fake, 4);
	runmap_give(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_take(&fake->cma.map, 2, 1);
	forget(fake, 0, 4);
}

static void the_audit_notices_a_unit_that_nobody_owns(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	runmap_take(&fake->cma.map, 7, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_give(&fake->cma.map, 7, 1);
}

/*
 *	########  ->  ##|...|###
 */
static void a_part_of_a_run_is_retired_and_leaves_two(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	enter(fake, 8);
	forget(fake, 2, 3);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 2);
	expect_usage(fake, BLOCK - 5, 0, 5);
	forget(fake, 0, 2);
	forget(fake, 5, 3);
}

/*
 *	##|##|##|##  ->  #|.......|#
 */
static void parts_of_runs_that_touch_are_retired_together(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned int i;

	for (i = 0; i < 4; i++)
		enter(fake, 2);
	forget(fake, 1, 6);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 2);
	forget(fake, 7, 1);
	forget(fake, 0, 1);
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
	enter(fake, 2);
	enter(fake, 2);
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 5), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(2, 0), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(4, 1), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(2, BLOCK), &claim));
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 2);
	forget(fake, 0, 4);
}

/*
 *	####cc##	c is on its way already
 */
static void what_is_claimed_is_not_retired_with_its_neighbours(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim, other;

	enter(fake, 8);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(4, 2), &claim));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(0, 8), &other));
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(5, 1), &other));
	cma_abort(&fake->cma, &claim);
	forget(fake, 0, 4);
	forget(fake, 6, 2);
}

/*
 *	cccccccc  ->  cc|cccccc
 */
static void the_parts_of_a_claim_end_apart(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim, rest;

	enter(fake, 8);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(0, 8), &claim));
	cma_split_claim(&fake->cma, &claim, 2, &rest);
	expect_usage(fake, BLOCK - 8, 8, 0);
	cma_abort(&fake->cma, &claim);
	expect_usage(fake, BLOCK - 6, 6, 0);
	cma_abort(&fake->cma, &rest);
	expect_usage(fake, BLOCK, 0, 0);
}

static void the_audit_runs_unless_the_command_line_says_off(struct kunit *test)
{
	bool off = strstr(saved_command_line, "cma_audit=off");

	KUNIT_EXPECT_EQ(test, cma_is_audited(),
			IS_ENABLED(CONFIG_CMA_AUDIT) && !off);
}

static struct kunit_case cma_area_cases[] = {
	KUNIT_CASE(a_new_area_is_lent_as_a_whole),
	KUNIT_CASE(a_claim_takes_the_lowest_run_that_fits),
	KUNIT_CASE(a_commit_makes_a_claimed_run_allocated),
	KUNIT_CASE(an_abort_lends_a_claimed_run_again),
	KUNIT_CASE(a_retired_run_is_claimed_until_it_is_lent),
	KUNIT_CASE(a_run_is_retired_once),
	KUNIT_CASE(lent_units_are_not_retired),
	KUNIT_CASE(a_claim_keeps_others_out_of_its_block),
	KUNIT_CASE(a_claim_keeps_every_block_that_it_touches),
	KUNIT_CASE(a_conflict_tells_where_to_go_on),
	KUNIT_CASE(an_allocated_run_keeps_nobody_out_of_its_block),
	KUNIT_CASE(a_retired_run_keeps_nobody_out_of_its_block),
	KUNIT_CASE(what_others_claim_is_told_from_nothing),
	KUNIT_CASE(a_wait_for_a_claim_that_has_ended_is_no_wait),
	KUNIT_CASE(units_of_several_pages_are_counted_in_pages),
	KUNIT_CASE(an_area_that_is_not_active_has_nothing_lent),
	KUNIT_CASE(more_units_than_a_map_can_have_get_no_books),
	KUNIT_CASE(the_audit_notices_a_run_without_an_end),
	KUNIT_CASE(the_audit_notices_an_allocated_unit_that_is_lent),
	KUNIT_CASE(the_audit_notices_a_unit_that_nobody_owns),
	KUNIT_CASE(the_audit_runs_unless_the_command_line_says_off),
	KUNIT_CASE(a_part_of_a_run_is_retired_and_leaves_two),
	KUNIT_CASE(parts_of_runs_that_touch_are_retired_together),
	KUNIT_CASE(what_is_not_all_allocated_is_not_retired),
	KUNIT_CASE(what_is_claimed_is_not_retired_with_its_neighbours),
	KUNIT_CASE(the_parts_of_a_claim_end_apart),
	{}
};

static struct kunit_suite cma_area_suite = {
	.name = "cma_area",
	.test_cases = cma_area_cases,
};

kunit_test_suite(cma_area_suite);

MODULE_DESCRIPTION("Tests of the states of a contiguous memory area");
MODULE_LICENSE("GPL");
