// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_declare.c when memblock can't note a reservation. It has room for
 * whatever a test could have it note, so the suite stands in for it.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/sizes.h>

#include "../boot.h"
#include "reserve.h"

/* What is reserved, and how much more can be */
struct fake_memblock {
	unsigned int room;
	unsigned int nr;
	struct cma_plan_range range[CMA_PLAN_RANGES];
};

static int __init fake_reserve(phys_addr_t base, phys_addr_t size)
{
	struct fake_memblock *fake = kunit_get_current_test()->priv;

	if (!fake->room)
		return -ENOMEM;
	fake->room--;
	fake->range[fake->nr++] = (struct cma_plan_range){ base, size };
	return 0;
}

static void __init fake_free(phys_addr_t base, phys_addr_t size)
{
	struct kunit *test = kunit_get_current_test();
	struct fake_memblock *fake = test->priv;

	/* The way back is the way there. */
	KUNIT_ASSERT_GT(test, fake->nr, 0);
	fake->nr--;
	KUNIT_EXPECT_EQ(test, fake->range[fake->nr].base, base);
	KUNIT_EXPECT_EQ(test, fake->range[fake->nr].size, size);
}

static int __init reserve_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct fake_memblock), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	kunit_activate_static_stub(test, cma_memblock_reserve, fake_reserve);
	kunit_activate_static_stub(test, cma_memblock_free, fake_free);
	return 0;
}

/* An area of three ranges:	AA..B..CCCC */
static const struct cma_plan three __initconst = {
	.nr_ranges = 3,
	.ranges = {
		{ 0, 2 * SZ_4M },
		{ 4 * SZ_4M, SZ_4M },
		{ 7 * SZ_4M, 4 * SZ_4M },
	},
};

static void __init all_ranges_of_an_area_are_reserved(struct kunit *test)
{
	struct fake_memblock *fake = test->priv;

	fake->room = 3;
	KUNIT_EXPECT_EQ(test, cma_boot_reserve(&three), CMA_BOOT_NONE);
	KUNIT_ASSERT_EQ(test, fake->nr, 3);
	KUNIT_EXPECT_MEMEQ(test, fake->range, three.ranges,
			   sizeof(three.ranges[0]) * 3);
}

static void __init if_one_range_is_not_reserved_none_is(struct kunit *test)
{
	struct fake_memblock *fake = test->priv;
	unsigned int room;

	for (room = 0; room < 3; room++) {
		fake->room = room;
		KUNIT_EXPECT_EQ(test, cma_boot_reserve(&three),
				CMA_BOOT_MEMBLOCK);
		KUNIT_EXPECT_EQ(test, fake->room, 0);
		KUNIT_EXPECT_EQ(test, fake->nr, 0);
	}
}

/**
 * cma_kunit_refuse_memblock() - have it said that memblock can't note an area
 *
 * Context: early boot, when areas can be declared.
 */
void __init cma_kunit_refuse_memblock(void)
{
	const struct cma_boot boot = {
		.name = "kunit-not-noted",
		.request = { .base = SZ_32M, .size = SZ_4M, .fixed = true },
		.plan.hole = { .start = SZ_32M, .end = SZ_64M, .fits = SZ_32M },
		.nid = NUMA_NO_NODE,
		.source = CMA_BOOT_FREE,
	};

	cma_boot_refuse(&boot, CMA_BOOT_MEMBLOCK);
}

static struct kunit_case __refdata cma_boot_reserve_cases[] = {
	KUNIT_CASE(all_ranges_of_an_area_are_reserved),
	KUNIT_CASE(if_one_range_is_not_reserved_none_is),
	{}
};

static struct kunit_suite __refdata cma_boot_reserve_suite = {
	.name = "cma_boot_reserve",
	.init = reserve_init,
	.test_cases = cma_boot_reserve_cases,
};

kunit_test_init_section_suites(&cma_boot_reserve_suite);
