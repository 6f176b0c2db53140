// SPDX-License-Identifier: GPL-2.0
/*
 * What areas of contiguous memory and the page allocator leave to each other.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/static_stub.h>
#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/stringhash.h>

#include "contiguous.h"

/**
 * dma_contiguous_has_fallback() - can the page allocator have so many pages in one piece?
 * @count: number of pages
 *
 * Context: any.
 * Return: whether it can, with luck.
 */
bool dma_contiguous_has_fallback(unsigned long count)
{
	return order_base_2(count) <= MAX_PAGE_ORDER;
}

/*
 * Which devices have been told of. Devices come and go, and their memory isn't ours:
 * so this knows them by their names, and takes two for one now and then.
 */
#define DMA_CONTIGUOUS_TOLD	1024

static DECLARE_BITMAP(dma_contiguous_told, DMA_CONTIGUOUS_TOLD);

static bool dma_contiguous_tell_of(const char *owner)
{
	return !test_and_set_bit(full_name_hash(NULL, owner, strlen(owner)) %
				 DMA_CONTIGUOUS_TOLD, dma_contiguous_told);
}

/**
 * dma_contiguous_tell_fallback() - say once for a device that an area didn't serve it
 * @area: the area that was asked last
 * @request: what it was asked for
 *
 * Context: any.
 */
void dma_contiguous_tell_fallback(struct cma *area,
				  const struct cma_request *request)
{
	const char *owner = request->owner ?: current->comm;

	/* A task that is killed knows why. */
	if ((request->gfp & __GFP_NOWARN) ||
	    request->reason == CMA_REASON_INTERRUPTED)
		return;
	if (dma_contiguous_tell_of(owner))
		pr_info("%s: %lu pages for %s are left to the page allocator: %s\n",
			cma_get_name(area), request->count, owner,
			cma_reason_name(request->reason));
}

/**
 * dma_contiguous_refuse() - say that neither an area nor the page allocator will do
 * @need: what was asked for
 * @owner: the device that asked; NULL stands for the current task
 *
 * Context: any.
 */
void dma_contiguous_refuse(const struct dma_contiguous_need *need,
			   const char *owner)
{
	if (need->gfp & __GFP_NOWARN)
		return;
	pr_err_ratelimited("no %lu pages for %s: there is no area for it, and %d are the most that the page allocator has in one piece\n",
			   need->count, owner ?: current->comm,
			   MAX_ORDER_NR_PAGES);
}

/**
 * dma_contiguous_pages_first() - should the page allocator be asked before an area?
 * @areas: those that have to do with the device
 * @need: what it asks for
 *
 * What is allocated without sleeping is small and there to stay, as descriptors are,
 * and would sit in the middle of an area that all devices share. The page allocator
 * nearly always has that little, so it is asked first.
 *
 * Context: any.
 * Return: whether it should.
 */
bool dma_contiguous_pages_first(const struct dma_contiguous_areas *areas,
				const struct dma_contiguous_need *need)
{
	return !areas->own && !gfpflags_allow_blocking(need->gfp) &&
	       need->count > 1 &&
	       order_base_2(need->count) <= PAGE_ALLOC_COSTLY_ORDER;
}

/**
 * dma_contiguous_try_pages() - ask the page allocator instead of an area
 * @dev: the device, or NULL
 * @need: what it asks for
 *
 * Context: as the gfp of @need says.
 * Return: the first page, within the reach of @need, or NULL.
 */
struct page *dma_contiguous_try_pages(struct device *dev,
				      const struct dma_contiguous_need *need)
{
	unsigned int order = order_base_2(need->count);
	struct page *page;

	KUNIT_STATIC_STUB_REDIRECT(dma_contiguous_try_pages, dev, need);
	page = alloc_pages_node(dev ? dev_to_node(dev) : NUMA_NO_NODE,
				need->gfp | __GFP_NOWARN, order);
	if (page && need->limit &&
	    page_to_phys(page) + (PAGE_SIZE << order) - 1 > need->limit) {
		__free_pages(page, order);
		return NULL;
	}
	return page;
}

/**
 * dma_contiguous_insists() - is an area to be asked again if nobody else serves?
 * @areas: those that have to do with the device
 * @need: what it asks for
 *
 * So many pages in one piece the page allocator has only by luck. So it is no
 * reason for an area to give up soon, and to say nothing.
 *
 * Context: any.
 * Return: whether it is.
 */
bool dma_contiguous_insists(const struct dma_contiguous_areas *areas,
			    const struct dma_contiguous_need *need)
{
	bool shared = areas->common || areas->node.numa || areas->node.pernuma;

	return !areas->own && shared &&
	       gfpflags_allow_blocking(need->gfp) &&
	       !(need->gfp & __GFP_NORETRY) &&
	       order_base_2(need->count) > PAGE_ALLOC_COSTLY_ORDER &&
	       dma_contiguous_has_fallback(need->count);
}
