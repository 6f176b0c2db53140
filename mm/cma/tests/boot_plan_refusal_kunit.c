// SPDX-License-Identifier: GPL-2.0
/* Tests of mm/cma/boot_plan.c: what is refused, and with which figures. */
#include <linux/init.h>

#include "scene.h"

static void __init no_hole_names_the_largest_one(struct kunit *test)
{
	struct scene scene = { "..##....##...", M(5) };
	struct cma_plan plan = cma_expect_refusal(test, &scene, "no-hole",
						  "..##hhhh##...");

	KUNIT_EXPECT_EQ(test, plan.hole.fits, M(4));
	KUNIT_EXPECT_EQ(test, plan.hole.lower, CMA_PLAN_EDGE);
	KUNIT_EXPECT_EQ(test, plan.hole.upper, CMA_PLAN_EDGE);
}

static void __init no_hole_counts_what_fits_aligned(struct kunit *test)
{
	struct scene scene = { "####....#.......#", M(8), .alignment = M(4) };
	struct cma_plan plan = cma_expect_refusal(test, &scene, "no-hole",
						  "####....#hhhhhhh#");

	KUNIT_EXPECT_EQ(test, plan.hole.fits, M(4));
}

static void __init no_hole_says_that_base_and_limit_bound_it(struct kunit *test)
{
	struct scene scene = { "...[....]......", M(5) };
	struct cma_plan plan = cma_expect_refusal(test, &scene, "no-hole",
						  "...[hhhh]......");

	KUNIT_EXPECT_EQ(test, plan.hole.lower, CMA_PLAN_BASE);
	KUNIT_EXPECT_EQ(test, plan.hole.upper, CMA_PLAN_LIMIT);
}

static void __init no_hole_says_that_boundaries_bound_it(struct kunit *test)
{
	struct scene scene = { "...|.....|...", M(6) };
	struct cma_plan plan = cma_expect_refusal(test, &scene, "no-hole",
						  "...|hhhhh|...");

	KUNIT_EXPECT_EQ(test, plan.hole.lower, CMA_PLAN_BOUNDARY);
	KUNIT_EXPECT_EQ(test, plan.hole.upper, CMA_PLAN_BOUNDARY);
}

static void __init no_hole_of_full_memory_is_empty(struct kunit *test)
{
	struct scene scene = { "########", M(1) };
	struct cma_plan plan = cma_expect_refusal(test, &scene, "no-hole",
						  "########");

	KUNIT_EXPECT_EQ(test, plan.hole.start, plan.hole.end);
	KUNIT_EXPECT_EQ(test, plan.hole.fits, 0);
}

static void __init size_0_is_refused(struct kunit *test)
{
	struct scene scene = { "#....#", 0 };

	cma_expect_refusal(test, &scene, "zero-size", "#hhhh#");
}

static void __init an_alignment_must_be_a_power_of_two(struct kunit *test)
{
	struct scene scene = { "#....#", M(1), .alignment = M(3) };

	cma_expect_refusal(test, &scene, "bad-alignment", "#hhhh#");
}

static void __init a_unit_must_divide_the_size(struct kunit *test)
{
	struct scene scene = { "#....#", M(3), .unit = M(2) };

	cma_expect_refusal(test, &scene, "unit-does-not-divide", "#hhhh#");
}

static void __init a_fixed_base_must_be_aligned(struct kunit *test)
{
	struct scene scene = {
		"..[.......", M(4), .alignment = M(4), .fixed = true,
	};
	struct cma_plan plan = cma_expect_refusal(test, &scene, "misaligned-base",
						  "hh[hhhhhhh");

	KUNIT_EXPECT_EQ(test, plan.base_alignment, M(4));
	KUNIT_EXPECT_EQ(test, plan.hole.fits, M(8));
}

static void __init a_fixed_base_must_be_aligned_to_the_unit(struct kunit *test)
{
	struct scene scene = { "..[.....", M(4), .unit = M(4), .fixed = true };
	struct cma_plan plan = cma_expect_refusal(test, &scene, "misaligned-base",
						  "hh[hhhhh");

	KUNIT_EXPECT_EQ(test, plan.base_alignment, M(4));
}

static void __init a_limit_must_be_above_the_base(struct kunit *test)
{
	struct scene scene = { "...]..[..##", M(1) };

	cma_expect_refusal(test, &scene, "limit-below-base", "hhh]..[..##");
}

static void __init a_limit_that_equals_the_base_is_refused(struct kunit *test)
{
	struct scene scene = { "...[]....##", M(1) };

	cma_expect_refusal(test, &scene, "limit-below-base", "hhh[]....##");
}

static void __init a_size_beyond_memory_is_refused(struct kunit *test)
{
	struct scene scene = { "..#.....", M(9) };

	cma_expect_refusal(test, &scene, "beyond-memory", "..#hhhhh");
}

static void __init a_base_beyond_memory_is_refused(struct kunit *test)
{
	struct scene scene = { "..#.....[", M(1) };

	cma_expect_refusal(test, &scene, "beyond-memory", "..#hhhhh[");
}

static void __init a_base_beyond_memory_is_told_before_the_limit(struct kunit *test)
{
	struct scene scene = { "..#.....]..[", M(1), .fixed = true };
	struct cma_plan_request request;
	struct cma_plan plan;

	cma_scene_make_request(&request, &scene);
	request.memory_end = M(10);
	cma_scene_make_plan(&plan, &request, &scene);
	KUNIT_EXPECT_STREQ(test, cma_plan_verdict_name(plan.verdict),
			   "beyond-memory");
}

static void __init a_fixed_area_must_end_in_memory(struct kunit *test)
{
	struct scene scene = { "..#...[..", M(3), .fixed = true };

	cma_expect_refusal(test, &scene, "beyond-memory", "..#hhh[hh");
}

static void __init a_fixed_area_must_end_below_the_limit(struct kunit *test)
{
	struct scene scene = { "..[..]....", M(3), .fixed = true };

	cma_expect_refusal(test, &scene, "above-limit", "hh[hh]....");
}

static void __init a_fixed_area_must_not_straddle_a_boundary(struct kunit *test)
{
	struct scene scene = { "..[...|....", M(4), .fixed = true };
	struct cma_plan plan = cma_expect_refusal(test, &scene,
						  "straddles-a-boundary",
						  "hh[hhh|....");

	KUNIT_EXPECT_EQ(test, plan.boundary, M(5));
}

static void __init a_fixed_area_may_touch_a_boundary(struct kunit *test)
{
	struct scene scene = { "..[...|....", M(3), .fixed = true };

	cma_expect_place(test, &scene, "..[AAA|....");
}

static void __init the_taken_part_of_a_fixed_range_is_named(struct kunit *test)
{
	struct scene scene = { ".[..##.#........", M(8), .fixed = true };

	cma_expect_refusal(test, &scene, "not-free", ".[..TT.#hhhhhhhh");
	scene.backwards = true;
	cma_expect_refusal(test, &scene, "not-free", ".[..TT.#hhhhhhhh");
}

static void __init a_taken_part_ends_with_the_fixed_range(struct kunit *test)
{
	struct scene scene = { "..[..####", M(4), .fixed = true };

	cma_expect_refusal(test, &scene, "not-free", "hh[hhTT##");
}

static void __init a_size_that_rounds_up_to_nothing_is_an_overflow(struct kunit *test)
{
	struct scene scene = { "#....#", ADDRESS_MAX };

	cma_expect_refusal(test, &scene, "overflow", "#hhhh#");
}

static void __init an_end_beyond_the_last_address_is_an_overflow(struct kunit *test)
{
	struct scene scene = { "#....#", M(2), .fixed = true };
	struct cma_plan_request request;
	struct cma_plan plan;

	cma_scene_make_request(&request, &scene);
	request.base = ADDRESS_MAX - M(1) + 1;
	request.memory_end = ADDRESS_MAX;
	cma_scene_make_plan(&plan, &request, &scene);
	KUNIT_EXPECT_STREQ(test, cma_plan_verdict_name(plan.verdict),
			   "overflow");
}

static void __init memory_up_to_the_last_address_is_usable(struct kunit *test)
{
	struct cma_plan_request request = {
		.size = M(2),
		.min_alignment = SZ_1M,
		.unit = SZ_4K,
		.memory_end = ADDRESS_MAX,
	};
	struct cma_plan plan;

	cma_plan_begin(&plan, &request);
	cma_plan_feed(&plan, ADDRESS_MAX - M(4) + 1, ADDRESS_MAX);
	KUNIT_EXPECT_FALSE(test, cma_plan_again(&plan));
	KUNIT_EXPECT_EQ(test, plan.verdict, CMA_PLAN_OK);
	KUNIT_EXPECT_EQ(test, plan.base, ADDRESS_MAX - M(3) + 1);
}

static void __init too_small_pieces_are_refused_with_their_sum(struct kunit *test)
{
	struct scene scene = { "..#....#.#...", M(11), .max_ranges = 8 };
	struct cma_plan plan;

	plan = cma_expect_refusal(test, &scene, "scattered", "..#hhhh#.#...");
	KUNIT_EXPECT_EQ(test, plan.total, M(10));
	KUNIT_EXPECT_EQ(test, cma_plan_errno(plan.verdict), -ENOMEM);
}

static void __init too_many_pieces_are_refused_with_the_sum_of_the_largest(struct kunit *test)
{
	struct scene scene = { "..#....#.#...", M(8), .max_ranges = 2 };
	struct cma_plan plan;

	plan = cma_expect_refusal(test, &scene, "scattered", "..#hhhh#.#...");
	KUNIT_EXPECT_EQ(test, plan.total, M(7));
}

static void __init each_verdict_has_a_name_and_an_error(struct kunit *test)
{
	int verdict, other;

	KUNIT_EXPECT_EQ(test, cma_plan_errno(CMA_PLAN_OK), 0);
	KUNIT_EXPECT_EQ(test, cma_plan_errno(CMA_PLAN_NOT_FREE), -EBUSY);
	KUNIT_EXPECT_EQ(test, cma_plan_errno(CMA_PLAN_NO_HOLE), -ENOMEM);
	KUNIT_EXPECT_EQ(test, cma_plan_errno(NR_CMA_PLAN_VERDICTS), -EINVAL);
	for (verdict = 1; verdict < NR_CMA_PLAN_VERDICTS; verdict++) {
		KUNIT_EXPECT_LT(test, cma_plan_errno(verdict), 0);
		for (other = 0; other < verdict; other++)
			KUNIT_EXPECT_STRNEQ(test,
					    cma_plan_verdict_name(verdict),
					    cma_plan_verdict_name(other));
	}
}

static struct kunit_case __refdata cma_boot_plan_refusal_cases[] = {
	KUNIT_CASE(no_hole_names_the_largest_one),
	KUNIT_CASE(no_hole_counts_what_fits_aligned),
	KUNIT_CASE(no_hole_says_that_base_and_limit_bound_it),
	KUNIT_CASE(no_hole_says_that_boundaries_bound_it),
	KUNIT_CASE(no_hole_of_full_memory_is_empty),
	KUNIT_CASE(size_0_is_refused),
	KUNIT_CASE(an_alignment_must_be_a_power_of_two),
	KUNIT_CASE(a_unit_must_divide_the_size),
	KUNIT_CASE(a_fixed_base_must_be_aligned),
	KUNIT_CASE(a_fixed_base_must_be_aligned_to_the_unit),
	KUNIT_CASE(a_limit_must_be_above_the_base),
	KUNIT_CASE(a_limit_that_equals_the_base_is_refused),
	KUNIT_CASE(a_size_beyond_memory_is_refused),
	KUNIT_CASE(a_base_beyond_memory_is_refused),
	KUNIT_CASE(a_base_beyond_memory_is_told_before_the_limit),
	KUNIT_CASE(a_fixed_area_must_end_in_memory),
	KUNIT_CASE(a_fixed_area_must_end_below_the_limit),
	KUNIT_CASE(a_fixed_area_must_not_straddle_a_boundary),
	KUNIT_CASE(a_fixed_area_may_touch_a_boundary),
	KUNIT_CASE(the_taken_part_of_a_fixed_range_is_named),
	KUNIT_CASE(a_taken_part_ends_with_the_fixed_range),
	KUNIT_CASE(a_size_that_rounds_up_to_nothing_is_an_overflow),
	KUNIT_CASE(an_end_beyond_the_last_address_is_an_overflow),
	KUNIT_CASE(memory_up_to_the_last_address_is_usable),
	KUNIT_CASE(too_small_pieces_are_refused_with_their_sum),
	KUNIT_CASE(too_many_pieces_are_refused_with_the_sum_of_the_largest),
	KUNIT_CASE(each_verdict_has_a_name_and_an_error),
	{}
};

static struct kunit_suite __refdata cma_boot_plan_refusal_suite = {
	.name = "cma_boot_plan_refusal",
	.test_cases = cma_boot_plan_refusal_cases,
};

kunit_test_init_section_suites(&cma_boot_plan_refusal_suite);
