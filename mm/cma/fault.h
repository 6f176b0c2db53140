/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Points of the allocator that can be made to fail, by the kernel's framework of
 * fault injection. Whatever fails at one of them can fail in earnest as well.
 */
#ifndef __MM_CMA_FAULT_H__
#define __MM_CMA_FAULT_H__

#include <linux/types.h>

/* Names, in the same order, are in fault.c. */
enum cma_fault_point {
	CMA_FAULT_BOOKS,	/* no memory for the books of an area */
	CMA_FAULT_EARLY,	/* none to note early requests in */
	CMA_FAULT_VIEWS,	/* none for the directories of an area */
	CMA_FAULT_RECORD,	/* none to record the holder of a run, or owners of runs */
	CMA_FAULT_CLAIM,	/* somebody else was quicker */
	CMA_FAULT_VACANCY,	/* no memory to note in what has been moved */
	CMA_FAULT_TAKE,		/* free pages are gone again */
	CMA_FAULT_ISOLATE,	/* a pageblock can't be isolated */
	CMA_FAULT_TARGET,	/* no memory to move a page to */
	CMA_FAULT_MIGRATE,	/* pages don't move */
	CMA_FAULT_DROP,		/* a page can't be dropped */
	CMA_FAULT_COMMIT,	/* somebody has a reference to a page */
	CMA_FAULT_KEEP,		/* there is enough READY memory */
	CMA_FAULT_REFILL,	/* READY memory can't be had */
	NR_CMA_FAULTS,
};

#ifdef CONFIG_CMA_FAULT_INJECTION
bool cma_fault(enum cma_fault_point point);
#else
static inline bool cma_fault(enum cma_fault_point point)
{
	return false;
}
#endif

/* For tests, instead of files and parameters */
#ifndef CONFIG_CMA_FAULT_INJECTION
static inline void cma_fault_arm(enum cma_fault_point point,
				 unsigned int probability, unsigned int after,
				 int times)
{
}

static inline void cma_fault_disarm(void)
{
}

static inline unsigned int cma_fault_fired(enum cma_fault_point point)
{
	return 0;
}

static inline const char *cma_fault_name(enum cma_fault_point point)
{
	return "";
}
#elif IS_ENABLED(CONFIG_KUNIT)
void cma_fault_arm(enum cma_fault_point point, unsigned int probability,
		   unsigned int after, int times);
void cma_fault_disarm(void);
unsigned int cma_fault_fired(enum cma_fault_point point);
const char *cma_fault_name(enum cma_fault_point point);
#endif

#endif /* __MM_CMA_FAULT_H__ */
