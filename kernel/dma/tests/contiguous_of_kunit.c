// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the areas that the devicetree describes: what becomes of a node, and
 * what a device gets that refers to it.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/of_reserved_mem.h>
#include <linux/sizes.h>

#include "scene.h"

static struct dma_contiguous_of_node good_node(void)
{
	return (struct dma_contiguous_of_node) {
		.base		= 4 * CMA_MIN_ALIGNMENT_BYTES,
		.size		= CMA_MIN_ALIGNMENT_BYTES,
		.reusable	= true,
	};
}

static void reusable_aligned_region_becomes_an_area(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_AREA);
	node.is_default = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_AREA);
}

static void region_that_is_not_reusable_is_left_to_others(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	node.reusable = false;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_OTHER);
	node.no_map = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_OTHER);
}

static void region_without_a_mapping_is_refused(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	node.no_map = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_NO_MAP);
}

/*
 *	pageblocks	|........|........|........|
 *	region		    |####|		misaligned base
 *			         |####|		misaligned size
 */
static void misaligned_region_is_refused(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	node.base += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_MISALIGNED);
	node = good_node();
	node.size -= PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_MISALIGNED);
}

static void command_line_overrules_the_default_node_only(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, true),
			DMA_CONTIGUOUS_OF_AREA);
	node.is_default = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, true),
			DMA_CONTIGUOUS_OF_OVERRULED);
}

static void device_gets_the_area_and_loses_it_again(struct kunit *test)
{
	struct reserved_mem rmem = { .name = "kunit-region" };
	struct scene *scene = test->priv;

	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_AREA, scene->kunit1);
	KUNIT_ASSERT_NOT_NULL(test, rmem.ops);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev), 0);
	KUNIT_EXPECT_PTR_EQ(test, scene->dev.cma_area, scene->kunit1);
	rmem.ops->device_release(&rmem, &scene->dev);
	KUNIT_EXPECT_NULL(test, scene->dev.cma_area);
}

static void device_of_a_refused_region_learns_so(struct kunit *test)
{
	struct reserved_mem rmem = {
		.name = "kunit-region", .base = SZ_64K, .size = SZ_1M,
	};
	struct scene *scene = test->priv;

	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_MISALIGNED, NULL);
	KUNIT_ASSERT_NOT_NULL(test, rmem.ops);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev),
			-EINVAL);
	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_FAILED, NULL);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev),
			-ENOMEM);
	KUNIT_EXPECT_NULL(test, scene->dev.cma_area);
}

static void device_of_an_overruled_default_uses_what_replaced_it(struct kunit *test)
{
	struct reserved_mem rmem = { .name = "kunit-region" };
	struct scene *scene = test->priv;

	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_OVERRULED, NULL);
	KUNIT_ASSERT_NOT_NULL(test, rmem.ops);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev), 0);
	KUNIT_EXPECT_NULL(test, scene->dev.cma_area);
	KUNIT_EXPECT_PTR_EQ(test, dev_get_cma_area(&scene->dev),
			    dma_contiguous_default_area);
}

static void region_of_others_is_not_touched(struct kunit *test)
{
	struct reserved_mem rmem = { .name = "kunit-region" };

	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_OTHER, NULL);
	KUNIT_EXPECT_NULL(test, rmem.ops);
	KUNIT_EXPECT_NULL(test, rmem.priv);
}

static struct kunit_case of_cases[] = {
	KUNIT_CASE(reusable_aligned_region_becomes_an_area),
	KUNIT_CASE(region_that_is_not_reusable_is_left_to_others),
	KUNIT_CASE(region_without_a_mapping_is_refused),
	KUNIT_CASE(misaligned_region_is_refused),
	KUNIT_CASE(command_line_overrules_the_default_node_only),
	KUNIT_CASE(device_gets_the_area_and_loses_it_again),
	KUNIT_CASE(device_of_a_refused_region_learns_so),
	KUNIT_CASE(device_of_an_overruled_default_uses_what_replaced_it),
	KUNIT_CASE(region_of_others_is_not_touched),
	{}
};

static struct kunit_suite of_suite = {
	.name		= "dma_contiguous_of",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= of_cases,
};

kunit_test_suite(of_suite);
