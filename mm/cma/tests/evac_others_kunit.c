// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what others do with a page while it is taken or given back: they wait
 * for its lock, look it up in passing, keep something of their own in it, have it
 * as a part of a larger one.
 *
 *	.  free		o  a lodger	d  a clean one
 *	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/xarray.h>

#include "../evac.h"
#include "../../internal.h"
#include "lodging.h"

static unsigned long base_of(struct lodging *lodging)
{
	return lodging->cma->base_pfn;
}

/* ---- Who waits for a lock ---- */

/**
 * struct reader - somebody who finds a page that isn't read yet, and locked
 * @mapping: its file
 * @folio: the page
 * @asleep: he waits for its lock, and has no reference
 * @result: what he got at last
 * @done: he has got it
 */
struct reader {
	struct address_space *mapping;
	struct folio *folio;
	bool asleep;
	struct folio *result;
	struct completion done;
};

static struct reader reader;

static int read_nothing(struct file *file, struct folio *folio)
{
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

static int read_page_0(void *data)
{
	reader.result = read_cache_folio(reader.mapping, 0, read_nothing, NULL);
	complete(&reader.done);
	return 0;
}

/* Called for the second page of a batch while the first one is locked. */
static bool let_reader_come(struct folio *folio, gfp_t gfp)
{
	unsigned int ms;

	if (IS_ERR(kthread_run(read_page_0, NULL, "cma-reader")))
		return false;
	for (ms = 0; ms < 2000 && !reader.asleep; ms += 20) {
		msleep(20);
		reader.asleep = folio_test_waiters(reader.folio) &&
				folio_ref_count(reader.folio) == 2;
	}
	folio_detach_private(folio);
	return true;
}

static const struct address_space_operations slow_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
	.release_folio	= let_reader_come,
};

/*
 *	dd......	the first one is dropped while somebody waits for its lock
 *	^^
 */
static void who_waits_for_a_page_that_is_dropped_wakes_up(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 2, .effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *second;

	reader.mapping = lodging->file->f_mapping;
	reader.folio = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	reader.asleep = false;
	reader.result = NULL;
	init_completion(&reader.done);
	folio_clear_uptodate(reader.folio);
	second = cma_lodge_clean(lodging, cma_take_page(lodging, 1));
	folio_attach_private(second, lodging);
	reader.mapping->a_ops = &slow_aops;

	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_TRUE(test, reader.asleep);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 2);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&reader.done,
							    5 * HZ));
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(reader.result));
	KUNIT_EXPECT_PTR_NE(test, reader.result, reader.folio);
	folio_put(reader.result);
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	o.......	its lock is his who asks, in the middle of I/O
 *	^^^^^^^^
 */
static void who_is_in_the_middle_of_io_does_not_wait_for_a_lock(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_take_lodger(lodging);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.gfp = (GFP_KERNEL & ~__GFP_IO) | __GFP_NOWARN,
	};

	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	folio_unlock(folio);
	cma_expect_lodger(lodging, 0, folio, false);
	evacuation.drained_free = false;
	evacuation.drained_lru = false;
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	c.......	c  clean	its file system isn't asked
 *	^^^^^^^^
 *	d.......	d  dirty	its file system would have to be
 *	^^^^^^^^
 */
static void who_may_not_enter_a_file_system_gets_what_is_clean(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.gfp = GFP_NOFS | __GFP_NOWARN,
	};

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 1);
	cma_lodging_lend(lodging, &evacuation);

	folio = cma_take_lodger(lodging);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, evacuation.pfn);
	cma_expect_lodger(lodging, 1, folio, false);
}

/* ---- What a file system keeps in a page ---- */

/*
 *	o.......	with something in its private field that is no pointer
 */
static void what_a_file_system_keeps_is_not_taken_for_buffers(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_take_lodger(lodging);
	unsigned long ours[1] = { }, todo[1] = { 1 };
	struct cma_vacancy vacancy = {
		.base = folio_pfn(folio), .nr_pages = 1,
		.ours = ours, .todo = todo,
	};
	struct cma_blocker blocker;

	folio_attach_private(folio, (void *)1);
	cma_find_blocker(&vacancy, vacancy.base, 1, &blocker);
	KUNIT_EXPECT_EQ(test, blocker.pfn, vacancy.base);
	KUNIT_EXPECT_EQ(test, blocker.kind, CMA_PAGE_OTHER);
	folio_detach_private(folio);
}

/* ---- Parts of something larger ---- */

/* The area's first eight pages become one folio of the file. */
static struct folio *lodge_large(struct lodging *lodging, bool dirty)
{
	struct kunit *test = lodging->test;
	struct cma_claim claim;
	struct folio *folio;
	struct page *page;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "needs CONFIG_TRANSPARENT_HUGEPAGE");
	page = cma_alloc(lodging->cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, page_to_pfn(page), base_of(lodging));
	KUNIT_ASSERT_TRUE(test, cma_lodging_prepare(lodging, page_to_pfn(page), 8,
						    GFP_KERNEL | __GFP_COMP,
						    false));
	folio = page_rmappable_folio(page);
	mapping_set_large_folios(lodging->file->f_mapping);
	for (i = 0; i < 8; i++)
		*(unsigned int *)page_address(page + i) = i;
	KUNIT_ASSERT_EQ(test, filemap_add_folio(lodging->file->f_mapping, folio,
						0, GFP_KERNEL), 0);
	folio_mark_uptodate(folio);
	if (dirty)
		folio_mark_dirty(folio);
	folio_unlock(folio);
	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, cma_retire(lodging->cma, cma_extent_at(0, 8), &claim));
	cma_abort(lodging->cma, &claim);
	folio_put(folio);
	return folio;
}

/*
 *	oooooooo........	one folio
 *	    ^^^^^^^^
 */
static void a_run_may_begin_inside_a_large_folio(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging) + 4, .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *folio, *moved;
	unsigned int number;

	folio = lodge_large(lodging, true);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	moved = filemap_get_folio(lodging->file->f_mapping, 7);
	KUNIT_ASSERT_FALSE(test, IS_ERR(moved));
	KUNIT_EXPECT_PTR_NE(test, moved, folio);
	/* It may be in high memory now. */
	memcpy_from_page((char *)&number, folio_page(moved, 7), 0, sizeof(number));
	KUNIT_EXPECT_EQ(test, number, 7);
	folio_put(moved);
	cma_lodging_lend(lodging, &evacuation);
}

/* Does the file know that it had this page not long ago? */
static bool leaves_shadow(struct lodging *lodging, unsigned long index)
{
	return xa_is_value(xa_load(&lodging->file->f_mapping->i_pages, index));
}

static void expect_large_dropped(struct lodging *lodging,
				 struct cma_evacuation *evacuation,
				 unsigned long dropped)
{
	struct kunit *test = lodging->test;
	unsigned long i;

	lodge_large(lodging, false);
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation->nr_moved, dropped);
	KUNIT_EXPECT_EQ(test, evacuation->nr_dropped, dropped);
	KUNIT_EXPECT_EQ(test, lodging->file->f_mapping->nrpages, 0);
	KUNIT_EXPECT_TRUE(test, leaves_shadow(lodging, 7));
	for (i = 0; i < evacuation->nr_pages; i++)
		KUNIT_EXPECT_EQ(test, 1,
				page_ref_count(pfn_to_page(evacuation->pfn + i)));
	KUNIT_EXPECT_TRUE(test, cma_are_clean(evacuation->pfn,
					      evacuation->nr_pages));
	cma_lodging_lend(lodging, evacuation);
}

/*
 *	dddddddd........	one folio, and nothing to be read again before long
 *	^^^^^^^^^^^^^^^^
 */
static void a_large_folio_that_is_clean_is_dropped_and_not_copied(struct kunit *test)
{
	static const gfp_t contexts[] = { GFP_KERNEL, GFP_NOFS, GFP_NOIO };
	struct lodging *lodging = cma_open_lodging(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		struct cma_evacuation evacuation = {
			.pfn = base_of(lodging), .nr_pages = 16,
			.gfp = contexts[i] | __GFP_NOWARN, .effort = CMA_EFFORT_CHEAP,
		};

		expect_large_dropped(lodging, &evacuation, 8);
	}
}

/*
 *	dddddddd........
 *	    ^^
 */
static void what_of_a_dropped_folio_lies_beyond_the_run_is_free(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging) + 4, .nr_pages = 2, .effort = CMA_EFFORT_CLEAR,
	};
	unsigned long i;

	expect_large_dropped(lodging, &evacuation, 2);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_TRUE(test, cma_in_free_block(base_of(lodging) + i));
}

/*
 *	dddddddd........	cheap is another run
 *	    ^^
 */
static void a_small_part_of_a_large_folio_is_not_cheap(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging) + 4, .nr_pages = 2, .effort = CMA_EFFORT_CHEAP,
	};
	unsigned long base = base_of(lodging);

	lodge_large(lodging, false);
	KUNIT_EXPECT_GT(test, cma_pages_cost(lodging->cma, base + 4, 2),
			2 * cma_pages_cost(lodging->cma, base, 8) / 8);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.costly);
	KUNIT_EXPECT_EQ(test, lodging->file->f_mapping->nrpages, 8);

	/* Half of it is worth it. */
	evacuation.nr_pages = 4;
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 4);
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	dddddddd........	with one reference too many
 *	^^^^^^^^^^^^^^^^
 */
static void a_large_folio_that_somebody_holds_is_not_dropped(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *folio = lodge_large(lodging, false);

	folio_get(folio);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	KUNIT_EXPECT_EQ(test, lodging->file->f_mapping->nrpages, 8);
	folio_put(folio);
}

/* ---- What is read again and again ---- */

static void evacuate_hot(struct lodging *lodging, unsigned int nr,
			 unsigned long dropped)
{
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 64, .effort = CMA_EFFORT_THOROUGH,
	};
	struct kunit *test = lodging->test;
	unsigned int i;

	for (i = 0; i < nr; i++)
		folio_set_workingset(cma_lodge_clean(lodging,
						     cma_take_page(lodging, i)));
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, nr);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, dropped);
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	d...............	a hot one
 *	^^^^^^^^^^^^^^^^
 */
static void a_page_that_is_hot_is_copied(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);

	evacuate_hot(lodging, 1, 0);
	cma_expect_lodger(lodging, 0, NULL, true);
}

/*
 *	dddd............	it would take longer than all the rest
 *	^^^^^^^^^^^^^^^^
 */
static void many_pages_that_are_hot_are_dropped(struct kunit *test)
{
	evacuate_hot(cma_open_lodging(test), 4, 4);
}

/* What processors have counted and not told yet is among them. */
static long refaults(struct lodging *lodging)
{
	struct page *page = pfn_to_page(base_of(lodging));
	struct pglist_data *pgdat = page_pgdat(page);
	long nr = atomic_long_read(&pgdat->vm_stat[WORKINGSET_REFAULT_FILE]);
	int cpu;

	for_each_online_cpu(cpu)
		nr += per_cpu_ptr(pgdat->per_cpu_nodestats,
				  cpu)->vm_node_stat_diff[WORKINGSET_REFAULT_FILE];
	return nr;
}

/*
 *	dddddddd........	and 120 others
 *	^^^^^^^^^^^^^^^^
 */
static void what_was_dropped_is_known_when_it_is_read_again(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 256,
		.effort = CMA_EFFORT_THOROUGH,
	};
	unsigned int i, known = 0;
	long before;

	for (i = 0; i < 128; i++)
		cma_lodge_clean(lodging, cma_take_page(lodging, i));
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 128);
	KUNIT_EXPECT_EQ(test, lodging->file->f_mapping->nrpages, 0);
	for (i = 0; i < 128; i++)
		known += leaves_shadow(lodging, i);
	KUNIT_EXPECT_EQ(test, known, 128);
	cma_lodging_lend(lodging, &evacuation);

	before = refaults(lodging);
	lodging->nr = 70;
	cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	KUNIT_EXPECT_GE(test, refaults(lodging) - before, 1);
	cma_expect_lodger(lodging, 70, pfn_folio(base_of(lodging)), false);
	KUNIT_EXPECT_TRUE(test, leaves_shadow(lodging, 69));
	KUNIT_EXPECT_TRUE(test, leaves_shadow(lodging, 71));
}

static struct folio *found;

/* Called for the second page of a batch while the first one is locked. */
static bool find_first(struct folio *folio, gfp_t gfp)
{
	folio_get(found);
	folio_detach_private(folio);
	return true;
}

static const struct address_space_operations found_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
	.release_folio	= find_first,
};

/*
 *	ddd.............	somebody finds the first one before it is dropped
 *	^^^^^^^^^^^^^^^^
 */
static void a_page_that_is_found_meanwhile_stays_in_its_file(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 16,
		.effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *second;

	found = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	second = cma_lodge_clean(lodging, cma_take_page(lodging, 1));
	cma_lodge_clean(lodging, cma_take_page(lodging, 2));
	folio_attach_private(second, lodging);
	lodging->file->f_mapping->a_ops = &found_aops;

	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 2);
	cma_expect_lodger(lodging, 0, found, false);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(found));
	folio_put(found);
}

/* ---- Who looks a page up in passing ---- */

/*
 *	########	a reference too many to the fourth one
 */
static void a_reference_of_somebody_else_is_not_taken_away(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct page *page = cma_alloc(lodging->cma, 8, 3, false);
	unsigned long pfn, i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	get_page(page + 3);
	KUNIT_EXPECT_FALSE(test, cma_freeze_pages(pfn, 8, GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, cma_lodging_prepare(lodging, pfn, 8,
						     GFP_NOWAIT | __GFP_COMP,
						     true));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(page + i), 1 + (i == 3));
	KUNIT_EXPECT_FALSE(test, PageCompound(page));
	put_page(page + 3);
	KUNIT_EXPECT_TRUE(test, cma_freeze_pages(pfn, 8, GFP_NOWAIT));
	for (i = 0; i < 8; i++)
		page_ref_unfreeze(page + i, 1);
	cma_release(lodging->cma, page, 8);
}

static int let_go_soon(void *page)
{
	msleep(20);
	put_page(page);
	return 0;
}

static void who_looks_in_passing_is_waited_for(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct page *page = cma_alloc(lodging->cma, 8, 3, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page + 3);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(let_go_soon, page + 3,
						    "cma-passer-by")));
	KUNIT_EXPECT_TRUE(test, cma_lodging_prepare(lodging, page_to_pfn(page), 8,
						    GFP_KERNEL | __GFP_COMP,
						    true));
	KUNIT_EXPECT_EQ(test, compound_order(page), 3);
	cma_release(lodging->cma, page, 8);
}

static struct kunit_case cma_others_cases[] = {
	KUNIT_CASE(who_waits_for_a_page_that_is_dropped_wakes_up),
	KUNIT_CASE(who_is_in_the_middle_of_io_does_not_wait_for_a_lock),
	KUNIT_CASE(who_may_not_enter_a_file_system_gets_what_is_clean),
	KUNIT_CASE(what_a_file_system_keeps_is_not_taken_for_buffers),
	KUNIT_CASE(a_run_may_begin_inside_a_large_folio),
	KUNIT_CASE(a_large_folio_that_is_clean_is_dropped_and_not_copied),
	KUNIT_CASE(what_of_a_dropped_folio_lies_beyond_the_run_is_free),
	KUNIT_CASE(a_small_part_of_a_large_folio_is_not_cheap),
	KUNIT_CASE(a_large_folio_that_somebody_holds_is_not_dropped),
	KUNIT_CASE(a_page_that_is_hot_is_copied),
	KUNIT_CASE(many_pages_that_are_hot_are_dropped),
	KUNIT_CASE(what_was_dropped_is_known_when_it_is_read_again),
	KUNIT_CASE(a_page_that_is_found_meanwhile_stays_in_its_file),
	KUNIT_CASE(a_reference_of_somebody_else_is_not_taken_away),
	KUNIT_CASE(who_looks_in_passing_is_waited_for),
	{}
};

static struct kunit_suite cma_others_suite = {
	.name = "cma_others",
	.test_cases = cma_others_cases,
};

kunit_test_suite(cma_others_suite);

MODULE_DESCRIPTION("Tests of pages of contiguous memory that others have to do with");
MODULE_LICENSE("GPL");
