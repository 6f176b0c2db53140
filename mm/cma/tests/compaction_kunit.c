// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of compaction: does it leave areas alone for those who can't use them, and for whom
 * does it wait?
 */
#include <kunit/test.h>
#include <linux/compaction.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/timer.h>
#include <linux/vmstat.h>

#include "../area.h"
#include "../../internal.h"
#include "real.h"

#define NR_PAGES	64

/* A file in the area, and where compaction stood. */
struct scene {
	struct zone *zone;
	unsigned long min;
	unsigned long migrate_pfn[ASYNC_AND_SYNC];
	unsigned long free_pfn;
	struct file *file;
	unsigned long pfn;
};

static void close_scene(void *data)
{
	struct scene *scene = data;

	WRITE_ONCE(scene->zone->_watermark[WMARK_MIN], scene->min);
	memcpy(scene->zone->compact_cached_migrate_pfn, scene->migrate_pfn,
	       sizeof(scene->migrate_pfn));
	scene->zone->compact_cached_free_pfn = scene->free_pfn;
	/* By a worker it would be in the middle of other tests. */
	__fput_sync(scene->file);
	drain_all_pages(NULL);
}

/*
 * Where memory outside seems to be short, what is free of areas is used first. High memory,
 * if there is any, would come before them.
 */
static void fill_file(struct kunit *test, struct scene *scene)
{
	unsigned long high = scene->zone->_watermark[WMARK_HIGH];
	pgoff_t i;

	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], zone_managed_pages(scene->zone));
	drain_all_pages(scene->zone);
	for (i = 0; i < NR_PAGES; i++) {
		struct folio *folio = shmem_read_folio_gfp(scene->file->f_mapping, i,
							   GFP_USER | __GFP_MOVABLE);

		KUNIT_ASSERT_FALSE(test, IS_ERR(folio));
		if (is_migrate_cma_folio(folio, folio_pfn(folio)))
			scene->pfn = scene->pfn ?: folio_pfn(folio);
		folio_put(folio);
	}
	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], high);
	lru_add_drain_all();
}

static struct scene *open_scene(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);
	struct cma *cma = cma_real_area(test, "kunit0");
	struct zone *zone = page_zone(pfn_to_page(cma->base_pfn));

	KUNIT_ASSERT_NOT_NULL(test, scene);
	cma_real_lend(cma);
	scene->zone = zone;
	if (zone_page_state(zone, NR_FREE_CMA_PAGES) < 2 * NR_PAGES)
		kunit_skip(test, "no room in areas");
	scene->min = zone->_watermark[WMARK_MIN];
	memcpy(scene->migrate_pfn, zone->compact_cached_migrate_pfn,
	       sizeof(scene->migrate_pfn));
	scene->free_pfn = zone->compact_cached_free_pfn;
	scene->file = shmem_kernel_file_setup("kunit", NR_PAGES * PAGE_SIZE, VM_NORESERVE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(scene->file));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_scene, scene), 0);
	fill_file(test, scene);
	KUNIT_ASSERT_NE(test, scene->pfn, 0);
	return scene;
}

/* Compact for an order, beginning in the middle of the file's block. */
static void compact(struct scene *scene, unsigned int order, unsigned int alloc_flags)
{
	struct zone *zone = scene->zone;
	struct alloc_context ac = {
		.zonelist = node_zonelist(zone_to_nid(zone), GFP_KERNEL),
		.highest_zoneidx = zone_idx(zone),
	};
	struct page *captured = NULL;

	ac.preferred_zoneref = first_zones_zonelist(ac.zonelist, ac.highest_zoneidx, NULL);
	zone->compact_cached_migrate_pfn[0] = scene->pfn | 1;
	zone->compact_cached_migrate_pfn[1] = scene->pfn | 1;
	/* It isn't to get any further. */
	zone->compact_cached_free_pfn = pageblock_end_pfn(scene->pfn);
	clear_pageblock_skip(pfn_to_page(scene->pfn));
	/* What was in vain is put off for others, too. */
	compaction_defer_reset(zone, order, true);
	try_to_compact_pages(GFP_KERNEL, order, alloc_flags, &ac, COMPACT_PRIO_SYNC_LIGHT,
			     &captured);
	compaction_defer_reset(zone, order, true);
	if (captured)
		__free_pages(captured, order);
}

/*
 * How many pages of the file's block compaction isolates. In the middle of a block it doesn't
 * ask whether it is needed. No allocation looks at the lowest watermark first.
 */
static unsigned long count_isolated(struct kunit *test, struct scene *scene,
				    unsigned int alloc_flags)
{
	unsigned long *events = kunit_kcalloc(test, NR_VM_EVENT_ITEMS, sizeof(*events),
					      GFP_KERNEL);
	struct zone *zone = scene->zone;
	unsigned long before;

	KUNIT_ASSERT_NOT_NULL(test, events);
	WRITE_ONCE(zone->_watermark[WMARK_MIN], zone_managed_pages(zone));
	all_vm_events(events);
	before = events[COMPACTISOLATED];
	compact(scene, pageblock_order, alloc_flags | ALLOC_WMARK_MIN);
	all_vm_events(events);
	WRITE_ONCE(zone->_watermark[WMARK_MIN], scene->min);
	return events[COMPACTISOLATED] - before;
}

static void a_request_that_can_not_use_areas_moves_nothing_in_one(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	KUNIT_EXPECT_EQ(test, count_isolated(test, scene, 0), 0);
}

static void a_request_that_can_use_areas_makes_room_in_one(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	KUNIT_EXPECT_GT(test, count_isolated(test, scene, ALLOC_CMA), 0);
}

/* As if others had nearly all pages of a node isolated, for a while. */
struct crowd {
	struct timer_list timer;
	struct pglist_data *pgdat;
	bool over;
};

#define CROWD_PAGES	BIT(24)
#define CROWD_TICKS	(HZ / 2)

static void end_crowd(struct timer_list *timer)
{
	struct crowd *crowd = from_timer(crowd, timer, timer);

	mod_node_page_state(crowd->pgdat, NR_ISOLATED_FILE, -(long)CROWD_PAGES);
	WRITE_ONCE(crowd->over, true);
}

/* Does compaction for an order end before there are fewer? */
static bool gives_up(struct scene *scene, unsigned int order)
{
	unsigned long high = scene->zone->_watermark[WMARK_HIGH];
	struct crowd crowd = { .pgdat = scene->zone->zone_pgdat };
	bool over;

	timer_setup_on_stack(&crowd.timer, end_crowd, 0);
	mod_node_page_state(crowd.pgdat, NR_ISOLATED_FILE, CROWD_PAGES);
	mod_timer(&crowd.timer, jiffies + CROWD_TICKS);
	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], zone_managed_pages(scene->zone));
	compact(scene, order, ALLOC_CMA | ALLOC_WMARK_HIGH);
	WRITE_ONCE(scene->zone->_watermark[WMARK_HIGH], high);
	over = READ_ONCE(crowd.over);
	/* Whoever else waits for that goes on. */
	if (del_timer_sync(&crowd.timer))
		end_crowd(&crowd.timer);
	destroy_timer_on_stack(&crowd.timer);
	return !over;
}

/* What comes next for a small order is the OOM killer; a huge page isn't needed. */
static void only_a_small_order_waits_until_others_have_less_isolated(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	KUNIT_EXPECT_TRUE(test, gives_up(scene, pageblock_order));
	KUNIT_EXPECT_FALSE(test, gives_up(scene, 2));
}

/* It has isolated some of them, and would wait for itself. */
static void a_task_that_pins_waits_for_no_others(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned int flags = memalloc_pin_save();
	bool ended = gives_up(scene, 2);

	memalloc_pin_restore(flags);
	KUNIT_EXPECT_TRUE(test, ended);
}

static struct kunit_case cma_compaction_cases[] = {
	KUNIT_CASE(a_request_that_can_not_use_areas_moves_nothing_in_one),
	KUNIT_CASE(a_request_that_can_use_areas_makes_room_in_one),
	KUNIT_CASE(only_a_small_order_waits_until_others_have_less_isolated),
	KUNIT_CASE(a_task_that_pins_waits_for_no_others),
	{}
};

static struct kunit_suite cma_compaction_suite = {
	.name = "cma_compaction",
	.test_cases = cma_compaction_cases,
};

kunit_test_suite(cma_compaction_suite);

MODULE_DESCRIPTION("Tests of compaction beside contiguous memory");
MODULE_LICENSE("GPL");
