// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: are there devices that may ask for a long run soon?
 *
 * What is under writeback can't be taken back until the disk has it. As long as devices ask,
 * an area has windows that nothing of that kind gets into, see window.c. That costs everybody
 * who isn't reading a file. So it ends when no device has asked for a while, or before a
 * process is killed, and an area whose devices don't ask is lent as a whole.
 */
#include <linux/cma.h>
#include <linux/jiffies.h>
#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "area.h"

/* Cameras and codecs ask again within that time, if they do. */
#define CMA_DEMAND_MS		30000

/* A window that could not be ended, since somebody had it isolated, is tried again then. */
#define CMA_DEMAND_RETRY_MS	1000

/* So often, half a millisecond apart, before that. */
#define CMA_STALE_TRIES	20

static void cma_update_demand(struct work_struct *work);
static DECLARE_DELAYED_WORK(cma_demand_work, cma_update_demand);

/* Windows aren't opened for so many seconds after memory ran out. */
#define CMA_SHORT_S		30

/* Memory had run out until then, in seconds since boot. */
static unsigned long cma_short_until;

/*
 * Have pageblocks that were in windows their type. One that is isolated by somebody, time
 * after time, is stale still.
 */
static void cma_retype_stale(struct cma *cma, unsigned int tries)
{
	unsigned long pfn = cma->base_pfn;

	for (; cma_take_stale(cma, &pfn); pfn += pageblock_nr_pages) {
		cma_end_stale(cma, pfn, cma_retype_block(pfn, tries));
		cond_resched();
	}
	if (READ_ONCE(cma->windows.nr_stale))
		queue_delayed_work(system_wq, &cma_demand_work,
				   msecs_to_jiffies(CMA_DEMAND_RETRY_MS));
}

/* With @held, also those that nothing is lent of. */
static void cma_close_windows(struct cma *cma, bool held)
{
	unsigned long pfn = cma->base_pfn;

	for (; cma_close_window(cma, &pfn, held); pfn += pageblock_nr_pages)
		cond_resched();
}

/* What others see of windows is behind a static key. */
static void cma_count_windows(struct cma *cma, bool count)
{
	if (cma->windows.is_counted == count)
		return;
	WRITE_ONCE(cma->windows.is_counted, count);
	if (count)
		static_branch_inc(&cma_clean_key);
	else
		static_branch_dec(&cma_clean_key);
}

/* In jiffies, until the demand for an area is over; 0 if it is. */
static long cma_demand_left(struct cma_windows *windows)
{
	long left;

	if (!READ_ONCE(windows->in_demand))
		return 0;
	left = READ_ONCE(windows->end) - jiffies;
	if (left > 0)
		return left;
	WRITE_ONCE(windows->in_demand, false);
	/* A request sees that, or what it has written is seen here. */
	smp_mb();
	left = READ_ONCE(windows->end) - jiffies;
	if (left > 0)
		WRITE_ONCE(windows->in_demand, true);
	return max(left, 0L);
}

static bool cma_has_windows(const struct cma_windows *windows)
{
	return READ_ONCE(windows->nr) || READ_ONCE(windows->nr_stale);
}

/*
 * May some of the windows that were passed by be lent meanwhile, or before long? What is
 * READY of them or claimed will be. For what is held see cma_note_release().
 */
static bool cma_may_be_lent(struct cma *cma, unsigned long ended_before)
{
	unsigned long flags;
	bool may;

	/* What isn't claimed any more is counted among the claims that have ended. */
	spin_lock_irqsave(&cma->lock, flags);
	may = cma_windows_ready_locked(cma) || cma->nr_claimed ||
	      cma->claims_ended != ended_before;
	spin_unlock_irqrestore(&cma->lock, flags);
	return may;
}

/* In jiffies, until an area has to be looked at again; 0 if it need not be. */
static long cma_update_area(struct cma *cma)
{
	unsigned long ended = READ_ONCE(cma->claims_ended);
	struct cma_windows *windows = &cma->windows;
	long left = cma_demand_left(windows);

	if (!left)
		cma_close_windows(cma, false);
	cma_retype_stale(cma, CMA_STALE_TRIES);
	cma_count_windows(cma, cma_has_windows(windows));
	/* A request sees that they aren't counted, or they are seen here. */
	smp_mb();
	cma_count_windows(cma, cma_has_windows(windows));
	if (!left && READ_ONCE(windows->nr) && cma_may_be_lent(cma, ended))
		left = msecs_to_jiffies(CMA_DEMAND_MS);
	if (READ_ONCE(windows->nr_stale))
		left = msecs_to_jiffies(CMA_DEMAND_RETRY_MS);
	return left;
}

/* The only one that does that. A request that comes meanwhile queues the work again. */
static void cma_update_demand(struct work_struct *work)
{
	long next = 0, left;
	struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++) {
		if (!cma_is_active(cma))
			continue;
		left = cma_update_area(cma);
		if (left && (!next || left < next))
			next = left;
	}
	if (next)
		queue_delayed_work(system_wq, &cma_demand_work, next);
}

#if IS_ENABLED(CONFIG_KUNIT)
/**
 * cma_end_demand() - no device is going to ask
 * @cma: this area
 * @ms: from now on; until then one may
 *
 * For tests.
 *
 * Context: sleeps.
 */
void cma_end_demand(struct cma *cma, unsigned int ms)
{
	WRITE_ONCE(cma_short_until, 0);
	WRITE_ONCE(cma->windows.end, jiffies + msecs_to_jiffies(ms));
	mod_delayed_work(system_wq, &cma_demand_work, 0);
	flush_work(&cma_demand_work.work);
}

/**
 * cma_demand_is_due() - will areas be looked at again?
 *
 * For tests.
 *
 * Context: any.
 * Return: whether they will.
 */
bool cma_demand_is_due(void)
{
	return delayed_work_pending(&cma_demand_work);
}
#endif

static bool cma_was_short(void)
{
	return ktime_get_seconds() < READ_ONCE(cma_short_until);
}

/* A window that was held when the demand was over is closed a while after it isn't any more. */
static void cma_note_release(const struct cma_windows *windows)
{
	if (!READ_ONCE(windows->nr))
		return;
	/* What was given back is seen by the worker, or that the demand is over is seen here. */
	smp_mb();
	if (!READ_ONCE(windows->in_demand))
		queue_delayed_work(system_wq, &cma_demand_work,
				   msecs_to_jiffies(CMA_DEMAND_MS));
}

/**
 * cma_note_demand() - a device asks for long runs
 * @cma: active area
 * @pfn: it has got a run from here on, and doesn't know of that yet; or 0
 * @nr_pages: so many pages it has asked for, or has given back
 *
 * Context: any; takes the area's lock.
 */
void cma_note_demand(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = jiffies + msecs_to_jiffies(CMA_DEMAND_MS);
	struct cma_windows *windows = &cma->windows;
	bool stale = false;

	if (!pfn)
		cma_note_release(windows);
	if (!cma_is_demand(nr_pages) || !READ_ONCE(windows->max) || cma_was_short())
		return;
	if (pfn)
		stale = cma_open_windows(cma, cma_pages_to_run(cma, pfn, nr_pages));
	/* Not each request has to write what all processors read. */
	if (!READ_ONCE(windows->in_demand) || time_after(end, READ_ONCE(windows->end) + HZ / 10))
		WRITE_ONCE(windows->end, end);
	/* Pairs with the barriers of cma_demand_left() and cma_update_area(). */
	smp_mb();
	if (!READ_ONCE(windows->in_demand) || stale ||
	    READ_ONCE(windows->is_counted) != cma_has_windows(windows)) {
		WRITE_ONCE(windows->in_demand, true);
		mod_delayed_work(system_wq, &cma_demand_work, 0);
	}
}

/* The worker alone counts them, and when the demand is over it isn't due. */
static void cma_recount_windows(const struct cma *cma)
{
	if (READ_ONCE(cma->windows.is_counted))
		mod_delayed_work(system_wq, &cma_demand_work, 0);
}

/**
 * cma_set_quick_max() - how much of an area may be kept for what devices ask for
 * @cma: active area
 * @pages: number of pages; 0 is nothing
 *
 * What devices ask for is learned anew.
 *
 * Context: sleeps.
 */
void cma_set_quick_max(struct cma *cma, unsigned long pages)
{
	WRITE_ONCE(cma->windows.max, min(pages, cma->nr_pages));
	cma_close_windows(cma, true);
	cma_retype_stale(cma, CMA_STALE_TRIES);
	cma_recount_windows(cma);
}

static int cma_end_windows(struct cma *cma, void *data)
{
	unsigned long *found = data;

	if (!cma_is_active(cma))
		return 0;
	*found += READ_ONCE(cma->windows.nr_lent);
	cma_close_windows(cma, true);
	cma_retype_stale(cma, 1);
	cma_recount_windows(cma);
	return 0;
}

/**
 * cma_end_windows_at_last() - lend all windows to everybody: memory has run out
 *
 * Page cache in them counts as well: when it is dropped, others can have its place.
 *
 * Context: sleeps; allocates nothing.
 * Return: number of pages that were lent there.
 */
unsigned long cma_end_windows_at_last(void)
{
	unsigned long found = 0;

	WRITE_ONCE(cma_short_until, ktime_get_seconds() + CMA_SHORT_S);
	cma_for_each_area(cma_end_windows, &found);
	return found;
}
