// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the evacuation of a run does with each kind of page, and what
 * it leaves behind when it fails: mm/cma/evac_buddy.c, mm/cma/evac_drop.c, mm/cma/evac_classify.c
 * and mm/cma/evac.c, on real memory.
 *
 *	.  free		o  a lodger	d  a clean one	x  one that won't move
 *	#  allocated	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "../evac.h"
#include "../../internal.h"
#include "lodging.h"

static unsigned long base_of(struct lodging *lodging)
{
	return lodging->cma->base_pfn;
}

static void expect_ours(struct kunit *test, unsigned long pfn,
			unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(pfn + i)), 1);
}

static void expect_dropped(struct lodging *lodging, unsigned int index)
{
	struct folio *folio = filemap_get_folio(lodging->file->f_mapping,
						index);

	KUNIT_EXPECT_EQ(lodging->test, PTR_ERR(folio), -ENOENT);
}

/* Take a run of which everything is free; it has been so, then. */
static void expect_free(struct lodging *lodging, unsigned long pfn,
			unsigned long nr_pages)
{
	struct cma_evacuation evacuation = {
		.pfn = pfn, .nr_pages = nr_pages, .gfp = GFP_NOWAIT,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(lodging->test, 0,
			cma_lodging_evacuate(lodging, &evacuation));
	expect_ours(lodging->test, pfn, nr_pages);
	cma_lodging_lend(lodging, &evacuation);
}

/* ---- Free pages ---- */

/*
 *	........	what a free block has beyond the run stays free
 *	 ^^^^
 */
static void a_free_block_is_cut_at_both_ends_of_the_run(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned long base = base_of(lodging);
	struct cma_evacuation evacuation = {
		.pfn = base + 3, .nr_pages = 5,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_TRUE(test, cma_in_free_block(base));
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 0);
	expect_ours(test, base + 3, 5);
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(base + 2));
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(base + 3));
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(base + 7));
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(base + 8));
	expect_free(lodging, base, 3);
	expect_free(lodging, base + 8, 1000);
	cma_lodging_lend(lodging, &evacuation);
	expect_free(lodging, base, lodging->cma->nr_pages);
}

/* On a list of this processor nobody would find it. */
static void what_is_given_back_is_in_a_free_block_at_once(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned long pfn = base_of(lodging) + 1;
	struct cma_evacuation evacuation = {
		.pfn = pfn, .nr_pages = 1,
		.effort = CMA_EFFORT_CLEAR,
	};
	int i;

	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
				0);
		cma_lodging_lend(lodging, &evacuation);
		KUNIT_EXPECT_TRUE(test, cma_in_free_block(pfn));
		evacuation.nr_pages *= 2;
	}
}

/*
 *	........	a reference too many to the third one
 *	^^^^^^^^
 */
static void a_page_that_somebody_holds_is_freed_when_he_lets_go(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned long base = base_of(lodging);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct page *held = pfn_to_page(base + 2);
	int i;

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	get_page(held);
	KUNIT_EXPECT_FALSE(test, cma_put_free(base, 8));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(base + i)),
				i == 2);
	put_page(held);

	/* None of them is lost, and none of them is free twice. */
	evacuation = (struct cma_evacuation){
		.pfn = base, .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
	};
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	expect_ours(test, base, 8);
	KUNIT_EXPECT_TRUE(test, cma_put_free(base, 8));
}

/*
 *	....o...	nothing is waited for, and nothing is kept
 *	^^^^^^^^
 */
static void who_cannot_sleep_takes_free_pages_or_none(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_lodge(lodging, cma_take_page(lodging, 4));
	unsigned long base = base_of(lodging), flags;
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8, .gfp = GFP_ATOMIC,
		.effort = CMA_EFFORT_CLEAR,
	};
	int err;

	local_irq_save(flags);
	err = cma_lodging_evacuate(lodging, &evacuation);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, err, -EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	cma_expect_lodger(lodging, 0, folio, false);
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(base + 3));

	evacuation.nr_pages = 4;
	local_irq_save(flags);
	err = cma_lodging_evacuate(lodging, &evacuation);
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, err, 0);
	expect_ours(test, base, 4);
	cma_lodging_lend(lodging, &evacuation);
}

/* ---- Pages in use ---- */

/*
 *	d.......
 *	^^^^^^^^
 */
static void clean_page_cache_is_dropped_and_not_copied(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_lodge_clean(lodging,
					      cma_take_page(lodging, 0));
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 1);
	expect_dropped(lodging, 0);
	expect_ours(test, evacuation.pfn, 64);
	KUNIT_EXPECT_NULL(test, folio->mapping);
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	dodododo	each to its own kind
 */
static void changed_page_cache_is_copied_and_not_dropped(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *folios[8];
	int i;

	for (i = 0; i < 8; i++) {
		struct page *page = cma_take_page(lodging, i);

		folios[i] = i % 2 ? cma_lodge(lodging, page) :
				    cma_lodge_clean(lodging, page);
	}
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 8);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 4);
	for (i = 0; i < 8; i += 2)
		expect_dropped(lodging, i);
	for (i = 1; i < 8; i += 2)
		cma_expect_lodger(lodging, i, folios[i], true);
	expect_ours(test, evacuation.pfn, 8);
	cma_lodging_lend(lodging, &evacuation);
}

static void clean_page_cache_that_somebody_holds_is_not_dropped(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *folio = cma_lodge_clean(lodging,
					      cma_take_page(lodging, 0));
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
	};

	folio_get(folio);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_REFERENCED);
	cma_expect_lodger(lodging, 0, folio, false);
	folio_put(folio);
}

static struct folio *to_area(struct folio *src, unsigned long private)
{
	struct lodging *lodging = (struct lodging *)private;
	struct page *page = cma_take_page(lodging, 0);
	struct cma_claim claim;

	if (!cma_retire(lodging->cma, cma_extent_at(0, 1), &claim))
		return NULL;
	cma_abort(lodging->cma, &claim);
	return page_folio(page);
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
static unsigned long move_to_area(struct lodging *lodging,
				  unsigned long address)
{
	struct page *page = page_at(lodging->test, address);
	struct kunit *test = lodging->test;
	LIST_HEAD(list);

	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(page_folio(page)));
	list_add(&page->lru, &list);
	put_page(page);
	KUNIT_ASSERT_EQ(test, 0,
			migrate_pages(&list, to_area, NULL,
				      (unsigned long)lodging, MIGRATE_SYNC,
				      MR_SYSCALL, NULL));
	page = page_at(test, address);
	put_page(page);
	lru_add_drain_all();
	return page_to_pfn(page);
}

static void a_programs_page_moves_under_the_program(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
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
	evacuation.pfn = move_to_area(lodging, address);
	KUNIT_ASSERT_EQ(test, evacuation.pfn, base_of(lodging));

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 1);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	expect_ours(test, evacuation.pfn, 16);
	memset(page_address(pfn_to_page(evacuation.pfn)), 0, PAGE_SIZE);
	page = page_at(test, address);
	KUNIT_EXPECT_NE(test, page_to_pfn(page), evacuation.pfn);
	put_page(page);
	KUNIT_EXPECT_EQ(test, get_user(word, (u32 __user *)address), 0);
	KUNIT_EXPECT_EQ(test, word, 0x5eed);
	cma_lodging_lend(lodging, &evacuation);
}

/* ---- Failures ---- */

/*
 *	o...x...	the first one could go, but what for?
 *	^^^^^^^^
 */
static void nothing_moves_when_a_page_is_seen_to_stay(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct cma_evacuation evacuation = {
		.pfn = base_of(lodging), .nr_pages = 64,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *movable, *stuck;

	movable = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	stuck = cma_lodge(lodging, cma_take_page(lodging, 4));
	cma_lodger_pin(stuck, 1);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_PINNED);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(stuck));
	KUNIT_EXPECT_EQ(test, evacuation.nr_moved, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 0);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 0);
	cma_expect_lodger(lodging, 0, movable, false);
	cma_expect_lodger(lodging, 1, stuck, false);
	cma_lodger_pin(stuck, -1);
}

/* A run of 64 pages with a pinned one as the eleventh. */
static void expect_ten_kept(struct kunit *test, bool thorough)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct folio *stuck = cma_lodge(lodging, cma_take_page(lodging, 10));
	unsigned long base = base_of(lodging);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 64, .effort = thorough ? CMA_EFFORT_THOROUGH :
				   CMA_EFFORT_CLEAR,
	};

	cma_lodger_pin(stuck, 1);
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, evacuation.hopeless, !thorough);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, base + 10);
	KUNIT_EXPECT_EQ(test, evacuation.nr_taken, 10);
	expect_ours(test, base, 10);
	/* The rest is free again, and not only half-way. */
	expect_free(lodging, base + 11, 64 - 11);
	cma_lodger_pin(stuck, -1);
	evacuation.nr_pages = 10;
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	....x...	what the run begins with can be kept
 *	^^^^^^^^
 */
static void leading_pages_are_kept_after_a_glance(struct kunit *test)
{
	expect_ten_kept(test, false);
}

static void leading_pages_are_kept_after_a_thorough_failure(struct kunit *test)
{
	expect_ten_kept(test, true);
}

/* ---- Costs, and what a run is prepared for ---- */

/*
 *	........	d.......	o.......	x.......
 */
static void what_is_harder_to_move_costs_more(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned int free, clean, dirty, stuck;
	unsigned long base = base_of(lodging);
	struct folio *folio;

	free = cma_pages_cost(lodging->cma, base, 8);
	folio = cma_lodge_clean(lodging, cma_take_page(lodging, 0));
	clean = cma_pages_cost(lodging->cma, base, 8);
	folio_mark_dirty(folio);
	dirty = cma_pages_cost(lodging->cma, base, 8);
	cma_lodger_pin(folio, 1);
	stuck = cma_pages_cost(lodging->cma, base, 8);
	cma_lodger_pin(folio, -1);

	KUNIT_EXPECT_EQ(test, free, 0);
	KUNIT_EXPECT_GT(test, clean, free);
	KUNIT_EXPECT_GT(test, dirty, clean);
	KUNIT_EXPECT_GT(test, stuck, dirty);
}

static void a_run_that_somebody_holds_may_not_be_kept(struct kunit *test)
{
	const struct cma_evacuator *evacuator = &cma_page_evacuator;
	struct lodging *lodging = cma_open_lodging(test);
	unsigned long base = base_of(lodging);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	KUNIT_EXPECT_TRUE(test, evacuator->may_keep(lodging->cma, base, 8));
	get_page(pfn_to_page(base + 7));
	KUNIT_EXPECT_FALSE(test, evacuator->may_keep(lodging->cma, base, 8));
	put_page(pfn_to_page(base + 7));
	cma_lodging_lend(lodging, &evacuation);
}

static void a_compound_page_may_not_be_kept(struct kunit *test)
{
	const struct cma_evacuator *evacuator = &cma_page_evacuator;
	struct lodging *lodging = cma_open_lodging(test);
	unsigned long base = base_of(lodging);
	struct cma_evacuation evacuation = {
		.pfn = base, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	cma_lodging_prepare(lodging, base, 8, GFP_KERNEL | __GFP_COMP, false);
	KUNIT_EXPECT_EQ(test, compound_order(pfn_to_page(base)), 3);
	KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(base)), 1);
	KUNIT_EXPECT_FALSE(test, evacuator->may_keep(lodging->cma, base, 8));
	cma_lodging_lend(lodging, &evacuation);
	KUNIT_EXPECT_FALSE(test, PageCompound(pfn_to_page(base)));
}

static struct kunit_case cma_engine_cases[] = {
	KUNIT_CASE(a_free_block_is_cut_at_both_ends_of_the_run),
	KUNIT_CASE(what_is_given_back_is_in_a_free_block_at_once),
	KUNIT_CASE(a_page_that_somebody_holds_is_freed_when_he_lets_go),
	KUNIT_CASE(who_cannot_sleep_takes_free_pages_or_none),
	KUNIT_CASE(clean_page_cache_is_dropped_and_not_copied),
	KUNIT_CASE(changed_page_cache_is_copied_and_not_dropped),
	KUNIT_CASE(clean_page_cache_that_somebody_holds_is_not_dropped),
	KUNIT_CASE(a_programs_page_moves_under_the_program),
	KUNIT_CASE(nothing_moves_when_a_page_is_seen_to_stay),
	KUNIT_CASE(leading_pages_are_kept_after_a_glance),
	KUNIT_CASE(leading_pages_are_kept_after_a_thorough_failure),
	KUNIT_CASE(what_is_harder_to_move_costs_more),
	KUNIT_CASE(a_run_that_somebody_holds_may_not_be_kept),
	KUNIT_CASE(a_compound_page_may_not_be_kept),
	{}
};

static struct kunit_suite cma_engine_suite = {
	.name = "cma_engine",
	.test_cases = cma_engine_cases,
};

kunit_test_suite(cma_engine_suite);

MODULE_DESCRIPTION("Tests of what the evacuation does with each kind of page");
MODULE_LICENSE("GPL");
