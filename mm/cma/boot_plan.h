/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an area of contiguous memory goes, worked out from nothing but
 * numbers.
 *
 * While memblock is the allocator there is no memory for a list of free
 * ranges, and there needn't be: they are streamed through the plan, in any
 * order, as often as it asks for them.
 *
 *	cma_plan_begin(&plan, &request);
 *	do {
 *		for each free range
 *			cma_plan_feed(&plan, start, end);
 *	} while (cma_plan_again(&plan));
 *
 * Then @plan.verdict is CMA_PLAN_OK and the area is @plan.ranges, or it is what
 * speaks against the request, with the figures that explain it. Where the area
 * may be anywhere it takes one round: the largest pieces of memory that were
 * seen on the way are remembered, in case no single one is large enough.
 *
 * All ranges are [start, end): the end doesn't belong to them.
 */
#ifndef __MM_CMA_BOOT_PLAN_H__
#define __MM_CMA_BOOT_PLAN_H__

#include <linux/types.h>

#define CMA_PLAN_BOUNDARIES	4
#define CMA_PLAN_RANGES		8
/* Beside each range two pieces may be useless, as they would touch it. */
#define CMA_PLAN_PIECES		(3 * CMA_PLAN_RANGES)

/**
 * enum cma_plan_verdict - what a plan comes to
 * @CMA_PLAN_OK: there is a place
 * @CMA_PLAN_ZERO_SIZE: nothing was asked for
 * @CMA_PLAN_BAD_ALIGNMENT: the alignment isn't a power of two
 * @CMA_PLAN_UNIT: units of that size don't fill the area
 * @CMA_PLAN_OVERFLOW: the end of the area isn't a physical address
 * @CMA_PLAN_LIMIT_BELOW_BASE: the limit leaves no room above the base
 * @CMA_PLAN_MISALIGNED_BASE: the fixed base isn't a multiple of the alignment
 * @CMA_PLAN_BEYOND_MEMORY: the area would begin or end beyond memory
 * @CMA_PLAN_ABOVE_LIMIT: the fixed range ends above the limit
 * @CMA_PLAN_STRADDLES: the fixed range lies on both sides of a boundary
 * @CMA_PLAN_NOT_FREE: a part of the fixed range isn't free
 * @CMA_PLAN_NO_HOLE: no free range can hold the area
 * @CMA_PLAN_SCATTERED: as many ranges as it may have can't hold it together
 * @NR_CMA_PLAN_VERDICTS: number of verdicts
 */
enum cma_plan_verdict {
	CMA_PLAN_OK,
	CMA_PLAN_ZERO_SIZE,
	CMA_PLAN_BAD_ALIGNMENT,
	CMA_PLAN_UNIT,
	CMA_PLAN_OVERFLOW,
	CMA_PLAN_LIMIT_BELOW_BASE,
	CMA_PLAN_MISALIGNED_BASE,
	CMA_PLAN_BEYOND_MEMORY,
	CMA_PLAN_ABOVE_LIMIT,
	CMA_PLAN_STRADDLES,
	CMA_PLAN_NOT_FREE,
	CMA_PLAN_NO_HOLE,
	CMA_PLAN_SCATTERED,
	NR_CMA_PLAN_VERDICTS
};

/**
 * enum cma_plan_bound - what ends a hole on one side
 * @CMA_PLAN_EDGE: the free range itself ends there
 * @CMA_PLAN_BASE: the base that was asked for
 * @CMA_PLAN_LIMIT: the limit that was asked for
 * @CMA_PLAN_BOUNDARY: a boundary between zones
 */
enum cma_plan_bound {
	CMA_PLAN_EDGE,
	CMA_PLAN_BASE,
	CMA_PLAN_LIMIT,
	CMA_PLAN_BOUNDARY,
};

/**
 * struct cma_plan_request - an area as it is asked for, in bytes
 * @size: rounded up to the alignment by the plan
 * @alignment: of the base and of the size; 0 for @min_alignment
 * @min_alignment: what every area needs at least, a power of two
 * @unit: what one bit of the area's map stands for; divides the size, and the
 *	base is a multiple of it
 * @base: where the area begins if @fixed, else it begins there or above
 * @limit: where it ends at the latest, 0 for anywhere
 * @rise_from: the lowest place at or above this address is taken, if there is one;
 *	0 if it is to be the highest in any case
 * @memory_end: where memory ends
 * @fixed: at @base or not at all
 * @max_ranges: an area that fits nowhere in one piece may have so many, at most
 *	CMA_PLAN_RANGES; 0 stands for 1, and so does any number if @fixed
 * @nr_boundaries: number of @boundaries
 * @boundaries: ascending addresses that can't be inside an area, because
 *	another zone begins there
 */
struct cma_plan_request {
	phys_addr_t size;
	phys_addr_t alignment;
	phys_addr_t min_alignment;
	phys_addr_t unit;
	phys_addr_t base;
	phys_addr_t limit;
	phys_addr_t rise_from;
	phys_addr_t memory_end;
	bool fixed;
	unsigned int max_ranges;
	unsigned int nr_boundaries;
	phys_addr_t boundaries[CMA_PLAN_BOUNDARIES];
};

/**
 * struct cma_plan_hole - a free range, as far as a request can use it
 * @start: first byte
 * @end: byte after the last one; no hole is known when it equals @start
 * @fits: size of the largest area with the request's alignment that fits
 * @lower: what is below it
 * @upper: what is above it
 */
struct cma_plan_hole {
	phys_addr_t start;
	phys_addr_t end;
	phys_addr_t fits;
	enum cma_plan_bound lower;
	enum cma_plan_bound upper;
};

/**
 * struct cma_plan_range - a piece of memory
 * @base: first byte
 * @size: bytes
 */
struct cma_plan_range {
	phys_addr_t base;
	phys_addr_t size;
};

/**
 * struct cma_plan - a request on its way to a place or to a refusal
 * @request: what is asked for; must stay as it is until the plan is done
 * @verdict: valid after cma_plan_again() returned false
 * @size: the requested size rounded up to @alignment
 * @alignment: what size is rounded to: the requested or the least alignment
 * @base_alignment: what the base is a multiple of, @alignment or the unit
 * @base: where the area begins, if @verdict is CMA_PLAN_OK
 * @nr_ranges: number of @ranges, if @verdict is CMA_PLAN_OK
 * @ranges: the area, in ascending order; there is something else between any
 *	two of them, and together they have @size bytes
 * @total: if @verdict is CMA_PLAN_SCATTERED, what the largest pieces have
 * @boundary: what is straddled, if @verdict is CMA_PLAN_STRADDLES
 * @taken_start: first part that isn't free, if @verdict is CMA_PLAN_NOT_FREE
 * @taken_end: end of that part
 * @hole: the hole that fits the largest area: between base and limit, or
 *	anywhere if the request was fixed or had no room between them
 * @window_start: private: holes are clipped to this range
 * @window_end: private
 * @cursor: private: a fixed area is free up to here
 * @next: private: lowest start of a free range above @cursor
 * @moved: private: @cursor moved in this round
 * @found: private: @base is a candidate
 * @rose: private: it is one above @request->rise_from
 * @nr_pieces: private: number of @pieces
 * @pieces: private: the largest pieces that were seen, the largest one first
 */
struct cma_plan {
	const struct cma_plan_request *request;
	enum cma_plan_verdict verdict;
	phys_addr_t size;
	phys_addr_t alignment;
	phys_addr_t base_alignment;
	phys_addr_t base;
	unsigned int nr_ranges;
	struct cma_plan_range ranges[CMA_PLAN_RANGES];
	phys_addr_t total;
	phys_addr_t boundary;
	phys_addr_t taken_start;
	phys_addr_t taken_end;
	struct cma_plan_hole hole;
	phys_addr_t window_start;
	phys_addr_t window_end;
	phys_addr_t cursor;
	phys_addr_t next;
	bool moved;
	bool found;
	bool rose;
	unsigned int nr_pieces;
	struct cma_plan_range pieces[CMA_PLAN_PIECES];
};

void cma_plan_add_boundary(struct cma_plan_request *request,
			   phys_addr_t boundary);
void cma_plan_begin(struct cma_plan *plan,
		    const struct cma_plan_request *request);
void cma_plan_feed(struct cma_plan *plan, phys_addr_t start, phys_addr_t end);
bool cma_plan_again(struct cma_plan *plan);
const char *cma_plan_verdict_name(enum cma_plan_verdict verdict);
int cma_plan_errno(enum cma_plan_verdict verdict);

#endif /* __MM_CMA_BOOT_PLAN_H__ */
