// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/state.c: how units become READY and what becomes of them, one
 * arrow of the diagram in mm/cma/area.h after the other.
 *
 * In the pictures a letter stands for some pages.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

static struct runmap_query query(unsigned long count)
{
	return (struct runmap_query){ .count = count, .to = ULONG_MAX };
}

/* Claim and take, as a request does that succeeds. */
static void claim(struct cma_fake *fake, unsigned long start,
		  unsigned long count, struct cma_claim *claim)
{
	KUNIT_ASSERT_TRUE(fake->test,
			  cma_claim_at(&fake->cma, cma_extent_at(start, count), false, claim));
	bitmap_set(fake->taken, start, count);
}

/*
 *	rrrr....  ->  ####....
 */
static void serving_hands_out_ready_units(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct runmap_query four = query(4);
	struct cma_extent run;

	cma_fake_make_ready(fake, 8, 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
	KUNIT_ASSERT_TRUE(test, cma_serve(&fake->cma, &four, &run));
	KUNIT_EXPECT_EQ(test, run.start, 8);
	KUNIT_EXPECT_EQ(test, run.count, 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 0, 0, 4);
	KUNIT_EXPECT_TRUE(test, cma_are_allocated(&fake->cma, FAKE_BASE_PFN + 8, 4));
	cma_fake_expect_free(fake, 8, 4);
}

/*
 *	rrrrrr..  ->  ####rr..
 */
static void serving_leaves_the_rest_of_an_extent_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct runmap_query four = query(4);
	struct cma_extent run;

	cma_fake_make_ready(fake, 0, 6);
	KUNIT_ASSERT_TRUE(test, cma_serve(&fake->cma, &four, &run));
	cma_fake_expect_usage(fake, BLOCK - 6, 2, 0, 4);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 4, 6), 2);
	cma_fake_expect_free(fake, 0, 4);
}

/*
 *	rrr.rrr.	asked: ....
 */
static void lent_units_are_not_served(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct runmap_query four = query(4);
	struct cma_extent run;

	KUNIT_EXPECT_FALSE(test, cma_serve(&fake->cma, &four, &run));
	cma_fake_make_ready(fake, 0, 3);
	cma_fake_make_ready(fake, 4, 3);
	KUNIT_EXPECT_FALSE(test, cma_serve(&fake->cma, &four, &run));
	cma_fake_expect_usage(fake, BLOCK - 6, 6, 0, 0);
}

/*
 *	####....  ->  rrrr....
 */
static void a_parked_run_is_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_TRUE(test, cma_park(&fake->cma, cma_extent_at(0, 4)));
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
	KUNIT_EXPECT_FALSE(test, cma_are_allocated(&fake->cma, FAKE_BASE_PFN, 4));
}

/*
 *	rr####..  ->  rrrrrr..
 */
static void neighbours_that_are_ready_become_one(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 2);
	KUNIT_EXPECT_TRUE(test, cma_park(&fake->cma, cma_extent_at(0, 2)));
	KUNIT_EXPECT_TRUE(test, cma_park(&fake->cma, cma_extent_at(2, 4)));
	KUNIT_EXPECT_EQ(test, fake->cma.ready.nr, 1);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 6, 0), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.ready_hits), 1);
	cma_fake_expect_free(fake, 0, 6);
}

/*
 *	####....  ->  ##rr....  ->  rrrr....
 */
static void a_part_of_a_run_is_parked_on_its_own(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(0, 5)));
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(0, 0)));
	KUNIT_EXPECT_TRUE(test, cma_park(&fake->cma, cma_extent_at(2, 2)));
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(1, 2)));
	cma_fake_expect_usage(fake, BLOCK - 4, 2, 0, 2);
	KUNIT_EXPECT_TRUE(test, cma_park(&fake->cma, cma_extent_at(0, 2)));
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
}

static void a_run_is_parked_once(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_TRUE(test, cma_park(&fake->cma, cma_extent_at(0, 4)));
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(0, 4)));
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
}

/*
 *	rrrr....  ->  rrrr....	nothing is freed, nothing is READY twice
 */
static void a_second_release_of_a_parked_run_is_refused(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 1, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.release_pages), 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
}

/*
 *	cccc....  ->  rrrr....
 */
static void a_claim_that_is_kept_is_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct cma_claim begun;

	claim(fake, 0, 4, &begun);
	cma_fake_expect_usage(fake, BLOCK - 4, 0, 4, 0);
	cma_keep(&fake->cma, &begun, 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
}

/*
 *	cccc....  ->  rr......
 */
static void what_a_kept_claim_has_not_got_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct cma_claim begun;

	claim(fake, 0, 4, &begun);
	bitmap_clear(fake->taken, 2, 2);
	cma_keep(&fake->cma, &begun, 2);
	cma_fake_expect_usage(fake, BLOCK - 2, 2, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 0, 2), 2);
}

/*
 *	cccc....  ->  ........
 */
static void a_claim_of_which_nothing_is_kept_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	struct cma_claim begun;

	claim(fake, 0, 4, &begun);
	bitmap_clear(fake->taken, 0, 4);
	cma_keep(&fake->cma, &begun, 0);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	rrr.cccc  ->  rrr.....	there would be seven, and six are allowed
 */
static void a_claim_beyond_the_ceiling_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, 6);
	struct cma_claim begun;

	cma_fake_make_ready(fake, 0, 3);
	claim(fake, 4, 4, &begun);
	cma_keep(&fake->cma, &begun, 4);
	cma_fake_expect_usage(fake, BLOCK - 3, 3, 0, 0);
	KUNIT_EXPECT_EQ(test, bitmap_weight(fake->taken, FAKE_MAX_PAGES), 3);
}

/*
 *	##r.....  ->  ..r.....	one more is allowed, and two are given back
 */
static void a_release_beyond_the_ceiling_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, 2);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	cma_fake_make_ready(fake, 2, 1);
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(0, 2)));
	cma_fake_expect_free(fake, 0, 2);
	cma_fake_expect_usage(fake, BLOCK - 1, 1, 0, 0);
}

/*
 *	r.r.r.r#r#...	as many extents as there can be; one more is lent, one
 *			that joins its neighbours is not
 */
static void a_release_without_a_slot_for_it_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
	unsigned long end = 2 * CMA_MAX_EXTENTS, i;

	KUNIT_ASSERT_LE(test, end + 2, BLOCK);
	for (i = 0; i < end + 2; i++)
		KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), i);
	for (i = 0; i < end; i += 2)
		cma_fake_expect_free(fake, i, 1);
	KUNIT_EXPECT_EQ(test, fake->cma.ready.nr, CMA_MAX_EXTENTS);

	cma_fake_expect_free(fake, end, 1);
	cma_fake_expect_usage(fake, BLOCK - end - 1, end / 2, 0, end / 2 + 1);
	cma_fake_expect_free(fake, 1, 1);
	cma_fake_expect_usage(fake, BLOCK - end - 1, end / 2 + 1, 0, end / 2);
	KUNIT_EXPECT_EQ(test, fake->cma.ready.nr, CMA_MAX_EXTENTS - 1);

	for (i = 3; i < end + 2; i += 2)
		cma_fake_expect_free(fake, i, 1);
}

static void ready_units_of_several_pages_are_counted_in_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	cma_set_ready_max(&fake->cma, 20);
	KUNIT_EXPECT_EQ(test, fake->cma.ready_max, 2);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 9, 0), 0);
	cma_fake_expect_free(fake, 0, 9);
	cma_fake_expect_usage(fake, BLOCK - 16, 16, 0, 0);
}

static struct kunit_case cma_state_cases[] = {
	KUNIT_CASE(serving_hands_out_ready_units),
	KUNIT_CASE(serving_leaves_the_rest_of_an_extent_ready),
	KUNIT_CASE(lent_units_are_not_served),
	KUNIT_CASE(a_parked_run_is_ready),
	KUNIT_CASE(neighbours_that_are_ready_become_one),
	KUNIT_CASE(a_part_of_a_run_is_parked_on_its_own),
	KUNIT_CASE(a_run_is_parked_once),
	KUNIT_CASE(a_second_release_of_a_parked_run_is_refused),
	KUNIT_CASE(a_claim_that_is_kept_is_ready),
	KUNIT_CASE(what_a_kept_claim_has_not_got_is_lent),
	KUNIT_CASE(a_claim_of_which_nothing_is_kept_is_lent),
	KUNIT_CASE(a_claim_beyond_the_ceiling_is_lent),
	KUNIT_CASE(a_release_beyond_the_ceiling_is_lent),
	KUNIT_CASE(a_release_without_a_slot_for_it_is_lent),
	KUNIT_CASE(ready_units_of_several_pages_are_counted_in_pages),
	{}
};

static struct kunit_suite cma_state_suite = {
	.name = "cma_state",
	.test_cases = cma_state_cases,
};

kunit_test_suite(cma_state_suite);

MODULE_DESCRIPTION("Tests of READY contiguous memory");
MODULE_LICENSE("GPL");
