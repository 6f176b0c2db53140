// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/atomic.c: what a request gets that can't sleep.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	c  claimed by somebody else
 *	x  a page that won't move	o  a page in use
 */
#include <kunit/test.h>

#include "fake.h"

#define BLOCK		FAKE_BLOCK
#define NORETRY		(GFP_KERNEL | __GFP_NORETRY)

/*
 *	|oooo|rrrr|
 */
static void a_request_that_cannot_sleep_gets_ready_memory(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	struct cma_request request = { .count = BLOCK, .gfp = GFP_ATOMIC };
	unsigned long flags;
	long offset;

	bitmap_set(fake->in_use, 0, BLOCK);
	cma_fake_make_ready(fake, BLOCK, BLOCK);
	local_irq_save(flags);
	offset = cma_fake_request(fake, &request);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, offset, BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
	local_irq_save(flags);
	cma_fake_expect_free(fake, BLOCK, BLOCK);
	local_irq_restore(flags);
	cma_fake_expect_usage(fake, BLOCK, BLOCK, 0, 0);
}

/*
 *	|oooo|oooo|....|oooo|
 *		   ^
 */
static void a_request_that_cannot_sleep_gets_what_is_free(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);
	struct cma_request request = { .count = 16, .gfp = GFP_NOWAIT };

	bitmap_set(fake->in_use, 0, 4 * BLOCK);
	bitmap_clear(fake->in_use, 2 * BLOCK, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	cma_fake_expect_free(fake, 2 * BLOCK, 16);
}

/*
 *	|oooo|oorr|....|oooo|
 *	       ^^^^^^^
 */
static void a_request_that_cannot_sleep_gets_ready_and_free_memory_together(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);
	struct cma_request request = { .count = BLOCK + 16, .gfp = GFP_ATOMIC };
	unsigned long start = 2 * BLOCK - 16, flags;
	long offset;

	cma_fake_make_ready(fake, start, 16);
	bitmap_set(fake->in_use, 0, start);
	bitmap_set(fake->in_use, 3 * BLOCK, BLOCK);
	local_irq_save(flags);
	offset = cma_fake_request(fake, &request);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, offset, start);
	cma_fake_expect_free(fake, start, BLOCK + 16);

	/* The same from the other end, and aligned so that some READY memory is left. */
	cma_set_ready_max(&fake->cma, 0);
	cma_set_ready_max(&fake->cma, 4 * BLOCK);
	cma_fake_make_ready(fake, 3 * BLOCK - 16, 16);
	request.count = 32;
	request.align = 3;
	bitmap_set(fake->in_use, start, BLOCK);
	bitmap_clear(fake->in_use, 3 * BLOCK - 32, 16);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 3 * BLOCK - 32);
	cma_fake_expect_free(fake, 3 * BLOCK - 32, 32);
}

/*
 *	|oorr|ooo.|rr.o|	each of them has a page in use next to it
 */
static void a_request_that_cannot_sleep_has_no_ready_memory_lent_in_vain(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);

	cma_fake_make_ready(fake, BLOCK - 16, 16);
	cma_fake_make_ready(fake, 2 * BLOCK, 16);
	bitmap_set(fake->in_use, 0, BLOCK - 16);
	bitmap_set(fake->in_use, BLOCK, BLOCK - 8);
	bitmap_set(fake->in_use, 2 * BLOCK + 24, BLOCK - 24);
	cma_fake_expect_reason(fake, 64, GFP_ATOMIC, CMA_REASON_WOULD_SLEEP);
	cma_fake_expect_usage(fake, 3 * BLOCK - 32, 32, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);
}

/*
 *	|r#xo|oo.r|oooo|	the run behind the first one looks free, and isn't
 *	       ^^
 */
static void a_request_that_cannot_sleep_goes_on_while_nothing_was_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);
	struct cma_request request = { .count = 16, .gfp = GFP_ATOMIC };

	cma_set_ready_max(&fake->cma, 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 16, 0), 0);
	cma_fake_expect_free(fake, 0, 8);
	cma_set_ready_max(&fake->cma, 3 * BLOCK);
	cma_fake_make_ready(fake, 0, 8);
	__set_bit(20, fake->stuck);
	bitmap_set(fake->in_use, 32, 3 * BLOCK - 32);
	bitmap_clear(fake->in_use, 2 * BLOCK - 16, 16);
	cma_fake_make_ready(fake, 2 * BLOCK - 8, 8);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 2 * BLOCK - 16);
	cma_fake_expect_free(fake, 2 * BLOCK - 16, 16);
	cma_fake_expect_free(fake, 8, 8);
}

/* Claims a page of a run when its cost is asked for. */
static struct {
	struct cma_evacuator evacuator;
	struct cma_claim claim;
	bool begun;
} rival;

static unsigned int cost_beside_rival(struct cma *cma, unsigned long pfn,
				      unsigned long nr_pages)
{
	struct cma_extent run = cma_pages_to_run(cma, pfn, 1);

	if (nr_pages == 8 && !rival.begun)
		rival.begun = cma_claim_at(cma, run, false, &rival.claim);
	return cma_fake_evacuator.cost(cma, pfn, nr_pages);
}

/*
 *	|r.oo|  ->  |rcoo|	while it is looked at
 *	 ^^
 */
static void what_others_have_just_claimed_has_no_ready_memory_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_request request = { .count = 16, .gfp = GFP_ATOMIC };
	const struct cma_evacuator *plain = fake->cma.evacuator;

	cma_fake_make_ready(fake, 0, 8);
	bitmap_set(fake->in_use, 16, BLOCK - 16);
	memset(&rival, 0, sizeof(rival));
	rival.evacuator = *plain;
	rival.evacuator.cost = cost_beside_rival;
	fake->cma.evacuator = &rival.evacuator;
	KUNIT_EXPECT_LT(test, cma_fake_request(fake, &request), 0);
	fake->cma.evacuator = plain;
	KUNIT_ASSERT_TRUE(test, rival.begun);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);
	cma_fake_expect_usage(fake, BLOCK - 9, 8, 1, 0);
	cma_abort(&fake->cma, &rival.claim);
}

/*
 *	|o.r.r.r.r.r.r.r.r.ro|	the lent memory in between is in nine parts, and in
 *				eight when the first page is READY as well
 */
static void a_run_of_few_parts_is_looked_at_and_no_other(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_request request = { .count = 18, .gfp = GFP_ATOMIC };
	unsigned long start = 64;
	unsigned int i;

	for (i = 1; i < 18; i += 2)
		cma_fake_make_ready(fake, start + i, 1);
	bitmap_set(fake->in_use, 0, start);
	bitmap_set(fake->in_use, start + 18, BLOCK - start - 18);
	cma_fake_expect_reason(fake, 18, GFP_ATOMIC, CMA_REASON_WOULD_SLEEP);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);
	cma_fake_expect_usage(fake, BLOCK - 9, 9, 0, 0);

	cma_fake_make_ready(fake, start, 1);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), start);
	cma_fake_expect_free(fake, start, 18);
}

/*
 *	xxxxxxxx	nothing of it can be had now, but it may well move
 */
static void a_request_that_cannot_sleep_leaves_no_note_behind(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_stats *stats = &fake->cma.stats;

	bitmap_set(fake->stuck, 0, BLOCK);
	cma_fake_expect_reason(fake, 16, GFP_ATOMIC, CMA_REASON_WOULD_SLEEP);
	KUNIT_EXPECT_GT(test, fake->nr_attempts, 0);
	KUNIT_EXPECT_LE(test, fake->nr_attempts, 64);
	KUNIT_EXPECT_EQ(test, fake->cma.skip.nr, 0);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->blockers[CMA_PAGE_NONE]), 0);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

static void a_request_that_cannot_sleep_passes_by_what_is_known_to_be_stuck(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_request request = { .count = 100, .gfp = GFP_ATOMIC };

	cma_set_ready_max(&fake->cma, 0);
	__set_bit(77, fake->stuck);
	cma_fake_expect_reason(fake, 100, NORETRY, CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 78);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, 78, 100);
}

/*
 *	|cccc|		somebody is at it: that would have to be waited for
 */
static void a_request_that_cannot_sleep_does_not_wait_for_others(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_fake_caller slow;

	fake->hold = 0;
	cma_fake_call(&slow, fake, 4, GFP_KERNEL);
	wait_for_completion(&fake->held);
	cma_fake_expect_reason(fake, 4, GFP_ATOMIC, CMA_REASON_WOULD_SLEEP);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.waits), 0);
	complete(&fake->proceed);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&slow), 0);
	cma_fake_expect_free(fake, 0, 4);
}

/*
 *	|....:rrrr|	the limit is in the middle
 */
static void a_limit_holds_for_ready_memory(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_request request = {
		.count = 8, .gfp = GFP_ATOMIC,
		.limit = PFN_PHYS(FAKE_BASE_PFN + BLOCK / 2) - 1,
	};

	cma_fake_make_ready(fake, BLOCK / 2, BLOCK / 2);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	cma_fake_expect_usage(fake, BLOCK / 2 - 8, BLOCK / 2, 0, 8);
	cma_fake_expect_free(fake, 0, 8);

	/* READY below the limit, up to the last page. */
	cma_set_ready_max(&fake->cma, 0);
	cma_set_ready_max(&fake->cma, BLOCK);
	cma_fake_make_ready(fake, BLOCK / 2 - 8, 16);
	bitmap_set(fake->in_use, 0, BLOCK / 2 - 8);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), BLOCK / 2 - 8);
	cma_fake_expect_free(fake, BLOCK / 2 - 8, 8);
	request.limit--;
	cma_fake_request(fake, &request);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_WOULD_SLEEP);
}

/*
 *	|.x..|	->  |....|	the page has gone, but its backoff has not ended
 */
static void a_request_that_cannot_sleep_gets_what_is_free_whatever_is_known(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	struct cma_request request = { .count = BLOCK, .gfp = GFP_ATOMIC };

	cma_set_ready_max(&fake->cma, 0);
	__set_bit(77, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	__clear_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	cma_fake_expect_free(fake, 0, BLOCK);
}

static struct kunit_case cma_atomic_cases[] = {
	KUNIT_CASE(a_request_that_cannot_sleep_gets_ready_memory),
	KUNIT_CASE(a_request_that_cannot_sleep_gets_what_is_free),
	KUNIT_CASE(a_request_that_cannot_sleep_gets_ready_and_free_memory_together),
	KUNIT_CASE(a_request_that_cannot_sleep_has_no_ready_memory_lent_in_vain),
	KUNIT_CASE(a_request_that_cannot_sleep_goes_on_while_nothing_was_lent),
	KUNIT_CASE(what_others_have_just_claimed_has_no_ready_memory_lent),
	KUNIT_CASE(a_run_of_few_parts_is_looked_at_and_no_other),
	KUNIT_CASE(a_request_that_cannot_sleep_leaves_no_note_behind),
	KUNIT_CASE(a_request_that_cannot_sleep_passes_by_what_is_known_to_be_stuck),
	KUNIT_CASE(a_request_that_cannot_sleep_does_not_wait_for_others),
	KUNIT_CASE(a_limit_holds_for_ready_memory),
	KUNIT_CASE(a_request_that_cannot_sleep_gets_what_is_free_whatever_is_known),
	{}
};

static struct kunit_suite cma_atomic_suite = {
	.name = "cma_atomic",
	.test_cases = cma_atomic_cases,
};

kunit_test_suite(cma_atomic_suite);

MODULE_DESCRIPTION("Tests of contiguous memory for tasks that can't sleep");
MODULE_LICENSE("GPL");
