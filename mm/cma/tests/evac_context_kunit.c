// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the context in which a run is emptied: what may be done on behalf of a
 * request, which task does it, and where its pages are accounted.
 *
 *	.  free		o  an occupant	d  a clean one
 *	^  the run that is evacuated
 */
#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgalloc_tag.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

/* ---- What a request may not do ---- */

static unsigned int flags_of_mover;

static bool driver_isolates(struct page *page, isolate_mode_t mode)
{
	return true;
}

/* What the driver had in the page is of no use any more, nor is the new page. */
static int driver_migrates(struct page *dst, struct page *src,
			   enum migrate_mode mode)
{
	flags_of_mover = current->flags;
	__ClearPageMovable(src);
	put_page(src);
	return MIGRATEPAGE_SUCCESS;
}

static void driver_takes_back(struct page *page)
{
}

static const struct movable_operations driver_ops = {
	.isolate_page	= driver_isolates,
	.migrate_page	= driver_migrates,
	.putback_page	= driver_takes_back,
};

/* Evacuate a page of a driver in this context; the flags of the task then. */
static unsigned int flags_with(struct occupants *occupants, gfp_t gfp)
{
	struct page *page = cma_take_page(occupants, 0);
	struct cma_evacuation evacuation = {
		.pfn = page_to_pfn(page), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.gfp = gfp | __GFP_NOWARN,
	};
	struct kunit *test = occupants->test;
	unsigned int before = current->flags;

	lock_page(page);
	__SetPageMovable(page, &driver_ops);
	unlock_page(page);
	cma_real_forget(test, occupants->cma, page_to_pfn(page), 1);
	flags_of_mover = 0;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, current->flags & (PF_MEMALLOC_NOIO |
						PF_MEMALLOC_NOFS),
			before & (PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS));
	cma_occupants_lend(occupants, &evacuation);
	return flags_of_mover & (PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS);
}

static void what_a_request_may_not_do_nothing_does_on_its_behalf(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int scope;

	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_NOFS), PF_MEMALLOC_NOFS);
	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_NOIO), PF_MEMALLOC_NOIO);
	scope = memalloc_nofs_save();
	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_KERNEL), PF_MEMALLOC_NOFS);
	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_NOIO),
			PF_MEMALLOC_NOIO | PF_MEMALLOC_NOFS);
	memalloc_nofs_restore(scope);
}

static void allow_all(void *unused)
{
	gfp_allowed_mask = __GFP_BITS_MASK;
}

/* As while devices are suspended, see pm_restrict_gfp_mask(). */
static void what_nobody_may_do_now_is_not_done(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, allow_all, NULL), 0);
	gfp_allowed_mask &= ~(__GFP_IO | __GFP_FS);
	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_KERNEL), PF_MEMALLOC_NOIO);
	allow_all(NULL);
	KUNIT_EXPECT_EQ(test, flags_with(occupants, GFP_KERNEL), 0);
}

/* ---- Which task does it ---- */

/* Evacuate so much of the area while something else is busy on this processor. */
static void evacuate_among_others(struct occupants *occupants,
				  unsigned long nr_pages, gfp_t gfp)
{
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = nr_pages,
		.effort = CMA_EFFORT_THOROUGH,
		.gfp = gfp | __GFP_NOWARN,
	};
	struct folio *folio = cma_occupy(occupants, cma_take_page(occupants, 5));
	struct kunit *test = occupants->test;
	struct task_struct *other;

	occupants->file->f_mapping->a_ops = &cma_noted_aops;
	migrate_disable();
	other = cma_start_here(test, cma_be_busy, NULL);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	migrate_enable();
	kthread_stop(other);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	cma_expect_occupant(occupants, 0, folio, true);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	.....o.. ... ..	4096 pages: it would take longer than a time slice
 *	^^^^^^^^^^^^^^^
 */
static void a_worker_empties_a_long_run_where_others_are_busy(struct kunit *test)
{
	evacuate_among_others(cma_open_long_occupants(test), 4096, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, cma_moved_by_worker);
}

static void a_short_run_is_emptied_by_the_task_that_wants_it(struct kunit *test)
{
	evacuate_among_others(cma_open_occupants(test), 64, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, cma_moved_by_worker);
}

static void a_worker_does_nothing_for_a_task_in_the_middle_of_io(struct kunit *test)
{
	cma_moved_by_worker = true;
	evacuate_among_others(cma_open_long_occupants(test), 4096,
			      GFP_KERNEL & ~__GFP_IO);
	KUNIT_EXPECT_FALSE(test, cma_moved_by_worker);
}

static void a_worker_does_nothing_for_a_real_time_task(struct kunit *test)
{
	struct occupants *occupants = cma_open_long_occupants(test);

	cma_moved_by_worker = true;
	sched_set_fifo_low(current);
	evacuate_among_others(occupants, 4096, GFP_KERNEL);
	sched_set_normal(current, 0);
	KUNIT_EXPECT_FALSE(test, cma_moved_by_worker);
}

/* ---- What it is recorded as ---- */

/* Memory allocation profiling knows where each page was allocated. */
static void each_page_that_is_allocated_is_accounted(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct folio *folio;
	struct page *page;
	unsigned int i;

	if (!mem_alloc_profiling_enabled())
		kunit_skip(test, "needs sysctl.vm.mem_profiling=1");
	page = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_NOT_NULL(test, pgalloc_tag_get(page + i));
	cma_release(cma, page, 8);

	/* From the page allocator, and once more out of READY memory. */
	cma_set_ready_max(cma, cma->nr_pages);
	for (i = 0; i < 2; i++) {
		folio = cma_alloc_folio(cma, 3, GFP_KERNEL | __GFP_COMP);
		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_EXPECT_NOT_NULL(test, pgalloc_tag_get(&folio->page));
		KUNIT_EXPECT_TRUE(test, cma_free_folio(cma, folio));
		page = cma_alloc(cma, 64, 6, false);
		KUNIT_ASSERT_NOT_NULL(test, page);
		cma_release(cma, page, 64);
	}
}

/* It was emptied by another function than the one that hands out what is READY. */
static void what_was_ready_is_accounted_to_its_new_owner(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct alloc_tag *before;
	struct page *page;

	if (!mem_alloc_profiling_enabled())
		kunit_skip(test, "needs sysctl.vm.mem_profiling=1");
	cma_set_ready_max(cma, cma->nr_pages);
	page = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	before = pgalloc_tag_get(page + 7);
	cma_release(cma, page, 8);
	KUNIT_ASSERT_PTR_EQ(test, cma_alloc(cma, 8, 3, false), page);
	KUNIT_EXPECT_NOT_NULL(test, pgalloc_tag_get(page + 7));
	KUNIT_EXPECT_PTR_NE(test, pgalloc_tag_get(page + 7), before);
	cma_release(cma, page, 8);
}

static struct kunit_case cma_evac_context_cases[] = {
	KUNIT_CASE(what_a_request_may_not_do_nothing_does_on_its_behalf),
	KUNIT_CASE(what_nobody_may_do_now_is_not_done),
	KUNIT_CASE(a_worker_empties_a_long_run_where_others_are_busy),
	KUNIT_CASE(a_short_run_is_emptied_by_the_task_that_wants_it),
	KUNIT_CASE(a_worker_does_nothing_for_a_task_in_the_middle_of_io),
	KUNIT_CASE(a_worker_does_nothing_for_a_real_time_task),
	KUNIT_CASE(each_page_that_is_allocated_is_accounted),
	KUNIT_CASE(what_was_ready_is_accounted_to_its_new_owner),
	{}
};

static struct kunit_suite cma_evac_context_suite = {
	.name = "cma_evac_context",
	.test_cases = cma_evac_context_cases,
};

kunit_test_suite(cma_evac_context_suite);

MODULE_DESCRIPTION("Tests of the context in which contiguous memory is evacuated");
MODULE_LICENSE("GPL");
