/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory: how a run is looked for, claimed and waited for. The lock legend is
 * in area.h.
 */
#ifndef __MM_CMA_FIND_H__
#define __MM_CMA_FIND_H__

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/runmap.h>

#include "area.h"

/**
 * struct cma_turn - a run that a request waits for; a place in the queue
 * @node: (l) in cma->turns, where the longest wait is the first
 * @run: (l) the units; empty when it isn't in the queue
 * @until: (l) when others need not leave it alone any more, in jiffies
 *
 * Nothing is reserved by it: requests that can wait leave the run alone, and others
 * don't. No request ever waits while it has a claim, so that the first one of the
 * queue waits for evacuations only.
 */
struct cma_turn {
	struct list_head node;
	struct cma_extent run;
	unsigned long until;
};

/* More room than that may help any request. */
#define CMA_ROOM_UNITS		BIT(15)

#define CMA_LOOK_CLEAR	BIT(0)	/* for runs without pages known to be stuck */
#define CMA_LOOK_CHEAP	BIT(1)	/* or to cost something; with CMA_LOOK_CLEAR */
#define CMA_LOOK_MIXED	BIT(2)	/* for runs of LENT and READY units */
#define CMA_LOOK_POLITE	BIT(3)	/* for runs that no request has waited for */

/**
 * struct cma_lookup - how to look for a run, and what was seen
 * @flags: CMA_LOOK_*
 * @turn: of the request that looks; only those that are ahead of it matter
 * @run: out: the run
 * @seen: out: claims that had ended before; for cma_wait_for_claim()
 * @in_the_way: out: where others are in the way of runs; all of the area where it isn't
 *	known which
 *
 * One task has it to itself, as it has struct cma_usage and struct cma_work.
 */
struct cma_lookup {
	unsigned int flags;
	const struct cma_turn *turn;
	struct cma_extent run;
	unsigned long seen;
	struct cma_extent in_the_way;
};

/**
 * struct cma_work - what one request has cost so far
 * @attempts: evacuations tried
 * @waits: waits for other requests
 * @nr_moved: pages that were in the way
 * @nr_dropped: pages that were dropped, also by attempts that failed
 * @drained_lru: the folio batches of all processors were drained
 * @was_ready: READY memory served it
 * @has_lent: READY memory was lent for it, where it can't sleep
 * @blocker: what stopped the last attempt that failed
 */
struct cma_work {
	unsigned int attempts;
	unsigned int waits;
	unsigned long nr_moved;
	unsigned long nr_dropped;
	bool drained_lru;
	bool was_ready;
	bool has_lent;
	struct cma_blocker blocker;
};

/**
 * struct cma_first_fit - a request that should rather have a low run
 * @ask: the request for such a run
 * @began: when it began, in jiffies
 * @ms: how long it may look for one
 * @all_ms: how long it may take in all
 * @tried: where the run begins that was found last
 * @tries: runs that were looked for
 */
struct cma_first_fit {
	struct cma_request ask;
	unsigned long began;
	unsigned int ms;
	unsigned int all_ms;
	unsigned long tried;
	unsigned int tries;
};

/* What a search of the map found. */
enum cma_found {
	CMA_FOUND_RUN,		/* a run that can be claimed, or was */
	CMA_FOUND_CONFLICT,	/* only runs whose pageblocks others isolate */
	CMA_FOUND_IN_FLIGHT,	/* none, but what others claim might do */
	CMA_FOUND_NONE,
};

/* find.c: candidates, and what keeps a request out of them */
enum cma_found cma_next_candidate(struct cma *cma,
				  const struct runmap_query *query,
				  struct cma_lookup *look);
void cma_leave_turn(struct cma *cma, struct cma_turn *turn);
bool cma_next_extent(struct cma *cma, struct cma_extent *left,
		     struct cma_extent *extent);
bool cma_next_gap(struct cma *cma, struct cma_extent *left,
		  struct cma_extent *gap);

/* first_fit.c: for devices that rely on addresses */
void cma_first_fit_begin(struct cma_first_fit *fit, const struct cma_request *request);
bool cma_first_fit_next(struct cma *cma, struct cma_first_fit *fit,
			struct runmap_query *query);
struct cma_request cma_first_fit_end(const struct cma_first_fit *fit);

/* claim.c: a run that was found, whatever it is made of */
bool cma_claim_mixed(struct cma *cma, struct cma_extent run, bool isolates,
		     struct cma_claim *claim);
enum cma_found cma_claim_first(struct cma *cma, struct runmap_query *query,
			       struct cma_claim *claim, struct cma_lookup *look);
void cma_take_turn(struct cma *cma, struct cma_turn *turn,
		   struct cma_extent run);
int cma_wait_for_claim(struct cma *cma, const struct cma_lookup *look,
		       unsigned long count, long timeout);

#endif /* __MM_CMA_FIND_H__ */
