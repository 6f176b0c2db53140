// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/hwpoison.c: whose a page is, and what is lent or given up with it. Pages
 * that are marked as failed are in evac_poison_kunit.c.
 *
 * In the pictures a letter stands for a page, and bars part units.
 *
 *	.  lent		r  READY	#  allocated	c  claimed
 *	p  given up
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "../evac.h"
#include "failures.h"
#include "occupants.h"

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
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_allocate_alone(test, cma, 8);
	struct cma_claim claim;

	cma_expect_had(test, pfn, 8);
	KUNIT_ASSERT_TRUE(test, cma_retire(cma, cma_pages_to_run(cma, pfn, 8), &claim));
	cma_expect_had(test, pfn, 8);
	cma_page_evacuator.lend(cma, pfn, 8);
	cma_expect_had(test, pfn, 8);
	cma_abort(cma, &claim);
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn));
	KUNIT_EXPECT_FALSE(test, cma_has_page(pfn + 7));
}

/*
 *	.rrrrrrrr.
 */
static void an_area_has_what_is_ready(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);

	cma_expect_had(test, cma_make_run_ready(test, cma, 8), 8);
}

/*
 *	....|rrrr|rrrr|....
 */
static void an_area_has_units_with_all_of_their_pages(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");

	KUNIT_ASSERT_EQ(test, cma->order_per_bit, 2);
	cma_watch_failures(test, cma);
	cma_expect_had(test, cma_make_run_ready(test, cma, 8), 8);
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
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 8);

	cma_lend_page(pfn + 3);
	cma_expect_given_back(test, pfn + 3);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 1);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_gone, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
}

/*
 *	rrrrrrrr  ->  rrrprrrr
 */
static void a_ready_page_that_fails_is_given_up_on_its_own(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 8);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 3, true));
	cma_expect_given_up(test, pfn + 3);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	/* There is no floor that lacks anything. */
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&cma->ready_work));
}

static void it_is_told_apart_whether_the_failure_is_simulated(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 8);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn, true));
	KUNIT_EXPECT_TRUE(test, cma_failures.simulated);
	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 7, false));
	KUNIT_EXPECT_FALSE(test, cma_failures.simulated);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 6);
}

static void expect_left_to_its_owner(struct kunit *test, unsigned long pfn)
{
	cma_lend_page(pfn);
	KUNIT_EXPECT_FALSE(test, cma_give_up_page(pfn, true));
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 0);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_gone, 0);
	KUNIT_EXPECT_EQ(test, cma_failures.cma->ready.total, 2);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&cma_failures.cma->ready_work));
}

/*
 *	r#r#  ->  r#rc  ->  r#r.	neither what is allocated, nor what is claimed or lent
 */
static void what_is_not_ready_is_left_to_its_owner(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_allocate_alone(test, cma, 4);
	struct cma_claim claim;

	cma_release_some(test, cma, pfn, 1);
	cma_release_some(test, cma, pfn + 2, 1);
	cma_begin_to_count(cma);
	expect_left_to_its_owner(test, pfn + 1);
	KUNIT_ASSERT_TRUE(test, cma_retire(cma, cma_pages_to_run(cma, pfn + 3, 1), &claim));
	expect_left_to_its_owner(test, pfn + 3);
	cma_page_evacuator.lend(cma, pfn + 3, 1);
	cma_abort(cma, &claim);
	expect_left_to_its_owner(test, pfn + 3);
	cma_release_some(test, cma, pfn + 1, 1);
}

/*
 *	rrrrrrrr  ->  rrr#rrrr	its former owner has put it once more, and it has a new one
 */
static void what_is_somebody_elses_by_now_is_not_given_up(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = cma_make_run_ready(test, cma, 8);

	cma_failures.theirs = true;
	KUNIT_EXPECT_FALSE(test, cma_give_up_page(pfn + 3, true));
	/* The area hasn't got it any more, either. */
	cma_expect_given_up(test, pfn + 3);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 0);
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
	cma_watch_failures(test, cma);
	pfn = cma_make_run_ready(test, cma, 8);
	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 5, true));
	cma_expect_given_up(test, pfn + 5);
	cma_expect_given_back(test, pfn + 4);
	cma_expect_given_back(test, pfn + 6);
	cma_expect_given_back(test, pfn + 7);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 3);
	cma_expect_had(test, pfn, 4);
}

#define SLOTS_PAGES	(2 * CMA_MAX_EXTENTS + 1)

/*
 *	rrr#r#r#r#r ...	as many extents as there can be, so that the first one can't be two
 */
static unsigned long use_all_slots(struct kunit *test, struct cma *cma)
{
	unsigned long pfn = cma_allocate_alone(test, cma, SLOTS_PAGES), i;

	cma_release_some(test, cma, pfn, 3);
	for (i = 4; i < SLOTS_PAGES; i += 2)
		cma_release_some(test, cma, pfn + i, 1);
	KUNIT_EXPECT_EQ(test, cma->ready.nr, CMA_MAX_EXTENTS);
	KUNIT_EXPECT_EQ(test, cma->ready.total, CMA_MAX_EXTENTS + 2);
	cma_begin_to_count(cma);
	return pfn;
}

static void release_between_slots(struct kunit *test, struct cma *cma, unsigned long pfn)
{
	unsigned long i;

	for (i = 3; i < SLOTS_PAGES; i += 2)
		cma_release_some(test, cma, pfn + i, 1);
}

/*
 *	rrr#r#r#r#r ...  ->  ...#r#r#r#r ...
 */
static void an_extent_that_cannot_be_divided_is_lent_with_a_page(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = use_all_slots(test, cma), i;

	cma_lend_page(pfn + 1);
	for (i = 0; i < 3; i++)
		cma_expect_given_back(test, pfn + i);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 3);
	KUNIT_EXPECT_EQ(test, cma->ready.total, CMA_MAX_EXTENTS - 1);
	release_between_slots(test, cma, pfn);
}

/*
 *	rrr#r#r#r#r ...  ->  .p.#r#r#r#r ...
 */
static void an_extent_that_cannot_be_divided_is_lent_around_a_page(struct kunit *test)
{
	struct cma *cma = cma_open_failures(test);
	unsigned long pfn = use_all_slots(test, cma);

	KUNIT_EXPECT_TRUE(test, cma_give_up_page(pfn + 1, true));
	cma_expect_given_up(test, pfn + 1);
	cma_expect_given_back(test, pfn);
	cma_expect_given_back(test, pfn + 2);
	KUNIT_EXPECT_EQ(test, cma_failures.nr_lent, 2);
	KUNIT_EXPECT_EQ(test, cma->ready.total, CMA_MAX_EXTENTS - 1);
	release_between_slots(test, cma, pfn);
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
	{}
};

static struct kunit_suite cma_hwpoison_suite = {
	.name = "cma_hwpoison",
	.test_cases = cma_hwpoison_cases,
};

kunit_test_suite(cma_hwpoison_suite);

MODULE_DESCRIPTION("Tests of READY contiguous memory where the hardware has failed");
MODULE_LICENSE("GPL");
