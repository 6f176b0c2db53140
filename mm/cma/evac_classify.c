// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what a page in use is, whether it will move, and what
 * moving it would cost.
 */
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "evac.h"
#include "../internal.h"

/**
 * cma_expected_refs() - how many references to a folio are accounted for?
 * @folio: a folio that the caller has a reference to, which doesn't count
 *
 * Context: any; exact while the folio is locked.
 * Return: the references that its mappings, the cache and its buffers have.
 */
int cma_expected_refs(struct folio *folio)
{
	int refs = folio_mapcount(folio);

	if (folio_mapping(folio))
		refs += folio_nr_pages(folio);
	if (folio_test_private(folio))
		refs++;
	return refs;
}

/*
 * The buffers of a locked folio, or NULL. What a file system keeps in the
 * private field is its own matter; it is buffers where it migrates buffers.
 */
static struct buffer_head *cma_buffers(struct folio *folio)
{
	struct address_space *mapping = folio_mapping(folio);

	if (!IS_ENABLED(CONFIG_BUFFER_HEAD) || !mapping ||
	    folio_test_swapcache(folio))
		return NULL;
	if (mapping->a_ops->migrate_folio != buffer_migrate_folio &&
	    mapping->a_ops->migrate_folio != buffer_migrate_folio_norefs)
		return NULL;
	return folio_buffers(folio);
}

/* A buffer head that is held, or locked, keeps a folio where it is. */
static bool cma_any_buffer(struct folio *folio,
			   bool (*stays)(struct buffer_head *bh))
{
	struct buffer_head *head, *bh;
	bool any = false;

	if (!folio_trylock(folio))
		return false;
	head = cma_buffers(folio);
	if (head) {
		bh = head;
		do {
			any |= stays(bh);
			bh = bh->b_this_page;
		} while (bh != head);
	}
	folio_unlock(folio);
	return any;
}

static bool cma_buffer_in_use(struct buffer_head *bh)
{
	return atomic_read(&bh->b_count) || buffer_locked(bh);
}

/* It is being read or written. */
static bool cma_buffer_is_locked(struct buffer_head *bh)
{
	return buffer_locked(bh);
}

/* The caller holds a reference of its own, which doesn't count. */
static enum cma_page_kind cma_classify_folio(struct folio *folio, int *refs)
{
	*refs = folio_ref_count(folio) - 1;

	if (folio_test_hugetlb(folio))
		return CMA_PAGE_HUGETLB;
	if (!folio_test_lru(folio) && !folio->mapping)
		return CMA_PAGE_UNMOVABLE;
	if (folio_maybe_dma_pinned(folio))
		return CMA_PAGE_PINNED;
	if (folio_test_writeback(folio))
		return CMA_PAGE_WRITEBACK;
	if (!__folio_test_movable(folio)) {
		if (*refs > cma_expected_refs(folio))
			return CMA_PAGE_REFERENCED;
		if (folio_test_private(folio) &&
		    cma_any_buffer(folio, cma_buffer_in_use))
			return CMA_PAGE_BUFFERS;
	}
	return folio_test_mlocked(folio) ? CMA_PAGE_MLOCKED : CMA_PAGE_OTHER;
}

static enum cma_page_kind cma_classify(struct page *page, int *refs)
{
	struct folio *folio = page_folio(page);
	enum cma_page_kind kind = CMA_PAGE_OTHER;

	*refs = 0;
	if (PageReserved(page) || PageSlab(page) || PageHWPoison(page))
		return CMA_PAGE_UNMOVABLE;
	if (!folio_try_get(folio))
		return CMA_PAGE_FREEING;
	if (page_folio(page) == folio)
		kind = cma_classify_folio(folio, refs);
	folio_put(folio);
	return kind;
}

/**
 * cma_find_blocker() - which page didn't migrate out of a part of a run?
 * @vacancy: the run
 * @pfn: first page of the part
 * @nr_pages: number of pages
 * @blocker: set to the first page that is still to be migrated and has a reason
 *	to stay, and failing that to the first one that is
 *
 * Whatever could move has moved when this is asked.
 *
 * Context: may take and drop references of folios and try to lock them.
 */
void cma_find_blocker(const struct cma_vacancy *vacancy, unsigned long pfn,
		      unsigned long nr_pages, struct cma_blocker *blocker)
{
	unsigned long end = pfn + nr_pages;
	enum cma_page_kind kind;
	int refs;

	*blocker = (struct cma_blocker){ };
	for (pfn = cma_next_todo(vacancy, pfn); pfn < end;
	     pfn = cma_next_todo(vacancy, pfn + 1)) {
		kind = cma_classify(pfn_to_page(pfn), &refs);
		if (cma_page_kinds[kind].explains || blocker->kind == CMA_PAGE_NONE)
			*blocker = (struct cma_blocker){ pfn, kind, refs };
		if (cma_page_kinds[kind].explains)
			return;
	}
}

static bool cma_buffers_are_locked(struct page *page)
{
	struct folio *folio = page_folio(page);
	bool locked;

	if (!folio_try_get(folio))
		return false;
	locked = page_folio(page) == folio &&
		 cma_any_buffer(folio, cma_buffer_is_locked);
	folio_put(folio);
	return locked;
}

/**
 * cma_is_in_flight() - will a page move when something has ended that goes on now?
 * @pfn: the page
 * @thorough: also if that is reading or writing, which take as long as a disk does
 *
 * Context: may take and drop a reference of the folio and try to lock it. The
 * answer may be out of date.
 * Return: whether it is locked, written to a disk or a cache, or a buffer of it is.
 */
bool cma_is_in_flight(unsigned long pfn, bool thorough)
{
	struct page *page = pfn_to_page(pfn);
	const struct page *head = compound_head(page);
	unsigned long flags = READ_ONCE(head->flags);

	if (!thorough)
		return (flags & BIT(PG_locked)) && (flags & BIT(PG_uptodate));
	/* The last one is set while a network file system writes to its cache. */
	if (flags & (BIT(PG_locked) | BIT(PG_writeback) | BIT(PG_private_2)))
		return true;
	return (flags & BIT(PG_private)) && cma_buffers_are_locked(page);
}

#ifdef CONFIG_SWAP
#define CMA_IN_SWAP_CACHE	(BIT(PG_swapcache) | BIT(PG_swapbacked))
#else
#define CMA_IN_SWAP_CACHE	(~0UL)
#endif

/*
 * References to a page of its own folio beyond those that its mappings and the
 * page cache have. Nothing is locked, and nothing is held: it may be wrong, and
 * the page may be a part of a larger one by now, of which flags can't be asked
 * for one by one.
 */
static int cma_extra_refs(const struct page *page, unsigned long flags)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);
	int refs = page_ref_count(page) - atomic_read(&page->_mapcount) - 1;

	if (!mapping)
		return 0;
	if (!(mapping & PAGE_MAPPING_FLAGS) ||
	    (flags & CMA_IN_SWAP_CACHE) == CMA_IN_SWAP_CACHE)
		refs--;
	return refs - !!(flags & BIT(PG_private));
}

/*
 * What most pages are: cache that nobody holds, maps, writes or looks at. What
 * has been written has buffers yet, which go with it.
 */
static __always_inline bool cma_is_plain_cache(struct page *page)
{
	unsigned long flags = READ_ONCE(page->flags);

	return (flags & (BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_writeback) |
			 BIT(PG_head) | BIT(PG_swapbacked) |
			 BIT(PG_unevictable))) == BIT(PG_lru) &&
	       page_ref_count(page) == 1 + !!(flags & BIT(PG_private)) &&
	       atomic_read(&page->_mapcount) == -1 && !PageTail(page);
}

/* The same for a large folio, seen from one of its pages; of which nothing is held. */
static bool cma_is_plain_large(struct page *page, unsigned int *order)
{
	const struct page *head = compound_head(page);
	unsigned long flags = READ_ONCE(head->flags);

	if ((flags & (BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_writeback) |
		      BIT(PG_head) | BIT(PG_swapbacked) |
		      BIT(PG_unevictable))) != (BIT(PG_lru) | BIT(PG_head)))
		return false;
	*order = compound_order((struct page *)head);
	return *order && *order <= MAX_PAGE_ORDER &&
	       page_ref_count(head) == BIT(*order) + !!(flags & BIT(PG_private)) &&
	       !((unsigned long)READ_ONCE(head->mapping) & PAGE_MAPPING_FLAGS);
}

/*
 * So many pages from this one on are cache of either kind. To drop a large folio of
 * which the run from @base on has less than half is a waste: the file's users pay for
 * it.
 */
static __always_inline unsigned long cma_plain_pages(struct page *page,
						     unsigned long base,
						     unsigned long nr_pages,
						     bool *wasteful)
{
	unsigned long pfn = page_to_pfn(page), first, behind;
	unsigned int order;

	*wasteful = false;
	if (cma_is_plain_cache(page))
		return 1;
	if (!PageCompound(page) || !cma_is_plain_large(page, &order))
		return 0;
	first = ALIGN_DOWN(pfn, BIT(order));
	behind = first + BIT(order);
	*wasteful = 2 * (min(behind, base + nr_pages) - max(first, base)) < BIT(order);
	return behind - pfn;
}

/* Will this page stay where it is, as far as a glance can tell? */
static enum cma_page_kind cma_glance(struct page *page)
{
	unsigned long flags = READ_ONCE(page->flags);
	int refs = page_ref_count(page);

	/* Nobody gets it again, whether or not somebody has it yet. */
	if (flags & __PG_HWPOISON)
		return CMA_PAGE_UNMOVABLE;
	if (!refs || PageCompound(page))
		return CMA_PAGE_NONE;
	if (flags & BIT(PG_reserved))
		return CMA_PAGE_UNMOVABLE;
	if (!(flags & BIT(PG_lru)))
		return __PageMovable(page) ? CMA_PAGE_NONE :
					     CMA_PAGE_REFERENCED;
	if (refs >= GUP_PIN_COUNTING_BIAS)
		return CMA_PAGE_PINNED;
	if (flags & BIT(PG_writeback))
		return CMA_PAGE_WRITEBACK;
	return cma_extra_refs(page, flags) > 0 ? CMA_PAGE_REFERENCED :
						  CMA_PAGE_NONE;
}

/* What the hardware has failed isn't replaced: no wait has it move. */
static void cma_note_blocker(struct cma_blocker *blocker, struct page *page,
			     enum cma_page_kind kind)
{
	if (blocker->kind && PageHWPoison(pfn_to_page(blocker->pfn)))
		return;
	*blocker = (struct cma_blocker) {
		page_to_pfn(page), kind ?: CMA_PAGE_OTHER,
		page_ref_count(page)
	};
}

/**
 * cma_foresee() - find a page that will most likely not move
 * @vacancy: the run, of which all that was free is ours; all of what can't be
 *	dropped is to be migrated
 * @blocker: set to the last such page of the run, or to the first one that the hardware
 *	has failed
 * @costly: set to the last page that would have to be copied, or is a small part of
 *	a folio that would have to be dropped
 *
 * It is cheaper to go elsewhere than to have moved everything up to that page.
 *
 * Context: any. Nothing is locked, and the answer may be out of date.
 * Return: whether there is one.
 */
bool cma_foresee(struct cma_vacancy *vacancy, struct cma_blocker *blocker,
		 struct cma_blocker *costly)
{
	unsigned long end = vacancy->base + vacancy->nr_pages;
	enum cma_page_kind kind;
	unsigned long pfn, stop, plain;
	bool wasteful;

	*blocker = (struct cma_blocker){ };
	*costly = (struct cma_blocker){ };
	bitmap_zero(vacancy->todo, vacancy->nr_pages);
	for (pfn = cma_next_missing(vacancy, vacancy->base); pfn < end;
	     pfn = cma_next_missing(vacancy, stop)) {
		stop = cma_next_ours(vacancy, pfn);
		for (; pfn < stop; pfn += plain ?: 1) {
			struct page *page = pfn_to_page(pfn);

			plain = cma_plain_pages(page, vacancy->base,
						vacancy->nr_pages, &wasteful);
			if (wasteful)
				*costly = (struct cma_blocker) {
					pfn, CMA_PAGE_OTHER,
					page_ref_count(page)
				};
			if (plain)
				continue;
			__set_bit(pfn - vacancy->base, vacancy->todo);
			kind = cma_glance(page);
			cma_note_blocker(kind ? blocker : costly, page, kind);
		}
	}
	return blocker->kind != CMA_PAGE_NONE;
}

static bool cma_find_last_staying(unsigned long pfn, unsigned long nr_pages,
				  struct cma_blocker *blocker)
{
	while (nr_pages--) {
		struct page *page = pfn_to_page(pfn + nr_pages);
		enum cma_page_kind kind = cma_glance(page);

		/* A run can have millions of pages. */
		if (!(nr_pages % MAX_ORDER_NR_PAGES))
			cond_resched();
		if (kind == CMA_PAGE_NONE)
			continue;
		*blocker = (struct cma_blocker) {
			pfn + nr_pages, kind, page_ref_count(page)
		};
		return true;
	}
	return false;
}

/**
 * cma_pages_foresee() - find a page of lent memory that will most likely not move
 * @cma: the area
 * @pfn: first page
 * @nr_pages: number of pages; nothing of it has been claimed
 * @blocker: set to the last such page
 *
 * Context: sleeps. Nothing is locked, and the answer may be out of date.
 * Return: whether there is one.
 */
bool cma_pages_foresee(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages, struct cma_blocker *blocker)
{
	if (!cma_find_last_staying(pfn, nr_pages, blocker))
		return false;
	if (!cma_page_kinds[blocker->kind].batched)
		return true;
	lru_add_drain();
	return cma_find_last_staying(pfn, nr_pages, blocker);
}

/* What a page costs to move away, in pages of clean cache. */
#define CMA_COST_CACHE		1
#define CMA_COST_COPY		4
#define CMA_COST_DIRTY		8
#define CMA_COST_IN_FLIGHT	16
#define CMA_COST_OTHER		32
#define CMA_COST_STUCK		256

/*
 * A page of the run from @base on. For one that is on a pcplist all pcplists
 * are looked through, as for all of them together.
 */
static unsigned int cma_page_cost(unsigned long pfn, unsigned long base,
				  unsigned long nr_pages, unsigned int *drain)
{
	struct page *page = pfn_to_page(pfn);
	unsigned long flags = READ_ONCE(page->flags);
	bool wasteful;

	if (cma_plain_pages(page, base, nr_pages, &wasteful))
		return wasteful ? CMA_COST_COPY : CMA_COST_CACHE;
	if (flags & __PG_HWPOISON)
		return CMA_COST_STUCK;
	if (!page_ref_count(page) && !PageTail(page)) {
		if (cma_in_free_block(pfn))
			return 0;
		*drain = CMA_COST_IN_FLIGHT;
		return CMA_COST_CACHE;
	}
	if (PageCompound(page))
		return CMA_COST_COPY;
	if (!(flags & BIT(PG_lru)))
		return CMA_COST_OTHER;
	if (cma_glance(page) != CMA_PAGE_NONE)
		return CMA_COST_STUCK;
	if (flags & BIT(PG_dirty))
		return CMA_COST_DIRTY;
	if ((flags & BIT(PG_swapbacked)) || atomic_read(&page->_mapcount) >= 0)
		return CMA_COST_COPY;
	return CMA_COST_CACHE;
}

/*
 * So many pages of a run are looked at, at equal distances: the more the longer
 * it is, since the wrong choice costs more then.
 */
#define CMA_COST_SAMPLES	CMA_COST_PER_PAGES
#define CMA_COST_SAMPLES_MOST	256UL
#define CMA_COST_PAGES		64

/**
 * cma_pages_cost() - estimate what it would cost to evacuate a run
 * @cma: the area
 * @pfn: first page of the run
 * @nr_pages: its length
 *
 * Context: any. Nothing is locked: a page may be something else by now.
 * Return: 0 when all that was looked at is free, else what CMA_COST_PER_PAGES pages of
 *	it cost on average, or all of them if they are fewer, in pages of clean cache.
 */
unsigned int cma_pages_cost(struct cma *cma, unsigned long pfn,
			    unsigned long nr_pages)
{
	unsigned long samples = min(nr_pages, clamp(nr_pages / CMA_COST_PAGES,
						    CMA_COST_SAMPLES,
						    CMA_COST_SAMPLES_MOST));
	unsigned int cost = 0, drain = 0;
	unsigned long i;

	for (i = 0; i < samples; i++)
		cost += cma_page_cost(pfn + i * nr_pages / samples, pfn,
				      nr_pages, &drain);
	return DIV_ROUND_UP((cost + drain) * CMA_COST_PER_PAGES,
			    max(samples, CMA_COST_PER_PAGES));
}
