// SPDX-License-Identifier: GPL-2.0
/*
 * The evacuator of an area without memory: it does as a test says, keeps a record of
 * what it was asked for, and fails the test when two evacuations share a block or a
 * page has two owners.
 */
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>

#include "fake.h"

static struct cma_fake *to_fake(struct cma *cma)
{
	return container_of(cma, struct cma_fake, cma);
}

/* Stop here until the test says go on. */
static void fake_stop(struct cma_fake *fake)
{
	complete(&fake->held);
	wait_for_completion(&fake->proceed);
}

static bool fake_covers(long page, unsigned long start, unsigned long nr)
{
	return page >= 0 && (unsigned long)page - start < nr;
}

/* All pages of the blocks that a run touches. */
static void fake_blocks(unsigned long start, unsigned long nr,
			unsigned long *first, unsigned long *count)
{
	*first = ALIGN_DOWN(start, FAKE_BLOCK);
	*count = ALIGN(start + nr, FAKE_BLOCK) - *first;
}

/* Whatever a block has to say against being evacuated twice at a time. */
static void fake_begin(struct cma_fake *fake, unsigned long start,
		       unsigned long nr)
{
	unsigned long first, count;

	lockdep_assert_held(&fake->lock);
	fake_blocks(start, nr, &first, &count);
	KUNIT_EXPECT_GE_MSG(fake->test,
			    find_next_bit(fake->moving, first + count, first),
			    first + count, "two evacuations in one block");
	bitmap_set(fake->moving, first, count);
	if (fake->nr_attempts < FAKE_LOG)
		fake->attempts[fake->nr_attempts] = start;
	fake->nr_attempts++;
}

/* Pages that the page allocator has become the area's. */
void cma_fake_take(struct cma_fake *fake, unsigned long start,
		   unsigned long nr)
{
	lockdep_assert_held(&fake->lock);
	KUNIT_EXPECT_GE_MSG(fake->test,
			    find_next_bit(fake->taken, start + nr, start),
			    start + nr, "a page was handed out twice");
	bitmap_set(fake->taken, start, nr);
	bitmap_clear(fake->in_use, start, nr);
}

/* Whatever is in front of the stuck page has been taken. */
static int fake_stay(struct cma_fake *fake, unsigned long start,
		     unsigned long stuck, struct cma_evacuation *evacuation)
{
	lockdep_assert_held(&fake->lock);
	if (!fake->silent)
		evacuation->blocker = (struct cma_blocker) {
			.pfn = FAKE_BASE_PFN + stuck,
			.kind = CMA_PAGE_PINNED,
			.refs = 1025,
		};
	evacuation->hopeless = fake->foresees && evacuation->effort != CMA_EFFORT_THOROUGH;
	if (!evacuation->hopeless) {
		cma_fake_take(fake, start, stuck - start);
		evacuation->nr_taken = stuck - start;
	}
	return -EBUSY;
}

/* Where the cost matters the last such page is told, and nothing is lost. */
static bool fake_is_dear(struct cma_fake *fake, unsigned long start,
			 struct cma_evacuation *evacuation)
{
	unsigned long end = start + evacuation->nr_pages, dear;

	lockdep_assert_held(&fake->lock);
	dear = find_last_bit(fake->dear, end);
	if (evacuation->effort != CMA_EFFORT_CHEAP || dear < start || dear >= end)
		return false;
	evacuation->blocker = (struct cma_blocker) {
		.pfn = FAKE_BASE_PFN + dear,
		.kind = CMA_PAGE_OTHER,
	};
	evacuation->costly = true;
	evacuation->hopeless = true;
	return true;
}

static int fake_end(struct cma_fake *fake, unsigned long start,
		    struct cma_evacuation *evacuation)
{
	unsigned long nr = evacuation->nr_pages, end = start + nr;
	unsigned long first, count, stuck;

	lockdep_assert_held(&fake->lock);
	fake_blocks(start, nr, &first, &count);
	bitmap_clear(fake->moving, first, count);
	fake->nr_thorough += evacuation->effort == CMA_EFFORT_THOROUGH;
	fake->deadline = evacuation->deadline;

	if (fake->error)
		return fake->error;
	stuck = find_next_bit(fake->stuck, end, start);
	if (stuck < end &&
	    (!fake->patience || fake->nr_attempts <= fake->patience))
		return fake_stay(fake, start, stuck, evacuation);
	if (fake_is_dear(fake, start, evacuation))
		return -EBUSY;

	cma_fake_take(fake, start, nr);
	evacuation->nr_moved = nr;
	return 0;
}

/* No block is isolated for a task that can't sleep, and nothing is moved. */
static int fake_grab(struct cma_fake *fake, unsigned long start,
		     struct cma_evacuation *evacuation)
{
	unsigned long end = start + evacuation->nr_pages;

	lockdep_assert_held(&fake->lock);
	fake->nr_attempts++;
	if (find_next_bit(fake->stuck, end, start) < end ||
	    find_next_bit(fake->in_use, end, start) < end)
		return -EBUSY;
	cma_fake_take(fake, start, evacuation->nr_pages);
	return 0;
}

static int fake_evacuate(struct cma *cma, struct cma_evacuation *evacuation)
{
	unsigned long start = evacuation->pfn - FAKE_BASE_PFN;
	struct cma_fake *fake = to_fake(cma);
	bool stop;
	int err;

	if (!gfpflags_allow_blocking(evacuation->gfp)) {
		spin_lock(&fake->lock);
		err = fake_grab(fake, start, evacuation);
		spin_unlock(&fake->lock);
		return err;
	}

	spin_lock(&fake->lock);
	fake_begin(fake, start, evacuation->nr_pages);
	stop = fake_covers(fake->hold, start, evacuation->nr_pages);
	spin_unlock(&fake->lock);
	if (stop)
		fake_stop(fake);
	if (fake->takes_ms)
		msleep(fake->takes_ms);
	cond_resched();

	spin_lock(&fake->lock);
	err = fake_end(fake, start, evacuation);
	spin_unlock(&fake->lock);
	return err;
}

static void fake_expect_taken(struct cma_fake *fake, unsigned long start,
			      unsigned long nr, const char *what)
{
	lockdep_assert_held(&fake->lock);
	KUNIT_EXPECT_GE_MSG(fake->test,
			    find_next_zero_bit(fake->taken, start + nr, start),
			    start + nr, "%s", what);
}

static bool fake_lend(struct cma *cma, unsigned long pfn,
		      unsigned long nr_pages)
{
	unsigned long start = pfn - FAKE_BASE_PFN;
	struct cma_fake *fake = to_fake(cma);

	if (fake_covers(fake->hold_lend, start, nr_pages))
		fake_stop(fake);
	spin_lock(&fake->lock);
	fake_expect_taken(fake, start, nr_pages,
			  "a page was given back twice");
	bitmap_clear(fake->taken, start, nr_pages);
	fake->nr_lent += nr_pages;
	spin_unlock(&fake->lock);
	return true;
}

static bool fake_prepare(struct cma *cma, unsigned long pfn,
			 unsigned long nr_pages, gfp_t gfp, bool used)
{
	struct cma_fake *fake = to_fake(cma);
	bool refused;

	spin_lock(&fake->lock);
	fake_expect_taken(fake, pfn - FAKE_BASE_PFN, nr_pages,
			  "a page was prepared that the area hasn't got");
	fake->nr_prepared++;
	fake->nr_reused += used;
	fake->prepared_for = gfp;
	refused = fake->refusals;
	fake->refusals -= refused;
	spin_unlock(&fake->lock);
	return !refused;
}

/* Its owner asks, rightly or not: nothing is expected of the pages. */
static bool fake_may_keep(struct cma *cma, unsigned long pfn,
			  unsigned long nr_pages)
{
	unsigned long start = pfn - FAKE_BASE_PFN, end = start + nr_pages;
	struct cma_fake *fake = to_fake(cma);

	return find_next_bit(fake->odd, end, start) >= end;
}

static void fake_take_back(struct cma *cma, struct cma_return *ret)
{
	unsigned long start = ret->pfn - FAKE_BASE_PFN;
	unsigned long end = start + ret->nr_pages;
	unsigned long unit = 1UL << cma->order_per_bit, stop;
	struct cma_fake *fake = to_fake(cma);

	stop = find_next_bit(fake->odd, end, start);
	stop = min(ALIGN_DOWN(stop, unit), end);
	if (stop > start && ret->keep) {
		ret->nr_alike = stop - start;
		return;
	}
	if (stop == start) {
		stop = start + unit;
		ret->nr_held += bitmap_weight(fake->odd, stop) -
				bitmap_weight(fake->odd, start);
	}
	ret->keep = false;
	ret->nr_alike = stop - start;
	fake_lend(cma, ret->pfn, ret->nr_alike);
}

static unsigned int fake_cost(struct cma *cma, unsigned long pfn,
			      unsigned long nr_pages)
{
	unsigned long start = pfn - FAKE_BASE_PFN, page;
	struct cma_fake *fake = to_fake(cma);
	unsigned int cost = 0;

	spin_lock(&fake->lock);
	page = start;
	for_each_set_bit_from(page, fake->in_use, start + nr_pages)
		cost++;
	if (fake->nr_looks < FAKE_LOG)
		fake->looks[fake->nr_looks] = start;
	fake->nr_looks++;
	spin_unlock(&fake->lock);
	/* As pages that have to be copied. */
	return DIV_ROUND_UP(4 * cost * CMA_COST_PER_PAGES, max(nr_pages, CMA_COST_PER_PAGES));
}

static bool fake_foresee(struct cma *cma, unsigned long pfn,
			 unsigned long nr_pages, struct cma_blocker *blocker)
{
	unsigned long start = pfn - FAKE_BASE_PFN, end = start + nr_pages, stuck;
	struct cma_fake *fake = to_fake(cma);

	if (!fake->foresees)
		return false;
	spin_lock(&fake->lock);
	stuck = find_last_bit(fake->stuck, end);
	spin_unlock(&fake->lock);
	*blocker = (struct cma_blocker) {
		.pfn = FAKE_BASE_PFN + stuck,
		.kind = CMA_PAGE_PINNED,
	};
	return stuck >= start && stuck < end;
}

/* Nobody else may have any of it then. */
static void fake_retype(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	struct cma_fake *fake = to_fake(cma);

	spin_lock(&fake->lock);
	fake_expect_taken(fake, pfn - FAKE_BASE_PFN, nr_pages,
			  "a page that is lent got a type");
	fake->nr_retyped++;
	spin_unlock(&fake->lock);
}

static void fake_describe(const struct cma_blocker *blocker, struct seq_buf *s)
{
	seq_buf_puts(s, ", described");
}

/* Nothing is recorded of pages that there aren't. */
static void fake_dump(const struct cma_blocker *blocker)
{
}

/* A fake area has no pages: a quarter of each run passes for free. */
static unsigned long fake_count_free(unsigned long pfn, unsigned long nr_pages)
{
	return nr_pages / 4;
}

const struct cma_evacuator cma_fake_evacuator = {
	.evacuate	= fake_evacuate,
	.prepare	= fake_prepare,
	.may_keep	= fake_may_keep,
	.take_back	= fake_take_back,
	.lend		= fake_lend,
	.retype		= fake_retype,
	.foresee	= fake_foresee,
	.cost		= fake_cost,
	.describe	= fake_describe,
	.dump		= fake_dump,
	.count_free	= fake_count_free,
};
