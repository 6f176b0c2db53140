// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the policy of a request. (What came of the last step) -> the next
 * one.
 *
 *	              stuck, costly, lost
 *	             +-------------------+
 *	             v                   |
 *	  begin -> LOOK, cheap or clear -+   none, or it takes too long
 *	             ^  |  conflict          +----------> LOOK, thoroughly
 *	             |  v                    |            ^   |  |
 *	            WAIT --------------------+            |   |  | none, or time is up:
 *	                                      WAIT, PAUSE +---+  v a new round or
 *	                                                        FAIL
 *
 * Runs without a page that is known to be stuck come first, the cheapest of them. When
 * none is left all runs are tried from the bottom up, thoroughly; that is a round. A
 * page that is in the way now may be gone in a moment, so there are several.
 */
#include <linux/cma.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "policy.h"

/* So many rounds are begun after the first one; the first pauses grow by eight. */
#define CMA_ROUNDS		3
#define CMA_ROUNDS_INSISTS	8
#define CMA_FIRST_PAUSE_MS	1

/* So long a request waits, in all that it does, unless it says how long. */
#define CMA_PATIENCE_MS		10000
#define CMA_PATIENCE_INSISTS_MS	60000
#define CMA_PATIENCE_FALLBACK_MS 100

/* And so much longer for each MiB, which a slow machine needs to copy it, unless hurried. */
#define CMA_PATIENCE_MIB_MS	32

/*
 * So often a request for no more than so many pages looks for a run in which
 * nothing has to be copied: one page that has to be costs as much as dropping
 * a hundred.
 */
#define CMA_CHEAP_LOOKS		4
#define CMA_CHEAP_PAGES		1024

/* After so many looks for clear runs it is time to be thorough. */
#define CMA_CLEAR_LOOKS		256

/*
 * A request that has waited so often in a round, and always found that others were
 * quicker, has a round less. Long before that it gets a place in the queue.
 */
#define CMA_WAITS		1000
#define CMA_LOST_WAITS		8

/* So long a wait for others takes at most; then it is time to look again. */
#define CMA_WAIT_MS		100

static struct cma_step cma_fail(enum cma_reason reason)
{
	return (struct cma_step){
		.action = CMA_ACTION_FAIL, .reason = reason,
	};
}

/* What others do meanwhile takes a request no further, unless time is up. */
static struct cma_step cma_look(struct cma_policy *policy, bool restart,
				bool time_is_up)
{
	struct cma_step step = { .action = CMA_ACTION_LOOK, .restart = restart };

	if (policy->failed && time_is_up)
		return cma_fail(policy->failed);
	if (policy->effort == CMA_EFFORT_THOROUGH)
		return step;
	if (policy->looks++ == CMA_CLEAR_LOOKS) {
		policy->effort = CMA_EFFORT_THOROUGH;
		step.restart = true;
	} else if (policy->looks > CMA_CHEAP_LOOKS) {
		policy->effort = CMA_EFFORT_CLEAR;
	}
	return step;
}

/* From here on stuck pages are tried again, whatever it costs. */
static struct cma_step cma_look_thoroughly(struct cma_policy *policy,
					   bool time_is_up)
{
	policy->effort = CMA_EFFORT_THOROUGH;
	return cma_look(policy, true, time_is_up);
}

static struct cma_step cma_wait(struct cma_policy *policy)
{
	struct cma_step step = {
		.action = CMA_ACTION_WAIT, .ms = CMA_WAIT_MS,
	};

	policy->waits++;
	step.queue = policy->lost++ >= CMA_LOST_WAITS &&
		     cma_policy_is_polite(policy);
	return step;
}

/* Begin again from the bottom, unless that was done too often. */
static struct cma_step cma_next_round(struct cma_policy *policy, bool time_is_up)
{
	const struct cma_allowed *allowed = &policy->allowed;
	struct cma_step step;

	if (time_is_up ||
	    policy->rounds >= (allowed->insists ? CMA_ROUNDS_INSISTS : CMA_ROUNDS))
		return cma_fail(policy->failed);
	policy->rounds++;
	policy->waits = 0;
	policy->failed = CMA_REASON_NONE;
	step = cma_look_thoroughly(policy, time_is_up);
	step.redrain = true;
	return step;
}

/* The same, when what is in the way should have time to move. */
static struct cma_step cma_pause(struct cma_policy *policy, bool time_is_up)
{
	unsigned int ms = CMA_FIRST_PAUSE_MS << (3 * min(policy->rounds, 2U));
	const struct cma_allowed *allowed = &policy->allowed;
	struct cma_step step = cma_next_round(policy, time_is_up);

	if (step.action != CMA_ACTION_LOOK)
		return step;
	step.action = CMA_ACTION_PAUSE;
	step.restart = false;
	step.ms = allowed->does_io ? ms : 0;
	return step;
}

/*
 * None of the runs that nothing is known against can be had. What others are at is
 * worth some waits, but not all the time that there is: a note may be out of date, and
 * must not cost success.
 */
static struct cma_step cma_no_clear_run(struct cma_policy *policy,
					bool time_is_up)
{
	if (policy->effort == CMA_EFFORT_CHEAP) {
		policy->effort = CMA_EFFORT_CLEAR;
		return cma_look(policy, false, time_is_up);
	}
	if (policy->seen == CMA_EVENT_NONE || !policy->allowed.may_wait ||
	    !policy->allowed.does_io || time_is_up ||
	    policy->waits >= CMA_LOST_WAITS)
		return cma_look_thoroughly(policy, time_is_up);
	return cma_wait(policy);
}

static struct cma_step cma_no_run(struct cma_policy *policy, bool time_is_up)
{
	if (policy->effort != CMA_EFFORT_THOROUGH)
		return cma_no_clear_run(policy, time_is_up);
	if (policy->seen == CMA_EVENT_NONE)
		return policy->failed ? cma_pause(policy, time_is_up) :
					cma_fail(CMA_REASON_NONE);
	if (!policy->allowed.may_wait)
		return cma_fail(policy->failed ?: CMA_REASON_BUSY);
	return cma_wait(policy);
}

/* A wait for others is over. */
static struct cma_step cma_waited(struct cma_policy *policy,
				  enum cma_event waited_for, bool timed_out,
				  bool time_is_up)
{
	if (policy->effort != CMA_EFFORT_THOROUGH)
		return cma_look(policy, false, time_is_up);
	/* In the middle of I/O a task may have what the other one waits for. */
	if (time_is_up || policy->waits > CMA_WAITS ||
	    (timed_out && !policy->allowed.does_io)) {
		policy->failed = CMA_REASON_BUSY;
		return cma_next_round(policy, time_is_up);
	}
	/*
	 * What the round has tried in vain isn't tried again for nothing, or two
	 * requests could keep each other at it for ever.
	 */
	if (policy->failed && waited_for != CMA_EVENT_CONFLICT)
		return cma_next_round(policy, time_is_up);
	/* Below what others are at, something may have come free meanwhile. */
	return cma_look(policy, !policy->failed, time_is_up);
}

static struct cma_step cma_failed(struct cma_policy *policy,
				  enum cma_reason reason, bool time_is_up)
{
	policy->failed = reason;
	if (policy->allowed.has_fallback)
		return cma_fail(reason);
	/* Another candidate would need a place for its pages as well. */
	if (reason == CMA_REASON_NO_TARGET)
		return cma_pause(policy, time_is_up);
	return cma_look(policy, false, time_is_up);
}

/**
 * cma_policy_next() - what comes next
 * @policy: of the request
 * @event: what came of the last step; CMA_EVENT_DONE is the caller's matter
 * @time_is_up: the request has waited for as long as it may
 *
 * Whatever the events are, a request whose time is up fails after at most as many
 * steps as there are looks for clear runs, and one more; and it waits no more than so
 * often in a round.
 *
 * Context: any.
 * Return: the next step.
 */
struct cma_step cma_policy_next(struct cma_policy *policy, enum cma_event event,
				bool time_is_up)
{
	enum cma_event before = policy->seen;

	policy->seen = event;
	switch (event) {
	case CMA_EVENT_NONE:
	case CMA_EVENT_CONFLICT:
	case CMA_EVENT_IN_FLIGHT:
		return cma_no_run(policy, time_is_up);
	case CMA_EVENT_STUCK:
		return cma_failed(policy, CMA_REASON_BUSY, time_is_up);
	case CMA_EVENT_NO_TARGET:
		return cma_failed(policy, CMA_REASON_NO_TARGET, time_is_up);
	case CMA_EVENT_LOST:
	case CMA_EVENT_COSTLY:
		return cma_look(policy, false, time_is_up);
	case CMA_EVENT_ENDED:
	case CMA_EVENT_TIMED_OUT:
		return cma_waited(policy, before, event == CMA_EVENT_TIMED_OUT,
				  time_is_up);
	case CMA_EVENT_PAUSED:
		return cma_look(policy, true, time_is_up);
	case CMA_EVENT_KILLED:
		return cma_fail(CMA_REASON_INTERRUPTED);
	case CMA_EVENT_WOULD_SLEEP:
		return cma_fail(CMA_REASON_WOULD_SLEEP);
	default:
		return cma_fail(CMA_REASON_INVALID);
	}
}

/**
 * cma_policy_begin() - begin a request
 * @policy: set up
 * @allowed: what may be done for it
 * @nr_pages: how many pages it asks for
 *
 * Context: any.
 * Return: its first step.
 */
struct cma_step cma_policy_begin(struct cma_policy *policy,
				 const struct cma_allowed *allowed,
				 unsigned long nr_pages)
{
	*policy = (struct cma_policy){
		.allowed = *allowed,
		.effort = nr_pages <= CMA_CHEAP_PAGES ? CMA_EFFORT_CHEAP :
							CMA_EFFORT_CLEAR,
		.seen = CMA_EVENT_LOST,
	};
	return cma_look(policy, true, false);
}

/**
 * cma_policy_patience() - how long a request waits that doesn't say how long
 * @allowed: what may be done for it
 * @nr_pages: how many pages it asks for
 *
 * If all the time went by with a first attempt, the pages that didn't move at once would
 * never be tried again.
 *
 * Context: any.
 * Return: the time in milliseconds.
 */
unsigned int cma_policy_patience(const struct cma_allowed *allowed, unsigned long nr_pages)
{
	unsigned long mib = nr_pages / (SZ_1M >> PAGE_SHIFT);

	if (allowed->has_fallback)
		return CMA_PATIENCE_FALLBACK_MS;
	return (allowed->insists ? CMA_PATIENCE_INSISTS_MS : CMA_PATIENCE_MS) +
	       min(mib, (unsigned long)SZ_1M) * CMA_PATIENCE_MIB_MS;
}
