// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_slot.c: which areas get a slot. What they are called there is in
 * boot_declare_kunit.c, as it takes a declaration.
 */
#include <kunit/test.h>
#include <linux/cma.h>

#include "../area.h"
#include "../boot.h"

static void __init the_last_slot_is_kept_for_the_default_area(struct kunit *test)
{
	unsigned int last = MAX_CMA_AREAS - 1;

	KUNIT_EXPECT_FALSE(test, cma_boot_slot_is_left(last, false, false));
	KUNIT_EXPECT_TRUE(test, cma_boot_slot_is_left(last, true, false));
	KUNIT_EXPECT_TRUE(test, cma_boot_slot_is_left(last, false, true));
	KUNIT_EXPECT_FALSE(test, cma_boot_slot_is_left(MAX_CMA_AREAS, true, false));
	KUNIT_EXPECT_FALSE(test, cma_boot_slot_is_left(MAX_CMA_AREAS, false, true));
}

/* Boot has long been over: what is left is known. */
static void __init an_area_has_a_slot_exactly_while_one_is_left(struct kunit *test)
{
	struct cma_boot boot = { .name = "kunit-slot", .is_default = true };

	KUNIT_EXPECT_EQ(test, cma_boot_has_slot(&boot), cma_area_count < MAX_CMA_AREAS);
}

static struct kunit_case __refdata cma_boot_slot_cases[] = {
	KUNIT_CASE(the_last_slot_is_kept_for_the_default_area),
	KUNIT_CASE(an_area_has_a_slot_exactly_while_one_is_left),
	{}
};

static struct kunit_suite __refdata cma_boot_slot_suite = {
	.name = "cma_boot_slot",
	.test_cases = cma_boot_slot_cases,
};

kunit_test_init_section_suites(&cma_boot_slot_suite);
