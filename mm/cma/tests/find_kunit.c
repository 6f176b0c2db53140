// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/find.c: which runs are candidates, which of them others keep a request
 * out of, and whether what others claim is worth a wait.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	#  allocated	c  claimed by somebody else
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "fake.h"

#define BLOCK		FAKE_BLOCK

static enum cma_found look_for(struct cma_fake *fake, unsigned long count,
			       unsigned int flags)
{
	const struct runmap_query query = { .count = count, .to = ULONG_MAX };
	struct cma_lookup look = { .flags = flags };

	return cma_next_candidate(&fake->cma, &query, &look);
}

/* ---- Claims keep others out ---- */

/*
 *	|c...|....|	the next one starts behind the first block
 */
static void a_claim_keeps_others_out_of_its_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_claim first, second;

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &first, 1, 0), CMA_FOUND_RUN);
	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &second, 1, 0), CMA_FOUND_RUN);
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

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &first, 2, BLOCK - 1),
			CMA_FOUND_RUN);
	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &second, 1, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, second.run.start, 2 * BLOCK);
	cma_abort(&fake->cma, &first);
	cma_abort(&fake->cma, &second);
}

static void an_allocated_run_keeps_nobody_out_of_its_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_EXPECT_EQ(test, cma_fake_enter(fake, 1), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_enter(fake, 1), 1);
	cma_fake_forget(fake, 0, 1);
	cma_fake_forget(fake, 1, 1);
}

static void a_retired_run_keeps_nobody_out_of_its_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim retired;

	cma_fake_enter(fake, 1);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(0, 1), &retired));
	KUNIT_EXPECT_EQ(test, cma_fake_enter(fake, 1), 1);
	cma_abort(&fake->cma, &retired);
	cma_fake_forget(fake, 1, 1);
}

/* ---- What may come free ---- */

/*
 *	|cccc|		all of it may come back, or may not
 */
static void what_others_claim_is_told_from_nothing(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim all, none;

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &all, BLOCK, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, cma_fake_claim(fake, &none, 1, 0), CMA_FOUND_IN_FLIGHT);
	cma_commit(&fake->cma, &all);
	KUNIT_EXPECT_EQ(test, cma_fake_claim(fake, &none, 1, 0), CMA_FOUND_NONE);
	cma_fake_forget(fake, 0, BLOCK);
}

/*
 *	|....|#...|c...|	there are two blocks and more, but not in a row
 */
static void a_request_without_hope_waits_for_no_other(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);
	struct cma_claim claim;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), BLOCK);
	cma_fake_expect_free(fake, 0, BLOCK);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(2 * BLOCK, 16), true,
					     &claim));
	cma_fake_expect_reason(fake, 2 * BLOCK, GFP_KERNEL,
			       CMA_REASON_FRAGMENTED);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.waits), 0);
	cma_abort(&fake->cma, &claim);
	cma_fake_expect_free(fake, BLOCK, 1);
}

/*
 *	#..rrcc..#	what is around the claim belongs to it, to the page
 */
static void a_run_that_a_claim_would_complete_is_worth_a_wait(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim;

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 100, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 40, 0), 100);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 140, 0), 140);
	cma_fake_expect_free(fake, 100, 40);
	cma_lend_ready(&fake->cma, cma_extent_between(100, 110), ULONG_MAX);
	cma_lend_ready(&fake->cma, cma_extent_between(120, 140), ULONG_MAX);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(120, 10), false,
					     &claim));
	KUNIT_EXPECT_EQ(test, look_for(fake, 40, CMA_LOOK_MIXED),
			CMA_FOUND_IN_FLIGHT);
	KUNIT_EXPECT_EQ(test, look_for(fake, 41, CMA_LOOK_MIXED),
			CMA_FOUND_NONE);
	KUNIT_EXPECT_EQ(test, look_for(fake, 20, CMA_LOOK_MIXED),
			CMA_FOUND_RUN);
	cma_abort(&fake->cma, &claim);
	cma_fake_expect_free(fake, 0, 100);
	cma_fake_expect_free(fake, 140, BLOCK - 140);
}

/*
 *	|###c|    |....|	the claim ends with its range, and the other range is
 *				too short by a page
 */
static void a_claim_completes_no_run_of_another_range(struct kunit *test)
{
	static const struct cma_range ranges[] = {
		{ .base_pfn = 0, .nr_pages = BLOCK },
		{ .base_pfn = 2 * BLOCK, .nr_pages = 2 * BLOCK },
	};
	struct cma_fake *fake;
	struct cma_claim claim;

	fake = cma_fake_create_ranges(test, ranges, ARRAY_SIZE(ranges), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 8, 0), 0);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(BLOCK - 8, 8),
					     true, &claim));
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, look_for(fake, 8, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, look_for(fake, BLOCK + 1, 0), CMA_FOUND_NONE);
	cma_abort(&fake->cma, &claim);
	cma_fake_expect_free(fake, 0, BLOCK - 8);
	cma_fake_expect_free(fake, 2 * BLOCK, BLOCK);
}

/* ---- What is looked at ---- */

/*
 *	x.x.x.x.x.x....	more notes than are looked at under the lock at a time
 *		     ^^^^
 */
static void a_long_look_goes_on_where_it_stopped(struct kunit *test)
{
	const struct runmap_query query = { .count = 4, .to = ULONG_MAX };
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_lookup look = { .flags = CMA_LOOK_CLEAR };
	unsigned int i;

	for (i = 0; i < 100; i++)
		cma_skip_add(&fake->cma.skip, 2 * i, (u32)jiffies, 10 * HZ, false);
	KUNIT_EXPECT_EQ(test, cma_next_candidate(&fake->cma, &query, &look),
			CMA_FOUND_RUN);
	KUNIT_EXPECT_EQ(test, look.run.start, 199);
}

static void expect_gap(struct cma_fake *fake, struct cma_extent *left,
		       unsigned long start, unsigned long count)
{
	struct cma_extent gap;

	KUNIT_ASSERT_TRUE(fake->test, cma_next_gap(&fake->cma, left, &gap));
	KUNIT_EXPECT_EQ(fake->test, gap.start, start);
	KUNIT_EXPECT_EQ(fake->test, gap.count, count);
}

/*
 *	rr...rr..	^ is looked at
 *	   ^^^^^
 */
static void a_gap_is_what_is_not_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct cma_extent left = cma_extent_at(0, 9), gap;

	cma_fake_make_ready(fake, 0, 2);
	cma_fake_make_ready(fake, 5, 2);
	expect_gap(fake, &left, 2, 3);
	expect_gap(fake, &left, 7, 2);
	KUNIT_EXPECT_FALSE(test, cma_next_gap(&fake->cma, &left, &gap));

	left = cma_extent_at(3, 5);
	expect_gap(fake, &left, 3, 2);
	expect_gap(fake, &left, 7, 1);
	KUNIT_EXPECT_FALSE(test, cma_next_gap(&fake->cma, &left, &gap));
	left = cma_extent_at(5, 2);
	KUNIT_EXPECT_FALSE(test, cma_next_gap(&fake->cma, &left, &gap));
}

/* ---- The queue ---- */

static struct cma_extent other_block(const struct cma_claim *claim)
{
	return cma_extent_at(claim->run.start ? 0 : BLOCK, 4);
}

/*
 *	|c...|....| -> |....|c...| -> ...	somebody is always in the way of a
 *						request for both blocks
 *
 * Returns how often others were quicker before they had to leave it to the large one.
 * @claim is what is left then.
 */
static unsigned int be_in_the_way(struct cma_fake *fake,
				  struct cma_fake_caller *large,
				  struct cma_claim *claim)
{
	struct cma *cma = &fake->cma;
	struct cma_claim next;
	unsigned int times;

	KUNIT_ASSERT_TRUE(fake->test, cma_claim_at(cma, cma_extent_at(0, 4), true, claim));
	cma_fake_call(large, fake, 2 * BLOCK, GFP_KERNEL);
	for (times = 0; times < 50; times++) {
		KUNIT_ASSERT_TRUE(fake->test, cma_fake_waits(large));
		if (look_for(fake, 4, CMA_LOOK_POLITE) != CMA_FOUND_RUN)
			break;
		KUNIT_ASSERT_TRUE(fake->test,
				  cma_claim_at(cma, other_block(claim), true,
					       &next));
		cma_abort(cma, claim);
		/* The one on the list is the one that was made last. */
		KUNIT_ASSERT_TRUE(fake->test, cma_fake_waits(large));
		KUNIT_ASSERT_TRUE(fake->test,
				  cma_claim_at(cma, other_block(&next), true,
					       claim));
		cma_abort(cma, &next);
	}
	return times;
}

static void a_request_that_has_waited_for_long_comes_before_others(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_fake_caller large;
	struct cma_claim claim;

	KUNIT_EXPECT_LT(test, be_in_the_way(fake, &large, &claim), 20);
	cma_abort(&fake->cma, &claim);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&large), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->cma.turns));
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

/* A task that can't wait doesn't: the others may be waiting for it. */
static void a_request_that_cannot_wait_goes_first_all_the_same(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_request request = { .count = 4, .gfp = GFP_ATOMIC };
	struct cma_fake_caller large;
	struct cma_claim claim;

	be_in_the_way(fake, &large, &claim);
	KUNIT_EXPECT_EQ(test, look_for(fake, 4, 0), CMA_FOUND_RUN);
	KUNIT_EXPECT_GE(test, cma_fake_request(fake, &request), 0L);
	cma_abort(&fake->cma, &claim);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&large), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->cma.turns));
	cma_set_ready_max(&fake->cma, 0);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 1);
	cma_fake_expect_free(fake, find_first_bit(fake->cma.first, 2 * BLOCK), 4);
}

/* A request waits for its turn, and the one before it is killed. */
static void a_request_that_gives_up_lets_the_others_go_on(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_fake_caller large, small;
	struct cma_claim claim;

	be_in_the_way(fake, &large, &claim);
	cma_fake_call(&small, fake, 4, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&small));
	send_sig(SIGKILL, large.task, 1);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&large), -EINTR);
	KUNIT_EXPECT_GE(test, cma_fake_result(&small), 0L);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->cma.turns));
	cma_abort(&fake->cma, &claim);
	cma_fake_expect_free(fake, small.result, 4);
}

/*
 *	|1122|....|	in the order of arrival; and no turn is for ever
 */
static void the_queue_is_in_the_order_of_arrival(struct kunit *test)
{
	const struct runmap_query query = { .count = BLOCK, .to = ULONG_MAX };
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_lookup look = { .flags = CMA_LOOK_POLITE };
	struct cma_turn first = { }, second = { };
	struct cma *cma = &fake->cma;

	cma_take_turn(cma, &first, cma_extent_at(0, BLOCK));
	cma_take_turn(cma, &second, cma_extent_at(0, BLOCK));
	KUNIT_EXPECT_EQ(test, cma_next_candidate(cma, &query, &look),
			CMA_FOUND_CONFLICT);
	look.turn = &second;
	KUNIT_EXPECT_EQ(test, cma_next_candidate(cma, &query, &look),
			CMA_FOUND_CONFLICT);
	look.turn = &first;
	KUNIT_EXPECT_EQ(test, cma_next_candidate(cma, &query, &look),
			CMA_FOUND_RUN);
	look.turn = &second;
	first.until = jiffies;
	KUNIT_EXPECT_EQ(test, cma_next_candidate(cma, &query, &look),
			CMA_FOUND_RUN);
	cma_leave_turn(cma, &first);
	cma_leave_turn(cma, &second);
}

static struct kunit_case cma_find_cases[] = {
	KUNIT_CASE(a_claim_keeps_others_out_of_its_block),
	KUNIT_CASE(a_claim_keeps_every_block_that_it_touches),
	KUNIT_CASE(an_allocated_run_keeps_nobody_out_of_its_block),
	KUNIT_CASE(a_retired_run_keeps_nobody_out_of_its_block),
	KUNIT_CASE(what_others_claim_is_told_from_nothing),
	KUNIT_CASE(a_request_without_hope_waits_for_no_other),
	KUNIT_CASE(a_run_that_a_claim_would_complete_is_worth_a_wait),
	KUNIT_CASE(a_claim_completes_no_run_of_another_range),
	KUNIT_CASE(a_long_look_goes_on_where_it_stopped),
	KUNIT_CASE(a_gap_is_what_is_not_ready),
	KUNIT_CASE(a_request_that_has_waited_for_long_comes_before_others),
	KUNIT_CASE(a_request_that_cannot_wait_goes_first_all_the_same),
	KUNIT_CASE(a_request_that_gives_up_lets_the_others_go_on),
	KUNIT_CASE(the_queue_is_in_the_order_of_arrival),
	{}
};

static struct kunit_suite cma_find_suite = {
	.name = "cma_find",
	.test_cases = cma_find_cases,
};

kunit_test_suite(cma_find_suite);

MODULE_DESCRIPTION("Tests of which runs of contiguous memory are candidates");
MODULE_LICENSE("GPL");
