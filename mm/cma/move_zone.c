// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: from which zones pages move into which areas, see move_in.c.
 */
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>

#include "move_in.h"

/**
 * cma_zone_has_room() - is there room in areas, beyond what the page allocator would keep?
 * @zone: their zone
 *
 * Context: any.
 * Return: whether a batch of pages gets in.
 */
bool cma_zone_has_room(struct zone *zone)
{
	return zone_page_state(zone, NR_FREE_CMA_PAGES) >
	       low_wmark_pages(zone) + CMA_MOVE_BATCH;
}

/**
 * cma_zone_has_room_for() - the same for page cache, which may have areas for itself
 * @zone: the zone of areas
 * @anon: it is for other pages as well
 *
 * A window is none of them: what moves there would soon be dropped for a device.
 *
 * Context: any.
 * Return: whether a batch of pages gets in.
 */
bool cma_zone_has_room_for(struct zone *zone, bool anon)
{
	return cma_zone_has_room(zone) ||
	       (!anon && cma_are_areas_clean() &&
		zone_page_state(zone, NR_FREE_CMA_CLEAN_PAGES) > CMA_MOVE_BATCH);
}

/**
 * cma_zone_is_short() - is there little of a zone outside areas?
 * @zone: the zone
 * @idx: highest zone of those who want memory; a low one keeps some from them
 *
 * Context: any.
 * Return: whether there is less than the high watermark.
 */
bool cma_zone_is_short(struct zone *zone, enum zone_type idx)
{
	return zone_page_state(zone, NR_FREE_PAGES) <
	       zone_page_state(zone, NR_FREE_CMA_PAGES) +
	       zone_page_state(zone, NR_FREE_CMA_CLEAN_PAGES) +
	       READ_ONCE(zone->nr_free_highatomic) + high_wmark_pages(zone) +
	       zone->lowmem_reserve[idx];
}

/* Is a range of an area in a zone? */
static struct cma_range *cma_range_in(struct cma *cma, const struct zone *zone)
{
	struct cma_range *range = cma->ranges;

	for (; cma_is_active(cma) && range < cma->ranges + cma->nr_ranges; range++)
		if (page_zone(pfn_to_page(range->base_pfn)) == zone)
			return range;
	return NULL;
}

/**
 * cma_cursor_of() - where pages move from, into areas of a zone
 * @inside: the zone of the areas
 * @low: they come from a lower one
 *
 * All areas there share that of the first range in the zone.
 *
 * Context: any.
 * Return: the cursor, or NULL if no area is there.
 */
struct cma_cursor *cma_cursor_of(const struct zone *inside, bool low)
{
	struct cma_range *range;
	struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++) {
		range = cma_range_in(cma, inside);
		if (range)
			return low ? &cma->low : &range->cursor;
	}
	return NULL;
}

/**
 * cma_move_was_vain() - was it in vain a moment ago?
 * @cursor: where pages would have come from
 * @some: for this task some pages may not move; that says nothing about others
 *
 * What is long past may seem to lie ahead.
 *
 * Context: any.
 * Return: whether it was.
 */
bool cma_move_was_vain(const struct cma_cursor *cursor, bool some)
{
	u32 left = READ_ONCE(cursor->again[some]) - (u32)jiffies;

	return left && left <= CMA_MOVE_PAUSE;
}

/**
 * cma_may_move_own() - may own pages of a task that pins be moved, before it is killed?
 * @own: how many were
 * @now: in seconds, of a clock that began when the system was booted
 * @all: so many pages may be moved in CMA_OWN_S seconds
 *
 * Context: any; the caller serializes.
 * Return: whether there are some left.
 */
bool cma_may_move_own(struct cma_own *own, time64_t now, unsigned long all)
{
	if (now >= own->until) {
		own->until = now + CMA_OWN_S;
		own->left = all;
	}
	return own->left;
}

/* Kernel memory isn't in high memory anyway. NULL where there is none. */
static struct zone *cma_high_memory(const struct zone *zone)
{
	enum zone_type idx = gfp_zone(GFP_HIGHUSER);

	return is_highmem_idx(idx) ? zone->zone_pgdat->node_zones + idx : NULL;
}

/* Areas of the same zone come first, those of high memory next. */
static bool cma_find_inside(struct cma_move *move, struct zone *zone)
{
	struct zone *inside = zone, *high = cma_high_memory(zone);

	if (!cma_zone_has_room(zone) && high && cma_zone_has_room(high))
		inside = high;
	else if (!cma_zone_has_room_for(zone, false))
		return false;
	move->inside = inside;
	move->cursor = cma_cursor_of(inside, inside != zone);
	return move->cursor;
}

/**
 * cma_highest_zone() - up to where memory is of use to those who can't use areas
 * @gfp: of those who want some
 *
 * Who could have high memory, but not of an area, is about to pin pages of programs, or
 * has a file system that can't move its pages.
 *
 * Context: any.
 * Return: index of the zone.
 */
enum zone_type cma_highest_zone(gfp_t gfp)
{
	gfp &= __GFP_HIGHMEM | __GFP_MOVABLE;
	return gfp == __GFP_HIGHMEM ? gfp_zone(GFP_HIGHUSER) : ZONE_NORMAL;
}

/**
 * cma_may_move() - may pages of a zone move?
 * @move: is made, for them
 * @zone: the zone
 * @idx: highest zone that is of use to those who want memory
 *
 * Most calls end at one of the comparisons. Where areas have no room, what is READY and
 * nobody needs is lent: it is worth less than what would be evicted.
 *
 * Context: any; may take the locks of areas, and give memory back to the page allocator.
 * Return: whether they may.
 */
bool cma_may_move(struct cma_move *move, struct zone *zone, enum zone_type idx)
{
	*move = (struct cma_move) {
		.zone = zone,
		.zone_idx = idx,
		.folios = LIST_HEAD_INIT(move->folios),
		.unfit = LIST_HEAD_INIT(move->unfit),
	};
	return populated_zone(zone) && zone_idx(zone) <= move->zone_idx &&
	       cma_zone_is_short(zone, move->zone_idx) &&
	       (cma_find_inside(move, zone) ||
		(cma_lend_surplus(zone_to_nid(zone),
				  low_wmark_pages(zone) + 4 * CMA_MOVE_BATCH) &&
		 cma_find_inside(move, zone)));
}

