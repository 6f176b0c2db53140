// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how runs are claimed, and what becomes of a claim. How they
 * are found is in find.c.
 *
 * Everything here is bookkeeping: no page is touched, and nothing sleeps. See
 * mm/cma/area.h for the states.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mm.h>

#include "area.h"
#include "fault.h"

#include <trace/events/cma.h>


/**
 * cma_begin_claim_locked - put a claim on the list
 * @cma: active area
 * @claim: whose units have left their former state
 *
 * Context: any, with the area's lock.
 */
void cma_begin_claim_locked(struct cma *cma, struct cma_claim *claim)
{
	lockdep_assert_held(&cma->lock);
	list_add_tail(&claim->node, &cma->claims);
	cma->nr_claimed += claim->count;
}

/**
 * cma_end_claim_locked - take a claim off the list
 * @cma: active area
 * @claim: whose units get their next state; waiters are woken by the caller
 *
 * Context: any, with the area's lock.
 */
void cma_end_claim_locked(struct cma *cma, struct cma_claim *claim)
{
	lockdep_assert_held(&cma->lock);
	list_del(&claim->node);
	cma->nr_claimed -= claim->count;
	cma->claims_ended++;
}

/* Are these units exactly what one request got? */
static bool cma_is_run_locked(const struct cma *cma, unsigned long start,
			      unsigned long count)
{
	lockdep_assert_held(&cma->lock);
	return test_bit(start, cma->first) &&
	       find_next_bit(cma->last, start + count, start) ==
		       start + count - 1;
}

/* Has a hole or a claim one of these units? */
static bool cma_is_touched_locked(const struct cma *cma, unsigned long start,
				  unsigned long end)
{
	unsigned long pfn = cma_unit_to_pfn(cma, start);
	const struct cma_claim *claim;

	lockdep_assert_held(&cma->lock);
	if (!cma_contains(cma, pfn, (end - start) << cma->order_per_bit))
		return true;
	list_for_each_entry(claim, &cma->claims, node)
		if (claim->start < end && claim->start + claim->count > start)
			return true;
	return false;
}

/**
 * cma_are_allocated_locked - are all of these units allocated?
 * @cma: active area
 * @start: first unit
 * @count: number of units
 *
 * They can be one run, a part of one, or parts of several that touch.
 *
 * Context: any, with the area's lock; one step for 64 units.
 * Return: false also for no units, and for some that the area hasn't got.
 */
bool cma_are_allocated_locked(const struct cma *cma, unsigned long start,
			      unsigned long count)
{
	unsigned long nr = cma->map.nr;

	lockdep_assert_held(&cma->lock);
	if (!count || start >= nr || count > nr - start)
		return false;
	return cma_is_run_locked(cma, start, count) ||
	       (runmap_is_taken(&cma->map, start, count) &&
		!cma_ready_overlap(&cma->ready, start, start + count) &&
		!cma_is_touched_locked(cma, start, start + count));
}

/**
 * cma_are_allocated - are all of these pages allocated?
 * @cma: the area
 * @pfn: first page, in the area
 * @nr_pages: number of pages
 *
 * Context: any; takes the area's lock.
 * Return: true if they could be released now.
 */
bool cma_are_allocated(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages)
{
	unsigned long flags;
	bool allocated;

	if (!cma_is_active(cma) ||
	    !IS_ALIGNED(pfn - cma->base_pfn, 1UL << cma->order_per_bit))
		return false;
	spin_lock_irqsave(&cma->lock, flags);
	allocated = cma_are_allocated_locked(cma, cma_pfn_to_unit(cma, pfn),
					     cma_pages_to_units(cma, nr_pages));
	spin_unlock_irqrestore(&cma->lock, flags);
	return allocated;
}

/**
 * cma_end_runs_locked - allocated units are on their way to another state
 * @cma: active area
 * @start: first unit
 * @count: number of units, all of them allocated
 *
 * What is left of a run on either side is a run as well.
 *
 * Context: any, with the area's lock; one step for 64 units.
 */
void cma_end_runs_locked(struct cma *cma, unsigned long start,
			 unsigned long count)
{
	unsigned long end = start + count, at;

	lockdep_assert_held(&cma->lock);
	cma->nr_allocated -= count;
	if (cma_is_run_locked(cma, start, count)) {
		__clear_bit(start, cma->first);
		__clear_bit(end - 1, cma->last);
		__clear_bit(end - 1, cma->rounded);
		cma->nr_runs--;
		return;
	}
	if (!test_bit(end - 1, cma->last)) {
		__set_bit(end, cma->first);
		cma->nr_runs++;
	}
	if (!test_bit(start, cma->first))
		__set_bit(start - 1, cma->last);
	for (at = find_next_bit(cma->first, end, start); at < end;
	     at = find_next_bit(cma->first, end, at + 1))
		cma->nr_runs--;
	bitmap_clear(cma->first, start, count);
	bitmap_clear(cma->last, start, count);
	bitmap_clear(cma->rounded, start, count);
}

/**
 * cma_claim_at - LENT -> CLAIMED, for a run that was found before
 * @cma: active area
 * @start: first unit
 * @count: number of units
 * @isolates: the owner may isolate pageblocks, so nobody else may in these
 * @claim: made on success; its owner must end it
 *
 * Context: any; takes the area's lock.
 * Return: false if not all of it is lent any more, or somebody else isolates.
 */
bool cma_claim_at(struct cma *cma, unsigned long start, unsigned long count,
		  bool isolates, struct cma_claim *claim)
{
	unsigned long flags;
	bool ours;

	claim->start = start;
	claim->count = count;
	claim->isolates = isolates;
	/* Before that nobody else could have claimed it. */
	if (cma_is_active(cma) && cma_fault(CMA_FAULT_CLAIM))
		return false;

	spin_lock_irqsave(&cma->lock, flags);
	ours = runmap_is_free(&cma->map, start, count) &&
	       !(isolates && cma_conflict_locked(cma, start, count));
	if (ours) {
		runmap_take(&cma->map, start, count);
		cma_begin_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (ours)
		trace_cma_claim(cma->name, cma_unit_to_pfn(cma, start),
				count << cma->order_per_bit);
	return ours;
}

/**
 * cma_commit - CLAIMED -> ALLOCATED: the run is empty and the caller's
 * @cma: active area
 * @claim: the caller's own claim, ended by this
 *
 * Context: any; takes the area's lock and wakes those who wait for the claim.
 */
void cma_commit(struct cma *cma, struct cma_claim *claim)
{
	unsigned long flags;

	trace_cma_commit(cma->name, cma_unit_to_pfn(cma, claim->start),
			 claim->count << cma->order_per_bit);
	spin_lock_irqsave(&cma->lock, flags);
	VM_WARN_ON_ONCE(!runmap_is_taken(&cma->map, claim->start,
					 claim->count));
	__set_bit(claim->start, cma->first);
	__set_bit(claim->start + claim->count - 1, cma->last);
	cma->nr_allocated += claim->count;
	cma->nr_runs++;
	cma_end_claim_locked(cma, claim);
	cma_check_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
	wake_up_all(&cma->claim_end);
}

/**
 * cma_abort - CLAIMED -> LENT: the page allocator has the whole run
 * @cma: active area
 * @claim: the caller's own claim, ended by this
 *
 * Context: any; takes the area's lock and wakes those who wait for the claim.
 */
void cma_abort(struct cma *cma, struct cma_claim *claim)
{
	unsigned long flags;

	trace_cma_abort(cma->name, cma_unit_to_pfn(cma, claim->start),
			claim->count << cma->order_per_bit);
	spin_lock_irqsave(&cma->lock, flags);
	runmap_give(&cma->map, claim->start, claim->count);
	cma_end_claim_locked(cma, claim);
	cma_check_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
	wake_up_all(&cma->claim_end);
}

/**
 * cma_retire - ALLOCATED -> CLAIMED: pages on their way back
 * @cma: active area
 * @start: first unit
 * @count: number of units
 * @claim: made on success, to be ended by cma_abort() when the page allocator
 *	has the pages, or by cma_keep()
 *
 * Whoever retires pages first owns their way back, so that a second release of
 * the same ones can't free anything.
 *
 * Context: any; takes the area's lock.
 * Return: false, and nothing happened, unless all of the units are allocated.
 */
bool cma_retire(struct cma *cma, unsigned long start, unsigned long count,
		struct cma_claim *claim)
{
	unsigned long flags;
	bool ours;

	claim->start = start;
	claim->count = count;
	claim->isolates = false;

	spin_lock_irqsave(&cma->lock, flags);
	ours = cma_are_allocated_locked(cma, start, count);
	if (ours) {
		cma_end_runs_locked(cma, start, count);
		cma_begin_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (ours)
		trace_cma_retire(cma->name, cma_unit_to_pfn(cma, claim->start),
				 claim->count << cma->order_per_bit);
	return ours;
}

/**
 * cma_split_claim - make two claims of one, whose units go different ways
 * @cma: active area
 * @claim: the caller's own claim, of which the first units remain
 * @count: so many of them; less than it has
 * @rest: becomes a claim of the others; ended by the caller like any other
 *
 * Context: any; takes the area's lock.
 */
void cma_split_claim(struct cma *cma, struct cma_claim *claim,
		     unsigned long count, struct cma_claim *rest)
{
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	VM_WARN_ON_ONCE(!count || count >= claim->count);
	rest->start = claim->start + count;
	rest->count = claim->count - count;
	rest->isolates = claim->isolates;
	claim->count = count;
	list_add(&rest->node, &claim->node);
	cma_check_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
}
