// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: pages that are neither free nor dropped are migrated,
 * pageblock by pageblock, and only for that pageblocks are isolated. Lists of
 * the processors are drained when a page was found on one of them: those of pages in use
 * once for a round of a request, those of free pages once for a run, and only of what is
 * in it; both once for a pageblock where that is thorough.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>

#include "evac.h"
#include "fault.h"
#include "../internal.h"

/* A pageblock that somebody else has isolated is tried so often. */
#define CMA_ISOLATE_TRIES	8

/* So many pages, in all of a run, are worth trying without isolation. */
#define CMA_FEW_PAGES		256

/* Isolating a pageblock costs as much as a look at so many pages on a list. */
#define CMA_PAGES_TO_ISOLATE	2048

/* How often what didn't move is tried again when all else has been done. */
#define CMA_MIGRATE_TRIES	3

/* Where pages migrate to, and for which attempt. */
struct cma_target {
	struct migration_target_control control;
	const struct cma_evacuation *evacuation;
};

/* The mapping of a folio, which is locked then, so that the mapping doesn't go away. */
static struct address_space *cma_lock_mapping(struct folio *folio)
{
	struct address_space *mapping;

	if (folio_test_hugetlb(folio) || !folio_trylock(folio))
		return NULL;
	mapping = folio_mapping(folio);
	if (!mapping)
		folio_unlock(folio);
	return mapping;
}

/*
 * What a mapping has allocated as not movable, metadata of a file system for one, may have
 * come here by compaction, while it was idle. It is better off outside. That of the swap
 * cache says nothing.
 */
static bool cma_goes_outside(struct folio *folio)
{
	struct address_space *mapping;
	bool goes;

	if (folio_test_anon(folio) || folio_test_swapcache(folio))
		return false;
	mapping = cma_lock_mapping(folio);
	if (!mapping)
		return false;
	goes = !(mapping_gfp_mask(mapping) & __GFP_MOVABLE);
	folio_unlock(folio);
	return goes;
}

/* There is another place, so that this one is worth one try. */
static struct folio *cma_new_outside(struct folio *src, struct migration_target_control control)
{
	control.gfp_mask &= ~(__GFP_MOVABLE | __GFP_RETRY_MAYFAIL | __GFP_NOFAIL);
	control.gfp_mask |= __GFP_NORETRY;
	return alloc_migration_target(src, (unsigned long)&control);
}

/*
 * To find room may take long, for each page, so that is the place to give up. After
 * the deadline nothing is reclaimed for it. Where a large folio comes from is decided
 * elsewhere; without room for it, it is divided.
 */
static struct folio *cma_new_folio(struct folio *src, unsigned long private)
{
	struct cma_target *target = (struct cma_target *)private;
	struct migration_target_control control = target->control;
	struct folio *dst = NULL;

	if (cma_is_killed(target->evacuation))
		return NULL;
	if (cma_is_late(target->evacuation)) {
		if (folio_test_large(src))
			return NULL;
		control.gfp_mask &= ~__GFP_DIRECT_RECLAIM;
	}
	if (!folio_test_large(src) && cma_goes_outside(src))
		dst = cma_new_outside(src, control);
	/* Without room outside it may be in the way of the next request. */
	return dst ?: alloc_migration_target(src, (unsigned long)&control);
}

/* A file system that can't migrate dirty pages has to write this one. */
static bool cma_has_to_be_written(struct folio *folio)
{
	struct address_space *mapping = cma_lock_mapping(folio);
	bool has_to;

	if (!mapping)
		return false;
	has_to = !mapping->a_ops->migrate_folio &&
		 folio_test_dirty(folio) && !folio_test_writeback(folio);
	folio_unlock(folio);
	return has_to;
}

/*
 * Nothing but the migration of a dirty page writes it, and that waits until it is
 * written. It is the one wait whose end is up to a disk alone.
 */
static int cma_migrate_written(struct list_head *folios,
			       struct cma_target *target)
{
	struct folio *folio, *next;
	LIST_HEAD(written);
	int ret = 0;

	list_for_each_entry_safe(folio, next, folios, lru)
		if (cma_has_to_be_written(folio))
			list_move_tail(&folio->lru, &written);
	if (!list_empty(&written))
		ret = migrate_pages(&written, cma_new_folio, NULL,
				    (unsigned long)target, MIGRATE_SYNC,
				    MR_CONTIG_RANGE, NULL);
	list_splice_tail(&written, folios);
	return ret;
}

/*
 * Nothing is waited for while pages are isolated: that is done between two passes,
 * see cma_wait_for_pages().
 */
static int cma_migrate_list(struct list_head *folios, struct cma_target *target)
{
	const struct cma_evacuation *evacuation = target->evacuation;
	int ret;

	if (list_empty(folios))
		return 0;
	ret = migrate_pages(folios, cma_new_folio, NULL, (unsigned long)target,
			    MIGRATE_ASYNC, MR_CONTIG_RANGE, NULL);
	if (ret > 0 && cma_is_thorough(evacuation) && cma_patience(evacuation) &&
	    !cma_gives_up(evacuation))
		ret = cma_migrate_written(folios, target);
	return ret;
}

/*
 * A request that has a fallback doesn't pay for room either. Without room another run may
 * do, and if none does that is the reason, which is told by itself.
 */
static gfp_t cma_target_gfp(const struct cma_evacuation *evacuation)
{
	gfp_t gfp = evacuation->gfp;

	return (gfp & (__GFP_IO | __GFP_FS | __GFP_RECLAIM)) |
	       __GFP_HARDWALL | __GFP_MOVABLE | __GFP_NOWARN |
	       (gfp & __GFP_NORETRY ?: __GFP_RETRY_MAYFAIL);
}

/*
 * One pass of migration over what is to move out of a part of a run, or over as much as may
 * be isolated at a time: then *next is where to go on.
 */
static int cma_migrate_once(struct cma_vacancy *vacancy,
			    const struct cma_evacuation *evacuation,
			    unsigned long pfn, unsigned long nr_pages,
			    unsigned long *next)
{
	struct zone *zone = page_zone(pfn_to_page(pfn));
	struct compact_control cc = {
		.order = -1,
		.zone = zone,
		.gfp_mask = cma_target_gfp(evacuation),
		/* Where others have isolated too much it doesn't wait by itself. */
		.mode = MIGRATE_ASYNC,
		.ignore_skip_hint = true,
		.no_set_skip_hint = true,
		.alloc_contig = true,
		/* All that is asked for, see cma_migrate_in_parts(). */
		.finish_pageblock = true,
	};
	struct cma_target target = {
		.control = {
			.nid = zone_to_nid(zone),
			.gfp_mask = cc.gfp_mask,
			.reason = MR_CONTIG_RANGE,
		},
		.evacuation = evacuation,
	};
	int ret;

	*next = pfn + nr_pages;
	if (cma_fault(CMA_FAULT_TARGET))
		return -ENOMEM;
	if (cma_fault(CMA_FAULT_MIGRATE))
		return 0;
	INIT_LIST_HEAD(&cc.migratepages);
	ret = cma_isolate(vacancy, evacuation, &cc, pfn, *next);
	*next = cc.migrate_pfn;
	if (ret != -EINTR)
		ret = cma_migrate_list(&cc.migratepages, &target) ?: ret;
	putback_movable_pages(&cc.migratepages);
	return ret == -ENOMEM || ret == -EINTR ? ret : 0;
}

/* The same, as often as it takes. */
static int cma_migrate_in_parts(struct cma_vacancy *vacancy,
				const struct cma_evacuation *evacuation,
				unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, next;
	int err = 0;

	for (pfn = cma_next_todo(vacancy, pfn); pfn < end && !err;
	     pfn = next < end ? cma_next_todo(vacancy, next) : end)
		err = cma_migrate_once(vacancy, evacuation, pfn, end - pfn, &next);
	return err;
}

/* Free what the pcplists of all processors have of a run: the rest is as well there. */
static void cma_drain_free(const struct cma_evacuation *evacuation)
{
	unsigned long pfn = evacuation->pfn, end = pfn + evacuation->nr_pages;
	unsigned int cpu;

	/* Those of a processor that goes offline are drained then. */
	for_each_online_cpu(cpu)
		drain_pages_range(cpu, page_zone(pfn_to_page(pfn)), pfn, end);
}

/*
 * What others have just freed is taken while nobody else gets it, at once what pcplists had
 * of all of the run: it would be allocated again by the time that its pageblock's turn comes.
 * What is thorough, or late, asks them again at each pageblock.
 */
static void cma_take_from_lists(struct cma_vacancy *vacancy,
				struct cma_evacuation *evacuation,
				unsigned long pfn, unsigned long nr_pages)
{
	if (evacuation->blocker.kind != CMA_PAGE_FREEING || evacuation->drained_free)
		return;
	evacuation->drained_free = true;
	cma_drain_free(evacuation);
	if (!cma_is_thorough(evacuation) && !cma_is_late(evacuation))
		nr_pages = evacuation->pfn + evacuation->nr_pages - pfn;
	cma_take_free(vacancy, pfn, nr_pages, cma_page_gfp(evacuation->gfp));
}

/* There is no use in going on: say what is left, and why. */
static int cma_give_up(const struct cma_vacancy *vacancy,
		       struct cma_evacuation *evacuation, unsigned long pfn,
		       unsigned long nr_pages)
{
	/* What was put back isn't to be taken for being in use. */
	lru_add_drain();
	cma_find_blocker(vacancy, pfn, nr_pages, &evacuation->blocker);
	return fatal_signal_pending(evacuation->task) ? -EINTR : -EBUSY;
}

/*
 * While a long run is worked through others fill their lists again, with pages of
 * blocks that come later. What is thorough has come far by then, and what is late
 * tries none again. The pages that this processor has just added to a list are ours.
 */
static void cma_begin_block(struct cma_evacuation *evacuation)
{
	if (cma_is_thorough(evacuation) || cma_is_late(evacuation))
		evacuation->drained_free = false;
	if (cma_is_thorough(evacuation))
		evacuation->drained_lru = false;
	lru_add_drain();
}

/*
 * One pass over what is left in one pageblock, which others don't isolate now. -EAGAIN if
 * something is left after it.
 */
static int cma_migrate_isolated(struct cma_vacancy *vacancy,
				struct cma_evacuation *evacuation,
				unsigned long pfn, unsigned long nr_pages)
{
	int err;

	err = cma_migrate_in_parts(vacancy, evacuation, pfn, nr_pages);
	cma_take_free(vacancy, pfn, nr_pages, cma_page_gfp(evacuation->gfp));
	if (cma_next_todo(vacancy, pfn) >= pfn + nr_pages)
		return 0;
	if (cma_is_killed(evacuation))
		return cma_give_up(vacancy, evacuation, pfn, nr_pages);
	if (err && !cma_is_late(evacuation))
		return err;
	/* What was put back isn't to be taken for being in use. */
	lru_add_drain();
	cma_find_blocker(vacancy, pfn, nr_pages, &evacuation->blocker);
	cma_take_from_lists(vacancy, evacuation, pfn, nr_pages);
	if (cma_next_todo(vacancy, pfn) >= pfn + nr_pages)
		return 0;
	return cma_gives_up(evacuation) ?
	       cma_give_up(vacancy, evacuation, pfn, nr_pages) : -EAGAIN;
}

/* Empty all folio batches if one may have the blocker, unless that was done. */
static bool cma_drain_batches(struct cma_evacuation *evacuation)
{
	if (!cma_page_kinds[evacuation->blocker.kind].batched ||
	    evacuation->drained_lru)
		return false;
	evacuation->drained_lru = true;
	cma_drain_lru(evacuation);
	/* What has come free that way is on the pcplists of other processors. */
	evacuation->drained_free = false;
	return true;
}

/* Likewise for what is waited for: it may come free instead of becoming movable. */
static bool cma_wait_and_look(struct cma_vacancy *vacancy,
			      struct cma_evacuation *evacuation,
			      unsigned long pfn, unsigned long nr_pages)
{
	if (!cma_wait_for_pages(vacancy, evacuation, pfn, nr_pages))
		return false;
	evacuation->drained_free = false;
	return true;
}

/* The type of a pageblock may be changed meanwhile, which takes some microseconds. */
static int cma_isolate_block(unsigned long pfn, unsigned long nr_pages, gfp_t gfp)
{
	unsigned int tries = CMA_ISOLATE_TRIES;
	int err;

	while ((err = start_isolate_page_range(pfn, pfn + nr_pages, cma_lent_type(pfn), 0,
					       gfp)) == -EBUSY && --tries)
		usleep_range(50, 100);
	return err;
}

/* The same with the pageblock isolated, as long as it takes. */
static int cma_migrate_pass(struct cma_vacancy *vacancy,
			    struct cma_evacuation *evacuation,
			    unsigned long pfn, unsigned long nr_pages)
{
	int err;

	if (cma_is_killed(evacuation))
		return cma_give_up(vacancy, evacuation, pfn, nr_pages);
	if (cma_fault(CMA_FAULT_ISOLATE))
		return -EBUSY;
	err = cma_isolate_block(pfn, nr_pages, evacuation->gfp);
	if (err)
		return err;
	err = cma_migrate_isolated(vacancy, evacuation, pfn, nr_pages);
	/* It may have been chosen meanwhile who gets it, see cma_retype_block(). */
	undo_isolate_page_range(pfn, pfn + nr_pages, cma_lent_type(pfn));
	return err;
}

/*
 * Between two passes others have what is free of the pageblock, outside of the run: it can be
 * as large as 512 MiB, and a wait as long as 5 s.
 */
static int cma_migrate_block(struct cma_vacancy *vacancy,
			     struct cma_evacuation *evacuation,
			     unsigned long pfn, unsigned long nr_pages)
{
	bool thorough = cma_is_thorough(evacuation), drained;
	unsigned int tries = 0;
	unsigned long before;
	int err;

	cma_begin_block(evacuation);
	/* Where it can't be isolated this place is told, or the page that was seen before. */
	evacuation->blocker = (struct cma_blocker){ .pfn = pfn };
	for (;;) {
		before = vacancy->nr_ours;
		drained = evacuation->drained_free;
		err = cma_migrate_pass(vacancy, evacuation, pfn, nr_pages);
		if (err != -EAGAIN)
			return err;
		if (drained != evacuation->drained_free ||
		    cma_drain_batches(evacuation))
			continue;
		/* There are as many tries as there have to be while pages move. */
		if (thorough && vacancy->nr_ours > before)
			tries = 0;
		if (++tries == CMA_MIGRATE_TRIES ||
		    (!cma_wait_and_look(vacancy, evacuation, pfn, nr_pages) &&
		     !thorough))
			return -EBUSY;
	}
}

/*
 * Is it cheaper to find pages on the pcplists of this processor than to isolate all the
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
 * more than they do. They come free on a pcplist of this processor, most likely,
 * and from there to where they are taken. Whatever isn't ours afterwards is
 * dealt with as if nothing had been tried.
 */
static void cma_migrate_few(struct cma_vacancy *vacancy,
			    struct cma_evacuation *evacuation)
{
	unsigned long end = vacancy->base + vacancy->nr_pages, next;
	unsigned long pfn = cma_next_todo(vacancy, vacancy->base);

	if (pfn >= end || !cma_are_few(vacancy))
		return;
	lru_add_drain();
	if (cma_migrate_once(vacancy, evacuation, pfn, end - pfn, &next))
		return;
	lru_add_drain();
	drain_pages_range(raw_smp_processor_id(), page_zone(pfn_to_page(pfn)), pfn, end);
	cma_take_free(vacancy, pfn, end - pfn, cma_page_gfp(evacuation->gfp));
}

/**
 * cma_migrate_todo() - migrate pages out of a run
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
					min(end, pageblock_end_pfn(pfn)) - pfn);
		if (err)
			return err;
	}
	return 0;
}
