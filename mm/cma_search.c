// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how a request finds its run.
 *
 * A request begins by claiming a run, has the run evacuated with no lock held,
 * and then either commits the run or aborts its claim and looks further. All
 * of that can be seen in cma_search_area(), at the end; what is above decides
 * where to look next, when to wait and what the failure is to be called. One
 * attempt is in cma_attempt.c.
 *
 * It looks in the order of what it costs: for READY memory; for the cheapest
 * run without a page that is known to be stuck; for one that takes in READY
 * memory; for any, thoroughly, several times.
 */
#include <linux/alloc_tag.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "cma_fault.h"
#include "cma_search.h"

/*
 * A page that is in the way now may be gone in a moment: it was being read, or
 * sat in a batch. So when no candidate is left, the area is searched again, so
 * many times, after a pause. The first pauses grow by a factor of eight each.
 */
#define CMA_ROUNDS		3
#define CMA_ROUNDS_MAYFAIL	8
#define CMA_FIRST_PAUSE_MS	1

/*
 * So many runs are compared before the cheapest one is evacuated; they are
 * spread over the area, and one that costs nothing ends the comparison.
 */
#define CMA_CANDIDATES		8

/* So many READY runs can be unfit for a request before it looks further. */
#define CMA_READY_TRIES		4

/* So many places are looked at for who can't sleep. */
#define CMA_GLANCES		64

/*
 * Who has waited so often in a round, and always found that others were quicker,
 * has a round less.
 */
#define CMA_WAITS		1000

/*
 * Who asks in the middle of I/O may have what the other one waits for: the lock
 * of a page, or the end of its writeback. So he waits that long, and no longer.
 */
#define CMA_WAIT_IO_MS		100

/* After so many attempts on clear runs it is time to be thorough. */
#define CMA_CLEAR_ATTEMPTS	256

/*
 * Lend the READY memory of a run that can't be had without it. Where READY memory
 * is what is wanted nothing would be gained.
 */
static bool cma_withdraw_for(struct cma_search *search, bool clear,
			     unsigned long *start)
{
	struct cma *cma = search->cma;
	struct runmap_query query = search->query;

	query.from = 0;
	if (search->keep || !READ_ONCE(cma->ready.total) ||
	    !cma_find_mixed(cma, &query, clear, start))
		return false;
	cma_withdraw(cma, *start, *start + query.count, query.count);
	return true;
}

/*
 * From here on stuck pages are tried again, and READY memory is lent where that
 * makes a run possible.
 */
static void cma_begin_any(struct cma_search *search)
{
	unsigned long start;

	search->stage = CMA_STAGE_ANY;
	search->query.from = 0;
	cma_withdraw_for(search, false, &start);
}

/* Start the search again from the bottom, unless it was done too often. */
static enum cma_reason cma_begin_round(struct cma_search *search)
{
	gfp_t gfp = search->request->gfp;
	unsigned int rounds = CMA_ROUNDS;

	if (gfp & __GFP_RETRY_MAYFAIL)
		rounds = CMA_ROUNDS_MAYFAIL;
	if ((gfp & __GFP_NORETRY) || search->rounds >= rounds)
		return search->failed;
	search->rounds++;
	search->waits = 0;
	search->failed = CMA_REASON_NONE;
	/* Others have filled the lists of their processors since. */
	search->work->drained_free = false;
	search->work->drained_lru = false;
	cma_begin_any(search);
	return CMA_REASON_NONE;
}

/* No candidate is left. */
static enum cma_reason cma_exhausted(struct cma_search *search)
{
	unsigned int pause = CMA_FIRST_PAUSE_MS << (3 * min(search->rounds, 2U));
	enum cma_reason reason;

	if (search->failed == CMA_REASON_NONE)
		return cma_name_shortage(search->cma, &search->query);
	reason = cma_begin_round(search);
	if (reason)
		return reason;
	schedule_timeout_killable(msecs_to_jiffies(pause));
	return fatal_signal_pending(current) ? CMA_REASON_INTERRUPTED :
					       CMA_REASON_NONE;
}

/* Is whoever asks not in the middle of something that others wait for? */
static bool cma_may_do_io(gfp_t gfp)
{
	gfp = current_gfp_context(gfp);
	return (gfp & __GFP_IO) && (gfp & __GFP_FS);
}

/* Somebody else's claim is in the way, or may leave room when it ends. */
static enum cma_reason cma_wait(struct cma_search *search, enum cma_found found,
				unsigned long seen)
{
	long timeout = MAX_SCHEDULE_TIMEOUT;
	int err;

	/* Who reclaims may do so for the one that he would wait for. */
	if ((search->request->gfp & __GFP_NORETRY) ||
	    (current->flags & PF_MEMALLOC))
		return CMA_REASON_BUSY;
	if (!cma_may_do_io(search->request->gfp))
		timeout = msecs_to_jiffies(CMA_WAIT_IO_MS);
	search->work->waits++;
	err = cma_wait_for_claim(search->cma, seen, timeout);
	if (err == -EINTR)
		return CMA_REASON_INTERRUPTED;
	if (err || ++search->waits > CMA_WAITS) {
		search->failed = CMA_REASON_BUSY;
		return cma_begin_round(search);
	}
	if (found == CMA_FOUND_CONFLICT)
		return CMA_REASON_NONE;
	/*
	 * What the round has tried in vain isn't tried again for nothing, or
	 * two requests could keep each other at it for ever.
	 */
	if (search->failed != CMA_REASON_NONE)
		return cma_begin_round(search);
	search->query.from = 0;
	return CMA_REASON_NONE;
}

/*
 * Compare some of the runs that nothing is known against. Those of a large
 * request overlap, or else there would be few of them.
 */
static enum cma_found cma_find_cheapest(struct cma_search *search,
					unsigned long *best,
					unsigned long *seen)
{
	struct cma *cma = search->cma;
	struct runmap_query query = search->query;
	unsigned long count = query.count;
	unsigned long step = max(query.to / CMA_CANDIDATES, 1UL);
	unsigned int i, cost, lowest = UINT_MAX;
	enum cma_found found, last;
	unsigned long start;

	query.from = 0;
	found = cma_next_candidate(cma, &query, &start, seen);
	for (i = 0, last = found; last == CMA_FOUND_RUN; i++) {
		cost = cma->evacuator->cost(cma, cma_unit_to_pfn(cma, start),
					    count << cma->order_per_bit);
		if (cost < lowest) {
			lowest = cost;
			*best = start;
		}
		if (!cost || i + 1 == CMA_CANDIDATES)
			break;
		query.from = start + step;
		last = cma_next_candidate(cma, &query, &start, seen);
	}
	return found;
}

/* Claim a run that nothing is known against, and evacuate it. */
static enum cma_reason cma_try_clear(struct cma_search *search,
				     unsigned long *pfn)
{
	struct cma *cma = search->cma;
	unsigned long count = search->query.count, start, seen;
	struct cma_claim claim;
	enum cma_found found;

	if (search->clear_attempts++ == CMA_CLEAR_ATTEMPTS) {
		cma_begin_any(search);
		return CMA_REASON_NONE;
	}
	found = cma_find_cheapest(search, &start, &seen);
	if (found == CMA_FOUND_CONFLICT)
		return cma_wait(search, found, seen);
	if (found != CMA_FOUND_RUN && !cma_withdraw_for(search, true, &start)) {
		if (found == CMA_FOUND_IN_FLIGHT)
			return cma_wait(search, CMA_FOUND_CONFLICT, seen);
		cma_begin_any(search);
		return CMA_REASON_NONE;
	}
	/* Somebody else may have been quicker; then look again. */
	if (!cma_claim_at(cma, start, count, true, &claim))
		return CMA_REASON_NONE;
	return cma_attempt(search, &claim, pfn);
}

/* Claim the next run, whatever is known of it, and evacuate it. */
static enum cma_reason cma_try_any(struct cma_search *search,
				   unsigned long *pfn)
{
	struct cma_claim claim;
	enum cma_found found;
	unsigned long seen;

	found = cma_claim_first(search->cma, &search->query, &claim, &seen);
	switch (found) {
	case CMA_FOUND_RUN:
		return cma_attempt(search, &claim, pfn);
	case CMA_FOUND_CONFLICT:
	case CMA_FOUND_IN_FLIGHT:
		return cma_wait(search, found, seen);
	default:
		return cma_exhausted(search);
	}
}

/* Who can't sleep gets what is free already. */
static enum cma_reason cma_try_free(struct cma_search *search,
				    unsigned long *pfn)
{
	struct cma *cma = search->cma;
	struct runmap_query *query = &search->query;
	unsigned long start, seen, step = max(query->to / CMA_GLANCES, 1UL);
	struct cma_claim claim;
	unsigned int i;

	for (i = 0; i < CMA_GLANCES && !*pfn; i++) {
		if (cma_next_candidate(cma, query, &start, &seen) !=
		    CMA_FOUND_RUN)
			break;
		if (!cma->evacuator->cost(cma, cma_unit_to_pfn(cma, start),
					  query->count << cma->order_per_bit) &&
		    cma_claim_at(cma, start, query->count, false, &claim))
			cma_attempt(search, &claim, pfn);
		query->from = start + step;
	}
	return *pfn ? CMA_REASON_NONE : CMA_REASON_WOULD_SLEEP;
}

static bool cma_try_ready(struct cma_search *search, unsigned long *pfn)
{
	struct cma *cma = search->cma;
	unsigned long start, count = search->query.count, at;
	unsigned int i;

	for (i = 0; i < CMA_READY_TRIES && !search->keep; i++) {
		if (!cma_serve(cma, &search->query, &start))
			break;
		at = cma_unit_to_pfn(cma, start);
		if (alloc_hooks(cma->evacuator->prepare(cma, at,
							count << cma->order_per_bit,
							search->request->gfp,
							true))) {
			search->work->was_ready = true;
			*pfn = at;
			return true;
		}
		/* The hardware failed meanwhile, or somebody looks at a page. */
		cma_lend(cma, start, count);
	}
	return false;
}

/*
 * The whole policy: begin, evacuate, commit or abort, and what comes next.
 * On success *pfn is set.
 */
static enum cma_reason cma_search_area(struct cma_search *search,
				       unsigned long *pfn)
{
	enum cma_reason reason = cma_check_request(search->cma, search->request,
						   &search->query);

	if (reason || cma_try_ready(search, pfn))
		return reason;
	if (!gfpflags_allow_blocking(search->request->gfp))
		return cma_try_free(search, pfn);

	while (!reason && !*pfn) {
		if (search->stage == CMA_STAGE_ANY)
			reason = cma_try_any(search, pfn);
		else
			reason = cma_try_clear(search, pfn);
	}
	return reason;
}

/**
 * cma_search - take a run out of an area for a request
 * @cma: the area
 * @request: what is asked for
 * @work: what it took; zeroed by the caller
 * @pfn: set on success; zeroed by the caller
 *
 * Context: as far as the request's gfp lets it; any if that doesn't let it
 * sleep.
 * Return: CMA_REASON_NONE, and the run is allocated, or why not.
 */
enum cma_reason cma_search(struct cma *cma, const struct cma_request *request,
			   struct cma_work *work, unsigned long *pfn)
{
	struct cma_search search = {
		.cma = cma,
		.request = request,
		.work = work,
	};

	return cma_search_area(&search, pfn);
}

/**
 * cma_fill - evacuate a run and have it READY
 * @cma: active area
 * @units: its length
 *
 * Context: sleeps.
 * Return: whether there was such a run that could be had at little cost.
 */
bool cma_fill(struct cma *cma, unsigned long units)
{
	const struct cma_request request = {
		.count = units << cma->order_per_bit,
		.gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
	};
	struct cma_work work = { };
	struct cma_search search = {
		.cma = cma,
		.request = &request,
		.work = &work,
		.keep = true,
	};
	unsigned long pfn = 0;

	if (cma_fault(CMA_FAULT_REFILL))
		return false;
	return cma_search_area(&search, &pfn) == CMA_REASON_NONE;
}
