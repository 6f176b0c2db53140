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
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "find.h"

/* So long the lowest run is worth to be waited for, and what is soon given back below it. */
#define CMA_BOTTOM_MS		100U

/**
 * cma_fill_from_bottom() - have an area filled from the bottom up
 * @cma: area that isn't active yet
 *
 * Context: boot, after the area was declared.
 */
void __init cma_fill_from_bottom(struct cma *cma)
{
	cma->from_bottom = true;
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

/* A request that can turn to others doesn't wait, nor does one that others may wait for. */
static bool cma_waits_for_bottom(const struct cma_request *ask)
{
	return gfpflags_allow_blocking(ask->gfp) && !(ask->gfp & __GFP_NORETRY) &&
	       !(current->flags & PF_MEMALLOC);
}

/* Wait for what comes back below a run, for as long as the request does. */
static void cma_wait_below(struct cma *cma, struct cma_lookup *look,
			   unsigned long count, struct cma_request *ask)
{
	unsigned long began = jiffies;
	unsigned int ms;

	look->awaited = cma_extent_at(0, look->run.start);
	cma_wait_for_claim(cma, look, count, msecs_to_jiffies(ask->timeout_ms));
	ms = jiffies_to_msecs(jiffies - began);
	ask->timeout_ms -= min(ms, ask->timeout_ms - 1);
}

/**
 * cma_find_bottom() - is there a run that a request should rather have than any other?
 * @cma: active area, to be filled from the bottom up
 * @ask: what is asked for; its timeout becomes shorter by what is waited here
 * @query: the same in units
 * @bottom: out: the same, of which that run is all
 *
 * A page that is known to be stuck keeps runs out for as long as it would elsewhere.
 *
 * Context: any; takes the area's lock, and sleeps as far as the request lets it.
 * Return: whether there is one.
 */
bool cma_find_bottom(struct cma *cma, struct cma_request *ask,
		     const struct runmap_query *query, struct runmap_query *bottom)
{
	struct cma_lookup look = { .flags = CMA_LOOK_CLEAR | CMA_LOOK_MIXED };

	if (cma_next_candidate(cma, query, &look) != CMA_FOUND_RUN)
		return false;
	if (cma_waits_for_bottom(ask) && cma_comes_back_below(cma, look.run.start)) {
		cma_wait_below(cma, &look, query->count, ask);
		if (cma_next_candidate(cma, query, &look) != CMA_FOUND_RUN)
			return false;
	}
	*bottom = *query;
	bottom->from = look.run.start;
	bottom->to = cma_extent_end(look.run);
	return true;
}

/**
 * cma_divide_patience() - how long for the lowest run, and how long for another one?
 * @ask: the request, for the lowest run; its timeout is set
 * @rest: the same for any other run
 *
 * What is on its way may arrive, as anywhere, but with all of the area to choose from it
 * need not be waited for as long.
 *
 * Context: any.
 */
void cma_divide_patience(struct cma_request *ask, struct cma_request *rest)
{
	unsigned int all = rest->timeout_ms;

	ask->timeout_ms = all ? min(DIV_ROUND_UP(all, 2), CMA_BOTTOM_MS) : CMA_BOTTOM_MS;
	if (all > 1)
		rest->timeout_ms = all - ask->timeout_ms;
}
