// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how a run is emptied.
 *
 * In the order of what it costs: free pages come straight off the page
 * allocator's lists; clean page cache is dropped; what remains is migrated,
 * pageblock by pageblock, and only for that pageblocks are isolated. Lists of
 * the processors are drained when a page was found on one of them, once for a
 * request.
 *
 * What a run is wanted for, and what happens when it can't be had, is decided
 * in cma_search.c.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kasan.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page-isolation.h>
#include <linux/pgalloc_tag.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/buffer_head.h>

#include "cma_evacuate.h"
#include "internal.h"

/* Runs up to this length keep their vacancy on the stack. */
#define CMA_STACK_PAGES		1024

/* So many pages, in all of a run, are worth trying without isolation. */
#define CMA_FEW_PAGES		256

/* Isolating a pageblock costs as much as so many pages on the way to a list. */
#define CMA_PAGES_TO_ISOLATE	128

/* How often what didn't move is tried again when all else has been done. */
#define CMA_MIGRATE_TRIES	3

/* What a page that is taken off the lists is prepared for. */
static gfp_t cma_page_gfp(gfp_t gfp)
{
	return gfp & (__GFP_ZERO | __GFP_NOWARN);
}

/* A folio moves as a whole, also if the run begins in the middle of it. */
static unsigned long cma_folio_start(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (!PageTail(page) || PageHuge(page))
		return pfn;
	return max(pageblock_start_pfn(pfn), page_to_pfn(compound_head(page)));
}

/* Put what isn't ours in a part of a run on the list of pages to migrate. */
static int cma_isolate_missing(const struct cma_vacancy *vacancy,
			       struct compact_control *cc, unsigned long pfn,
			       unsigned long end)
{
	unsigned long stop;
	int ret;

	for (pfn = cma_next_missing(vacancy, pfn); pfn < end;
	     pfn = cma_next_missing(vacancy, stop)) {
		stop = min(cma_next_ours(vacancy, pfn), end);
		ret = isolate_migratepages_range(cc, cma_folio_start(pfn), stop);
		/* The list is long enough for now, or there are too many. */
		if (ret == -EAGAIN)
			break;
		if (ret)
			return ret;
	}
	return 0;
}

/* One pass of migration over what isn't ours in a part of a run. */
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
		.mode = evacuation->thorough ? MIGRATE_SYNC :
					       MIGRATE_SYNC_LIGHT,
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

	INIT_LIST_HEAD(&cc.migratepages);
	ret = cma_isolate_missing(vacancy, &cc, pfn, end);
	if (!list_empty(&cc.migratepages) && ret != -EINTR)
		ret = migrate_pages(&cc.migratepages, alloc_migration_target,
				    NULL, (unsigned long)&target, cc.mode,
				    MR_CONTIG_RANGE, NULL);
	putback_movable_pages(&cc.migratepages);
	return ret == -ENOMEM || ret == -EINTR ? ret : 0;
}

/* Is this a page that a processor's list keeps, or keeps a reference of? */
static bool cma_may_be_batched(const struct cma_blocker *blocker)
{
	return blocker->kind == CMA_PAGE_REFERENCED ||
	       blocker->kind == CMA_PAGE_BUFFERS ||
	       blocker->kind == CMA_PAGE_UNMOVABLE;
}

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
		invalidate_bh_lrus();
		lru_add_drain_all();
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

	/* The pages that this processor has just added to a list are ours. */
	lru_add_drain();
	for (;;) {
		err = cma_migrate_once(vacancy, evacuation, pfn, end);
		cma_take_free(vacancy, pfn, end, gfp);
		if (cma_next_missing(vacancy, pfn) >= end)
			return 0;
		if (err)
			return err;
		if (fatal_signal_pending(current))
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
	unsigned long end = vacancy->base + vacancy->nr_pages;
	unsigned long missing = vacancy->nr_pages - vacancy->nr_ours;
	unsigned long pfn = cma_next_missing(vacancy, vacancy->base), blocks;
	struct zone *zone = page_zone(pfn_to_page(vacancy->base));

	if (!missing || missing > CMA_FEW_PAGES)
		return false;
	for (blocks = 0; pfn < end; blocks++)
		pfn = cma_next_missing(vacancy,
				       min(end, pageblock_end_pfn(pfn)));
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
	unsigned long pfn = cma_next_missing(vacancy, vacancy->base);

	if (!cma_are_few(vacancy))
		return;
	lru_add_drain();
	if (cma_migrate_once(vacancy, evacuation, pfn, end))
		return;
	lru_add_drain_cpu_zone(page_zone(pfn_to_page(pfn)));
	cma_take_free(vacancy, pfn, end, cma_page_gfp(evacuation->gfp));
}

/*
 * Is there a page for whose sake it isn't worth to begin? What this processor
 * has in its batches is soon put where it belongs.
 */
static bool cma_is_hopeless(struct cma_vacancy *vacancy,
			    struct cma_evacuation *evacuation)
{
	struct cma_blocker *blocker = &evacuation->blocker, costly;
	bool stays;

	if (evacuation->thorough)
		return false;
	stays = cma_foresee(vacancy, blocker, &costly);
	if (stays && cma_may_be_batched(blocker)) {
		lru_add_drain();
		stays = cma_foresee(vacancy, blocker, &costly);
	}
	evacuation->costly = !stays && evacuation->picky && costly.kind;
	if (evacuation->costly)
		*blocker = costly;
	return stays || evacuation->costly;
}

/* Make all of a run ours. */
static int cma_make_room(struct cma_vacancy *vacancy,
			 struct cma_evacuation *evacuation)
{
	unsigned long end = vacancy->base + vacancy->nr_pages;
	gfp_t gfp = cma_page_gfp(evacuation->gfp);
	unsigned long pfn = cma_next_missing(vacancy, vacancy->base);
	int err;

	cma_take_free(vacancy, pfn, end, gfp);
	evacuation->hopeless = cma_is_hopeless(vacancy, evacuation);
	if (evacuation->hopeless)
		return -EBUSY;
	evacuation->nr_moved = vacancy->nr_pages - vacancy->nr_ours;
	evacuation->nr_dropped = cma_drop_cache(vacancy, gfp);
	cma_migrate_few(vacancy, evacuation);

	for (pfn = cma_next_missing(vacancy, vacancy->base); pfn < end;
	     pfn = cma_next_missing(vacancy, pfn)) {
		err = cma_migrate_block(vacancy, evacuation, pfn,
					min(end, pageblock_end_pfn(pfn)));
		if (err)
			return err;
	}
	return 0;
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
	DECLARE_BITMAP(bits, CMA_STACK_PAGES);
	unsigned long nr = evacuation->nr_pages;
	struct cma_vacancy vacancy = {
		.base = evacuation->pfn,
		.nr_pages = nr,
		.ours = bits,
	};
	int err = -ENOMEM;

	evacuation->nr_taken = leading;
	if (nr > CMA_STACK_PAGES)
		vacancy.ours = kvmalloc_array(BITS_TO_LONGS(nr), sizeof(long),
					      evacuation->gfp & GFP_KERNEL);
	if (!vacancy.ours)
		return err;

	bitmap_zero(vacancy.ours, nr);
	cma_make_ours(&vacancy, vacancy.base, leading);
	err = cma_make_room(&vacancy, evacuation);
	if (err)
		evacuation->nr_taken = cma_keep_leading(&vacancy);
	if (vacancy.ours != bits)
		kvfree(vacancy.ours);
	return err;
}

static int cma_pages_evacuate(struct cma *cma,
			      struct cma_evacuation *evacuation)
{
	unsigned long end = evacuation->pfn + evacuation->nr_pages;
	unsigned long leading;

	leading = cma_take_leading(evacuation->pfn, end,
				   cma_page_gfp(evacuation->gfp));
	if (leading == evacuation->nr_pages)
		return 0;
	if (gfpflags_allow_blocking(evacuation->gfp))
		return cma_evacuate_rest(evacuation, leading);
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

/* Single pages with a reference each become one compound page with one. */
static bool cma_make_compound(unsigned long pfn, unsigned long nr_pages,
			      gfp_t gfp)
{
	unsigned int order = ilog2(nr_pages);

	if (!cma_freeze_pages(pfn + 1, nr_pages - 1, gfp))
		return false;
	cma_join_records(pfn, order, gfp);
	prep_compound_page(pfn_to_page(pfn), order);
	return true;
}

static bool cma_pages_prepare(struct cma *cma, unsigned long pfn,
			      unsigned long nr_pages, gfp_t gfp, bool used)
{
	unsigned long i;

	cma_reset_tags(pfn, nr_pages);
	for (i = 0; used && want_init_on_alloc(gfp) && i < nr_pages; i++) {
		clear_highpage_kasan_tagged(pfn_to_page(pfn + i));
		if (gfpflags_allow_blocking(gfp))
			cond_resched();
	}
	return !(gfp & __GFP_COMP) || cma_make_compound(pfn, nr_pages, gfp);
}

static bool cma_some_are_poisoned(unsigned long pfn, unsigned long nr_pages)
{
	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE) ||
	    !atomic_long_read(&num_poisoned_pages))
		return false;
	while (nr_pages--)
		if (PageHWPoison(pfn_to_page(pfn++)))
			return true;
	return false;
}

/*
 * A run is kept as it is, so that it can be handed out as it is. That each page
 * of a long run has one reference is what its user owes; it is looked at where
 * that costs nothing, and everywhere in debug builds.
 */
static bool cma_pages_may_keep(struct cma *cma, unsigned long pfn,
			       unsigned long nr_pages)
{
	unsigned long i, step = IS_ENABLED(CONFIG_CMA_DEBUG) ? 1 :
				max(nr_pages - 1, 1UL);

	if (want_init_on_free() || PageCompound(pfn_to_page(pfn)))
		return false;
	for (i = 0; i < nr_pages; i += step)
		if (page_ref_count(pfn_to_page(pfn + i)) != 1)
			return false;
	return !cma_some_are_poisoned(pfn, nr_pages);
}

static bool cma_pages_lend(struct cma *cma, unsigned long pfn,
			   unsigned long nr_pages)
{
	return cma_put_free(pfn, nr_pages);
}

const struct cma_evacuator cma_page_evacuator = {
	.evacuate	= cma_pages_evacuate,
	.prepare	= cma_pages_prepare,
	.may_keep	= cma_pages_may_keep,
	.lend		= cma_pages_lend,
	.cost		= cma_pages_cost,
};
