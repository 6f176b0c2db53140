// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of several ranges: what they consist of, by trying each piece that there could
 * be; and what has to hold whatever was chosen.
 */
#include "plan_oracle.h"

struct piece {
	wide start, size;
};

static wide behind(struct piece piece)
{
	return piece.start + piece.size;
}

/* Does the byte belong to what was taken, or would a piece with it touch that? */
static bool is_near(const struct piece *taken, unsigned int nr, wide at)
{
	while (nr--)
		if (at + 1 >= taken[nr].start && at <= behind(taken[nr]))
			return true;
	return false;
}

/* Can a piece be longer by a byte, as memory and limits are, and what was taken? */
static bool goes_on(const struct world *world, const struct window *window,
		    const struct piece *taken, unsigned int nr, struct piece piece)
{
	wide at = behind(piece);

	return at < window->high && world_owner(world, at) &&
	       !is_near(taken, nr, at) &&
	       (!piece.size || world_joined(world, at - 1));
}

/* Of all the pieces that there could be the largest, and of those the highest. */
static struct piece best_piece(const struct world *world,
			       const struct window *window,
			       const struct piece *taken, unsigned int nr)
{
	struct piece best = { }, piece;
	wide start;

	for (start = window->low; start < window->high; start++) {
		if (start % window->step)
			continue;
		piece = (struct piece){ .start = start };
		while (goes_on(world, window, taken, nr, piece))
			if (++piece.size % window->step == 0 &&
			    piece.size >= best.size)
				best = piece;
	}
	return best;
}

/**
 * world_gather() - the ranges that an area has if it fits nowhere as a whole
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
	struct piece taken[CMA_PLAN_RANGES], best;
	wide missing = window->size;
	unsigned int nr = 0;

	while (missing && nr < world->request.max_ranges) {
		best = best_piece(world, window, taken, nr);
		if (!best.size)
			return 0;
		/* Of the last one there is more than needed: its upper end. */
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

/* Are the ranges of a plan an area, however they were chosen? */
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
