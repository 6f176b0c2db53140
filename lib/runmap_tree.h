/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree above the bitmap of a runmap, for lib/runmap*.c alone.
 *
 * Above the bitmap stands a binary tree. A node of order n summarises 1 << n
 * units, whose first one has an address that is a multiple of 1 << n:
 *
 *	  address   0x200                                   0x400
 *	            |..##....#########....####..............|
 *	            |--|                     |--------------|
 *	           prefix                         suffix
 *
 *	  best[a]   the longest free run in the node that begins at a multiple
 *	            of 1 << a, for each a < n
 *
 * Two neighbours merge without a look at what they summarise. A run across the
 * border between them begins in the left one's suffix, and as the border itself
 * is a multiple of 1 << n, the part left of it that begins at a multiple of
 * 1 << a is just the suffix rounded down. For a = n no value is stored: the
 * first unit is the only one so aligned, and its run is the prefix.
 *
 * Prefix, suffix and best are the divide-and-conquer of the maximum subarray
 * (J. Bentley, "Programming Pearls", column 8) kept in a segment tree (the
 * same, "Solutions to Klee's rectangle problems", 1977). Programming contests
 * know it as the hotel that gives the first n rooms in a row (USACO, February
 * 2008). One value of best for each alignment is what we add.
 *
 * Positions count from where the tree begins. It begins skew units below unit
 * 0, at a multiple of half its width; so positions are as aligned as addresses
 * for each order below the root's. The map fits into half the tree, therefore
 * no order at or above the root's has more than one aligned unit in it.
 * Units of the tree beyond the map are taken for ever.
 *
 * Each order has its nodes in one array, from the pair that holds unit 0 to the
 * one that holds the last unit; a node's sibling always exists. level[] says
 * where in tree[] the node at position 0 of an order would lie, modulo 2^32.
 */
#ifndef _LIB_RUNMAP_TREE_H
#define _LIB_RUNMAP_TREE_H

#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/runmap.h>

#define LEAF_ORDER	RUNMAP_LEAF_ORDER
#define LEAF_UNITS	BIT(LEAF_ORDER)
#define LEAF_WORDS	BITS_TO_LONGS(LEAF_UNITS)
#define WORD_ORDER	ilog2(BITS_PER_LONG)
#define MAX_ROOT_ORDER	(RUNMAP_MAX_ORDER + 1)

/* Lengths of free runs; best[] has as many members as the node's order. */
struct runmap_node {
	u32 prefix;
	u32 suffix;
	u32 best[];
};

static inline unsigned int node_words(unsigned int order)
{
	return sizeof(struct runmap_node) / sizeof(u32) + order;
}

static inline struct runmap_node *node_at(const struct runmap *map,
					  unsigned int order,
					  unsigned long index)
{
	u32 at = map->level[order - LEAF_ORDER] + index * node_words(order);

	return (struct runmap_node *)(map->tree + at);
}

/* The first node that is stored of an order: always a left sibling. */
static inline unsigned long first_index(const struct runmap *map,
					unsigned int order)
{
	return (map->skew >> order) & ~1UL;
}

static inline unsigned long *leaf_bits(const struct runmap *map,
				       unsigned long index)
{
	return map->bits + (index - first_index(map, LEAF_ORDER)) * LEAF_WORDS;
}

/* Number of a position's bit in map->bits. */
static inline unsigned long bit_of(const struct runmap *map,
				   unsigned long pos)
{
	return pos - (first_index(map, LEAF_ORDER) << LEAF_ORDER);
}

/* A bit for each unit of a word that is a multiple of 1 << order. */
static inline unsigned long aligned_bits(unsigned int order)
{
	return order < WORD_ORDER ? ~0UL / (BIT(BIT(order)) - 1) : 1;
}

void runmap_update(struct runmap *map, unsigned long pos, unsigned long count,
		   bool free);

#endif /* _LIB_RUNMAP_TREE_H */
