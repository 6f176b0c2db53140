/* SPDX-License-Identifier: GPL-2.0 */
/* What an area keeps quick for devices that ask for long runs, see quick.c. */
#ifndef __MM_CMA_QUICK_H__
#define __MM_CMA_QUICK_H__

#include <linux/bits.h>
#include <linux/sizes.h>

struct cma;
struct cma_extent;

/*
 * Shorter runs are found in any load. Longer ones have a part of a disk's queue in the way:
 * beside six tasks that write, 2048 pages took 2 ms, 16384 pages 90 to 300 ms.
 */
#define CMA_DEMAND_PAGES	(SZ_4M >> PAGE_SHIFT)

/**
 * struct cma_quick - the windows of an area, and for how long
 * @blocks: (l) its pageblocks that are in one; a hint without the lock
 * @nr: (l) so many are
 * @peak: (l) units that devices have had at once, at most, in this demand
 * @max: (l) pages that windows may have
 * @end: (h) when the demand is over, in jiffies
 * @in_demand: (h) it isn't over yet, as far as demand.c has seen
 * @is_counted: (d) by the static key for pageblocks of clean page cache
 */
struct cma_quick {
	unsigned long *blocks;
	unsigned long nr;
	unsigned long peak;
	unsigned long max;
	unsigned long end;
	bool in_demand;
	bool is_counted;
};

unsigned long cma_nr_blocks(const struct cma *cma);
bool cma_is_quick(const struct cma *cma, unsigned long pfn);
void cma_keep_quick(struct cma *cma, struct cma_extent run);
bool cma_take_quick(struct cma *cma, unsigned long *pfn);
void cma_put_quick(struct cma *cma, unsigned long pfn);
bool cma_next_window(const struct cma *cma, struct cma_extent *left,
		     struct cma_extent *window);

#endif /* __MM_CMA_QUICK_H__ */
