// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/move_in.c: where memory outside areas runs low, pages move in.
 *
 *	o  a page of a file in memory, outside	a  the area
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>

#include "outside.h"
#include "real.h"
#include "../../internal.h"

static int add_moved_in(struct cma *cma, void *data)
{
	*(u64 *)data += atomic64_read(&cma->stats.moved_in_pages);
	return 0;
}

/*
 *	|oooo|ooo.|aaaa|  ->  |....|....|oooo|	and no page loses its data
 */
static void pages_outside_move_in_with_their_data(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	u64 before = 0, after = 0;
	unsigned long moved;

	cma_for_each_area(add_moved_in, &before);
	cma_make_zone_short(test, outside->zone);
	moved = cma_move_in_all(outside, GFP_NOFS);
	KUNIT_EXPECT_GE(test, moved, CMA_OUTSIDE_PAGES / 2);
	KUNIT_EXPECT_GE(test, cma_count_inside(outside), CMA_OUTSIDE_PAGES / 2);
	cma_for_each_area(add_moved_in, &after);
	/* What is freed meanwhile has moved, too, but to nowhere. */
	KUNIT_EXPECT_GT(test, after, before);
	KUNIT_EXPECT_LE(test, after, before + moved);
}

/* What it allocates for itself has to be outside, and needs the room. */
static void pages_move_in_for_a_task_that_pins_others(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	unsigned int flags = memalloc_pin_save();

	cma_make_zone_short(test, outside->zone);
	cma_move_in_all(outside, GFP_NOFS);
	KUNIT_EXPECT_TRUE(test, current->flags & PF_MEMALLOC_PIN);
	memalloc_pin_restore(flags);
	KUNIT_EXPECT_GE(test, cma_count_inside(outside), CMA_OUTSIDE_PAGES / 2);
}

static void nothing_moves_while_there_is_enough_outside(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);

	KUNIT_EXPECT_EQ(test, cma_move_in_all(outside, GFP_NOFS), 0);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
}

static void nothing_moves_for_a_zone_that_does_not_help(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);

	cma_make_zone_short(test, outside->zone);
	if (zone_idx(outside->zone))
		KUNIT_EXPECT_EQ(test, cma_move_in(outside->zone->zone_pgdat,
						  zone_idx(outside->zone) - 1, ULONG_MAX,
						  GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
}

static void a_task_in_the_middle_of_io_moves_nothing(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);

	cma_make_zone_short(test, outside->zone);
	KUNIT_EXPECT_EQ(test, cma_move_in_all(outside, GFP_NOIO), 0);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
}

static void lock_into_memory(struct cma_outside *outside)
{
	pgoff_t i;

	for (i = 0; i < CMA_OUTSIDE_PAGES; i++) {
		struct folio *folio = cma_outside_folio(outside, i);

		if (folio_isolate_lru(folio)) {
			mapping_set_unevictable(outside->file->f_mapping);
			folio_putback_lru(folio);
		}
		folio_put(folio);
	}
	lru_add_drain_all();
}

/* Nobody wants a page to move that is locked into memory. */
static void a_page_that_can_not_be_evicted_stays(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);

	lock_into_memory(outside);
	cma_make_zone_short(test, outside->zone);
	cma_move_in_all(outside, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
	mapping_clear_unevictable(outside->file->f_mapping);
}

/* A look at all of a zone, for a task that would be killed; what else moves may come first. */
static bool moves_in_at_last(struct cma_outside *outside)
{
	do
		cma_cursor_of(outside->zone)->again_at_last = 0;
	while (cma_move_in_at_last() && !cma_count_inside(outside));
	return cma_count_inside(outside);
}

static void before_a_process_is_killed_a_page_that_can_not_be_evicted_moves_in(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);

	if (!compact_unevictable_allowed())
		kunit_skip(test, "such pages may not be moved at all");
	lock_into_memory(outside);
	cma_make_zone_short(test, outside->zone);
	KUNIT_EXPECT_TRUE(test, moves_in_at_last(outside));
	mapping_clear_unevictable(outside->file->f_mapping);
}

/* What a device writes to would have to stay there. */
static void a_page_that_is_pinned_stays(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	struct folio *folio = cma_outside_folio(outside, 0);

	folio_ref_add(folio, GUP_PIN_COUNTING_BIAS);
	cma_make_zone_short(test, outside->zone);
	cma_move_in_all(outside, GFP_NOFS);
	KUNIT_EXPECT_FALSE(test, is_migrate_cma_folio(folio, folio_pfn(folio)));
	KUNIT_EXPECT_PTR_EQ(test, cma_outside_folio(outside, 0), folio);
	folio_put(folio);
	folio_ref_sub(folio, GUP_PIN_COUNTING_BIAS);
	folio_put(folio);
}

/* A journal will hold it. */
static void what_a_mapping_wants_outside_stays(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	struct address_space *mapping = outside->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);

	mapping_set_gfp_mask(mapping, gfp & ~__GFP_MOVABLE);
	cma_make_zone_short(test, outside->zone);
	cma_move_in_all(outside, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
	mapping_set_gfp_mask(mapping, gfp);
}

static void what_was_in_vain_is_not_tried_again_at_once(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	struct cma_cursor *cursor = cma_cursor_of(outside->zone);

	cma_make_zone_short(test, outside->zone);
	WRITE_ONCE(cursor->again[1], (u32)jiffies + HZ / 10);
	KUNIT_EXPECT_EQ(test, cma_move_in_all(outside, GFP_NOFS), 0);
	msleep(200);
	KUNIT_EXPECT_GT(test, cma_move_in_all(outside, GFP_NOFS), 0);
}

/* Jiffies begin anew after weeks. */
static void what_was_in_vain_long_ago_is_tried_again(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);

	cma_make_zone_short(test, outside->zone);
	WRITE_ONCE(cma_cursor_of(outside->zone)->again[1], (u32)jiffies + S32_MAX);
	KUNIT_EXPECT_GT(test, cma_move_in_all(outside, GFP_NOFS), 0);
}

/* Whoever is short of memory meanwhile waits for the lock of the OOM killer. */
static void a_look_everywhere_in_vain_is_not_tried_again_at_once(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	struct cma_cursor *cursor = cma_cursor_of(outside->zone);
	struct address_space *mapping = outside->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	unsigned long moved;

	mapping_set_gfp_mask(mapping, gfp & ~__GFP_MOVABLE);
	cma_make_zone_short(test, outside->zone);
	/* Something else of the zone may move yet. */
	do {
		cursor->again_at_last = 0;
		moved = cma_move_in_at_last();
	} while (moved);
	mapping_set_gfp_mask(mapping, gfp);
	if (zone_page_state(outside->zone, NR_FREE_CMA_PAGES) <
	    outside->zone->_watermark[WMARK_MIN] + 4 * CMA_MOVE_BATCH)
		kunit_skip(test, "all room in areas is used up");
	KUNIT_EXPECT_TRUE(test, cma_move_was_vain_at_last(cursor));
	cma_move_in_at_last();
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
	cursor->again_at_last = get_jiffies_64();
	cma_move_in_at_last();
	KUNIT_EXPECT_GT(test, cma_count_inside(outside), 0);
}

static void a_look_in_vain_is_noted(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	struct cma_cursor *cursor = cma_cursor_of(outside->zone);
	struct address_space *mapping = outside->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	unsigned long moved;

	mapping_set_gfp_mask(mapping, gfp & ~__GFP_MOVABLE);
	cma_make_zone_short(test, outside->zone);
	/* Something else of the zone may move yet. */
	do {
		WRITE_ONCE(cursor->again[1], jiffies);
		moved = cma_move_in_all(outside, GFP_NOFS);
	} while (moved);
	KUNIT_EXPECT_TRUE(test, cma_move_was_vain(cursor, true));
	/* Page cache may do for those who may move it. */
	KUNIT_EXPECT_FALSE(test, cma_move_was_vain(cursor, false));
	mapping_set_gfp_mask(mapping, gfp);
}

/* All tasks that reclaim would look at the same pages of programs. */
static void where_there_was_no_page_cache_it_is_not_looked_for_at_once(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	struct cma_cursor *cursor = cma_cursor_of(outside->zone);
	unsigned int tries = 0;

	cma_make_zone_short(test, outside->zone);
	WRITE_ONCE(cursor->again_files, jiffies);
	/* There may be some yet. */
	do {
		WRITE_ONCE(cursor->again[0], jiffies);
		cma_move_up_to(outside, outside->zone, 1, GFP_KERNEL);
	} while (!cma_files_were_vain(cursor) && ++tries < 1000);
	KUNIT_EXPECT_TRUE(test, cma_files_were_vain(cursor));
	/* What is in memory alone is, some of the zone each time. */
	do {
		WRITE_ONCE(cursor->again[0], jiffies);
		cma_move_in_all(outside, GFP_KERNEL);
	} while (!cma_count_inside(outside) && ++tries < 1000);
	KUNIT_EXPECT_GT(test, cma_count_inside(outside), 0);
}

/* Is a movable page allocated in an area? */
static bool goes_inside(struct cma_outside *outside)
{
	struct page *page;
	bool inside;

	/* Pcplists have pages of before. */
	drain_all_pages(outside->zone);
	page = alloc_page(GFP_USER | __GFP_MOVABLE);
	inside = page && is_migrate_cma_page(page);
	if (page)
		__free_page(page);
	return inside;
}

static void movable_pages_leave_the_last_memory_outside_to_others(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	unsigned long inside = zone_page_state(outside->zone, NR_FREE_CMA_PAGES);

	if (inside > zone_page_state(outside->zone, NR_FREE_PAGES) / 4)
		kunit_skip(test, "most of what is free is inside");
	KUNIT_EXPECT_FALSE(test, goes_inside(outside));
	cma_make_zone_short(test, outside->zone);
	KUNIT_EXPECT_TRUE(test, goes_inside(outside));
}

/* So many pages have to be free in the zone and in lower ones, but for urgent requests. */
static void boost(struct cma_outside *outside, unsigned long nr_pages)
{
	struct zone *zone = outside->zone->zone_pgdat->node_zones;

	for (; zone <= outside->zone; zone++)
		WRITE_ONCE(zone->watermark_boost, nr_pages);
}

static void before_a_process_is_killed_pages_move_in(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	unsigned long moved;

	cma_make_zone_short(test, outside->zone);
	boost(outside, zone_managed_pages(outside->zone));
	moved = cma_move_in_at_last();
	boost(outside, 0);
	KUNIT_EXPECT_GT(test, moved, 0);
}

static struct kunit_case cma_move_in_cases[] = {
	KUNIT_CASE(pages_outside_move_in_with_their_data),
	KUNIT_CASE(pages_move_in_for_a_task_that_pins_others),
	KUNIT_CASE(nothing_moves_while_there_is_enough_outside),
	KUNIT_CASE(nothing_moves_for_a_zone_that_does_not_help),
	KUNIT_CASE(a_task_in_the_middle_of_io_moves_nothing),
	KUNIT_CASE(a_page_that_can_not_be_evicted_stays),
	KUNIT_CASE(before_a_process_is_killed_a_page_that_can_not_be_evicted_moves_in),
	KUNIT_CASE(a_page_that_is_pinned_stays),
	KUNIT_CASE(what_a_mapping_wants_outside_stays),
	KUNIT_CASE(what_was_in_vain_is_not_tried_again_at_once),
	KUNIT_CASE(what_was_in_vain_long_ago_is_tried_again),
	KUNIT_CASE(a_look_everywhere_in_vain_is_not_tried_again_at_once),
	KUNIT_CASE(a_look_in_vain_is_noted),
	KUNIT_CASE(where_there_was_no_page_cache_it_is_not_looked_for_at_once),
	KUNIT_CASE(movable_pages_leave_the_last_memory_outside_to_others),
	KUNIT_CASE(before_a_process_is_killed_pages_move_in),
	{}
};

static struct kunit_suite cma_move_in_suite = {
	.name = "cma_move_in",
	.test_cases = cma_move_in_cases,
};

kunit_test_suite(cma_move_in_suite);

MODULE_DESCRIPTION("Tests of pages that move into contiguous memory");
MODULE_LICENSE("GPL");
