// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/search.c: that a request gets a run where there is one, and that it
 * ends in time where there is none. tools/testing/cma/user/search_test.c compares
 * what it gets with what there is, at random.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	#  allocated
 *	x  a page that won't move	d  a page that would have to be copied
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/log2.h>

#include "fake.h"

#define BLOCK		FAKE_BLOCK
#define NORETRY		(GFP_KERNEL | __GFP_NORETRY)

/* ---- READY memory is no barrier ---- */

static unsigned int attempts_at(const struct cma_fake *fake, unsigned long start)
{
	unsigned int i, nr = 0;

	for (i = 0; i < fake->nr_attempts && i < FAKE_LOG; i++)
		nr += fake->attempts[i] == start;
	return nr;
}

/*
 *	|.x..|....|rx..|....|	two blocks aligned to two: either window is tried in
 *				each round, whatever is READY of it
 */
static void ready_memory_hides_no_run_from_a_thorough_attempt(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);
	struct cma_request request = {
		.count = 2 * BLOCK, .align = ilog2(2 * BLOCK), .gfp = GFP_KERNEL,
	};

	__set_bit(100, fake->stuck);
	__set_bit(2 * BLOCK + 100, fake->stuck);
	cma_fake_make_ready(fake, 2 * BLOCK, 50);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EBUSY);
	KUNIT_EXPECT_EQ(test, attempts_at(fake, 0), 5);
	KUNIT_EXPECT_EQ(test, attempts_at(fake, 2 * BLOCK), 5);

	/* What the attempts have kept doesn't hide it either. */
	__clear_bit(2 * BLOCK + 100, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 2 * BLOCK);
	cma_fake_expect_free(fake, 2 * BLOCK, 2 * BLOCK);
}

/*
 *	|####|###r|rrrr|rrrr|rrrr|r.r.|	all slots for extents are in use, so that
 *					nothing can be cut out of the middle of one
 */
static void a_run_is_had_though_an_extent_cannot_be_divided(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 8);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4 * BLOCK - 8, 0), 0);
	cma_fake_make_ready(fake, 4 * BLOCK - 8, 3 * BLOCK + 16);
	for (i = 0; i < CMA_MAX_EXTENTS - 1; i++)
		cma_fake_make_ready(fake, 7 * BLOCK + 16 + 2 * i, 1);
	KUNIT_ASSERT_EQ(test, fake->cma.ready.nr, CMA_MAX_EXTENTS);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, ilog2(2 * BLOCK)),
			4 * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_free(fake, 4 * BLOCK, 2 * BLOCK);
	cma_fake_expect_free(fake, 0, 4 * BLOCK - 8);
}

/* ---- What merely costs something ---- */

/*
 *	|dddd|dddd|	cheap memory can't be had: then it may cost something
 */
static void a_floor_is_reached_where_all_pages_have_to_be_copied(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	bitmap_set(fake->dear, 0, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fill(&fake->cma, BLOCK), CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	cma_fake_expect_usage(fake, BLOCK, BLOCK, 0, 0);
}

/*
 *	|.d..|....|....|	a small request goes elsewhere, and a large one
 *				wouldn't know why it should
 */
static void nothing_is_known_against_a_run_where_its_cost_does_not_matter(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);
	unsigned long large = 1025;

	__set_bit(8, fake->dear);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 16, 0), 9);
	cma_fake_expect_free(fake, 9, 16);
	/* It would be forgotten after a tenth of a second. */
	KUNIT_ASSERT_EQ(test, fake->cma.skip.nr, 1);
	fake->cma.skip.notes[0].until = (u32)jiffies + 60 * HZ;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 16, 0), 9);
	cma_fake_expect_free(fake, 9, 16);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, large, 0), 0);
	cma_fake_expect_free(fake, 0, large);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 4);
}

/* ---- How long it may take ---- */

/*
 *	|c...|		the other one doesn't end
 */
static void a_wait_for_others_ends_in_time(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 4, .gfp = GFP_KERNEL, .timeout_ms = 50,
	};
	unsigned long began = jiffies;
	struct cma_claim other;

	KUNIT_ASSERT_TRUE(test, cma_claim_at(&fake->cma, cma_extent_at(0, 4), true, &other));
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EBUSY);
	KUNIT_EXPECT_TRUE(test, time_after_eq(jiffies, began +
					      msecs_to_jiffies(50)));
	cma_abort(&fake->cma, &other);
}

/* It would be four thorough attempts more, and pauses in between. */
static void nothing_is_tried_again_when_time_is_up(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = BLOCK, .gfp = GFP_KERNEL, .timeout_ms = 1,
	};

	__set_bit(BLOCK / 2, fake->stuck);
	fake->takes_ms = 50;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EBUSY);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	/* But what takes longer and succeeds is a success. */
	__clear_bit(BLOCK / 2, fake->stuck);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	cma_fake_expect_free(fake, 0, BLOCK);
}

static long patience(struct cma_fake *fake, gfp_t gfp, unsigned int timeout_ms)
{
	struct cma_request request = {
		.count = 1, .gfp = gfp, .timeout_ms = timeout_ms,
	};
	unsigned long began = jiffies;
	long found = cma_fake_request(fake, &request);

	cma_fake_expect_free(fake, found, 1);
	return jiffies_to_msecs(fake->deadline - began);
}

static void the_deadline_of_an_evacuation_is_what_was_asked_for(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_EXPECT_GE(test, patience(fake, GFP_KERNEL, 0), 10000);
	KUNIT_EXPECT_LT(test, patience(fake, GFP_KERNEL, 0), 60000);
	KUNIT_EXPECT_LT(test, patience(fake, NORETRY, 0), 10000);
	KUNIT_EXPECT_GE(test, patience(fake, GFP_KERNEL | __GFP_RETRY_MAYFAIL,
				       0), 60000);
	KUNIT_EXPECT_GE(test, patience(fake, NORETRY, 20000), 20000);
	KUNIT_EXPECT_LT(test, patience(fake, GFP_KERNEL, 5), 10000);
}

static struct kunit_case cma_success_cases[] = {
	KUNIT_CASE(ready_memory_hides_no_run_from_a_thorough_attempt),
	KUNIT_CASE(a_run_is_had_though_an_extent_cannot_be_divided),
	KUNIT_CASE(a_floor_is_reached_where_all_pages_have_to_be_copied),
	KUNIT_CASE(nothing_is_known_against_a_run_where_its_cost_does_not_matter),
	KUNIT_CASE(a_wait_for_others_ends_in_time),
	KUNIT_CASE(nothing_is_tried_again_when_time_is_up),
	KUNIT_CASE(the_deadline_of_an_evacuation_is_what_was_asked_for),
	{}
};

static struct kunit_suite cma_success_suite = {
	.name = "cma_success",
	.test_cases = cma_success_cases,
};

kunit_test_suite(cma_success_suite);

MODULE_DESCRIPTION("Tests of whether a contiguous memory request succeeds, in time");
MODULE_LICENSE("GPL");
