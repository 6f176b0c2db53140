// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the ways of a run back to the page allocator, or to READY memory,
 * and how much of that there may be.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "area.h"

/**
 * cma_lend() - ALLOCATED -> CLAIMED -> LENT
 * @cma: active area
 * @run: the units
 *
 * Context: any; gives memory back to the page allocator.
 * Return: 0; -EINVAL, and nothing happened, when not all of them are allocated;
 * -EBUSY when it is lent but somebody has a reference to one of its pages.
 */
int cma_lend(struct cma *cma, struct cma_extent run)
{
	struct cma_claim claim;
	bool alone;

	if (!cma_retire(cma, run, &claim))
		return -EINVAL;
	alone = cma->evacuator->lend(cma, cma_run_to_pfn(cma, run),
				     cma_run_to_pages(cma, run));
	cma_abort(cma, &claim);
	return alone ? 0 : -EBUSY;
}

/* What is alike at the beginning of a claim, which it ends. */
static void cma_end_returned(struct cma *cma, struct cma_claim *claim,
			     const struct cma_return *ret)
{
	if (!ret->keep) {
		cma_abort(cma, claim);
		return;
	}
	cma_keep(cma, claim, claim->run.count);
	cma_give_up_failed(cma, claim->run);
}

/**
 * cma_take_back() - ALLOCATED -> CLAIMED -> READY and LENT, as the pages are
 * @cma: active area
 * @run: the units
 * @ret: out: what was wrong with pages
 *
 * Pages that are fit to be handed out as they are become READY where there is
 * room for them; the page allocator, or another holder, has the others.
 *
 * Context: any; gives memory back to the page allocator.
 * Return: 0; -EINVAL, and nothing happened, when not all of them are allocated.
 */
int cma_take_back(struct cma *cma, struct cma_extent run,
		  struct cma_return *ret)
{
	struct cma_claim claims[2], *claim = &claims[0], *rest = &claims[1];
	/* A hint: what turns out to have no room has been cleared for nothing. */
	bool room = READ_ONCE(cma->ready.total) + run.count <=
		    READ_ONCE(cma->ready_max);
	unsigned long units;

	if (!cma_retire(cma, run, claim))
		return -EINVAL;
	while (run.count) {
		ret->pfn = cma_run_to_pfn(cma, run);
		ret->nr_pages = cma_run_to_pages(cma, run);
		ret->keep = room;
		cma->evacuator->take_back(cma, ret);
		units = ret->nr_alike >> cma->order_per_bit;
		run = cma_extent_between(run.start + units, cma_extent_end(run));
		if (run.count)
			cma_split_claim(cma, claim, units, rest);
		cma_end_returned(cma, claim, ret);
		swap(claim, rest);
	}
	return 0;
}

/**
 * cma_lend_ready() - READY -> CLAIMED -> LENT
 * @cma: active area
 * @from: the units that READY memory is withdrawn from
 * @max: number of units after which it is enough
 *
 * Context: any; gives memory back to the page allocator.
 * Return: number of units that were lent again; it can be more than @max where
 * an extent could not be divided.
 */
unsigned long cma_lend_ready(struct cma *cma, struct cma_extent from,
			     unsigned long max)
{
	struct cma_claim claim;
	unsigned long done = 0;

	while (done < max &&
	       cma_withdraw(cma, from, max - done, &claim)) {
		cma->evacuator->lend(cma, cma_run_to_pfn(cma, claim.run),
				     cma_run_to_pages(cma, claim.run));
		done += claim.run.count;
		cma_abort(cma, &claim);
	}
	return done;
}

/**
 * cma_set_ready_max() - how much of an area may be READY
 * @cma: active area
 * @pages: number of pages; what is more than that is lent at once
 *
 * Context: any.
 */
void cma_set_ready_max(struct cma *cma, unsigned long pages)
{
	unsigned long units = min(pages, cma->nr_pages) >> cma->order_per_bit;
	unsigned long flags, surplus;

	spin_lock_irqsave(&cma->lock, flags);
	cma->ready_max = units;
	cma->ready_min = min(cma->ready_min, units);
	surplus = cma->ready.total - min(cma->ready.total, units);
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_lend_ready(cma, cma_all_units(cma), surplus);
}

/**
 * cma_set_ready_min() - how much of an area is kept READY, even if it costs
 * @cma: active area
 * @pages: number of pages, rounded up to units; a worker evacuates up to that
 *
 * Context: any.
 */
void cma_set_ready_min(struct cma *cma, unsigned long pages)
{
	unsigned long units = cma_pages_to_units(cma, min(pages, cma->nr_pages));
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	cma->ready_min = units;
	cma->ready_max = max(cma->ready_max, units);
	spin_unlock_irqrestore(&cma->lock, flags);
	mod_delayed_work(system_unbound_wq, &cma->ready_work, 0);
}
