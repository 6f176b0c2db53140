/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the contiguous memory allocator share. Everybody else
 * includes <linux/cma.h>.
 *
 * States of a unit (1 << order_per_bit pages) of an active area:
 *
 *	            claim                 commit
 *	  LENT ------------> CLAIMED ----------------> ALLOCATED
 *	   ^                 |  ^  ^                    |  |  ^
 *	   |      abort      |  |  |       retire       |  |  |
 *	   +-----------------+  |  +--------------------+  |  |
 *	                 |      |                          |  |
 *	            keep |      | withdraw           park  |  | serve
 *	                 v      |                          v  |
 *	                 +---- READY <---------------------+--+
 *
 *	LENT       free in cma->map. The page allocator has it, as MIGRATE_CMA, or in
 *	           windows as MIGRATE_CMA_CLEAN.
 *	READY      taken in cma->map and in an extent of cma->ready. The area has
 *	           it: empty, out of the page allocator, one reference to each
 *	           page. It is served and parked without sleeping.
 *	CLAIMED    taken in cma->map and inside a claim on cma->claims. It is on
 *	           its way, from or to the page allocator, and the claim's owner
 *	           alone decides where; others can wait for the claim to end.
 *	ALLOCATED  taken in cma->map and between a bit in cma->first and the
 *	           next one in cma->last. A caller of cma_alloc() has it.
 *
 * An area can have several ranges. Its map reaches from the lowest one to the
 * highest one, and what is between two of them is a hole: taken for ever, in no
 * other state, and not counted among the pages of the area. So no run reaches
 * from one range to the next.
 *
 * Each arrow is one function in state.c with one tracepoint, and asserts the state
 * before. A run that goes back to the page allocator is
 * retired or withdrawn into a claim first, given back without a lock, and then
 * aborted like any other claim.
 *
 * Locks: cma->lock guards the map, the two run bitmaps, the READY extents, windows, the
 * notes of stuck pages, the list of claims and the queue. It is a leaf and irq-safe,
 * and held for 20 us at most, or for the bits of a run of gigabytes, see
 * Documentation/mm/cma/design.rst. Nothing is held across a migration; what excludes
 * two requests from each other is their claims. Two claims that isolate never share a
 * pageblock.
 */
#ifndef __MM_CMA_AREA_H__
#define __MM_CMA_AREA_H__

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cma.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/ratelimit_types.h>
#include <linux/runmap.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "evacuator.h"
#include "extents.h"
#include "window.h"
#include "skip.h"

/* The page allocator isolates by pageblock, so requests keep that far apart. */
#define CMA_EXCLUSION_PAGES	pageblock_nr_pages

enum cma_area_state {
	CMA_AREA_RESERVED,	/* memblock has it */
	CMA_AREA_ACTIVE,	/* lent, claimed or allocated, see above */
	CMA_AREA_FAILED,	/* could not be activated */
};

/* Histogram of allocation latency: bucket n counts below 1 << n microseconds */
#define CMA_LATENCY_BUCKETS	24

struct cma_stats {
	atomic64_t alloc_pages;		/* pages allocated so far */
	atomic64_t fail_pages;		/* pages asked for in vain */
	atomic64_t fallbacks;		/* requests that turned elsewhere then */
	atomic64_t release_pages;	/* pages released */
	atomic64_t ready_hits;		/* requests that READY memory served */
	atomic64_t moved_pages;		/* pages moved out of the way */
	atomic64_t dropped_pages;	/* also those of attempts that failed */
	atomic64_t moved_in_pages;	/* pages that made room outside */
	atomic64_t attempts;		/* evacuations tried */
	atomic64_t waits;		/* waits for another request's claim */
	atomic64_t reasons[NR_CMA_REASONS];
	atomic64_t blockers[NR_CMA_PAGE_KINDS];
	atomic64_t latency[CMA_LATENCY_BUCKETS];
};

/*
 * Lock legend, of struct cma, its ranges, and of what is on its lists:
 *	b	written at boot before the area is active, constant after that
 *	i	written by an initcall, constant after that
 *	l	cma->lock; read without it, by READ_ONCE(), it is a hint
 *	w	written by the area's worker alone, read by others with READ_ONCE()
 *	o	set once, from any context, by WRITE_ONCE(), and never cleared
 *	h	a hint that anybody reads and writes, with READ_ONCE() and WRITE_ONCE()
 *	m	written under a mutex of borrow.c, read by others with READ_ONCE()
 *	r	written under a mutex of owner.c, read under RCU
 *	d	written by the worker of demand.c alone, read by others with READ_ONCE()
 *	s	serialises itself
 *	a	atomic
 */

/* Who may borrow an area while no device uses it, see borrow.c. */
enum cma_borrow {
	CMA_BORROW_ALL,
	CMA_BORROW_CLEAN,
	CMA_BORROW_NONE,
};

/**
 * struct cma_range - a piece of an area
 * @base_pfn: first page
 * @nr_pages: number of pages
 * @nr_early: so many of them, from the first one on, were handed out before
 *	the area was active
 */
struct cma_range {
	unsigned long base_pfn;			/* (b) */
	unsigned long nr_pages;			/* (b) */
	unsigned long nr_early;			/* (b) */
};

struct cma {
	unsigned long base_pfn;			/* (b) of the lowest range */
	unsigned long end_pfn;			/* (b) behind the highest one */
	unsigned long nr_pages;			/* (b) of all ranges */
	struct cma_range ranges[CMA_MAX_RANGES]; /* (b) ascending, apart */
	unsigned int nr_ranges;			/* (b) */
	unsigned long *early;			/* (b) see cma_reserve_early() */
	unsigned int order_per_bit;		/* (b) pages per unit, log 2 */
	char name[CMA_MAX_NAME];		/* (b) unique */
	enum cma_area_state state;		/* (b) read with acquire */
	bool reserve_pages_on_error;		/* (b) */
	bool is_guaranteed;			/* (b) see cma_guarantee() */
	bool is_first_fit;			/* (b) see cma_use_first_fit() */
	const struct cma_evacuator *evacuator;	/* (b) */

	spinlock_t lock;			/* (s) guards what is marked (l) */
	struct cma_books *books;		/* (b) what the books live in */
	struct runmap map;			/* (l) taken: not LENT */
	unsigned long *first;			/* (l) starts of allocated runs */
	unsigned long *last;			/* (l) ends of allocated runs */
	unsigned long *rounded;			/* (l) those longer than asked for */
	unsigned long nr_allocated;		/* (l) units */
	unsigned long max_allocated;		/* (l) units, the most since boot */
	unsigned long nr_claimed;		/* (l) units */
	unsigned long nr_runs;			/* (l) allocated runs */
	unsigned long nr_holes;			/* (b) units between ranges */
	struct list_head claims;		/* (l) of struct cma_claim */
	struct list_head turns;			/* (l) of struct cma_turn */
	struct cma_extents ready;		/* (l) */
	unsigned long ready_next;		/* (l) where audits have serving begin */
	unsigned long ready_idle;		/* (l) least READY for a while */
	unsigned long ready_min;		/* (l) units to have READY always */
	unsigned long ready_max;		/* (l) units to have READY at most */
	struct cma_skip skip;			/* (l) pages that stayed, see attempt.c */
	struct cma_windows windows;		/* its letters are in window.h */
	unsigned long claims_ended;		/* (l) so many, and turns */
	wait_queue_head_t claim_end;		/* (s) of struct cma_waiter */

	struct delayed_work ready_work;		/* (s) decays, and fills up to the floor */
	unsigned long ready_decayed;		/* (w) when it did, in jiffies */
	unsigned int floor_misses;		/* (w) so many in a row, by that */
	bool has_hwpoison;			/* (o) the hardware's */
	enum cma_borrow borrow;			/* (m) */
	unsigned long nr_others;		/* (m) pages of others that may not borrow it */
	atomic64_t heap_pages;			/* (a) that programs have */
	unsigned long heap_max;			/* (h) pages that they can have */
	struct ratelimit_state ratelimit;	/* (s) of messages */
	struct cma_stats stats;			/* (a) */
	unsigned long misused;			/* (a) enum cma_misuse warned of */
	struct cma_owner __rcu *owners;		/* (r) of each unit, see owner.h */
	struct kobject *kobj;			/* (i) its place in sysfs */
};

/* Mistakes of callers; each is reported once for each area. */
enum cma_misuse {
	CMA_MISUSE_REQUEST,	/* impossible count, alignment or flags */
	CMA_MISUSE_FOREIGN,	/* release of pages of another place */
	CMA_MISUSE_RELEASE,	/* release of what isn't allocated */
};

/**
 * struct cma_claim - a run that is on its way; lives on its owner's stack
 * @node: (l) in cma->claims
 * @run: (l) the units; its owner alone changes it, and reads it without the lock
 * @isolates: (l) the owner isolates the pageblocks of the run; as @run
 */
struct cma_claim {
	struct list_head node;
	struct cma_extent run;
	bool isolates;
};

/*
 * What was READY all the time for so long is cold. Cameras and codecs start and
 * stop within that time, and don't wait for a migration then.
 */
#define CMA_POOL_DECAY_MS		10000

/**
 * struct cma_ended - which waiters the end of a claim or of a turn may help
 * @span: what it has kept others out of; empty if nobody waits
 * @room: so long a run it may have made possible; 0 if nothing has come free
 */
struct cma_ended {
	struct cma_extent span;
	unsigned long room;
};

/**
 * struct cma_usage - a consistent look at an area, in pages
 * @total: the area
 * @lent: in the page allocator
 * @ready: empty, and the area's
 * @claimed: on the way
 * @allocated: handed out
 * @largest: longest run of lent and ready pages
 * @nr_runs: number of allocated runs
 */
struct cma_usage {
	unsigned long total;
	unsigned long lent;
	unsigned long ready;
	unsigned long claimed;
	unsigned long allocated;
	unsigned long largest;
	unsigned long nr_runs;
};

/* area.c: the areas, and their books */
extern struct cma cma_areas[MAX_CMA_AREAS];
extern unsigned int cma_area_count;
void cma_add_range(struct cma *cma, unsigned long base_pfn,
		   unsigned long nr_pages);
bool cma_contains(const struct cma *cma, unsigned long pfn,
		  unsigned long nr_pages);
bool cma_ends_unit(const struct cma *cma, unsigned long pfn,
		   unsigned long nr_pages);
void cma_note_rounded(struct cma *cma, unsigned long pfn,
		      unsigned long nr_pages);
int cma_area_init(struct cma *cma);
void cma_area_destroy(struct cma *cma);
void cma_get_usage(struct cma *cma, struct cma_usage *usage);
bool cma_is_run_locked(const struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock);
bool cma_are_allocated_locked(const struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock);
bool cma_are_allocated(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages);
struct cma *cma_area_of(unsigned long pfn);
bool cma_overlaps(const struct cma *cma, unsigned long pfn,
		  unsigned long nr_pages);

/* audit.c: do the books agree with each other? */
bool cma_check(struct cma *cma);
#ifdef CONFIG_CMA_AUDIT
bool cma_is_audited(void);
void cma_check_locked(struct cma *cma)
	__must_hold(&cma->lock);
#else
static inline bool cma_is_audited(void)
{
	return false;
}

static inline void cma_check_locked(struct cma *cma)
	__must_hold(&cma->lock)
{
}
#endif

/* find.c: what keeps a request out of a run, and which ones its end may help */
bool cma_conflict_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock);
bool cma_is_awaited_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock);
struct cma_ended cma_note_end_locked(struct cma *cma,
				     const struct cma_claim *claim, bool freed)
	__must_hold(&cma->lock);
void cma_wake_waiters(struct cma *cma, const struct cma_ended *ended);

/* state.c: the arrows of the diagram */
bool cma_claim_at(struct cma *cma, struct cma_extent run, bool isolates,
		  struct cma_claim *claim);
void cma_commit(struct cma *cma, struct cma_claim *claim);
void cma_abort(struct cma *cma, struct cma_claim *claim);
bool cma_retire(struct cma *cma, struct cma_extent run,
		struct cma_claim *claim);
bool cma_serve(struct cma *cma, const struct runmap_query *query,
	       struct cma_extent *run);
bool cma_park(struct cma *cma, struct cma_extent run);
void cma_keep(struct cma *cma, struct cma_claim *claim, unsigned long count);
bool cma_withdraw(struct cma *cma, struct cma_extent from,
		  unsigned long max, struct cma_claim *claim);
void cma_split_claim(struct cma *cma, struct cma_claim *claim,
		     unsigned long count, struct cma_claim *rest);

/* decay.c: may memory be READY, and when is it looked at again? */
void cma_allow_ready(bool allow);
bool cma_may_be_ready(void);
void cma_pool_decay_later(struct cma *cma);

/* giveback.c: the ways of a run back */
int cma_lend(struct cma *cma, struct cma_extent run);
int cma_take_back(struct cma *cma, struct cma_extent run,
		  struct cma_return *ret);
unsigned long cma_lend_ready(struct cma *cma, struct cma_extent from,
			     unsigned long max);
void cma_set_ready_min(struct cma *cma, unsigned long pages);
void cma_set_ready_max(struct cma *cma, unsigned long pages);

/* pool.c: when READY memory goes and comes by itself: cold, short, hibernation */
void cma_pool_init(struct cma *cma);
void cma_refill_soon(struct cma *cma);
unsigned long cma_lend_surplus(int nid, unsigned long nr_pages);

/* hwpoison.c: what the hardware has failed */
extern bool cma_any_hwpoison;		/* (o) */
void cma_give_up_failed(struct cma *cma, struct cma_extent run);

/* pool_param.c: cma_ready=; __init */
void cma_pool_boot(struct cma *cma);

/* evac_type.c: what the page allocator is told of lent pages */
int cma_lent_type(unsigned long pfn);
bool cma_retype_block(unsigned long pfn, unsigned int tries);

/* move_in.c: pages from outside make room there */
unsigned long cma_move_in_at_last(void);

/* evac.c: what touches pages */
extern const struct cma_evacuator cma_page_evacuator;

/* heap.c: what programs can have */
void cma_set_heap_max(struct cma *cma, unsigned long pages);

/* borrow.c: who may borrow an area */
const char *cma_borrow_name(unsigned int how);
bool cma_are_areas_clean(void);
void cma_set_borrow(struct cma *cma, enum cma_borrow how);
int cma_choose_borrow(struct cma *cma, const char *word);

/* borrow_param.c: cma_borrow=; __init */
void cma_borrow_boot(struct cma *cma);

/* request.c: what no search can find; the reasons themselves are in reason.c */
enum cma_reason cma_check_query(const struct cma *cma, const struct runmap_query *query);
enum cma_reason cma_name_shortage(struct cma *cma,
				  const struct runmap_query *query);

struct cma_work;

/* search.c: which runs are tried, in which order; when to give up is in policy.c */
enum cma_reason cma_search(struct cma *cma, const struct cma_request *request,
			   const struct runmap_query *query,
			   struct cma_work *work, unsigned long *pfn);
enum cma_reason cma_fill(struct cma *cma, unsigned long units);

/* empty.c: those who have borrowed an area leave it */
void cma_empty(struct cma *cma);
unsigned long cma_count_others(struct cma *cma);

/* cma.c: the interface */
int cma_alloc_run(struct cma *cma, struct cma_request *request,
		  unsigned long *pfn);
int cma_release_run(struct cma *cma, unsigned long pfn, unsigned long nr_pages,
		    struct cma_return *ret);

/* report.c */
void cma_report(struct cma *cma, const struct cma_request *request,
		const struct cma_work *work, s64 us);

/* How far the map reaches, holes included. */
static inline unsigned long cma_nr_units(const struct cma *cma)
{
	return (cma->end_pfn - cma->base_pfn) >> cma->order_per_bit;
}

static inline unsigned long cma_pages_to_units(const struct cma *cma,
					       unsigned long nr_pages)
{
	unsigned long last = (1UL << cma->order_per_bit) - 1;

	/* Callers may ask for as much as there can be. */
	return (nr_pages >> cma->order_per_bit) + !!(nr_pages & last);
}

static inline unsigned long cma_unit_to_pfn(const struct cma *cma,
					    unsigned long unit)
{
	return cma->base_pfn + (unit << cma->order_per_bit);
}

static inline unsigned long cma_pfn_to_unit(const struct cma *cma,
					    unsigned long pfn)
{
	return (pfn - cma->base_pfn) >> cma->order_per_bit;
}

static inline unsigned long cma_run_to_pfn(const struct cma *cma,
					   struct cma_extent run)
{
	return cma_unit_to_pfn(cma, run.start);
}

static inline unsigned long cma_run_to_pages(const struct cma *cma,
					     struct cma_extent run)
{
	return (unsigned long)run.count << cma->order_per_bit;
}

/* The units that these pages lie in; they are in the area. */
static inline struct cma_extent cma_pages_to_run(const struct cma *cma,
						 unsigned long pfn,
						 unsigned long nr_pages)
{
	return cma_extent_at(cma_pfn_to_unit(cma, pfn),
			     cma_pages_to_units(cma, nr_pages));
}

static inline struct cma_extent cma_range_to_run(const struct cma *cma,
						 const struct cma_range *range)
{
	return cma_extent_at(cma_pfn_to_unit(cma, range->base_pfn),
			     range->nr_pages >> cma->order_per_bit);
}

/* What lies between a range and the next one. */
static inline struct cma_extent cma_hole_behind(const struct cma *cma,
						const struct cma_range *range)
{
	unsigned long pfn = range->base_pfn + range->nr_pages;

	return cma_extent_between(cma_pfn_to_unit(cma, pfn),
				  cma_pfn_to_unit(cma, range[1].base_pfn));
}

/* All that the map has, holes included. */
static inline struct cma_extent cma_all_units(const struct cma *cma)
{
	return cma_extent_at(0, cma_nr_units(cma));
}

static inline void cma_set_state(struct cma *cma, enum cma_area_state state)
{
	/* A reader that sees the area active sees its books, too. */
	smp_store_release(&cma->state, state);
}

static inline bool cma_is_active(const struct cma *cma)
{
	/* Pairs with the release in cma_set_state(). */
	return smp_load_acquire(&cma->state) == CMA_AREA_ACTIVE;
}

/* READY units that are missing up to the floor */
static inline unsigned long cma_lack(const struct cma *cma)
{
	unsigned long total = READ_ONCE(cma->ready.total);
	unsigned long floor = READ_ONCE(cma->ready_min);

	return floor - min(floor, total);
}

/*
 * After a request, which may have taken READY memory, and after a release, which may have
 * made room. Where the floor was missed it is tried again within a second, however long that
 * was ago.
 */
static inline void cma_pool_refill(struct cma *cma)
{
	/* Pairs with the barrier of cma_pool_work(). */
	smp_mb();
	if (cma_lack(cma))
		cma_refill_soon(cma);
}

#include "kunit.h"

#endif /* __MM_CMA_AREA_H__ */
