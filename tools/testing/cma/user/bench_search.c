// SPDX-License-Identifier: GPL-2.0
/*
 * How long the lock of an area is held at most, in an area of 64 GiB whose books are
 * as full as they can be: all extents READY, all notes in use, many claims. The best of
 * several rounds counts, as the longest time of one may be an interrupt's.
 */
#include "search_world.h"

#define LIMIT_NS	20000.0
#define ORDER		24
#define ROUNDS		50
#define CLAIMS		64

struct bench {
	struct world world;
	struct cma_claim claims[CLAIMS];
};

/* So far the extents are from each other. */
#define EACH			(BIT(ORDER) / CMA_MAX_EXTENTS)

/* All of the area but its last unit is one stretch that could be had. */
static void make_ready(struct bench *bench)
{
	struct cma *cma = &bench->world.cma;
	unsigned int i;

	runmap_take(&cma->map, BIT(ORDER) - 1, 1);
	for (i = 0; i < CMA_MAX_EXTENTS; i++) {
		runmap_take(&cma->map, i * EACH + EACH / 2, 64);
		cma_extents_put(&cma->ready, cma_extent_at(i * EACH + EACH / 2, 64));
	}
}

/*
 * One note behind each extent and one in front; taken units part the extents. The first
 * claim is in the middle of the area, as far from both of its ends as can be.
 */
static void fill_books(struct bench *bench)
{
	struct cma *cma = &bench->world.cma;
	unsigned long at;
	unsigned int i;

	for (i = 0; i < CMA_MAX_EXTENTS; i++) {
		at = i * EACH;
		runmap_take(&cma->map, at + EACH / 4, 1);
		cma_skip_add(&cma->skip, at + EACH / 3, jiffies, 1 << 20, false);
		cma_skip_add(&cma->skip, at + EACH * 2 / 3, jiffies, 1 << 20,
			     false);
	}
	for (i = CLAIMS; i--; )
		assert(cma_claim_at(cma, cma_extent_at((2 * i + 1) * EACH / 2 + EACH / 8, 512),
				    true, &bench->claims[i]));
}

/* The best of some rounds, of the longest hold of each. */
static bool measure(struct bench *bench, const char *what,
		    void (*act)(struct bench *bench))
{
	double best = 1e18;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		world_longest_ns = 0;
		world_times_locks = true;
		act(bench);
		world_times_locks = false;
		best = min(best, world_longest_ns);
	}
	printf("%-44s %8.0f ns\n", what, best);
	return best <= LIMIT_NS;
}

static void look(struct bench *bench, unsigned long count, unsigned int flags)
{
	const struct runmap_query query = { .count = count, .to = BIT(ORDER) };
	struct cma_lookup look = { .flags = flags };

	cma_next_candidate(&bench->world.cma, &query, &look);
}

static void look_for_clear(struct bench *bench)
{
	look(bench, EACH, CMA_LOOK_CLEAR | CMA_LOOK_CHEAP);
}

static void look_for_mixed(struct bench *bench)
{
	look(bench, EACH, CMA_LOOK_CLEAR | CMA_LOOK_MIXED);
}

static void look_for_any(struct bench *bench)
{
	look(bench, BIT(ORDER) / 2, CMA_LOOK_MIXED);
}

static void look_for_all(struct bench *bench)
{
	look(bench, BIT(ORDER), CMA_LOOK_MIXED);
}

static void look_for_little(struct bench *bench)
{
	look(bench, 4096, CMA_LOOK_MIXED);
}

/* A gigantic page of single pages. */
static void claim_a_gibibyte(struct bench *bench)
{
	struct cma *cma = &bench->world.cma;
	struct cma_claim claim;

	assert(cma_claim_at(cma, cma_extent_at(0, BIT(18)), true, &claim));
	cma_abort(cma, &claim);
}

static void withdraw_much(struct bench *bench)
{
	struct cma *cma = &bench->world.cma;

	if (cma->map.nr_free) {
		runmap_take(&cma->map, 0, BIT(ORDER));
		cma_extents_put(&cma->ready, cma_extent_at(0, BIT(ORDER)));
	}
	cma_lend_ready(cma, cma_extent_between(0, BIT(ORDER)), ULONG_MAX);
}

/* The pages don't matter, and nobody sees that they don't exist. */
static bool no_lend(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	return true;
}

static const struct cma_evacuator bench_evacuator = {
	.lend = no_lend,
};

int main(void)
{
	struct rng rng = { 1 };
	struct bench *bench = calloc(1, sizeof(*bench));
	bool right = true;

	assert(bench);
	world_open(&bench->world, BIT(ORDER), 0, &rng);
	bench->world.cma.evacuator = &bench_evacuator;
	right &= measure(bench, "claim and abort 262144 units", claim_a_gibibyte);
	right &= measure(bench, "withdraw all of it", withdraw_much);
	make_ready(bench);
	right &= measure(bench, "look along one stretch", look_for_all);
	fill_books(bench);
	right &= measure(bench, "look for a clear run", look_for_clear);
	right &= measure(bench, "look for a clear run of both kinds", look_for_mixed);
	right &= measure(bench, "look for any run of both kinds", look_for_any);
	right &= measure(bench, "look for a short run of both kinds", look_for_little);
	return right ? 0 : 1;
}
