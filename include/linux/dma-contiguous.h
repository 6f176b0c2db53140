/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory for devices: the default area, private areas of devices,
 * and allocation from whichever area serves a device.
 *
 * Drivers don't need any of this, they call dma_alloc_coherent() and friends.
 */
#ifndef __LINUX_DMA_CONTIGUOUS_H
#define __LINUX_DMA_CONTIGUOUS_H

#include <linux/cma.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/types.h>
#include <asm/page.h>

#ifdef CONFIG_DMA_CMA
/* Serves the devices that have no area of their own; NULL if there is none. */
extern struct cma *dma_contiguous_default_area;

/* While booting: areas are set aside as long as memblock owns the memory. */
int __init dma_declare_contiguous(struct device *dev, phys_addr_t size,
				  phys_addr_t base, phys_addr_t limit);
int __init dma_contiguous_reserve_area(phys_addr_t size, phys_addr_t base,
				       phys_addr_t limit, struct cma **res_cma,
				       bool fixed);
void dma_contiguous_early_fixup(phys_addr_t base, unsigned long size);
void dma_contiguous_reserve(phys_addr_t limit);

/* For the regions of the devicetree, while they are reserved. */
bool dma_contiguous_of_expect(unsigned long node, phys_addr_t base,
			      phys_addr_t size);
void dma_contiguous_of_no_room(unsigned long node, const char *name,
			       phys_addr_t size, phys_addr_t alignment);

/* By size, from the area that serves the device or the page allocator. */
void dma_free_contiguous(struct device *dev, struct page *page, size_t size);
struct page *dma_alloc_contiguous(struct device *dev, size_t size, gfp_t gfp);

/* All areas that were set aside for devices, from 0 on until there is none. */
struct cma *dma_contiguous_get_area_by_idx(unsigned int idx);

/* By number of pages, from one area and nowhere else. */
struct cma *dev_get_cma_area(struct device *dev);
bool dma_release_from_contiguous(struct device *dev, struct page *pages,
				 int count);
struct page *dma_alloc_from_contiguous(struct device *dev, size_t count,
				       unsigned int order, bool no_warn);
#else /* !CONFIG_DMA_CMA */
/* A constant, so that code which depends on it vanishes. */
#define dma_contiguous_default_area ((struct cma *)NULL)

static inline int dma_declare_contiguous(struct device *dev, phys_addr_t size,
					 phys_addr_t base, phys_addr_t limit)
{
	return -ENOSYS;
}

static inline int dma_contiguous_reserve_area(phys_addr_t size,
					      phys_addr_t base,
					      phys_addr_t limit,
					      struct cma **res_cma, bool fixed)
{
	return -ENOSYS;
}

static inline void dma_contiguous_early_fixup(phys_addr_t base,
					      unsigned long size)
{
}

static inline void dma_contiguous_reserve(phys_addr_t limit)
{
}

static inline bool dma_contiguous_of_expect(unsigned long node,
					    phys_addr_t base, phys_addr_t size)
{
	return true;
}

static inline void dma_contiguous_of_no_room(unsigned long node,
					     const char *name,
					     phys_addr_t size,
					     phys_addr_t alignment)
{
}

/* Without areas, all memory that callers give back is the page allocator's. */
static inline void dma_free_contiguous(struct device *dev, struct page *page,
				       size_t size)
{
	__free_pages(page, get_order(size));
}

static inline struct page *dma_alloc_contiguous(struct device *dev,
						size_t size, gfp_t gfp)
{
	return NULL;
}

static inline struct cma *dma_contiguous_get_area_by_idx(unsigned int idx)
{
	return NULL;
}

static inline struct cma *dev_get_cma_area(struct device *dev)
{
	return NULL;
}

static inline bool dma_release_from_contiguous(struct device *dev,
					       struct page *pages, int count)
{
	return false;
}

static inline struct page *dma_alloc_from_contiguous(struct device *dev,
						     size_t count,
						     unsigned int order,
						     bool no_warn)
{
	return NULL;
}
#endif /* CONFIG_DMA_CMA */

/**
 * dma_alloc_fallback() - allocate for a device what no area has
 * @dev: the device
 * @size: bytes
 * @gfp: context
 *
 * For behind dma_alloc_contiguous(), which has reported what is too large for the
 * page allocator as well: that isn't asked then.
 *
 * Context: that of @gfp.
 * Return: the first page, or NULL. Goes back through dma_free_contiguous().
 */
static inline struct page *dma_alloc_fallback(struct device *dev, size_t size,
					      gfp_t gfp)
{
	unsigned int order = get_order(size);

	if (IS_ENABLED(CONFIG_DMA_CMA) && order > MAX_PAGE_ORDER)
		return NULL;
	return alloc_pages_node(dev_to_node(dev), gfp, order);
}

#endif /* __LINUX_DMA_CONTIGUOUS_H */
