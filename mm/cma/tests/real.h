/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Areas of real memory that are reserved at boot for tests, see boot_declare_kunit.c,
 * and what can be seen of them.
 */
#ifndef __CMA_REAL_H__
#define __CMA_REAL_H__

#include <kunit/test.h>

#include "../stats.h"

/* A figure by its name, and what it is of an area now. */
struct cma_figure *cma_find_figure(enum cma_figure_dir dir, const char *name);
u64 cma_read_figure(struct kunit *test, struct cma *cma,
		    enum cma_figure_dir dir, const char *name);

/* The area of that name, one of those that are reserved for tests. */
struct cma *cma_real_area(struct kunit *test, const char *name);

/* Give what is READY of it to the page allocator. */
void cma_real_lend(struct cma *cma);

/* The same of all areas: what decays somewhere else isn't to be seen. */
void cma_real_lend_all(void);

/* Nothing is READY but so many pages of "kunit0" and of "kunit1". */
void cma_real_make_ready(struct kunit *test, unsigned long first, unsigned long second);

/* Free pages of a zone that only clean page cache can have. */
unsigned long cma_real_clean_free(struct zone *zone);

/* A counter of a zone may be off by so many pages, which processors haven't added yet. */
unsigned long cma_real_drift(struct zone *zone);

/* Have the books forget allocated pages that have become somebody else's. */
void cma_real_forget(struct kunit *test, struct cma *cma, unsigned long pfn,
		     unsigned long nr_pages);

#endif /* __CMA_REAL_H__ */
