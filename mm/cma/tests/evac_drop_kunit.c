// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_drop.c: clean page cache is dropped, not copied. Those in which
 * its file system or another task has to do with that are in evac_drop_fs_kunit.c.
 *
 *	.  free		o  an occupant	d  a clean one	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/xarray.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

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
	cma_expect_dropped(occupants, 0);
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
		cma_expect_dropped(occupants, i);
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
	KUNIT_EXPECT_TRUE(test, cma_are_pristine(evacuation->pfn,
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

/*
 *	jihgfedcba......	letters are in the order of the file; there are 64 of them
 *	^^^^^^^^^^
 */
static void a_file_that_lies_backwards_leaves_in_its_own_order(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};
	unsigned int i;

	for (i = 0; i < 64; i++)
		cma_occupy_clean(occupants, cma_take_page(occupants, 63 - i));
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, occupants->file->f_mapping->nrpages, 0);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_TRUE(test, leaves_shadow(occupants, i));
	if (IS_ENABLED(CONFIG_XARRAY_MULTI))
		KUNIT_EXPECT_GT(test, xa_get_order(&occupants->file->f_mapping->i_pages, 0),
				XA_CHUNK_SHIFT / 2);
	cma_expect_ours(test, evacuation.pfn, 64);
	KUNIT_EXPECT_TRUE(test, cma_are_pristine(evacuation.pfn, 64));
	cma_occupants_lend(occupants, &evacuation);
}

/* Somebody gets a reference when all of a batch has been looked at. */
static struct folio *late;

static bool hold_late(struct folio *folio, gfp_t gfp)
{
	folio_get(late);
	folio_detach_private(folio);
	return true;
}

static const struct address_space_operations late_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
	.release_folio	= hold_late,
};

/*
 *	jihXfedcba......	the same, and one of them is held when the others leave
 *	^^^^^^^^^^
 */
static void one_of_a_file_that_lies_backwards_may_stay(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct address_space *mapping = occupants->file->f_mapping;
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	}, rest;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		struct folio *folio = cma_occupy_clean(occupants,
						       cma_take_page(occupants, 63 - i));

		if (i == 40)
			late = folio;
		/* The last one of the run */
		if (!i)
			folio_attach_private(folio, folio);
	}
	mapping->a_ops = &late_aops;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_ASSERT_EQ(test, evacuation.nr_dropped, 63);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(late));
	KUNIT_EXPECT_EQ(test, mapping->nrpages, 1);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, leaves_shadow(occupants, i), i != 40);
	cma_expect_occupant(occupants, 40, late, false);
	folio_put(late);
	rest = (struct cma_evacuation){
		.pfn = evacuation.pfn + evacuation.nr_taken,
		.nr_pages = 64 - evacuation.nr_taken, .effort = CMA_EFFORT_THOROUGH,
	};
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &rest), 0);
	cma_occupants_lend(occupants, &evacuation);
}

static struct kunit_case cma_evac_drop_cases[] = {
	KUNIT_CASE(clean_page_cache_is_dropped_and_not_copied),
	KUNIT_CASE(changed_page_cache_is_copied_and_not_dropped),
	KUNIT_CASE(clean_page_cache_that_somebody_holds_is_not_dropped),
	KUNIT_CASE(a_large_folio_that_is_clean_is_dropped_and_not_copied),
	KUNIT_CASE(what_of_a_dropped_folio_lies_beyond_the_run_is_free),
	KUNIT_CASE(a_large_folio_that_somebody_holds_is_not_dropped),
	KUNIT_CASE(what_was_dropped_is_known_when_it_is_read_again),
	KUNIT_CASE(a_file_that_lies_backwards_leaves_in_its_own_order),
	KUNIT_CASE(one_of_a_file_that_lies_backwards_may_stay),
	KUNIT_CASE(a_page_that_is_hot_is_copied),
	KUNIT_CASE(many_pages_that_are_hot_are_dropped),
	{}
};

static struct kunit_suite cma_evac_drop_suite = {
	.name = "cma_evac_drop",
	.test_cases = cma_evac_drop_cases,
};

kunit_test_suite(cma_evac_drop_suite);

MODULE_DESCRIPTION("Tests of dropping clean page cache out of contiguous memory");
MODULE_LICENSE("GPL");
