// SPDX-License-Identifier: GPL-2.0
/* The READY units of an area, as a sorted array of extents. */
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "extents.h"

/* The extent that holds a unit, or else the first one above it. */
static unsigned int extent_position(const struct cma_extents *ready, unsigned long unit)
{
	unsigned int low = 0, high = ready->nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (cma_extent_end(ready->extents[middle]) <= unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- Putting and cutting ---------------------------------------------- */

static void insert_at(struct cma_extents *ready, unsigned int at,
		      struct cma_extent run)
{
	struct cma_extent *extent = &ready->extents[at];

	memmove(extent + 1, extent, (ready->nr - at) * sizeof(*extent));
	*extent = run;
	ready->nr++;
}

static void remove_at(struct cma_extents *ready, unsigned int at)
{
	struct cma_extent *extent = &ready->extents[at];

	ready->nr--;
	memmove(extent, extent + 1, (ready->nr - at) * sizeof(*extent));
}

static bool can_put(const struct cma_extents *ready, unsigned int at,
		    struct cma_extent run)
{
	if (!run.count || run.start >= RUNMAP_MAX_UNITS ||
	    run.count > RUNMAP_MAX_UNITS - run.start)
		return false;
	return at == ready->nr ||
	       cma_extent_end(run) <= ready->extents[at].start;
}

/**
 * cma_extents_put() - add units that have become READY
 * @ready: the extents
 * @run: the units
 *
 * They merge with their neighbours. A run that holds a READY unit already is
 * warned about and refused.
 *
 * Context: any; the caller serialises.
 * Return: false, and nothing is changed, when there is no slot for it.
 */
bool cma_extents_put(struct cma_extents *ready, struct cma_extent run)
{
	unsigned int at = extent_position(ready, run.start);
	struct cma_extent *right = &ready->extents[at], *left = right - 1;
	bool touches_left, touches_right;

	if (WARN_ON_ONCE(!can_put(ready, at, run)))
		return false;

	touches_left = at > 0 && cma_extent_end(*left) == run.start;
	touches_right = at < ready->nr && cma_extent_end(run) == right->start;

	if (touches_left && touches_right) {
		left->count += run.count + right->count;
		remove_at(ready, at);
	} else if (touches_left) {
		left->count += run.count;
	} else if (touches_right) {
		right->start = run.start;
		right->count += run.count;
	} else if (ready->nr < CMA_MAX_EXTENTS) {
		insert_at(ready, at, run);
	} else {
		return false;
	}
	ready->total += run.count;
	return true;
}

/**
 * cma_extents_cut() - take units out, to hand them out or to give them back
 * @ready: the extents
 * @run: the units
 *
 * Context: any; the caller serialises.
 * Return: false, and nothing is changed, when the run isn't within one
 * extent, or lies in its middle and there is no slot for what would be left
 * above it.
 */
bool cma_extents_cut(struct cma_extents *ready, struct cma_extent run)
{
	unsigned int at = extent_position(ready, run.start);
	struct cma_extent *extent = &ready->extents[at], above;
	unsigned long below;

	if (at == ready->nr || run.start < extent->start || !run.count ||
	    run.count > cma_extent_end(*extent) - run.start)
		return false;

	below = run.start - extent->start;
	above = cma_extent_between(cma_extent_end(run),
				   cma_extent_end(*extent));

	if (below && above.count) {
		if (ready->nr == CMA_MAX_EXTENTS)
			return false;
		insert_at(ready, at + 1, above);
		extent->count = below;
	} else if (below) {
		extent->count = below;
	} else if (above.count) {
		*extent = above;
	} else {
		remove_at(ready, at);
	}
	ready->total -= run.count;
	return true;
}

/* ---- Finding ---------------------------------------------------------- */

/*
 * The next extent of at least @least and less than @below units. Requests that
 * need no evacuation spend most of their time here: so each extent takes one
 * comparison, and only every fourth one a step of the loop.
 */
static const struct cma_extent *next_of_size(const struct cma_extent *at,
					     const struct cma_extent *end,
					     u32 least, u32 below)
{
	const struct cma_extent *last_four = end - 4;
	u32 range = below - least;

	for (; at <= last_four; at += 4) {
		if (at[0].count - least < range)
			return at;
		if (at[1].count - least < range)
			return at + 1;
		if (at[2].count - least < range)
			return at + 2;
		if (at[3].count - least < range)
			return at + 3;
	}
	while (at < end && at->count - least >= range)
		at++;
	return at;
}

/* The next extent of less than @below units that holds an aligned run. */
static const struct cma_extent *next_aligned_extent(const struct cma_extent *at,
						    const struct cma_extent *end,
						    const struct runmap_query *query,
						    unsigned long origin, u32 below)
{
	unsigned long mask = BIT(query->align) - 1, gap;

	for (; at < end; at++) {
		if (at->count >= below)
			continue;
		gap = -(origin + at->start) & mask;
		if (gap + query->count <= at->count)
			break;
	}
	return at;
}

/*
 * Where in the extent the run can be cut out: at the lowest place, or at the
 * extent's end if there is no slot for what would be left above.
 */
static unsigned long place_in(const struct cma_extent *extent,
			      const struct runmap_query *query,
			      unsigned long origin, bool no_slot)
{
	unsigned long end = cma_extent_end(*extent), to = min(end, query->to);
	unsigned long from = max(extent->start, query->from), place;
	unsigned long mask = BIT(query->align) - 1;

	place = from + (-(origin + from) & mask);
	if (place >= to || query->count > to - place)
		return RUNMAP_NONE;
	if (!no_slot || place == extent->start)
		return place;

	place = end - query->count;
	if (to < end || (origin + place) & mask)
		return RUNMAP_NONE;
	return place;
}

/**
 * cma_extents_find() - find a READY run
 * @ready: the extents
 * @query: the length, alignment and limits that are asked for
 * @origin: address of unit 0, in units; see struct runmap
 *
 * Best fit: the smallest extent that the run can be cut out of, by its whole
 * length even where it passes the limits, and the lowest one of several. In the
 * extent it is the lowest place, unless all slots are in use: then the run
 * begins or ends where the extent does.
 *
 * Takes time in the number of extents, about five instructions for each.
 *
 * Context: any; the caller serialises.
 * Return: the first unit of a run that cma_extents_cut() will take out, or
 * %RUNMAP_NONE. A count of 0 and an alignment of BITS_PER_LONG or more are
 * never found.
 */
unsigned long cma_extents_find(const struct cma_extents *ready,
			       const struct runmap_query *query,
			       unsigned long origin)
{
	const struct cma_extent *at = ready->extents, *end = at + ready->nr;
	unsigned long found = RUNMAP_NONE, place;
	bool no_slot = ready->nr == CMA_MAX_EXTENTS;
	u32 best = RUNMAP_MAX_UNITS + 1;

	if (!query->count || query->count > ready->total ||
	    query->align >= BITS_PER_LONG)
		return RUNMAP_NONE;

	if (query->from)
		at += extent_position(ready, query->from);
	/* The last extent that matters is the one that crosses the limit. */
	if (query->to <= end[-1].start)
		end = ready->extents + extent_position(ready, query->to) + 1;

	for (; at < end && best > query->count; at++) {
		if (query->align)
			at = next_aligned_extent(at, end, query, origin, best);
		else
			at = next_of_size(at, end, query->count, best);
		if (at == end)
			break;
		place = place_in(at, query, origin, no_slot);
		if (place == RUNMAP_NONE)
			continue;
		found = place;
		best = at->count;
	}
	return found;
}

/* ---- Asking ----------------------------------------------------------- */

/* What two runs have in common; empty if that is nothing. */
static struct cma_extent common_extent(struct cma_extent a, struct cma_extent b)
{
	return cma_extent_between(max(a.start, b.start),
				  min(cma_extent_end(a), cma_extent_end(b)));
}

/**
 * cma_extents_next() - visit the READY units of a run
 * @ready: the extents
 * @left: what is left of the run to be visited; becomes what is behind the piece
 * @piece: becomes the next part of an extent that is within @left
 *
 * Between two steps the pieces that were visited may be cut.
 *
 * Context: any; the caller serialises.
 * Return: false when there is no further piece; @left and @piece are then as
 * they were.
 */
bool cma_extents_next(const struct cma_extents *ready, struct cma_extent *left,
		      struct cma_extent *piece)
{
	unsigned int at = extent_position(ready, left->start);
	struct cma_extent next;

	if (at == ready->nr)
		return false;
	next = common_extent(ready->extents[at], *left);
	if (!next.count)
		return false;
	*piece = next;
	*left = cma_extent_between(cma_extent_end(next), cma_extent_end(*left));
	return true;
}

/**
 * cma_extents_overlap() - count the READY units of a run
 * @ready: the extents
 * @run: the units
 *
 * Context: any; the caller serialises.
 * Return: the number of them.
 */
unsigned long cma_extents_overlap(const struct cma_extents *ready,
				  struct cma_extent run)
{
	unsigned int at = extent_position(ready, run.start);
	unsigned long sum = 0, end = cma_extent_end(run);

	for (; at < ready->nr && ready->extents[at].start < end; at++)
		sum += common_extent(ready->extents[at], run).count;
	return sum;
}

/**
 * cma_extents_surplus() - choose what to give back first
 * @ready: the extents
 * @max: so many units at most
 * @piece: becomes the end of the highest extent, or all of it
 *
 * Requests are served from below where they can be, so what lies highest is
 * the least likely to be wanted. Cutting it needs no slot.
 *
 * Context: any; the caller serialises.
 * Return: false when there is nothing to give back, or @max is 0.
 */
bool cma_extents_surplus(const struct cma_extents *ready, unsigned long max,
			 struct cma_extent *piece)
{
	const struct cma_extent *last;
	unsigned long count;

	if (!ready->nr || !max)
		return false;
	last = &ready->extents[ready->nr - 1];
	count = min(last->count, max);
	*piece = cma_extent_at(cma_extent_end(*last) - count, count);
	return true;
}

/**
 * cma_extents_check() - are the extents consistent?
 * @ready: the extents
 *
 * For tests and assertions.
 *
 * Context: any; the caller serialises.
 * Return: true if they are ascending, apart from each other, not empty, within
 * what a map describes, and as many units as it is said.
 */
bool cma_extents_check(const struct cma_extents *ready)
{
	unsigned long total = 0, end = 0;
	unsigned int at;

	if (ready->nr > CMA_MAX_EXTENTS)
		return false;
	for (at = 0; at < ready->nr; at++) {
		const struct cma_extent *extent = &ready->extents[at];

		if (!extent->count || (at && extent->start <= end))
			return false;
		end = cma_extent_end(*extent);
		if (end > RUNMAP_MAX_UNITS)
			return false;
		total += extent->count;
	}
	return total == ready->total;
}
