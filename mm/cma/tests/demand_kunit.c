// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/demand.c: while devices ask for long runs, what will be written is kept
 * out of areas, and not a while after that.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sizes.h>

#include "../area.h"
#include "real.h"

/* Work has to come first. */
#define SOON_MS		2000

static bool becomes(bool in_demand)
{
	unsigned long end = jiffies + msecs_to_jiffies(SOON_MS);

	while (cma_is_in_demand() != in_demand && time_before(jiffies, end))
		msleep(20);
	return cma_is_in_demand() == in_demand;
}

static void a_long_request_is_a_demand(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, becomes(false));
	cma_note_demand(SZ_4M >> PAGE_SHIFT);
	KUNIT_EXPECT_TRUE(test, becomes(true));
}

static void short_requests_are_none(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, becomes(false));
	for (i = 0; i < 1000; i++)
		cma_note_demand((SZ_4M >> PAGE_SHIFT) - 1);
	msleep(50);
	KUNIT_EXPECT_FALSE(test, cma_is_in_demand());
}

static void an_allocation_is_one_unless_no_area_could_serve_it(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;

	KUNIT_ASSERT_TRUE(test, becomes(false));
	KUNIT_EXPECT_NULL(test, cma_alloc(cma, cma->nr_pages + 1, 0, true));
	msleep(50);
	KUNIT_EXPECT_FALSE(test, cma_is_in_demand());
	page = cma_alloc(cma, cma->nr_pages, 0, true);
	KUNIT_EXPECT_TRUE(test, becomes(true));
	if (page)
		cma_release(cma, page, cma->nr_pages);
}

static void it_ends_when_no_device_asks_again(struct kunit *test)
{
	cma_note_demand(SZ_4M >> PAGE_SHIFT);
	KUNIT_ASSERT_TRUE(test, becomes(true));
	cma_end_demand(100);
	KUNIT_EXPECT_TRUE(test, cma_is_in_demand());
	KUNIT_EXPECT_TRUE(test, becomes(false));
}

static void a_later_request_makes_it_last_longer(struct kunit *test)
{
	cma_end_demand(100);
	cma_note_demand(SZ_4M >> PAGE_SHIFT);
	msleep(300);
	KUNIT_EXPECT_TRUE(test, cma_is_in_demand());
}

/* Other tests' requests aren't these tests' business. */
static int begin_without(struct kunit *test)
{
	cma_end_demand(0);
	return 0;
}

static void leave_none(struct kunit *test)
{
	cma_end_demand(0);
}

static struct kunit_case cma_demand_cases[] = {
	KUNIT_CASE(a_long_request_is_a_demand),
	KUNIT_CASE(short_requests_are_none),
	KUNIT_CASE(an_allocation_is_one_unless_no_area_could_serve_it),
	KUNIT_CASE(it_ends_when_no_device_asks_again),
	KUNIT_CASE(a_later_request_makes_it_last_longer),
	{}
};

static struct kunit_suite cma_demand_suite = {
	.name = "cma_demand",
	.init = begin_without,
	.exit = leave_none,
	.test_cases = cma_demand_cases,
};

kunit_test_suite(cma_demand_suite);

MODULE_DESCRIPTION("Tests of whether devices ask for contiguous memory");
MODULE_LICENSE("GPL");
