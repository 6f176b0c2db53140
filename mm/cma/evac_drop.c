// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: clean page cache is dropped, not copied.
 *
 * The page cache can read such a page again. It leaves its file and the LRU
 * lists, and what remains is ours: it is neither freed nor allocated in
 * between, so that nobody can get in first and no pageblock has to be isolated.
 * One lock of a file, and one of an LRU list, serves many pages.
 *
 * As after reclaim, a shadow entry tells the page cache how long ago that was when
 * the page is read again; see remove_mapping_batch().
 */
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/sched/mm.h>

#include "evac.h"
#include "fault.h"
#include "../internal.h"

/*
 * Folios that are locked at a time, and removed under one lock. There is room
 * for a whole node of a file's tree, wherever the batch begins.
 */
#define CMA_DROP_BATCH	(XA_CHUNK_SIZE + 32)

/* Pages that are looked at before a batch ends, however small it is. */
#define CMA_DROP_SPAN	4096

/*
 * Pages that are looked at before others run: some milliseconds of work, on a
 * slow processor ten. A task that gives up a processor that others want waits for
 * longer than that until it has it again.
 */
#define CMA_DROP_RESCHED	16384

struct cma_drop {
	struct cma_vacancy *vacancy;
	const struct cma_evacuation *evacuation;
	gfp_t gfp;
	unsigned long must_not;	/* flags of pages that aren't to be dropped */
	unsigned int left;	/* pages to look at before the next pause */
	unsigned int pauses;
	unsigned int nr;
	struct folio *folios[CMA_DROP_BATCH];
	u8 neighbours[CMA_DROP_BATCH];	/* see cma_forget_folios() */
	unsigned long nr_dropped;
};

/* Clean page cache that is on a list. */
#define CMA_DROP_MUST	BIT(PG_lru)
#define CMA_DROP_MUST_NOT						\
	(BIT(PG_dirty) | BIT(PG_writeback) | BIT(PG_unevictable) |	\
	 BIT(PG_swapbacked) | BIT(PG_reserved) | __PG_MLOCKED |		\
	 __PG_HWPOISON)
#define CMA_DROP_HOT	(BIT(PG_active) | BIT(PG_workingset))

static bool cma_flags_fit(const struct page *page, unsigned long must_not)
{
	unsigned long flags = READ_ONCE(page->flags);

	return (flags & (CMA_DROP_MUST | CMA_DROP_MUST_NOT | must_not)) ==
	       CMA_DROP_MUST;
}

/* The locked folio belongs to a file, nobody maps it, and it has no changes. */
static bool cma_is_clean_cache(const struct folio *folio)
{
	unsigned long mapping = (unsigned long)folio->mapping;

	return cma_flags_fit(&folio->page, 0) && mapping &&
	       !(mapping & PAGE_MAPPING_FLAGS) && !folio_mapped(folio) &&
	       !(folio_test_large(folio) && folio_test_has_hwpoisoned(folio));
}

/* Are there references but those of the page cache, the file system and the batch? */
static bool cma_is_held(const struct folio *folio)
{
	return folio_ref_count(folio) != 1 + folio_nr_pages(folio) +
					 folio_test_private(folio);
}

/*
 * What a file system has attached has to go; false if it doesn't, or if somebody has got
 * a reference meanwhile. Others are locked, so nothing may be waited for. Some file systems
 * allocate memory for it whatever gfp they are given: like reclaim, this does it where
 * allocating memory doesn't reclaim, which might wait for one of the others.
 */
static bool cma_release_private(struct folio *folio)
{
	unsigned int scope;
	bool released;

	if (!folio_has_private(folio) && !mapping_release_always(folio->mapping))
		return true;
	scope = memalloc_noreclaim_save();
	released = filemap_release_folio(folio, GFP_NOWAIT);
	memalloc_noreclaim_restore(scope);
	return released && !cma_is_held(folio);
}

/*
 * May the folio of this page be dropped? Then it is locked, with a reference, and as
 * long as it is in the batch nobody else may take it off its LRU list.
 */
static bool cma_get_cold(const struct page *page, struct folio *folio)
{
	if (!folio_try_get(folio))
		return false;
	/* It may be part of another one that has just been made. */
	if (page_folio(page) != folio || !folio_trylock(folio))
		goto put;
	/*
	 * One that is held can't be frozen, and must keep what its file system has
	 * attached: device DMA may change it yet.
	 */
	if (cma_is_clean_cache(folio) && !cma_is_held(folio) &&
	    cma_release_private(folio) && folio_test_clear_lru(folio))
		return true;
	folio_unlock(folio);
put:
	folio_put(folio);
	return false;
}

/* Folios of one LRU list, with its lock held: one update of the figures. */
static void cma_del_from_lru(struct lruvec *lruvec, struct folio *folio,
			     long *removed)
{
	unsigned int list = folio_lru_list(folio);
	long nr_pages = folio_nr_pages(folio);

	/* Generations have figures of their own, which are brought up to date. */
	if (lru_gen_del_folio(lruvec, folio, false))
		return;
	removed[list] += nr_pages;
	/* That list has no links. */
	if (list != LRU_UNEVICTABLE)
		list_del(&folio->lru);
}

static void cma_update_lru(const struct cma_drop *drop, struct lruvec *lruvec,
			   const long *removed)
{
	struct page *page = pfn_to_page(drop->vacancy->base);
	int lru;

	for_each_lru(lru)
		if (removed[lru])
			update_lru_size(lruvec, lru, page_zonenum(page),
					-removed[lru]);
}

/* The folios from @first on that are on the same list. Returns the next one. */
static unsigned int cma_isolate_stretch(struct cma_drop *drop,
					unsigned int first)
{
	long removed[NR_LRU_LISTS] = { };
	struct lruvec *lruvec;
	unsigned long flags;
	unsigned int i;

	lruvec = folio_lruvec_lock_irqsave(drop->folios[first], &flags);
	for (i = first; i < drop->nr &&
	     folio_matches_lruvec(drop->folios[i], lruvec); i++)
		cma_del_from_lru(lruvec, drop->folios[i], removed);
	cma_update_lru(drop, lruvec, removed);
	unlock_page_lruvec_irqrestore(lruvec, flags);
	return i;
}

/* Is the second one right before the first one in their file? */
static bool cma_falls_in_file(struct folio *folio, struct folio *next)
{
	return next->index + 1 == folio->index;
}

static bool cma_falls_in_memory(struct folio *folio, struct folio *next)
{
	return folio_pfn(next) < folio_pfn(folio);
}

/* Turn round each stretch of folios that falls; whether there is one. */
static __always_inline bool cma_turn_round(struct folio **folios, unsigned int nr,
					   bool (*falls)(struct folio *folio,
							 struct folio *next))
{
	unsigned int first, last, i;
	bool any = false;

	for (first = 0; first + 1 < nr; first = last + 1) {
		last = first;
		while (last + 1 < nr && falls(folios[last], folios[last + 1]))
			last++;
		if (last == first)
			continue;
		any = true;
		for (i = 0; i < (last - first + 1) / 2; i++)
			swap(folios[first + i], folios[last - i]);
	}
	return any;
}

/*
 * The folios from @first on that are of one file. Returns the next one. Reclaim frees
 * pages in the order of a list, the last one is allocated first, and so files lie in memory
 * backwards as often as not; they leave quickest in the order of the file.
 */
static unsigned int cma_remove_from_file(struct cma_drop *drop,
					 unsigned int first)
{
	struct address_space *mapping = drop->folios[first]->mapping;
	struct folio **folios = drop->folios + first;
	unsigned int nr = 1;
	bool turned;

	while (first + nr < drop->nr && folios[nr]->mapping == mapping)
		nr++;
	turned = cma_turn_round(folios, nr, cma_falls_in_file);
	remove_mapping_batch(mapping, folios, nr);
	if (turned)
		cma_turn_round(folios, nr, cma_falls_in_memory);
	return first + nr;
}

/* Is this a page that is prepared like its neighbours? */
static bool cma_is_plain_page(const struct folio *folio)
{
	return !(READ_ONCE(folio->flags) &
		 (PAGE_FLAGS_CHECK_AT_FREE | BIT(PG_head) | __PG_HWPOISON));
}

/*
 * What stays in its file goes back; nobody knows the others any more. Of pages that
 * are neighbours the first one remains in the batch, with their number.
 */
static void cma_forget_folios(struct cma_drop *drop)
{
	struct folio_batch charged;
	unsigned long next = 0;
	unsigned int i, nr = 0;

	folio_batch_init(&charged);
	for (i = 0; i < drop->nr; i++) {
		struct folio *folio = drop->folios[i];
		bool removed = !folio->mapping, plain;

		/* Some wait for the lock without a reference. */
		folio_unlock(folio);
		if (!removed) {
			folio_putback_lru(folio);
			continue;
		}
		__folio_clear_active(folio);
		__folio_clear_unevictable(folio);
		folio_unqueue_deferred_split(folio);
		if (!folio_batch_add(&charged, folio)) {
			mem_cgroup_uncharge_folios(&charged);
			folio_batch_reinit(&charged);
		}
		plain = cma_is_plain_page(folio);
		if (plain && folio_pfn(folio) == next) {
			drop->neighbours[nr - 1]++;
			next++;
			continue;
		}
		next = plain ? folio_pfn(folio) + 1 : 0;
		drop->folios[nr] = folio;
		drop->neighbours[nr++] = 1;
	}
	mem_cgroup_uncharge_folios(&charged);
	drop->nr = nr;
}

/*
 * From pages that nobody knows any more to pages as if just allocated. What of
 * a large folio lies beyond the run is free.
 */
static void cma_keep_block(struct cma_drop *drop, unsigned long pfn,
			   unsigned int order)
{
	struct cma_vacancy *vacancy = drop->vacancy;
	unsigned long end = pfn + (1UL << order);
	unsigned long from = clamp(vacancy->base, pfn, end);
	unsigned long to = clamp(vacancy->base + vacancy->nr_pages, from, end);
	bool large = PageHead(pfn_to_page(pfn));

	/*
	 * A page that isn't fit for use has been dealt with there; the others are kept, but
	 * not those of a large folio: what is wrong with it may be that it is mapped.
	 */
	if (!free_pages_prepare(pfn_to_page(pfn), order)) {
		while (order && !large && pfn < end)
			cma_keep_block(drop, pfn++, 0);
		return;
	}
	cma_own_block(pfn_to_page(pfn), order, drop->gfp);
	if (pfn < from)
		cma_put_free(pfn, from - pfn);
	if (to < end)
		cma_put_free(to, end - to);
	if (from < to)
		cma_make_ours(vacancy, from, to - from);
	drop->nr_dropped += to - from;
}

/* Neighbours are prepared together, in blocks. */
static void cma_keep_batch(struct cma_drop *drop)
{
	unsigned int i, order;

	for (i = 0; i < drop->nr; i++) {
		unsigned long pfn = folio_pfn(drop->folios[i]);
		unsigned long end = pfn + drop->neighbours[i];

		if (drop->neighbours[i] == 1) {
			cma_keep_block(drop, pfn, folio_order(drop->folios[i]));
			continue;
		}
		for (; pfn < end; pfn += 1UL << order) {
			order = cma_block_order(pfn, end - pfn);
			cma_keep_block(drop, pfn, order);
		}
	}
}

static void cma_drop_batch(struct cma_drop *drop)
{
	unsigned int i;

	for (i = 0; i < drop->nr;)
		i = cma_isolate_stretch(drop, i);
	for (i = 0; i < drop->nr;)
		i = cma_remove_from_file(drop, i);
	cma_forget_folios(drop);
	cma_keep_batch(drop);
	drop->nr = 0;
}

/* So many pages of a run say how many of them are hot. */
#define CMA_DROP_SAMPLES	64

/* At most one page in so many is copied because it is hot. */
#define CMA_HOT_SHARE		32

/* To copy a page costs as much as to drop ten, and here many pages are hot. */
static bool cma_much_is_hot(const struct cma_vacancy *vacancy)
{
	unsigned long step = max(vacancy->nr_pages / CMA_DROP_SAMPLES, 1UL);
	unsigned long i, looks = 0, hot = 0;

	for (i = 0; i < vacancy->nr_pages; i += step, looks++) {
		struct page *page = pfn_to_page(vacancy->base + i);
		const struct page *head = compound_head(page);

		hot += cma_flags_fit(head, 0) &&
		       (READ_ONCE(head->flags) & CMA_DROP_HOT);
	}
	return hot * CMA_HOT_SHARE > looks;
}

/*
 * What is read again and again had better be copied, as long as there is room
 * to copy it to without throwing out something else.
 */
static bool cma_room_is_scarce(const struct cma_vacancy *vacancy)
{
	struct zone *zone = page_zone(pfn_to_page(vacancy->base));
	unsigned long missing = vacancy->nr_pages - vacancy->nr_ours;

	return !zone_watermark_ok(zone, 0, high_wmark_pages(zone) + missing, 0,
				  ALLOC_CMA);
}

/* A batch ends where a node of a file does, or begins, to have whole ones. */
static bool cma_is_batch(const struct cma_drop *drop)
{
	const struct folio *last = drop->folios[drop->nr - 1], *before;
	unsigned long border = XA_CHUNK_MASK;

	if (drop->nr < XA_CHUNK_SIZE)
		return false;
	before = drop->folios[drop->nr - 2];
	if (last->index < before->index)
		border = 0;
	return drop->nr == CMA_DROP_BATCH || (last->index & XA_CHUNK_MASK) == border;
}

static void cma_drop_page(struct cma_drop *drop, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = (struct folio *)page;

	/* A folio is met by its first page in the run; only that of all is on a list. */
	if (pfn == drop->vacancy->base)
		folio = page_folio(page);
	/* A look only: it is looked at again under the lock. */
	if (cma_fault(CMA_FAULT_DROP) ||
	    !cma_flags_fit(&folio->page, drop->must_not) ||
	    !cma_get_cold(page, folio))
		return;
	drop->folios[drop->nr++] = folio;
	if (cma_is_batch(drop))
		cma_drop_batch(drop);
}

/*
 * Folios don't stay locked for as long as there are no others. False when there is
 * no use in going on.
 */
static bool cma_drop_pause(struct cma_drop *drop)
{
	cma_drop_batch(drop);
	drop->left = CMA_DROP_SPAN - 1;
	if (!(++drop->pauses % (CMA_DROP_RESCHED / CMA_DROP_SPAN)))
		cond_resched();
	return !cma_is_killed(drop->evacuation);
}

/**
 * cma_drop_cache() - drop clean page cache out of a run
 * @vacancy: the run; what was dropped becomes ours
 * @evacuation: the attempt, for its context, __GFP_ZERO, and when to give up
 *
 * Context: may sleep; takes folio, inode and LRU locks.
 * Return: number of pages dropped.
 */
unsigned long cma_drop_cache(struct cma_vacancy *vacancy,
			     const struct cma_evacuation *evacuation)
{
	unsigned long end = vacancy->base + vacancy->nr_pages;
	struct cma_drop drop = {
		.vacancy = vacancy,
		.evacuation = evacuation,
		.gfp = cma_page_gfp(evacuation->gfp),
		.must_not = BIT(PG_locked),
		.left = CMA_DROP_SPAN,
	};
	unsigned long pfn, stop;

	if (!cma_room_is_scarce(vacancy) && !cma_much_is_hot(vacancy))
		drop.must_not |= CMA_DROP_HOT;

	for (pfn = cma_next_missing(vacancy, vacancy->base); pfn < end;
	     pfn = cma_next_missing(vacancy, stop)) {
		/* What is dropped on the way is behind us. */
		stop = cma_next_ours(vacancy, pfn);
		for (; pfn < stop; pfn++) {
			if (!drop.left-- && !cma_drop_pause(&drop))
				break;
			cma_drop_page(&drop, pfn);
		}
		if (pfn < stop)
			break;
	}
	cma_drop_batch(&drop);
	return drop.nr_dropped;
}
