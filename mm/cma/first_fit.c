// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: areas whose devices rely on addresses.
 *
 * The firmware of a remote processor is linked to where its buffers are, which its driver
 * allocates one after the other from a region of its own. A display controller reaches so
 * far from the beginning of its region. So the region of a device in the devicetree is
 * filled from the bottom up, whatever would be cheaper:
 *
 *	|aaa.bb|....cc|......|	the next run is in front of b or c if it fits, else behind
 */
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>

#include "search.h"

/*
 * So long low runs are worth waiting for, and what is soon given back below them;
 * besides, a millisecond is enough to move so many pages. So many runs are tried, each one
 * for half of the time that is left.
 */
#define CMA_FIRST_FIT_MS			100U
#define CMA_FIRST_FIT_PAGES_PER_MS		32
#define CMA_FIRST_FIT_TRIES		8

/**
 * cma_use_first_fit() - have an area filled from the bottom up
 * @cma: area that isn't active yet
 *
 * Context: boot, after the area was declared.
 */
void __init cma_use_first_fit(struct cma *cma)
{
	cma->is_first_fit = true;
}

/* Is something on its way back below a unit? What others evacuate they will have. */
static bool cma_comes_back_below(struct cma *cma, unsigned long unit)
{
	const struct cma_claim *claim;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&cma->lock, flags);
	list_for_each_entry(claim, &cma->claims, node)
		found |= !claim->isolates && claim->run.start < unit;
	spin_unlock_irqrestore(&cma->lock, flags);
	return found;
}

static bool cma_waits_for_lowest(const struct cma_request *ask)
{
	return gfpflags_allow_blocking(ask->gfp) && cma_allowed_by(ask->gfp).may_wait;
}

static unsigned int cma_ms_left(const struct cma_first_fit *fit, unsigned int ms)
{
	return ms - min(ms, jiffies_to_msecs(jiffies - fit->began));
}

/* Wait for what comes back below a run, and look again. */
static enum cma_found cma_wait_below(struct cma *cma, struct cma_first_fit *fit,
				     const struct runmap_query *query,
				     struct cma_lookup *look)
{
	enum cma_found found = CMA_FOUND_RUN;
	unsigned int ms;

	while (found == CMA_FOUND_RUN && cma_comes_back_below(cma, look->run.start)) {
		ms = cma_ms_left(fit, fit->ms);
		look->in_the_way = cma_extent_at(0, look->run.start);
		if (!ms || cma_wait_for_claim(cma, look, query->count, msecs_to_jiffies(ms)))
			break;
		found = cma_next_candidate(cma, query, look);
	}
	return found;
}

/**
 * cma_first_fit_begin() - have a request look for low runs
 * @fit: what becomes of that
 * @request: what is asked for
 *
 * What is on its way may arrive, as anywhere, but with all of the area to choose from it
 * need not be waited for as long: half of the time that the request has at most.
 *
 * Context: any.
 */
void cma_first_fit_begin(struct cma_first_fit *fit, const struct cma_request *request)
{
	struct cma_allowed allowed = cma_allowed_by(request->gfp);
	unsigned int all = request->timeout_ms ?: cma_policy_patience(&allowed, request->count);

	*fit = (struct cma_first_fit){
		.ask = *request,
		.began = jiffies,
		.all_ms = all,
		.ms = min(all - all / 2,
			  CMA_FIRST_FIT_MS + request->count / CMA_FIRST_FIT_PAGES_PER_MS),
	};
}

/**
 * cma_first_fit_next() - is there a run that a request should rather have than any other?
 * @cma: active area, to be filled from the bottom up
 * @fit: from cma_first_fit_begin(); its @ask is for that run, and has half of what is left
 *	of the time
 * @query: the same in units; becomes that run
 *
 * It is the lowest one without a page that is known to be stuck. Asked again, when that run
 * couldn't be had, it is the next one: what was in the way is known by then, or for a
 * request that can't sleep all of that run is.
 *
 * Context: any; takes the area's lock, and sleeps as far as the request lets it.
 * Return: whether there is one.
 */
bool cma_first_fit_next(struct cma *cma, struct cma_first_fit *fit,
			struct runmap_query *query)
{
	struct cma_lookup look = { .flags = CMA_LOOK_CLEAR | CMA_LOOK_MIXED };
	enum cma_found found;

	/* What can't sleep leaves no note of what was in the way. */
	if (fit->tries && !gfpflags_allow_blocking(fit->ask.gfp))
		query->from = fit->tried + query->count;
	found = cma_next_candidate(cma, query, &look);
	if (found == CMA_FOUND_RUN && cma_waits_for_lowest(&fit->ask))
		found = cma_wait_below(cma, fit, query, &look);
	fit->ask.timeout_ms = cma_ms_left(fit, fit->ms);
	if (fit->tries++ && (!fit->ask.timeout_ms || look.run.start == fit->tried))
		return false;
	if (found != CMA_FOUND_RUN || fit->tries > CMA_FIRST_FIT_TRIES)
		return false;
	fit->tried = look.run.start;
	fit->ask.timeout_ms = max(fit->ask.timeout_ms / 2, 1U);
	query->from = look.run.start;
	query->to = cma_extent_end(look.run);
	return true;
}

/**
 * cma_first_fit_end() - what is left of a request that got none of the low runs
 * @fit: what became of it
 *
 * Context: any.
 * Return: the request for any other run, in the rest of the time.
 */
struct cma_request cma_first_fit_end(const struct cma_first_fit *fit)
{
	struct cma_request rest = fit->ask;

	rest.timeout_ms = max(cma_ms_left(fit, fit->all_ms), 1U);
	return rest;
}
