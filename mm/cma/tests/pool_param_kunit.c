// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what cma_ready= on the command line says to an area, in mm/cma/pool_param.c.
 */
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/pfn.h>
#include <linux/sizes.h>

#include "../area.h"

/* An area of 64 MiB that is called "video", and never gets any memory. */
static int __init make_video(struct kunit *test)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma->nr_pages = PHYS_PFN(SZ_64M);
	strscpy(cma->name, "video");
	test->priv = cma;
	return 0;
}

/* The area is spoken to, with these limits. */
static void __init expect_limits(struct kunit *test, const char *arg, u64 least,
				 u64 most)
{
	u64 got_least = 1, got_most = 1;

	KUNIT_EXPECT_TRUE_MSG(test, cma_ready_parse(arg, test->priv, &got_least,
						    &got_most), "%s", arg);
	KUNIT_EXPECT_EQ_MSG(test, got_least, least, "%s", arg);
	KUNIT_EXPECT_EQ_MSG(test, got_most, most, "%s", arg);
}

static void __init expect_ignored(struct kunit *test, const char *arg)
{
	u64 least, most;

	KUNIT_EXPECT_FALSE_MSG(test, cma_ready_parse(arg, test->priv, &least,
						     &most), "%s", arg);
}

static void __init one_size_is_the_floor(struct kunit *test)
{
	expect_limits(test, "16M", SZ_16M, SZ_64M);
	expect_limits(test, "4096K", SZ_4M, SZ_64M);
	expect_limits(test, "0", 0, SZ_64M);
}

static void __init two_sizes_are_floor_and_ceiling(struct kunit *test)
{
	expect_limits(test, "16M-32M", SZ_16M, SZ_32M);
	expect_limits(test, "0-8M", 0, SZ_8M);
	expect_limits(test, "0-0", 0, 0);
	expect_limits(test, "8M-8M", SZ_8M, SZ_8M);
}

static void __init an_entry_can_be_for_one_area(struct kunit *test)
{
	expect_limits(test, "16M@video", SZ_16M, SZ_64M);
	expect_limits(test, "16M-32M@video", SZ_16M, SZ_32M);
	expect_ignored(test, "16M@audio");
	expect_ignored(test, "16M-32M@vid");
	expect_ignored(test, "16M-32M@video2");
	expect_ignored(test, "16M@");
}

/* What is too much for this area is cut off, with a message, by the caller. */
static void __init a_floor_above_the_size_is_understood(struct kunit *test)
{
	expect_limits(test, "1G", SZ_1G, SZ_1G);
	expect_limits(test, "1G@video", SZ_1G, SZ_1G);
	expect_limits(test, "1G-2G", SZ_1G, SZ_2G);
	expect_ignored(test, "1G@audio");
}

static void __init what_makes_no_sense_is_ignored(struct kunit *test)
{
	expect_ignored(test, "");
	expect_ignored(test, "some");
	expect_ignored(test, "@video");
	expect_ignored(test, "-8M");
	expect_ignored(test, "8M-");
	expect_ignored(test, "8M-@video");
	expect_ignored(test, "16M-8M");
	expect_ignored(test, "16M,32M");
	expect_ignored(test, "16M-32M-64M");
}

static void __init the_last_entry_that_is_for_an_area_counts(struct kunit *test)
{
	char all[] = "8M", own[] = "4M-16M@video", other[] = "2M@audio";
	char * const args[] = { own, all, own, other };
	u64 least, most;

	KUNIT_EXPECT_STREQ(test, cma_ready_choose(args, 4, test->priv, &least,
						  &most), own);
	KUNIT_EXPECT_EQ(test, least, SZ_4M);
	KUNIT_EXPECT_EQ(test, most, SZ_16M);
	KUNIT_EXPECT_STREQ(test, cma_ready_choose(args, 2, test->priv, &least,
						  &most), all);
	KUNIT_EXPECT_EQ(test, least, SZ_8M);
	KUNIT_EXPECT_EQ(test, most, SZ_64M);
}

static void __init no_entry_for_another_area_is_chosen(struct kunit *test)
{
	char other[] = "2M@audio";
	char * const args[] = { other };
	u64 least, most;

	KUNIT_EXPECT_NULL(test, cma_ready_choose(args, 1, test->priv, &least,
						 &most));
	KUNIT_EXPECT_NULL(test, cma_ready_choose(args, 0, test->priv, &least,
						 &most));
}

static struct kunit_case __refdata cma_pool_param_cases[] = {
	KUNIT_CASE(one_size_is_the_floor),
	KUNIT_CASE(two_sizes_are_floor_and_ceiling),
	KUNIT_CASE(an_entry_can_be_for_one_area),
	KUNIT_CASE(a_floor_above_the_size_is_understood),
	KUNIT_CASE(what_makes_no_sense_is_ignored),
	KUNIT_CASE(the_last_entry_that_is_for_an_area_counts),
	KUNIT_CASE(no_entry_for_another_area_is_chosen),
	{}
};

static struct kunit_suite __refdata cma_pool_param_suite = {
	.name = "cma_pool_param",
	.init = make_video,
	.test_cases = cma_pool_param_cases,
};

kunit_test_init_section_suites(&cma_pool_param_suite);

MODULE_DESCRIPTION("Tests of cma_ready= on the command line");
MODULE_LICENSE("GPL");
