// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/search.c: what a request would rather have than something
 * else. READY memory, the cheapest run, one that nothing is known against.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	#  allocated
 *	x  a page that won't move	o  a page in use, which costs something
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "fake.h"

#define BLOCK		FAKE_BLOCK
#define NORETRY		(GFP_KERNEL | __GFP_NORETRY)

static unsigned int hot_notes(struct cma_fake *fake)
{
	return cma_skip_nr_backoffs(&fake->cma.skip, (u32)jiffies);
}

/* ---- Stuck pages are remembered ---- */

/*
 *	...x....	met by the first request, avoided by the second one
 */
static void a_page_that_was_met_is_not_met_by_the_next_request(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 78);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 178);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 3);
	/* What lies below the page is as good as ever. */
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 77, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 4);
	cma_fake_expect_free(fake, 0, 77);
	cma_fake_expect_free(fake, 78, 100);
	cma_fake_expect_free(fake, 178, 100);
}

/*
 *	x..x..x..x......	each of them is met once, by the first request
 */
static void no_page_is_met_twice_while_a_clear_run_exists(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned int i;

	for (i = 0; i < 4; i++)
		__set_bit(40 * i, fake->stuck);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 50, 0), 121 + 50 * i);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 4 + 3);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	for (i = 0; i < 3; i++)
		cma_fake_expect_free(fake, 121 + 50 * i, 50);
}

static void a_page_is_tried_again_when_its_backoff_has_ended(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(77, fake->stuck);
	cma_fake_expect_free(fake, cma_fake_alloc(fake, 100, 0), 100);
	__clear_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 78);
	cma_fake_expect_free(fake, 78, 100);
	KUNIT_EXPECT_EQ(test, hot_notes(fake), 1);
	cma_fake_end_backoffs(fake);
	KUNIT_EXPECT_EQ(test, hot_notes(fake), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 0);
	cma_fake_expect_free(fake, 0, 100);
}

/*
 *	|.x..|		all of it is wanted, and known not to be clear
 */
static void without_a_clear_run_the_first_attempt_is_thorough(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(77, fake->stuck);
	fake->patience = 1;
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 1);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/* ---- The cheapest run ---- */

/* Have so many percent of each block in use, from its beginning on. */
static void use_blocks(struct cma_fake *fake, const unsigned int *percent,
		       unsigned int nr_blocks)
{
	unsigned int i;

	for (i = 0; i < nr_blocks; i++)
		bitmap_set(fake->in_use, i * BLOCK, percent[i] * BLOCK / 100);
}

/*
 *	|ooo.|ooo.|o...|ooo.|oo..|ooo.|ooo.|ooo.|
 *		   ^^^^
 */
static void the_cheapest_run_is_taken(struct kunit *test)
{
	static const unsigned int nr[] = { 90, 90, 10, 90, 50, 90, 90, 90 };
	struct cma_fake *fake = cma_fake_create(test, 8 * BLOCK, 0);

	use_blocks(fake, nr, ARRAY_SIZE(nr));
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_looks, 8);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	cma_fake_expect_free(fake, 2 * BLOCK, BLOCK);
}

static void of_runs_that_cost_the_same_the_lowest_is_taken(struct kunit *test)
{
	static const unsigned int nr[] = { 20, 10, 10, 30, 10, 20, 10, 10 };
	struct cma_fake *fake = cma_fake_create(test, 8 * BLOCK, 0);

	use_blocks(fake, nr, ARRAY_SIZE(nr));
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), BLOCK);
	cma_fake_expect_free(fake, BLOCK, BLOCK);
}

/*
 *	|o...|o...|....|	the others aren't looked at
 */
static void a_run_that_costs_nothing_ends_the_comparison(struct kunit *test)
{
	static const unsigned int nr[] = { 20, 10, 0, 0, 10, 20, 10, 10 };
	struct cma_fake *fake = cma_fake_create(test, 8 * BLOCK, 0);

	use_blocks(fake, nr, ARRAY_SIZE(nr));
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_looks, 3);
	KUNIT_EXPECT_EQ(test, fake->looks[1], BLOCK);
	KUNIT_EXPECT_EQ(test, fake->looks[2], 2 * BLOCK);
	cma_fake_expect_free(fake, 2 * BLOCK, BLOCK);
}

/*
 *	|oooooooo|ooooo...|...ooooo|oooooooo|	each block is dear
 *	              ^^^^^^^^^
 */
static void where_all_runs_are_dear_those_between_are_compared(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 8 * BLOCK, 0);

	bitmap_set(fake->in_use, 0, 4 * BLOCK + 5 * BLOCK / 8);
	bitmap_set(fake->in_use, 5 * BLOCK + 3 * BLOCK / 8, 2 * BLOCK + 5 * BLOCK / 8);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 4 * BLOCK + BLOCK / 2);
	KUNIT_EXPECT_GT(test, fake->nr_looks, 8);
	KUNIT_EXPECT_LE(test, fake->nr_looks, 64);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	cma_fake_expect_free(fake, 4 * BLOCK + BLOCK / 2, BLOCK);
}

/*
 *	|oo..|oo..|....|....|	runs of two blocks that overlap
 *		   ^^^^^^^^^
 */
static void runs_of_a_large_request_overlap(struct kunit *test)
{
	static const unsigned int nr[] = { 90, 90, 20, 20, 20, 90, 90, 90 };
	struct cma_fake *fake = cma_fake_create(test, 8 * BLOCK, 0);

	use_blocks(fake, nr, ARRAY_SIZE(nr));
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 3 * BLOCK, 0), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_looks, 6);
	cma_fake_expect_free(fake, 2 * BLOCK, 3 * BLOCK);
}

/*
 *	|x...|oo..|o...|	the first one would be the cheapest
 */
static void a_run_with_a_stuck_page_is_not_compared(struct kunit *test)
{
	static const unsigned int nr[] = { 0, 50, 10, 50, 50, 50, 50, 50 };
	struct cma_fake *fake = cma_fake_create(test, 8 * BLOCK, 0);

	use_blocks(fake, nr, ARRAY_SIZE(nr));
	__set_bit(BLOCK - 1, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 9), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	KUNIT_EXPECT_EQ(test, fake->attempts[0], 0);
	KUNIT_EXPECT_EQ(test, fake->nr_looks, 1 + 7);
	cma_fake_expect_free(fake, 2 * BLOCK, BLOCK);
}

/* ---- READY memory comes first ---- */

/*
 *	|....|rr..|	not the lowest run, but there already
 *	      ^^
 */
static void a_request_is_served_from_ready_memory_first(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_fake_make_ready(fake, BLOCK, 8);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 8, 0), BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_looks, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.ready_hits), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.moved_pages), 0);
	cma_fake_expect_free(fake, BLOCK, 8);
}

static void what_was_ready_is_prepared_as_used_memory(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_fake_expect_reason(fake, 8, GFP_KERNEL, CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, fake->nr_prepared, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 0);
	cma_fake_expect_free(fake, 0, 8);
	cma_fake_expect_reason(fake, 8, GFP_KERNEL | __GFP_ZERO,
			       CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, fake->nr_prepared, 2);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 1);
	KUNIT_EXPECT_TRUE(test, fake->prepared_for & __GFP_ZERO);
	cma_fake_expect_free(fake, 0, 8);
}

/*
 *	|rr..|....|	what is READY turns out not to be fit
 *	   ^
 */
static void what_is_ready_but_not_fit_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_fake_make_ready(fake, 0, 8);
	fake->refusals = 1;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.ready_hits), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 1);
	cma_fake_expect_usage(fake, 2 * BLOCK - 8, 0, 0, 8);
	cma_fake_expect_free(fake, 0, 8);
}

/*
 *	|rrr.rrr.rrr.rrr.rrr.rrr.|	nothing of it is fit; the fifth one is
 *					not even tried, and stays READY
 */
static void a_few_ready_runs_are_tried_and_no_more(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned int i;
	long offset;

	for (i = 0; i < 6; i++)
		cma_fake_make_ready(fake, 8 * i, 4);
	fake->refusals = 4;
	offset = cma_fake_alloc(fake, 4, 0);
	KUNIT_EXPECT_EQ(test, fake->cma.ready.total, 8);
	cma_fake_expect_free(fake, offset, 4);
}

/*
 *	|rrrr|....|....|	two blocks in a row are lent: no need to lend
 *	      ^^^^^^^^^		what is READY
 */
static void ready_memory_is_kept_where_a_lent_run_will_do(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);

	cma_fake_make_ready(fake, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), BLOCK);
	cma_fake_expect_usage(fake, 0, BLOCK, 0, 2 * BLOCK);
	cma_fake_expect_free(fake, BLOCK, 2 * BLOCK);
}

/*
 *	|...x|rrrr|....|	what is known to be stuck is left out here, too
 *	      ^^^^^^^^^
 */
static void a_run_that_takes_in_ready_memory_is_clear_of_notes(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);

	__set_bit(BLOCK - 1, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	cma_lend_ready(&fake->cma, cma_extent_between(0, 3 * BLOCK), ULONG_MAX);
	cma_fake_make_ready(fake, BLOCK, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, BLOCK, 2 * BLOCK);
}

static struct kunit_case cma_order_cases[] = {
	KUNIT_CASE(a_page_that_was_met_is_not_met_by_the_next_request),
	KUNIT_CASE(no_page_is_met_twice_while_a_clear_run_exists),
	KUNIT_CASE(a_page_is_tried_again_when_its_backoff_has_ended),
	KUNIT_CASE(without_a_clear_run_the_first_attempt_is_thorough),
	KUNIT_CASE(the_cheapest_run_is_taken),
	KUNIT_CASE(of_runs_that_cost_the_same_the_lowest_is_taken),
	KUNIT_CASE(a_run_that_costs_nothing_ends_the_comparison),
	KUNIT_CASE(where_all_runs_are_dear_those_between_are_compared),
	KUNIT_CASE(runs_of_a_large_request_overlap),
	KUNIT_CASE(a_run_with_a_stuck_page_is_not_compared),
	KUNIT_CASE(a_request_is_served_from_ready_memory_first),
	KUNIT_CASE(what_was_ready_is_prepared_as_used_memory),
	KUNIT_CASE(what_is_ready_but_not_fit_is_lent),
	KUNIT_CASE(a_few_ready_runs_are_tried_and_no_more),
	KUNIT_CASE(ready_memory_is_kept_where_a_lent_run_will_do),
	KUNIT_CASE(a_run_that_takes_in_ready_memory_is_clear_of_notes),
	{}
};

static struct kunit_suite cma_order_suite = {
	.name = "cma_order",
	.test_cases = cma_order_cases,
};

kunit_test_suite(cma_order_suite);

MODULE_DESCRIPTION("Tests of what contiguous memory a request gets first");
MODULE_LICENSE("GPL");
