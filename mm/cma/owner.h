/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose the allocated runs of an area are: recorded only where that is asked for, and
 * behind a static key while no area asks.
 */
#ifndef __MM_CMA_OWNER_H__
#define __MM_CMA_OWNER_H__

#include <linux/interval_tree.h>
#include <linux/jump_label.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "area.h"

/* Names of devices that are longer are cut off. */
#define CMA_OWNER_NAME	32

/**
 * struct cma_owner - what is known of an allocated run
 * @units: first and last unit of it
 * @ticket: the how-manieth that was recorded in its area
 * @since: when, in nanoseconds since boot
 * @caller: the function that allocated it
 * @pid: the process that did
 * @name: the device that it is for, or the process
 */
struct cma_owner {
	struct interval_tree_node units;
	u64 ticket;
	u64 since;
	unsigned long caller;
	pid_t pid;
	char name[CMA_OWNER_NAME];
};

/**
 * struct cma_owners - the records of an area
 * @lock: (s) a leaf, irq-safe; guards the rest. cma->lock isn't held with it
 * @tree: (l) of struct cma_owner, no two of which have a unit in common
 * @last_ticket: (l) of the last run that was recorded
 * @is_on: (l) are runs recorded?
 * @missed: (l) runs, or parts of one, that there was no memory to record
 */
struct cma_owners {
	spinlock_t lock;	/* guards all below */
	struct rb_root_cached tree;
	u64 last_ticket;
	bool is_on;
	unsigned long missed;
};

DECLARE_STATIC_KEY_FALSE(cma_owners_key);

void __cma_note_owner(struct cma *cma, const struct cma_request *request,
		      unsigned long pfn);
u64 __cma_owner_ticket(struct cma *cma);
void __cma_forget_owner(struct cma *cma, struct cma_extent run, u64 ticket);
bool cma_next_owner(struct cma *cma, unsigned long unit, struct cma_owner *owner);
bool cma_keeps_owners(struct cma *cma);
unsigned long cma_owners_missed(struct cma *cma);
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

/*
 * To be taken before a run is released: a record with a higher one is the next owner's.
 */
static inline u64 cma_owner_ticket(struct cma *cma)
{
	return static_branch_unlikely(&cma_owners_key) ? __cma_owner_ticket(cma) : 0;
}

/* A run, or a part of one or of several, has been released. */
static inline void cma_forget_owner(struct cma *cma, struct cma_extent run, u64 ticket)
{
	if (static_branch_unlikely(&cma_owners_key))
		__cma_forget_owner(cma, run, ticket);
}

#endif /* __MM_CMA_OWNER_H__ */
