/* SPDX-License-Identifier: GPL-2.0 */
/* What suites set aside while memory can be set aside; see reserve.c. */
#ifndef __DMA_CONTIGUOUS_RESERVE_H
#define __DMA_CONTIGUOUS_RESERVE_H

#ifdef CONFIG_DMA_CMA_KUNIT_TEST
void dma_contiguous_kunit_reserve(void);
#else
static inline void dma_contiguous_kunit_reserve(void)
{
}
#endif

#endif /* __DMA_CONTIGUOUS_RESERVE_H */
