// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pages that a processor keeps on a list of its own: free ones that it
 * would hand out next, and ones in use that it is about to put on the LRU.
 *
 *	f  on the list of free pages of another processor
 *	b  in the batch of another processor, which has a reference
 *	.  lent
 *	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../evac.h"
#include "../../internal.h"
#include "lodging.h"

/* Pages of the area are what this processor would hand out next. */
static void put_on_list(struct lodging *lodging, struct page *page, int nr)
{
	struct cma *cma = lodging->cma;
	struct cma_extent run = cma_pages_to_run(cma, page_to_pfn(page), nr);
	struct cma_claim claim;

	KUNIT_ASSERT_TRUE(lodging->test, cma_retire(cma, run, &claim));
	cma_abort(cma, &claim);
	while (nr--)
		__free_page(page + nr);
}

/* Each case has a thread, which is bound until it ends. */
static void run_on(struct kunit *test, unsigned int cpu)
{
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
}

static unsigned int other_cpu(struct kunit *test)
{
	unsigned int other = cpumask_any_but(cpu_online_mask, 0);

	if (other >= nr_cpu_ids)
		kunit_skip(test, "there is one processor only");
	return other;
}

/* All lists were emptied for a part of a run that came before this one. */
static void expect_emptied_again(struct lodging *lodging, unsigned long pfn)
{
	struct cma_evacuation evacuation = {
		.pfn = pfn, .nr_pages = 8,
		.drained_free = true, .drained_lru = true,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct kunit *test = lodging->test;

	/* The scene: nobody has used them or emptied the list. */
	KUNIT_EXPECT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), -EBUSY);
	evacuation.effort = CMA_EFFORT_THOROUGH;
	evacuation.drained_free = true;
	evacuation.drained_lru = true;
	KUNIT_ASSERT_EQ(test, cma_lodging_evacuate(lodging, &evacuation), 0);
	cma_lodging_lend(lodging, &evacuation);
}

/*
 *	ffffffff
 *	^^^^^^^^
 */
static void lists_are_emptied_again_for_who_is_thorough(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned int other = other_cpu(test);
	struct page *page = cma_alloc(lodging->cma, 8, 3, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	run_on(test, other);
	put_on_list(lodging, page, 8);
	run_on(test, 0);
	expect_emptied_again(lodging, page_to_pfn(page));
}

/*
 *	b.......
 *	^^^^^^^^
 */
static void batches_are_emptied_again_for_who_is_thorough(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	unsigned int other = other_cpu(test);
	struct folio *folio = cma_take_lodger(lodging);

	folio_get(folio);
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	run_on(test, other);
	folio_putback_lru(folio);
	run_on(test, 0);
	folio_put(folio);
	expect_emptied_again(lodging, folio_pfn(folio));
	cma_expect_lodger(lodging, 0, folio, true);
}

static void what_will_be_written_goes_elsewhere(struct kunit *test)
{
	struct lodging *lodging = cma_open_lodging(test);
	struct page *page = cma_alloc(lodging->cma, 8, 3, false);
	struct page *written, *read;

	KUNIT_ASSERT_NOT_NULL(test, page);
	migrate_disable();
	put_on_list(lodging, page, 8);
	/* High memory, if there is any, would come before the area. */
	written = alloc_page(GFP_USER | __GFP_MOVABLE | __GFP_WRITE);
	read = alloc_page(GFP_USER | __GFP_MOVABLE);
	migrate_enable();
	KUNIT_ASSERT_NOT_NULL(test, written);
	KUNIT_ASSERT_NOT_NULL(test, read);
	KUNIT_EXPECT_FALSE(test, is_migrate_cma_page(written));
	/* The scene: who only reads gets one. */
	KUNIT_EXPECT_TRUE(test, is_migrate_cma_page(read));
	__free_page(written);
	__free_page(read);
	drain_all_pages(NULL);
}

static struct kunit_case cma_lists_cases[] = {
	KUNIT_CASE(lists_are_emptied_again_for_who_is_thorough),
	KUNIT_CASE(batches_are_emptied_again_for_who_is_thorough),
	KUNIT_CASE(what_will_be_written_goes_elsewhere),
	{}
};

static struct kunit_suite cma_lists_suite = {
	.name = "cma_lists",
	.test_cases = cma_lists_cases,
};

kunit_test_suite(cma_lists_suite);

MODULE_DESCRIPTION("Tests of contiguous memory on the lists of processors");
MODULE_LICENSE("GPL");
