// SPDX-License-Identifier: GPL-2.0
/*
 * For tests of what becomes of READY pages where the hardware has failed.
 *
 * Whose a page is, is found by its number, among the areas that were declared at boot. So
 * the tests have one of these, with an evacuator that says as they want which pages have
 * failed.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "../evac.h"
#include "failures.h"
#include "occupants.h"

struct failures cma_failures;

static bool lend_and_count(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	cma_failures.nr_lent += nr_pages;
	return cma_page_evacuator.lend(cma, pfn, nr_pages);
}

static bool note_given_up(struct cma *cma, unsigned long pfn, bool simulated)
{
	KUNIT_EXPECT_LT(cma_failures.test, cma_failures.nr_gone, ARRAY_SIZE(cma_failures.gone));
	if (cma_failures.nr_gone < ARRAY_SIZE(cma_failures.gone))
		cma_failures.gone[cma_failures.nr_gone++] = pfn;
	cma_failures.simulated = simulated;
	return !cma_failures.theirs;
}

static unsigned long say_which_failed(unsigned long pfn, unsigned long end)
{
	unsigned int i;

	cma_failures.nr_looks++;
	for (i = 0; i < cma_failures.nr_failed; i++)
		if (cma_failures.failed[i] >= pfn && cma_failures.failed[i] < end)
			return cma_failures.failed[i];
	return end;
}

static void close_failures(void *unused)
{
	struct cma *cma = cma_failures.cma;
	unsigned int i;

	cma_set_ready_min(cma, 0);
	flush_work(&cma->ready_work.work);
	cancel_delayed_work_sync(&cma->ready_work);
	cma_real_lend(cma);
	WRITE_ONCE(cma->evacuator, &cma_page_evacuator);
	WRITE_ONCE(cma->has_hwpoison, cma_failures.has_hwpoison);
	for (i = 0; i < cma_failures.nr_gone; i++)
		__free_page(pfn_to_page(cma_failures.gone[i]));
	drain_all_pages(NULL);
	KUNIT_EXPECT_TRUE(cma_failures.test, cma_check(cma));
}

/* Nothing has failed there, as far as is known. */
void cma_watch_failures(struct kunit *test, struct cma *cma)
{
	cma_failures = (struct failures) {
		.test = test,
		.cma = cma,
		.evacuator = cma_page_evacuator,
		.has_hwpoison = cma->has_hwpoison,
	};
	cma_failures.evacuator.lend = lend_and_count;
	cma_failures.evacuator.give_up = note_given_up;
	cma_failures.evacuator.next_failed = say_which_failed;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_failures, NULL), 0);
	WRITE_ONCE(cma->has_hwpoison, false);
	WRITE_ONCE(cma->evacuator, &cma_failures.evacuator);
}

/* With units of a page, and all of it is free. */
struct cma *cma_open_failures(struct kunit *test)
{
	struct cma *cma = cma_open_occupants(test)->cma;

	cma_watch_failures(test, cma);
	return cma;
}

/* What has led here doesn't count, and has no worker run. */
void cma_begin_to_count(struct cma *cma)
{
	cancel_delayed_work_sync(&cma->ready_work);
	cma_failures.nr_lent = 0;
	cma_failures.nr_looks = 0;
}

/* Allocate pages, with nothing else READY but room for all of them. */
unsigned long cma_allocate_alone(struct kunit *test, struct cma *cma, unsigned long nr_pages)
{
	struct page *page;

	cma_set_ready_max(cma, cma->nr_pages);
	page = cma_alloc(cma, nr_pages, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	return page_to_pfn(page);
}

void cma_release_some(struct kunit *test, struct cma *cma, unsigned long pfn,
		      unsigned long nr_pages)
{
	KUNIT_EXPECT_TRUE(test, cma_release(cma, pfn_to_page(pfn), nr_pages));
}

/* So many pages are READY, in one run. */
unsigned long cma_make_run_ready(struct kunit *test, struct cma *cma, unsigned long nr_pages)
{
	unsigned long pfn = cma_allocate_alone(test, cma, nr_pages);

	cma_release_some(test, cma, pfn, nr_pages);
	KUNIT_ASSERT_EQ(test, cma->ready.total, nr_pages >> cma->order_per_bit);
	cma_begin_to_count(cma);
	return pfn;
}

/* The area has these pages, and neither of its pages beside them. */
void cma_expect_had(struct kunit *test, unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, i;

	for (i = pfn; i < end; i++)
		KUNIT_EXPECT_TRUE(test, cma_has_page(i));
	if (cma_contains(cma_failures.cma, pfn - 1, 1))
		KUNIT_EXPECT_FALSE(test, cma_has_page(pfn - 1));
	if (cma_contains(cma_failures.cma, end, 1))
		KUNIT_EXPECT_FALSE(test, cma_has_page(end));
}

/* It is the page allocator's, which has it on its lists. */
void cma_expect_given_back(struct kunit *test, unsigned long pfn)
{
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(pfn));
}

/* It is neither the area's nor the page allocator's any more. */
void cma_expect_given_up(struct kunit *test, unsigned long pfn)
{
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(pfn));
	KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(pfn)), 1);
	KUNIT_ASSERT_GT(test, cma_failures.nr_gone, 0);
	KUNIT_EXPECT_EQ(test, cma_failures.gone[cma_failures.nr_gone - 1], pfn);
}
