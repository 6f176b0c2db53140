// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_buddy.c: free pages, from and to the page allocator's lists.
 *
 *	.  free		o  an occupant	d  a clean one	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

/*
 *	........	what a free block has beyond the run stays free
 *	 ^^^^
 */
static void a_free_block_is_cut_at_both_ends_of_the_run(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long base = cma_occupants_base(occupants);
	struct cma_evacuation evacuation = {
		.pfn = base + 3, .nr_pages = 5,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_TRUE(test, cma_in_free_block(base));
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 0);
	cma_expect_ours(test, base + 3, 5);
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(base + 2));
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(base + 3));
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(base + 7));
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(base + 8));
	cma_occupants_expect_free(occupants, base, 3);
	cma_occupants_expect_free(occupants, base + 8, 1000);
	cma_occupants_lend(occupants, &evacuation);
	cma_occupants_expect_free(occupants, base, occupants->cma->nr_pages);
}

/* On a pcplist nobody would find it. */
static void what_is_given_back_is_in_a_free_block_at_once(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long pfn = cma_occupants_base(occupants) + 1;
	struct cma_evacuation evacuation = {
		.pfn = pfn, .nr_pages = 1,
		.effort = CMA_EFFORT_CLEAR,
	};
	int i;

	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
				0);
		cma_occupants_lend(occupants, &evacuation);
		KUNIT_EXPECT_TRUE(test, cma_in_free_block(pfn));
		evacuation.nr_pages *= 2;
	}
}

static long free_pages_of_areas(struct occupants *occupants)
{
	struct zone *zone = page_zone(pfn_to_page(cma_occupants_base(occupants)));

	return zone_page_state_snapshot(zone, NR_FREE_CMA_PAGES);
}

/*
 *	........  ->  ########  ->  ........	and it is the area's free memory, not
 *						that of everybody
 */
static void what_is_given_back_counts_as_free_memory_of_areas(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants) + 1, .nr_pages = 1500,
		.effort = CMA_EFFORT_CLEAR,
	};
	long before, between, after;

	before = free_pages_of_areas(occupants);
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	between = free_pages_of_areas(occupants);
	cma_occupants_lend(occupants, &evacuation);
	after = free_pages_of_areas(occupants);
	/* Somebody else may have got a few of them, or given some back. */
	KUNIT_EXPECT_GE(test, before - between, 1000);
	KUNIT_EXPECT_LE(test, before - between, 2000);
	KUNIT_EXPECT_GE(test, after - between, 1000);
	KUNIT_EXPECT_LE(test, after - between, 2000);
}

/* A value, for the sake of alloc_hooks(): pages have to be somebody's. */
static unsigned long take_free(struct cma_vacancy *vacancy, unsigned long nr_pages)
{
	cma_take_free(vacancy, vacancy->base, nr_pages, 0);
	return vacancy->nr_ours;
}

/*
 *	...o....	all that is free, in front of it and behind
 *	^^^^^^^^
 */
static void what_is_free_around_a_page_in_use_is_taken(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long base = cma_occupants_base(occupants);
	DECLARE_BITMAP(ours, 64) = { };
	struct cma_vacancy vacancy = {
		.base = base, .nr_pages = 64, .ours = ours,
	};
	struct folio *folio = cma_occupy(occupants, cma_take_page(occupants, 3));

	KUNIT_EXPECT_EQ(test, alloc_hooks(take_free(&vacancy, 64)), 63);
	KUNIT_EXPECT_FALSE(test, cma_is_ours(&vacancy, base + 3));
	cma_expect_ours(test, base, 3);
	cma_expect_ours(test, base + 4, 60);
	cma_expect_occupant(occupants, 0, folio, false);
	KUNIT_EXPECT_TRUE(test, cma_put_free(base, 3));
	KUNIT_EXPECT_TRUE(test, cma_put_free(base + 4, 60));
}

/*
 *	........	a reference too many to the third one
 *	^^^^^^^^
 */
static void a_page_with_another_reference_is_freed_with_that_one(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long base = cma_occupants_base(occupants);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct page *held = pfn_to_page(base + 2);
	int i;

	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	get_page(held);
	KUNIT_EXPECT_FALSE(test, cma_put_free(base, 8));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(base + i)),
				i == 2);
	put_page(held);

	/* None of them is lost, and none of them is free twice. */
	evacuation = (struct cma_evacuation){
		.pfn = base, .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
	};
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	cma_expect_ours(test, base, 8);
	KUNIT_EXPECT_TRUE(test, cma_put_free(base, 8));
}

/* ---- Pages that are looked up in passing ---- */

/*
 *	########	a reference too many to the fourth one
 */
static void a_reference_of_somebody_else_is_not_taken_away(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = cma_alloc(occupants->cma, 8, 3, false);
	unsigned long pfn, i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	get_page(page + 3);
	KUNIT_EXPECT_FALSE(test, cma_freeze_pages(pfn, 8, GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, cma_occupants_prepare(occupants, pfn, 8,
						       GFP_NOWAIT | __GFP_COMP,
						       true));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(page + i), 1 + (i == 3));
	KUNIT_EXPECT_FALSE(test, PageCompound(page));
	put_page(page + 3);
	KUNIT_EXPECT_TRUE(test, cma_freeze_pages(pfn, 8, GFP_NOWAIT));
	for (i = 0; i < 8; i++)
		page_ref_unfreeze(page + i, 1);
	cma_release(occupants->cma, page, 8);
}

/* On the processor of whoever waits, so that neither is late while the host has it. */
static int let_go_soon(void *page)
{
	schedule_timeout_uninterruptible(1);
	put_page(page);
	return 0;
}

static void a_reference_taken_in_passing_is_waited_for(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = cma_alloc(occupants->cma, 8, 3, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page + 3);
	migrate_disable();
	cma_start_here(test, let_go_soon, page + 3);
	KUNIT_EXPECT_TRUE(test, cma_occupants_prepare(occupants, page_to_pfn(page), 8,
						      GFP_KERNEL | __GFP_COMP,
						      true));
	migrate_enable();
	KUNIT_EXPECT_EQ(test, compound_order(page), 3);
	cma_release(occupants->cma, page, 8);
}

/* ---- Pages that their owner puts once more than it has references ---- */

/*
 *	rrrrrrrr  ->  rrr.rrrr	one of eight pages that were given back and are READY
 */
static struct page *put_once_too_often(struct occupants *occupants)
{
	struct cma *cma = occupants->cma;
	struct kunit *test = occupants->test;
	struct page *page = cma_alloc(cma, 8, 3, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_set_ready_max(cma, cma->nr_pages);
	cma_release(cma, page, 8);
	KUNIT_ASSERT_EQ(test, cma->ready.total, 8);
	put_page(page + 3);
	drain_all_pages(NULL);
	KUNIT_ASSERT_TRUE(test, PageBuddy(page + 3));
	return page;
}

static void a_page_that_was_put_once_too_often_is_not_freed_twice(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = put_once_too_often(occupants);
	unsigned int i;

	cma_set_ready_max(occupants->cma, 0);
	drain_all_pages(NULL);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(page + i), 0);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants),
				  occupants->cma->nr_pages);
}

/*
 *	rrr.rrrr  ->  rrrorrrr	and then has another owner
 */
static void a_page_that_was_put_once_too_often_is_left_to_its_next_owner(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = put_once_too_often(occupants);
	unsigned long pfn = page_to_pfn(page + 3);

	KUNIT_ASSERT_EQ(test, alloc_hooks(cma_take_leading(pfn, 1, GFP_KERNEL)), 1);
	atomic_set(&page[3]._mapcount, 0);
	cma_set_ready_max(occupants->cma, 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 1);
	atomic_set(&page[3]._mapcount, -1);
	put_page(page + 3);
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants),
				  occupants->cma->nr_pages);
}

/* It was read from swap, say, and nobody has mapped it yet. */
static void a_page_of_a_list_of_pages_in_use_is_left_to_its_next_owner(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = put_once_too_often(occupants);
	unsigned long pfn = page_to_pfn(page + 3);

	KUNIT_ASSERT_EQ(test, alloc_hooks(cma_take_leading(pfn, 1, GFP_KERNEL)), 1);
	set_bit(PG_swapbacked, &page[3].flags);
	cma_set_ready_max(occupants->cma, 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 1);
	clear_bit(PG_swapbacked, &page[3].flags);
	put_page(page + 3);
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants),
				  occupants->cma->nr_pages);
}

/*
 *	rrrrrrrr  ->  ....rrrr  ->  oooorrrr	and then they are one large folio of somebody
 */
static void a_large_folio_where_pages_were_put_too_often_is_left_alone(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page = cma_alloc(cma, 8, 3, false);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_set_ready_max(cma, cma->nr_pages);
	cma_release(cma, page, 8);
	for (i = 0; i < 4; i++)
		put_page(page + i);
	drain_all_pages(NULL);
	KUNIT_ASSERT_EQ(test, alloc_hooks(cma_take_leading(page_to_pfn(page), 4, GFP_KERNEL)), 4);
	KUNIT_ASSERT_TRUE(test, cma_occupants_prepare(occupants, page_to_pfn(page), 4,
						      GFP_KERNEL | __GFP_COMP, false));
	cma_set_ready_max(cma, 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	KUNIT_EXPECT_EQ(test, compound_order(page), 2);
	folio_put(page_folio(page));
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants), cma->nr_pages);
}

/* The page allocator has it, and gives it up like any other free page. */
static void a_failed_page_that_was_put_once_too_often_is_not_given_up(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = put_once_too_often(occupants);

	KUNIT_EXPECT_FALSE(test, cma_give_up_page(page_to_pfn(page + 3), true));
	KUNIT_EXPECT_TRUE(test, PageBuddy(page + 3));
	cma_set_ready_max(occupants->cma, 0);
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants),
				  occupants->cma->nr_pages);
}

/* Without flags for that the page allocator leaves it where it is. */
static void a_mapping_that_an_owner_left_is_not_taken_for_a_new_one(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long base = cma_occupants_base(occupants);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};
	static struct address_space space;

	KUNIT_ASSERT_TRUE(test, cma_in_free_block(base + 3));
	pfn_to_page(base + 3)->mapping = &space;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_NULL(test, pfn_to_page(base + 3)->mapping);
	cma_occupants_lend(occupants, &evacuation);
	cma_occupants_expect_free(occupants, base, 8);
}

/* Each page of a folio is written to, so there is time for a look, with or without the audit. */
static void a_page_that_was_put_once_too_often_is_in_no_folio(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = put_once_too_often(occupants);
	struct folio *folio = cma_alloc_folio(occupants->cma, 3, GFP_KERNEL | __GFP_COMP);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_FALSE(test, PageBuddy(page + 3) && &folio->page == page);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_TRUE(test, cma_free_folio(occupants->cma, folio));
	cma_set_ready_max(occupants->cma, 0);
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants),
				  occupants->cma->nr_pages);
}

static void a_page_that_was_put_once_too_often_is_not_handed_out(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page, *other;
	unsigned int i;

	if (!cma_is_audited())
		kunit_skip(test, "needs the audit");
	page = put_once_too_often(occupants);
	other = cma_alloc(occupants->cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_FALSE(test, PageBuddy(page + 3) && other == page);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(other + i), 1);
	cma_release(occupants->cma, other, 8);
	cma_set_ready_max(occupants->cma, 0);
	drain_all_pages(NULL);
	cma_occupants_expect_free(occupants, cma_occupants_base(occupants),
				  occupants->cma->nr_pages);
}

static struct kunit_case cma_evac_buddy_cases[] = {
	KUNIT_CASE(a_free_block_is_cut_at_both_ends_of_the_run),
	KUNIT_CASE(what_is_given_back_is_in_a_free_block_at_once),
	KUNIT_CASE(what_is_given_back_counts_as_free_memory_of_areas),
	KUNIT_CASE(what_is_free_around_a_page_in_use_is_taken),
	KUNIT_CASE(a_page_with_another_reference_is_freed_with_that_one),
	KUNIT_CASE(a_reference_of_somebody_else_is_not_taken_away),
	KUNIT_CASE(a_reference_taken_in_passing_is_waited_for),
	KUNIT_CASE(a_page_that_was_put_once_too_often_is_not_freed_twice),
	KUNIT_CASE(a_page_that_was_put_once_too_often_is_left_to_its_next_owner),
	KUNIT_CASE(a_page_of_a_list_of_pages_in_use_is_left_to_its_next_owner),
	KUNIT_CASE(a_large_folio_where_pages_were_put_too_often_is_left_alone),
	KUNIT_CASE(a_failed_page_that_was_put_once_too_often_is_not_given_up),
	KUNIT_CASE(a_mapping_that_an_owner_left_is_not_taken_for_a_new_one),
	KUNIT_CASE(a_page_that_was_put_once_too_often_is_in_no_folio),
	KUNIT_CASE(a_page_that_was_put_once_too_often_is_not_handed_out),
	{}
};

static struct kunit_suite cma_evac_buddy_suite = {
	.name = "cma_evac_buddy",
	.test_cases = cma_evac_buddy_cases,
};

kunit_test_suite(cma_evac_buddy_suite);

MODULE_DESCRIPTION("Tests of free pages of contiguous memory");
MODULE_LICENSE("GPL");
