// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/hwpoison.c: what becomes of READY pages where the hardware has failed.
 *
 * Whose a page is, is found by its number, among the areas that were declared at boot. So
 * the tests have one of these, with an evacuator that says as they want which pages have
 * failed: none is marked, and none is lost. Marked ones are in evac_poison_kunit.c.
 *
 * In the pictures a letter stands for a page, and bars part units.
 *
 *	.  lent		r  READY	#  allocated	c  claimed
 *	p  given up	!  has failed, and is READY	*  has failed, and is allocated
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "../evac.h"
#include "occupants.h"

/**
 * struct failures - an area, and what its evacuator says and is told
 * @test: for expectations
 * @cma: the area
 * @evacuator: that of the area meanwhile
 * @has_hwpoison: of the area before
 * @failed: pages that have failed, in ascending order
 * @nr_failed: their number
 * @theirs: what is to be given up has become somebody else's
 * @simulated: what the evacuator was told last
 * @nr_looks: how often it was asked for pages that have failed
 * @nr_lent: pages that it was to lend
 * @gone: pages that it was to give up; they are freed at last
 * @nr_gone: their number
 */
static struct failures {
	struct kunit *test;
	struct cma *cma;
	struct cma_evacuator evacuator;
	bool has_hwpoison;
	unsigned long failed[3];
	unsigned int nr_failed;
	bool theirs;
	bool simulated;
	unsigned int nr_looks;
	unsigned long nr_lent;
	unsigned long gone[3];
	unsigned int nr_gone;
} failures;

static bool lend_and_count(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	failures.nr_lent += nr_pages;
	return cma_page_evacuator.lend(cma, pfn, nr_pages);
}

static bool note_given_up(struct cma *cma, unsigned long pfn, bool simulated)
{
	KUNIT_EXPECT_LT(failures.test, failures.nr_gone, ARRAY_SIZE(failures.gone));
	if (failures.nr_gone < ARRAY_SIZE(failures.gone))
		failures.gone[failures.nr_gone++] = pfn;
	failures.simulated = simulated;
	return !failures.theirs;
}

static unsigned long say_which_failed(unsigned long pfn, unsigned long end)
{
	unsigned int i;

	failures.nr_looks++;
	for (i = 0; i < failures.nr_failed; i++)
		if (failures.failed[i] >= pfn && failures.failed[i] < end)
			return failures.failed[i];
	return end;
}

static void close_failures(void *unused)
{
	struct cma *cma = failures.cma;
	unsigned int i;

	cma_set_ready_min(cma, 0);
	flush_work(&cma->ready_work.work);
	cancel_delayed_work_sync(&cma->ready_work);
	cma_real_lend(cma);
	WRITE_ONCE(cma->evacuator, &cma_page_evacuator);
	WRITE_ONCE(cma->has_hwpoison, failures.has_hwpoison);
	for (i = 0; i < failures.nr_gone; i++)
		__free_page(pfn_to_page(failures.gone[i]));
	drain_all_pages(NULL);
	KUNIT_EXPECT_TRUE(failures.test, cma_check(cma));
}

/* Nothing has failed there, as far as is known. */
static void watch_area(struct kunit *test, struct cma *cma)
{
	failures = (struct failures) {
		.test = test,
		.cma = cma,
		.evacuator = cma_page_evacuator,
		.has_hwpoison = cma->has_hwpoison,
	};
	failures.evacuator.lend = lend_and_count;
	failures.evacuator.give_up = note_given_up;
	failures.evacuator.next_failed = say_which_failed;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_failures, NULL), 0);
	WRITE_ONCE(cma->has_hwpoison, false);
	WRITE_ONCE(cma->evacuator, &failures.evacuator);
}

/* With units of a page, and all of it is free. */
static struct cma *open_free_area(struct kunit *test)
{
	struct cma *cma = cma_open_occupants(test)->cma;

	watch_area(test, cma);
	return cma;
}

/* What has led here doesn't count, and has no worker run. */
static void begin_to_count(struct cma *cma)
{
	cancel_delayed_work_sync(&cma->ready_work);
	failures.nr_lent = 0;
	failures.nr_looks = 0;
}

/* Allocate pages, with nothing else READY but room for all of them. */
static unsigned long allocate_alone(struct kunit *test, struct cma *cma, unsigned long nr_pages)
{
	struct page *page;

	cma_set_ready_max(cma, cma->nr_pages);
	page = cma_alloc(cma, nr_pages, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	return page_to_pfn(page);
}

static void release_some(struct kunit *test, struct cma *cma, unsigned long pfn,
			 unsigned long nr_pages)
{
	KUNIT_EXPECT_TRUE(test, cma_release(cma, pfn_to_page(pfn), nr_pages));
}

/* So many pages are READY, in one run. */
static unsigned long make_run_ready(struct kunit *test, struct cma *cma, unsigned long nr_pages)
{
	unsigned long pfn = allocate_alone(test, cma, nr_pages);

	release_some(test, cma, pfn, nr_pages);
	KUNIT_ASSERT_EQ(test, cma->ready.total, nr_pages >> cma->order_per_bit);
	begin_to_count(cma);
	return pfn;
}

/* The area has these pages, and neither of its pages beside them. */
static void expect_had(struct kunit *test, unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, i;

	for (i = pfn; i < end; i++)
		KUNIT_EXPECT_TRUE(test, cma_has_page(i));
	if (cma_contains(failures.cma, pfn - 1, 1))
		KUNIT_EXPECT_FALSE(test, cma_has_page(pfn - 1));
	if (cma_contains(failures.cma, end, 1))
		KUNIT_EXPECT_FALSE(test, cma_has_page(end));
}

/* It is the page allocator's, which has it on its lists. */
static void expect_given_back(struct kunit *test, unsigned long pfn)
{
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(pfn));
}

/* It is neither the area's nor the page allocator's any more. */
static void expect_given_up_to_others(struct kunit *test, unsigned long pfn)
{
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(pfn));
	KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(pfn)), 1);
	KUNIT_ASSERT_GT(test, failures.nr_gone, 0);
	KUNIT_EXPECT_EQ(test, failures.gone[failures.nr_gone - 1], pfn);
}

/* ---- Whose a page is ---- */

/*
 *	o.......	o is a page of a file
 */
static void an_area_has_no_page_that_is_lent_in_use_or_not(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long pfn = folio_pfn(cma_take_occupant(occupants));

	KUNIT_EXPECT_TRUE(test, cma_in_free_block(pfn + 1));
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn + 1));
}

/*
 *	########  ->  cccccccc  ->  ........
 */
static void an_area_has_what_is_allocated_until_it_is_lent_again(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = allocate_alone(test, cma, 8);
	struct cma_claim claim;

	expect_had(test, pfn, 8);
	KUNIT_ASSERT_TRUE(test, cma_retire(cma, cma_pages_to_run(cma, pfn, 8), &claim));
	expect_had(test, pfn, 8);
	cma_page_evacuator.lend(cma, pfn, 8);
	expect_had(test, pfn, 8);
	cma_abort(cma, &claim);
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn + 7));
}

/*
 *	.rrrrrrrr.
 */
static void an_area_has_what_is_ready(struct kunit *test)
{
	struct cma *cma = open_free_area(test);

	expect_had(test, make_run_ready(test, cma, 8), 8);
}

/*
 *	....|rrrr|rrrr|....
 */
static void an_area_has_units_with_all_of_their_pages(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");

	KUNIT_ASSERT_EQ(test, cma->order_per_bit, 2);
	watch_area(test, cma);
	expect_had(test, make_run_ready(test, cma, 8), 8);
}

/* Nothing happens to it, and nobody has to look at the area for that. */
static void expect_passed_by(struct kunit *test, unsigned long pfn)
{
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	cma_lend_page(pfn);
	KUNIT_EXPECT_FALSE(test, cma_give_up_page(pfn, true));
}

static void a_page_outside_of_areas_is_none_of_theirs(struct kunit *test)
{
	/* Nothing that can't be moved is in an area. */
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	expect_passed_by(test, page_to_pfn(page));
	expect_passed_by(test, 0);
	expect_passed_by(test, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	__free_page(page);
}

/* The first page behind a range, if it is no area's, or 0. */
static unsigned long find_hole_in(const struct cma *cma)
{
	const struct cma_range *range = cma->ranges;
	unsigned long end;

	for (; range + 1 < cma->ranges + cma->nr_ranges; range++) {
		end = range->base_pfn + range->nr_pages;
		if (end < range[1].base_pfn && !cma_area_of(end))
			return end;
	}
	return 0;
}

/* To the books, a hole is taken. */
static void a_page_between_two_ranges_of_an_area_is_not_had(struct kunit *test)
{
	unsigned long hole = 0;
	unsigned int i;

	for (i = 0; i < cma_area_count && !hole; i++)
		if (cma_is_active(&cma_areas[i]))
			hole = find_hole_in(&cma_areas[i]);
	if (!hole)
		kunit_skip(test, "no area has a hole");
	expect_passed_by(test, hole);
}

/* There may be no books to look into. */
static void a_page_of_an_area_that_could_not_be_activated_is_not_had(struct kunit *test)
{
	unsigned int i, nr = 0;

	for (i = 0; i < cma_area_count; i++)
		if (cma_activation_failed(&cma_areas[i])) {
			expect_passed_by(test, cma_areas[i].base_pfn);
			nr++;
		}
	if (!nr)
		kunit_skip(test, "all areas are active");
}

/* ---- What is READY, and what isn't ---- */

/*
 *	rrrrrrrr  ->  rrr.rrrr
 */
static void a_ready_page_can_be_lent_on_its_own(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 8);

	cma_lend_page(pfn + 3);
	expect_given_back(test, pfn + 3);
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 1);
	KUNIT_EXPECT_EQ(test, failures.nr_gone, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
}

/*
 *	rrrrrrrr  ->  rrrprrrr
 */
static void a_ready_page_that_fails_is_given_up_on_its_own(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 8);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 3, true));
	expect_given_up_to_others(test, pfn + 3);
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	/* There is no floor that lacks anything. */
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&cma->ready_work));
}

static void it_is_told_apart_whether_the_failure_is_simulated(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 8);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn, true));
	KUNIT_EXPECT_TRUE(test, failures.simulated);
	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 7, false));
	KUNIT_EXPECT_FALSE(test, failures.simulated);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 6);
}

static void expect_left_to_its_owner(struct kunit *test, unsigned long pfn)
{
	cma_lend_page(pfn);
	KUNIT_EXPECT_FALSE(test, cma_give_up_page(pfn, true));
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 0);
	KUNIT_EXPECT_EQ(test, failures.nr_gone, 0);
	KUNIT_EXPECT_EQ(test, failures.cma->ready.total, 2);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&failures.cma->ready_work));
}

/*
 *	r#r#  ->  r#rc  ->  r#r.	neither what is allocated, nor what is claimed or lent
 */
static void what_is_not_ready_is_left_to_its_owner(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = allocate_alone(test, cma, 4);
	struct cma_claim claim;

	release_some(test, cma, pfn, 1);
	release_some(test, cma, pfn + 2, 1);
	begin_to_count(cma);
	expect_left_to_its_owner(test, pfn + 1);
	KUNIT_ASSERT_TRUE(test, cma_retire(cma, cma_pages_to_run(cma, pfn + 3, 1), &claim));
	expect_left_to_its_owner(test, pfn + 3);
	cma_page_evacuator.lend(cma, pfn + 3, 1);
	cma_abort(cma, &claim);
	expect_left_to_its_owner(test, pfn + 3);
	release_some(test, cma, pfn + 1, 1);
}

/*
 *	rrrrrrrr  ->  rrr#rrrr	its former owner has put it once more, and it has a new one
 */
static void what_is_somebody_elses_by_now_is_not_given_up(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 8);

	failures.theirs = true;
	KUNIT_EXPECT_FALSE(test, cma_give_up_page(pfn + 3, true));
	/* The area hasn't got it any more, either. */
	expect_given_up_to_others(test, pfn + 3);
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	KUNIT_EXPECT_EQ(test, cma->nr_claimed, 0);
}

/* ---- What goes with it ---- */

/*
 *	rrrr|rrrr  ->  rrrr|.p..
 */
static void the_rest_of_its_unit_is_lent(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	unsigned long pfn;

	KUNIT_ASSERT_EQ(test, cma->order_per_bit, 2);
	watch_area(test, cma);
	pfn = make_run_ready(test, cma, 8);
	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 5, true));
	expect_given_up_to_others(test, pfn + 5);
	expect_given_back(test, pfn + 4);
	expect_given_back(test, pfn + 6);
	expect_given_back(test, pfn + 7);
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 3);
	expect_had(test, pfn, 4);
}

#define SLOTS_PAGES	(2 * CMA_MAX_EXTENTS + 1)

/*
 *	rrr#r#r#r#r ...	as many extents as there can be, so that the first one can't be two
 */
static unsigned long use_all_slots(struct kunit *test, struct cma *cma)
{
	unsigned long pfn = allocate_alone(test, cma, SLOTS_PAGES), i;

	release_some(test, cma, pfn, 3);
	for (i = 4; i < SLOTS_PAGES; i += 2)
		release_some(test, cma, pfn + i, 1);
	KUNIT_EXPECT_EQ(test, cma->ready.nr, CMA_MAX_EXTENTS);
	KUNIT_EXPECT_EQ(test, cma->ready.total, CMA_MAX_EXTENTS + 2);
	begin_to_count(cma);
	return pfn;
}

static void release_between_slots(struct kunit *test, struct cma *cma, unsigned long pfn)
{
	unsigned long i;

	for (i = 3; i < SLOTS_PAGES; i += 2)
		release_some(test, cma, pfn + i, 1);
}

/*
 *	rrr#r#r#r#r ...  ->  ...#r#r#r#r ...
 */
static void an_extent_that_cannot_be_divided_is_lent_with_a_page(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = use_all_slots(test, cma), i;

	cma_lend_page(pfn + 1);
	for (i = 0; i < 3; i++)
		expect_given_back(test, pfn + i);
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 3);
	KUNIT_EXPECT_EQ(test, cma->ready.total, CMA_MAX_EXTENTS - 1);
	release_between_slots(test, cma, pfn);
}

/*
 *	rrr#r#r#r#r ...  ->  .p.#r#r#r#r ...
 */
static void an_extent_that_cannot_be_divided_is_lent_around_a_page(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = use_all_slots(test, cma);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 1, true));
	expect_given_up_to_others(test, pfn + 1);
	expect_given_back(test, pfn);
	expect_given_back(test, pfn + 2);
	KUNIT_EXPECT_EQ(test, failures.nr_lent, 2);
	KUNIT_EXPECT_EQ(test, cma->ready.total, CMA_MAX_EXTENTS - 1);
	release_between_slots(test, cma, pfn);
}

/* ---- The floor ---- */

static unsigned long make_floor(struct kunit *test, struct cma *cma, unsigned long nr_pages)
{
	unsigned long pfn = make_run_ready(test, cma, nr_pages);

	cma_set_ready_min(cma, nr_pages);
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_EQ(test, cma->ready.total, nr_pages);
	begin_to_count(cma);
	return pfn;
}

/*
 *	rrrrrrrr..  ->  rrrprrrrr.
 */
static void what_a_floor_lacks_when_a_page_is_given_up_comes_at_once(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_floor(test, cma, 8);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 3, true));
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_GE(test, READ_ONCE(cma->ready.total), 8);
	expect_given_up_to_others(test, pfn + 3);
}

/*
 *	rrrrrrrr..  ->  rrr.rrrr..	at once it could be the same page again
 */
static void what_a_floor_lacks_when_a_page_is_lent_comes_later(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
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
	failures.failed[failures.nr_failed++] = pfn;
	WRITE_ONCE(cma->has_hwpoison, true);
}

static void an_area_where_nothing_has_failed_is_not_looked_at(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 8);

	have_failed(cma, pfn + 3);
	WRITE_ONCE(cma->has_hwpoison, false);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	KUNIT_EXPECT_EQ(test, failures.nr_looks, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 8);
}

/*
 *	rr!rr!rr r!rrrrrr  ->  rrprrprr r!rrrrrr	eight of them have just become READY
 */
static void what_has_failed_of_a_run_that_becomes_ready_is_given_up(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 16);

	have_failed(cma, pfn + 2);
	have_failed(cma, pfn + 5);
	have_failed(cma, pfn + 9);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	KUNIT_EXPECT_EQ(test, failures.nr_gone, 2);
	KUNIT_EXPECT_EQ(test, failures.gone[0], pfn + 2);
	KUNIT_EXPECT_EQ(test, failures.gone[1], pfn + 5);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 14);
	KUNIT_EXPECT_TRUE(test, cma_has_page(pfn + 9));
}

/*
 * No test has the hardware fail in earnest: that is never taken back, and nothing that fails
 * later would be taken for simulated.
 */
static void as_long_as_no_failure_was_real_it_is_taken_for_simulated(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = make_run_ready(test, cma, 8);

	have_failed(cma, pfn + 3);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	expect_given_up_to_others(test, pfn + 3);
	KUNIT_EXPECT_TRUE(test, failures.simulated);
}

/*
 *	###*####	a request was quicker: it was served as soon as that was READY
 */
static void what_has_failed_and_has_an_owner_already_is_not_given_up(struct kunit *test)
{
	struct cma *cma = open_free_area(test);
	unsigned long pfn = allocate_alone(test, cma, 8);

	begin_to_count(cma);
	have_failed(cma, pfn + 3);
	cma_give_up_failed(cma, cma_pages_to_run(cma, pfn, 8));
	KUNIT_EXPECT_GT(test, failures.nr_looks, 0);
	KUNIT_EXPECT_EQ(test, failures.nr_gone, 0);
	KUNIT_EXPECT_TRUE(test, cma_are_allocated(cma, pfn, 8));
	failures.nr_failed = 0;
	release_some(test, cma, pfn, 8);
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

static struct kunit_case cma_hwpoison_cases[] = {
	KUNIT_CASE(an_area_has_no_page_that_is_lent_in_use_or_not),
	KUNIT_CASE(an_area_has_what_is_allocated_until_it_is_lent_again),
	KUNIT_CASE(an_area_has_what_is_ready),
	KUNIT_CASE(an_area_has_units_with_all_of_their_pages),
	KUNIT_CASE(a_page_outside_of_areas_is_none_of_theirs),
	KUNIT_CASE(a_page_between_two_ranges_of_an_area_is_not_had),
	KUNIT_CASE(a_page_of_an_area_that_could_not_be_activated_is_not_had),
	KUNIT_CASE(a_ready_page_can_be_lent_on_its_own),
	KUNIT_CASE(a_ready_page_that_fails_is_given_up_on_its_own),
	KUNIT_CASE(it_is_told_apart_whether_the_failure_is_simulated),
	KUNIT_CASE(what_is_not_ready_is_left_to_its_owner),
	KUNIT_CASE(what_is_somebody_elses_by_now_is_not_given_up),
	KUNIT_CASE(the_rest_of_its_unit_is_lent),
	KUNIT_CASE(an_extent_that_cannot_be_divided_is_lent_with_a_page),
	KUNIT_CASE(an_extent_that_cannot_be_divided_is_lent_around_a_page),
	KUNIT_CASE(what_a_floor_lacks_when_a_page_is_given_up_comes_at_once),
	KUNIT_CASE(what_a_floor_lacks_when_a_page_is_lent_comes_later),
	KUNIT_CASE(an_area_where_nothing_has_failed_is_not_looked_at),
	KUNIT_CASE(what_has_failed_of_a_run_that_becomes_ready_is_given_up),
	KUNIT_CASE(as_long_as_no_failure_was_real_it_is_taken_for_simulated),
	KUNIT_CASE(what_has_failed_and_has_an_owner_already_is_not_given_up),
	KUNIT_CASE(a_failure_is_noted_of_the_area_of_its_page_alone),
	{}
};

static struct kunit_suite cma_hwpoison_suite = {
	.name = "cma_hwpoison",
	.test_cases = cma_hwpoison_cases,
};

kunit_test_suite(cma_hwpoison_suite);

MODULE_DESCRIPTION("Tests of READY contiguous memory where the hardware has failed");
MODULE_LICENSE("GPL");
