// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/search.c: where a request looks, how long it tries, and what
 * its failure is called. parallel_kunit.c has what takes two requests.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		#  allocated	x  a page that won't move
 */
#include <kunit/test.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

static void a_request_gets_the_lowest_run(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 5, 0), 3);
	cma_fake_expect_free(fake, 0, 3);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	cma_fake_expect_free(fake, 0, 2);
	cma_fake_expect_free(fake, 3, 5);
}

/*
 *	#...|....|	the next multiple of four
 */
static void a_run_is_aligned_as_asked(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 2), 4);
	cma_fake_expect_free(fake, 0, 1);
	cma_fake_expect_free(fake, 4, 1);
}

static void alignment_beyond_the_units_is_kept(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 3);

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 6), 64);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 1), 8);
	cma_fake_expect_free(fake, 0, 1);
	cma_fake_expect_free(fake, 64, 1);
	cma_fake_expect_free(fake, 8, 1);
}

static void a_count_is_rounded_up_to_units(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 9, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 0), 16);
	KUNIT_EXPECT_EQ(test, bitmap_weight(fake->taken, FAKE_MAX_PAGES), 24);
	cma_fake_expect_free(fake, 0, 9);
	cma_fake_expect_free(fake, 16, 1);
}

static void each_stuck_page_costs_one_attempt(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	int i;

	for (i = 0; i < 8; i++)
		__set_bit(10 + 50 * i, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 60, 0), 10 + 50 * 7 + 1);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 9);
	cma_fake_expect_free(fake, 361, 60);
}

/* At little cost once, and thoroughly at first and in each of three rounds. */
static void a_page_that_never_moves_makes_it_busy(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_stats *stats = &fake->cma.stats;

	__set_bit(BLOCK / 2, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL, CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 5);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 4);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->attempts), 5);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->blockers[CMA_PAGE_PINNED]), 5);
}

static void a_page_that_moves_in_a_later_round_is_no_failure(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(BLOCK / 2, fake->stuck);
	fake->patience = 2;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 3);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/* Five rounds more than without. */
static void mayfail_tries_longer(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(BLOCK / 2, fake->stuck);
	fake->patience = 9;
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL | __GFP_RETRY_MAYFAIL,
			       CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 10);
	cma_fake_expect_free(fake, 0, BLOCK);
}

static void mayfail_does_not_try_for_ever(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(BLOCK / 2, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL | __GFP_RETRY_MAYFAIL,
			       CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 10);
}

static void noretry_makes_a_single_attempt(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);

	__set_bit(0, fake->stuck);
	cma_fake_expect_reason(fake, 1, GFP_KERNEL | __GFP_NORETRY, CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
}

/*
 *	|x...|	all of it is wanted, twice: once and cheaply each time
 */
static void noretry_is_not_thorough_where_nothing_is_clear(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(0, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL | __GFP_NORETRY,
			       CMA_REASON_BUSY);
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL | __GFP_NORETRY,
			       CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
}

static void no_memory_to_move_to_is_called_so(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);

	fake->error = -ENOMEM;
	cma_fake_expect_reason(fake, 1, GFP_KERNEL, CMA_REASON_NO_TARGET);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 4);
}

/*
 *	|....|c...|	there is no room, and the claim doesn't end
 */
static void without_room_to_move_pages_to_that_is_the_reason_given(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_request request = {
		.count = 4, .gfp = GFP_KERNEL, .timeout_ms = 100,
	};
	struct cma_claim claim;

	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(BLOCK, 4), true,
					     &claim));
	fake->error = -ENOMEM;
	cma_fake_request(fake, &request);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_NO_TARGET);
	cma_abort(&fake->cma, &claim);
}

/*
 *	|.x..|		others may wait for the task, so it tries and does no more
 */
static void a_task_in_the_middle_of_io_does_not_pause(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned long began, least = ULONG_MAX;
	unsigned int i;

	__set_bit(77, fake->stuck);
	/* The host of a guest may pause. */
	for (i = 0; i < 10 && least >= msecs_to_jiffies(60); i++) {
		began = jiffies;
		cma_fake_expect_reason(fake, BLOCK, GFP_NOIO, CMA_REASON_BUSY);
		least = min(least, jiffies - began);
	}
	KUNIT_EXPECT_LT(test, least, msecs_to_jiffies(60));
	began = jiffies;
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL, CMA_REASON_BUSY);
	KUNIT_EXPECT_GE(test, jiffies - began, msecs_to_jiffies(60));
}

/* Every page is in use: somebody would have to wait until it has moved. */
static void a_request_that_cannot_sleep_is_told_so(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	bitmap_set(fake->in_use, 0, BLOCK);
	cma_fake_expect_reason(fake, 1, GFP_ATOMIC, CMA_REASON_WOULD_SLEEP);
	cma_fake_expect_reason(fake, 1, GFP_NOWAIT, CMA_REASON_WOULD_SLEEP);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static struct kunit_case cma_search_cases[] = {
	KUNIT_CASE(a_request_gets_the_lowest_run),
	KUNIT_CASE(a_run_is_aligned_as_asked),
	KUNIT_CASE(alignment_beyond_the_units_is_kept),
	KUNIT_CASE(a_count_is_rounded_up_to_units),
	KUNIT_CASE(each_stuck_page_costs_one_attempt),
	KUNIT_CASE(a_page_that_never_moves_makes_it_busy),
	KUNIT_CASE(a_page_that_moves_in_a_later_round_is_no_failure),
	KUNIT_CASE(mayfail_tries_longer),
	KUNIT_CASE(mayfail_does_not_try_for_ever),
	KUNIT_CASE(noretry_makes_a_single_attempt),
	KUNIT_CASE(noretry_is_not_thorough_where_nothing_is_clear),
	KUNIT_CASE(no_memory_to_move_to_is_called_so),
	KUNIT_CASE(without_room_to_move_pages_to_that_is_the_reason_given),
	KUNIT_CASE(a_task_in_the_middle_of_io_does_not_pause),
	KUNIT_CASE(a_request_that_cannot_sleep_is_told_so),
	{}
};

static struct kunit_suite cma_search_suite = {
	.name = "cma_search",
	.test_cases = cma_search_cases,
};

kunit_test_suite(cma_search_suite);

MODULE_DESCRIPTION("Tests of how a contiguous memory request finds its run");
MODULE_LICENSE("GPL");
