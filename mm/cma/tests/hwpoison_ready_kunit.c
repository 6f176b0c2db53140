// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/hwpoison.c: floors that lack a page which has failed, and pages that have
 * failed before they become READY.
 *
 * In the pictures a letter stands for a page.
 *
 *	.  lent		r  READY	#  allocated	p  given up
 *	!  has failed, and is READY	*  has failed, and is allocated
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "../evac.h"
#include "failures.h"

/* ---- The floor ---- */

static unsigned long make_floor(struct kunit *test, struct cma *cma, unsigned long nr_pages)
{
	unsigned long pfn = cma_make_run_ready(test, cma, nr_pages);

	cma_set_ready_min(cma, nr_pages);
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_EQ(test, cma->ready.total, nr_pages);
	cma_begin_to_count(cma);
	return pfn;
}

/*
 *	rrrrrrrr..  ->  rrrprrrrr.
 */
static void what_a_floor_lacks_when_a_page_is_given_up_comes_at_once(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = make_floor(test, cma, 8);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 3, true));
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_GE(test, READ_ONCE(cma->ready.total), 8);
	cma_expect_given_up(test, pfn + 3);
}

/*
 *	rrrrrrrr..  ->  rrr.rrrr..	at once it could be the same page again
 */
static void what_a_floor_lacks_when_a_page_is_lent_comes_later(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = make_floor(test, cma, 8), due;

	cma_lend_page(pfn + 3);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&cma->ready_work));
	due = cma->ready_work.timer.expires;
	KUNIT_EXPECT_TRUE(test, time_after(due, jiffies + msecs_to_jiffies(CMA_POOL_DECAY_MS / 2)));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	flush_delayed_work(&cma->ready_work);
	KUNIT_EXPECT_GE(test, READ_ONCE(cma->ready.total), 8);
}

/* ---- Pages on their way to be READY ---- */

static void have_failed(struct cma *cma, unsigned long pfn)
{
	cma_failures.failed[cma_failures.nr_failed++] = pfn;
	WRITE_ONCE(cma->has_hwpoison, true);
}

static void an_area_where_nothing_has_failed_is_not_looked_at(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 8);

	have_failed(cma, pfn + 3);
	WRITE_ONCE(cma->has_hwpoison, false);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	KUNIT_EXPECT_EQ(test, cma_failures.nr_looks, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 8);
}

/*
 *	rr!rr!rr r!rrrrrr  ->  rrprrprr r!rrrrrr	eight of them have just become READY
 */
static void what_has_failed_of_a_run_that_becomes_ready_is_given_up(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 16);

	have_failed(cma, pfn + 2);
	have_failed(cma, pfn + 5);
	have_failed(cma, pfn + 9);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	KUNIT_EXPECT_EQ(test, cma_failures.nr_gone, 2);
	KUNIT_EXPECT_EQ(test, cma_failures.gone[0], pfn + 2);
	KUNIT_EXPECT_EQ(test, cma_failures.gone[1], pfn + 5);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 14);
	KUNIT_EXPECT_TRUE(test, cma_has_page(pfn + 9));
}

/*
 * No test has the hardware fail in earnest: that is never taken back, and nothing that fails
 * later would be taken for simulated.
 */
static void as_long_as_no_failure_was_real_it_is_taken_for_simulated(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 8);

	have_failed(cma, pfn + 3);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	cma_expect_given_up(test, pfn + 3);
	KUNIT_EXPECT_TRUE(test, cma_failures.simulated);
}

/*
 *	###*####	a request was quicker: it was served as soon as that was READY
 */
static void what_has_failed_and_has_an_owner_already_is_not_given_up(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_allocate_alone(test, cma, 8);

	cma_begin_to_count(cma);
	have_failed(cma, pfn + 3);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	KUNIT_EXPECT_GT(test, cma_failures.nr_looks, 0);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_gone, 0);
	KUNIT_EXPECT_TRUE(test, cma_are_allocated(cma, pfn, 8));
	cma_failures.nr_failed = 0;
	cma_release_some(test, cma, pfn, 8);
}

static void a_failure_is_noted_of_the_area_of_its_page_alone(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct cma *other = cma_real_area(test, "kunit1");
	bool before[] = { cma->has_hwpoison, other->has_hwpoison, cma_any_hwpoison };
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	WRITE_ONCE(cma->has_hwpoison, false);
	WRITE_ONCE(other->has_hwpoison, false);
	WRITE_ONCE(cma_any_hwpoison, false);
	cma_note_hwpoison(page_to_pfn(page));
	KUNIT_EXPECT_FALSE(test, cma_any_hwpoison);
	cma_note_hwpoison(other->base_pfn + 1);
	KUNIT_EXPECT_TRUE(test, cma_any_hwpoison);
	KUNIT_EXPECT_TRUE(test, other->has_hwpoison);
	KUNIT_EXPECT_FALSE(test, cma->has_hwpoison);
	WRITE_ONCE(cma->has_hwpoison, before[0]);
	WRITE_ONCE(other->has_hwpoison, before[1]);
	WRITE_ONCE(cma_any_hwpoison, before[2]);
	__free_page(page);
}

static struct kunit_case cma_hwpoison_ready_cases[] = {
	KUNIT_CASE(what_a_floor_lacks_when_a_page_is_given_up_comes_at_once),
	KUNIT_CASE(what_a_floor_lacks_when_a_page_is_lent_comes_later),
	KUNIT_CASE(an_area_where_nothing_has_failed_is_not_looked_at),
	KUNIT_CASE(what_has_failed_of_a_run_that_becomes_ready_is_given_up),
	KUNIT_CASE(as_long_as_no_failure_was_real_it_is_taken_for_simulated),
	KUNIT_CASE(what_has_failed_and_has_an_owner_already_is_not_given_up),
	KUNIT_CASE(a_failure_is_noted_of_the_area_of_its_page_alone),
	{}
};

static struct kunit_suite cma_hwpoison_ready_suite = {
	.name = "cma_hwpoison_ready",
	.test_cases = cma_hwpoison_ready_cases,
};

kunit_test_suite(cma_hwpoison_ready_suite);

MODULE_DESCRIPTION("Tests of failed pages on their way to be READY");
MODULE_LICENSE("GPL");
