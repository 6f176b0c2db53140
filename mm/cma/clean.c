// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what only clean page cache may have, for the rest of mm: how much of it
 * there is, and whether what is read is to be there.
 */
#include <kunit/visibility.h>
#include <linux/cma.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/vmstat.h>

#include "area.h"
#include "../internal.h"

/* So many pages of an area are lent to page cache alone. */
static unsigned long cma_lent_to_cache(const struct cma *cma)
{
	unsigned long taken = READ_ONCE(cma->nr_allocated) + READ_ONCE(cma->nr_claimed) +
			      READ_ONCE(cma->ready.total);

	if (READ_ONCE(cma->borrow) == CMA_BORROW_ALL)
		return READ_ONCE(cma->windows.nr_lent);
	taken = (taken << cma->order_per_bit) + READ_ONCE(cma->nr_others);
	return cma->nr_pages - min(cma->nr_pages, taken);
}

/*
 * The same share of @nr_pages as @part is of @all. Where long has 32 bits the product of two
 * numbers of pages doesn't fit into it.
 */
VISIBLE_IF_KUNIT
unsigned long cma_share(unsigned long part, unsigned long nr_pages, unsigned long all)
{
	return div64_ul((u64)part * nr_pages, all);
}

/* Those of them that are in a zone, if they are spread evenly. Mostly there are none. */
VISIBLE_IF_KUNIT
unsigned long cma_lent_to_cache_in(const struct cma *cma, const struct zone *zone)
{
	unsigned long lent = cma_lent_to_cache(cma), nr_pages = 0;
	const struct cma_range *range = cma->ranges;

	for (; lent && range < cma->ranges + cma->nr_ranges; range++)
		if (page_zone(pfn_to_page(range->base_pfn)) == zone)
			nr_pages += range->nr_pages;
	return nr_pages ? cma_share(lent, nr_pages, cma->nr_pages) : 0;
}

/* The same of all areas. */
static unsigned long cma_all_lent_to_cache_in(const struct zone *zone)
{
	unsigned long nr_pages = 0;
	const struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++)
		if (cma_is_active(cma))
			nr_pages += cma_lent_to_cache_in(cma, zone);
	return nr_pages;
}

/* What is in use of these pageblocks and was there before isn't page cache. */
VISIBLE_IF_KUNIT
unsigned long cma_clean_cache(struct zone *zone, unsigned long lent, unsigned long free)
{
	return min(lent - min(lent, free),
		   zone_page_state(zone, NR_ZONE_INACTIVE_FILE) +
		   zone_page_state(zone, NR_ZONE_ACTIVE_FILE));
}

/**
 * __cma_clean_pages() - pages that only clean page cache may have, or has
 * @zone: of this zone; NULL for all
 * @in_use: those of them that page cache has; else those that are free as well
 *
 * Context: any; takes no lock, so that it is about right.
 * Return: number of pages.
 */
unsigned long __cma_clean_pages(struct zone *zone, bool in_use)
{
	unsigned long nr_pages = 0, free;

	if (!zone) {
		for_each_populated_zone(zone)
			nr_pages += __cma_clean_pages(zone, in_use);
		return nr_pages;
	}
	free = zone_page_state(zone, NR_FREE_CMA_CLEAN_PAGES);
	nr_pages = cma_clean_cache(zone, cma_all_lent_to_cache_in(zone), free);
	return in_use ? nr_pages : nr_pages + free;
}

/* Free pages of a zone that those can have who may use memory up to another zone. */
static unsigned long cma_zone_spare(struct zone *zone, enum zone_type idx)
{
	unsigned long free = zone_page_state(zone, NR_FREE_PAGES);
	unsigned long kept = zone_page_state(zone, NR_FREE_CMA_CLEAN_PAGES) +
			     READ_ONCE(zone->nr_free_highatomic) + zone->lowmem_reserve[idx];

	return free - min(free, kept);
}

/*
 * Have the zones of a node little to spare? A low zone is the last one that is taken from, so
 * that it alone says nothing.
 */
VISIBLE_IF_KUNIT bool cma_zones_spare_little(struct zone *zones)
{
	enum zone_type i, idx = gfp_zone(GFP_HIGHUSER_MOVABLE);
	unsigned long spare = 0, least = 0;

	for (i = 0; i <= idx; i++) {
		if (!populated_zone(&zones[i]))
			continue;
		spare += cma_zone_spare(&zones[i], idx);
		least += 2 * high_wmark_pages(&zones[i]);
	}
	return spare < least;
}

/* Has a node some of an area? */
static bool cma_is_of_node(const struct cma *cma, int nid)
{
	const struct cma_range *range = cma->ranges;

	for (; range < cma->ranges + cma->nr_ranges; range++)
		if (pfn_to_nid(range->base_pfn) == nid)
			return true;
	return false;
}

/* Is there an area for page cache alone? */
static bool cma_node_has_clean_area(int nid)
{
	const struct cma *cma;

	if (!cma_are_areas_clean())
		return false;
	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++)
		if (cma_is_active(cma) && READ_ONCE(cma->borrow) == CMA_BORROW_CLEAN &&
		    cma_is_of_node(cma, nid))
			return true;
	return false;
}

/**
 * cma_takes_reads() - is what is read of a file to be where only clean page cache may be?
 * @nid: node
 *
 * Areas that are for page cache alone are filled first. What is read into windows is the
 * first to be dropped, so they are filled when there is little memory for it elsewhere.
 *
 * Context: any; a hint.
 * Return: whether it is.
 */
bool cma_takes_reads(int nid)
{
	return cma_node_has_clean_area(nid) || cma_zones_spare_little(NODE_DATA(nid)->node_zones);
}
