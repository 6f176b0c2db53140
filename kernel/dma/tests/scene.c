// SPDX-License-Identifier: GPL-2.0
/*
 * A device and two real areas, for the tests of contiguous memory.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "scene.h"

static int scene_note_area(struct cma *cma, void *data)
{
	struct scene *scene = data;

	if (!strcmp(cma_get_name(cma), "kunit0"))
		scene->kunit0 = cma;
	if (!strcmp(cma_get_name(cma), "kunit1"))
		scene->kunit1 = cma;
	return 0;
}

/**
 * dma_contiguous_scene_init() - make the scene of a test
 * @test: the test, whose private data it becomes
 *
 * Platform code has devices in static memory, where a name is all they have.
 * The device of the scene is like those.
 *
 * Context: may sleep.
 * Return: 0.
 */
int dma_contiguous_scene_init(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->dev.init_name = "kunit-dma";
	set_dev_node(&scene->dev, NUMA_NO_NODE);
	cma_for_each_area(scene_note_area, scene);
	test->priv = scene;
	if (!scene->kunit0 || !scene->kunit1)
		kunit_skip(test, "the areas for tests weren't set aside");
	return 0;
}

/**
 * dma_contiguous_scene_exit() - check that a test has left nothing behind
 * @test: the test
 *
 * Context: may sleep.
 */
void dma_contiguous_scene_exit(struct kunit *test)
{
	struct scene *scene = test->priv;

	if (!scene || !scene->kunit0 || !scene->kunit1)
		return;
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit1));
}

/**
 * dma_contiguous_is_unused() - is no page of an area allocated?
 * @cma: the area
 *
 * An area with a page missing can't be had as a whole.
 *
 * Context: may sleep.
 * Return: whether all of the area could be allocated, and was released.
 */
bool dma_contiguous_is_unused(struct cma *cma)
{
	unsigned long count = cma_get_size(cma) >> PAGE_SHIFT;
	struct page *page = cma_alloc(cma, count, 0, true);

	return page && cma_release(cma, page, count);
}
