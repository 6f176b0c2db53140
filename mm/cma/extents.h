/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The READY units of an area: out of the page allocator, empty, and owned by
 * nobody, so that they can be handed out at once.
 *
 * They are kept as extents in an array of fixed size, so that a put or a cut
 * works in any context and never allocates. When the array has no slot for one
 * more extent, that is refused, and the caller gives the units back instead.
 *
 * Nothing here knows of pages or locks: the caller serialises.
 */
#ifndef __MM_CMA_EXTENTS_H__
#define __MM_CMA_EXTENTS_H__

#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/runmap.h>
#include <linux/types.h>

#define CMA_MAX_EXTENTS	128

/**
 * struct cma_extent - a run of units
 * @start: first unit
 * @count: number of units
 *
 * Passed by value: so it costs no more than the two numbers would, and can't be taken
 * for a run of pages, nor its length for its end.
 */
struct cma_extent {
	u32 start;
	u32 count;
};

/* What is more than any map has, remains so. */
static inline struct cma_extent cma_extent_at(unsigned long start,
					      unsigned long count)
{
	return (struct cma_extent){
		.start = min_t(unsigned long, start, U32_MAX),
		.count = min_t(unsigned long, count, U32_MAX),
	};
}

/* Empty where @to isn't above @from. */
static inline struct cma_extent cma_extent_between(unsigned long from,
						   unsigned long to)
{
	return cma_extent_at(from, from < to ? to - from : 0);
}

/* The unit behind the last one. */
static inline unsigned long cma_extent_end(struct cma_extent extent)
{
	return (unsigned long)extent.start + extent.count;
}

/* Have they a unit in common, neither of them being empty? */
static inline bool cma_extent_meets(struct cma_extent a, struct cma_extent b)
{
	return a.start < cma_extent_end(b) && b.start < cma_extent_end(a);
}

/**
 * struct cma_extents - the READY units of an area
 * @nr: number of extents
 * @total: number of units in them
 * @extents: in ascending order; no two of them touch. An array of
 *	CMA_MAX_EXTENTS, which is the caller's
 *
 * The caller serialises all that is done with it.
 */
struct cma_extents {
	unsigned int nr;
	unsigned long total;
	struct cma_extent *extents;
};

static inline void cma_extents_init(struct cma_extents *ready,
				    struct cma_extent *extents)
{
	*ready = (struct cma_extents){ .extents = extents };
}

static inline void cma_extents_clear(struct cma_extents *ready)
{
	ready->nr = 0;
	ready->total = 0;
}

bool cma_extents_put(struct cma_extents *ready, struct cma_extent run);
bool cma_extents_cut(struct cma_extents *ready, struct cma_extent run);
unsigned long cma_extents_find(const struct cma_extents *ready,
			       const struct runmap_query *query,
			       unsigned long origin);
bool cma_extents_next(const struct cma_extents *ready, struct cma_extent *left,
		      struct cma_extent *piece);
unsigned long cma_extents_overlap(const struct cma_extents *ready,
				  struct cma_extent run);
bool cma_extents_surplus(const struct cma_extents *ready, unsigned long max,
			 struct cma_extent *piece);
bool cma_extents_check(const struct cma_extents *ready);

#endif
