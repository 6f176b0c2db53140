/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small world of bytes in which mm/cma/boot_plan.c and a search that tries every
 * byte must come to the same verdict with the same figures.
 */
#ifndef CMA_USER_PLAN_ORACLE_H
#define CMA_USER_PLAN_ORACLE_H

#include "harness.h"
#include "boot_plan.h"

#define WORLD_BYTES	512
#define WORLD_RANGES	12
#define ADDRESS_MAX	((phys_addr_t)~0ULL)

/**
 * struct world - memory, and an area that is asked of it
 * @origin: address of the first byte of memory
 * @owner: for each byte the number of the free range that it belongs to, or 0
 * @order: the ranges in the order in which the plan is told about them
 * @nr_ranges: number of free ranges
 * @request: what is asked for
 */
struct world {
	phys_addr_t origin;
	u8 owner[WORLD_BYTES];
	u8 order[WORLD_RANGES];
	unsigned int nr_ranges;
	struct cma_plan_request request;
};

/* Wide enough for the sum of any two addresses. */
#define wide unsigned __int128

/**
 * struct window - what may be used for an area of several ranges
 * @step: each of them begins at and has a multiple of that
 * @size: of all of them
 * @low: the first byte that may be used
 * @high: the byte behind the last one
 */
struct window {
	wide step, size, low, high;
};

unsigned int world_owner(const struct world *world, wide address);
bool world_joined(const struct world *world, wide address);
unsigned int world_gather(const struct world *world,
			  const struct window *window,
			  struct cma_plan_range *parts);
bool world_holds(const struct world *world, const struct cma_plan *plan);
void world_make(struct world *world, struct rng *rng);
void world_plan(const struct world *world, struct cma_plan *plan);
bool world_agrees(const struct world *world, struct cma_plan *plan);

#endif
