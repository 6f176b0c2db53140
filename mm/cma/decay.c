// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: whether memory may be READY at all, and for when its decay is scheduled.
 * What happens then is in pool.c.
 */
#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "area.h"

/* The image of the system is being written or read. */
static bool cma_ready_is_off;

/**
 * cma_allow_ready() - let memory be READY, in all areas, or keep it from that
 * @allow: what is READY then is the caller's to lend if it is false
 *
 * Context: any.
 */
void cma_allow_ready(bool allow)
{
	WRITE_ONCE(cma_ready_is_off, !allow);
}

/**
 * cma_may_be_ready() - may memory be READY now, in any area?
 *
 * Context: any.
 * Return: false while the system hibernates or is restored.
 */
bool cma_may_be_ready(void)
{
	return !READ_ONCE(cma_ready_is_off);
}

/**
 * cma_pool_decay_later() - there is READY memory that may get cold
 * @cma: active area
 *
 * Context: any.
 */
void cma_pool_decay_later(struct cma *cma)
{
	if (!delayed_work_pending(&cma->ready_work))
		queue_delayed_work(system_unbound_wq, &cma->ready_work,
				   msecs_to_jiffies(CMA_POOL_DECAY_MS));
}
