// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the reasons for which a request fails, and the tracepoints, which
 * tell them.
 */
#include <linux/cma.h>
#include <linux/errno.h>
#include <linux/mm.h>

#include "area.h"
#include "find.h"

#define CREATE_TRACE_POINTS
#include <trace/events/cma.h>

/* What goes by a reason: the word in messages, events and sysfs, and the error number. */
static const struct {
	const char *name;
	int err;
} cma_reasons[NR_CMA_REASONS] = {
	[CMA_REASON_NONE]		= { "none", 0 },
	[CMA_REASON_INVALID]		= { "invalid", -EINVAL },
	[CMA_REASON_INACTIVE]		= { "inactive", -ENODEV },
	[CMA_REASON_TOO_BIG]		= { "too-big", -E2BIG },
	[CMA_REASON_ABOVE_DMA_MASK]	= { "above-dma-mask", -ERANGE },
	[CMA_REASON_FULL]		= { "full", -ENOMEM },
	[CMA_REASON_FRAGMENTED]		= { "fragmented", -ENOSPC },
	[CMA_REASON_BUSY]		= { "busy", -EBUSY },
	[CMA_REASON_NO_TARGET]		= { "no-migration-target", -ENOMEM },
	[CMA_REASON_INTERRUPTED]	= { "interrupted", -EINTR },
	[CMA_REASON_WOULD_SLEEP]	= { "would-sleep", -EAGAIN },
};

/**
 * cma_reason_name() - the name of a reason
 * @reason: the reason
 *
 * Context: any.
 * Return: the word that messages, tracepoints and sysfs use; never NULL.
 */
const char *cma_reason_name(enum cma_reason reason)
{
	return reason < NR_CMA_REASONS ? cma_reasons[reason].name : "unknown";
}

/**
 * cma_reason_errno() - the error number of a reason
 * @reason: the reason
 *
 * Context: any.
 * Return: 0 for CMA_REASON_NONE, else a negative error number.
 */
int cma_reason_errno(enum cma_reason reason)
{
	return reason < NR_CMA_REASONS ? cma_reasons[reason].err : -EINVAL;
}
