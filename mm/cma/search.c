// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how a request that READY memory can't serve finds its run.
 *
 * The loop is cma_search_area(), at the end; which step comes next is decided in policy.c.
 * A run is claimed in cma_try_clear() or cma_try_any(); cma_attempt(), in attempt.c, has it
 * evacuated with no lock held, and then either commits the run or ends the claim in
 * another way.
 */
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
 * So many runs are compared before the cheapest one is evacuated; they are
 * spread over the area, and one that costs nothing ends the comparison.
 */
#define CMA_CANDIDATES		8

/*
 * Where all of them cost more than this, as a run does of which more than half has to be
 * copied, so many more are compared. To look at one takes about as long as copying a page.
 */
#define CMA_COST_DEAR		(2 * CMA_COST_PER_PAGES)
#define CMA_CANDIDATES_DEAR	56

/*
 * Less than such a part of the area is little, and stays with what else is little:
 * it is compared to its neighbours only. What is far from them has to be cheaper by
 * that factor.
 */
#define CMA_LITTLE		64
#define CMA_FAR_FACTOR		32

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

/**
 * cma_allowed_by() - what may be done for the sake of a request of this task
 * @gfp: the request's
 *
 * A task that reclaims may do so for the one that it would wait for.
 *
 * Context: any.
 * Return: what it may do; it isn't for READY memory.
 */
struct cma_allowed cma_allowed_by(gfp_t gfp)
{
	gfp_t now = current_gfp_context(gfp) & gfp_allowed_mask;
	bool reclaims = current->flags & PF_MEMALLOC;

	return (struct cma_allowed){
		.has_fallback	= gfp & __GFP_NORETRY,
		.insists	= gfp & __GFP_RETRY_MAYFAIL,
		.may_wait	= !(gfp & __GFP_NORETRY) && !reclaims,
		.does_io	= (now & __GFP_IO) && (now & __GFP_FS) && !reclaims,
	};
}

/* When a request has waited enough, in jiffies. */
static unsigned long cma_deadline(const struct cma_search *search)
{
	const struct cma_allowed *allowed = &search->policy.allowed;
	const struct cma_request *request = search->request;
	unsigned int ms = request->timeout_ms ?:
			  cma_policy_patience(allowed, request->count);

	/* No deadline is 0: that stands for none. */
	return (jiffies + msecs_to_jiffies(ms)) ?: 1;
}

/* How to look. Where READY memory is wanted a run that takes some in is of no use. */
static void cma_begin_look(struct cma_search *search, unsigned int flags)
{
	if (search->keep)
		flags &= ~CMA_LOOK_MIXED;
	if (cma_policy_is_polite(&search->policy))
		flags |= CMA_LOOK_POLITE;
	search->look = (struct cma_lookup){
		.flags = flags, .turn = &search->turn,
	};
}

/* Hardly any request has one. */
static void cma_end_turn(struct cma_search *search)
{
	if (search->turn.run.count)
		cma_leave_turn(search->cma, &search->turn);
}

static enum cma_event cma_not_found(enum cma_found found)
{
	switch (found) {
	case CMA_FOUND_CONFLICT:
		return CMA_EVENT_CONFLICT;
	case CMA_FOUND_IN_FLIGHT:
		return CMA_EVENT_IN_FLIGHT;
	default:
		return CMA_EVENT_NONE;
	}
}

/* A run to be evacuated, and what that would cost. */
struct cma_choice {
	struct cma_extent run;
	unsigned int cost;
};

/* See what the run that was found would cost. */
static void cma_weigh(struct cma_search *search, struct cma_choice *best)
{
	struct cma_extent run = search->look.run;
	struct cma *cma = search->cma;
	unsigned int cost = cma->evacuator->cost(cma, cma_run_to_pfn(cma, run),
						 cma_run_to_pages(cma, run));

	if (cost < best->cost)
		*best = (struct cma_choice){ run, cost };
}

/* Look for one that is cheaper, so many units apart from each other. */
static enum cma_found cma_compare(struct cma_search *search, unsigned long step,
				  struct cma_choice *best)
{
	struct cma_lookup *look = &search->look;
	struct runmap_query query = search->query;
	enum cma_found found, last;
	unsigned int i;

	query.from = search->from;
	found = cma_next_candidate(search->cma, &query, look);
	for (i = 0, last = found; last == CMA_FOUND_RUN; i++) {
		cma_weigh(search, best);
		/* A floor has to be where requests look for it. */
		if (!best->cost || i + 1 == CMA_CANDIDATES || search->cma->is_first_fit)
			break;
		query.from = look->run.start + step;
		last = cma_next_candidate(search->cma, &query, look);
	}
	return found;
}

/*
 * Look for one that is cheaper at places between those, half as far apart each time, until
 * three quarters of a run are in the next one as well.
 */
static void cma_compare_between(struct cma_search *search, struct cma_choice *best)
{
	struct runmap_query query = search->query;
	unsigned long step = query.to / CMA_CANDIDATES;
	unsigned int left = CMA_CANDIDATES_DEAR;

	for (; step / 2 > query.count / 4; step /= 2) {
		for (query.from = step / 2; ; query.from = search->look.run.start + step) {
			if (!left-- || !best->cost)
				return;
			if (cma_next_candidate(search->cma, &query, &search->look) !=
			    CMA_FOUND_RUN)
				break;
			cma_weigh(search, best);
		}
	}
}

/*
 * Look for one in the windows, from where what is there goes quickly. Any others may be
 * as cheap now and then.
 */
static enum cma_found cma_compare_windows(struct cma_search *search,
					  struct cma_choice *best)
{
	struct cma_extent left = cma_all_units(search->cma), window;
	struct runmap_query query = search->query;
	unsigned long block = cma_pages_to_units(search->cma, pageblock_nr_pages), slack;
	enum cma_found found = CMA_FOUND_NONE;
	unsigned int i;

	if (search->request->count < CMA_DEMAND_PAGES || search->keep)
		return found;
	for (i = 0; i < CMA_CANDIDATES && best->cost; i++) {
		if (!cma_next_window(search->cma, &left, &window))
			break;
		/* The run that it was made of may have had parts of two pageblocks more. */
		slack = window.count < query.count ? block - 1 : 0;
		query.from = window.start - min(window.start, slack);
		query.to = min(search->query.to, cma_extent_end(window) + slack);
		if (cma_next_candidate(search->cma, &query, &search->look) != CMA_FOUND_RUN)
			continue;
		found = CMA_FOUND_RUN;
		cma_weigh(search, best);
	}
	return found;
}

/*
 * Compare some of the lent runs that nothing is known against. Those of a large
 * request overlap, or else there would be few of them. What is little may stay for
 * long, and must not lie about everywhere.
 */
static enum cma_found cma_find_cheapest(struct cma_search *search)
{
	unsigned long count = search->query.count, to = search->query.to;
	bool little = count < to / CMA_LITTLE, dear;
	struct cma_choice best = { .cost = UINT_MAX };
	enum cma_found found = cma_compare_windows(search, &best);

	if (found != CMA_FOUND_RUN || best.cost)
		found = cma_compare(search,
				    little ? count : max(to / CMA_CANDIDATES, 1UL),
				    &best);
	if (found != CMA_FOUND_RUN)
		return found;
	dear = best.cost > CMA_COST_DEAR && !search->cma->is_first_fit;
	if (little)
		best.cost /= CMA_FAR_FACTOR;
	if (little && best.cost)
		cma_compare(search, to / CMA_CANDIDATES, &best);
	if (dear)
		cma_compare_between(search, &best);
	search->look.run = best.run;
	return CMA_FOUND_RUN;
}

/* Find a run that nothing is known against: lent, or else with READY memory in it. */
static enum cma_found cma_find_clear(struct cma_search *search)
{
	bool cheap = search->policy.effort == CMA_EFFORT_CHEAP;
	struct runmap_query query = search->query;
	enum cma_found found;

	cma_begin_look(search, CMA_LOOK_CLEAR | (cheap ? CMA_LOOK_CHEAP : 0));
	found = cma_find_cheapest(search);
	if (found == CMA_FOUND_RUN || search->keep)
		return found;
	search->look.flags |= CMA_LOOK_MIXED;
	query.from = search->from;
	return cma_next_candidate(search->cma, &query, &search->look);
}

/* Claim a run that nothing is known against, and evacuate it. */
static enum cma_event cma_try_clear(struct cma_search *search,
				    unsigned long *pfn)
{
	const struct cma_lookup *look = &search->look;
	enum cma_found found = cma_find_clear(search);
	struct cma *cma = search->cma;
	struct cma_claim claim;
	enum cma_event event;
	bool ours;

	if (found != CMA_FOUND_RUN)
		return cma_not_found(found);
	if (look->flags & CMA_LOOK_MIXED) {
		event = cma_clear_way(search, look->run);
		if (event != CMA_EVENT_DONE)
			return event;
		ours = cma_claim_mixed(cma, look->run, true, &claim);
	} else {
		ours = cma_claim_at(cma, look->run, true, &claim);
	}
	if (!ours)
		return CMA_EVENT_LOST;
	cma_end_turn(search);
	return cma_attempt(search, &claim, pfn);
}

/* The next run may take in READY memory; see whether that is worth lending. */
static enum cma_event cma_look_ahead(struct cma_search *search)
{
	struct cma_lookup look = search->look;

	if (!(look.flags & CMA_LOOK_MIXED) ||
	    !READ_ONCE(search->cma->ready.total) ||
	    cma_next_candidate(search->cma, &search->query, &look) !=
		    CMA_FOUND_RUN)
		return CMA_EVENT_DONE;
	return cma_clear_way(search, look.run);
}

/* Claim the next run, whatever is known of it, and evacuate it. */
static enum cma_event cma_try_any(struct cma_search *search,
				  unsigned long *pfn)
{
	struct cma_claim claim;
	enum cma_event event;
	enum cma_found found;

	cma_begin_look(search, CMA_LOOK_MIXED);
	event = cma_look_ahead(search);
	if (event != CMA_EVENT_DONE)
		return event;
	found = cma_claim_first(search->cma, &search->query, &claim,
				&search->look);
	if (found != CMA_FOUND_RUN)
		return cma_not_found(found);
	cma_end_turn(search);
	return cma_attempt(search, &claim, pfn);
}

/* Wait for somebody's claim to end; at length with a place in the queue. */
static enum cma_event cma_wait_for_others_end(struct cma_search *search,
					      const struct cma_step *step)
{
	const struct cma_lookup *look = &search->look;

	if (step->queue)
		cma_take_turn(search->cma, &search->turn, look->run);
	search->work->waits++;
	switch (cma_wait_for_claim(search->cma, look, search->query.count,
				   cma_while_there_is_time(search, step->ms))) {
	case -EINTR:
		return CMA_EVENT_KILLED;
	case -ETIMEDOUT:
		return CMA_EVENT_TIMED_OUT;
	default:
		return CMA_EVENT_ENDED;
	}
}

static enum cma_event cma_pause_for(const struct cma_search *search,
				    const struct cma_step *step)
{
	if (step->ms)
		schedule_timeout_killable(cma_while_there_is_time(search,
								  step->ms));
	return fatal_signal_pending(current) ? CMA_EVENT_KILLED :
					       CMA_EVENT_PAUSED;
}

static enum cma_event cma_carry_out(struct cma_search *search,
				    const struct cma_step *step,
				    unsigned long *pfn)
{
	if (step->restart)
		search->query.from = search->from;
	if (step->redrain)
		search->work->drained_lru = false;
	switch (step->action) {
	case CMA_ACTION_WAIT:
		return cma_wait_for_others_end(search, step);
	case CMA_ACTION_PAUSE:
		return cma_pause_for(search, step);
	default:
		return search->policy.effort == CMA_EFFORT_THOROUGH ?
		       cma_try_any(search, pfn) : cma_try_clear(search, pfn);
	}
}

/*
 * Begin, evacuate, commit or abort, and what comes next. On success *pfn is set.
 */
static enum cma_reason cma_search_area(struct cma_search *search,
				       unsigned long *pfn)
{
	const struct cma_request *request = search->request;
	struct cma_allowed allowed = cma_allowed_by(request->gfp);
	enum cma_event event;
	struct cma_step step;

	allowed.fills = search->keep;
	step = cma_policy_begin(&search->policy, &allowed, request->count);
	search->deadline = cma_deadline(search);
	if (!gfpflags_allow_blocking(request->gfp))
		return cma_search_atomic(search, pfn) ? CMA_REASON_NONE :
						   CMA_REASON_WOULD_SLEEP;

	while (step.action != CMA_ACTION_FAIL) {
		event = cma_carry_out(search, &step, pfn);
		if (event == CMA_EVENT_DONE)
			break;
		step = cma_policy_next(&search->policy, event,
				       cma_time_is_up(search));
	}
	cma_end_turn(search);
	if (step.action != CMA_ACTION_FAIL)
		return CMA_REASON_NONE;
	return step.reason ?: cma_name_shortage(search->cma, &search->query);
}

/**
 * cma_search() - take a run out of an area for a request
 * @cma: active area
 * @request: what is asked for
 * @query: the same in units, which cma_check_query() has nothing against
 * @work: what it took; zeroed by the caller
 * @pfn: set on success; zeroed by the caller
 *
 * Context: as far as the request's gfp lets it; any if that doesn't let it
 * sleep.
 * Return: CMA_REASON_NONE, and the run is allocated, or why not.
 */
enum cma_reason cma_search(struct cma *cma, const struct cma_request *request,
			   const struct runmap_query *query,
			   struct cma_work *work, unsigned long *pfn)
{
	struct cma_search search = {
		.cma = cma,
		.request = request,
		.query = *query,
		.from = query->from,
		.work = work,
	};

	return cma_search_area(&search, pfn);
}

/**
 * cma_fill() - evacuate a run and have it READY
 * @cma: active area
 * @units: its length
 *
 * Context: sleeps.
 * Return: CMA_REASON_NONE, or why there is no such run that can be had at little cost.
 */
enum cma_reason cma_fill(struct cma *cma, unsigned long units)
{
	const struct cma_request request = {
		.count = units << cma->order_per_bit,
		.gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
	};
	struct cma_work work = { };
	struct cma_search search = {
		.cma = cma,
		.request = &request,
		.query = { .count = units, .to = cma_nr_units(cma) },
		.work = &work,
		.keep = true,
	};
	unsigned long pfn = 0;
	enum cma_reason reason;

	reason = cma_fault(CMA_FAULT_REFILL) ? CMA_REASON_NO_TARGET :
		 cma_check_query(cma, &search.query);
	return reason ?: cma_search_area(&search, &pfn);
}
