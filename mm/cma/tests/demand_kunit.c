// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/demand.c and evac_type.c: while devices ask for long runs, only page cache
 * that is read gets into windows, and a while after that everybody does.
 *
 *	w  in a window	.  for everybody	A  a device's
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/vmstat.h>

#include "../area.h"
#include "real.h"

/* Work has to come first. */
#define SOON_MS		2000

struct scene {
	struct cma *cma;
	struct zone *zone;
	unsigned long count;
};

static void close_scene(void *data)
{
	struct scene *scene = data;

	cma_set_quick_max(scene->cma, scene->cma->nr_pages / 2);
	cma_real_lend(scene->cma);
}

static struct scene *open_scene(struct kunit *test)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->cma = cma_real_area(test, "kunit0");
	scene->zone = page_zone(pfn_to_page(scene->cma->base_pfn));
	scene->count = max(2 * pageblock_nr_pages, CMA_DEMAND_PAGES);
	cma_real_lend_all();
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_scene, scene), 0);
	if (scene->count > scene->cma->nr_pages / 2)
		kunit_skip(test, "the area has too few pageblocks");
	return scene;
}

static unsigned long quick_pages(struct scene *scene)
{
	return READ_ONCE(scene->cma->windows.nr) * pageblock_nr_pages;
}

/* Whether others see that the area has windows. Other areas may have some, too. */
static bool is_counted(struct scene *scene)
{
	return READ_ONCE(scene->cma->windows.is_counted);
}

static bool becomes(struct scene *scene, bool counted)
{
	unsigned long end = jiffies + msecs_to_jiffies(SOON_MS);

	while (is_counted(scene) != counted && time_before(jiffies, end))
		msleep(20);
	return is_counted(scene) == counted && (!counted || cma_has_clean_blocks());
}

/* Of whole pageblocks */
static struct page *take(struct scene *scene, unsigned long count)
{
	return cma_alloc(scene->cma, count, pageblock_order, false);
}

/* A device takes a run and gives it back, to the page allocator. */
static void take_and_give(struct kunit *test, struct scene *scene)
{
	struct page *page = take(scene, scene->count);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->count));
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
}

/*
 *	|AAAA|AAAA|....|....|  ->  |wwww|wwww|....|....|
 */
static void where_a_device_had_a_long_run_only_page_cache_gets_in(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	gfp_t gfp = GFP_HIGHUSER_MOVABLE | __GFP_NOWARN;
	int nid = zone_to_nid(scene->zone);
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
	KUNIT_EXPECT_NULL(test, alloc_clean_folio(gfp, 0, nid));
	take_and_give(test, scene);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), scene->count);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), scene->count);
	KUNIT_EXPECT_NULL(test, alloc_clean_folio(gfp | __GFP_WRITE, 0, nid));
	folio = alloc_clean_folio(gfp, 0, nid);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, cma_in_window(scene->cma, folio_pfn(folio)));
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), scene->count);
}

static void a_run_of_a_window_is_taken_again_and_stays_one(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	take_and_give(test, scene);
	take_and_give(test, scene);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), scene->count);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), scene->count);
}

/* An allocation that no area could serve is none. */
static void a_request_that_is_too_long_is_no_demand(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	KUNIT_ASSERT_TRUE(test, becomes(scene, false));
	KUNIT_EXPECT_NULL(test, cma_alloc(scene->cma, scene->cma->nr_pages + 1, 0, true));
	msleep(50);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(scene->cma->windows.in_demand));
	KUNIT_EXPECT_FALSE(test, is_counted(scene));
}

/* Others would take what is free there for memory of theirs. */
static void windows_are_seen_by_others_whatever_was_before(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	/* A demand without a run. */
	cma_note_demand(scene->cma, 0, scene->count);
	msleep(50);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(scene->cma->windows.in_demand));
	KUNIT_EXPECT_FALSE(test, is_counted(scene));
	take_and_give(test, scene);
	KUNIT_EXPECT_TRUE(test, becomes(scene, true));
}

/*
 *	|wwww|wwww|....|....|  ->  |....|....|....|....|
 */
static void windows_end_when_no_device_asks_again(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	take_and_give(test, scene);
	cma_end_demand(scene->cma, SOON_MS / 4);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), scene->count);
	KUNIT_EXPECT_TRUE(test, is_counted(scene));
	KUNIT_EXPECT_TRUE(test, becomes(scene, false));
	KUNIT_EXPECT_EQ(test, quick_pages(scene), 0);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
}

/* It is somebody else's for a moment, who gives it back as it was. */
static void a_window_that_is_isolated_ends_later(struct kunit *test)
{
	unsigned long end = jiffies + 2 * msecs_to_jiffies(SOON_MS), pfn;
	struct scene *scene = open_scene(test);
	struct cma_windows *windows = &scene->cma->windows;

	take_and_give(test, scene);
	for (pfn = scene->cma->base_pfn; !cma_in_window(scene->cma, pfn);)
		pfn += pageblock_nr_pages;
	KUNIT_ASSERT_EQ(test, start_isolate_page_range(pfn, pfn + pageblock_nr_pages,
						       MIGRATE_CMA, 0, GFP_KERNEL), 0);
	cma_end_demand(scene->cma, 0);
	KUNIT_EXPECT_EQ(test, windows->nr, 0);
	KUNIT_EXPECT_EQ(test, windows->nr_stale, 1);
	KUNIT_EXPECT_TRUE(test, is_counted(scene));
	undo_isolate_page_range(pfn, pfn + pageblock_nr_pages, MIGRATE_CMA_CLEAN);
	while (READ_ONCE(windows->nr_stale) && time_before(jiffies, end))
		msleep(20);
	KUNIT_EXPECT_EQ(test, windows->nr_stale, 0);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
	KUNIT_EXPECT_TRUE(test, becomes(scene, false));
}

static void a_later_request_makes_them_last_longer(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	take_and_give(test, scene);
	cma_end_demand(scene->cma, SOON_MS / 4);
	take_and_give(test, scene);
	msleep(SOON_MS / 2);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), scene->count);
	KUNIT_EXPECT_TRUE(test, is_counted(scene));
}

/*
 *	|AAAA|AAAA|....|....|	for longer than the demand lasts
 */
static void what_a_device_holds_stays_a_window_for_when_it_asks_again(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page = take(scene, scene->count);

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_end_demand(scene->cma, 0);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(scene->cma->windows.in_demand));
	KUNIT_EXPECT_EQ(test, quick_pages(scene), scene->count);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->count));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(scene->cma->windows.in_demand));
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), scene->count);
	cma_end_demand(scene->cma, 0);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
}

/* An idle machine isn't woken for what a display holds for days. */
static void what_is_held_is_looked_at_again_when_some_of_it_is_given_back(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page = take(scene, scene->count);

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_real_lend_all();
	KUNIT_EXPECT_FALSE(test, cma_demand_is_due());
	KUNIT_EXPECT_EQ(test, quick_pages(scene), scene->count);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, 1));
	KUNIT_EXPECT_TRUE(test, cma_demand_is_due());
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page + 1, scene->count - 1));
}

/* It may have been served with what was READY of a window, and after all not have taken it. */
static void what_is_held_is_looked_at_again_after_any_request(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page = take(scene, scene->count), *other;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_real_lend_all();
	KUNIT_EXPECT_FALSE(test, cma_demand_is_due());
	other = cma_alloc(scene->cma, 1, 0, false);
	KUNIT_EXPECT_TRUE(test, cma_demand_is_due());
	if (other)
		cma_release(scene->cma, other, 1);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->count));
}

/*
 *	|cccc|wwww|....|....|  ->  |wwww|....|....|....|  ->  |....|....|....|....|
 */
static void what_is_claimed_of_a_window_is_looked_at_again(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct cma *cma = scene->cma;
	unsigned long pfn = cma->base_pfn;
	struct cma_claim claim;

	take_and_give(test, scene);
	while (!cma_in_window(cma, pfn))
		pfn += pageblock_nr_pages;
	cma_real_lend(cma_real_area(test, "kunit1"));
	KUNIT_ASSERT_TRUE(test, cma_claim_at(cma, cma_pages_to_run(cma, pfn, pageblock_nr_pages),
					     false, &claim));
	cma_end_demand(cma, 0);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), pageblock_nr_pages);
	KUNIT_EXPECT_TRUE(test, cma_demand_is_due());
	cma_abort(cma, &claim);
	cma_end_demand(cma, 0);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), 0);
}

/* Those who reclaim would wait for what they can't use, whatever else devices hold. */
static void what_is_lent_of_a_window_is_known_beside_what_is_held(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page;

	take_and_give(test, scene);
	page = take(scene, scene->cma->nr_pages / 2);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_end_demand(scene->cma, 60 * MSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, quick_pages(scene) - READ_ONCE(scene->cma->windows.nr_lent),
			scene->cma->nr_pages / 2);
	KUNIT_EXPECT_GE(test, cma_clean_pages(scene->zone), READ_ONCE(scene->cma->windows.nr_lent));
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->cma->nr_pages / 2));
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	KUNIT_EXPECT_EQ(test, READ_ONCE(scene->cma->windows.nr_lent), quick_pages(scene));
}

/* It would be lent to nobody who needs it. */
static void what_is_ready_in_a_window_is_no_help_where_memory_is_short(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long before = cma_ready_surplus_total();
	struct page *page = take(scene, scene->count);

	KUNIT_ASSERT_NOT_NULL(test, page);
	/* What an attempt in vain has left READY. */
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->count));
	KUNIT_EXPECT_LE(test, cma_ready_surplus_total(), before);
	cma_end_windows_at_last();
	KUNIT_EXPECT_GE(test, cma_ready_surplus_total(), before + scene->count);
}

/*
 *	|AAAA|AAAA|rrrr|....|	what a device has of windows isn't READY, and what is, is elsewhere
 */
static void what_is_ready_beside_windows_that_are_held_is_a_help(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	unsigned long count = CMA_DEMAND_PAGES / 2, before = cma_ready_surplus_total();
	struct page *page = take(scene, scene->count), *other;

	KUNIT_ASSERT_NOT_NULL(test, page);
	other = cma_alloc(scene->cma, count, 0, true);
	KUNIT_ASSERT_NOT_NULL(test, other);
	cma_lend_ready(scene->cma, cma_all_units(scene->cma), ULONG_MAX);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, other, count));
	KUNIT_EXPECT_GE(test, cma_ready_surplus_total(), before + count);
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->count));
}

static void an_administrator_can_have_none(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	take_and_give(test, scene);
	cma_set_quick_max(scene->cma, 0);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
	take_and_give(test, scene);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), 0);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
}

/* The worker isn't due by then. */
static void nothing_is_seen_of_windows_that_are_ended_while_they_are_held(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page = take(scene, scene->count);

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_real_lend_all();
	cma_end_demand(scene->cma, 0);
	KUNIT_EXPECT_TRUE(test, becomes(scene, true));
	cma_set_quick_max(scene->cma, 0);
	KUNIT_EXPECT_TRUE(test, becomes(scene, false));
	KUNIT_EXPECT_TRUE(test, cma_release(scene->cma, page, scene->count));
}

/*
 *	|AAAA|AAAA|r...|....|	what a floor keeps elsewhere is READY for good
 */
static void what_is_ready_beside_windows_does_not_have_them_looked_at_again(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct page *page = take(scene, scene->count), *other;
	struct cma *cma = scene->cma;

	KUNIT_ASSERT_NOT_NULL(test, page);
	other = cma_alloc(cma, 1, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, other);
	if (cma_in_window(cma, page_to_pfn(other)))
		kunit_skip(test, "it is in a window");
	cma_real_lend_all();
	KUNIT_EXPECT_TRUE(test, cma_release(cma, other, 1));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 1);
	cma_end_demand(cma, 0);
	KUNIT_EXPECT_FALSE(test, cma_demand_is_due());
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, scene->count));
	KUNIT_EXPECT_TRUE(test, cma_demand_is_due());
}

/* Before a task is killed that could have had that memory. */
static void windows_end_where_memory_has_run_out(struct kunit *test)
{
	struct scene *scene = open_scene(test);
	struct folio *folio;

	take_and_give(test, scene);
	folio = alloc_clean_folio(GFP_HIGHUSER_MOVABLE, 0, zone_to_nid(scene->zone));
	KUNIT_EXPECT_NOT_NULL(test, folio);
	/* What is in use there will be of use to others, too. */
	KUNIT_EXPECT_GE(test, cma_end_windows_at_last(), scene->count);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), 0);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
	if (folio)
		folio_put(folio);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), 0);
	/* And for a while they don't begin anew. */
	take_and_give(test, scene);
	KUNIT_EXPECT_EQ(test, quick_pages(scene), 0);
	KUNIT_EXPECT_EQ(test, cma_end_windows_at_last(), 0);
}

static void who_may_borrow_the_area_counts_for_windows_as_well(struct kunit *test)
{
	struct scene *scene = open_scene(test);

	take_and_give(test, scene);
	cma_set_borrow(scene->cma, CMA_BORROW_CLEAN);
	KUNIT_EXPECT_GE(test, cma_real_clean_free(scene->zone), scene->cma->nr_pages / 2);
	cma_set_borrow(scene->cma, CMA_BORROW_ALL);
	KUNIT_EXPECT_EQ(test, cma_real_clean_free(scene->zone), scene->count);
}

static struct kunit_case cma_demand_cases[] = {
	KUNIT_CASE(where_a_device_had_a_long_run_only_page_cache_gets_in),
	KUNIT_CASE(a_run_of_a_window_is_taken_again_and_stays_one),
	KUNIT_CASE(a_request_that_is_too_long_is_no_demand),
	KUNIT_CASE(windows_are_seen_by_others_whatever_was_before),
	KUNIT_CASE(windows_end_when_no_device_asks_again),
	KUNIT_CASE(a_window_that_is_isolated_ends_later),
	KUNIT_CASE(a_later_request_makes_them_last_longer),
	KUNIT_CASE(what_a_device_holds_stays_a_window_for_when_it_asks_again),
	KUNIT_CASE(what_is_held_is_looked_at_again_when_some_of_it_is_given_back),
	KUNIT_CASE(what_is_held_is_looked_at_again_after_any_request),
	KUNIT_CASE(what_is_claimed_of_a_window_is_looked_at_again),
	KUNIT_CASE(what_is_lent_of_a_window_is_known_beside_what_is_held),
	KUNIT_CASE(what_is_ready_in_a_window_is_no_help_where_memory_is_short),
	KUNIT_CASE(what_is_ready_beside_windows_that_are_held_is_a_help),
	KUNIT_CASE(an_administrator_can_have_none),
	KUNIT_CASE(nothing_is_seen_of_windows_that_are_ended_while_they_are_held),
	KUNIT_CASE(what_is_ready_beside_windows_does_not_have_them_looked_at_again),
	KUNIT_CASE(windows_end_where_memory_has_run_out),
	KUNIT_CASE(who_may_borrow_the_area_counts_for_windows_as_well),
	{}
};

static struct kunit_suite cma_demand_suite = {
	.name = "cma_demand",
	.test_cases = cma_demand_cases,
};

kunit_test_suite(cma_demand_suite);

MODULE_DESCRIPTION("Tests of contiguous memory that is kept for devices that ask");
MODULE_LICENSE("GPL");
