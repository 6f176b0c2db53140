// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/request.c, and of what mm/cma.c asks it: which requests can't be met,
 * and what their failure is called.
 *
 *	.  lent		r  READY	#  allocated	:  the request's limit
 */
#include <kunit/test.h>
#include <linux/log2.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

/* ---- What makes no sense ---- */

static void impossible_requests_are_invalid(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 1, .align = 63, .gfp = GFP_KERNEL,
	};

	cma_fake_expect_reason(fake, 0, GFP_KERNEL, CMA_REASON_INVALID);
	cma_fake_expect_reason(fake, 3, GFP_KERNEL | __GFP_COMP, CMA_REASON_INVALID);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_INVALID);
	request.align = UINT_MAX;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static void a_compound_page_smaller_than_a_unit_is_invalid(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);
	struct cma_request request = {
		.count = 4, .align = 2, .gfp = GFP_KERNEL | __GFP_COMP,
	};

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
}

/* As the page allocator has it: its address is a multiple of its size. */
static void a_compound_page_is_aligned_to_its_size(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 8, .align = 2, .gfp = GFP_KERNEL | __GFP_COMP,
	};

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -EINVAL);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_INVALID);
	request.align = 3;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	cma_fake_expect_free(fake, 0, 8);
}

static void an_area_that_is_not_active_says_so(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_set_state(&fake->cma, CMA_AREA_RESERVED);
	cma_fake_expect_reason(fake, 1, GFP_KERNEL, CMA_REASON_INACTIVE);
	cma_set_state(&fake->cma, CMA_AREA_ACTIVE);
}

/* ---- What no area of this size could have ---- */

static void a_request_larger_than_the_area_is_too_big(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_expect_reason(fake, BLOCK + 1, GFP_KERNEL, CMA_REASON_TOO_BIG);
	cma_fake_expect_reason(fake, ULONG_MAX, GFP_KERNEL, CMA_REASON_TOO_BIG);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static void more_than_there_can_be_is_too_big_in_any_unit(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);

	cma_fake_expect_reason(fake, ULONG_MAX, GFP_KERNEL, CMA_REASON_TOO_BIG);
	KUNIT_EXPECT_EQ(test, cma_pages_to_units(&fake->cma, ULONG_MAX),
			(ULONG_MAX >> 3) + 1);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/* The area's first page is aligned best, and to no more than its own number. */
static void an_alignment_that_the_area_lacks_is_too_big(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 1, .align = ilog2(FAKE_BASE_PFN) + 1,
		.gfp = GFP_KERNEL,
	};

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request),
			cma_reason_errno(CMA_REASON_TOO_BIG));
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_TOO_BIG);
}

/* ---- Limits ---- */

static phys_addr_t address(unsigned long offset)
{
	return PFN_PHYS(FAKE_BASE_PFN + offset);
}

static long alloc_below(struct cma_fake *fake, unsigned long count,
			phys_addr_t limit, enum cma_reason *reason)
{
	struct cma_request request = {
		.count = count, .gfp = GFP_KERNEL, .limit = limit,
	};
	long ret = cma_fake_request(fake, &request);

	*reason = request.reason;
	return ret;
}

static void an_area_above_the_limit_is_above_the_mask(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	alloc_below(fake, 1, address(0) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	alloc_below(fake, 1, address(0), &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/*
 *	....:....	limit in the middle: the last page below it can be had
 */
static void a_limit_inside_the_area_is_kept_to_the_page(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	KUNIT_EXPECT_EQ(test, alloc_below(fake, 8, address(8) - 1, &reason), 0);
	cma_fake_expect_free(fake, 0, 8);
	alloc_below(fake, 8, address(8) - 2, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
}

/*
 *	[........][.....:..]	units of eight pages: of the second one not all is
 *				below the limit
 */
static void a_limit_inside_of_a_unit_leaves_the_unit_out(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 3);
	enum cma_reason reason;

	alloc_below(fake, 16, address(13) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	KUNIT_EXPECT_EQ(test, alloc_below(fake, 8, address(13) - 1, &reason), 0);
	cma_fake_expect_free(fake, 0, 8);
	KUNIT_EXPECT_EQ(test, alloc_below(fake, 16, address(16) - 1, &reason), 0);
	cma_fake_expect_free(fake, 0, 16);
}

static void a_full_lower_part_is_above_the_mask(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	alloc_below(fake, 4, address(8) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	cma_fake_expect_free(fake, 0, 8);
}

static void a_limit_beyond_the_area_limits_nothing(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;

	KUNIT_EXPECT_EQ(test, alloc_below(fake, BLOCK, PHYS_ADDR_MAX, &reason),
			0);
	cma_fake_expect_free(fake, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, alloc_below(fake, BLOCK, address(BLOCK) - 1,
					  &reason), 0);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/* ---- What there is too little of ---- */

/*
 *	######..	asked: ....
 */
static void too_few_pages_left_are_called_full(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 2, 0), 0);
	cma_fake_expect_reason(fake, 4, GFP_KERNEL, CMA_REASON_FULL);
	cma_fake_expect_free(fake, 0, BLOCK - 2);
}

/*
 *	..####..	asked: ....
 */
static void scattered_pages_are_called_fragmented(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 4, 0), 2);
	cma_fake_expect_free(fake, 0, 2);
	cma_fake_expect_reason(fake, 4, GFP_KERNEL, CMA_REASON_FRAGMENTED);
	cma_fake_expect_free(fake, 2, BLOCK - 4);
}

/*
 *	##:##..##..##	asked: ....	above the limit it would be no better
 */
static void no_limit_is_to_blame_for_scattered_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	enum cma_reason reason;
	unsigned int i;

	for (i = 0; i < 12; i += 2)
		KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), i);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK - 12, 0), 12);
	cma_fake_expect_free(fake, 4, 2);
	cma_fake_expect_free(fake, 8, 2);
	alloc_below(fake, 3, address(4) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_FRAGMENTED);
	alloc_below(fake, 2, address(4) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	for (i = 0; i < 12; i += 2)
		if (i != 4 && i != 8)
			cma_fake_expect_free(fake, i, 2);
	cma_fake_expect_free(fake, 12, BLOCK - 12);
}

/*
 *	:rrrrrrrr
 */
static void what_is_ready_serves_nothing_that_no_search_could(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 1);
	enum cma_reason reason;

	cma_fake_make_ready(fake, 0, BLOCK);
	cma_fake_expect_reason(fake, 3, GFP_KERNEL | __GFP_COMP, CMA_REASON_INVALID);
	cma_fake_expect_reason(fake, BLOCK + 1, GFP_KERNEL, CMA_REASON_TOO_BIG);
	alloc_below(fake, 1, address(0) - 1, &reason);
	KUNIT_EXPECT_EQ(test, reason, CMA_REASON_ABOVE_DMA_MASK);
	cma_fake_expect_usage(fake, 0, BLOCK, 0, 0);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/*
 *	|rrrr|#...|		asked: a block and a page
 */
static void ready_memory_counts_when_a_shortage_is_named(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 2);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), BLOCK);
	cma_fake_expect_free(fake, 0, BLOCK);
	cma_fake_expect_reason(fake, BLOCK + 1, GFP_KERNEL,
			       CMA_REASON_FRAGMENTED);
	cma_fake_expect_reason(fake, 2 * BLOCK, GFP_KERNEL, CMA_REASON_FULL);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_fake_expect_usage(fake, BLOCK - 1, BLOCK, 0, 1);
	cma_fake_expect_free(fake, BLOCK, 1);
}

static struct kunit_case cma_request_cases[] = {
	KUNIT_CASE(impossible_requests_are_invalid),
	KUNIT_CASE(a_compound_page_smaller_than_a_unit_is_invalid),
	KUNIT_CASE(a_compound_page_is_aligned_to_its_size),
	KUNIT_CASE(an_area_that_is_not_active_says_so),
	KUNIT_CASE(a_request_larger_than_the_area_is_too_big),
	KUNIT_CASE(more_than_there_can_be_is_too_big_in_any_unit),
	KUNIT_CASE(an_alignment_that_the_area_lacks_is_too_big),
	KUNIT_CASE(an_area_above_the_limit_is_above_the_mask),
	KUNIT_CASE(a_limit_inside_the_area_is_kept_to_the_page),
	KUNIT_CASE(a_limit_inside_of_a_unit_leaves_the_unit_out),
	KUNIT_CASE(a_full_lower_part_is_above_the_mask),
	KUNIT_CASE(a_limit_beyond_the_area_limits_nothing),
	KUNIT_CASE(too_few_pages_left_are_called_full),
	KUNIT_CASE(scattered_pages_are_called_fragmented),
	KUNIT_CASE(no_limit_is_to_blame_for_scattered_pages),
	KUNIT_CASE(what_is_ready_serves_nothing_that_no_search_could),
	KUNIT_CASE(ready_memory_counts_when_a_shortage_is_named),
	{}
};

static struct kunit_suite cma_request_suite = {
	.name = "cma_request",
	.test_cases = cma_request_cases,
};

kunit_test_suite(cma_request_suite);

MODULE_DESCRIPTION("Tests of what is said of contiguous memory requests");
MODULE_LICENSE("GPL");
