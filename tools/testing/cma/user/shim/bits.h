/* SPDX-License-Identifier: GPL-2.0 */
/* Bits and bitmaps, word by word; the part of the kernel's that is used. */
#ifndef CMA_USER_SHIM_BITS_H
#define CMA_USER_SHIM_BITS_H

#include "kernel.h"

#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

#define __ffs(word)		((unsigned int)__builtin_ctzl(word))
#define __fls(word)		(BITS_PER_LONG - 1U - __builtin_clzl(word))
#define ilog2(n)		(63 - __builtin_clzll(n))

static inline int order_base_2(u64 n)
{
	return n > 1 ? ilog2(n - 1) + 1 : 0;
}

static inline bool is_power_of_2(u64 n)
{
	return n && !(n & (n - 1));
}

static inline bool test_bit(unsigned long nr, const unsigned long *map)
{
	return map[nr / BITS_PER_LONG] >> (nr % BITS_PER_LONG) & 1;
}

/* The first bit from @from on that differs from those of @flip. */
static inline unsigned long shim_next(const unsigned long *map,
				      unsigned long nbits, unsigned long from,
				      unsigned long flip)
{
	unsigned long word = from / BITS_PER_LONG, found;

	if (from >= nbits)
		return nbits;
	found = (map[word] ^ flip) & (~0UL << (from % BITS_PER_LONG));
	while (!found) {
		if (++word * BITS_PER_LONG >= nbits)
			return nbits;
		found = map[word] ^ flip;
	}
	return min(word * BITS_PER_LONG + __ffs(found), nbits);
}

#define find_next_bit(map, n, from)		shim_next(map, n, from, 0)
#define find_next_zero_bit(map, n, from)	shim_next(map, n, from, ~0UL)
#define find_first_bit(map, n)			shim_next(map, n, 0, 0)
#define find_first_zero_bit(map, n)		shim_next(map, n, 0, ~0UL)

/* The last bit that is set of the first @nbits, or @nbits. */
static inline unsigned long find_last_bit(const unsigned long *map,
					  unsigned long nbits)
{
	unsigned long mask = ~0UL >> (-nbits % BITS_PER_LONG), set;
	unsigned long word = BITS_TO_LONGS(nbits);

	for (; word--; mask = ~0UL) {
		set = map[word] & mask;
		if (set)
			return word * BITS_PER_LONG + __fls(set);
	}
	return nbits;
}

static inline void shim_paint(unsigned long *map, unsigned long from,
			      unsigned long n, bool set)
{
	while (n) {
		unsigned long bit = from % BITS_PER_LONG;
		unsigned long here = min(n, BITS_PER_LONG - bit);
		unsigned long mask = ~0UL >> (BITS_PER_LONG - here) << bit;

		if (set)
			map[from / BITS_PER_LONG] |= mask;
		else
			map[from / BITS_PER_LONG] &= ~mask;
		from += here;
		n -= here;
	}
}

#define bitmap_set(map, from, n)	shim_paint(map, from, n, true)
#define bitmap_clear(map, from, n)	shim_paint(map, from, n, false)

static inline void bitmap_zero(unsigned long *map, unsigned long n)
{
	memset(map, 0, BITS_TO_LONGS(n) * sizeof(long));
}

static inline void bitmap_complement(unsigned long *out,
				     const unsigned long *map, unsigned long n)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(n); i++)
		out[i] = ~map[i];
}

static inline bool bitmap_subset(const unsigned long *a, const unsigned long *b,
				 unsigned long n)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(n); i++)
		if (a[i] & ~b[i])
			return false;
	return true;
}

static inline void bitmap_and(unsigned long *out, const unsigned long *a,
			      const unsigned long *b, unsigned long n)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(n); i++)
		out[i] = a[i] & b[i];
}

/* Whole words only: @n is a multiple of BITS_PER_LONG here. */
static inline void bitmap_shift_right(unsigned long *out,
				      const unsigned long *map,
				      unsigned long by, unsigned long n)
{
	unsigned long words = n / BITS_PER_LONG, far = by / BITS_PER_LONG;
	unsigned long bit = by % BITS_PER_LONG;

	for (unsigned long i = 0; i < words; i++) {
		unsigned long low = i + far < words ? map[i + far] : 0;
		unsigned long high = i + far + 1 < words ? map[i + far + 1] : 0;

		out[i] = bit ? low >> bit | high << (BITS_PER_LONG - bit) : low;
	}
}

static inline unsigned long bitmap_weight(const unsigned long *map,
					  unsigned long n)
{
	unsigned long weight = 0, i;

	for (i = 0; i < n / BITS_PER_LONG; i++)
		weight += __builtin_popcountl(map[i]);
	if (n % BITS_PER_LONG)
		weight += __builtin_popcountl(map[i] & (BIT(n % BITS_PER_LONG) - 1));
	return weight;
}

#endif
