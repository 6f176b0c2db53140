// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/init.c: what is there for initcalls of others, between those of areas.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/string.h>

#include "../area.h"
#include "../move_in.h"

/* What initcalls of this file have seen; they are among the first of their level. */
static bool allocated;
static unsigned int nr_active, nr_in_sysfs;

static int __init allocate(struct cma *cma, void *data)
{
	struct page *page;

	if (strcmp(cma_get_name(cma), "kunit0"))
		return 0;
	page = cma_alloc(cma, 1, 0, false);
	if (page)
		allocated = cma_release(cma, page, 1);
	return 1;
}

static int __init ask_for_memory(void)
{
	cma_for_each_area(allocate, NULL);
	return 0;
}
postcore_initcall(ask_for_memory);

static int __init count_files(struct cma *cma, void *data)
{
	if (cma_is_active(cma)) {
		nr_active++;
		nr_in_sysfs += !!cma->kobj;
	}
	return 0;
}

static int __init look_into_sysfs(void)
{
	cma_for_each_area(count_files, NULL);
	return 0;
}
fs_initcall(look_into_sysfs);

static void an_area_has_memory_for_initcalls_behind_those_of_the_core(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, allocated);
}

static void areas_are_in_sysfs_for_initcalls_behind_those_of_subsystems(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, nr_active, 0);
	if (!IS_ENABLED(CONFIG_CMA_SYSFS))
		kunit_skip(test, "no files in sysfs");
	KUNIT_EXPECT_EQ(test, nr_in_sysfs, nr_active);
}

static int expect_debugfs(struct cma *cma, void *data)
{
	struct kunit *test = data;
	struct dentry *top = debugfs_lookup("cma", NULL), *dir;

	KUNIT_ASSERT_NOT_NULL(test, top);
	if (cma_is_active(cma)) {
		dir = debugfs_lookup(cma_get_name(cma), top);
		KUNIT_EXPECT_NOT_NULL_MSG(test, dir, "%s", cma_get_name(cma));
		dput(dir);
	}
	dput(top);
	return 0;
}

static void areas_are_in_debugfs_when_all_initcalls_have_been_made(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_DEBUGFS) || !debugfs_initialized())
		kunit_skip(test, "no files in debugfs");
	KUNIT_EXPECT_EQ(test, cma_for_each_area(expect_debugfs, test), 0);
}

static void pages_of_each_zone_can_move_into_areas(struct kunit *test)
{
	struct cma_cursor *cursor, *last = NULL;
	struct zone *zone;

	for_each_populated_zone(zone) {
		cursor = cma_cursor_of(zone);
		KUNIT_EXPECT_NOT_NULL_MSG(test, cursor, "%s", zone->name);
		KUNIT_EXPECT_PTR_NE(test, cursor, last);
		last = cursor;
	}
}

static struct kunit_case cma_init_cases[] = {
	KUNIT_CASE(an_area_has_memory_for_initcalls_behind_those_of_the_core),
	KUNIT_CASE(areas_are_in_sysfs_for_initcalls_behind_those_of_subsystems),
	KUNIT_CASE(areas_are_in_debugfs_when_all_initcalls_have_been_made),
	KUNIT_CASE(pages_of_each_zone_can_move_into_areas),
	{}
};

static struct kunit_suite cma_init_suite = {
	.name = "cma_init",
	.test_cases = cma_init_cases,
};

kunit_test_suite(cma_init_suite);

MODULE_DESCRIPTION("Tests of what areas have while the kernel boots");
MODULE_LICENSE("GPL");
