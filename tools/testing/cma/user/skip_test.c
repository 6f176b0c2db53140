// SPDX-License-Identifier: GPL-2.0
/*
 * mm/cma/skip.c and mm/cma/open.c against the oracle, at random, and what only user space can
 * provoke: warnings. SEED= and OPS= in the environment.
 */
#include "skip_oracle.h"

static struct skip_step random_step(struct rng *rng)
{
	struct skip_step step = {
		.op = rng_below(rng, STUCK_OPS),
		.count = rng_skewed(rng, rng_below(rng, 4) ? 16 : SKIP_UNITS),
		.align = rng_below(rng, 4),
		.from = rng_below(rng, SKIP_UNITS + 2),
		.to = RUNMAP_NONE,
		.ticks = rng_below(rng, 1000),
		.costly = rng_below(rng, 2),
		.mixed = rng_below(rng, 2),
		.steps = rng_below(rng, 2) ? rng_below(rng, 5) : UINT_MAX,
	};

	/* Notes are many, and it takes long to find one that is forgotten. */
	if (step.op == STUCK_FORGET && rng_below(rng, 16))
		step.op = STUCK_NOTE;
	if (step.op == STUCK_FORGET && rng_below(rng, 8))
		step.to = step.from + step.count;
	if (step.op == STUCK_LAST && rng_below(rng, 2))
		step.to = rng_below(rng, SKIP_UNITS + 2);
	if (step.op == STUCK_FIND) {
		step.from *= rng_below(rng, 2);
		if (rng_below(rng, 2))
			step.to = rng_below(rng, SKIP_UNITS + 2);
		if (!rng_below(rng, 16))
			step.align = rng_below(rng, 100);
	}
	if (step.op == STUCK_WAIT && rng_below(rng, 4))
		step.ticks %= 20;
	if (step.op == STUCK_NOTE && !rng_below(rng, 16))
		step.ticks = rng_next(rng);
	return step;
}

/* Half of the stories begin shortly before the clock of 32 bits wraps. */
static u64 random_start(struct rng *rng)
{
	u64 now = rng_next(rng) >> 2;

	return rng_below(rng, 2) ? now | 0xffff0000 : now;
}

static bool random_story(struct rng *rng, unsigned int steps, u64 *dropped)
{
	struct skip_oracle oracle;
	bool long_waits = !rng_below(rng, 4), right = true;

	skip_open(&oracle, rng_next(rng) >> rng_below(rng, BITS_PER_LONG),
		  random_start(rng));
	while (right && steps--) {
		struct skip_step step = random_step(rng);

		/* not so long that the clock goes round within the story */
		if (long_waits && step.op == STUCK_WAIT)
			step.ticks = rng_skewed(rng, 1U << 22);
		right = skip_do(&oracle, &step);
		if (steps % 16 == 0)
			right = right && skip_agrees(&oracle);
	}
	if (!right)
		printf("# unit 0 has the address %#lx, the time is %#llx\n",
		       oracle.map.origin, (unsigned long long)oracle.now);
	*dropped += oracle.dropped;
	right = right && skip_agrees(&oracle);
	skip_close(&oracle);
	return right;
}

static bool random_steps_agree_with_an_array(void)
{
	u64 dropped = 0, done = tell_stories(random_story, 4000, &dropped);

	if (!done)
		return false;
	printf("# %llu operations, %llu notes made room, seed %llu\n",
	       (unsigned long long)done, (unsigned long long)dropped,
	       (unsigned long long)seed);
	return EXPECT(dropped, "there was always room");
}

static bool misuse_is_warned_about_and_changes_nothing(void)
{
	const unsigned long bad[] = { RUNMAP_MAX_UNITS, 1UL << 32, ~0UL };
	unsigned long before = shim_warnings;
	struct cma_skip_note notes[CMA_SKIP_NOTES];
	struct cma_skip stuck;
	unsigned int i;

	cma_skip_init(&stuck, notes);
	cma_skip_add(&stuck, 0, 100, 10, false);
	shim_warnings_expected = true;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		cma_skip_add(&stuck, bad[i], 100, 10, false);
	shim_warnings_expected = false;
	return EXPECT(shim_warnings - before == ARRAY_SIZE(bad), "%lu warnings",
		      shim_warnings - before) &&
	       EXPECT(stuck.nr == 1 && !stuck.notes[0].strikes &&
		      cma_skip_check(&stuck), "%u notes", stuck.nr);
}

/* For each length there is, each tick around the begin and the end of it. */
static bool a_note_is_hot_from_now_to_its_end_wherever_the_clock_is(void)
{
	u32 starts[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	struct cma_skip_note notes[CMA_SKIP_NOTES];
	unsigned int i;
	u32 length;
	u64 after;

	for (i = 0; i < ARRAY_SIZE(starts); i++)
		for (length = 1; length; length <<= 1) {
			u32 end = min(length, CMA_SKIP_LONGEST);
			struct cma_skip stuck;

			cma_skip_init(&stuck, notes);
			cma_skip_add(&stuck, 7, starts[i], length,
				     false);
			if (!EXPECT(cma_skip_nr_backoffs(&stuck, starts[i]) &&
				    cma_skip_nr_backoffs(&stuck, starts[i] + end - 1),
				    "%u from %#x", length, starts[i]))
				return false;
			for (after = end; after < 0xf0000000; after += 1 + after)
				if (!EXPECT(!cma_skip_nr_backoffs(&stuck,
								  starts[i] + after),
					    "%u from %#x, %u later", length,
					    starts[i], (u32)after))
					return false;
		}
	return true;
}

static bool what_is_broken_is_noticed(void)
{
	struct {
		unsigned int nr;
		struct cma_skip_note notes[CMA_SKIP_NOTES];
	} broken[] = {
		{ .nr = CMA_SKIP_NOTES + 1 },
		{ .nr = 2, .notes = { { 5 }, { 5 } } },
		{ .nr = 2, .notes = { { 5 }, { 4 } } },
		{ .nr = 1, .notes = { { RUNMAP_MAX_UNITS } } },
		{ .nr = 1, .notes = { { 5, 0, CMA_SKIP_MAX_DOUBLINGS + 1 } } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		const struct cma_skip stuck = { broken[i].nr, broken[i].notes };

		if (!EXPECT(!cma_skip_check(&stuck), "number %u", i))
			return false;
	}
	return true;
}

static const struct test tests[] = {
	TEST(misuse_is_warned_about_and_changes_nothing),
	TEST(a_note_is_hot_from_now_to_its_end_wherever_the_clock_is),
	TEST(what_is_broken_is_noticed),
	TEST(random_steps_agree_with_an_array),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
