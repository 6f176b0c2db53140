// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pages without a reference, on areas of real memory that are reserved at boot
 * for tests.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "real.h"

#define QUIET	true

static struct cma *area(struct kunit *test)
{
	return cma_real_area(test, "kunit0");
}

static void expect_counts(struct kunit *test, struct page *pages,
			  unsigned long count, int refs)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(pages + i), refs);
}

static void expect_allocated(struct kunit *test, struct cma *cma,
			     unsigned long pages)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.allocated, pages);
	KUNIT_EXPECT_EQ(test, usage.claimed, 0);
	KUNIT_EXPECT_TRUE(test, cma_check(cma));
}

static void frozen_pages_have_no_reference(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *pages = cma_alloc_frozen(cma, 17, 5, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_EXPECT_TRUE(test, cma_pages_valid(cma, pages, 17));
	KUNIT_EXPECT_EQ(test, page_to_pfn(pages) % 32, 0);
	expect_counts(test, pages, 17, 0);
	expect_allocated(test, cma, 17);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages, 17));
	expect_allocated(test, cma, 0);
}

/* Given back and READY, or lent, they are counted as everybody expects. */
static void frozen_pages_can_be_had_with_references_afterwards(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long count = cma->nr_pages;
	struct page *pages = cma_alloc_frozen(cma, count, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	cma_release_frozen(cma, pages, count);
	pages = cma_alloc(cma, count, 0, !QUIET);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	expect_counts(test, pages, count, 1);
	cma_release(cma, pages, count);

	cma_real_lend(cma);
	pages = cma_alloc_frozen(cma, count, 0, !QUIET);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	expect_counts(test, pages, count, 0);
	cma_release_frozen(cma, pages, count);
	expect_allocated(test, cma, 0);
}

static void a_frozen_compound_page_is_one(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *head = cma_alloc_frozen_compound(cma, 4);

	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_EXPECT_TRUE(test, PageHead(head));
	KUNIT_EXPECT_EQ(test, compound_order(head), 4);
	KUNIT_EXPECT_EQ(test, page_to_pfn(head) % 16, 0);
	expect_counts(test, head, 16, 0);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, head, 16));
	expect_allocated(test, cma, 0);

	/* Nothing of it is compound any more. */
	head = cma_alloc(cma, cma->nr_pages, 0, !QUIET);
	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_EXPECT_FALSE(test, PageCompound(head));
	KUNIT_EXPECT_FALSE(test, PageCompound(head + 15));
	cma_release(cma, head, cma->nr_pages);
}

static void a_frozen_compound_page_has_an_order(struct kunit *test)
{
	struct cma *cma = area(test);

	KUNIT_EXPECT_NULL(test, cma_alloc_frozen_compound(cma, 0));
	KUNIT_EXPECT_NULL(test, cma_alloc_frozen_compound(cma, 40));
	KUNIT_EXPECT_NULL(test, cma_alloc_frozen(cma, cma->nr_pages + 1, 0,
						 QUIET));
	expect_allocated(test, cma, 0);
}

/*
 *	####....  ->  ##......
 */
static void a_part_of_a_frozen_run_comes_back_alone(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *pages = cma_alloc_frozen(cma, 8, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages, 9));
	expect_counts(test, pages, 8, 0);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages + 4, 4));
	expect_counts(test, pages, 4, 0);
	expect_allocated(test, cma, 4);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages, 4));
	expect_allocated(test, cma, 0);
}

/*
 *	########	^^^^ isn't a folio
 */
static void a_part_of_a_frozen_folio_stays_frozen(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *head = cma_alloc_frozen_compound(cma, 3);

	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, head, 4));
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, head + 4, 4));
	expect_counts(test, head, 8, 0);
	expect_allocated(test, cma, 8);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, head, 8));
	expect_allocated(test, cma, 0);
}

/*
 *	####	in units of four pages
 */
static void a_part_of_a_frozen_unit_stays_frozen(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	struct page *pages = cma_alloc_frozen(cma, 8, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_ASSERT_EQ(test, cma->order_per_bit, 2);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages, 2));
	expect_counts(test, pages, 8, 0);
	expect_allocated(test, cma, 8);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages, 8));
	expect_allocated(test, cma, 0);
}

/*
 *	|........|########|########|....	two folios, and one call
 */
static void frozen_folios_that_touch_come_back_in_one_call(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long nr = cma->nr_pages;
	struct page *pages = cma_alloc(cma, nr, 0, !QUIET), *head[2];

	KUNIT_ASSERT_NOT_NULL(test, pages);
	cma_release(cma, pages + 8, 16);
	head[0] = cma_alloc_frozen_compound(cma, 3);
	head[1] = cma_alloc_frozen_compound(cma, 3);
	KUNIT_ASSERT_NOT_NULL(test, head[0]);
	KUNIT_ASSERT_NOT_NULL(test, head[1]);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages + 8, 12));
	expect_counts(test, pages + 8, 16, 0);
	expect_allocated(test, cma, nr);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages + 8, 16));
	expect_allocated(test, cma, nr - 16);
	cma_release(cma, pages, 8);
	cma_release(cma, pages + 24, nr - 24);
	frozen_pages_can_be_had_with_references_afterwards(test);
}

static void a_second_release_of_frozen_pages_changes_nothing(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *pages = cma_alloc_frozen(cma, 8, 0, !QUIET);
	s64 released;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	cma_release_frozen(cma, pages, 8);
	released = atomic64_read(&cma->stats.release_pages);
	KUNIT_EXPECT_TRUE(test, cma_release_frozen(cma, pages, 8));
	KUNIT_EXPECT_EQ(test, atomic64_read(&cma->stats.release_pages),
			released);
	expect_allocated(test, cma, 0);
}

static void pages_of_no_area_are_not_thawed(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, cma_release_frozen(area(test), page, 1));
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	__free_page(page);
}

static struct kunit_case cma_frozen_cases[] = {
	KUNIT_CASE(frozen_pages_have_no_reference),
	KUNIT_CASE(frozen_pages_can_be_had_with_references_afterwards),
	KUNIT_CASE(a_frozen_compound_page_is_one),
	KUNIT_CASE(a_frozen_compound_page_has_an_order),
	KUNIT_CASE(a_part_of_a_frozen_run_comes_back_alone),
	KUNIT_CASE(a_part_of_a_frozen_folio_stays_frozen),
	KUNIT_CASE(a_part_of_a_frozen_unit_stays_frozen),
	KUNIT_CASE(frozen_folios_that_touch_come_back_in_one_call),
	KUNIT_CASE(a_second_release_of_frozen_pages_changes_nothing),
	KUNIT_CASE(pages_of_no_area_are_not_thawed),
	{}
};

static struct kunit_suite cma_frozen_suite = {
	.name = "cma_frozen",
	.test_cases = cma_frozen_cases,
};

kunit_test_suite(cma_frozen_suite);

MODULE_DESCRIPTION("Tests of contiguous memory without references");
MODULE_LICENSE("GPL");
