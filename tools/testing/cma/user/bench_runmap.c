// SPDX-License-Identifier: GPL-2.0
/*
 * How long it takes to find, take and give in the widest map there is, in the
 * worst states of fragmentation, and how long a linear search of the bitmap
 * takes for the same. UNITS_ORDER= chooses a narrower one.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../../../../lib/runmap_tree.h"
#include "harness.h"

/* The limit that a search must keep, in nanoseconds. */
#define LIMIT_NS	2000

/* Half a thousandth of the map must hold the widest change, 16384 units. */
#define MIN_ORDER	25

struct bench {
	struct runmap map;
	unsigned long nr;
	unsigned long *bits;
	struct rng rng;
};

/* The kernel maps its memory by large pages; so must we to compare. */
static void *large_pages(size_t size)
{
	void *mem = aligned_alloc(SZ_2M, ALIGN(size, SZ_2M));

	assert(mem);
	madvise(mem, ALIGN(size, SZ_2M), MADV_HUGEPAGE);
	return mem;
}

/*
 * What a plain bitmap offers: from one free unit on to the next taken one,
 * and beyond it once more, until the distance suffices.
 */
static unsigned long linear_find(const struct bench *bench,
				 unsigned long count, unsigned int align)
{
	unsigned long start = 0, end;

	for (;;) {
		start = find_next_zero_bit(bench->bits, bench->nr, start);
		start = ALIGN(start, BIT(align));
		if (start + count > bench->nr)
			return RUNMAP_NONE;
		end = find_next_bit(bench->bits, start + count, start);
		if (end == start + count)
			return start;
		start = end + 1;
	}
}

/* Every other unit is taken, but for the last 65536. */
static void alternating(struct bench *bench)
{
	memset(bench->bits, 0xaa, bench->nr / 8);
	bitmap_clear(bench->bits, bench->nr - 65536, 65536);
}

/*
 * Runs of 511 free units and one taken, which begin one unit behind a multiple
 * of 512: long enough for many a request, aligned for none. The last one fits.
 *
 *	#...............#...............#......   ...#................
 */
static void misaligned(struct bench *bench)
{
	unsigned long unit;

	bitmap_zero(bench->bits, bench->nr);
	for (unit = 0; unit < bench->nr - 65536; unit += 512)
		bitmap_set(bench->bits, unit, 1);
}

static void random_half(struct bench *bench)
{
	unsigned long word;

	for (word = 0; word < bench->nr / BITS_PER_LONG; word++)
		bench->bits[word] = rng_next(&bench->rng);
	bitmap_clear(bench->bits, bench->nr - 65536, 65536);
}

/* Short runs with ends at random, 30 % free: leaves of all kinds. */
static void random_runs(struct bench *bench)
{
	unsigned long unit = 0, len;

	bitmap_zero(bench->bits, bench->nr);
	while (unit < bench->nr - 65536) {
		len = min(1 + rng_below(&bench->rng, 100),
			  bench->nr - 65536 - unit);
		bitmap_set(bench->bits, unit, len);
		unit += len + 1 + rng_below(&bench->rng, 43);
	}
}

/*
 * Make the map of the bits. A hundred million takes would last for minutes, so
 * the bitmap is put in place behind the map's back and then summarised leaf by
 * leaf; less than a whole leaf at a time is always read from the bitmap.
 */
static void build(struct bench *bench)
{
	unsigned long unit;

	runmap_init(&bench->map, bench->map.bits, bench->nr, 0);
	memcpy(bench->map.bits, bench->bits, bench->nr / 8);
	bench->map.nr_free -= bitmap_weight(bench->bits, bench->nr);
	for (unit = 0; unit < bench->nr; unit += LEAF_UNITS)
		runmap_update(&bench->map, unit, LEAF_UNITS - 1, true);
	if (!runmap_check(&bench->map))
		abort();
}

static double time_linear(struct bench *bench, unsigned long count,
			  unsigned int align, unsigned long *found)
{
	double start = cpu_time_ns();

	*found = linear_find(bench, count, align);
	return cpu_time_ns() - start;
}

static double time_find(struct bench *bench, unsigned long count,
			unsigned int align, unsigned long *found)
{
	const struct runmap_query query = {
		.count = count, .align = align, .to = bench->nr,
	};
	const unsigned int rounds = 20000;
	double start = cpu_time_ns();
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		*found = runmap_find(&bench->map, &query);
		__asm__ volatile("" : : "r"(*found) : "memory");
	}
	return (cpu_time_ns() - start) / rounds;
}

/* The same from random units on: other leaves, other cache lines each time. */
static double time_find_from(struct bench *bench, unsigned long count,
			     unsigned int align)
{
	struct runmap_query query = {
		.count = count, .align = align, .to = bench->nr,
	};
	const unsigned int rounds = 20000;
	double start = cpu_time_ns();
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		unsigned long found;

		query.from = rng_below(&bench->rng, bench->nr);
		found = runmap_find(&bench->map, &query);
		__asm__ volatile("" : : "r"(found) : "memory");
	}
	return (cpu_time_ns() - start) / rounds;
}

static unsigned int search(struct bench *bench, unsigned long count,
			   unsigned int align)
{
	unsigned long found, right;
	double linear = time_linear(bench, count, align, &right);
	double tree = time_find(bench, count, align, &found);
	double from = time_find_from(bench, count, align);

	printf("  find %6lu, alignment %2u: %8.0f ns, from anywhere %6.0f ns, ",
	       count, align, tree, from);
	printf("linear %11.0f ns: %8.0f times%s\n", linear, linear / tree,
	       found != right ? "  WRONG" :
	       max(tree, from) > LIMIT_NS ? "  TOO SLOW" : "");
	return found != right || max(tree, from) > LIMIT_NS;
}

/*
 * The @n-th of a batch of runs that don't overlap: somewhere in the @n-th
 * thousandth of the map, found there or, when there is none, made.
 */
static unsigned long free_run(struct bench *bench, unsigned long count,
			      unsigned int n)
{
	unsigned long part = bench->nr / 1000, end;
	struct runmap_query query = {
		.count = count, .to = (n + 1) * part,
		.from = n * part + rng_below(&bench->rng, part / 2),
	};
	unsigned long start = runmap_find(&bench->map, &query), unit;

	if (start != RUNMAP_NONE)
		return start;
	start = query.from;
	for (unit = start; unit < start + count; unit = end) {
		unit = runmap_next_taken(&bench->map, unit);
		end = min(runmap_next_free(&bench->map, unit), start + count);
		if (unit < end)
			runmap_give(&bench->map, unit, end - unit);
	}
	return start;
}

/*
 * Take runs at random places, one after the other, and give them back. Reading
 * the clock costs as much as a small change, so a batch is timed as a whole.
 */
static void change(struct bench *bench, unsigned long count)
{
	static unsigned long starts[1000];
	const unsigned int batches = 20;
	double take = 0, give = 0, t0, t1;
	unsigned int batch, i, n;

	for (batch = 0; batch < batches; batch++) {
		for (n = 0; n < ARRAY_SIZE(starts); n++)
			starts[n] = free_run(bench, count, n);
		t0 = cpu_time_ns();
		for (i = 0; i < n; i++)
			runmap_take(&bench->map, starts[i], count);
		t1 = cpu_time_ns();
		for (i = 0; i < n; i++)
			runmap_give(&bench->map, starts[i], count);
		take += t1 - t0;
		give += cpu_time_ns() - t1;
	}
	printf("  take %6lu: %27.0f ns, give %7.0f ns\n", count,
	       take / batches / n, give / batches / n);
}

static unsigned int measure(struct bench *bench, const char *name,
			    void (*pattern)(struct bench *))
{
	const unsigned long counts[] = { 1, 2, 16, 512, 2048, 32768 };
	const unsigned int aligns[] = { 0, 1, 4, 8, 9, 15 };
	unsigned int bad = 0, c, a;

	pattern(bench);
	build(bench);
	printf("%s: %lu of %lu units free, longest run %lu\n", name,
	       bench->map.nr_free, bench->nr, runmap_largest(&bench->map, 0));
	for (c = 0; c < ARRAY_SIZE(counts); c++)
		for (a = 0; a < ARRAY_SIZE(aligns); a++)
			bad += search(bench, counts[c], aligns[a]);
	change(bench, 1);
	change(bench, 256);
	change(bench, 16384);
	return bad;
}

int main(void)
{
	unsigned int order = setting("UNITS_ORDER", RUNMAP_MAX_ORDER), bad = 0;
	struct bench bench = {
		.nr = BIT(order), .rng = { setting("SEED", 20241117) },
	};
	size_t size = runmap_size(bench.nr);

	if (order < MIN_ORDER || order > RUNMAP_MAX_ORDER) {
		fprintf(stderr, "UNITS_ORDER=%u is not %u to %u\n", order,
			MIN_ORDER, RUNMAP_MAX_ORDER);
		return 2;
	}
	bench.bits = large_pages(bench.nr / 8);
	bench.map.bits = large_pages(size);

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("2^%u units: %zu bytes, %.4f %% of as many pages of 4 KiB; seed %llu\n",
	       order, size, 100.0 * size / (bench.nr * 4096.0),
	       (unsigned long long)bench.rng.state);
	bad += measure(&bench, "every other unit taken", alternating);
	bad += measure(&bench, "long runs, all misaligned", misaligned);
	bad += measure(&bench, "half of the units at random", random_half);
	bad += measure(&bench, "runs of random lengths", random_runs);
	printf("%u searches wrong or slower than %d ns\n", bad, LIMIT_NS);
	return bad ? 1 : 0;
}
