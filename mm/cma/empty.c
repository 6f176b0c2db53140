// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: have those who have borrowed an area leave it.
 *
 * A request looks for the run that is the least work. Here each pageblock has its turn, and
 * what stays in one is no reason to leave the next one alone.
 *
 *	|oo..|AAo.|p.oo|rro.|	->	|....|AA..|p.oo|rr..|
 *
 * A is a device's, r is READY, and p can't be moved.
 */
#include <linux/align.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "search.h"

/* For so long what is under writeback is waited for, in all. */
#define CMA_EMPTY_MS	10000

/* The next units that are lent, of one pageblock at most. */
static bool cma_next_piece(struct cma *cma, struct cma_extent *left,
			   struct cma_extent *piece)
{
	unsigned long end = cma_extent_end(*left), from, to, border, flags;

	spin_lock_irqsave(&cma->lock, flags);
	from = min(end, runmap_next_free(&cma->map, left->start));
	to = min(end, runmap_next_taken(&cma->map, from));
	spin_unlock_irqrestore(&cma->lock, flags);
	if (from >= end)
		return false;
	border = ALIGN(cma_unit_to_pfn(cma, from) + 1, pageblock_nr_pages);
	if (border < cma_unit_to_pfn(cma, to))
		to = max(from + 1, cma_pfn_to_unit(cma, border));
	*piece = cma_extent_between(from, to);
	*left = cma_extent_between(to, end);
	return true;
}

/* What is emptied is READY for a moment, beside what others have READY. */
static void cma_empty_piece(struct cma *cma, struct cma_extent piece,
			    unsigned long deadline)
{
	const struct cma_request request = {
		.count = cma_run_to_pages(cma, piece),
		.gfp = GFP_KERNEL | __GFP_NOWARN,
	};
	struct cma_work work = { };
	struct cma_search search = {
		.cma = cma,
		.request = &request,
		.work = &work,
		.keep = true,
		.policy.effort = CMA_EFFORT_THOROUGH,
		.deadline = deadline,
	};
	unsigned long pfn, ready;
	struct cma_claim claim;

	/* Where a request is busy right now, it empties that itself. */
	if (!cma_claim_at(cma, piece, true, &claim))
		return;
	cma_attempt(&search, &claim, &pfn);
	ready = READ_ONCE(cma->ready.total);
	cma_withdraw(cma, piece, ready - min(ready, READ_ONCE(cma->ready_min)));
}

/**
 * cma_empty() - move what others have in an area elsewhere, as far as there is room
 * @cma: active area
 *
 * Each pageblock is tried once, and is lent again afterwards, to whom the area is lent to
 * now. What is READY stays so. A fatal signal ends it.
 *
 * Context: sleeps.
 */
void cma_empty(struct cma *cma)
{
	unsigned long deadline = (jiffies + msecs_to_jiffies(CMA_EMPTY_MS)) ?: 1;
	struct cma_extent left = cma_all_units(cma), piece;

	while (!fatal_signal_pending(current) && cma_next_piece(cma, &left, &piece)) {
		cma_empty_piece(cma, piece, deadline);
		cond_resched();
	}
}
