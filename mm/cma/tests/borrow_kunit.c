// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/borrow.c: who may borrow an area.
 *
 *	r  a page of a file that is read	.  free
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched/mm.h>
#include <linux/vmstat.h>

#include "../area.h"
#include "../move_in.h"
#include "../../internal.h"
#include "real.h"

#define NR_FOLIOS	64

struct scene {
	struct cma *cma;
	struct zone *zone;
	unsigned long high;
};

static void end_borrow(void *data)
{
	struct scene *scene = data;

	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], scene->high);
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	cma_real_lend(scene->cma);
}

static struct scene *open_scene(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->cma = cma_real_area(test, "kunit0");
	scene->zone = page_zone(pfn_to_page(scene->cma->base_pfn));
	scene->high = scene->zone->_watermark[WMARK_HIGH];
	cma_real_lend_all();
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_borrow, scene), 0);
	return scene;
}

static bool is_inside(struct scene *scene, struct folio *folio)
{
	return cma_overlaps(scene->cma, folio_pfn(folio), folio_nr_pages(folio));
}

static struct folio *read_folio(struct scene *scene, unsigned int order)
{
	return alloc_clean_folio(GFP_HIGHUSER_MOVABLE | __GFP_NOWARN, order,
				 zone_to_nid(scene->zone));
}

/*
 *	|....|....|  ->  |rr..|....|
 */
static void what_is_read_may_be_in_a_clean_area(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct folio *folio, *large;

	KUNIT_EXPECT_NULL(test, read_folio(scene, 0));
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	folio = read_folio(scene, 0);
	large = read_folio(scene, 2);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_NOT_NULL(test, large);
	KUNIT_EXPECT_TRUE(test, is_inside(scene, folio));
	KUNIT_EXPECT_TRUE(test, is_inside(scene, large));
	KUNIT_EXPECT_EQ(test, folio_order(large), 2);
	KUNIT_EXPECT_FALSE(test, folio_is_longterm_pinnable(folio));
	folio_put(folio);
	folio_put(large);
}

static void what_is_freed_of_a_clean_area_stays_there(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long before;
	struct folio *folio;

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	before = cma_real_clean_free(scene->zone);
	folio = read_folio(scene, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), before - 1);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), before);
}

static void what_will_be_written_is_in_no_clean_area(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	KUNIT_EXPECT_NULL(test, alloc_clean_folio(GFP_HIGHUSER_MOVABLE | __GFP_WRITE, 0,
						  zone_to_nid(scene->zone)));
	KUNIT_EXPECT_NULL(test, alloc_clean_folio(GFP_KERNEL, 0, zone_to_nid(scene->zone)));
}

static void what_will_be_pinned_is_in_no_clean_area(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned int flags;

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	flags = memalloc_pin_save();
	KUNIT_EXPECT_NULL(test, read_folio(scene, 0));
	memalloc_pin_restore(flags);
}

/* Even where memory outside seems to be short. */
static void nothing_else_gets_into_a_clean_area(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct folio *folios[NR_FOLIOS];
	unsigned int i;

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], zone_managed_pages(scene->zone));
	for (i = 0; i < NR_FOLIOS; i++) {
		folios[i] = folio_alloc(GFP_HIGHUSER_MOVABLE, i % 2 ? pageblock_order - 1 : 0);
		if (folios[i])
			KUNIT_EXPECT_FALSE(test, is_inside(scene, folios[i]));
	}
	for (i = 0; i < NR_FOLIOS; i++)
		if (folios[i])
			folio_put(folios[i]);
}

/* It could not be used by those that a watermark is for. */
static void what_is_free_of_a_clean_area_is_left_out_of_watermarks(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct zone *zone = scene->zone;
	unsigned long free;

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	free = zone_page_state_snapshot(zone, NR_FREE_PAGES);
	KUNIT_EXPECT_GE(test, cma_real_clean_free(scene->zone), scene->cma->nr_pages / 2);
	/* Other tasks free something meanwhile. */
	KUNIT_EXPECT_FALSE(test, zone_watermark_ok(zone, 0, free - cma_real_clean_free(zone) +
						   scene->cma->nr_pages / 4, 0, ALLOC_CMA));
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
	KUNIT_EXPECT_TRUE(test, zone_watermark_ok(zone, 0, free - scene->cma->nr_pages / 2, 0,
						  ALLOC_CMA));
}

/*
 *	|rr..|....|  a run is taken and given back  |rr..|....|  still for what is read
 */
static void a_run_of_a_clean_area_is_lent_to_the_same(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long before, count = scene->cma->nr_pages / 2;
	struct page *page;

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	before = cma_real_clean_free(scene->zone);
	page = cma_alloc(scene->cma, count, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	/* What an attempt in vain has left READY. */
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), before - count);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, count));
	cma_real_lend(scene->cma);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), before);
}

/* What was lent to others meanwhile is for them again. */
static void a_run_that_is_held_while_that_changes_comes_back_as_it_is_now(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long count = scene->cma->nr_pages / 2;
	struct page *page = cma_alloc(scene->cma, count, 0, false);
	unsigned long before;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	before = cma_real_clean_free(scene->zone);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, count));
	cma_real_lend(scene->cma);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), before + count);
}

/* A device would get nothing of what is free for it alone otherwise. */
static void a_run_of_a_clean_area_is_free_whatever_is_left_outside(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long min = scene->zone->_watermark[WMARK_MIN];
	struct page *page;

	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	WRITE_ONCE(scene->zone->_watermark[WMARK_MIN], zone_managed_pages(scene->zone));
	page = cma_alloc(scene->cma, scene->cma->nr_pages / 2, 0, true);
	WRITE_ONCE(scene->zone->_watermark[WMARK_MIN], min);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->cma->nr_pages / 2));
}

/* It would be lent to nobody who needs it. */
static void what_is_ready_of_a_clean_area_is_no_help_where_memory_is_short(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long before = cma_ready_surplus_total();
	struct page *page = cma_alloc(scene->cma, 64, 0, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_TRUE(test, cma_release(scene->cma, page, 64));
	KUNIT_EXPECT_GT(test, cma_ready_surplus_total(), before);
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	KUNIT_EXPECT_LE(test, cma_ready_surplus_total(), before);
}

/*
 * There is room for page cache alone, which stays where it is before a task is killed. In a
 * moment there may be room for others.
 */
static void a_zone_that_was_not_looked_at_was_not_in_vain(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct cma_cursor *cursor = cma_cursor_of(scene->zone);
	unsigned long least = scene->zone->_watermark[WMARK_MIN];
	struct zone *zone;

	/* There it would be looked for pages that could move. */
	for_each_populated_zone(zone)
		if (zone != scene->zone && zone_page_state(zone, NR_FREE_CMA_PAGES))
			kunit_skip(test, "another zone has areas as well");
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	/* Others may allocate meanwhile. */
	if (zone_page_state(scene->zone, NR_FREE_CMA_PAGES) >
	    zone_page_state(scene->zone, NR_FREE_PAGES) / 4)
		kunit_skip(test, "too much of what is free is in other areas");
	KUNIT_ASSERT_GT(test, zone_page_state(scene->zone, NR_FREE_CMA_CLEAN_PAGES),
			CMA_MOVE_BATCH);
	cursor->again_at_last = 0;
	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], zone_managed_pages(scene->zone));
	WRITE_ONCE(scene->zone->_watermark[WMARK_MIN],
		   max(least, zone_page_state(scene->zone, NR_FREE_CMA_PAGES)));
	cma_move_in_at_last();
	WRITE_ONCE(scene->zone->_watermark[WMARK_MIN], least);
	KUNIT_EXPECT_FALSE(test, cma_move_was_vain_at_last(cursor));
}

static void an_area_that_nobody_may_borrow_is_ready(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct cma_usage usage;

	cma_set_borrow(scene->cma, CMA_BORROW_NONE);
	flush_delayed_work(&scene->cma->ready_work);
	cma_get_usage(scene->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.ready, usage.total);
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(scene->cma->ready_min), 0);
}

/*
 *	#.......|........  ->  #rrrrrrr|rrrrrrrr	less than a pageblock is left beside a run
 */
static void what_devices_leave_of_an_area_that_nobody_may_borrow_is_ready(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page = cma_alloc(scene->cma, 1, 0, false);
	struct cma_usage usage;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_set_borrow(scene->cma, CMA_BORROW_NONE);
	flush_delayed_work(&scene->cma->ready_work);
	cma_get_usage(scene->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.ready, usage.total - usage.allocated);
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, 1));
}

static void a_word_that_nobody_knows_changes_nothing(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	KUNIT_EXPECT_EQ(test, cma_choose_borrow(scene->cma, "clean\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_choose_borrow(scene->cma, "dirty"), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_choose_borrow(scene->cma, ""), -EINVAL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(scene->cma->borrow), CMA_BORROW_CLEAN);
	KUNIT_EXPECT_EQ(test, cma_choose_borrow(scene->cma, "all"), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(scene->cma->borrow), CMA_BORROW_ALL);
}

static struct kunit_case cma_borrow_cases[] = {
	KUNIT_CASE(what_is_read_may_be_in_a_clean_area),
	KUNIT_CASE(what_is_freed_of_a_clean_area_stays_there),
	KUNIT_CASE(what_will_be_written_is_in_no_clean_area),
	KUNIT_CASE(what_will_be_pinned_is_in_no_clean_area),
	KUNIT_CASE(nothing_else_gets_into_a_clean_area),
	KUNIT_CASE(what_is_free_of_a_clean_area_is_left_out_of_watermarks),
	KUNIT_CASE(a_run_of_a_clean_area_is_lent_to_the_same),
	KUNIT_CASE(a_run_that_is_held_while_that_changes_comes_back_as_it_is_now),
	KUNIT_CASE(a_run_of_a_clean_area_is_free_whatever_is_left_outside),
	KUNIT_CASE(what_is_ready_of_a_clean_area_is_no_help_where_memory_is_short),
	KUNIT_CASE(a_zone_that_was_not_looked_at_was_not_in_vain),
	KUNIT_CASE(an_area_that_nobody_may_borrow_is_ready),
	KUNIT_CASE(what_devices_leave_of_an_area_that_nobody_may_borrow_is_ready),
	KUNIT_CASE(a_word_that_nobody_knows_changes_nothing),
	{}
};

static struct kunit_suite cma_borrow_suite = {
	.name = "cma_borrow",
	.test_cases = cma_borrow_cases,
};

kunit_test_suite(cma_borrow_suite);

MODULE_DESCRIPTION("Tests of who may borrow contiguous memory");
MODULE_LICENSE("GPL");
