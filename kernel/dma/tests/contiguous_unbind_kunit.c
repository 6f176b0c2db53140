// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a driver that is unbound while a process has its buffer mapped: the pages are
 * the process's until it unmaps them, and no other device gets one before.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "../../../mm/cma/area.h"
#include "scene.h"

#define BUFFER_PAGES	16
#define BUFFER_SIZE	(BUFFER_PAGES * PAGE_SIZE)

/* Pages that were reported as held, which would be a WARNING */
static unsigned long nr_reported;

static void note_return(struct cma *cma, const struct cma_return *ret)
{
	nr_reported += ret->nr_held;
}

/* The first page of a buffer that is freed when the device goes */
static struct page *managed_buffer(struct kunit *test, struct device *dev)
{
	dma_addr_t handle;
	void *buffer;

	buffer = dmam_alloc_coherent(dev, BUFFER_SIZE, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer);
	return pfn_to_page(PHYS_PFN(dma_to_phys(dev, handle)));
}

/* As the mmap() of a driver does that inserts its pages. A private mapping would copy them. */
static unsigned long map_to_process(struct kunit *test, struct page *page)
{
	unsigned long addr, i;
	int err = 0;

	addr = kunit_vm_mmap(test, NULL, 0, BUFFER_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, 0);
	KUNIT_ASSERT_NE(test, addr, 0);
	mmap_write_lock(current->mm);
	for (i = 0; i < BUFFER_PAGES && !err; i++)
		err = vm_insert_page(vma_lookup(current->mm, addr), addr + i * PAGE_SIZE,
				     page + i);
	mmap_write_unlock(current->mm);
	KUNIT_ASSERT_EQ(test, err, 0);
	return addr;
}

static void expect_contents(struct kunit *test, unsigned long addr, u32 wanted)
{
	u32 seen;
	int i;

	for (i = 0; i < BUFFER_PAGES; i++) {
		KUNIT_ASSERT_EQ(test, get_user(seen, (u32 __user *)(addr + i * PAGE_SIZE)), 0);
		KUNIT_EXPECT_EQ(test, seen, wanted + i);
	}
}

static void write_contents(struct kunit *test, unsigned long addr, u32 first)
{
	int i;

	for (i = 0; i < BUFFER_PAGES; i++)
		KUNIT_ASSERT_EQ(test,
				put_user(first + i, (u32 __user *)(addr + i * PAGE_SIZE)), 0);
}

/*
 * Take all of the area that is to be had, write all over it, and give it back. Returns the
 * number of pages. None may be one of @mapped and what follows it.
 */
static unsigned long take_the_rest(struct kunit *test, struct cma *cma, struct page *mapped)
{
	unsigned long most = cma_get_size(cma) / BUFFER_SIZE, nr = 0, i;
	struct page **runs = kunit_kcalloc(test, most, sizeof(*runs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, runs);
	while (nr < most) {
		runs[nr] = cma_alloc(cma, BUFFER_PAGES, 0, true);
		if (!runs[nr])
			break;
		nr++;
	}
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_TRUE_MSG(test, runs[i] + BUFFER_PAGES <= mapped ||
				      runs[i] >= mapped + BUFFER_PAGES,
				      "run %lu has pages that are mapped", i);
		memset_page(runs[i], 0, 0xff, PAGE_SIZE);
		KUNIT_EXPECT_TRUE(test, cma_release(cma, runs[i], BUFFER_PAGES));
	}
	return nr * BUFFER_PAGES;
}

/*
 *	kunit0	|..mmmm......|		the driver has gone, the process hasn't
 */
static void what_is_mapped_when_a_driver_is_unbound_is_nobody_elses(struct kunit *test)
{
	struct scene *scene = test->priv;
	unsigned long addr, nr_pages = cma_get_size(scene->kunit0) >> PAGE_SHIFT;
	struct device *dev = kunit_device_register(test, "kunit-unbind");
	struct page *page;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	dev->cma_area = scene->kunit0;
	page = managed_buffer(test, dev);
	KUNIT_ASSERT_TRUE(test, cma_pages_valid(scene->kunit0, page, BUFFER_PAGES));
	addr = map_to_process(test, page);
	write_contents(test, addr, 1000);

	nr_reported = 0;
	kunit_activate_static_stub(test, cma_report_return, note_return);
	kunit_device_unregister(test, dev);
	KUNIT_EXPECT_EQ(test, nr_reported, BUFFER_PAGES);
	expect_contents(test, addr, 1000);
	KUNIT_EXPECT_FALSE(test, dma_contiguous_is_unused(scene->kunit0));
	KUNIT_EXPECT_GE(test, take_the_rest(test, scene->kunit0, page),
			nr_pages - 4 * BUFFER_PAGES);
	expect_contents(test, addr, 1000);

	KUNIT_EXPECT_EQ(test, vm_munmap(addr, BUFFER_SIZE), 0);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

/* As above, where the process ends first: nothing is left of it in the pages. */
static void what_a_process_has_unmapped_before_is_the_areas_again(struct kunit *test)
{
	struct scene *scene = test->priv;
	struct device *dev = kunit_device_register(test, "kunit-unbind");
	unsigned long addr;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	dev->cma_area = scene->kunit0;
	addr = map_to_process(test, managed_buffer(test, dev));
	write_contents(test, addr, 2000);
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, BUFFER_SIZE), 0);
	kunit_device_unregister(test, dev);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
}

static struct kunit_case unbind_cases[] = {
	KUNIT_CASE(what_is_mapped_when_a_driver_is_unbound_is_nobody_elses),
	KUNIT_CASE(what_a_process_has_unmapped_before_is_the_areas_again),
	{}
};

static struct kunit_suite unbind_suite = {
	.name		= "dma_contiguous_unbind",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= unbind_cases,
};

kunit_test_suite(unbind_suite);
