/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An area without memory, with the real books and the real policy, next to an array
 * with an entry for each page that knows what can be had. One thread; the clock goes
 * by pauses only.
 */
#ifndef CMA_USER_SEARCH_WORLD_H
#define CMA_USER_SEARCH_WORLD_H

#include "find.h"
#include "harness.h"

/* An area begins in one of so many pageblocks, of which the first is well aligned. */
#define WORLD_BASE_PFN	BIT(18)
#define WORLD_BASES	4

/**
 * struct world_page - what is true of a page
 * @pinned: it doesn't move
 * @in_use: it isn't free, and costs so much to move
 * @ours: the page allocator hasn't got it
 * @allocated: it is handed out
 * @others: somebody else empties it, or what is isolated together with it
 */
struct world_page {
	bool pinned;
	u8 in_use;
	bool ours;
	bool allocated;
	bool others;
};

/**
 * struct world - an area and its pages
 * @cma: the area
 * @pages: of them
 * @rng: for what the evacuator does one way or the other
 * @attempts: evacuations tried
 * @was_ready: READY memory served the last request
 * @wrong: something was done to a page that must not be
 */
struct world {
	struct cma cma;
	struct world_page *pages;
	struct rng *rng;
	u64 attempts;
	bool was_ready;
	bool wrong;
};

/* When the longest time that a lock was held is to be measured, and what it was. */
extern bool world_times_locks;
extern double world_longest_ns;

void world_open(struct world *world, unsigned long nr_pages,
		unsigned int order_per_bit, struct rng *rng);
bool world_close(struct world *world);
long world_alloc(struct world *world, struct cma_request *request);
void world_release(struct world *world, unsigned long offset,
		   unsigned long nr_pages);
long world_first_fit(const struct world *world,
		     const struct cma_request *request);
bool world_agrees(struct world *world);

#endif
