/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An area without memory: the real books and the real policy over an evacuator
 * that does as a test says, and that notices when two evacuations share a block
 * or a page has two owners.
 */
#ifndef __CMA_FAKE_H__
#define __CMA_FAKE_H__

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/mmzone.h>
#include <linux/sizes.h>

#include "../find.h"
#include "../stats.h"

/* Somewhere at 1 GiB; no page structure is ever looked at. */
#define FAKE_BASE_PFN	(SZ_1G >> PAGE_SHIFT)
#define FAKE_BLOCK	CMA_EXCLUSION_PAGES
#define FAKE_MAX_BLOCKS	8
/* A block isn't a constant everywhere; there is no larger one than this. */
#define FAKE_MAX_PAGES	(FAKE_MAX_BLOCKS * MAX_ORDER_NR_PAGES)
#define FAKE_LOG	64

/**
 * struct cma_fake - a fake area and what its evacuator has been told
 * @cma: the area; nothing of it may be READY unless the test says so, by
 *	cma_set_ready_max()
 * @test: for expectations
 * @lock: guards the rest
 * @stuck: pages that don't move
 * @in_use: pages that a request that can't sleep doesn't get; so many of them
 *	are in a run, so much the run costs
 * @dear: pages that are passed by where it matters what a run costs
 * @taken: pages that the evacuator has handed to the area
 * @moving: blocks that are being evacuated, all of their pages
 * @patience: after so many attempts stuck pages move after all; 0 is never
 * @error: returned by every evacuation, unless 0
 * @silent: the blocker isn't named
 * @foresees: unless it is to be thorough, a stuck page is seen at once, and also
 *	before a run is claimed
 * @takes_ms: how long an evacuation takes
 * @refusals: so many runs can't be prepared, as somebody has a reference
 * @odd: pages that can't be kept when they are given back
 * @hold: an evacuation of this page stops until @proceed; from the base
 * @held: completed when it has stopped
 * @proceed: see @hold
 * @hold_lend: giving back this page stops until @proceed; from the base
 * @nr_attempts: evacuations begun
 * @nr_thorough: those of them that were to be thorough
 * @attempts: first pages of the first of them, from the base
 * @deadline: of the last of them
 * @nr_looks: runs whose cost was asked for
 * @looks: first pages of the first of them, from the base
 * @nr_lent: pages that were given back
 * @nr_retyped: runs whose pageblocks got a type
 * @nr_prepared: runs that were prepared for a request
 * @nr_reused: those of them that had been READY
 * @prepared_for: what the last of them was prepared for
 */
struct cma_fake {
	struct cma cma;
	struct kunit *test;
	spinlock_t lock;	/* guards all below */
	DECLARE_BITMAP(stuck, FAKE_MAX_PAGES);
	DECLARE_BITMAP(in_use, FAKE_MAX_PAGES);
	DECLARE_BITMAP(dear, FAKE_MAX_PAGES);
	DECLARE_BITMAP(taken, FAKE_MAX_PAGES);
	DECLARE_BITMAP(moving, FAKE_MAX_PAGES);
	unsigned int patience;
	int error;
	bool silent;
	bool foresees;
	unsigned int takes_ms;
	unsigned int refusals;
	DECLARE_BITMAP(odd, FAKE_MAX_PAGES);
	long hold;
	long hold_lend;
	struct completion held;
	struct completion proceed;
	unsigned int nr_attempts;
	unsigned int nr_thorough;
	unsigned long attempts[FAKE_LOG];
	unsigned long deadline;
	unsigned int nr_looks;
	unsigned long looks[FAKE_LOG];
	unsigned long nr_lent;
	unsigned int nr_retyped;
	unsigned int nr_prepared;
	unsigned int nr_reused;
	gfp_t prepared_for;
};

extern const struct cma_evacuator cma_fake_evacuator;

/* Pages that the page allocator has become the area's; with the fake's lock held. */
void cma_fake_take(struct cma_fake *fake, unsigned long start,
		   unsigned long nr);

struct cma_fake *cma_fake_create(struct kunit *test, unsigned long nr_pages,
				 unsigned int order_per_bit);
struct cma_fake *cma_fake_create_ranges(struct kunit *test,
					const struct cma_range *ranges,
					unsigned int nr,
					unsigned int order_per_bit);

/* A block of which so much may be READY, and some of which all may be. */
struct cma_fake *cma_fake_create_block(struct kunit *test, unsigned long most);
struct cma_fake *cma_fake_create_blocks(struct kunit *test,
					unsigned int nr_blocks);

/* Allocate; the offset of the run from the base in pages, or an error. */
long cma_fake_alloc(struct cma_fake *fake, unsigned long count,
		    unsigned int align);
long cma_fake_request(struct cma_fake *fake, struct cma_request *request);
int cma_fake_release(struct cma_fake *fake, unsigned long offset,
		     unsigned long count);

/* So many of these units are READY. */
unsigned long cma_fake_nr_ready(struct cma_fake *fake, unsigned long from,
				unsigned long to);

/* As if a long time had passed since pages were found stuck. */
void cma_fake_end_backoffs(struct cma_fake *fake);

/* By the books only, in units: the evacuator doesn't know of it. */
struct runmap_query cma_fake_query(unsigned long count, unsigned long from);
enum cma_found cma_fake_claim(struct cma_fake *fake, struct cma_claim *claim,
			      unsigned long count, unsigned long from);
unsigned long cma_fake_enter(struct cma_fake *fake, unsigned long count);
void cma_fake_forget(struct cma_fake *fake, unsigned long start,
		     unsigned long count);

void cma_fake_expect_reason(struct cma_fake *fake, unsigned long count,
			    gfp_t gfp, enum cma_reason expected);
void cma_fake_expect_free(struct cma_fake *fake, long offset,
			  unsigned long count);
void cma_fake_expect_usage(struct cma_fake *fake, unsigned long lent,
			   unsigned long ready, unsigned long claimed,
			   unsigned long allocated);

/* Have pages READY, those and no others of the area. */
void cma_fake_make_ready(struct cma_fake *fake, unsigned long offset,
			 unsigned long count);

/* A thread that makes one request. */
struct cma_fake_caller {
	struct cma_fake *fake;
	struct cma_request request;
	long result;
	struct task_struct *task;
	struct completion done;
};

void cma_fake_call(struct cma_fake_caller *caller, struct cma_fake *fake,
		   unsigned long count, gfp_t gfp);
bool cma_fake_waits(struct cma_fake_caller *caller);
long cma_fake_result(struct cma_fake_caller *caller);

#endif /* __CMA_FAKE_H__ */
