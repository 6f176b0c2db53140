// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what is done before a process is killed for want of memory.
 *
 * Windows end, what is READY beyond the floors is lent, and what can be in an area moves
 * there, so that others have room.
 */
#include <kunit/visibility.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/oom.h>

#include "area.h"
#include "init.h"

/* For so long after READY memory was found the OOM killer isn't held up. */
#define CMA_OOM_JIFFIES		(5 * HZ)

/*
 * Is the last time long enough ago? Jiffies of 32 bits begin anew after weeks, and
 * would then say for weeks that it isn't.
 */
VISIBLE_IF_KUNIT
bool cma_oom_may_wait(u64 now, u64 last)
{
	return now - last >= CMA_OOM_JIFFIES;
}

/*
 * Nobody is killed while something was found. But what can't use memory of an
 * area gains nothing from it, and devices may go on to give memory back: so the
 * killing is put off only that often. What moves into an area is a gain each time.
 */
VISIBLE_IF_KUNIT
int cma_oom_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	static u64 last;
	unsigned long *freed = data;
	unsigned long found = cma_end_windows_at_last();
	u64 now = get_jiffies_64();

	found += cma_lend_surplus(NUMA_NO_NODE, ULONG_MAX);
	if (found && cma_oom_may_wait(now, last)) {
		*freed += found;
		last = now;
	}
	*freed += cma_move_in_at_last();
	return NOTIFY_OK;
}

static struct notifier_block cma_oom_nb = {
	.notifier_call = cma_oom_notify,
};

/**
 * cma_oom_register() - be asked before a process is killed
 *
 * Context: boot, see init.c.
 */
void __init cma_oom_register(void)
{
	register_oom_notifier(&cma_oom_nb);
}
