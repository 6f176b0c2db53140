/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose the allocated runs of an area are: recorded only where that is asked for, and
 * behind a static key while no area asks.
 */
#ifndef __MM_CMA_OWNER_H__
#define __MM_CMA_OWNER_H__

#include <linux/jump_label.h>
#include <linux/types.h>

#include "area.h"

/* Names of devices that are longer are cut off. */
#define CMA_OWNER_NAME	28

/**
 * struct cma_owner - what is known of an allocated run
 * @since: when it was allocated, in jiffies, which don't begin with 0; that is if it isn't
 *	recorded, or not yet
 * @caller: the function that allocated it
 * @pid: the process that did
 * @name: the device that it is for, or the process
 *
 * An area has one for each unit, so that nothing has to be allocated or looked up for a
 * run: what is known of it is where it begins. There the one who has just allocated it
 * writes, before anybody knows of it, @since at last. What stands where no run begins is of
 * runs that are over.
 */
struct cma_owner {
	u64 since;
	unsigned long caller;
	pid_t pid;
	char name[CMA_OWNER_NAME];
};

DECLARE_STATIC_KEY_FALSE(cma_owners_key);

void __cma_note_owner(struct cma *cma, const struct cma_request *request,
		      unsigned long pfn);
void __cma_end_owner_locked(struct cma *cma, unsigned long start);
void __cma_end_owners_locked(struct cma *cma, struct cma_extent run);
bool cma_next_owner(struct cma *cma, unsigned long unit, struct cma_extent *run,
		    struct cma_owner *owner);
bool cma_keeps_owners(struct cma *cma);
const char *cma_owners_name(unsigned int value);
int cma_choose_owners(struct cma *cma, const char *word);
int cma_set_owners(struct cma *cma, bool on);
void cma_owners_boot(struct cma *cma);

/* Record whose a run is that has just been allocated, before anybody knows of it. */
static inline void cma_note_owner(struct cma *cma, const struct cma_request *request,
				  unsigned long pfn)
{
	if (static_branch_unlikely(&cma_owners_key))
		__cma_note_owner(cma, request, pfn);
}

/* A run isn't allocated any more. */
static inline void cma_end_owner_locked(struct cma *cma, unsigned long start)
	__must_hold(&cma->lock)
{
	if (static_branch_unlikely(&cma_owners_key))
		__cma_end_owner_locked(cma, start);
}

/* Parts of runs, or several of them, aren't any more. The books don't say so yet. */
static inline void cma_end_owners_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	if (static_branch_unlikely(&cma_owners_key))
		__cma_end_owners_locked(cma, run);
}

#endif /* __MM_CMA_OWNER_H__ */
