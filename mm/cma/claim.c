// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how a request gets hold of a run that it has found, with what is
 * READY of it, or makes others leave it alone, or waits for them.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "find.h"

/* So often a run that was found can turn out to be claimed by others meanwhile. */
#define CMA_CLAIM_TRIES		16

/* A request that hasn't looked again for so long loses its place in the queue. */
#define CMA_TURN_MS		200

/**
 * cma_claim_mixed() - LENT or READY -> CLAIMED, for a run that was found before
 * @cma: active area
 * @run: the units
 * @isolates: as for cma_claim_at()
 * @claim: made on success; its owner must end it
 *
 * What is READY of it is lent first. Others may then have it, as they may have any
 * run that was found.
 *
 * Context: any; takes the area's lock, gives memory back to the page allocator.
 * Return: as cma_claim_at().
 */
bool cma_claim_mixed(struct cma *cma, struct cma_extent run, bool isolates,
		     struct cma_claim *claim)
{
	unsigned long flags;
	bool conflict;

	if (cma_claim_at(cma, run, isolates, claim))
		return true;
	/* What is READY isn't lent where that isn't why the run can't be claimed. */
	spin_lock_irqsave(&cma->lock, flags);
	conflict = isolates && cma_conflict_locked(cma, run);
	spin_unlock_irqrestore(&cma->lock, flags);
	return !conflict && cma_lend_ready(cma, run, run.count) &&
	       cma_claim_at(cma, run, isolates, claim);
}

/**
 * cma_claim_first() - claim the lowest run that can be had
 * @cma: active area
 * @query: what to look for, in units; on CMA_FOUND_CONFLICT its @from is moved
 *	to where the search should go on
 * @claim: made on success; its owner must end it, see state.c
 * @look: how to look; is for cma_wait_for_claim() else
 *
 * A run whose surroundings another request isolates is passed over while there
 * is another one.
 *
 * Context: any; takes the area's lock.
 * Return: CMA_FOUND_RUN when a run was claimed.
 */
enum cma_found cma_claim_first(struct cma *cma, struct runmap_query *query,
			       struct cma_claim *claim, struct cma_lookup *look)
{
	enum cma_found found;
	unsigned int tries;
	bool ours;

	for (tries = 0; tries < CMA_CLAIM_TRIES; tries++) {
		found = cma_next_candidate(cma, query, look);
		if (found != CMA_FOUND_RUN)
			break;
		if (look->flags & CMA_LOOK_MIXED)
			ours = cma_claim_mixed(cma, look->run, true, claim);
		else
			ours = cma_claim_at(cma, look->run, true, claim);
		if (ours)
			return CMA_FOUND_RUN;
	}
	/* Others were quicker each time: that is worth a wait for any of them. */
	if (tries == CMA_CLAIM_TRIES) {
		found = CMA_FOUND_CONFLICT;
		look->in_the_way = cma_extent_at(0, cma->map.nr);
	}

	/* What was passed over for this reason alone is next. */
	if (found == CMA_FOUND_CONFLICT)
		query->from = look->run.start;
	return found;
}

/**
 * cma_take_turn() - have others leave a run alone
 * @cma: active area
 * @turn: of the request that waits; keeps its place in the queue if it has one
 * @run: the units
 *
 * Requests that can wait neither claim the run nor isolate near it, unless they
 * are further ahead in the queue. It is good for CMA_TURN_MS, and must be given up by
 * cma_leave_turn().
 *
 * Context: any; takes the area's lock, gives memory back to the page allocator.
 */
void cma_take_turn(struct cma *cma, struct cma_turn *turn,
		   struct cma_extent run)
{
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	if (!turn->run.count)
		list_add_tail(&turn->node, &cma->turns);
	turn->run = run;
	turn->until = jiffies + msecs_to_jiffies(CMA_TURN_MS);
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_lend_ready(cma, run, run.count);
}

/**
 * struct cma_waiter - a request that waits
 * @wait: in cma->claim_end
 * @look: what it has seen
 * @count: the units that it asks for
 * @helped: something has ended that may help it
 *
 * It is on the stack of that task, which writes all but @helped before others see it; that
 * is written with the lock of the queue.
 */
struct cma_waiter {
	struct wait_queue_entry wait;
	const struct cma_lookup *look;
	unsigned long count;
	bool helped;
};

/*
 * Either was in the way of a run that the request has seen, or it has made one
 * possible that it hasn't.
 */
static bool cma_end_may_help(const struct cma_ended *ended,
			     const struct cma_waiter *waiter)
{
	return cma_extent_meets(ended->span, waiter->look->in_the_way) ||
	       (ended->room && ended->room >= min(waiter->count, CMA_ROOM_UNITS));
}

static int cma_wake_waiter(struct wait_queue_entry *wait, unsigned int mode,
			   int flags, void *key)
{
	struct cma_waiter *waiter = container_of(wait, struct cma_waiter, wait);

	if (!cma_end_may_help(key, waiter))
		return 0;
	WRITE_ONCE(waiter->helped, true);
	return autoremove_wake_function(wait, mode, flags, key);
}

/**
 * cma_wait_for_claim() - wait until something has ended that was in the way
 * @cma: active area
 * @look: what cma_next_candidate() has seen; whatever has ended since then counts
 * @count: the units that are asked for
 * @timeout: for so many jiffies at most; MAX_SCHEDULE_TIMEOUT for ever
 *
 * Context: sleeps.
 * Return: 0, -ETIMEDOUT, or -EINTR when a fatal signal is pending.
 */
int cma_wait_for_claim(struct cma *cma, const struct cma_lookup *look,
		       unsigned long count, long timeout)
{
	struct cma_waiter waiter = { .look = look, .count = count };

	init_wait(&waiter.wait);
	waiter.wait.func = cma_wake_waiter;
	/* A task that ends a claim sees the waiter from now on, or the waiter sees that. */
	prepare_to_wait(&cma->claim_end, &waiter.wait, TASK_KILLABLE);
	if (READ_ONCE(cma->claims_ended) != look->seen)
		WRITE_ONCE(waiter.helped, true);
	while (!READ_ONCE(waiter.helped) && timeout > 0 &&
	       !fatal_signal_pending(current)) {
		timeout = schedule_timeout(timeout);
		if (!READ_ONCE(waiter.helped))
			prepare_to_wait(&cma->claim_end, &waiter.wait,
					TASK_KILLABLE);
	}
	finish_wait(&cma->claim_end, &waiter.wait);
	if (waiter.helped)
		return 0;
	return fatal_signal_pending(current) ? -EINTR : -ETIMEDOUT;
}
