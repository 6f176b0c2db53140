// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how much of an area programs can have through /dev/dma_heap.
 *
 * Whoever may open the heap of an area could take all of it, and drivers would go without.
 * The ceiling is for all programs together. Buffers that exist stay when it is lowered.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/atomic.h>
#include <linux/cma.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "area.h"

/**
 * cma_charge_heap() - may programs have so much more of an area?
 * @cma: active area
 * @nr_pages: so many pages are asked for through its heap
 *
 * Says in the log if not.
 *
 * Context: any.
 * Return: true if they may; then they are counted until cma_uncharge_heap().
 */
bool cma_charge_heap(struct cma *cma, unsigned long nr_pages)
{
	unsigned long most = READ_ONCE(cma->heap_max);
	s64 used = atomic64_read(&cma->heap_pages);

	do {
		/* Without a ceiling the area itself says what is too much, and why. */
		if (most == cma->nr_pages ||
		    (nr_pages <= most && used <= (s64)(most - nr_pages)))
			continue;
		pr_warn_ratelimited("%s: %lu pages refused to %s: programs have %lld of the %lu that they may have through dma-heaps, see heap_max\n",
				    cma->name, nr_pages, current->comm, used, most);
		return false;
	} while (!atomic64_try_cmpxchg(&cma->heap_pages, &used, used + nr_pages));
	return true;
}
EXPORT_SYMBOL_GPL(cma_charge_heap);

/**
 * cma_uncharge_heap() - programs have given back pages of an area
 * @cma: the area
 * @nr_pages: so many, which cma_charge_heap() has counted
 *
 * Context: any.
 */
void cma_uncharge_heap(struct cma *cma, unsigned long nr_pages)
{
	atomic64_sub(nr_pages, &cma->heap_pages);
}
EXPORT_SYMBOL_GPL(cma_uncharge_heap);

/**
 * cma_set_heap_max() - choose how much of an area programs can have
 * @cma: active area
 * @pages: number of pages
 *
 * Context: any.
 */
void cma_set_heap_max(struct cma *cma, unsigned long pages)
{
	WRITE_ONCE(cma->heap_max, min(pages, cma->nr_pages));
}
