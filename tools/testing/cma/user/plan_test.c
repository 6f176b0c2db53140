// SPDX-License-Identifier: GPL-2.0
/*
 * mm/cma/boot_plan.c against a search that tries every byte, at random. SEED= and
 * OPS= in the environment; OPS requests are planned, each in a world of its
 * own.
 */
#include "plan_oracle.h"

static unsigned long met[NR_CMA_PLAN_VERDICTS], in_ranges[CMA_PLAN_RANGES + 1];

static bool random_requests_are_planned_as_by_trying_every_byte(void)
{
	struct rng rng = { .state = seed };
	unsigned long i;

	printf("# seed %llu, %llu requests\n", (unsigned long long)seed,
	       (unsigned long long)ops);
	for (i = 0; i < ops; i++) {
		struct cma_plan plan;
		struct world world;
		u64 state = rng.state;

		world_make(&world, &rng);
		if (!EXPECT(world_agrees(&world, &plan), "request %lu, state %#llx",
			    i, (unsigned long long)state))
			return false;
		met[plan.verdict]++;
		if (plan.verdict == CMA_PLAN_OK)
			in_ranges[plan.nr_ranges]++;
	}
	return true;
}

/* Otherwise the case before says less than it seems to. */
static bool every_verdict_was_met(void)
{
	bool right = true;
	unsigned int i;

	for (i = 0; i < NR_CMA_PLAN_VERDICTS; i++) {
		printf("# %s: %lu\n", cma_plan_verdict_name(i), met[i]);
		right &= EXPECT(met[i], "%s", cma_plan_verdict_name(i));
	}
	return right;
}

static bool areas_of_every_number_of_ranges_were_met(void)
{
	bool right = true;
	unsigned int i;

	for (i = 1; i <= CMA_PLAN_RANGES; i++) {
		printf("# %u ranges: %lu\n", i, in_ranges[i]);
		right &= EXPECT(in_ranges[i], "%u", i);
	}
	return right;
}

static bool what_was_planned_does_not_depend_on_the_order_of_ranges(void)
{
	struct rng rng = { .state = seed + 1 };
	unsigned int i, k;

	for (i = 0; i < 20000; i++) {
		struct cma_plan plan, backwards;
		struct world world, mirror;

		world_make(&world, &rng);
		mirror = world;
		for (k = 0; k < world.nr_ranges; k++)
			mirror.order[k] = world.order[world.nr_ranges - 1 - k];
		world_plan(&world, &plan);
		world_plan(&mirror, &backwards);
		if (!EXPECT(plan.verdict == backwards.verdict &&
			    plan.base == backwards.base &&
			    !memcmp(plan.ranges, backwards.ranges,
				    sizeof(plan.ranges)) &&
			    plan.taken_start == backwards.taken_start &&
			    plan.taken_end == backwards.taken_end &&
			    !memcmp(&plan.hole, &backwards.hole,
				    sizeof(plan.hole)), "world %u", i))
			return false;
	}
	return true;
}

/* The reverse: nothing smaller than what is said to fit is refused. */
static bool what_is_said_to_fit_does_fit(void)
{
	struct rng rng = { .state = seed + 2 };
	unsigned int i, tried = 0;

	for (i = 0; i < 100000; i++) {
		struct cma_plan plan;
		struct world world;

		world_make(&world, &rng);
		world_plan(&world, &plan);
		if (plan.verdict != CMA_PLAN_NO_HOLE || !plan.hole.fits)
			continue;
		tried++;
		world.request.size = plan.hole.fits;
		world_plan(&world, &plan);
		if (!EXPECT(plan.verdict == CMA_PLAN_OK, "world %u: %s", i,
			    cma_plan_verdict_name(plan.verdict)))
			return false;
	}
	return EXPECT(tried > 1000, "%u tried", tried);
}

static const struct test tests[] = {
	TEST(random_requests_are_planned_as_by_trying_every_byte),
	TEST(every_verdict_was_met),
	TEST(areas_of_every_number_of_ranges_were_met),
	TEST(what_was_planned_does_not_depend_on_the_order_of_ranges),
	TEST(what_is_said_to_fit_does_fit),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
