/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that touch pages share. Nobody else looks at a page of a request:
 * the rest of the allocator knows them through struct cma_evacuator. What moves in from
 * outside, which no request is for, is in move_in.c.
 *
 *	evac_buddy.c	free pages, taken off the page allocator's lists
 *	evac_put.c	references of the area's own, dropped or taken away
 *	evac_drop.c	clean page cache, which is dropped and kept in one go
 *	evac_classify.c	what a page in use is, and what it would cost
 *	evac_isolate.c	what is to be migrated, and how many at a time
 *	evac_migrate.c	what is neither free nor dropped
 *	evac_wait.c	what is waited for, and how long
 *	evac.c	all of that in order
 *	evac_return.c	what comes back from its owner
 *	evac_describe.c	what is said of a page that stayed, and counts
 *	evac_type.c	which type the pageblocks of what is lent have
 */
#ifndef __MM_CMA_EVAC_H__
#define __MM_CMA_EVAC_H__

#include <linux/alloc_tag.h>
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/page_owner.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "area.h"

/*
 * So many pages are isolated at a time: others wait where there are too many, and can't
 * have them. A pageblock may have more, with base pages of 64 KiB it has 512 MiB.
 */
#define CMA_ISOLATE_PAGES	(SZ_32M >> PAGE_SHIFT)

/**
 * struct cma_vacancy - how far a run has become ours
 * @base: first page of the run
 * @nr_pages: its length
 * @nr_ours: pages that are ours, each with one reference
 * @ours: one bit for each page of the run
 * @todo: the same for pages to be migrated; those that are ours have been
 * @patience: so many ticks more may be spent waiting
 */
struct cma_vacancy {
	unsigned long base;
	unsigned long nr_pages;
	unsigned long nr_ours;
	unsigned long *ours;
	unsigned long *todo;
	long patience;
};

static inline bool cma_is_ours(const struct cma_vacancy *vacancy,
			       unsigned long pfn)
{
	return test_bit(pfn - vacancy->base, vacancy->ours);
}

static inline void cma_make_ours(struct cma_vacancy *vacancy,
				 unsigned long pfn, unsigned long nr_pages)
{
	bitmap_set(vacancy->ours, pfn - vacancy->base, nr_pages);
	vacancy->nr_ours += nr_pages;
}

/* The first page from @pfn on that isn't ours, or the end of the run. */
static inline unsigned long cma_next_missing(const struct cma_vacancy *vacancy,
					     unsigned long pfn)
{
	return vacancy->base + find_next_zero_bit(vacancy->ours,
						  vacancy->nr_pages,
						  pfn - vacancy->base);
}

/* The first page from @pfn on that is ours, or the end of the run. */
static inline unsigned long cma_next_ours(const struct cma_vacancy *vacancy,
					  unsigned long pfn)
{
	return vacancy->base + find_next_bit(vacancy->ours, vacancy->nr_pages,
					     pfn - vacancy->base);
}

/* The first page from @pfn on that is to be migrated yet, or the run's end. */
static inline unsigned long cma_next_todo(const struct cma_vacancy *vacancy,
					  unsigned long pfn)
{
	return vacancy->base + find_next_andnot_bit(vacancy->todo,
						    vacancy->ours,
						    vacancy->nr_pages,
						    pfn - vacancy->base);
}

/* The first page from @pfn on that need not be migrated, or the run's end. */
static inline unsigned long cma_next_done(const struct cma_vacancy *vacancy,
					  unsigned long pfn)
{
	return min(vacancy->base + find_next_zero_bit(vacancy->todo,
						      vacancy->nr_pages,
						      pfn - vacancy->base),
		   cma_next_ours(vacancy, pfn));
}

static inline bool cma_is_thorough(const struct cma_evacuation *evacuation)
{
	return evacuation->effort == CMA_EFFORT_THOROUGH;
}

/* What a page that is taken off the lists is prepared for. */
static inline gfp_t cma_page_gfp(gfp_t gfp)
{
	return gfp & (__GFP_ZERO | __GFP_NOWARN);
}

/* Is there no use in going on, whatever it takes? */
static inline bool cma_is_killed(const struct cma_evacuation *evacuation)
{
	return fatal_signal_pending(evacuation->task);
}

/* Is it too late to wait for anything? What needs no wait goes on. */
static inline bool cma_is_late(const struct cma_evacuation *evacuation)
{
	return evacuation->deadline &&
	       time_after_eq(jiffies, evacuation->deadline);
}

/* Is there no use in waiting, or in trying again what stayed? */
static inline bool cma_gives_up(const struct cma_evacuation *evacuation)
{
	return cma_is_killed(evacuation) || cma_is_late(evacuation);
}

#ifdef CONFIG_PAGE_OWNER
static inline bool cma_has_page_owner(void)
{
	return static_branch_unlikely(&page_owner_inited);
}
#else
static inline bool cma_has_page_owner(void)
{
	return false;
}
#endif

/* Is it recorded of each page where it was allocated? */
static inline bool cma_pages_are_tracked(void)
{
	return mem_alloc_profiling_enabled() || cma_has_page_owner();
}

#ifdef CONFIG_MEMCG
static __always_inline unsigned long cma_memcg_of(const struct page *page)
{
	return page->memcg_data;
}
#else
static __always_inline unsigned long cma_memcg_of(const struct page *page)
{
	return 0;
}
#endif

/*
 * Interrupts are off for so many pages at a time, and one block of the highest order at
 * most. With large pages such a block has many more.
 */
#define CMA_LOCK_PAGES		min_t(unsigned long, MAX_ORDER_NR_PAGES, 1024)

static inline unsigned long cma_lock_span(unsigned long pfn, unsigned long end)
{
	return min(end, ALIGN(pfn + 1, CMA_LOCK_PAGES));
}

/* evac_buddy.c */
struct page *cma_block_head(unsigned long pfn);
bool cma_in_free_block(unsigned long pfn);
void cma_put_back(struct zone *zone, unsigned long pfn, unsigned long nr_pages);
unsigned long cma_take_leading(unsigned long pfn, unsigned long nr_pages,
			       gfp_t gfp);
void cma_take_free(struct cma_vacancy *vacancy, unsigned long pfn,
		   unsigned long nr_pages, gfp_t gfp);
unsigned int cma_block_order(unsigned long pfn, unsigned long nr_pages);
unsigned long cma_next_hwpoison(unsigned long pfn, unsigned long end);
void cma_own_block(struct page *page, unsigned int order, gfp_t gfp);

/* evac_put.c */
bool cma_put_free(unsigned long pfn, unsigned long nr_pages);
bool cma_has_lost(unsigned long pfn, unsigned long nr_pages);
bool cma_freeze_pages(unsigned long pfn, unsigned long nr_pages, gfp_t gfp);

/* evac_return.c */
bool cma_cut_folio(unsigned long pfn, unsigned long nr_pages);
bool cma_are_pristine(unsigned long pfn, unsigned long nr_pages);
void cma_pages_take_back(struct cma *cma, struct cma_return *ret);

/* evac_type.c */
void cma_pages_retype(struct cma *cma, unsigned long pfn, unsigned long nr_pages);

/* evac_isolate.c */
struct compact_control;

int cma_isolate(struct cma_vacancy *vacancy,
		const struct cma_evacuation *evacuation,
		struct compact_control *cc, unsigned long pfn, unsigned long end);

/* evac_migrate.c */
int cma_migrate_todo(struct cma_vacancy *vacancy,
		     struct cma_evacuation *evacuation);

/* evac_wait.c */
long cma_patience(const struct cma_evacuation *evacuation);
bool cma_wait_for_pages(struct cma_vacancy *vacancy,
			const struct cma_evacuation *evacuation,
			unsigned long pfn, unsigned long nr_pages);
bool cma_wait_for_others(struct cma_vacancy *vacancy,
			 const struct cma_evacuation *evacuation,
			 unsigned int *ticks);
void cma_drain_lru(const struct cma_evacuation *evacuation);

/* evac_drop.c */
unsigned long cma_drop_cache(struct cma_vacancy *vacancy,
			     const struct cma_evacuation *evacuation);

/* evac_describe.c */
unsigned long cma_next_pinned(unsigned long pfn, unsigned long end, unsigned long *nr_pages);
void cma_pages_describe(const struct cma_blocker *blocker, struct seq_buf *s);
void cma_pages_dump(const struct cma_blocker *blocker);
unsigned long cma_pages_count_free(unsigned long pfn, unsigned long nr_pages);
unsigned long cma_pages_of_others(unsigned long pfn, unsigned long nr_pages);

/* evac_classify.c */
int cma_expected_refs(struct folio *folio);
bool cma_foresee(struct cma_vacancy *vacancy,
		 struct cma_blocker *blocker, struct cma_blocker *costly);
void cma_find_blocker(const struct cma_vacancy *vacancy, unsigned long pfn,
		      unsigned long nr_pages, struct cma_blocker *blocker);
bool cma_is_in_flight(unsigned long pfn, bool thorough);
bool cma_pages_foresee(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages, struct cma_blocker *blocker);
unsigned int cma_pages_cost(struct cma *cma, unsigned long pfn,
			    unsigned long nr_pages);

#endif /* __MM_CMA_EVAC_H__ */
