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
#include <linux/log2.h>
#include <linux/string.h>

#include "fake.h"

#define HALF	(FAKE_BLOCK / 2)

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
	fake->cma.from_bottom = true;
	return fake;
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
	fake->cma.from_bottom = false;
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
 *	|a.|b.|cc|..|  ->  |..|b.|cc|..|  ->  |..|b.|cc|#.|
 *	|..|..|cc|..|  ->  |#.|..|cc|..|	when all are back
 */
static void where_one_came_back_the_cheapest_run_is_taken(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|cc|cc|cc|..|");
	long at;

	cma_set_ready_max(&fake->cma, 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, HALF, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, HALF, ilog2(2 * HALF)), 2 * HALF);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, HALF), 0);
	bitmap_set(fake->in_use, 0, 2 * HALF);
	at = cma_fake_alloc(fake, 2 * HALF, 0);
	KUNIT_EXPECT_EQ(test, at, 6 * HALF);
	cma_fake_release(fake, at, 2 * HALF);
	cma_fake_release(fake, 2 * HALF, HALF);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, HALF, 0), 0);
}

/*
 *	|x.|..|..|..|  ->  |x.|##|..|..|	after one attempt
 */
static void a_lowest_run_that_can_not_be_had_is_not_waited_for(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|..|..|..|");

	fake->patience = 3;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, ilog2(2 * HALF)), 2 * HALF);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 0);
}

/*
 *	|x.|xx|  ->  |x.|xx|	and is had thoroughly where there is no other one
 */
static void where_all_is_stuck_it_is_tried_as_ever(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|x.|");

	fake->patience = 2;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 0);
	KUNIT_EXPECT_GT(test, fake->nr_thorough, 0);
	cma_fake_expect_free(fake, 0, 2 * HALF);
}

/*
 *	|..|..|rr|..|  ->  |..|..|##|..|
 */
static void a_floor_of_ready_memory_is_used(struct kunit *test)
{
	struct cma_fake *fake = draw(test, "|..|..|rr|..|");

	fake->cma.ready_min = 2 * HALF;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * HALF, 0), 4 * HALF);
	KUNIT_EXPECT_EQ(test, fake->nr_reused, 1);
	fake->cma.ready_min = 0;
}

static struct kunit_case first_fit_cases[] = {
	KUNIT_CASE(the_lowest_run_is_taken_whatever_it_costs),
	KUNIT_CASE(the_lowest_run_is_taken_though_another_one_is_ready),
	KUNIT_CASE(the_lowest_run_is_taken_as_it_is_where_it_is_ready),
	KUNIT_CASE(the_lowest_run_may_be_ready_in_part),
	KUNIT_CASE(runs_that_come_one_after_the_other_are_in_that_order),
	KUNIT_CASE(where_one_came_back_the_cheapest_run_is_taken),
	KUNIT_CASE(a_lowest_run_that_can_not_be_had_is_not_waited_for),
	KUNIT_CASE(where_all_is_stuck_it_is_tried_as_ever),
	KUNIT_CASE(a_floor_of_ready_memory_is_used),
	{}
};

static struct kunit_suite first_fit_suite = {
	.name		= "cma_first_fit",
	.test_cases	= first_fit_cases,
};

kunit_test_suite(first_fit_suite);
