// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of whole requests for real memory: occupants (pages of a page cache)
 * are put at known places of an area that is reserved at boot for tests.
 *
 *	.  free		o  an occupant	x  an occupant that won't move
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "occupants.h"

static void every_kind_of_page_has_a_name_of_its_own(struct kunit *test)
{
	enum cma_page_kind a, b;

	for (a = 0; a < NR_CMA_PAGE_KINDS; a++) {
		KUNIT_EXPECT_NOT_NULL(test, cma_page_kind_name(a));
		for (b = 0; b < a; b++)
			KUNIT_EXPECT_STRNEQ(test, cma_page_kind_name(a),
					    cma_page_kind_name(b));
	}
	KUNIT_EXPECT_STREQ(test, cma_page_kind_name(NR_CMA_PAGE_KINDS),
			   "unknown");
}

/*
 *	o...............	all of it is wanted
 */
static void an_allocation_moves_what_is_in_its_way(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	s64 moved = atomic64_read(&occupants->cma->stats.moved_pages);
	unsigned long count = occupants->cma->nr_pages;
	struct folio *folio = cma_take_occupant(occupants);
	struct page *page = cma_alloc(occupants->cma, count, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), 0, count * PAGE_SIZE);
	cma_expect_occupant(occupants, 0, folio, true);
	KUNIT_EXPECT_GE(test, atomic64_read(&occupants->cma->stats.moved_pages),
			moved + 1);
	cma_release(occupants->cma, page, count);
}

/*
 *	o.......	nobody has to move for as much as there is free
 */
static void an_allocation_leaves_a_page_in_use_alone(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	s64 moved = atomic64_read(&occupants->cma->stats.moved_pages);
	struct folio *folio = cma_take_occupant(occupants);
	struct page *page = cma_alloc(occupants->cma, 16, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_GT(test, page_to_pfn(page), folio_pfn(folio));
	cma_expect_occupant(occupants, 0, folio, false);
	KUNIT_EXPECT_EQ(test, atomic64_read(&occupants->cma->stats.moved_pages),
			moved);
	cma_release(occupants->cma, page, 16);
}

/*
 *	x...............	there is no other run of all pages but one; and
 *	 ^^^^^^^^^^^^^^^	nothing was moved before the page was seen
 */
static void an_allocation_passes_by_a_pinned_page(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_stats *stats = &occupants->cma->stats;
	unsigned long count = occupants->cma->nr_pages - 1;
	struct folio *folio = cma_take_occupant(occupants);
	s64 pinned = atomic64_read(&stats->blockers[CMA_PAGE_PINNED]);
	s64 attempts = atomic64_read(&stats->attempts);
	struct page *page;

	cma_occupant_pin(folio, 1);
	page = cma_alloc(occupants->cma, count, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_pfn(page), folio_pfn(folio) + 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->attempts), attempts + 1);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->blockers[CMA_PAGE_PINNED]),
			pinned + 1);
	cma_expect_occupant(occupants, 0, folio, false);
	cma_release(occupants->cma, page, count);
	cma_occupant_pin(folio, -1);
}

/*
 *	x...............	all of it is wanted: it says which page, and what
 */
static void a_request_for_everything_names_the_pinned_page(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma *cma = occupants->cma;
	struct cma_request request = {
		.count = cma_get_size(cma) >> PAGE_SHIFT,
		.gfp = GFP_KERNEL | __GFP_NOWARN,
	};
	s64 pinned = atomic64_read(&cma->stats.blockers[CMA_PAGE_PINNED]);

	cma_occupant_pin(folio, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(cma_alloc_request(cma, &request)),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_BUSY);
	KUNIT_EXPECT_GT(test,
			atomic64_read(&cma->stats.blockers[CMA_PAGE_PINNED]),
			pinned);
	cma_occupant_pin(folio, -1);
}

static struct kunit_case cma_evac_requests_cases[] = {
	KUNIT_CASE(every_kind_of_page_has_a_name_of_its_own),
	KUNIT_CASE(an_allocation_moves_what_is_in_its_way),
	KUNIT_CASE(an_allocation_leaves_a_page_in_use_alone),
	KUNIT_CASE(an_allocation_passes_by_a_pinned_page),
	KUNIT_CASE(a_request_for_everything_names_the_pinned_page),
	{}
};

static struct kunit_suite cma_evac_requests_suite = {
	.name = "cma_evac_requests",
	.test_cases = cma_evac_requests_cases,
};

kunit_test_suite(cma_evac_requests_suite);

MODULE_DESCRIPTION("Tests of the evacuation of contiguous memory");
MODULE_LICENSE("GPL");
