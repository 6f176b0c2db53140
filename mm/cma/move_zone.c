// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: from which zones pages move into which areas, see move_in.c.
 */
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/slab.h>

#include "init.h"
#include "move_in.h"

/* Of each node, for each of its zones. */
static struct cma_cursor (*cma_cursors)[MAX_NR_ZONES];

/**
 * cma_zone_has_room() - is there room in areas, beyond what the page allocator would keep?
 * @move: what moves
 * @zone: the zone of areas
 *
 * At last that is the min watermark, without a boost, which has pageblocks outside areas
 * reclaimed.
 *
 * Context: any.
 * Return: whether a batch of pages gets in.
 */
bool cma_zone_has_room(const struct cma_move *move, struct zone *zone)
{
	unsigned long kept = move->at_last ? zone->_watermark[WMARK_MIN] :
					     low_wmark_pages(zone);

	return zone_page_state(zone, NR_FREE_CMA_PAGES) > kept + CMA_MOVE_BATCH;
}

/**
 * cma_zone_has_room_for() - the same for page cache, which may have areas for itself
 * @move: what moves
 * @zone: the zone of areas
 * @anon: it is for other pages as well
 *
 * A window is none of them: what moves there would soon be dropped for a device.
 *
 * Context: any.
 * Return: whether a batch of pages gets in.
 */
bool cma_zone_has_room_for(const struct cma_move *move, struct zone *zone, bool anon)
{
	return cma_zone_has_room(move, zone) ||
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

/**
 * cma_make_cursors() - have a cursor for each zone of each node
 *
 * Context: boot, see init.c. Without them nothing moves.
 */
void __init cma_make_cursors(void)
{
	cma_cursors = kcalloc(nr_node_ids, sizeof(*cma_cursors), GFP_KERNEL);
}

/**
 * cma_cursor_of() - where pages of a zone move from
 * @zone: the zone
 *
 * Context: any.
 * Return: its cursor, or NULL if there was no memory for one.
 */
struct cma_cursor *cma_cursor_of(struct zone *zone)
{
	return cma_cursors ? &cma_cursors[zone_to_nid(zone)][zone_idx(zone)] : NULL;
}

/* Is a time ahead that was so far at most? What is long past may seem to be, for a moment. */
static bool cma_is_ahead(u32 time, u32 most)
{
	u32 left = time - (u32)jiffies;

	return left && left <= most;
}

/**
 * cma_move_was_vain() - was it in vain a moment ago?
 * @cursor: where pages would have come from
 * @some: for this task some pages may not move; that says nothing about others
 *
 * Context: any.
 * Return: whether it was.
 */
bool cma_move_was_vain(const struct cma_cursor *cursor, bool some)
{
	return cma_is_ahead(READ_ONCE(cursor->again[some]), CMA_MOVE_PAUSE);
}

/**
 * cma_files_were_vain() - was it in vain a moment ago to look for page cache alone?
 * @cursor: where pages would have come from
 *
 * Context: any.
 * Return: whether it was.
 */
bool cma_files_were_vain(const struct cma_cursor *cursor)
{
	return cma_is_ahead(READ_ONCE(cursor->again_files), CMA_MOVE_PAUSE);
}

/**
 * cma_move_was_vain_at_last() - was it in vain a moment ago to look at all of a zone?
 * @cursor: where pages would have come from
 *
 * Context: any; the caller serializes.
 * Return: whether it was.
 */
bool cma_move_was_vain_at_last(const struct cma_cursor *cursor)
{
	return time_before64(get_jiffies_64(), cursor->again_at_last);
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

/**
 * cma_is_out_of_reach() - is a zone too high for those who want memory?
 * @move: for them
 * @zone: the zone
 *
 * Context: any.
 * Return: whether all of it is as good a place for what moves as an area.
 */
bool cma_is_out_of_reach(const struct cma_move *move, const struct zone *zone)
{
	return zone_idx(zone) > move->zone_idx;
}

/*
 * Do areas of a zone take pages? Not of another zone while they have memory outside, as that
 * is what those get who want some, and what the page allocator would hand out first.
 */
static bool cma_zone_helps(const struct cma_move *move, struct zone *inside)
{
	return inside == move->zone || cma_is_out_of_reach(move, inside) ||
	       cma_zone_is_short(inside, min_t(enum zone_type, move->zone_idx, ZONE_NORMAL));
}

/* The zone itself comes first, then the highest other one. */
static struct zone *cma_next_inside(const struct cma_move *move, struct zone *inside)
{
	struct zone *zones = move->zone->zone_pgdat->node_zones;
	enum zone_type i = gfp_zone(GFP_HIGHUSER) + 1;

	if (!inside)
		return move->zone;
	if (inside != move->zone)
		i = zone_idx(inside);
	while (i--)
		if (zones + i != move->zone)
			return zones + i;
	return NULL;
}

/* Where areas have room. */
static struct zone *cma_find_inside(const struct cma_move *move)
{
	struct zone *inside = NULL;

	while ((inside = cma_next_inside(move, inside)))
		if (cma_zone_has_room(move, inside) && cma_zone_helps(move, inside))
			break;
	return inside;
}

/* The same, after what is READY and nobody needs was lent. */
static struct zone *cma_make_inside(const struct cma_move *move)
{
	struct zone *inside = NULL;
	unsigned long enough;

	while ((inside = cma_next_inside(move, inside)))
		if (zone_cma_pages(inside) && cma_zone_helps(move, inside))
			break;
	if (!inside)
		return NULL;
	enough = low_wmark_pages(inside) + 4 * CMA_MOVE_BATCH;
	return cma_lend_surplus(zone_to_nid(inside), enough) ? cma_find_inside(move) : NULL;
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
 * @at_last: a task would be killed otherwise
 *
 * Most calls end at one of the comparisons. Where areas have no room, what is READY and
 * nobody needs is lent: it is worth less than what would be evicted.
 *
 * Context: any; may take the locks of areas, and give memory back to the page allocator.
 * Return: whether they may.
 */
bool cma_may_move(struct cma_move *move, struct zone *zone, enum zone_type idx,
		  bool at_last)
{
	*move = (struct cma_move) {
		.zone = zone,
		.zone_idx = idx,
		.cursor = cma_cursor_of(zone),
		.at_last = at_last,
		.folios = LIST_HEAD_INIT(move->folios),
		.unfit = LIST_HEAD_INIT(move->unfit),
	};
	if (!move->cursor || !populated_zone(zone) || zone_idx(zone) > idx ||
	    !cma_zone_is_short(zone, idx))
		return false;
	move->inside = cma_find_inside(move);
	/* Page cache may have areas for itself. */
	if (!move->inside && cma_zone_has_room_for(move, zone, false))
		move->inside = zone;
	if (!move->inside)
		move->inside = cma_make_inside(move);
	return move->inside;
}
