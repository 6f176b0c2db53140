// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_classify.c: what a page in use is, whether it will move, and what
 * that would cost.
 *
 *	.  free		o  a lodger	d  a clean one	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>

#include "../evac.h"
#include "../../internal.h"
#include "lodging.h"

/* ---- What stayed ---- */

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
 *	o.......	with something in its private field that is no pointer
 */
static void what_a_file_system_keeps_is_not_taken_for_buffers(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_take_lodger(lodging);
	unsigned long ours[1] = { }, todo[1] = { 1 };
	struct cma_vacancy vacancy = {
		.base = folio_pfn(folio), .nr_pages = 1,
		.ours = ours, .todo = todo,
	};
	struct cma_blocker blocker;

	folio_attach_private(folio, (void *)1);
	cma_find_blocker(&vacancy, vacancy.base, 1, &blocker);
	KUNIT_EXPECT_EQ(test, blocker.pfn, vacancy.base);
	KUNIT_EXPECT_EQ(test, blocker.kind, CMA_PAGE_OTHER);
	folio_detach_private(folio);
}

/* ---- What is likely to stay ---- */

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

/*
 *	o...x...	the first one could go, but what for?
 *	^^^^^^^^
 */
static void nothing_moves_when_a_page_is_seen_to_stay(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_lodging_base(lodging), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *movable, *stuck;

	movable = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	stuck = cma_lodge(lodging, cma_take_page(lodging, 4));
	cma_lodger_pin(stuck, 1);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_PINNED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(stuck));
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	cma_expect_lodger(lodging, 0, movable, false);
	cma_expect_lodger(lodging, 1, stuck, false);
	cma_lodger_pin(stuck, -1);
}

/* ---- What it would cost ---- */

/*
 *	........	d.......	o.......	x.......
 */
static void what_is_harder_to_move_costs_more(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned int free, clean, dirty, stuck;
	unsigned long base = cma_lodging_base(lodging);
	struct folio *folio;

	free = cma_pages_cost(lodging->cma, base, 8);
	folio = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	clean = cma_pages_cost(lodging->cma, base, 8);
	folio_mark_dirty(folio);
	dirty = cma_pages_cost(lodging->cma, base, 8);
	cma_lodger_pin(folio, 1);
	stuck = cma_pages_cost(lodging->cma, base, 8);
	cma_lodger_pin(folio, -1);

	KUNIT_EXPECT_EQ(test, free, 0);
	KUNIT_EXPECT_GT(test, clean, free);
	KUNIT_EXPECT_GT(test, dirty, clean);
	KUNIT_EXPECT_GT(test, stuck, dirty);
}

/*
 *	dddddddd........	cheap is another run
 *	    ^^
 */
static void a_small_part_of_a_large_folio_is_not_cheap(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_lodging_base(lodging) + 4, .nr_pages = 2, .effort = CMA_EFFORT_CHEAP,
	};
	unsigned long base = cma_lodging_base(lodging);

	cma_lodge_large(lodging, false);
	KUNIT_EXPECT_GT(test, cma_pages_cost(lodging->cma, base + 4, 2),
			2 * cma_pages_cost(lodging->cma, base, 8) / 8);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.costly);
	KUNIT_EXPECT_EQ(test, lodging->file->f_mapping->nrpages, 8);

	/* Half of it is worth it. */
	evacuation.nr_pages = 4;
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 4);
	cma_lodging_lend(lodging, &evacuation);
}

static struct kunit_case cma_evac_classify_cases[] = {
	KUNIT_CASE(a_pinned_page_is_named),
	KUNIT_CASE(a_reference_too_many_is_named),
	KUNIT_CASE(an_allocated_page_is_unmovable),
	KUNIT_CASE(what_a_file_system_keeps_is_not_taken_for_buffers),
	KUNIT_CASE(an_allocated_page_looks_referenced_at_a_glance),
	KUNIT_CASE(nothing_moves_when_a_page_is_seen_to_stay),
	KUNIT_CASE(what_is_harder_to_move_costs_more),
	KUNIT_CASE(a_small_part_of_a_large_folio_is_not_cheap),
	{}
};

static struct kunit_suite cma_evac_classify_suite = {
	.name = "cma_evac_classify",
	.test_cases = cma_evac_classify_cases,
};

kunit_test_suite(cma_evac_classify_suite);

MODULE_DESCRIPTION("Tests of what is told of pages of contiguous memory in use");
MODULE_LICENSE("GPL");
