// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/move_in.c and move_zone.c: where memory outside areas runs low, pages move in.
 *
 *	o  a page of a file in memory, outside	a  the area
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>

#include "../move_in.h"
#include "../../internal.h"
#include "real.h"

#define NR_PAGES	48
#define WORD		0x6d6f7665U

/* A file in memory, outside of areas; and a zone that seems to be short. */
struct scene {
	struct cma *cma;
	struct zone *zone;
	struct file *file;
	unsigned long low_pfn;
};

static void end_shortage(void *data)
{
	setup_per_zone_wmarks();
}

static struct zone *zone_of_areas(struct kunit *test)
{
	return page_zone(pfn_to_page(cma_real_area(test, "kunit0")->base_pfn));
}

/* All that is free outside is too little. kswapd goes by another watermark. */
static void make_zone_short(struct kunit *test, struct zone *zone)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, end_shortage, NULL), 0);
	WRITE_ONCE(zone->_watermark[WMARK_HIGH], zone_managed_pages(zone));
}

static void make_short(struct kunit *test, struct scene *scene)
{
	make_zone_short(test, scene->zone);
}

static void close_file(void *data)
{
	/* By a worker it would be in the middle of other tests. */
	__fput_sync(data);
	drain_all_pages(NULL);
}

static struct folio *folio_of(struct kunit *test, struct scene *scene, pgoff_t index)
{
	struct folio *folio = shmem_read_folio(scene->file->f_mapping, index);

	KUNIT_ASSERT_FALSE(test, IS_ERR(folio));
	return folio;
}

static void fill_file(struct kunit *test, struct scene *scene, gfp_t gfp)
{
	struct address_space *mapping = scene->file->f_mapping;
	gfp_t usual = mapping_gfp_mask(mapping);
	/* What may be pinned for long isn't allocated in areas. */
	unsigned int flags = memalloc_pin_save();
	struct folio *folio;
	u32 *words;
	pgoff_t i;

	/* Of pages from here and there a call looks only at the first ones. */
	drain_all_pages(NULL);
	scene->low_pfn = ULONG_MAX;
	mapping_set_gfp_mask(mapping, gfp);
	for (i = 0; i < NR_PAGES; i++) {
		folio = folio_of(test, scene, i);
		words = kmap_local_folio(folio, 0);
		words[0] = WORD + i;
		kunmap_local(words);
		KUNIT_EXPECT_FALSE(test, is_migrate_cma_folio(folio, folio_pfn(folio)));
		KUNIT_EXPECT_PTR_EQ(test, folio_zone(folio), scene->zone);
		scene->low_pfn = min(scene->low_pfn, folio_pfn(folio));
		folio_put(folio);
	}
	memalloc_pin_restore(flags);
	mapping_set_gfp_mask(mapping, usual);
	lru_add_drain_all();
}

/* The file is in a zone, from which @gfp allocates. */
static struct scene *open_scene_in(struct kunit *test, struct zone *zone, gfp_t gfp)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);
	struct zone *inside = zone_of_areas(test);
	struct cma_cursor *cursor;

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->cma = cma_real_area(test, "kunit0");
	scene->zone = zone;
	scene->file = shmem_kernel_file_setup("kunit", NR_PAGES * PAGE_SIZE, VM_NORESERVE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(scene->file));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_file, scene->file), 0);
	cma_real_lend(scene->cma);
	fill_file(test, scene, gfp);
	if (zone_page_state(inside, NR_FREE_CMA_PAGES) <
	    low_wmark_pages(inside) + 4 * NR_PAGES)
		kunit_skip(test, "no room in areas");
	/* So that nothing else of the zone has to move before. */
	cursor = cma_cursor_of(scene->zone);
	KUNIT_ASSERT_NOT_NULL(test, cursor);
	WRITE_ONCE(cursor->pfn, pageblock_start_pfn(scene->low_pfn));
	/* The last test may have been in vain a moment ago. */
	WRITE_ONCE(cursor->again[0], jiffies);
	WRITE_ONCE(cursor->again[1], jiffies);
	return scene;
}

static struct scene *open_scene(struct kunit *test)
{
	struct zone *inside = zone_of_areas(test);

	/* High memory would come before low memory. */
	return open_scene_in(test, inside, is_highmem(inside) ? GFP_HIGHUSER_MOVABLE :
							      GFP_USER | __GFP_MOVABLE);
}

/* How many of the file's pages are in an area; all have their data. */
static unsigned int count_inside(struct kunit *test, struct scene *scene)
{
	unsigned int inside = 0;
	struct folio *folio;
	u32 *words;
	pgoff_t i;

	for (i = 0; i < NR_PAGES; i++) {
		folio = folio_of(test, scene, i);
		words = kmap_local_folio(folio, 0);
		KUNIT_EXPECT_EQ(test, words[0], WORD + i);
		kunmap_local(words);
		inside += is_migrate_cma_folio(folio, folio_pfn(folio));
		folio_put(folio);
	}
	return inside;
}

/* Free pages of no area that are on a processor's list would be handed out first. */
static unsigned long move_up_to(struct scene *scene, struct zone *highest,
				unsigned long nr_pages, gfp_t gfp)
{
	unsigned long moved;

	migrate_disable();
	drain_all_pages(NULL);
	moved = cma_move_in(scene->zone->zone_pgdat, zone_idx(highest), nr_pages, gfp);
	migrate_enable();
	return moved;
}

/* What is in memory alone moves before page cache if that may not be touched. */
static unsigned long move(struct scene *scene, gfp_t gfp)
{
	return move_up_to(scene, scene->zone, ULONG_MAX, gfp);
}

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
	struct scene *scene = open_scene(test);
	u64 before = 0, after = 0;
	unsigned long moved;

	cma_for_each_area(add_moved_in, &before);
	make_short(test, scene);
	moved = move(scene, GFP_NOFS);
	KUNIT_EXPECT_GE(test, moved, NR_PAGES / 2);
	KUNIT_EXPECT_GE(test, count_inside(test, scene), NR_PAGES / 2);
	cma_for_each_area(add_moved_in, &after);
	/* What is freed meanwhile has moved, too, but to nowhere. */
	KUNIT_EXPECT_GT(test, after, before);
	KUNIT_EXPECT_LE(test, after, before + moved);
}

/* What it allocates for itself has to be outside, and needs the room. */
static void pages_move_in_for_a_task_that_pins_others(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned int flags = memalloc_pin_save();

	make_short(test, scene);
	move(scene, GFP_NOFS);
	KUNIT_EXPECT_TRUE(test, current->flags & PF_MEMALLOC_PIN);
	memalloc_pin_restore(flags);
	KUNIT_EXPECT_GE(test, count_inside(test, scene), NR_PAGES / 2);
}

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
	struct scene *scene = open_scene(test);
	unsigned long count = 4 * pageblock_nr_pages;
	struct cma *cma = cma_real_area(test, "kunit0");
	struct cma_move move;
	struct page *page;

	if (count > cma->nr_pages || page_zone(pfn_to_page(cma->base_pfn)) != scene->zone)
		kunit_skip(test, "the area has too few pageblocks, or is elsewhere");
	page = cma_alloc(cma, count, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_set_quick_max(cma, 0);
	cma_withdraw(cma, cma_all_units(cma), ULONG_MAX);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, count));
	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->ready.total), count);
	make_short(test, scene);
	/* There is room. */
	cma_may_move(&move, scene->zone, ZONE_NORMAL, false);
	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->ready.total), count);
	WRITE_ONCE(scene->zone->_watermark[WMARK_LOW], zone_managed_pages(scene->zone));
	cma_may_move(&move, scene->zone, ZONE_NORMAL, false);
	setup_per_zone_wmarks();
	cma_set_quick_max(cma, cma->nr_pages / 2);
	/* Areas of high memory may have room. */
	KUNIT_EXPECT_EQ(test, READ_ONCE(cma->ready.total),
			move.inside && move.inside != scene->zone ? count : 0);
}

/* The lowest zone, where it isn't that of the areas and has pages enough. */
static struct scene *open_low_scene(struct kunit *test)
{
	struct zone *inside = zone_of_areas(test), *low = inside->zone_pgdat->node_zones;

	if (low == inside || gfp_zone(GFP_DMA) || zone_cma_pages(low) ||
	    zone_page_state(low, NR_FREE_PAGES) < low_wmark_pages(low) + 4 * NR_PAGES)
		kunit_skip(test, "no memory of a zone below that of the areas");
	return open_scene_in(test, low, GFP_DMA | __GFP_MOVABLE);
}

/*
 *	|oooo|ooo.| |....|aaaa|  ->  |....|....| |....|oooo|	both zones are short
 */
static void pages_of_a_zone_move_into_areas_of_another(struct kunit *test)
{
	struct scene *scene = open_low_scene(test);
	struct zone *inside = zone_of_areas(test);

	make_short(test, scene);
	make_zone_short(test, inside);
	move_up_to(scene, inside, NR_PAGES, GFP_NOFS);
	KUNIT_EXPECT_GE(test, count_inside(test, scene), NR_PAGES / 2);
}

/*
 *	|oooo|ooo.| |....|aaaa|  ->  the same		others are served from there
 */
static void nothing_moves_to_another_zone_that_has_enough_for_others(struct kunit *test)
{
	struct scene *scene = open_low_scene(test);
	struct zone *inside = zone_of_areas(test);

	make_short(test, scene);
	KUNIT_EXPECT_EQ(test, move_up_to(scene, inside, NR_PAGES, GFP_NOFS), 0);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
}

/*
 *	|oooo|ooo.| |....|aaaa|  ->  |....|....| |oooo|aaaa|	by whatever page comes first
 */
static void for_those_who_need_a_low_zone_pages_move_to_any_page_of_a_higher_one(struct kunit *test)
{
	struct scene *scene = open_low_scene(test);
	unsigned int above = 0;
	struct folio *folio;
	pgoff_t i;

	make_short(test, scene);
	KUNIT_EXPECT_GE(test, move(scene, GFP_NOFS), NR_PAGES / 2);
	count_inside(test, scene);
	for (i = 0; i < NR_PAGES; i++) {
		folio = folio_of(test, scene, i);
		above += folio_zone(folio) != scene->zone;
		folio_put(folio);
	}
	KUNIT_EXPECT_GE(test, above, NR_PAGES / 2);
}

/* It is told to stay within reach of a device. */
static void what_a_mapping_wants_in_a_low_zone_stays_there(struct kunit *test)
{
	struct scene *scene = open_low_scene(test);
	struct address_space *mapping = scene->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	struct folio *folio;

	mapping_set_gfp_mask(mapping, GFP_DMA | __GFP_MOVABLE);
	make_short(test, scene);
	make_zone_short(test, zone_of_areas(test));
	move(scene, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
	folio = folio_of(test, scene, 0);
	KUNIT_EXPECT_PTR_EQ(test, folio_zone(folio), scene->zone);
	folio_put(folio);
	mapping_set_gfp_mask(mapping, gfp);
}

static void nothing_moves_while_there_is_enough_outside(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	KUNIT_EXPECT_EQ(test, move(scene, GFP_NOFS), 0);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
}

static void nothing_moves_for_a_zone_that_does_not_help(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	make_short(test, scene);
	if (zone_idx(scene->zone))
		KUNIT_EXPECT_EQ(test, cma_move_in(scene->zone->zone_pgdat,
						  zone_idx(scene->zone) - 1, ULONG_MAX,
						  GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
}

static void a_task_in_the_middle_of_io_moves_nothing(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	make_short(test, scene);
	KUNIT_EXPECT_EQ(test, move(scene, GFP_NOIO), 0);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
}

/* Nobody wants a page to move that is locked into memory. */
static void a_page_that_can_not_be_evicted_stays(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	pgoff_t i;

	for (i = 0; i < NR_PAGES; i++) {
		struct folio *folio = folio_of(test, scene, i);

		if (folio_isolate_lru(folio)) {
			mapping_set_unevictable(scene->file->f_mapping);
			folio_putback_lru(folio);
		}
		folio_put(folio);
	}
	lru_add_drain_all();
	make_short(test, scene);
	move(scene, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
	mapping_clear_unevictable(scene->file->f_mapping);
}

/* What a device writes to would have to stay there. */
static void a_page_that_is_pinned_stays(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct folio *folio = folio_of(test, scene, 0);

	folio_ref_add(folio, GUP_PIN_COUNTING_BIAS);
	make_short(test, scene);
	move(scene, GFP_NOFS);
	KUNIT_EXPECT_FALSE(test, is_migrate_cma_folio(folio, folio_pfn(folio)));
	KUNIT_EXPECT_PTR_EQ(test, folio_of(test, scene, 0), folio);
	folio_put(folio);
	folio_ref_sub(folio, GUP_PIN_COUNTING_BIAS);
	folio_put(folio);
}

/* A journal will hold it. */
static void what_a_mapping_wants_outside_stays(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct address_space *mapping = scene->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);

	mapping_set_gfp_mask(mapping, gfp & ~__GFP_MOVABLE);
	make_short(test, scene);
	move(scene, GFP_NOFS);
	KUNIT_EXPECT_EQ(test, count_inside(test, scene), 0);
	mapping_set_gfp_mask(mapping, gfp);
}

static void what_was_in_vain_is_not_tried_again_at_once(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct cma_cursor *cursor = cma_cursor_of(scene->zone);

	make_short(test, scene);
	WRITE_ONCE(cursor->again[1], (u32)jiffies + HZ / 10);
	KUNIT_EXPECT_EQ(test, move(scene, GFP_NOFS), 0);
	msleep(200);
	KUNIT_EXPECT_GE(test, move(scene, GFP_NOFS), NR_PAGES / 2);
}

/* Jiffies begin anew after weeks. */
static void what_was_in_vain_long_ago_is_tried_again(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	make_short(test, scene);
	WRITE_ONCE(cma_cursor_of(scene->zone)->again[1], (u32)jiffies + S32_MAX);
	KUNIT_EXPECT_GE(test, move(scene, GFP_NOFS), NR_PAGES / 2);
}

static void a_look_in_vain_is_noted(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct cma_cursor *cursor = cma_cursor_of(scene->zone);
	struct address_space *mapping = scene->file->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	unsigned long moved;

	mapping_set_gfp_mask(mapping, gfp & ~__GFP_MOVABLE);
	make_short(test, scene);
	/* Something else of the zone may move yet. */
	do {
		WRITE_ONCE(cursor->again[1], jiffies);
		moved = move(scene, GFP_NOFS);
	} while (moved);
	KUNIT_EXPECT_TRUE(test, cma_move_was_vain(cursor, true));
	/* Page cache may do for those who may move it. */
	KUNIT_EXPECT_FALSE(test, cma_move_was_vain(cursor, false));
	mapping_set_gfp_mask(mapping, gfp);
}

/* Is a movable page allocated in an area? */
static bool goes_inside(struct scene *scene)
{
	struct page *page;
	bool inside;

	/* The lists of the processors have pages of before. */
	drain_all_pages(scene->zone);
	page = alloc_page(GFP_USER | __GFP_MOVABLE);
	inside = page && is_migrate_cma_page(page);
	if (page)
		__free_page(page);
	return inside;
}

static void movable_pages_leave_the_last_memory_outside_to_others(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long inside = zone_page_state(scene->zone, NR_FREE_CMA_PAGES);

	if (inside > zone_page_state(scene->zone, NR_FREE_PAGES) / 4)
		kunit_skip(test, "most of what is free is inside");
	KUNIT_EXPECT_FALSE(test, goes_inside(scene));
	make_short(test, scene);
	KUNIT_EXPECT_TRUE(test, goes_inside(scene));
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

/* So many pages have to be free in the zone and in lower ones, but for urgent requests. */
static void boost(struct scene *scene, unsigned long nr_pages)
{
	struct zone *zone = scene->zone->zone_pgdat->node_zones;

	for (; zone <= scene->zone; zone++)
		WRITE_ONCE(zone->watermark_boost, nr_pages);
}

static void before_a_process_is_killed_pages_move_in(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long moved;

	make_short(test, scene);
	boost(scene, zone_managed_pages(scene->zone));
	moved = cma_move_in_at_last();
	boost(scene, 0);
	KUNIT_EXPECT_GT(test, moved, 0);
}

static struct kunit_case cma_move_in_cases[] = {
	KUNIT_CASE(pages_outside_move_in_with_their_data),
	KUNIT_CASE(pages_move_in_for_a_task_that_pins_others),
	KUNIT_CASE(own_pages_of_a_task_that_pins_move_a_while_after_boot_as_well),
	KUNIT_CASE(high_memory_is_for_those_who_can_have_it_and_no_area),
	KUNIT_CASE(a_low_zone_is_short_while_it_has_only_its_reserve),
	KUNIT_CASE(what_is_kept_for_atomic_requests_is_no_room),
	KUNIT_CASE(what_is_ready_is_lent_before_anything_is_evicted),
	KUNIT_CASE(pages_of_a_zone_move_into_areas_of_another),
	KUNIT_CASE(nothing_moves_to_another_zone_that_has_enough_for_others),
	KUNIT_CASE(for_those_who_need_a_low_zone_pages_move_to_any_page_of_a_higher_one),
	KUNIT_CASE(what_a_mapping_wants_in_a_low_zone_stays_there),
	KUNIT_CASE(nothing_moves_while_there_is_enough_outside),
	KUNIT_CASE(nothing_moves_for_a_zone_that_does_not_help),
	KUNIT_CASE(a_task_in_the_middle_of_io_moves_nothing),
	KUNIT_CASE(a_page_that_can_not_be_evicted_stays),
	KUNIT_CASE(a_page_that_is_pinned_stays),
	KUNIT_CASE(what_a_mapping_wants_outside_stays),
	KUNIT_CASE(what_was_in_vain_is_not_tried_again_at_once),
	KUNIT_CASE(what_was_in_vain_long_ago_is_tried_again),
	KUNIT_CASE(a_look_in_vain_is_noted),
	KUNIT_CASE(movable_pages_leave_the_last_memory_outside_to_others),
	KUNIT_CASE(before_a_process_is_killed_areas_are_filled_up),
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
