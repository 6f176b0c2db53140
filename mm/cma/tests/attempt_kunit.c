// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/attempt.c: what an attempt leaves behind, and what is tried before
 * READY memory is lent for it.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	#  allocated	c  claimed by somebody else
 *	x  a page that won't move
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "fake.h"

#define BLOCK		FAKE_BLOCK
#define NORETRY		(GFP_KERNEL | __GFP_NORETRY)

/* ---- Where to go on ---- */

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

static void an_interrupted_evacuation_ends_the_request(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);

	fake->error = -EINTR;
	cma_fake_expect_reason(fake, 1, GFP_KERNEL, CMA_REASON_INTERRUPTED);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
}

/* ---- What is known afterwards ---- */

static void a_page_that_is_met_again_stays_hot_for_longer(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_skip_note *note = fake->cma.skip.notes;
	u32 first;

	__set_bit(0, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	KUNIT_ASSERT_EQ(test, fake->cma.skip.nr, 1);
	first = note->until - (u32)jiffies;
	cma_fake_end_backoffs(fake);
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	KUNIT_ASSERT_EQ(test, fake->cma.skip.nr, 1);
	KUNIT_EXPECT_GT(test, note->until - (u32)jiffies, first + first / 2);
}

/* How long the backoff of the only note is. */
static unsigned int note_is_hot_for(struct cma_fake *fake)
{
	s32 left;

	KUNIT_ASSERT_EQ(fake->test, fake->cma.skip.nr, 1);
	left = fake->cma.skip.notes[0].until - (u32)jiffies;
	return jiffies_to_msecs(max(left, 0));
}

/*
 *	x.......	a page that somebody means to hold on to, one that isn't known,
 *			and one that would merely have to be copied
 */
static void what_is_passing_through_is_tried_again_soon(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_stats *stats = &fake->cma.stats;
	unsigned int lasting, passing;

	__set_bit(0, fake->stuck);
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	lasting = note_is_hot_for(fake);
	KUNIT_EXPECT_LE(test, lasting, 2000);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->blockers[CMA_PAGE_PINNED]), 1);

	cma_skip_clear(&fake->cma.skip);
	fake->silent = true;
	cma_fake_expect_reason(fake, BLOCK, NORETRY, CMA_REASON_BUSY);
	passing = note_is_hot_for(fake);
	KUNIT_EXPECT_LT(test, passing, lasting / 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->blockers[CMA_PAGE_NONE]), 1);

	/* Which is no blocker. */
	cma_skip_clear(&fake->cma.skip);
	__clear_bit(0, fake->stuck);
	__set_bit(8, fake->dear);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 16, 0), 9);
	KUNIT_EXPECT_LT(test, note_is_hot_for(fake), passing / 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->blockers[CMA_PAGE_OTHER]), 0);
	cma_fake_expect_free(fake, 9, 16);
}

static void a_page_that_has_moved_is_forgotten(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	__set_bit(77, fake->stuck);
	fake->patience = 1;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->cma.skip.nr, 0);
	cma_fake_expect_free(fake, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 3);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 1);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/* ---- What a failed attempt has made free ---- */

/*
 *	|....|....|	somebody looks at a page of the first run
 *	      ^^^^
 */
static void a_run_that_somebody_looks_at_is_lent_again(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	fake->refusals = 1;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), BLOCK);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, BLOCK);
	cma_fake_expect_free(fake, BLOCK, BLOCK);
}

/*
 *	...x....  ->  rrrx####
 */
static void pages_that_were_free_before_the_failure_are_kept(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);

	__set_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 78);
	cma_fake_expect_usage(fake, BLOCK - 177, 77, 0, 100);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 77, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, 0, 77);
	cma_fake_expect_free(fake, 78, 100);
}

static void pages_that_may_not_be_kept_are_lent_after_a_failure(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);

	cma_set_ready_max(&fake->cma, 76);
	__set_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 100, 0), 78);
	cma_fake_expect_usage(fake, BLOCK - 100, 0, 0, 100);
	cma_fake_expect_free(fake, 78, 100);
}

/* Units of 8 pages:	the 77th page is the sixth of its unit */
static void no_more_than_whole_units_are_kept(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	cma_set_ready_max(&fake->cma, BLOCK);
	__set_bit(77, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 96, 0), 80);
	cma_fake_expect_usage(fake, BLOCK - 72 - 96, 72, 0, 96);
	cma_fake_expect_free(fake, 80, 96);
}

/* ---- Before READY memory is lent ---- */

/*
 *	|rrrr|..x.|		all of it is wanted, and the page moves at last
 */
static void ready_memory_is_lent_for_a_thorough_attempt_as_well(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	cma_fake_make_ready(fake, 0, BLOCK);
	__set_bit(BLOCK + 77, fake->stuck);
	fake->patience = 3;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 4);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 3);
	cma_fake_expect_usage(fake, 0, 0, 0, 2 * BLOCK);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

/*
 *	|rrrr|..x.|		all of it is wanted, and the page is there to stay
 */
static void no_ready_memory_is_lent_for_what_is_seen_to_be_hopeless(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	fake->foresees = true;
	__set_bit(BLOCK + 77, fake->stuck);
	cma_fake_make_ready(fake, 0, BLOCK);
	cma_fake_expect_reason(fake, 2 * BLOCK, NORETRY, CMA_REASON_BUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
	cma_fake_expect_usage(fake, BLOCK, BLOCK, 0, 0);
	/* A thorough request tries, and what it has emptied is READY as well. */
	cma_fake_expect_reason(fake, 2 * BLOCK, GFP_KERNEL, CMA_REASON_BUSY);
	KUNIT_EXPECT_GT(test, fake->nr_thorough, 0);
	cma_fake_expect_usage(fake, BLOCK - 77, BLOCK + 77, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 0);
}

/*
 *	|rrrr|..x.|		and it moves for a thorough request
 */
static void what_is_seen_to_stay_is_tried_before_ready_memory_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	fake->foresees = true;
	fake->patience = 1;
	__set_bit(BLOCK + 77, fake->stuck);
	cma_fake_make_ready(fake, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, fake->attempts[0], BLOCK);
	cma_fake_expect_usage(fake, 0, 0, 0, 2 * BLOCK);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

/**
 * struct rival - another request, which gets a page of a run before it is claimed
 * @evacuator: the area's, but for what is foreseen
 * @claim: of that page
 * @begun: there is one
 */
static struct rival {
	struct cma_evacuator evacuator;
	struct cma_claim claim;
	bool begun;
} rival;

/* The page is in use, then, and looks as if it would stay. */
static bool foresee_rival(struct cma *cma, unsigned long pfn,
			  unsigned long nr_pages, struct cma_blocker *blocker)
{
	struct cma_extent run = cma_pages_to_run(cma, pfn, 1);

	if (rival.begun)
		return false;
	rival.begun = cma_claim_at(cma, run, false, &rival.claim);
	*blocker = (struct cma_blocker){ .pfn = pfn, .kind = CMA_PAGE_REFERENCED };
	return true;
}

/*
 *	|rrrr|....|  ->  |rrrr|c...|	all of it is wanted, and meanwhile somebody has
 *					got a page of it: that is no page that is stuck
 */
static void a_page_that_others_have_just_got_is_not_taken_for_stuck(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	struct cma_stats *stats = &fake->cma.stats;
	const struct cma_evacuator *plain = fake->cma.evacuator;
	struct cma_request request = { .count = 2 * BLOCK, .gfp = NORETRY };

	cma_fake_make_ready(fake, 0, BLOCK);
	rival = (struct rival){ .evacuator = *plain };
	rival.evacuator.foresee = foresee_rival;
	fake->cma.evacuator = &rival.evacuator;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EBUSY);
	fake->cma.evacuator = plain;
	KUNIT_ASSERT_TRUE(test, rival.begun);
	KUNIT_EXPECT_EQ(test, fake->cma.skip.nr, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->blockers[CMA_PAGE_REFERENCED]), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
	cma_fake_expect_usage(fake, BLOCK - 1, BLOCK, 1, 0);

	/* And as soon as that has gone the run is as good as any. */
	cma_abort(&fake->cma, &rival.claim);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
}

static struct cma_evacuator isolating;

/* Three blocks of an area that is evacuated so; where they are. */
static long request_three_blocks(struct cma_fake *fake,
				 int (*evacuate)(struct cma *cma,
						 struct cma_evacuation *evacuation))
{
	struct cma_request request = { .count = 3 * BLOCK, .gfp = GFP_KERNEL };
	const struct cma_evacuator *plain = fake->cma.evacuator;
	long offset;

	isolating = *plain;
	isolating.evacuate = evacuate;
	fake->cma.evacuator = &isolating;
	offset = cma_fake_request(fake, &request);
	fake->cma.evacuator = plain;
	return offset;
}

/* The third pageblock is somebody else's, who has it isolated. */
static int evacuate_two_blocks(struct cma *cma, struct cma_evacuation *evacuation)
{
	unsigned long third = FAKE_BASE_PFN + 2 * BLOCK;

	if (evacuation->pfn + evacuation->nr_pages <= third || evacuation->pfn >= third + BLOCK)
		return cma_fake_evacuator.evacuate(cma, evacuation);
	evacuation->blocker = (struct cma_blocker){ .pfn = third };
	return -EBUSY;
}

/*
 *	|....|....|iiii|....|....|....|	two that have the third one would fail as well
 *	 ^^^^^^^^^^^^^^
 */
static void a_block_that_cannot_be_isolated_is_passed_by_itself(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 6);

	KUNIT_EXPECT_EQ(test, request_three_blocks(fake, evacuate_two_blocks), 3 * BLOCK);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.attempts), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.blockers[CMA_PAGE_NONE]), 1);
	cma_fake_expect_free(fake, 3 * BLOCK, 3 * BLOCK);
}

/* It has taken some passes, and the last one was over the third pageblock. */
static int evacuate_at_length(struct cma *cma, struct cma_evacuation *evacuation)
{
	int err = cma_fake_evacuator.evacuate(cma, evacuation);

	if (!err)
		evacuation->blocker.pfn = FAKE_BASE_PFN + 2 * BLOCK;
	return err;
}

/*
 *	|....|....|....|....|	all of it moves, and then somebody looks at a page: nobody knows
 *	 ^^^^^^^^^^^^^^		where that is
 */
static void what_has_moved_is_not_passed_by(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);

	fake->refusals = 1;
	KUNIT_EXPECT_EQ(test, request_three_blocks(fake, evacuate_at_length), BLOCK);
	cma_fake_expect_free(fake, BLOCK, 3 * BLOCK);
}

static struct kunit_case cma_attempt_cases[] = {
	KUNIT_CASE(the_next_candidate_lies_beyond_a_stuck_page),
	KUNIT_CASE(without_a_name_the_whole_run_is_passed_by),
	KUNIT_CASE(without_a_name_no_more_than_a_block_is_passed_by),
	KUNIT_CASE(a_block_that_cannot_be_isolated_is_passed_by_itself),
	KUNIT_CASE(what_has_moved_is_not_passed_by),
	KUNIT_CASE(a_page_that_is_foreseen_to_stay_costs_no_attempt),
	KUNIT_CASE(an_interrupted_evacuation_ends_the_request),
	KUNIT_CASE(a_page_that_is_met_again_stays_hot_for_longer),
	KUNIT_CASE(what_is_passing_through_is_tried_again_soon),
	KUNIT_CASE(a_page_that_has_moved_is_forgotten),
	KUNIT_CASE(a_run_that_somebody_looks_at_is_lent_again),
	KUNIT_CASE(pages_that_were_free_before_the_failure_are_kept),
	KUNIT_CASE(pages_that_may_not_be_kept_are_lent_after_a_failure),
	KUNIT_CASE(no_more_than_whole_units_are_kept),
	KUNIT_CASE(ready_memory_is_lent_for_a_thorough_attempt_as_well),
	KUNIT_CASE(no_ready_memory_is_lent_for_what_is_seen_to_be_hopeless),
	KUNIT_CASE(what_is_seen_to_stay_is_tried_before_ready_memory_is_lent),
	KUNIT_CASE(a_page_that_others_have_just_got_is_not_taken_for_stuck),
	{}
};

static struct kunit_suite cma_attempt_suite = {
	.name = "cma_attempt",
	.test_cases = cma_attempt_cases,
};

kunit_test_suite(cma_attempt_suite);

MODULE_DESCRIPTION("Tests of attempts to have a run of contiguous memory");
MODULE_LICENSE("GPL");
