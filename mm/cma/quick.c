// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the windows that an area keeps quick for its devices.
 *
 * A camera that asked for a long run will ask for one again, and what is dirty, under
 * writeback, or of a process would be in its way then. So where a long run was, only clean
 * page cache gets in from then on: the run's pageblocks are a window. Those become windows
 * that devices had at the same time, and no more: what they ask for is learned from what
 * they get. The rest of the area is for everybody, and when no device has asked for a while
 * so are the windows, see demand.c.
 *
 *	|wwww|wwww|....|....|....|....|	two buffers of four pageblocks were the most
 */
#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/minmax.h>

#include "area.h"

/**
 * cma_nr_blocks() - how many pageblocks an area has, holes included
 * @cma: area whose ranges are set
 *
 * Context: any.
 * Return: their number.
 */
unsigned long cma_nr_blocks(const struct cma *cma)
{
	return (cma->end_pfn - cma->base_pfn + pageblock_nr_pages - 1) /
	       pageblock_nr_pages;
}

static unsigned long cma_block_of(const struct cma *cma, unsigned long pfn)
{
	return (pfn - cma->base_pfn) / pageblock_nr_pages;
}

static unsigned long cma_unit_to_block(const struct cma *cma, unsigned long unit)
{
	return cma_block_of(cma, cma_unit_to_pfn(cma, unit));
}

static unsigned long cma_block_to_unit(const struct cma *cma, unsigned long block)
{
	return cma_pfn_to_unit(cma, cma->base_pfn + block * pageblock_nr_pages);
}

/**
 * cma_is_quick() - does a page lie in a window?
 * @cma: active area
 * @pfn: the page, of the area
 *
 * Context: any; a hint, as no lock is taken.
 * Return: whether it does.
 */
bool cma_is_quick(const struct cma *cma, unsigned long pfn)
{
	return data_race(test_bit(cma_block_of(cma, pfn), cma->quick.blocks));
}

/* So many pageblocks are enough for what devices had at once. */
static unsigned long cma_quick_wanted_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	unsigned long peak = cma->quick.peak << cma->order_per_bit;

	lockdep_assert_held(&cma->lock);
	/* The first and the last one of them need not be theirs as a whole. */
	return min(peak / pageblock_nr_pages + 1, cma->quick.max / pageblock_nr_pages);
}

static void cma_widen_locked(struct cma *cma, unsigned long block, unsigned long end)
	__must_hold(&cma->lock)
{
	struct cma_quick *quick = &cma->quick;
	unsigned long wanted = cma_quick_wanted_locked(cma);

	lockdep_assert_held(&cma->lock);
	while (quick->nr < wanted) {
		block = find_next_zero_bit(quick->blocks, end, block);
		if (block >= end)
			break;
		__set_bit(block, quick->blocks);
		quick->nr++;
	}
}

/**
 * cma_keep_quick() - a device has got a long run: it will want it again
 * @cma: active area
 * @run: units that have just been allocated, and that the caller doesn't know of yet
 *
 * What is in a window already costs one look.
 *
 * Context: any; takes the area's lock.
 */
void cma_keep_quick(struct cma *cma, struct cma_extent run)
{
	unsigned long pfn = cma_run_to_pfn(cma, run), nr_pages = cma_run_to_pages(cma, run);
	/* Pageblocks of which the run has less than half are left out. */
	unsigned long half = pageblock_nr_pages / 2;
	unsigned long block = cma_block_of(cma, pfn + half - 1);
	unsigned long end = cma_block_of(cma, pfn + nr_pages + half);
	struct cma_quick *quick = &cma->quick;
	unsigned long flags, before;

	if (nr_pages < half || !READ_ONCE(quick->max) ||
	    READ_ONCE(cma->borrow) != CMA_BORROW_ALL ||
	    data_race(find_next_zero_bit(quick->blocks, end, block)) >= end)
		return;

	spin_lock_irqsave(&cma->lock, flags);
	before = quick->nr;
	quick->peak = max(quick->peak, cma->nr_allocated);
	cma_widen_locked(cma, block, end);
	before -= quick->nr;
	spin_unlock_irqrestore(&cma->lock, flags);
	if (before)
		cma->evacuator->retype(cma, pfn, nr_pages);
}

/**
 * cma_take_quick() - a pageblock isn't in a window any more
 * @cma: active area
 * @pfn: in and out: the first one from there on; its first page, whose type the caller
 *	changes
 *
 * With the last one it is forgotten what devices had.
 *
 * Context: any; takes the area's lock.
 * Return: false if there is none.
 */
bool cma_take_quick(struct cma *cma, unsigned long *pfn)
{
	unsigned long flags, nr = cma_nr_blocks(cma), block;
	struct cma_quick *quick = &cma->quick;

	spin_lock_irqsave(&cma->lock, flags);
	block = find_next_bit(quick->blocks, nr, cma_block_of(cma, *pfn));
	if (block < nr) {
		__clear_bit(block, quick->blocks);
		quick->nr--;
	}
	if (!quick->nr)
		quick->peak = 0;
	spin_unlock_irqrestore(&cma->lock, flags);
	*pfn = cma->base_pfn + block * pageblock_nr_pages;
	return block < nr;
}

/**
 * cma_put_quick() - a pageblock is in a window still: its type could not be changed
 * @cma: active area
 * @pfn: its first page
 *
 * Context: any; takes the area's lock.
 */
void cma_put_quick(struct cma *cma, unsigned long pfn)
{
	unsigned long flags, block = cma_block_of(cma, pfn);

	spin_lock_irqsave(&cma->lock, flags);
	if (!test_bit(block, cma->quick.blocks)) {
		__set_bit(block, cma->quick.blocks);
		cma->quick.nr++;
	}
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_next_window() - find a window
 * @cma: active area
 * @left: units that windows are looked for in; becomes what is behind the found one
 * @window: out: its units
 *
 * Context: any; a hint, as no lock is taken.
 * Return: false if there is none.
 */
bool cma_next_window(const struct cma *cma, struct cma_extent *left,
		     struct cma_extent *window)
{
	const unsigned long *blocks = cma->quick.blocks;
	unsigned long nr = cma_nr_blocks(cma), block, end;

	if (!READ_ONCE(cma->quick.nr) || !left->count)
		return false;
	block = data_race(find_next_bit(blocks, nr, cma_unit_to_block(cma, left->start)));
	if (block >= nr)
		return false;
	end = data_race(find_next_zero_bit(blocks, nr, block));
	*window = cma_extent_between(cma_block_to_unit(cma, block),
				     min(cma_block_to_unit(cma, end), cma_nr_units(cma)));
	*left = cma_extent_between(cma_extent_end(*window), cma_extent_end(*left));
	return true;
}
