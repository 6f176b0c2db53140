/* SPDX-License-Identifier: GPL-2.0 */
/* What an area keeps quick for devices that ask for long runs, see window.c. */
#ifndef __MM_CMA_WINDOW_H__
#define __MM_CMA_WINDOW_H__

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct cma;
struct cma_extent;

/*
 * Shorter runs are found in any load. Longer ones have a part of a disk's queue in the way:
 * beside six tasks that write, 2048 pages took 2 ms, 16384 pages 55 to 300 ms.
 */
#define CMA_DEMAND_PAGES	(SZ_4M >> PAGE_SHIFT)

static inline bool cma_is_demand(unsigned long nr_pages)
{
	return nr_pages >= CMA_DEMAND_PAGES;
}

/**
 * struct cma_windows - the windows of an area, and for how long there are any
 * @blocks: (l) its pageblocks that are in one; a hint without the lock
 * @stale: (l) those that were in one, and whose type is to be changed yet
 * @nr: (l) so many are in windows
 * @nr_stale: (l) so many are to be changed, or are being changed
 * @nr_lent: (l) so many pages of windows are lent
 * @peak: (l) the most pages of windows that devices had at once
 * @max: (h) pages that windows may have
 * @end: (h) when the demand is over, in jiffies
 * @in_demand: (h) it isn't over yet, as far as demand.c has seen
 * @is_counted: (d) by the static key for pageblocks of clean page cache
 */
struct cma_windows {
	unsigned long *blocks;
	unsigned long *stale;
	unsigned long nr;
	unsigned long nr_stale;
	unsigned long nr_lent;
	unsigned long peak;
	unsigned long max;
	unsigned long end;
	bool in_demand;
	bool is_counted;
};

unsigned long cma_nr_blocks(const struct cma *cma);
bool cma_in_window(const struct cma *cma, unsigned long pfn);
bool cma_windows_ready_locked(const struct cma *cma);
unsigned long cma_window_pages(const struct cma *cma, struct cma_extent run);
bool cma_open_windows(struct cma *cma, struct cma_extent run);
bool cma_close_window(struct cma *cma, unsigned long *pfn, bool held);
bool cma_take_stale(struct cma *cma, unsigned long *pfn);
void cma_end_stale(struct cma *cma, unsigned long pfn, bool changed);
bool cma_next_window(const struct cma *cma, struct cma_extent *left,
		     struct cma_extent *window);
bool cma_check_windows_locked(const struct cma *cma);

/* demand.c: may a device ask for a long run soon? */
void cma_note_demand(struct cma *cma, unsigned long pfn, unsigned long nr_pages);
void cma_set_quick_max(struct cma *cma, unsigned long pages);
unsigned long cma_end_windows_at_last(void);

#endif /* __MM_CMA_WINDOW_H__ */
