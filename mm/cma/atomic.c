// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what a request gets that can't sleep.
 *
 * It looks at so many places for a run that is free already, or READY in part and
 * otherwise free, and takes the first one. How much it looks at is bounded, whatever the
 * size of the area.
 */
#include <linux/minmax.h>

#include "search.h"

/* So many places are looked at for a request that can't sleep. */
#define CMA_GLANCES		64

/* Of what is READY in a run, the lent memory in between is in so many parts at most. */
#define CMA_GLANCE_GAPS		8

/* Look at some places for a run that is free, and take it. */
static bool cma_glance_around(struct cma_search *search, unsigned int flags,
			      unsigned long *pfn)
{
	struct cma *cma = search->cma;
	struct runmap_query query = search->query;
	unsigned long step = max(query.to / CMA_GLANCES, 1UL);
	struct cma_lookup look = { .flags = flags };
	struct cma_claim claim;
	unsigned int i;

	for (i = 0; i < CMA_GLANCES && !*pfn; i++) {
		if (cma_next_candidate(cma, &query, &look) != CMA_FOUND_RUN)
			break;
		if (!cma->evacuator->cost(cma, cma_run_to_pfn(cma, look.run),
					  cma_run_to_pages(cma, look.run)) &&
		    cma_claim_at(cma, look.run, false, &claim))
			cma_attempt(search, &claim, pfn);
		query.from = look.run.start + step;
	}
	return *pfn;
}

/* Does what is lent of a run seem to be free, and is it in few parts? */
static bool cma_gaps_are_free(struct cma *cma, struct cma_extent run)
{
	struct cma_extent gap;
	unsigned int i;

	for (i = 0; cma_next_gap(cma, &run, &gap); i++)
		if (i == CMA_GLANCE_GAPS ||
		    cma->evacuator->cost(cma, cma_run_to_pfn(cma, gap),
					 cma_run_to_pages(cma, gap)))
			return false;
	return true;
}

/* Claim it as it is, or else have READY memory lent: once, in all places of a request. */
static bool cma_claim_lending(struct cma_search *search, struct cma_extent run,
			      struct cma_claim *claim)
{
	struct cma_lookup look = { .flags = CMA_LOOK_MIXED };
	struct cma_extent left = run, extent;
	struct runmap_query query = search->query;

	if (cma_claim_at(search->cma, run, false, claim))
		return true;
	/* Somebody else was quicker. */
	query.from = run.start;
	query.to = cma_extent_end(run);
	if (!cma_next_extent(search->cma, &left, &extent) ||
	    cma_next_candidate(search->cma, &query, &look) != CMA_FOUND_RUN)
		return false;
	search->work->has_lent = true;
	return cma_claim_mixed(search->cma, run, false, claim);
}

/*
 * Take the lowest run from a unit on, if that needs nothing but READY memory lent. True if
 * there is no use in going on.
 */
static bool cma_try_mixed_from(struct cma_search *search, unsigned long from,
			       unsigned long *pfn)
{
	struct cma_lookup look = { .flags = CMA_LOOK_MIXED };
	struct runmap_query query = search->query;
	struct cma *cma = search->cma;
	struct cma_claim claim;

	query.from = from;
	if (cma_next_candidate(cma, &query, &look) != CMA_FOUND_RUN ||
	    !cma_gaps_are_free(cma, look.run))
		return false;
	if (cma_claim_lending(search, look.run, &claim))
		cma_attempt(search, &claim, pfn);
	return *pfn || search->work->has_lent;
}

/*
 * Look for a run that is free but for what is READY of it: one that ends with an
 * extent, and one that begins with it. No more is lent than for one attempt.
 */
static bool cma_glance_at_ready(struct cma_search *search, unsigned long *pfn)
{
	unsigned long count = search->query.count, from = search->from, end;
	struct cma_extent left = cma_extent_between(from, search->query.to);
	struct cma_extent extent;
	unsigned int i;

	for (i = 0; i < CMA_GLANCES && !search->work->has_lent; i += 2) {
		if (!cma_next_extent(search->cma, &left, &extent))
			break;
		end = cma_extent_end(extent);
		if (cma_try_mixed_from(search, max(from, end - min(end, count)), pfn) ||
		    cma_try_mixed_from(search, extent.start, pfn))
			break;
	}
	return *pfn;
}

/**
 * cma_search_atomic() - take a run that is free already
 * @search: of a request that can't sleep
 * @pfn: set on success
 *
 * What is known of a page may be out of date, but there are better places to begin.
 *
 * Context: any.
 * Return: whether a run is allocated.
 */
bool cma_search_atomic(struct cma_search *search, unsigned long *pfn)
{
	return cma_glance_around(search, CMA_LOOK_CLEAR, pfn) ||
	       cma_glance_at_ready(search, pfn) ||
	       (READ_ONCE(search->cma->skip.nr) &&
		cma_glance_around(search, 0, pfn));
}
