/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the contiguous memory allocator do once, while the kernel boots,
 * in the order of init.c.
 */
#ifndef __MM_CMA_INIT_H__
#define __MM_CMA_INIT_H__

void cma_make_drainers(void);
void cma_make_workers(void);
void cma_make_cursors(void);
void cma_boot_activate(void);

void cma_pool_register(void);
void cma_oom_register(void);
void cma_ready_report(void);
void cma_borrow_report(void);

#if defined(CONFIG_CMA_SYSFS) || defined(CONFIG_CMA_DEBUGFS) || \
	defined(CONFIG_CMA_KUNIT_TEST)
void cma_views_init(void);
#else
static inline void cma_views_init(void)
{
}
#endif

#ifdef CONFIG_CMA_SYSFS
void cma_sysfs_init(void);
#else
static inline void cma_sysfs_init(void)
{
}
#endif

#ifdef CONFIG_CMA_DEBUGFS
void cma_debugfs_init(void);
#else
static inline void cma_debugfs_init(void)
{
}
#endif

#ifdef CONFIG_CMA_FAULT_INJECTION
void cma_fault_init(void);
#else
static inline void cma_fault_init(void)
{
}
#endif

#endif /* __MM_CMA_INIT_H__ */
