// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: one attempt to have a run, and what is learnt from it.
 *
 * A claimed run is evacuated. When that works it is committed; when it doesn't,
 * what has been emptied is kept, the page that stood in the way is noted as
 * stuck, and the search is told where to go on, if it should.
 */
#include <linux/alloc_tag.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "search.h"

#include <trace/events/cma.h>

/*
 * For so long requests that mind the cost don't look again where something would
 * have to be copied.
 */
#define CMA_SKIP_COSTLY_MS	100

/*
 * How long a page counts as stuck, at first: what is only passing through, and
 * what somebody means to hold on to.
 */
#define CMA_SKIP_PASSING_MS	500
#define CMA_SKIP_LASTING_MS	2000

/* So many parts of a run are tried on their own before READY memory is lent for it. */
#define CMA_CLEAR_PARTS		16

/* A caller that has something else to turn to doesn't pay for waits. */
static enum cma_effort cma_effort_of(const struct cma_search *search)
{
	return min(search->policy.effort, search->policy.allowed.has_fallback ?
		   CMA_EFFORT_CLEAR : CMA_EFFORT_THOROUGH);
}

/* How long what stopped this attempt counts as stuck, at first. */
static unsigned int cma_skip_ms(const struct cma_evacuation *evacuation)
{
	if (evacuation->costly)
		return CMA_SKIP_COSTLY_MS;
	return cma_page_kinds[evacuation->blocker.kind].lasting ?
	       CMA_SKIP_LASTING_MS : CMA_SKIP_PASSING_MS;
}

/*
 * The next candidate lies wholly beyond what stopped this one, and so do those
 * of later requests until its backoff has ended. Where the page
 * isn't known, that is beyond the run, or else its pageblock that couldn't be isolated.
 */
static void cma_pass_by(struct cma_search *search,
			const struct cma_evacuation *evacuation)
{
	const struct cma_blocker *blocker = &evacuation->blocker;
	unsigned long pfn = evacuation->pfn, flags, unit;
	struct cma *cma = search->cma;

	if (!evacuation->costly) {
		search->work->blocker = *blocker;
		atomic64_inc(&cma->stats.blockers[blocker->kind]);
	}
	if (blocker->kind == CMA_PAGE_NONE)
		pfn = min(pfn + evacuation->nr_pages,
			  ALIGN(max(pfn, blocker->pfn) + 1, CMA_EXCLUSION_PAGES)) - 1;
	else
		pfn = blocker->pfn;
	unit = cma_pfn_to_unit(cma, pfn);
	search->query.from = unit + 1;

	spin_lock_irqsave(&cma->lock, flags);
	cma_skip_add(&cma->skip, unit, (u32)jiffies,
		     (u32)msecs_to_jiffies(cma_skip_ms(evacuation)),
		     evacuation->costly);
	spin_unlock_irqrestore(&cma->lock, flags);
}

static enum cma_event cma_attempt_failed(struct cma_search *search,
					 const struct cma_evacuation *attempt,
					 int err)
{
	trace_cma_alloc_busy_retry(search->cma->name, attempt->pfn,
				   pfn_to_page(attempt->pfn), attempt->nr_pages,
				   search->request->align);
	trace_cma_alloc_blocked(search->cma->name, attempt);
	switch (err) {
	case -EBUSY:
		cma_pass_by(search, attempt);
		return attempt->costly ? CMA_EVENT_COSTLY : CMA_EVENT_STUCK;
	case -ENOMEM:
		return CMA_EVENT_NO_TARGET;
	case -EINTR:
		return CMA_EVENT_KILLED;
	default:
		WARN_ONCE(1, "cma: evacuation failed with %d\n", err);
		return NR_CMA_EVENTS;
	}
}

/* The page allocator has nothing of the run any more, and other holders let go. */
static bool cma_succeed(struct cma_search *search, struct cma_claim *claim)
{
	struct cma *cma = search->cma;
	unsigned long pfn = cma_run_to_pfn(cma, claim->run);
	unsigned long nr_pages = cma_run_to_pages(cma, claim->run);
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	cma_skip_forget(&cma->skip, claim->run);
	spin_unlock_irqrestore(&cma->lock, flags);
	if (search->keep) {
		cma_keep(cma, claim, claim->run.count);
		cma_give_up_failed(cma, claim->run);
		return true;
	}
	if (!alloc_hooks(cma->evacuator->prepare(cma, pfn, nr_pages,
						 search->request->gfp, false))) {
		cma->evacuator->lend(cma, pfn, nr_pages);
		cma_abort(cma, claim);
		return false;
	}
	cma_commit(cma, claim);
	return true;
}

/* What was made free before it failed is kept. */
static void cma_end_failed(struct cma_search *search, struct cma_claim *claim,
			   unsigned long nr_taken)
{
	struct cma *cma = search->cma;
	unsigned long count = nr_taken >> cma->order_per_bit;
	unsigned long kept = count << cma->order_per_bit;

	if (nr_taken > kept)
		cma->evacuator->lend(cma, cma_run_to_pfn(cma, claim->run) +
					  kept, nr_taken - kept);
	cma_keep(cma, claim, count);
	cma_give_up_failed(cma, cma_extent_at(claim->run.start, count));
}

/**
 * cma_attempt() - evacuate a claimed run, and end the claim
 * @search: which claimed it; knows afterwards where to go on
 * @claim: the run
 * @pfn: set on success
 *
 * Context: as far as the request's gfp lets it; takes the area's lock, but
 * evacuates without any.
 * Return: CMA_EVENT_DONE with *@pfn set when the run is allocated (or READY, if
 * that is what it is for), else why it isn't.
 */
enum cma_event cma_attempt(struct cma_search *search, struct cma_claim *claim,
			   unsigned long *pfn)
{
	struct cma *cma = search->cma;
	struct cma_work *work = search->work;
	struct cma_evacuation evacuation = {
		.pfn		= cma_run_to_pfn(cma, claim->run),
		.nr_pages	= cma_run_to_pages(cma, claim->run),
		.gfp		= search->request->gfp,
		.effort		= cma_effort_of(search),
		.deadline	= search->deadline,
		.drained_lru	= work->drained_lru,
	};
	int err;

	err = alloc_hooks(cma->evacuator->evacuate(cma, &evacuation));
	work->attempts += !evacuation.hopeless;
	work->drained_lru = evacuation.drained_lru;
	work->nr_dropped += evacuation.nr_dropped;
	if (err) {
		cma_end_failed(search, claim, evacuation.nr_taken);
	} else if (!cma_succeed(search, claim)) {
		err = -EBUSY;
		/* Whatever was in the way has moved. */
		evacuation.blocker = (struct cma_blocker){ };
	}
	if (err) {
		if (!gfpflags_allow_blocking(evacuation.gfp))
			return CMA_EVENT_WOULD_SLEEP;
		return cma_attempt_failed(search, &evacuation, err);
	}
	work->nr_moved += evacuation.nr_moved;
	*pfn = evacuation.pfn;
	return CMA_EVENT_DONE;
}

/* Of the parts of a run that are lent, the last one with a page that is likely to stay. */
static bool cma_find_staying(struct cma *cma, struct cma_extent run,
			     struct cma_extent *part,
			      struct cma_blocker *blocker)
{
	struct cma_extent left = run, gap;
	struct cma_blocker seen;
	bool found = false;

	while (cma_next_gap(cma, &left, &gap)) {
		/* Nothing is READY, so that there is nothing to lose. */
		if (gap.count == run.count)
			return false;
		if (!cma->evacuator->foresee(cma, cma_run_to_pfn(cma, gap),
					     cma_run_to_pages(cma, gap), &seen))
			continue;
		*part = gap;
		*blocker = seen;
		found = true;
	}
	return found;
}

/* Are all of these units lent, or has somebody claimed some of them meanwhile? */
static bool cma_are_lent(struct cma *cma, struct cma_extent part)
{
	unsigned long flags;
	bool lent;

	spin_lock_irqsave(&cma->lock, flags);
	lent = runmap_is_free(&cma->map, part.start, part.count);
	spin_unlock_irqrestore(&cma->lock, flags);
	return lent;
}

/* Nothing was tried, but what came of it is known. */
static enum cma_event cma_foreseen(struct cma_search *search,
				   struct cma_extent run,
				   const struct cma_blocker *blocker)
{
	const struct cma_evacuation evacuation = {
		.pfn		= cma_run_to_pfn(search->cma, run),
		.nr_pages	= cma_run_to_pages(search->cma, run),
		.gfp		= search->request->gfp,
		.hopeless	= true,
		.blocker	= *blocker,
	};

	return cma_attempt_failed(search, &evacuation, -EBUSY);
}

/* Have that part of a run READY, too. A request that is quicker is met later. */
static enum cma_event cma_clear_part(struct cma_search *search,
				     struct cma_extent part)
{
	struct cma_claim claim;
	enum cma_event event;
	unsigned long pfn = 0;

	if (!cma_claim_at(search->cma, part, true, &claim))
		return CMA_EVENT_LOST;
	search->keep = true;
	event = cma_attempt(search, &claim, &pfn);
	search->keep = false;
	return event;
}

/**
 * cma_clear_way() - see to it that READY memory isn't lent for nothing
 * @search: which has found a run
 * @run: that one
 *
 * Where a page is likely to stay, a request looks for another run, and one that is
 * thorough tries that part of the run first. What it empties is READY for a moment.
 *
 * Context: sleeps, as cma_attempt().
 * Return: CMA_EVENT_DONE when it is worth lending what is READY of the run, as far as
 * can be told, else as cma_attempt().
 */
enum cma_event cma_clear_way(struct cma_search *search, struct cma_extent run)
{
	struct cma_blocker blocker;
	struct cma_extent part;
	enum cma_event event;
	unsigned int i;

	for (i = 0; i < CMA_CLEAR_PARTS; i++) {
		if (!cma_find_staying(search->cma, run, &part, &blocker))
			break;
		/* Pages that others have just been given look like pages in use. */
		if (search->policy.effort != CMA_EFFORT_THOROUGH &&
		    !cma_are_lent(search->cma, part))
			return CMA_EVENT_LOST;
		if (cma_effort_of(search) != CMA_EFFORT_THOROUGH)
			return cma_foreseen(search, run, &blocker);
		if (fatal_signal_pending(current))
			return CMA_EVENT_KILLED;
		event = cma_clear_part(search, part);
		if (event == CMA_EVENT_LOST)
			break;
		if (event != CMA_EVENT_DONE)
			return event;
	}
	return CMA_EVENT_DONE;
}
