// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/oom.c: what areas do before a process is killed for want of memory.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/notifier.h>

#include "real.h"

static void before_a_process_is_killed_all_above_the_floors_is_lent(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	unsigned long freed = 7;

	cma_real_make_ready(test, 64, 32);
	cma_set_ready_min(cma, 40);
	KUNIT_EXPECT_EQ(test, cma_oom_notify(NULL, 0, &freed), NOTIFY_OK);
	KUNIT_EXPECT_EQ(test, freed, 7 + 24 + 32);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 40);
	cma_set_ready_min(cma, 0);
}

/* Devices that go on giving memory back don't keep the killer away for ever. */
static void a_process_is_not_spared_again_soon(struct kunit *test)
{
	unsigned long freed = 0;
	unsigned int i;

	/* It may have been the last moment of the time after the test before. */
	for (i = 0; i < 3 && freed != 7; i++) {
		cma_real_make_ready(test, 64, 32);
		cma_oom_notify(NULL, 0, &freed);
		freed = 7;
		cma_real_make_ready(test, 64, 32);
		KUNIT_EXPECT_EQ(test, cma_oom_notify(NULL, 0, &freed), NOTIFY_OK);
	}
	KUNIT_EXPECT_EQ(test, freed, 7);
	KUNIT_EXPECT_EQ(test, cma_ready_total(), 0);
}

static void a_process_is_spared_again_after_any_time(struct kunit *test)
{
	u64 last = INITIAL_JIFFIES;

	KUNIT_EXPECT_TRUE(test, cma_oom_may_wait(last, 0));
	KUNIT_EXPECT_FALSE(test, cma_oom_may_wait(last, last));
	KUNIT_EXPECT_FALSE(test, cma_oom_may_wait(last + 5 * HZ - 1, last));
	KUNIT_EXPECT_TRUE(test, cma_oom_may_wait(last + 5 * HZ, last));
	/* Half of all jiffies of 32 bits later, and all of them. */
	KUNIT_EXPECT_TRUE(test, cma_oom_may_wait(last + BIT_ULL(31) + 1, last));
	KUNIT_EXPECT_TRUE(test, cma_oom_may_wait(last + BIT_ULL(32) + 1, last));
}

static struct kunit_case cma_oom_cases[] = {
	KUNIT_CASE(before_a_process_is_killed_all_above_the_floors_is_lent),
	KUNIT_CASE(a_process_is_not_spared_again_soon),
	KUNIT_CASE(a_process_is_spared_again_after_any_time),
	{}
};

static struct kunit_suite cma_oom_suite = {
	.name = "cma_oom",
	.test_cases = cma_oom_cases,
};

kunit_test_suite(cma_oom_suite);

MODULE_DESCRIPTION("Tests of contiguous memory before a process is killed");
MODULE_LICENSE("GPL");
