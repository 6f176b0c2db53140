// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_type.c: the types of pageblocks. A letter stands for a quarter of
 * a pageblock; bars part them.
 *
 *	.  lent		#  allocated
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>

#include "../area.h"
#include "../evac.h"
#include "real.h"

static void end_types(void *data)
{
	struct cma *cma = data;

	cma_set_borrow(cma, CMA_BORROW_ALL);
	cma_set_quick_max(cma, cma->nr_pages / 2);
	cma_real_lend(cma);
}

static struct cma *open_area(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	cma_real_lend(cma);
	/* A window would be for page cache as well. */
	cma_set_quick_max(cma, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_types, cma), 0);
	return cma;
}

static int type_at(unsigned long pfn)
{
	return get_pageblock_migratetype(pfn_to_page(pfn));
}

static void a_page_is_lent_to_those_who_may_borrow_its_area(struct kunit *test)
{
	struct cma *cma = open_area(test);
	unsigned long pfn = cma->base_pfn;

	KUNIT_EXPECT_EQ(test, cma_lent_type(pfn), MIGRATE_CMA);
	KUNIT_EXPECT_EQ(test, type_at(pfn), MIGRATE_CMA);
	cma_set_borrow(cma, CMA_BORROW_CLEAN);
	KUNIT_EXPECT_EQ(test, cma_lent_type(pfn), MIGRATE_CMA_CLEAN);
	KUNIT_EXPECT_EQ(test, cma_lent_type(cma->end_pfn - 1), MIGRATE_CMA_CLEAN);
	KUNIT_EXPECT_EQ(test, type_at(pfn), MIGRATE_CMA_CLEAN);
}

/*
 *	|..##|####|#...|	what is free of the outer ones is on a list already
 */
static void only_pageblocks_without_free_pages_get_another_type(struct kunit *test)
{
	struct cma *cma = open_area(test);
	unsigned long quarter = pageblock_nr_pages / 4, first, nr = 7 * quarter;
	struct page *page;

	if (cma->nr_pages < 3 * pageblock_nr_pages)
		kunit_skip(test, "the area has less than three pageblocks");
	page = cma_alloc(cma, 3 * pageblock_nr_pages, pageblock_order, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	first = page_to_pfn(page);
	cma_release(cma, page, 2 * quarter);
	cma_release(cma, page + 2 * quarter + nr, 3 * quarter);
	cma_real_lend(cma);

	WRITE_ONCE(cma->borrow, CMA_BORROW_CLEAN);
	cma_pages_retype(cma, first + 2 * quarter, nr);
	KUNIT_EXPECT_EQ(test, type_at(first), MIGRATE_CMA);
	KUNIT_EXPECT_EQ(test, type_at(first + pageblock_nr_pages), MIGRATE_CMA_CLEAN);
	KUNIT_EXPECT_EQ(test, type_at(first + 2 * pageblock_nr_pages), MIGRATE_CMA);
	WRITE_ONCE(cma->borrow, CMA_BORROW_ALL);
	cma_pages_retype(cma, first + 2 * quarter, nr);
	KUNIT_EXPECT_EQ(test, type_at(first + pageblock_nr_pages), MIGRATE_CMA);
	cma_release(cma, page + 2 * quarter, nr);
}

static void a_pageblock_that_others_isolate_is_tried_so_often(struct kunit *test)
{
	struct cma *cma = open_area(test);
	unsigned long pfn = cma->base_pfn, end = pfn + pageblock_nr_pages;

	KUNIT_ASSERT_EQ(test, start_isolate_page_range(pfn, end, MIGRATE_CMA, 0, GFP_KERNEL),
			0);
	KUNIT_EXPECT_FALSE(test, cma_retype_block(pfn, 3));
	KUNIT_EXPECT_EQ(test, type_at(pfn), MIGRATE_ISOLATE);
	undo_isolate_page_range(pfn, end, MIGRATE_CMA);
	KUNIT_EXPECT_TRUE(test, cma_retype_block(pfn, 3));
	KUNIT_EXPECT_EQ(test, type_at(pfn), MIGRATE_CMA);
}

static struct kunit_case cma_evac_type_cases[] = {
	KUNIT_CASE(a_page_is_lent_to_those_who_may_borrow_its_area),
	KUNIT_CASE(only_pageblocks_without_free_pages_get_another_type),
	KUNIT_CASE(a_pageblock_that_others_isolate_is_tried_so_often),
	{}
};

static struct kunit_suite cma_evac_type_suite = {
	.name = "cma_evac_type",
	.test_cases = cma_evac_type_cases,
};

kunit_test_suite(cma_evac_type_suite);
