/* SPDX-License-Identifier: GPL-2.0 */
/* What suites set aside while memory can be set aside; see boot_declare_kunit.c. */
#ifndef __CMA_RESERVE_H__
#define __CMA_RESERVE_H__

#include <linux/align.h>
#include <linux/cma.h>
#include <linux/sizes.h>
#include <linux/types.h>

/*
 * What "kunit1" has, and "kunit0" twice: 8 MiB, except where a pageblock is larger,
 * as with pages of 64 KiB.
 */
#define CMA_KUNIT_SIZE	ALIGN(8UL * SZ_1M, CMA_MIN_ALIGNMENT_BYTES)

#ifdef CONFIG_CMA_KUNIT_TEST
void cma_kunit_reserve(void);
#else
static inline void cma_kunit_reserve(void)
{
}
#endif

int cma_kunit_declare(phys_addr_t size, unsigned int order_per_bit,
		      const char *name, struct cma **cma);
void cma_kunit_reserve_broken(void);
void cma_kunit_reserve_early(void);
void cma_kunit_reserve_nodes(void);
void cma_kunit_reserve_ranges(void);
void cma_kunit_refuse_memblock(void);

#endif /* __CMA_RESERVE_H__ */
