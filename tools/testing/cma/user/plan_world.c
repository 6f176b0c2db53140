// SPDX-License-Identifier: GPL-2.0
/* Worlds as random numbers make them: mostly small, sometimes at the edge. */
#include "plan_oracle.h"

static phys_addr_t power(struct rng *rng, unsigned int most)
{
	return (phys_addr_t)1 << rng_below(rng, most);
}

static phys_addr_t anywhere(const struct world *world, struct rng *rng)
{
	switch (rng_below(rng, 16)) {
	case 0:
		return rng_next(rng);
	case 1:
		return ADDRESS_MAX - rng_skewed(rng, 2 * WORLD_BYTES);
	default:
		return world->origin + rng_below(rng, WORLD_BYTES + 16);
	}
}

static void make_ranges(struct world *world, struct rng *rng)
{
	unsigned int range, at = 0, i;

	for (range = 1; range <= WORLD_RANGES; range++) {
		unsigned int length = rng_below(rng, WORLD_BYTES / 6);

		if (rng_below(rng, 3))
			at += rng_skewed(rng, WORLD_BYTES / 8);
		if (at + length >= WORLD_BYTES || rng_below(rng, 10) == 0)
			break;
		memset(world->owner + at, range, length);
		world->order[world->nr_ranges++] = range;
		at += length;
	}
	for (i = world->nr_ranges; i > 1; i--) {
		unsigned int other = rng_below(rng, i);
		u8 last = world->order[i - 1];

		world->order[i - 1] = world->order[other];
		world->order[other] = last;
	}
	world->request.memory_end = world->origin + at;
}

static void make_origin(struct world *world, struct rng *rng)
{
	switch (rng_below(rng, 4)) {
	case 0:
		world->origin = ADDRESS_MAX - WORLD_BYTES -
				rng_skewed(rng, WORLD_BYTES);
		break;
	case 1:
		world->origin = rng_next(rng) >> 8 & (ADDRESS_MAX >> 8);
		break;
	default:
		world->origin = rng_below(rng, 2) * rng_below(rng, 64);
	}
}

/* Make a world from nothing but @rng. */
void world_make(struct world *world, struct rng *rng)
{
	struct cma_plan_request *request = &world->request;
	unsigned int boundaries = rng_skewed(rng, CMA_PLAN_BOUNDARIES + 1);

	*world = (struct world) { 0 };
	make_origin(world, rng);
	make_ranges(world, rng);

	request->min_alignment = power(rng, 5);
	request->size = rng_skewed(rng, WORLD_BYTES);
	if (rng_below(rng, 2))
		request->alignment = power(rng, 7);
	request->unit = rng_below(rng, 3) ? power(rng, 4) : 1;
	request->fixed = rng_below(rng, 2);
	if (request->fixed || rng_below(rng, 3) == 0)
		request->base = anywhere(world, rng);
	if (rng_below(rng, 4))
		request->base &= -(request->alignment | request->min_alignment);
	if (rng_below(rng, 3) == 0)
		request->limit = anywhere(world, rng);
	if (rng_below(rng, 2))
		request->rise_from = anywhere(world, rng);
	if (rng_below(rng, 2))
		request->max_ranges = rng_below(rng, CMA_PLAN_RANGES + 1);
	while (boundaries--)
		cma_plan_add_boundary(request, anywhere(world, rng));

	if (rng_below(rng, 40) == 0)
		request->size = ADDRESS_MAX - rng_skewed(rng, WORLD_BYTES);
	if (rng_below(rng, 100) == 0)
		request->alignment = rng_next(rng);
	if (rng_below(rng, 100) == 0)
		request->unit = rng_below(rng, 2) ? rng_below(rng, 20) :
			power(rng, 8 * sizeof(phys_addr_t));
}
