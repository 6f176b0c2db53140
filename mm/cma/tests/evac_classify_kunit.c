// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_classify.c: what a page in use is, whether it will move, and what
 * that would cost.
 *
 *	.  free		o  an occupant	d  a clean one	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/buffer_head.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

/* ---- What stayed ---- */

/*
 *	x.......
 */
static void a_pinned_page_is_named(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};

	cma_occupant_pin(folio, 1);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_PINNED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(folio));
	KUNIT_EXPECT_GE(test, evacuation.blocker.refs, GUP_PIN_COUNTING_BIAS);
	cma_expect_occupant(occupants, 0, folio, false);
	cma_occupant_pin(folio, -1);
}

/*
 *	ox......	the first one could go, the second one could not
 */
static void a_reference_too_many_is_named(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *second;

	evacuation.pfn = folio_pfn(cma_take_occupant(occupants));
	second = cma_occupy(occupants, cma_take_page(occupants, 1));
	folio_get(second);
	/*
	 * A page that didn't move goes back through a batch of this processor,
	 * which holds a reference. Elsewhere it would be in a batch still.
	 */
	migrate_disable();
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_REFERENCED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(second));
	/* The page cache and us. */
	KUNIT_EXPECT_EQ(test, evacuation.blocker.refs, 2);
	cma_expect_occupant(occupants, 1, second, false);
	folio_put(second);
}

/* An attempt at a run with a page that is allocated comes to that, and names the page. */
static void expect_allocated_page(struct kunit *test, enum cma_effort effort,
				  bool hopeless, enum cma_page_kind kind)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = cma_alloc(occupants->cma, 1, 0, false);
	struct cma_evacuation evacuation = { .nr_pages = 8, .effort = effort };

	KUNIT_ASSERT_NOT_NULL(test, page);
	evacuation.pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.hopeless, hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, kind);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, page_to_pfn(page));
	cma_release(occupants->cma, page, 1);
}

static void an_allocated_page_is_unmovable(struct kunit *test)
{
	expect_allocated_page(test, CMA_EFFORT_THOROUGH, false, CMA_PAGE_UNMOVABLE);
}

/* What is said of a page that has stayed. */
static enum cma_page_kind kind_of(struct kunit *test, struct folio *folio)
{
	unsigned long ours[1] = { }, todo[1] = { 1 };
	struct cma_vacancy vacancy = {
		.base = folio_pfn(folio), .nr_pages = 1,
		.ours = ours, .todo = todo,
	};
	struct cma_blocker blocker;

	cma_find_blocker(&vacancy, vacancy.base, 1, &blocker);
	KUNIT_EXPECT_EQ(test, blocker.pfn, vacancy.base);
	return blocker.kind;
}

/*
 *	o.......	with something in its private field that is no pointer
 */
static void what_a_file_system_keeps_is_not_taken_for_buffers(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);

	folio_attach_private(folio, (void *)1);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_OTHER);
	folio_detach_private(folio);
}

/* From the weakest one on. */
static void each_reason_to_stay_has_a_kind(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);

	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_OTHER);
	folio_set_mlocked(folio);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_MLOCKED);
	folio_get(folio);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_REFERENCED);
	folio_start_writeback(folio);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_WRITEBACK);
	cma_occupant_pin(folio, 1);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_PINNED);
	__folio_set_reserved(folio);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_UNMOVABLE);
	__folio_clear_reserved(folio);
	cma_occupant_pin(folio, -1);
	folio_end_writeback(folio);
	folio_put(folio);
	folio_clear_mlocked(folio);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_OTHER);
}

static const struct address_space_operations buffer_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= buffer_migrate_folio,
};

/*
 *	d.......	its file system keeps buffers in it, and somebody uses one
 */
static void a_buffer_in_use_is_a_kind_of_its_own(struct kunit *test)
{
	struct occupants *occupants;
	struct buffer_head *head;
	struct folio *folio;

	if (!IS_ENABLED(CONFIG_BUFFER_HEAD))
		kunit_skip(test, "needs CONFIG_BUFFER_HEAD");
	occupants = cma_open_occupants(test);
	folio = cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	occupants->file->f_mapping->a_ops = &buffer_aops;
	folio_lock(folio);
	head = create_empty_buffers(folio, PAGE_SIZE, 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_OTHER);
	get_bh(head);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_BUFFERS);
	KUNIT_EXPECT_FALSE(test, cma_is_in_flight(folio_pfn(folio), true));
	put_bh(head);
	lock_buffer(head);
	KUNIT_EXPECT_EQ(test, kind_of(test, folio), CMA_PAGE_BUFFERS);
	KUNIT_EXPECT_TRUE(test, cma_is_in_flight(folio_pfn(folio), true));
	unlock_buffer(head);
	folio_lock(folio);
	KUNIT_EXPECT_TRUE(test, try_to_free_buffers(folio));
	folio_unlock(folio);
}

/* ---- What is on its way ---- */

static void expect_in_flight(struct kunit *test, struct folio *folio, bool cheap,
			     bool thorough)
{
	KUNIT_EXPECT_EQ(test, cma_is_in_flight(folio_pfn(folio), false), cheap);
	KUNIT_EXPECT_EQ(test, cma_is_in_flight(folio_pfn(folio), true), thorough);
}

/* What is being read is locked, and not up to date. */
static void a_disk_is_worth_a_wait_where_it_is_thorough(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);

	expect_in_flight(test, folio, false, false);
	folio_lock(folio);
	expect_in_flight(test, folio, true, true);
	folio_clear_uptodate(folio);
	expect_in_flight(test, folio, false, true);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	folio_start_writeback(folio);
	expect_in_flight(test, folio, false, true);
	folio_end_writeback(folio);
	expect_in_flight(test, folio, false, false);
}

/* ---- What is likely to stay ---- */

/* It could be a page that has just been added to a list of the processor. */
static void an_allocated_page_looks_referenced_at_a_glance(struct kunit *test)
{
	expect_allocated_page(test, CMA_EFFORT_CLEAR, true, CMA_PAGE_REFERENCED);
}

/*
 *	o...x...	the first one could go, but what for?
 *	^^^^^^^^
 */
static void nothing_moves_when_a_page_is_seen_to_stay(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *movable, *stuck;

	movable = cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	stuck = cma_occupy(occupants, cma_take_page(occupants, 4));
	cma_occupant_pin(stuck, 1);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_PINNED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(stuck));
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	cma_expect_occupant(occupants, 0, movable, false);
	cma_expect_occupant(occupants, 1, stuck, false);
	cma_occupant_pin(stuck, -1);
}

/* ---- What it would cost ---- */

/*
 *	........	d.......	o.......	x.......
 */
static void what_is_harder_to_move_costs_more(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int free, clean, dirty, stuck;
	unsigned long base = cma_occupants_base(occupants);
	struct folio *folio;

	free = cma_pages_cost(occupants->cma, base, 8);
	folio = cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	clean = cma_pages_cost(occupants->cma, base, 8);
	folio_mark_dirty(folio);
	dirty = cma_pages_cost(occupants->cma, base, 8);
	cma_occupant_pin(folio, 1);
	stuck = cma_pages_cost(occupants->cma, base, 8);
	cma_occupant_pin(folio, -1);

	KUNIT_EXPECT_EQ(test, free, 0);
	KUNIT_EXPECT_GT(test, clean, free);
	KUNIT_EXPECT_GT(test, dirty, clean);
	KUNIT_EXPECT_GT(test, stuck, dirty);
}

/*
 *	cccccc ... c	however long the run is, and so for its first half
 */
static void what_a_run_costs_does_not_depend_on_its_length(struct kunit *test)
{
	struct occupants *occupants = cma_open_long_occupants(test);
	struct cma *cma = occupants->cma;
	unsigned long i, base = cma_occupants_base(occupants);

	for (i = 0; i < 1024; i++)
		cma_occupy_clean(occupants, cma_take_page(occupants, i));
	KUNIT_EXPECT_EQ(test, cma_pages_cost(cma, base, 1024), CMA_COST_PER_PAGES);
	KUNIT_EXPECT_EQ(test, cma_pages_cost(cma, base, 64), CMA_COST_PER_PAGES);
	KUNIT_EXPECT_EQ(test, cma_pages_cost(cma, base, 2048), CMA_COST_PER_PAGES / 2);
	KUNIT_EXPECT_EQ(test, cma_pages_cost(cma, base, 4), 4);
}

/*
 *	dddddddd........	cheap is another run
 *	    ^^
 */
static void a_small_part_of_a_large_folio_is_not_cheap(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants) + 4, .nr_pages = 2, .effort = CMA_EFFORT_CHEAP,
	};
	unsigned long base = cma_occupants_base(occupants);

	cma_occupy_large(occupants, false);
	KUNIT_EXPECT_GT(test, cma_pages_cost(occupants->cma, base + 4, 2),
			2 * cma_pages_cost(occupants->cma, base, 8) / 8);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.costly);
	KUNIT_EXPECT_EQ(test, occupants->file->f_mapping->nrpages, 8);

	/* Half of it is worth it. */
	evacuation.nr_pages = 4;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 4);
	cma_occupants_lend(occupants, &evacuation);
}

static struct kunit_case cma_evac_classify_cases[] = {
	KUNIT_CASE(a_pinned_page_is_named),
	KUNIT_CASE(a_reference_too_many_is_named),
	KUNIT_CASE(an_allocated_page_is_unmovable),
	KUNIT_CASE(what_a_file_system_keeps_is_not_taken_for_buffers),
	KUNIT_CASE(each_reason_to_stay_has_a_kind),
	KUNIT_CASE(a_buffer_in_use_is_a_kind_of_its_own),
	KUNIT_CASE(a_disk_is_worth_a_wait_where_it_is_thorough),
	KUNIT_CASE(an_allocated_page_looks_referenced_at_a_glance),
	KUNIT_CASE(nothing_moves_when_a_page_is_seen_to_stay),
	KUNIT_CASE(what_is_harder_to_move_costs_more),
	KUNIT_CASE(what_a_run_costs_does_not_depend_on_its_length),
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
