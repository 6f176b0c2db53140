// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: are there devices that may ask for a long run soon?
 *
 * What is under writeback can't be taken back until the disk has it. As long as devices ask,
 * the page allocator puts elsewhere what will be written, and areas stay quick to be taken
 * back. That costs the tasks that write a part of the page cache. So it ends when no device
 * has asked for a while, and a machine whose devices don't ask pays nothing.
 */
#include <linux/cma.h>
#include <linux/jiffies.h>
#include <linux/jump_label.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "area.h"

/*
 * Shorter runs are found in any load. Longer ones have a part of a disk's queue in the way:
 * beside six tasks that write, 2048 pages took 2 ms, 16384 pages 90 to 300 ms.
 */
#define CMA_DEMAND_PAGES	(SZ_4M >> PAGE_SHIFT)

/* Cameras and codecs ask again within that time, if they do. */
#define CMA_DEMAND_MS		30000

DEFINE_STATIC_KEY_FALSE(cma_demand_key);

/* When it is over, in jiffies. Written by any request. */
static unsigned long cma_demand_end;

static void cma_update_demand(struct work_struct *work);
static DECLARE_DELAYED_WORK(cma_demand_work, cma_update_demand);

/* The only one that switches. A request that comes meanwhile queues the work again. */
static void cma_update_demand(struct work_struct *work)
{
	long left = READ_ONCE(cma_demand_end) - jiffies;

	if (left > 0) {
		static_branch_enable(&cma_demand_key);
		queue_delayed_work(system_wq, &cma_demand_work, left);
	} else {
		static_branch_disable(&cma_demand_key);
	}
}

#if IS_ENABLED(CONFIG_KUNIT)
/**
 * cma_end_demand() - no device is going to ask
 * @ms: from now on; until then one may
 *
 * For tests.
 *
 * Context: sleeps.
 */
void cma_end_demand(unsigned int ms)
{
	WRITE_ONCE(cma_demand_end, jiffies + msecs_to_jiffies(ms));
	mod_delayed_work(system_wq, &cma_demand_work, 0);
	flush_work(&cma_demand_work.work);
}
#endif

/**
 * cma_note_demand() - a device has asked
 * @nr_pages: for so many pages
 *
 * Context: any.
 */
void cma_note_demand(unsigned long nr_pages)
{
	unsigned long end = jiffies + msecs_to_jiffies(CMA_DEMAND_MS);

	if (nr_pages < CMA_DEMAND_PAGES)
		return;
	/* Not each request has to write what all processors read. */
	if (time_after(end, READ_ONCE(cma_demand_end) + HZ / 10) || !cma_is_in_demand()) {
		WRITE_ONCE(cma_demand_end, end);
		queue_delayed_work(system_wq, &cma_demand_work, 0);
	}
}
