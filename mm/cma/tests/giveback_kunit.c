// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/giveback.c: the ways of a run back to the page allocator or to READY
 * memory, and how much of that there may be.
 *
 *	.  lent		r  READY	c  claimed	#  allocated	h  held by another
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/mm.h>

#include "fake.h"
#include "real.h"

#define BLOCK		FAKE_BLOCK

static unsigned long withdraw(struct cma_fake *fake, unsigned long from,
			      unsigned long to, unsigned long most)
{
	return cma_lend_ready(&fake->cma, cma_extent_between(from, to), most);
}

/*
 *	cccccccc  ->  cc|cccccc
 */
static void the_parts_of_a_claim_end_apart(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim, rest;

	cma_fake_enter(fake, 8);
	KUNIT_ASSERT_TRUE(test, cma_retire(&fake->cma, cma_extent_at(0, 8), &claim));
	cma_split_claim(&fake->cma, &claim, 2, &rest);
	cma_fake_expect_usage(fake, BLOCK - 8, 0, 8, 0);
	cma_abort(&fake->cma, &claim);
	cma_fake_expect_usage(fake, BLOCK - 6, 0, 6, 0);
	cma_abort(&fake->cma, &rest);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	|cccc....|	both parts of it isolate the block as all of it did
 */
static void a_part_of_a_claim_keeps_others_out_like_the_whole(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim, rest, other;

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &claim, 4, 0), CMA_FOUND_RUN);
	cma_split_claim(&fake->cma, &claim, 2, &rest);
	KUNIT_EXPECT_EQ(test, cma_fake_claim(fake, &other, 1, 0), CMA_FOUND_CONFLICT);
	cma_abort(&fake->cma, &claim);
	KUNIT_EXPECT_EQ(test, cma_fake_claim(fake, &other, 1, 0), CMA_FOUND_CONFLICT);
	cma_abort(&fake->cma, &rest);
	KUNIT_EXPECT_EQ(test, cma_fake_claim(fake, &other, 1, 0), CMA_FOUND_RUN);
	cma_abort(&fake->cma, &other);
}

/* ---- What comes back ---- */

static void what_may_not_be_kept_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	bitmap_fill(fake->odd, FAKE_MAX_PAGES);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	[........][...#....][........]  ->  rrrrrrrr........rrrrrrrr
 *		      !			units of eight pages, one page isn't fit
 */
static void what_is_fit_on_both_sides_of_an_odd_page_is_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);
	struct cma_return ret = { };

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 24, 0), 0);
	__set_bit(11, fake->odd);
	KUNIT_EXPECT_EQ(test, cma_take_back(&fake->cma, cma_extent_at(0, 4), &ret),
			-EINVAL);
	cma_fake_expect_usage(fake, BLOCK - 24, 0, 0, 24);
	KUNIT_EXPECT_EQ(test, cma_take_back(&fake->cma, cma_extent_at(0, 3), &ret), 0);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 8);
	cma_fake_expect_usage(fake, BLOCK - 16, 16, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 1, 2), 0);
}

/*
 *	##h#h###  ->  rr.r.rrr
 */
static void what_is_between_two_odd_pages_is_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	bitmap_set(fake->odd, 2, 1);
	bitmap_set(fake->odd, 4, 1);
	cma_fake_expect_free(fake, 0, 8);
	cma_fake_expect_usage(fake, BLOCK - 6, 6, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 0, 8), 6);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 3, 4), 1);
}

/*
 *	##hh|####  ->  ....|rrrr	in units of four pages
 */
static void a_unit_with_an_odd_page_is_lent_as_a_whole(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 2);

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	bitmap_set(fake->odd, 2, 2);
	cma_fake_expect_free(fake, 0, 8);
	cma_fake_expect_usage(fake, BLOCK - 4, 4, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 1, 2), 1);
}

/*
 *	####|##..	in units of four pages; six were asked for
 */
static void a_unit_comes_back_with_the_end_of_its_run_only(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 2);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 6, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 3, 3), -EINVAL);
	cma_fake_expect_usage(fake, BLOCK - 8, 0, 0, 8);
	cma_fake_expect_free(fake, 4, 2);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	####|###+	in units of four pages; all eight were asked for, and not all
 *			are given back: their owner would have another one with them
 */
static void what_is_still_in_use_of_a_unit_is_not_taken_away(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 2);
	unsigned long count;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	for (count = 5; count < 8; count++)
		KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, count), -EINVAL);
	cma_fake_expect_usage(fake, BLOCK - 8, 0, 0, 8);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_free(fake, 4, 4);

	/* Of its next owner that may be said again. */
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 7, 0), 0);
	cma_fake_expect_free(fake, 0, 8);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 7), -EINVAL);
	cma_fake_expect_free(fake, 0, 8);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/**
 * struct walks - how often pages are looked at on their way back
 * @evacuator: the area's, but for what counts
 * @plain: the area's
 * @nr_pieces: parts of a run that had different fates
 * @nr: chunks that were walked, in search of what isn't fit
 */
static struct walks {
	struct cma_evacuator evacuator;
	const struct cma_evacuator *plain;
	unsigned int nr_pieces;
	unsigned int nr;
} walks;

/*
 * Where the walk has come to is kept in @ret, and told a page too low here: it isn't
 * found out that this is wrong, unless there is another walk.
 */
static void count_walks(struct cma *cma, struct cma_return *ret)
{
	unsigned long end = ret->mixed_end, told = end;

	if (end > ret->pfn + 1)
		told--;
	ret->mixed_end = told;
	walks.plain->take_back(cma, ret);
	walks.nr_pieces++;
	if (ret->mixed_end != told)
		walks.nr++;
	else
		ret->mixed_end = end;
}

/*
 *	#h#h#h#h  ->  r.r.r.r.	each other page is held: as many pieces as there are
 *				pages, and each of them is looked at as often as in one
 */
static void a_run_in_many_pieces_is_walked_once(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	const unsigned long nr_pages = 1024;
	struct cma_return ret = { };
	struct page *page;
	unsigned long i;

	cma_real_lend(cma);
	page = cma_alloc(cma, nr_pages, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_real_lend(cma);
	for (i = 1; i < nr_pages; i += 2)
		get_page(page + i);
	walks = (struct walks){ .plain = cma->evacuator, .evacuator = *cma->evacuator };
	walks.evacuator.take_back = count_walks;
	cma->evacuator = &walks.evacuator;
	KUNIT_EXPECT_EQ(test, cma_take_back(cma, cma_pages_to_run(cma, page_to_pfn(page),
								  nr_pages),
					    &ret), 0);
	cma->evacuator = walks.plain;
	KUNIT_EXPECT_EQ(test, ret.nr_held, nr_pages / 2);
	KUNIT_EXPECT_GE(test, walks.nr_pieces, nr_pages - 1);
	KUNIT_EXPECT_LE(test, walks.nr, nr_pages / 64);
	for (i = 1; i < nr_pages; i += 2)
		put_page(page + i);
	drain_all_pages(NULL);
	cma_real_lend(cma);
	KUNIT_EXPECT_TRUE(test, cma_check(cma));
}

/* ---- What is withdrawn ---- */

static void a_run_in_use_is_not_withdrawn_with_its_neighbours(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

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
 *	rrrrrrrr  ->  rrrrr...	from above, for requests are served from below
 */
static void so_much_as_is_wanted_is_withdrawn_from_above(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	cma_fake_make_ready(fake, 0, 8);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, 3), 3);
	cma_fake_expect_usage(fake, BLOCK - 5, 5, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 0, 5), 5);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 0, BLOCK, 100), 5);
	cma_fake_expect_usage(fake, BLOCK, 0, 0, 0);
}

/*
 *	rrrrrrrr  ->  rr...rrr	units 2 to 4
 */
static void a_range_is_withdrawn_and_no_more(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	cma_fake_make_ready(fake, 0, 8);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 2, 5, ULONG_MAX), 3);
	cma_fake_expect_usage(fake, BLOCK - 5, 5, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, 2, 5), 0);
	KUNIT_EXPECT_EQ(test, withdraw(fake, 2, 5, ULONG_MAX), 0);
}

/*
 *	rrr#r#r#  ->  ...#r#r#	no slot for what would be left behind a hole, so
 *	 ^			all of the extent goes
 */
static void an_extent_that_cannot_be_divided_is_withdrawn_whole(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);
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

/* ---- Floor and ceiling ---- */

/*
 *	rrrrrrrr  ->  rr......
 */
static void a_lower_ceiling_lends_the_surplus(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	cma_fake_make_ready(fake, 0, 8);
	cma_set_ready_max(&fake->cma, 2);
	cma_fake_expect_usage(fake, BLOCK - 2, 2, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->cma.ready_max, 2);
}

static void a_ceiling_is_never_below_the_floor(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, 4);
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
	struct cma_fake *fake = cma_fake_create_block(test, 0);
	struct cma *cma = &fake->cma;

	fake->error = -ENOMEM;
	cma_set_ready_max(cma, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma->ready_max, BLOCK);
	cma_set_ready_min(cma, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma->ready_min, BLOCK);
}

static struct kunit_case cma_giveback_cases[] = {
	KUNIT_CASE(the_parts_of_a_claim_end_apart),
	KUNIT_CASE(a_part_of_a_claim_keeps_others_out_like_the_whole),
	KUNIT_CASE(what_may_not_be_kept_is_lent),
	KUNIT_CASE(what_is_fit_on_both_sides_of_an_odd_page_is_ready),
	KUNIT_CASE(what_is_between_two_odd_pages_is_ready),
	KUNIT_CASE(a_unit_with_an_odd_page_is_lent_as_a_whole),
	KUNIT_CASE(a_unit_comes_back_with_the_end_of_its_run_only),
	KUNIT_CASE(what_is_still_in_use_of_a_unit_is_not_taken_away),
	KUNIT_CASE(a_run_in_many_pieces_is_walked_once),
	KUNIT_CASE(a_run_in_use_is_not_withdrawn_with_its_neighbours),
	KUNIT_CASE(so_much_as_is_wanted_is_withdrawn_from_above),
	KUNIT_CASE(a_range_is_withdrawn_and_no_more),
	KUNIT_CASE(an_extent_that_cannot_be_divided_is_withdrawn_whole),
	KUNIT_CASE(a_lower_ceiling_lends_the_surplus),
	KUNIT_CASE(a_ceiling_is_never_below_the_floor),
	KUNIT_CASE(floor_and_ceiling_end_with_the_area),
	{}
};

static struct kunit_suite cma_giveback_suite = {
	.name = "cma_giveback",
	.test_cases = cma_giveback_cases,
};

kunit_test_suite(cma_giveback_suite);

MODULE_DESCRIPTION("Tests of how contiguous memory goes back");
MODULE_LICENSE("GPL");
