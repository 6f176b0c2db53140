// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/first_fit.c: areas whose devices rely on addresses.
 *
 * In the pictures a letter stands for half a block of CMA_EXCLUSION_PAGES; bars part
 * blocks.
 *
 *	.  lent		c  lent, and costs something	x  lent, and doesn't move
 *	r  READY	#  allocated
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "fake.h"

#define HALF	(FAKE_BLOCK / 2)

/* So long the lowest run is waited for; a slow machine may take longer by itself. */
#define WAIT	(HZ / 10)

/* An area by its picture; what is allocated has to be asked for by the test. */
static struct cma_fake *draw(struct kunit *test, const char *picture)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, (strlen(picture) - 1) / 3);
	unsigned long at = 0;

	for (; *picture; picture++) {
		if (*picture == '|')
			continue;
		if (*picture == 'c')
			bitmap_set(fake->in_use, at, HALF);
		if (*picture == 'x')
			__set_bit(at, fake->stuck);
		if (*picture == 'r')
			cma_fake_make_ready(fake, at, HALF);
		at += HALF;
	}
	fake->cma.is_first_fit = true;
	return fake;
}

/* As if somebody lent half a block just now; it ends when the claim is aborted. */
static void begin_lending(struct cma_fake *fake, unsigned long at, struct cma_claim *claim)
{
	KUNIT_ASSERT_TRUE(fake->test, cma_claim_at(&fake->cma, cma_extent_at(at, HALF), false,
						   claim));
}

/*
 *	|c.|..|..|..|  ->  |#.|..|..|..|
 */
static void the_lowest_run_is_taken_whatever_it_costs(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|c.|..|..|..|");

	cma_set_ready_max(&fake->cma, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, HALF, 0), 0);
	cma_fake_expect_free(fake, 0, HALF);
	/* As in other areas. */
	bitmap_set(fake->in_use, 0, HALF);
	fake->cma.is_first_fit = false;
	KUNIT_EXPECT_GT(test, cma_fake_alloc(fake, HALF, 0), 0);
}

/*
 *	|..|..|rr|..|  ->  |##|..|rr|..|
 */
static void the_lowest_run_is_taken_though_another_one_is_ready(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|..|..|rr|..|");

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 0);
	cma_fake_expect_free(fake, 0, 2 * HALF);
}

/*
 *	|rr|rr|..|..|  ->  |##|rr|..|..|	at once
 */
static void the_lowest_run_is_taken_as_it_is_where_it_is_ready(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|rr|rr|..|..|");

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
	cma_fake_expect_free(fake, 0, 2 * HALF);
}

/*
 *	|x.|x.|..|rr|  ->  |x.|x#|#.|rr|	one after the other from the bottom up
 */
static void the_next_lowest_run_is_taken_where_a_page_stays(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|x.|..|rr|");
	unsigned long end = jiffies + WAIT;
	long offset = cma_fake_alloc(fake, 2 * HALF, 0);
	unsigned int i;

	if (offset != 2 * HALF + 1 && time_before(jiffies, end))
		KUNIT_FAIL(test, "%ld was taken", offset);
	/* What was tried before isn't, however thoroughly a run is. */
	for (i = 1; time_before(jiffies, end) && i < min(fake->nr_attempts, FAKE_LOG); i++)
		KUNIT_EXPECT_GE(test, fake->attempts[i], fake->attempts[i - 1]);
	cma_fake_expect_free(fake, offset, 2 * HALF);
}

/*
 *	|r.|..|..|..|  ->  |##|..|..|..|
 */
static void the_lowest_run_may_be_ready_in_part(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|r.|..|..|..|");

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	cma_fake_expect_free(fake, 0, 2 * HALF);
}

/*
 *	|aa|..|..|..|  ->  |a.|bb|..|..|  ->  |ac|bb|..|..|  ->  |ac|bb|d.|..|
 *
 * The second one is aligned to what the first one doesn't end at; the third one fits between.
 */
static void runs_that_come_one_after_the_other_are_in_that_order(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|cc|cc|c.|..|");

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, HALF, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, ilog2(2 * HALF)), 2 * HALF);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, HALF, 0), HALF);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, HALF, 0), 4 * HALF);
}

/*
 *	|aa|b.|..|..|  ->  |cc|b.|..|..|  ->  |##|b.|..|..|
 */
static void what_was_given_back_at_the_bottom_is_taken_first(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|cc|cc|cc|..|");

	cma_set_ready_max(&fake->cma, 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, HALF, 0), 2 * HALF);
	cma_fake_expect_free(fake, 0, 2 * HALF);
	bitmap_set(fake->in_use, 0, 2 * HALF);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
}

/*
 *	|w.|..|..|..|  ->  |##|..|..|..|	w arrives
 */
static void a_page_on_its_way_out_of_the_lowest_run_is_waited_for(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|..|..|..|");
	unsigned long end = jiffies + WAIT;

	fake->patience = 2;
	if ((cma_fake_alloc(fake, 2 * HALF, 0) || !fake->nr_thorough) &&
	    time_before(jiffies, end))
		KUNIT_FAIL(test, "it wasn't waited for");
}

/*
 *	|x.|..|..|..|  ->  |x.|##|..|..|  ->  |x.|##|##|..|	and the second one at once
 */
static void a_page_that_stays_is_waited_for_once(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|..|..|..|");
	unsigned long began = jiffies;
	unsigned int attempts;

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, ilog2(2 * HALF)), 2 * HALF);
	KUNIT_EXPECT_TRUE(test, time_before(jiffies, began + HZ));
	if (!fake->nr_thorough && time_before(jiffies, began + WAIT))
		KUNIT_FAIL(test, "it wasn't waited for");
	attempts = fake->nr_attempts;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, ilog2(2 * HALF)), 4 * HALF);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, attempts + 1);
}

/*
 *	|x.|  ->  |##|	and is had where there is no other one
 */
static void where_all_is_stuck_it_is_tried_as_ever(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|");

	cma_fake_expect_reason(fake, 2 * HALF, GFP_KERNEL, CMA_REASON_BUSY);
	KUNIT_EXPECT_GE(test, fake->nr_thorough, 4);
	fake->patience = fake->nr_attempts + 2;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	cma_fake_expect_free(fake, 0, 2 * HALF);
}

/*
 *	|cc|..|..|..|  ->  |rr|..|..|..|	where requests look for it
 */
static void a_floor_of_ready_memory_is_at_the_bottom(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|cc|..|..|..|");

	KUNIT_EXPECT_EQ(test, cma_fill(&fake->cma, 2 * HALF), CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 0, 2 * HALF), 2 * HALF);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 1);
}

/*
 *	|x.|x.|..|..|  ->  |x.|xr|r.|..|	from the page behind the last one that stays
 */
static void a_floor_is_reached_above_pages_that_stay(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|x.|..|..|");

	fake->foresees = true;
	cma_set_ready_min(&fake->cma, 2 * HALF);
	flush_delayed_work(&fake->cma.ready_work);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 2 * HALF + 1, 4 * HALF + 1), 2 * HALF);
	cma_set_ready_min(&fake->cma, 0);
}

/*
 *	|C.|..|..|..|  ->  |..|..|..|..|  ->  |#.|..|..|..|	C is being lent by somebody
 */
static void what_is_being_given_back_at_the_bottom_is_waited_for(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|..|..|..|..|");
	struct cma_fake_caller caller;
	struct cma_claim claim;
	unsigned long end;

	begin_lending(fake, 0, &claim);
	end = jiffies + WAIT;
	cma_fake_call(&caller, fake, HALF, GFP_KERNEL);
	if (!cma_fake_waits(&caller) && time_before(jiffies, end))
		KUNIT_FAIL(test, "it doesn't wait");
	cma_abort(&fake->cma, &claim);
	if (cma_fake_result(&caller) && time_before(jiffies, end))
		KUNIT_FAIL(test, "it wasn't waited for");
}

/*
 *	|C.|..|D.|..|  ->  |C.|..|..|..|  ->  |..|..|..|..|  ->  |#.|..|..|..|
 */
static void what_comes_back_above_does_not_end_the_wait_for_what_is_below(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|..|..|..|..|");
	struct cma_fake_caller caller;
	struct cma_claim below, above;
	unsigned long end;

	begin_lending(fake, 0, &below);
	begin_lending(fake, 4 * HALF, &above);
	end = jiffies + WAIT;
	cma_fake_call(&caller, fake, HALF, GFP_KERNEL);
	if (!cma_fake_waits(&caller) && time_before(jiffies, end))
		KUNIT_FAIL(test, "it doesn't wait");
	cma_abort(&fake->cma, &above);
	msleep(20);
	cma_abort(&fake->cma, &below);
	if (cma_fake_result(&caller) && time_before(jiffies, end))
		KUNIT_FAIL(test, "it wasn't waited for");
}

/*
 *	|C.|..|..|..|  ->  |C#|..|..|..|	C isn't lent before that
 */
static void a_request_that_has_a_fallback_waits_for_nothing_below(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|..|..|..|..|");
	struct cma_fake_caller caller;
	struct cma_claim claim;

	begin_lending(fake, 0, &claim);
	cma_fake_call(&caller, fake, HALF, GFP_KERNEL | __GFP_NORETRY);
	KUNIT_EXPECT_FALSE(test, cma_fake_waits(&caller));
	KUNIT_EXPECT_EQ(test, cma_fake_result(&caller), HALF);
	cma_abort(&fake->cma, &claim);
}

/* The same. On a machine that pauses one of several requests is as quick as it should be. */
static void a_task_that_others_may_wait_for_waits_for_nothing_below(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|..|..|..|..|");
	unsigned int flags, i;
	struct cma_claim claim;
	bool quick = false;

	begin_lending(fake, 0, &claim);
	flags = memalloc_noreclaim_save();
	for (i = 0; i < 4; i++) {
		unsigned long began = jiffies;

		KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, HALF, 0), (1 + i) * HALF);
		quick |= time_before(jiffies, began + WAIT / 2);
	}
	memalloc_noreclaim_restore(flags);
	KUNIT_EXPECT_TRUE(test, quick);
	cma_abort(&fake->cma, &claim);
}

/*
 *	|cc|..|rr|..|  ->  |cc|#.|rr|..|  ->  |cc|##|#r|..|	as far up as it looks
 */
static void a_request_that_can_not_sleep_gets_the_lowest_that_is_free(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|cc|..|rr|..|");
	struct cma_request request = { .count = HALF, .gfp = GFP_ATOMIC };

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 2 * HALF);
	request.count = 2 * HALF;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 3 * HALF);
}

/*
 *	|rx|rx|rx|rx|	what is lent for it could be lent for each place, in vain
 */
static void a_request_that_can_not_sleep_has_ready_memory_lent_once(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|rx|rx|rx|rx|");
	struct cma_request request = { .count = 2 * HALF, .gfp = GFP_ATOMIC };

	KUNIT_EXPECT_LT(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_LE(test, fake->nr_lent, HALF);
	KUNIT_EXPECT_GE(test, fake->cma.ready.total, 3 * HALF);
}

/* In milliseconds */
static void half_of_the_time_there_is_may_be_spent_on_low_runs(struct kunit *test)
{
	static const struct {
		unsigned int timeout, all, low;
		gfp_t gfp;
	} times[] = {
		{ 1, 1, 1 }, { 5, 5, 3 }, { 100, 100, 50 }, { 1000, 1000, 100 },
		{ 0, 100, 50, __GFP_NORETRY }, { 0, 10000, 100 },
		{ 0, 60000, 100, __GFP_RETRY_MAYFAIL }, { UINT_MAX, UINT_MAX, 100 },
	};
	struct cma_first_fit fit;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(times); i++) {
		struct cma_request request = {
			.count = 1, .timeout_ms = times[i].timeout, .gfp = times[i].gfp,
		};

		cma_first_fit_begin(&fit, &request);
		KUNIT_EXPECT_EQ(test, fit.ms, times[i].low);
		KUNIT_EXPECT_EQ(test, fit.all_ms, times[i].all);
		fit.began -= msecs_to_jiffies(times[i].low);
		KUNIT_EXPECT_LE(test, cma_first_fit_end(&fit).timeout_ms,
				max(times[i].all - times[i].low, 1U));
	}
}

static void what_takes_long_to_move_is_not_given_up_for_being_large(struct kunit *test)
{
	struct cma_request request = { .count = 16384, .gfp = GFP_KERNEL };
	struct cma_first_fit fit;

	cma_first_fit_begin(&fit, &request);
	KUNIT_EXPECT_GE(test, fit.ms, 500);
}

static struct kunit_case first_fit_cases[] = {
	KUNIT_CASE(the_lowest_run_is_taken_whatever_it_costs),
	KUNIT_CASE(the_lowest_run_is_taken_though_another_one_is_ready),
	KUNIT_CASE(the_lowest_run_is_taken_as_it_is_where_it_is_ready),
	KUNIT_CASE(the_next_lowest_run_is_taken_where_a_page_stays),
	KUNIT_CASE(the_lowest_run_may_be_ready_in_part),
	KUNIT_CASE(runs_that_come_one_after_the_other_are_in_that_order),
	KUNIT_CASE(what_was_given_back_at_the_bottom_is_taken_first),
	KUNIT_CASE(a_page_on_its_way_out_of_the_lowest_run_is_waited_for),
	KUNIT_CASE(a_page_that_stays_is_waited_for_once),
	KUNIT_CASE(where_all_is_stuck_it_is_tried_as_ever),
	KUNIT_CASE(a_floor_of_ready_memory_is_at_the_bottom),
	KUNIT_CASE(a_floor_is_reached_above_pages_that_stay),
	KUNIT_CASE(what_is_being_given_back_at_the_bottom_is_waited_for),
	KUNIT_CASE(what_comes_back_above_does_not_end_the_wait_for_what_is_below),
	KUNIT_CASE(a_request_that_has_a_fallback_waits_for_nothing_below),
	KUNIT_CASE(a_task_that_others_may_wait_for_waits_for_nothing_below),
	KUNIT_CASE(a_request_that_can_not_sleep_gets_the_lowest_that_is_free),
	KUNIT_CASE(a_request_that_can_not_sleep_has_ready_memory_lent_once),
	KUNIT_CASE(half_of_the_time_there_is_may_be_spent_on_low_runs),
	KUNIT_CASE(what_takes_long_to_move_is_not_given_up_for_being_large),
	{}
};

static struct kunit_suite first_fit_suite = {
	.name		= "cma_first_fit",
	.test_cases	= first_fit_cases,
};

kunit_test_suite(first_fit_suite);
