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
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>

#include "area.h"
#include "../internal.h"

/* So many pages are off the lists of reclaim at a time. */
#define CMA_MOVE_BATCH		64

/*
 * So many pages are looked at for each call, unless a task is to be killed. A pageblock
 * that has none which could move costs as much as so many.
 */
#define CMA_MOVE_LOOK		32768
#define CMA_MOVE_SKIP		16

/* So many pages are moved for the sake of a task that would be killed. */
#define CMA_MOVE_AT_LAST	256

/* A processor's list may have so many pages from outside, which others have freed. */
#define CMA_MOVE_UNFIT		64

/* What was in vain isn't tried again for so long. */
#define CMA_MOVE_PAUSE		(HZ / 10)

/* Highest zone that pages are allocated from, to have them in just that one. */
static const gfp_t cma_zone_gfp[ZONE_NORMAL + 1] = {
#ifdef CONFIG_ZONE_DMA
	[ZONE_DMA]	= __GFP_DMA,
#endif
#ifdef CONFIG_ZONE_DMA32
	[ZONE_DMA32]	= __GFP_DMA32,
#endif
};

/**
 * struct cma_move - pages on their way into areas
 * @cma: the first area of the zone, which knows where the last ones came to
 * @zone: theirs, and that of the areas
 * @gfp: of the task for which they move; 0 if that isn't known
 * @anon: anonymous memory and files in memory move, too
 * @from: where to go on
 * @look: so many pages may be looked at yet
 * @folios: isolated, to be moved
 * @nr_isolated: pages of these
 * @unfit: pages from outside that were allocated in vain
 * @nr_unfit: number of these
 * @no_target: there was no page of an area to be had
 */
struct cma_move {
	struct cma *cma;
	struct zone *zone;
	gfp_t gfp;
	bool anon;
	unsigned long from;
	unsigned long look;
	struct list_head folios;
	unsigned long nr_isolated;
	struct list_head unfit;
	unsigned int nr_unfit;
	bool no_target;
};

/* Is there room in areas, beyond what the page allocator would keep? */
static bool cma_zone_has_room(struct zone *zone)
{
	return zone_page_state(zone, NR_FREE_CMA_PAGES) >
	       low_wmark_pages(zone) + CMA_MOVE_BATCH;
}

static bool cma_zone_is_short(struct zone *zone)
{
	return zone_page_state(zone, NR_FREE_PAGES) <
	       zone_page_state(zone, NR_FREE_CMA_PAGES) + high_wmark_pages(zone);
}

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
		if (!free_area_empty(&move->zone->free_area[order], MIGRATE_CMA))
			return true;
	return false;
}

/* Is there a reference that isn't a mapping's, of a device most likely? */
static bool cma_is_held(struct folio *folio)
{
	long others = folio_ref_count(folio) - folio_mapcount(folio) - 1;

	return folio_maybe_dma_pinned(folio) ||
	       (folio_test_anon(folio) && !folio_test_swapcache(folio) && others > 0);
}

/*
 * What a mapping has allocated as not movable will be used by a journal or a device, and
 * has no place in an area, although it may move now.
 */
static bool cma_mapping_is_movable(struct folio *folio)
{
	struct address_space *mapping;
	bool movable;

	/* Held against truncation. */
	if (!folio_trylock(folio))
		return false;
	mapping = folio_mapping(folio);
	movable = !mapping || folio_test_swapcache(folio) ||
		  (mapping_gfp_mask(mapping) & __GFP_MOVABLE);
	folio_unlock(folio);
	return movable;
}

/* What is dirty stays: it is about to be written, which an area has to wait for. */
static bool cma_may_move_in(const struct cma_move *move, struct folio *folio)
{
	if (folio_test_hugetlb(folio) || folio_test_unevictable(folio) ||
	    folio_test_writeback(folio))
		return false;
	if (folio_test_swapbacked(folio) ? !move->anon :
	    !(move->gfp & __GFP_FS) || folio_test_dirty(folio))
		return false;
	return cma_fits_inside(move, folio) && !cma_is_held(folio) &&
	       cma_mapping_is_movable(folio);
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
static void cma_isolate_block(struct cma_move *move, unsigned long end)
{
	unsigned long began = move->from;

	for (; move->from < end && move->nr_isolated < CMA_MOVE_BATCH; move->from++) {
		struct page *page = pfn_to_page(move->from);

		if (PageLRU(page) && !PageTail(page))
			cma_isolate_one(move, page);
	}
	move->look -= min(move->look, move->from - began);
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
	long nr_pages = folio_nr_pages(folio);
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_overlaps(&cma_areas[i], folio_pfn(folio), 1))
			atomic64_add(goes ? nr_pages : -nr_pages,
				     &cma_areas[i].stats.moved_in_pages);
}

/* A page of an area. What comes from elsewhere is kept, or it would come again. */
static struct folio *cma_folio_inside(struct folio *src, unsigned long private)
{
	struct cma_move *move = (struct cma_move *)private;
	gfp_t gfp = cma_zone_gfp[zone_idx(move->zone)] | __GFP_MOVABLE | __GFP_NOWARN |
		    __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_THISNODE;
	struct folio *folio;

	while (cma_zone_has_room(move->zone) && move->nr_unfit < CMA_MOVE_UNFIT) {
		folio = __folio_alloc_node(gfp, folio_order(src), zone_to_nid(move->zone));
		if (!folio)
			break;
		if (is_migrate_cma_folio(folio, folio_pfn(folio))) {
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

/* Move what is isolated; the number of pages that did. */
static unsigned long cma_move_batch(struct cma_move *move)
{
	unsigned int moved = 0;

	/* Other tasks that are short go on from there. */
	WRITE_ONCE(move->cma->move_in_pfn, move->from);
	if (!move->nr_isolated)
		return 0;
	/*
	 * What has been freed outside is the first to be allocated again from the list of
	 * this processor, where nobody else could use it, either.
	 */
	lru_add_drain_cpu_zone(move->zone);
	migrate_pages(&move->folios, cma_folio_inside, cma_free_inside,
		      (unsigned long)move, MIGRATE_ASYNC, MR_COMPACTION, &moved);
	putback_movable_pages(&move->folios);
	move->nr_isolated = 0;
	cma_free_unfit(move);
	lru_add_drain_cpu_zone(move->zone);
	return moved;
}

static unsigned long cma_move_some(struct cma_move *move, unsigned long nr_pages,
				   unsigned long nr_look)
{
	unsigned long moved = 0, end;

	move->look = nr_look;
	while (moved < nr_pages && move->look && !move->no_target &&
	       cma_zone_is_short(move->zone) && cma_zone_has_room(move->zone)) {
		if (!zone_spans_pfn(move->zone, move->from))
			move->from = move->zone->zone_start_pfn;
		end = cma_block_end(move);
		if (cma_is_outside(move)) {
			cma_isolate_block(move, end);
			if (move->nr_isolated >= CMA_MOVE_BATCH)
				moved += cma_move_batch(move);
		} else {
			move->from = end;
			move->look -= min(move->look, CMA_MOVE_SKIP);
		}
		cond_resched();
	}
	return moved + cma_move_batch(move);
}

/*
 * Page cache comes first. What is about to be pinned for long has just left an area, and
 * is most often anonymous: it would only go round and round.
 */
static unsigned long cma_move_into(struct cma *cma, unsigned long nr_pages,
				   unsigned long nr_look, gfp_t gfp)
{
	struct cma_move move = {
		.cma = cma,
		.zone = page_zone(pfn_to_page(cma->base_pfn)),
		.gfp = gfp,
		.from = READ_ONCE(cma->move_in_pfn),
		.folios = LIST_HEAD_INIT(move.folios),
		.unfit = LIST_HEAD_INIT(move.unfit),
	};
	unsigned long moved = 0;

	if (!cma_zone_is_short(move.zone) || !cma_zone_has_room(move.zone))
		return 0;
	if (gfp & __GFP_FS)
		moved = cma_move_some(&move, nr_pages, nr_look);
	if (!moved) {
		move.anon = true;
		moved = cma_move_some(&move, nr_pages, nr_look);
	}
	if (!moved)
		WRITE_ONCE(cma->move_in_again, jiffies + CMA_MOVE_PAUSE);
	return moved;
}

/* Was it in vain a moment ago? What is long past may seem to lie ahead. */
static bool cma_move_was_vain(const struct cma *cma)
{
	unsigned long again = READ_ONCE(cma->move_in_again), now = jiffies;

	return time_before(now, again) && time_before_eq(again, now + CMA_MOVE_PAUSE);
}

/*
 * The zone of an area, if memory there is of use to everybody, and if this is the first
 * area of it. NULL otherwise: all areas of a zone are as good as one.
 */
static struct zone *cma_zone_to_move(unsigned int nr)
{
	struct zone *zone;
	unsigned int i;

	if (!cma_is_active(&cma_areas[nr]))
		return NULL;
	zone = page_zone(pfn_to_page(cma_areas[nr].base_pfn));
	if (zone_idx(zone) > ZONE_NORMAL)
		return NULL;
	for (i = 0; i < nr; i++)
		if (cma_is_active(&cma_areas[i]) &&
		    page_zone(pfn_to_page(cma_areas[i].base_pfn)) == zone)
			return NULL;
	return zone;
}

/**
 * cma_move_in() - have movable pages make room by moving into areas
 * @pgdat: the node that is short of memory
 * @highest_zoneidx: highest zone that helps
 * @nr_pages: so many pages are wanted
 * @gfp: of the task that wants them
 *
 * Does nothing in zones that have enough memory outside areas, or no free memory inside,
 * and for a moment where it was in vain. A task that allocates what it will pin for long
 * would have no place in an area, for pages of others either.
 *
 * Context: may sleep, but waits for no page. The task holds no lock that a file system
 * takes if @gfp has __GFP_FS.
 * Return: number of pages that have become free outside of areas.
 */
unsigned long cma_move_in(struct pglist_data *pgdat, int highest_zoneidx,
			  unsigned long nr_pages, gfp_t gfp)
{
	unsigned long moved = 0;
	unsigned int i;

	if (!(gfp & __GFP_IO) || (current->flags & PF_MEMALLOC_PIN))
		return 0;
	for (i = 0; i < cma_area_count && moved < nr_pages; i++) {
		struct cma *cma = &cma_areas[i];
		struct zone *zone = cma_zone_to_move(i);

		if (zone && zone->zone_pgdat == pgdat && zone_idx(zone) <= highest_zoneidx &&
		    !cma_move_was_vain(cma))
			moved += cma_move_into(cma, nr_pages - moved, CMA_MOVE_LOOK, gfp);
	}
	return moved;
}

/**
 * cma_move_in_at_last() - the same, before a task is killed for want of memory
 *
 * Looks everywhere. What file systems have is left alone, as nobody knows what locks the
 * task holds that is short of memory.
 *
 * Context: may sleep, but waits for no page, and allocates nothing that waits.
 * Return: number of pages that have become free outside of areas.
 */
unsigned long cma_move_in_at_last(void)
{
	/* The task has a lock that each allocation which reclaims in vain waits for. */
	unsigned int flags = memalloc_noreclaim_save();
	unsigned long moved = 0;
	unsigned int i;

	for (i = 0; i < cma_area_count && moved < CMA_MOVE_AT_LAST; i++) {
		struct zone *zone = cma_zone_to_move(i);

		if (zone && !(current->flags & PF_MEMALLOC_PIN))
			moved += cma_move_into(&cma_areas[i], CMA_MOVE_AT_LAST,
					       2 * zone->spanned_pages, 0);
	}
	memalloc_noreclaim_restore(flags);
	return moved;
}
