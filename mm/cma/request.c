// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what becomes of a request without a search: it makes no sense or
 * can never be met, or READY memory serves it. And what is to be said when a search has
 * found no run.
 */
#include <linux/alloc_tag.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "area.h"

/* So many READY runs can be unfit for a request before it looks further. */
#define CMA_READY_TRIES		4

/* The units of an area that lie wholly within the request's limit. */
static unsigned long cma_units_below_limit(const struct cma *cma,
					   const struct cma_request *request)
{
	phys_addr_t base = PFN_PHYS(cma->base_pfn);

	if (!request->limit || request->limit >= PFN_PHYS(cma->end_pfn) - 1)
		return cma_nr_units(cma);
	if (request->limit < base)
		return 0;
	/* The limit is the last byte that may be used, not the one behind. */
	return (request->limit - base + 1) >>
	       (PAGE_SHIFT + cma->order_per_bit);
}

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

static bool cma_makes_sense(const struct cma *cma,
			    const struct cma_request *request)
{
	unsigned long count = request->count;

	if (!count || request->align >= BITS_PER_LONG - PAGE_SHIFT)
		return false;
	if (!(request->gfp & __GFP_COMP))
		return true;
	return is_power_of_2(count) && count > 1 &&
	       IS_ALIGNED(count, 1UL << cma->order_per_bit) &&
	       request->align >= ilog2(count);
}

/**
 * cma_check_request() - say what can be said before anything is looked for
 * @cma: the area
 * @request: what is asked for
 * @query: out: the same in units of the area, from its first unit on
 *
 * Context: any.
 * Return: CMA_REASON_NONE when it is worth a search, else why it isn't.
 */
enum cma_reason cma_check_request(const struct cma *cma,
				  const struct cma_request *request,
				  struct runmap_query *query)
{
	if (!cma_makes_sense(cma, request))
		return CMA_REASON_INVALID;
	if (!cma_is_active(cma))
		return CMA_REASON_INACTIVE;

	query->count = cma_pages_to_units(cma, request->count);
	query->align = request->align > cma->order_per_bit ?
		       request->align - cma->order_per_bit : 0;
	query->from = 0;
	query->to = cma_units_below_limit(cma, request);

	if (!cma_fits_empty(cma, query, cma_nr_units(cma)))
		return CMA_REASON_TOO_BIG;
	if (!cma_fits_empty(cma, query, query->to))
		return CMA_REASON_ABOVE_DMA_MASK;
	return CMA_REASON_NONE;
}

/**
 * cma_serve_request() - hand out READY memory, if there is a run of it that fits
 * @cma: active area
 * @request: what is asked for
 * @query: the same in units, from cma_check_request()
 * @pfn: set on success
 *
 * Context: any; takes the area's lock, and sleeps as far as the request's gfp lets it.
 * Return: whether a run is allocated.
 */
bool cma_serve_request(struct cma *cma, const struct cma_request *request,
		       const struct runmap_query *query, unsigned long *pfn)
{
	struct cma_extent run;
	unsigned long at;
	unsigned int i;

	for (i = 0; i < CMA_READY_TRIES; i++) {
		/* A look without the lock, for the sake of areas that keep nothing. */
		if (READ_ONCE(cma->ready.total) < query->count ||
		    !cma_serve(cma, query, &run))
			break;
		at = cma_run_to_pfn(cma, run);
		if (alloc_hooks(cma->evacuator->prepare(cma, at,
							cma_run_to_pages(cma, run),
							request->gfp, true))) {
			*pfn = at;
			return true;
		}
		/* The hardware failed meanwhile, or somebody looks at a page. */
		cma_lend(cma, run);
	}
	return false;
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
