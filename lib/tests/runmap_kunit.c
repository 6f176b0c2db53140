// SPDX-License-Identifier: GPL-2.0
/* Tests of the searches in lib/runmap.c. */
#include <linux/module.h>

#include "runmap_kunit.h"

/* ---- Finding ---------------------------------------------------------- */

static void a_new_map_is_free_throughout(struct kunit *test)
{
	struct runmap *map = blank(test, 77, 3000);

	KUNIT_EXPECT_EQ(test, map->nr_free, 3000);
	KUNIT_EXPECT_TRUE(test, runmap_is_free(map, 0, 3000));
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), 3000);
}

static void a_map_of_one_unit_is_found_taken_and_given(struct kunit *test)
{
	struct runmap *map = scene(test, 12345, ".");

	KUNIT_EXPECT_EQ(test, find(map, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, find(map, 2, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, 1, 1), RUNMAP_NONE);
	runmap_take(map, 0, 1);
	KUNIT_EXPECT_EQ(test, find(map, 1, 0), RUNMAP_NONE);
	runmap_give(map, 0, 1);
	KUNIT_EXPECT_EQ(test, find(map, 1, 0), 0);
}

static void find_returns_the_lowest_run_that_fits(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "#..#...#...#....");

	KUNIT_EXPECT_EQ(test, find(map, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, find(map, 3, 0), 4);
	KUNIT_EXPECT_EQ(test, find(map, 4, 0), 12);
}

static void find_takes_a_run_that_fits_exactly(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "##.##..##....##");

	KUNIT_EXPECT_EQ(test, find(map, 2, 0), 5);
	KUNIT_EXPECT_EQ(test, find(map, 4, 0), 9);
	KUNIT_EXPECT_EQ(test, find(map, 5, 0), RUNMAP_NONE);
}

static void a_count_of_zero_is_never_found(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "........");

	KUNIT_EXPECT_EQ(test, find(map, 0, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, 0, 3), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 0, 0, 8, 8), RUNMAP_NONE);
}

static void a_run_longer_than_the_map_is_never_found(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "........");

	KUNIT_EXPECT_EQ(test, find(map, 9, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, ULONG_MAX, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, ULONG_MAX, 0, 1, ULONG_MAX),
			RUNMAP_NONE);
}

static void the_whole_map_is_found_as_one_run(struct kunit *test)
{
	struct runmap *map = blank(test, 4711, 5000);

	KUNIT_EXPECT_EQ(test, find(map, 5000, 0), 0);
	runmap_take(map, 0, 5000);
	KUNIT_EXPECT_EQ(test, map->nr_free, 0);
}

static void a_full_map_has_nothing_to_find(struct kunit *test)
{
	struct runmap *map = scene(test, 5, "########");

	KUNIT_EXPECT_EQ(test, find(map, 1, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 4, 8), RUNMAP_NONE);
}

/* 0 #################...####################. 3000 */
static void the_last_unit_is_found_when_only_it_is_free(struct kunit *test)
{
	struct runmap *map = blank(test, 1, 3001);

	runmap_take(map, 0, 3000);
	KUNIT_EXPECT_EQ(test, find(map, 1, 0), 3000);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 3000, 3001), 3000);
	KUNIT_EXPECT_EQ(test, find(map, 2, 0), RUNMAP_NONE);
}

/* ---- Limits ----------------------------------------------------------- */

static void from_is_where_the_search_begins(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "....#...#....");

	KUNIT_EXPECT_EQ(test, find_in(map, 3, 0, 2, 13), 5);
	KUNIT_EXPECT_EQ(test, find_in(map, 3, 0, 6, 13), 9);
	KUNIT_EXPECT_EQ(test, find_in(map, 3, 0, 11, 13), RUNMAP_NONE);
}

static void from_inside_a_run_uses_the_rest_of_it(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "#........#..");

	KUNIT_EXPECT_EQ(test, find_in(map, 4, 0, 3, 12), 3);
	KUNIT_EXPECT_EQ(test, find_in(map, 2, 2, 3, 12), 4);
	KUNIT_EXPECT_EQ(test, find_in(map, 6, 0, 4, 12), RUNMAP_NONE);
}

static void from_at_the_end_or_beyond_finds_nothing(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "........");

	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 7, 8), 7);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 8, 8), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, ULONG_MAX, ULONG_MAX),
			RUNMAP_NONE);
}

static void to_cuts_a_run_that_would_be_long_enough(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "##......##......");

	KUNIT_EXPECT_EQ(test, find_in(map, 4, 0, 0, 6), 2);
	KUNIT_EXPECT_EQ(test, find_in(map, 4, 0, 0, 5), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 4, 0, 5, 13), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 4, 0, 5, 14), 10);
}

static void to_beyond_the_map_means_its_end(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "####....");

	KUNIT_EXPECT_EQ(test, find_in(map, 4, 0, 0, ULONG_MAX), 4);
	KUNIT_EXPECT_EQ(test, find_in(map, 5, 0, 0, ULONG_MAX), RUNMAP_NONE);
}

static void limits_the_wrong_way_round_find_nothing(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "........");

	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 5, 5), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 6, 2), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 0, 0, 0), RUNMAP_NONE);
}

static void a_preferred_place_is_tried_before_the_lowest(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "....#.....#..");

	/* three units from 7 on, if possible; else anywhere */
	KUNIT_EXPECT_EQ(test, find_in(map, 3, 0, 7, map->nr), 7);
	runmap_take(map, 7, 3);
	KUNIT_EXPECT_EQ(test, find_in(map, 3, 0, 7, map->nr), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, 3, 0), 0);
}

/* ---- Alignment -------------------------------------------------------- */

/*	  0   4   8   12  16  */
static void alignment_passes_over_misaligned_runs(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "#......#....####....");

	KUNIT_EXPECT_EQ(test, find(map, 4, 0), 1);
	KUNIT_EXPECT_EQ(test, find(map, 4, 1), 2);
	KUNIT_EXPECT_EQ(test, find(map, 4, 2), 8);
	KUNIT_EXPECT_EQ(test, find(map, 4, 4), 16);
	KUNIT_EXPECT_EQ(test, find(map, 5, 2), RUNMAP_NONE);
}

/*	address   5  8       16  */
static void alignment_is_reckoned_in_addresses(struct kunit *test)
{
	struct runmap *map = scene(test, 5, "................");

	KUNIT_EXPECT_EQ(test, find(map, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, find(map, 2, 1), 1);
	KUNIT_EXPECT_EQ(test, find(map, 2, 2), 3);
	KUNIT_EXPECT_EQ(test, find(map, 2, 4), 11);
	KUNIT_EXPECT_EQ(test, find(map, 2, 5), RUNMAP_NONE);
}

static void origins_of_every_phase_align_alike(struct kunit *test)
{
	unsigned long origin;

	for (origin = 4096 - 40; origin < 4096 + 40; origin++) {
		struct runmap *map = blank(test, origin, 100);

		KUNIT_EXPECT_EQ(test, find(map, 7, 5),
				round_up(origin, 32) - origin);
	}
}

static void an_origin_near_the_last_address_is_aligned_right(struct kunit *test)
{
	struct runmap *map = scene(test, -20UL, "................");

	KUNIT_EXPECT_EQ(test, find(map, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, find(map, 2, 3), 4);
	KUNIT_EXPECT_EQ(test, find(map, 2, 4), 4);
	KUNIT_EXPECT_EQ(test, find(map, 2, 5), RUNMAP_NONE);
}

/*	address   (1 << 20) - 3  (1 << 20)  */
static void an_alignment_wider_than_the_map_has_one_place(struct kunit *test)
{
	struct runmap *map = scene(test, BIT(20) - 3, "..........");

	KUNIT_EXPECT_EQ(test, find(map, 7, 20), 3);
	KUNIT_EXPECT_EQ(test, find(map, 8, 20), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, 1, 21), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, 20, 4, 10), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(map, 3, 20, 0, 5), RUNMAP_NONE);
	runmap_take(map, 5, 1);
	KUNIT_EXPECT_EQ(test, find(map, 2, 20), 3);
	KUNIT_EXPECT_EQ(test, find(map, 3, 20), RUNMAP_NONE);
}

static void the_widest_alignment_is_met_at_address_zero(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "........");

	KUNIT_EXPECT_EQ(test, find(map, 8, BITS_PER_LONG - 1), 0);
	KUNIT_EXPECT_EQ(test, find_in(map, 1, BITS_PER_LONG - 1, 1, 8),
			RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, BITS_PER_LONG - 1), 8);
}

static void an_alignment_beyond_all_addresses_is_never_met(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "........");

	KUNIT_EXPECT_EQ(test, find(map, 1, BITS_PER_LONG), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, 1, 64), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(map, 1, UINT_MAX), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, BITS_PER_LONG), 0);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, UINT_MAX), 0);
}

/* Runs of 63 that begin one unit too late, 1000 times; then one that fits:
 *
 *	#...............#...............#    ...    #...............................
 */
static void only_the_last_of_many_runs_is_aligned(struct kunit *test)
{
	struct runmap *map = blank(test, 0, 64 * 1002);
	unsigned long unit;

	for (unit = 0; unit <= 64 * 1000; unit += 64)
		runmap_take(map, unit, 1);
	KUNIT_EXPECT_EQ(test, find(map, 63, 0), 1);
	KUNIT_EXPECT_EQ(test, find(map, 48, 4), 16);
	KUNIT_EXPECT_EQ(test, find(map, 63, 6), 64 * 1001);
	KUNIT_EXPECT_EQ(test, find(map, 64, 6), 64 * 1001);
	KUNIT_EXPECT_EQ(test, find(map, 65, 6), RUNMAP_NONE);
}

static void each_alignment_finds_its_first_multiple(struct kunit *test)
{
	struct runmap *map = blank(test, 0, BIT(17) + 1);
	unsigned int align;

	runmap_take(map, 0, 1);
	for (align = 0; align <= 17; align++)
		KUNIT_EXPECT_EQ(test, find(map, 1, align), BIT(align));
	KUNIT_EXPECT_EQ(test, find(map, 1, 18), RUNMAP_NONE);
}

/* ---- Leaves ----------------------------------------------------------- */

/*	leaf 0           | leaf 1          |
 *	##############...|....#############|
 */
static void a_run_across_two_leaves_is_found(struct kunit *test)
{
	struct runmap *map = blank(test, 0, 2 * LEAF);

	runmap_take(map, 0, LEAF - 3);
	runmap_take(map, LEAF + 4, LEAF - 4);
	KUNIT_EXPECT_EQ(test, find(map, 7, 0), LEAF - 3);
	KUNIT_EXPECT_EQ(test, find(map, 6, 1), LEAF - 2);
	KUNIT_EXPECT_EQ(test, find(map, 4, 2), LEAF);
	KUNIT_EXPECT_EQ(test, find(map, 8, 0), RUNMAP_NONE);
}

/*	##............|............|............|....########| */
static void a_run_across_many_leaves_is_found(struct kunit *test)
{
	struct runmap *map = blank(test, 0, 9 * LEAF);

	runmap_take(map, 0, 2);
	runmap_take(map, 8 * LEAF + 100, LEAF - 100);
	KUNIT_EXPECT_EQ(test, find(map, 8 * LEAF + 98, 0), 2);
	KUNIT_EXPECT_EQ(test, find(map, 7 * LEAF + 100, 9), LEAF);
	KUNIT_EXPECT_EQ(test, find(map, 4 * LEAF + 100, 11), 4 * LEAF);
	KUNIT_EXPECT_EQ(test, find(map, 8 * LEAF + 99, 0), RUNMAP_NONE);
}

/*	#########...|#...........|...... */
static void runs_on_both_sides_of_a_border_are_not_joined(struct kunit *test)
{
	struct runmap *map = blank(test, 0, 2 * LEAF + 6);

	runmap_take(map, 0, LEAF - 3);
	runmap_take(map, LEAF, 1);
	KUNIT_EXPECT_EQ(test, find(map, 3, 0), LEAF - 3);
	KUNIT_EXPECT_EQ(test, find(map, 4, 0), LEAF + 1);
}

static void sizes_around_a_leaf_are_searched_to_their_ends(struct kunit *test)
{
	unsigned long nr;

	for (nr = LEAF - 2; nr <= 2 * LEAF + 2;
	     nr += nr == LEAF + 2 ? LEAF - 4 : 1) {
		struct runmap *map = blank(test, 3, nr);

		KUNIT_EXPECT_EQ(test, find(map, nr, 0), 0);
		runmap_take(map, 0, nr - 2);
		KUNIT_EXPECT_EQ(test, find(map, 2, 0), nr - 2);
		KUNIT_EXPECT_EQ(test, find(map, 3, 0), RUNMAP_NONE);
		KUNIT_EXPECT_TRUE(test, runmap_check(map));
	}
}

/*	leaf 0          | leaf 1         | leaf 2
 *	..####..........|................|...####
 *	          ^ from
 */
static void a_search_from_within_a_leaf_goes_on_beyond_it(struct kunit *test)
{
	struct runmap *map = blank(test, 0, 3 * LEAF);

	runmap_take(map, 2, 4);
	runmap_take(map, 2 * LEAF + 3, LEAF - 3);
	KUNIT_EXPECT_EQ(test, find_in(map, LEAF, 0, 10, map->nr), 10);
	KUNIT_EXPECT_EQ(test, find_in(map, LEAF, 4, 10, map->nr), 16);
	KUNIT_EXPECT_EQ(test, find_in(map, LEAF, 9, 10, map->nr), LEAF);
	KUNIT_EXPECT_EQ(test, find_in(map, 2 * LEAF, 0, 4, map->nr),
			RUNMAP_NONE);
}

/*	leaf 0          | leaf 1         | leaf 2
 *	..####..........|................|...####
 *	      |---------------------------------|
 */
static void a_run_over_a_whole_leaf_keeps_its_start(struct kunit *test)
{
	struct runmap *map = blank(test, 0, 3 * LEAF);

	runmap_take(map, 2, 4);
	runmap_take(map, 2 * LEAF + 3, LEAF - 3);
	KUNIT_EXPECT_EQ(test, find_in(map, 2 * LEAF - 3, 0, 4, map->nr), 6);
	KUNIT_EXPECT_EQ(test, find_in(map, 2 * LEAF - 7, 0, 10, map->nr), 10);
	KUNIT_EXPECT_EQ(test, find_in(map, 2 * LEAF - 6, 0, 10, map->nr),
			RUNMAP_NONE);
}

/*	leaf 0           | leaf 1          | leaf 2, not a multiple of 1024
 *	#################|#################|................|
 *	                                    ^ from
 */
static void a_leaf_is_no_more_aligned_than_its_address(struct kunit *test)
{
	struct runmap *map = blank(test, LEAF, 8 * LEAF);

	KUNIT_EXPECT_EQ(test, find_in(map, 4, 10, 2 * LEAF, map->nr), 3 * LEAF);
	KUNIT_EXPECT_EQ(test, find_in(map, 4, 9, 2 * LEAF, map->nr), 2 * LEAF);
	KUNIT_EXPECT_EQ(test, find_in(map, 4, 12, 2 * LEAF, map->nr), 7 * LEAF);
}

/* ---- The largest run -------------------------------------------------- */

static void largest_is_the_longest_run_anywhere(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "...#.....#..");

	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), 5);
	runmap_take(map, 6, 1);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), 3);
}

/*	  0   4   8   12 */
static void largest_counts_from_the_aligned_start(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "#......##...");

	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), 6);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 1), 5);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 2), 3);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 3), 0);
}

static void largest_of_a_full_map_is_zero(struct kunit *test)
{
	struct runmap *map = blank(test, 9, 2000);

	runmap_take(map, 0, 2000);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), 0);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 5), 0);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 30), 0);
}

static void largest_knows_alignments_wider_than_the_map(struct kunit *test)
{
	struct runmap *map = scene(test, BIT(24) - 2, ".....#..");

	KUNIT_EXPECT_EQ(test, runmap_largest(map, 24), 3);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 25), 0);
	runmap_take(map, 2, 1);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 24), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_new_map_is_free_throughout),
	KUNIT_CASE(a_map_of_one_unit_is_found_taken_and_given),
	KUNIT_CASE(find_returns_the_lowest_run_that_fits),
	KUNIT_CASE(find_takes_a_run_that_fits_exactly),
	KUNIT_CASE(a_count_of_zero_is_never_found),
	KUNIT_CASE(a_run_longer_than_the_map_is_never_found),
	KUNIT_CASE(the_whole_map_is_found_as_one_run),
	KUNIT_CASE(a_full_map_has_nothing_to_find),
	KUNIT_CASE(the_last_unit_is_found_when_only_it_is_free),
	KUNIT_CASE(from_is_where_the_search_begins),
	KUNIT_CASE(from_inside_a_run_uses_the_rest_of_it),
	KUNIT_CASE(from_at_the_end_or_beyond_finds_nothing),
	KUNIT_CASE(to_cuts_a_run_that_would_be_long_enough),
	KUNIT_CASE(to_beyond_the_map_means_its_end),
	KUNIT_CASE(limits_the_wrong_way_round_find_nothing),
	KUNIT_CASE(a_preferred_place_is_tried_before_the_lowest),
	KUNIT_CASE(alignment_passes_over_misaligned_runs),
	KUNIT_CASE(alignment_is_reckoned_in_addresses),
	KUNIT_CASE(origins_of_every_phase_align_alike),
	KUNIT_CASE(an_origin_near_the_last_address_is_aligned_right),
	KUNIT_CASE(an_alignment_wider_than_the_map_has_one_place),
	KUNIT_CASE(the_widest_alignment_is_met_at_address_zero),
	KUNIT_CASE(an_alignment_beyond_all_addresses_is_never_met),
	KUNIT_CASE(only_the_last_of_many_runs_is_aligned),
	KUNIT_CASE(each_alignment_finds_its_first_multiple),
	KUNIT_CASE(a_run_across_two_leaves_is_found),
	KUNIT_CASE(a_run_across_many_leaves_is_found),
	KUNIT_CASE(runs_on_both_sides_of_a_border_are_not_joined),
	KUNIT_CASE(sizes_around_a_leaf_are_searched_to_their_ends),
	KUNIT_CASE(a_search_from_within_a_leaf_goes_on_beyond_it),
	KUNIT_CASE(a_run_over_a_whole_leaf_keeps_its_start),
	KUNIT_CASE(a_leaf_is_no_more_aligned_than_its_address),
	KUNIT_CASE(largest_is_the_longest_run_anywhere),
	KUNIT_CASE(largest_counts_from_the_aligned_start),
	KUNIT_CASE(largest_of_a_full_map_is_zero),
	KUNIT_CASE(largest_knows_alignments_wider_than_the_map),
	{}
};

static struct kunit_suite suite = {
	.name = "runmap",
	.init = begin,
	.exit = end_with_check,
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("Tests of searching a runmap");
MODULE_LICENSE("GPL");
