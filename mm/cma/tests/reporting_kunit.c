// SPDX-License-Identifier: GPL-2.0
/*
 * What free page reporting, by which a guest tells its host of free memory, learns of
 * an area. It is told of nothing smaller than a pageblock.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/page_reporting.h>

#include "../../internal.h"
#include "../../page_reporting.h"
#include "real.h"

static int note_report(struct page_reporting_dev_info *prdev,
		       struct scatterlist *sg, unsigned int nents)
{
	return 0;
}

static struct page_reporting_dev_info reporter = { .report = note_report };

/* Nothing is reported while so much isn't free. */
static bool has_room(struct zone *zone)
{
	return zone_watermark_ok(zone, 0, low_wmark_pages(zone) +
				 PAGE_REPORTING_CAPACITY * pageblock_nr_pages,
				 0, ALLOC_CMA);
}

/* All there is to report has been reported. Some of it is left to the next pass. */
static void settle(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 100 && atomic_read(&reporter.state); i++)
		flush_delayed_work(&reporter.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&reporter.state), 0);
}

static struct page *head_of(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		page = pfn_to_page(ALIGN_DOWN(pfn, 1UL << order));
		if (PageBuddy(page) && buddy_order(page) >= order)
			return page;
	}
	return NULL;
}

static void close_reporting(void *unused)
{
	page_reporting_unregister(&reporter);
}

/* From now on, lent memory of the area is reported. */
static struct cma *open_reporting(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	if (!has_room(page_zone(pfn_to_page(cma->base_pfn))))
		kunit_skip(test, "needs %lu free pages",
			   PAGE_REPORTING_CAPACITY * pageblock_nr_pages);
	if (page_reporting_register(&reporter))
		kunit_skip(test, "somebody else reports free pages");
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_reporting,
							NULL), 0);
	cma_set_ready_max(cma, 0);
	settle(test);
	return cma;
}

/*
 *	####|####  ->  ....|####  ->  ........	a pageblock, and its halves come back
 */
static void halves_of_a_pageblock_are_reported_when_they_are_one(struct kunit *test)
{
	struct cma *cma = open_reporting(test);
	unsigned long half = pageblock_nr_pages / 2;
	struct page *page, *head;

	page = cma_alloc(cma, pageblock_nr_pages, pageblock_order, false);
	KUNIT_ASSERT_NOT_NULL(test, page);

	cma_release(cma, page, half);
	settle(test);
	head = head_of(page);
	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_EXPECT_FALSE(test, PageReported(head));

	cma_release(cma, page + half, half);
	settle(test);
	head = head_of(page);
	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_EXPECT_GE(test, buddy_order(head), pageblock_order);
	KUNIT_EXPECT_TRUE(test, PageReported(head));
}

/* What was reported is taken like any other, and nothing tells of that then. */
static void a_run_that_was_reported_is_as_any_other(struct kunit *test)
{
	struct cma *cma = open_reporting(test);
	struct page *page;
	unsigned long i;

	page = cma_alloc(cma, cma->nr_pages, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < cma->nr_pages; i++)
		if (PageReported(page + i))
			break;
	KUNIT_EXPECT_EQ(test, i, cma->nr_pages);
	cma_release(cma, page, cma->nr_pages);
}

static void cma_reporting_end(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");

	cma_set_ready_max(cma, cma->nr_pages);
	KUNIT_EXPECT_TRUE(test, cma_check(cma));
}

static struct kunit_case cma_reporting_cases[] = {
	KUNIT_CASE(halves_of_a_pageblock_are_reported_when_they_are_one),
	KUNIT_CASE(a_run_that_was_reported_is_as_any_other),
	{}
};

static struct kunit_suite cma_reporting_suite = {
	.name = "cma_reporting",
	.exit = cma_reporting_end,
	.test_cases = cma_reporting_cases,
};

kunit_test_suite(cma_reporting_suite);

MODULE_DESCRIPTION("Tests of free page reporting and contiguous memory");
MODULE_LICENSE("GPL");
