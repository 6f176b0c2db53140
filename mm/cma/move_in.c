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
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/swap.h>

#include "area.h"
#include "../internal.h"

/* So many pages are off the lists of reclaim at a time. */
#define CMA_MOVE_BATCH		64

/* So many pageblocks are looked at for each call, unless a task is to be killed. */
#define CMA_MOVE_BLOCKS		64

/* So many pages are moved for the sake of that. */
#define CMA_MOVE_AT_LAST	256

/* A processor's list may have so many pages from outside, which others have freed. */
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

/**
 * struct cma_move - pages on their way into areas
 * @cma: where the last ones came to is in there
 * @zone: theirs, and that of the areas
 * @gfp: of the task for which they move
 * @anon: anonymous memory and files in memory move, too
 * @from: where to go on
 * @folios: isolated, to be moved
 * @nr_isolated: pages of these
 * @unfit: pages from outside that were allocated in vain
 * @nr_unfit: number of these
 */
struct cma_move {
	struct cma *cma;
	struct zone *zone;
	gfp_t gfp;
	bool anon;
	unsigned long from;
	struct list_head folios;
	unsigned long nr_isolated;
	struct list_head unfit;
	unsigned int nr_unfit;
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

/* What is dirty stays: it is about to be written, which an area has to wait for. */
static bool cma_may_move_in(const struct cma_move *move, const struct folio *folio)
{
	if (folio_test_hugetlb(folio) || folio_test_unevictable(folio) ||
	    folio_test_writeback(folio))
		return false;
	if (folio_test_swapbacked(folio))
		return move->anon;
	return (move->gfp & __GFP_FS) && !folio_test_dirty(folio);
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
static void cma_isolate_block(struct cma_move *move)
{
	unsigned long end = pageblock_end_pfn(move->from);

	for (; move->from < end && move->nr_isolated < CMA_MOVE_BATCH; move->from++) {
		struct page *page = pfn_to_page(move->from);

		if (PageLRU(page) && !PageTail(page))
			cma_isolate_one(move, page);
	}
}

/* A pageblock of the zone that is no area's, with a page at either end. */
static bool cma_is_outside(const struct cma_move *move)
{
	unsigned long start = pageblock_start_pfn(move->from);
	struct page *page = pageblock_pfn_to_page(start, pageblock_end_pfn(start), move->zone);

	return page && !is_migrate_cma(get_pageblock_migratetype(page)) &&
	       !is_migrate_isolate(get_pageblock_migratetype(page));
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
	/* Other tasks that are short go on from there. */
	WRITE_ONCE(move->cma->move_in_pfn, move->from);
	return moved;
}

static unsigned long cma_move_some(struct cma_move *move, unsigned long nr_pages,
				   unsigned long nr_blocks)
{
	unsigned long moved = 0;

	while (moved < nr_pages && nr_blocks && cma_zone_has_room(move->zone)) {
		if (!zone_spans_pfn(move->zone, move->from))
			move->from = move->zone->zone_start_pfn;
		if (cma_is_outside(move)) {
			cma_isolate_block(move);
			if (move->nr_isolated >= CMA_MOVE_BATCH)
				moved += cma_move_batch(move);
		} else {
			move->from = pageblock_end_pfn(move->from);
		}
		nr_blocks -= pageblock_aligned(move->from);
		cond_resched();
	}
	return moved + cma_move_batch(move);
}

/*
 * Page cache comes first. What is about to be pinned for long has just left an area, and
 * is most often anonymous: it would only go round and round.
 */
static unsigned long cma_move_into(struct cma *cma, unsigned long nr_pages,
				   unsigned long nr_blocks, gfp_t gfp)
{
	unsigned long moved;
	struct cma_move move = {
		.cma = cma,
		.zone = page_zone(pfn_to_page(cma->base_pfn)),
		.gfp = gfp,
		.from = READ_ONCE(cma->move_in_pfn),
		.folios = LIST_HEAD_INIT(move.folios),
		.unfit = LIST_HEAD_INIT(move.unfit),
	};

	if (!cma_zone_is_short(move.zone) || !cma_zone_has_room(move.zone))
		return 0;
	nr_blocks = min(nr_blocks, move.zone->spanned_pages / pageblock_nr_pages + 1);
	moved = gfp & __GFP_FS ? cma_move_some(&move, nr_pages, nr_blocks) : 0;
	if (moved)
		return moved;
	move.anon = true;
	return cma_move_some(&move, nr_pages, nr_blocks);
}

/**
 * cma_move_in() - have movable pages make room by moving into areas
 * @pgdat: the node that is short of memory
 * @highest_zoneidx: highest zone that helps
 * @nr_pages: so many pages are wanted
 * @gfp: of the task that wants them
 *
 * Does nothing in zones that have enough memory outside areas, or no free memory inside.
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

	if (!(gfp & __GFP_IO))
		return 0;
	for (i = 0; i < cma_area_count && moved < nr_pages; i++) {
		struct cma *cma = &cma_areas[i];
		struct zone *zone;

		if (!cma_is_active(cma))
			continue;
		zone = page_zone(pfn_to_page(cma->base_pfn));
		if (zone->zone_pgdat == pgdat && zone_idx(zone) <= highest_zoneidx)
			moved += cma_move_into(cma, nr_pages - moved, CMA_MOVE_BLOCKS, gfp);
	}
	return moved;
}

/**
 * cma_move_in_at_last() - the same, before a task is killed for want of memory
 *
 * Looks everywhere. What file systems have is left alone, as nobody knows what locks the
 * task holds that is short of memory.
 *
 * Context: may sleep, but waits for no page.
 * Return: number of pages that have become free outside of areas.
 */
unsigned long cma_move_in_at_last(void)
{
	unsigned long moved = 0;
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_is_active(&cma_areas[i]))
			moved += cma_move_into(&cma_areas[i], CMA_MOVE_AT_LAST, ULONG_MAX, 0);
	return moved;
}
