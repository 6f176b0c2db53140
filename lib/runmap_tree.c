// SPDX-License-Identifier: GPL-2.0
/*
 * The summaries of a runmap: made, kept up to date and checked.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "runmap_tree.h"

/* ---- Summaries -------------------------------------------------------- */

/* Make a node of units that are all free, @len of them, or all taken, 0. */
static void fill_node(struct runmap_node *node, unsigned int order, u32 len)
{
	unsigned int a;

	node->prefix = len;
	node->suffix = len;
	for (a = 0; a < order; a++)
		node->best[a] = len;
}

/* So few runs of a leaf are gone through one by one. */
#define FEW_RUNS	8

/*
 * A leaf with few runs: each of them is the longest of its own for all the
 * alignments that it has room for. False if there are more than few.
 */
static bool summarise_runs(struct runmap_node *leaf, const unsigned long *bits)
{
	unsigned long start, end = 0, first;
	unsigned int runs = 0, a;

	fill_node(leaf, LEAF_ORDER, 0);
	leaf->prefix = find_first_bit(bits, LEAF_UNITS);
	for (;;) {
		start = find_next_zero_bit(bits, LEAF_UNITS, end);
		if (start >= LEAF_UNITS)
			return true;
		if (runs++ == FEW_RUNS)
			return false;
		end = find_next_bit(bits, LEAF_UNITS, start);
		for (a = 0; a < LEAF_ORDER; a++) {
			first = ALIGN(start, BIT(a));
			if (first >= end)
				break;
			leaf->best[a] = max_t(u32, leaf->best[a], end - first);
		}
		if (end == LEAF_UNITS)
			leaf->suffix = end - start;
	}
}

/* @out may be @left. */
static void merge_nodes(struct runmap_node *out, const struct runmap_node *left,
			const struct runmap_node *right, unsigned int order)
{
	u32 size = BIT(order), across = left->suffix, behind = right->prefix;
	u32 left_prefix = left->prefix;
	unsigned int a;

	for (a = 0; a < order; a++) {
		u32 inside = max(left->best[a], right->best[a]);

		out->best[a] = max(inside, (across >> a << a) + behind);
	}
	out->best[order] = max(left_prefix, behind);
	if (across == size)
		out->best[order] = size + behind;

	out->prefix = left_prefix + (left_prefix == size ? behind : 0);
	out->suffix = right->suffix + (right->suffix == size ? across : 0);
}

/* Longest runs as in "Hacker's Delight" (H. Warren, 2nd edition), 6-3. */
static void summarise_word(struct runmap_node *node, unsigned long free)
{
	unsigned long starts = free;
	unsigned int order = WORD_ORDER;
	u32 len = 0;

	if (!free || !~free) {
		fill_node(node, WORD_ORDER, free ? BITS_PER_LONG : 0);
		return;
	}
	node->prefix = __ffs(~free);
	node->suffix = BITS_PER_LONG - 1 - __fls(~free);

	/* starts: where runs longer than len begin */
	while (order) {
		if (starts & aligned_bits(order - 1)) {
			starts &= starts >> 1;
			len++;
		} else {
			node->best[--order] = len;
		}
	}
}

static void summarise_leaf(struct runmap_node *leaf, const unsigned long *bits)
{
	u32 scratch[LEAF_WORDS][sizeof(*leaf) / sizeof(u32) + LEAF_ORDER];
	unsigned int order = WORD_ORDER, n = LEAF_WORDS, i;

	if (summarise_runs(leaf, bits))
		return;
	for (i = 0; i < n; i++)
		summarise_word((void *)scratch[i], ~bits[i]);
	for (; n > 1; n /= 2, order++)
		for (i = 0; i < n / 2; i++)
			merge_nodes((void *)scratch[i], (void *)scratch[2 * i],
				    (void *)scratch[2 * i + 1], order);
	memcpy(leaf, scratch[0], sizeof(scratch[0]));
}

static void summarise(const struct runmap *map, struct runmap_node *out,
		      unsigned int order, unsigned long index)
{
	if (order == LEAF_ORDER)
		summarise_leaf(out, leaf_bits(map, index));
	else
		merge_nodes(out, node_at(map, order - 1, 2 * index),
			    node_at(map, order - 1, 2 * index + 1), order - 1);
}

/* Bring a leaf up to date; true when that changed it. */
static bool refresh_leaf(struct runmap *map, unsigned long index)
{
	u32 fresh[sizeof(struct runmap_node) / sizeof(u32) + LEAF_ORDER];
	struct runmap_node *leaf = node_at(map, LEAF_ORDER, index);

	summarise_leaf((void *)fresh, leaf_bits(map, index));
	if (!memcmp(leaf, fresh, sizeof(fresh)))
		return false;
	memcpy(leaf, fresh, sizeof(fresh));
	return true;
}

/* Set a member of a node; whether that changed it. */
static bool set_member(u32 *member, u32 value)
{
	bool changed = *member != value;

	*member = value;
	return changed;
}

/*
 * The longest runs of a node that has @left and @right, of @order. One of them that has no
 * free unit adds nothing. A run across the border that fills one of them is the longest
 * there is, whatever the alignment.
 */
static bool refresh_best(struct runmap_node *node, const struct runmap_node *left,
			 const struct runmap_node *right, unsigned int order)
{
	const struct runmap_node *only = left->best[0] ? left : right;
	u32 across = left->suffix, behind = right->prefix, aligned = ~0U;
	bool filled = across == BIT(order) || behind == BIT(order);
	bool changed = false;
	unsigned int a;

	if (!left->best[0] || !right->best[0]) {
		for (a = 0; a < order; a++)
			changed |= set_member(&node->best[a], only->best[a]);
	} else if (filled) {
		for (a = 0; a < order; a++, aligned <<= 1)
			changed |= set_member(&node->best[a], (across & aligned) + behind);
	} else {
		for (a = 0; a < order; a++, aligned <<= 1) {
			u32 inside = max(left->best[a], right->best[a]);

			changed |= set_member(&node->best[a],
					      max(inside, (across & aligned) + behind));
		}
	}
	return changed;
}

/* As merge_nodes(), in place, for a node whose children have changed. */
static bool refresh(struct runmap *map, unsigned int order, unsigned long index)
{
	struct runmap_node *node = node_at(map, order, index);
	const struct runmap_node *left = node_at(map, order - 1, 2 * index);
	const struct runmap_node *right = node_at(map, order - 1,
						  2 * index + 1);
	u32 size = BIT(order - 1), across = left->suffix;
	u32 behind = right->prefix, best;
	bool changed = refresh_best(node, left, right, order - 1);

	best = across == size ? size + behind : max(left->prefix, behind);
	changed |= set_member(&node->best[order - 1], best);
	changed |= set_member(&node->prefix, left->prefix +
		       (left->prefix == size ? behind : 0));
	changed |= set_member(&node->suffix, right->suffix +
		       (right->suffix == size ? across : 0));
	return changed;
}

/**
 * runmap_update() - bring the summaries of a range up to date
 * @map: the map
 * @pos: position of the first unit
 * @count: number of units
 * @free: what all of them just became in the bitmap, free or else taken
 *
 * Above an order where nothing changed nothing will.
 *
 * Context: any; the caller serialises.
 */
void runmap_update(struct runmap *map, unsigned long pos, unsigned long count,
		   bool free)
{
	unsigned long end = pos + count;
	unsigned int order;

	for (order = LEAF_ORDER; order <= map->root_order; order++) {
		unsigned long index = pos >> order;
		bool changed = false;

		for (; index << order < end; index++) {
			unsigned long start = index << order;

			if (start >= pos && end - start >= BIT(order)) {
				fill_node(node_at(map, order, index), order,
					  free ? BIT(order) : 0);
				changed = true;
			} else if (order == LEAF_ORDER ?
				   refresh_leaf(map, index) :
				   refresh(map, order, index)) {
				changed = true;
			}
		}
		if (!changed)
			break;
	}
}

/* ---- The whole map ---------------------------------------------------- */

static unsigned int root_order(unsigned long nr)
{
	return max(order_base_2(nr), LEAF_ORDER) + 1;
}

/* As many nodes of an order as @nr units touch at most, in whole pairs. */
static unsigned long nodes_of(unsigned long nr, unsigned int order)
{
	unsigned long pair = BIT(order + 1);

	return 2 * ((nr + pair - 2) / pair + 1);
}

static size_t bits_size(unsigned long nr)
{
	return nodes_of(nr, LEAF_ORDER) * LEAF_WORDS * sizeof(unsigned long);
}

static size_t tree_size(unsigned long nr)
{
	unsigned int order;
	size_t words = 0;

	for (order = LEAF_ORDER; order <= root_order(nr); order++)
		words += nodes_of(nr, order) * node_words(order);
	return words * sizeof(u32);
}

/**
 * runmap_size() - memory that a map needs
 * @nr: number of units
 *
 * From 65536 units on it is less than one part in 10000 of what the units
 * stand for, when they are pages of 4 KiB.
 *
 * Context: any.
 * Return: the size in bytes for runmap_init(), whatever the origin; 0 for a
 * number of units that no map has, 0 or more than %RUNMAP_MAX_UNITS.
 */
size_t runmap_size(unsigned long nr)
{
	if (!nr || nr > RUNMAP_MAX_UNITS)
		return 0;
	return bits_size(nr) + tree_size(nr);
}
EXPORT_SYMBOL_GPL(runmap_size);

/**
 * runmap_init() - make a map of free units
 * @map: the map
 * @mem: runmap_size(@nr) bytes, aligned as a long is, of any content; they
 *	belong to the map until the caller drops both
 * @nr: number of units
 * @origin: address of unit 0, in units
 *
 * A number of units that runmap_size() has no size for is warned about and
 * makes a map of no units, in which nothing is ever found.
 *
 * Context: any; takes time in @nr.
 */
void runmap_init(struct runmap *map, void *mem, unsigned long nr,
		 unsigned long origin)
{
	unsigned int order;
	u32 words = 0;

	*map = (struct runmap){ .origin = origin };
	if (WARN_ON_ONCE(!runmap_size(nr)))
		return;

	map->nr = nr;
	map->nr_free = nr;
	map->root_order = root_order(nr);
	map->skew = origin & (BIT(map->root_order - 1) - 1);
	map->bits = mem;
	map->tree = mem + bits_size(nr);
	for (order = LEAF_ORDER; order <= map->root_order; order++) {
		map->level[order - LEAF_ORDER] =
			words - first_index(map, order) * node_words(order);
		words += nodes_of(nr, order) * node_words(order);
	}

	memset(map->bits, 0xff, bits_size(nr));
	memset(map->tree, 0, tree_size(nr));
	bitmap_clear(map->bits, bit_of(map, map->skew), nr);
	runmap_update(map, map->skew, nr, true);
}
EXPORT_SYMBOL_GPL(runmap_init);

/**
 * runmap_check() - is the map consistent?
 * @map: the map
 *
 * Makes each summary anew and compares. Meant for tests and debugging.
 *
 * Context: any, takes time in the size of the map; the caller keeps takers and
 * givers out.
 * Return: true when the summaries and the number of free units are those of
 * the bitmap, and nothing beyond the map is free.
 */
bool runmap_check(const struct runmap *map)
{
	u32 fresh[sizeof(struct runmap_node) / sizeof(u32) + MAX_ROOT_ORDER];
	unsigned long end = map->skew + map->nr, index, bits;
	unsigned int order;

	if (!map->nr)
		return !map->nr_free;

	bits = nodes_of(map->nr, LEAF_ORDER) * LEAF_UNITS;
	if (bits - bitmap_weight(map->bits, bits) != map->nr_free)
		return false;
	bits = bit_of(map, map->skew);
	if (find_first_zero_bit(map->bits, bits) < bits)
		return false;
	bits = bit_of(map, end);
	if (find_next_zero_bit(map->bits, ALIGN(bits, LEAF_UNITS), bits) <
	    ALIGN(bits, LEAF_UNITS))
		return false;

	for (order = LEAF_ORDER; order <= map->root_order; order++)
		for (index = map->skew >> order; index << order < end; index++) {
			summarise(map, (void *)fresh, order, index);
			if (memcmp(node_at(map, order, index), fresh,
				   node_words(order) * sizeof(u32)))
				return false;
		}
	return true;
}
EXPORT_SYMBOL_GPL(runmap_check);
