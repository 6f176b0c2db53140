// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what becomes of memory that devices give back, rightly or wrongly.
 * What an area refuses is still allocated afterwards, with all its references.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "scene.h"

/* With a reference of its own, a page that was freed can still be looked at. */
static void page_of_no_area_goes_to_the_page_allocator(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page);
	scene->dev.cma_area = scene->kunit0;
	dma_free_contiguous(&scene->dev, page, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

static void pages_of_no_area_are_not_released_to_one(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	KUNIT_ASSERT_NOT_NULL(test, page);
	scene->dev.cma_area = scene->kunit0;
	KUNIT_EXPECT_FALSE(test,
			   dma_release_from_contiguous(&scene->dev, page, 4));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_NULL(test, dma_contiguous_area_of(page, 4));
	dma_free_contiguous(&scene->dev, page, 4 * PAGE_SIZE);
}

/* Takes four pages of kunit0 for the device. */
static struct page *take_four(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_contiguous(&scene->dev, 4 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

static void expect_four(struct kunit *test, struct page *page)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, page_count(page + i), 1);
}

/*
 *	kunit0	|####....
 *		 ^^		given back, then the other half
 */
static void parts_of_a_run_come_back_one_by_one(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = take_four(test);

	dma_free_contiguous(&scene->dev, page, 2 * PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, dma_contiguous_is_unused(scene->kunit0));
	KUNIT_EXPECT_EQ(test, page_count(page + 2), 1);
	KUNIT_EXPECT_TRUE(test, dma_release_from_contiguous(&scene->dev,
							    page + 2, 2));
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

/*
 *	kunit0	|####....
 *		 ^^^^^^^^	given back
 */
static void more_than_a_run_is_refused_and_stays_allocated(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = take_four(test);

	dma_free_contiguous(&scene->dev, page, 8 * PAGE_SIZE);
	expect_four(test, page);
	KUNIT_EXPECT_FALSE(test, dma_contiguous_is_unused(scene->kunit0));
	dma_free_contiguous(&scene->dev, page, 4 * PAGE_SIZE);
}

/*
 *	kunit0	|....####|		one page more than there is
 *		     ^^^^^
 */
static void run_beyond_the_end_of_an_area_is_refused(struct kunit *test)
{
	struct scene *scene = test->priv;
	unsigned long count = cma_get_size(scene->kunit0) >> PAGE_SHIFT;
	struct page *page = cma_alloc(scene->kunit0, count, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	dma_free_contiguous(&scene->dev, page + count - 4, 5 * PAGE_SIZE);
	expect_four(test, page + count - 4);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->kunit0, page, count));
}

/* The last page before an area, unless another area has it. */
static struct page *page_before(struct cma *cma)
{
	unsigned long pfn = PHYS_PFN(cma_get_base(cma)) - 1;
	struct page *page = pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;

	return page && !dma_contiguous_area_of(page, 1) ? page : NULL;
}

/*
 *	   |........|
 *	  ^^		only the second page is the area's
 */
static void run_that_reaches_into_an_area_belongs_to_it(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct cma *cma = scene->kunit0;
	struct page *page = page_before(cma);

	if (!page) {
		cma = scene->kunit1;
		page = page_before(cma);
	}
	if (!page)
		kunit_skip(test, "other areas lie before both");
	KUNIT_EXPECT_PTR_EQ(test, dma_contiguous_area_of(page, 2), cma);
	KUNIT_EXPECT_PTR_EQ(test, dma_contiguous_area_of(page + 1, 1), cma);
}

/* The page allocator has all of an area that could not be activated. */
static int expect_no_area(struct cma *cma, void *data)
{
	struct page *page = pfn_to_page(PHYS_PFN(cma_get_base(cma)));
	struct kunit *test = data;

	if (strcmp(cma_get_name(cma), "kunit-given-up"))
		return 0;
	KUNIT_EXPECT_NULL(test, dma_contiguous_area_of(page, 1));
	return 1;
}

static void pages_of_an_area_that_failed_belong_to_none(struct kunit *test)
{
	if (!cma_for_each_area(expect_no_area, test))
		kunit_skip(test, "no area has failed");
}

static void second_release_is_refused(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = take_four(test);

	dma_free_contiguous(&scene->dev, page, 4 * PAGE_SIZE);
	dma_free_contiguous(&scene->dev, page, 4 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

/* There is room for the second one in one place only: between the two parts of the first. */
static void runs_that_touch_come_back_in_one_call(struct kunit *test)
{
	struct scene *scene = test->priv;
	unsigned long all = cma_get_size(scene->kunit0) / PAGE_SIZE;
	struct page *page;

	scene->dev.cma_area = scene->kunit0;
	page = dma_alloc_from_contiguous(&scene->dev, all, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, dma_release_from_contiguous(&scene->dev, page + 4, 4));
	KUNIT_EXPECT_PTR_EQ(test, dma_alloc_from_contiguous(&scene->dev, 4, 0, false), page + 4);
	KUNIT_EXPECT_TRUE(test, dma_release_from_contiguous(&scene->dev, page + 6, 8));
	KUNIT_EXPECT_TRUE(test, dma_release_from_contiguous(&scene->dev, page, 6));
	KUNIT_EXPECT_TRUE(test, dma_release_from_contiguous(&scene->dev, page + 14, all - 14));
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

static void pages_go_home_when_a_device_has_another_area_by_now(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = take_four(test);

	scene->dev.cma_area = scene->kunit1;
	KUNIT_EXPECT_TRUE(test,
			  dma_release_from_contiguous(&scene->dev, page, 4));
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit1));
}

static void memory_finds_home_after_a_device_lost_its_area(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = take_four(test);

	scene->dev.cma_area = NULL;
	dma_free_contiguous(&scene->dev, page, 4 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

static void wrong_number_of_pages_is_dealt_with_but_not_freed(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct page *page = take_four(test);

	KUNIT_EXPECT_TRUE(test,
			  dma_release_from_contiguous(&scene->dev, page, 5));
	expect_four(test, page);
	KUNIT_EXPECT_FALSE(test,
			   dma_release_from_contiguous(&scene->dev, page, 0));
	KUNIT_EXPECT_FALSE(test,
			   dma_release_from_contiguous(&scene->dev, page, -4));
	expect_four(test, page);
	KUNIT_EXPECT_TRUE(test,
			  dma_release_from_contiguous(&scene->dev, page, 4));
}

static struct kunit_case release_cases[] = {
	KUNIT_CASE(page_of_no_area_goes_to_the_page_allocator),
	KUNIT_CASE(pages_of_no_area_are_not_released_to_one),
	KUNIT_CASE(parts_of_a_run_come_back_one_by_one),
	KUNIT_CASE(more_than_a_run_is_refused_and_stays_allocated),
	KUNIT_CASE(run_beyond_the_end_of_an_area_is_refused),
	KUNIT_CASE(run_that_reaches_into_an_area_belongs_to_it),
	KUNIT_CASE(pages_of_an_area_that_failed_belong_to_none),
	KUNIT_CASE(second_release_is_refused),
	KUNIT_CASE(runs_that_touch_come_back_in_one_call),
	KUNIT_CASE(pages_go_home_when_a_device_has_another_area_by_now),
	KUNIT_CASE(memory_finds_home_after_a_device_lost_its_area),
	KUNIT_CASE(wrong_number_of_pages_is_dealt_with_but_not_freed),
	{}
};

static struct kunit_suite release_suite = {
	.name		= "dma_contiguous_release",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= release_cases,
};

kunit_test_suite(release_suite);
