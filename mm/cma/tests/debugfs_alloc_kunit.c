// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/debugfs_alloc.c: pages that are allocated and freed by writing to files
 * below <debugfs>/cma.
 */
#include <kunit/test.h>

#include "../fault.h"
#include "real.h"
#include "files.h"

/*	........  ->  ####....  ->  ####|##..  ->  ........	*/
static void what_is_written_to_alloc_and_free_is_taken_and_given(struct kunit *test)
{
	u64 used = cma_number_in(test, "kunit0", "used");

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "8\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used + 8);
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "4\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used + 12);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "12\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used);
}

/*	####|##..  ->  .###....	when 5 are freed: all of the newer, a part of the older */
static void free_gives_the_newest_pages_and_divides_a_run(struct kunit *test)
{
	u64 used = cma_number_in(test, "kunit0", "used");

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "8\n"), 0);
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "4\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "5\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used + 7);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "7\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used);
}

static void free_of_more_than_is_held_gives_all_and_then_fails(struct kunit *test)
{
	u64 used = cma_number_in(test, "kunit0", "used");

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "8\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "1000000\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "1\n"), -ENOENT);
}

static void alloc_hands_the_error_of_the_reason_to_the_writer(struct kunit *test)
{
	u64 used = cma_number_in(test, "kunit0", "used");

	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "alloc", "1000000\n"),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "alloc", "ten\n"), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used);
}

/* Nobody could give back what nothing tells of. */
static void what_cannot_be_recorded_is_not_taken(struct kunit *test)
{
	u64 used = cma_number_in(test, "kunit0", "used");

	if (!IS_ENABLED(CONFIG_CMA_FAULT_INJECTION))
		kunit_skip(test, "needs CONFIG_CMA_FAULT_INJECTION");
	cma_fault_arm(CMA_FAULT_RECORD, 100, 0, 1);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "alloc", "8\n"), -ENOMEM);
	KUNIT_EXPECT_EQ(test, cma_fault_fired(CMA_FAULT_RECORD), 1);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used);
	/* It has failed once, and nothing of that is left. */
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "alloc", "8\n"), 0);
	cma_fault_disarm();
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "used"), used + 8);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "8\n"), 0);
}

static struct kunit_case cma_debugfs_alloc_cases[] = {
	KUNIT_CASE(what_is_written_to_alloc_and_free_is_taken_and_given),
	KUNIT_CASE(free_gives_the_newest_pages_and_divides_a_run),
	KUNIT_CASE(free_of_more_than_is_held_gives_all_and_then_fails),
	KUNIT_CASE(alloc_hands_the_error_of_the_reason_to_the_writer),
	KUNIT_CASE(what_cannot_be_recorded_is_not_taken),
	{}
};

static int cma_debugfs_alloc_test_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_DEBUGFS_ALLOC))
		kunit_skip(test, "needs CONFIG_CMA_DEBUGFS_ALLOC");
	return cma_open_files(test, "debugfs", "cma");
}

static struct kunit_suite cma_debugfs_alloc_suite = {
	.name = "cma_debugfs_alloc",
	.init = cma_debugfs_alloc_test_init,
	.exit = cma_close_files,
	.test_cases = cma_debugfs_alloc_cases,
};

kunit_test_suite(cma_debugfs_alloc_suite);
