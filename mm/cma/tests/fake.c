// SPDX-License-Identifier: GPL-2.0
/*
 * An area without memory, for the tests of the books and of the policy; what they do
 * with it, and what they expect of it. What its pages do is in fake_evacuator.c.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "fake.h"

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

void cma_fake_end_backoffs(struct cma_fake *fake)
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
	cma_fake_take(fake, offset, cma_run_to_pages(cma, run));
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
