// SPDX-License-Identifier: GPL-2.0
/*
 * mm/cma/policy.c through stories at random: what comes of a step is whatever can come
 * of it. SEED= and OPS= in the environment.
 */
#include "policy_oracle.h"

static struct cma_allowed random_leave(struct rng *rng)
{
	bool has_fallback = !rng_below(rng, 3), reclaims = !rng_below(rng, 4);

	return (struct cma_allowed){
		.has_fallback	= has_fallback,
		.insists	= !has_fallback && rng_below(rng, 2),
		.may_wait	= !has_fallback && !reclaims,
		.does_io	= !reclaims && rng_below(rng, 4),
		.fills		= !rng_below(rng, 4),
	};
}

/*
 * An area with so many places that fail, and then with none: a search that goes on
 * beyond what was tried comes to its end.
 */
static enum cma_event random_event(const struct policy_story *story,
				   struct rng *rng, unsigned int *places)
{
	enum cma_event event;

	do
		event = rng_below(rng, CMA_EVENT_DONE);
	while (!policy_fits(story, event) ||
	       (event == CMA_EVENT_KILLED && rng_below(rng, 100)));
	if (event == CMA_EVENT_STUCK && !(*places)--) {
		*places = rng_skewed(rng, 500);
		return CMA_EVENT_NONE;
	}
	return event;
}

static bool random_story(struct rng *rng, u64 *done, unsigned int *outcomes)
{
	unsigned int ends = rng_skewed(rng, 5000), places = rng_below(rng, 20);
	const struct cma_allowed allowed = random_leave(rng);
	struct policy_story story;
	enum cma_event event;

	if (!policy_open(&story, &allowed, rng_skewed(rng, 1 << 20)))
		return false;
	while (story.step.action != CMA_ACTION_FAIL) {
		event = random_event(&story, rng, &places);
		if (!policy_tell(&story, event, story.steps >= ends)) {
			printf("# fallback %d insists %d waits %d io %d, event %u in step %u\n",
			       allowed.has_fallback, allowed.insists,
			       allowed.may_wait, allowed.does_io, event,
			       story.steps);
			return false;
		}
		++*done;
	}
	outcomes[story.step.reason]++;
	return true;
}

static bool random_stories_come_to_the_right_end(void)
{
	unsigned int outcomes[NR_CMA_REASONS] = { };
	struct rng rng = { seed };
	u64 done = 0;

	while (done < 4 * ops)
		if (!random_story(&rng, &done, outcomes))
			return false;
	printf("# %llu steps, seed %llu; short of memory %u, busy %u, no target %u, killed %u\n",
	       (unsigned long long)done, (unsigned long long)seed,
	       outcomes[CMA_REASON_NONE], outcomes[CMA_REASON_BUSY],
	       outcomes[CMA_REASON_NO_TARGET],
	       outcomes[CMA_REASON_INTERRUPTED]);
	return EXPECT(outcomes[CMA_REASON_NONE] && outcomes[CMA_REASON_BUSY] &&
		      outcomes[CMA_REASON_NO_TARGET] &&
		      outcomes[CMA_REASON_INTERRUPTED], "one never happened");
}

/* The same event for ever: each request comes to an end all the same. */
static bool whatever_happens_for_ever_a_request_that_is_late_ends(void)
{
	const struct cma_allowed allowed = {
		.insists = true, .may_wait = true, .does_io = true,
	};
	struct policy_story story;
	enum cma_event event;

	for (event = 0; event < CMA_EVENT_DONE; event++) {
		if (!policy_open(&story, &allowed, 1))
			return false;
		while (story.step.action != CMA_ACTION_FAIL &&
		       story.steps < 1000) {
			enum cma_event now = event;

			if (story.step.action == CMA_ACTION_WAIT)
				now = CMA_EVENT_TIMED_OUT;
			else if (story.step.action == CMA_ACTION_PAUSE)
				now = CMA_EVENT_PAUSED;
			else if (!policy_fits(&story, event))
				now = CMA_EVENT_NONE;
			if (!policy_tell(&story, now, true))
				return false;
		}
		if (!EXPECT(story.step.action == CMA_ACTION_FAIL,
			    "event %u goes on for ever", event))
			return false;
	}
	return true;
}

/* Two requests that are in each other's way don't keep each other at it. */
static bool waits_are_bounded_though_each_one_ends_well(void)
{
	const struct cma_allowed allowed = { .may_wait = true, .does_io = true };
	struct policy_story story;

	if (!policy_open(&story, &allowed, 2048))
		return false;
	while (story.step.action != CMA_ACTION_FAIL)
		if (!policy_tell(&story,
				 story.step.action == CMA_ACTION_WAIT ?
				 CMA_EVENT_ENDED :
				 story.step.action == CMA_ACTION_PAUSE ?
				 CMA_EVENT_PAUSED : CMA_EVENT_CONFLICT, false))
			return false;
	return EXPECT(story.step.reason == CMA_REASON_BUSY, "reason %u",
		      story.step.reason);
}

static const struct test tests[] = {
	TEST(random_stories_come_to_the_right_end),
	TEST(whatever_happens_for_ever_a_request_that_is_late_ends),
	TEST(waits_are_bounded_though_each_one_ends_well),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
