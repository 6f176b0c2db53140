/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is remembered of pages that wouldn't move, so that the requests that
 * follow look elsewhere until it is likely that they would move after all.
 *
 * A note is hot at first and cools down; each time that its unit is found stuck
 * again it stays hot for twice as long. Notes are advice: when there are too
 * many, some are dropped, and nothing worse happens than an evacuation in vain.
 *
 * Nothing here knows of pages or locks: the caller serialises. The clock is
 * that of the caller too, 32 bits of jiffies say, and may wrap.
 */
#ifndef __MM_CMA_STUCK_H__
#define __MM_CMA_STUCK_H__

#include <linux/bits.h>
#include <linux/runmap.h>
#include <linux/types.h>

#define CMA_STUCK_NOTES		256
#define CMA_STUCK_MAX_DOUBLINGS	6

/*
 * No note is hot for longer than this. It is a small part of what the clock
 * can tell, so that a note that was left alone while the clock went round is
 * seldom taken for a hot one, and not for long.
 */
#define CMA_STUCK_LONGEST	((u32)BIT(24))

/**
 * struct cma_stuck_note - a unit that was in the way
 * @unit: the unit
 * @until: it is cold from this time on
 * @strikes: how often it was noted again, up to CMA_STUCK_MAX_DOUBLINGS
 * @costly: it isn't stuck, but costs something: for requests that mind
 */
struct cma_stuck_note {
	u32 unit;
	u32 until;
	u8 strikes;
	bool costly;
};

/**
 * struct cma_stuck - the notes of an area
 * @nr: number of notes
 * @notes: in ascending order of their units. An array of CMA_STUCK_NOTES, which
 *	is the caller's
 */
struct cma_stuck {
	unsigned int nr;
	struct cma_stuck_note *notes;
};

static inline void cma_stuck_init(struct cma_stuck *stuck,
				  struct cma_stuck_note *notes)
{
	*stuck = (struct cma_stuck){ .notes = notes };
}

static inline void cma_stuck_clear(struct cma_stuck *stuck)
{
	stuck->nr = 0;
}

void cma_stuck_note(struct cma_stuck *stuck, unsigned long unit, u32 now,
		    u32 cool, bool costly);
void cma_stuck_forget(struct cma_stuck *stuck, unsigned long from,
		      unsigned long to);
unsigned long cma_stuck_last(const struct cma_stuck *stuck, unsigned long from,
			     unsigned long to, u32 now, bool costly);
unsigned int cma_stuck_hot(const struct cma_stuck *stuck, u32 now);
bool cma_stuck_check(const struct cma_stuck *stuck);

#endif
