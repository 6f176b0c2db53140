// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_drop.c: what a file system is told of page cache that is dropped,
 * and what becomes of tasks that come for a page meanwhile. Each test has operations of
 * an address space that are called on the way.
 *
 *	.  free		d  a clean occupant	h  one that is held
 *	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

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

/* ---- What a file system is told ---- */

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
			cma_expect_dropped(occupants, i);
	cma_expect_occupant(occupants, 3, folios[3], false);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folios[3]));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folios[3]));
	folio_put(folios[3]);
}

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

/* ---- Tasks that come for a page ---- */

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

static struct kunit_case cma_evac_drop_fs_cases[] = {
	KUNIT_CASE(a_file_loses_what_is_dropped_and_no_more),
	KUNIT_CASE(a_file_system_that_lets_go_of_a_page_does_not_reclaim),
	KUNIT_CASE(what_a_file_system_has_of_a_page_in_use_stays),
	KUNIT_CASE(a_task_that_waits_for_a_dropped_page_wakes_up),
	KUNIT_CASE(a_page_that_is_found_meanwhile_stays_in_its_file),
	{}
};

static struct kunit_suite cma_evac_drop_fs_suite = {
	.name = "cma_evac_drop_fs",
	.test_cases = cma_evac_drop_fs_cases,
};

kunit_test_suite(cma_evac_drop_fs_suite);

MODULE_DESCRIPTION("Tests of dropping page cache beside its file system and other tasks");
MODULE_LICENSE("GPL");
