// SPDX-License-Identifier: GPL-2.0
/*
 * The figures of an area, and its units as others may look at them.
 *
 * Whatever looks at units holds the lock of the area for CMA_VIEW_PIECE of
 * them at most: interrupts are off meanwhile, and an area can have 2^28 units.
 * So each piece is right, but two pieces can be of different moments.
 */
#include <linux/bitmap.h>
#include <linux/init.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/pfn.h>
#include <linux/sched.h>

#include "init.h"
#include "owner.h"
#include "stats.h"

static u64 read_usage(struct cma *cma, size_t where)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	return *(unsigned long *)((char *)&usage + where);
}

static u64 read_used(struct cma *cma, size_t where)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	return usage.claimed + usage.allocated;
}

/* What later kernels call so, where what isn't handed out is free. */
static u64 read_available(struct cma *cma, size_t where)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	return usage.total - usage.allocated;
}

static u64 read_stats(struct cma *cma, size_t where)
{
	return atomic64_read((atomic64_t *)((char *)&cma->stats + where));
}

static u64 read_long(struct cma *cma, size_t where)
{
	return *(unsigned long *)((char *)cma + where);
}

/* Kept in units, shown in pages. */
static u64 read_units(struct cma *cma, size_t where)
{
	return read_long(cma, where) << cma->order_per_bit;
}

static u64 read_int(struct cma *cma, size_t where)
{
	return *(unsigned int *)((char *)cma + where);
}

static u64 read_heap(struct cma *cma, size_t where)
{
	return atomic64_read(&cma->heap_pages);
}

static u64 read_quick(struct cma *cma, size_t where)
{
	return min(READ_ONCE(cma->windows.nr) * pageblock_nr_pages, cma->nr_pages);
}

static u64 read_borrow(struct cma *cma, size_t where)
{
	return READ_ONCE(cma->borrow);
}

/* 1 or 0: a figure that has words is the number of one. */
static u64 read_owners(struct cma *cma, size_t where)
{
	return cma_keeps_owners(cma);
}

static u64 read_base(struct cma *cma, size_t where)
{
	return PFN_PHYS(cma->base_pfn);
}

#define FIGURE(_name, _mode, _read, _where) {				\
	.attr = { .name = _name, .mode = _mode },			\
	.read = _read,							\
	.where = _where,						\
}

#define USAGE(_name, _field)						\
	FIGURE(_name, 0444, read_usage, offsetof(struct cma_usage, _field))
#define STATS(_name, _field)						\
	FIGURE(_name, 0444, read_stats, offsetof(struct cma_stats, _field))

#define KNOB(_name, _field, _write) {					\
	.attr = { .name = _name, .mode = 0644 },			\
	.read = read_units,						\
	.write = _write,						\
	.where = offsetof(struct cma, _field),				\
}

/* Names are ABI: Documentation/ABI/testing/sysfs-kernel-mm-cma */
static struct cma_figure area_figures[] = {
	STATS("alloc_pages_success", alloc_pages),
	STATS("alloc_pages_fail", fail_pages),
	STATS("release_pages_success", release_pages),
	STATS("fallbacks", fallbacks),
	STATS("ready_hits", ready_hits),
	STATS("moved_pages", moved_pages),
	STATS("dropped_pages", dropped_pages),
	STATS("moved_in_pages", moved_in_pages),
	STATS("attempts", attempts),
	STATS("waits", waits),
	USAGE("total_pages", total),
	FIGURE("available_pages", 0444, read_available, 0),
	USAGE("lent_pages", lent),
	USAGE("ready_pages", ready),
	USAGE("claimed_pages", claimed),
	USAGE("allocated_pages", allocated),
	FIGURE("allocated_max", 0444, read_units, offsetof(struct cma, max_allocated)),
	USAGE("largest_run", largest),
	USAGE("allocated_runs", nr_runs),
	KNOB("ready_min", ready_min, cma_set_ready_min),
	KNOB("ready_max", ready_max, cma_set_ready_max),
	FIGURE("heap_pages", 0444, read_heap, 0),
	{
		.attr = { .name = "heap_max", .mode = 0644 },
		.read = read_long,
		.write = cma_set_heap_max,
		.where = offsetof(struct cma, heap_max),
	},
	FIGURE("quick_pages", 0444, read_quick, 0),
	{
		.attr = { .name = "quick_max", .mode = 0644 },
		.read = read_long,
		.write = cma_set_quick_max,
		.where = offsetof(struct cma, windows.max),
	},
	{
		.attr = { .name = "borrow", .mode = 0644 },
		.read = read_borrow,
		.name = cma_borrow_name,
		.choose = cma_choose_borrow,
	},
	{
		.attr = { .name = "owners", .mode = 0644 },
		.read = read_owners,
		.name = cma_owners_name,
		.choose = cma_choose_owners,
	},
	/* Where memory lies is the business of those alone that can read it anyway. */
	{
		.attr = { .name = "base", .mode = 0400 },
		.read = read_base,
		.address = true,
	},
};

/* Names are what scripts of many years rely on. */
static struct cma_figure debug_figures[] = {
	FIGURE("base_pfn", 0444, read_long, offsetof(struct cma, base_pfn)),
	FIGURE("count", 0444, read_long, offsetof(struct cma, nr_pages)),
	FIGURE("order_per_bit", 0444, read_int,
	       offsetof(struct cma, order_per_bit)),
	FIGURE("nr_ranges", 0444, read_int, offsetof(struct cma, nr_ranges)),
	FIGURE("used", 0444, read_used, 0),
	USAGE("maxchunk", largest),
};

/* One for each reason or kind, filled in when the kernel boots. */
static struct cma_figure failure_figures[NR_CMA_REASONS - 1];
static struct cma_figure blocker_figures[NR_CMA_PAGE_KINDS];

const struct cma_figures cma_figures[NR_CMA_FIGURE_DIRS] = {
	[CMA_FIGURES_AREA] = {
		.figures = area_figures,
		.nr = ARRAY_SIZE(area_figures),
	},
	[CMA_FIGURES_FAILURES] = {
		.dir = "failures",
		.figures = failure_figures,
		.nr = ARRAY_SIZE(failure_figures),
	},
	[CMA_FIGURES_BLOCKERS] = {
		.dir = "blockers",
		.figures = blocker_figures,
		.nr = ARRAY_SIZE(blocker_figures),
	},
	[CMA_FIGURES_DEBUG] = {
		.figures = debug_figures,
		.nr = ARRAY_SIZE(debug_figures),
	},
};

static void __init name_counter(struct cma_figure *figure, const char *name,
				size_t where)
{
	*figure = (struct cma_figure)FIGURE(name, 0444, read_stats, where);
}

/**
 * cma_views_init() - name the figures of reasons and kinds
 *
 * Their names are kept in one place, which isn't here.
 *
 * Context: boot, see init.c.
 */
void __init cma_views_init(void)
{
	unsigned int i;

	for (i = CMA_REASON_NONE + 1; i < NR_CMA_REASONS; i++)
		name_counter(&failure_figures[i - 1], cma_reason_name(i),
			     offsetof(struct cma_stats, reasons) +
			     i * sizeof(atomic64_t));
	for (i = 0; i < NR_CMA_PAGE_KINDS; i++)
		name_counter(&blocker_figures[i], cma_page_kind_name(i),
			     offsetof(struct cma_stats, blockers) +
			     i * sizeof(atomic64_t));
}

/**
 * cma_unit_state_name() - the word for a state
 * @state: the state
 *
 * Context: Any.
 * Return: a constant string.
 */
const char *cma_unit_state_name(enum cma_unit_state state)
{
	static const char * const names[] = {
		[CMA_UNIT_LENT] = "lent",
		[CMA_UNIT_READY] = "ready",
		[CMA_UNIT_CLAIMED] = "claimed",
		[CMA_UNIT_ALLOCATED] = "allocated",
		[CMA_UNIT_HOLE] = "hole",
	};

	return names[state];
}

static const struct cma_claim *claim_of_locked(struct cma *cma,
					       unsigned long unit)
	__must_hold(&cma->lock)
{
	const struct cma_claim *claim;

	lockdep_assert_held(&cma->lock);
	list_for_each_entry(claim, &cma->claims, node)
		if (cma_extent_meets(claim->run, cma_extent_at(unit, 1)))
			return claim;
	return NULL;
}

/* The end of the hole that a unit is in, 0 if it is in none. */
static unsigned long hole_end(const struct cma *cma, unsigned long unit)
{
	unsigned long pfn = cma_unit_to_pfn(cma, unit);
	const struct cma_range *range = cma->ranges;

	for (; range + 1 < cma->ranges + cma->nr_ranges; range++)
		if (pfn >= range->base_pfn + range->nr_pages &&
		    pfn < range[1].base_pfn)
			return cma_pfn_to_unit(cma, range[1].base_pfn);
	return 0;
}

/*
 * The end of the run that a unit is in. 0 when the end wasn't reached within one
 * piece; then all of that is allocated.
 */
static unsigned long end_of_locked(struct cma *cma, unsigned long unit,
				   enum cma_unit_state *state)
	__must_hold(&cma->lock)
{
	struct cma_extent left = cma_extent_between(unit, cma->map.nr), piece;
	unsigned long limit = min(unit + CMA_VIEW_PIECE, cma->map.nr), end;
	const struct cma_claim *claim;

	lockdep_assert_held(&cma->lock);
	*state = CMA_UNIT_LENT;
	end = runmap_next_taken(&cma->map, unit);
	if (end > unit)
		return end;

	*state = CMA_UNIT_CLAIMED;
	claim = claim_of_locked(cma, unit);
	if (claim)
		return cma_extent_end(claim->run);

	*state = CMA_UNIT_READY;
	if (cma_extents_next(&cma->ready, &left, &piece) && piece.start == unit)
		return cma_extent_end(piece);

	*state = CMA_UNIT_HOLE;
	end = hole_end(cma, unit);
	if (end)
		return end;

	*state = CMA_UNIT_ALLOCATED;
	end = find_next_bit(cma->last, limit, unit);
	return end < limit ? end + 1 : 0;
}

/* Returns false when the end of the run wasn't reached within one piece. */
static bool look_at(struct cma *cma, unsigned long unit, struct cma_view *run)
{
	unsigned long limit = min(unit + CMA_VIEW_PIECE, cma_nr_units(cma));
	unsigned long end, flags;

	spin_lock_irqsave(&cma->lock, flags);
	end = end_of_locked(cma, unit, &run->state);
	spin_unlock_irqrestore(&cma->lock, flags);
	run->units = cma_extent_between(unit, end ?: limit);
	return end;
}

/**
 * cma_view_at() - look at the run that a unit is in
 * @cma: an active area
 * @unit: a unit of the area; the run is looked at from here on
 * @run: out: the run
 *
 * Calling it again with the end of @run goes through the area. The runs then follow
 * each other without a gap, but the area can change between two calls.
 *
 * Context: Process context, may sleep. Takes the area's lock.
 */
void cma_view_at(struct cma *cma, unsigned long unit, struct cma_view *run)
{
	unsigned long nr = cma_nr_units(cma), end;
	bool whole = look_at(cma, unit, run);

	while (!whole && (end = cma_extent_end(run->units)) < nr) {
		struct cma_view more;

		cond_resched();
		whole = look_at(cma, end, &more);
		/* It was released in the meantime. */
		if (more.state != run->state)
			break;
		run->units.count += more.units.count;
	}
}

/**
 * cma_copy_bitmap() - copy a piece of the map of units that can't be had
 * @cma: an active area
 * @units: the piece, all of it in the map. Of what is longer than CMA_VIEW_PIECE the
 *	beginning is meant
 * @words: room for CMA_VIEW_WORDS words, aligned to a long; bit n of word m
 *	stands for unit 32 * m + n of the piece, and is set unless that is lent or ready
 *
 * Context: Any. Takes the area's lock.
 * Return: number of words that are filled. Bits in the last of them that are beyond
 * the end are clear.
 */
unsigned int cma_copy_bitmap(struct cma *cma, struct cma_extent units,
			     u32 *words)
{
	DECLARE_BITMAP(bits, CMA_VIEW_PIECE) = { };
	unsigned long unit = units.start, start, stop, end, flags;
	struct cma_extent piece;

	units.count = min(units.count, CMA_VIEW_PIECE);
	end = cma_extent_end(units);
	spin_lock_irqsave(&cma->lock, flags);
	for (start = runmap_next_taken(&cma->map, unit); start < end;
	     start = runmap_next_taken(&cma->map, stop)) {
		stop = min(runmap_next_free(&cma->map, start), end);
		bitmap_set(bits, start - unit, stop - start);
	}
	while (cma_extents_next(&cma->ready, &units, &piece))
		bitmap_clear(bits, piece.start - unit, piece.count);
	spin_unlock_irqrestore(&cma->lock, flags);

	bitmap_to_arr32(words, bits, end - unit);
	return BITS_TO_U32(end - unit);
}
