// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how a run is emptied.
 *
 * Free pages come straight off the page allocator's lists. Then those are
 * migrated that may turn out not to move, so that nothing has been lost by then.
 * Clean page cache is dropped, and what has become something else meanwhile is
 * migrated, too.
 *
 * What a run is wanted for, and what happens when it can't be had, is decided
 * in search.c.
 */
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/page_ref.h>
#include <linux/pgalloc_tag.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "evac.h"
#include "fault.h"
#include "init.h"
#include "../internal.h"

/* Runs up to this length keep their vacancy on the stack. */
#define CMA_STACK_PAGES		1024

/* From this length on a worker that goes before others empties them. */
#define CMA_WORKER_PAGES	4096

/*
 * Is there a page for whose sake it isn't worth beginning? What this processor has in folio
 * batches is soon put where it belongs. Waiting doesn't help with a hwpoisoned page.
 */
static bool cma_is_hopeless(struct cma_vacancy *vacancy,
			    struct cma_evacuation *evacuation)
{
	struct cma_blocker *blocker = &evacuation->blocker, costly;
	bool stays;

	stays = cma_foresee(vacancy, blocker, &costly);
	if (cma_is_thorough(evacuation))
		return stays && PageHWPoison(pfn_to_page(blocker->pfn));
	if (stays && cma_page_kinds[blocker->kind].batched) {
		lru_add_drain();
		stays = cma_foresee(vacancy, blocker, &costly);
	}
	evacuation->costly = !stays && evacuation->effort == CMA_EFFORT_CHEAP && costly.kind;
	if (evacuation->costly)
		*blocker = costly;
	return stays || evacuation->costly;
}

/* Move out all that isn't free. */
static int cma_move_out(struct cma_vacancy *vacancy,
			struct cma_evacuation *evacuation)
{
	int err = cma_migrate_todo(vacancy, evacuation);

	if (err)
		return err;
	evacuation->nr_dropped = cma_drop_cache(vacancy, evacuation);
	bitmap_fill(vacancy->todo, vacancy->nr_pages);
	return cma_migrate_todo(vacancy, evacuation);
}

/* What a worker does while the task that wants the run waits for it. */
struct cma_errand {
	struct work_struct work;
	struct completion done;
	struct cma_vacancy *vacancy;
	struct cma_evacuation *evacuation;
	int err;
};

static struct workqueue_struct *cma_workers;

static void cma_run_errand(struct work_struct *work)
{
	struct cma_errand *errand = container_of(work, struct cma_errand, work);

	errand->err = cma_move_out(errand->vacancy, errand->evacuation);
	complete(&errand->done);
}

/*
 * A long run takes longer than a time slice where others want the processor, and a
 * task that loses it in between waits for all of them, as often as that happens: with
 * two busy tasks and a reader on each processor 16384 pages took 58 ms at most, and
 * 19 ms in one of four tries; with a worker 31 and 12 ms. The median is the same.
 * What is recorded of a page's owner, and what the task may not do while it
 * allocates, is known to the task alone. A real-time task goes before all workers.
 */
static bool cma_needs_worker(const struct cma_vacancy *vacancy)
{
	return vacancy->nr_pages >= CMA_WORKER_PAGES && cma_workers &&
	       !single_task_running() && !cma_pages_are_tracked() &&
	       !rt_or_dl_task(current) &&
	       !(current->flags & (PF_MEMALLOC | PF_MEMALLOC_NOIO |
				   PF_MEMALLOC_NOFS | PF_MEMALLOC_PIN |
				   PF_WQ_WORKER));
}

/* How long to wait for a worker, as a timeout. */
static long cma_time_left(const struct cma_evacuation *evacuation)
{
	if (!evacuation->deadline)
		return MAX_SCHEDULE_TIMEOUT;
	return max((long)(evacuation->deadline - jiffies), 0L);
}

static int cma_move_out_first(struct cma_vacancy *vacancy,
			      struct cma_evacuation *evacuation)
{
	struct cma_errand errand = {
		.vacancy = vacancy,
		.evacuation = evacuation,
	};

	init_completion(&errand.done);
	INIT_WORK_ONSTACK(&errand.work, cma_run_errand);
	queue_work(cma_workers, &errand.work);
	/* When this ends early a worker that has begun waits for nothing any more. */
	wait_for_completion_killable_timeout(&errand.done,
					     cma_time_left(evacuation));
	if (cancel_work_sync(&errand.work))
		errand.err = fatal_signal_pending(current) ? -EINTR :
			     cma_move_out(vacancy, evacuation);
	destroy_work_on_stack(&errand.work);
	return errand.err;
}

/**
 * cma_make_workers() - have workers that move pages
 *
 * Context: boot, see init.c.
 */
void __init cma_make_workers(void)
{
	cma_workers = alloc_workqueue("cma", WQ_HIGHPRI | WQ_MEM_RECLAIM |
				      WQ_CPU_INTENSIVE, 0);
}

/* Make all of a run ours. */
static int cma_make_room(struct cma_vacancy *vacancy,
			 struct cma_evacuation *evacuation)
{
	unsigned long end = vacancy->base + vacancy->nr_pages;
	unsigned long pfn = cma_next_missing(vacancy, vacancy->base);

	cma_take_free(vacancy, pfn, end - pfn, cma_page_gfp(evacuation->gfp));
	evacuation->hopeless = cma_is_hopeless(vacancy, evacuation);
	if (evacuation->hopeless)
		return -EBUSY;
	evacuation->nr_moved = vacancy->nr_pages - vacancy->nr_ours;
	if (!evacuation->nr_moved)
		return 0;
	if (cma_needs_worker(vacancy))
		return cma_move_out_first(vacancy, evacuation);
	return cma_move_out(vacancy, evacuation);
}

/* After a failure: what the run begins with is kept, the rest is lent again. */
static unsigned long cma_keep_leading(struct cma_vacancy *vacancy)
{
	unsigned long base = vacancy->base, nr = vacancy->nr_pages;
	unsigned long leading = cma_next_missing(vacancy, base) - base;
	unsigned long first, last = leading;

	for (;;) {
		first = find_next_bit(vacancy->ours, nr, last);
		if (first >= nr)
			return leading;
		last = find_next_zero_bit(vacancy->ours, nr, first);
		cma_put_free(base + first, last - first);
	}
}

static int cma_evacuate_rest(struct cma_evacuation *evacuation,
			     unsigned long leading)
{
	unsigned long bits[2 * BITS_TO_LONGS(CMA_STACK_PAGES)];
	unsigned long nr = evacuation->nr_pages;
	struct cma_vacancy vacancy = {
		.base = evacuation->pfn,
		.nr_pages = nr,
		.ours = bits,
		.patience = cma_patience(evacuation),
	};
	int err = -ENOMEM;

	evacuation->nr_taken = leading;
	if (cma_fault(CMA_FAULT_VACANCY))
		return err;
	if (nr > CMA_STACK_PAGES)
		vacancy.ours = kvmalloc_array(2 * BITS_TO_LONGS(nr), sizeof(long),
					      evacuation->gfp & GFP_KERNEL);
	if (!vacancy.ours)
		return err;
	vacancy.todo = vacancy.ours + BITS_TO_LONGS(nr);

	bitmap_zero(vacancy.ours, nr);
	cma_make_ours(&vacancy, vacancy.base, leading);
	err = cma_make_room(&vacancy, evacuation);
	if (err)
		evacuation->nr_taken = cma_keep_leading(&vacancy);
	if (vacancy.ours != bits)
		kvfree(vacancy.ours);
	return err;
}

/*
 * What a request may not do isn't done on its behalf either, wherever memory is
 * allocated: to make room for a large folio the page allocator is asked with flags of
 * its own.
 */
static unsigned int cma_scope(gfp_t gfp)
{
	if (!(gfp & __GFP_IO))
		return PF_MEMALLOC_NOIO;
	return gfp & __GFP_FS ? 0 : PF_MEMALLOC_NOFS;
}

static int cma_evacuate_in_scope(struct cma_evacuation *evacuation,
				 unsigned long leading)
{
	unsigned int scope = memalloc_flags_save(cma_scope(evacuation->gfp));
	int err = cma_evacuate_rest(evacuation, leading);

	memalloc_flags_restore(scope);
	return err;
}

static int cma_pages_evacuate(struct cma *cma,
			      struct cma_evacuation *evacuation)
{
	unsigned long leading;

	evacuation->task = current;
	/* While the machine is suspended nobody may wait for its disks. */
	evacuation->gfp = current_gfp_context(evacuation->gfp) & gfp_allowed_mask;
	leading = cma_take_leading(evacuation->pfn, evacuation->nr_pages,
				   cma_page_gfp(evacuation->gfp));
	if (leading == evacuation->nr_pages)
		return 0;
	if (gfpflags_allow_blocking(evacuation->gfp))
		return cma_evacuate_in_scope(evacuation, leading);
	cma_put_free(evacuation->pfn, leading);
	return -EBUSY;
}

/* Each pageblock may carry a memory tag of its own; the run has none. */
static void cma_reset_tags(unsigned long pfn, unsigned long nr_pages)
{
	if (!kasan_enabled())
		return;
	while (nr_pages--)
		page_kasan_tag_reset(pfn_to_page(pfn++));
}

/* What is recorded of pages that were READY is of their former owner. */
static void cma_renew_records(unsigned long pfn, unsigned long nr_pages, gfp_t gfp)
{
	if (!cma_pages_are_tracked())
		return;
	for (; nr_pages--; pfn++) {
		struct page *page = pfn_to_page(pfn);

		pgalloc_tag_sub(page, 1);
		reset_page_owner(page, 0);
		set_page_owner(page, 0, gfp);
		pgalloc_tag_add(page, current, 1);
	}
}

/* What is recorded of single pages is recorded of one compound page. */
static void cma_join_records(unsigned long pfn, unsigned int order, gfp_t gfp)
{
	unsigned long i;

	if (!cma_pages_are_tracked())
		return;
	for (i = 0; i < 1UL << order; i++) {
		pgalloc_tag_sub(pfn_to_page(pfn + i), 1);
		reset_page_owner(pfn_to_page(pfn + i), 0);
	}
	set_page_owner(pfn_to_page(pfn), order, gfp);
	pgalloc_tag_add(pfn_to_page(pfn), current, 1U << order);
}

/*
 * Single pages with a reference each become one compound page with one, and whoever has
 * looked at one of them in passing is waited for.
 */
static bool cma_make_compound(unsigned long pfn, unsigned long nr_pages,
			      gfp_t gfp)
{
	unsigned int order = ilog2(nr_pages);

	if (!cma_freeze_pages(pfn, nr_pages, gfp))
		return false;
	cma_join_records(pfn, order, gfp);
	prep_compound_page(pfn_to_page(pfn), order);
	page_ref_unfreeze(pfn_to_page(pfn), 1);
	return true;
}

static bool cma_pages_prepare(struct cma *cma, unsigned long pfn,
			      unsigned long nr_pages, gfp_t gfp, bool used)
{
	bool clear = used && want_init_on_alloc(gfp) && !want_init_on_free();
	unsigned long i, end = pfn + nr_pages;

	if (cma_fault(CMA_FAULT_COMMIT))
		return false;
	/* The hardware can fail while nobody uses a page, and while others are moved away. */
	if (READ_ONCE(cma->has_hwpoison) && cma_next_hwpoison(pfn, end) < end)
		return false;
	/* That takes a look at each page, for which there is no time if it isn't touched anyway. */
	if (used && (cma_is_audited() || clear || gfp & __GFP_COMP) &&
	    cma_has_lost(pfn, nr_pages))
		return false;
	cma_reset_tags(pfn, nr_pages);
	for (i = 0; clear && i < nr_pages; i++) {
		clear_highpage_kasan_tagged(pfn_to_page(pfn + i));
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	if (gfp & __GFP_COMP)
		return cma_make_compound(pfn, nr_pages, gfp);
	if (used)
		cma_renew_records(pfn, nr_pages, gfp);
	return true;
}

/* Where memory is cleared when it is freed, what comes back has to be cleared. */
static bool cma_pages_may_keep(struct cma *cma, unsigned long pfn,
			       unsigned long nr_pages)
{
	return !want_init_on_free() && cma_are_pristine(pfn, nr_pages);
}

static bool cma_pages_lend(struct cma *cma, unsigned long pfn,
			   unsigned long nr_pages)
{
	return cma_put_free(pfn, nr_pages);
}

#ifdef CONFIG_MEMORY_FAILURE
/*
 * As take_page_off_buddy() leaves it; nothing is recorded of a free page. Where it may be
 * taken back it is cleared or poisoned like one that was freed.
 */
static bool cma_pages_give_up(struct cma *cma, unsigned long pfn, bool simulated)
{
	struct page *page = pfn_to_page(pfn);

	if (cma_has_lost(pfn, 1))
		return false;
	if (cma_pages_are_tracked()) {
		pgalloc_tag_sub(page, 1);
		reset_page_owner(page, 0);
	}
	if (simulated && want_init_on_free())
		clear_highpage_kasan_tagged(page);
	if (simulated)
		kernel_poison_pages(page, 1);
	SetPageHWPoisonTakenOff(page);
	return true;
}
#else
static bool cma_pages_give_up(struct cma *cma, unsigned long pfn, bool simulated)
{
	return !cma_has_lost(pfn, 1);
}
#endif

const struct cma_evacuator cma_page_evacuator = {
	.evacuate	= cma_pages_evacuate,
	.prepare	= cma_pages_prepare,
	.may_keep	= cma_pages_may_keep,
	.take_back	= cma_pages_take_back,
	.lend		= cma_pages_lend,
	.give_up	= cma_pages_give_up,
	.next_failed	= cma_next_hwpoison,
	.retype		= cma_pages_retype,
	.foresee	= cma_pages_foresee,
	.cost		= cma_pages_cost,
	.describe	= cma_pages_describe,
	.dump		= cma_pages_dump,
	.count_free	= cma_pages_count_free,
};
