// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/search.c with more than one request at a time: which one waits
 * for which, what ends a wait, and that no page has two owners.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		#  allocated	x  a page that won't move
 *	c  claimed by a request that is under way	r  READY
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

/*
 *	|c...|		one block, two requests: the second one waits
 */
static void a_second_request_waits_for_the_owner_of_the_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller first, second;

	fake->hold = 0;
	cma_fake_call(&first, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	cma_fake_call(&second, fake, 4, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&second));
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&first), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&second), 4);
	KUNIT_EXPECT_GE(test, atomic64_read(&fake->cma.stats.waits), 1);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_free(fake, 4, 4);
}

/*
 *	|x...|		the first one stays at its page, the second one goes on
 */
static void when_the_owner_fails_the_waiter_goes_on(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller first, second;

	__set_bit(0, fake->stuck);
	fake->hold = 0;
	cma_fake_call(&first, fake, BLOCK, GFP_KERNEL | __GFP_NORETRY);
	wait_for_completion(&fake->held);
	cma_fake_call(&second, fake, 4, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&second));
	fake->hold = -1;
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&first), -EBUSY);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&second), 1);
	cma_fake_expect_free(fake, 1, 4);
}

/*
 *	|c...|....|	the second block is free for others meanwhile
 */
static void a_slow_request_delays_nobody_elsewhere(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_fake_caller slow;

	fake->hold = 0;
	cma_fake_call(&slow, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 4, 0), BLOCK);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.waits), 0);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&slow), 0);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_free(fake, BLOCK, 4);
}

static void noretry_does_not_wait_for_others(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller slow;

	fake->hold = 0;
	cma_fake_call(&slow, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	cma_fake_expect_reason(fake, 4, GFP_KERNEL | __GFP_NORETRY, CMA_REASON_BUSY);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&slow), 0);
	cma_fake_expect_free(fake, 0, 4);
}

/* The other one may be waiting for this task to make room. */
static void a_task_that_reclaims_does_not_wait_for_others(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller slow;
	unsigned int flags;

	fake->hold = 0;
	cma_fake_call(&slow, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	flags = memalloc_noreclaim_save();
	cma_fake_expect_reason(fake, 4, GFP_KERNEL, CMA_REASON_BUSY);
	memalloc_noreclaim_restore(flags);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&slow), 0);
	cma_fake_expect_free(fake, 0, 4);
}

/*
 *	|c...|		the other one may be waiting for its I/O to end: some time
 *			for that, but not for ever
 */
static void a_task_in_the_middle_of_io_does_not_wait_for_ever(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller slow, caller;
	unsigned int flags;

	fake->hold = 0;
	cma_fake_call(&slow, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	cma_fake_call(&caller, fake, 4, GFP_NOIO);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&caller));
	KUNIT_EXPECT_EQ(test, cma_fake_result(&caller), -EBUSY);
	cma_fake_expect_reason(fake, 4, GFP_NOFS, CMA_REASON_BUSY);
	flags = memalloc_noio_save();
	cma_fake_expect_reason(fake, 4, GFP_KERNEL, CMA_REASON_BUSY);
	memalloc_noio_restore(flags);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&slow), 0);
	cma_fake_expect_free(fake, 0, 4);
}

static void a_fatal_signal_ends_a_wait(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller slow, waiter;

	fake->hold = 0;
	cma_fake_call(&slow, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	cma_fake_call(&waiter, fake, 4, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&waiter));
	send_sig(SIGKILL, waiter.task, 1);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&waiter), -EINTR);
	KUNIT_EXPECT_EQ(test, waiter.request.reason, CMA_REASON_INTERRUPTED);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&slow), 0);
	cma_fake_expect_free(fake, 0, 4);
}

static int release_all(void *data)
{
	struct cma_fake_caller *caller = data;

	caller->result = cma_fake_release(caller->fake, 0, BLOCK);
	complete(&caller->done);
	return 0;
}

/*
 *	|####|		all of it is on its way back: not full, just a moment
 */
static void pages_on_their_way_back_are_waited_for(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller release = { .fake = fake };
	struct cma_fake_caller waiter;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	fake->hold_lend = 0;
	init_completion(&release.done);
	release.task = kthread_run(release_all, &release, "cma-release");
	KUNIT_ASSERT_FALSE(test, IS_ERR(release.task));
	wait_for_completion(&fake->held);

	cma_fake_call(&waiter, fake, BLOCK, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&waiter));
	fake->hold_lend = -1;
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&release), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&waiter), 0);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/*
 *	|x...|		two wait for the one: both go on when it fails
 */
static void all_requests_that_wait_for_a_block_go_on(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller owner, waiters[2];
	long first, second;

	__set_bit(0, fake->stuck);
	fake->hold = 0;
	cma_fake_call(&owner, fake, BLOCK, GFP_KERNEL | __GFP_NORETRY);
	wait_for_completion(&fake->held);
	cma_fake_call(&waiters[0], fake, 4, GFP_KERNEL);
	cma_fake_call(&waiters[1], fake, 4, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&waiters[0]));
	fake->hold = -1;
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&owner), -EBUSY);
	first = cma_fake_result(&waiters[0]);
	second = cma_fake_result(&waiters[1]);
	KUNIT_EXPECT_EQ(test, min(first, second), 1);
	KUNIT_EXPECT_EQ(test, max(first, second), 5);
	cma_fake_expect_free(fake, 1, 4);
	cma_fake_expect_free(fake, 5, 4);
}

/*
 *	|cccc|  ->  |rrx.|	what the owner had made free is READY, and the
 *			 ^	waiter gets the rest
 */
static void what_a_failed_owner_leaves_ready_is_told_from_the_rest(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller owner, waiter;

	cma_set_ready_max(&fake->cma, BLOCK);
	__set_bit(100, fake->stuck);
	fake->hold = 0;
	cma_fake_call(&owner, fake, BLOCK, GFP_KERNEL | __GFP_NORETRY);
	wait_for_completion(&fake->held);
	cma_fake_call(&waiter, fake, BLOCK - 101, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&waiter));
	fake->hold = -1;
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&owner), -EBUSY);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&waiter), 101);
	cma_fake_expect_usage(fake, 1, 100, 0, BLOCK - 101);
	cma_fake_expect_free(fake, 101, BLOCK - 101);
}

static int withdraw_all(void *data)
{
	struct cma_fake_caller *caller = data;

	cma_set_ready_max(&caller->fake->cma, 0);
	complete(&caller->done);
	return 0;
}

/*
 *	|rrrr|		all of it is on its way to the page allocator
 */
static void pages_that_are_withdrawn_are_waited_for(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller withdrawal = { .fake = fake };
	struct cma_fake_caller waiter;

	cma_set_ready_max(&fake->cma, BLOCK);
	cma_fake_make_ready(fake, 0, BLOCK);
	fake->hold_lend = 0;
	init_completion(&withdrawal.done);
	withdrawal.task = kthread_run(withdraw_all, &withdrawal, "cma-lend");
	KUNIT_ASSERT_FALSE(test, IS_ERR(withdrawal.task));
	wait_for_completion(&fake->held);
	cma_fake_expect_usage(fake, 0, 0, BLOCK, 0);

	cma_fake_call(&waiter, fake, BLOCK, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_fake_waits(&waiter));
	fake->hold_lend = -1;
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&waiter), 0);
	wait_for_completion(&withdrawal.done);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/* It would go on for hundreds of milliseconds, pausing in between. */
static void a_fatal_signal_ends_the_rounds(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_fake_caller caller;

	__set_bit(0, fake->stuck);
	fake->hold = 0;
	cma_fake_call(&caller, fake, BLOCK, GFP_KERNEL | __GFP_RETRY_MAYFAIL);
	wait_for_completion(&fake->held);
	send_sig(SIGKILL, caller.task, 1);
	fake->hold = -1;
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&caller), -EINTR);
	KUNIT_EXPECT_EQ(test, caller.request.reason, CMA_REASON_INTERRUPTED);
	KUNIT_EXPECT_LT(test, fake->nr_attempts, 4);
}

#define CHURNERS	4
#define CHURN_ROUNDS	400
#define CHURN_RUNS	8

struct churner {
	struct cma_fake *fake;
	struct rnd_state rnd;
	unsigned int failures;
	struct completion done;
};

static int churn(void *data)
{
	struct { long offset; unsigned long count; } run[CHURN_RUNS] = { };
	struct churner *churner = data;
	unsigned int i, round;

	for (round = 0; round < CHURN_ROUNDS + CHURN_RUNS; round++) {
		i = round % CHURN_RUNS;
		if (run[i].count)
			churner->failures += !!cma_fake_release(churner->fake,
								run[i].offset,
								run[i].count);
		run[i].count = 0;
		if (round >= CHURN_ROUNDS)
			continue;
		run[i].count = 1 + prandom_u32_state(&churner->rnd) % 100;
		run[i].offset = cma_fake_alloc(churner->fake, run[i].count, 0);
		if (run[i].offset < 0)
			run[i].count = 0;
	}
	complete(&churner->done);
	return 0;
}

/* Four requesters at once, until they are done. */
static void churn_all(struct cma_fake *fake)
{
	struct kunit *test = fake->test;
	struct churner *churners;
	int i;

	churners = kunit_kcalloc(test, CHURNERS, sizeof(*churners), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, churners);
	for (i = 0; i < CHURNERS; i++) {
		churners[i].fake = fake;
		prandom_seed_state(&churners[i].rnd, 4711 + i);
		init_completion(&churners[i].done);
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(churn, &churners[i],
							    "cma-churn")));
	}
	for (i = 0; i < CHURNERS; i++) {
		wait_for_completion(&churners[i].done);
		KUNIT_EXPECT_EQ(test, churners[i].failures, 0);
	}
}

/*
 * The fake evacuator watches that no block is evacuated twice at a time and no
 * page has two owners.
 */
static void parallel_requests_never_meet(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 4 * BLOCK, 0);

	churn_all(fake);
	cma_fake_expect_usage(fake, 4 * BLOCK, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_runs, 0);
}

/* The same with some pages that don't move, and less READY than is given back. */
static void parallel_requests_share_what_is_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 4 * BLOCK, 0);
	struct cma_usage usage;
	unsigned int i;

	for (i = 0; i < 16; i++)
		__set_bit(77 + i * BLOCK / 4, fake->stuck);
	cma_set_ready_max(&fake->cma, BLOCK);
	cma_set_ready_min(&fake->cma, BLOCK / 4);
	churn_all(fake);
	KUNIT_EXPECT_GT(test, atomic64_read(&fake->cma.stats.ready_hits), 0);

	cma_set_ready_max(&fake->cma, 0);
	cancel_delayed_work_sync(&fake->cma.ready_work);
	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.lent, 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, usage.nr_runs, 0);
}

static struct kunit_case cma_parallel_cases[] = {
	KUNIT_CASE(a_second_request_waits_for_the_owner_of_the_block),
	KUNIT_CASE(when_the_owner_fails_the_waiter_goes_on),
	KUNIT_CASE(a_slow_request_delays_nobody_elsewhere),
	KUNIT_CASE(noretry_does_not_wait_for_others),
	KUNIT_CASE(a_task_that_reclaims_does_not_wait_for_others),
	KUNIT_CASE(a_task_in_the_middle_of_io_does_not_wait_for_ever),
	KUNIT_CASE(a_fatal_signal_ends_a_wait),
	KUNIT_CASE(pages_on_their_way_back_are_waited_for),
	KUNIT_CASE(all_requests_that_wait_for_a_block_go_on),
	KUNIT_CASE(what_a_failed_owner_leaves_ready_is_told_from_the_rest),
	KUNIT_CASE(pages_that_are_withdrawn_are_waited_for),
	KUNIT_CASE(a_fatal_signal_ends_the_rounds),
	KUNIT_CASE(parallel_requests_never_meet),
	KUNIT_CASE(parallel_requests_share_what_is_ready),
	{}
};

static struct kunit_suite cma_parallel_suite = {
	.name = "cma_parallel",
	.test_cases = cma_parallel_cases,
};

kunit_test_suite(cma_parallel_suite);

MODULE_DESCRIPTION("Tests of contiguous memory requests side by side");
MODULE_LICENSE("GPL");
