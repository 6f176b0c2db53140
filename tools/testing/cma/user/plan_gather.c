// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of several ranges: what they consist of, by drawing all holes byte by byte
 * and sorting them; and what has to hold whatever was chosen.
 */
#include "plan_oracle.h"

#define HOLES	(2 * WORLD_RANGES + CMA_PLAN_BOUNDARIES)

struct hole {
	wide start, size;
};

static int larger_first(const void *left, const void *right)
{
	const struct hole *a = left, *b = right;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->start > b->start ? -1 : 1;
}

/* Aligned pieces of all holes between @low and @high, the largest one first. */
static unsigned int draw_holes(const struct world *world, wide step, wide low,
			       wide high, struct hole *holes)
{
	unsigned int nr = 0;
	wide at, start, end;

	for (at = low; at < high; at++) {
		if (!world_owner(world, at))
			continue;
		start = at;
		while (at + 1 < high && world_joined(world, at))
			at++;
		end = at + 1;
		while (start < end && start % step)
			start++;
		holes[nr] = (struct hole) { start, (end - start) / step * step };
		nr += holes[nr].size > 0;
	}
	qsort(holes, nr, sizeof(*holes), larger_first);
	return nr;
}

static bool is_inside(const struct hole *parts, unsigned int nr, wide at)
{
	while (nr--)
		if (at >= parts[nr].start && at < parts[nr].start + parts[nr].size)
			return true;
	return false;
}

/* What of a hole doesn't touch anything that was taken */
static struct hole apart(struct hole hole, wide step, const struct hole *taken,
			 unsigned int nr)
{
	if (hole.size && is_inside(taken, nr, hole.start + hole.size))
		hole.size -= step;
	if (hole.size && hole.start && is_inside(taken, nr, hole.start - 1)) {
		hole.start += step;
		hole.size -= step;
	}
	return hole;
}

/**
 * world_gather - the ranges that an area has if it fits nowhere as a whole
 * @world: memory and request
 * @window: alignment, size and limits of the area
 * @parts: room for CMA_PLAN_RANGES pieces, in the order in which they are taken
 *
 * Return: their number; 0 if they can't hold the area together.
 */
unsigned int world_gather(const struct world *world,
			  const struct window *window,
			  struct cma_plan_range *parts)
{
	struct hole holes[HOLES], taken[CMA_PLAN_RANGES], hole, best;
	wide missing = window->size, step = window->step;
	unsigned int all, nr = 0, i, at;

	all = draw_holes(world, step, window->low, window->high, holes);
	while (missing && nr < world->request.max_ranges) {
		best = (struct hole) { };
		for (i = 0, at = 0; i < all; i++) {
			hole = apart(holes[i], step, taken, nr);
			if (hole.size && (!best.size || larger_first(&hole, &best) < 0)) {
				best = hole;
				at = i;
			}
		}
		if (!best.size)
			return 0;
		holes[at].size = 0;
		if (best.size > missing) {
			best.start += best.size - missing;
			best.size = missing;
		}
		missing -= best.size;
		parts[nr].base = best.start;
		parts[nr].size = best.size;
		taken[nr++] = best;
	}
	return missing ? 0 : nr;
}

/* Are the ranges of a plan an area, whoever chose them? */
bool world_holds(const struct world *world, const struct cma_plan *plan)
{
	wide sum = 0, at, end = 0;
	unsigned int i;

	for (i = 0; i < plan->nr_ranges; i++) {
		const struct cma_plan_range *range = &plan->ranges[i];

		if (!range->size || range->base % plan->base_alignment ||
		    range->size % plan->alignment ||
		    (i && range->base <= end))
			return false;
		end = (wide)range->base + range->size;
		if (world->request.limit && end > world->request.limit)
			return false;
		for (at = range->base; at < end; at++)
			if (!world_owner(world, at) ||
			    (!world->request.fixed && at + 1 < end &&
			     !world_joined(world, at)))
				return false;
		sum += range->size;
	}
	return sum == plan->size && plan->base == plan->ranges[0].base &&
	       plan->base >= world->request.base;
}
