// SPDX-License-Identifier: GPL-2.0
/*
 * The areas that were set aside for devices, one after the other.
 *
 * They are the default area, the areas of NUMA nodes, those of the devicetree
 * and those that platform code declares. What another part of the kernel has
 * declared for itself isn't among them: the areas of hugetlb are cut into units
 * of a huge page, so that a buffer of one page would take one, and no gigantic
 * page could be made any more; and an area that keeps memory for a crash dump
 * must not be written to.
 */
#include <linux/dma-contiguous.h>
#include <linux/export.h>
#include <linux/init.h>

#include "contiguous.h"

/* Written while booting, before there are devices. */
static struct cma *dma_contiguous_list[MAX_CMA_AREAS];
static unsigned int dma_contiguous_list_nr;

/**
 * dma_contiguous_note() - an area was set aside for devices
 * @cma: the area
 *
 * There are never more of them than MAX_CMA_AREAS.
 *
 * Context: boot.
 */
void __init dma_contiguous_note(struct cma *cma)
{
	dma_contiguous_list[dma_contiguous_list_nr++] = cma;
}

/**
 * dma_contiguous_get_area_by_idx() - get one of the areas for devices
 * @idx: number of the area, from 0 on
 *
 * For users that offer all of them, as the dma-heaps do. The order is that in
 * which they were set aside and means nothing. The area can have failed to
 * become active, and allocates nothing then.
 *
 * Context: any, when the areas have been set aside. No lock.
 * Return: the area; NULL if there are no more than @idx.
 */
struct cma *dma_contiguous_get_area_by_idx(unsigned int idx)
{
	return idx < dma_contiguous_list_nr ? dma_contiguous_list[idx] : NULL;
}
EXPORT_SYMBOL_GPL(dma_contiguous_get_area_by_idx);
