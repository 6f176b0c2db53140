// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: movable pages make room outside areas by moving in.
 *
 * Kernel memory can't be in an area. Where what is outside runs low while areas have free
 * pages, movable pages from outside move there before anything is evicted, and before an
 * allocation fails.
 *
 *	  outside the area                     the area
 *	 |kk.ak|aakaa|kkaka|   ----a--->   |a..|....|...|
 *
 * Clean page cache does, and where there is none anonymous memory, a batch at a time, from
 * where the last batch has come to. Pages that are written soon, or that nobody wants to
 * have moved, stay.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>

#include "area.h"
#include "move_in.h"
#include "../internal.h"

/*
 * So many pages are looked at for each call, unless a task is to be killed. A pageblock
 * that has none which could move costs as much as so many.
 */
#define CMA_MOVE_LOOK		32768
#define CMA_MOVE_SKIP		16

/* So many pages are moved for the sake of a task that would be killed. */
#define CMA_MOVE_AT_LAST	256

/* A pcplist may have so many pages from outside, which others have freed. */
#define CMA_MOVE_UNFIT		64

/* Highest zone that pages are allocated from, to have them in just that one. */
static const gfp_t cma_zone_gfp[MAX_NR_ZONES] = {
#ifdef CONFIG_ZONE_DMA
	[ZONE_DMA]	= __GFP_DMA,
#endif
#ifdef CONFIG_ZONE_DMA32
	[ZONE_DMA32]	= __GFP_DMA32,
#endif
#ifdef CONFIG_HIGHMEM
	[ZONE_HIGHMEM]	= __GFP_HIGHMEM,
#endif
};

/* May a block of an area hold it as it is? Nobody wants it divided for that. */
static bool cma_fits_inside(const struct cma_move *move, const struct folio *folio)
{
	unsigned int order = folio_order(folio);

	if (!order)
		return true;
	/* Files in memory are divided with an allocation, which has to be able to fail. */
	if (!move->gfp)
		return folio_test_anon(folio);
	for (; order < NR_PAGE_ORDERS; order++)
		if (!free_area_empty(&move->inside->free_area[order], MIGRATE_CMA) ||
		    (!move->anon &&
		     !free_area_empty(&move->inside->free_area[order], MIGRATE_CMA_CLEAN)))
			return true;
	return false;
}

/* Is there a reference that isn't a mapping's, of a device most likely? */
static bool cma_is_held_outside(struct folio *folio)
{
	long others = folio_ref_count(folio) - folio_mapcount(folio) - 1;

	return folio_maybe_dma_pinned(folio) ||
	       (folio_test_anon(folio) && !folio_test_swapcache(folio) && others > 0);
}

/*
 * What a mapping has allocated as not movable will be used by a journal or a device, and
 * has no place in an area, although it may move now. Nor has in a higher zone what a file
 * system or a device has kept out of there.
 */
static bool cma_mapping_is_movable(const struct cma_move *move, struct folio *folio)
{
	struct address_space *mapping = folio_mapping(folio);
	gfp_t gfp;

	if (!mapping || folio_test_swapcache(folio))
		return true;
	gfp = mapping_gfp_mask(mapping);
	return gfp & __GFP_MOVABLE && gfp_zone(gfp) >= zone_idx(move->inside);
}

static bool cma_note_mine(struct folio *folio, struct vm_area_struct *vma,
			  unsigned long address, void *arg)
{
	bool *mine = arg;

	*mine = vma->vm_mm == current->mm;
	return !*mine;
}

/* Does the task have it mapped? */
static bool cma_is_mine(struct folio *folio)
{
	bool mine = false;
	struct rmap_walk_control rwc = {
		.arg = &mine,
		.rmap_one = cma_note_mine,
		/* Tasks that had it mapped may exit: no lock of the folio keeps its anon_vma. */
		.anon_lock = folio_lock_anon_vma_read,
		.try_lock = true,
	};

	rmap_walk(folio, &rwc);
	return mine || rwc.contended;
}

/*
 * A task that pins pages has just had them moved out of areas. They would be found inside
 * again, and so on without an end.
 */
static bool cma_belongs_inside(const struct cma_move *move, struct folio *folio)
{
	bool belongs;

	/* The lock keeps the mapping from going away. */
	if (!folio_trylock(folio))
		return false;
	belongs = cma_mapping_is_movable(move, folio) && !(move->pins && cma_is_mine(folio));
	folio_unlock(folio);
	return belongs;
}

/*
 * A task that has locked its memory doesn't want to wait for it. Rather than have one killed
 * it waits for a page to be copied, as it does for compaction unless the administrator says
 * otherwise.
 */
static bool cma_is_locked_outside(const struct cma_move *move, struct folio *folio)
{
	return folio_test_unevictable(folio) &&
	       !(move->at_last && compact_unevictable_allowed());
}

/* What is dirty stays: it is about to be written, which an area has to wait for. */
static bool cma_may_move_in(const struct cma_move *move, struct folio *folio)
{
	if (folio_test_hugetlb(folio) || cma_is_locked_outside(move, folio) ||
	    folio_test_writeback(folio))
		return false;
	if (folio_test_anon(folio) || folio_test_swapbacked(folio) ? !move->anon :
	    !(move->gfp & __GFP_FS) || folio_test_dirty(folio))
		return false;
	return cma_fits_inside(move, folio) && !cma_is_held_outside(folio) &&
	       cma_belongs_inside(move, folio);
}

static void cma_isolate_one(struct cma_move *move, struct page *page)
{
	struct folio *folio = page_folio(page);

	if (!folio_try_get(folio))
		return;
	/* It may have been freed, and be part of something else by now. */
	if (page_folio(page) == folio && folio_test_lru(folio) &&
	    cma_may_move_in(move, folio) &&
	    isolate_folio_to_list(folio, &move->folios))
		move->nr_isolated += folio_nr_pages(folio);
	folio_put(folio);
}

/* Isolate what moves of a pageblock, up to a batch. */
static void cma_isolate_outside(struct cma_move *move, unsigned long end)
{
	unsigned long began = move->from;

	for (; move->from < end && move->nr_isolated < CMA_MOVE_BATCH; move->from++) {
		struct page *page = pfn_to_page(move->from);

		if (PageLRU(page) && !PageTail(page))
			cma_isolate_one(move, page);
	}
	move->look -= min(move->look, move->from - began);
	move->lap -= min(move->lap, move->from - began);
}

/* Where the zone's part of a pageblock ends: zones may end in the middle of one. */
static unsigned long cma_block_end(const struct cma_move *move)
{
	return min(pageblock_end_pfn(move->from), zone_end_pfn(move->zone));
}

/* A pageblock of the zone that is no area's, with a page at either end. */
static bool cma_is_outside(const struct cma_move *move)
{
	unsigned long start = max(pageblock_start_pfn(move->from), move->zone->zone_start_pfn);
	struct page *page = pageblock_pfn_to_page(start, cma_block_end(move), move->zone);
	int type = page ? get_pageblock_migratetype(page) : MIGRATE_ISOLATE;

	return !is_migrate_cma(type) && !is_migrate_isolate(type);
}

/* Count what goes to an area, or doesn't after all. */
static void cma_count_moved_in(struct folio *folio, bool goes)
{
	struct cma *cma = cma_area_of(folio_pfn(folio));
	long nr_pages = folio_nr_pages(folio);

	if (cma)
		atomic64_add(goes ? nr_pages : -nr_pages, &cma->stats.moved_in_pages);
}

/* Is it where those can't have it who want memory? */
static bool cma_is_target(const struct cma_move *move, const struct folio *folio)
{
	return is_migrate_cma_folio(folio, folio_pfn((struct folio *)folio)) ||
	       cma_is_out_of_reach(move, folio_zone(folio));
}

/* Is it clean, and of a file that nobody has open for writing? As for what is read. */
static bool cma_stays_clean(struct folio *folio)
{
	struct address_space *mapping;
	bool stays;

	if (folio_test_dirty(folio) || !folio_trylock(folio))
		return false;
	mapping = folio_mapping(folio);
	stays = mapping && !inode_is_open_for_write(mapping->host);
	folio_unlock(folio);
	return stays;
}

/* A page of an area. What comes from elsewhere is kept, or it would come again. */
static struct folio *cma_folio_inside(struct folio *src, unsigned long private)
{
	struct cma_move *move = (struct cma_move *)private;
	gfp_t gfp = cma_zone_gfp[zone_idx(move->inside)] | __GFP_MOVABLE | __GFP_NOWARN |
		    __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_THISNODE;
	struct folio *folio = NULL;

	/* What is free of areas is no reserve of anybody else's. */
	if (move->at_last)
		gfp |= __GFP_HIGH;

	if (!move->anon && cma_are_areas_clean() && cma_stays_clean(src))
		folio = alloc_clean_folio(gfp, folio_order(src), zone_to_nid(move->inside));
	if (folio) {
		cma_count_moved_in(folio, true);
		return folio;
	}
	while (cma_zone_has_room(move, move->inside) && move->nr_unfit < CMA_MOVE_UNFIT) {
		folio = __folio_alloc_node(gfp, folio_order(src), zone_to_nid(move->inside));
		if (!folio)
			break;
		if (cma_is_target(move, folio)) {
			cma_count_moved_in(folio, true);
			return folio;
		}
		list_add(&folio->lru, &move->unfit);
		move->nr_unfit += folio_nr_pages(folio);
	}
	move->no_target |= !folio_test_large(src);
	return NULL;
}

static void cma_free_inside(struct folio *folio, unsigned long private)
{
	cma_count_moved_in(folio, false);
	folio_put(folio);
}

static void cma_free_unfit(struct cma_move *move)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, &move->unfit, lru) {
		list_del(&folio->lru);
		folio_put(folio);
	}
	move->nr_unfit = 0;
}

/* The pcplists of this processor, where nobody else could use what is free. */
static void cma_drain_lists(const struct cma_move *move)
{
	lru_add_drain_cpu_zone(move->zone);
	if (move->inside != move->zone)
		lru_add_drain_cpu_zone(move->inside);
}

/* Move what is isolated; the number of pages that did. */
static unsigned long cma_move_batch(struct cma_move *move)
{
	unsigned int moved = 0;

	/* Other tasks that are short go on from there. */
	WRITE_ONCE(move->cursor->pfn, move->from);
	if (!move->nr_isolated)
		return 0;
	/* What has been freed outside would be the first to be allocated again. */
	cma_drain_lists(move);
	migrate_pages(&move->folios, cma_folio_inside, cma_free_inside,
		      (unsigned long)move, MIGRATE_ASYNC, MR_COMPACTION, &moved);
	putback_movable_pages(&move->folios);
	move->nr_isolated = 0;
	cma_free_unfit(move);
	cma_drain_lists(move);
	return moved;
}

static unsigned long cma_move_some(struct cma_move *move, unsigned long nr_pages,
				   unsigned long nr_look)
{
	unsigned long moved = 0, end;

	move->look = nr_look;
	move->lap = move->zone->spanned_pages;
	while (moved < nr_pages && move->look && move->lap && !move->no_target &&
	       cma_zone_is_short(move->zone, move->zone_idx) &&
	       cma_zone_has_room_for(move, move->inside, move->anon)) {
		if (!zone_spans_pfn(move->zone, move->from))
			move->from = move->zone->zone_start_pfn;
		end = cma_block_end(move);
		if (cma_is_outside(move)) {
			cma_isolate_outside(move, end);
			if (move->nr_isolated >= CMA_MOVE_BATCH)
				moved += cma_move_batch(move);
		} else {
			move->look -= min(move->look, CMA_MOVE_SKIP);
			move->lap -= min(move->lap, end - move->from);
			move->from = end;
		}
		cond_resched();
	}
	return moved + cma_move_batch(move);
}

/*
 * Rather than be killed, a task that pins pages has its own ones moved in: most of them are
 * others than those that it is about to pin. If they aren't, they are moved out again, and so
 * on. So that is done for as much as areas have, and then not for a while. Only the task that
 * has the lock of the OOM killer comes here.
 */
static struct cma_own cma_own;

/* For a task in a file system page cache stays, for one that pins what is its own. */
static bool cma_moves_some_only(gfp_t gfp)
{
	return !(gfp & __GFP_FS) || current->flags & PF_MEMALLOC_PIN;
}

/*
 * Page cache comes first: it can be dropped when a device wants the run. Where there is none
 * far and wide nobody looks again for a moment: a task that reclaims wants but a few pages,
 * and would look at a thousand for each of them.
 */
static unsigned long cma_move_files(struct cma_move *move, unsigned long nr_pages,
				    unsigned long nr_look)
{
	unsigned long moved;

	if (!(move->gfp & __GFP_FS) || cma_files_were_vain(move->cursor))
		return 0;
	moved = cma_move_some(move, nr_pages, nr_look);
	/* For a task that pins its own files stay, which says nothing about others. */
	if (!moved && !move->pins && (!move->look || !move->lap))
		WRITE_ONCE(move->cursor->again_files, (u32)jiffies + CMA_MOVE_PAUSE);
	return moved;
}

/* Where there are but a few pages of files anonymous memory moves as well. */
static unsigned long cma_move_into(struct cma_move *move, unsigned long nr_pages,
				   unsigned long nr_look)
{
	unsigned long enough = min(nr_pages, SWAP_CLUSTER_MAX), moved;
	unsigned int pins = current->flags & PF_MEMALLOC_PIN;
	bool some = cma_moves_some_only(move->gfp);

	move->pins = pins && !(move->at_last &&
			       cma_may_move_own(&cma_own, ktime_get_seconds(), totalcma_pages));
	/* What the task allocates for itself has no place in an area, but what moves has. */
	current->flags &= ~PF_MEMALLOC_PIN;
	move->from = READ_ONCE(move->cursor->pfn);
	moved = cma_move_files(move, nr_pages, nr_look);
	if (moved < enough) {
		move->anon = true;
		moved += cma_move_some(move, nr_pages - moved, nr_look);
	}
	if (pins && move->at_last)
		cma_own.left -= min(cma_own.left, moved);
	if (moved < enough)
		WRITE_ONCE(move->cursor->again[some], (u32)jiffies + CMA_MOVE_PAUSE);
	current->flags |= pins;
	return moved;
}

/**
 * cma_move_in() - have movable pages make room by moving into areas
 * @pgdat: the node that is short of memory
 * @highest_zoneidx: highest zone that helps
 * @nr_pages: so many pages are wanted
 * @gfp: of the task that wants them
 *
 * Does nothing in zones that have enough memory outside areas, or no free memory inside,
 * and for a moment where it was in vain.
 *
 * Context: may sleep, but waits for no page. The task holds no lock that a file system
 * takes if @gfp has __GFP_FS.
 * Return: number of pages that have become free outside of areas.
 */
unsigned long cma_move_in(struct pglist_data *pgdat, int highest_zoneidx,
			  unsigned long nr_pages, gfp_t gfp)
{
	enum zone_type i, idx = min_t(enum zone_type, highest_zoneidx, cma_highest_zone(gfp));
	unsigned long moved = 0;
	struct cma_move move;

	if (!(gfp & __GFP_IO))
		return 0;
	for (i = 0; i <= idx && moved < nr_pages; i++) {
		if (!cma_may_move(&move, &pgdat->node_zones[i], idx, false) ||
		    cma_move_was_vain(move.cursor, cma_moves_some_only(gfp)))
			continue;
		move.gfp = gfp;
		moved += cma_move_into(&move, nr_pages - moved, CMA_MOVE_LOOK);
	}
	return moved;
}

/*
 * Each page of a zone was looked at, and none can move. That there is no room, or that it
 * isn't short any more, may be otherwise in a moment; what a task that pins has mapped stays
 * for that task only.
 */
static void cma_note_vain_at_last(const struct cma_move *move)
{
	if (!move->lap && !move->pins)
		move->cursor->again_at_last = get_jiffies_64() + CMA_MOVE_PAUSE_AT_LAST;
}

/**
 * cma_move_in_at_last() - the same, before a task is killed for want of memory
 *
 * Looks everywhere, once, and not for a while where that was in vain. What file systems
 * have is left alone, as nobody knows what locks the task holds that is short of memory.
 * It doesn't put a kill off for ever: where enough is free outside it does nothing, and
 * what it has made free was used, or makes it enough.
 *
 * Context: may sleep, but waits for no page, and allocates nothing that waits.
 * Return: number of pages that have become free outside of areas.
 */
unsigned long cma_move_in_at_last(void)
{
	/* The task has a lock that each allocation which reclaims in vain waits for. */
	unsigned int flags = memalloc_noreclaim_save();
	unsigned long moved = 0, nr;
	struct cma_move move;
	struct zone *zone;

	for_each_populated_zone(zone) {
		/* Most likely it is kernel memory that is short. */
		enum zone_type idx = max_t(enum zone_type, zone_idx(zone), ZONE_NORMAL);

		if (moved >= CMA_MOVE_AT_LAST || idx > gfp_zone(GFP_HIGHUSER) ||
		    !cma_may_move(&move, zone, idx, true) ||
		    cma_move_was_vain_at_last(move.cursor))
			continue;
		nr = cma_move_into(&move, CMA_MOVE_AT_LAST - moved, ULONG_MAX);
		if (!nr)
			cma_note_vain_at_last(&move);
		moved += nr;
	}
	memalloc_noreclaim_restore(flags);
	return moved;
}
