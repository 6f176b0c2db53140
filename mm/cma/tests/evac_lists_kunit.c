// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_migrate.c: what a processor has on a pcplist or in a folio batch.
 *
 *	.  free		o  an occupant
 *	f  on a pcplist of another processor
 *	b  in the folio batch of another processor, which has a reference
 *	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

/* Pages of the area are what this processor would hand out next. */
static void put_on_list(struct occupants *occupants, struct page *page, int nr)
{
	cma_real_forget(occupants->test, occupants->cma, page_to_pfn(page), nr);
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
static void expect_emptied_again(struct occupants *occupants, unsigned long pfn)
{
	struct cma_evacuation evacuation = {
		.pfn = pfn, .nr_pages = 8,
		.drained_free = true, .drained_lru = true,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct kunit *test = occupants->test;

	/* The scene: nobody has used them or emptied the list. */
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	evacuation.effort = CMA_EFFORT_THOROUGH;
	evacuation.drained_free = true;
	evacuation.drained_lru = true;
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	ffffffff
 *	^^^^^^^^
 */
static void lists_are_emptied_again_for_a_thorough_attempt(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int other = other_cpu(test);
	struct page *page = cma_alloc(occupants->cma, 8, 3, false);

	KUNIT_ASSERT_NOT_NULL(test, page);
	run_on(test, other);
	put_on_list(occupants, page, 8);
	run_on(test, 0);
	expect_emptied_again(occupants, page_to_pfn(page));
}

/* Nothing has been taken off the pcplist since pages were put there. */
static bool are_on_list(struct page *page, unsigned int nr)
{
	while (nr--)
		if (page_ref_count(page + nr) || PageBuddy(page + nr))
			return false;
	return true;
}

/*
 *	ffffffffFFFFFFFF	what others free and allocate may empty the list at any time, but
 *	^^^^^^^^		not each time
 */
static void what_a_list_has_beside_the_run_stays_there(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int other = other_cpu(test), tries;
	bool stays = false;

	for (tries = 0; tries < 10 && !stays; tries++) {
		struct page *page = cma_alloc(occupants->cma, 16, 4, false);
		struct cma_evacuation evacuation = {
			.nr_pages = 8, .effort = CMA_EFFORT_CLEAR,
		};

		KUNIT_ASSERT_NOT_NULL(test, page);
		evacuation.pfn = page_to_pfn(page);
		run_on(test, other);
		put_on_list(occupants, page, 16);
		run_on(test, 0);
		KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
		stays = are_on_list(page + 8, 8);
		cma_occupants_lend(occupants, &evacuation);
		drain_all_pages(page_zone(page));
	}
	KUNIT_EXPECT_TRUE(test, stays);
}

/*
 *	ffffffff	after the deadline, when all lists were emptied for another pageblock
 *	^^^^^^^^
 */
static void lists_are_emptied_again_after_the_deadline(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int other = other_cpu(test), tries;
	bool were_there = false;

	for (tries = 0; tries < 10 && !were_there; tries++) {
		struct page *page = cma_alloc(occupants->cma, 8, 3, false);
		struct cma_evacuation evacuation = {
			.nr_pages = 8, .effort = CMA_EFFORT_CLEAR,
			.drained_free = true, .drained_lru = true,
			.deadline = (jiffies - 1) ?: -1UL,
		};

		KUNIT_ASSERT_NOT_NULL(test, page);
		evacuation.pfn = page_to_pfn(page);
		run_on(test, other);
		put_on_list(occupants, page, 8);
		run_on(test, 0);
		were_there = are_on_list(page, 8);
		KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
		cma_occupants_lend(occupants, &evacuation);
	}
	KUNIT_EXPECT_TRUE(test, were_there);
}

/* Pages of two pageblocks that were on a list; the second one's, as an occupant moved. */
static struct {
	struct page *first, *second;
	bool was_taken;
} listed;

static int move_after_first(struct address_space *mapping, struct folio *dst,
			    struct folio *src, enum migrate_mode mode)
{
	if (!page_ref_count(listed.first))
		return -EAGAIN;
	listed.was_taken = page_ref_count(listed.second);
	return filemap_migrate_folio(mapping, dst, src, mode);
}

static const struct address_space_operations move_after_first_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= move_after_first,
};

/*
 *	f.......|fo......	once the list is empty f is free, and what makes room for o
 *	^^^^^^^^^^^^^^^^^	mustn't get it
 */
static void what_lists_had_of_all_of_a_run_is_taken_at_once(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int other = other_cpu(test);
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 2 * pageblock_nr_pages,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct folio *folio;

	listed.was_taken = false;
	listed.first = cma_take_page(occupants, 0);
	listed.second = cma_take_page(occupants, pageblock_nr_pages);
	folio = cma_occupy(occupants, cma_take_page(occupants, pageblock_nr_pages + 1));
	occupants->file->f_mapping->a_ops = &move_after_first_aops;
	run_on(test, other);
	put_on_list(occupants, listed.first, 1);
	put_on_list(occupants, listed.second, 1);
	run_on(test, 0);
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	KUNIT_EXPECT_TRUE(test, listed.was_taken);
	cma_expect_occupant(occupants, 0, folio, true);
	cma_occupants_lend(occupants, &evacuation);
}

/*
 *	b.......
 *	^^^^^^^^
 */
static void batches_are_emptied_again_for_a_thorough_attempt(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned int other = other_cpu(test);
	struct folio *folio = cma_take_occupant(occupants);

	folio_get(folio);
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	run_on(test, other);
	folio_putback_lru(folio);
	run_on(test, 0);
	folio_put(folio);
	expect_emptied_again(occupants, folio_pfn(folio));
	cma_expect_occupant(occupants, 0, folio, true);
}

/* Takes a page out of its file, on the processor that it runs on, once that is waited for. */
struct truncater {
	struct folio *folio;
	struct completion done;
};

static int truncate_later(void *data)
{
	struct truncater *truncater = data;
	struct folio *folio = truncater->folio;

	/* By then it has been tried. */
	schedule_timeout_uninterruptible(HZ / 5);
	folio_get(folio);
	truncate_inode_folio(folio_mapping(folio), folio);
	folio_unlock(folio);
	folio_put(folio);
	complete(&truncater->done);
	return 0;
}

/*
 *	fw......  ->  .f......	w  its lock is held, and when it isn't any more the page is free,
 *	^^^^^^^^		on a pcplist of the other processor that has been emptied before
 */
static void what_comes_free_while_it_is_waited_for_is_taken(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct page *page = cma_take_page(occupants, 0);
	struct truncater truncater = {
		.folio = cma_occupy(occupants, cma_take_page(occupants, 1)),
	};
	struct cma_evacuation evacuation = {
		.pfn = page_to_pfn(page), .nr_pages = 8,
		.effort = CMA_EFFORT_THOROUGH,
	};
	unsigned int other = other_cpu(test);
	struct task_struct *task;
	int err;

	init_completion(&truncater.done);
	task = kthread_create_on_cpu(truncate_later, &truncater, other, "cma-truncater");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	run_on(test, other);
	put_on_list(occupants, page, 1);
	run_on(test, 0);
	folio_lock(truncater.folio);
	wake_up_process(task);
	err = cma_occupants_evacuate(occupants, &evacuation);
	wait_for_completion(&truncater.done);
	KUNIT_EXPECT_EQ(test, err, 0);
	if (err)
		evacuation.nr_pages = evacuation.nr_taken;
	cma_occupants_lend(occupants, &evacuation);
}

static struct kunit_case cma_evac_lists_cases[] = {
	KUNIT_CASE(lists_are_emptied_again_for_a_thorough_attempt),
	KUNIT_CASE(what_a_list_has_beside_the_run_stays_there),
	KUNIT_CASE(lists_are_emptied_again_after_the_deadline),
	KUNIT_CASE(what_lists_had_of_all_of_a_run_is_taken_at_once),
	KUNIT_CASE(batches_are_emptied_again_for_a_thorough_attempt),
	KUNIT_CASE(what_comes_free_while_it_is_waited_for_is_taken),
	{}
};

static struct kunit_suite cma_evac_lists_suite = {
	.name = "cma_evac_lists",
	.test_cases = cma_evac_lists_cases,
};

kunit_test_suite(cma_evac_lists_suite);

MODULE_DESCRIPTION("Tests of taking contiguous memory off pcplists");
MODULE_LICENSE("GPL");
