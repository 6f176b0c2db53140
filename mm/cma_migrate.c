// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: pages that are neither free nor dropped are migrated,
 * pageblock by pageblock, and only for that pageblocks are isolated. Lists of
 * the processors are drained when a page was found on one of them: once for a
 * round of a request, or once for a pageblock where that is thorough.
 */
#include <linux/bitmap.h>
#include <linux/buffer_head.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/page-isolation.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "cma_evacuate.h"
#include "cma_fault.h"
#include "internal.h"

/* So many pages, in all of a run, are worth trying without isolation. */
#define CMA_FEW_PAGES		256

/* Isolating a pageblock costs as much as so many pages on the way to a list. */
#define CMA_PAGES_TO_ISOLATE	128

/* How often what didn't move is tried again when all else has been done. */
#define CMA_MIGRATE_TRIES	3

/* A folio moves as a whole, also if the run begins in the middle of it. */
static unsigned long cma_folio_start(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (!PageTail(page))
		return pfn;
	return max(pageblock_start_pfn(pfn), page_to_pfn(compound_head(page)));
}

/* Put what is to move out of a part of a run on the list of pages to migrate. */
static int cma_isolate_todo(const struct cma_vacancy *vacancy,
			    struct compact_control *cc, unsigned long pfn,
			    unsigned long end)
{
	unsigned long stop;
	int ret;

	for (pfn = cma_next_todo(vacancy, pfn); pfn < end;
	     pfn = cma_next_todo(vacancy, stop)) {
		stop = min(cma_next_done(vacancy, pfn), end);
		ret = isolate_migratepages_range(cc, cma_folio_start(pfn), stop);
		/* The list is long enough for now, or there are too many. */
		if (ret == -EAGAIN)
			break;
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * How long to wait for a page. Who asks in the middle of I/O may hold its lock
 * himself, or its writeback may wait for him: so he doesn't wait at all.
 */
static enum migrate_mode cma_migrate_mode(const struct cma_evacuation *evacuation,
					  gfp_t gfp)
{
	if (!(gfp & __GFP_IO) || !(gfp & __GFP_FS))
		return MIGRATE_ASYNC;
	return evacuation->thorough ? MIGRATE_SYNC : MIGRATE_SYNC_LIGHT;
}

/* One pass of migration over what is to move out of a part of a run. */
static int cma_migrate_once(const struct cma_vacancy *vacancy,
			    struct cma_evacuation *evacuation,
			    unsigned long pfn, unsigned long end)
{
	struct zone *zone = page_zone(pfn_to_page(pfn));
	gfp_t gfp = current_gfp_context(evacuation->gfp) &
		    (__GFP_IO | __GFP_FS | __GFP_RECLAIM | __GFP_NOWARN);
	struct compact_control cc = {
		.order = -1,
		.zone = zone,
		.gfp_mask = gfp | __GFP_HARDWALL | __GFP_MOVABLE |
			    __GFP_RETRY_MAYFAIL,
		.mode = cma_migrate_mode(evacuation, gfp),
		.ignore_skip_hint = true,
		.no_set_skip_hint = true,
		.alloc_contig = true,
		/* All of the pageblock at once. */
		.finish_pageblock = true,
	};
	struct migration_target_control target = {
		.nid = zone_to_nid(zone),
		.gfp_mask = cc.gfp_mask,
		.reason = MR_CONTIG_RANGE,
	};
	int ret;

	if (cma_fault(CMA_FAULT_TARGET))
		return -ENOMEM;
	if (cma_fault(CMA_FAULT_MIGRATE))
		return 0;
	INIT_LIST_HEAD(&cc.migratepages);
	ret = cma_isolate_todo(vacancy, &cc, pfn, end);
	if (!list_empty(&cc.migratepages) && ret != -EINTR)
		ret = migrate_pages(&cc.migratepages, alloc_migration_target,
				    NULL, (unsigned long)&target, cc.mode,
				    MR_CONTIG_RANGE, NULL);
	putback_movable_pages(&cc.migratepages);
	return ret == -ENOMEM || ret == -EINTR ? ret : 0;
}

/**
 * cma_may_be_batched - does a processor's list keep a page, or a reference of it?
 * @blocker: the page
 *
 * Context: any.
 * Return: whether emptying these lists may help.
 */
bool cma_may_be_batched(const struct cma_blocker *blocker)
{
	return blocker->kind == CMA_PAGE_REFERENCED ||
	       blocker->kind == CMA_PAGE_BUFFERS ||
	       blocker->kind == CMA_PAGE_UNMOVABLE;
}

static struct workqueue_struct *cma_drainers;
static DEFINE_PER_CPU(struct work_struct, cma_drain_works);
static struct cpumask cma_drain_cpus;
static DEFINE_MUTEX(cma_drain_lock);	/* guards the works and their mask */

static void cma_drain_cpu(struct work_struct *work)
{
	lru_add_drain();
}

/*
 * As lru_add_drain_all(), but whoever does it on another processor goes before
 * those who use that, instead of waiting for his turn.
 */
static void cma_drain_lru(void)
{
	unsigned int cpu;

	invalidate_bh_lrus();
	if (!cma_drainers) {
		lru_add_drain_all();
		return;
	}
	mutex_lock(&cma_drain_lock);
	/* A processor that goes offline meanwhile empties its lists itself. */
	cpumask_copy(&cma_drain_cpus, cpu_online_mask);
	for_each_cpu(cpu, &cma_drain_cpus) {
		struct work_struct *work = per_cpu_ptr(&cma_drain_works, cpu);

		INIT_WORK(work, cma_drain_cpu);
		queue_work_on(cpu, cma_drainers, work);
	}
	for_each_cpu(cpu, &cma_drain_cpus)
		flush_work(per_cpu_ptr(&cma_drain_works, cpu));
	mutex_unlock(&cma_drain_lock);
}

static int __init cma_make_drainers(void)
{
	cma_drainers = alloc_workqueue("cma_drain", WQ_HIGHPRI | WQ_MEM_RECLAIM,
				       0);
	return cma_drainers ? 0 : -ENOMEM;
}
core_initcall(cma_make_drainers);

/* Empty the lists that have to do with a blocker, unless that was done. */
static bool cma_drain_for(struct cma_evacuation *evacuation,
			  const struct cma_blocker *blocker)
{
	if (blocker->kind == CMA_PAGE_FREEING && !evacuation->drained_free) {
		evacuation->drained_free = true;
		drain_all_pages(page_zone(pfn_to_page(blocker->pfn)));
		return true;
	}
	if (cma_may_be_batched(blocker) && !evacuation->drained_lru) {
		evacuation->drained_lru = true;
		cma_drain_lru();
		return true;
	}
	return false;
}

/* Migrate what is left in one pageblock, which others don't isolate now. */
static int cma_migrate_isolated(struct cma_vacancy *vacancy,
				struct cma_evacuation *evacuation,
				unsigned long pfn, unsigned long end)
{
	gfp_t gfp = cma_page_gfp(evacuation->gfp);
	unsigned int tries = 0;
	int err;

	/*
	 * While a long run is worked through others fill their lists again, with
	 * pages of blocks that come later. Who is thorough has come far by then.
	 */
	if (evacuation->thorough) {
		evacuation->drained_free = false;
		evacuation->drained_lru = false;
	}
	/* The pages that this processor has just added to a list are ours. */
	lru_add_drain();
	for (;;) {
		err = cma_migrate_once(vacancy, evacuation, pfn, end);
		cma_take_free(vacancy, pfn, end, gfp);
		if (cma_next_todo(vacancy, pfn) >= end)
			return 0;
		if (err)
			return err;
		if (fatal_signal_pending(evacuation->task))
			return -EINTR;
		/* What was put back isn't to be taken for being in use. */
		lru_add_drain();
		cma_find_blocker(vacancy, pfn, end, &evacuation->blocker);
		if (cma_drain_for(evacuation, &evacuation->blocker))
			continue;
		if (!evacuation->thorough || ++tries == CMA_MIGRATE_TRIES)
			return -EBUSY;
	}
}

static int cma_migrate_block(struct cma_vacancy *vacancy,
			     struct cma_evacuation *evacuation,
			     unsigned long pfn, unsigned long end)
{
	int err;

	evacuation->blocker = (struct cma_blocker){ };
	if (cma_fault(CMA_FAULT_ISOLATE))
		return -EBUSY;
	err = start_isolate_page_range(pfn, end, MIGRATE_CMA, 0,
				       evacuation->gfp);
	if (err)
		return err;
	err = cma_migrate_isolated(vacancy, evacuation, pfn, end);
	undo_isolate_page_range(pfn, end, MIGRATE_CMA);
	return err;
}

/*
 * Is it cheaper to empty the lists of this processor than to isolate all the
 * pageblocks that have a page to migrate?
 */
static bool cma_are_few(const struct cma_vacancy *vacancy)
{
	unsigned long end = vacancy->base + vacancy->nr_pages, pfn, blocks = 0;
	struct zone *zone = page_zone(pfn_to_page(vacancy->base));

	if (bitmap_weight_andnot(vacancy->todo, vacancy->ours,
				 vacancy->nr_pages) > CMA_FEW_PAGES)
		return false;
	for (pfn = cma_next_todo(vacancy, vacancy->base); pfn < end; blocks++)
		pfn = cma_next_todo(vacancy, min(end, pageblock_end_pfn(pfn)));
	return raw_cpu_ptr(zone->per_cpu_pageset)->count <
	       blocks * CMA_PAGES_TO_ISOLATE;
}

/*
 * A few pages are migrated without isolating their pageblocks, which would cost
 * more than they do. They come free on a list of this processor, most likely,
 * and from there to where they are taken. Whatever isn't ours afterwards is
 * dealt with as if nothing had been tried.
 */
static void cma_migrate_few(struct cma_vacancy *vacancy,
			    struct cma_evacuation *evacuation)
{
	unsigned long end = vacancy->base + vacancy->nr_pages;
	unsigned long pfn = cma_next_todo(vacancy, vacancy->base);

	if (pfn >= end || !cma_are_few(vacancy))
		return;
	lru_add_drain();
	if (cma_migrate_once(vacancy, evacuation, pfn, end))
		return;
	lru_add_drain_cpu_zone(page_zone(pfn_to_page(pfn)));
	cma_take_free(vacancy, pfn, end, cma_page_gfp(evacuation->gfp));
}

/**
 * cma_migrate_todo - migrate pages out of a run
 * @vacancy: the run; what was migrated, and became free otherwise, becomes ours
 * @evacuation: the attempt; its blocker is set when a page doesn't move
 *
 * Context: sleeps. The pageblocks are the caller's to isolate.
 * Return: 0, -EBUSY, -ENOMEM or -EINTR.
 */
int cma_migrate_todo(struct cma_vacancy *vacancy,
		     struct cma_evacuation *evacuation)
{
	unsigned long end = vacancy->base + vacancy->nr_pages, pfn;
	int err;

	cma_migrate_few(vacancy, evacuation);
	for (pfn = cma_next_todo(vacancy, vacancy->base); pfn < end;
	     pfn = cma_next_todo(vacancy, pfn)) {
		err = cma_migrate_block(vacancy, evacuation, pfn,
					min(end, pageblock_end_pfn(pfn)));
		if (err)
			return err;
	}
	return 0;
}
