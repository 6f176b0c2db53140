// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_drop.c: clean page cache is dropped, not copied.
 *
 *	.  free		o  an occupant	d  a clean one	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/xarray.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

static void expect_dropped(struct occupants *occupants, unsigned int index)
{
	struct folio *folio = filemap_get_folio(occupants->file->f_mapping,
						index);

	KUNIT_EXPECT_EQ(occupants->test, PTR_ERR(folio), -ENOENT);
}

/*
 *	d.......
 *	^^^^^^^^
 */
static void clean_page_cache_is_dropped_and_not_copied(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_occupy_clean(occupants,
					       cma_take_page(occupants, 0));
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 1);
	expect_dropped(occupants, 0);
	cma_expect_ours(test, evacuation.pfn, 64);
	KUNIT_EXPECT_NULL(test, folio->mapping);
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	dodododo	each to its own kind
 */
static void changed_page_cache_is_copied_and_not_dropped(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *folios[8];
	int i;

	for (i = 0; i < 8; i++) {
		struct page *page = cma_take_page(occupants, i);

		folios[i] = i % 2 ? cma_occupy(occupants, page) :
				    cma_occupy_clean(occupants, page);
	}
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 8);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 4);
	for (i = 0; i < 8; i += 2)
		expect_dropped(occupants, i);
	for (i = 1; i < 8; i += 2)
		cma_expect_occupant(occupants, i, folios[i], true);
	cma_expect_ours(test, evacuation.pfn, 8);
	cma_occupants_lend(occupants, &evacuation);
}

static void clean_page_cache_that_somebody_holds_is_not_dropped(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_occupy_clean(occupants,
					       cma_take_page(occupants, 0));
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
	};

	folio_get(folio);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_REFERENCED);
	cma_expect_occupant(occupants, 0, folio, false);
	folio_put(folio);
}

static unsigned int nr_freed;

static void note_free(struct folio *folio)
{
	nr_freed++;
}

static const struct address_space_operations freeing_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
	.free_folio	= note_free,
};

/* Drop what can be dropped of the first eight pages, which are a file's. */
static unsigned long drop_eight(struct occupants *occupants)
{
	const struct cma_evacuation evacuation = {
		.gfp = GFP_KERNEL, .effort = CMA_EFFORT_CLEAR, .task = current,
	};
	unsigned long base = cma_occupants_base(occupants), dropped, i;
	unsigned long ours[1] = { }, todo[1] = { };
	struct cma_vacancy vacancy = {
		.base = base, .nr_pages = 8, .ours = ours, .todo = todo,
	};

	dropped = alloc_hooks(cma_drop_cache(&vacancy, &evacuation));
	KUNIT_EXPECT_EQ(occupants->test, dropped, vacancy.nr_ours);
	for (i = 0; i < 8; i++)
		if (cma_is_ours(&vacancy, base + i))
			KUNIT_EXPECT_TRUE(occupants->test, cma_put_free(base + i, 1));
	return dropped;
}

/*
 *	dddhdddd	neighbours in the file leave it at one go, as far as that goes
 */
static void a_file_loses_what_is_dropped_and_no_more(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct address_space *mapping = occupants->file->f_mapping;
	struct folio *folios[8];
	unsigned int i;

	for (i = 0; i < 8; i++)
		folios[i] = cma_occupy_clean(occupants, cma_take_page(occupants, i));
	mapping->a_ops = &freeing_aops;
	nr_freed = 0;
	folio_get(folios[3]);
	KUNIT_EXPECT_EQ(test, drop_eight(occupants), 7);
	KUNIT_EXPECT_EQ(test, mapping->nrpages, 1);
	KUNIT_EXPECT_EQ(test, nr_freed, 7);
	for (i = 0; i < 8; i++)
		if (i != 3)
			expect_dropped(occupants, i);
	cma_expect_occupant(occupants, 3, folios[3], false);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folios[3]));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folios[3]));
	folio_put(folios[3]);
}

/* ---- Large folios ---- */

/* Does the file know that it had this page not long ago? */
static bool leaves_shadow(struct occupants *occupants, unsigned long index)
{
	return xa_is_value(xa_load(&occupants->file->f_mapping->i_pages, index));
}

static void expect_large_dropped(struct occupants *occupants,
				 struct cma_evacuation *evacuation,
				 unsigned long dropped)
{
	struct kunit *test = occupants->test;
	unsigned long i;

	cma_occupy_large(occupants, false);
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation->nr_moved, dropped);
	KUNIT_EXPECT_EQ(test, evacuation->nr_dropped, dropped);
	KUNIT_EXPECT_EQ(test, occupants->file->f_mapping->nrpages, 0);
	KUNIT_EXPECT_TRUE(test, leaves_shadow(occupants, 7));
	for (i = 0; i < evacuation->nr_pages; i++)
		KUNIT_EXPECT_EQ(test, 1,
				page_ref_count(pfn_to_page(evacuation->pfn + i)));
	KUNIT_EXPECT_TRUE(test, cma_are_clean(evacuation->pfn,
					      evacuation->nr_pages));
	cma_occupants_lend(occupants, evacuation);
}

/*
 *	dddddddd........	one folio, and nothing to be read again before long
 *	^^^^^^^^^^^^^^^^
 */
static void a_large_folio_that_is_clean_is_dropped_and_not_copied(struct kunit *test)
{
	static const gfp_t contexts[] = { GFP_KERNEL, GFP_NOFS, GFP_NOIO };
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		struct cma_evacuation evacuation = {
			.pfn = cma_occupants_base(occupants), .nr_pages = 16,
			.gfp = contexts[i] | __GFP_NOWARN, .effort = CMA_EFFORT_CHEAP,
		};

		expect_large_dropped(occupants, &evacuation, 8);
	}
}

/*
 *	dddddddd........
 *	    ^^
 */
static void what_of_a_dropped_folio_lies_beyond_the_run_is_free(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants) + 4, .nr_pages = 2, .effort = CMA_EFFORT_CLEAR,
	};
	unsigned long i;

	expect_large_dropped(occupants, &evacuation, 2);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_TRUE(test, cma_in_free_block(cma_occupants_base(occupants) + i));
}

/*
 *	dddddddd........	with one reference too many
 *	^^^^^^^^^^^^^^^^
 */
static void a_large_folio_that_somebody_holds_is_not_dropped(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *folio = cma_occupy_large(occupants, false);

	folio_get(folio);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	KUNIT_EXPECT_EQ(test, occupants->file->f_mapping->nrpages, 8);
	folio_put(folio);
}

/* ---- What is read again and again ---- */

static void evacuate_hot(struct occupants *occupants, unsigned int nr,
			 unsigned long dropped)
{
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 64, .effort = CMA_EFFORT_THOROUGH,
	};
	struct kunit *test = occupants->test;
	unsigned int i;

	for (i = 0; i < nr; i++)
		folio_set_workingset(cma_occupy_clean(occupants,
						      cma_take_page(occupants, i)));
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, nr);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, dropped);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	d...............	a hot one
 *	^^^^^^^^^^^^^^^^
 */
static void a_page_that_is_hot_is_copied(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);

	evacuate_hot(occupants, 1, 0);
	cma_expect_occupant(occupants, 0, NULL, true);
}

/*
 *	dddd............	it would take longer than all the rest
 *	^^^^^^^^^^^^^^^^
 */
static void many_pages_that_are_hot_are_dropped(struct kunit *test)
{
	evacuate_hot(cma_open_occupants(test), 4, 4);
}

/* ---- A task that waits for the lock of such a page ---- */

/**
 * struct reader - a task that finds a page that isn't read yet, and locked
 * @mapping: its file
 * @folio: the page
 * @asleep: it waits for the page's lock, and has no reference
 * @result: what it got at last
 * @done: it has got that
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
static void a_task_that_waits_for_a_dropped_page_wakes_up(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 2, .effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *second;

	reader.mapping = occupants->file->f_mapping;
	reader.folio = cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	reader.asleep = false;
	reader.result = NULL;
	init_completion(&reader.done);
	folio_clear_uptodate(reader.folio);
	second = cma_occupy_clean(occupants, cma_take_page(occupants, 1));
	folio_attach_private(second, occupants);
	reader.mapping->a_ops = &slow_aops;

	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_TRUE(test, reader.asleep);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 2);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&reader.done,
							    5 * HZ));
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(reader.result));
	KUNIT_EXPECT_PTR_NE(test, reader.result, reader.folio);
	folio_put(reader.result);
	cma_occupants_lend(occupants, &evacuation);
}

/* ---- What a file system does ---- */

static unsigned int nr_released, nr_reclaiming;

static bool note_release(struct folio *folio, gfp_t gfp)
{
	nr_released++;
	nr_reclaiming += !(current->flags & PF_MEMALLOC);
	folio_detach_private(folio);
	return true;
}

static const struct address_space_operations private_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
	.release_folio	= note_release,
};

/*
 *	dddddddd........	with something of a file system's in each
 *	^^^^^^^^^^^^^^^^
 */
static void a_file_system_that_lets_go_of_a_page_does_not_reclaim(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 16, .effort = CMA_EFFORT_THOROUGH,
	};
	unsigned int i;

	for (i = 0; i < 8; i++)
		folio_attach_private(cma_occupy_clean(occupants,
						      cma_take_page(occupants, i)),
				     occupants);
	occupants->file->f_mapping->a_ops = &private_aops;
	nr_released = 0;
	nr_reclaiming = 0;
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 8);
	KUNIT_EXPECT_EQ(test, nr_released, 8);
	KUNIT_EXPECT_EQ(test, nr_reclaiming, 0);
	KUNIT_EXPECT_FALSE(test, current->flags & PF_MEMALLOC);
	cma_occupants_lend(occupants, &evacuation);
}

/* ---- What was dropped comes back ---- */

/* What processors have counted and not told yet is among them. */
static long refaults(struct occupants *occupants)
{
	struct page *page = pfn_to_page(cma_occupants_base(occupants));
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
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 256,
		.effort = CMA_EFFORT_THOROUGH,
	};
	unsigned int i, known = 0;
	long before;

	for (i = 0; i < 128; i++)
		cma_occupy_clean(occupants, cma_take_page(occupants, i));
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 128);
	KUNIT_EXPECT_EQ(test, occupants->file->f_mapping->nrpages, 0);
	for (i = 0; i < 128; i++)
		known += leaves_shadow(occupants, i);
	KUNIT_EXPECT_EQ(test, known, 128);
	cma_occupants_lend(occupants, &evacuation);

	before = refaults(occupants);
	occupants->nr = 70;
	cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	KUNIT_EXPECT_GE(test, refaults(occupants) - before, 1);
	cma_expect_occupant(occupants, 70, pfn_folio(cma_occupants_base(occupants)), false);
	KUNIT_EXPECT_TRUE(test, leaves_shadow(occupants, 69));
	KUNIT_EXPECT_TRUE(test, leaves_shadow(occupants, 71));
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
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 16,
		.effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *second;

	found = cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	second = cma_occupy_clean(occupants, cma_take_page(occupants, 1));
	cma_occupy_clean(occupants, cma_take_page(occupants, 2));
	folio_attach_private(second, occupants);
	occupants->file->f_mapping->a_ops = &found_aops;

	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 2);
	cma_expect_occupant(occupants, 0, found, false);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(found));
	folio_put(found);
}

/*
 *	hddddddd	the first one is pinned, by a device that may yet write to it
 */
static void what_a_file_system_has_of_a_page_in_use_stays(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folios[8];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		folios[i] = cma_occupy_clean(occupants, cma_take_page(occupants, i));
		folio_attach_private(folios[i], occupants);
	}
	occupants->file->f_mapping->a_ops = &private_aops;
	nr_released = 0;
	folio_get(folios[0]);
	KUNIT_EXPECT_EQ(test, drop_eight(occupants), 7);
	KUNIT_EXPECT_EQ(test, nr_released, 7);
	KUNIT_EXPECT_TRUE(test, folio_test_private(folios[0]));
	cma_expect_occupant(occupants, 0, folios[0], false);
	folio_detach_private(folios[0]);
	folio_put(folios[0]);
}

static struct kunit_case cma_evac_drop_cases[] = {
	KUNIT_CASE(clean_page_cache_is_dropped_and_not_copied),
	KUNIT_CASE(changed_page_cache_is_copied_and_not_dropped),
	KUNIT_CASE(clean_page_cache_that_somebody_holds_is_not_dropped),
	KUNIT_CASE(a_file_loses_what_is_dropped_and_no_more),
	KUNIT_CASE(a_large_folio_that_is_clean_is_dropped_and_not_copied),
	KUNIT_CASE(what_of_a_dropped_folio_lies_beyond_the_run_is_free),
	KUNIT_CASE(a_large_folio_that_somebody_holds_is_not_dropped),
	KUNIT_CASE(what_was_dropped_is_known_when_it_is_read_again),
	KUNIT_CASE(a_page_that_is_found_meanwhile_stays_in_its_file),
	KUNIT_CASE(a_page_that_is_hot_is_copied),
	KUNIT_CASE(many_pages_that_are_hot_are_dropped),
	KUNIT_CASE(a_task_that_waits_for_a_dropped_page_wakes_up),
	KUNIT_CASE(a_file_system_that_lets_go_of_a_page_does_not_reclaim),
	KUNIT_CASE(what_a_file_system_has_of_a_page_in_use_stays),
	{}
};

static struct kunit_suite cma_evac_drop_suite = {
	.name = "cma_evac_drop",
	.test_cases = cma_evac_drop_cases,
};

kunit_test_suite(cma_evac_drop_suite);

MODULE_DESCRIPTION("Tests of dropping clean page cache out of contiguous memory");
MODULE_LICENSE("GPL");
