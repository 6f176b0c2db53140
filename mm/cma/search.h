/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory: what the parts of a search share.
 */
#ifndef __MM_CMA_SEARCH_H__
#define __MM_CMA_SEARCH_H__

#include "find.h"
#include "policy.h"

/* One request on its way through an area. */
struct cma_search {
	struct cma *cma;
	const struct cma_request *request;
	bool keep;			/* what is found is to be READY */
	struct cma_policy policy;
	struct runmap_query query;	/* in units; the next candidate's place */
	unsigned long from;		/* no lower than this, but for windows */
	unsigned long deadline;		/* in jiffies; the first attempt is free */
	struct cma_lookup look;		/* how it looked, and what it saw */
	struct cma_turn turn;		/* its place in the queue */
	struct cma_work *work;
};

struct cma_allowed cma_allowed_by(gfp_t gfp);
enum cma_event cma_attempt(struct cma_search *search, struct cma_claim *claim,
			   unsigned long *pfn);
enum cma_event cma_clear_way(struct cma_search *search, struct cma_extent run);
bool cma_search_atomic(struct cma_search *search, unsigned long *pfn);

#endif
