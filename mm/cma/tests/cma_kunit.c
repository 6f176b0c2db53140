// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma.c: the interface, on areas of real memory that are reserved
 * at boot for this, and what is counted and told.
 */
#include <kunit/test.h>
#include <linux/alloc_tag.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "../../internal.h"
#include "fake.h"
#include "real.h"

#define QUIET	true

static struct cma *area(struct kunit *test)
{
	return cma_real_area(test, "kunit0");
}

/* The second one has units of several pages. */
static struct cma *coarse_area(struct kunit *test)
{
	return cma_real_area(test, "kunit1");
}

/* The same for every test, whatever those before have left READY. */
static int lend_areas(struct kunit *test)
{
	cma_real_lend(area(test));
	cma_real_lend(coarse_area(test));
	return 0;
}

/* Nobody has anything of the area; what was given back may be READY. */
static void expect_unused(struct kunit *test, struct cma *cma)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.allocated, 0);
	KUNIT_EXPECT_EQ(test, usage.claimed, 0);
	KUNIT_EXPECT_EQ(test, usage.lent + usage.ready, usage.total);
	KUNIT_EXPECT_TRUE(test, cma_check(cma));
}

static void pages_lie_in_the_area_aligned_and_referenced_once(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 17, 5, !QUIET);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_pages_valid(cma, page, 17));
	KUNIT_EXPECT_EQ(test, page_to_pfn(page) % 32, 0);
	for (i = 0; i < 17; i++) {
		KUNIT_EXPECT_EQ(test, page_count(page + i), 1);
		KUNIT_EXPECT_FALSE(test, PageCompound(page + i));
	}
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 17));
	expect_unused(test, cma);
}

static void the_memory_can_be_written(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 256, 8, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), 0x5a, 256 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x5a,
					   256 * PAGE_SIZE));
	cma_release(cma, page, 256);
	expect_unused(test, cma);
}

static void a_request_can_be_for_zeroed_pages(struct kunit *test)
{
	struct cma_request request = {
		.count = 64, .gfp = GFP_KERNEL | __GFP_ZERO,
	};
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 64, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), 0xff, 64 * PAGE_SIZE);
	cma_release(cma, page, 64);

	page = cma_alloc_request(cma, &request);
	KUNIT_ASSERT_FALSE(test, IS_ERR(page));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0,
					   64 * PAGE_SIZE));
	cma_release(cma, page, 64);
}

static void the_whole_area_can_be_allocated(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long count = cma_get_size(cma) >> PAGE_SHIFT;
	struct page *page = cma_alloc(cma, count, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_phys(page), cma_get_base(cma));
	KUNIT_EXPECT_NULL(test, cma_alloc(cma, 1, 0, QUIET));
	cma_release(cma, page, count);
	expect_unused(test, cma);
}

static void a_folio_is_one_compound_page(struct kunit *test)
{
	struct cma *cma = area(test);
	struct folio *folio = cma_alloc_folio(cma, 4, GFP_KERNEL | __GFP_COMP);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 4);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, folio_pfn(folio) % 16, 0);
	KUNIT_EXPECT_PTR_EQ(test, page_folio(folio_page(folio, 15)), folio);
	KUNIT_EXPECT_TRUE(test, cma_free_folio(cma, folio));
	expect_unused(test, cma);
}

static void a_folio_may_be_larger_than_the_page_allocators(struct kunit *test)
{
	struct cma *cma = area(test);
	int order = MAX_PAGE_ORDER + 1;
	struct folio *folio;

	if (cma_get_size(cma) >> PAGE_SHIFT < 2UL << order)
		kunit_skip(test, "the area is too small");
	folio = cma_alloc_folio(cma, order, GFP_KERNEL | __GFP_COMP);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), order);
	KUNIT_EXPECT_TRUE(test, cma_free_folio(cma, folio));
	expect_unused(test, cma);
}

static void a_folio_needs_an_order_and_the_compound_flag(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 0);
	struct cma *cma = &fake->cma;
	gfp_t gfp = GFP_KERNEL | __GFP_COMP;

	KUNIT_EXPECT_NULL(test, cma_alloc_folio(cma, 0, gfp));
	KUNIT_EXPECT_NULL(test, cma_alloc_folio(cma, -1, gfp));
	KUNIT_EXPECT_NULL(test, cma_alloc_folio(cma, 63, gfp));
	KUNIT_EXPECT_NULL(test, cma_alloc_folio(cma, 4, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

/* Single pages with a reference each become a folio, as what a request has got. */
static void make_folio(struct kunit *test, struct page *page,
		       unsigned int order)
{
	const struct cma_evacuator *evacuator = &cma_page_evacuator;
	unsigned long pfn = page_to_pfn(page);
	bool made;

	made = alloc_hooks(evacuator->prepare(area(test), pfn, 1UL << order,
					      GFP_KERNEL | __GFP_COMP, false));
	KUNIT_ASSERT_TRUE(test, made);
}

/* As hugetlb does with a gigantic page that is demoted: two of a half. */
static void a_folio_that_was_taken_apart_comes_back_in_parts(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 8, 3, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, page);
	make_folio(test, page, 2);
	make_folio(test, page + 4, 2);

	KUNIT_EXPECT_TRUE(test, cma_free_folio(cma, page_folio(page + 4)));
	KUNIT_EXPECT_EQ(test, cma->nr_allocated, 4);
	KUNIT_EXPECT_EQ(test, cma->nr_runs, 1);
	KUNIT_EXPECT_TRUE(test, cma_free_folio(cma, page_folio(page)));
	expect_unused(test, cma);
}

/*
 * As hugetlb's smaller pages do in the area that its gigantic ones are made of:
 *
 *	books	|........................|	all of it is lent
 *	pages	|....####................|	the page allocator has given four
 */
static void a_folio_in_lent_memory_stays_with_its_owner(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 4, 2, !QUIET);
	struct cma_claim claim;
	unsigned long unit;

	KUNIT_ASSERT_NOT_NULL(test, page);
	make_folio(test, page, 2);
	unit = cma_pfn_to_unit(cma, page_to_pfn(page));
	KUNIT_ASSERT_TRUE(test, cma_retire(cma, cma_extent_at(unit, 4), &claim));
	cma_abort(cma, &claim);

	KUNIT_EXPECT_FALSE(test, cma_free_folio(cma, page_folio(page)));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	folio_put(page_folio(page));
	expect_unused(test, cma);
}

static void a_folio_from_elsewhere_stays_with_its_owner(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 2);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_FALSE(test, cma_free_folio(area(test), folio));
	KUNIT_EXPECT_FALSE(test, cma_free_folio(NULL, folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
}

static void counts_are_rounded_up_to_the_areas_unit(struct kunit *test)
{
	struct cma *cma = coarse_area(test);
	unsigned int unit = 1U << cma->order_per_bit;
	struct page *first = cma_alloc(cma, 1, 0, !QUIET);
	struct page *second = cma_alloc(cma, unit + 1, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_EQ(test, second - first, unit);
	cma_release(cma, first, 1);
	cma_release(cma, second, unit + 1);
	expect_unused(test, cma);
}

static void a_second_release_frees_nothing(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 4, 0, !QUIET);
	s64 released;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 4));
	released = atomic64_read(&cma->stats.release_pages);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 4));
	KUNIT_EXPECT_EQ(test, atomic64_read(&cma->stats.release_pages),
			released);
	KUNIT_EXPECT_TRUE(test, test_bit(CMA_MISUSE_RELEASE, &cma->misused));
	expect_unused(test, cma);
}

static void parts_of_a_run_come_back_one_by_one(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 8, 0, !QUIET);
	struct cma_usage usage;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_release(cma, page + 2, 1);
	cma_release(cma, page, 9);
	cma_release(cma, page, 4);
	cma_release(cma, page, 0);
	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.allocated, 7);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	cma_release(cma, page, 2);
	cma_release(cma, page + 3, 5);
	expect_unused(test, cma);
}

static void parts_come_back_in_any_order(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, 16, 0, !QUIET);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 4; i <= 8; i += 4)
		KUNIT_EXPECT_TRUE(test, cma_release(cma, page + i, 4));
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page + 12, 4));
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 4));
	expect_unused(test, cma);

	page = cma_alloc(cma, cma->nr_pages, 0, !QUIET);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page + 8, 8));
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page + 4, 4));
	KUNIT_EXPECT_EQ(test, cma->nr_runs, 2);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 4));
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page + 16, cma->nr_pages - 16));
	expect_unused(test, cma);
}

/*
 *	|aaaa|aaaa|  ->  |..aa|aaaa|  ->  |bbaa|aaaa|	there is one place for b
 *				      ^^^	the end of a run and the beginning of another
 */
static void runs_that_touch_come_back_in_one_call(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long all = cma->nr_pages;
	struct page *page = cma_alloc(cma, all, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 16));
	KUNIT_EXPECT_PTR_EQ(test, cma_alloc(cma, 16, 0, !QUIET), page);
	KUNIT_EXPECT_EQ(test, cma->nr_runs, 2);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page + 8, 16));
	KUNIT_EXPECT_EQ(test, cma->nr_allocated << cma->order_per_bit, all - 16);
	KUNIT_EXPECT_PTR_EQ(test, cma_alloc(cma, 16, 0, !QUIET), page + 8);
	KUNIT_EXPECT_EQ(test, cma->nr_runs, 3);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, all));
	expect_unused(test, cma);
}

static void a_part_of_a_folio_stays_with_its_owner(struct kunit *test)
{
	struct cma *cma = area(test);
	struct folio *folio = cma_alloc_folio(cma, 3, GFP_KERNEL | __GFP_COMP);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	cma_release(cma, &folio->page, 4);
	cma_release(cma, folio_page(folio, 4), 4);
	KUNIT_EXPECT_EQ(test, cma->nr_allocated << cma->order_per_bit, 8);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_TRUE(test, cma_free_folio(cma, folio));
	expect_unused(test, cma);
}

static void lent_pages_are_not_released_under_their_user(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = pfn_to_page(PHYS_PFN(cma_get_base(cma)));
	s64 released = atomic64_read(&cma->stats.release_pages);

	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 1));
	KUNIT_EXPECT_EQ(test, atomic64_read(&cma->stats.release_pages),
			released);
	expect_unused(test, cma);
}

static void a_foreign_page_is_left_alone(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, cma_release(cma, page, 1));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_TRUE(test, test_bit(CMA_MISUSE_FOREIGN, &cma->misused));
	__free_page(page);
}

static void pages_of_another_area_are_left_alone(struct kunit *test)
{
	struct page *page = cma_alloc(coarse_area(test), 4, 0, !QUIET);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, cma_release(area(test), page, 4));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_TRUE(test, cma_release(coarse_area(test), page, 4));
	expect_unused(test, coarse_area(test));
}

static void without_an_area_nothing_happens(struct kunit *test)
{
	struct cma_request request = { .count = 1, .gfp = GFP_KERNEL };
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_NULL(test, cma_alloc(NULL, 1, 0, QUIET));
	KUNIT_EXPECT_TRUE(test, IS_ERR(cma_alloc_request(NULL, &request)));
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_INVALID);
	KUNIT_EXPECT_FALSE(test, cma_release(NULL, page, 1));
	KUNIT_EXPECT_FALSE(test, cma_release(area(test), NULL, 1));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(NULL, page, 1));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	__free_page(page);
}

static void only_pages_wholly_inside_are_valid(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long count = cma_get_size(cma) >> PAGE_SHIFT;
	struct page *page = pfn_to_page(PHYS_PFN(cma_get_base(cma)));

	KUNIT_EXPECT_TRUE(test, cma_pages_valid(cma, page, count));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(cma, page, count + 1));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(cma, page, ULONG_MAX));
	KUNIT_EXPECT_TRUE(test, cma_pages_valid(cma, page + count - 1, 1));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(cma, page + count - 1, 2));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(cma, page - 1, 2));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(cma, NULL, 1));
}

static void a_failure_leaves_the_area_as_it_was(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long count = cma_get_size(cma) >> PAGE_SHIFT;
	struct cma_request request = {
		.count = count + 1, .gfp = GFP_KERNEL | __GFP_NOWARN,
	};

	KUNIT_EXPECT_EQ(test, PTR_ERR(cma_alloc_request(cma, &request)),
			cma_reason_errno(CMA_REASON_TOO_BIG));
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_TOO_BIG);
	expect_unused(test, cma);
}

static void success_and_failure_are_counted_in_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 0);
	struct cma_stats *stats = &fake->cma.stats;

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 10, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 10), 0);
	cma_fake_alloc(fake, FAKE_BLOCK + 7, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->alloc_pages), 10);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->release_pages), 10);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->fail_pages),
			FAKE_BLOCK + 7);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->moved_pages), 10);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->reasons[CMA_REASON_NONE]), 1);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->reasons[CMA_REASON_TOO_BIG]), 1);
}

static void every_request_falls_into_one_latency_bucket(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 0);
	s64 sum = 0;
	int i;

	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 1, 0), 0);
		KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 1), 0);
	}
	for (i = 0; i < CMA_LATENCY_BUCKETS; i++)
		sum += atomic64_read(&fake->cma.stats.latency[i]);
	KUNIT_EXPECT_EQ(test, sum, 5);
}

static int stop_at_the_second(struct cma *cma, void *data)
{
	int *seen = data;

	return ++*seen == 2 ? 42 : 0;
}

static void a_walk_over_the_areas_ends_when_told(struct kunit *test)
{
	int seen = 0;

	area(test);
	coarse_area(test);
	KUNIT_EXPECT_EQ(test, cma_for_each_area(stop_at_the_second, &seen), 42);
	KUNIT_EXPECT_EQ(test, seen, 2);
}

static struct kunit_case cma_cases[] = {
	KUNIT_CASE(pages_lie_in_the_area_aligned_and_referenced_once),
	KUNIT_CASE(the_memory_can_be_written),
	KUNIT_CASE(a_request_can_be_for_zeroed_pages),
	KUNIT_CASE(the_whole_area_can_be_allocated),
	KUNIT_CASE(a_folio_is_one_compound_page),
	KUNIT_CASE(a_folio_may_be_larger_than_the_page_allocators),
	KUNIT_CASE(a_folio_needs_an_order_and_the_compound_flag),
	KUNIT_CASE(a_folio_that_was_taken_apart_comes_back_in_parts),
	KUNIT_CASE(a_folio_in_lent_memory_stays_with_its_owner),
	KUNIT_CASE(a_folio_from_elsewhere_stays_with_its_owner),
	KUNIT_CASE(counts_are_rounded_up_to_the_areas_unit),
	KUNIT_CASE(a_second_release_frees_nothing),
	KUNIT_CASE(parts_of_a_run_come_back_one_by_one),
	KUNIT_CASE(parts_come_back_in_any_order),
	KUNIT_CASE(runs_that_touch_come_back_in_one_call),
	KUNIT_CASE(a_part_of_a_folio_stays_with_its_owner),
	KUNIT_CASE(lent_pages_are_not_released_under_their_user),
	KUNIT_CASE(a_foreign_page_is_left_alone),
	KUNIT_CASE(pages_of_another_area_are_left_alone),
	KUNIT_CASE(without_an_area_nothing_happens),
	KUNIT_CASE(only_pages_wholly_inside_are_valid),
	KUNIT_CASE(a_failure_leaves_the_area_as_it_was),
	KUNIT_CASE(success_and_failure_are_counted_in_pages),
	KUNIT_CASE(every_request_falls_into_one_latency_bucket),
	KUNIT_CASE(a_walk_over_the_areas_ends_when_told),
	{}
};

static struct kunit_suite cma_suite = {
	.name = "cma",
	.init = lend_areas,
	.test_cases = cma_cases,
};

kunit_test_suite(cma_suite);

MODULE_DESCRIPTION("Tests of the contiguous memory allocator's interface");
MODULE_LICENSE("GPL");
