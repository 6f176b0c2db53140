// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/extents.c. In the pictures there is one character for each
 * unit, from unit 0 on:
 *
 *	=  READY	.  not READY
 *
 * After each case the extents that it worked on are checked for consistency.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../extents.h"

#define MAX_PICTURE	64

/* A comb has as many teeth of three units as there are slots, or one less. */
#define TOOTH		8
#define COMB_UNITS	(CMA_MAX_EXTENTS * TOOTH)

static struct cma_extents *scene(struct kunit *test, const char *picture)
{
	struct cma_extents *ready = test->priv;
	unsigned long unit;

	cma_extents_clear(ready);
	for (unit = 0; picture[unit]; unit++)
		if (picture[unit] == '=')
			KUNIT_ASSERT_TRUE(test, cma_extents_put(ready, cma_extent_at(unit, 1)));
	return ready;
}

static void expect_scene(struct kunit *test, const char *picture)
{
	struct cma_extents *ready = test->priv;
	struct cma_extent all = cma_extent_at(0, strlen(picture));
	struct cma_extent left = all, piece;
	char drawn[MAX_PICTURE + 1] = "";

	KUNIT_ASSERT_LE(test, all.count, MAX_PICTURE);
	memset(drawn, '.', all.count);
	while (cma_extents_next(ready, &left, &piece))
		memset(drawn + piece.start, '=', piece.count);
	KUNIT_EXPECT_STREQ(test, drawn, picture);
	KUNIT_EXPECT_EQ(test, cma_extents_overlap(ready, all), ready->total);
}

/*
 *	===.....===.....===.....  ...  ===.....
 *	0       8       16             (teeth - 1) * 8
 */
static struct cma_extents *comb(struct kunit *test, unsigned int teeth)
{
	struct cma_extents *ready = scene(test, "");
	unsigned int i;

	for (i = 0; i < teeth; i++)
		KUNIT_ASSERT_TRUE(test, cma_extents_put(ready, cma_extent_at(i * TOOTH, 3)));
	KUNIT_ASSERT_EQ(test, ready->nr, teeth);
	return ready;
}

static unsigned long find_in(const struct cma_extents *ready, unsigned long count,
			     unsigned int align, unsigned long from,
			     unsigned long to)
{
	const struct runmap_query query = { count, align, from, to };

	return cma_extents_find(ready, &query, 0);
}

static unsigned long find(const struct cma_extents *ready, unsigned long count,
			  unsigned int align)
{
	return find_in(ready, count, align, 0, ULONG_MAX);
}

static unsigned long overlap(const struct cma_extents *ready, unsigned long from,
			     unsigned long to)
{
	return cma_extents_overlap(ready, cma_extent_between(from, to));
}

/* ---- Putting and cutting ---------------------------------------------- */

static void what_is_put_is_kept_in_ascending_order(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "");

	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(8, 2)));
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(1, 3)));
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(5, 1)));
	expect_scene(test, ".===.=..==..");
	KUNIT_EXPECT_EQ(test, ready->nr, 3);
	KUNIT_EXPECT_EQ(test, ready->total, 6);
}

static void what_is_put_merges_with_its_neighbours(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "..==....==..");

	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(4, 1)));
	expect_scene(test, "..===...==..");
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(7, 1)));
	expect_scene(test, "..===..===..");
	KUNIT_EXPECT_EQ(test, ready->nr, 2);
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(5, 2)));
	expect_scene(test, "..========..");
	KUNIT_EXPECT_EQ(test, ready->nr, 1);
}

static void a_cut_leaves_what_is_below_and_above_it(struct kunit *test)
{
	struct cma_extents *ready = scene(test, ".==========.");

	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(1, 2)));
	expect_scene(test, "...========.");
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(9, 2)));
	expect_scene(test, "...======...");
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(5, 1)));
	expect_scene(test, "...==.===...");
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(3, 2)));
	expect_scene(test, "......===...");
}

static void a_cut_outside_of_an_extent_changes_nothing(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "..===.===...");

	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(1, 2)));
	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(4, 2)));
	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(2, 7)));
	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(10, 1)));
	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(3, 0)));
	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(3, ULONG_MAX)));
	expect_scene(test, "..===.===...");
}

/* The comb has all slots; what would be an extent more is refused. */
static void a_full_array_refuses_what_needs_a_slot(struct kunit *test)
{
	struct cma_extents *ready = comb(test, CMA_MAX_EXTENTS);
	unsigned long total = ready->total;

	KUNIT_EXPECT_FALSE(test, cma_extents_put(ready, cma_extent_at(5, 1)));
	KUNIT_EXPECT_FALSE(test, cma_extents_put(ready, cma_extent_at(COMB_UNITS, 1)));
	KUNIT_EXPECT_FALSE(test, cma_extents_cut(ready, cma_extent_at(1, 1)));
	KUNIT_EXPECT_EQ(test, ready->total, total);
	KUNIT_EXPECT_EQ(test, ready->nr, CMA_MAX_EXTENTS);
}

static void a_full_array_takes_what_merges(struct kunit *test)
{
	struct cma_extents *ready = comb(test, CMA_MAX_EXTENTS);

	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(3, 1)));
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(7, 1)));
	KUNIT_EXPECT_EQ(test, ready->nr, CMA_MAX_EXTENTS);
	/* this one frees a slot, and the next one takes it */
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(4, 3)));
	KUNIT_EXPECT_EQ(test, ready->nr, CMA_MAX_EXTENTS - 1);
	KUNIT_EXPECT_TRUE(test, cma_extents_put(ready, cma_extent_at(COMB_UNITS, 1)));
}

/* ---- Finding ---------------------------------------------------------- */

static void the_smallest_extent_that_fits_is_found(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "=====.==.===.====");

	KUNIT_EXPECT_EQ(test, find(ready, 1, 0), 6);
	KUNIT_EXPECT_EQ(test, find(ready, 2, 0), 6);
	KUNIT_EXPECT_EQ(test, find(ready, 3, 0), 9);
	KUNIT_EXPECT_EQ(test, find(ready, 4, 0), 13);
	KUNIT_EXPECT_EQ(test, find(ready, 5, 0), 0);
	KUNIT_EXPECT_EQ(test, find(ready, 6, 0), RUNMAP_NONE);
}

static void of_equal_extents_the_lowest_is_found(struct kunit *test)
{
	struct cma_extents *ready = scene(test, ".====.==..==..==");

	KUNIT_EXPECT_EQ(test, find(ready, 2, 0), 6);
	KUNIT_EXPECT_EQ(test, find(ready, 1, 0), 6);
}

static void an_extent_that_is_long_enough_but_unaligned_is_passed_over(struct kunit *test)
{
	/* 0   4   8   12  16  */
	struct cma_extents *ready = scene(test, ".=====..===.======..");

	KUNIT_EXPECT_EQ(test, find(ready, 3, 0), 8);
	KUNIT_EXPECT_EQ(test, find(ready, 3, 1), 8);
	KUNIT_EXPECT_EQ(test, find(ready, 4, 0), 1);
	KUNIT_EXPECT_EQ(test, find(ready, 4, 1), 2);
	KUNIT_EXPECT_EQ(test, find(ready, 4, 2), 12);
	KUNIT_EXPECT_EQ(test, find(ready, 4, 4), RUNMAP_NONE);
}

static void alignment_is_that_of_addresses(struct kunit *test)
{
	const struct runmap_query query = { .count = 2, .align = 3, .to = 16 };
	struct cma_extents *ready = scene(test, "================");

	KUNIT_EXPECT_EQ(test, cma_extents_find(ready, &query, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_extents_find(ready, &query, 5), 3);
	KUNIT_EXPECT_EQ(test, cma_extents_find(ready, &query, 15), 1);
	KUNIT_EXPECT_EQ(test, cma_extents_find(ready, &query, 4096), 0);
}

static void a_run_keeps_within_the_limits(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "====...====..====");

	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 0, 1, 17), 1);
	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 0, 2, 17), 7);
	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 0, 9, 17), 13);
	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 0, 4, 10), 7);
	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 0, 4, 9), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 0, 14, 16), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(ready, 1, 0, 9, 4), RUNMAP_NONE);
}

static void what_nobody_can_mean_is_never_found(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "====");

	KUNIT_EXPECT_EQ(test, find(ready, 0, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(ready, ULONG_MAX, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(ready, 1UL + U32_MAX, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(ready, 1, BITS_PER_LONG), RUNMAP_NONE);
	cma_extents_clear(ready);
	KUNIT_EXPECT_EQ(test, find(ready, 1, 0), RUNMAP_NONE);
}

/*
 * Two teeth of the comb are wider, and the others too short for two pairs:
 *
 *	===.....  ...  ===.....======..  ...  ...=====
 *	               200     208               1027 1031
 */
static void a_full_array_is_cut_at_an_end_of_an_extent(struct kunit *test)
{
	struct cma_extents *ready = comb(test, CMA_MAX_EXTENTS - 1);

	KUNIT_ASSERT_TRUE(test, cma_extents_put(ready, cma_extent_at(211, 3)));
	/* while there is a slot, the lowest place */
	KUNIT_EXPECT_EQ(test, find_in(ready, 4, 0, 209, ULONG_MAX), 209);

	KUNIT_ASSERT_TRUE(test, cma_extents_put(ready, cma_extent_at(1027, 5)));
	KUNIT_EXPECT_EQ(test, ready->nr, CMA_MAX_EXTENTS);

	/* 209 would leave a unit on both sides, 210 only below */
	KUNIT_EXPECT_EQ(test, find_in(ready, 4, 0, 209, 1000), 210);
	KUNIT_EXPECT_EQ(test, find_in(ready, 4, 0, 209, 213), RUNMAP_NONE);
	/* both 1028 and 1030 are even, but only 1030 is next to the end */
	KUNIT_EXPECT_EQ(test, find(ready, 2, 1), 0);
	KUNIT_EXPECT_EQ(test, find_in(ready, 2, 1, 1024, ULONG_MAX), 1030);
	/* of four, only 1028 to 1030 would be aligned, which is in the middle */
	KUNIT_EXPECT_EQ(test, find_in(ready, 3, 2, 1024, ULONG_MAX),
			RUNMAP_NONE);
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(210, 4)));
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(1030, 2)));
}

/* Among many extents the searches by halves and by fours must hit each one. */
static void each_of_many_extents_can_be_the_one_that_is_found(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < CMA_MAX_EXTENTS; i++) {
		struct cma_extents *ready = comb(test, CMA_MAX_EXTENTS);
		unsigned long start = i * TOOTH;

		KUNIT_ASSERT_TRUE(test, cma_extents_put(ready, cma_extent_at(start + 3, 1)));
		KUNIT_ASSERT_EQ(test, find(ready, 4, 0), start);
		KUNIT_ASSERT_EQ(test, find(ready, 4, 3), start);
		KUNIT_ASSERT_EQ(test, find_in(ready, 1, 0, start, ULONG_MAX),
				i + 1 < CMA_MAX_EXTENTS ? start + TOOTH : start);
		KUNIT_ASSERT_TRUE(test, cma_extents_cut(ready, cma_extent_at(start, 4)));
		KUNIT_ASSERT_EQ(test, ready->nr, CMA_MAX_EXTENTS - 1);
	}
}

/* ---- Asking ----------------------------------------------------------- */

static void pieces_are_cut_off_at_the_limits(struct kunit *test)
{
	struct cma_extents *ready = scene(test, ".====..=..====.");
	struct cma_extent left = cma_extent_between(3, 12), piece;

	KUNIT_ASSERT_TRUE(test, cma_extents_next(ready, &left, &piece));
	KUNIT_EXPECT_EQ(test, piece.start, 3);
	KUNIT_EXPECT_EQ(test, piece.count, 2);
	KUNIT_EXPECT_EQ(test, left.start, 5);
	KUNIT_EXPECT_EQ(test, left.count, 7);
	/* the pieces behind are there also when this one isn't any more */
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, cma_extent_at(3, 2)));

	KUNIT_ASSERT_TRUE(test, cma_extents_next(ready, &left, &piece));
	KUNIT_EXPECT_EQ(test, piece.start, 7);
	KUNIT_EXPECT_EQ(test, piece.count, 1);

	KUNIT_ASSERT_TRUE(test, cma_extents_next(ready, &left, &piece));
	KUNIT_EXPECT_EQ(test, piece.start, 10);
	KUNIT_EXPECT_EQ(test, piece.count, 2);
	KUNIT_EXPECT_EQ(test, left.start, 12);
	KUNIT_EXPECT_EQ(test, left.count, 0);
	KUNIT_EXPECT_FALSE(test, cma_extents_next(ready, &left, &piece));
}

static void numbers_that_no_map_has_remain_so(struct kunit *test)
{
	struct cma_extent run = cma_extent_at(5, ULONG_MAX);

	KUNIT_EXPECT_EQ(test, run.start, 5);
	KUNIT_EXPECT_GT(test, run.count, RUNMAP_MAX_UNITS);
	run = cma_extent_at(BITS_PER_LONG == 64 ? ULONG_MAX << 32 : ULONG_MAX, 1);
	KUNIT_EXPECT_GT(test, run.start, RUNMAP_MAX_UNITS);
	KUNIT_EXPECT_EQ(test, cma_extent_between(7, 3).count, 0);
}

static void overlap_counts_what_is_within_a_range(struct kunit *test)
{
	struct cma_extents *ready = scene(test, ".====..=..====.");

	KUNIT_EXPECT_EQ(test, overlap(ready, 0, ULONG_MAX), 9);
	KUNIT_EXPECT_EQ(test, overlap(ready, 3, 12), 5);
	KUNIT_EXPECT_EQ(test, overlap(ready, 2, 4), 2);
	KUNIT_EXPECT_EQ(test, overlap(ready, 5, 7), 0);
	KUNIT_EXPECT_EQ(test, overlap(ready, 4, 2), 0);
	KUNIT_EXPECT_EQ(test, overlap(ready, 14, ULONG_MAX), 0);
}

static void the_highest_units_are_given_back_first(struct kunit *test)
{
	struct cma_extents *ready = scene(test, "======..====.");
	struct cma_extent piece;

	KUNIT_EXPECT_FALSE(test, cma_extents_surplus(ready, 0, &piece));

	KUNIT_ASSERT_TRUE(test, cma_extents_surplus(ready, 3, &piece));
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, piece));
	expect_scene(test, "======..=....");

	/* one extent at a time, though two more would be welcome */
	KUNIT_ASSERT_TRUE(test, cma_extents_surplus(ready, 3, &piece));
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, piece));
	expect_scene(test, "======.......");

	KUNIT_ASSERT_TRUE(test, cma_extents_surplus(ready, ULONG_MAX, &piece));
	KUNIT_EXPECT_TRUE(test, cma_extents_cut(ready, piece));
	expect_scene(test, ".............");
	KUNIT_EXPECT_FALSE(test, cma_extents_surplus(ready, 1, &piece));
}

static int cma_extents_begin(struct kunit *test)
{
	struct cma_extents *ready = kunit_kzalloc(test, sizeof(*ready),
						GFP_KERNEL);
	struct cma_extent *extents = kunit_kcalloc(test, CMA_MAX_EXTENTS,
						   sizeof(*extents),
						   GFP_KERNEL);

	if (!ready || !extents)
		return -ENOMEM;
	cma_extents_init(ready, extents);
	test->priv = ready;
	return 0;
}

static void cma_extents_end(struct kunit *test)
{
	if (test->priv)
		KUNIT_EXPECT_TRUE(test, cma_extents_check(test->priv));
}

static struct kunit_case cma_extents_cases[] = {
	KUNIT_CASE(what_is_put_is_kept_in_ascending_order),
	KUNIT_CASE(what_is_put_merges_with_its_neighbours),
	KUNIT_CASE(a_cut_leaves_what_is_below_and_above_it),
	KUNIT_CASE(a_cut_outside_of_an_extent_changes_nothing),
	KUNIT_CASE(a_full_array_refuses_what_needs_a_slot),
	KUNIT_CASE(a_full_array_takes_what_merges),
	KUNIT_CASE(the_smallest_extent_that_fits_is_found),
	KUNIT_CASE(of_equal_extents_the_lowest_is_found),
	KUNIT_CASE(an_extent_that_is_long_enough_but_unaligned_is_passed_over),
	KUNIT_CASE(alignment_is_that_of_addresses),
	KUNIT_CASE(a_run_keeps_within_the_limits),
	KUNIT_CASE(what_nobody_can_mean_is_never_found),
	KUNIT_CASE(a_full_array_is_cut_at_an_end_of_an_extent),
	KUNIT_CASE(each_of_many_extents_can_be_the_one_that_is_found),
	KUNIT_CASE(pieces_are_cut_off_at_the_limits),
	KUNIT_CASE(numbers_that_no_map_has_remain_so),
	KUNIT_CASE(overlap_counts_what_is_within_a_range),
	KUNIT_CASE(the_highest_units_are_given_back_first),
	{}
};

static struct kunit_suite cma_extents_suite = {
	.name = "cma_extents",
	.init = cma_extents_begin,
	.exit = cma_extents_end,
	.test_cases = cma_extents_cases,
};

kunit_test_suite(cma_extents_suite);
