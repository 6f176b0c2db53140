// SPDX-License-Identifier: GPL-2.0
/* Runs of units that are lent or READY, and not known to be stuck. */
#include <linux/bits.h>
#include <linux/minmax.h>

#include "open.h"

static void count_step(struct cma_open *open)
{
	open->steps -= !!open->steps;
}

/*
 * The lowest run that takes in a READY unit, if it is lower than @lent. READY units
 * are few extents, each of them is in the middle of what is free around it:
 *
 *	##...rrr....rr..####	from the start of the free run that ends at an
 *	  ^-------------^	extent to the end of the one behind the last
 *
 * Without steps left it stops where such a stretch begins, but not at the first one.
 */
static unsigned long find_mixed(struct cma_open *open,
				struct runmap_query *query, unsigned long lent)
{
	const struct runmap *map = open->map;
	unsigned long to = min(query->to, map->nr), mask = BIT(query->align) - 1;
	struct cma_extent left = cma_extent_between(query->from, to), piece;
	unsigned long end = RUNMAP_NONE, start, place = 0;

	while (cma_extents_next(open->ready, &left, &piece)) {
		if (piece.start != end) {
			start = max(runmap_run_start(map, piece.start),
				    query->from);
			place = start + (-(map->origin + start) & mask);
			if (place >= lent)
				break;
			open->unfinished = end != RUNMAP_NONE && !open->steps;
			if (open->unfinished) {
				query->from = start;
				return RUNMAP_NONE;
			}
		}
		end = runmap_next_taken(map, cma_extent_end(piece));
		count_step(open);
		if (place < min(end, to) && query->count <= min(end, to) - place)
			return place;
	}
	return lent;
}

static unsigned long find_open(struct cma_open *open, struct runmap_query *query)
{
	unsigned long lent = runmap_find(open->map, query);

	count_step(open);
	if (!open->ready || lent == query->from || !query->count ||
	    query->count > open->map->nr || query->align >= BITS_PER_LONG)
		return lent;
	return find_mixed(open, query, lent);
}

/**
 * cma_open_find() - find the lowest run that could be had
 * @open: what a run may be made of
 * @query: the length, alignment and limits that are asked for; @query->from moves
 *	to where nothing below has been left out
 *
 * Takes the time of one runmap_find(), and at most of one more for each extent of
 * READY units and each unit that is avoided.
 *
 * Context: any; the caller serialises.
 * Return: the first unit of the run, or %RUNMAP_NONE; then, if @open->unfinished,
 * it is to be called again with the same query, and new steps.
 */
unsigned long cma_open_find(struct cma_open *open, struct runmap_query *query)
{
	unsigned long start, avoided;

	for (open->unfinished = false; !open->unfinished;
	     open->unfinished = !open->steps) {
		start = find_open(open, query);
		if (start == RUNMAP_NONE || !open->skip)
			return start;
		avoided = cma_skip_last(open->skip,
					cma_extent_at(start, query->count),
					open->now, open->costly);
		if (avoided == RUNMAP_NONE)
			return start;
		/* Each run that begins at or below it would hold it as well. */
		query->from = avoided + 1;
	}
	return RUNMAP_NONE;
}

/**
 * cma_open_longest() - how long is the longest run that could be had?
 * @map: units that are free in it can be had
 * @ready: units that are READY can be had, too
 *
 * Takes the time of two runmap_find() for each extent of READY units.
 *
 * Context: any; the caller serialises.
 * Return: the length in units, whatever its alignment.
 */
unsigned long cma_open_longest(const struct runmap *map,
			       const struct cma_extents *ready)
{
	unsigned long longest = runmap_largest(map, 0);
	struct cma_extent left = cma_extent_at(0, map->nr), piece;
	unsigned long start = 0, end = RUNMAP_NONE;

	while (cma_extents_next(ready, &left, &piece)) {
		if (piece.start != end)
			start = runmap_run_start(map, piece.start);
		end = runmap_next_taken(map, cma_extent_end(piece));
		longest = max(longest, end - start);
	}
	return longest;
}
