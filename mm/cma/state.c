// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the arrows of the diagram in mm/cma/area.h, one function each.
 *
 * Everything here is bookkeeping: no page is touched, and nothing sleeps. A run that is
 * READY is served and parked by the books alone, however long it is: neither the map
 * nor a page changes.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "area.h"
#include "fault.h"
#include "owner.h"

#include <trace/events/cma.h>

/* So many units are withdrawn at a time; the lock is held for that. */
#define CMA_WITHDRAW_UNITS	BIT(15)

/* A claim goes on the list, whose units have left their former state. */
static void cma_begin_claim_locked(struct cma *cma, struct cma_claim *claim)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	list_add_tail(&claim->node, &cma->claims);
	cma->nr_claimed += claim->run.count;
}

/* A claim leaves the list; its units have their next state, the caller wakes waiters. */
static struct cma_ended cma_end_claim_locked(struct cma *cma,
					     struct cma_claim *claim, bool freed)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	list_del(&claim->node);
	cma->nr_claimed -= claim->run.count;
	return cma_note_end_locked(cma, claim, freed);
}

/* LENT units are in another state from now on. */
static void cma_take_lent_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	runmap_take(&cma->map, run.start, run.count);
	WRITE_ONCE(cma->windows.nr_lent, cma->windows.nr_lent - cma_window_pages(cma, run));
}

/* These units are LENT from now on. */
static void cma_give_lent_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	runmap_give(&cma->map, run.start, run.count);
	WRITE_ONCE(cma->windows.nr_lent, cma->windows.nr_lent + cma_window_pages(cma, run));
}

/* A request gets a run. */
static void cma_begin_run_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	__set_bit(run.start, cma->first);
	__set_bit(cma_extent_end(run) - 1, cma->last);
	cma->nr_allocated += run.count;
	cma->max_allocated = max(cma->max_allocated, cma->nr_allocated);
	cma->nr_runs++;
}

/*
 * Allocated units are on their way to another state. What is left of a run on either
 * side is a run as well. One step for 64 units.
 */
static void cma_end_runs_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	unsigned long start = run.start, end = cma_extent_end(run), at;

	lockdep_assert_held(&cma->lock);
	cma->nr_allocated -= run.count;
	if (cma_is_run_locked(cma, run)) {
		__clear_bit(start, cma->first);
		__clear_bit(end - 1, cma->last);
		__clear_bit(end - 1, cma->rounded);
		cma->nr_runs--;
		cma_end_owner_locked(cma, start);
		return;
	}
	cma_end_owners_locked(cma, run);
	if (!test_bit(end - 1, cma->last)) {
		__set_bit(end, cma->first);
		cma->nr_runs++;
	}
	if (!test_bit(start, cma->first))
		__set_bit(start - 1, cma->last);
	for (at = find_next_bit(cma->first, end, start); at < end;
	     at = find_next_bit(cma->first, end, at + 1))
		cma->nr_runs--;
	bitmap_clear(cma->first, start, run.count);
	bitmap_clear(cma->last, start, run.count);
	bitmap_clear(cma->rounded, start, run.count);
}

/**
 * cma_claim_at() - LENT -> CLAIMED, for a run that was found before
 * @cma: active area
 * @run: the units
 * @isolates: the owner may isolate pageblocks, so nobody else may in these
 * @claim: made on success; its owner must end it
 *
 * Context: any; takes the area's lock.
 * Return: false if not all of it is lent any more, or somebody else isolates.
 */
bool cma_claim_at(struct cma *cma, struct cma_extent run, bool isolates,
		  struct cma_claim *claim)
{
	unsigned long flags;
	bool ours;

	claim->run = run;
	claim->isolates = isolates;
	/* Before that nobody else could have claimed it. */
	if (cma_is_active(cma) && cma_fault(CMA_FAULT_CLAIM))
		return false;

	spin_lock_irqsave(&cma->lock, flags);
	ours = runmap_is_free(&cma->map, run.start, run.count) &&
	       !(isolates && cma_conflict_locked(cma, run));
	if (ours) {
		cma_take_lent_locked(cma, run);
		cma_begin_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (ours)
		trace_cma_claim(cma->name, cma_run_to_pfn(cma, run),
				cma_run_to_pages(cma, run));
	return ours;
}

/**
 * cma_split_claim() - make two claims of one, whose units go different ways
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
	VM_WARN_ON_ONCE(!count || count >= claim->run.count);
	rest->run = cma_extent_between(claim->run.start + count,
				       cma_extent_end(claim->run));
	rest->isolates = claim->isolates;
	claim->run.count = count;
	list_add(&rest->node, &claim->node);
	cma_check_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
}

/**
 * cma_commit() - CLAIMED -> ALLOCATED: the run is empty and the caller's
 * @cma: active area
 * @claim: the caller's own claim, ended by this
 *
 * Context: any; takes the area's lock and wakes requests that wait for the claim.
 */
void cma_commit(struct cma *cma, struct cma_claim *claim)
{
	struct cma_extent run = claim->run;
	struct cma_ended ended;
	unsigned long flags;

	trace_cma_commit(cma->name, cma_run_to_pfn(cma, run),
			 cma_run_to_pages(cma, run));
	spin_lock_irqsave(&cma->lock, flags);
	VM_WARN_ON_ONCE(!runmap_is_taken(&cma->map, run.start, run.count));
	cma_begin_run_locked(cma, run);
	ended = cma_end_claim_locked(cma, claim, false);
	cma_check_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_wake_waiters(cma, &ended);
}

/**
 * cma_abort() - CLAIMED -> LENT: the page allocator has the whole run
 * @cma: active area
 * @claim: the caller's own claim, ended by this
 *
 * Context: any; takes the area's lock and wakes requests that wait for the claim.
 */
void cma_abort(struct cma *cma, struct cma_claim *claim)
{
	struct cma_ended ended;
	unsigned long flags;

	trace_cma_abort(cma->name, cma_run_to_pfn(cma, claim->run),
			cma_run_to_pages(cma, claim->run));
	spin_lock_irqsave(&cma->lock, flags);
	cma_give_lent_locked(cma, claim->run);
	ended = cma_end_claim_locked(cma, claim, true);
	cma_check_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_wake_waiters(cma, &ended);
}

/**
 * cma_retire() - ALLOCATED -> CLAIMED: pages on their way back
 * @cma: active area
 * @run: the units
 * @claim: made on success, to be ended by cma_abort() when the page allocator
 *	has the pages, or by cma_keep()
 *
 * The first release that retires pages owns their way back, so that a second one of
 * the same ones can't free anything.
 *
 * Context: any; takes the area's lock.
 * Return: false, and nothing happened, unless all of the units are allocated.
 */
bool cma_retire(struct cma *cma, struct cma_extent run,
		struct cma_claim *claim)
{
	unsigned long flags;
	bool ours;

	claim->run = run;
	claim->isolates = false;

	spin_lock_irqsave(&cma->lock, flags);
	ours = cma_are_allocated_locked(cma, run);
	if (ours) {
		cma_end_runs_locked(cma, run);
		cma_begin_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (ours)
		trace_cma_retire(cma->name, cma_run_to_pfn(cma, run),
				 cma_run_to_pages(cma, run));
	return ours;
}

static void cma_note_idle_locked(struct cma *cma)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	cma->ready_idle = min(cma->ready_idle, cma->ready.total);
}

/* Where somebody waits for a run nothing is to be READY: anybody could have that. */
static bool cma_has_room_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	return run.count && cma->ready.total + run.count <= cma->ready_max &&
	       cma_may_be_ready() && !cma_is_awaited_locked(cma, run);
}

/*
 * Where the books are audited, what was given back is handed out again as late as
 * can be: so its former owner's second release is noticed, and frees nothing that
 * is somebody else's by then.
 */
static unsigned long cma_find_ready_locked(struct cma *cma,
					   const struct runmap_query *query)
	__must_hold(&cma->lock)
{
	struct runmap_query later = *query;
	unsigned long start;

	lockdep_assert_held(&cma->lock);
	if (cma_is_audited() && cma->ready_next > query->from) {
		later.from = cma->ready_next;
		start = cma_extents_find(&cma->ready, &later, cma->map.origin);
		if (start != RUNMAP_NONE)
			return start;
	}
	return cma_extents_find(&cma->ready, query, cma->map.origin);
}

/**
 * cma_serve() - READY -> ALLOCATED
 * @cma: active area
 * @query: what to look for, in units
 * @run: out: the run
 *
 * Context: any; takes the area's lock.
 * Return: false when no READY extent fits.
 */
bool cma_serve(struct cma *cma, const struct runmap_query *query,
	       struct cma_extent *run)
{
	unsigned long flags, start;
	bool served;

	/* Looked at without the lock: what is parked now comes too late. */
	if (READ_ONCE(cma->ready.total) < query->count)
		return false;

	spin_lock_irqsave(&cma->lock, flags);
	start = cma_find_ready_locked(cma, query);
	*run = cma_extent_at(start, query->count);
	served = start != RUNMAP_NONE && cma_extents_cut(&cma->ready, *run);
	if (served) {
		cma_begin_run_locked(cma, *run);
		if (cma_is_audited())
			cma->ready_next = cma_extent_end(*run);
		cma_note_idle_locked(cma);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (served)
		trace_cma_serve(cma->name, cma_run_to_pfn(cma, *run),
				cma_run_to_pages(cma, *run));
	return served;
}

/**
 * cma_park() - ALLOCATED -> READY
 * @cma: active area
 * @run: the units
 *
 * Context: any; takes the area's lock.
 * Return: false, and nothing happened, when not all of them are allocated, or
 * when there is enough READY memory.
 */
bool cma_park(struct cma *cma, struct cma_extent run)
{
	bool parked, fails = cma_fault(CMA_FAULT_KEEP);
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	parked = !fails && cma_has_room_locked(cma, run) &&
		 cma_are_allocated_locked(cma, run) &&
		 cma_extents_put(&cma->ready, run);
	if (parked) {
		cma_end_runs_locked(cma, run);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (parked) {
		trace_cma_park(cma->name, cma_run_to_pfn(cma, run),
			       cma_run_to_pages(cma, run));
		cma_pool_decay_later(cma);
	}
	return parked;
}

/**
 * cma_keep() - CLAIMED -> READY for what a claim begins with, LENT for the rest
 * @cma: active area
 * @claim: the caller's own claim, ended by this
 * @count: number of units, from the first one on, that the area has already;
 *	the page allocator has the others
 *
 * Context: any; takes the area's lock and wakes requests that wait for the claim.
 */
void cma_keep(struct cma *cma, struct cma_claim *claim, unsigned long count)
{
	struct cma_extent run = cma_extent_at(claim->run.start, count);
	bool kept, fails = cma_fault(CMA_FAULT_KEEP);
	struct cma_ended ended;
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	kept = !fails && cma_has_room_locked(cma, run) &&
	       cma_extents_put(&cma->ready, run);
	if (kept) {
		if (count < claim->run.count)
			cma_give_lent_locked(cma, cma_extent_between(cma_extent_end(run),
								     cma_extent_end(claim->run)));
		ended = cma_end_claim_locked(cma, claim, true);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (!kept) {
		if (count)
			cma->evacuator->lend(cma, cma_run_to_pfn(cma, run),
					     cma_run_to_pages(cma, run));
		cma_abort(cma, claim);
		return;
	}
	trace_cma_keep(cma->name, cma_run_to_pfn(cma, run),
		       cma_run_to_pages(cma, run));
	cma_wake_waiters(cma, &ended);
	cma_pool_decay_later(cma);
}

/* All of the extent that a piece is from. */
static bool cma_cut_whole_locked(struct cma *cma, struct cma_extent *piece)
	__must_hold(&cma->lock)
{
	struct cma_extent left = cma_all_units(cma), extent;

	lockdep_assert_held(&cma->lock);
	while (cma_extents_next(&cma->ready, &left, &extent))
		if (piece->start - extent.start < extent.count) {
			*piece = extent;
			return cma_extents_cut(&cma->ready, extent);
		}
	return false;
}

/*
 * So many units at a time, as they are marked under the lock. Any others of the extent
 * must stay together as long as there is no slot for one more.
 */
static bool cma_cut_some_locked(struct cma *cma, struct cma_extent *piece)
	__must_hold(&cma->lock)
{
	u32 more = piece->count - min_t(u32, piece->count, CMA_WITHDRAW_UNITS);

	lockdep_assert_held(&cma->lock);
	piece->count -= more;
	if (cma_extents_cut(&cma->ready, *piece))
		return true;
	piece->start += more;
	return (more && cma_extents_cut(&cma->ready, *piece)) ||
	       cma_cut_whole_locked(cma, piece);
}

/**
 * cma_withdraw() - READY -> CLAIMED, for a part of one extent
 * @cma: active area
 * @from: the units to be looked at; of all of an area the highest ones come first
 * @max: no more units than that, unless there is no slot for what would remain
 * @claim: made on success; its owner must end it
 *
 * Context: any; takes the area's lock.
 * Return: false if nothing is READY there.
 */
bool cma_withdraw(struct cma *cma, struct cma_extent from,
		  unsigned long max, struct cma_claim *claim)
{
	struct cma_extent piece = { };
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&cma->lock, flags);
	if (from.start || cma_extent_end(from) < cma->map.nr) {
		found = cma_extents_next(&cma->ready, &from, &piece);
		piece.count = min(piece.count, max);
	} else {
		found = cma_extents_surplus(&cma->ready,
					    min(max, CMA_WITHDRAW_UNITS), &piece);
	}
	found = found && cma_cut_some_locked(cma, &piece);
	if (found) {
		claim->run = piece;
		claim->isolates = false;
		cma_note_idle_locked(cma);
		cma_begin_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (found)
		trace_cma_withdraw(cma->name, cma_run_to_pfn(cma, piece),
				   cma_run_to_pages(cma, piece));
	return found;
}
