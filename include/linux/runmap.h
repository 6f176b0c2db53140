/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which units of a range are taken, and where a run of free ones lies.
 *
 * A runmap is a bitmap, one bit for each unit, under a tree of summaries.
 * It knows nothing of pages or locks: the caller serialises.
 */
#ifndef _LINUX_RUNMAP_H
#define _LINUX_RUNMAP_H

#include <linux/bits.h>
#include <linux/types.h>

/* What the searches return when there is nothing. */
#define RUNMAP_NONE	(~0UL)

/* The widest range that a map describes: 1 TiB of 4 KiB pages. */
#define RUNMAP_MAX_ORDER	28
#define RUNMAP_MAX_UNITS	BIT(RUNMAP_MAX_ORDER)

/* A leaf of the tree summarises 512 units, a cache line of the bitmap. */
#define RUNMAP_LEAF_ORDER	9

/* From the leaves to a root that is twice as wide as the widest range. */
#define RUNMAP_LEVELS	(RUNMAP_MAX_ORDER + 1 - RUNMAP_LEAF_ORDER + 1)

/**
 * struct runmap - a range of units, each of them free or taken
 * @nr: number of units
 * @origin: address of unit 0, in units; alignment is reckoned in addresses,
 *	so that @origin is the alignment offset of every search
 * @nr_free: number of free units
 *
 * The members above may be read where takers and givers are excluded.
 */
struct runmap {
	unsigned long nr;
	unsigned long origin;
	unsigned long nr_free;
	/* private: lib/runmap_tree.h explains them */
	unsigned long skew;
	unsigned int root_order;
	u32 level[RUNMAP_LEVELS];
	unsigned long *bits;
	u32 *tree;
};

/**
 * struct runmap_query - what to look for
 * @count: length of the run in units, at least 1
 * @align: the address of the first unit is a multiple of 1 << @align
 * @from: the run starts at this unit or above
 * @to: every unit of the run lies below this one; values beyond the map mean
 *	its end
 */
struct runmap_query {
	unsigned long count;
	unsigned int align;
	unsigned long from;
	unsigned long to;
};

size_t runmap_size(unsigned long nr);
void runmap_init(struct runmap *map, void *mem, unsigned long nr,
		 unsigned long origin);

unsigned long runmap_find(const struct runmap *map,
			  const struct runmap_query *query);
unsigned long runmap_largest(const struct runmap *map, unsigned int align);

void runmap_take(struct runmap *map, unsigned long start, unsigned long count);
void runmap_give(struct runmap *map, unsigned long start, unsigned long count);

bool runmap_is_free(const struct runmap *map, unsigned long start,
		    unsigned long count);
bool runmap_is_taken(const struct runmap *map, unsigned long start,
		     unsigned long count);
unsigned long runmap_next_free(const struct runmap *map, unsigned long from);
unsigned long runmap_next_taken(const struct runmap *map, unsigned long from);
unsigned long runmap_run_start(const struct runmap *map, unsigned long end);
bool runmap_next_run(const struct runmap *map, unsigned long *from,
		     unsigned long *start, unsigned long *end);
bool runmap_check(const struct runmap *map);

/**
 * runmap_for_each_free() - visit the maximal free runs in ascending order
 * @map: the map
 * @start: unsigned long, the first unit of the run
 * @end: unsigned long, the unit behind its last one
 */
#define runmap_for_each_free(map, start, end)				\
	for (unsigned long behind_ = 0;					\
	     runmap_next_run(map, &behind_, &(start), &(end));)

#endif /* _LINUX_RUNMAP_H */
