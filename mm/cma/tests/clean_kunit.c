// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/clean.c: how much only clean page cache may have, and whether what is read
 * is to be there. Counts are tested on areas and zones that are made up.
 *
 *	a  a page of an area	|  another zone begins	w  in a window
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include "../area.h"
#include "../../internal.h"
#include "real.h"

/* Of a range, no more than the zone of the first page is asked for. */
static unsigned long pfn_in_zone(const struct zone *zone)
{
	unsigned long pfn = zone->zone_start_pfn;
	struct page *page;

	for (; pfn < zone_end_pfn(zone); pfn++) {
		page = pfn_to_online_page(pfn);
		if (page && page_zone(page) == zone)
			break;
	}
	return pfn;
}

static struct zone *nth_zone(struct kunit *test, unsigned int nr)
{
	struct zone *zone;

	for_each_populated_zone(zone)
		if (!nr--)
			break;
	if (!zone)
		kunit_skip(test, "all memory is in one zone");
	return zone;
}

/* It has no memory; its counts are set by hand. */
static struct zone *make_up_zone(struct kunit *test)
{
	struct zone *zone = kunit_kzalloc(test, sizeof(*zone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, zone);
	return zone;
}

static void set_zone_count(struct zone *zone, enum zone_stat_item item, long nr_pages)
{
	atomic_long_set(&zone->vm_stat[item], nr_pages);
}

/* An area of so many pages of a zone that is for page cache alone. */
static struct cma *make_up_area(struct kunit *test, const struct zone *zone,
				unsigned long nr_pages)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma->borrow = CMA_BORROW_CLEAN;
	cma_add_range(cma, pfn_in_zone(zone), nr_pages);
	return cma;
}

static void what_has_left_the_page_allocator_is_not_lent_to_page_cache(struct kunit *test)
{
	struct zone *zone = nth_zone(test, 0);
	struct cma *cma = make_up_area(test, zone, 400);

	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 400);
	/* In units of four pages */
	cma->order_per_bit = 2;
	cma->nr_allocated = 10;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 360);
	cma->nr_claimed = 20;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 280);
	cma->ready.total = 30;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 160);
	/* READY by and by */
	cma->borrow = CMA_BORROW_NONE;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 160);
}

/* They were there before, and it takes a while until it is known how many they are. */
static void what_others_have_in_a_clean_area_is_not_lent_to_page_cache(struct kunit *test)
{
	struct zone *zone = nth_zone(test, 0);
	struct cma *cma = make_up_area(test, zone, 400);

	cma->nr_others = 50;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 350);
	cma->nr_allocated = 350;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 0);
	cma->nr_others = 400;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 0);
}

/*
 *	wwaaaaaa
 */
static void of_what_everybody_may_borrow_windows_are_lent_to_page_cache(struct kunit *test)
{
	struct zone *zone = nth_zone(test, 0);
	struct cma *cma = make_up_area(test, zone, 400);

	cma->borrow = CMA_BORROW_ALL;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 0);
	cma->windows.nr_lent = 100;
	cma->nr_allocated = 250;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, zone), 100);
}

/*
 *	aa aa|a	of pieces, two of which are in one zone and one in another
 */
static void each_zone_has_its_part_of_what_is_lent(struct kunit *test)
{
	struct zone *one = nth_zone(test, 0), *other = nth_zone(test, 1);
	struct cma *cma = make_up_area(test, one, 160);

	cma_add_range(cma, pfn_in_zone(one), 160);
	cma_add_range(cma, pfn_in_zone(other), 80);
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, one), 320);
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, other), 80);
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, make_up_zone(test)), 0);
	/* Wherever these are */
	cma->nr_allocated = 200;
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, one), 160);
	KUNIT_EXPECT_EQ(test, cma_lent_to_cache_in(cma, other), 40);
}

/* Areas of gigabytes, on machines where long has 32 bits, too. */
static void a_part_of_a_large_area_is_what_it_is(struct kunit *test)
{
	const unsigned long all = SZ_2G / SZ_4K, zone = all / 4;

	KUNIT_EXPECT_EQ(test, cma_share(0, all, all), 0);
	KUNIT_EXPECT_EQ(test, cma_share(100000, all, all), 100000);
	KUNIT_EXPECT_EQ(test, cma_share(all - 1, all, all), all - 1);
	KUNIT_EXPECT_EQ(test, cma_share(100000, zone, all), 25000);
}

static void no_more_is_in_use_by_page_cache_than_there_is(struct kunit *test)
{
	struct zone *zone = make_up_zone(test);

	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 100, 0), 0);
	set_zone_count(zone, NR_ZONE_INACTIVE_FILE, 30);
	set_zone_count(zone, NR_ZONE_ACTIVE_FILE, 20);
	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 100, 0), 50);
	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 100, 49), 50);
	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 100, 51), 49);
	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 100, 100), 0);
	/* Both change all the time. */
	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 100, 101), 0);
	KUNIT_EXPECT_EQ(test, cma_clean_cache(zone, 0, 0), 0);
}

/* No area is in it. */
static void where_nothing_is_lent_no_page_cache_is_counted(struct kunit *test)
{
	struct zone *zone = make_up_zone(test);

	set_zone_count(zone, NR_ZONE_INACTIVE_FILE, 1000);
	set_zone_count(zone, NR_ZONE_ACTIVE_FILE, 1000);
	KUNIT_EXPECT_EQ(test, __cma_clean_pages(zone, true), 0);
	KUNIT_EXPECT_EQ(test, __cma_clean_pages(zone, false), 0);
	set_zone_count(zone, NR_FREE_CMA_CLEAN_PAGES, 60);
	KUNIT_EXPECT_EQ(test, __cma_clean_pages(zone, true), 0);
	KUNIT_EXPECT_EQ(test, __cma_clean_pages(zone, false), 60);
}

/* The zones of a node; so much is free of the lowest one, whose high watermark is 100. */
static struct zone *make_up_node(struct kunit *test, unsigned long nr_free)
{
	struct zone *zones = kunit_kcalloc(test, MAX_NR_ZONES, sizeof(*zones), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, zones);
	zones[0].present_pages = 10000;
	zones[0]._watermark[WMARK_HIGH] = 100;
	set_zone_count(&zones[0], NR_FREE_PAGES, nr_free);
	return zones;
}

static void below_twice_the_high_watermark_there_is_little_to_spare(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, cma_zones_spare_little(make_up_node(test, 200)));
	KUNIT_EXPECT_TRUE(test, cma_zones_spare_little(make_up_node(test, 199)));
}

static void what_is_kept_for_some_is_not_to_spare(struct kunit *test)
{
	struct zone *zones = make_up_node(test, 200 + 10 + 20 + 40);

	set_zone_count(&zones[0], NR_FREE_CMA_CLEAN_PAGES, 10);
	zones[0].nr_free_highatomic = 20;
	zones[0].lowmem_reserve[ZONE_MOVABLE] = 40;
	KUNIT_EXPECT_FALSE(test, cma_zones_spare_little(zones));
	set_zone_count(&zones[0], NR_FREE_CMA_CLEAN_PAGES, 11);
	KUNIT_EXPECT_TRUE(test, cma_zones_spare_little(zones));
	set_zone_count(&zones[0], NR_FREE_CMA_CLEAN_PAGES, 10);
	zones[0].nr_free_highatomic = 21;
	KUNIT_EXPECT_TRUE(test, cma_zones_spare_little(zones));
	zones[0].nr_free_highatomic = 20;
	zones[0].lowmem_reserve[ZONE_MOVABLE] = 41;
	KUNIT_EXPECT_TRUE(test, cma_zones_spare_little(zones));
}

/* The last one that is taken from may be full, or have all of its pages left. */
static void all_zones_of_a_node_count_together(struct kunit *test)
{
	struct zone *zones = make_up_node(test, 150), *high = &zones[ZONE_MOVABLE];

	high->_watermark[WMARK_HIGH] = 100;
	set_zone_count(high, NR_FREE_PAGES, 250);
	/* Without any memory it is none of them. */
	KUNIT_EXPECT_TRUE(test, cma_zones_spare_little(zones));
	high->present_pages = 10000;
	KUNIT_EXPECT_FALSE(test, cma_zones_spare_little(zones));
	set_zone_count(high, NR_FREE_PAGES, 249);
	KUNIT_EXPECT_TRUE(test, cma_zones_spare_little(zones));
	/* What one of them keeps isn't taken from another one. */
	set_zone_count(high, NR_FREE_PAGES, 1000);
	zones[0].lowmem_reserve[ZONE_MOVABLE] = 1000;
	KUNIT_EXPECT_FALSE(test, cma_zones_spare_little(zones));
}

struct clean_scene {
	struct cma *cma;
	struct zone *zone;
};

static void close_clean_scene(void *data)
{
	struct clean_scene *scene = data;

	setup_per_zone_wmarks();
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	cma_real_lend(scene->cma);
}

static struct clean_scene *open_clean_scene(struct kunit *test)
{
	struct clean_scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->cma = cma_real_area(test, "kunit0");
	scene->zone = page_zone(pfn_to_page(scene->cma->base_pfn));
	cma_real_lend_all();
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_clean_scene, scene), 0);
	return scene;
}

/* Whoever reclaims for others would wait for them for ever. */
static void what_is_in_use_of_a_clean_area_is_told_apart(struct kunit *test)
{
	struct clean_scene *scene = open_clean_scene(test);
	unsigned long cache, drift = cma_real_drift(scene->zone);

	KUNIT_EXPECT_EQ(test, cma_clean_pages(scene->zone), 0);
	KUNIT_EXPECT_EQ(test, cma_clean_pages_in_use(scene->zone), 0);
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	cache = zone_page_state(scene->zone, NR_ZONE_INACTIVE_FILE) +
		zone_page_state(scene->zone, NR_ZONE_ACTIVE_FILE);
	KUNIT_EXPECT_LE(test, cma_clean_pages_in_use(scene->zone), cache);
	KUNIT_EXPECT_GE(test, cma_clean_pages(scene->zone) + drift,
			cma_real_clean_free(scene->zone));
	KUNIT_EXPECT_LE(test, cma_clean_pages(scene->zone), scene->cma->nr_pages + drift);
	KUNIT_EXPECT_LE(test, cma_clean_pages(NULL), cma_clean_pages(scene->zone) + drift);
	KUNIT_EXPECT_GE(test, cma_clean_pages(NULL) + drift, cma_clean_pages(scene->zone));
}

/*
 *	wwaa	a device has had a run, and it is free for what is read
 */
static void what_is_free_of_windows_is_not_in_use(struct kunit *test)
{
	struct clean_scene *scene = open_clean_scene(test);
	unsigned long count = max(2 * pageblock_nr_pages, CMA_DEMAND_PAGES);
	unsigned long drift = cma_real_drift(scene->zone);
	struct page *page;

	if (count > scene->cma->nr_pages / 2)
		kunit_skip(test, "the area has too few pageblocks");
	page = cma_alloc(scene->cma, count, pageblock_order, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, count));
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), count);
	KUNIT_EXPECT_GE(test, __cma_clean_pages(scene->zone, false) + drift, count);
	/* Other tasks free and read something meanwhile. */
	KUNIT_EXPECT_LE(test, __cma_clean_pages(scene->zone, true), 64 + drift);
}

/* All that is free is too little, or nothing is. */
static void set_high_watermarks(bool all)
{
	struct zone *zone;

	for_each_populated_zone(zone)
		WRITE_ONCE(zone->_watermark[WMARK_HIGH], all ? zone_managed_pages(zone) : 0);
}

/* A device drops what is there, and it would be read again. */
static void windows_take_reads_when_there_is_little_room_elsewhere(struct kunit *test)
{
	int nid = zone_to_nid(open_clean_scene(test)->zone);

	set_high_watermarks(false);
	KUNIT_EXPECT_FALSE(test, cma_takes_reads(nid));
	set_high_watermarks(true);
	KUNIT_EXPECT_TRUE(test, cma_takes_reads(nid));
}

static void a_clean_area_takes_reads_of_its_node_whatever_room_there_is(struct kunit *test)
{
	struct clean_scene *scene = open_clean_scene(test);
	int nid, own = zone_to_nid(scene->zone);

	set_high_watermarks(false);
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	for_each_online_node(nid)
		KUNIT_EXPECT_EQ_MSG(test, cma_takes_reads(nid), nid == own, "node %d", nid);
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	KUNIT_EXPECT_FALSE(test, cma_takes_reads(own));
}

/* What would be read there would have to leave it at once. */
static void an_area_that_nobody_may_borrow_takes_no_reads(struct kunit *test)
{
	struct clean_scene *scene = open_clean_scene(test);

	set_high_watermarks(false);
	cma_set_borrow(scene->cma, CMA_BORROW_NONE);
	KUNIT_EXPECT_FALSE(test, cma_takes_reads(zone_to_nid(scene->zone)));
	flush_delayed_work(&scene->cma->ready_work);
}

static struct kunit_case cma_clean_cases[] = {
	KUNIT_CASE(what_has_left_the_page_allocator_is_not_lent_to_page_cache),
	KUNIT_CASE(what_others_have_in_a_clean_area_is_not_lent_to_page_cache),
	KUNIT_CASE(of_what_everybody_may_borrow_windows_are_lent_to_page_cache),
	KUNIT_CASE(each_zone_has_its_part_of_what_is_lent),
	KUNIT_CASE(a_part_of_a_large_area_is_what_it_is),
	KUNIT_CASE(no_more_is_in_use_by_page_cache_than_there_is),
	KUNIT_CASE(where_nothing_is_lent_no_page_cache_is_counted),
	KUNIT_CASE(below_twice_the_high_watermark_there_is_little_to_spare),
	KUNIT_CASE(what_is_kept_for_some_is_not_to_spare),
	KUNIT_CASE(all_zones_of_a_node_count_together),
	KUNIT_CASE(what_is_in_use_of_a_clean_area_is_told_apart),
	KUNIT_CASE(what_is_free_of_windows_is_not_in_use),
	KUNIT_CASE(windows_take_reads_when_there_is_little_room_elsewhere),
	KUNIT_CASE(a_clean_area_takes_reads_of_its_node_whatever_room_there_is),
	KUNIT_CASE(an_area_that_nobody_may_borrow_takes_no_reads),
	{}
};

static struct kunit_suite cma_clean_suite = {
	.name = "cma_clean",
	.test_cases = cma_clean_cases,
};

kunit_test_suite(cma_clean_suite);

MODULE_DESCRIPTION("Tests of contiguous memory that only clean page cache may have");
MODULE_LICENSE("GPL");
