// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what an evacuation waits for, and for how long.
 *
 * It waits for pages that are locked or under writeback, for others to put back
 * what they have isolated, and for folio batches of other processors. It never leaves
 * that to functions that wait until something has happened: an evacuation has so
 * much patience in all, and none at all once its task is killed or its deadline
 * is over. The signal of a task doesn't wake the worker that waits on its behalf,
 * so each wait is made of ticks.
 *
 * No page is isolated meanwhile: it would count against others, which wait until
 * fewer are. Nor is a pageblock, but for the moment that others are waited for: what is free
 * of it would be nobody's.
 */
#include <linux/atomic.h>
#include <linux/buffer_head.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "evac.h"
#include "init.h"
#include "../internal.h"

/* Where there may be another run, and where there is none. */
#define CMA_ATTEMPT_WAIT_MS		20
#define CMA_ATTEMPT_WAIT_THOROUGH_MS	5000

/* So long what others have isolated is respected, at a time. */
#define CMA_THROTTLE_TICKS		10

/* The folio batches of a processor on which nobody else gets a turn stay full. */
#define CMA_DRAIN_MS			1000

/**
 * cma_patience() - how long an evacuation may wait in all
 * @evacuation: the attempt
 *
 * A request in the middle of I/O may hold the lock of a page, or a page's
 * writeback may wait for it, and whatever reclaims is waited for by others. So
 * these don't wait at all.
 *
 * Context: any.
 * Return: number of ticks.
 */
long cma_patience(const struct cma_evacuation *evacuation)
{
	gfp_t gfp = evacuation->gfp;

	if (!(gfp & __GFP_IO) || !(gfp & __GFP_FS) ||
	    (current->flags & PF_MEMALLOC))
		return 0;
	return msecs_to_jiffies(cma_is_thorough(evacuation) ? CMA_ATTEMPT_WAIT_THOROUGH_MS :
							      CMA_ATTEMPT_WAIT_MS);
}

/* Sleep for a tick. False if there is no patience left, or no use in it. */
static bool cma_wait_tick(struct cma_vacancy *vacancy,
			  const struct cma_evacuation *evacuation)
{
	unsigned long began = jiffies;

	if (vacancy->patience <= 0 || cma_gives_up(evacuation))
		return false;
	schedule_timeout_killable(1);
	vacancy->patience -= max(jiffies - began, 1UL);
	return true;
}

/**
 * cma_wait_for_pages() - wait for pages that will move when something has ended
 * @vacancy: the run
 * @evacuation: the attempt; it waits for writeback and reading if it is thorough,
 *	and for other locks in any case
 * @pfn: first page of a part of the run
 * @nr_pages: number of pages
 *
 * Context: sleeps. No page of the part is isolated by the caller.
 * Return: whether it has waited, so that another try may help.
 */
bool cma_wait_for_pages(struct cma_vacancy *vacancy,
			const struct cma_evacuation *evacuation,
			unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages;
	bool waited = false;

	for (pfn = cma_next_todo(vacancy, pfn); pfn < end;
	     pfn = cma_next_todo(vacancy, pfn + 1))
		while (cma_is_in_flight(pfn, cma_is_thorough(evacuation))) {
			if (!cma_wait_tick(vacancy, evacuation))
				return waited;
			waited = true;
		}
	return waited;
}

/**
 * cma_wait_for_others() - wait a moment, as too many pages are isolated
 * @vacancy: the run
 * @evacuation: the attempt
 * @ticks: how often this was called for the same pages; counted here
 *
 * Context: sleeps. No page is isolated by the caller.
 * Return: false when it has waited long enough.
 */
bool cma_wait_for_others(struct cma_vacancy *vacancy,
			 const struct cma_evacuation *evacuation,
			 unsigned int *ticks)
{
	return (*ticks)++ < CMA_THROTTLE_TICKS &&
	       cma_wait_tick(vacancy, evacuation);
}

/**
 * struct cma_drain - the folio batches of a processor
 * @work: puts them on the lists
 * @call: it has done so for all calls up to this one
 */
struct cma_drain {
	struct work_struct work;
	long call;
};

static DEFINE_PER_CPU(struct cma_drain, cma_drains);
static atomic_long_t cma_drain_calls = ATOMIC_LONG_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(cma_drain_end);
static struct workqueue_struct *cma_drainers;

static void cma_drain_cpu(struct work_struct *work)
{
	struct cma_drain *drain = container_of(work, struct cma_drain, work);
	long call = atomic_long_read(&cma_drain_calls);

	lru_add_drain();
	/* Pairs with cma_is_drained(): what was in the batches isn't any more. */
	smp_store_release(&drain->call, call);
	wake_up_all(&cma_drain_end);
}

/* A processor that went offline emptied its folio batches itself, one that came has none. */
static bool cma_is_drained(unsigned int cpu, long call)
{
	struct cma_drain *drain = per_cpu_ptr(&cma_drains, cpu);

	/* Pairs with cma_drain_cpu(). */
	return smp_load_acquire(&drain->call) - call >= 0 ||
	       !work_busy(&drain->work);
}

static bool cma_all_are_drained(long call)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!cma_is_drained(cpu, call))
			return false;
	return true;
}

/**
 * cma_drain_lru() - put pages that are in folio batches on the LRU lists
 * @evacuation: the attempt; its signal and its deadline end the wait
 *
 * As lru_add_drain_all(), which leaves alone processors that have none. That can't be
 * called here, as neither its mutex nor its flush_work() ends with the deadline or the
 * signal of a task: a processor that doesn't come to it is given up. What it would cost
 * otherwise has no figure, as no case of the benchmark gets here: 0 calls in the cases
 * anon, dirty and stuck.
 *
 * Context: sleeps.
 */
void cma_drain_lru(const struct cma_evacuation *evacuation)
{
	struct workqueue_struct *wq = cma_drainers ?: system_highpri_wq;
	unsigned long end = jiffies + msecs_to_jiffies(CMA_DRAIN_MS);
	long call = atomic_long_inc_return(&cma_drain_calls);
	unsigned int cpu;

	invalidate_bh_lrus();
	/* As there: whatever others have put there by now is seen. */
	smp_mb();
	for_each_online_cpu(cpu)
		if (cpu_needs_drain(cpu))
			queue_work_on(cpu, wq,
				      &per_cpu_ptr(&cma_drains, cpu)->work);
	while (!cma_all_are_drained(call) && !cma_gives_up(evacuation) &&
	       time_before(jiffies, end))
		wait_event_timeout(cma_drain_end, cma_all_are_drained(call),
				   max(HZ / 50, 1));
}

/**
 * cma_make_drainers() - have workers that put batched pages on the lists
 *
 * Context: boot, see init.c.
 */
void __init cma_make_drainers(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		INIT_WORK(&per_cpu_ptr(&cma_drains, cpu)->work, cma_drain_cpu);
	cma_drainers = alloc_workqueue("cma_drain", WQ_HIGHPRI | WQ_MEM_RECLAIM,
				       0);
}
