// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/pool.c: floors that can't be reached in long runs, and those for which
 * there are too many short ones already.
 *
 * In the pictures a letter stands for some pages; bars part blocks of
 * CMA_EXCLUSION_PAGES.
 *
 *	.  lent		r  READY	#  allocated
 *	x  a page that won't move
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

/*
 *	|..x.|..x.|  ->  |rrxr|rrxr|	less than a block is missing at the end
 */
static void the_rest_of_a_floor_is_made_of_crumbs(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	__set_bit(BLOCK / 2, fake->stuck);
	__set_bit(2 * BLOCK - BLOCK / 4, fake->stuck);
	cma_set_ready_min(&fake->cma, 2 * BLOCK - 2);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_EQ(test, fake->cma.floor_misses, 0);
	cma_fake_expect_usage(fake, 2, 2 * BLOCK - 2, 0, 0);
}

/*
 *	|#...|  ->  |#rrr|	less than a block is left, and all of it is wanted
 */
static void a_floor_of_all_of_an_area_takes_what_is_left_of_it(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), 0);
	cma_set_ready_min(&fake->cma, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, 0, BLOCK - 1, 0, 1);
	cma_set_ready_min(&fake->cma, 0);
	cma_fake_expect_free(fake, 0, 1);
}

/*
 *	|.#.#|####|  ->  |.#.#|rrrr|	others will be given back, and crumbs have no use for the
 *					requests that the floor is for
 */
static void a_floor_of_a_part_of_an_area_is_not_made_of_crumbs(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);
	unsigned long i;

	cma_set_ready_max(&fake->cma, 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	for (i = 0; i < BLOCK; i += 2)
		cma_fake_expect_free(fake, i, 1);
	cma_set_ready_max(&fake->cma, BLOCK);
	cma_set_ready_min(&fake->cma, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK / 2, 0, 0, 3 * BLOCK / 2);
	cma_fake_expect_free(fake, BLOCK, BLOCK);
	flush_work(&fake->cma.ready_work.work);
	cma_fake_expect_usage(fake, BLOCK / 2, BLOCK, 0, BLOCK / 2);
	for (i = 1; i < BLOCK; i += 2)
		cma_fake_expect_free(fake, i, 1);
}

/*
 *	|#...|#...|  ->  |#rrr|#rr.|	a pageblock of 512 MiB is more than requests are for
 */
static void a_floor_is_made_of_less_than_large_pageblocks(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	if (pageblock_nr_pages <= SZ_4M >> PAGE_SHIFT)
		kunit_skip(test, "pageblocks are small");
	cma_set_ready_max(&fake->cma, 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	cma_fake_expect_free(fake, 1, BLOCK - 1);
	cma_fake_expect_free(fake, BLOCK + 1, BLOCK - 1);
	cma_set_ready_max(&fake->cma, 2 * BLOCK);
	cma_set_ready_min(&fake->cma, BLOCK + 8);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_GE(test, fake->cma.ready.total, BLOCK + 8);
	cma_set_ready_min(&fake->cma, 0);
	cma_fake_expect_free(fake, 0, 1);
	cma_fake_expect_free(fake, BLOCK, 1);
}

/* Some pages are READY, and then some aren't, as often as can be; the end of these. */
static unsigned long use_all_extents(struct cma_fake *fake, unsigned long nr_pages)
{
	unsigned long end = 2 * nr_pages * CMA_MAX_EXTENTS, i;
	struct kunit *test = fake->test;

	KUNIT_ASSERT_LE(test, end, fake->cma.nr_pages / 2);
	for (i = 0; i < end; i += nr_pages)
		KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, nr_pages, 0), i);
	for (i = 0; i < end; i += 2 * nr_pages)
		cma_fake_expect_free(fake, i, nr_pages);
	return end;
}

static void release_others(struct cma_fake *fake, unsigned long end, unsigned long nr_pages)
{
	unsigned long i;

	cma_set_ready_min(&fake->cma, 0);
	for (i = nr_pages; i < end; i += 2 * nr_pages)
		cma_fake_expect_free(fake, i, nr_pages);
}

/*
 *	|r#r#r#..|....|  ->  |.#r#r#..|rrrr|	there can't be more extents than before
 */
static void the_shortest_extent_makes_way_for_a_floor(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);
	unsigned long end = use_all_extents(fake, 1);

	cma_set_ready_min(&fake->cma, 2 * BLOCK);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_EQ(test, fake->cma.floor_misses, 0);
	cma_fake_expect_usage(fake, 2 * BLOCK - end / 2, 2 * BLOCK, 0, end / 2);
	release_others(fake, end, 1);
}

/*
 *	|rr##rr##rr##..|....|	none of them is shorter than what is lacking, nor next to it,
 *				and less isn't evacuated in vain after that
 */
static void a_floor_without_a_slot_is_given_up_for_now(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 4);
	unsigned long end = use_all_extents(fake, 2);

	fake->nr_attempts = 0;
	cma_set_ready_min(&fake->cma, end / 2 + 2);
	flush_work(&fake->cma.ready_work.work);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&fake->cma.ready_work));
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
	cma_fake_expect_usage(fake, 4 * BLOCK - end, end / 2, 0, end / 2);
	release_others(fake, end, 2);
}

static struct kunit_case cma_pool_crumbs_cases[] = {
	KUNIT_CASE(the_rest_of_a_floor_is_made_of_crumbs),
	KUNIT_CASE(a_floor_of_all_of_an_area_takes_what_is_left_of_it),
	KUNIT_CASE(a_floor_of_a_part_of_an_area_is_not_made_of_crumbs),
	KUNIT_CASE(a_floor_is_made_of_less_than_large_pageblocks),
	KUNIT_CASE(the_shortest_extent_makes_way_for_a_floor),
	KUNIT_CASE(a_floor_without_a_slot_is_given_up_for_now),
	{}
};

static struct kunit_suite cma_pool_crumbs_suite = {
	.name = "cma_pool_crumbs",
	.test_cases = cma_pool_crumbs_cases,
};

kunit_test_suite(cma_pool_crumbs_suite);

MODULE_DESCRIPTION("Tests of floors of contiguous memory that take what there is");
MODULE_LICENSE("GPL");
