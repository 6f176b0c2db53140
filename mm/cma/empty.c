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

#include "evac.h"
#include "search.h"

/* For so long requests, and what is under writeback, are waited for, in all. */
#define CMA_EMPTY_MS	10000

/* The next units that are lent, of one pageblock at most, or of one unit. */
static bool cma_next_piece(struct cma *cma, struct cma_extent left,
			   struct cma_extent *piece)
{
	unsigned long end = cma_extent_end(left), from, to, border, flags;

	spin_lock_irqsave(&cma->lock, flags);
	from = min(end, runmap_next_free(&cma->map, left.start));
	to = min(end, runmap_next_taken(&cma->map, from));
	spin_unlock_irqrestore(&cma->lock, flags);
	if (from >= end)
		return false;
	border = ALIGN(cma_unit_to_pfn(cma, from) + 1, pageblock_nr_pages);
	if (border < cma_unit_to_pfn(cma, to))
		to = max(from + 1, cma_pfn_to_unit(cma, border));
	*piece = cma_extent_between(from, to);
	return true;
}

/* Requests come first, those as well that have waited for their turn. */
static bool cma_claim_piece(struct cma *cma, struct cma_extent piece,
			    struct cma_claim *claim)
{
	unsigned long flags;
	bool awaited;

	spin_lock_irqsave(&cma->lock, flags);
	awaited = cma_is_awaited_locked(cma, piece);
	spin_unlock_irqrestore(&cma->lock, flags);
	return !awaited && cma_claim_at(cma, piece, true, claim);
}

/* What is emptied is READY for a moment, beside what others have READY. */
static enum cma_event cma_empty_piece(struct cma *cma, struct cma_extent piece,
				      unsigned long deadline)
{
	const struct cma_request request = {
		.count = cma_run_to_pages(cma, piece),
		.gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
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
	enum cma_event event;

	if (!cma_claim_piece(cma, piece, &claim))
		return CMA_EVENT_LOST;
	event = cma_attempt(&search, &claim, &pfn);
	ready = READ_ONCE(cma->ready.total);
	cma_lend_ready(cma, piece, ready - min(ready, READ_ONCE(cma->ready_min)));
	return event;
}

/**
 * cma_empty() - move what others have in an area elsewhere, as far as there is room
 * @cma: active area, which only clean page cache may borrow from now on
 *
 * Each pageblock is tried once, and is lent again afterwards. What is READY stays so.
 * It ends early with a fatal signal, when there is no room elsewhere, and when the area is
 * lent to others again.
 *
 * Context: sleeps.
 */
void cma_empty(struct cma *cma)
{
	unsigned long deadline = (jiffies + msecs_to_jiffies(CMA_EMPTY_MS)) ?: 1;
	struct cma_extent left = cma_all_units(cma), piece;
	unsigned long end = cma_extent_end(left);
	enum cma_event event;

	while (READ_ONCE(cma->borrow) == CMA_BORROW_CLEAN && cma_next_piece(cma, left, &piece)) {
		event = cma_empty_piece(cma, piece, deadline);
		if (event == CMA_EVENT_NO_TARGET || fatal_signal_pending(current))
			break;
		/* A request is busy there. What it doesn't take is looked at again. */
		if (event == CMA_EVENT_LOST && time_before(jiffies, deadline)) {
			left = cma_extent_between(piece.start, end);
			schedule_timeout_killable(1);
			continue;
		}
		left = cma_extent_between(cma_extent_end(piece), end);
		cond_resched();
	}
}

/**
 * cma_count_others() - count what others have of an area that only page cache may borrow
 * @cma: active area
 *
 * Context: sleeps; takes the area's lock for each pageblock.
 * Return: number of pages.
 */
unsigned long cma_count_others(struct cma *cma)
{
	struct cma_extent left = cma_all_units(cma), piece;
	unsigned long end = cma_extent_end(left), nr_others = 0;

	while (cma_next_piece(cma, left, &piece)) {
		nr_others += cma_pages_of_others(cma_run_to_pfn(cma, piece),
						 cma_run_to_pages(cma, piece));
		left = cma_extent_between(cma_extent_end(piece), end);
		cond_resched();
	}
	return nr_others;
}
