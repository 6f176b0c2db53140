// SPDX-License-Identifier: GPL-2.0
#include "plan_oracle.h"

/* What the oracle finds by trying. */
struct truth {
	enum cma_plan_verdict verdict;
	wide size, step, place, boundary, taken_start, taken_end;
	wide low, high;		/* holes are looked at between these */
	unsigned int nr_parts;
	struct cma_plan_range parts[CMA_PLAN_RANGES];
	struct cma_plan_hole hole;
};

/* The free range that a byte belongs to, 0 if it isn't free. */
unsigned int world_owner(const struct world *world, wide address)
{
	if (address < world->origin || address >= (wide)world->origin + WORLD_BYTES)
		return 0;
	return world->owner[(size_t)(address - world->origin)];
}

static bool is_boundary(const struct cma_plan_request *request, wide address)
{
	for (unsigned int i = 0; i < request->nr_boundaries; i++)
		if (request->boundaries[i] == address)
			return true;
	return false;
}

static wide up(wide number, wide step)
{
	return (number + step - 1) / step * step;
}

static enum cma_plan_verdict judge_size(const struct world *world,
					struct truth *truth)
{
	const struct cma_plan_request *request = &world->request;
	wide least = request->min_alignment;

	truth->step = least;
	if (request->size == 0)
		return CMA_PLAN_ZERO_SIZE;
	if (__builtin_popcountll(request->alignment) > 1)
		return CMA_PLAN_BAD_ALIGNMENT;
	if (request->alignment > least)
		least = request->alignment;
	truth->step = least;
	truth->size = up(request->size, least);
	if (truth->size > ADDRESS_MAX)
		return CMA_PLAN_OVERFLOW;
	if (__builtin_popcountll(request->unit) != 1 ||
	    truth->size % request->unit)
		return CMA_PLAN_UNIT;
	if (request->unit > least)
		truth->step = request->unit;
	return CMA_PLAN_OK;
}

static enum cma_plan_verdict judge_place(const struct world *world,
					 struct truth *truth)
{
	const struct cma_plan_request *request = &world->request;
	wide base = request->base, end;
	unsigned int i;

	if (base >= request->memory_end)
		return CMA_PLAN_BEYOND_MEMORY;
	if (request->limit && request->limit <= base)
		return CMA_PLAN_LIMIT_BELOW_BASE;
	if (request->fixed && base % truth->step)
		return CMA_PLAN_MISALIGNED_BASE;
	base = up(base, truth->step);
	end = base + truth->size;
	if (end > ADDRESS_MAX)
		return CMA_PLAN_OVERFLOW;
	if (end > request->memory_end)
		return CMA_PLAN_BEYOND_MEMORY;
	if (!request->fixed)
		return CMA_PLAN_OK;
	if (request->limit && end > request->limit)
		return CMA_PLAN_ABOVE_LIMIT;
	for (i = 0; i < request->nr_boundaries; i++) {
		truth->boundary = request->boundaries[i];
		if (truth->boundary > base && truth->boundary < end)
			return CMA_PLAN_STRADDLES;
	}
	truth->place = base;
	while (base < end && world_owner(world, base))
		base++;
	if (base == end)
		return CMA_PLAN_OK;
	truth->taken_start = base;
	if (base < world->origin)
		base = end < world->origin ? end : world->origin;
	while (base < end && !world_owner(world, base))
		base++;
	truth->taken_end = base;
	return CMA_PLAN_NOT_FREE;
}

static bool place_is_good(const struct world *world, const struct truth *truth,
			  wide place)
{
	const struct cma_plan_request *request = &world->request;
	wide i;

	if (place % truth->step || place < request->base)
		return false;
	if (request->limit && place + truth->size > request->limit)
		return false;
	for (i = 0; i < truth->size; i++) {
		if (!world_owner(world, place) ||
		    world_owner(world, place + i) != world_owner(world, place))
			return false;
		if (i && is_boundary(request, place + i))
			return false;
	}
	return true;
}

/* The lowest one where memory isn't scarce. */
static bool try_to_rise(const struct world *world, struct truth *truth)
{
	wide end = (wide)world->origin + WORLD_BYTES;
	wide place = max((wide)world->request.rise_from, (wide)world->origin);

	for (; world->request.rise_from && place < end; place++)
		if (place_is_good(world, truth, place)) {
			truth->place = place;
			return true;
		}
	return false;
}

/* Else from the top downwards, so the first one is the highest. */
static enum cma_plan_verdict try_each_place(const struct world *world,
					    struct truth *truth)
{
	wide place = (wide)world->origin + WORLD_BYTES;

	if (try_to_rise(world, truth))
		return CMA_PLAN_OK;
	while (place-- > world->origin) {
		if (!place_is_good(world, truth, place))
			continue;
		truth->place = place;
		return CMA_PLAN_OK;
	}
	return CMA_PLAN_NO_HOLE;
}

/* Does a hole that has @address go on at the byte after it? */
bool world_joined(const struct world *world, wide address)
{
	return world_owner(world, address + 1) == world_owner(world, address) &&
	       !is_boundary(&world->request, address + 1);
}

static void look_at_hole(const struct world *world, struct truth *truth,
			 wide start, wide end)
{
	struct cma_plan_hole *best = &truth->hole;
	wide length = end - start, first = start, fits = 0;

	while (first < end && first % truth->step)
		first++;
	while (first + fits + truth->step <= end)
		fits += truth->step;
	if (fits < best->fits)
		return;
	if (fits == best->fits && length < best->end - best->start)
		return;
	*best = (struct cma_plan_hole) {
		.start = start, .end = end, .fits = fits,
	};
	if (world_owner(world, start - 1) == world_owner(world, start) &&
	    start > world->origin)
		best->lower = start == truth->low ? CMA_PLAN_BASE :
			      CMA_PLAN_BOUNDARY;
	if (world_owner(world, end) == world_owner(world, start))
		best->upper = end == truth->high ? CMA_PLAN_LIMIT :
			      CMA_PLAN_BOUNDARY;
}

/* Ascending, so that of two equal holes the upper one stays. */
static void look_at_holes(const struct world *world, struct truth *truth)
{
	const struct cma_plan_request *request = &world->request;
	wide low = world->origin, high = low + WORLD_BYTES, at, start;

	if (request->limit && high > request->limit)
		high = request->limit;
	if (!request->fixed && request->base < request->memory_end &&
	    !(request->limit && request->limit <= request->base) &&
	    low < request->base)
		low = request->base;
	truth->low = low;
	truth->high = high;
	for (at = low; at < high; at++) {
		if (!world_owner(world, at))
			continue;
		for (start = at; at + 1 < high && world_joined(world, at); at++)
			;
		look_at_hole(world, truth, start, at + 1);
	}
}

static void try_several(const struct world *world, struct truth *truth)
{
	const struct window window = {
		truth->step, truth->size, truth->low, truth->high
	};

	truth->nr_parts = world_gather(world, &window, truth->parts);
	truth->verdict = truth->nr_parts ? CMA_PLAN_OK : CMA_PLAN_SCATTERED;
}

static void find_truth(const struct world *world, struct truth *truth)
{
	*truth = (struct truth) { 0 };
	truth->verdict = judge_size(world, truth);
	if (truth->verdict == CMA_PLAN_OK)
		truth->verdict = judge_place(world, truth);
	if (truth->verdict == CMA_PLAN_OK && !world->request.fixed)
		truth->verdict = try_each_place(world, truth);
	look_at_holes(world, truth);
	if (truth->verdict == CMA_PLAN_NO_HOLE && world->request.max_ranges > 1)
		try_several(world, truth);
}

static void feed(const struct world *world, struct cma_plan *plan,
		 unsigned int range)
{
	unsigned int start = 0, end;

	while (start < WORLD_BYTES && world->owner[start] != range)
		start++;
	for (end = start; end < WORLD_BYTES && world->owner[end] == range; end++)
		;
	cma_plan_feed(plan, world->origin + start, world->origin + end);
}

/* Plan, and see that it doesn't take more rounds than there are ranges. */
void world_plan(const struct world *world, struct cma_plan *plan)
{
	unsigned int rounds = 0, i;

	cma_plan_begin(plan, &world->request);
	do {
		for (i = 0; i < world->nr_ranges; i++)
			feed(world, plan, world->order[i]);
		assert(++rounds <= world->nr_ranges + 1);
	} while (cma_plan_again(plan));
}

static bool same_hole(const struct cma_plan_hole *a,
		      const struct cma_plan_hole *b)
{
	return a->start == b->start && a->end == b->end && a->fits == b->fits &&
	       a->lower == b->lower && a->upper == b->upper;
}

/* The plan sorts the parts by address. */
static bool same_parts(const struct cma_plan *plan, const struct truth *truth)
{
	unsigned int i, k;

	for (i = 0; i < truth->nr_parts; i++) {
		for (k = 0; k < plan->nr_ranges; k++)
			if (plan->ranges[k].base == truth->parts[i].base &&
			    plan->ranges[k].size == truth->parts[i].size)
				break;
		if (k == plan->nr_ranges)
			return false;
	}
	return plan->nr_ranges == truth->nr_parts;
}

static bool same_figures(const struct cma_plan *plan, const struct truth *truth)
{
	switch (plan->verdict) {
	case CMA_PLAN_OK:
		if (plan->size != truth->size)
			return false;
		return truth->nr_parts ? same_parts(plan, truth) :
		       plan->nr_ranges == 1 && plan->base == truth->place;
	case CMA_PLAN_STRADDLES:
		return plan->boundary == truth->boundary;
	case CMA_PLAN_NOT_FREE:
		return plan->taken_start == truth->taken_start &&
		       plan->taken_end == truth->taken_end;
	case CMA_PLAN_MISALIGNED_BASE:
		return plan->base_alignment == truth->step;
	default:
		return true;
	}
}

static void show(const struct world *world, const struct cma_plan *plan,
		 const struct truth *truth)
{
	const struct cma_plan_request *request = &world->request;
	unsigned int i;

	printf("# size %#llx alignment %#llx least %#llx unit %#llx\n",
	       request->size + 0ULL, request->alignment + 0ULL,
	       request->min_alignment + 0ULL, request->unit + 0ULL);
	printf("# base %#llx limit %#llx rise %#llx end %#llx fixed %d ranges %u\n",
	       request->base + 0ULL, request->limit + 0ULL,
	       request->rise_from + 0ULL, request->memory_end + 0ULL,
	       request->fixed, request->max_ranges);
	for (i = 0; i < request->nr_boundaries; i++)
		printf("# boundary %#llx\n", request->boundaries[i] + 0ULL);
	printf("# memory from %#llx: ", world->origin + 0ULL);
	for (i = 0; i < WORLD_BYTES; i++)
		putchar(world->owner[i] ? 'a' + world->owner[i] % 26 : '.');
	printf("\n# plan: %s at %#llx, hole %#llx-%#llx fits %#llx %d %d\n",
	       cma_plan_verdict_name(plan->verdict), plan->base + 0ULL,
	       plan->hole.start + 0ULL, plan->hole.end + 0ULL,
	       plan->hole.fits + 0ULL, plan->hole.lower, plan->hole.upper);
	for (i = 0; i < plan->nr_ranges; i++)
		printf("# range %#llx + %#llx\n", plan->ranges[i].base + 0ULL,
		       plan->ranges[i].size + 0ULL);
	for (i = 0; i < truth->nr_parts; i++)
		printf("# part %#llx + %#llx\n", truth->parts[i].base + 0ULL,
		       truth->parts[i].size + 0ULL);
	printf("# truth: %s at %#llx, hole %#llx-%#llx fits %#llx %d %d\n",
	       cma_plan_verdict_name(truth->verdict), (u64)truth->place + 0ULL,
	       truth->hole.start + 0ULL, truth->hole.end + 0ULL,
	       truth->hole.fits + 0ULL, truth->hole.lower,
	       truth->hole.upper);
}

/* Plan, and compare with what trying everything finds. */
bool world_agrees(const struct world *world, struct cma_plan *plan)
{
	struct truth truth;

	world_plan(world, plan);
	find_truth(world, &truth);
	if (plan->verdict == truth.verdict && same_figures(plan, &truth) &&
	    (plan->verdict || world_holds(world, plan)) &&
	    same_hole(&plan->hole, &truth.hole))
		return true;
	show(world, plan, &truth);
	return false;
}
