// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/claim.c: how a request gets hold of the run that it has found, and what
 * wakes one that waits.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>

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

/*
 *	|rrr.c...|	the block is isolated: a request that has to do that, too,
 *	 ^^^^		can't have the run, and nothing of it is lent for that
 */
static void no_ready_memory_is_lent_where_a_claim_is_in_the_way(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_extent run = cma_extent_at(0, 4);
	struct cma_claim other, claim;
	struct cma *cma = &fake->cma;

	cma_fake_make_ready(fake, 0, 3);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(cma, cma_extent_at(4, 1), true, &other));
	KUNIT_EXPECT_FALSE(test, cma_claim_mixed(cma, run, true, &claim));
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);
	cma_fake_expect_usage(fake, BLOCK - 4, 3, 1, 0);

	KUNIT_ASSERT_TRUE(test, cma_claim_mixed(cma, run, false, &claim));
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 3);
	cma_fake_expect_usage(fake, BLOCK - 5, 0, 5, 0);
	cma_abort(cma, &claim);
	cma_abort(cma, &other);
}

/* ---- Others that are quicker ---- */

#define NR_RIVALS	20

/**
 * struct race - requests that take what this one is about to have
 * @evacuator: the area's, but for what is lent
 * @plain: the area's
 * @claims: those of the others
 * @nr: their number
 */
static struct race {
	struct cma_evacuator evacuator;
	const struct cma_evacuator *plain;
	struct cma_claim claims[NR_RIVALS];
	unsigned int nr;
} race;

/* What is READY of a run is lent for a claim, and another request has the rest now. */
static bool lend_too_late(struct cma *cma, unsigned long pfn,
			  unsigned long nr_pages)
{
	struct cma_extent next = cma_extent_at(cma_pfn_to_unit(cma, pfn + nr_pages), 1);

	if (race.nr < NR_RIVALS &&
	    cma_claim_at(cma, next, false, &race.claims[race.nr]))
		race.nr++;
	return race.plain->lend(cma, pfn, nr_pages);
}

/*
 *	r.r.r.r.r.	->  .c.c.c.c.c	others are quicker, each time; so it is worth a
 *	^^				wait for them, and not the end
 */
static void others_that_are_quicker_each_time_are_a_conflict(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct runmap_query query = { .count = 2, .to = 2 * NR_RIVALS };
	struct cma_lookup look = { .flags = CMA_LOOK_MIXED };
	struct cma *cma = &fake->cma;
	struct cma_claim claim;
	unsigned int i;

	for (i = 0; i < NR_RIVALS; i++)
		cma_fake_make_ready(fake, 2 * i, 1);
	race.nr = 0;
	race.plain = cma->evacuator;
	race.evacuator = *race.plain;
	race.evacuator.lend = lend_too_late;
	cma->evacuator = &race.evacuator;
	KUNIT_EXPECT_EQ(test, cma_claim_first(cma, &query, &claim, &look),
			CMA_FOUND_CONFLICT);
	cma->evacuator = race.plain;
	KUNIT_EXPECT_EQ(test, race.nr, 16);
	KUNIT_EXPECT_EQ(test, query.from, look.run.start);
	for (i = 0; i < race.nr; i++)
		cma_abort(cma, &race.claims[i]);
}

/* ---- The queue ---- */

/*
 *	|1111|2222|....|  ->  |....|2222|1111|	another run, and the same place
 */
static void a_request_keeps_its_place_in_the_queue(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);
	struct cma_turn first = { }, second = { };
	struct cma *cma = &fake->cma;

	cma_take_turn(cma, &first, cma_extent_at(0, BLOCK));
	cma_take_turn(cma, &second, cma_extent_at(BLOCK, BLOCK));
	first.until = jiffies;
	cma_take_turn(cma, &first, cma_extent_at(2 * BLOCK, BLOCK));
	KUNIT_EXPECT_PTR_EQ(test, &first,
			    list_first_entry(&cma->turns, struct cma_turn, node));
	KUNIT_EXPECT_TRUE(test, time_after(first.until, jiffies));
	spin_lock_irq(&cma->lock);
	KUNIT_EXPECT_FALSE(test, cma_is_awaited_locked(cma, cma_extent_at(0, BLOCK)));
	KUNIT_EXPECT_TRUE(test, cma_is_awaited_locked(cma, cma_extent_at(2 * BLOCK, 1)));
	spin_unlock_irq(&cma->lock);
	cma_leave_turn(cma, &first);
	cma_leave_turn(cma, &second);
	KUNIT_EXPECT_TRUE(test, list_empty(&cma->turns));
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
static void an_awaited_run_is_taken_where_there_is_no_other_and_no_wait(struct kunit *test)
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

/* ---- What the end of a claim wakes ---- */

#define WAITERS	4

/**
 * struct waiter - a request that has found others in its way, and waits
 * @fake: the area
 * @look: what it has seen
 * @count: the pages that it wants
 * @claim: what is in its way
 * @result: what has come of the wait
 * @done: that is over
 */
struct waiter {
	struct cma_fake *fake;
	struct cma_lookup look;
	unsigned long count;
	struct cma_claim claim;
	int result;
	struct completion done;
};

static int wait_for_claim(void *data)
{
	struct waiter *waiter = data;

	waiter->result = cma_wait_for_claim(&waiter->fake->cma, &waiter->look,
					    waiter->count, 10 * HZ);
	complete(&waiter->done);
	return 0;
}

static unsigned int nr_waiting(struct cma_fake *fake)
{
	struct wait_queue_head *queue = &fake->cma.claim_end;
	unsigned int nr;

	spin_lock_irq(&queue->lock);
	nr = list_count_nodes(&queue->head);
	spin_unlock_irq(&queue->lock);
	return nr;
}

/* Have a request wait for a run of these blocks, and for nothing else. */
static void begin_wait(struct waiter *waiter, struct cma_fake *fake,
		       unsigned int block, unsigned int blocks,
		       unsigned long count)
{
	const struct runmap_query query = {
		.count = count, .from = block * BLOCK,
		.to = (block + blocks) * BLOCK,
	};
	unsigned int before = nr_waiting(fake), ms;
	struct kunit *test = fake->test;

	waiter->fake = fake;
	waiter->count = count;
	init_completion(&waiter->done);
	KUNIT_EXPECT_EQ(test, cma_next_candidate(&fake->cma, &query, &waiter->look),
			CMA_FOUND_CONFLICT);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wait_for_claim, waiter,
						    "cma-waiter")));
	for (ms = 0; ms < 5000 && nr_waiting(fake) == before; ms++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_EQ(test, nr_waiting(fake), before + 1);
}

/* So many are woken, and the others aren't even for a moment. */
static void expect_woken(struct waiter *waiter, unsigned int waiting)
{
	struct kunit *test = waiter->fake->test;

	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&waiter->done, 5 * HZ),
			0);
	KUNIT_EXPECT_EQ(test, waiter->result, 0);
	msleep(20);
	KUNIT_EXPECT_EQ(test, nr_waiting(waiter->fake), waiting);
}

/*
 *	|c...|c...|c...|c...|	a request waits for each of them
 */
static void a_waiter_is_not_woken_by_the_claim_of_another_one(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, WAITERS * BLOCK, 0);
	struct waiter *waiters = kunit_kcalloc(test, WAITERS, sizeof(*waiters),
					       GFP_KERNEL);
	unsigned int i, first, woken = 0;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	for (i = 0; i < WAITERS; i++)
		KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma,
						     cma_extent_at(i * BLOCK, 4),
						     true, &waiters[i].claim));
	for (i = 0; i < WAITERS; i++)
		begin_wait(&waiters[i], fake, i, 1, 8);
	for (first = 0; first < WAITERS; first++) {
		cma_commit(&fake->cma, &waiters[first].claim);
		expect_woken(&waiters[first], WAITERS - 1 - first);
		for (i = 0, woken = 0; i < WAITERS; i++)
			woken += completion_done(&waiters[i].done);
		/* The first one has been waited for. */
		KUNIT_EXPECT_EQ(test, woken, 0);
	}
	for (i = 0; i < WAITERS; i++)
		cma_fake_forget(fake, i * BLOCK, 4);
}

/*
 *	|1...|####|c...|....|	what comes free in the first block is room for a
 *				small request, and for no large one
 */
static void what_comes_free_wakes_the_requests_that_it_has_room_for(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 4 * BLOCK, 0);
	struct waiter *waiters = kunit_kcalloc(test, 2, sizeof(*waiters),
					       GFP_KERNEL);
	struct waiter *small = &waiters[0], *large = &waiters[1];
	struct cma_claim claim;

	KUNIT_ASSERT_NOT_NULL(test, waiters);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma,
					     cma_extent_at(BLOCK, BLOCK), true,
					     &claim));
	cma_commit(&fake->cma, &claim);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(0, 4), true,
					     &claim));
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma,
					     cma_extent_at(2 * BLOCK, 4), true,
					     &large->claim));
	begin_wait(small, fake, 2, 1, 8);
	begin_wait(large, fake, 2, 2, BLOCK + 8);
	cma_abort(&fake->cma, &claim);
	expect_woken(small, 1);
	cma_abort(&fake->cma, &large->claim);
	expect_woken(large, 0);
	cma_fake_forget(fake, BLOCK, BLOCK);
}

/*
 *	|1...|....|	it leaves the queue, and keeps others out no more
 */
static void a_request_that_leaves_the_queue_wakes_those_it_kept_out(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct waiter *waiter = kunit_kzalloc(test, sizeof(*waiter), GFP_KERNEL);
	struct cma_turn turn = { };

	KUNIT_ASSERT_NOT_NULL(test, waiter);
	cma_take_turn(&fake->cma, &turn, cma_extent_at(0, 4));
	waiter->look.flags = CMA_LOOK_POLITE;
	begin_wait(waiter, fake, 0, 1, 8);
	cma_leave_turn(&fake->cma, &turn);
	expect_woken(waiter, 0);
}

static struct kunit_case cma_claim_cases[] = {
	KUNIT_CASE(a_claim_takes_the_lowest_run_that_fits),
	KUNIT_CASE(a_conflict_tells_where_to_go_on),
	KUNIT_CASE(a_request_can_have_lent_and_ready_memory_together),
	KUNIT_CASE(no_more_ready_memory_is_lent_than_a_run_takes_in),
	KUNIT_CASE(no_ready_memory_is_lent_where_a_claim_is_in_the_way),
	KUNIT_CASE(others_that_are_quicker_each_time_are_a_conflict),
	KUNIT_CASE(a_request_keeps_its_place_in_the_queue),
	KUNIT_CASE(what_comes_free_of_an_awaited_run_is_lent),
	KUNIT_CASE(an_awaited_run_is_taken_where_there_is_no_other_and_no_wait),
	KUNIT_CASE(a_waiter_is_not_woken_by_the_claim_of_another_one),
	KUNIT_CASE(what_comes_free_wakes_the_requests_that_it_has_room_for),
	KUNIT_CASE(a_request_that_leaves_the_queue_wakes_those_it_kept_out),
	{}
};

static struct kunit_suite cma_claim_suite = {
	.name = "cma_claim",
	.test_cases = cma_claim_cases,
};

kunit_test_suite(cma_claim_suite);

MODULE_DESCRIPTION("Tests of claims of contiguous memory");
MODULE_LICENSE("GPL");
