// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/empty.c: those who have borrowed an area leave all of it, as far as they
 * can, whatever may be READY.
 *
 * In the pictures a letter stands for half a pageblock, and bars part them.
 *
 *	o  others'	.  free		r  READY	#  allocated	x  a page that won't move
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/workqueue.h>

#include "fake.h"
#include "occupants.h"

#define BLOCK		FAKE_BLOCK

/* Whose evacuation goes on a little later. */
static struct cma_fake *later_for;

/*
 *	|oo|oo|..|oo|	nothing may be READY, and what is free is the least work
 */
static void each_pageblock_has_its_turn_where_nothing_may_be_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 4 * BLOCK, 0);
	unsigned int i;

	bitmap_set(fake->in_use, 0, 2 * BLOCK);
	bitmap_set(fake->in_use, 3 * BLOCK, BLOCK);
	fake->cma.borrow = CMA_BORROW_CLEAN;
	cma_empty(&fake->cma);
	KUNIT_ASSERT_EQ(test, fake->nr_attempts, 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, fake->attempts[i], i * BLOCK);
	KUNIT_EXPECT_EQ(test, fake->nr_lent, 4 * BLOCK);
	cma_fake_expect_usage(fake, 4 * BLOCK, 0, 0, 0);
}

/*
 *	|ox|oo|oo|
 */
static void what_stays_in_one_pageblock_keeps_nothing_in_the_next(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);

	__set_bit(BLOCK - 1, fake->stuck);
	fake->cma.borrow = CMA_BORROW_CLEAN;
	cma_empty(&fake->cma);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 3);
	KUNIT_EXPECT_EQ(test, fake->nr_thorough, 3);
	KUNIT_EXPECT_GE(test, fake->nr_lent, 2 * BLOCK);
	cma_fake_expect_usage(fake, 3 * BLOCK, 0, 0, 0);
}

/*
 *	|##|o#|oo|
 */
static void what_a_device_has_is_passed_by(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);
	long rest;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK + BLOCK / 2, 0), 0);
	rest = cma_fake_alloc(fake, BLOCK / 2, 0);
	KUNIT_ASSERT_EQ(test, rest, BLOCK + BLOCK / 2);
	cma_fake_expect_free(fake, BLOCK, BLOCK / 2);
	fake->nr_attempts = 0;
	fake->cma.borrow = CMA_BORROW_CLEAN;
	cma_empty(&fake->cma);
	KUNIT_ASSERT_EQ(test, fake->nr_attempts, 2);
	KUNIT_EXPECT_EQ(test, fake->attempts[0], BLOCK);
	KUNIT_EXPECT_EQ(test, fake->attempts[1], 2 * BLOCK);
	cma_fake_expect_usage(fake, BLOCK + BLOCK / 2, 0, 0, BLOCK + BLOCK / 2);
	cma_fake_expect_free(fake, 0, BLOCK);
	cma_fake_expect_free(fake, rest, BLOCK / 2);
}

/*
 *	|oo|rr|oo|  ->  |..|rr|..|
 */
static void what_is_ready_stays_ready(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_blocks(test, 3);

	cma_fake_make_ready(fake, BLOCK, BLOCK);
	fake->nr_attempts = 0;
	fake->cma.borrow = CMA_BORROW_CLEAN;
	cma_empty(&fake->cma);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	KUNIT_EXPECT_EQ(test, cma_fake_nr_ready(fake, BLOCK, 2 * BLOCK), BLOCK);
	cma_fake_expect_usage(fake, 2 * BLOCK, BLOCK, 0, 0);
}

static void go_on(struct work_struct *work)
{
	complete(&later_for->proceed);
}

static DECLARE_DELAYED_WORK(later, go_on);

/*
 *	|co|oo|		somebody has the pageblock isolated, and takes half of it
 */
static void a_pageblock_that_a_request_is_busy_with_is_waited_for(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_fake_caller caller;

	fake->hold = 0;
	cma_fake_call(&caller, fake, BLOCK / 2, GFP_KERNEL);
	wait_for_completion(&fake->held);
	fake->hold = -1;
	fake->cma.borrow = CMA_BORROW_CLEAN;
	later_for = fake;
	schedule_delayed_work(&later, HZ / 20);
	cma_empty(&fake->cma);
	flush_delayed_work(&later);
	KUNIT_EXPECT_EQ(test, cma_fake_result(&caller), 0);
	KUNIT_ASSERT_EQ(test, fake->nr_attempts, 3);
	KUNIT_EXPECT_EQ(test, fake->attempts[1], BLOCK / 2);
	KUNIT_EXPECT_EQ(test, fake->attempts[2], BLOCK);
	cma_fake_expect_free(fake, 0, BLOCK / 2);
}

/* It would lose its place to the pageblock that comes next, time after time. */
static void a_request_that_waits_for_its_turn_comes_first(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 2 * BLOCK, 0);
	struct cma_turn turn = { };

	fake->cma.borrow = CMA_BORROW_CLEAN;
	cma_take_turn(&fake->cma, &turn, cma_extent_at(BLOCK, 16));
	cma_empty(&fake->cma);
	/* As it never comes its place is given up. */
	KUNIT_EXPECT_TRUE(test, time_after_eq(jiffies, turn.until));
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 2);
	cma_leave_turn(&fake->cma, &turn);
}

static void without_room_elsewhere_no_more_is_tried(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);

	fake->error = -ENOMEM;
	fake->cma.borrow = CMA_BORROW_CLEAN;
	cma_empty(&fake->cma);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 1);
}

static void an_area_that_is_lent_to_everybody_again_is_left_alone(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, 3 * BLOCK, 0);

	cma_empty(&fake->cma);
	KUNIT_EXPECT_EQ(test, fake->nr_attempts, 0);
}

static void lend_again(void *cma)
{
	cma_set_borrow(cma, CMA_BORROW_ALL);
}

/*
 *	|..|oo|..|  ->  |..|..|..|	of real memory, nothing of which is READY
 */
static void pages_leave_an_area_most_of_which_is_free(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct folio *folio;
	struct page *page;

	page = cma_take_page(occupants, cma->nr_pages / 2 + 3);
	KUNIT_ASSERT_NOT_NULL(test, page);
	folio = cma_occupy(occupants, page);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, lend_again, cma), 0);
	KUNIT_EXPECT_EQ(test, cma_choose_borrow(cma, "clean"), 0);
	cma_expect_occupant(occupants, 0, folio, true);
	KUNIT_EXPECT_EQ(test, cma->nr_others, 0);
}

/*
 *	|..|so|..|	s is of no file, and stays; o can be read again
 */
static void what_is_no_page_cache_is_counted_until_it_leaves(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *stays = cma_take_page(occupants, cma->nr_pages / 2);
	struct folio *folio = cma_occupy_clean(occupants,
					       cma_take_page(occupants, cma->nr_pages / 2 + 1));

	cma_real_forget(test, cma, page_to_pfn(stays), 1);
	cma_occupant_pin(folio, 1);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, lend_again, cma), 0);
	KUNIT_EXPECT_EQ(test, cma_choose_borrow(cma, "clean"), 0);
	KUNIT_EXPECT_EQ(test, cma->nr_others, 1);
	cma_occupant_pin(folio, -1);
	__free_page(stays);
	cma_recount();
	KUNIT_EXPECT_EQ(test, cma->nr_others, 0);
}

/*
 *	|..|so|..|	while the pageblock of s is evacuated, which fails
 *	   ^^^^
 */
static void what_is_evacuated_in_vain_is_counted_again(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *stays = cma_take_page(occupants, cma->nr_pages / 2);
	struct cma_claim claim;
	unsigned long unit;

	cma_real_forget(test, cma, page_to_pfn(stays), 1);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, lend_again, cma), 0);
	KUNIT_EXPECT_EQ(test, cma_choose_borrow(cma, "clean"), 0);
	KUNIT_ASSERT_EQ(test, cma->nr_others, 1);
	unit = cma_pfn_to_unit(cma, page_to_pfn(stays));
	KUNIT_ASSERT_TRUE(test, cma_claim_at(cma, cma_extent_at(unit, 1), true, &claim));
	cma_recount();
	KUNIT_EXPECT_EQ(test, cma->nr_others, 1);
	cma_abort(cma, &claim);
	cma_recount();
	KUNIT_EXPECT_EQ(test, cma->nr_others, 1);
	__free_page(stays);
	cma_recount();
	KUNIT_EXPECT_EQ(test, cma->nr_others, 0);
}

static struct kunit_case cma_empty_cases[] = {
	KUNIT_CASE(each_pageblock_has_its_turn_where_nothing_may_be_ready),
	KUNIT_CASE(what_stays_in_one_pageblock_keeps_nothing_in_the_next),
	KUNIT_CASE(what_a_device_has_is_passed_by),
	KUNIT_CASE(what_is_ready_stays_ready),
	KUNIT_CASE(a_pageblock_that_a_request_is_busy_with_is_waited_for),
	KUNIT_CASE(a_request_that_waits_for_its_turn_comes_first),
	KUNIT_CASE(without_room_elsewhere_no_more_is_tried),
	KUNIT_CASE(an_area_that_is_lent_to_everybody_again_is_left_alone),
	KUNIT_CASE(pages_leave_an_area_most_of_which_is_free),
	KUNIT_CASE(what_is_no_page_cache_is_counted_until_it_leaves),
	KUNIT_CASE(what_is_evacuated_in_vain_is_counted_again),
	{}
};

static struct kunit_suite cma_empty_suite = {
	.name = "cma_empty",
	.test_cases = cma_empty_cases,
};

kunit_test_suite(cma_empty_suite);

MODULE_DESCRIPTION("Tests of moving all that others have in an area elsewhere");
MODULE_LICENSE("GPL");
