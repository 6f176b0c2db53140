// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of memory that devices get from real areas.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "reserve.h"
#include "scene.h"

#define QUIET		(GFP_KERNEL | __GFP_NOWARN)
/* Areas that are shared aren't asked for a single page, however large that is. */
#define SEVERAL_PAGES	(16 * PAGE_SIZE)

static bool is_in(struct cma *cma, struct page *page, size_t size)
{
	return cma_pages_valid(cma, page, PFN_UP(size));
}

static phys_addr_t middle_of(struct cma *cma)
{
	return cma_get_base(cma) + cma_get_size(cma) / 2;
}

static struct page *serve(const struct dma_contiguous_areas *areas, size_t size)
{
	const struct dma_contiguous_need need = {
		.count	= PFN_UP(size),
		.gfp	= QUIET,
	};

	return dma_contiguous_serve(areas, &need, "kunit-dma");
}

static void memory_comes_from_own_area_and_returns_to_it(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_contiguous(&scene->dev, SZ_1M, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, page, SZ_1M));
	KUNIT_EXPECT_FALSE(test, dma_contiguous_is_unused(scene->kunit0));
	dma_free_contiguous(&scene->dev, page, SZ_1M);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

static void request_beyond_own_area_is_not_served_elsewhere(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.own	= scene->kunit1,
		.common	= scene->kunit0,
	};
	size_t size = cma_get_size(scene->kunit1) + PAGE_SIZE;

	KUNIT_EXPECT_NULL(test, serve(&areas, size));
}

static void node_area_serves_while_it_can(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.node.numa	= scene->kunit1,
		.common		= scene->kunit0,
	};
	struct page *page = serve(&areas, SEVERAL_PAGES);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit1, page, SEVERAL_PAGES));
	dma_free_contiguous(NULL, page, SEVERAL_PAGES);
}

static void default_area_serves_when_the_node_area_cannot(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = {
		.node.numa	= scene->kunit1,
		.common		= scene->kunit0,
	};
	size_t size = cma_get_size(scene->kunit1) + PAGE_SIZE;
	struct page *page = serve(&areas, size);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, page, size));
	dma_free_contiguous(NULL, page, size);
}

static void memory_is_aligned_to_its_size_rounded_up(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .own = scene->kunit0 };
	struct page *first = serve(&areas, PAGE_SIZE);
	struct page *page = serve(&areas, 3 * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(page_to_pfn(page), 4));
	dma_free_contiguous(NULL, page, 3 * PAGE_SIZE);
	dma_free_contiguous(NULL, first, PAGE_SIZE);
}

/*
 *	kunit0	|#.......|...............|	a run of more than half of the
 *		 ^       ^			area that is aligned to its size
 *		 taken   largest alignment	would need the page that is taken
 */
static void alignment_ends_at_the_configured_order(struct kunit *test)
{
	size_t cap = PAGE_SIZE << CONFIG_CMA_ALIGNMENT;
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .own = scene->kunit0 };
	size_t size = cma_get_size(scene->kunit0) - cap;
	struct page *first, *page;

	if (size <= cma_get_size(scene->kunit0) / 2)
		kunit_skip(test, "needs a lower CONFIG_CMA_ALIGNMENT");
	first = cma_alloc(scene->kunit0, 1, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, first);
	page = serve(&areas, size);
	KUNIT_EXPECT_NOT_NULL(test, page);
	if (page) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(page_to_phys(page), cap));
		dma_free_contiguous(NULL, page, size);
	}
	dma_free_contiguous(NULL, first, PAGE_SIZE);
}

/*
 *	kunit0	|......reached......|......not reached......|
 *				    ^ mask
 */
static void memory_lies_below_the_mask(struct kunit *test)
{
	struct scene *scene = test->priv;
	phys_addr_t reach = middle_of(scene->kunit0);
	size_t half = cma_get_size(scene->kunit0) / 2;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	scene->dev.coherent_dma_mask = reach - 1;
	page = dma_alloc_contiguous(&scene->dev, half, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_LE(test, page_to_phys(page) + half, reach);
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, SEVERAL_PAGES,
						     QUIET));
	dma_free_contiguous(&scene->dev, page, half);
}

static void area_above_the_mask_serves_nothing(struct kunit *test)
{
	struct scene *scene = test->priv;

	scene->dev.cma_area = scene->kunit0;
	scene->dev.coherent_dma_mask = cma_get_base(scene->kunit0) - 1;
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, SEVERAL_PAGES,
						     QUIET));
	KUNIT_EXPECT_NULL(test, dma_alloc_from_contiguous(&scene->dev, 16, 4,
							  true));
}

static void default_area_outside_the_zone_serves_nothing(struct kunit *test)
{
	const struct dma_contiguous_need need = { 16, 0, QUIET | __GFP_DMA };
	struct scene *scene = test->priv;
	struct dma_contiguous_areas areas = { .common = scene->kunit0 };

	if (!IS_ENABLED(CONFIG_ZONE_DMA) ||
	    cma_get_base(scene->kunit0) <= zone_dma_limit)
		kunit_skip(test, "this kernel or machine has no lower zone");
	KUNIT_EXPECT_NULL(test, dma_contiguous_serve(&areas, &need, NULL));
}

/* Memory that was given back, and that nobody has asked for since. */
static void leave_ready(struct kunit *test, size_t size)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_contiguous(&scene->dev, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	dma_free_contiguous(&scene->dev, page, size);
}

static void caller_that_cannot_sleep_gets_what_was_given_back(struct kunit *test)
{
	struct scene *scene = test->priv;
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	struct page *page;

	leave_ready(test, SZ_4M);
	spin_lock_irqsave(&lock, flags);
	page = dma_alloc_contiguous(&scene->dev, SZ_4M,
				    GFP_ATOMIC | __GFP_NOWARN);
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, page, SZ_4M));

	spin_lock_irqsave(&lock, flags);
	dma_free_contiguous(&scene->dev, page, SZ_4M);
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

static void caller_that_cannot_sleep_gets_nothing_of_a_full_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	unsigned long count = cma_get_size(scene->kunit0) >> PAGE_SHIFT;
	struct page *page = cma_alloc(scene->kunit0, count, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	scene->dev.cma_area = scene->kunit0;
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, SEVERAL_PAGES,
						     GFP_ATOMIC | __GFP_NOWARN));
	cma_release(scene->kunit0, page, count);
}

/*
 *	kunit0	|......reached......|......not reached......|	all READY
 *				    ^ mask
 */
static void caller_that_cannot_sleep_gets_memory_below_its_mask(struct kunit *test)
{
	struct scene *scene = test->priv;
	phys_addr_t reach = middle_of(scene->kunit0);
	size_t half = cma_get_size(scene->kunit0) / 2;
	struct page *page;

	leave_ready(test, cma_get_size(scene->kunit0));
	scene->dev.coherent_dma_mask = reach - 1;
	page = dma_alloc_contiguous(&scene->dev, SZ_1M,
				    GFP_ATOMIC | __GFP_NOWARN);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_LE(test, page_to_phys(page) + SZ_1M, reach);
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, half,
						     GFP_ATOMIC |
						     __GFP_NOWARN));
	dma_free_contiguous(&scene->dev, page, SZ_1M);
}

/* A task that can't sleep can't map it. */
static void caller_that_cannot_sleep_gets_no_high_memory(struct kunit *test)
{
	struct cma *cma = dma_contiguous_default_area;
	struct scene *scene = test->priv;
	struct page *page;

	if (!cma || !PageHighMem(pfn_to_page(PHYS_PFN(cma_get_base(cma)))))
		kunit_skip(test, "the default area isn't in high memory");
	scene->dev.cma_area = cma;
	page = dma_alloc_contiguous(&scene->dev, SZ_1M, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(cma, page, SZ_1M));
	dma_free_contiguous(&scene->dev, page, SZ_1M);
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, SZ_1M,
						     GFP_ATOMIC | __GFP_NOWARN));
}

static void size_is_rounded_up_to_pages(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_contiguous(&scene->dev, PAGE_SIZE + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_EQ(test, page_count(page + 1), 1);
	dma_free_contiguous(&scene->dev, page, PAGE_SIZE + 1);
}

static void size_that_is_no_address_is_refused(struct kunit *test)
{
	struct scene *scene = test->priv;

	scene->dev.cma_area = scene->kunit0;
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, SIZE_MAX,
						     QUIET));
	KUNIT_EXPECT_NULL(test, dma_alloc_contiguous(&scene->dev, 0, QUIET));
}

/*
 *	kunit1	|###-|....|....		three pages of a unit of four
 */
static void part_of_a_unit_is_given_back_as_it_was_taken(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit1;
	page = dma_alloc_contiguous(&scene->dev, 3 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	dma_free_contiguous(&scene->dev, page, 3 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit1));
}

static void single_page_can_be_had_by_number(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_from_contiguous(&scene->dev, 1, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, page, PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test,
			  dma_release_from_contiguous(&scene->dev, page, 1));
}

static void coherent_memory_of_a_device_is_from_its_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct device *dev;
	dma_addr_t handle;
	phys_addr_t phys;
	void *cpu;

	dev = kunit_device_register(test, "kunit-coherent");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dev->cma_area = scene->kunit0;

	cpu = dma_alloc_coherent(dev, SZ_256K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	phys = dma_to_phys(dev, handle);
	KUNIT_EXPECT_GE(test, phys, cma_get_base(scene->kunit0));
	KUNIT_EXPECT_LE(test, phys + SZ_256K, cma_get_base(scene->kunit0) +
					      cma_get_size(scene->kunit0));
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_256K));
	dma_free_coherent(dev, SZ_256K, cpu, handle);
}

/* More than what pools for such callers have, or the page allocator. */
static void coherent_memory_can_be_had_without_sleeping(struct kunit *test)
{
	struct scene *scene = test->priv;
	static DEFINE_SPINLOCK(lock);
	struct device *dev;
	dma_addr_t handle;
	unsigned long flags;
	void *cpu;

	dev = kunit_device_register(test, "kunit-atomic");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	/* What isn't has to be mapped anew, which one can't do in this context. */
	arch_setup_dma_ops(dev, true);
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dev->cma_area = scene->kunit0;
	leave_ready(test, SZ_8M);

	spin_lock_irqsave(&lock, flags);
	cpu = dma_alloc_coherent(dev, SZ_8M, &handle,
				 GFP_ATOMIC | __GFP_NOWARN);
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_TRUE(test, is_in(scene->kunit0, virt_to_page(cpu), SZ_8M));
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_8M));
	memset(cpu, 0x5a, SZ_8M);

	/* The interface wants interrupts to be on here, but no more than that. */
	spin_lock(&lock);
	dma_free_coherent(dev, SZ_8M, cpu, handle);
	spin_unlock(&lock);

	cpu = dma_alloc_coherent(dev, SZ_8M, &handle,
				 GFP_ATOMIC | __GFP_NOWARN);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_8M));
	dma_free_coherent(dev, SZ_8M, cpu, handle);
}

/* Devices of platform code, declared while booting */

static struct device declared_device = { .init_name = "kunit-device" };
static struct device refused_device = { .init_name = "kunit-refused" };

static struct {
	int first, again, nobody, empty, contradictory;
} declared;

/**
 * dma_contiguous_kunit_reserve() - declare areas of devices like platform code
 *
 * Context: boot, while memblock owns the memory.
 */
void __init dma_contiguous_kunit_reserve(void)
{
	declared.first = dma_declare_contiguous(&declared_device, SZ_4M, 0, 0);
	declared.again = dma_declare_contiguous(&declared_device, SZ_4M, 0, 0);
	declared.nobody = dma_declare_contiguous(NULL, SZ_4M, 0, 0);
	declared.empty = dma_declare_contiguous(&refused_device, 0, 0, 0);
	declared.contradictory = dma_declare_contiguous(&refused_device, SZ_4M,
							SZ_512M, SZ_256M);
	/* As if the command line asked for some where no node is known yet */
	dma_contiguous_reserve_nodes(&NODE_MASK_NONE);
}

static void device_declared_by_platform_code_has_an_area(struct kunit *test)
{
	size_t size = 2 * PAGE_SIZE;
	struct page *page;

	KUNIT_ASSERT_EQ(test, declared.first, 0);
	KUNIT_ASSERT_NOT_NULL(test, declared_device.cma_area);
	KUNIT_EXPECT_STREQ(test, cma_get_name(declared_device.cma_area),
			   "kunit-device");
	KUNIT_EXPECT_PTR_NE(test, declared_device.cma_area,
			    dma_contiguous_default_area);

	page = dma_alloc_contiguous(&declared_device, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, is_in(declared_device.cma_area, page, size));
	dma_free_contiguous(&declared_device, page, size);
}

static void device_is_not_given_a_second_area(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, declared.again, -EBUSY);
}

static void declaration_that_makes_no_sense_leaves_no_area(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, declared.nobody, -EINVAL);
	KUNIT_EXPECT_EQ(test, declared.empty, -EINVAL);
	KUNIT_EXPECT_EQ(test, declared.contradictory, -EINVAL);
	KUNIT_EXPECT_NULL(test, refused_device.cma_area);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(memory_comes_from_own_area_and_returns_to_it),
	KUNIT_CASE(request_beyond_own_area_is_not_served_elsewhere),
	KUNIT_CASE(node_area_serves_while_it_can),
	KUNIT_CASE(default_area_serves_when_the_node_area_cannot),
	KUNIT_CASE(memory_is_aligned_to_its_size_rounded_up),
	KUNIT_CASE(alignment_ends_at_the_configured_order),
	KUNIT_CASE(memory_lies_below_the_mask),
	KUNIT_CASE(area_above_the_mask_serves_nothing),
	KUNIT_CASE(default_area_outside_the_zone_serves_nothing),
	KUNIT_CASE(caller_that_cannot_sleep_gets_what_was_given_back),
	KUNIT_CASE(caller_that_cannot_sleep_gets_nothing_of_a_full_area),
	KUNIT_CASE(caller_that_cannot_sleep_gets_memory_below_its_mask),
	KUNIT_CASE(caller_that_cannot_sleep_gets_no_high_memory),
	KUNIT_CASE(size_is_rounded_up_to_pages),
	KUNIT_CASE(size_that_is_no_address_is_refused),
	KUNIT_CASE(part_of_a_unit_is_given_back_as_it_was_taken),
	KUNIT_CASE(single_page_can_be_had_by_number),
	KUNIT_CASE(coherent_memory_of_a_device_is_from_its_area),
	KUNIT_CASE(coherent_memory_can_be_had_without_sleeping),
	KUNIT_CASE(device_declared_by_platform_code_has_an_area),
	KUNIT_CASE(device_is_not_given_a_second_area),
	KUNIT_CASE(declaration_that_makes_no_sense_leaves_no_area),
	{}
};

static struct kunit_suite memory_suite = {
	.name		= "dma_contiguous",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= memory_cases,
};

kunit_test_suite(memory_suite);
