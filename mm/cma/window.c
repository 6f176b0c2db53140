// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the windows that an area keeps quick for its devices.
 *
 * A camera that asked for a long run will ask for one again, and what is dirty, under
 * writeback, or of a process would be in its way then. So where a long run was, only clean
 * page cache gets in from then on: the pageblocks that the run has as a whole are a window.
 * As many are kept as devices had at the same time: what they ask for is learned from what
 * they get. The rest of the area is for everybody, and when no device has asked for a while
 * so are the windows, see demand.c.
 *
 *	AAAABBBB................	two buffers at once, of four pageblocks each, then
 *	wwwwwwww................	two windows, and
 *	......ww........CCCCCC..	one pageblock less for each that is elsewhere
 */
#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include "area.h"

/* So many pageblocks are looked at for one that is in no use as a window. */
#define CMA_QUICK_LOOKS	64

/**
 * cma_nr_blocks() - how many pageblocks an area has, holes included
 * @cma: area whose ranges are set
 *
 * Context: any.
 * Return: their number.
 */
unsigned long cma_nr_blocks(const struct cma *cma)
{
	return DIV_ROUND_UP(cma->end_pfn - cma->base_pfn, pageblock_nr_pages);
}

static unsigned long cma_pfn_to_block(const struct cma *cma, unsigned long pfn)
{
	return (pfn - cma->base_pfn) / pageblock_nr_pages;
}

static unsigned long cma_block_to_pfn(const struct cma *cma, unsigned long block)
{
	return cma->base_pfn + block * pageblock_nr_pages;
}

/* The units that a pageblock lies in. */
static struct cma_extent cma_block_to_run(const struct cma *cma, unsigned long block)
{
	unsigned long pfn = cma_block_to_pfn(cma, block);

	return cma_extent_between(cma_pfn_to_unit(cma, pfn),
				  cma_pfn_to_unit(cma, pfn + pageblock_nr_pages - 1) + 1);
}

/* The next pageblock in a window, or @end. */
static unsigned long cma_next_quick(const struct cma *cma, unsigned long end,
				    unsigned long block)
{
	/* Without the lock it is a hint. */
	return data_race(find_next_bit(cma->windows.blocks, end, block));
}

/* The next one that isn't, or @end. */
static unsigned long cma_next_other(const struct cma *cma, unsigned long end,
				    unsigned long block)
{
	/* Without the lock it is a hint. */
	return data_race(find_next_zero_bit(cma->windows.blocks, end, block));
}

/**
 * cma_in_window() - does a page lie in a window?
 * @cma: active area
 * @pfn: the page, of the area
 *
 * Context: any; a hint, as no lock is taken.
 * Return: whether it does.
 */
bool cma_in_window(const struct cma *cma, unsigned long pfn)
{
	unsigned long block = cma_pfn_to_block(cma, pfn);

	return cma_next_quick(cma, block + 1, block) == block;
}

/**
 * cma_window_pages() - how many pages of a run lie in windows
 * @cma: active area
 * @run: the units
 *
 * Context: any; without the area's lock a hint.
 * Return: number of pages.
 */
unsigned long cma_window_pages(const struct cma *cma, struct cma_extent run)
{
	unsigned long pfn = cma_run_to_pfn(cma, run), end = pfn + cma_run_to_pages(cma, run);
	unsigned long last, from, to, nr_pages = 0;

	if (!READ_ONCE(cma->windows.nr) || pfn == end)
		return 0;
	last = cma_pfn_to_block(cma, end - 1) + 1;
	from = cma_next_quick(cma, last, cma_pfn_to_block(cma, pfn));
	while (from < last) {
		to = cma_next_other(cma, last, from);
		nr_pages += min(end, cma_block_to_pfn(cma, to)) -
			    max(pfn, cma_block_to_pfn(cma, from));
		from = cma_next_quick(cma, last, to);
	}
	return nr_pages;
}

/**
 * cma_windows_ready_locked() - is something READY in windows?
 * @cma: active area
 *
 * Context: with the area's lock; takes a step for each READY extent.
 * Return: whether there is.
 */
bool cma_windows_ready_locked(const struct cma *cma)
{
	struct cma_extent left = cma_all_units(cma), piece;

	lockdep_assert_held(&cma->lock);
	while (cma_extents_next(&cma->ready, &left, &piece))
		if (cma_window_pages(cma, piece))
			return true;
	return false;
}

/* Pages of a pageblock that are lent. */
static unsigned long cma_lent_of_block_locked(const struct cma *cma, unsigned long block)
	__must_hold(&cma->lock)
{
	struct cma_extent run = cma_block_to_run(cma, block);
	unsigned long end = cma_extent_end(run), from = run.start, to, units = 0;

	lockdep_assert_held(&cma->lock);
	while (from < end) {
		from = min(end, runmap_next_free(&cma->map, from));
		to = min(end, runmap_next_taken(&cma->map, from));
		units += to - from;
		from = to;
	}
	return min(units << cma->order_per_bit, pageblock_nr_pages);
}

/*
 * From now on everybody may have a pageblock, of which so many pages are lent, as soon as
 * its type has been changed.
 */
static void cma_close_window_locked(struct cma *cma, unsigned long block, unsigned long nr_lent)
	__must_hold(&cma->lock)
{
	struct cma_windows *windows = &cma->windows;

	lockdep_assert_held(&cma->lock);
	__clear_bit(block, windows->blocks);
	WRITE_ONCE(windows->nr, windows->nr - 1);
	WRITE_ONCE(windows->nr_lent, windows->nr_lent - nr_lent);
	if (!windows->nr)
		windows->peak = 0;
	if (!test_bit(block, windows->stale)) {
		__set_bit(block, windows->stale);
		WRITE_ONCE(windows->nr_stale, windows->nr_stale + 1);
	}
}

/* The demand is over: as many as devices once had at the same time are too many. */
static void cma_forget_peak(struct cma_windows *windows)
{
	windows->peak = min(windows->peak, windows->nr * pageblock_nr_pages);
}

/* Close so many windows that are lent as a whole, of the first ones that there are. */
static void cma_close_some_locked(struct cma *cma, unsigned long nr)
	__must_hold(&cma->lock)
{
	unsigned long blocks = cma_nr_blocks(cma), block = 0;
	unsigned int looks = CMA_QUICK_LOOKS;
	struct cma_extent run;

	lockdep_assert_held(&cma->lock);
	for (; nr && looks--; block++) {
		block = cma_next_quick(cma, blocks, block);
		if (block >= blocks)
			break;
		run = cma_block_to_run(cma, block);
		if (!runmap_is_free(&cma->map, run.start, run.count))
			continue;
		cma_close_window_locked(cma, block, pageblock_nr_pages);
		nr--;
	}
}

/* So many of these pageblocks aren't in windows. */
static unsigned long cma_missing_locked(const struct cma *cma, unsigned long block,
					unsigned long end)
	__must_hold(&cma->lock)
{
	struct cma_extent run = cma_extent_between(cma_block_to_run(cma, block).start,
						   cma_extent_end(cma_block_to_run(cma, end - 1)));

	lockdep_assert_held(&cma->lock);
	return end - block - cma_window_pages(cma, run) / pageblock_nr_pages;
}

/*
 * All of these pageblocks are in windows, as far as there may be so many. Returns whether
 * that is new of one.
 */
static bool cma_open_windows_locked(struct cma *cma, unsigned long block, unsigned long end)
	__must_hold(&cma->lock)
{
	struct cma_windows *windows = &cma->windows;
	unsigned long most = READ_ONCE(windows->max) / pageblock_nr_pages, wanted, peak;
	bool opened = false;

	lockdep_assert_held(&cma->lock);
	wanted = windows->nr + cma_missing_locked(cma, block, end);
	/* Not one of these is lent. */
	if (wanted > most)
		cma_close_some_locked(cma, wanted - most);
	for (; block < end && windows->nr < most; block++) {
		if (test_bit(block, windows->blocks))
			continue;
		__set_bit(block, windows->blocks);
		WRITE_ONCE(windows->nr, windows->nr + 1);
		opened = true;
	}
	windows->peak = max(windows->peak, windows->nr * pageblock_nr_pages - windows->nr_lent);
	peak = DIV_ROUND_UP(windows->peak, pageblock_nr_pages);
	if (windows->nr > peak)
		cma_close_some_locked(cma, windows->nr - peak);
	return opened;
}

/* There are as many as there may be, and each of them is in use. */
static bool cma_windows_are_used_up(const struct cma_windows *windows)
{
	return READ_ONCE(windows->nr) >= READ_ONCE(windows->max) / pageblock_nr_pages &&
	       !READ_ONCE(windows->nr_lent);
}

/**
 * cma_open_windows() - a device has got a long run: it will want it again
 * @cma: active area
 * @run: units that have just been allocated, and that the caller doesn't know of yet
 *
 * What is in windows already costs one look.
 *
 * Context: any; takes the area's lock.
 * Return: whether other windows had to be closed, whose pageblocks are stale now.
 */
bool cma_open_windows(struct cma *cma, struct cma_extent run)
{
	unsigned long pfn = cma_run_to_pfn(cma, run), nr_pages = cma_run_to_pages(cma, run);
	unsigned long block = cma_pfn_to_block(cma, pfn + pageblock_nr_pages - 1);
	unsigned long end = cma_pfn_to_block(cma, pfn + nr_pages);
	struct cma_windows *windows = &cma->windows;
	bool opened, stale;
	unsigned long flags;

	if (block >= end || READ_ONCE(cma->borrow) != CMA_BORROW_ALL ||
	    cma_next_other(cma, end, block) >= end ||
	    cma_windows_are_used_up(windows))
		return false;

	spin_lock_irqsave(&cma->lock, flags);
	opened = cma_open_windows_locked(cma, block, end);
	stale = windows->nr_stale;
	spin_unlock_irqrestore(&cma->lock, flags);
	if (opened)
		cma->evacuator->retype(cma, pfn, nr_pages);
	return stale;
}

/**
 * cma_close_window() - a pageblock isn't in a window any more, and is stale
 * @cma: active area
 * @pfn: in and out: the first one from there on, and its first page
 * @held: also one of which nothing is lent; else it stays for when it is given back
 *
 * Context: any; takes the area's lock, for each pageblock that is passed by.
 * Return: false if there is none.
 */
bool cma_close_window(struct cma *cma, unsigned long *pfn, bool held)
{
	unsigned long nr = cma_nr_blocks(cma), block = cma_pfn_to_block(cma, *pfn), flags;
	unsigned long lent = 0;
	bool closed = false;

	while (!closed) {
		spin_lock_irqsave(&cma->lock, flags);
		block = cma_next_quick(cma, nr, block);
		if (block < nr)
			lent = cma_lent_of_block_locked(cma, block);
		if (block < nr && (held || lent)) {
			cma_close_window_locked(cma, block, lent);
			cma_forget_peak(&cma->windows);
			closed = true;
		}
		spin_unlock_irqrestore(&cma->lock, flags);
		*pfn = cma_block_to_pfn(cma, block);
		if (block++ >= nr)
			break;
	}
	return closed;
}

/**
 * cma_take_stale() - the type of a pageblock is being changed
 * @cma: active area
 * @pfn: in and out: the first one from there on, and its first page
 *
 * It counts until cma_end_stale().
 *
 * Context: any; takes the area's lock.
 * Return: false if there is none.
 */
bool cma_take_stale(struct cma *cma, unsigned long *pfn)
{
	unsigned long nr = cma_nr_blocks(cma), block = cma_pfn_to_block(cma, *pfn), flags;

	spin_lock_irqsave(&cma->lock, flags);
	block = find_next_bit(cma->windows.stale, nr, block);
	if (block < nr)
		__clear_bit(block, cma->windows.stale);
	spin_unlock_irqrestore(&cma->lock, flags);
	*pfn = cma_block_to_pfn(cma, block);
	return block < nr;
}

/**
 * cma_end_stale() - the type of a pageblock has been changed, or not
 * @cma: active area
 * @pfn: its first page
 * @changed: it has
 *
 * Context: any; takes the area's lock.
 */
void cma_end_stale(struct cma *cma, unsigned long pfn, bool changed)
{
	unsigned long block = cma_pfn_to_block(cma, pfn), flags;
	struct cma_windows *windows = &cma->windows;

	spin_lock_irqsave(&cma->lock, flags);
	/* It may have been in a window again meanwhile. */
	if (changed || test_bit(block, windows->stale))
		WRITE_ONCE(windows->nr_stale, windows->nr_stale - 1);
	else
		__set_bit(block, windows->stale);
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_next_window() - find a window
 * @cma: active area
 * @left: units that windows are looked for in; becomes what is behind the found one
 * @window: out: those of its units
 *
 * Context: any; without the area's lock a hint.
 * Return: false if there is none.
 */
bool cma_next_window(const struct cma *cma, struct cma_extent *left,
		     struct cma_extent *window)
{
	unsigned long nr, block, end;

	if (!READ_ONCE(cma->windows.nr) || !left->count)
		return false;
	nr = cma_pfn_to_block(cma, cma_unit_to_pfn(cma, cma_extent_end(*left)) - 1) + 1;
	block = cma_pfn_to_block(cma, cma_unit_to_pfn(cma, left->start));
	block = cma_next_quick(cma, nr, block);
	if (block >= nr)
		return false;
	end = cma_next_other(cma, nr, block);
	*window = cma_extent_between(max(cma_block_to_run(cma, block).start, left->start),
				     min(cma_extent_end(cma_block_to_run(cma, end - 1)),
					 cma_extent_end(*left)));
	*left = cma_extent_between(cma_extent_end(*window), cma_extent_end(*left));
	return true;
}

/**
 * cma_check_windows_locked() - do the books of windows agree with the map?
 * @cma: active area
 *
 * Context: any, with the area's lock, for a time that grows with the area.
 * Return: whether they do.
 */
bool cma_check_windows_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	const struct cma_windows *windows = &cma->windows;
	unsigned long nr = cma_nr_blocks(cma), block, lent = 0;

	lockdep_assert_held(&cma->lock);
	for (block = cma_next_quick(cma, nr, 0); block < nr;
	     block = cma_next_quick(cma, nr, block + 1))
		lent += cma_lent_of_block_locked(cma, block);
	return windows->nr_lent == lent && windows->nr == bitmap_weight(windows->blocks, nr) &&
	       windows->nr_stale >= bitmap_weight(windows->stale, nr);
}
