// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what the log says of a request that failed.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/cma.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "cma.h"

/*
 * The line that scripts look for, with the error numbers that 6.12 has. It has none
 * for what could never be met.
 */
static void cma_report_as_ever(struct cma *cma,
			       const struct cma_request *request)
{
	switch (request->reason) {
	case CMA_REASON_FULL:
	case CMA_REASON_FRAGMENTED:
	case CMA_REASON_BUSY:
	case CMA_REASON_NO_TARGET:
		pr_err("__cma_alloc: %s: alloc failed, req-size: %lu pages, ret: %d\n",
		       cma->name, request->count,
		       request->reason == CMA_REASON_BUSY ? -EBUSY : -ENOMEM);
		break;
	default:
		break;
	}
}

/**
 * cma_report - say who asked for what, why it failed and what there is
 * @cma: the area
 * @request: what was asked for, with the reason
 * @work: what was tried
 * @us: how long that took
 *
 * Nothing is said when the caller wants that, or has something else to turn to.
 *
 * Context: any; takes the area's lock.
 */
void cma_report(struct cma *cma, const struct cma_request *request,
		const struct cma_work *work, s64 us)
{
	const struct cma_blocker *blocker = &work->blocker;
	char blocked[80] = "";
	struct cma_usage usage;

	/* Whoever is killed knows why. */
	if ((request->gfp & __GFP_NOWARN) || request->fallback ||
	    request->reason == CMA_REASON_INTERRUPTED ||
	    !__ratelimit(&cma->ratelimit))
		return;
	if (request->reason == CMA_REASON_BUSY && blocker->kind)
		snprintf(blocked, sizeof(blocked),
			 " (pfn 0x%lx is %s, %d references)", blocker->pfn,
			 cma_page_kind_name(blocker->kind), blocker->refs);

	cma_get_usage(cma, &usage);
	cma_report_as_ever(cma, request);
	pr_err("%s: no %lu pages aligned to %lu for %s: %s%s; %lu of %lu pages allocated, longest run left %lu; %u attempts, %lld us\n",
	       cma->name, request->count,
	       request->align < BITS_PER_LONG ? 1UL << request->align : 0,
	       request->owner ?: current->comm,
	       cma_reason_name(request->reason), blocked, usage.allocated,
	       usage.total, usage.largest, work->attempts, us);
}
