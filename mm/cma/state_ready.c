// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: READY memory, which the area has to itself.
 *
 * What a device gives back stays out of the page allocator, and the next
 * request is served from it under a spinlock. Only the books change: neither
 * the map nor a page is touched, however long the run is.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "area.h"
#include "fault.h"

#include <trace/events/cma.h>

/* So many units are withdrawn at a time; the lock is held for that. */
#define CMA_WITHDRAW_UNITS	BIT(15)

/* The image of the system is being written or read. */
static bool cma_ready_is_off;

/**
 * cma_allow_ready - let memory be READY, in all areas, or keep it from that
 * @allow: what is READY then is the caller's to lend if it is false
 *
 * Context: any.
 */
void cma_allow_ready(bool allow)
{
	WRITE_ONCE(cma_ready_is_off, !allow);
}

/**
 * cma_may_be_ready - may memory be READY now, in any area?
 *
 * Context: any.
 * Return: false while the system hibernates or is restored.
 */
bool cma_may_be_ready(void)
{
	return !READ_ONCE(cma_ready_is_off);
}

/**
 * cma_cool_soon - there is READY memory that may get cold
 * @cma: active area
 *
 * Context: any.
 */
void cma_cool_soon(struct cma *cma)
{
	if (!delayed_work_pending(&cma->ready_work))
		queue_delayed_work(system_unbound_wq, &cma->ready_work,
				   msecs_to_jiffies(CMA_COOL_MS));
}

static void cma_note_idle_locked(struct cma *cma)
{
	lockdep_assert_held(&cma->lock);
	cma->ready_idle = min(cma->ready_idle, cma->ready.total);
}

/* Where somebody waits for a run nothing is to be READY: anybody could have that. */
static bool cma_has_room_locked(struct cma *cma, unsigned long start,
				unsigned long count)
{
	lockdep_assert_held(&cma->lock);
	return count && cma->ready.total + count <= cma->ready_max &&
	       cma_may_be_ready() && !cma_is_awaited_locked(cma, start, count);
}

/*
 * Where the books are audited, what was given back is handed out again as late as
 * can be: so its former owner's second release is noticed, and frees nothing that
 * is somebody else's by then.
 */
static unsigned long cma_find_ready_locked(struct cma *cma,
					   const struct runmap_query *query)
{
	struct runmap_query later = *query;
	unsigned long start;

	lockdep_assert_held(&cma->lock);
	if (cma_is_audited() && cma->ready_next > query->from) {
		later.from = cma->ready_next;
		start = cma_ready_find(&cma->ready, &later, cma->map.origin);
		if (start != RUNMAP_NONE)
			return start;
	}
	return cma_ready_find(&cma->ready, query, cma->map.origin);
}

/**
 * cma_serve - READY -> ALLOCATED
 * @cma: active area
 * @query: what to look for, in units
 * @start: out: the first unit of the run
 *
 * Context: any; takes the area's lock.
 * Return: false when no READY extent fits.
 */
bool cma_serve(struct cma *cma, const struct runmap_query *query,
	       unsigned long *start)
{
	unsigned long flags, count = query->count;
	bool served;

	/* Looked at without the lock: whoever parks something now is too late. */
	if (READ_ONCE(cma->ready.total) < count)
		return false;

	spin_lock_irqsave(&cma->lock, flags);
	*start = cma_find_ready_locked(cma, query);
	served = *start != RUNMAP_NONE &&
		 cma_ready_cut(&cma->ready, *start, count);
	if (served) {
		__set_bit(*start, cma->first);
		__set_bit(*start + count - 1, cma->last);
		cma->nr_allocated += count;
		cma->nr_runs++;
		if (cma_is_audited())
			cma->ready_next = *start + count;
		cma_note_idle_locked(cma);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (served)
		trace_cma_serve(cma->name, cma_unit_to_pfn(cma, *start),
				count << cma->order_per_bit);
	return served;
}

/**
 * cma_park - ALLOCATED -> READY
 * @cma: active area
 * @start: first unit
 * @count: number of units
 *
 * Context: any; takes the area's lock.
 * Return: false, and nothing happened, when not all of them are allocated, or
 * when there is enough READY memory.
 */
bool cma_park(struct cma *cma, unsigned long start, unsigned long count)
{
	bool parked, fails = cma_fault(CMA_FAULT_KEEP);
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	parked = !fails && cma_has_room_locked(cma, start, count) &&
		 cma_are_allocated_locked(cma, start, count) &&
		 cma_ready_put(&cma->ready, start, count);
	if (parked) {
		cma_end_runs_locked(cma, start, count);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (parked) {
		trace_cma_park(cma->name, cma_unit_to_pfn(cma, start),
			       count << cma->order_per_bit);
		cma_cool_soon(cma);
	}
	return parked;
}

/**
 * cma_keep - CLAIMED -> READY for what a claim begins with, LENT for the rest
 * @cma: active area
 * @claim: the caller's own claim, ended by this
 * @count: number of units, from the first one on, that the area has already;
 *	the page allocator has the others
 *
 * Context: any; takes the area's lock and wakes those who wait for the claim.
 */
void cma_keep(struct cma *cma, struct cma_claim *claim, unsigned long count)
{
	unsigned long start = claim->start, flags;
	bool kept, fails = cma_fault(CMA_FAULT_KEEP);

	spin_lock_irqsave(&cma->lock, flags);
	kept = !fails && cma_has_room_locked(cma, start, count) &&
	       cma_ready_put(&cma->ready, start, count);
	if (kept) {
		if (count < claim->count)
			runmap_give(&cma->map, start + count,
				    claim->count - count);
		cma_end_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (!kept) {
		if (count)
			cma->evacuator->lend(cma, cma_unit_to_pfn(cma, start),
					     count << cma->order_per_bit);
		cma_abort(cma, claim);
		return;
	}
	trace_cma_keep(cma->name, cma_unit_to_pfn(cma, start),
		       count << cma->order_per_bit);
	wake_up_all(&cma->claim_end);
	cma_cool_soon(cma);
}

/**
 * cma_lend - ALLOCATED -> CLAIMED -> LENT
 * @cma: active area
 * @start: first unit
 * @count: number of units
 *
 * Context: any; gives memory back to the page allocator.
 * Return: 0; -EINVAL, and nothing happened, when not all of them are allocated;
 * -EBUSY when it is lent but somebody has a reference to one of its pages.
 */
int cma_lend(struct cma *cma, unsigned long start, unsigned long count)
{
	struct cma_claim claim;
	bool alone;

	if (!cma_retire(cma, start, count, &claim))
		return -EINVAL;
	alone = cma->evacuator->lend(cma, cma_unit_to_pfn(cma, start),
				     count << cma->order_per_bit);
	cma_abort(cma, &claim);
	return alone ? 0 : -EBUSY;
}

/* What is alike at the beginning of a claim, which it ends. */
static void cma_end_returned(struct cma *cma, struct cma_claim *claim,
			     const struct cma_return *ret)
{
	if (ret->keep)
		cma_keep(cma, claim, claim->count);
	else
		cma_abort(cma, claim);
}

/**
 * cma_take_back - ALLOCATED -> CLAIMED -> READY and LENT, as the pages are
 * @cma: active area
 * @start: first unit
 * @count: number of units
 * @ret: out: what was wrong with pages
 *
 * Pages that are fit to be handed out as they are become READY where there is
 * room for them; the page allocator, or whoever holds them, has the others.
 *
 * Context: any; gives memory back to the page allocator.
 * Return: 0; -EINVAL, and nothing happened, when not all of them are allocated.
 */
int cma_take_back(struct cma *cma, unsigned long start, unsigned long count,
		  struct cma_return *ret)
{
	struct cma_claim claims[2], *claim = &claims[0], *rest = &claims[1];
	/* A hint: what turns out to have no room has been cleared for nothing. */
	bool room = READ_ONCE(cma->ready.total) + count <=
		    READ_ONCE(cma->ready_max);
	unsigned long units;

	if (!cma_retire(cma, start, count, claim))
		return -EINVAL;
	while (count) {
		ret->pfn = cma_unit_to_pfn(cma, claim->start);
		ret->nr_pages = count << cma->order_per_bit;
		ret->keep = room;
		cma->evacuator->take_back(cma, ret);
		units = ret->nr_alike >> cma->order_per_bit;
		count -= units;
		if (count)
			cma_split_claim(cma, claim, units, rest);
		cma_end_returned(cma, claim, ret);
		swap(claim, rest);
	}
	return 0;
}

/* All of the extent that a piece is from. */
static bool cma_cut_whole_locked(struct cma *cma, struct cma_extent *piece)
{
	struct cma_extent extent;
	unsigned long from = 0;

	lockdep_assert_held(&cma->lock);
	while (cma_ready_next(&cma->ready, &from, cma->map.nr, &extent))
		if (piece->start - extent.start < extent.count) {
			*piece = extent;
			return cma_ready_cut(&cma->ready, extent.start,
					     extent.count);
		}
	return false;
}

/*
 * So many units at a time, as they are marked under the lock. Any others of the extent
 * must stay together as long as there is no slot for one more.
 */
static bool cma_cut_some_locked(struct cma *cma, struct cma_extent *piece)
{
	u32 more = piece->count - min_t(u32, piece->count, CMA_WITHDRAW_UNITS);

	lockdep_assert_held(&cma->lock);
	piece->count -= more;
	if (cma_ready_cut(&cma->ready, piece->start, piece->count))
		return true;
	piece->start += more;
	return (more && cma_ready_cut(&cma->ready, piece->start, piece->count)) ||
	       cma_cut_whole_locked(cma, piece);
}

/* READY -> CLAIMED, for a part of one extent. */
static bool cma_withdraw_piece(struct cma *cma, unsigned long from,
			       unsigned long to, unsigned long max,
			       struct cma_claim *claim)
{
	struct cma_extent piece = { };
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&cma->lock, flags);
	if (from || to < cma->map.nr) {
		found = cma_ready_next(&cma->ready, &from, to, &piece);
		piece.count = min(piece.count, max);
	} else {
		found = cma_ready_surplus(&cma->ready,
					  min(max, CMA_WITHDRAW_UNITS), &piece);
	}
	found = found && cma_cut_some_locked(cma, &piece);
	if (found) {
		claim->start = piece.start;
		claim->count = piece.count;
		claim->isolates = false;
		cma_note_idle_locked(cma);
		cma_begin_claim_locked(cma, claim);
		cma_check_locked(cma);
	}
	spin_unlock_irqrestore(&cma->lock, flags);

	if (found)
		trace_cma_withdraw(cma->name,
				   cma_unit_to_pfn(cma, claim->start),
				   claim->count << cma->order_per_bit);
	return found;
}

/**
 * cma_withdraw - READY -> CLAIMED -> LENT
 * @cma: active area
 * @from: first unit of the range that READY memory is withdrawn from
 * @to: the unit behind its last one
 * @max: number of units after which it is enough
 *
 * Context: any; gives memory back to the page allocator.
 * Return: number of units that were lent again; it can be more than @max where
 * an extent could not be divided.
 */
unsigned long cma_withdraw(struct cma *cma, unsigned long from,
			   unsigned long to, unsigned long max)
{
	struct cma_claim claim;
	unsigned long done = 0;

	while (done < max &&
	       cma_withdraw_piece(cma, from, to, max - done, &claim)) {
		cma->evacuator->lend(cma, cma_unit_to_pfn(cma, claim.start),
				     claim.count << cma->order_per_bit);
		done += claim.count;
		cma_abort(cma, &claim);
	}
	return done;
}

/**
 * cma_next_extent - find READY units
 * @cma: active area
 * @from: in: first unit to be looked at; out: the unit behind the extent
 * @to: the unit behind the last one
 * @extent: what is READY next, as far as it lies between these
 *
 * Context: any; takes the area's lock. It may be out of date at once.
 * Return: false if nothing is.
 */
bool cma_next_extent(struct cma *cma, unsigned long *from, unsigned long to,
		     struct cma_extent *extent)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&cma->lock, flags);
	found = cma_ready_next(&cma->ready, from, to, extent);
	spin_unlock_irqrestore(&cma->lock, flags);
	return found;
}

/**
 * cma_next_gap - find units that aren't READY
 * @cma: active area
 * @from: in: first unit to be looked at; out: the unit behind the gap, or behind what
 *	is READY there
 * @to: the unit behind the last one
 * @gap: what isn't READY next, as far as it lies between these
 *
 * Context: any; takes the area's lock. It may be out of date at once.
 * Return: false if all of it is.
 */
bool cma_next_gap(struct cma *cma, unsigned long *from, unsigned long to,
		  struct cma_extent *gap)
{
	struct cma_extent extent;
	unsigned long start;

	while (*from < to) {
		start = *from;
		if (!cma_next_extent(cma, from, to, &extent)) {
			extent = (struct cma_extent){ .start = to };
			*from = to;
		}
		*gap = (struct cma_extent){ start, extent.start - start };
		if (gap->count)
			return true;
	}
	return false;
}

/**
 * cma_set_ready_max - how much of an area may be READY
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
	cma_withdraw(cma, 0, cma_nr_units(cma), surplus);
}

/**
 * cma_set_ready_min - how much of an area is kept READY, even if it costs
 * @cma: active area
 * @pages: number of pages; a worker evacuates up to that
 *
 * Context: any.
 */
void cma_set_ready_min(struct cma *cma, unsigned long pages)
{
	unsigned long units = min(pages, cma->nr_pages) >> cma->order_per_bit;
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	cma->ready_min = units;
	cma->ready_max = max(cma->ready_max, units);
	spin_unlock_irqrestore(&cma->lock, flags);
	mod_delayed_work(system_unbound_wq, &cma->ready_work, 0);
}

static int cma_add_ready(struct cma *cma, void *data)
{
	unsigned long *pages = data;

	if (cma_is_active(cma))
		*pages += READ_ONCE(cma->ready.total) << cma->order_per_bit;
	return 0;
}

static int cma_add_allocated(struct cma *cma, void *data)
{
	unsigned long *pages = data;

	if (cma_is_active(cma))
		*pages += READ_ONCE(cma->nr_allocated) << cma->order_per_bit;
	return 0;
}

/**
 * cma_ready_total - READY memory of all areas
 *
 * Context: any.
 * Return: number of pages.
 */
unsigned long cma_ready_total(void)
{
	unsigned long pages = 0;

	cma_for_each_area(cma_add_ready, &pages);
	return pages;
}

/**
 * cma_allocated_total - memory of all areas that is handed out
 *
 * Context: any.
 * Return: number of pages.
 */
unsigned long cma_allocated_total(void)
{
	unsigned long pages = 0;

	cma_for_each_area(cma_add_allocated, &pages);
	return pages;
}
