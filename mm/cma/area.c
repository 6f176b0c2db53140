// SPDX-License-Identifier: GPL-2.0
/*
 * The books of a contiguous memory area: which units are lent, ready, claimed
 * or allocated. How they change is in state.c.
 *
 * Everything here is bookkeeping: no page is touched, and nothing sleeps. See
 * mm/cma/area.h for the diagram.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/ratelimit.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "area.h"
#include "fault.h"
#include "open.h"

struct cma cma_areas[MAX_CMA_AREAS];
unsigned int cma_area_count;

/*
 * All that the books of an active area need besides struct cma, whose slots are
 * there whether or not anybody declares an area. It is allocated as a whole, so
 * that there is nothing half made to be taken back.
 */
struct cma_books {
	struct cma_extent extents[CMA_MAX_EXTENTS];
	struct cma_skip_note notes[CMA_SKIP_NOTES];
	/* Those of ->first, ->last, ->rounded and ->windows, and what ->map lives in */
	unsigned long bits[];
};

/* This one is for tests to stand in for. */
VISIBLE_IF_KUNIT void *cma_books_alloc(size_t size)
{
	KUNIT_STATIC_STUB_REDIRECT(cma_books_alloc, size);
	if (cma_fault(CMA_FAULT_BOOKS))
		return NULL;
	return kvzalloc(size, GFP_KERNEL);
}

/**
 * cma_add_range() - make a piece of memory a part of an area
 * @cma: area that isn't active yet
 * @base_pfn: first page; beyond what the area has, and not next to it
 * @nr_pages: number of pages
 *
 * Context: while the area is set up, by one thread.
 */
void cma_add_range(struct cma *cma, unsigned long base_pfn,
		   unsigned long nr_pages)
{
	cma->ranges[cma->nr_ranges++] = (struct cma_range){
		.base_pfn = base_pfn,
		.nr_pages = nr_pages,
	};
	cma->base_pfn = cma->ranges[0].base_pfn;
	cma->end_pfn = base_pfn + nr_pages;
	cma->nr_pages += nr_pages;
}

/**
 * cma_contains() - does one range of an area have all of these pages?
 * @cma: any area
 * @pfn: the first page
 * @nr_pages: number of pages
 *
 * Context: any.
 * Return: true if they lie in one range.
 */
bool cma_contains(const struct cma *cma, unsigned long pfn,
		  unsigned long nr_pages)
{
	const struct cma_range *range = cma->ranges;

	for (; range < cma->ranges + cma->nr_ranges; range++)
		if (pfn >= range->base_pfn && nr_pages <= range->nr_pages &&
		    pfn - range->base_pfn <= range->nr_pages - nr_pages)
			return true;
	return false;
}

/**
 * cma_note_rounded() - an allocated run is longer than was asked for
 * @cma: active area
 * @pfn: the first page
 * @nr_pages: so many were asked for
 *
 * Context: any; takes the area's lock. Its owner doesn't know of the run yet.
 */
void cma_note_rounded(struct cma *cma, unsigned long pfn,
		      unsigned long nr_pages)
{
	unsigned long last = cma_pfn_to_unit(cma, pfn + nr_pages - 1), flags;

	spin_lock_irqsave(&cma->lock, flags);
	/* Unless somebody has released what isn't theirs. */
	if (test_bit(last, cma->last))
		__set_bit(last, cma->rounded);
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_ends_unit() - do these pages end where a unit does, or what was asked for?
 * @cma: active area
 * @pfn: the first page, where a unit begins
 * @nr_pages: number of pages in the area, at least one
 *
 * A part of a unit stays with its owner, which gives back all of it: with the end
 * of a run also what it was rounded up by. Of a run that wasn't, the owner would have
 * the rest in use yet; by how many pages it was isn't known.
 *
 * Context: any. Unless the caller has allocated them the answer is a hint.
 * Return: true if they do.
 */
bool cma_ends_unit(const struct cma *cma, unsigned long pfn,
		   unsigned long nr_pages)
{
	unsigned long last = cma_pfn_to_unit(cma, pfn + nr_pages - 1);

	return IS_ALIGNED(nr_pages, 1UL << cma->order_per_bit) ||
	       test_bit(last, cma->rounded);
}

/**
 * cma_overlaps() - does an area have some of these pages?
 * @cma: the area, active or not
 * @pfn: the first page
 * @nr_pages: number of pages
 *
 * Context: any.
 * Return: true if at least one page is the area's; what lies between two ranges
 * of the area isn't.
 */
bool cma_overlaps(const struct cma *cma, unsigned long pfn,
		  unsigned long nr_pages)
{
	const struct cma_range *range = cma->ranges;
	unsigned long end = pfn + nr_pages;

	for (; range < cma->ranges + cma->nr_ranges; range++)
		if (nr_pages && range->base_pfn < end &&
		    pfn < range->base_pfn + range->nr_pages)
			return true;
	return false;
}

/**
 * cma_area_of() - whose page is this?
 * @pfn: any page
 *
 * Context: any.
 * Return: the area, active or not, or NULL; no page is of two.
 */
struct cma *cma_area_of(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_overlaps(&cma_areas[i], pfn, 1))
			return &cma_areas[i];
	return NULL;
}

/* What is between two ranges is nobody's, and stays taken. */
static void cma_take_holes(struct cma *cma)
{
	const struct cma_range *range = cma->ranges;
	struct cma_extent hole;

	cma->nr_holes = 0;
	for (; range + 1 < cma->ranges + cma->nr_ranges; range++) {
		hole = cma_hole_behind(cma, range);
		runmap_take(&cma->map, hole.start, hole.count);
		cma->nr_holes += hole.count;
	}
}

/**
 * cma_area_init() - make the books of an area, with all of it lent
 * @cma: area whose ranges, unit, name and evacuator are set
 *
 * Context: may sleep. The area is still inactive; it is the caller that makes
 * it active when its pages are where the books say.
 * Return: 0, -ENOMEM, or -EFBIG for more units than a map can have; holes between
 * ranges count.
 */
int cma_area_init(struct cma *cma)
{
	unsigned long units = cma_nr_units(cma);
	unsigned long longs = BITS_TO_LONGS(units);
	unsigned long blocks = BITS_TO_LONGS(cma_nr_blocks(cma));
	size_t size = runmap_size(units);
	struct cma_books *books;

	/* What Kconfig says of an empty slot. Lock debugging comes on top. */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_DEBUG_SPINLOCK) &&
		     sizeof(struct cma) > SZ_1K + SZ_512);

	if (!size)
		return -EFBIG;
	books = cma_books_alloc(struct_size(books, bits, 3 * longs + 2 * blocks) + size);
	if (!books)
		return -ENOMEM;

	cma->books = books;
	cma->first = books->bits;
	cma->last = cma->first + longs;
	cma->rounded = cma->last + longs;
	cma->windows = (struct cma_windows) {
		.blocks = cma->rounded + longs,
		.stale = cma->rounded + longs + blocks,
		.max = cma->nr_pages / 2,
	};
	/* Alignment is a matter of the physical address, not of the offset. */
	runmap_init(&cma->map, cma->windows.stale + blocks, units,
		    cma->base_pfn >> cma->order_per_bit);
	cma_take_holes(cma);
	cma->nr_allocated = 0;
	cma->nr_claimed = 0;
	cma->nr_runs = 0;
	cma_extents_init(&cma->ready, books->extents);
	cma->ready_next = 0;
	cma->ready_idle = 0;
	cma->ready_min = 0;
	cma->ready_max = 0;
	cma->borrow = CMA_BORROW_ALL;
	cma->heap_max = cma->nr_pages;
	cma_skip_init(&cma->skip, books->notes);
	spin_lock_init(&cma->lock);
	INIT_LIST_HEAD(&cma->claims);
	INIT_LIST_HEAD(&cma->turns);
	init_waitqueue_head(&cma->claim_end);
	ratelimit_state_init(&cma->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	return 0;
}

/**
 * cma_area_destroy() - free the books of an area
 * @cma: area that is not active, or not any more
 *
 * Context: may sleep. Nobody else uses the area.
 */
void cma_area_destroy(struct cma *cma)
{
	kvfree(cma->books);
}

/**
 * cma_get_usage() - how much of an area is lent, ready, claimed and allocated
 * @cma: any area
 * @usage: filled, in pages; the four states add up to the total. An area that isn't
 *	active is all zeroes but for the total.
 *
 * Context: any; takes the area's lock for two searches of each READY extent.
 */
void cma_get_usage(struct cma *cma, struct cma_usage *usage)
{
	unsigned int order = cma->order_per_bit;
	unsigned long flags;

	*usage = (struct cma_usage){ .total = cma->nr_pages };
	if (!cma_is_active(cma))
		return;

	spin_lock_irqsave(&cma->lock, flags);
	usage->lent = cma->map.nr_free << order;
	usage->ready = cma->ready.total << order;
	usage->claimed = cma->nr_claimed << order;
	usage->allocated = cma->nr_allocated << order;
	usage->largest = cma_open_longest(&cma->map, &cma->ready) << order;
	usage->nr_runs = cma->nr_runs;
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_activation_failed() - couldn't an area be activated?
 * @cma: any area
 *
 * Then nothing can be allocated from it, ever.
 *
 * Context: any.
 * Return: false also as long as it isn't decided.
 */
bool cma_activation_failed(const struct cma *cma)
{
	/* Pairs with the release in cma_set_state(). */
	return smp_load_acquire(&cma->state) == CMA_AREA_FAILED;
}

/**
 * cma_get_base() - where an area begins
 * @cma: the area
 *
 * Context: any.
 * Return: its lowest physical address. An area of several ranges isn't all that
 * follows; see cma_pages_valid() and cma_intersects().
 */
phys_addr_t cma_get_base(const struct cma *cma)
{
	return PFN_PHYS(cma->base_pfn);
}

/**
 * cma_get_size() - how large an area is
 * @cma: the area
 *
 * Context: any.
 * Return: its size in bytes.
 */
unsigned long cma_get_size(const struct cma *cma)
{
	return cma->nr_pages << PAGE_SHIFT;
}

/**
 * cma_get_name() - what an area is called
 * @cma: the area
 *
 * Context: any.
 * Return: its name, unique among the areas.
 */
const char *cma_get_name(const struct cma *cma)
{
	return cma ? cma->name : "(null)";
}
EXPORT_SYMBOL_GPL(cma_get_name);

/**
 * cma_for_each_area() - call a function for each area, in order of declaration
 * @it: called with the area and @data; a result other than 0 ends the walk
 * @data: handed through
 *
 * Context: that of @it.
 * Return: the last result of @it, 0 when there is no area.
 */
int cma_for_each_area(int (*it)(struct cma *cma, void *data), void *data)
{
	unsigned int i;
	int ret;

	for (i = 0; i < cma_area_count; i++) {
		ret = it(&cma_areas[i], data);
		if (ret)
			return ret;
	}
	return 0;
}

static int cma_add_ready(struct cma *cma, void *data)
{
	unsigned long *pages = data;

	if (cma_is_active(cma))
		*pages += READ_ONCE(cma->ready.total) << cma->order_per_bit;
	return 0;
}

static int cma_add_allocated(struct cma *cma, void *data)
{
	unsigned long *pages = data;

	if (cma_is_active(cma))
		*pages += READ_ONCE(cma->nr_allocated) << cma->order_per_bit;
	return 0;
}

/**
 * cma_ready_total() - READY memory of all areas
 *
 * Context: any.
 * Return: number of pages.
 */
unsigned long cma_ready_total(void)
{
	unsigned long pages = 0;

	cma_for_each_area(cma_add_ready, &pages);
	return pages;
}

/**
 * cma_allocated_total() - memory of all areas that is handed out
 *
 * Context: any.
 * Return: number of pages.
 */
unsigned long cma_allocated_total(void)
{
	unsigned long pages = 0;

	cma_for_each_area(cma_add_allocated, &pages);
	return pages;
}

/**
 * cma_is_run_locked() - are these units exactly what one request got?
 * @cma: active area
 * @run: the units, at least one
 *
 * Context: any, with the area's lock.
 * Return: true if they are.
 */
bool cma_is_run_locked(const struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	unsigned long end = cma_extent_end(run);

	lockdep_assert_held(&cma->lock);
	return test_bit(run.start, cma->first) &&
	       find_next_bit(cma->last, end, run.start) == end - 1;
}

/* Has a hole or a claim one of these units? */
static bool cma_is_touched_locked(const struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	const struct cma_claim *claim;

	lockdep_assert_held(&cma->lock);
	if (!cma_contains(cma, cma_run_to_pfn(cma, run),
			  cma_run_to_pages(cma, run)))
		return true;
	list_for_each_entry(claim, &cma->claims, node)
		if (cma_extent_meets(claim->run, run))
			return true;
	return false;
}

/**
 * cma_are_allocated_locked() - are all of these units allocated?
 * @cma: active area
 * @run: the units
 *
 * They can be one run, a part of one, or parts of several that touch.
 *
 * Context: any, with the area's lock; one step for 64 units.
 * Return: false also for no units, and for some that the area hasn't got.
 */
bool cma_are_allocated_locked(const struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	unsigned long nr = cma->map.nr;

	lockdep_assert_held(&cma->lock);
	if (!run.count || run.start >= nr || run.count > nr - run.start)
		return false;
	return cma_is_run_locked(cma, run) ||
	       (runmap_is_taken(&cma->map, run.start, run.count) &&
		!cma_extents_overlap(&cma->ready, run) &&
		!cma_is_touched_locked(cma, run));
}

/**
 * cma_are_allocated() - are all of these pages allocated?
 * @cma: the area
 * @pfn: first page, in the area
 * @nr_pages: number of pages
 *
 * Context: any; takes the area's lock.
 * Return: true if they could be released now.
 */
bool cma_are_allocated(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages)
{
	unsigned long flags;
	bool allocated;

	if (!cma_is_active(cma) ||
	    !IS_ALIGNED(pfn - cma->base_pfn, 1UL << cma->order_per_bit))
		return false;
	spin_lock_irqsave(&cma->lock, flags);
	allocated = cma_are_allocated_locked(cma, cma_pages_to_run(cma, pfn,
								   nr_pages));
	spin_unlock_irqrestore(&cma->lock, flags);
	return allocated;
}
