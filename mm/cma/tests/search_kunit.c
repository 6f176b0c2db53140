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
#include <linux/log2.h>

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

/*
 *	...x....	the second attempt begins right behind the page
 */
static void the_next_candidate_lies_beyond_a_stuck_page(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 78);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, 78, 100);
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

/*
 *	|.x..|....|	what stopped it isn't known: none of the run is tried
 *	 ^^		again
 */
static void without_a_name_the_whole_run_is_passed_by(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);

	fake->silent = true;
	__set_bit(5, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 10, 0), 10);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, 10, 10);
}

/*
 *	|.x..|....|....|	of a run that is longer than a block, that is
 *	 ^^^^^^^^^		the first one
 */
static void without_a_name_no_more_than_a_block_is_passed_by(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 4 * BLOCK, 0);

	fake->silent = true;
	__set_bit(5, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, BLOCK, 2 * BLOCK);
}

static void a_request_larger_than_the_area_is_too_big(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_expect_reason(fake, BLOCK + 1, GFP_KERNEL, CMA_REASON_TOO_BIG);
	cma_fake_expect_reason(fake, ULONG_MAX, GFP_KERNEL, CMA_REASON_TOO_BIG);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static void more_than_there_can_be_is_too_big_in_any_unit(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	cma_fake_expect_reason(fake, ULONG_MAX, GFP_KERNEL, CMA_REASON_TOO_BIG);
	KUNIT_EXPECT_EQ(test, cma_pages_to_units(&fake->cma, ULONG_MAX),
			(ULONG_MAX >> 3) + 1);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/* The area's first page is aligned best, and to no more than its own number. */
static void an_alignment_that_the_area_lacks_is_too_big(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 1, .align = ilog2(FAKE_BASE_PFN) + 1,
		.gfp = GFP_KERNEL,
	};

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request),
			cma_reason_errno(CMA_REASON_TOO_BIG));
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_TOO_BIG);
}

/*
 *	######..	asked: ....
 */
static void too_few_pages_left_are_called_full(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 2, 0), 0);
	cma_fake_expect_reason(fake, 4, GFP_KERNEL, CMA_REASON_FULL);
	cma_fake_expect_free(fake, 0, BLOCK - 2);
}

/*
 *	..####..	asked: ....
 */
static void scattered_pages_are_called_fragmented(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 4, 0), 2);
	cma_fake_expect_free(fake, 0, 2);
	cma_fake_expect_reason(fake, 4, GFP_KERNEL, CMA_REASON_FRAGMENTED);
	cma_fake_expect_free(fake, 2, BLOCK - 4);
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

/* What was seen before anything was moved is no attempt. */
static void a_page_that_is_foreseen_to_stay_costs_no_attempt(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_stats *stats = &fake->cma.stats;

	fake->foresees = true;
	__set_bit(0, fake->stuck);
	__set_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 78);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 3);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->attempts), 1);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->blockers[CMA_PAGE_PINNED]), 2);
	cma_fake_expect_free(fake, 78, 100);
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

static void an_interrupted_evacuation_ends_the_request(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);

	fake->error = -EINTR;
	cma_fake_expect_reason(fake, 1, GFP_KERNEL, CMA_REASON_INTERRUPTED);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
}

/* Every page is in use: somebody would have to wait until it has moved. */
static void who_cannot_sleep_is_told_so(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	bitmap_set(fake->in_use, 0, BLOCK);
	cma_fake_expect_reason(fake, 1, GFP_ATOMIC, CMA_REASON_WOULD_SLEEP);
	cma_fake_expect_reason(fake, 1, GFP_NOWAIT, CMA_REASON_WOULD_SLEEP);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static void an_area_that_is_not_active_says_so(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_set_state(&fake->cma, CMA_AREA_RESERVED);
	cma_fake_expect_reason(fake, 1, GFP_KERNEL, CMA_REASON_INACTIVE);
	cma_set_state(&fake->cma, CMA_AREA_ACTIVE);
}

static void impossible_requests_are_invalid(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 1, .align = 63, .gfp = GFP_KERNEL,
	};

	cma_fake_expect_reason(fake, 0, GFP_KERNEL, CMA_REASON_INVALID);
	cma_fake_expect_reason(fake, 3, GFP_KERNEL | __GFP_COMP, CMA_REASON_INVALID);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_INVALID);
	request.align = UINT_MAX;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static void a_compound_page_smaller_than_a_unit_is_invalid(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);
	struct cma_request request = {
		.count = 4, .align = 2, .gfp = GFP_KERNEL | __GFP_COMP,
	};

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
}

static phys_addr_t address(unsigned long offset)
{
	return PFN_PHYS(FAKE_BASE_PFN + offset);
}

static long alloc_below(struct cma_fake *fake, unsigned long count,
			phys_addr_t limit, enum cma_reason *reason)
{
	struct cma_request request = {
		.count = count, .gfp = GFP_KERNEL, .limit = limit,
	};
	long ret = cma_fake_request(fake, &request);

	*reason = request.reason;
	return ret;
}

static void an_area_above_the_limit_is_above_the_mask(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	alloc_below(fake, 1, address(0) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	alloc_below(fake, 1, address(0), &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/*
 *	....:....	limit in the middle: the last page below it can be had
 */
static void a_limit_inside_the_area_is_kept_to_the_page(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	KUNIT_EXPECT_EQ(test, alloc_below(fake, 8, address(8) - 1, &reason), 0);
	cma_fake_expect_free(fake, 0, 8);
	alloc_below(fake, 8, address(8) - 2, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
}

static void a_full_lower_part_is_above_the_mask(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	alloc_below(fake, 4, address(8) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	cma_fake_expect_free(fake, 0, 8);
}

static void a_limit_beyond_the_area_limits_nothing(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	KUNIT_EXPECT_EQ(test, alloc_below(fake, BLOCK, PHYS_ADDR_MAX, &reason),
			0);
	cma_fake_expect_free(fake, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, alloc_below(fake, BLOCK, address(BLOCK) - 1,
					  &reason), 0);
	cma_fake_expect_free(fake, 0, BLOCK);
}

static struct kunit_case cma_search_cases[] = {
	KUNIT_CASE(a_request_gets_the_lowest_run),
	KUNIT_CASE(a_run_is_aligned_as_asked),
	KUNIT_CASE(alignment_beyond_the_units_is_kept),
	KUNIT_CASE(a_count_is_rounded_up_to_units),
	KUNIT_CASE(the_next_candidate_lies_beyond_a_stuck_page),
	KUNIT_CASE(each_stuck_page_costs_one_attempt),
	KUNIT_CASE(without_a_name_the_whole_run_is_passed_by),
	KUNIT_CASE(without_a_name_no_more_than_a_block_is_passed_by),
	KUNIT_CASE(a_request_larger_than_the_area_is_too_big),
	KUNIT_CASE(more_than_there_can_be_is_too_big_in_any_unit),
	KUNIT_CASE(an_alignment_that_the_area_lacks_is_too_big),
	KUNIT_CASE(too_few_pages_left_are_called_full),
	KUNIT_CASE(scattered_pages_are_called_fragmented),
	KUNIT_CASE(a_page_that_never_moves_makes_it_busy),
	KUNIT_CASE(a_page_that_is_foreseen_to_stay_costs_no_attempt),
	KUNIT_CASE(a_page_that_moves_in_a_later_round_is_no_failure),
	KUNIT_CASE(mayfail_tries_longer),
	KUNIT_CASE(mayfail_does_not_try_for_ever),
	KUNIT_CASE(noretry_makes_a_single_attempt),
	KUNIT_CASE(noretry_is_not_thorough_where_nothing_is_clear),
	KUNIT_CASE(no_memory_to_move_to_is_called_so),
	KUNIT_CASE(an_interrupted_evacuation_ends_the_request),
	KUNIT_CASE(who_cannot_sleep_is_told_so),
	KUNIT_CASE(an_area_that_is_not_active_says_so),
	KUNIT_CASE(impossible_requests_are_invalid),
	KUNIT_CASE(a_compound_page_smaller_than_a_unit_is_invalid),
	KUNIT_CASE(an_area_above_the_limit_is_above_the_mask),
	KUNIT_CASE(a_limit_inside_the_area_is_kept_to_the_page),
	KUNIT_CASE(a_full_lower_part_is_above_the_mask),
	KUNIT_CASE(a_limit_beyond_the_area_limits_nothing),
	{}
};

static struct kunit_suite cma_search_suite = {
	.name = "cma_search",
	.test_cases = cma_search_cases,
};

kunit_test_suite(cma_search_suite);

MODULE_DESCRIPTION("Tests of how a contiguous memory request finds its run");
MODULE_LICENSE("GPL");
