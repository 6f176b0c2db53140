// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/claim.c: how a request gets hold of the run that it has found.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>

#include "fake.h"

#define BLOCK		FAKE_BLOCK

/*
 *	........  ->  cccc....
 */
static void a_claim_takes_the_lowest_run_that_fits(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim begun;

	KUNIT_EXPECT_EQ(test, cma_fake_claim(fake, &begun, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, begun.run.start, 0);
	KUNIT_EXPECT_EQ(test, begun.run.count, 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 0, 4, 0);
	cma_abort(&fake->cma, &begun);
}

/*
 *	|c...|		nothing but the claim is in the way
 */
static void a_conflict_tells_where_to_go_on(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct runmap_query q = cma_fake_query(4, 0);
	struct cma_claim first, second;
	struct cma_lookup look = { };

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &first, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, cma_claim_first(&fake->cma, &q, &second, &look),
			CMA_FOUND_CONFLICT);
	KUNIT_EXPECT_EQ(test, q.from, 4);
	cma_commit(&fake->cma, &first);
	KUNIT_EXPECT_EQ(test, cma_claim_first(&fake->cma, &q, &second, &look),
			CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, second.run.start, 4);
	cma_abort(&fake->cma, &second);
	cma_fake_forget(fake, 0, 4);
}

/*
 *	|rrrr|....|		all of it is wanted
 */
static void a_request_can_have_lent_and_ready_memory_together(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_fake_make_ready(fake, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.ready_hits), 0);
	cma_fake_expect_usage(fake, 0, 0, 0, 2 * BLOCK);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

/*
 *	|....|rrrr|....|rrrr|	two blocks: the lowest run of both kinds, and
 *	 ^^^^^^^^^		the other READY block stays READY
 */
static void no_more_ready_memory_is_lent_than_a_run_takes_in(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);

	cma_fake_make_ready(fake, BLOCK, BLOCK);
	cma_fake_make_ready(fake, 3 * BLOCK, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	cma_fake_expect_usage(fake, BLOCK, BLOCK, 0, 2 * BLOCK);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

/* Anybody could have it if it were READY. */
static void what_comes_free_of_an_awaited_run_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_turn turn = { };

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 8);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 16);
	cma_fake_expect_free(fake, 0, 8);
	cma_fake_expect_usage(fake, BLOCK - 24, 8, 0, 16);
	cma_take_turn(&fake->cma, &turn, cma_extent_at(0, 16));
	cma_fake_expect_usage(fake, BLOCK - 16, 0, 0, 16);
	cma_fake_expect_free(fake, 8, 8);
	cma_fake_expect_free(fake, 16, 8);
	cma_fake_expect_usage(fake, BLOCK - 8, 8, 0, 0);
	cma_leave_turn(&fake->cma, &turn);
}

/*
 *	|1111|....|	the first block is awaited, the second one isn't
 */
static void who_may_not_wait_takes_what_is_awaited_when_nothing_else_is_left(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_request request = {
		.count = BLOCK, .gfp = GFP_KERNEL | __GFP_NORETRY,
	};
	struct cma_turn turn = { };

	cma_take_turn(&fake->cma, &turn, cma_extent_at(0, 4));
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.waits), 0);
	cma_leave_turn(&fake->cma, &turn);
	cma_fake_expect_free(fake, 0, BLOCK);
	cma_fake_expect_free(fake, BLOCK, BLOCK);
}

static struct kunit_case cma_claim_cases[] = {
	KUNIT_CASE(a_claim_takes_the_lowest_run_that_fits),
	KUNIT_CASE(a_conflict_tells_where_to_go_on),
	KUNIT_CASE(a_request_can_have_lent_and_ready_memory_together),
	KUNIT_CASE(no_more_ready_memory_is_lent_than_a_run_takes_in),
	KUNIT_CASE(what_comes_free_of_an_awaited_run_is_lent),
	KUNIT_CASE(who_may_not_wait_takes_what_is_awaited_when_nothing_else_is_left),
	{}
};

static struct kunit_suite cma_claim_suite = {
	.name = "cma_claim",
	.test_cases = cma_claim_cases,
};

kunit_test_suite(cma_claim_suite);

MODULE_DESCRIPTION("Tests of claims of contiguous memory");
MODULE_LICENSE("GPL");
