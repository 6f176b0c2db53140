/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands between the books of an area and its pages: how a run is emptied,
 * prepared for a request, and given back, and what is told of a page in the way.
 * The books know no more of a page than this.
 */
#ifndef __MM_CMA_EVACUATOR_H__
#define __MM_CMA_EVACUATOR_H__

#include <linux/types.h>

#include "policy.h"

struct cma;
struct seq_buf;
struct task_struct;

/**
 * enum cma_page_kind - what stands in the way of an evacuation
 * @CMA_PAGE_NONE: nothing that could be named
 * @CMA_PAGE_FREEING: free, but not yet on the page allocator's lists
 * @CMA_PAGE_PINNED: pinned for DMA
 * @CMA_PAGE_WRITEBACK: being written back
 * @CMA_PAGE_REFERENCED: more references than its mappings explain
 * @CMA_PAGE_BUFFERS: its buffer heads are in use
 * @CMA_PAGE_MLOCKED: locked in memory
 * @CMA_PAGE_HUGETLB: a hugetlb page
 * @CMA_PAGE_UNMOVABLE: not movable at all: slab, page table, reserved, ...
 * @CMA_PAGE_OTHER: movable to all appearances
 * @NR_CMA_PAGE_KINDS: number of kinds
 */
enum cma_page_kind {
	CMA_PAGE_NONE,
	CMA_PAGE_FREEING,
	CMA_PAGE_PINNED,
	CMA_PAGE_WRITEBACK,
	CMA_PAGE_REFERENCED,
	CMA_PAGE_BUFFERS,
	CMA_PAGE_MLOCKED,
	CMA_PAGE_HUGETLB,
	CMA_PAGE_UNMOVABLE,
	CMA_PAGE_OTHER,
	NR_CMA_PAGE_KINDS
};

/**
 * struct cma_page_kind_facts - what goes by a kind
 * @name: a word for messages and file names
 * @explains: that a page is of this kind is why it stays, whatever else stays
 * @batched: a pcplist may keep the page, or a folio batch a reference of it
 * @lasting: somebody means to hold on to it
 */
struct cma_page_kind_facts {
	const char *name;
	bool explains;
	bool batched;
	bool lasting;
};

extern const struct cma_page_kind_facts cma_page_kinds[NR_CMA_PAGE_KINDS];

const char *cma_page_kind_name(enum cma_page_kind kind);

/**
 * struct cma_blocker - the page that stopped an evacuation
 * @pfn: where it is; with CMA_PAGE_NONE the pageblock that couldn't be isolated, or 0
 * @kind: what it is
 * @refs: its reference count when it was looked at
 */
struct cma_blocker {
	unsigned long pfn;
	enum cma_page_kind kind;
	int refs;
};

/**
 * struct cma_evacuation - one run to be emptied
 * @pfn: first page
 * @nr_pages: number of pages
 * @gfp: in and out: context, afterwards as narrow as that of the task; without
 *	__GFP_DIRECT_RECLAIM only free pages are taken
 * @effort: CMA_EFFORT_CHEAP gives up where a page would have to be copied: there may
 *	be a run in which nothing has to be; CMA_EFFORT_THOROUGH also waits for what
 *	is on its way, and tries again
 * @deadline: when waiting for pages, and trying them again, is to end, in
 *	jiffies; 0 for never. What is free by then is taken all the same
 * @task: of the evacuator: whose fatal signal ends it
 * @drained_free: in and out: what the pcplists of all processors had of the
 *	run has been freed, or, if thorough, since this pageblock was begun
 * @drained_lru: in and out: all folio batches have been drained in
 *	this round, or, if thorough, for this pageblock
 * @hopeless: out, on -EBUSY: the blocker was seen before anything was moved
 * @costly: out, on -EBUSY: it failed only because it was to be cheap
 * @nr_moved: out: pages that were in use in the run before
 * @nr_dropped: out: those of them that were dropped, not copied
 * @nr_taken: out, on an error: so many pages from the first one on are the
 *	area's now, with one reference each; the others are lent
 * @blocker: out, on -EBUSY: what stopped it
 */
struct cma_evacuation {
	unsigned long pfn;
	unsigned long nr_pages;
	gfp_t gfp;
	enum cma_effort effort;
	unsigned long deadline;
	struct task_struct *task;
	bool drained_free;
	bool drained_lru;
	bool hopeless;
	bool costly;
	unsigned long nr_moved;
	unsigned long nr_dropped;
	unsigned long nr_taken;
	struct cma_blocker blocker;
};

/**
 * struct cma_return - pages on their way back from their owner
 * @pfn: the first one
 * @nr_pages: their number, in whole units
 * @keep: in: the area would rather have them than the page allocator; out: so it
 *	is for the first @nr_alike of them, each with one reference and nothing of its
 *	owner. Otherwise these are gone, to the page allocator or to other holders.
 * @nr_alike: out: so many of them have the same fate, in whole units
 * @nr_held: in and out: single pages that somebody else has a reference to, or maps,
 *	and those that weren't the owner's any more, are added
 * @nr_marked: in and out: those that had something of their owner, as a flag or a mapping
 * @odd_pfn: in and out: the last page of either kind
 * @failed_pfn: in and out: the last page that the hardware has failed, or 0
 * @mixed_end: in and out: of the pages before this one, some are known not to be fit,
 *	so it isn't worth to look at many of them at once
 */
struct cma_return {
	unsigned long pfn;
	unsigned long nr_pages;
	bool keep;
	unsigned long nr_alike;
	unsigned long nr_held;
	unsigned long nr_marked;
	unsigned long odd_pfn;
	unsigned long failed_pfn;
	unsigned long mixed_end;
};

/* What a run costs is told for so many of its pages. */
#define CMA_COST_PER_PAGES	16UL

/**
 * struct cma_evacuator - how pages come from and go to the page allocator
 * @evacuate: empty a run and take it, each page with one reference. Sleeps if
 *	its context allows that. 0, -EBUSY, -ENOMEM or -EINTR.
 * @prepare: make a run that was evacuated, or was READY (@used), what a request
 *	with this gfp expects. As far as the gfp lets it sleep. False, and it is as
 *	it was, if somebody has a reference to one of its pages or the hardware has
 *	failed there.
 * @may_keep: can this run, which its owner gives back, be READY as it is? Each of
 *	its pages is looked at, and none changed. Any context.
 * @take_back: deal with a run that can't, from its first page on. Any context.
 * @lend: give a run back, as it was allocated. Any context. False if somebody else
 *	has a reference to one of its pages; it follows when that is dropped.
 * @give_up: leave a page of a READY run that the hardware has failed, or is said to have
 *	failed, to those who deal with that. Any context. False if it has become somebody
 *	else's, whose it stays.
 * @next_failed: the first of these pages, from the first argument on, that the hardware
 *	has failed; the second one if there is none. Any context.
 * @retype: have the pageblocks of an allocated run, which nobody knows of yet, the type
 *	that they are to have while they are lent. Any context.
 * @foresee: tell the last page of lent memory that will most likely not move, before
 *	anything is claimed. May sleep. False if there is none.
 * @cost: estimate what evacuating a run would cost, for CMA_COST_PER_PAGES pages of it
 *	on average, in pages of clean page cache; 0 when it seems to be free. Any context.
 * @describe: say whose the page is that stopped an evacuation. Sleeps.
 * @dump: have the log say who allocated that page, where that is recorded. Any context.
 * @count_free: how many of these pages, which are lent, nobody uses. Sleeps.
 */
struct cma_evacuator {
	int (*evacuate)(struct cma *cma, struct cma_evacuation *evacuation);
	bool (*prepare)(struct cma *cma, unsigned long pfn,
			unsigned long nr_pages, gfp_t gfp, bool used);
	bool (*may_keep)(struct cma *cma, unsigned long pfn,
			 unsigned long nr_pages);
	void (*take_back)(struct cma *cma, struct cma_return *ret);
	bool (*lend)(struct cma *cma, unsigned long pfn,
		     unsigned long nr_pages);
	bool (*give_up)(struct cma *cma, unsigned long pfn, bool simulated);
	unsigned long (*next_failed)(unsigned long pfn, unsigned long end);
	void (*retype)(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages);
	bool (*foresee)(struct cma *cma, unsigned long pfn,
			unsigned long nr_pages, struct cma_blocker *blocker);
	unsigned int (*cost)(struct cma *cma, unsigned long pfn,
			     unsigned long nr_pages);
	void (*describe)(const struct cma_blocker *blocker, struct seq_buf *s);
	void (*dump)(const struct cma_blocker *blocker);
	unsigned long (*count_free)(unsigned long pfn, unsigned long nr_pages);
};

#endif /* __MM_CMA_EVACUATOR_H__ */
