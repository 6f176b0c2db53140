/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request does next, from what has come of it so far.
 *
 * Nothing here knows of pages, locks or time, and nothing sleeps: the caller carries a
 * step out, says what came of it, and gets the next one.
 */
#ifndef __MM_CMA_POLICY_H__
#define __MM_CMA_POLICY_H__

#include <linux/cma.h>
#include <linux/types.h>

/**
 * enum cma_effort - how much a run may cost
 * @CMA_EFFORT_CHEAP: none of its pages is known to be stuck, or has to be copied
 * @CMA_EFFORT_CLEAR: none of its pages is known to be stuck
 * @CMA_EFFORT_THOROUGH: whatever it takes, waits for what is on its way included
 */
enum cma_effort {
	CMA_EFFORT_CHEAP,
	CMA_EFFORT_CLEAR,
	CMA_EFFORT_THOROUGH,
};

/**
 * enum cma_event - what came of a step
 * @CMA_EVENT_NONE: no candidate is left
 * @CMA_EVENT_CONFLICT: others isolate the pageblocks of all that are left
 * @CMA_EVENT_IN_FLIGHT: none is left, but what others have claimed might do
 * @CMA_EVENT_LOST: others were quicker, or there is a better place to look at
 * @CMA_EVENT_STUCK: a page didn't move
 * @CMA_EVENT_COSTLY: a page would have to be copied, and the effort was to be cheap
 * @CMA_EVENT_NO_TARGET: there is no memory to move pages to
 * @CMA_EVENT_KILLED: a fatal signal is pending
 * @CMA_EVENT_WOULD_SLEEP: what is left can't be done without sleeping
 * @CMA_EVENT_ENDED: a claim has ended
 * @CMA_EVENT_TIMED_OUT: no claim has ended in time
 * @CMA_EVENT_PAUSED: the pause is over
 * @CMA_EVENT_DONE: the request has its run
 * @NR_CMA_EVENTS: number of events
 */
enum cma_event {
	CMA_EVENT_NONE,
	CMA_EVENT_CONFLICT,
	CMA_EVENT_IN_FLIGHT,
	CMA_EVENT_LOST,
	CMA_EVENT_STUCK,
	CMA_EVENT_COSTLY,
	CMA_EVENT_NO_TARGET,
	CMA_EVENT_KILLED,
	CMA_EVENT_WOULD_SLEEP,
	CMA_EVENT_ENDED,
	CMA_EVENT_TIMED_OUT,
	CMA_EVENT_PAUSED,
	CMA_EVENT_DONE,
	NR_CMA_EVENTS
};

/**
 * enum cma_action - what a request does
 * @CMA_ACTION_LOOK: look for a run with the effort of the policy, and evacuate it
 * @CMA_ACTION_WAIT: wait until a claim of others has ended
 * @CMA_ACTION_PAUSE: give pages on their way time to arrive
 * @CMA_ACTION_FAIL: fail, for the reason of the step
 */
enum cma_action {
	CMA_ACTION_LOOK,
	CMA_ACTION_WAIT,
	CMA_ACTION_PAUSE,
	CMA_ACTION_FAIL,
};

/**
 * struct cma_step - the next step of a request
 * @action: what to do
 * @restart: look at all of the area again, not only beyond what was tried
 * @redrain: lists of processors that were drained may have been filled again
 * @queue: before the wait, have others leave the run alone
 * @ms: how long to wait, or to pause, at most
 * @reason: why it failed; CMA_REASON_NONE when there was no candidate to be tried, so
 *	that the state of the area is the reason
 */
struct cma_step {
	enum cma_action action;
	bool restart;
	bool redrain;
	bool queue;
	unsigned int ms;
	enum cma_reason reason;
};

/**
 * struct cma_allowed - what may be done for the sake of a request
 * @has_fallback: the caller has something else to turn to, and wants to know soon
 * @insists: the caller would rather wait than fail
 * @may_wait: for others, which may wait for the task in turn
 * @does_io: the task isn't in the middle of something that others wait for
 * @fills: nobody has asked: it is for READY memory
 */
struct cma_allowed {
	bool has_fallback;
	bool insists;
	bool may_wait;
	bool does_io;
	bool fills;
};

/**
 * struct cma_policy - how far a request has come
 * @allowed: what may be done for it
 * @effort: of the next attempt
 * @failed: why the last attempt of this round failed
 * @seen: the last event
 * @rounds: how often it was begun anew
 * @looks: so many times a run without stuck pages was looked for
 * @waits: waits in this round
 * @lost: waits in all, each one in vain
 */
struct cma_policy {
	struct cma_allowed allowed;
	enum cma_effort effort;
	enum cma_reason failed;
	enum cma_event seen;
	unsigned int rounds;
	unsigned int looks;
	unsigned int waits;
	unsigned int lost;
};

/**
 * cma_policy_is_polite() - does a request leave runs alone that others wait for?
 * @policy: of the request
 *
 * A task that others may wait for takes what it finds, whatever is in the queue, and so
 * does one that can't wait and has found nothing else.
 *
 * Context: any.
 * Return: true if it does.
 */
static inline bool cma_policy_is_polite(const struct cma_policy *policy)
{
	return policy->allowed.does_io &&
	       (policy->allowed.may_wait || policy->allowed.fills ||
		policy->effort != CMA_EFFORT_THOROUGH);
}

struct cma_step cma_policy_begin(struct cma_policy *policy,
				 const struct cma_allowed *allowed,
				 unsigned long nr_pages);
struct cma_step cma_policy_next(struct cma_policy *policy,
				enum cma_event event, bool time_is_up);
unsigned int cma_policy_patience(const struct cma_allowed *allowed, unsigned long nr_pages);

#endif
