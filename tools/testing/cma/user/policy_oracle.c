// SPDX-License-Identifier: GPL-2.0
#include "policy_oracle.h"

/* What nobody would call patience any more; the policy has bounds of its own. */
#define MOST_WAITS	1100
#define MOST_LATE_STEPS	300
#define MOST_STEPS	50000

static unsigned int most_rounds(const struct cma_allowed *allowed)
{
	if (allowed->has_fallback)
		return 0;
	return allowed->insists ? 8 : 3;
}

/* Can this come of the last step? */
bool policy_fits(const struct policy_story *story, enum cma_event event)
{
	bool thorough = story->policy.effort == CMA_EFFORT_THOROUGH;

	switch (story->step.action) {
	case CMA_ACTION_WAIT:
		return event == CMA_EVENT_ENDED || event == CMA_EVENT_KILLED ||
		       event == CMA_EVENT_TIMED_OUT;
	case CMA_ACTION_PAUSE:
		return event == CMA_EVENT_PAUSED || event == CMA_EVENT_KILLED;
	case CMA_ACTION_LOOK:
		switch (event) {
		case CMA_EVENT_LOST:
			return !thorough;
		case CMA_EVENT_COSTLY:
			return story->policy.effort == CMA_EFFORT_CHEAP;
		default:
			return event <= CMA_EVENT_KILLED;
		}
	default:
		return false;
	}
}

static bool right_failure(const struct policy_story *story,
			  enum cma_event event, bool late)
{
	const struct cma_allowed *allowed = &story->policy.allowed;
	enum cma_reason reason = story->step.reason;

	switch (reason) {
	case CMA_REASON_NONE:
		return EXPECT(event == CMA_EVENT_NONE && !story->tried,
			      "nothing is short where something was tried");
	case CMA_REASON_INTERRUPTED:
		return EXPECT(event == CMA_EVENT_KILLED, "by event %u", event);
	case CMA_REASON_BUSY:
	case CMA_REASON_NO_TARGET:
		return EXPECT(late || allowed->has_fallback || !allowed->may_wait ||
			      story->rounds == most_rounds(allowed),
			      "it gave up in round %u, and had time",
			      story->rounds);
	default:
		return EXPECT(false, "reason %u", reason);
	}
}

static bool right_wait(const struct policy_story *story)
{
	return EXPECT(story->policy.allowed.may_wait,
		      "it waits, and others may wait for it") &&
	       EXPECT(story->waits <= MOST_WAITS, "%u waits in a round",
		      story->waits) &&
	       EXPECT(story->step.ms && story->step.ms <= 100, "for %u ms",
		      story->step.ms);
}

static bool right_pause(const struct policy_story *story)
{
	const struct cma_allowed *allowed = &story->policy.allowed;

	return EXPECT(story->step.redrain, "a round without fresh lists") &&
	       EXPECT(allowed->does_io || !story->step.ms,
		      "%u ms in the middle of I/O", story->step.ms) &&
	       EXPECT(story->step.ms <= 64, "%u ms", story->step.ms);
}

static bool right_look(const struct policy_story *story)
{
	return EXPECT(story->policy.effort != CMA_EFFORT_THOROUGH ||
		      story->bottom,
		      "a part of the area is left out of a thorough round");
}

static void keep_count(struct policy_story *story, enum cma_event event,
		       bool late)
{
	story->steps++;
	story->late = late ? story->late + 1 : 0;
	story->tried |= event == CMA_EVENT_STUCK || event == CMA_EVENT_NO_TARGET;
	if (story->step.redrain) {
		story->rounds++;
		story->waits = 0;
		story->tried = false;
		story->bottom = false;
	}
	story->waits += story->step.action == CMA_ACTION_WAIT;
	story->bottom |= story->step.action == CMA_ACTION_LOOK &&
			 story->step.restart;
}

/* The first step. */
bool policy_open(struct policy_story *story, const struct cma_allowed *allowed,
		 unsigned long nr_pages)
{
	*story = (struct policy_story){ };
	story->step = cma_policy_begin(&story->policy, allowed, nr_pages);
	return EXPECT(story->step.action == CMA_ACTION_LOOK, "action %u",
		      story->step.action) &&
	       EXPECT(story->policy.effort != CMA_EFFORT_THOROUGH,
		      "thorough from the beginning");
}

/* What came of the last step; true if the next one is right. */
bool policy_tell(struct policy_story *story, enum cma_event event, bool late)
{
	enum cma_effort before = story->policy.effort;

	story->step = cma_policy_next(&story->policy, event, late);
	keep_count(story, event, late);
	if (before != CMA_EFFORT_THOROUGH &&
	    story->policy.effort == CMA_EFFORT_THOROUGH)
		story->bottom = story->step.restart;

	if (!EXPECT(story->steps <= MOST_STEPS, "%u steps", story->steps) ||
	    !EXPECT(story->late <= MOST_LATE_STEPS, "%u steps too late",
		    story->late) ||
	    !EXPECT(story->policy.effort >= before, "the effort went down") ||
	    !EXPECT(story->rounds <= most_rounds(&story->policy.allowed),
		    "%u rounds", story->rounds))
		return false;
	switch (story->step.action) {
	case CMA_ACTION_FAIL:
		return right_failure(story, event, late);
	case CMA_ACTION_WAIT:
		return right_wait(story);
	case CMA_ACTION_PAUSE:
		return right_pause(story);
	default:
		return right_look(story);
	}
}
