// SPDX-License-Identifier: GPL-2.0
#include <time.h>

#include "harness.h"

bool shim_warnings_expected;
unsigned long shim_warnings;
u64 seed, ops;

/* Run them all. What it returns is the status of the program. */
int run_tests(const struct test *tests, unsigned int nr)
{
	unsigned int i, failed = 0;

	seed = setting("SEED", 20241117);
	ops = setting("OPS", 1200000);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", nr);
	for (i = 0; i < nr; i++) {
		bool holds = tests[i].holds();

		failed += !holds;
		printf("%sok %u %s\n", holds ? "" : "not ", i + 1, tests[i].name);
	}
	printf("%u passed, %u failed, 0 skipped\n", nr - failed, failed);
	return failed ? 1 : 0;
}

/* Stories of @steps until there were @ops. Returns how many, 0 if one isn't right. */
u64 tell_stories(story_fn *story, unsigned int steps, u64 *counted)
{
	struct rng rng = { seed };
	u64 done;

	for (done = 0; done < ops; done += steps)
		if (!story(&rng, steps, counted))
			return 0;
	return done;
}

/* CPU time: what else runs on the machine must not count. */
double cpu_time_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}
