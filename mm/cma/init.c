// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what happens when, while the kernel boots.
 *
 * Areas are declared long before that, see boot_declare.c. No part of the allocator has
 * an initcall of its own, so that the order doesn't depend on that of a makefile.
 */
#include <linux/init.h>

#include "init.h"

/*
 * An area can be allocated from as soon as it is active, by initcalls of others that
 * come next, and an evacuation needs its workers.
 */
static int __init cma_init_core(void)
{
	cma_make_drainers();
	cma_make_workers();
	cma_make_cursors();
	cma_boot_activate();
	return 0;
}
core_initcall(cma_init_core);

/*
 * Which areas there are, and which are active, is known. The files in sysfs are called
 * what the figures are; mm_kobj is there since the initcalls before these.
 */
static int __init cma_init_subsys(void)
{
	cma_pool_register();
	cma_oom_register();
	cma_ready_report();
	cma_borrow_report();
	cma_views_init();
	cma_sysfs_init();
	return 0;
}
subsys_initcall(cma_init_subsys);

/* Nobody needs the files in debugfs to boot. */
static int __init cma_init_late(void)
{
	cma_debugfs_init();
	cma_fault_init();
	return 0;
}
late_initcall(cma_init_late);
