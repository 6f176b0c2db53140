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

/* A block of which so much may be READY. */
static struct cma_fake *create(struct kunit *test, unsigned long most)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_set_ready_max(&fake->cma, most);
	return fake;
}

static unsigned long nr_ready(struct cma_fake *fake, unsigned long from,
			      unsigned long to)
{
	return cma_extents_overlap(&fake->cma.ready, cma_extent_between(from, to));
}

static unsigned long withdraw(struct cma_fake *fake, unsigned long from,
			      unsigned long to, unsigned long most)
{
	return cma_withdraw(&fake->cma, cma_extent_between(from, to), most);
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
	struct cma_fake *fake = create(test, BLOCK);
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
	struct cma_fake *fake = create(test, BLOCK);
	struct runmap_query four = query(4);
	struct cma_extent run;

	cma_fake_make_ready(fake, 0, 6);
	KUNIT_ASSERT_TRUE(test, cma_serve(&fake->cma, &four, &run));
	cma_fake_expect_usage(fake, BLOCK - 6, 2, 0, 4);
	KUNIT_EXPECT_EQ(test, nr_ready(fake, 4, 6), 2);
	cma_fake_expect_free(fake, 0, 4);
}

/*
 *	rrr.rrr.	asked: ....
 */
static void lent_units_are_not_served(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);
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
	struct cma_fake *fake = create(test, BLOCK);

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
	struct cma_fake *fake = create(test, BLOCK);

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
	struct cma_fake *fake = create(test, BLOCK);

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
	struct cma_fake *fake = create(test, BLOCK);

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
	struct cma_fake *fake = create(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 1, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->cma.stats.release_pages), 4);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
}

static void a_run_in_use_is_not_withdrawn_with_its_neighbours(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 2);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 4);
	cma_fake_expect_free(fake, 0, 2);
	cma_fake_expect_free(fake, 4, 2);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, ULONG_MAX), 4);
	cma_fake_expect_usage(fake, BLOCK - 2, 0, 0, 2);
	cma_fake_expect_free(fake, 2, 2);
}

/*
 *	cccc....  ->  rrrr....
 */
static void a_claim_that_is_kept_is_ready(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);
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
	struct cma_fake *fake = create(test, BLOCK);
	struct cma_claim begun;

	claim(fake, 0, 4, &begun);
	bitmap_clear(fake->taken, 2, 2);
	cma_keep(&fake->cma, &begun, 2);
	cma_fake_expect_usage(fake, BLOCK - 2, 2, 0, 0);
	KUNIT_EXPECT_EQ(test, nr_ready(fake, 0, 2), 2);
}

/*
 *	cccc....  ->  ........
 */
static void a_claim_of_which_nothing_is_kept_is_lent(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);
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
	struct cma_fake *fake = create(test, 6);
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
	struct cma_fake *fake = create(test, 2);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	cma_fake_make_ready(fake, 2, 1);
	KUNIT_EXPECT_FALSE(test, cma_park(&fake->cma, cma_extent_at(0, 2)));
	cma_fake_expect_free(fake, 0, 2);
	cma_fake_expect_usage(fake, BLOCK - 1, 1, 0, 0);
}

static void what_may_not_be_kept_is_lent(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	bitmap_fill(fake->odd, FAKE_MAX_PAGES);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	r.r.r.r#r#...	as many extents as there can be; one more is lent, one
 *			that joins its neighbours is not
 */
static void a_release_without_a_slot_for_it_is_lent(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);
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

/*
 *	rrrrrrrr  ->  rrrrr...	from above, for requests are served from below
 */
static void so_much_as_is_wanted_is_withdrawn_from_above(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	cma_fake_make_ready(fake, 0, 8);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, 3), 3);
	cma_fake_expect_usage(fake, BLOCK - 5, 5, 0, 0);
	KUNIT_EXPECT_EQ(test, nr_ready(fake, 0, 5), 5);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, 100), 5);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	rrrrrrrr  ->  rr...rrr	units 2 to 4
 */
static void a_range_is_withdrawn_and_no_more(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	cma_fake_make_ready(fake, 0, 8);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 2, 5, ULONG_MAX), 3);
	cma_fake_expect_usage(fake, BLOCK - 5, 5, 0, 0);
	KUNIT_EXPECT_EQ(test, nr_ready(fake, 2, 5), 0);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 2, 5, ULONG_MAX), 0);
}

/*
 *	rrr#r#r#  ->  ...#r#r#	no slot for what would be left behind a hole, so
 *	 ^			all of the extent goes
 */
static void an_extent_that_cannot_be_divided_is_withdrawn_whole(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);
	unsigned long end = 2 * CMA_MAX_EXTENTS + 2, i;

	KUNIT_ASSERT_LE(test, end, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 3, 0), 0);
	for (i = 3; i < end; i++)
		KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), i);
	cma_fake_expect_free(fake, 0, 3);
	for (i = 4; i < end; i += 2)
		cma_fake_expect_free(fake, i, 1);
	KUNIT_ASSERT_EQ(test, fake->cma.ready.nr, CMA_MAX_EXTENTS);

	KUNIT_EXPECT_EQ(test, withdraw(fake, 1, 2, 1), 3);
	cma_fake_expect_usage(fake, BLOCK - end + 3, CMA_MAX_EXTENTS - 1, 0,
			      CMA_MAX_EXTENTS);
	for (i = 3; i < end; i += 2)
		cma_fake_expect_free(fake, i, 1);
}

/*
 *	rrrrrrrr  ->  rr......
 */
static void a_lower_ceiling_lends_the_surplus(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	cma_fake_make_ready(fake, 0, 8);
	cma_set_ready_max(&fake->cma, 2);
	cma_fake_expect_usage(fake, BLOCK - 2, 2, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->cma.ready_max, 2);
}

static void a_ceiling_is_never_below_the_floor(struct kunit *test)
{
	struct cma_fake *fake = create(test, 4);
	struct cma *cma = &fake->cma;

	cma_set_ready_min(cma, 8);
	KUNIT_EXPECT_EQ(test, cma->ready_min, 8);
	KUNIT_EXPECT_EQ(test, cma->ready_max, 8);
	cma_set_ready_max(cma, 6);
	KUNIT_EXPECT_EQ(test, cma->ready_min, 6);
	KUNIT_EXPECT_EQ(test, cma->ready_max, 6);
}

static void floor_and_ceiling_end_with_the_area(struct kunit *test)
{
	struct cma_fake *fake = create(test, 0);
	struct cma *cma = &fake->cma;

	fake->error = -ENOMEM;
	cma_set_ready_max(cma, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma->ready_max, BLOCK);
	cma_set_ready_min(cma, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma->ready_min, BLOCK);
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

static void the_audit_notices_a_ready_unit_that_is_lent(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	cma_fake_make_ready(fake, 0, 4);
	runmap_give(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_take(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
}

static void the_audit_notices_a_ready_unit_that_is_allocated(struct kunit *test)
{
	struct cma_fake *fake = create(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_ASSERT_TRUE(test, cma_extents_put(&fake->cma.ready, cma_extent_at(3, 1)));
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	KUNIT_ASSERT_TRUE(test, cma_extents_cut(&fake->cma.ready, cma_extent_at(3, 1)));
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	cma_fake_expect_free(fake, 0, 4);
}

static struct kunit_case cma_keep_cases[] = {
	KUNIT_CASE(serving_hands_out_ready_units),
	KUNIT_CASE(serving_leaves_the_rest_of_an_extent_ready),
	KUNIT_CASE(lent_units_are_not_served),
	KUNIT_CASE(a_parked_run_is_ready),
	KUNIT_CASE(neighbours_that_are_ready_become_one),
	KUNIT_CASE(a_part_of_a_run_is_parked_on_its_own),
	KUNIT_CASE(a_run_is_parked_once),
	KUNIT_CASE(a_second_release_of_a_parked_run_is_refused),
	KUNIT_CASE(a_run_in_use_is_not_withdrawn_with_its_neighbours),
	KUNIT_CASE(a_claim_that_is_kept_is_ready),
	KUNIT_CASE(what_a_kept_claim_has_not_got_is_lent),
	KUNIT_CASE(a_claim_of_which_nothing_is_kept_is_lent),
	KUNIT_CASE(a_claim_beyond_the_ceiling_is_lent),
	KUNIT_CASE(a_release_beyond_the_ceiling_is_lent),
	KUNIT_CASE(what_may_not_be_kept_is_lent),
	KUNIT_CASE(a_release_without_a_slot_for_it_is_lent),
	KUNIT_CASE(so_much_as_is_wanted_is_withdrawn_from_above),
	KUNIT_CASE(a_range_is_withdrawn_and_no_more),
	KUNIT_CASE(an_extent_that_cannot_be_divided_is_withdrawn_whole),
	KUNIT_CASE(a_lower_ceiling_lends_the_surplus),
	KUNIT_CASE(a_ceiling_is_never_below_the_floor),
	KUNIT_CASE(floor_and_ceiling_end_with_the_area),
	KUNIT_CASE(ready_units_of_several_pages_are_counted_in_pages),
	KUNIT_CASE(the_audit_notices_a_ready_unit_that_is_lent),
	KUNIT_CASE(the_audit_notices_a_ready_unit_that_is_allocated),
	{}
};

static struct kunit_suite cma_keep_suite = {
	.name = "cma_keep",
	.test_cases = cma_keep_cases,
};

kunit_test_suite(cma_keep_suite);

MODULE_DESCRIPTION("Tests of READY contiguous memory");
MODULE_LICENSE("GPL");
