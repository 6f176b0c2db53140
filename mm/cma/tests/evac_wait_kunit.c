// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_wait.c: what ends the waits of an evacuation, whatever it waits
 * for.
 *
 *	.  free		o  an occupant	w  one whose lock is held
 *	^  the run that is evacuated
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "../evac.h"
#include "occupants.h"

/* It is a matter of ticks; the host of a guest may make many of them. */
#define SOON	(3 * HZ)

/**
 * struct victim - a task that evacuates, and is killed meanwhile
 * @occupants: what it evacuates
 * @evacuation: how
 * @err: what comes of it
 * @done: it has come to its end
 */
struct victim {
	struct occupants *occupants;
	struct cma_evacuation evacuation;
	int err;
	struct completion done;
};

static int be_victim(void *data)
{
	struct victim *victim = data;

	allow_signal(SIGKILL);
	victim->err = cma_occupants_evacuate(victim->occupants, &victim->evacuation);
	complete(&victim->done);
	return 0;
}

/* The victim has come to the page behind, whose lock is held. */
static void await_move(struct occupants *occupants, struct folio *first)
{
	struct folio *folio = first;
	unsigned int ms;

	for (ms = 0; ms < 60000 && folio == first; ms += 20) {
		msleep(20);
		folio = filemap_get_folio(occupants->file->f_mapping, 0);
		if (IS_ERR(folio))
			return;
		folio_put(folio);
	}
}

/* Kill a task that waits for the lock of a folio. */
static void kill_waiting(struct occupants *occupants, unsigned long nr_pages)
{
	struct victim victim = {
		.occupants = occupants,
		.evacuation = {
			.pfn = cma_occupants_base(occupants), .nr_pages = nr_pages,
			.effort = CMA_EFFORT_THOROUGH,
		},
	};
	struct folio *first = cma_take_occupant(occupants), *locked;
	struct kunit *test = occupants->test;
	struct task_struct *task, *other;

	locked = cma_occupy(occupants, cma_take_page(occupants, 5));
	occupants->file->f_mapping->a_ops = &cma_noted_aops;
	init_completion(&victim.done);
	folio_lock(locked);
	migrate_disable();
	other = cma_start_here(test, cma_be_busy, NULL);
	task = cma_start_here(test, be_victim, &victim);
	migrate_enable();
	get_task_struct(task);
	await_move(occupants, first);
	KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&victim.done,
							     HZ / 2));
	send_sig(SIGKILL, task, 1);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&victim.done,
							    4 * HZ));
	folio_unlock(locked);
	kthread_stop(other);
	kthread_stop_put(task);
	KUNIT_EXPECT_EQ(test, victim.err, -EINTR);
	cma_expect_occupant(occupants, 0, first, true);
	cma_expect_occupant(occupants, 1, locked, false);
	cma_page_evacuator.lend(occupants->cma, victim.evacuation.pfn,
				victim.evacuation.nr_taken);
}

/*
 *	o....w..
 *	^^^^^^^^
 */
static void a_fatal_signal_ends_the_wait_for_a_page(struct kunit *test)
{
	kill_waiting(cma_open_occupants(test), 64);
	KUNIT_EXPECT_FALSE(test, cma_moved_by_worker);
}

static void a_fatal_signal_ends_what_a_worker_waits_for(struct kunit *test)
{
	kill_waiting(cma_open_long_occupants(test), 4096);
	KUNIT_EXPECT_TRUE(test, cma_moved_by_worker);
}

/* Evacuate a page that won't move now; that ends in time, and it is named. */
static void expect_in_time(struct occupants *occupants, struct folio *folio,
			   unsigned long deadline, unsigned long most,
			   enum cma_page_kind kind)
{
	unsigned long began = jiffies;
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(folio), .nr_pages = 8, .effort = CMA_EFFORT_THOROUGH,
		.deadline = deadline ? began + deadline : 0,
	};
	struct kunit *test = occupants->test;

	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), -EBUSY);
	KUNIT_EXPECT_GE(test, jiffies - began, deadline);
	KUNIT_EXPECT_LT(test, jiffies - began, most);
	KUNIT_EXPECT_EQ(test, evacuation.blocker.pfn, folio_pfn(folio));
	KUNIT_EXPECT_EQ(test, evacuation.blocker.kind, kind);
}

/*
 *	w.......
 *	^^^^^^^^
 */
static void a_deadline_ends_the_wait_for_a_lock(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);

	folio_lock(folio);
	expect_in_time(occupants, folio, HZ / 10, SOON, CMA_PAGE_OTHER);
	folio_unlock(folio);
	cma_expect_occupant(occupants, 0, folio, false);
}

static void a_deadline_ends_the_wait_for_writeback(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);

	folio_lock(folio);
	folio_start_writeback(folio);
	folio_unlock(folio);
	expect_in_time(occupants, folio, HZ / 10, SOON, CMA_PAGE_WRITEBACK);
	folio_end_writeback(folio);
	cma_expect_occupant(occupants, 0, folio, false);
}

/*
 *	o|o.......	after the deadline, so that nothing may be waited for
 *	^^^^^^^^^^
 */
static void what_needs_no_wait_goes_on_after_the_deadline(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long block = pageblock_nr_pages;
	struct folio *first = cma_take_occupant(occupants), *second, *clean;
	struct cma_evacuation evacuation = {
		.pfn = cma_occupants_base(occupants), .nr_pages = 2 * block,
		.effort = CMA_EFFORT_THOROUGH, .deadline = (jiffies - 1) ?: -1UL,
	};

	second = cma_occupy(occupants, cma_take_page(occupants, block));
	clean = cma_occupy_clean(occupants, cma_take_page(occupants, block + 1));
	KUNIT_EXPECT_NOT_NULL(test, clean);
	KUNIT_ASSERT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	cma_expect_occupant(occupants, 0, first, true);
	cma_expect_occupant(occupants, 1, second, true);
	KUNIT_EXPECT_EQ(test, evacuation.nr_dropped, 1);
	cma_occupants_lend(occupants, &evacuation);
}

/* Network file systems migrate no page that is being written to their cache. */
static void what_is_written_to_a_cache_is_waited_for(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	unsigned long pfn = folio_pfn(folio);

	KUNIT_EXPECT_FALSE(test, cma_is_in_flight(pfn, true));
	folio_get(folio);
	folio_set_private_2(folio);
	KUNIT_EXPECT_TRUE(test, cma_is_in_flight(pfn, true));
	KUNIT_EXPECT_FALSE(test, cma_is_in_flight(pfn, false));
	expect_in_time(occupants, folio, HZ / 10, SOON, CMA_PAGE_REFERENCED);
	folio_end_private_2(folio);
	KUNIT_EXPECT_FALSE(test, cma_is_in_flight(pfn, true));
	cma_expect_occupant(occupants, 0, folio, false);
}

/* It has lasted so long that it may well last for ever. */
static void without_a_deadline_patience_has_an_end_too(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);

	folio_lock(folio);
	expect_in_time(occupants, folio, 0, 5 * HZ + SOON, CMA_PAGE_OTHER);
	folio_unlock(folio);
	cma_expect_occupant(occupants, 0, folio, false);
}

/* What is seen of a pageblock while a page of it is waited for */
struct looker {
	struct folio *folio;
	bool free_for_others;
	struct completion done;
};

static int look_and_unlock(void *data)
{
	struct looker *looker = data;
	unsigned int i;

	/* By then it has been tried for the first time. */
	schedule_timeout_uninterruptible(HZ / 5);
	for (i = 0; i < 50 && !looker->free_for_others; i++) {
		schedule_timeout_uninterruptible(HZ / 50);
		looker->free_for_others =
			get_pageblock_migratetype(folio_page(looker->folio, 0)) == MIGRATE_CMA;
	}
	folio_unlock(looker->folio);
	complete(&looker->done);
	return 0;
}

/*
 *	|x.......|	what is free beside the run is free for others all the same
 *	 ^^^^
 */
static void a_pageblock_is_not_isolated_while_a_page_is_waited_for(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct looker looker = { .folio = cma_take_occupant(occupants) };
	struct cma_evacuation evacuation = {
		.pfn = folio_pfn(looker.folio), .nr_pages = 4,
		.effort = CMA_EFFORT_THOROUGH,
	};
	struct task_struct *task;

	init_completion(&looker.done);
	folio_lock(looker.folio);
	task = kthread_run(look_and_unlock, &looker, "cma-looker");
	if (IS_ERR(task))
		folio_unlock(looker.folio);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_EQ(test, cma_occupants_evacuate(occupants, &evacuation), 0);
	wait_for_completion(&looker.done);
	KUNIT_EXPECT_TRUE(test, looker.free_for_others);
	cma_expect_occupant(occupants, 0, looker.folio, true);
	cma_occupants_lend(occupants, &evacuation);
}

static struct completion hog_began;
static struct folio *hog_folio;

/* Nothing else runs on a processor until it is told to stop. */
static int be_a_hog(void *data)
{
	unsigned long end = jiffies + 2 * SOON;

	preempt_disable();
	/* The second time it is on its way to another list. */
	if (hog_folio) {
		folio_mark_accessed(hog_folio);
		folio_mark_accessed(hog_folio);
	}
	complete(&hog_began);
	while (!kthread_should_stop() && time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return time_before(jiffies, end);
}

/* Empty the batches while another processor is busy; how many jiffies that takes. */
static unsigned long drain_beside_hog(struct kunit *test, unsigned long timeout)
{
	struct cma_evacuation evacuation = {
		.task = current,
		.effort = CMA_EFFORT_CLEAR,
	};
	struct task_struct *hog;
	unsigned long took;
	unsigned int cpu;

	if (num_online_cpus() < 2)
		kunit_skip(test, "there is one processor only");
	lru_add_drain_all();
	init_completion(&hog_began);
	hog = kthread_create(be_a_hog, NULL, "cma-hog");
	KUNIT_ASSERT_FALSE(test, IS_ERR(hog));
	migrate_disable();
	cpu = raw_smp_processor_id();
	kthread_bind(hog, cpumask_any_but(cpu_online_mask, cpu));
	wake_up_process(hog);
	wait_for_completion(&hog_began);
	took = jiffies;
	evacuation.deadline = (jiffies + timeout) ?: 1;
	cma_drain_lru(&evacuation);
	took = jiffies - took;
	KUNIT_EXPECT_TRUE(test, kthread_stop(hog));
	migrate_enable();
	return took;
}

static void a_deadline_ends_the_wait_for_batches_of_a_busy_processor(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);

	if (lru_gen_enabled())
		kunit_skip(test, "a page isn't moved when it is used");
	hog_folio = cma_take_occupant(occupants);
	KUNIT_EXPECT_GE(test, drain_beside_hog(test, HZ / 10), HZ / 10);
}

static void a_processor_without_batches_is_not_waited_for(struct kunit *test)
{
	unsigned long least = HZ;
	unsigned int i;

	hog_folio = NULL;
	for (i = 0; i < 5 && least >= HZ / 2; i++)
		least = drain_beside_hog(test, SOON);
	KUNIT_EXPECT_LT(test, least, HZ / 2);
}

static struct kunit_case cma_evac_wait_cases[] = {
	KUNIT_CASE(a_fatal_signal_ends_the_wait_for_a_page),
	KUNIT_CASE(a_fatal_signal_ends_what_a_worker_waits_for),
	KUNIT_CASE(a_deadline_ends_the_wait_for_a_lock),
	KUNIT_CASE(a_deadline_ends_the_wait_for_writeback),
	KUNIT_CASE(what_needs_no_wait_goes_on_after_the_deadline),
	KUNIT_CASE(what_is_written_to_a_cache_is_waited_for),
	KUNIT_CASE_SLOW(without_a_deadline_patience_has_an_end_too),
	KUNIT_CASE(a_pageblock_is_not_isolated_while_a_page_is_waited_for),
	KUNIT_CASE(a_deadline_ends_the_wait_for_batches_of_a_busy_processor),
	KUNIT_CASE(a_processor_without_batches_is_not_waited_for),
	{}
};

static struct kunit_suite cma_evac_wait_suite = {
	.name = "cma_evac_wait",
	.test_cases = cma_evac_wait_cases,
};

kunit_test_suite(cma_evac_wait_suite);

MODULE_DESCRIPTION("Tests of what the evacuation of contiguous memory waits for");
MODULE_LICENSE("GPL");
