/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the units of an area lie that a request could have: those that are lent,
 * with those that are READY if it likes, and without those that are known to be
 * stuck.
 *
 * Nothing here knows of pages or locks: the caller serialises. A search can be
 * ended after so many steps, and gone on with later, so that a lock need not be
 * held for longer.
 */
#ifndef __MM_CMA_OPEN_H__
#define __MM_CMA_OPEN_H__

#include <linux/runmap.h>
#include <linux/types.h>

#include "extents.h"
#include "skip.h"

/**
 * struct cma_open - what a run may be made of
 * @map: units that are free in it can be had
 * @ready: units that are READY can be had, too; NULL if they can't
 * @skip: a run with a unit that is to be avoided doesn't count; NULL if nothing
 *	is avoided
 * @now: the time, see cma_skip_last()
 * @costly: units that merely cost something are avoided as well
 * @steps: so many steps are left, of the time of about one runmap_find() each; a
 *	search stops when there is none, but finishes what it has begun
 * @unfinished: out: it stopped before it knew
 */
struct cma_open {
	const struct runmap *map;
	const struct cma_extents *ready;
	const struct cma_skip *skip;
	u32 now;
	bool costly;
	unsigned int steps;
	bool unfinished;
};

unsigned long cma_open_find(struct cma_open *open, struct runmap_query *query);
unsigned long cma_open_longest(const struct runmap *map,
			       const struct cma_extents *ready);

#endif
