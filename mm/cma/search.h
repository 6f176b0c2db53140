/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory: what the parts of a search share.
 */
#ifndef __MM_CMA_SEARCH_H__
#define __MM_CMA_SEARCH_H__

#include "area.h"

enum cma_stage {
	CMA_STAGE_CLEAR,	/* runs without stuck pages, the cheapest */
	CMA_STAGE_ANY,		/* all that there is, thoroughly */
};

/* One request on its way through an area. */
struct cma_search {
	struct cma *cma;
	const struct cma_request *request;
	bool keep;			/* what is found is to be READY */
	enum cma_stage stage;
	bool minds_cost;		/* goes by what would have to be copied */
	struct runmap_query query;	/* in units; the next candidate's place */
	unsigned long deadline;		/* in jiffies; the first attempt is free */
	unsigned int rounds;		/* begun after the first one */
	unsigned int clear_attempts;
	unsigned int waits;		/* of this round */
	unsigned int lost;		/* waits in all, each one in vain */
	struct cma_turn turn;		/* its place in the queue */
	enum cma_reason failed;		/* the round's last failed attempt */
	struct cma_work *work;
};

enum cma_reason cma_attempt(struct cma_search *search,
			    struct cma_claim *claim, unsigned long *pfn);
enum cma_reason cma_try_free(struct cma_search *search, unsigned long *pfn);
enum cma_reason cma_clear_way(struct cma_search *search, unsigned long start,
			      bool *clear);

#endif
