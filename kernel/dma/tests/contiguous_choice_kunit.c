// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the choice of an area for a device: which areas, in which order, up
 * to which address.
 */
#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/sizes.h>

#include "scene.h"

#define UNKNOWN_NODE	(MAX_NUMNODES - 1)

static unsigned int rank(const struct dma_contiguous_areas *areas,
			 unsigned long count, phys_addr_t limit, gfp_t gfp,
			 struct dma_contiguous_candidate *list)
{
	const struct dma_contiguous_need need = { count, limit, gfp };

	return dma_contiguous_rank(areas, &need, list);
}

/* The order of areas */

static void own_area_is_the_only_candidate(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.own		= scene->kunit1,
		.node.numa	= scene->kunit0,
		.common		= scene->kunit0,
	};

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL, list), 1);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit1);
}

static void node_area_comes_before_the_default_area(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.node.pernuma	= scene->kunit1,
		.common		= scene->kunit0,
	};

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL, list), 2);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit1);
	KUNIT_EXPECT_PTR_EQ(test, list[1].area, scene->kunit0);
}

static void area_for_each_node_comes_before_that_for_one(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.node = { .numa = scene->kunit0, .pernuma = scene->kunit1 },
	};

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL, list), 2);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit1);
	KUNIT_EXPECT_PTR_EQ(test, list[1].area, scene->kunit0);
}

static void device_without_areas_has_no_candidate(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct dma_contiguous_areas areas = {};

	KUNIT_EXPECT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL, list), 0);
}

static void single_page_is_not_taken_from_shared_areas(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.node.numa	= scene->kunit1,
		.common		= scene->kunit0,
	};

	KUNIT_EXPECT_EQ(test, rank(&areas, 1, 0, GFP_KERNEL, list), 0);
	KUNIT_EXPECT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL, list), 2);
}

static void single_page_is_taken_from_own_area(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .own = scene->kunit0 };

	KUNIT_EXPECT_EQ(test, rank(&areas, 1, 0, GFP_KERNEL, list), 1);
}

/* Whether there is anything for it without sleeping is for the area to say. */
static void caller_that_cannot_sleep_has_the_same_candidates(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.own	= scene->kunit1,
		.common	= scene->kunit0,
	};

	KUNIT_EXPECT_EQ(test, rank(&areas, 2, 0, GFP_ATOMIC, list), 1);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit1);
	KUNIT_EXPECT_EQ(test, rank(&areas, 2, 0, GFP_NOWAIT, list), 1);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit1);
	areas.own = NULL;
	KUNIT_EXPECT_EQ(test, rank(&areas, 2, 0, GFP_ATOMIC, list), 1);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit0);
}

static void request_for_nothing_has_no_candidate(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .own = scene->kunit0 };

	KUNIT_EXPECT_EQ(test, rank(&areas, 0, 0, GFP_KERNEL, list), 0);
}

/*
 *	0       limit  |..kunit1..|
 */
static void node_area_above_the_limit_is_passed_over(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	phys_addr_t limit = cma_get_base(scene->kunit1) - 1;
	struct dma_contiguous_areas areas = {
		.node.numa	= scene->kunit1,
		.common		= scene->kunit0,
	};

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, limit, GFP_KERNEL, list), 1);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit0);
	KUNIT_ASSERT_EQ(test, rank(&areas, 2, limit + 1, GFP_KERNEL, list), 2);
	KUNIT_EXPECT_PTR_EQ(test, list[0].area, scene->kunit1);
}

static void default_area_above_the_limit_is_asked_to_say_so(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	phys_addr_t limit = cma_get_base(scene->kunit0) - 1;
	struct dma_contiguous_areas areas = { .common = scene->kunit0 };

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, limit, GFP_KERNEL, list), 1);
	KUNIT_EXPECT_EQ(test, list[0].limit, limit);
}

static void zone_of_a_request_limits_shared_areas(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	gfp_t gfp = GFP_KERNEL | __GFP_DMA32;
	struct dma_contiguous_areas areas = { .common = scene->kunit0 };

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, 0, gfp, list), 1);
	KUNIT_EXPECT_EQ(test, list[0].limit, dma_contiguous_zone_limit(gfp));
	KUNIT_ASSERT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL, list), 1);
	KUNIT_EXPECT_EQ(test, list[0].limit, 0);
}

static void zone_of_a_request_does_not_limit_own_area(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .own = scene->kunit0 };

	KUNIT_ASSERT_EQ(test, rank(&areas, 2, 0, GFP_KERNEL | __GFP_DMA, list),
			1);
	KUNIT_EXPECT_EQ(test, list[0].limit, 0);
	KUNIT_ASSERT_EQ(test,
			rank(&areas, 2, SZ_1G, GFP_KERNEL | __GFP_DMA, list),
			1);
	KUNIT_EXPECT_EQ(test, list[0].limit, SZ_1G);
}

static void lower_one_of_mask_and_zone_is_the_limit(struct kunit *test)
{
	struct dma_contiguous_candidate list[DMA_CONTIGUOUS_CANDIDATES];
	gfp_t gfp = GFP_KERNEL | __GFP_DMA32;
	phys_addr_t zone = dma_contiguous_zone_limit(gfp);
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .common = scene->kunit0 };

	if (!IS_ENABLED(CONFIG_ZONE_DMA32))
		kunit_skip(test, "no such zone");
	rank(&areas, 2, zone - SZ_1M, gfp, list);
	KUNIT_EXPECT_EQ(test, list[0].limit, zone - SZ_1M);
	rank(&areas, 2, zone + SZ_1M, gfp, list);
	KUNIT_EXPECT_EQ(test, list[0].limit, zone);
}

/* How far a device reaches */

#ifdef CONFIG_IOMMU_DMA
static bool put_behind_iommu(struct device *dev)
{
	dev->dma_iommu = true;
	return true;
}
#else
static bool put_behind_iommu(struct device *dev)
{
	return false;
}
#endif

static void mask_of_a_device_is_its_limit(struct kunit *test)
{
	struct scene *scene = test->priv;

	scene->dev.coherent_dma_mask = DMA_BIT_MASK(28);
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(&scene->dev),
			DMA_BIT_MASK(28));
}

static void limit_of_the_bus_counts_if_it_is_lower(struct kunit *test)
{
	struct scene *scene = test->priv;

	scene->dev.coherent_dma_mask = DMA_BIT_MASK(31);
	scene->dev.bus_dma_limit = DMA_BIT_MASK(30);
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(&scene->dev),
			DMA_BIT_MASK(30));
	scene->dev.bus_dma_limit = DMA_BIT_MASK(32);
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(&scene->dev),
			DMA_BIT_MASK(31));
}

static void device_without_a_mask_has_no_limit(struct kunit *test)
{
	struct scene *scene = test->priv;

	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(&scene->dev), 0);
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(NULL), 0);
}

static void device_behind_an_iommu_has_no_limit(struct kunit *test)
{
	struct scene *scene = test->priv;

	if (!put_behind_iommu(&scene->dev))
		kunit_skip(test, "needs CONFIG_IOMMU_DMA");
	scene->dev.coherent_dma_mask = DMA_BIT_MASK(28);
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(&scene->dev), 0);
}

/*
 *	bus	0xc0000000 |--------| 0xffffffff
 *	memory	         0 |--------| 0x3fffffff
 */
static void limit_is_translated_from_the_bus_to_memory(struct kunit *test)
{
	static const struct bus_dma_region map[] = {
		{ .cpu_start = 0, .dma_start = 0xc0000000, .size = SZ_1G },
		{}
	};
	struct scene *scene = test->priv;

	scene->dev.coherent_dma_mask = DMA_BIT_MASK(32);
	scene->dev.dma_range_map = map;
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(&scene->dev),
			SZ_1G - 1);
}

static void zones_end_where_the_page_allocator_ends_them(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dma_contiguous_zone_limit(GFP_KERNEL), 0);
	if (IS_ENABLED(CONFIG_ZONE_DMA))
		KUNIT_EXPECT_EQ(test, dma_contiguous_zone_limit(GFP_DMA),
				zone_dma_limit);
	if (IS_ENABLED(CONFIG_ZONE_DMA32))
		KUNIT_EXPECT_GE(test, dma_contiguous_zone_limit(GFP_DMA32),
				(phys_addr_t)DMA_BIT_MASK(32));
}

/* The areas of a device */

static void device_has_its_own_and_the_default_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas;

	scene->dev.cma_area = scene->kunit1;
	dma_contiguous_collect(&scene->dev, &areas);
	KUNIT_EXPECT_PTR_EQ(test, areas.own, scene->kunit1);
	KUNIT_EXPECT_NULL(test, areas.node.numa);
	KUNIT_EXPECT_NULL(test, areas.node.pernuma);
	KUNIT_EXPECT_PTR_EQ(test, areas.common, dma_contiguous_default_area);
}

static void device_has_the_areas_of_its_node(struct kunit *test)
{
	struct dma_contiguous_node *node = dma_contiguous_node(UNKNOWN_NODE);
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas;
	struct dma_contiguous_node saved;

	if (!node)
		kunit_skip(test, "needs CONFIG_DMA_NUMA_CMA");
	saved = *node;
	*node = (struct dma_contiguous_node) { scene->kunit0, scene->kunit1 };
	set_dev_node(&scene->dev, UNKNOWN_NODE);
	dma_contiguous_collect(&scene->dev, &areas);
	*node = saved;

	KUNIT_EXPECT_PTR_EQ(test, areas.node.numa, scene->kunit0);
	KUNIT_EXPECT_PTR_EQ(test, areas.node.pernuma, scene->kunit1);
	KUNIT_EXPECT_NULL(test, areas.own);
}

static void numbers_that_are_no_node_have_no_areas(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, dma_contiguous_node(NUMA_NO_NODE));
	KUNIT_EXPECT_NULL(test, dma_contiguous_node(MAX_NUMNODES));
}

static void default_area_serves_a_device_without_its_own(struct kunit *test)
{
	struct scene *scene = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, dev_get_cma_area(&scene->dev),
			    dma_contiguous_default_area);
	KUNIT_EXPECT_PTR_EQ(test, dev_get_cma_area(NULL),
			    dma_contiguous_default_area);
	scene->dev.cma_area = scene->kunit1;
	KUNIT_EXPECT_PTR_EQ(test, dev_get_cma_area(&scene->dev),
			    scene->kunit1);
}

static void request_that_can_be_served_elsewhere_does_not_wait_for_long(struct kunit *test)
{
	const unsigned long few = 1UL << PAGE_ALLOC_COSTLY_ORDER;
	struct scene *scene = test->priv;
	const struct dma_contiguous_areas own = { .own = scene->kunit1 };
	const struct dma_contiguous_areas shared = { .common = scene->kunit0 };

	KUNIT_EXPECT_EQ(test, dma_contiguous_patience(&own, 1), 0);
	KUNIT_EXPECT_LE(test, dma_contiguous_patience(&shared, few), 5);
	KUNIT_EXPECT_EQ(test, dma_contiguous_patience(&shared, few + 1), 100);
	KUNIT_EXPECT_EQ(test, dma_contiguous_patience(&shared, MAX_ORDER_NR_PAGES), 100);
}

static void request_that_only_areas_can_serve_is_not_hurried(struct kunit *test)
{
	struct scene *scene = test->priv;
	const struct dma_contiguous_areas areas = {
		.node.numa = scene->kunit1, .common = scene->kunit0,
	};

	KUNIT_EXPECT_EQ(test, dma_contiguous_patience(&areas, MAX_ORDER_NR_PAGES + 1), 0);
}

/*
 *	bus	0x0....... 0x08000000 .......
 *	memory	the second 128 MiB	the first
 */
static void device_reaches_as_far_as_the_highest_range_of_its_bus(struct kunit *test)
{
	static const struct bus_dma_region ranges[] = {
		{ .cpu_start = SZ_128M, .dma_start = 0, .size = SZ_128M },
		{ .cpu_start = 0, .dma_start = SZ_128M, .size = SZ_128M },
		{ }
	};
	struct scene *scene = test->priv;
	struct device *dev = &scene->dev;

	if (IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA))
		kunit_skip(test, "the architecture translates addresses itself");
	dev->dma_range_map = ranges;
	dev->coherent_dma_mask = DMA_BIT_MASK(32);
	dev->bus_dma_limit = SZ_256M - 1;
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(dev), SZ_256M - 1);
	/* It reaches half of the first range and nothing of the second. */
	dev->coherent_dma_mask = DMA_BIT_MASK(26);
	KUNIT_EXPECT_EQ(test, dma_contiguous_device_limit(dev), SZ_128M + SZ_64M - 1);
	dev->dma_range_map = NULL;
}

static struct kunit_case choice_cases[] = {
	KUNIT_CASE(own_area_is_the_only_candidate),
	KUNIT_CASE(node_area_comes_before_the_default_area),
	KUNIT_CASE(area_for_each_node_comes_before_that_for_one),
	KUNIT_CASE(device_without_areas_has_no_candidate),
	KUNIT_CASE(single_page_is_not_taken_from_shared_areas),
	KUNIT_CASE(single_page_is_taken_from_own_area),
	KUNIT_CASE(caller_that_cannot_sleep_has_the_same_candidates),
	KUNIT_CASE(request_for_nothing_has_no_candidate),
	KUNIT_CASE(node_area_above_the_limit_is_passed_over),
	KUNIT_CASE(default_area_above_the_limit_is_asked_to_say_so),
	KUNIT_CASE(zone_of_a_request_limits_shared_areas),
	KUNIT_CASE(zone_of_a_request_does_not_limit_own_area),
	KUNIT_CASE(lower_one_of_mask_and_zone_is_the_limit),
	KUNIT_CASE(mask_of_a_device_is_its_limit),
	KUNIT_CASE(limit_of_the_bus_counts_if_it_is_lower),
	KUNIT_CASE(device_without_a_mask_has_no_limit),
	KUNIT_CASE(device_behind_an_iommu_has_no_limit),
	KUNIT_CASE(limit_is_translated_from_the_bus_to_memory),
	KUNIT_CASE(zones_end_where_the_page_allocator_ends_them),
	KUNIT_CASE(device_has_its_own_and_the_default_area),
	KUNIT_CASE(device_has_the_areas_of_its_node),
	KUNIT_CASE(numbers_that_are_no_node_have_no_areas),
	KUNIT_CASE(default_area_serves_a_device_without_its_own),
	KUNIT_CASE(request_that_can_be_served_elsewhere_does_not_wait_for_long),
	KUNIT_CASE(request_that_only_areas_can_serve_is_not_hurried),
	KUNIT_CASE(device_reaches_as_far_as_the_highest_range_of_its_bus),
	{}
};

static struct kunit_suite choice_suite = {
	.name		= "dma_contiguous_choice",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= choice_cases,
};

kunit_test_suite(choice_suite);
