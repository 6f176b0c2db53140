// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_migrate.c: what is neither free nor dropped is migrated. What
 * processors have on lists of their own is in evac_lists_kunit.c.
 *
 *	.  free		o  an occupant	d  a clean one	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/uaccess.h>
#include <linux/writeback.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"
#include "outside.h"

/*
 *	o.......	the occupant moves out, and takes its data along
 */
static void a_page_in_use_moves_with_its_data(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};
	int i;

	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_NONE);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(evacuation.pfn +
							     i)), 1);
	memset(folio_address(folio), 0, 64 * PAGE_SIZE);
	cma_expect_occupant(occupants, 0, folio, true);
	cma_occupants_lend(occupants, &evacuation);
}

/* Where movable pages go, with memory outside as short as that. */
static bool goes_to_an_area(struct occupants *occupants, gfp_t gfp)
{
	struct address_space *mapping = occupants->file->f_mapping;
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR, .gfp = GFP_KERNEL,
	};
	bool inside;
	int err;

	mapping_set_gfp_mask(mapping, gfp);
	err = cma_occupants_evacuate(occupants, &evacuation);
	/* Nothing of it is to be nobody's for the tests that follow. */
	if (err) {
		evacuation.nr_pages = evacuation.nr_taken;
		cma_occupants_lend(occupants, &evacuation);
	}
	KUNIT_ASSERT_EQ_MSG(occupants->test, err, 0, "%s at 0x%lx",
			    cma_page_kind_name(evacuation.blocker.kind),
			    evacuation.blocker.pfn);
	folio = filemap_get_folio(mapping, occupants->nr - 1);
	KUNIT_ASSERT_FALSE(occupants->test, IS_ERR(folio));
	inside = is_migrate_cma_folio(folio, folio_pfn(folio));
	folio_put(folio);
	cma_occupants_lend(occupants, &evacuation);
	return inside;
}

/*
 *	m.......	metadata that has come there while it was idle
 */
static void what_is_not_to_be_in_an_area_goes_to_none(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct zone *zone = cma_zone_of_areas(test);

	if (is_highmem(zone))
		kunit_skip(test, "memory of the kernel is in another zone");
	cma_make_zone_short(test, zone);
	drain_all_pages(zone);
	KUNIT_EXPECT_TRUE(test, goes_to_an_area(occupants, GFP_USER | __GFP_MOVABLE));
	KUNIT_EXPECT_FALSE(test, goes_to_an_area(occupants, GFP_USER));
}

/* No assertion in here: it would end the thread in the middle of a migration. */
static struct folio *to_area(struct folio *src, unsigned long private)
{
	struct occupants *occupants = (struct occupants *)private;
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 1,
		.effort = CMA_EFFORT_THOROUGH,
	};
	struct cma_claim claim;
	int err;

	if (!cma_claim_at(occupants->cma, cma_extent_at(0, 1), true, &claim))
		return NULL;
	err = cma_occupants_evacuate(occupants, &evacuation);
	cma_abort(occupants->cma, &claim);
	return err ? NULL : pfn_folio(evacuation.pfn);
}

/* The page that a program has at an address; with a reference. */
static struct page *page_at(struct kunit *test, unsigned long address)
{
	struct page *page;

	KUNIT_ASSERT_EQ(test, get_user_pages_fast(address, 1, FOLL_WRITE, &page),
			1);
	return page;
}

/* Have a program's page in the area, wherever it was before. */
static unsigned long move_to_area(struct occupants *occupants,
				  unsigned long address)
{
	struct page *page = page_at(occupants->test, address);
	struct kunit *test = occupants->test;
	LIST_HEAD(list);

	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(page_folio(page)));
	list_add(&page->lru, &list);
	put_page(page);
	KUNIT_ASSERT_EQ(test, 0,
			migrate_pages(&list, to_area, NULL,
				      (unsigned long)occupants, MIGRATE_SYNC,
				      MR_SYSCALL, NULL));
	page = page_at(test, address);
	put_page(page);
	lru_add_drain_all();
	return page_to_pfn(page);
}

static void a_programs_page_moves_under_the_program(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.nr_pages = 16,
		.effort = CMA_EFFORT_CLEAR,
	};
	unsigned long address;
	struct page *page;
	u32 word = 0;

	address = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE,
				PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, address, 0);
	KUNIT_ASSERT_EQ(test, put_user(0x5eed, (u32 __user *)address), 0);
	evacuation.pfn = move_to_area(occupants, address);
	KUNIT_ASSERT_EQ(test, evacuation.pfn, cma_occupants_base(occupants));

	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	cma_expect_ours(test, evacuation.pfn, 16);
	memset(page_address(pfn_to_page(evacuation.pfn)), 0, PAGE_SIZE);
	page = page_at(test, address);
	KUNIT_EXPECT_NE(test, page_to_pfn(page), evacuation.pfn);
	put_page(page);
	KUNIT_EXPECT_EQ(test, get_user(word, (u32 __user *)address), 0);
	KUNIT_EXPECT_EQ(test, word, 0x5eed);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	oooooooo........	one folio
 *	    ^^^^^^^^
 */
static void a_run_may_begin_inside_a_large_folio(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants) + 4, .nr_pages = 8,
		.effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *folio, *moved;
	unsigned int number;

	folio = cma_occupy_large(occupants, true);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	moved = filemap_get_folio(occupants->file->f_mapping, 7);
	KUNIT_ASSERT_FALSE(test, IS_ERR(moved));
	KUNIT_EXPECT_PTR_NE(test, moved, folio);
	/* It may be in high memory now. */
	memcpy_from_page((char *)&number, folio_page(moved, 7), 0, sizeof(number));
	KUNIT_EXPECT_EQ(test, number, 7);
	folio_put(moved);
	cma_occupants_lend(occupants, &evacuation);
}

static void expect_lent_block(struct occupants *occupants)
{
	KUNIT_EXPECT_EQ(occupants->test, MIGRATE_CMA,
			get_pageblock_migratetype(pfn_to_page(cma_occupants_base(occupants))));
}

/*
 *	o..x....	whether or not it works, the pageblock is what it was
 *	^^^^^^^^
 */
static void no_pageblock_stays_isolated(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 64,
		.effort = CMA_EFFORT_THOROUGH,
	};
	struct folio *first, *stuck;

	first = cma_occupy(occupants, cma_take_page(occupants, 0));
	stuck = cma_occupy(occupants, cma_take_page(occupants, 3));
	cma_occupant_pin(stuck, 1);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	expect_lent_block(occupants);
	cma_expect_occupant(occupants, 0, first, true);
	cma_occupant_pin(stuck, -1);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 3);
	evacuation.nr_pages = evacuation.nr_taken;
	cma_occupants_lend(occupants, &evacuation);

	evacuation.nr_pages = 64;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	expect_lent_block(occupants);
	cma_occupants_lend(occupants, &evacuation);
}

/* ---- What a request may not do ---- */

/*
 *	o.......	the task that asks has its lock, in the middle of I/O
 *	^^^^^^^^
 */
static void a_task_in_the_middle_of_io_does_not_wait_for_a_lock(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.gfp = (GFP_KERNEL & ~__GFP_IO) | __GFP_NOWARN,
	};

	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	folio_unlock(folio);
	cma_expect_occupant(occupants, 0, folio, false);
	evacuation.drained_free = false;
	evacuation.drained_lru = false;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	c.......	c  clean	its file system isn't asked
 *	^^^^^^^^
 *	d.......	d  dirty	its file system would have to be
 *	^^^^^^^^
 */
static void a_request_that_may_not_enter_a_file_system_gets_what_is_clean(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_occupy_clean(occupants, cma_take_page(occupants, 0));
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.gfp = GFP_NOFS | __GFP_NOWARN,
	};

	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 1);
	cma_occupants_lend(occupants, &evacuation);

	folio = cma_take_occupant(occupants);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, evacuation.pfn);
	cma_expect_occupant(occupants, 1, folio, false);
}

static unsigned int nr_written;

static int write_at_once(struct page *page, struct writeback_control *wbc)
{
	nr_written++;
	unlock_page(page);
	return 0;
}

static const struct address_space_operations writing_aops = {
	.dirty_folio	= noop_dirty_folio,
	.writepage	= write_at_once,
};

/*
 *	o.......	its file system migrates nothing that is dirty
 *	^^^^^^^^
 */
static void a_dirty_page_that_can_not_be_migrated_is_written(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};

	occupants->file->f_mapping->a_ops = &writing_aops;
	nr_written = 0;
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_EXPECT_EQ(test, nr_written, 0);
	evacuation.effort = CMA_EFFORT_THOROUGH;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, nr_written, 1);
	cma_expect_occupant(occupants, 0, folio, true);
	cma_occupants_lend(occupants, &evacuation);
}

static struct kunit_case cma_evac_migrate_cases[] = {
	KUNIT_CASE(a_page_in_use_moves_with_its_data),
	KUNIT_CASE(what_is_not_to_be_in_an_area_goes_to_none),
	KUNIT_CASE(a_programs_page_moves_under_the_program),
	KUNIT_CASE(a_run_may_begin_inside_a_large_folio),
	KUNIT_CASE(no_pageblock_stays_isolated),
	KUNIT_CASE(a_task_in_the_middle_of_io_does_not_wait_for_a_lock),
	KUNIT_CASE(a_request_that_may_not_enter_a_file_system_gets_what_is_clean),
	KUNIT_CASE(a_dirty_page_that_can_not_be_migrated_is_written),
	{}
};

static struct kunit_suite cma_evac_migrate_suite = {
	.name = "cma_evac_migrate",
	.test_cases = cma_evac_migrate_cases,
};

kunit_test_suite(cma_evac_migrate_suite);

MODULE_DESCRIPTION("Tests of migrating pages out of contiguous memory");
MODULE_LICENSE("GPL");
