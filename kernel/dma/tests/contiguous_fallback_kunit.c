// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what areas and the page allocator leave to each other. The lines that
 * go with them are in tools/testing/cma/cases/fallback.cases.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/cma.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../../../mm/cma/area.h"
#include "scene.h"

#define ATOMIC		(GFP_ATOMIC | __GFP_NOWARN)
#define SMALL		(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)

static bool is_in(struct cma *cma, struct page *page, size_t size)
{
	return cma_pages_valid(cma, page, PFN_UP(size));
}

/* Have the scene's device share an area, as if that were the default one. */
static struct cma *share(struct cma *cma)
{
	struct cma *saved = dma_contiguous_default_area;

	dma_contiguous_default_area = cma;
	return saved;
}

static void small_request_that_cannot_sleep_spares_the_shared_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct cma *saved = share(scene->kunit0);
	struct page *page = dma_alloc_contiguous(&scene->dev, SMALL, ATOMIC);

	KUNIT_EXPECT_NOT_NULL(test, page);
	if (page) {
		KUNIT_EXPECT_FALSE(test, is_in(scene->kunit0, page, SMALL));
		dma_free_contiguous(&scene->dev, page, SMALL);
	}
	share(saved);
}

static void small_request_that_can_sleep_is_served_by_the_shared_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct cma *saved = share(scene->kunit0);
	struct page *page = dma_alloc_contiguous(&scene->dev, SMALL,
						 GFP_KERNEL | __GFP_NOWARN);

	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, page, SMALL));
	if (page)
		dma_free_contiguous(&scene->dev, page, SMALL);
	share(saved);
}

static void small_request_that_cannot_sleep_is_served_by_own_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_contiguous(&scene->dev, SMALL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	dma_free_contiguous(&scene->dev, page, SMALL);

	page = dma_alloc_contiguous(&scene->dev, SMALL, ATOMIC);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, page, SMALL));
	dma_free_contiguous(&scene->dev, page, SMALL);
}

/*
 *	memory	|......reached......|......not reached......|
 *				    ^ mask: what is free is likely above it
 */
static void small_request_that_cannot_sleep_keeps_to_its_mask(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct cma *saved = share(scene->kunit0);
	phys_addr_t limit = cma_get_base(scene->kunit0) +
			    cma_get_size(scene->kunit0) - 1;
	struct page *page;

	scene->dev.coherent_dma_mask = limit;
	page = dma_alloc_contiguous(&scene->dev, SMALL, ATOMIC);
	if (page) {
		KUNIT_EXPECT_LE(test, page_to_phys(page) + SMALL - 1, limit);
		dma_free_contiguous(&scene->dev, page, SMALL);
	}
	share(saved);
}

static struct device *coherent_device(struct kunit *test, const char *name)
{
	struct device *dev = kunit_device_register(test, name);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	arch_setup_dma_ops(dev, true);
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	return dev;
}

/* If the page allocator were asked, it would warn, and this boot would have failed. */
static void request_that_nobody_can_meet_ends_without_a_warning(struct kunit *test)
{
	struct device *dev = coherent_device(test, "kunit-huge");
	dma_addr_t handle;

	KUNIT_EXPECT_NULL(test, dma_alloc_coherent(dev, SZ_1G, &handle,
						   GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, dma_alloc_pages(dev, SZ_1G, &handle,
						DMA_BIDIRECTIONAL, GFP_KERNEL));
}

static void request_that_own_area_cannot_meet_ends_without_a_warning(struct kunit *test)
{
	struct device *dev = coherent_device(test, "kunit-too-big");
	struct scene *scene = test->priv;
	/* With pages of 64 KiB the area has a GiB itself. */
	size_t size = max_t(size_t, SZ_1G, 2 * cma_get_size(scene->kunit0));
	dma_addr_t handle;

	dev->cma_area = scene->kunit0;
	KUNIT_EXPECT_NULL(test, dma_alloc_coherent(dev, size, &handle, GFP_KERNEL));
}

static void full_area_leaves_requests_to_the_page_allocator(struct kunit *test)
{
	struct device *dev = coherent_device(test, "kunit-fallback");
	struct scene *scene = test->priv;
	unsigned long count = cma_get_size(scene->kunit0) >> PAGE_SHIFT;
	struct page *all = cma_alloc(scene->kunit0, count, 0, false);
	dma_addr_t handle;
	unsigned int i;
	void *cpu;

	KUNIT_ASSERT_NOT_NULL(test, all);
	dev->cma_area = scene->kunit0;
	/* Each of them is a fallback, and the log has one line. */
	for (i = 0; i < 3; i++) {
		cpu = dma_alloc_coherent(dev, SMALL, &handle, GFP_KERNEL);
		KUNIT_EXPECT_NOT_NULL(test, cpu);
		if (cpu)
			dma_free_coherent(dev, SMALL, cpu, handle);
	}
	cma_release(scene->kunit0, all, count);
}

/* Twice, and the log has one line. */
static void area_above_the_mask_leaves_requests_to_the_page_allocator(struct kunit *test)
{
	struct device *dev = coherent_device(test, "kunit-reach");
	struct scene *scene = test->priv;

	dev->cma_area = scene->kunit0;
	dev->coherent_dma_mask = cma_get_base(scene->kunit0) - 1;
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(dev, SMALL, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(dev, SMALL, GFP_KERNEL));
}

static void request_for_an_area_alone_has_nothing_to_turn_to(struct kunit *test)
{
	struct device *dev = coherent_device(test, "kunit-explicit");
	struct scene *scene = test->priv;
	unsigned long count = cma_get_size(scene->kunit0) >> PAGE_SHIFT;
	struct page *all = cma_alloc(scene->kunit0, count, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, all);
	dev->cma_area = scene->kunit0;
	KUNIT_EXPECT_NULL(test, dma_alloc_from_contiguous(dev, 1, 0, false));
	cma_release(scene->kunit0, all, count);
}

/* What the page allocator is asked for, and doesn't have. */
static struct page *no_pages(struct device *dev,
			     const struct dma_contiguous_need *need)
{
	struct kunit *test = kunit_get_current_test();

	KUNIT_EXPECT_TRUE(test, need->gfp & __GFP_NORETRY);
	return NULL;
}

static u64 requests_of(struct cma *cma, enum cma_reason reason)
{
	return atomic64_read(&cma->stats.reasons[reason]);
}

/*
 *	kunit0	|########|	and nothing in one piece elsewhere
 */
static void large_request_is_tried_in_earnest_where_there_is_no_fallback(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct cma *cma = scene->kunit0, *saved = share(cma);
	unsigned long count = cma_get_size(cma) >> PAGE_SHIFT;
	struct page *all = cma_alloc(cma, count, 0, false);
	u64 fallbacks = atomic64_read(&cma->stats.fallbacks);
	u64 full = requests_of(cma, CMA_REASON_FULL);

	KUNIT_ASSERT_NOT_NULL(test, all);
	kunit_activate_static_stub(test, dma_contiguous_try_pages, no_pages);
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, 4 * SMALL,
						     GFP_KERNEL | __GFP_NOWARN));
	/* Once soon, and once as a failure. */
	KUNIT_EXPECT_EQ(test, requests_of(cma, CMA_REASON_FULL), full + 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&cma->stats.fallbacks),
			fallbacks + 1);
	/* What is small, or isn't tried again, is left to the page allocator. */
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, SMALL,
						     GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, 4 * SMALL,
						     GFP_KERNEL | __GFP_NOWARN |
						     __GFP_NORETRY));
	KUNIT_EXPECT_EQ(test, requests_of(cma, CMA_REASON_FULL), full + 4);
	kunit_deactivate_static_stub(test, dma_contiguous_try_pages);
	cma_release(cma, all, count);
	share(saved);
}

static struct page *pages_that_nobody_asks_for(struct device *dev,
					       const struct dma_contiguous_need *need)
{
	struct kunit *test = kunit_get_current_test();

	KUNIT_FAIL(test, "the page allocator was asked for %lu pages", need->count);
	return NULL;
}

/*
 *	memory	|......reached......|kunit0, of the device's node|
 *
 * The caller asks the page allocator then, and nothing has failed.
 */
static void large_request_is_not_repeated_where_all_areas_are_too_high(struct kunit *test)
{
	struct dma_contiguous_node *node = dma_contiguous_node(0), saved_node;
	struct device *dev = coherent_device(test, "kunit-high");
	struct scene *scene = test->priv;
	struct cma *saved = share(NULL);

	dev->coherent_dma_mask = cma_get_base(scene->kunit0) - 1;
	if (node) {
		saved_node = *node;
		*node = (struct dma_contiguous_node) { .numa = scene->kunit0 };
	}
	set_dev_node(dev, 0);
	kunit_activate_static_stub(test, dma_contiguous_try_pages,
				   pages_that_nobody_asks_for);
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(dev, 4 * SMALL, GFP_KERNEL));
	kunit_deactivate_static_stub(test, dma_contiguous_try_pages);
	if (node)
		*node = saved_node;
	share(saved);
	if (!node)
		kunit_skip(test, "needs CONFIG_DMA_NUMA_CMA");
}

static struct kunit_case fallback_cases[] = {
	KUNIT_CASE(small_request_that_cannot_sleep_spares_the_shared_area),
	KUNIT_CASE(small_request_that_can_sleep_is_served_by_the_shared_area),
	KUNIT_CASE(small_request_that_cannot_sleep_is_served_by_own_area),
	KUNIT_CASE(small_request_that_cannot_sleep_keeps_to_its_mask),
	KUNIT_CASE(request_that_nobody_can_meet_ends_without_a_warning),
	KUNIT_CASE(request_that_own_area_cannot_meet_ends_without_a_warning),
	KUNIT_CASE(full_area_leaves_requests_to_the_page_allocator),
	KUNIT_CASE(area_above_the_mask_leaves_requests_to_the_page_allocator),
	KUNIT_CASE(request_for_an_area_alone_has_nothing_to_turn_to),
	KUNIT_CASE(large_request_is_tried_in_earnest_where_there_is_no_fallback),
	KUNIT_CASE(large_request_is_not_repeated_where_all_areas_are_too_high),
	{}
};

static struct kunit_suite fallback_suite = {
	.name		= "dma_contiguous_fallback",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= fallback_cases,
};

kunit_test_suite(fallback_suite);
