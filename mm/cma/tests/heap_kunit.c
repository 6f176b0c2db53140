// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/heap.c: how much of an area programs can have.
 */
#include <kunit/test.h>
#include <linux/cma.h>

#include "../area.h"
#include "real.h"

static void end_ceiling(void *data)
{
	struct cma *cma = data;

	cma_set_heap_max(cma, cma->nr_pages);
}

static struct cma *area_with_ceiling(struct kunit *test, unsigned long pages)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	KUNIT_ASSERT_EQ(test, atomic64_read(&cma->heap_pages), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_ceiling, cma), 0);
	cma_set_heap_max(cma, pages);
	return cma;
}

/* The area itself refuses what it doesn't have, and says why. */
static void there_is_no_ceiling_unless_somebody_sets_one(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->heap_max), cma->nr_pages);
	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, cma->nr_pages));
	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 1));
	cma_uncharge_heap(cma, cma->nr_pages + 1);
}

static void the_ceiling_is_for_all_programs_together(struct kunit *test)
{
	struct cma *cma = area_with_ceiling(test, 100);

	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 60));
	KUNIT_EXPECT_FALSE(test, cma_charge_heap(cma, 41));
	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 40));
	KUNIT_EXPECT_FALSE(test, cma_charge_heap(cma, 1));
	KUNIT_EXPECT_EQ(test, atomic64_read(&cma->heap_pages), 100);
	cma_uncharge_heap(cma, 60);
	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 60));
	cma_uncharge_heap(cma, 100);
}

static void a_request_beyond_all_numbers_is_refused(struct kunit *test)
{
	struct cma *cma = area_with_ceiling(test, 100);

	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 1));
	KUNIT_EXPECT_FALSE(test, cma_charge_heap(cma, ULONG_MAX));
	KUNIT_EXPECT_FALSE(test, cma_charge_heap(cma, LONG_MAX));
	cma_uncharge_heap(cma, 1);
}

static void a_lower_ceiling_leaves_what_programs_have(struct kunit *test)
{
	struct cma *cma = area_with_ceiling(test, 100);

	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 80));
	cma_set_heap_max(cma, 50);
	KUNIT_EXPECT_EQ(test, atomic64_read(&cma->heap_pages), 80);
	KUNIT_EXPECT_FALSE(test, cma_charge_heap(cma, 1));
	cma_uncharge_heap(cma, 31);
	KUNIT_EXPECT_TRUE(test, cma_charge_heap(cma, 1));
	cma_uncharge_heap(cma, 50);
}

static void a_ceiling_of_nothing_refuses_all(struct kunit *test)
{
	struct cma *cma = area_with_ceiling(test, 0);

	KUNIT_EXPECT_FALSE(test, cma_charge_heap(cma, 1));
}

static struct kunit_case cma_heap_cases[] = {
	KUNIT_CASE(there_is_no_ceiling_unless_somebody_sets_one),
	KUNIT_CASE(the_ceiling_is_for_all_programs_together),
	KUNIT_CASE(a_request_beyond_all_numbers_is_refused),
	KUNIT_CASE(a_lower_ceiling_leaves_what_programs_have),
	KUNIT_CASE(a_ceiling_of_nothing_refuses_all),
	{}
};

static struct kunit_suite cma_heap_suite = {
	.name = "cma_heap",
	.test_cases = cma_heap_cases,
};

kunit_test_suite(cma_heap_suite);

MODULE_DESCRIPTION("Tests of how much contiguous memory programs can have");
MODULE_LICENSE("GPL");
