// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/window.c: what an area keeps quick for its devices. demand_kunit.c has what
 * others see of that.
 *
 *	.  lent		w  lent, in a window	A  B  allocated		o  in use by somebody
 */
#include <kunit/test.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK
/* Blocks that are long enough to be kept in mind, and a run of so many. */
#define NR	max(2UL, DIV_ROUND_UP(CMA_DEMAND_PAGES, BLOCK))
#define LONG	(NR * BLOCK)

/* Blocks that are in windows, the lowest one rightmost. */
static unsigned long windows(struct cma_fake *fake)
{
	unsigned long block, seen = 0;

	for (block = 0; block < cma_nr_blocks(&fake->cma); block++)
		if (cma_in_window(&fake->cma, FAKE_BASE_PFN + block * BLOCK))
			seen |= BIT(block);
	KUNIT_EXPECT_EQ(fake->test, hweight_long(seen), fake->cma.windows.nr);
	return seen;
}

/* As if a device held so many blocks, but no lock is needed where nobody else is. */
static void open_window(struct cma_fake *fake, unsigned long block, unsigned long nr)
{
	struct cma_windows *windows = &fake->cma.windows;

	bitmap_set(windows->blocks, block, nr);
	windows->nr += nr;
	windows->nr_lent += nr * BLOCK;
}

static struct cma_fake *open_blocks(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, FAKE_MAX_BLOCKS);

	cma_set_ready_max(&fake->cma, 0);
	return fake;
}

/*
 *	|AAAA|AAAA|....|....|  ->  |wwww|wwww|....|....|
 */
static void where_a_long_run_was_is_a_window(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, windows(fake), 0);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), 0);
		cma_fake_expect_free(fake, 0, LONG);
		KUNIT_EXPECT_EQ(test, windows(fake), GENMASK(LONG / BLOCK - 1, 0));
	}
	/* Once is enough. */
	KUNIT_EXPECT_EQ(test, fake->nr_retyped, 1);
}

static void short_requests_leave_no_window(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, CMA_DEMAND_PAGES - 1, 0), 0);
	KUNIT_EXPECT_EQ(test, windows(fake), 0);
	KUNIT_EXPECT_EQ(test, fake->nr_retyped, 0);
	cma_fake_expect_free(fake, 0, CMA_DEMAND_PAGES - 1);
}

/*
 *	|#..A|AAAA|AAA.|....|  ->  |#...|wwww|....|....|	not what is left of others
 */
static void a_block_that_a_run_has_a_part_of_is_no_window(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, BLOCK / 2, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, (NR + 1) * BLOCK, 0), BLOCK / 2);
	KUNIT_EXPECT_EQ(test, windows(fake), GENMASK(NR, 1));
	cma_fake_expect_free(fake, 0, BLOCK / 2);
	cma_fake_expect_free(fake, BLOCK / 2, (NR + 1) * BLOCK);
}

/*
 *	|wwww|wwww|....|....|....|....|	something else is in it: the next request
 *	|oooo|oooo|AAAA|AAAA|....|....|	goes elsewhere, and takes the window along,
 *	|oooo|oooo|AAAA|AAAA|BBBB|BBBB|	but where there are two there are two windows
 */
static void as_much_is_kept_as_devices_had_at_once(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	long first, second;

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	cma_fake_expect_free(fake, 0, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, windows(fake), 0b11);
	KUNIT_EXPECT_EQ(test, fake->cma.windows.nr_lent, 2 * BLOCK);

	bitmap_set(fake->in_use, 0, 2 * BLOCK);
	first = cma_fake_alloc(fake, 2 * BLOCK, 0);
	KUNIT_ASSERT_GE(test, first, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, windows(fake), 0b11UL << first / BLOCK);
	KUNIT_EXPECT_EQ(test, fake->cma.windows.nr_stale, 2);
	KUNIT_EXPECT_EQ(test, fake->cma.windows.nr_lent, 0);
	second = cma_fake_alloc(fake, 2 * BLOCK, 0);
	KUNIT_ASSERT_GE(test, second, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, windows(fake), 0b11UL << first / BLOCK | 0b11UL << second / BLOCK);
	cma_fake_expect_free(fake, first, 2 * BLOCK);
	cma_fake_expect_free(fake, second, 2 * BLOCK);
	KUNIT_EXPECT_EQ(test, hweight_long(windows(fake)), 4);
}

static void no_more_is_kept_than_an_administrator_says(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);

	fake->cma.windows.max = BLOCK;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 4 * BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, hweight_long(windows(fake)), 1);
	cma_fake_expect_free(fake, 0, 4 * BLOCK);
	/* Another one takes its place. */
	bitmap_set(fake->in_use, 0, 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 4 * BLOCK, 0), 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, windows(fake), 0b10000);
	cma_fake_expect_free(fake, 4 * BLOCK, 4 * BLOCK);
}

/* What page cache alone may have is quick anyway. */
static void an_area_for_page_cache_alone_has_no_window(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);

	fake->cma.borrow = CMA_BORROW_CLEAN;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), 0);
	KUNIT_EXPECT_EQ(test, windows(fake), 0);
	cma_fake_expect_free(fake, 0, LONG);
}

/*
 *	|oooo|oooo|....|....|....|	the first request is for what is free; then
 *	|oooo|oooo|wwww|wwww|oooo|	all cost the same
 */
static void a_long_request_looks_at_windows_first(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	unsigned long nr_pages = fake->cma.nr_pages;
	long where;

	bitmap_set(fake->in_use, 0, 2 * BLOCK);
	where = cma_fake_alloc(fake, LONG, 0);
	KUNIT_ASSERT_GE(test, where, 2 * BLOCK);
	cma_fake_expect_free(fake, where, LONG);

	bitmap_set(fake->in_use, 0, nr_pages);
	fake->nr_looks = 0;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), where);
	KUNIT_EXPECT_EQ(test, fake->looks[0], where);
	cma_fake_expect_free(fake, where, LONG);

	bitmap_set(fake->in_use, 0, nr_pages);
	fake->nr_looks = 0;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 0), 0);
	cma_fake_expect_free(fake, 0, 1);
}

/* One that is free costs nothing at all, and what is looked for first is no other one. */
static void a_window_that_is_free_ends_the_search(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	long where;

	bitmap_set(fake->in_use, 0, 2 * BLOCK);
	where = cma_fake_alloc(fake, LONG, 0);
	cma_fake_expect_free(fake, where, LONG);
	bitmap_clear(fake->in_use, 0, 2 * BLOCK);
	fake->nr_looks = 0;
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), where);
	KUNIT_EXPECT_EQ(test, fake->nr_looks, 1);
	cma_fake_expect_free(fake, where, LONG);
}

/*
 *	|wwww|wwww|....|....|wwww|....|
 */
static void windows_are_found_one_after_the_other(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	struct cma_extent left = cma_all_units(&fake->cma), window;
	struct cma *cma = &fake->cma;

	KUNIT_EXPECT_FALSE(test, cma_next_window(cma, &left, &window));
	open_window(fake, 0, 2);
	open_window(fake, 4, 1);
	KUNIT_EXPECT_EQ(test, windows(fake), 0b10011);
	KUNIT_ASSERT_TRUE(test, cma_next_window(cma, &left, &window));
	KUNIT_EXPECT_EQ(test, window.start, 0);
	KUNIT_EXPECT_EQ(test, window.count, 2 * BLOCK);
	KUNIT_ASSERT_TRUE(test, cma_next_window(cma, &left, &window));
	KUNIT_EXPECT_EQ(test, window.start, 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, window.count, BLOCK);
	KUNIT_EXPECT_FALSE(test, cma_next_window(cma, &left, &window));

	left = cma_extent_between(BLOCK + 5, 4 * BLOCK + 7);
	KUNIT_EXPECT_EQ(test, cma_window_pages(cma, left), BLOCK - 5 + 7);
	KUNIT_ASSERT_TRUE(test, cma_next_window(cma, &left, &window));
	KUNIT_EXPECT_EQ(test, window.start, BLOCK + 5);
	KUNIT_EXPECT_EQ(test, window.count, BLOCK - 5);
	KUNIT_ASSERT_TRUE(test, cma_next_window(cma, &left, &window));
	KUNIT_EXPECT_EQ(test, window.start, 4 * BLOCK);
	KUNIT_EXPECT_EQ(test, window.count, 7);
	left = cma_extent_between(2 * BLOCK, 4 * BLOCK);
	KUNIT_EXPECT_FALSE(test, cma_next_window(cma, &left, &window));
}

/*
 *	|AAAA|AAAA|....|....|  and  |wwww|....|
 */
static void what_is_held_is_a_window_until_it_is_given_back(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	struct cma *cma = &fake->cma;
	unsigned long pfn = cma->base_pfn;

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), 0);
	KUNIT_EXPECT_FALSE(test, cma_close_window(cma, &pfn, false));
	KUNIT_EXPECT_EQ(test, windows(fake), GENMASK(NR - 1, 0));
	/* A part is enough. */
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, BLOCK / 2, BLOCK / 4), 0);
	pfn = cma->base_pfn;
	KUNIT_EXPECT_TRUE(test, cma_close_window(cma, &pfn, false));
	KUNIT_EXPECT_EQ(test, pfn, cma->base_pfn);
	KUNIT_EXPECT_EQ(test, windows(fake), GENMASK(NR - 1, 1));
	pfn = cma->base_pfn;
	while (cma_close_window(cma, &pfn, true))
		pfn += BLOCK;
	KUNIT_EXPECT_EQ(test, windows(fake), 0);
	KUNIT_EXPECT_EQ(test, cma->windows.peak, 0);
	cma_fake_expect_free(fake, 0, BLOCK / 2);
	cma_fake_expect_free(fake, BLOCK / 2 + BLOCK / 4, LONG - BLOCK / 2 - BLOCK / 4);
}

/*
 *	|AAAA|AAAA|BBBB|BBBB|  ->  |....|....|wwww|wwww|	A held for long
 */
static void when_the_demand_is_over_one_burst_of_requests_is_forgotten(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	struct cma *cma = &fake->cma;
	unsigned long pfn = cma->base_pfn;

	if (2 * NR > FAKE_MAX_BLOCKS / 2)
		kunit_skip(test, "pageblocks are too small for that");
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), LONG);
	KUNIT_EXPECT_EQ(test, cma->windows.peak, 2 * LONG);
	cma_fake_expect_free(fake, LONG, LONG);
	while (cma_close_window(cma, &pfn, false))
		pfn += BLOCK;
	KUNIT_EXPECT_EQ(test, windows(fake), GENMASK(NR - 1, 0));
	KUNIT_EXPECT_EQ(test, cma->windows.peak, LONG);
	cma_fake_expect_free(fake, 0, LONG);
}

static void what_was_a_window_is_stale_until_its_type_has_changed(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	struct cma *cma = &fake->cma;
	unsigned long pfn = cma->base_pfn, block = 0;

	KUNIT_EXPECT_FALSE(test, cma_take_stale(cma, &pfn));
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, LONG, 0), 0);
	cma_fake_expect_free(fake, 0, LONG);
	for (pfn = cma->base_pfn; cma_close_window(cma, &pfn, false); pfn += BLOCK)
		block++;
	KUNIT_EXPECT_EQ(test, block, NR);
	KUNIT_EXPECT_EQ(test, cma->windows.nr_stale, NR);

	pfn = cma->base_pfn;
	KUNIT_EXPECT_TRUE(test, cma_take_stale(cma, &pfn));
	KUNIT_EXPECT_EQ(test, pfn, cma->base_pfn);
	/* It has the wrong type still. */
	KUNIT_EXPECT_EQ(test, cma->windows.nr_stale, NR);
	/* Somebody had it isolated. */
	cma_end_stale(cma, pfn, false);
	KUNIT_EXPECT_EQ(test, cma->windows.nr_stale, NR);
	for (pfn = cma->base_pfn; cma_take_stale(cma, &pfn); pfn += BLOCK) {
		cma_end_stale(cma, pfn, true);
		block--;
	}
	KUNIT_EXPECT_EQ(test, block, 0);
	KUNIT_EXPECT_EQ(test, cma->windows.nr_stale, 0);
}

/* What is on its way isn't lent, whoever has asked for it. */
static void what_is_lent_in_windows_is_known(struct kunit *test)
{
	struct cma_fake *fake = open_blocks(test);
	struct cma *cma = &fake->cma;
	struct cma_claim claim;

	open_window(fake, 1, 2);
	KUNIT_ASSERT_TRUE(test, cma_claim_at(cma, cma_extent_at(BLOCK - 8, 24), false, &claim));
	KUNIT_EXPECT_EQ(test, cma->windows.nr_lent, 2 * BLOCK - 16);
	cma_abort(cma, &claim);
	KUNIT_EXPECT_EQ(test, cma->windows.nr_lent, 2 * BLOCK);
	KUNIT_EXPECT_TRUE(test, cma_check(cma));
	cma->windows.nr_lent--;
	KUNIT_EXPECT_FALSE(test, cma_check(cma));
	cma->windows.nr_lent++;
}

static struct kunit_case cma_window_cases[] = {
	KUNIT_CASE(where_a_long_run_was_is_a_window),
	KUNIT_CASE(short_requests_leave_no_window),
	KUNIT_CASE(a_block_that_a_run_has_a_part_of_is_no_window),
	KUNIT_CASE(as_much_is_kept_as_devices_had_at_once),
	KUNIT_CASE(no_more_is_kept_than_an_administrator_says),
	KUNIT_CASE(an_area_for_page_cache_alone_has_no_window),
	KUNIT_CASE(a_long_request_looks_at_windows_first),
	KUNIT_CASE(a_window_that_is_free_ends_the_search),
	KUNIT_CASE(windows_are_found_one_after_the_other),
	KUNIT_CASE(what_is_held_is_a_window_until_it_is_given_back),
	KUNIT_CASE(when_the_demand_is_over_one_burst_of_requests_is_forgotten),
	KUNIT_CASE(what_was_a_window_is_stale_until_its_type_has_changed),
	KUNIT_CASE(what_is_lent_in_windows_is_known),
	{}
};

static struct kunit_suite cma_window_suite = {
	.name = "cma_window",
	.test_cases = cma_window_cases,
};

kunit_test_suite(cma_window_suite);

MODULE_DESCRIPTION("Tests of what contiguous memory is kept quick for devices");
MODULE_LICENSE("GPL");
