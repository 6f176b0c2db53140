// SPDX-License-Identifier: GPL-2.0
/*
 * lib/runmap.c against the oracle, at random, and what only user space can
 * provoke: warnings and the largest of maps. SEED= and OPS= in the environment.
 */
#include "oracle.h"

/* Sizes around which the tree changes its shape. */
static const unsigned long edges[] = {
	1, 2, 31, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025, 1536, 2048, 4095,
	4097, 8192, 16385,
};

static unsigned long random_size(struct rng *rng)
{
	switch (rng_below(rng, 8)) {
	case 0:
		return edges[rng_below(rng, ARRAY_SIZE(edges))];
	case 1:
		return 1 + rng_below(rng, 20000);
	default:
		return 1 + rng_below(rng, 2500);
	}
}

static unsigned long random_origin(struct rng *rng)
{
	switch (rng_below(rng, 4)) {
	case 0:
		return 0;
	case 1:
		return (1UL << rng_below(rng, BITS_PER_LONG)) -
		       rng_below(rng, 1000);
	case 2:
		return rng_next(rng);
	default:
		return rng_below(rng, 1UL << 20) << rng_below(rng, 10);
	}
}

/* From the first unit of a leaf on: its address is a multiple of 512. */
static unsigned long leaf_start(const struct runmap *map, unsigned long unit)
{
	return unit + (-(map->origin + unit) & (BIT(RUNMAP_LEAF_ORDER) - 1));
}

static struct oracle_step random_step(struct rng *rng, const struct runmap *map)
{
	unsigned long nr = map->nr;
	struct oracle_step step = {
		.op = rng_below(rng, ORACLE_WALK),
		.count = rng_skewed(rng, nr),
		.align = rng_below(rng, 14),
		.to = RUNMAP_NONE,
	};

	if (rng_below(rng, 2))
		step.from = rng_below(rng, nr + 2);
	if (!rng_below(rng, 4))
		step.from = leaf_start(map, step.from);
	if (!rng_below(rng, 4))
		step.to = rng_below(rng, nr + 2);
	if (!rng_below(rng, 16))
		step.align = rng_below(rng, 100);
	if (rng_below(rng, 2))
		step.align = rng_below(rng, 3);
	if (!rng_below(rng, 100))
		step.op = rng_below(rng, 4) ? ORACLE_CHECK : ORACLE_WALK;
	if (step.op == ORACLE_TAKE || step.op == ORACLE_GIVE) {
		step.from = rng_below(rng, nr);
		/* many short ones, lest the map be empty or full for long */
		step.count = 1 + rng_skewed(rng, rng_below(rng, 8) ? 8 : nr);
	}
	return step;
}

/*
 * Keep a map nearly free: what is taken is a unit here and there, so that runs
 * go over many leaves.
 */
static void thin_out(struct oracle_step *step)
{
	if (step->op == ORACLE_TAKE || step->op == ORACLE_GIVE)
		step->count = 1;
	if (step->op == ORACLE_FIND_AND_TAKE)
		step->op = ORACLE_FIND;
}

/* Every other unit, or whatever period: the finest fragmentation there is. */
static void comb(struct oracle *oracle, unsigned long period)
{
	unsigned long unit;

	for (unit = period - 1; unit < oracle->map.nr; unit += period) {
		runmap_take(&oracle->map, unit, 1);
		oracle->taken[unit] = 1;
	}
}

static bool random_map(struct rng *rng, unsigned int steps, u64 *maps)
{
	unsigned long nr = random_size(rng), origin = random_origin(rng);
	struct oracle oracle;
	bool sparse = !rng_below(rng, 3), right = true;

	++*maps;
	oracle_open(&oracle, nr, origin);
	if (!sparse && !rng_below(rng, 3))
		comb(&oracle, 2 + rng_skewed(rng, 70));
	while (right && steps--) {
		struct oracle_step step = random_step(rng, &oracle.map);

		if (sparse)
			thin_out(&step);
		right = oracle_do(&oracle, &step);
	}
	if (!right)
		printf("# the map has %lu units from address %#lx on\n", nr,
		       origin);
	return oracle_close(&oracle) && right;
}

static bool random_steps_agree_with_an_array(void)
{
	u64 maps = 0, done = tell_stories(random_map, 2000, &maps);

	printf("# %llu operations on %llu maps, seed %llu\n",
	       (unsigned long long)done, (unsigned long long)maps,
	       (unsigned long long)seed);
	return done;
}

/* Every query there is, on each arrangement of a small map. */
static bool all_queries_agree(struct oracle *oracle)
{
	struct oracle_step step = { .op = ORACLE_FIND };
	unsigned long nr = oracle->map.nr;

	for (step.count = 0; step.count <= nr + 1; step.count++)
		for (step.align = 0; step.align < 6; step.align++)
			for (step.from = 0; step.from <= nr; step.from++)
				for (step.to = 0; step.to <= nr + 1; step.to++)
					if (!oracle_do(oracle, &step))
						return false;
	return true;
}

static bool each_arrangement_of_seven_units_is_searched_right(void)
{
	const unsigned long nr = 7;
	unsigned long origin, pattern, unit;

	/* the map lies across the border of two leaves for most origins */
	for (origin = 512 - nr; origin <= 512; origin++)
		for (pattern = 0; pattern < 1UL << nr; pattern++) {
			struct oracle oracle;
			bool right;

			oracle_open(&oracle, nr, origin);
			for (unit = 0; unit < nr; unit++)
				if (pattern >> unit & 1) {
					runmap_take(&oracle.map, unit, 1);
					oracle.taken[unit] = 1;
				}
			right = all_queries_agree(&oracle);
			if (!oracle_close(&oracle) || !right)
				return false;
		}
	return true;
}

static bool misuse_is_warned_about_and_changes_nothing(void)
{
	struct oracle oracle;
	unsigned long before;
	bool right;

	oracle_open(&oracle, 2000, 100);
	runmap_take(&oracle.map, 500, 100);
	memset(oracle.taken + 500, 1, 100);

	before = shim_warnings;
	shim_warnings_expected = true;
	runmap_take(&oracle.map, 599, 2);
	runmap_take(&oracle.map, 0, 0);
	runmap_take(&oracle.map, 1999, 2);
	runmap_take(&oracle.map, 2000, 1);
	runmap_take(&oracle.map, 10, ~0UL);
	runmap_give(&oracle.map, 499, 2);
	runmap_give(&oracle.map, 500, 0);
	runmap_give(&oracle.map, ~0UL, 1);
	shim_warnings_expected = false;

	right = EXPECT(shim_warnings - before == 8, "%lu warnings",
		       shim_warnings - before) &&
		EXPECT(oracle.map.nr_free == 1900, "%lu free",
		       oracle.map.nr_free) &&
		oracle_do(&oracle, &(struct oracle_step){ .op = ORACLE_WALK });
	return oracle_close(&oracle) && right;
}

static bool a_size_that_no_map_has_makes_an_empty_map(void)
{
	const unsigned long sizes[] = { 0, RUNMAP_MAX_UNITS + 1, ~0UL };
	const struct runmap_query query = { .count = 1, .to = ~0UL };
	bool right = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct runmap map;

		shim_warnings_expected = true;
		runmap_init(&map, NULL, sizes[i], 4711);
		shim_warnings_expected = false;
		right &= EXPECT(!runmap_size(sizes[i]), "for %lu", sizes[i]) &&
			 EXPECT(runmap_find(&map, &query) == RUNMAP_NONE &&
				!runmap_largest(&map, 0) &&
				!runmap_largest(&map, 40) &&
				!runmap_next_free(&map, 0) &&
				!runmap_next_taken(&map, 0) &&
				!runmap_is_free(&map, 0, 1) &&
				runmap_check(&map), "for %lu", sizes[i]);
	}
	return right;
}

static bool the_memory_is_at_most_a_ten_thousandth_of_the_pages(void)
{
	unsigned long nr;

	for (nr = 65536; nr <= RUNMAP_MAX_UNITS; nr += 1 + nr / 1000)
		if (!EXPECT(runmap_size(nr) * 10000.0 <= nr * 4096.0,
			    "%lu units need %zu bytes", nr, runmap_size(nr)))
			return false;
	return EXPECT(runmap_size(RUNMAP_MAX_UNITS) <= 109951162, "%zu bytes",
		      runmap_size(RUNMAP_MAX_UNITS));
}

/* The sanitizer sees a node that lies beyond the memory that was asked for. */
static bool each_size_and_origin_stays_within_its_memory(void)
{
	unsigned long nr, i, back;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		for (nr = edges[i]; nr <= edges[i] + 2; nr++)
			for (back = 0; back < 1100; back += 1 + back / 4) {
				struct oracle oracle;

				oracle_open(&oracle, nr, (1UL << 20) - back);
				runmap_take(&oracle.map, 0, nr);
				runmap_give(&oracle.map, nr - 1, 1);
				oracle.taken[nr - 1] = 0;
				if (!oracle_close(&oracle))
					return false;
			}
	return true;
}

/*
 *	0                          1 << 28
 *	|############# ... #######.|      origin: 12345
 */
static bool the_widest_map_is_searched_to_its_last_unit(void)
{
	const unsigned long nr = RUNMAP_MAX_UNITS;
	struct runmap_query query = { .count = 2, .to = nr };
	void *mem = malloc(runmap_size(nr));
	struct runmap map;
	bool right;

	assert(mem);
	runmap_init(&map, mem, nr, 12345);
	right = EXPECT(runmap_largest(&map, 0) == nr, "all are free");
	runmap_take(&map, 0, nr - 1);
	right &= EXPECT(runmap_next_free(&map, 0) == nr - 1, "the last one") &&
		 EXPECT(runmap_find(&map, &query) == RUNMAP_NONE, "one only");
	runmap_give(&map, nr - 2, 1);
	right &= EXPECT(runmap_find(&map, &query) == nr - 2, "two now") &&
		 EXPECT(runmap_check(&map), "at the end");
	free(mem);
	return right;
}

static const struct test tests[] = {
	TEST(each_arrangement_of_seven_units_is_searched_right),
	TEST(each_size_and_origin_stays_within_its_memory),
	TEST(misuse_is_warned_about_and_changes_nothing),
	TEST(a_size_that_no_map_has_makes_an_empty_map),
	TEST(the_memory_is_at_most_a_ten_thousandth_of_the_pages),
	TEST(the_widest_map_is_searched_to_its_last_unit),
	TEST(random_steps_agree_with_an_array),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
