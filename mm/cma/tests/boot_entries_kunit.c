// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_entries.c: options that are for all areas, or for one. What is
 * said of those that aren't understood is in tools/testing/cma/cases.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../boot_entries.h"
#include "real.h"

/* A digit is a value. */
static const char *value_end(const char *arg)
{
	return *arg >= '0' && *arg <= '9' && (!arg[1] || arg[1] == '@') ? arg + 1 : NULL;
}

static struct cma_entries *make_entries(struct kunit *test)
{
	struct cma_entries *entries = kunit_kzalloc(test, sizeof(*entries), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, entries);
	entries->option = "cma_kunit";
	entries->expected = "a digit expected";
	entries->value_end = value_end;
	return entries;
}

static void __init entries_are_kept_in_their_order(struct kunit *test)
{
	struct cma_entries *entries = make_entries(test);

	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, "1"), 0);
	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, "2@kunit0"), 0);
	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, "1"), 0);
	KUNIT_ASSERT_EQ(test, entries->nr, 3);
	KUNIT_EXPECT_STREQ(test, entries->args[0], "1");
	KUNIT_EXPECT_STREQ(test, entries->args[1], "2@kunit0");
	KUNIT_EXPECT_STREQ(test, entries->args[2], "1");
}

/* Boot goes on, whatever is given. */
static void __init what_is_not_understood_is_left_out(struct kunit *test)
{
	struct cma_entries *entries = make_entries(test);

	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, NULL), 0);
	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, ""), 0);
	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, "ten"), 0);
	KUNIT_EXPECT_EQ(test, cma_entries_add(entries, "1,2"), 0);
	KUNIT_EXPECT_EQ(test, entries->nr, 0);
}

static void __init more_entries_than_areas_are_left_out(struct kunit *test)
{
	struct cma_entries *entries = make_entries(test);
	unsigned int i;

	for (i = 0; i < MAX_CMA_AREAS + 2; i++)
		KUNIT_EXPECT_EQ(test, cma_entries_add(entries, "1"), 0);
	KUNIT_EXPECT_EQ(test, entries->nr, MAX_CMA_AREAS);
}

static void __init an_entry_is_for_all_areas_or_for_the_one_it_names(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	KUNIT_EXPECT_TRUE(test, cma_entry_is_for("", cma));
	KUNIT_EXPECT_TRUE(test, cma_entry_is_for("@kunit0", cma));
	KUNIT_EXPECT_FALSE(test, cma_entry_is_for("@kunit", cma));
	KUNIT_EXPECT_FALSE(test, cma_entry_is_for("@kunit00", cma));
	KUNIT_EXPECT_FALSE(test, cma_entry_is_for("@", cma));
	KUNIT_EXPECT_FALSE(test, cma_entry_is_for(NULL, cma));
}

static struct kunit_case __refdata cma_boot_entries_cases[] = {
	KUNIT_CASE(entries_are_kept_in_their_order),
	KUNIT_CASE(what_is_not_understood_is_left_out),
	KUNIT_CASE(more_entries_than_areas_are_left_out),
	KUNIT_CASE(an_entry_is_for_all_areas_or_for_the_one_it_names),
	{}
};

static struct kunit_suite __refdata cma_boot_entries_suite = {
	.name = "cma_boot_entries",
	.test_cases = cma_boot_entries_cases,
};

kunit_test_init_section_suites(&cma_boot_entries_suite);
