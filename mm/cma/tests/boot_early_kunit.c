// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_early.c: memory that was handed out before its area was
 * active. It is taken while booting; the suite finds what became of it. In the
 * pictures a letter stands for a pageblock.
 *
 *	abb.	kunit-early: a and b handed out early
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../area.h"
#include "reserve.h"

#define BLOCK	CMA_MIN_ALIGNMENT_BYTES
#define BLOCKS	4

static struct cma *area __initdata;
static void *a __initdata, *b __initdata;

/* What must be refused, and what came back. */
static void *of_nothing __initdata, *of_no_area __initdata, *uneven __initdata;
static void *too_large __initdata, *without_books __initdata;
static bool tried_without_books __initdata;

/*
 * Where areas are declared before the kernel maps all memory, there is neither early
 * memory nor memory to keep its books in, until later.
 */
static bool __init memory_is_mapped(void)
{
	return !IS_ENABLED(CONFIG_ARM);
}

/* Memblock has nothing below that limit. */
static void __init take_without_books(void)
{
	phys_addr_t limit = memblock_get_current_limit();

	memblock_set_current_limit(0);
	without_books = cma_reserve_early(area, BLOCK);
	memblock_set_current_limit(limit);
	tried_without_books = true;
}

static void __init take_early_memory(void)
{
	if (!slab_is_available())
		take_without_books();
	of_no_area = cma_reserve_early(NULL, BLOCK);
	of_nothing = cma_reserve_early(area, 0);
	uneven = cma_reserve_early(area, BLOCK + PAGE_SIZE);
	a = cma_reserve_early(area, BLOCK);
	b = cma_reserve_early(area, 2 * BLOCK);
	too_large = cma_reserve_early(area, 2 * BLOCK);
	if (a && b) {
		memset(a, 'a', BLOCK);
		memset(b, 'b', 2 * BLOCK);
	}
}

/**
 * cma_kunit_reserve_early() - declare an area and take memory from it
 *
 * Where memory isn't mapped yet it is taken by an early initcall instead.
 *
 * Context: early boot, when areas can be declared.
 */
void __init cma_kunit_reserve_early(void)
{
	if (cma_kunit_declare(BLOCKS * BLOCK, 0, "kunit-early", &area))
		return;
	if (memory_is_mapped())
		take_early_memory();
}

/* The area becomes active after this. */
static int __init take_early_memory_late(void)
{
	if (area && !memory_is_mapped())
		take_early_memory();
	return 0;
}
early_initcall(take_early_memory_late);

static int __init early_init(struct kunit *test)
{
	if (!area)
		kunit_skip(test, "there was no room for an area of %d pageblocks",
			   BLOCKS);
	return 0;
}

static void __init memory_is_handed_out_from_the_bottom_up(struct kunit *test)
{
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_EXPECT_EQ(test, __pa(a), cma_get_base(area));
	KUNIT_EXPECT_PTR_EQ(test, b, a + BLOCK);
}

static void __init what_is_no_number_of_pageblocks_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, of_nothing);
	KUNIT_EXPECT_NULL(test, uneven);
}

static void __init no_area_has_no_early_memory(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, of_no_area);
}

static void __init more_than_is_left_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, too_large);
}

static void __init what_cannot_be_noted_is_refused(struct kunit *test)
{
	if (!tried_without_books)
		kunit_skip(test, "early memory is taken when slabs are there");
	KUNIT_EXPECT_NULL(test, without_books);
}

static void __init an_active_area_hands_out_nothing_early(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, cma_is_active(area));
	KUNIT_EXPECT_NULL(test, cma_reserve_early(area, BLOCK));
}

static void __init what_was_written_early_stays(struct kunit *test)
{
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_NULL(test, memchr_inv(a, 'a', BLOCK));
	KUNIT_EXPECT_NULL(test, memchr_inv(b, 'b', 2 * BLOCK));
}

static void __init expect_allocated(struct kunit *test, unsigned long blocks,
				    unsigned long runs)
{
	struct cma_usage usage;

	cma_get_usage(area, &usage);
	KUNIT_EXPECT_EQ(test, usage.allocated, blocks * pageblock_nr_pages);
	KUNIT_EXPECT_EQ(test, usage.nr_runs, runs);
	KUNIT_EXPECT_EQ(test, usage.total, BLOCKS * pageblock_nr_pages);
	KUNIT_EXPECT_TRUE(test, cma_check(area));
}

static void __init each_early_piece_is_an_allocated_run(struct kunit *test)
{
	expect_allocated(test, 3, 2);
}

static void __init early_pages_are_like_any_that_are_allocated(struct kunit *test)
{
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	for (i = 0; i < 3 * pageblock_nr_pages; i++) {
		struct page *page = virt_to_page(a) + i;

		KUNIT_ASSERT_FALSE(test, PageReserved(page));
		KUNIT_ASSERT_EQ(test, page_ref_count(page), 1);
		KUNIT_ASSERT_TRUE(test, is_migrate_cma_page(page));
	}
}

/*
 *	abb.  ->  .bb.  ->  ....  ->  cccc  ->  ....
 */
static void __init early_memory_is_released_like_any_other(struct kunit *test)
{
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_TRUE(test, cma_release(area, virt_to_page(a),
					    pageblock_nr_pages));
	expect_allocated(test, 2, 1);
	KUNIT_EXPECT_TRUE(test, cma_release(area, virt_to_page(b),
					    2 * pageblock_nr_pages));
	expect_allocated(test, 0, 0);

	page = cma_alloc(area, BLOCKS * pageblock_nr_pages, 0, true);
	KUNIT_ASSERT_NOT_NULL(test, page);
	expect_allocated(test, BLOCKS, 1);
	KUNIT_EXPECT_TRUE(test, cma_release(area, page,
					    BLOCKS * pageblock_nr_pages));
}

static struct kunit_case __refdata cma_boot_early_cases[] = {
	KUNIT_CASE(memory_is_handed_out_from_the_bottom_up),
	KUNIT_CASE(what_is_no_number_of_pageblocks_is_refused),
	KUNIT_CASE(no_area_has_no_early_memory),
	KUNIT_CASE(more_than_is_left_is_refused),
	KUNIT_CASE(what_cannot_be_noted_is_refused),
	KUNIT_CASE(an_active_area_hands_out_nothing_early),
	KUNIT_CASE(what_was_written_early_stays),
	KUNIT_CASE(each_early_piece_is_an_allocated_run),
	KUNIT_CASE(early_pages_are_like_any_that_are_allocated),
	KUNIT_CASE(early_memory_is_released_like_any_other),
	{}
};

static struct kunit_suite __refdata cma_boot_early_suite = {
	.name = "cma_boot_early",
	.init = early_init,
	.test_cases = cma_boot_early_cases,
};

kunit_test_init_section_suites(&cma_boot_early_suite);
