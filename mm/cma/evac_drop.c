// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: clean page cache is dropped, not copied.
 *
 * The page cache can read such a page again. It leaves its file and the LRU
 * lists, and what remains is ours: it is neither freed nor allocated in
 * between, so that nobody can get in first and no pageblock has to be isolated.
 * One lock of a file, and one of an LRU list, serves many pages.
 */
#include <linux/dax.h>
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>

#include <trace/events/filemap.h>

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
 * slow processor ten. Whoever gives up a processor that others want waits for
 * longer than that until he has it again.
 */
#define CMA_DROP_RESCHED	16384

struct cma_drop {
	struct cma_vacancy *vacancy;
	const struct cma_evacuation *evacuation;
	gfp_t gfp;
	bool hot;		/* drop what is in use, too */
	unsigned long nr_looks;	/* pages looked at */
	unsigned int nr;
	struct folio *folios[CMA_DROP_BATCH];
	struct folio *unaccounted;	/* the last one, and how many in all */
	long nr_unaccounted;
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

/* Only a look: whatever is said here is looked at again under the lock. */
static bool cma_looks_cold(const struct cma_drop *drop,
			   const struct folio *folio)
{
	return cma_flags_fit(&folio->page, BIT(PG_locked) |
					   (drop->hot ? 0 : CMA_DROP_HOT));
}

/* The locked folio belongs to a file, nobody maps it, and it has no changes. */
static bool cma_is_clean_cache(const struct folio *folio)
{
	unsigned long mapping = (unsigned long)folio->mapping;

	return cma_flags_fit(&folio->page, 0) && mapping &&
	       !(mapping & PAGE_MAPPING_FLAGS) && !folio_mapped(folio);
}

/*
 * What a file system has attached has to go; false if it doesn't. Others are
 * locked meanwhile, so nothing may be waited for. Some file systems allocate
 * memory for it whatever gfp they are given: like reclaim, this does it where
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
	return released;
}

/* The folio of a page, to be dropped, locked and with a reference, or NULL. */
static struct folio *cma_get_cold(const struct cma_drop *drop,
				  struct page *page)
{
	struct folio *folio = page_folio(page);

	if (!cma_looks_cold(drop, folio) || !folio_try_get(folio))
		return NULL;
	/* It may be part of another one that has just been made. */
	if (page_folio(page) != folio || !folio_trylock(folio))
		goto put;
	/* The page cache and we: else it can't be frozen anyway. */
	if (cma_is_clean_cache(folio) && cma_release_private(folio) &&
	    folio_ref_count(folio) == 1 + folio_nr_pages(folio))
		return folio;
	folio_unlock(folio);
put:
	folio_put(folio);
	return NULL;
}

/*
 * With both references frozen nobody can get at the folio any more, and
 * changes that were made before have left it dirty. The order matters, see
 * __remove_mapping().
 */
static bool cma_freeze_clean(struct folio *folio)
{
	if (!folio_ref_freeze(folio, 2))
		return false;
	if (!folio_test_dirty(folio))
		return true;
	folio_ref_unfreeze(folio, 2);
	return false;
}

/* The figures of a memory control group are brought up to date once. */
static void cma_settle_account(struct cma_drop *drop)
{
	if (drop->nr_unaccounted)
		__lruvec_stat_mod_folio(drop->unaccounted, NR_FILE_PAGES,
					-drop->nr_unaccounted);
	drop->nr_unaccounted = 0;
}

/* One more folio that is no page cache any more. */
static void cma_unaccount(struct cma_drop *drop, struct folio *folio)
{
	if (drop->nr_unaccounted &&
	    folio_memcg(drop->unaccounted) != folio_memcg(folio))
		cma_settle_account(drop);
	drop->unaccounted = folio;
	drop->nr_unaccounted++;
}

/*
 * How many folios from this one on can leave their file at one go: neighbours in
 * the file, as many as are naturally aligned, at most a node of the file's tree.
 * An order.
 */
static unsigned int cma_order_in_file(const struct cma_drop *drop,
				      unsigned int first)
{
	const struct folio *head = drop->folios[first];
	unsigned int i, most = min(drop->nr - first, (unsigned int)XA_CHUNK_SIZE);

	if (!IS_ENABLED(CONFIG_XARRAY_MULTI))
		return 0;
	if (head->index)
		most = min(most, 1U << min(__ffs(head->index),
					   (unsigned long)XA_CHUNK_SHIFT));
	for (i = 1; i < most; i++) {
		const struct folio *folio = drop->folios[first + i];

		if (folio->mapping != head->mapping ||
		    folio->index != head->index + i)
			break;
	}
	return ilog2(i);
}

/*
 * Each entry is one of ours, as they are locked; so all of them can be taken
 * out by one store. False, and nothing has happened, if a folio can't be frozen.
 */
static bool cma_remove_block(struct cma_drop *drop, struct xa_state *xas,
			     unsigned int first, unsigned int order)
{
	struct folio **folios = drop->folios + first;
	unsigned int i, nr = 1U << order;

	for (i = 0; i < nr; i++)
		if (!cma_freeze_clean(folios[i]))
			break;
	if (i < nr) {
		while (i--)
			folio_ref_unfreeze(folios[i], 2);
		return false;
	}
	xas_set_order(xas, folios[0]->index, order);
	xas_store(xas, NULL);
	for (i = 0; i < nr; i++) {
		trace_mm_filemap_delete_from_page_cache(folios[i]);
		folios[i]->mapping = NULL;
		cma_unaccount(drop, folios[i]);
	}
	return true;
}

/*
 * Remove the folios that follow @first in the batch from their file, which is
 * one and the same, with the file's locks held. Those that could not be removed
 * are NULL afterwards. Returns the first one of another file.
 */
static unsigned int cma_remove_entries(struct cma_drop *drop,
				       unsigned int first)
{
	struct address_space *mapping = drop->folios[first]->mapping;
	XA_STATE(xas, &mapping->i_pages, drop->folios[first]->index);
	unsigned int i = first, order;

	lockdep_assert_held(&mapping->i_pages.xa_lock);
	mapping_set_update(&xas, mapping);
	drop->nr_unaccounted = 0;
	while (i < drop->nr && drop->folios[i]->mapping == mapping) {
		order = cma_order_in_file(drop, i);
		if (!cma_remove_block(drop, &xas, i, order)) {
			order = 0;
			if (!cma_remove_block(drop, &xas, i, 0)) {
				folio_unlock(drop->folios[i]);
				folio_put(drop->folios[i]);
				drop->folios[i++] = NULL;
				continue;
			}
		}
		mapping->nrpages -= 1UL << order;
		i += 1U << order;
	}
	cma_settle_account(drop);
	return i;
}

static unsigned int cma_remove_from_file(struct cma_drop *drop,
					 unsigned int first)
{
	struct address_space *mapping = drop->folios[first]->mapping;
	void (*free_folio)(struct folio *folio) = mapping->a_ops->free_folio;
	struct inode *inode = mapping->host;
	unsigned int i, end;

	spin_lock(&inode->i_lock);
	xa_lock_irq(&mapping->i_pages);
	end = cma_remove_entries(drop, first);
	xa_unlock_irq(&mapping->i_pages);
	/* An inode without pages can be reclaimed. */
	if (mapping_shrinkable(mapping))
		inode_add_lru(inode);
	spin_unlock(&inode->i_lock);

	for (i = first; free_folio && i < end; i++)
		if (drop->folios[i])
			free_folio(drop->folios[i]);
	return end;
}

/* Folios of one LRU list, with its lock held: one update of the figures. */
static void cma_del_from_lru(struct lruvec *lruvec, struct folio *folio,
			     long *removed)
{
	enum lru_list lru = folio_lru_list(folio);

	if (!lru_gen_del_folio(lruvec, folio, false)) {
		if (lru != LRU_UNEVICTABLE)
			list_del(&folio->lru);
		removed[lru]++;
	}
	__folio_clear_lru_flags(folio);
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
static unsigned int cma_remove_stretch(struct cma_drop *drop,
				       unsigned int first)
{
	long removed[NR_LRU_LISTS] = { };
	struct lruvec *lruvec;
	unsigned long flags;
	unsigned int i;

	lruvec = folio_lruvec_lock_irqsave(drop->folios[first], &flags);
	for (i = first; i < drop->nr; i++) {
		struct folio *folio = drop->folios[i];

		if (!folio)
			continue;
		if (!folio_matches_lruvec(folio, lruvec))
			break;
		if (folio_test_lru(folio))
			cma_del_from_lru(lruvec, folio, removed);
	}
	cma_update_lru(drop, lruvec, removed);
	unlock_page_lruvec_irqrestore(lruvec, flags);
	return i;
}

static void cma_remove_from_lru(struct cma_drop *drop)
{
	unsigned int i = 0;

	while (i < drop->nr)
		i = drop->folios[i] ? cma_remove_stretch(drop, i) : i + 1;
}

/* From a folio that nobody knows any more to a page as if just allocated. */
static void cma_keep_page(struct cma_drop *drop, struct folio *folio)
{
	struct page *page = &folio->page;

	/* Some wait for the lock without a reference. */
	folio_unlock(folio);
	mem_cgroup_uncharge(folio);
	/* A page that isn't fit for use has been dealt with there. */
	if (!free_pages_prepare(page, 0))
		return;
	cma_own_block(page, 0, drop->gfp);
	cma_make_ours(drop->vacancy, page_to_pfn(page), 1);
	drop->nr_dropped++;
}

static void cma_drop_batch(struct cma_drop *drop)
{
	unsigned int i;

	for (i = 0; i < drop->nr;)
		i = cma_remove_from_file(drop, i);
	cma_remove_from_lru(drop);
	for (i = 0; i < drop->nr; i++)
		if (drop->folios[i])
			cma_keep_page(drop, drop->folios[i]);
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

/* A batch ends where a node of a file does, to have whole ones. */
static bool cma_is_batch(const struct cma_drop *drop)
{
	const struct folio *last = drop->folios[drop->nr - 1];

	return drop->nr == CMA_DROP_BATCH ||
	       (drop->nr >= XA_CHUNK_SIZE &&
		(last->index & XA_CHUNK_MASK) == XA_CHUNK_MASK);
}

/*
 * From a large folio that nobody knows any more to pages as if just allocated. What
 * of it lies beyond the run is free.
 */
static void cma_keep_large(struct cma_drop *drop, struct folio *folio)
{
	struct cma_vacancy *vacancy = drop->vacancy;
	unsigned long start = folio_pfn(folio), from = max(start, vacancy->base);
	unsigned long end = start + folio_nr_pages(folio);
	unsigned long to = min(end, vacancy->base + vacancy->nr_pages);
	unsigned int order = folio_order(folio);

	if (!free_pages_prepare(&folio->page, order))
		return;
	cma_own_block(pfn_to_page(start), order, drop->gfp);
	cma_put_free(start, from - start);
	cma_put_free(to, end - to);
	cma_make_ours(vacancy, from, to - from);
	drop->nr_dropped += to - from;
}

static void cma_remove_large(struct folio *folio)
{
	struct lruvec *lruvec;
	unsigned long flags;

	lruvec = folio_lruvec_lock_irqsave(folio, &flags);
	if (folio_test_lru(folio)) {
		lruvec_del_folio(lruvec, folio);
		__folio_clear_lru_flags(folio);
	}
	unlock_page_lruvec_irqrestore(lruvec, flags);
	folio_unqueue_deferred_split(folio);
	mem_cgroup_uncharge(folio);
}

/* A large folio is one entry of its file and of a list, so it is no matter of batches. */
static void cma_drop_large(struct cma_drop *drop, struct folio *folio)
{
	bool removed = !folio_test_has_hwpoisoned(folio) &&
		       remove_mapping(folio->mapping, folio);

	folio_unlock(folio);
	/* Others may look it up in passing, and then it is theirs to free. */
	if (removed && folio_ref_freeze(folio, 1)) {
		cma_remove_large(folio);
		cma_keep_large(drop, folio);
	} else {
		folio_put(folio);
	}
}

static void cma_drop_page(struct cma_drop *drop, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio;

	/* A folio is met by its first page in the run. */
	if ((PageTail(page) && pfn != drop->vacancy->base) ||
	    cma_fault(CMA_FAULT_DROP))
		return;
	folio = cma_get_cold(drop, page);
	if (!folio)
		return;
	if (folio_test_large(folio)) {
		cma_drop_large(drop, folio);
		return;
	}
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
	unsigned long looks = drop->nr_looks++;

	if (!looks || looks % CMA_DROP_SPAN)
		return true;
	cma_drop_batch(drop);
	if (!(looks % CMA_DROP_RESCHED))
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
		.hot = cma_room_is_scarce(vacancy) || cma_much_is_hot(vacancy),
	};
	unsigned long pfn, stop;

	for (pfn = cma_next_missing(vacancy, vacancy->base); pfn < end;
	     pfn = cma_next_missing(vacancy, stop)) {
		/* What is dropped on the way is behind us. */
		stop = cma_next_ours(vacancy, pfn);
		for (; pfn < stop && cma_drop_pause(&drop); pfn++)
			cma_drop_page(&drop, pfn);
		if (pfn < stop)
			break;
	}
	cma_drop_batch(&drop);
	return drop.nr_dropped;
}
