// SPDX-License-Identifier: GPL-2.0
/*
 * Each point of mm/cma/fault.c fails: once, wherever a request comes by it; for
 * ever; and all of them now and then. Whatever a request came to, the books are
 * consistent afterwards, no page of the area is lost, and nothing of what occupied
 * in it has changed.
 *
 *	oxox....	dirty occupants (o) and clean ones (x) in "kunit0"
 *	^^^^^^^^	the run that is asked for: all of it
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "../fault.h"
#include "occupants.h"

#define NR_OCCUPANTS	8

/* The points that requests come by, and what they come to if each fails for ever */
static const struct {
	enum cma_fault_point point;
	enum cma_reason reason;
	bool needs_migrate;	/* comes by only if migration alone doesn't do */
} rows[] = {
	{ CMA_FAULT_CLAIM,	CMA_REASON_BUSY },
	{ CMA_FAULT_VACANCY,	CMA_REASON_NO_TARGET },
	{ CMA_FAULT_TAKE,	CMA_REASON_BUSY },
	{ CMA_FAULT_ISOLATE,	CMA_REASON_BUSY, true },
	{ CMA_FAULT_TARGET,	CMA_REASON_NO_TARGET },
	{ CMA_FAULT_MIGRATE,	CMA_REASON_BUSY },
	{ CMA_FAULT_DROP,	CMA_REASON_NONE },
	{ CMA_FAULT_COMMIT,	CMA_REASON_BUSY },
};

/* Occupants are numbered from @first on; those that are even are dirty. */
static unsigned int settle(struct occupants *occupants)
{
	unsigned int first = occupants->nr, i;

	for (i = 0; i < NR_OCCUPANTS; i++) {
		struct page *page = cma_take_page(occupants, 7 * i + 1);

		if (i % 2)
			cma_occupy_clean(occupants, page);
		else
			cma_occupy(occupants, page);
	}
	return first;
}

/* Ask for @count pages, and give them back if there are. */
static enum cma_reason take(struct occupants *occupants, unsigned long count)
{
	struct cma_request request = {
		.count = count, .gfp = GFP_KERNEL | __GFP_NOWARN,
		/*
		 * Where others are always quicker it ends when its time is up. One attempt
		 * may take a second in a kernel that has every check.
		 */
		.timeout_ms = 4000,
	};
	struct kunit *test = occupants->test;
	struct page *pages = cma_alloc_request(occupants->cma, &request);
	unsigned long i;

	if (IS_ERR(pages)) {
		KUNIT_EXPECT_EQ(test, PTR_ERR(pages),
				cma_reason_errno(request.reason));
		return request.reason;
	}
	for (i = 0; i < count; i++)
		if (page_ref_count(pages + i) != 1)
			break;
	KUNIT_EXPECT_EQ(test, i, count);
	KUNIT_EXPECT_TRUE(test, cma_release(occupants->cma, pages, count));
	return CMA_REASON_NONE;
}

static void expect_balance(struct occupants *occupants)
{
	struct kunit *test = occupants->test;
	struct cma_usage usage;

	KUNIT_EXPECT_TRUE(test, cma_check(occupants->cma));
	cma_get_usage(occupants->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.claimed, 0);
	KUNIT_EXPECT_EQ(test, usage.allocated, 0);
}

/* Nothing fails any more: all pages can be had, and the occupants are intact. */
static void expect_all_back(struct occupants *occupants, unsigned int first)
{
	struct kunit *test = occupants->test;
	unsigned int i;

	cma_fault_disarm();
	expect_balance(occupants);
	for (i = 0; i < NR_OCCUPANTS; i += 2)
		cma_expect_occupant(occupants, first + i, NULL, true);
	KUNIT_EXPECT_EQ(test, take(occupants, occupants->cma->nr_pages),
			CMA_REASON_NONE);
	expect_balance(occupants);
}

static void each_point_that_fails_once_leaves_everything_as_it_was(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int i, first, after;
	enum cma_reason reason;
	bool fired, right;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (after = 0, fired = true; fired && after < 6; after++) {
			first = settle(occupants);
			if (rows[i].needs_migrate)
				cma_fault_arm(CMA_FAULT_MIGRATE, 100, 0, 1);
			cma_fault_arm(rows[i].point, 100, after, 1);
			reason = take(occupants, occupants->cma->nr_pages);
			fired = cma_fault_fired(rows[i].point);
			right = reason == CMA_REASON_NONE ||
				reason == rows[i].reason;
			KUNIT_EXPECT_TRUE_MSG(test, right, "%s: %s",
					      cma_fault_name(rows[i].point),
					      cma_reason_name(reason));
			expect_all_back(occupants, first);
		}
		KUNIT_EXPECT_GT_MSG(test, after, 1, "nobody came by %s",
				    cma_fault_name(rows[i].point));
	}
}

static void a_point_that_fails_for_ever_is_told_by_its_reason(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int i, first;
	enum cma_reason reason;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		first = settle(occupants);
		if (rows[i].needs_migrate)
			cma_fault_arm(CMA_FAULT_MIGRATE, 100, 0, -1);
		cma_fault_arm(rows[i].point, 100, 0, -1);
		reason = take(occupants, occupants->cma->nr_pages);
		KUNIT_EXPECT_EQ_MSG(test, reason, rows[i].reason, "%s: %s",
				    cma_fault_name(rows[i].point),
				    cma_reason_name(reason));
		KUNIT_EXPECT_GT(test, cma_fault_fired(rows[i].point), 0);
		expect_all_back(occupants, first);
	}
}

static void what_cant_be_kept_is_lent(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct cma_usage usage;

	cma_set_ready_max(cma, cma->nr_pages);
	cma_fault_arm(CMA_FAULT_KEEP, 100, 0, 1);
	KUNIT_EXPECT_EQ(test, take(occupants, 64), CMA_REASON_NONE);
	KUNIT_EXPECT_EQ(test, cma_fault_fired(CMA_FAULT_KEEP), 1);
	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.ready, 0);
	KUNIT_EXPECT_EQ(test, take(occupants, 64), CMA_REASON_NONE);
	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.ready, 64);
	cma_fault_disarm();
	cma_set_ready_max(cma, 0);
	expect_balance(occupants);
}

static void a_floor_is_reached_once_it_can_be(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct cma_usage usage;

	cma_fault_arm(CMA_FAULT_REFILL, 100, 0, -1);
	cma_set_ready_min(cma, pageblock_nr_pages);
	flush_delayed_work(&cma->ready_work);
	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.ready, 0);
	KUNIT_EXPECT_GT(test, cma_fault_fired(CMA_FAULT_REFILL), 0);
	cma_fault_disarm();
	mod_delayed_work(system_unbound_wq, &cma->ready_work, 0);
	flush_delayed_work(&cma->ready_work);
	cma_get_usage(cma, &usage);
	KUNIT_EXPECT_GE(test, usage.ready, pageblock_nr_pages);
	cma_set_ready_min(cma, 0);
	cma_set_ready_max(cma, 0);
	expect_balance(occupants);
}

#define NR_HELD		8

/* Take a run of any length, or give back the one that is there. */
static void step(struct occupants *occupants, struct rnd_state *rnd,
		 struct page **held, unsigned long *count)
{
	struct cma_request request = { .gfp = GFP_KERNEL | __GFP_NOWARN };
	struct cma *cma = occupants->cma;

	if (*held) {
		KUNIT_EXPECT_TRUE(occupants->test,
				  cma_release(cma, *held, *count));
		*held = NULL;
		return;
	}
	*count = 1 + prandom_u32_state(rnd) % (cma->nr_pages / NR_HELD);
	request.count = *count;
	*held = cma_alloc_request(cma, &request);
	if (IS_ERR(*held))
		*held = NULL;
}

static void points_that_fail_now_and_then_lose_nothing(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *held[NR_HELD] = { };
	unsigned long count[NR_HELD];
	unsigned int i, first = settle(occupants);
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 20261126);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		cma_fault_arm(rows[i].point, 20, 0, -1);
	cma_fault_arm(CMA_FAULT_KEEP, 20, 0, -1);
	cma_set_ready_max(occupants->cma, occupants->cma->nr_pages / 2);
	for (i = 0; i < 100; i++) {
		unsigned int k = prandom_u32_state(&rnd) % NR_HELD;

		step(occupants, &rnd, &held[k], &count[k]);
		KUNIT_ASSERT_TRUE(test, cma_check(occupants->cma));
	}
	cma_fault_disarm();
	for (i = 0; i < NR_HELD; i++)
		if (held[i])
			step(occupants, &rnd, &held[i], &count[i]);
	cma_set_ready_max(occupants->cma, 0);
	expect_all_back(occupants, first);
}

static int cma_fault_begin(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_FAULT_INJECTION))
		kunit_skip(test, "needs CONFIG_CMA_FAULT_INJECTION");
	return 0;
}

static void cma_fault_end(struct kunit *test)
{
	cma_fault_disarm();
}

static struct kunit_case cma_fault_cases[] = {
	KUNIT_CASE(each_point_that_fails_once_leaves_everything_as_it_was),
	KUNIT_CASE(a_point_that_fails_for_ever_is_told_by_its_reason),
	KUNIT_CASE(what_cant_be_kept_is_lent),
	KUNIT_CASE(a_floor_is_reached_once_it_can_be),
	KUNIT_CASE(points_that_fail_now_and_then_lose_nothing),
	{}
};

static struct kunit_suite cma_fault_suite = {
	.name = "cma_fault",
	.init = cma_fault_begin,
	.exit = cma_fault_end,
	.test_cases = cma_fault_cases,
};

kunit_test_suite(cma_fault_suite);
