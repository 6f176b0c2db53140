// SPDX-License-Identifier: GPL-2.0
/*
 * Which area of contiguous memory serves which device.
 *
 *	a device with a private area	that area, and no shared one
 *	any other device		the areas of its NUMA node, cma_pernuma=
 *					before numa_cma=, then the default area
 *
 * A private area is more than a convenience: some devices work in one bank of
 * memory only, so nothing else takes its place. Shared areas are asked for two
 * pages or more; single pages are easily had from the page allocator, and many
 * of them would break an area into pieces.
 *
 * Where no area serves, callers turn to the page allocator. So whatever is
 * given back may be from either, and is told apart by where it lies. And where the
 * page allocator could have such a run, that an area hasn't is no failure: it is
 * counted, and each device is told of once.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/iommu-dma.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/stringhash.h>

#include "contiguous.h"

/* What of a caller's gfp tells how hard an area may try, and how loudly. */
#define DMA_CONTIGUOUS_GFP	(__GFP_RECLAIM | __GFP_IO | __GFP_FS |	\
				 __GFP_NOWARN | __GFP_NORETRY |		\
				 __GFP_RETRY_MAYFAIL)

/* Written while booting, before there are devices. */
struct cma *dma_contiguous_default_area;

static struct dma_contiguous_node dma_contiguous_nodes[DMA_CONTIGUOUS_NODES];

/**
 * dma_contiguous_node() - where the areas of a node are noted
 * @nid: number of the node, NUMA_NO_NODE included
 *
 * Context: any. No lock: written while booting only.
 * Return: the node's areas, NULL if this kernel has none for such a node.
 */
struct dma_contiguous_node *dma_contiguous_node(int nid)
{
	if (!IS_ENABLED(CONFIG_DMA_NUMA_CMA) || nid < 0 ||
	    nid >= DMA_CONTIGUOUS_NODES)
		return NULL;
	return &dma_contiguous_nodes[nid];
}

/**
 * dma_contiguous_collect() - find the areas that have to do with a device
 * @dev: the device, NULL for nobody in particular
 * @areas: filled in
 *
 * Context: any.
 */
void dma_contiguous_collect(struct device *dev,
			    struct dma_contiguous_areas *areas)
{
	const struct dma_contiguous_node *node = NULL;

	if (dev)
		node = dma_contiguous_node(dev_to_node(dev));

	*areas = (struct dma_contiguous_areas) {
		.own	= dev ? dev->cma_area : NULL,
		.common	= dma_contiguous_default_area,
	};
	if (node)
		areas->node = *node;
}

/*
 * The highest physical address below a mask. The bus may have several ranges, and the one
 * with the highest addresses on the bus may be the lowest in memory.
 */
static phys_addr_t dma_contiguous_reach(struct device *dev, u64 mask)
{
	const struct bus_dma_region *range = dev->dma_range_map;
	phys_addr_t reach = 0;

	if (IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA))
		range = NULL;
	for (; range && range->size; range++)
		if (range->dma_start <= mask)
			reach = max_t(phys_addr_t, reach, range->cpu_start +
				      min(range->size - 1, mask - range->dma_start));
	return reach ?: dma_to_phys(dev, mask);
}

/**
 * dma_contiguous_device_limit() - how far a device reaches
 * @dev: the device, NULL for nobody in particular
 *
 * Behind an IOMMU, or with mapping operations of its own, the device's mask
 * says nothing about physical addresses.
 *
 * Context: any.
 * Return: the highest physical address that the device can use, 0 for any.
 */
phys_addr_t dma_contiguous_device_limit(struct device *dev)
{
	u64 mask;

	if (!dev || use_dma_iommu(dev) || get_dma_ops(dev))
		return 0;

	mask = min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
	return mask ? dma_contiguous_reach(dev, mask) : 0;
}

/**
 * dma_contiguous_zone_limit() - where the zone that a gfp mask asks for ends
 * @gfp: may have __GFP_DMA or __GFP_DMA32
 *
 * Context: any.
 * Return: the highest physical address of the zone, 0 for any.
 */
phys_addr_t dma_contiguous_zone_limit(gfp_t gfp)
{
	if (IS_ENABLED(CONFIG_ZONE_DMA) && (gfp & __GFP_DMA))
		return zone_dma_limit;
	if (IS_ENABLED(CONFIG_ZONE_DMA32) && (gfp & __GFP_DMA32))
		return max_t(u64, DMA_BIT_MASK(32), zone_dma_limit);
	return 0;
}

static unsigned int dma_contiguous_add(struct dma_contiguous_candidate *list,
				       unsigned int nr, struct cma *area,
				       phys_addr_t limit)
{
	if (area)
		list[nr++] = (struct dma_contiguous_candidate) { area, limit };
	return nr;
}

/* An area that lies above the limit as a whole isn't worth a failed request. */
static unsigned int dma_contiguous_add_node(struct dma_contiguous_candidate *list,
					    unsigned int nr, struct cma *area,
					    phys_addr_t limit)
{
	if (area && limit && cma_get_base(area) > limit)
		return nr;
	return dma_contiguous_add(list, nr, area, limit);
}

/**
 * dma_contiguous_rank() - decide which areas are asked, in which order
 * @areas: those that have to do with the device
 * @need: what it asks for
 * @candidates: out: room for DMA_CONTIGUOUS_CANDIDATES
 *
 * The zone that @need asks for binds the shared areas only: the memory of an area that
 * the device was given has been chosen for it.
 *
 * The default area is asked even if it lies above the limit. Somebody set it
 * aside for devices like this one and is to learn why it doesn't serve.
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: the number of candidates.
 */
unsigned int dma_contiguous_rank(const struct dma_contiguous_areas *areas,
				 const struct dma_contiguous_need *need,
				 struct dma_contiguous_candidate *candidates)
{
	phys_addr_t limit = min_not_zero(need->limit,
					 dma_contiguous_zone_limit(need->gfp));
	unsigned int nr = 0;

	if (!need->count)
		return 0;
	if (areas->own)
		return dma_contiguous_add(candidates, nr, areas->own,
					  need->limit);
	if (need->count == 1)
		return 0;

	nr = dma_contiguous_add_node(candidates, nr, areas->node.pernuma,
				     limit);
	nr = dma_contiguous_add_node(candidates, nr, areas->node.numa, limit);
	return dma_contiguous_add(candidates, nr, areas->common, limit);
}

static unsigned int dma_contiguous_align(unsigned long count)
{
	return min(order_base_2(count), CONFIG_CMA_ALIGNMENT);
}

/**
 * dma_contiguous_serve() - allocate from the first area that can
 * @areas: those that have to do with the device
 * @need: what it asks for
 * @owner: name of the asker, for messages; NULL stands for the current task
 *
 * Only the last candidate's failure is one, and is reported unless the caller wants
 * none to be; where the page allocator can step in, not even that.
 *
 * Context: sleeps while pages are moved; where @need doesn't allow that, any.
 * Return: the first page, or NULL.
 */
struct page *dma_contiguous_serve(const struct dma_contiguous_areas *areas,
				  const struct dma_contiguous_need *need,
				  const char *owner)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	unsigned int nr = dma_contiguous_rank(areas, need, list);
	bool fallback = !need->alone && dma_contiguous_has_fallback(need->count);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct cma_request request = {
			.count	= need->count,
			.align	= dma_contiguous_align(need->count),
			.gfp	= need->gfp & DMA_CONTIGUOUS_GFP,
			.limit	= list[i].limit,
			.owner	= owner,
			.caller	= need->caller,
		};
		struct page *page;

		if (!need->alone)
			request.timeout_ms = dma_contiguous_patience(areas, need->count);
		if (i + 1 < nr)
			request.gfp |= __GFP_NOWARN;
		else
			request.fallback = fallback;
		page = cma_alloc_request(list[i].area, &request);
		if (!IS_ERR(page))
			return page;
		if (request.fallback)
			dma_contiguous_tell_fallback(list[i].area, &request);
	}
	if (!nr && !dma_contiguous_has_fallback(need->count))
		dma_contiguous_refuse(need, owner);
	return NULL;
}

/* As PFN_UP(), for sizes next to SIZE_MAX as well. */
static unsigned long dma_contiguous_count(size_t size)
{
	return size ? ((size - 1) >> PAGE_SHIFT) + 1 : 0;
}

/* What the CPU reaches without a mapping: to make one, one has to sleep. */
static phys_addr_t dma_contiguous_context_limit(gfp_t gfp)
{
	if (!IS_ENABLED(CONFIG_HIGHMEM) || gfpflags_allow_blocking(gfp))
		return 0;
	return __pa(high_memory - 1);
}

/* First a glance at the area, then one at the page allocator, then in earnest. */
static struct page *dma_contiguous_insist(struct device *dev,
					  const struct dma_contiguous_areas *areas,
					  const struct dma_contiguous_need *need,
					  const char *owner)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct dma_contiguous_need again = *need;
	struct page *page = dma_contiguous_serve(areas, need, owner);

	/* Those of its node may all lie too high. */
	if (page || !dma_contiguous_rank(areas, need, list))
		return page;
	again.gfp |= __GFP_NORETRY;
	page = dma_contiguous_try_pages(dev, &again);
	if (page)
		return page;
	again.gfp = need->gfp;
	again.alone = true;
	return dma_contiguous_serve(areas, &again, owner);
}

/**
 * dma_alloc_contiguous() - allocate memory for a device from its areas
 * @dev: the device
 * @size: bytes, rounded up to pages
 * @gfp: context; zone flags bind the areas that the device shares with others
 *
 * The memory is aligned to its size rounded up to a power of two, at most to
 * PAGE_SIZE << CONFIG_CMA_ALIGNMENT. It isn't cleared. It can be high memory,
 * unless @gfp says that the caller can't sleep.
 *
 * Context: sleeps while pages are moved; where @gfp doesn't allow that, it is
 * served from READY and free memory, in any context, and small requests from the
 * page allocator unless the device has an area of its own. A large request that a
 * shared area can't serve soon may come from the page allocator as well.
 * Return: the first page, NULL if no area serves. The caller is expected to
 * try dma_alloc_fallback() then, and to give the memory back through
 * dma_free_contiguous() in any case.
 */
struct page *dma_alloc_contiguous(struct device *dev, size_t size, gfp_t gfp)
{
	const struct dma_contiguous_need need = {
		.count	= dma_contiguous_count(size),
		.limit	= min_not_zero(dma_contiguous_device_limit(dev),
				       dma_contiguous_context_limit(gfp)),
		.gfp	= gfp,
		.caller	= _RET_IP_,
	};
	const char *owner = dev ? dev_name(dev) : NULL;
	struct dma_contiguous_areas areas;
	struct page *page = NULL;

	dma_contiguous_collect(dev, &areas);
	if (dma_contiguous_pages_first(&areas, &need))
		page = dma_contiguous_try_pages(dev, &need);
	if (page)
		return page;
	if (dma_contiguous_insists(&areas, &need))
		return dma_contiguous_insist(dev, &areas, &need, owner);
	return dma_contiguous_serve(&areas, &need, owner);
}

struct dma_contiguous_search {
	struct page *page;
	struct cma *found;
};

static int dma_contiguous_is_inside(struct cma *cma, void *data)
{
	struct dma_contiguous_search *search = data;

	if (!cma_pages_valid(cma, search->page, 1))
		return 0;
	search->found = cma;
	return 1;
}

/*
 * A look at the pageblock spares almost all callers the walk over the areas.
 * It also keeps out areas that could not be activated: their memory is the
 * page allocator's. A pageblock of an area that is being evacuated for somebody
 * else counts as isolated.
 */
static struct cma *dma_contiguous_area_of_page(struct page *page)
{
	struct dma_contiguous_search search = { .page = page };
	int migratetype = get_pageblock_migratetype(page);

	if (is_migrate_cma(migratetype) || is_migrate_isolate(migratetype))
		cma_for_each_area(dma_contiguous_is_inside, &search);
	return search.found;
}

/**
 * dma_contiguous_area_of() - find the area that pages belong to
 * @page: the first page
 * @count: number of pages, at least 1
 *
 * Context: any.
 * Return: the area that the first page or else the last one lies in, NULL if
 * neither lies in any.
 */
struct cma *dma_contiguous_area_of(struct page *page, unsigned long count)
{
	struct cma *cma = dma_contiguous_area_of_page(page);

	if (!cma && count > 1)
		cma = dma_contiguous_area_of_page(nth_page(page, count - 1));
	return cma;
}

/**
 * dma_free_contiguous() - give memory back to wherever it is from
 * @dev: the device that it was allocated for
 * @page: the first page, from dma_alloc_contiguous() or alloc_pages()
 * @size: bytes, as they were allocated
 *
 * Pages of an area never get into the page allocator's hands, not even if the
 * area refuses them because they aren't what was allocated. They stay allocated
 * then, and the area has said so.
 *
 * Context: any.
 */
void dma_free_contiguous(struct device *dev, struct page *page, size_t size)
{
	unsigned long count = dma_contiguous_count(size);
	struct cma *cma = dma_contiguous_area_of(page, count);

	if (cma)
		cma_release(cma, page, count);
	else
		__free_pages(page, get_order(size));
}

/**
 * dev_get_cma_area() - find the area that serves a device
 * @dev: the device, NULL for nobody in particular
 *
 * Context: any.
 * Return: its private area, else the default area, which can be NULL.
 */
struct cma *dev_get_cma_area(struct device *dev)
{
	return dev && dev->cma_area ? dev->cma_area :
				      dma_contiguous_default_area;
}
EXPORT_SYMBOL_GPL(dev_get_cma_area);

/**
 * dma_alloc_from_contiguous() - allocate pages from the area of a device
 * @dev: the device, NULL for the default area
 * @count: number of pages; a single one is served, too
 * @order: the physical address is a multiple of PAGE_SIZE << @order, at most
 *	of PAGE_SIZE << CONFIG_CMA_ALIGNMENT
 * @no_warn: don't report a failure
 *
 * Context: may sleep.
 * Return: the first page, NULL if dev_get_cma_area() has none or the area
 * can't serve. Goes back through dma_release_from_contiguous().
 */
struct page *dma_alloc_from_contiguous(struct device *dev, size_t count,
				       unsigned int order, bool no_warn)
{
	struct cma *cma = dev_get_cma_area(dev);
	struct cma_request request = {
		.count	= count,
		.align	= min_t(unsigned int, order, CONFIG_CMA_ALIGNMENT),
		.gfp	= GFP_KERNEL | (no_warn ? __GFP_NOWARN : 0),
		.limit	= dma_contiguous_device_limit(dev),
		.owner	= dev ? dev_name(dev) : NULL,
		.caller	= _RET_IP_,
	};
	struct page *page;

	if (!cma)
		return NULL;
	page = cma_alloc_request(cma, &request);
	return IS_ERR(page) ? NULL : page;
}

/**
 * dma_release_from_contiguous() - give pages back to the area of a device
 * @dev: the device, NULL for the default area
 * @pages: the first page
 * @count: number of pages: of an allocation, a part of one, or several that touch
 *
 * They go back to the area that they lie in, also when the device has another one by
 * now.
 *
 * Context: any.
 * Return: false if the pages don't lie in an area, and are untouched; true if the area
 * has dealt with them, which includes refusing what isn't allocated throughout.
 */
bool dma_release_from_contiguous(struct device *dev, struct page *pages,
				 int count)
{
	struct cma *cma = dev_get_cma_area(dev);

	if (count <= 0)
		return false;
	/* A driver may have bound the device to another area since. */
	if (!cma_pages_valid(cma, pages, count))
		cma = dma_contiguous_area_of(pages, count);
	return cma && cma_release(cma, pages, count);
}
