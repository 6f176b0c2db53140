// SPDX-License-Identifier: GPL-2.0
/*
 * A bitmap that is searched for runs in logarithmic time. runmap_tree.h says
 * how the summaries above it are made.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "runmap_tree.h"

/* ---- Searching -------------------------------------------------------- */

/* A node on the way from left to right. */
struct place {
	unsigned int order;
	unsigned long index;
};

static unsigned long place_start(const struct place *at)
{
	return at->index << at->order;
}

/*
 * Go on to the widest node that starts where this one ends. A way through the
 * whole tree meets each order at most twice. False at the end of the map.
 */
static bool step_right(const struct runmap *map, struct place *at)
{
	at->index++;
	while (!(at->index & 1) && at->order < map->root_order) {
		at->index /= 2;
		at->order++;
	}
	return place_start(at) < map->skew + map->nr;
}

/* The reverse: the widest node that ends where this one starts. */
static bool step_left(const struct runmap *map, struct place *at)
{
	if (place_start(at) <= map->skew)
		return false;
	at->index--;
	while ((at->index & 1) && at->order < map->root_order) {
		at->index /= 2;
		at->order++;
	}
	return true;
}

/*
 * Leave in @starts the units at which @count set ones begin, as in "Hacker's
 * Delight" (H. Warren, 2nd edition), 6-2.
 */
static void keep_starts(unsigned long *starts, unsigned long count)
{
	DECLARE_BITMAP(shifted, LEAF_UNITS);
	unsigned long have, more;

	for (have = 1; have < count; have += more) {
		more = min(have, count - have);
		bitmap_shift_right(shifted, starts, more, LEAF_UNITS);
		bitmap_and(starts, starts, shifted, LEAF_UNITS);
	}
}

/* The same for alignments that leave few places to be looked at one by one. */
static unsigned long find_aligned(const unsigned long *bits, unsigned long pos,
				  const struct runmap_query *query)
{
	unsigned long step = BIT(query->align), end;

	for (pos = ALIGN(pos, step); pos + query->count <= LEAF_UNITS;
	     pos = ALIGN(end + 1, step)) {
		end = find_next_bit(bits, LEAF_UNITS, pos);
		if (end - pos >= query->count)
			return pos;
	}
	return RUNMAP_NONE;
}

/* Find a run from @pos on that does not leave the leaf of @pos. */
static unsigned long find_in_leaf(const struct runmap *map, unsigned long pos,
				  const struct runmap_query *query)
{
	DECLARE_BITMAP(starts, LEAF_UNITS);
	unsigned long leaf = pos >> LEAF_ORDER, mask = aligned_bits(query->align);
	unsigned int align = query->align, word;

	if (!IS_ALIGNED(leaf * LEAF_UNITS, BIT(align)))
		return RUNMAP_NONE;

	if (query->count == 1 && !align) {
		pos = find_next_zero_bit(leaf_bits(map, leaf), LEAF_UNITS,
					 pos % LEAF_UNITS);
		return pos < LEAF_UNITS ? leaf * LEAF_UNITS + pos : RUNMAP_NONE;
	}
	if (align >= WORD_ORDER) {
		pos = find_aligned(leaf_bits(map, leaf), pos % LEAF_UNITS, query);
		return pos == RUNMAP_NONE ? pos : leaf * LEAF_UNITS + pos;
	}

	bitmap_complement(starts, leaf_bits(map, leaf), LEAF_UNITS);
	bitmap_clear(starts, 0, pos % LEAF_UNITS);
	keep_starts(starts, query->count);

	for (word = 0; word < LEAF_WORDS; word++)
		if (starts[word] & mask)
			return leaf * LEAF_UNITS + word * BITS_PER_LONG +
			       __ffs(starts[word] & mask);
	return RUNMAP_NONE;
}

/*
 * The longest run of a node that begins at a multiple of 1 << align, where
 * the node is of the order align at least.
 */
static u32 best_of(const struct runmap_node *node, unsigned int order,
		   unsigned int align)
{
	return align < order ? node->best[align] : node->prefix;
}

/*
 * Find the lowest run in a node that is known to hold one, though not at its
 * own start; nor does any node on the way: a left child starts where its parent
 * does, and what starts at a right one is found as a run across the middle.
 * So the way ends above the order of the alignment.
 */
static unsigned long descend(const struct runmap *map, struct place at,
			     const struct runmap_query *query)
{
	while (at.order > LEAF_ORDER) {
		const struct runmap_node *left, *right;
		u32 across;

		at.order--;
		at.index *= 2;
		left = node_at(map, at.order, at.index);
		if (best_of(left, at.order, query->align) >= query->count)
			continue;

		at.index++;
		right = node_at(map, at.order, at.index);
		across = left->suffix & -BIT(query->align);
		if (across + right->prefix >= query->count)
			return place_start(&at) - across;
	}
	return find_in_leaf(map, place_start(&at), query);
}

/*
 * Find the lowest run at or above a position, for an alignment below the order
 * of the root. From the start of the map the whole tree is one step, otherwise
 * the way goes up from a leaf. @run is where the free run begins that ends
 * where the node starts, or else that start itself.
 */
static unsigned long search_tree(const struct runmap *map,
				 const struct runmap_query *query)
{
	struct place at = { .order = map->root_order };
	unsigned long pos = map->skew + query->from, run = 0;

	if (query->from) {
		const struct runmap_node *leaf;
		unsigned long found = RUNMAP_NONE;

		at = (struct place){ LEAF_ORDER, pos >> LEAF_ORDER };
		leaf = node_at(map, LEAF_ORDER, at.index);
		if (best_of(leaf, LEAF_ORDER, query->align) >= query->count)
			found = find_in_leaf(map, pos, query);
		if (found != RUNMAP_NONE)
			return found;
		run = max(pos, place_start(&at) + LEAF_UNITS - leaf->suffix);
		if (!step_right(map, &at))
			return RUNMAP_NONE;
	}

	do {
		const struct runmap_node *node;
		unsigned long start = place_start(&at);

		node = node_at(map, at.order, at.index);
		pos = ALIGN(run, BIT(query->align));
		if (pos + query->count <= start + node->prefix)
			return pos;
		if (query->align < at.order &&
		    node->best[query->align] >= query->count)
			return descend(map, at, query);
		if (node->prefix < BIT(at.order))
			run = start + BIT(at.order) - node->suffix;
	} while (step_right(map, &at));

	return RUNMAP_NONE;
}

/*
 * The first unit at or above @from whose address is a multiple of 1 << align.
 * What is beyond the map may be anything from its end on.
 */
static unsigned long next_aligned(const struct runmap *map, unsigned long from,
				  unsigned int align)
{
	unsigned long gap = -(map->origin + from) & (BIT(align) - 1);

	return gap < map->nr - from ? from + gap : map->nr;
}

/**
 * runmap_find() - find the lowest free run
 * @map: the map
 * @query: the length, alignment and limits that are asked for
 *
 * Takes time in the logarithm of the map's size, for each alignment and
 * wherever the limits are. To prefer a place, search from there first and then
 * from 0.
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: the first unit of the run, or %RUNMAP_NONE. A count of 0 and an
 * alignment of BITS_PER_LONG or more are never found.
 */
unsigned long runmap_find(const struct runmap *map,
			  const struct runmap_query *query)
{
	unsigned long to = min(query->to, map->nr), start;

	if (!query->count || query->align >= BITS_PER_LONG ||
	    query->from >= to || query->count > to - query->from)
		return RUNMAP_NONE;

	if (query->align < map->root_order) {
		start = search_tree(map, query);
		if (start == RUNMAP_NONE)
			return RUNMAP_NONE;
		start -= map->skew;
	} else {
		start = next_aligned(map, query->from, query->align);
		if (!runmap_is_free(map, start, query->count))
			return RUNMAP_NONE;
	}
	/* It is the lowest one: when it passes the limit, so do the others. */
	return start + query->count <= to ? start : RUNMAP_NONE;
}
EXPORT_SYMBOL_GPL(runmap_find);

/**
 * runmap_largest() - length of the longest free run at an aligned address
 * @map: the map
 * @align: the run begins at an address that is a multiple of 1 << @align
 *
 * Takes constant time for alignments within the size of the map, else the time
 * of one runmap_next_taken().
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: the length in units, 0 when there is no free unit so aligned.
 */
unsigned long runmap_largest(const struct runmap *map, unsigned int align)
{
	unsigned long start;

	if (!map->nr || align >= BITS_PER_LONG)
		return 0;
	if (align < map->root_order)
		return node_at(map, map->root_order, 0)->best[align];

	start = next_aligned(map, 0, align);
	return runmap_next_taken(map, start) - start;
}
EXPORT_SYMBOL_GPL(runmap_largest);

/**
 * runmap_next_free() - find the first free unit at or above a unit
 * @map: the map
 * @from: where to begin
 *
 * Takes time in the logarithm of the map's size.
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: the unit, or the number of units of the map when there is none.
 */
unsigned long runmap_next_free(const struct runmap *map, unsigned long from)
{
	const struct runmap_query one = {
		.count = 1, .from = from, .to = map->nr,
	};

	return min(runmap_find(map, &one), map->nr);
}
EXPORT_SYMBOL_GPL(runmap_next_free);

/**
 * runmap_next_taken() - find the first taken unit at or above a unit
 * @map: the map
 * @from: where to begin
 *
 * Takes time in the logarithm of the map's size.
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: the unit, or the number of units of the map when there is none.
 */
unsigned long runmap_next_taken(const struct runmap *map, unsigned long from)
{
	unsigned long pos = map->skew + from, bit;
	struct place at = { LEAF_ORDER, pos >> LEAF_ORDER };

	if (from >= map->nr)
		return map->nr;

	/* at the latest the unit behind the map, which counts as taken */
	bit = find_next_bit(leaf_bits(map, at.index), LEAF_UNITS,
			    pos % LEAF_UNITS);
	if (bit < LEAF_UNITS)
		return place_start(&at) + bit - map->skew;

	while (step_right(map, &at)) {
		u32 prefix = node_at(map, at.order, at.index)->prefix;

		/* a node that is not free throughout: its prefix ends here */
		if (prefix < BIT(at.order))
			return place_start(&at) + prefix - map->skew;
	}
	return map->nr;
}
EXPORT_SYMBOL_GPL(runmap_next_taken);

/**
 * runmap_run_start() - find where the free run begins that ends at a unit
 * @map: the map
 * @end: the unit behind the run
 *
 * Takes time in the logarithm of the map's size.
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: the first unit of the run, @end itself when the unit below isn't free or
 * isn't of the map.
 */
unsigned long runmap_run_start(const struct runmap *map, unsigned long end)
{
	unsigned long last = map->skew + end - 1, bits, bit;
	struct place at = { LEAF_ORDER, last >> LEAF_ORDER };

	if (!end || end > map->nr)
		return end;

	/* at the latest the unit below the map, which counts as taken */
	bits = last % LEAF_UNITS + 1;
	bit = find_last_bit(leaf_bits(map, at.index), bits);
	if (bit < bits)
		return place_start(&at) + bit + 1 - map->skew;

	while (step_left(map, &at)) {
		u32 suffix = node_at(map, at.order, at.index)->suffix;

		/* a node that is not free throughout: its suffix begins here */
		if (suffix < BIT(at.order))
			return place_start(&at) + BIT(at.order) - suffix -
			       map->skew;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(runmap_run_start);

/**
 * runmap_next_run() - find the next maximal free run
 * @map: the map
 * @from: where to begin; becomes the unit behind the run
 * @start: becomes the first unit of the run
 * @end: becomes the unit behind its last one
 *
 * A step of runmap_for_each_free(), in the time of two searches.
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: false when no unit at or above @from is free.
 */
bool runmap_next_run(const struct runmap *map, unsigned long *from,
		     unsigned long *start, unsigned long *end)
{
	*start = runmap_next_free(map, *from);
	*end = runmap_next_taken(map, *start);
	*from = *end;
	return *start < map->nr;
}
EXPORT_SYMBOL_GPL(runmap_next_run);

static bool in_map(const struct runmap *map, unsigned long start,
		   unsigned long count)
{
	return count && start < map->nr && count <= map->nr - start;
}

/**
 * runmap_is_free() - is each unit of a range free?
 * @map: the map
 * @start: first unit
 * @count: number of units
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: false also for a range that is empty or reaches beyond the map.
 */
bool runmap_is_free(const struct runmap *map, unsigned long start,
		    unsigned long count)
{
	return in_map(map, start, count) &&
	       runmap_next_taken(map, start) - start >= count;
}
EXPORT_SYMBOL_GPL(runmap_is_free);

/**
 * runmap_is_taken() - is each unit of a range taken?
 * @map: the map
 * @start: first unit
 * @count: number of units
 *
 * Context: any; the caller keeps takers and givers out.
 * Return: false also for a range that is empty or reaches beyond the map.
 */
bool runmap_is_taken(const struct runmap *map, unsigned long start,
		     unsigned long count)
{
	return in_map(map, start, count) &&
	       runmap_next_free(map, start) - start >= count;
}
EXPORT_SYMBOL_GPL(runmap_is_taken);

/* ---- Taking and giving ------------------------------------------------ */

/**
 * runmap_take() - mark free units as taken
 * @map: the map
 * @start: first unit
 * @count: number of units
 *
 * Whole leaves are filled in, so a long range costs little more for each unit
 * than the bitmap does. A range that isn't free throughout is warned about and
 * left as it is.
 *
 * Context: any; the caller serialises.
 */
void runmap_take(struct runmap *map, unsigned long start, unsigned long count)
{
	unsigned long pos = map->skew + start;

	if (WARN_ON_ONCE(!runmap_is_free(map, start, count)))
		return;
	bitmap_set(map->bits, bit_of(map, pos), count);
	map->nr_free -= count;
	runmap_update(map, pos, count, false);
}
EXPORT_SYMBOL_GPL(runmap_take);

/**
 * runmap_give() - mark taken units as free
 * @map: the map
 * @start: first unit
 * @count: number of units
 *
 * The reverse of runmap_take(), at the same price. A range that isn't taken
 * throughout is warned about and left as it is.
 *
 * Context: any; the caller serialises.
 */
void runmap_give(struct runmap *map, unsigned long start, unsigned long count)
{
	unsigned long pos = map->skew + start;

	if (WARN_ON_ONCE(!runmap_is_taken(map, start, count)))
		return;
	bitmap_clear(map->bits, bit_of(map, pos), count);
	map->nr_free += count;
	runmap_update(map, pos, count, true);
}
EXPORT_SYMBOL_GPL(runmap_give);
