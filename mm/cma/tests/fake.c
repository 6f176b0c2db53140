// SPDX-License-Identifier: GPL-2.0
/*
 * An area without memory, for the tests of the books and of the policy.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

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
static void fake_take(struct cma_fake *fake, unsigned long start,
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
		fake_take(fake, start, stuck - start);
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

	fake_take(fake, start, nr);
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
	fake_take(fake, start, evacuation->nr_pages);
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
	return cost;
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

static const struct cma_evacuator cma_fake_evacuator = {
	.evacuate	= fake_evacuate,
	.prepare	= fake_prepare,
	.may_keep	= fake_may_keep,
	.take_back	= fake_take_back,
	.lend		= fake_lend,
	.foresee	= fake_foresee,
	.cost		= fake_cost,
};

/* After every test: the books balance, and agree with the evacuator. */
static void fake_destroy(void *data)
{
	struct cma_fake *fake = data;
	struct cma_usage usage;

	/* It would go on giving back while this is compared. */
	cancel_delayed_work_sync(&fake->cma.ready_work);
	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_TRUE(fake->test, cma_check(&fake->cma));
	KUNIT_EXPECT_EQ(fake->test, usage.claimed, 0);
	KUNIT_EXPECT_EQ(fake->test, usage.allocated + usage.ready,
			bitmap_weight(fake->taken, FAKE_MAX_PAGES));
	cma_area_destroy(&fake->cma);
}

struct cma_fake *cma_fake_create(struct kunit *test, unsigned long nr_pages,
				 unsigned int order_per_bit)
{
	const struct cma_range whole = { .nr_pages = nr_pages };

	return cma_fake_create_ranges(test, &whole, 1, order_per_bit);
}

/* The ranges begin so many pages above FAKE_BASE_PFN, the first one just there. */
struct cma_fake *cma_fake_create_ranges(struct kunit *test,
					const struct cma_range *ranges,
					unsigned int nr,
					unsigned int order_per_bit)
{
	const struct cma_range *last = &ranges[nr - 1];
	struct cma_fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	KUNIT_ASSERT_LE(test, last->base_pfn + last->nr_pages, FAKE_MAX_PAGES);
	fake->test = test;
	fake->hold = -1;
	fake->hold_lend = -1;
	spin_lock_init(&fake->lock);
	init_completion(&fake->held);
	init_completion(&fake->proceed);

	for (; nr--; ranges++)
		cma_add_range(&fake->cma, FAKE_BASE_PFN + ranges->base_pfn,
			      ranges->nr_pages);
	fake->cma.order_per_bit = order_per_bit;
	fake->cma.evacuator = &cma_fake_evacuator;
	strscpy(fake->cma.name, "fake");
	KUNIT_ASSERT_EQ(test, cma_area_init(&fake->cma), 0);
	cma_pool_init(&fake->cma);
	cma_set_state(&fake->cma, CMA_AREA_ACTIVE);
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, fake_destroy, fake), 0);
	return fake;
}

struct cma_fake *cma_fake_create_block(struct kunit *test, unsigned long most)
{
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 0);

	cma_set_ready_max(&fake->cma, most);
	return fake;
}

struct cma_fake *cma_fake_create_blocks(struct kunit *test,
					unsigned int nr_blocks)
{
	struct cma_fake *fake = cma_fake_create(test, nr_blocks * FAKE_BLOCK, 0);

	cma_set_ready_max(&fake->cma, nr_blocks * FAKE_BLOCK);
	return fake;
}

unsigned long cma_fake_nr_ready(struct cma_fake *fake, unsigned long from,
				unsigned long to)
{
	return cma_extents_overlap(&fake->cma.ready, cma_extent_between(from, to));
}

void cma_fake_cool_notes(struct cma_fake *fake)
{
	unsigned int i;

	spin_lock_irq(&fake->cma.lock);
	for (i = 0; i < fake->cma.skip.nr; i++)
		fake->cma.skip.notes[i].until = jiffies;
	spin_unlock_irq(&fake->cma.lock);
}

struct runmap_query cma_fake_query(unsigned long count, unsigned long from)
{
	return (struct runmap_query){
		.count = count, .from = from, .to = ULONG_MAX,
	};
}

enum cma_found cma_fake_claim(struct cma_fake *fake, struct cma_claim *claim,
			      unsigned long count, unsigned long from)
{
	struct runmap_query query = cma_fake_query(count, from);
	struct cma_lookup look = { };

	return cma_claim_first(&fake->cma, &query, claim, &look);
}

/* Allocate. */
unsigned long cma_fake_enter(struct cma_fake *fake, unsigned long count)
{
	struct cma_claim begun;

	KUNIT_ASSERT_EQ(fake->test, cma_fake_claim(fake, &begun, count, 0),
			CMA_FOUND_RUN);
	cma_commit(&fake->cma, &begun);
	return begun.run.start;
}

/* Lend again. */
void cma_fake_forget(struct cma_fake *fake, unsigned long start,
		     unsigned long count)
{
	struct cma_claim retired;

	KUNIT_EXPECT_TRUE(fake->test,
			  cma_retire(&fake->cma, cma_extent_at(start, count),
				     &retired));
	cma_abort(&fake->cma, &retired);
}

long cma_fake_request(struct cma_fake *fake, struct cma_request *request)
{
	unsigned long pfn;
	int err;

	request->gfp |= __GFP_NOWARN;
	err = cma_alloc_run(&fake->cma, request, &pfn);
	return err ?: (long)(pfn - FAKE_BASE_PFN);
}

long cma_fake_alloc(struct cma_fake *fake, unsigned long count,
		    unsigned int align)
{
	struct cma_request request = {
		.count = count,
		.align = align,
		.gfp = GFP_KERNEL,
	};

	return cma_fake_request(fake, &request);
}

int cma_fake_release(struct cma_fake *fake, unsigned long offset,
		     unsigned long count)
{
	struct cma_return ret;

	return cma_release_run(&fake->cma, FAKE_BASE_PFN + offset, count, &ret);
}

/* Make a request that ends for that reason, which may be none. */
void cma_fake_expect_reason(struct cma_fake *fake, unsigned long count,
			    gfp_t gfp, enum cma_reason expected)
{
	struct cma_request request = { .count = count, .gfp = gfp };
	long ret = cma_fake_request(fake, &request);

	KUNIT_EXPECT_STREQ(fake->test, cma_reason_name(request.reason),
			   cma_reason_name(expected));
	KUNIT_EXPECT_EQ(fake->test, ret, cma_reason_errno(expected));
}

/* Give back what there should be to give back. */
void cma_fake_expect_free(struct cma_fake *fake, long offset,
			  unsigned long count)
{
	KUNIT_ASSERT_GE(fake->test, offset, 0L);
	KUNIT_EXPECT_EQ(fake->test, cma_fake_release(fake, offset, count), 0);
}

/* The books say so, in pages, and balance. */
void cma_fake_expect_usage(struct cma_fake *fake, unsigned long lent,
			   unsigned long ready, unsigned long claimed,
			   unsigned long allocated)
{
	struct cma_usage usage;

	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(fake->test, usage.lent, lent);
	KUNIT_EXPECT_EQ(fake->test, usage.ready, ready);
	KUNIT_EXPECT_EQ(fake->test, usage.claimed, claimed);
	KUNIT_EXPECT_EQ(fake->test, usage.allocated, allocated);
	KUNIT_EXPECT_TRUE(fake->test, cma_check(&fake->cma));
}

void cma_fake_make_ready(struct cma_fake *fake, unsigned long offset,
			 unsigned long count)
{
	struct cma *cma = &fake->cma;
	struct cma_extent run = cma_extent_at(offset >> cma->order_per_bit,
					      count >> cma->order_per_bit);
	struct cma_claim claim;

	KUNIT_ASSERT_TRUE(fake->test,
			  cma_claim_at(cma, run, false, &claim));
	spin_lock(&fake->lock);
	fake_take(fake, offset, cma_run_to_pages(cma, run));
	spin_unlock(&fake->lock);
	cma_keep(cma, &claim, run.count);
	KUNIT_ASSERT_EQ(fake->test, run.count,
			cma_extents_overlap(&cma->ready, run));
}

static int fake_caller(void *data)
{
	struct cma_fake_caller *caller = data;

	allow_signal(SIGKILL);
	caller->result = cma_fake_request(caller->fake, &caller->request);
	complete(&caller->done);
	return 0;
}

void cma_fake_call(struct cma_fake_caller *caller, struct cma_fake *fake,
		   unsigned long count, gfp_t gfp)
{
	*caller = (struct cma_fake_caller) {
		.fake = fake,
		.request = { .count = count, .gfp = gfp },
	};
	init_completion(&caller->done);
	caller->task = kthread_run(fake_caller, caller, "cma-caller");
	KUNIT_ASSERT_FALSE(fake->test, IS_ERR(caller->task));
}

/* True when the caller's request has come to wait for somebody's claim. */
bool cma_fake_waits(struct cma_fake_caller *caller)
{
	unsigned int ms;

	for (ms = 0; ms < 5000; ms++) {
		/* Polled until it is true, so that no barrier is missed. */
		if (waitqueue_active(&caller->fake->cma.claim_end))
			return true;
		if (completion_done(&caller->done))
			return false;
		usleep_range(1000, 2000);
	}
	return false;
}

/* What the caller's request has come to; minus ETIMEDOUT when to nothing. */
long cma_fake_result(struct cma_fake_caller *caller)
{
	if (!wait_for_completion_timeout(&caller->done, 10 * HZ))
		return -ETIMEDOUT;
	return caller->result;
}
