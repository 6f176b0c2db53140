/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of memory that was handed out before its area was active.
 */
#ifndef __MM_CMA_BOOT_EARLY_H__
#define __MM_CMA_BOOT_EARLY_H__

struct cma;

void cma_early_adopt(struct cma *cma);
void cma_early_forget(struct cma *cma);

#endif /* __MM_CMA_BOOT_EARLY_H__ */
