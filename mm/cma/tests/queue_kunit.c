// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/find.c: whether what others claim is worth a wait, and that a
 * request that has waited for long comes before others.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		#  allocated	c  claimed by somebody else
 */
#include <kunit/test.h>
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

/* ---- What may come free ---- */

/*
 *	|....|#...|c...|	there are two blocks and more, but not in a row
 */
static void who_has_no_hope_waits_for_nobody(struct kunit *test)
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
	cma_withdraw(&fake->cma, cma_extent_between(100, 110), ULONG_MAX);
	cma_withdraw(&fake->cma, cma_extent_between(120, 140), ULONG_MAX);
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

/* ---- Who waits and who doesn't ---- */

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
static void who_is_in_the_middle_of_io_does_not_pause(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	unsigned long began;

	__set_bit(77, fake->stuck);
	began = jiffies;
	cma_fake_expect_reason(fake, BLOCK, GFP_NOIO, CMA_REASON_BUSY);
	KUNIT_EXPECT_LT(test, jiffies - began, msecs_to_jiffies(60));
	began = jiffies;
	cma_fake_expect_reason(fake, BLOCK, GFP_KERNEL, CMA_REASON_BUSY);
	KUNIT_EXPECT_GE(test, jiffies - began, msecs_to_jiffies(60));
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

static void who_has_waited_for_long_comes_before_others(struct kunit *test)
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

/* Who can't wait doesn't: he may be what the others wait for. */
static void who_cannot_wait_goes_first_all_the_same(struct kunit *test)
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

/* Somebody waits for his turn, and the one before him is killed. */
static void who_gives_up_lets_the_others_go_on(struct kunit *test)
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

static struct kunit_case cma_queue_cases[] = {
	KUNIT_CASE(who_has_no_hope_waits_for_nobody),
	KUNIT_CASE(a_run_that_a_claim_would_complete_is_worth_a_wait),
	KUNIT_CASE(who_has_waited_for_long_comes_before_others),
	KUNIT_CASE(who_cannot_wait_goes_first_all_the_same),
	KUNIT_CASE(who_gives_up_lets_the_others_go_on),
	KUNIT_CASE(who_may_not_wait_takes_what_is_awaited_when_nothing_else_is_left),
	KUNIT_CASE(without_room_to_move_pages_to_that_is_the_reason_given),
	KUNIT_CASE(who_is_in_the_middle_of_io_does_not_pause),
	KUNIT_CASE(what_comes_free_of_an_awaited_run_is_lent),
	KUNIT_CASE(the_queue_is_in_the_order_of_arrival),
	{}
};

static struct kunit_suite cma_queue_suite = {
	.name = "cma_queue",
	.test_cases = cma_queue_cases,
};

kunit_test_suite(cma_queue_suite);

MODULE_DESCRIPTION("Tests of who waits for whom, and in which order");
MODULE_LICENSE("GPL");
