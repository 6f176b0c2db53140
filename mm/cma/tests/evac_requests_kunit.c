// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac.c, on real memory: lodgers (pages of a page cache)
 * are put at known places of an area that is reserved at boot for tests.
 *
 *	.  free		o  a lodger	x  a lodger that won't move
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "lodging.h"

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
 *	o.......	the lodger moves out, and takes its data along
 */
static void a_page_in_use_moves_with_its_data(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_take_lodger(lodging);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};
	int i;

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_NONE);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(evacuation.pfn +
							     i)), 1);
	memset(folio_address(folio), 0, 64 * PAGE_SIZE);
	cma_expect_lodger(lodging, 0, folio, true);
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	o...............	all of it is wanted
 */
static void an_allocation_moves_what_is_in_its_way(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	s64 moved = atomic64_read(&lodging->cma->stats.moved_pages);
	unsigned long count = lodging->cma->nr_pages;
	struct folio *folio = cma_take_lodger(lodging);
	struct page *page = cma_alloc(lodging->cma, count, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), 0, count * PAGE_SIZE);
	cma_expect_lodger(lodging, 0, folio, true);
	KUNIT_EXPECT_GE(test, atomic64_read(&lodging->cma->stats.moved_pages),
			moved + 1);
	cma_release(lodging->cma, page, count);
}

/*
 *	o.......	nobody has to move for as much as there is free
 */
static void an_allocation_leaves_a_page_in_use_alone(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	s64 moved = atomic64_read(&lodging->cma->stats.moved_pages);
	struct folio *folio = cma_take_lodger(lodging);
	struct page *page = cma_alloc(lodging->cma, 16, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_GT(test, page_to_pfn(page), folio_pfn(folio));
	cma_expect_lodger(lodging, 0, folio, false);
	KUNIT_EXPECT_EQ(test, atomic64_read(&lodging->cma->stats.moved_pages),
			moved);
	cma_release(lodging->cma, page, 16);
}

/*
 *	x.......
 */
static void a_pinned_page_is_named(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_take_lodger(lodging);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};

	cma_lodger_pin(folio, 1);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_PINNED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(folio));
	KUNIT_EXPECT_GE(test, evacuation.blocker.refs, GUP_PIN_COUNTING_BIAS);
	cma_expect_lodger(lodging, 0, folio, false);
	cma_lodger_pin(folio, -1);
}

/*
 *	ox......	the first one could go, the second one could not
 */
static void a_reference_too_many_is_named(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *second;

	evacuation.pfn = folio_pfn(cma_take_lodger(lodging));
	second = cma_lodge(lodging, cma_take_page(lodging, 1));
	folio_get(second);
	/*
	 * A page that didn't move goes back through a batch of this processor,
	 * which holds a reference. Elsewhere it would be in a batch still.
	 */
	migrate_disable();
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_REFERENCED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(second));
	/* The page cache and us. */
	KUNIT_EXPECT_EQ(test, evacuation.blocker.refs, 2);
	cma_expect_lodger(lodging, 1, second, false);
	folio_put(second);
}

/* It could be a page that has just been added to a list of the processor. */
static void an_allocated_page_looks_referenced_at_a_glance(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct page *page = cma_alloc(lodging->cma, 1, 0, false);
	struct cma_evacuation evacuation = {
		.nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_NOT_NULL(test, page);
	evacuation.pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_REFERENCED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, page_to_pfn(page));
	cma_release(lodging->cma, page, 1);
}

static void an_allocated_page_is_unmovable(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct page *page = cma_alloc(lodging->cma, 1, 0, false);
	struct cma_evacuation evacuation = { .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH };

	KUNIT_ASSERT_NOT_NULL(test, page);
	evacuation.pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	KUNIT_EXPECT_FALSE(test, evacuation.hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_UNMOVABLE);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, page_to_pfn(page));
	cma_release(lodging->cma, page, 1);
}

/*
 *	x...............	there is no other run of all pages but one; and
 *	 ^^^^^^^^^^^^^^^	nothing was moved before the page was seen
 */
static void an_allocation_passes_by_a_pinned_page(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_stats *stats = &lodging->cma->stats;
	unsigned long count = lodging->cma->nr_pages - 1;
	struct folio *folio = cma_take_lodger(lodging);
	s64 pinned = atomic64_read(&stats->blockers[CMA_PAGE_PINNED]);
	s64 attempts = atomic64_read(&stats->attempts);
	struct page *page;

	cma_lodger_pin(folio, 1);
	page = cma_alloc(lodging->cma, count, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_pfn(page), folio_pfn(folio) + 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->attempts), attempts + 1);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&stats->blockers[CMA_PAGE_PINNED]),
			pinned + 1);
	cma_expect_lodger(lodging, 0, folio, false);
	cma_release(lodging->cma, page, count);
	cma_lodger_pin(folio, -1);
}

/*
 *	x...............	all of it is wanted: it says which page, and what
 */
static void a_request_for_everything_names_the_pinned_page(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_take_lodger(lodging);
	struct cma *cma = lodging->cma;
	struct cma_request request = {
		.count = cma_get_size(cma) >> PAGE_SHIFT,
		.gfp = GFP_KERNEL | __GFP_NOWARN,
	};
	s64 pinned = atomic64_read(&cma->stats.blockers[CMA_PAGE_PINNED]);

	cma_lodger_pin(folio, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(cma_alloc_request(cma, &request)),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, request.reason, CMA_REASON_BUSY);
	KUNIT_EXPECT_GT(test,
			atomic64_read(&cma->stats.blockers[CMA_PAGE_PINNED]),
			pinned);
	cma_lodger_pin(folio, -1);
}

static struct kunit_case cma_evacuate_cases[] = {
	KUNIT_CASE(every_kind_of_page_has_a_name_of_its_own),
	KUNIT_CASE(a_page_in_use_moves_with_its_data),
	KUNIT_CASE(an_allocation_moves_what_is_in_its_way),
	KUNIT_CASE(an_allocation_leaves_a_page_in_use_alone),
	KUNIT_CASE(a_pinned_page_is_named),
	KUNIT_CASE(a_reference_too_many_is_named),
	KUNIT_CASE(an_allocated_page_looks_referenced_at_a_glance),
	KUNIT_CASE(an_allocated_page_is_unmovable),
	KUNIT_CASE(an_allocation_passes_by_a_pinned_page),
	KUNIT_CASE(a_request_for_everything_names_the_pinned_page),
	{}
};

static struct kunit_suite cma_evacuate_suite = {
	.name = "cma_evacuate",
	.test_cases = cma_evacuate_cases,
};

kunit_test_suite(cma_evacuate_suite);

MODULE_DESCRIPTION("Tests of the evacuation of contiguous memory");
MODULE_LICENSE("GPL");
