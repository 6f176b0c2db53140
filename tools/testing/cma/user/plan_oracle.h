/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small world of bytes in which mm/cma_plan.c and a search that tries every
 * byte must come to the same verdict with the same figures.
 */
#ifndef CMA_USER_PLAN_ORACLE_H
#define CMA_USER_PLAN_ORACLE_H

#include "harness.h"
#include "cma_plan.h"

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

void world_make(struct world *world, struct rng *rng);
void world_plan(const struct world *world, struct cma_plan *plan);
bool world_agrees(const struct world *world, struct cma_plan *plan);

#endif
