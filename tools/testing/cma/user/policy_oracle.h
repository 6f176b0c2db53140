/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A story of a request: what has come of each step, and whether the next one keeps what
 * mm/cma/policy.h promises.
 */
#ifndef CMA_USER_POLICY_ORACLE_H
#define CMA_USER_POLICY_ORACLE_H

#include "harness.h"
#include "policy.h"

/**
 * struct policy_story - how far a request has come
 * @policy: what is tested
 * @step: its last answer
 * @steps: how many there were
 * @rounds: how often it has begun anew
 * @waits: waits in this round
 * @late: steps since time was up
 * @tried: an attempt of this round has failed
 * @bottom: the round has looked at all of the area
 */
struct policy_story {
	struct cma_policy policy;
	struct cma_step step;
	unsigned int steps;
	unsigned int rounds;
	unsigned int waits;
	unsigned int late;
	bool tried;
	bool bottom;
};

bool policy_open(struct policy_story *story, const struct cma_allowed *allowed,
		 unsigned long nr_pages);
bool policy_fits(const struct policy_story *story, enum cma_event event);
bool policy_tell(struct policy_story *story, enum cma_event event, bool late);

#endif
