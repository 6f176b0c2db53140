// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/move_zone.c: from which zones pages move into which areas.
 *
 *	o  a page of a file in memory, outside	a  the area
 */
#include <kunit/test.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>

#include "outside.h"
#include "real.h"
#include "../../internal.h"

/* A page that is moved out again, since it is pinned, is moved in only so often. */
static void own_pages_of_a_task_that_pins_move_a_while_after_boot_as_well(struct kunit *test)
{
	struct cma_own own = { };

	KUNIT_EXPECT_TRUE(test, cma_may_move_own(&own, 3, 100));
	KUNIT_EXPECT_EQ(test, own.left, 100);
	own.left = 0;
	KUNIT_EXPECT_FALSE(test, cma_may_move_own(&own, 3, 100));
	KUNIT_EXPECT_FALSE(test, cma_may_move_own(&own, 3 + CMA_OWN_S - 1, 100));
	KUNIT_EXPECT_TRUE(test, cma_may_move_own(&own, 3 + CMA_OWN_S, 100));
	own.left -= 40;
	KUNIT_EXPECT_TRUE(test, cma_may_move_own(&own, 3 + CMA_OWN_S, 100));
	KUNIT_EXPECT_EQ(test, own.left, 60);
}

/* And what can be in an area gains nothing from more memory outside. */
static void high_memory_is_for_those_who_can_have_it_and_no_area(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cma_highest_zone(GFP_HIGHUSER), gfp_zone(GFP_HIGHUSER));
	KUNIT_EXPECT_EQ(test, cma_highest_zone(GFP_HIGHUSER_MOVABLE), ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, cma_highest_zone(GFP_KERNEL), ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, cma_highest_zone(GFP_USER | __GFP_MOVABLE), ZONE_NORMAL);
}

/* Device memory would be the next to be asked for: it is kept for those who need it. */
static void a_low_zone_is_short_while_it_has_only_its_reserve(struct kunit *test)
{
	struct zone *zone = kunit_kzalloc(test, sizeof(*zone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, zone);
	if (ZONE_NORMAL == 0)
		kunit_skip(test, "this kernel has no lower zone");
	zone->_watermark[WMARK_HIGH] = 100;
	zone->lowmem_reserve[ZONE_NORMAL] = 1000;
	atomic_long_set(&zone->vm_stat[NR_FREE_CMA_PAGES], 500);
	atomic_long_set(&zone->vm_stat[NR_FREE_PAGES], 500 + 1099);
	KUNIT_EXPECT_TRUE(test, cma_zone_is_short(zone, ZONE_NORMAL));
	KUNIT_EXPECT_FALSE(test, cma_zone_is_short(zone, 0));
	atomic_long_set(&zone->vm_stat[NR_FREE_PAGES], 500 + 1100);
	KUNIT_EXPECT_FALSE(test, cma_zone_is_short(zone, ZONE_NORMAL));
}

/* Nobody gets that but atomic requests of higher orders. */
static void what_is_kept_for_atomic_requests_is_no_room(struct kunit *test)
{
	struct zone *zone = kunit_kzalloc(test, sizeof(*zone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, zone);
	zone->_watermark[WMARK_HIGH] = 100;
	atomic_long_set(&zone->vm_stat[NR_FREE_PAGES], 150);
	KUNIT_EXPECT_FALSE(test, cma_zone_is_short(zone, ZONE_NORMAL));
	zone->nr_free_highatomic = 51;
	KUNIT_EXPECT_TRUE(test, cma_zone_is_short(zone, ZONE_NORMAL));
}

/*
 *	|rrrr|rrrr|  ->  |....|rrrr|	what nobody needs, where areas have no other room
 */
static void what_is_ready_is_lent_before_anything_is_evicted(struct kunit *test)
{
	struct cma_outside *outside = cma_open_outside(test);
	unsigned long count = 4 * pageblock_nr_pages;
	struct cma *cma = cma_real_area(test, "kunit0");
	struct cma_move move;
	struct page *page;

	if (count > cma->nr_pages || page_zone(pfn_to_page(cma->base_pfn)) != outside->zone)
		kunit_skip(test, "the area has too few pageblocks, or is elsewhere");
	page = cma_alloc(cma, count, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_set_quick_max(cma, 0);
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, count));
	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->ready.total), count);
	cma_make_zone_short(test, outside->zone);
	/* There is room. */
	cma_may_move(&move, outside->zone, ZONE_NORMAL, false);
	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->ready.total), count);
	WRITE_ONCE(outside->zone->_watermark[WMARK_LOW], zone_managed_pages(outside->zone));
	cma_may_move(&move, outside->zone, ZONE_NORMAL, false);
	setup_per_zone_wmarks();
	cma_set_quick_max(cma, cma->nr_pages / 2);
	/* Areas of high memory may have room. */
	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->ready.total),
			move.inside && move.inside != outside->zone &&
			is_highmem(move.inside) ? count : 0);
}

/* The lowest zone, where it isn't that of the areas and has pages enough. */
static struct cma_outside *open_low_file(struct kunit *test)
{
	struct zone *inside = cma_zone_of_areas(test), *low = inside->zone_pgdat->node_zones;

	if (low == inside || gfp_zone(GFP_DMA) || zone_cma_pages(low) ||
	    zone_page_state(low, NR_FREE_PAGES) < low_wmark_pages(low) + 4 * CMA_OUTSIDE_PAGES)
		kunit_skip(test, "no memory of a zone below that of the areas");
	return cma_open_outside_in(test, low, GFP_DMA | __GFP_MOVABLE);
}

/*
 *	|oooo|ooo.| |....|aaaa|  ->  |....|....| |....|oooo|	both zones are short
 */
static void pages_of_a_zone_move_into_areas_of_another(struct kunit *test)
{
	struct cma_outside *outside = open_low_file(test);
	struct zone *inside = cma_zone_of_areas(test);

	cma_make_zone_short(test, outside->zone);
	cma_make_zone_short(test, inside);
	cma_move_up_to(outside, inside, CMA_OUTSIDE_PAGES, GFP_NOFS);
	KUNIT_EXPECT_GE(test, cma_count_inside(outside), CMA_OUTSIDE_PAGES / 2);
}

/*
 *	|oooo|ooo.| |....|aaaa|  ->  the same		others are served from there
 */
static void nothing_moves_to_another_zone_that_has_enough_for_others(struct kunit *test)
{
	struct cma_outside *outside = open_low_file(test);
	struct zone *inside = cma_zone_of_areas(test);

	cma_make_zone_short(test, outside->zone);
	KUNIT_EXPECT_EQ(test, cma_move_up_to(outside, inside, CMA_OUTSIDE_PAGES, GFP_NOFS), 0);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
}

/*
 *	|oooo|ooo.| |....|aaaa|  ->  |....|....| |oooo|aaaa|	by whatever page comes first
 */
static void for_those_who_need_a_low_zone_pages_move_to_any_page_of_a_higher_one(struct kunit *test)
{
	struct cma_outside *outside = open_low_file(test);
	unsigned int above = 0;
	struct folio *folio;
	pgoff_t i;

	cma_make_zone_short(test, outside->zone);
	KUNIT_EXPECT_GE(test, cma_move_in_all(outside, GFP_NOFS), CMA_OUTSIDE_PAGES / 2);
	cma_count_inside(outside);
	for (i = 0; i < CMA_OUTSIDE_PAGES; i++) {
		folio = cma_outside_folio(outside, i);
		above += folio_zone(folio) != outside->zone;
		folio_put(folio);
	}
	KUNIT_EXPECT_GE(test, above, CMA_OUTSIDE_PAGES / 2);
}

/* It is told to stay within reach of a device. */
static void what_a_mapping_wants_in_a_low_zone_stays_there(struct kunit *test)
{
	struct cma_outside *outside = open_low_file(test);
	struct address_space *mapping = outside->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	struct folio *folio;

	mapping_set_gfp_mask(mapping, GFP_DMA | __GFP_MOVABLE);
	cma_make_zone_short(test, outside->zone);
	cma_make_zone_short(test, cma_zone_of_areas(test));
	cma_move_in_all(outside, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, cma_count_inside(outside), 0);
	folio = cma_outside_folio(outside, 0);
	KUNIT_EXPECT_PTR_EQ(test, folio_zone(folio), outside->zone);
	folio_put(folio);
	mapping_set_gfp_mask(mapping, gfp);
}

/* What is kept for others helps nobody who would be killed. */
static void before_a_process_is_killed_areas_are_filled_up(struct kunit *test)
{
	struct zone *zone = kunit_kzalloc(test, sizeof(*zone), GFP_KERNEL);
	struct cma_move move = { };

	KUNIT_ASSERT_NOT_NULL(test, zone);
	zone->_watermark[WMARK_MIN] = 100;
	zone->_watermark[WMARK_LOW] = 200;
	zone->watermark_boost = 1000;
	atomic_long_set(&zone->vm_stat[NR_FREE_CMA_PAGES], 1200 + CMA_MOVE_BATCH);
	KUNIT_EXPECT_FALSE(test, cma_zone_has_room(&move, zone));
	atomic_long_set(&zone->vm_stat[NR_FREE_CMA_PAGES], 101 + CMA_MOVE_BATCH);
	move.at_last = true;
	KUNIT_EXPECT_TRUE(test, cma_zone_has_room(&move, zone));
}

static struct kunit_case cma_move_zone_cases[] = {
	KUNIT_CASE(own_pages_of_a_task_that_pins_move_a_while_after_boot_as_well),
	KUNIT_CASE(high_memory_is_for_those_who_can_have_it_and_no_area),
	KUNIT_CASE(a_low_zone_is_short_while_it_has_only_its_reserve),
	KUNIT_CASE(what_is_kept_for_atomic_requests_is_no_room),
	KUNIT_CASE(before_a_process_is_killed_areas_are_filled_up),
	KUNIT_CASE(what_is_ready_is_lent_before_anything_is_evicted),
	KUNIT_CASE(pages_of_a_zone_move_into_areas_of_another),
	KUNIT_CASE(nothing_moves_to_another_zone_that_has_enough_for_others),
	KUNIT_CASE(for_those_who_need_a_low_zone_pages_move_to_any_page_of_a_higher_one),
	KUNIT_CASE(what_a_mapping_wants_in_a_low_zone_stays_there),
	{}
};

static struct kunit_suite cma_move_zone_suite = {
	.name = "cma_move_zone",
	.test_cases = cma_move_zone_cases,
};

kunit_test_suite(cma_move_zone_suite);
