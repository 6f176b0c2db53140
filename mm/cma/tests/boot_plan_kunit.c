// SPDX-License-Identifier: GPL-2.0
/* Tests of mm/cma/boot_plan.c: where areas go. scene.h explains the pictures. */
#include <linux/init.h>

#include "scene.h"

static void __init the_highest_place_is_taken(struct kunit *test)
{
	struct scene scene = { "..........", M(3) };

	cma_expect_place(test, &scene, ".......AAA");
}

static void __init the_highest_hole_that_fits_is_taken(struct kunit *test)
{
	struct scene scene = { ".....##...#..", M(3) };

	cma_expect_place(test, &scene, ".....##AAA#..");
}

static void __init a_hole_is_filled_to_its_last_byte(struct kunit *test)
{
	struct scene scene = { "##...##", M(3) };

	cma_expect_place(test, &scene, "##AAA##");
}

static void __init all_of_memory_can_be_one_area(struct kunit *test)
{
	struct scene scene = { "....", M(4) };

	cma_expect_place(test, &scene, "AAAA");
}

static void __init the_place_is_aligned_downwards(struct kunit *test)
{
	struct scene scene = { "...........#", M(4), .alignment = M(4) };

	cma_expect_place(test, &scene, "....AAAA...#");
}

static void __init a_size_is_rounded_up_to_the_alignment(struct kunit *test)
{
	struct scene scene = { "............", M(5), .alignment = M(4) };

	cma_expect_place(test, &scene, "....AAAAAAAA");
}

static void __init a_single_byte_gets_the_least_alignment(struct kunit *test)
{
	struct scene scene = { "....", 1 };

	cma_expect_place(test, &scene, "...A");
}

static void __init an_alignment_below_the_least_one_is_raised(struct kunit *test)
{
	struct scene scene = { "....", SZ_64K, .alignment = SZ_64K };

	cma_expect_place(test, &scene, "...A");
}

static void __init a_hole_that_fits_only_unaligned_is_passed_over(struct kunit *test)
{
	struct scene scene = { "....#.....##", M(4), .alignment = M(4) };

	cma_expect_place(test, &scene, "AAAA#.....##");
}

static void __init a_large_unit_aligns_the_base(struct kunit *test)
{
	struct scene scene = { "......#", M(4), .unit = M(4) };

	cma_expect_place(test, &scene, "AAAA..#");
}

/* Compaction moves pages upwards, and must not move them into the area. */
static void __init the_lowest_place_is_taken_where_memory_is_not_scarce(struct kunit *test)
{
	struct scene scene = { "....^......", M(3) };

	cma_expect_place(test, &scene, "....^AAA...");
}

static void __init the_lowest_place_that_fits_may_be_in_any_hole(struct kunit *test)
{
	struct scene scene = { "....^..#....#.....", M(3) };

	cma_expect_place(test, &scene, "....^..#AAA.#.....");
	scene.backwards = true;
	cma_expect_place(test, &scene, "....^..#AAA.#.....");
}

static void __init without_room_there_the_highest_place_is_taken(struct kunit *test)
{
	struct scene scene = { "....|^..#..", M(3) };

	cma_expect_place(test, &scene, ".AAA|^..#..");
}

static void __init a_place_does_not_begin_below_where_it_is_not_scarce(struct kunit *test)
{
	struct scene scene = { "...^........", M(4), .alignment = M(4) };

	cma_expect_place(test, &scene, "...^.AAAA...");
}

static void __init a_limit_keeps_an_area_low_all_the_same(struct kunit *test)
{
	struct scene scene = { "......]^....", M(2) };

	cma_expect_place(test, &scene, "....AA]^....");
}

static void __init the_limit_is_not_exceeded(struct kunit *test)
{
	struct scene scene = { "......]....", M(2) };

	cma_expect_place(test, &scene, "....AA]....");
}

static void __init an_unaligned_limit_is_rounded_down(struct kunit *test)
{
	struct scene scene = { ".......]....", M(4), .alignment = M(4) };

	cma_expect_place(test, &scene, "AAAA...]....");
}

static void __init a_limit_beyond_memory_is_no_limit(struct kunit *test)
{
	struct cma_plan_request request;
	struct scene scene = { "..........", M(3) };
	struct cma_plan plan;

	cma_scene_make_request(&request, &scene);
	request.limit = ADDRESS_MAX;
	cma_scene_make_plan(&plan, &request, &scene);
	KUNIT_EXPECT_EQ(test, plan.verdict, CMA_PLAN_OK);
	KUNIT_EXPECT_EQ(test, plan.base, M(7));
}

static void __init a_base_that_is_not_fixed_is_a_lower_bound(struct kunit *test)
{
	struct scene scene = { "..[....###...", M(4) };

	cma_expect_place(test, &scene, "..[AAAA###...");
}

static void __init an_unaligned_lower_bound_is_rounded_up(struct kunit *test)
{
	struct scene scene = { "..[......#", M(4), .alignment = M(4) };

	cma_expect_place(test, &scene, "..[..AAAA#");
}

static void __init a_place_between_base_and_limit_is_found(struct kunit *test)
{
	struct scene scene = { "...[.....].....", M(2) };

	cma_expect_place(test, &scene, "...[...AA].....");
}

static void __init a_fixed_area_lies_where_it_was_asked_for(struct kunit *test)
{
	struct scene scene = { "...[.......", M(3), .fixed = true };

	cma_expect_place(test, &scene, "...[AAA....");
}

static void __init a_fixed_area_at_address_0_is_possible(struct kunit *test)
{
	struct scene scene = { "[......", M(3), .fixed = true };

	cma_expect_place(test, &scene, "[AAA...");
}

static void __init a_fixed_area_may_end_at_the_limit(struct kunit *test)
{
	struct scene scene = { "..[...]...", M(3), .fixed = true };

	cma_expect_place(test, &scene, "..[AAA]...");
}

static void __init a_fixed_area_may_extend_over_adjacent_ranges(struct kunit *test)
{
	struct scene scene = { ".[..+.+...", M(5), .fixed = true };

	cma_expect_place(test, &scene, ".[AA+A+AA.");
	scene.backwards = true;
	cma_expect_place(test, &scene, ".[AA+A+AA.");
}

static void __init ascending_ranges_are_asked_for_once(struct kunit *test)
{
	struct scene scene = { ".[..+.+...", M(5), .fixed = true };
	struct cma_plan_request request;
	struct cma_plan plan;

	cma_scene_make_request(&request, &scene);
	KUNIT_EXPECT_EQ(test, cma_scene_make_plan(&plan, &request, &scene), 1);
	scene.backwards = true;
	KUNIT_EXPECT_EQ(test, cma_scene_make_plan(&plan, &request, &scene), 3);
}

static void __init an_area_that_is_not_fixed_stays_in_one_range(struct kunit *test)
{
	struct scene scene = { "....+...+..", M(4) };

	cma_expect_place(test, &scene, "AAAA+...+..");
}

static void __init memory_above_the_highest_boundary_comes_first(struct kunit *test)
{
	struct scene scene = { "..|......|...", M(3) };

	cma_expect_place(test, &scene, "..|......|AAA");
}

static void __init memory_below_a_boundary_comes_next(struct kunit *test)
{
	struct scene scene = { "..|......|...", M(4) };

	cma_expect_place(test, &scene, "..|..AAAA|...");
}

static void __init a_boundary_is_not_straddled_to_get_higher(struct kunit *test)
{
	struct scene scene = { "....|..###", M(3) };

	cma_expect_place(test, &scene, ".AAA|..###");
}

static void __init boundaries_are_sorted_and_known_ones_ignored(struct kunit *test)
{
	struct cma_plan_request request = { };
	static const unsigned int in[] __initconst = { 16, 4, 0, 16, 8, 4, 2, 1 };
	static const unsigned int out[] __initconst = { 2, 4, 8, 16 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(in); i++)
		cma_plan_add_boundary(&request, M(in[i]));
	KUNIT_ASSERT_EQ(test, request.nr_boundaries, CMA_PLAN_BOUNDARIES);
	for (i = 0; i < CMA_PLAN_BOUNDARIES; i++)
		KUNIT_EXPECT_EQ(test, request.boundaries[i], M(out[i]));
}

static void __init one_range_is_enough_if_it_can_be(struct kunit *test)
{
	struct scene scene = { "..#....#...", M(4), .max_ranges = 8 };

	cma_expect_place(test, &scene, "..#AAAA#...");
}

static void __init the_largest_pieces_make_an_area_of_several_ranges(struct kunit *test)
{
	struct scene scene = { "..#....#.#...", M(6), .max_ranges = 8 };

	cma_expect_place(test, &scene, "..#AAAA#.#.AA");
	scene.size = M(8);
	cma_expect_place(test, &scene, ".A#AAAA#.#AAA");
	scene.size = M(10);
	cma_expect_place(test, &scene, "AA#AAAA#A#AAA");
}

static void __init of_equal_pieces_the_higher_one_comes_first(struct kunit *test)
{
	struct scene scene = { "...#...#...", M(4), .max_ranges = 2 };

	cma_expect_place(test, &scene, "...#..A#AAA");
	scene.backwards = true;
	cma_expect_place(test, &scene, "...#..A#AAA");
}

static void __init each_piece_is_aligned(struct kunit *test)
{
	struct scene scene = { ".......#.......", M(6), .alignment = M(2),
			       .max_ranges = 8 };

	cma_expect_place(test, &scene, ".......#AAAAAA.");
	scene.size = M(8);
	cma_expect_place(test, &scene, "....AA.#AAAAAA.");
	scene.size = M(12);
	cma_expect_place(test, &scene, "AAAAAA.#AAAAAA.");
}

static void __init pieces_that_would_touch_are_kept_apart(struct kunit *test)
{
	struct scene scene = { "....|......", M(8), .max_ranges = 8 };

	cma_expect_place(test, &scene, ".AA.|AAAAAA");
	scene.size = M(9);
	cma_expect_place(test, &scene, "AAA.|AAAAAA");
}

static void __init a_piece_that_would_touch_takes_no_other_ones_place(struct kunit *test)
{
	struct scene scene = { ".#.|...", M(4), .max_ranges = 2 };

	cma_expect_place(test, &scene, "A#.|AAA");
	scene = (struct scene){ "..#..|...", M(5), .max_ranges = 2 };
	cma_expect_place(test, &scene, "AA#..|AAA");
}

static struct kunit_case __refdata cma_boot_plan_cases[] = {
	KUNIT_CASE(the_highest_place_is_taken),
	KUNIT_CASE(the_highest_hole_that_fits_is_taken),
	KUNIT_CASE(a_hole_is_filled_to_its_last_byte),
	KUNIT_CASE(all_of_memory_can_be_one_area),
	KUNIT_CASE(the_place_is_aligned_downwards),
	KUNIT_CASE(a_size_is_rounded_up_to_the_alignment),
	KUNIT_CASE(a_single_byte_gets_the_least_alignment),
	KUNIT_CASE(an_alignment_below_the_least_one_is_raised),
	KUNIT_CASE(a_hole_that_fits_only_unaligned_is_passed_over),
	KUNIT_CASE(a_large_unit_aligns_the_base),
	KUNIT_CASE(the_lowest_place_is_taken_where_memory_is_not_scarce),
	KUNIT_CASE(the_lowest_place_that_fits_may_be_in_any_hole),
	KUNIT_CASE(without_room_there_the_highest_place_is_taken),
	KUNIT_CASE(a_place_does_not_begin_below_where_it_is_not_scarce),
	KUNIT_CASE(a_limit_keeps_an_area_low_all_the_same),
	KUNIT_CASE(the_limit_is_not_exceeded),
	KUNIT_CASE(an_unaligned_limit_is_rounded_down),
	KUNIT_CASE(a_limit_beyond_memory_is_no_limit),
	KUNIT_CASE(a_base_that_is_not_fixed_is_a_lower_bound),
	KUNIT_CASE(an_unaligned_lower_bound_is_rounded_up),
	KUNIT_CASE(a_place_between_base_and_limit_is_found),
	KUNIT_CASE(a_fixed_area_lies_where_it_was_asked_for),
	KUNIT_CASE(a_fixed_area_at_address_0_is_possible),
	KUNIT_CASE(a_fixed_area_may_end_at_the_limit),
	KUNIT_CASE(a_fixed_area_may_extend_over_adjacent_ranges),
	KUNIT_CASE(ascending_ranges_are_asked_for_once),
	KUNIT_CASE(an_area_that_is_not_fixed_stays_in_one_range),
	KUNIT_CASE(memory_above_the_highest_boundary_comes_first),
	KUNIT_CASE(memory_below_a_boundary_comes_next),
	KUNIT_CASE(a_boundary_is_not_straddled_to_get_higher),
	KUNIT_CASE(boundaries_are_sorted_and_known_ones_ignored),
	KUNIT_CASE(one_range_is_enough_if_it_can_be),
	KUNIT_CASE(the_largest_pieces_make_an_area_of_several_ranges),
	KUNIT_CASE(of_equal_pieces_the_higher_one_comes_first),
	KUNIT_CASE(each_piece_is_aligned),
	KUNIT_CASE(pieces_that_would_touch_are_kept_apart),
	KUNIT_CASE(a_piece_that_would_touch_takes_no_other_ones_place),
	{}
};

static struct kunit_suite __refdata cma_boot_plan_suite = {
	.name = "cma_boot_plan",
	.test_cases = cma_boot_plan_cases,
};

kunit_test_init_section_suites(&cma_boot_plan_suite);
