/* SPDX-License-Identifier: GPL-2.0 */
/* What moves in, and from which zone to which; see move_in.c. */
#ifndef __MM_CMA_MOVE_IN_H__
#define __MM_CMA_MOVE_IN_H__

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mmzone.h>
#include <linux/time64.h>

#include "area.h"

/* So many pages are off the lists of reclaim at a time. */
#define CMA_MOVE_BATCH		64

/* What was in vain isn't tried again for so long. */
#define CMA_MOVE_PAUSE		(HZ / 10)

/* Nor is a look at each page of a zone, which others wait for that are short of memory. */
#define CMA_MOVE_PAUSE_AT_LAST	HZ

/* After that own pages of tasks that pin may be moved anew. */
#define CMA_OWN_S		30

/**
 * struct cma_cursor - where pages of a zone move into areas from next
 * @pfn: the next page to be looked at
 * @again: not before that, in jiffies; [1] for those tasks for which some pages may not move
 * @again_files: not before that, page cache alone, in jiffies
 * @again_at_last: not before that, all of the zone for a task that would be killed
 */
struct cma_cursor {
	unsigned long pfn;			/* (h) */
	u32 again[2];				/* (h) */
	u32 again_files;			/* (h) */
	u64 again_at_last;			/* the lock of the OOM killer */
};

/**
 * struct cma_own - how many own pages of tasks that pin may be moved yet
 * @left: number of them
 * @until: after that they are counted anew, in seconds since boot
 */
struct cma_own {
	unsigned long left;
	time64_t until;
};

/**
 * struct cma_move - pages on their way into areas
 * @cursor: where the last ones came from
 * @zone: where they are
 * @inside: the zone of the areas; the same one, or another one of the node
 * @zone_idx: highest zone of those who want memory
 * @gfp: of the task for which they move; 0 if that isn't known
 * @anon: anonymous memory and files in memory move, too
 * @pins: that task is about to pin pages for long, and its own ones stay
 * @at_last: it would be killed otherwise
 * @from: where to go on
 * @look: so many pages may be looked at yet
 * @lap: so many pages of the zone weren't passed yet
 * @folios: isolated, to be moved
 * @nr_isolated: pages of these
 * @unfit: pages from outside that were allocated in vain
 * @nr_unfit: number of these
 * @no_target: there was no page of an area to be had
 */
struct cma_move {
	struct cma_cursor *cursor;
	struct zone *zone;
	struct zone *inside;
	enum zone_type zone_idx;
	gfp_t gfp;
	bool anon;
	bool pins;
	bool at_last;
	unsigned long from;
	unsigned long look;
	unsigned long lap;
	struct list_head folios;
	unsigned long nr_isolated;
	struct list_head unfit;
	unsigned int nr_unfit;
	bool no_target;
};

bool cma_zone_has_room(const struct cma_move *move, struct zone *zone);
bool cma_zone_has_room_for(const struct cma_move *move, struct zone *zone, bool anon);
bool cma_zone_is_short(struct zone *zone, enum zone_type idx);
struct cma_cursor *cma_cursor_of(struct zone *zone);
enum zone_type cma_highest_zone(gfp_t gfp);
bool cma_is_out_of_reach(const struct cma_move *move, const struct zone *zone);
bool cma_may_move(struct cma_move *move, struct zone *zone, enum zone_type idx,
		  bool at_last);
bool cma_may_move_own(struct cma_own *own, time64_t now, unsigned long all);
bool cma_move_was_vain(const struct cma_cursor *cursor, bool some);
bool cma_files_were_vain(const struct cma_cursor *cursor);
bool cma_move_was_vain_at_last(const struct cma_cursor *cursor);

#endif /* __MM_CMA_MOVE_IN_H__ */
