/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is remembered of pages that wouldn't move, so that the requests that
 * follow look elsewhere until it is likely that they would move after all.
 *
 * A unit that is noted is avoided for a while, its backoff, and each time that it is
 * found stuck again for twice as long. How long that is at first, attempt.c knows,
 * which knows pages. Notes are advice: when there are too
 * many, some are dropped, and nothing worse happens than an evacuation in vain.
 *
 * Nothing here knows of pages or locks: the caller serialises. The clock is
 * that of the caller too, 32 bits of jiffies say, and may wrap.
 */
#ifndef __MM_CMA_SKIP_H__
#define __MM_CMA_SKIP_H__

#include <linux/bits.h>
#include <linux/runmap.h>
#include <linux/types.h>

#include "extents.h"

#define CMA_SKIP_NOTES		256
#define CMA_SKIP_MAX_DOUBLINGS	6

/*
 * No backoff is longer than this. It is a small part of what the clock
 * can tell, so that a note that was left alone while the clock went round is
 * seldom taken for a new one, and not for long.
 */
#define CMA_SKIP_LONGEST	((u32)BIT(24))

/**
 * struct cma_skip_note - a unit that was in the way
 * @unit: the unit
 * @until: its backoff ends then
 * @strikes: how often it was noted again after its backoff, up to CMA_SKIP_MAX_DOUBLINGS
 * @costly: it isn't stuck, but costs something: for requests that mind
 */
struct cma_skip_note {
	u32 unit;
	u32 until;
	u8 strikes;
	bool costly;
};

/**
 * struct cma_skip - the notes of an area
 * @nr: number of notes
 * @notes: in ascending order of their units. An array of CMA_SKIP_NOTES, which
 *	is the caller's
 *
 * The caller serialises all that is done with it.
 */
struct cma_skip {
	unsigned int nr;
	struct cma_skip_note *notes;
};

static inline void cma_skip_init(struct cma_skip *skip,
				 struct cma_skip_note *notes)
{
	*skip = (struct cma_skip){ .notes = notes };
}

static inline void cma_skip_clear(struct cma_skip *skip)
{
	skip->nr = 0;
}

void cma_skip_add(struct cma_skip *skip, unsigned long unit, u32 now,
		  u32 backoff, bool costly);
void cma_skip_forget(struct cma_skip *skip, struct cma_extent run);
unsigned long cma_skip_last(const struct cma_skip *skip, struct cma_extent run,
			    u32 now, bool costly);
unsigned int cma_skip_nr_backoffs(const struct cma_skip *skip, u32 now);
bool cma_skip_check(const struct cma_skip *skip);

#endif
