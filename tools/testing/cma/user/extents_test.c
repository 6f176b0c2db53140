// SPDX-License-Identifier: GPL-2.0
/*
 * mm/cma/extents.c against the oracle, at random, and what only user space can
 * provoke: warnings. SEED= and OPS= in the environment.
 */
#include "extents_oracle.h"

static struct extents_step random_step(struct rng *rng)
{
	struct extents_step step = {
		.op = rng_below(rng, READY_OPS),
		.count = rng_skewed(rng, rng_below(rng, 4) ? 16 : EXTENTS_UNITS),
		.align = rng_below(rng, 3),
		.from = rng_below(rng, EXTENTS_UNITS + 2),
		.to = RUNMAP_NONE,
	};

	if (rng_below(rng, 2))
		step.align = rng_below(rng, 12);
	if (!rng_below(rng, 64))
		step.align = rng_below(rng, 100);
	if (!rng_below(rng, 3))
		step.to = rng_below(rng, EXTENTS_UNITS + 2);
	if (step.op == READY_FIND || step.op == READY_FIND_AND_CUT)
		step.from *= rng_below(rng, 2);
	/* Lest the story be one of a few extents: small steps are the rule. */
	if (step.op == READY_PUT && rng_below(rng, 8))
		step.op = READY_PUT_ONE;
	if (step.op == READY_SURPLUS && rng_below(rng, 8))
		step.op = READY_WALK;
	return step;
}

/* Extents of a few units each, as many as there are slots or a few less. */
static void comb(struct extents_oracle *oracle, struct rng *rng)
{
	const unsigned long period = EXTENTS_UNITS / CMA_MAX_EXTENTS;
	unsigned long unit;

	for (unit = 0; unit < EXTENTS_UNITS; unit += period) {
		struct extents_step put = {
			.op = READY_PUT, .from = unit,
			.count = 1 + rng_below(rng, period - 1),
		};

		if (rng_below(rng, 64))
			extents_do(oracle, &put);
	}
}

static bool random_story(struct rng *rng, unsigned int steps, u64 *filled)
{
	struct extents_oracle oracle;
	bool right = true;

	extents_open(&oracle, rng_next(rng) >> rng_below(rng, BITS_PER_LONG));
	if (rng_below(rng, 2))
		comb(&oracle, rng);
	while (right && steps--) {
		struct extents_step step = random_step(rng);

		right = extents_do(&oracle, &step);
	}
	if (!right)
		printf("# unit 0 has the address %#lx\n", oracle.origin);
	*filled += oracle.filled;
	right &= extents_agrees(&oracle);
	extents_close(&oracle);
	return right;
}

static bool random_steps_agree_with_an_array(void)
{
	u64 filled = 0, done = tell_stories(random_story, 500, &filled);

	if (!done)
		return false;
	printf("# %llu operations, %llu of them refused for lack of a slot, seed %llu\n",
	       (unsigned long long)done, (unsigned long long)filled,
	       (unsigned long long)seed);
	return EXPECT(filled, "the array was never full");
}

/* Each set of eight units, each range cut, each gap filled. */
static bool each_cut_of_each_arrangement_is_right(void)
{
	const unsigned int nr = 8;
	unsigned long pattern, start, count;
	struct extents_oracle oracle;

	for (pattern = 0; pattern < 1UL << nr; pattern++)
		for (start = 0; start < nr; start++)
			for (count = 0; count <= nr; count++) {
				struct extents_step step = {
					.op = READY_PUT_ONE,
				};

				extents_open(&oracle, 0);
				for (; step.from < nr; step.from++)
					if (pattern >> step.from & 1)
						extents_do(&oracle, &step);
				step = (struct extents_step){
					.op = READY_CUT, .from = start,
					.count = count,
				};
				if (!extents_do(&oracle, &step))
					return false;
				step.op = READY_PUT;
				if (!extents_do(&oracle, &step) ||
				    !extents_agrees(&oracle))
					return false;
				extents_close(&oracle);
			}
	return true;
}

static bool misuse_is_warned_about_and_changes_nothing(void)
{
	const unsigned long bad[][2] = {
		{ 99, 2 }, { 100, 1 }, { 149, 1 }, { 149, 2 }, { 0, 0 },
		{ 0, 1000 }, { 0, ~0UL }, { ~0UL, 1 }, { ~0UL, ~0UL },
		{ RUNMAP_MAX_UNITS, 1 }, { RUNMAP_MAX_UNITS - 1, 2 },
	};
	unsigned long before = shim_warnings;
	struct extents_oracle oracle;
	bool refused = true, agrees;
	unsigned int i;

	extents_open(&oracle, 0);
	cma_extents_put(&oracle.ready, cma_extent_at(100, 50));
	memset(oracle.held + 100, 1, 50);

	shim_warnings_expected = true;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		refused &= !cma_extents_put(&oracle.ready, cma_extent_at(bad[i][0], bad[i][1]));
	shim_warnings_expected = false;
	agrees = extents_agrees(&oracle);
	extents_close(&oracle);

	return EXPECT(refused, "one of them was accepted") &&
	       EXPECT(shim_warnings - before == ARRAY_SIZE(bad), "%lu warnings",
		      shim_warnings - before) && agrees;
}

static bool a_cut_of_any_numbers_is_refused_without_a_warning(void)
{
	const unsigned long bad[][2] = {
		{ 0, ~0UL }, { ~0UL, ~0UL }, { 1, ~0UL }, { ~0UL, 2 },
		{ RUNMAP_MAX_UNITS - 1, 2 }, { 1UL << 31, 1UL << 31 },
	};
	struct cma_extent extents[CMA_MAX_EXTENTS];
	struct cma_extents ready;
	unsigned int i;

	cma_extents_init(&ready, extents);
	cma_extents_put(&ready, cma_extent_at(0, 10));
	cma_extents_put(&ready, cma_extent_at(RUNMAP_MAX_UNITS - 10, 10));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!EXPECT(!cma_extents_cut(&ready, cma_extent_at(bad[i][0], bad[i][1])),
			    "%lu from %lu", bad[i][1], bad[i][0]))
			return false;
	return EXPECT(ready.total == 20, "%lu", ready.total);
}

static bool what_is_broken_is_noticed(void)
{
	struct {
		unsigned int nr;
		unsigned long total;
		struct cma_extent extents[CMA_MAX_EXTENTS];
	} broken[] = {
		{ .nr = 0, .total = 1 },
		{ .nr = 1, .total = 0, .extents = { { 5, 0 } } },
		{ .nr = 1, .total = 2, .extents = { { 5, 1 } } },
		{ .nr = 2, .total = 4, .extents = { { 5, 2 }, { 7, 2 } } },
		{ .nr = 2, .total = 4, .extents = { { 5, 2 }, { 6, 2 } } },
		{ .nr = 2, .total = 4, .extents = { { 5, 2 }, { 2, 2 } } },
		{ .nr = 1, .total = 2, .extents = { { RUNMAP_MAX_UNITS - 1, 2 } } },
		{ .nr = CMA_MAX_EXTENTS + 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		const struct cma_extents ready = {
			broken[i].nr, broken[i].total, broken[i].extents,
		};

		if (!EXPECT(!cma_extents_check(&ready), "number %u", i))
			return false;
	}
	return true;
}

static const struct test tests[] = {
	TEST(each_cut_of_each_arrangement_is_right),
	TEST(misuse_is_warned_about_and_changes_nothing),
	TEST(a_cut_of_any_numbers_is_refused_without_a_warning),
	TEST(what_is_broken_is_noticed),
	TEST(random_steps_agree_with_an_array),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
