// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: areas whose devices rely on addresses.
 *
 * The firmware of a remote processor is linked to where its buffers are, which its driver
 * allocates one after the other from a region of its own. So a region with a place in
 * the devicetree is filled from the bottom up, whatever would be cheaper:
 *
 *	|aaa.bb|......|......|	the next run begins behind b, or fits in front of it
 *
 * From the first release on, until nothing is allocated, all is as in other areas.
 */
#include <linux/compiler.h>
#include <linux/init.h>

#include "find.h"

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

/* Those who come one after the other see what they have done; others rely on nothing. */
static bool cma_has_gaps(struct cma *cma)
{
	if (!READ_ONCE(cma->nr_allocated))
		WRITE_ONCE(cma->has_gaps, false);
	return READ_ONCE(cma->has_gaps);
}

/**
 * cma_find_bottom() - is there a run that a request should rather have than any other?
 * @cma: active area, to be filled from the bottom up
 * @query: what to look for, in units
 * @bottom: out: the same, of which that run is all
 *
 * The floor of READY memory was set by somebody who wants that used.
 *
 * Context: any; takes the area's lock.
 * Return: whether there is one.
 */
bool cma_find_bottom(struct cma *cma, const struct runmap_query *query,
		     struct runmap_query *bottom)
{
	struct cma_lookup look = { .flags = CMA_LOOK_MIXED };

	if (READ_ONCE(cma->ready_min) || cma_has_gaps(cma) ||
	    cma_next_candidate(cma, query, &look) != CMA_FOUND_RUN)
		return false;
	*bottom = *query;
	bottom->from = look.run.start;
	bottom->to = cma_extent_end(look.run);
	return true;
}
