// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/pool.c: when READY memory goes and comes by itself. The worker
 * is not waited for where that isn't the point: a test runs it at once.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	#  allocated
 *	x  a page that won't move
 */
#include <kunit/test.h>
#include <linux/delay.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

/* One run of the worker, and no other, as when it is due. */
static void run_worker(struct cma_fake *fake)
{
	fake->cma.ready_decayed = jiffies - msecs_to_jiffies(CMA_POOL_DECAY_MS);
	mod_delayed_work(system_unbound_wq, &fake->cma.ready_work, 0);
	flush_work(&fake->cma.ready_work.work);
}

static bool is_due(struct cma_fake *fake)
{
	return delayed_work_pending(&fake->cma.ready_work);
}

/* ---- Decay ---- */

/*
 *	rrrrrr..  ->  ........	nobody has needed it between two runs
 */
static void what_nobody_needs_for_a_while_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);

	cma_fake_make_ready(fake, 0, 100);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
	run_worker(fake);
	cma_fake_expect_usage(fake, BLOCK - 100, 100, 0, 0);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
	run_worker(fake);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
	KUNIT_EXPECT_FALSE(test, is_due(fake));
}

/* By requests that take of a floor, or by who writes one. */
static void what_is_ready_stays_however_often_the_worker_is_woken(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	unsigned int i;

	cma_fake_make_ready(fake, 0, 100);
	run_worker(fake);
	for (i = 0; i < 5; i++) {
		cma_set_ready_min(&fake->cma, 50);
		flush_work(&fake->cma.ready_work.work);
		cma_set_ready_min(&fake->cma, 0);
		flush_work(&fake->cma.ready_work.work);
	}
	cma_fake_expect_usage(fake, BLOCK - 100, 100, 0, 0);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
	run_worker(fake);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	rrrrrr..  ->  ####rr..  ->  rrrrrr..  ->  rrrr....
 */
static void what_was_needed_meanwhile_stays(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);

	cma_fake_make_ready(fake, 0, 100);
	run_worker(fake);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 60, 0), 0);
	cma_fake_expect_free(fake, 0, 60);
	run_worker(fake);
	cma_fake_expect_usage(fake, BLOCK - 60, 60, 0, 0);
	run_worker(fake);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	rrrrrr..  ->  rrr.....
 */
static void what_is_below_the_floor_never_decays(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	unsigned int i;

	cma_fake_make_ready(fake, 0, 100);
	cma_set_ready_min(&fake->cma, 30);
	for (i = 0; i < 3; i++)
		run_worker(fake);
	cma_fake_expect_usage(fake, BLOCK - 30, 30, 0, 0);
	KUNIT_EXPECT_FALSE(test, is_due(fake));
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/* ---- The floor ---- */

/*
 *	|....|....|  ->  |rrrr|....|
 */
static void a_floor_is_evacuated_in_advance(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_set_ready_min(&fake->cma, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK, BLOCK, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_prepared, 0);
	/* Without a floor nobody makes it good while the attempts are counted. */
	cma_set_ready_min(&fake->cma, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/*
 *	|rrrr|....|  ->  |####|....|  ->  |####|rrrr|
 */
static void a_floor_that_a_request_took_is_made_good_at_once(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_set_ready_min(&fake->cma, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 0, BLOCK, 0, BLOCK);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/*
 *	|....|rrrr|....|  ->  |####|####|rrrr|	there was no other run
 */
static void a_floor_that_gave_way_is_made_good_at_once(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);

	cma_fake_make_ready(fake, BLOCK, BLOCK);
	cma_set_ready_min(&fake->cma, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 0, BLOCK, 0, 2 * BLOCK);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

static void no_more_is_evacuated_than_the_floor_lacks(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_fake_make_ready(fake, 0, 100);
	cma_set_ready_min(&fake->cma, 150);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 2 * BLOCK - 150, 150, 0, 0);
}

/*
 *	|.x..|....|....|....|	two blocks: not both of them are where the
 *				page is
 */
static void a_floor_is_reached_around_a_stuck_page(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);

	__set_bit(5, fake->stuck);
	cma_set_ready_min(&fake->cma, 2 * BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 2 * BLOCK, 2 * BLOCK, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	cma_set_ready_min(&fake->cma, 0);
}

/*
 *	|#..#|#..#|		no block in one piece, so it is smaller pieces
 */
static void a_floor_is_made_of_smaller_pieces_where_it_must(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 2 * BLOCK);
	cma_set_ready_max(&fake->cma, 0);
	cma_fake_expect_free(fake, 0, BLOCK);
	cma_fake_expect_free(fake, 2 * BLOCK, BLOCK);
	cma_set_ready_max(&fake->cma, 4 * BLOCK);
	cma_set_ready_min(&fake->cma, 3 * BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 0, 3 * BLOCK, 0, BLOCK);
	cma_fake_expect_free(fake, BLOCK, BLOCK);
}

static void a_floor_that_was_missed_is_tried_again_soon(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned int attempts, ms;

	fake->error = -ENOMEM;
	cma_set_ready_min(&fake->cma, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 2 * BLOCK, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, is_due(fake));

	/* A request doesn't hurry the worker, which would fail again. */
	attempts = fake->nr_attempts;
	cma_fake_expect_reason(fake, 3 * BLOCK, GFP_KERNEL, CMA_REASON_TOO_BIG);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, attempts);

	fake->error = 0;
	for (ms = 0; ms < 5000 && !READ_ONCE(fake->cma.ready.total); ms += 20)
		msleep(20);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK, BLOCK, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->cma.floor_misses, 0);
}

/*
 *	|x...|.xxx|xxxx|  ->  |xrrr|rxxx|xxxx|
 */
static void a_floor_reached_in_part_is_tried_again_as_soon(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);
	unsigned int ms;

	__set_bit(0, fake->stuck);
	bitmap_set(fake->stuck, BLOCK + BLOCK / 4, 2 * BLOCK - BLOCK / 4);
	cma_set_ready_min(&fake->cma, 2 * BLOCK);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_GT(test, fake->cma.floor_misses, 0);
	KUNIT_EXPECT_GE(test, READ_ONCE(fake->cma.ready.total), BLOCK);

	bitmap_zero(fake->stuck, 3 * BLOCK);
	for (ms = 0; ms < 5000 && READ_ONCE(fake->cma.floor_misses); ms += 20)
		msleep(20);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK, 2 * BLOCK, 0, 0);
}

/* In jiffies, until the worker is due. */
static long due_in(struct cma_fake *fake)
{
	return fake->cma.ready_work.timer.expires - jiffies;
}

/*
 *	|x...|x...|	and whoever has x keeps it
 */
static void a_floor_that_is_missed_again_and_again_is_tried_less_often(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned int i;

	__set_bit(0, fake->stuck);
	__set_bit(BLOCK, fake->stuck);
	cma_set_ready_min(&fake->cma, 2 * BLOCK);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_EQ(test, fake->cma.floor_misses, 1);
	for (i = 0; i < 10; i++)
		run_worker(fake);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
	KUNIT_EXPECT_GT(test, due_in(fake), 16 * HZ);
	KUNIT_EXPECT_LE(test, due_in(fake), 32 * HZ);

	/* Once it is reached that is forgotten. */
	bitmap_zero(fake->stuck, 2 * BLOCK);
	run_worker(fake);
	KUNIT_EXPECT_EQ(test, fake->cma.floor_misses, 0);
}

/*
 *	|xrrr|r...|  ->  |x###|#...|	the rest is looked at soon, and not half a minute later
 */
static void what_a_device_takes_of_a_floor_that_was_missed_is_looked_for_soon(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned int i, attempts;

	__set_bit(0, fake->stuck);
	cma_set_ready_min(&fake->cma, 2 * BLOCK);
	for (i = 0; i < 10; i++)
		run_worker(fake);
	KUNIT_EXPECT_GT(test, due_in(fake), 16 * HZ);

	attempts = fake->nr_attempts;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 1);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
	KUNIT_EXPECT_LE(test, due_in(fake), HZ);
	/* A device that asks all the time has it look no more often than that. */
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, attempts);
}

/*
 *	|####|####|  ->  |xrrr|####|	x is kept by somebody, so that the floor lacks a page
 */
static void what_a_device_gives_back_has_a_floor_that_was_missed_tried_soon(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	cma_set_ready_min(&fake->cma, BLOCK);
	for (i = 0; i < 10; i++)
		run_worker(fake);
	KUNIT_EXPECT_GT(test, due_in(fake), 16 * HZ);
	__set_bit(0, fake->odd);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, BLOCK), 0);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
	KUNIT_EXPECT_LE(test, due_in(fake), HZ);
}

/*
 *	|x...|x...|  ->  |xrrr|xrrr|	and it isn't lent to evacuate it again
 */
static void a_floor_that_was_missed_keeps_what_it_has(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned int i;

	__set_bit(0, fake->stuck);
	__set_bit(BLOCK, fake->stuck);
	cma_set_ready_min(&fake->cma, 2 * BLOCK);
	for (i = 0; i < 3; i++)
		run_worker(fake);
	KUNIT_EXPECT_GT(test, fake->cma.floor_misses, 0);
	cma_fake_expect_usage(fake, 2, 2 * BLOCK - 2, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);

	/* Without a floor it gets cold like anything else, but not at once. */
	cma_set_ready_min(&fake->cma, 0);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);
	KUNIT_EXPECT_TRUE(test, is_due(fake));
}

static void a_filled_piece_is_ready_and_nobody_has_it(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	KUNIT_EXPECT_EQ(test, cma_fill(&fake->cma, 100), CMA_REASON_NONE);
	cma_fake_expect_usage(fake, 2 * BLOCK - 100, 100, 0, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.alloc_pages), 0);
	/* What is READY doesn't count as found. */
	KUNIT_EXPECT_EQ(test, cma_fill(&fake->cma, 100), CMA_REASON_NONE);
	cma_fake_expect_usage(fake, 2 * BLOCK - 200, 200, 0, 0);
}

static void a_piece_that_costs_too_much_is_not_filled(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);

	__set_bit(0, fake->stuck);
	KUNIT_EXPECT_NE(test, cma_fill(&fake->cma, BLOCK), CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

static struct kunit_case cma_pool_cases[] = {
	KUNIT_CASE(what_nobody_needs_for_a_while_is_lent),
	KUNIT_CASE(what_is_ready_stays_however_often_the_worker_is_woken),
	KUNIT_CASE(what_was_needed_meanwhile_stays),
	KUNIT_CASE(what_is_below_the_floor_never_decays),
	KUNIT_CASE(a_floor_is_evacuated_in_advance),
	KUNIT_CASE(a_floor_that_a_request_took_is_made_good_at_once),
	KUNIT_CASE(a_floor_that_gave_way_is_made_good_at_once),
	KUNIT_CASE(no_more_is_evacuated_than_the_floor_lacks),
	KUNIT_CASE(a_floor_is_reached_around_a_stuck_page),
	KUNIT_CASE(a_floor_is_made_of_smaller_pieces_where_it_must),
	KUNIT_CASE(a_floor_that_was_missed_is_tried_again_soon),
	KUNIT_CASE(a_floor_reached_in_part_is_tried_again_as_soon),
	KUNIT_CASE(a_floor_that_is_missed_again_and_again_is_tried_less_often),
	KUNIT_CASE(what_a_device_takes_of_a_floor_that_was_missed_is_looked_for_soon),
	KUNIT_CASE(what_a_device_gives_back_has_a_floor_that_was_missed_tried_soon),
	KUNIT_CASE(a_floor_that_was_missed_keeps_what_it_has),
	KUNIT_CASE(a_filled_piece_is_ready_and_nobody_has_it),
	KUNIT_CASE(a_piece_that_costs_too_much_is_not_filled),
	{}
};

static struct kunit_suite cma_pool_suite = {
	.name = "cma_pool",
	.test_cases = cma_pool_cases,
};

kunit_test_suite(cma_pool_suite);

MODULE_DESCRIPTION("Tests of when READY contiguous memory goes and comes");
MODULE_LICENSE("GPL");
