// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_isolate.c: which pages are isolated, and how many at a time.
 *
 *	.  free		o  an occupant	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "../evac.h"
#include "occupants.h"

/* As many as a thousand tasks isolate that reclaim, and wait for a disk */
#define CROWD	(16L << 20)

/* It is a matter of ticks; the host of a guest may make many of them. */
#define SOON	(3 * HZ)

static void evacuate_in_a_crowd(struct kunit *test, struct occupants *occupants,
				struct cma_evacuation *evacuation, int expected)
{
	struct pglist_data *pgdat = page_pgdat(pfn_to_page(evacuation->pfn));
	unsigned long began = jiffies;
	int err;

	mod_node_page_state(pgdat, NR_ISOLATED_FILE, CROWD);
	err = cma_occupants_evacuate(occupants, evacuation);
	mod_node_page_state(pgdat, NR_ISOLATED_FILE, -CROWD);
	/* Nothing of it is to be nobody's for the tests that follow. */
	if (err != expected) {
		evacuation->nr_pages = err ? evacuation->nr_taken : evacuation->nr_pages;
		cma_occupants_lend(occupants, evacuation);
	}
	KUNIT_ASSERT_EQ(test, err, expected);
	KUNIT_EXPECT_LT(test, jiffies - began, SOON);
}

/*
 *	oooooooooooo....	more than is isolated at a time, in one pageblock
 *	^^^^^^^^^^^^
 */
static void what_is_too_much_at_once_moves_one_part_after_the_other(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants),
		.nr_pages = CMA_ISOLATE_PAGES + 64, .effort = CMA_EFFORT_CLEAR,
	};
	unsigned long i;

	if (pageblock_nr_pages < evacuation.nr_pages)
		kunit_skip(test, "a pageblock has no more than may be isolated at once");
	for (i = 0; i < evacuation.nr_pages; i++)
		cma_occupy(occupants, cma_take_page(occupants, i));
	/* One try has to do: nothing is waited for, so a part can't be left to the next one. */
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, evacuation.nr_pages);
	cma_expect_ours(test, evacuation.pfn, evacuation.nr_pages);
	cma_occupants_lend(occupants, &evacuation);
}

static void expect_to_move_in_a_crowd(struct kunit *test, enum cma_effort effort)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = effort,
	};

	evacuate_in_a_crowd(test, occupants, &evacuation, 0);
	cma_expect_occupant(occupants, 0, folio, true);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	o.......
 *	^^^^^^^^
 */
static void what_others_have_isolated_does_not_stop_an_evacuation(struct kunit *test)
{
	expect_to_move_in_a_crowd(test, CMA_EFFORT_THOROUGH);
}

/* It would have a page noted as stuck that is as good as any. */
static void nor_does_it_stop_one_that_has_another_run_to_turn_to(struct kunit *test)
{
	expect_to_move_in_a_crowd(test, CMA_EFFORT_CLEAR);
}

/*
 *	o.o.o.o.o.o.	more than are isolated at a time in a crowd, and in parts
 *	^^^^^^^^^^^^
 */
static void where_others_have_isolated_too_many_a_few_move_at_a_time(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 200,
		.effort = CMA_EFFORT_CLEAR,
	};
	unsigned int i;

	for (i = 0; i < 100; i++)
		cma_occupy(occupants, cma_take_page(occupants, 2 * i));
	evacuate_in_a_crowd(test, occupants, &evacuation, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 100);
	cma_expect_ours(test, evacuation.pfn, 200);
	cma_occupants_lend(occupants, &evacuation);
}

/* The lock that moving it would take may be the request's own. */
static void a_file_is_left_alone_where_its_file_system_may_not_be_entered(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.gfp = GFP_NOFS | __GFP_NOWARN,
	};

	evacuate_in_a_crowd(test, occupants, &evacuation, -EBUSY);
	cma_expect_occupant(occupants, 0, folio, false);
	evacuation.nr_pages = evacuation.nr_taken;
	cma_occupants_lend(occupants, &evacuation);
}

static struct kunit_case cma_evac_isolate_cases[] = {
	KUNIT_CASE(what_is_too_much_at_once_moves_one_part_after_the_other),
	KUNIT_CASE(what_others_have_isolated_does_not_stop_an_evacuation),
	KUNIT_CASE(nor_does_it_stop_one_that_has_another_run_to_turn_to),
	KUNIT_CASE(where_others_have_isolated_too_many_a_few_move_at_a_time),
	KUNIT_CASE(a_file_is_left_alone_where_its_file_system_may_not_be_entered),
	{}
};

static struct kunit_suite cma_evac_isolate_suite = {
	.name = "cma_evac_isolate",
	.test_cases = cma_evac_isolate_cases,
};

kunit_test_suite(cma_evac_isolate_suite);

MODULE_DESCRIPTION("Tests of how pages of contiguous memory are isolated");
MODULE_LICENSE("GPL");
