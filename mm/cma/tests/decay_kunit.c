// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/decay.c: whether memory may be READY at all, and when it is looked at
 * whether it is still wanted. What the worker makes of it then is in pool_kunit.c.
 *
 * In the pictures a letter stands for some pages.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

static bool look_is_due(struct cma_fake *fake)
{
	return delayed_work_pending(&fake->cma.ready_work);
}

/* As when the time has come; nothing happens if no look is due. */
static void look_now(struct cma_fake *fake)
{
	fake->cma.ready_decayed = jiffies - msecs_to_jiffies(CMA_POOL_DECAY_MS);
	flush_delayed_work(&fake->cma.ready_work);
}

/* ---- When it is looked at ---- */

static void what_becomes_ready_is_looked_at_after_a_while(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	unsigned long before = jiffies, due;

	KUNIT_EXPECT_FALSE(test, look_is_due(fake));
	cma_fake_make_ready(fake, 0, 4);
	KUNIT_EXPECT_TRUE(test, look_is_due(fake));
	due = fake->cma.ready_work.timer.expires - msecs_to_jiffies(CMA_POOL_DECAY_MS);
	KUNIT_EXPECT_TRUE(test, time_in_range(due, before, jiffies));
}

static void a_release_makes_the_worker_due(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_FALSE(test, look_is_due(fake));
	cma_fake_expect_free(fake, 0, 4);
	KUNIT_EXPECT_TRUE(test, look_is_due(fake));
}

/*
 * A device that releases something all the time would put it off for ever. The timer is
 * set to half of that time here, as if the other half had passed.
 */
static void what_becomes_ready_meanwhile_does_not_put_the_look_off(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct delayed_work *work = &fake->cma.ready_work;
	unsigned long due;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	cma_fake_expect_free(fake, 0, 4);
	mod_delayed_work(system_unbound_wq, work, msecs_to_jiffies(CMA_POOL_DECAY_MS / 2));
	due = work->timer.expires;
	cma_fake_expect_free(fake, 4, 4);
	KUNIT_EXPECT_EQ(test, work->timer.expires, due);
	cma_fake_make_ready(fake, 16, 4);
	KUNIT_EXPECT_EQ(test, work->timer.expires, due);
}

/*
 *	####....  ->  ####rr..  ->  rrrrrr..  ->  rr......	and then it is over
 *
 * All of it was needed before the first look, and none of it between the two.
 */
static void in_two_looks_ready_memory_goes_down_to_its_floor(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	unsigned int looks;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 100, 0), 0);
	cma_set_ready_min(&fake->cma, 30);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK - 130, 30, 0, 100);

	cma_fake_expect_free(fake, 0, 100);
	for (looks = 0; look_is_due(fake) && looks < 5; looks++) {
		cma_fake_expect_usage(fake, BLOCK - 130, 130, 0, 0);
		look_now(fake);
	}
	KUNIT_EXPECT_EQ(test, looks, 2);
	cma_fake_expect_usage(fake, BLOCK - 30, 30, 0, 0);
}

/* ---- Whether it may be READY ---- */

/*
 * As after hibernation: a worker of another area that found it off meanwhile has nobody
 * else to wake it.
 */
static void allow_ready_again(void *unused)
{
	cma_pm_notify(NULL, PM_POST_HIBERNATION, NULL);
}

static void forbid_ready(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, allow_ready_again, NULL), 0);
	KUNIT_EXPECT_TRUE(test, cma_may_be_ready());
	cma_allow_ready(false);
	KUNIT_EXPECT_FALSE(test, cma_may_be_ready());
}

/*
 *	####....  ->  ........
 */
static void what_is_released_while_nothing_may_be_ready_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	forbid_ready(test);
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(0, 4)));
	cma_fake_expect_usage(fake, BLOCK - 4, 0, 0, 4);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 4);
	KUNIT_EXPECT_FALSE(test, look_is_due(fake));
}

/*
 *	cccc....  ->  ........
 */
static void what_was_emptied_while_nothing_may_be_ready_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct cma_claim claim;

	forbid_ready(test);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(0, 4), false, &claim));
	spin_lock(&fake->lock);
	cma_fake_take(fake, 0, 4);
	spin_unlock(&fake->lock);
	cma_keep(&fake->cma, &claim, 4);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 4);
	KUNIT_EXPECT_FALSE(test, look_is_due(fake));
}

/*
 *	rrrr....  ->  ####....	it is up to the caller to lend it
 */
static void what_is_ready_already_can_be_had_when_nothing_may_become_that(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	cma_fake_make_ready(fake, 0, 4);
	forbid_ready(test);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.ready_hits), 1);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	####....  ->  rrrr....
 */
static void what_is_released_afterwards_is_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	forbid_ready(test);
	cma_allow_ready(true);
	KUNIT_EXPECT_TRUE(test, cma_may_be_ready());
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
	KUNIT_EXPECT_TRUE(test, look_is_due(fake));
}

/*
 *	........  ->  rr......	by a look that somebody has asked for
 */
static void a_floor_waits_until_memory_may_be_ready_again(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	forbid_ready(test);
	cma_set_ready_min(&fake->cma, 30);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
	KUNIT_EXPECT_FALSE(test, look_is_due(fake));

	cma_allow_ready(true);
	cma_pool_decay_later(&fake->cma);
	look_now(fake);
	cma_fake_expect_usage(fake, BLOCK - 30, 30, 0, 0);
}

static struct kunit_case cma_decay_cases[] = {
	KUNIT_CASE(what_becomes_ready_is_looked_at_after_a_while),
	KUNIT_CASE(a_release_makes_the_worker_due),
	KUNIT_CASE(what_becomes_ready_meanwhile_does_not_put_the_look_off),
	KUNIT_CASE(in_two_looks_ready_memory_goes_down_to_its_floor),
	KUNIT_CASE(what_is_released_while_nothing_may_be_ready_is_lent),
	KUNIT_CASE(what_was_emptied_while_nothing_may_be_ready_is_lent),
	KUNIT_CASE(what_is_ready_already_can_be_had_when_nothing_may_become_that),
	KUNIT_CASE(what_is_released_afterwards_is_ready),
	KUNIT_CASE(a_floor_waits_until_memory_may_be_ready_again),
	{}
};

static struct kunit_suite cma_decay_suite = {
	.name = "cma_decay",
	.test_cases = cma_decay_cases,
};

kunit_test_suite(cma_decay_suite);

MODULE_DESCRIPTION("Tests of whether contiguous memory may be READY, and how long");
MODULE_LICENSE("GPL");
