// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pages that the hardware fails to keep, in use and while READY.
 *
 *	#  allocated	r  READY	p  a poisoned page
 */
#include <kunit/test.h>
#include <linux/kasan-enabled.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/page_owner.h>
#include <linux/poison.h>
#include <trace/events/kmem.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

static void poison(struct kunit *test, struct page *page)
{
	KUNIT_ASSERT_FALSE(test, PageHWPoison(page));
	SetPageHWPoison(page);
	num_poisoned_pages_inc(page_to_pfn(page));
}

/* It was good all the time, and becomes the page allocator's again. */
static void heal(struct page *page)
{
	num_poisoned_pages_sub(page_to_pfn(page), 1);
	ClearPageHWPoison(page);
	/* What was freed while it had failed is prepared as it was, see there. */
	if (!page_ref_count(page)) {
		set_page_refcounted(page);
		/* Its owner was taken off the record then, and would be once more. */
		set_page_owner(page, 0, GFP_KERNEL);
	}
	__free_page(page);
	drain_all_pages(page_zone(page));
}

static void expect_lost(struct kunit *test, struct cma *cma, struct page *page)
{
	unsigned long offset = page_to_pfn(page) - cma->base_pfn;
	struct page *other;

	KUNIT_EXPECT_EQ(test, page_ref_count(page), 0);
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(page_to_pfn(page)));
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(page_to_pfn(page) - 1));
	/* All pages behind it can be had, and not one more. */
	other = cma_alloc(cma, cma->nr_pages - offset - 1, 0, true);
	KUNIT_EXPECT_PTR_EQ(test, other, page + 1);
	if (other)
		cma_release(cma, other, cma->nr_pages - offset - 1);
	KUNIT_EXPECT_NULL(test, cma_alloc(cma, cma->nr_pages - offset, 0, true));
}

/*
 *	###p####  ->  rrrprrrr	all but that page is kept READY
 */
static void a_page_that_fails_in_use_is_not_handed_out_again(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page = cma_alloc(cma, 8, 3, false);
	struct cma_return ret;

	KUNIT_ASSERT_NOT_NULL(test, page);
	poison(test, page + 3);
	cma_set_ready_max(cma, cma->nr_pages);
	KUNIT_EXPECT_EQ(test, cma_release_run(cma, page_to_pfn(page), 8, &ret),
			0);
	/* No mistake of its owner. */
	KUNIT_EXPECT_EQ(test, ret.nr_marked, 0);
	KUNIT_EXPECT_EQ(test, ret.failed_pfn, page_to_pfn(page + 3));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	cma_set_ready_max(cma, 0);
	drain_all_pages(page_zone(page));
	expect_lost(test, cma, page + 3);
	heal(page + 3);
}

/*
 *	rrrprrrr	found out when somebody asks for it
 */
static void a_page_that_fails_while_ready_is_not_handed_out(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page, *other;
	struct cma_extent run;

	cma_set_ready_max(cma, cma->nr_pages);
	page = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	/* What an attempt in vain has left READY. */
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	run = cma_pages_to_run(cma, page_to_pfn(page), 8);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 8));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 8);
	poison(test, page + 3);

	other = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_NE(test, other, page);
	KUNIT_EXPECT_EQ(test, cma_extents_overlap(&cma->ready, run), 0);
	cma_set_ready_max(cma, 0);
	cma_release(cma, other, 8);
	drain_all_pages(page_zone(page));
	expect_lost(test, cma, page + 3);
	heal(page + 3);
}

/*
 *	ooo.oooo  ->  ...p....	while what is beside it moves
 */
static void a_page_that_fails_while_others_are_moved_away_is_not_handed_out(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page = pfn_to_page(cma->base_pfn + 3);
	struct cma_evacuation evacuation = {
		.pfn = cma->base_pfn, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	poison(test, page);
	cma_note_hwpoison(page_to_pfn(page));
	KUNIT_EXPECT_FALSE(test, cma_occupants_prepare(occupants, cma->base_pfn, 8,
						       GFP_KERNEL, false));
	cma_occupants_lend(occupants, &evacuation);
	drain_all_pages(page_zone(page));
	expect_lost(test, cma, page);
	heal(page);
}

/* With a page at 3 that has failed, what is in front of it isn't emptied for nothing. */
static void expect_unmovable(struct kunit *test, enum cma_effort effort, bool held)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct folio *folio = cma_occupy(occupants, cma_take_page(occupants, 1));
	struct folio *behind = cma_occupy(occupants, cma_take_page(occupants, 5));
	struct page *page = cma_take_page(occupants, 3);
	struct cma_evacuation evacuation = {
		.pfn = cma->base_pfn, .nr_pages = 8,
		.effort = effort, .gfp = GFP_KERNEL,
	};
	struct cma_return ret;

	if (held)
		cma_occupant_pin(behind, 1);

	poison(test, page);
	KUNIT_EXPECT_EQ(test, cma_release_run(cma, page_to_pfn(page), 1, &ret),
			0);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 0);
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation),
			-EBUSY);
	KUNIT_EXPECT_TRUE(test, evacuation.hopeless);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, CMA_PAGE_UNMOVABLE);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, page_to_pfn(page));
	cma_expect_occupant(occupants, 0, folio, false);
	cma_expect_occupant(occupants, 1, behind, false);
	evacuation.nr_pages = evacuation.nr_taken;
	cma_occupants_lend(occupants, &evacuation);
	if (held)
		cma_occupant_pin(behind, -1);
	heal(page);
}

/*
 *	.o.p.o..
 */
static void a_page_that_has_failed_is_unmovable(struct kunit *test)
{
	expect_unmovable(test, CMA_EFFORT_CLEAR, false);
}

static void nothing_is_emptied_thoroughly_in_front_of_a_page_that_has_failed(struct kunit *test)
{
	expect_unmovable(test, CMA_EFFORT_THOROUGH, false);
}

/*
 *	.o.p.x..	what is held would be waited for, but for the one in front of it
 */
static void a_page_that_has_failed_counts_more_than_one_behind_it(struct kunit *test)
{
	expect_unmovable(test, CMA_EFFORT_THOROUGH, true);
}

#ifdef CONFIG_MEMORY_FAILURE
static int take_offline(struct page *page)
{
	return soft_offline_page(page_to_pfn(page), 0);
}

static int take_online(struct page *page)
{
	return unpoison_memory(page_to_pfn(page));
}

static int fail_page(struct page *page)
{
	return memory_failure(page_to_pfn(page), MF_SW_SIMULATED);
}
#else
static int take_offline(struct page *page)
{
	return -EOPNOTSUPP;
}

static int take_online(struct page *page)
{
	return -EOPNOTSUPP;
}

static int fail_page(struct page *page)
{
	return -EOPNOTSUPP;
}
#endif

/* Eight pages of which nothing but that they are READY is known. */
static struct page *make_eight_ready(struct occupants *occupants)
{
	struct kunit *test = occupants->test;
	struct cma *cma = occupants->cma;
	struct page *page;

	cma_set_ready_max(cma, cma->nr_pages);
	page = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	KUNIT_ASSERT_TRUE(test, cma_release(cma, page, 8));
	KUNIT_ASSERT_EQ(test, cma->ready.total, 8);
	return page;
}

/*
 *	rrrrrrrr  ->  rrrprrrr  ->  rrr.rrrr	errors are corrected there yet
 */
static void a_ready_page_can_be_taken_offline_and_online_again(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = make_eight_ready(occupants);
	struct cma *cma = occupants->cma;

	KUNIT_ASSERT_EQ(test, take_offline(page + 3), 0);
	KUNIT_EXPECT_TRUE(test, PageHWPoison(page + 3));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	KUNIT_EXPECT_EQ(test, take_online(page + 3), 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	cma_set_ready_max(cma, 0);
}

/* Pages that are freed may be written to, and be somebody's at once. */
static void note_freed(void *freed, struct page *page, unsigned int order)
{
	struct page **wanted = freed;

	if (*wanted && *wanted >= page && *wanted < page + (1UL << order))
		*wanted = NULL;
}

static u8 byte_of_free_memory(u8 before)
{
	if (page_poisoning_enabled_static())
		return PAGE_POISON;
	return want_init_on_free() ? 0 : before;
}

/* The same, and they aren't any more. The page isn't freed; as if it had been it is left. */
static void a_failure_of_a_ready_page_is_recovered_from(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = make_eight_ready(occupants), *failed = page + 3;
	struct cma *cma = occupants->cma;
	u8 *bytes = page_address(failed);
	int err;

	if (!PageHighMem(failed))
		memset(bytes, 0x5a, PAGE_SIZE);
	register_trace_mm_page_free(note_freed, &failed);
	err = fail_page(page + 3);
	unregister_trace_mm_page_free(note_freed, &failed);
	tracepoint_synchronize_unregister();
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_EXPECT_NOT_NULL(test, failed);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 1);
	if (!PageHighMem(page + 3))
		KUNIT_EXPECT_EQ(test, bytes[PAGE_SIZE - 1], byte_of_free_memory(0x5a));
	KUNIT_EXPECT_EQ(test, take_online(page + 3), 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	cma_set_ready_max(cma, 0);
}

/*
 *	|...p....|	one free block, of which a huge page was made before it failed
 *	 ^^^^^^^^
 */
static void where_the_hardware_has_failed_nothing_is_written(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page = pfn_to_page(cma->base_pfn);
	struct cma_evacuation evacuation = {
		.pfn = cma->base_pfn, .nr_pages = 8,
		.effort = CMA_EFFORT_CLEAR, .gfp = GFP_KERNEL | __GFP_ZERO,
	};
	u8 *bytes = page_address(page + 3);

	if (PageHighMem(page + 3))
		kunit_skip(test, "the area is in high memory");
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	cma_occupants_lend(occupants, &evacuation);
	if (page_poisoning_enabled_static() || debug_pagealloc_enabled_static() ||
	    kasan_enabled())
		kunit_skip(test, "what is free is not to be written to");
	KUNIT_ASSERT_TRUE(test, cma_in_free_block(cma->base_pfn + 3));
	memset(bytes, 0x5a, 16);
	poison(test, page + 3);
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_EQ(test, bytes[0], 0x5a);
	KUNIT_EXPECT_EQ(test, bytes[15], 0x5a);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 1);
	KUNIT_EXPECT_FALSE(test, cma_occupants_prepare(occupants, cma->base_pfn, 8,
						       GFP_KERNEL, false));
	cma_occupants_lend(occupants, &evacuation);
	drain_all_pages(page_zone(page));
	expect_lost(test, cma, page + 3);
	heal(page + 3);
}

/* So that an area is as quick as ever where another page of the machine has failed. */
static void only_an_area_with_a_page_that_fails_is_looked_at(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *elsewhere = alloc_page(GFP_KERNEL);
	struct page *page = cma_take_page(occupants, 3);

	KUNIT_ASSERT_NOT_NULL(test, elsewhere);
	cma->has_hwpoison = false;
	poison(test, elsewhere);
	KUNIT_EXPECT_FALSE(test, cma->has_hwpoison);
	poison(test, page);
	KUNIT_EXPECT_TRUE(test, cma->has_hwpoison);
	heal(elsewhere);
	num_poisoned_pages_sub(page_to_pfn(page), 1);
	ClearPageHWPoison(page);
	cma_release(cma, page, 1);
}

/* Of which a page fails while they are on their way to be READY */
static struct cma_evacuator failing;
static struct page *failing_page;
static int taken_back;

/* Somebody takes the failure back at once, as there was none. */
static void fail_on_the_way(void)
{
	if (!failing_page)
		return;
	fail_page(failing_page);
	taken_back = take_online(failing_page);
	failing_page = NULL;
}

static bool keep_and_fail(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	bool keep = cma_page_evacuator.may_keep(cma, pfn, nr_pages);

	fail_on_the_way();
	return keep;
}

static int evacuate_and_fail(struct cma *cma, struct cma_evacuation *evacuation)
{
	int err = alloc_hooks(cma_page_evacuator.evacuate(cma, evacuation));

	if (!err)
		fail_on_the_way();
	return err;
}

static void have_fail(struct cma *cma, struct page *page)
{
	failing = cma_page_evacuator;
	failing.may_keep = keep_and_fail;
	failing.evacuate = evacuate_and_fail;
	failing_page = page;
	taken_back = 0;
	WRITE_ONCE(cma->evacuator, &failing);
}

static void expect_given_up(struct kunit *test, struct cma *cma, struct page *page)
{
	WRITE_ONCE(cma->evacuator, &cma_page_evacuator);
	KUNIT_EXPECT_NULL(test, failing_page);
	/* Its reference is the area's, or its owner's. */
	KUNIT_EXPECT_EQ(test, taken_back, -EBUSY);
	KUNIT_EXPECT_TRUE(test, PageHWPoison(page));
	/* As the page allocator gives up a page, so that it can have it back. */
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	KUNIT_EXPECT_EQ(test, take_online(page), 0);
	KUNIT_EXPECT_TRUE(test, cma_in_free_block(page_to_pfn(page)));
}

/*
 *	########  ->  rrrprrrr	it has been looked at, and then it fails
 */
static void a_page_that_fails_while_it_is_given_back_is_not_ready(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = make_eight_ready(occupants);
	struct cma *cma = occupants->cma;

	KUNIT_ASSERT_PTR_EQ(test, cma_alloc(cma, 8, 3, false), page);
	if (want_init_on_free())
		kunit_skip(test, "what is given back isn't kept as it is");
	if (!PageHighMem(page))
		memset(page_address(page + 3), 0x5a, PAGE_SIZE);
	have_fail(cma, page + 3);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 8));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	/* The page allocator finds what it expects where it has it back. */
	if (!PageHighMem(page))
		KUNIT_EXPECT_EQ(test, *(u8 *)page_address(page + 3),
				byte_of_free_memory(0x5a));
	expect_given_up(test, cma, page + 3);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	cma_set_ready_max(cma, 0);
}

/*
 *	........  ->  rrrprrrr	the same, when it has just been emptied
 */
static void a_page_that_fails_while_others_leave_is_not_ready(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page = pfn_to_page(cma->base_pfn);
	unsigned int i;

	/* All of the area is READY then, and so the page is. */
	cma_set_ready_max(cma, cma->nr_pages);
	have_fail(cma, page + 3);
	/* What others have in passing is gone the next time. */
	for (i = 0; i < 10 && failing_page; i++) {
		drain_all_pages(page_zone(page));
		cma_fill(cma, cma->nr_pages >> cma->order_per_bit);
	}
	KUNIT_EXPECT_LT(test, cma->ready.total, cma->nr_pages >> cma->order_per_bit);
	expect_given_up(test, cma, page + 3);
	cma_set_ready_max(cma, 0);
}

static struct kunit_case cma_evac_poison_cases[] = {
	KUNIT_CASE(a_page_that_fails_in_use_is_not_handed_out_again),
	KUNIT_CASE(a_page_that_fails_while_ready_is_not_handed_out),
	KUNIT_CASE(a_page_that_fails_while_others_are_moved_away_is_not_handed_out),
	KUNIT_CASE(a_page_that_has_failed_is_unmovable),
	KUNIT_CASE(nothing_is_emptied_thoroughly_in_front_of_a_page_that_has_failed),
	KUNIT_CASE(a_page_that_has_failed_counts_more_than_one_behind_it),
	KUNIT_CASE(only_an_area_with_a_page_that_fails_is_looked_at),
	KUNIT_CASE(a_ready_page_can_be_taken_offline_and_online_again),
	KUNIT_CASE(a_failure_of_a_ready_page_is_recovered_from),
	KUNIT_CASE(a_page_that_fails_while_it_is_given_back_is_not_ready),
	KUNIT_CASE(a_page_that_fails_while_others_leave_is_not_ready),
	KUNIT_CASE(where_the_hardware_has_failed_nothing_is_written),
	{}
};

/* Before a test has taken anything that it would not give back. */
static int cma_poison_begin(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		kunit_skip(test, "needs CONFIG_MEMORY_FAILURE");
	return 0;
}

static struct kunit_suite cma_evac_poison_suite = {
	.name = "cma_evac_poison",
	.init = cma_poison_begin,
	.test_cases = cma_evac_poison_cases,
};

kunit_test_suite(cma_evac_poison_suite);

MODULE_DESCRIPTION("Tests of pages of contiguous memory that the hardware fails to keep");
MODULE_LICENSE("GPL");
