// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/pool.c: READY memory when memory is short, and when the system
 * is written to disk.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/notifier.h>
#include <linux/shrinker.h>
#include <linux/suspend.h>
#include <linux/swap.h>

#include "../../internal.h"
#include "../fault.h"
#include "real.h"

/* ---- When memory is short ---- */

/* The areas of tests are on one node. */
static int node_of_areas(struct kunit *test)
{
	return pfn_to_nid(cma_real_area(test, "kunit0")->base_pfn);
}

static void the_shrinker_counts_the_ready_pages_of_all_areas(struct kunit *test)
{
	struct shrink_control sc = { .nid = node_of_areas(test) };

	cma_real_make_ready(test, 64, 32);
	KUNIT_EXPECT_EQ(test, cma_shrink_count(NULL, &sc), 96);
	cma_real_make_ready(test, 0, 0);
	KUNIT_EXPECT_EQ(test, cma_shrink_count(NULL, &sc), SHRINK_EMPTY);
}

static void the_shrinker_lends_as_much_as_it_is_told(struct kunit *test)
{
	struct shrink_control sc = {
		.nid = node_of_areas(test), .nr_to_scan = 16,
	};

	cma_real_make_ready(test, 64, 32);
	KUNIT_EXPECT_EQ(test, cma_shrink_scan(NULL, &sc), 16);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 80);
	sc.nr_to_scan = 70;
	KUNIT_EXPECT_GE(test, cma_shrink_scan(NULL, &sc), 70);
	KUNIT_EXPECT_LE(test, cma_ready_total(), 10);
	cma_shrink_scan(NULL, &sc);
	KUNIT_EXPECT_EQ(test, cma_shrink_scan(NULL, &sc), SHRINK_STOP);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
}

/* Reclaim goes on until as much was scanned as it wants, whatever came of it. */
static void the_shrinker_tells_what_it_lends_in_larger_units(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	struct shrink_control sc = {
		.nid = node_of_areas(test), .nr_to_scan = 1, .nr_scanned = 1,
	};

	cma_real_make_ready(test, 0, 32);
	KUNIT_ASSERT_EQ(test, cma->order_per_bit, 2);
	KUNIT_EXPECT_EQ(test, cma_shrink_scan(NULL, &sc), 4);
	KUNIT_EXPECT_EQ(test, sc.nr_scanned, 4);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 28);
}

static void nothing_below_a_floor_is_for_the_shrinker(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct shrink_control sc = {
		.nid = node_of_areas(test), .nr_to_scan = 1000,
	};

	cma_real_make_ready(test, 64, 0);
	cma_set_ready_min(cma, 40);
	KUNIT_EXPECT_EQ(test, cma_shrink_count(NULL, &sc), 24);
	KUNIT_EXPECT_EQ(test, cma_shrink_scan(NULL, &sc), 24);
	KUNIT_EXPECT_EQ(test, cma_shrink_scan(NULL, &sc), SHRINK_STOP);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 40);
	cma_set_ready_min(cma, 0);
}

/* Where memory isn't short nothing is lent. */
static void the_shrinker_leaves_other_nodes_alone(struct kunit *test)
{
	struct shrink_control sc = {
		.nid = node_of_areas(test) + 1, .nr_to_scan = 16,
	};

	cma_real_make_ready(test, 64, 32);
	KUNIT_EXPECT_EQ(test, cma_shrink_count(NULL, &sc), SHRINK_EMPTY);
	KUNIT_EXPECT_EQ(test, cma_shrink_scan(NULL, &sc), SHRINK_STOP);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 96);
}

/* The page cache isn't any shorter then. */
static void half_of_what_is_ready_goes_at_the_first_look(struct kunit *test)
{
	unsigned long spare = cma_real_area(test, "kunit0")->nr_pages / 2;
	struct mem_cgroup *root = mem_cgroup_iter(NULL, NULL, NULL);
	int nid;

	cma_real_make_ready(test, spare, 0);
	for_each_online_node(nid)
		shrink_slab(GFP_KERNEL, nid, root, DEF_PRIORITY);
	mem_cgroup_iter_break(NULL, root);
	KUNIT_EXPECT_LE(test, cma_ready_total(), spare / 2);
}

static void what_the_shrinker_would_lend_is_available(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	unsigned long spare = cma->nr_pages / 2, least = cma->nr_pages / 4;
	long before, after, with_floor;

	cma_real_make_ready(test, 0, 0);
	before = si_mem_available();
	cma_real_make_ready(test, spare, 0);
	after = si_mem_available();
	cma_set_ready_min(cma, least);
	with_floor = si_mem_available();
	KUNIT_EXPECT_EQ(test, cma_ready_surplus_total(), spare - least);
	cma_set_ready_min(cma, 0);
	KUNIT_EXPECT_EQ(test, cma_ready_surplus_total(), spare);
	if (before < 2 * spare)
		kunit_skip(test, "next to nothing is available anyway");
	/* Others allocate and free meanwhile, and counters lag behind. */
	KUNIT_EXPECT_LT(test, abs(before - after), least / 2);
	KUNIT_EXPECT_LT(test, abs(after - (long)least - with_floor), least / 2);
}

/* ---- When the system is written to disk ---- */

static void before_hibernation_everything_is_lent(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	cma_real_make_ready(test, 64, 32);
	cma_set_ready_min(cma, 40);
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_EQ(test, cma_pm_notify(NULL, PM_HIBERNATION_PREPARE, NULL),
			NOTIFY_OK);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
	KUNIT_EXPECT_EQ(test, cma_pm_notify(NULL, PM_POST_HIBERNATION, NULL),
			NOTIFY_OK);
	/* The floor is due at once. */
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_GE(test, cma_ready_total(), 40);
	cma_set_ready_min(cma, 0);
}

/* That it was missed before was long ago. */
static void after_hibernation_a_floor_that_was_missed_is_due(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	if (!IS_ENABLED(CONFIG_CMA_FAULT_INJECTION))
		kunit_skip(test, "needs CONFIG_CMA_FAULT_INJECTION");
	cma_real_make_ready(test, 0, 0);
	cma_fault_arm(CMA_FAULT_REFILL, 100, 0, -1);
	cma_set_ready_min(cma, 40);
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_EQ(test, cma->floor_misses, 1);
	cma_fault_disarm();
	cma_pm_notify(NULL, PM_HIBERNATION_PREPARE, NULL);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
	cma_pm_notify(NULL, PM_POST_HIBERNATION, NULL);
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_GE(test, cma_ready_total(), 40);
	cma_set_ready_min(cma, 0);
}

/* Nothing comes back behind its back: neither a floor, nor what a driver releases. */
static void while_it_hibernates_nothing_is_ready(struct kunit *test)
{
	static const unsigned long actions[][2] = {
		{ PM_HIBERNATION_PREPARE, PM_POST_HIBERNATION },
		{ PM_RESTORE_PREPARE, PM_POST_RESTORE },
	};
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		cma_real_make_ready(test, 64, 0);
		cma_set_ready_min(cma, 40);
		cma_pm_notify(NULL, actions[i][0], NULL);
		KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
		page = cma_alloc(cma, 16, 0, false);
		KUNIT_ASSERT_NOT_NULL(test, page);
		flush_delayed_work(&cma->ready_work);
		KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
		cma_release(cma, page, 16);
		cma_set_ready_min(cma, 50);
		flush_delayed_work(&cma->ready_work);
		KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
		KUNIT_EXPECT_FALSE(test, delayed_work_pending(&cma->ready_work));
		cma_pm_notify(NULL, actions[i][1], NULL);
		flush_delayed_work(&cma->ready_work);
		KUNIT_EXPECT_GE(test, cma_ready_total(), 50);
		cma_set_ready_min(cma, 0);
	}
}

static void suspending_to_memory_changes_nothing(struct kunit *test)
{
	cma_real_make_ready(test, 64, 0);
	cma_pm_notify(NULL, PM_SUSPEND_PREPARE, NULL);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 64);
}

static struct kunit_case cma_pool_short_cases[] = {
	KUNIT_CASE(the_shrinker_counts_the_ready_pages_of_all_areas),
	KUNIT_CASE(the_shrinker_lends_as_much_as_it_is_told),
	KUNIT_CASE(the_shrinker_tells_what_it_lends_in_larger_units),
	KUNIT_CASE(nothing_below_a_floor_is_for_the_shrinker),
	KUNIT_CASE(the_shrinker_leaves_other_nodes_alone),
	KUNIT_CASE(half_of_what_is_ready_goes_at_the_first_look),
	KUNIT_CASE(what_the_shrinker_would_lend_is_available),
	KUNIT_CASE(before_hibernation_everything_is_lent),
	KUNIT_CASE(after_hibernation_a_floor_that_was_missed_is_due),
	KUNIT_CASE(while_it_hibernates_nothing_is_ready),
	KUNIT_CASE(suspending_to_memory_changes_nothing),
	{}
};

static struct kunit_suite cma_pool_short_suite = {
	.name = "cma_pool_short",
	.test_cases = cma_pool_short_cases,
};

kunit_test_suite(cma_pool_short_suite);

MODULE_DESCRIPTION("Tests of READY contiguous memory when memory is short");
MODULE_LICENSE("GPL");
