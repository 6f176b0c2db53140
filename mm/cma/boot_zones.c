// SPDX-License-Identifier: GPL-2.0
/*
 * Where zones and nodes begin, as far as that is known before zones are laid out.
 * A boundary that turns out to be elsewhere would refuse good requests, so one that
 * isn't certain is none; activate_in_one_zone() has the last word.
 */
#include <linux/cma.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>

#include "boot.h"

/* What architectures begin with, see kernel/dma/direct.c */
#define FIRST_ZONE_DMA_LIMIT	DMA_BIT_MASK(24)

/**
 * cma_boot_highmem_start() - where high memory begins
 *
 * high_memory isn't set that early everywhere.
 *
 * Context: early boot.
 * Return: a physical address, 0 if there is no high memory.
 */
phys_addr_t __init cma_boot_highmem_start(void)
{
	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return 0;
	if (high_memory)
		return __pa(high_memory - 1) + 1;
	return PFN_PHYS(max_low_pfn);
}

/*
 * x86 leaves the limit as it is. arm64 changes it, after gigantic pages have got
 * their areas and before anybody else gets one. Others are later than that.
 */
static bool __init zones_know_dma(void)
{
	if (IS_ENABLED(CONFIG_ARM64))
		return zone_dma_limit != FIRST_ZONE_DMA_LIMIT;
	return IS_ENABLED(CONFIG_X86);
}

/**
 * cma_boot_add_boundaries() - add what an area can't straddle to a request
 * @request: request
 *
 * Context: early boot.
 */
void __init cma_boot_add_boundaries(struct cma_plan_request *request)
{
	cma_plan_add_boundary(request, cma_boot_highmem_start());
	if (IS_ENABLED(CONFIG_ZONE_DMA) && zones_know_dma() &&
	    zone_dma_limit < (phys_addr_t)~0ULL)
		cma_plan_add_boundary(request, zone_dma_limit + 1);
	if (IS_ENABLED(CONFIG_ZONE_DMA32))
		cma_plan_add_boundary(request, (phys_addr_t)DMA_BIT_MASK(32) + 1);
}

/**
 * cma_zone_boundary() - does a range extend over several zones?
 * @start: first byte
 * @end: byte after the last one
 *
 * Context: early boot.
 * Return: the lowest address inside of the range at which a zone begins, as far
 * as that is known by now; 0 if none does.
 */
phys_addr_t __init cma_zone_boundary(phys_addr_t start, phys_addr_t end)
{
	struct cma_plan_request zones = { };
	unsigned int i;

	cma_boot_add_boundaries(&zones);
	for (i = 0; i < zones.nr_boundaries; i++)
		if (start < zones.boundaries[i] && zones.boundaries[i] < end)
			return zones.boundaries[i];
	return 0;
}

/**
 * cma_node_boundary() - does a range have memory of several nodes?
 * @start: first byte
 * @end: byte after the last one
 *
 * No node is known yet where the devicetree is read first.
 *
 * Context: early boot.
 * Return: where memory of another node than that of the lowest begins, 0 if
 * none does.
 */
phys_addr_t __init cma_node_boundary(phys_addr_t start, phys_addr_t end)
{
	unsigned long first = PHYS_PFN(start), last = PHYS_PFN(end);
	unsigned long from, to;
	int known = NUMA_NO_NODE;
	int i, nid;

	for_each_mem_pfn_range(i, MAX_NUMNODES, &from, &to, &nid) {
		if (to <= first || from >= last)
			continue;
		if (known != NUMA_NO_NODE && nid != known)
			return PFN_PHYS(from);
		known = nid;
	}
	return 0;
}

/**
 * cma_boot_zone_name() - which zone will have an address, for messages
 * @addr: physical address
 *
 * Context: early boot.
 * Return: its name, or those of two that it may be.
 */
const char * __init cma_boot_zone_name(phys_addr_t addr)
{
	bool maybe_dma = IS_ENABLED(CONFIG_ZONE_DMA) && !zones_know_dma();
	phys_addr_t high = cma_boot_highmem_start();

	if (high && addr >= high)
		return "HighMem";
	if (IS_ENABLED(CONFIG_ZONE_DMA) && !maybe_dma && addr <= zone_dma_limit)
		return "DMA";
	if (IS_ENABLED(CONFIG_ZONE_DMA32) && addr <= DMA_BIT_MASK(32))
		return maybe_dma ? "DMA or DMA32" : "DMA32";
	if (IS_ENABLED(CONFIG_ZONE_DMA32) || !maybe_dma)
		return "Normal";
	return "DMA or Normal";
}
