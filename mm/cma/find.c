// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: which runs are candidates, and what keeps a request out.
 *
 * Nothing is changed here but the queue of requests that have waited for long. No page
 * is touched, and nothing sleeps. The area's lock is held for CMA_LOOK_STEPS steps
 * at a time, see struct cma_open, whatever the size of the area.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "find.h"
#include "open.h"

/* A step takes a few hundred instructions; many claims on the list are one, too. */
#define CMA_LOOK_STEPS		16
#define CMA_CLAIMS_PER_STEP	32

/*
 * So many units around claims are looked at for what may come free there, and as many to
 * either side of the claim that is looked at last.
 */
#define CMA_IN_FLIGHT_UNITS	BIT(17)

/* The units that the page allocator has to isolate for a run. */
static struct cma_extent cma_exclusion_span(const struct cma *cma,
					    struct cma_extent run)
{
	unsigned long pfn = cma_run_to_pfn(cma, run);
	unsigned long end = pfn + cma_run_to_pages(cma, run);

	pfn = max(ALIGN_DOWN(pfn, CMA_EXCLUSION_PAGES), cma->base_pfn);
	end = min(ALIGN(end, CMA_EXCLUSION_PAGES), cma->end_pfn);
	return cma_extent_between(cma_pfn_to_unit(cma, pfn),
				  cma_pfn_to_unit(cma, end));
}

/* The claim for which something of what this run needs is isolated. */
static const struct cma_claim *cma_isolator_locked(struct cma *cma,
						   struct cma_extent run,
						   unsigned int *passed)
	__must_hold(&cma->lock)
{
	struct cma_extent span = cma_exclusion_span(cma, run);
	const struct cma_claim *claim;

	lockdep_assert_held(&cma->lock);
	list_for_each_entry(claim, &cma->claims, node) {
		if (claim->isolates && cma_extent_meets(claim->run, span))
			return claim;
		++*passed;
	}
	return NULL;
}

/**
 * cma_conflict_locked() - is something isolated near a run?
 * @cma: active area
 * @run: the units
 *
 * Context: any, with the area's lock.
 * Return: whether nobody else may isolate for this run now.
 */
bool cma_conflict_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	unsigned int passed = 0;

	lockdep_assert_held(&cma->lock);
	return cma_isolator_locked(cma, run, &passed);
}

/* ---- The queue -------------------------------------------------------- */

static bool cma_turn_counts(const struct cma_turn *turn, struct cma_extent run)
{
	return cma_extent_meets(turn->run, run) &&
	       time_before(jiffies, turn->until);
}

/* The place in the queue of a request that is to have a part of this run first. */
static const struct cma_turn *cma_turn_ahead_locked(struct cma *cma,
						    const struct cma_lookup *look,
						    struct cma_extent run)
	__must_hold(&cma->lock)
{
	const struct cma_turn *turn;
	struct cma_extent span;

	lockdep_assert_held(&cma->lock);
	if (!(look->flags & CMA_LOOK_POLITE))
		return NULL;
	span = cma_exclusion_span(cma, run);
	list_for_each_entry(turn, &cma->turns, node) {
		if (turn == look->turn)
			break;
		if (cma_turn_counts(turn, span))
			return turn;
	}
	return NULL;
}

/**
 * cma_is_awaited_locked() - does a request in the queue wait for some of these units?
 * @cma: active area
 * @run: the units
 *
 * What comes free of them is lent, as anybody could have it if it were READY.
 *
 * Context: any, with the area's lock.
 * Return: whether they are to be left alone.
 */
bool cma_is_awaited_locked(struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	const struct cma_turn *turn;

	lockdep_assert_held(&cma->lock);
	list_for_each_entry(turn, &cma->turns, node)
		if (cma_turn_counts(turn, run))
			return true;
	return false;
}

/* Something ends: does anybody wait? Pairs with the barrier of prepare_to_wait(). */
static bool cma_count_end_locked(struct cma *cma)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	cma->claims_ended++;
	return wq_has_sleeper(&cma->claim_end);
}

/**
 * cma_leave_turn() - leave the queue
 * @cma: active area
 * @turn: the place that is given up; need not be in the queue
 *
 * Context: any; takes the area's lock and wakes requests that wait for a claim.
 */
void cma_leave_turn(struct cma *cma, struct cma_turn *turn)
{
	struct cma_ended ended = { };
	unsigned long flags;

	if (!turn->run.count)
		return;
	spin_lock_irqsave(&cma->lock, flags);
	list_del(&turn->node);
	if (cma_count_end_locked(cma))
		ended.span = cma_exclusion_span(cma, turn->run);
	turn->run.count = 0;
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_wake_waiters(cma, &ended);
}

/* ---- What may come free ----------------------------------------------- */

/*
 * What is around a claim and isn't allocated, as far as a run could reach. What is farther
 * than CMA_IN_FLIGHT_UNITS isn't looked at, as that would take too long under the lock:
 * where nothing is allocated up to there, the same is assumed of what is beyond.
 */
static struct cma_extent cma_reach_locked(const struct cma *cma,
					  const struct cma_claim *claim,
					  unsigned long count)
	__must_hold(&cma->lock)
{
	unsigned long start = claim->run.start, behind = cma_extent_end(claim->run);
	unsigned long near = min(count - 1, CMA_IN_FLIGHT_UNITS);
	unsigned long first = start - min(start, count - 1);
	unsigned long word = (start - min(start, near)) / BITS_PER_LONG;
	unsigned long base = word * BITS_PER_LONG, bit, end, limit;
	const struct cma_range *range = cma->ranges;

	lockdep_assert_held(&cma->lock);
	bit = find_last_bit(cma->last + word, start - base);
	if (bit < start - base)
		first = max(first, base + bit + 1);
	while (cma_unit_to_pfn(cma, start) >=
	       range->base_pfn + range->nr_pages)
		range++;
	first = max(first, cma_pfn_to_unit(cma, range->base_pfn));
	end = cma_pfn_to_unit(cma, range->base_pfn + range->nr_pages);
	end = min(end, behind + count - 1);
	limit = min(end, behind + near);
	bit = find_next_bit(cma->first, limit, behind);
	return cma_extent_between(first, bit < limit ? bit : end);
}

/**
 * cma_note_end_locked() - which waiters does the end of a claim help?
 * @cma: active area
 * @claim: has left the list, and its units are what they have become
 * @freed: LENT or READY, that is
 *
 * Context: any, with the area's lock.
 * Return: what to hand to cma_wake_waiters() when the lock has been dropped.
 */
struct cma_ended cma_note_end_locked(struct cma *cma,
				     const struct cma_claim *claim, bool freed)
{
	struct cma_ended ended = { };

	lockdep_assert_held(&cma->lock);
	if (!cma_count_end_locked(cma))
		return ended;
	ended.span = claim->isolates ? cma_exclusion_span(cma, claim->run) :
				       claim->run;
	if (freed)
		ended.room = cma_reach_locked(cma, claim, CMA_ROOM_UNITS).count;
	return ended;
}

/**
 * cma_wake_waiters() - wake the requests that something may help
 * @cma: active area
 * @ended: what has ended, as cma_note_end_locked() has noted it
 *
 * Context: any, without the area's lock.
 */
void cma_wake_waiters(struct cma *cma, const struct cma_ended *ended)
{
	if (ended->span.count)
		__wake_up(&cma->claim_end, TASK_NORMAL, 0, (void *)ended);
}

/*
 * Can there be a run when the claims that exist now have ended? Where much would
 * have to be looked at for that, there may be one. Returns its first unit.
 */
static unsigned long cma_in_flight_locked(const struct cma *cma,
					  const struct runmap_query *query)
	__must_hold(&cma->lock)
{
	unsigned long mask = BIT(query->align) - 1, looked_at = 0, start, end;
	const struct cma_claim *claim;
	struct cma_extent reach;

	lockdep_assert_held(&cma->lock);
	if (cma->map.nr_free + cma->ready.total + cma->nr_claimed <
	    query->count)
		return RUNMAP_NONE;
	list_for_each_entry(claim, &cma->claims, node) {
		/* One claim is looked at, however long the run is. */
		if (looked_at > CMA_IN_FLIGHT_UNITS)
			return claim->run.start;
		looked_at += min(2 * query->count, cma->map.nr) +
			     CMA_CLAIMS_PER_STEP;
		reach = cma_reach_locked(cma, claim, query->count);
		end = min(cma_extent_end(reach), query->to);
		start = reach.start + (-(cma->map.origin + reach.start) & mask);
		if (start < end && query->count <= end - start)
			return start;
	}
	return RUNMAP_NONE;
}

/* ---- Candidates ------------------------------------------------------- */

/*
 * Look at what is left of the query, as far as the steps suffice. The runs that others
 * are in the way of are met from the bottom up.
 */
static unsigned long cma_look_locked(struct cma *cma,
				     struct cma_lookup *look,
				     struct cma_open *open,
				     struct runmap_query *query)
	__must_hold(&cma->lock)
{
	const struct cma_claim *claim;
	const struct cma_turn *turn;
	unsigned int passed = 0;
	struct cma_extent run;
	unsigned long start;

	lockdep_assert_held(&cma->lock);
	while ((start = cma_open_find(open, query)) != RUNMAP_NONE) {
		run = cma_extent_at(start, query->count);
		claim = cma_isolator_locked(cma, run, &passed);
		turn = cma_turn_ahead_locked(cma, look, run);
		if (!claim && !turn)
			return start;
		if (!look->in_the_way.count)
			look->in_the_way = run;
		look->in_the_way = cma_extent_between(look->in_the_way.start,
						      cma_extent_end(run));
		run = cma_exclusion_span(cma, claim ? claim->run : turn->run);
		query->from = cma_extent_end(run);
		open->steps -= min(open->steps, passed / CMA_CLAIMS_PER_STEP);
		if (!open->steps) {
			open->unfinished = true;
			break;
		}
	}
	return RUNMAP_NONE;
}

/**
 * cma_next_candidate() - find a run that could be evacuated, without claiming it
 * @cma: active area
 * @query: what to look for, in units
 * @look: how; its @run becomes the lowest such run, or the lowest that others keep
 *	the request out of, or one that there may be soon
 *
 * Context: any; takes the area's lock, several times if there is much to look at.
 * Return: CMA_FOUND_RUN when there is one.
 */
enum cma_found cma_next_candidate(struct cma *cma,
				  const struct runmap_query *query,
				  struct cma_lookup *look)
{
	struct cma_open open = {
		.map = &cma->map,
		.ready = look->flags & CMA_LOOK_MIXED ? &cma->ready : NULL,
		.skip = look->flags & CMA_LOOK_CLEAR ? &cma->skip : NULL,
		.now = jiffies,
		.costly = look->flags & CMA_LOOK_CHEAP,
	};
	unsigned long start, in_flight = RUNMAP_NONE, flags;
	struct runmap_query q = *query;

	/* Before the first look: what ends meanwhile isn't waited for. */
	look->seen = READ_ONCE(cma->claims_ended);
	look->in_the_way = (struct cma_extent){ };
	do {
		open.steps = CMA_LOOK_STEPS;
		spin_lock_irqsave(&cma->lock, flags);
		start = cma_look_locked(cma, look, &open, &q);
		if (start == RUNMAP_NONE && !look->in_the_way.count &&
		    !open.unfinished)
			in_flight = cma_in_flight_locked(cma, query);
		spin_unlock_irqrestore(&cma->lock, flags);
	} while (open.unfinished);

	if (start != RUNMAP_NONE) {
		look->run = cma_extent_at(start, query->count);
		return CMA_FOUND_RUN;
	}
	if (look->in_the_way.count) {
		look->run = cma_extent_at(look->in_the_way.start, query->count);
		return CMA_FOUND_CONFLICT;
	}
	/* Whatever ends may help, or be the last hope. */
	look->in_the_way = cma_extent_at(0, cma->map.nr);
	look->run = cma_extent_at(in_flight, query->count);
	return in_flight != RUNMAP_NONE ? CMA_FOUND_IN_FLIGHT : CMA_FOUND_NONE;
}

/**
 * cma_next_extent() - find READY units
 * @cma: active area
 * @left: in: the units to be looked at; out: those of them behind the extent
 * @extent: what is READY next, as far as it lies among these
 *
 * Context: any; takes the area's lock. It may be out of date at once.
 * Return: false if nothing is.
 */
bool cma_next_extent(struct cma *cma, struct cma_extent *left,
		     struct cma_extent *extent)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&cma->lock, flags);
	found = cma_extents_next(&cma->ready, left, extent);
	spin_unlock_irqrestore(&cma->lock, flags);
	return found;
}

/**
 * cma_next_gap() - find units that aren't READY
 * @cma: active area
 * @left: in: the units to be looked at; out: those of them behind the gap, and behind
 *	what is READY there
 * @gap: what isn't READY next, as far as it lies among these
 *
 * Context: any; takes the area's lock. It may be out of date at once.
 * Return: false if all of it is.
 */
bool cma_next_gap(struct cma *cma, struct cma_extent *left,
		  struct cma_extent *gap)
{
	struct cma_extent extent;

	while (left->count) {
		*gap = *left;
		if (cma_next_extent(cma, left, &extent))
			*gap = cma_extent_between(gap->start, extent.start);
		else
			left->count = 0;
		if (gap->count)
			return true;
	}
	return false;
}
