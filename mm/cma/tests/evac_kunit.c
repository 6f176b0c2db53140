// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac.c: what the evacuation of a run leaves behind when it fails, and
 * what a run is prepared for, on real memory.
 *
 *	.  free		o  an occupant	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

/*
 *	....o...	nothing is waited for, and nothing is kept
 *	^^^^^^^^
 */
static void a_request_that_cannot_sleep_takes_free_pages_or_none(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_occupy(occupants, cma_take_page(occupants, 4));
	unsigned long base = cma_occupants_base(occupants), flags;
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8, .gfp = GFP_ATOMIC,
		.effort = CMA_EFFORT_CLEAR,
	};
	int err;

	local_irq_save(flags);
	err = cma_occupants_evacuate(occupants, &evacuation);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, err, -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	cma_expect_occupant(occupants, 0, folio, false);
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(base + 3));

	evacuation.nr_pages = 4;
	local_irq_save(flags);
	err = cma_occupants_evacuate(occupants, &evacuation);
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, err, 0);
	cma_expect_ours(test, base, 4);
	cma_occupants_lend(occupants, &evacuation);
}

/* ---- Failures ---- */

/* A run of 64 pages with a pinned one as the eleventh. */
static void expect_ten_kept(struct kunit *test, bool thorough)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *stuck = cma_occupy(occupants, cma_take_page(occupants, 10));
	unsigned long base = cma_occupants_base(occupants);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 64, .effort = thorough ? CMA_EFFORT_THOROUGH :
				   CMA_EFFORT_CLEAR,
	};

	cma_occupant_pin(stuck, 1);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.hopeless, !thorough);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, base + 10);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 10);
	cma_expect_ours(test, base, 10);
	/* The rest is free again, and not only half-way. */
	cma_occupants_expect_free(occupants, base + 11, 64 - 11);
	cma_occupant_pin(stuck, -1);
	evacuation.nr_pages = 10;
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	....x...	what the run begins with can be kept
 *	^^^^^^^^
 */
static void leading_pages_are_kept_after_a_glance(struct kunit *test)
{
	expect_ten_kept(test, false);
}

static void leading_pages_are_kept_after_a_thorough_failure(struct kunit *test)
{
	expect_ten_kept(test, true);
}

/* ---- Costs, and what a run is prepared for ---- */

/* The area's first eight pages, which are free, become ours. */
static struct cma_evacuation take_eight(struct occupants *occupants)
{
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(occupants->test, 0,
			cma_occupants_evacuate(occupants, &evacuation));
	return evacuation;
}

static void a_run_that_somebody_holds_may_not_be_kept(struct kunit *test)
{
	const struct cma_evacuator *evacuator = &cma_page_evacuator;
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = take_eight(occupants);
	unsigned long base = evacuation.pfn;

	KUNIT_EXPECT_TRUE(test, evacuator->may_keep(occupants->cma, base, 8));
	get_page(pfn_to_page(base + 7));
	KUNIT_EXPECT_FALSE(test, evacuator->may_keep(occupants->cma, base, 8));
	put_page(pfn_to_page(base + 7));
	cma_occupants_lend(occupants, &evacuation);
}

static void a_compound_page_may_not_be_kept(struct kunit *test)
{
	const struct cma_evacuator *evacuator = &cma_page_evacuator;
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = take_eight(occupants);
	unsigned long base = evacuation.pfn;

	cma_occupants_prepare(occupants, base, 8, GFP_KERNEL | __GFP_COMP, false);
	KUNIT_EXPECT_EQ(test, compound_order(pfn_to_page(base)), 3);
	KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(base)), 1);
	KUNIT_EXPECT_FALSE(test, evacuator->may_keep(occupants->cma, base, 8));
	folio_put(page_folio(pfn_to_page(base)));
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, base, 8);
}

/* Somebody has looked it up, and would find another page than that. */
static void a_compound_page_waits_for_its_first_page_as_for_all_others(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = take_eight(occupants);
	struct page *page = pfn_to_page(evacuation.pfn);

	get_page(page);
	KUNIT_EXPECT_FALSE(test, cma_occupants_prepare(occupants, evacuation.pfn, 8,
						       GFP_KERNEL | __GFP_COMP, false));
	KUNIT_EXPECT_FALSE(test, PageCompound(page));
	put_page(page);
	cma_expect_ours(test, evacuation.pfn, 8);
	cma_occupants_lend(occupants, &evacuation);
}

static struct kunit_case cma_evac_cases[] = {
	KUNIT_CASE(a_request_that_cannot_sleep_takes_free_pages_or_none),
	KUNIT_CASE(leading_pages_are_kept_after_a_glance),
	KUNIT_CASE(leading_pages_are_kept_after_a_thorough_failure),
	KUNIT_CASE(a_run_that_somebody_holds_may_not_be_kept),
	KUNIT_CASE(a_compound_page_may_not_be_kept),
	KUNIT_CASE(a_compound_page_waits_for_its_first_page_as_for_all_others),
	{}
};

static struct kunit_suite cma_evac_suite = {
	.name = "cma_evac",
	.test_cases = cma_evac_cases,
};

kunit_test_suite(cma_evac_suite);

MODULE_DESCRIPTION("Tests of what the evacuation does with each kind of page");
MODULE_LICENSE("GPL");
