// SPDX-License-Identifier: GPL-2.0
/*
 * Places an area of contiguous memory. Pure: knows neither memblock nor pages,
 * takes no lock, sleeps nowhere and allocates nothing.
 *
 * An area that isn't fixed goes to the highest place there is. That keeps low
 * memory, which is scarce and which devices with a narrow address mask depend
 * on, for those that need it, and prefers high memory where it exists. A
 * caller that wants a low place says so with the limit. From where memory isn't
 * scarce any more it is the lowest place instead: compaction moves pages upwards,
 * out of an area at the lower end, but into one at the top.
 *
 * Where no single place is large enough, an area that may have several ranges
 * gets the largest ones, so that it has as few as possible.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>

#include "boot_plan.h"

#define PLAN_ADDRESS_MAX	((phys_addr_t)~0ULL)

/* is_power_of_2() takes an unsigned long, which can be shorter. */
static bool __init plan_is_power_of_2(phys_addr_t number)
{
	return number && !(number & (number - 1));
}

static bool __init plan_adds(phys_addr_t base, phys_addr_t size)
{
	return size <= PLAN_ADDRESS_MAX - base;
}

/* Round @number up to @alignment; false if no such address exists. */
static bool __init plan_round_up(phys_addr_t *number, phys_addr_t alignment)
{
	if (!plan_adds(*number, alignment - 1))
		return false;
	*number = round_up(*number, alignment);
	return true;
}

/* What is wrong with the shape of an area, wherever it goes? */
static enum cma_plan_verdict __init plan_check_size(struct cma_plan *plan)
{
	const struct cma_plan_request *request = plan->request;

	if (!request->size)
		return CMA_PLAN_ZERO_SIZE;
	if (request->alignment && !plan_is_power_of_2(request->alignment))
		return CMA_PLAN_BAD_ALIGNMENT;

	plan->alignment = max(request->alignment, request->min_alignment);
	plan->base_alignment = plan->alignment;
	if (!plan_round_up(&plan->size, plan->alignment))
		return CMA_PLAN_OVERFLOW;
	if (!plan_is_power_of_2(request->unit) ||
	    plan->size & (request->unit - 1))
		return CMA_PLAN_UNIT;
	plan->base_alignment = max(plan->alignment, request->unit);
	return CMA_PLAN_OK;
}

/* What is wrong with the place, whatever is free there? */
static enum cma_plan_verdict __init plan_check_place(struct cma_plan *plan)
{
	const struct cma_plan_request *request = plan->request;
	phys_addr_t base = request->base;
	phys_addr_t end;
	unsigned int i;

	/* Before the limit, which callers often derive from that end. */
	if (base >= request->memory_end)
		return CMA_PLAN_BEYOND_MEMORY;
	if (request->limit && request->limit <= base)
		return CMA_PLAN_LIMIT_BELOW_BASE;
	if (request->fixed && base & (plan->base_alignment - 1))
		return CMA_PLAN_MISALIGNED_BASE;
	if (!plan_round_up(&base, plan->base_alignment) ||
	    !plan_adds(base, plan->size))
		return CMA_PLAN_OVERFLOW;

	end = base + plan->size;
	if (end > request->memory_end)
		return CMA_PLAN_BEYOND_MEMORY;
	if (!request->fixed)
		return CMA_PLAN_OK;
	if (request->limit && end > request->limit)
		return CMA_PLAN_ABOVE_LIMIT;
	for (i = 0; i < request->nr_boundaries; i++) {
		plan->boundary = request->boundaries[i];
		if (base < plan->boundary && plan->boundary < end)
			return CMA_PLAN_STRADDLES;
	}
	return CMA_PLAN_OK;
}

/*
 * Holes are looked at between base and limit. Where nothing is between them, or
 * where there was only one place, those below the base say more. Those above the
 * limit never do: it is often not the caller's, which then can't move it.
 */
static void __init plan_set_window(struct cma_plan *plan)
{
	const struct cma_plan_request *request = plan->request;

	plan->window_start = request->base;
	plan->window_end = request->limit ?: PLAN_ADDRESS_MAX;
	if (request->fixed || request->base >= request->memory_end ||
	    plan->window_end <= request->base)
		plan->window_start = 0;
}

/**
 * cma_plan_add_boundary() - note an address that an area can't straddle
 * @request: request to add it to
 * @boundary: address; 0, known addresses and a fifth one are ignored
 */
void __init cma_plan_add_boundary(struct cma_plan_request *request,
				  phys_addr_t boundary)
{
	unsigned int i = request->nr_boundaries;
	unsigned int known;

	for (known = 0; known < i; known++)
		if (request->boundaries[known] == boundary)
			return;
	if (!boundary || i == CMA_PLAN_BOUNDARIES)
		return;

	for (; i && request->boundaries[i - 1] > boundary; i--)
		request->boundaries[i] = request->boundaries[i - 1];
	request->boundaries[i] = boundary;
	request->nr_boundaries++;
}

/**
 * cma_plan_begin() - begin to look for a place
 * @plan: overwritten
 * @request: what is asked for; @request->min_alignment is a power of two
 *
 * A request that makes no sense is planned like any other, so that the largest
 * hole is known in the end.
 */
void __init cma_plan_begin(struct cma_plan *plan,
			   const struct cma_plan_request *request)
{
	*plan = (struct cma_plan) {
		.request = request,
		.size = request->size,
		.alignment = request->min_alignment,
		.base_alignment = request->min_alignment,
		.cursor = request->base,
		.next = PLAN_ADDRESS_MAX,
	};

	plan->verdict = plan_check_size(plan);
	if (plan->verdict == CMA_PLAN_OK)
		plan->verdict = plan_check_place(plan);
	plan_set_window(plan);
}

/*
 * Push the cursor through a free range that it stands in. The ranges come in
 * any order: only a round that doesn't move the cursor proves that it stands
 * before a taken part, and then @next is where that part ends.
 */
static void __init plan_advance(struct cma_plan *plan, phys_addr_t start,
				phys_addr_t end)
{
	if (start > plan->cursor) {
		plan->next = min(plan->next, start);
	} else if (end > plan->cursor) {
		plan->cursor = end;
		plan->moved = true;
	}
}

static bool __init plan_hole_is_better(const struct cma_plan_hole *hole,
				       const struct cma_plan_hole *than)
{
	phys_addr_t length = hole->end - hole->start;
	phys_addr_t than_length = than->end - than->start;

	if (hole->fits != than->fits)
		return hole->fits > than->fits;
	if (length != than_length)
		return length > than_length;
	return hole->start > than->start;
}

static bool __init plan_piece_is_better(const struct cma_plan_range *piece,
					const struct cma_plan_range *than)
{
	if (piece->size != than->size)
		return piece->size > than->size;
	return piece->base > than->base;
}

static unsigned int __init plan_max_ranges(const struct cma_plan *plan)
{
	if (plan->request->fixed)
		return 1;
	return max(min(plan->request->max_ranges, CMA_PLAN_RANGES), 1U);
}

/* Keep a piece among the largest ones, sorted by insertion. */
static void __init plan_note_piece(struct cma_plan *plan,
				   const struct cma_plan_range *piece)
{
	unsigned int at = plan->nr_pieces;

	if (plan_max_ranges(plan) < 2 || !piece->size)
		return;
	if (at == CMA_PLAN_PIECES &&
	    !plan_piece_is_better(piece, &plan->pieces[at - 1]))
		return;
	if (at < CMA_PLAN_PIECES)
		plan->nr_pieces++;
	else
		at--;
	for (; at && plan_piece_is_better(piece, &plan->pieces[at - 1]); at--)
		plan->pieces[at] = plan->pieces[at - 1];
	plan->pieces[at] = *piece;
}

/*
 * Two pieces touch where another zone or node begins, and a run must not reach
 * from one to the other. So a step is left out between them.
 */
static void __init plan_keep_apart(const struct cma_plan *plan,
				   struct cma_plan_range *piece)
{
	const struct cma_plan_range *other = plan->ranges;

	for (; other < plan->ranges + plan->nr_ranges; other++) {
		if (!piece->size)
			return;
		if (piece->base + piece->size == other->base) {
			piece->size -= plan->base_alignment;
		} else if (other->base + other->size == piece->base) {
			piece->base += plan->base_alignment;
			piece->size -= plan->base_alignment;
		}
	}
}

static void __init plan_insert_range(struct cma_plan *plan,
				     const struct cma_plan_range *range)
{
	unsigned int at = plan->nr_ranges++;

	for (; at && plan->ranges[at - 1].base > range->base; at--)
		plan->ranges[at] = plan->ranges[at - 1];
	plan->ranges[at] = *range;
}

/* The largest of the pieces that are left, after what the others cost it */
static struct cma_plan_range __init plan_take_piece(struct cma_plan *plan)
{
	struct cma_plan_range piece, best = { }, *taken = NULL;
	unsigned int i;

	for (i = 0; i < plan->nr_pieces; i++) {
		piece = plan->pieces[i];
		plan_keep_apart(plan, &piece);
		if (!piece.size || !plan_piece_is_better(&piece, &best))
			continue;
		best = piece;
		taken = &plan->pieces[i];
	}
	if (taken)
		taken->size = 0;
	return best;
}

/* Put the area together, the largest pieces first. */
static bool __init plan_gather(struct cma_plan *plan)
{
	phys_addr_t missing = plan->size;
	struct cma_plan_range piece;

	while (missing && plan->nr_ranges < plan_max_ranges(plan)) {
		piece = plan_take_piece(plan);
		if (!piece.size)
			break;
		plan->total += piece.size;
		/* What isn't needed is left at the low end. */
		if (piece.size > missing) {
			piece.base += piece.size - missing;
			piece.size = missing;
		}
		missing -= piece.size;
		plan_insert_range(plan, &piece);
	}
	return !missing;
}

/* Is there a place in a hole that the area can rise to, and is it the lowest? */
static bool __init plan_rise(struct cma_plan *plan, phys_addr_t first,
			     phys_addr_t end)
{
	phys_addr_t base = max(first, plan->request->rise_from);

	if (!plan->request->rise_from ||
	    !plan_round_up(&base, plan->base_alignment) || base >= end ||
	    end - base < plan->size)
		return false;
	if (!plan->rose || base < plan->base)
		plan->base = base;
	plan->rose = true;
	return true;
}

/* @hole has no boundary inside and is within base and limit. */
static void __init plan_consider(struct cma_plan *plan,
				 struct cma_plan_hole *hole)
{
	phys_addr_t first = hole->start;
	struct cma_plan_range piece;
	phys_addr_t base;

	hole->fits = 0;
	if (plan_round_up(&first, plan->base_alignment) && first < hole->end)
		hole->fits = round_down(hole->end - first,
					plan->base_alignment);
	if (plan_hole_is_better(hole, &plan->hole))
		plan->hole = *hole;

	piece = (struct cma_plan_range){ .base = first, .size = hole->fits };
	plan_note_piece(plan, &piece);
	if (plan->verdict != CMA_PLAN_OK || plan->request->fixed ||
	    hole->fits < plan->size)
		return;
	base = first + hole->fits - plan->size;
	if (!plan_rise(plan, first, first + hole->fits) && !plan->rose &&
	    (!plan->found || base > plan->base))
		plan->base = base;
	plan->found = true;
}

/**
 * cma_plan_feed() - tell about a free range
 * @plan: plan that was begun
 * @start: first byte
 * @end: byte after the last one; an empty range is ignored
 *
 * An area that isn't fixed lies inside one range, also when the next one
 * begins where that ends: the caller keeps apart what must not be mixed, as
 * the memory of two nodes. A fixed area may extend over several of them.
 */
void __init cma_plan_feed(struct cma_plan *plan, phys_addr_t start,
			  phys_addr_t end)
{
	const struct cma_plan_request *request = plan->request;
	struct cma_plan_hole hole = { .start = start, .end = end };
	struct cma_plan_hole part;
	unsigned int i;

	if (start >= end)
		return;
	plan_advance(plan, start, end);

	if (hole.start < plan->window_start) {
		hole.start = plan->window_start;
		hole.lower = CMA_PLAN_BASE;
	}
	if (hole.end > plan->window_end) {
		hole.end = plan->window_end;
		hole.upper = CMA_PLAN_LIMIT;
	}
	if (hole.start >= hole.end)
		return;

	for (i = 0; i < request->nr_boundaries; i++) {
		if (request->boundaries[i] <= hole.start ||
		    request->boundaries[i] >= hole.end)
			continue;
		part = hole;
		part.end = request->boundaries[i];
		part.upper = CMA_PLAN_BOUNDARY;
		plan_consider(plan, &part);
		hole.start = part.end;
		hole.lower = CMA_PLAN_BOUNDARY;
	}
	plan_consider(plan, &hole);
}

/* The area is in one piece. */
static void __init plan_settle(struct cma_plan *plan)
{
	plan->nr_ranges = 1;
	plan->ranges[0] = (struct cma_plan_range){
		.base = plan->base,
		.size = plan->size,
	};
}

/* It may be anywhere, and all places have been looked at. */
static void __init plan_conclude(struct cma_plan *plan)
{
	if (plan->found)
		plan_settle(plan);
	else if (plan_max_ranges(plan) < 2)
		plan->verdict = CMA_PLAN_NO_HOLE;
	else if (!plan_gather(plan))
		plan->verdict = CMA_PLAN_SCATTERED;
	else
		plan->base = plan->ranges[0].base;
}

/**
 * cma_plan_again() - end a round
 * @plan: plan that all free ranges were fed to
 *
 * Return: true if all of them must be fed once more, false if the verdict
 * stands.
 */
bool __init cma_plan_again(struct cma_plan *plan)
{
	phys_addr_t end;

	if (plan->verdict != CMA_PLAN_OK)
		return false;
	if (!plan->request->fixed) {
		plan_conclude(plan);
		return false;
	}

	end = plan->request->base + plan->size;
	plan->base = plan->request->base;
	if (plan->cursor >= end) {
		plan_settle(plan);
		return false;
	}
	if (plan->moved) {
		plan->moved = false;
		plan->next = PLAN_ADDRESS_MAX;
		return true;
	}
	plan->verdict = CMA_PLAN_NOT_FREE;
	plan->taken_start = plan->cursor;
	plan->taken_end = min(plan->next, end);
	return false;
}

struct plan_outcome {
	const char *name;
	int err;
};

static const struct plan_outcome plan_outcomes[] __initconst = {
	[CMA_PLAN_OK]			= { "ok", 0 },
	[CMA_PLAN_ZERO_SIZE]		= { "zero-size", -EINVAL },
	[CMA_PLAN_BAD_ALIGNMENT]	= { "bad-alignment", -EINVAL },
	[CMA_PLAN_UNIT]			= { "unit-does-not-divide", -EINVAL },
	[CMA_PLAN_OVERFLOW]		= { "overflow", -EINVAL },
	[CMA_PLAN_LIMIT_BELOW_BASE]	= { "limit-below-base", -EINVAL },
	[CMA_PLAN_MISALIGNED_BASE]	= { "misaligned-base", -EINVAL },
	[CMA_PLAN_BEYOND_MEMORY]	= { "beyond-memory", -ENOMEM },
	[CMA_PLAN_ABOVE_LIMIT]		= { "above-limit", -EINVAL },
	[CMA_PLAN_STRADDLES]		= { "straddles-a-boundary", -EINVAL },
	[CMA_PLAN_NOT_FREE]		= { "not-free", -EBUSY },
	[CMA_PLAN_NO_HOLE]		= { "no-hole", -ENOMEM },
	[CMA_PLAN_SCATTERED]		= { "scattered", -ENOMEM },
};

/**
 * cma_plan_verdict_name() - name of a verdict, for messages and tests
 * @verdict: verdict
 *
 * Return: a constant string without spaces.
 */
const char * __init cma_plan_verdict_name(enum cma_plan_verdict verdict)
{
	if ((unsigned int)verdict >= ARRAY_SIZE(plan_outcomes))
		return "unknown";
	return plan_outcomes[verdict].name;
}

/**
 * cma_plan_errno() - what a verdict is to a caller that wants an error
 * @verdict: verdict
 *
 * Return: 0 for CMA_PLAN_OK, -EBUSY for a fixed range that isn't free, -ENOMEM
 * if there isn't enough memory, -EINVAL if it can't work on any machine like
 * this one.
 */
int __init cma_plan_errno(enum cma_plan_verdict verdict)
{
	if ((unsigned int)verdict >= ARRAY_SIZE(plan_outcomes))
		return -EINVAL;
	return plan_outcomes[verdict].err;
}
