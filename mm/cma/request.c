// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: which requests can never be met, whatever is free, and what is to be
 * said when a search has found no run.
 */
#include <linux/align.h>
#include <linux/cma.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "area.h"

/*
 * Is the area's address space such that the request could be met at all, with
 * units below @to?
 */
static bool cma_fits_empty(const struct cma *cma,
			   const struct runmap_query *query, unsigned long to)
{
	unsigned long origin = cma->base_pfn >> cma->order_per_bit;
	const struct cma_range *range;
	unsigned long start, end;

	for (range = cma->ranges; range < cma->ranges + cma->nr_ranges;
	     range++) {
		start = cma_pfn_to_unit(cma, range->base_pfn);
		end = start + (range->nr_pages >> cma->order_per_bit);
		end = min(end, to);
		start = ALIGN(origin + start, 1UL << query->align) - origin;
		if (start <= end && query->count <= end - start)
			return true;
	}
	return false;
}

/**
 * cma_check_query() - could an area serve a request at all, if it were empty?
 * @cma: active area
 * @query: what is asked for, in units
 *
 * Context: any.
 * Return: CMA_REASON_NONE when it is worth a search, else why it isn't.
 */
enum cma_reason cma_check_query(const struct cma *cma, const struct runmap_query *query)
{
	if (!cma_fits_empty(cma, query, cma_nr_units(cma)))
		return CMA_REASON_TOO_BIG;
	if (!cma_fits_empty(cma, query, query->to))
		return CMA_REASON_ABOVE_DMA_MASK;
	return CMA_REASON_NONE;
}

/**
 * cma_name_shortage() - what is there too little of?
 * @cma: active area
 * @query: what was looked for, when no run that isn't allocated is long enough
 *
 * Context: any; takes the area's lock.
 * Return: the reason.
 */
enum cma_reason cma_name_shortage(struct cma *cma,
				  const struct runmap_query *query)
{
	unsigned long count = query->count << cma->order_per_bit;
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	if (usage.total - usage.allocated < count)
		return CMA_REASON_FULL;
	/* Above the limit there might be a run, but what good would it do? */
	if (query->to < cma_nr_units(cma) && usage.largest >= count)
		return CMA_REASON_ABOVE_DMA_MASK;
	return CMA_REASON_FRAGMENTED;
}
