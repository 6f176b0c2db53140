// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how a request finds its run.
 *
 * A request begins by claiming a run, has the run evacuated with no lock held,
 * and then either commits the run or aborts its claim and looks further. All
 * of that can be seen in cma_search_area(), at the end; what is above decides
 * where to look next, when to wait and what the failure is to be called. One
 * attempt is in attempt.c.
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

#include "fault.h"
#include "search.h"

/*
 * A page that is in the way now may be gone in a moment: it was being read, or
 * sat in a batch. So when no candidate is left, the area is searched again, so
 * many times, after a pause. The first pauses grow by a factor of eight each.
 */
#define CMA_ROUNDS		3
#define CMA_ROUNDS_MAYFAIL	8
#define CMA_FIRST_PAUSE_MS	1

/*
 * So long a request waits, in all that it does, unless it says how long. What
 * needs no wait goes on.
 */
#define CMA_PATIENCE_MS		10000
#define CMA_PATIENCE_MAYFAIL_MS	60000
#define CMA_PATIENCE_NORETRY_MS	100

/*
 * So many runs are compared before the cheapest one is evacuated; they are
 * spread over the area, and one that costs nothing ends the comparison.
 */
#define CMA_CANDIDATES		8

/*
 * Less than such a part of the area is little, and stays with what else is little:
 * it is compared to its neighbours only. What is far from them has to be cheaper by
 * that factor.
 */
#define CMA_LITTLE		64
#define CMA_FAR_FACTOR		32

/*
 * So often a request for no more than so many pages looks for a run in which
 * nothing has to be copied: one page that has to be costs as much as dropping
 * a hundred.
 */
#define CMA_PICKY_ATTEMPTS	4
#define CMA_PICKY_PAGES		1024

/* So many READY runs can be unfit for a request before it looks further. */
#define CMA_READY_TRIES		4

/*
 * A request that has waited so often in a round, and always found that others were
 * quicker, has a round less. Long before that it gets a place in the queue.
 */
#define CMA_WAITS		1000
#define CMA_LOST_WAITS		8

/* So long a wait for others takes at most; then it is time to look again. */
#define CMA_WAIT_MS		100

/* After so many attempts on clear runs it is time to be thorough. */
#define CMA_CLEAR_ATTEMPTS	256

/* When a request has waited enough, in jiffies. */
static unsigned long cma_deadline(const struct cma_request *request)
{
	unsigned int ms = request->timeout_ms;

	if (!ms && (request->gfp & __GFP_NORETRY))
		ms = CMA_PATIENCE_NORETRY_MS;
	else if (!ms && (request->gfp & __GFP_RETRY_MAYFAIL))
		ms = CMA_PATIENCE_MAYFAIL_MS;
	else if (!ms)
		ms = CMA_PATIENCE_MS;
	/* No deadline is 0: that stands for none. */
	return (jiffies + msecs_to_jiffies(ms)) ?: 1;
}

static bool cma_time_is_up(const struct cma_search *search)
{
	return time_after_eq(jiffies, search->deadline);
}

/* So many milliseconds in jiffies, or what is left until the deadline. */
static long cma_while_there_is_time(const struct cma_search *search,
				    unsigned int ms)
{
	long left = search->deadline - jiffies;

	return clamp(left, 0L, (long)msecs_to_jiffies(ms));
}

/* Is the task not in the middle of something that others may wait for? */
static bool cma_may_do_io(gfp_t gfp)
{
	gfp = current_gfp_context(gfp) & gfp_allowed_mask;
	return (gfp & __GFP_IO) && (gfp & __GFP_FS);
}

/* May others take as long as they like, as nobody waits for the task? */
static bool cma_has_time(const struct cma_search *search)
{
	return cma_may_do_io(search->request->gfp) &&
	       !(current->flags & PF_MEMALLOC);
}

/* A task that reclaims may do so for the one that it would wait for. */
static bool cma_may_wait(const struct cma_search *search)
{
	return !(search->request->gfp & __GFP_NORETRY) &&
	       !(current->flags & PF_MEMALLOC);
}

/*
 * How to look for a run. Where READY memory is what is wanted nothing would be gained
 * by a run that takes some in. A task that others may wait for takes what it finds,
 * whoever is in the queue, and so does one that can't wait and has found nothing else.
 */
static struct cma_lookup cma_way_to_look(const struct cma_search *search,
					 unsigned int flags)
{
	if (search->keep)
		flags &= ~CMA_LOOK_MIXED;
	if (cma_has_time(search) &&
	    (cma_may_wait(search) || search->keep ||
	     search->stage != CMA_STAGE_ANY))
		flags |= CMA_LOOK_POLITE;
	return (struct cma_lookup){ .flags = flags, .turn = &search->turn };
}

/* From here on stuck pages are tried again, whatever it costs. */
static void cma_begin_any(struct cma_search *search)
{
	search->stage = CMA_STAGE_ANY;
	search->minds_cost = false;
	search->query.from = 0;
}

/* Start the search again from the bottom, unless it was done too often. */
static enum cma_reason cma_begin_round(struct cma_search *search)
{
	gfp_t gfp = search->request->gfp;
	unsigned int rounds = CMA_ROUNDS;

	if (gfp & __GFP_RETRY_MAYFAIL)
		rounds = CMA_ROUNDS_MAYFAIL;
	if ((gfp & __GFP_NORETRY) || search->rounds >= rounds ||
	    cma_time_is_up(search))
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
	if (cma_has_time(search))
		schedule_timeout_killable(cma_while_there_is_time(search,
								  pause));
	return fatal_signal_pending(current) ? CMA_REASON_INTERRUPTED :
					       CMA_REASON_NONE;
}

/* Wait for somebody's claim to end; at length with a place in the queue. */
static int cma_wait_a_while(struct cma_search *search,
			    const struct cma_lookup *look)
{
	long timeout = cma_while_there_is_time(search, CMA_WAIT_MS);

	if (search->lost++ >= CMA_LOST_WAITS && (look->flags & CMA_LOOK_POLITE))
		cma_take_turn(search->cma, &search->turn, look->start,
			      search->query.count);
	search->waits++;
	search->work->waits++;
	return cma_wait_for_claim(search->cma, look->seen, timeout);
}

/* Somebody else's claim is in the way, or may leave room when it ends. */
static enum cma_reason cma_wait(struct cma_search *search, enum cma_found found,
				const struct cma_lookup *look)
{
	int err;

	if (!cma_may_wait(search))
		return search->failed ?: CMA_REASON_BUSY;
	err = cma_wait_a_while(search, look);
	if (err == -EINTR)
		return CMA_REASON_INTERRUPTED;
	/* In the middle of I/O a task may have what the other one waits for. */
	if (cma_time_is_up(search) || search->waits > CMA_WAITS ||
	    (err && !cma_may_do_io(search->request->gfp))) {
		search->failed = search->failed ?: CMA_REASON_BUSY;
		return cma_begin_round(search);
	}
	/* Below what others are at, something may have come free meanwhile. */
	if (search->failed == CMA_REASON_NONE)
		search->query.from = 0;
	/*
	 * What the round has tried in vain isn't tried again for nothing, or
	 * two requests could keep each other at it for ever.
	 */
	else if (found != CMA_FOUND_CONFLICT)
		return cma_begin_round(search);
	return CMA_REASON_NONE;
}

/* A run to be evacuated, and what that would cost. */
struct cma_choice {
	unsigned long start;
	unsigned int cost;
};

/* Look for one that is cheaper, so many units apart from each other. */
static enum cma_found cma_compare(struct cma_search *search,
				  struct cma_lookup *look, unsigned long step,
				  struct cma_choice *best)
{
	struct cma *cma = search->cma;
	struct runmap_query query = search->query;
	unsigned long nr_pages = query.count << cma->order_per_bit;
	enum cma_found found, last;
	unsigned int i, cost;

	query.from = 0;
	found = cma_next_candidate(cma, &query, look);
	for (i = 0, last = found; last == CMA_FOUND_RUN; i++) {
		cost = cma->evacuator->cost(cma,
					    cma_unit_to_pfn(cma, look->start),
					    nr_pages);
		if (cost < best->cost)
			*best = (struct cma_choice){ look->start, cost };
		if (!best->cost || i + 1 == CMA_CANDIDATES)
			break;
		query.from = look->start + step;
		last = cma_next_candidate(cma, &query, look);
	}
	return found;
}

/*
 * Compare some of the lent runs that nothing is known against. Those of a large
 * request overlap, or else there would be few of them. What is little may stay for
 * long, and must not lie about everywhere.
 */
static enum cma_found cma_find_cheapest(struct cma_search *search,
					struct cma_lookup *look)
{
	unsigned long count = search->query.count, to = search->query.to;
	bool little = count < to / CMA_LITTLE;
	struct cma_choice best = { .cost = UINT_MAX }, far;
	enum cma_found found;

	found = cma_compare(search, look,
			    little ? count : max(to / CMA_CANDIDATES, 1UL),
			    &best);
	if (found != CMA_FOUND_RUN)
		return found;
	far = (struct cma_choice){ best.start, best.cost / CMA_FAR_FACTOR };
	if (little && far.cost) {
		cma_compare(search, look, to / CMA_CANDIDATES, &far);
		best = far;
	}
	look->start = best.start;
	return CMA_FOUND_RUN;
}

/*
 * None of the runs that nothing is known against can be had. What others are at is
 * worth some waits, but not all the time that there is: a note may be out of date, and
 * must not cost success.
 */
static enum cma_reason cma_no_clear_run(struct cma_search *search,
					enum cma_found found,
					const struct cma_lookup *look)
{
	if (search->minds_cost)
		search->minds_cost = false;
	else if (found == CMA_FOUND_NONE || !cma_may_wait(search) ||
		 !cma_may_do_io(search->request->gfp) ||
		 cma_time_is_up(search) || search->waits >= CMA_LOST_WAITS)
		cma_begin_any(search);
	else if (cma_wait_a_while(search, look) == -EINTR)
		return CMA_REASON_INTERRUPTED;
	return CMA_REASON_NONE;
}

/* Claim a run that nothing is known against, and evacuate it. */
static enum cma_reason cma_try_clear(struct cma_search *search,
				     unsigned long *pfn)
{
	struct cma *cma = search->cma;
	unsigned long count = search->query.count;
	struct runmap_query query = search->query;
	enum cma_reason reason;
	struct cma_claim claim;
	enum cma_found found;
	struct cma_lookup look;
	bool clear = true;

	if (search->clear_attempts++ == CMA_CLEAR_ATTEMPTS) {
		cma_begin_any(search);
		return CMA_REASON_NONE;
	}
	if (search->clear_attempts > CMA_PICKY_ATTEMPTS)
		search->minds_cost = false;
	look = cma_way_to_look(search, CMA_LOOK_CLEAR |
			       (search->minds_cost ? CMA_LOOK_CHEAP : 0));
	found = cma_find_cheapest(search, &look);
	if (found != CMA_FOUND_RUN && !search->keep) {
		/* Now one that takes in READY memory. */
		look.flags |= CMA_LOOK_MIXED;
		query.from = 0;
		found = cma_next_candidate(cma, &query, &look);
	}
	if (found != CMA_FOUND_RUN)
		return cma_no_clear_run(search, found, &look);
	if (look.flags & CMA_LOOK_MIXED) {
		reason = cma_clear_way(search, look.start, &clear);
		if (reason || !clear)
			return reason;
	}
	/* Somebody else may have been quicker; then look again. */
	if (look.flags & CMA_LOOK_MIXED ?
	    !cma_claim_mixed(cma, look.start, count, true, &claim) :
	    !cma_claim_at(cma, look.start, count, true, &claim))
		return CMA_REASON_NONE;
	cma_leave_turn(cma, &search->turn);
	return cma_attempt(search, &claim, pfn);
}

/* The next run may take in READY memory; see whether that is worth to be lent. */
static enum cma_reason cma_look_ahead(struct cma_search *search,
				      const struct cma_lookup *how, bool *clear)
{
	struct cma_lookup look = *how;

	*clear = true;
	if (!(look.flags & CMA_LOOK_MIXED) ||
	    !READ_ONCE(search->cma->ready.total) ||
	    cma_next_candidate(search->cma, &search->query, &look) !=
		    CMA_FOUND_RUN)
		return CMA_REASON_NONE;
	return cma_clear_way(search, look.start, clear);
}

/* Claim the next run, whatever is known of it, and evacuate it. */
static enum cma_reason cma_try_any(struct cma_search *search,
				   unsigned long *pfn)
{
	struct cma_lookup look = cma_way_to_look(search, CMA_LOOK_MIXED);
	struct cma_claim claim;
	enum cma_reason reason;
	enum cma_found found;
	bool clear;

	reason = cma_look_ahead(search, &look, &clear);
	if (reason || !clear)
		return reason;
	found = cma_claim_first(search->cma, &search->query, &claim, &look);
	switch (found) {
	case CMA_FOUND_RUN:
		cma_leave_turn(search->cma, &search->turn);
		return cma_attempt(search, &claim, pfn);
	case CMA_FOUND_CONFLICT:
	case CMA_FOUND_IN_FLIGHT:
		return cma_wait(search, found, &look);
	default:
		return cma_exhausted(search);
	}
}

static bool cma_try_ready(struct cma_search *search, unsigned long *pfn)
{
	struct cma *cma = search->cma;
	unsigned long start, count = search->query.count, at;
	unsigned int i;

	for (i = 0; i < CMA_READY_TRIES && !search->keep; i++) {
		/* A look without the lock, for the sake of areas that keep nothing. */
		if (READ_ONCE(cma->ready.total) < count ||
		    !cma_serve(cma, &search->query, &start))
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
	search->deadline = cma_deadline(search->request);
	search->minds_cost = search->request->count <= CMA_PICKY_PAGES;
	if (!gfpflags_allow_blocking(search->request->gfp))
		return cma_try_free(search, pfn);

	while (!reason && !*pfn) {
		if (search->failed && cma_time_is_up(search))
			reason = search->failed;
		else if (search->stage == CMA_STAGE_ANY)
			reason = cma_try_any(search, pfn);
		else
			reason = cma_try_clear(search, pfn);
	}
	cma_leave_turn(search->cma, &search->turn);
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
