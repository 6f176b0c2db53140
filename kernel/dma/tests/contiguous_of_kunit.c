// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the areas that the devicetree describes: what becomes of a node, and
 * what a device gets that refers to it.
 */
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/of_reserved_mem.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "scene.h"

static struct dma_contiguous_of_node __init good_node(void)
{
	return (struct dma_contiguous_of_node) {
		.base		= 4 * CMA_MIN_ALIGNMENT_BYTES,
		.size		= CMA_MIN_ALIGNMENT_BYTES,
		.reusable	= true,
	};
}

static void __init reusable_aligned_region_becomes_an_area(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_AREA);
	node.is_default = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_AREA);
}

static void __init region_that_is_not_reusable_is_left_to_others(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	node.reusable = false;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_OTHER);
	node.no_map = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_OTHER);
}

static void __init region_without_a_mapping_is_refused(struct kunit *test)
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
static void __init misaligned_region_is_refused(struct kunit *test)
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

/* What is less than an area needs anyway does no harm. */
static void __init alignment_has_to_be_a_power_of_two(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	node.alignment = 3 * CMA_MIN_ALIGNMENT_BYTES;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_ALIGNMENT);
	node.alignment = SZ_4K + 1;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_ALIGNMENT);
	node.alignment = 8 * CMA_MIN_ALIGNMENT_BYTES;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_AREA);
	node.alignment = SZ_4K;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, false),
			DMA_CONTIGUOUS_OF_AREA);
}

/* What the log and a device would be told, behind "no area from kunit-region, " */
static const char *explain(struct kunit *test, phys_addr_t base,
			   phys_addr_t size, enum dma_contiguous_verdict verdict)
{
	struct reserved_mem rmem = {
		.name = "kunit-region", .base = base, .size = size,
	};
	char *text = kunit_kzalloc(test, DMA_CONTIGUOUS_OF_TEXT, GFP_KERNEL);
	struct seq_buf s;

	KUNIT_ASSERT_NOT_NULL(test, text);
	seq_buf_init(&s, text, DMA_CONTIGUOUS_OF_TEXT);
	dma_contiguous_of_explain(&s, &rmem, verdict);
	KUNIT_EXPECT_FALSE(test, seq_buf_has_overflowed(&s));
	KUNIT_EXPECT_TRUE(test, strstarts(text, "no area from kunit-region, "));
	return text + strlen("no area from kunit-region, ");
}

/*
 *	blocks		|........|........|........|
 *	region		    |##|
 *	would do	|########|
 */
static void __init small_region_learns_the_block_that_would_do(struct kunit *test)
{
	const unsigned long block = CMA_MIN_ALIGNMENT_BYTES;
	phys_addr_t base = 4 * (phys_addr_t)block;
	phys_addr_t inside = base + SZ_64K;
	char expected[DMA_CONTIGUOUS_OF_TEXT];

	if (block % SZ_1M)
		kunit_skip(test, "blocks aren't whole MiB here");
	snprintf(expected, sizeof(expected),
		 "64 KiB at %pa: base and size have to be multiples of %lu MiB, such as %lu MiB at %pa",
		 &inside, block / SZ_1M, block / SZ_1M, &base);
	KUNIT_EXPECT_STREQ(test, explain(test, inside, SZ_64K,
					 DMA_CONTIGUOUS_OF_MISALIGNED),
			   expected);
}

/*
 *	blocks		|........|........|........|
 *	region		       |########|
 *	would do	|#################|
 */
static void __init crooked_region_learns_the_blocks_that_it_touches(struct kunit *test)
{
	const unsigned long block = CMA_MIN_ALIGNMENT_BYTES;
	phys_addr_t base = 4 * (phys_addr_t)block;
	char expected[DMA_CONTIGUOUS_OF_TEXT];
	const char *text;

	if (block % SZ_1M)
		kunit_skip(test, "blocks aren't whole MiB here");
	snprintf(expected, sizeof(expected), ", such as %lu MiB at %pa",
		 2 * block / SZ_1M, &base);
	text = explain(test, base + block - PAGE_SIZE, block,
		       DMA_CONTIGUOUS_OF_MISALIGNED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, expected));
}

static void __init each_refusal_has_a_text_of_its_own(struct kunit *test)
{
	static const struct {
		enum dma_contiguous_verdict verdict;
		const char *part;
	} expected[] = {
		{ DMA_CONTIGUOUS_OF_OTHER, "but is not reusable" },
		{ DMA_CONTIGUOUS_OF_NO_MAP, "it has no-map" },
		{ DMA_CONTIGUOUS_OF_ALIGNMENT, "isn't a power of two" },
		{ DMA_CONTIGUOUS_OF_MISALIGNED, "have to be multiples of" },
		{ DMA_CONTIGUOUS_OF_OVERRULED, "cma= on the command line" },
		{ DMA_CONTIGUOUS_OF_IN_USE, "in use already" },
		{ DMA_CONTIGUOUS_OF_TOO_MANY, "than CONFIG_CMA_AREAS="
			__stringify(CONFIG_CMA_AREAS) },
		{ DMA_CONTIGUOUS_OF_MISSED, "this architecture doesn't reserve" },
		{ DMA_CONTIGUOUS_OF_FAILED, "failed while booting" },
	};
	const char *text;
	int i;

	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		text = explain(test, SZ_64M, SZ_1M, expected[i].verdict);
		KUNIT_EXPECT_NOT_NULL(test, strstr(text, expected[i].part));
	}
}

/*
 *	a	    |######|
 *	b	|####|	 |####|		on both sides
 *	common	    |#|  |#|
 */
static void __init overlap_is_what_both_ranges_have(struct kunit *test)
{
	struct dma_contiguous_of_range a = { SZ_4M, SZ_8M };
	struct dma_contiguous_of_range common;

	common = dma_contiguous_of_common(a, (struct dma_contiguous_of_range) {
					  SZ_1M, SZ_4M + 1 });
	KUNIT_EXPECT_EQ(test, common.start, (phys_addr_t)SZ_4M);
	KUNIT_EXPECT_EQ(test, common.end, (phys_addr_t)SZ_4M + 1);
	common = dma_contiguous_of_common(a, (struct dma_contiguous_of_range) {
					  SZ_8M - 1, SZ_16M });
	KUNIT_EXPECT_EQ(test, common.start, (phys_addr_t)SZ_8M - 1);
	KUNIT_EXPECT_EQ(test, common.end, (phys_addr_t)SZ_8M);
	common = dma_contiguous_of_common((struct dma_contiguous_of_range) {
					  0, SZ_16M }, a);
	KUNIT_EXPECT_EQ(test, common.start, (phys_addr_t)SZ_4M);
	KUNIT_EXPECT_EQ(test, common.end, (phys_addr_t)SZ_8M);
}

/*
 *	a	    |######|
 *	b	|###|	   |###|
 */
static void __init neighbours_have_nothing_in_common(struct kunit *test)
{
	struct dma_contiguous_of_range a = { SZ_4M, SZ_8M };
	struct dma_contiguous_of_range common;

	common = dma_contiguous_of_common(a, (struct dma_contiguous_of_range) {
					  SZ_1M, SZ_4M });
	KUNIT_EXPECT_EQ(test, common.start, common.end);
	common = dma_contiguous_of_common(a, (struct dma_contiguous_of_range) {
					  SZ_8M, SZ_16M });
	KUNIT_EXPECT_EQ(test, common.start, common.end);
}

static void __init command_line_overrules_the_default_node_only(struct kunit *test)
{
	struct dma_contiguous_of_node node = good_node();

	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, true),
			DMA_CONTIGUOUS_OF_AREA);
	node.is_default = true;
	KUNIT_EXPECT_EQ(test, dma_contiguous_of_judge(&node, true),
			DMA_CONTIGUOUS_OF_OVERRULED);
}

static void __init device_gets_the_area_and_loses_it_again(struct kunit *test)
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

static void __init assign(struct kunit *test,
			  const struct reserved_mem_ops *ops,
			  struct reserved_mem *rmem, struct cma *area)
{
	struct scene *scene = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	KUNIT_ASSERT_EQ(test, ops->device_init(rmem, &scene->dev), 0);
	KUNIT_EXPECT_PTR_EQ(test, scene->dev.cma_area, area);
}

/* As 6.12 has it, and drivers with a region for each of several purposes rely on. */
static void __init last_of_several_areas_of_a_device_is_its_area(struct kunit *test)
{
	struct reserved_mem first = { .name = "kunit-region" };
	struct reserved_mem second = { .name = "kunit-region-too" };
	struct scene *scene = test->priv;

	dma_contiguous_of_settle(&first, DMA_CONTIGUOUS_OF_AREA, scene->kunit0);
	dma_contiguous_of_settle(&second, DMA_CONTIGUOUS_OF_AREA,
				 scene->kunit1);
	assign(test, first.ops, &first, scene->kunit0);
	assign(test, second.ops, &second, scene->kunit1);
	assign(test, first.ops, &first, scene->kunit0);
	second.ops->device_release(&second, &scene->dev);
	KUNIT_EXPECT_NULL(test, scene->dev.cma_area);
}

/*
 *	kunit0	####....	allocated when that was the device's area
 *	kunit1	####....	allocated when this is
 */
static void __init pages_go_back_to_the_area_that_was_the_devices(struct kunit *test)
{
	struct reserved_mem first = { .name = "kunit-region" };
	struct reserved_mem second = { .name = "kunit-region-too" };
	const size_t size = 4 * PAGE_SIZE;
	struct scene *scene = test->priv;
	struct page *former, *latter;

	dma_contiguous_of_settle(&first, DMA_CONTIGUOUS_OF_AREA, scene->kunit0);
	dma_contiguous_of_settle(&second, DMA_CONTIGUOUS_OF_AREA,
				 scene->kunit1);
	assign(test, first.ops, &first, scene->kunit0);
	former = dma_alloc_contiguous(&scene->dev, size, GFP_KERNEL);
	assign(test, second.ops, &second, scene->kunit1);
	latter = dma_alloc_contiguous(&scene->dev, size, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, cma_pages_valid(scene->kunit0, former, 4));
	KUNIT_ASSERT_TRUE(test, cma_pages_valid(scene->kunit1, latter, 4));
	dma_free_contiguous(&scene->dev, former, size);
	dma_free_contiguous(&scene->dev, latter, size);
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit0));
	KUNIT_EXPECT_TRUE(test, dma_contiguous_is_unused(scene->kunit1));
}

static int __init note_given_up(struct cma *cma, void *data)
{
	struct cma **given_up = data;

	if (!strcmp(cma_get_name(cma), "kunit-given-up"))
		*given_up = cma;
	return 0;
}

/* Of an area that was broken on purpose; mm/cma/tests/boot_activate_kunit.c does so. */
static void __init device_of_an_area_that_failed_later_goes_on_without(struct kunit *test)
{
	struct reserved_mem rmem = { .name = "kunit-region" };
	struct scene *scene = test->priv;
	struct cma *given_up = NULL;

	cma_for_each_area(note_given_up, &given_up);
	if (!given_up)
		kunit_skip(test, "no area was broken for tests");
	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_AREA, given_up);
	KUNIT_ASSERT_NOT_NULL(test, rmem.ops);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev), 0);
	KUNIT_EXPECT_NULL(test, scene->dev.cma_area);
}

static void __init device_of_a_refused_region_learns_so(struct kunit *test)
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
	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_IN_USE, NULL);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev),
			-EBUSY);
	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_TOO_MANY, NULL);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev),
			-ENOSPC);
	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_ALIGNMENT, NULL);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev),
			-EINVAL);
	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_MISSED, NULL);
	KUNIT_EXPECT_EQ(test, rmem.ops->device_init(&rmem, &scene->dev),
			-EOPNOTSUPP);
	KUNIT_EXPECT_NULL(test, scene->dev.cma_area);
}

static void __init device_of_an_overruled_default_uses_what_replaced_it(struct kunit *test)
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

static void __init region_of_others_is_not_touched(struct kunit *test)
{
	struct reserved_mem rmem = { .name = "kunit-region" };

	dma_contiguous_of_settle(&rmem, DMA_CONTIGUOUS_OF_OTHER, NULL);
	KUNIT_EXPECT_NULL(test, rmem.ops);
	KUNIT_EXPECT_NULL(test, rmem.priv);
}

static struct kunit_case __refdata of_cases[] = {
	KUNIT_CASE(reusable_aligned_region_becomes_an_area),
	KUNIT_CASE(region_that_is_not_reusable_is_left_to_others),
	KUNIT_CASE(region_without_a_mapping_is_refused),
	KUNIT_CASE(misaligned_region_is_refused),
	KUNIT_CASE(alignment_has_to_be_a_power_of_two),
	KUNIT_CASE(small_region_learns_the_block_that_would_do),
	KUNIT_CASE(crooked_region_learns_the_blocks_that_it_touches),
	KUNIT_CASE(each_refusal_has_a_text_of_its_own),
	KUNIT_CASE(overlap_is_what_both_ranges_have),
	KUNIT_CASE(neighbours_have_nothing_in_common),
	KUNIT_CASE(command_line_overrules_the_default_node_only),
	KUNIT_CASE(device_gets_the_area_and_loses_it_again),
	KUNIT_CASE(last_of_several_areas_of_a_device_is_its_area),
	KUNIT_CASE(pages_go_back_to_the_area_that_was_the_devices),
	KUNIT_CASE(device_of_a_refused_region_learns_so),
	KUNIT_CASE(device_of_an_area_that_failed_later_goes_on_without),
	KUNIT_CASE(device_of_an_overruled_default_uses_what_replaced_it),
	KUNIT_CASE(region_of_others_is_not_touched),
	{}
};

static struct kunit_suite __refdata of_suite = {
	.name		= "dma_contiguous_of",
	.init		= dma_contiguous_scene_init,
	.exit		= dma_contiguous_scene_exit,
	.test_cases	= of_cases,
};

kunit_test_init_section_suites(&of_suite);
