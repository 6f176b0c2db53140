// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the list of areas that were set aside for devices.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "scene.h"

/* How often an area is in the list. */
static unsigned int times_listed(const char *name)
{
	unsigned int i, times = 0;
	struct cma *cma;

	for (i = 0; (cma = dma_contiguous_get_area_by_idx(i)); i++)
		times += !strcmp(cma_get_name(cma), name);
	return times;
}

static void list_ends_before_there_can_be_no_more_areas(struct kunit *test)
{
	unsigned int nr = 0;

	while (nr <= MAX_CMA_AREAS && dma_contiguous_get_area_by_idx(nr))
		nr++;
	KUNIT_EXPECT_LE(test, nr, MAX_CMA_AREAS);
	KUNIT_EXPECT_NULL(test, dma_contiguous_get_area_by_idx(nr));
	KUNIT_EXPECT_NULL(test, dma_contiguous_get_area_by_idx(nr + 1));
	KUNIT_EXPECT_NULL(test, dma_contiguous_get_area_by_idx(UINT_MAX));
}

static void each_area_is_listed_once(struct kunit *test)
{
	struct cma *cma;
	unsigned int i;

	for (i = 0; (cma = dma_contiguous_get_area_by_idx(i)); i++)
		KUNIT_EXPECT_EQ_MSG(test, times_listed(cma_get_name(cma)), 1,
				    "%s", cma_get_name(cma));
}

static void default_area_is_listed(struct kunit *test)
{
	struct cma *cma = dev_get_cma_area(NULL);

	if (!cma)
		kunit_skip(test, "there is no default area");
	KUNIT_EXPECT_EQ(test, times_listed(cma_get_name(cma)), 1);
}

static void area_that_platform_code_declared_is_listed(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, times_listed("kunit-device"), 1);
}

/* Declared like those of hugetlb: one in pages, the other in larger units. */
static void area_that_somebody_declared_for_himself_is_not_listed(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, times_listed("kunit0"), 0);
	KUNIT_EXPECT_EQ(test, times_listed("kunit1"), 0);
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(list_ends_before_there_can_be_no_more_areas),
	KUNIT_CASE(each_area_is_listed_once),
	KUNIT_CASE(default_area_is_listed),
	KUNIT_CASE(area_that_platform_code_declared_is_listed),
	KUNIT_CASE(area_that_somebody_declared_for_himself_is_not_listed),
	{}
};

static struct kunit_suite list_suite = {
	.name		= "dma_contiguous_list",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= list_cases,
};

kunit_test_suite(list_suite);
