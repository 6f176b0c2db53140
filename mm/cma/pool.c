// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: when READY memory goes and comes by itself.
 *
 * It goes back to the page allocator when nobody has needed it for a while,
 * when memory is short, and before the system is written to disk. Up to the floor that an
 * administrator sets, it comes without anybody asking.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/swap.h>

#include "area.h"
#include "init.h"

/*
 * A floor that could not be reached is tried again after this time, the next time after
 * twice as long, and so on as long as nothing is gained and nobody asks: what stands in
 * the way may be there to stay.
 */
#define CMA_FILL_RETRY_MS	1000
#define CMA_FILL_BACKOFFS	5U

/*
 * So many runs are tried for it where the lowest is wanted, and not the cheapest; and so many
 * extents make way for longer ones at a time.
 */
#define CMA_FILL_TRIES		8

/* READY units beyond the floor. */
static unsigned long cma_surplus_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	unsigned long total = cma->ready.total;

	lockdep_assert_held(&cma->lock);
	return total - min(total, cma->ready_min);
}

/* No range reaches from one node to another. */
static bool cma_is_on_node(const struct cma_range *range, int nid)
{
	return nid == NUMA_NO_NODE || pfn_to_nid(range->base_pfn) == nid;
}

/* READY units of a range that aren't in windows. */
static unsigned long cma_ready_outside_windows_locked(struct cma *cma,
						      const struct cma_range *range)
	__must_hold(&cma->lock)
{
	struct cma_extent left = cma_range_to_run(cma, range), extent;
	unsigned long ready = 0;

	lockdep_assert_held(&cma->lock);
	while (cma_extents_next(&cma->ready, &left, &extent))
		ready += extent.count -
			 (cma_window_pages(cma, extent) >> cma->order_per_bit);
	return ready;
}

/*
 * The same, as far as it may lie on one node; or on any, with NUMA_NO_NODE. What is in a
 * window is left out: only page cache would have it.
 */
static unsigned long cma_surplus(struct cma *cma, int nid)
{
	unsigned long flags, surplus, ready = 0;
	const struct cma_range *range = cma->ranges;

	spin_lock_irqsave(&cma->lock, flags);
	for (; range < cma->ranges + cma->nr_ranges; range++)
		if (cma_is_on_node(range, nid))
			ready += cma_ready_outside_windows_locked(cma, range);
	surplus = min(ready, cma_surplus_locked(cma));
	spin_unlock_irqrestore(&cma->lock, flags);
	return surplus;
}

/* Lend what nobody has needed since the last time. */
static void cma_pool_decay(struct cma *cma)
{
	unsigned long flags, cold;

	spin_lock_irqsave(&cma->lock, flags);
	cold = min(cma->ready_idle, cma_surplus_locked(cma));
	cma->ready_idle = cma->ready.total - cold;
	spin_unlock_irqrestore(&cma->lock, flags);
	cma_lend_ready(cma, cma_all_units(cma), cold);
}

/* The worker is woken for other reasons, too, and as often as a floor is written. */
static bool cma_has_decayed_lately(const struct cma *cma)
{
	unsigned long since = cma->ready_decayed;

	return time_in_range_open(jiffies, since,
				  since + msecs_to_jiffies(CMA_POOL_DECAY_MS / 2));
}

/* Are there as many READY extents as there can be? */
static bool cma_has_no_slot(const struct cma *cma)
{
	return READ_ONCE(cma->ready.nr) == CMA_MAX_EXTENTS;
}

/* The shortest READY extent of less than so many units; as many units, if there is none. */
static struct cma_extent cma_shortest_ready(struct cma *cma, unsigned long units)
{
	struct cma_extent left = cma_all_units(cma), shortest = cma_extent_at(0, units), piece;
	unsigned long flags;

	spin_lock_irqsave(&cma->lock, flags);
	while (cma_extents_next(&cma->ready, &left, &piece))
		if (piece.count < shortest.count)
			shortest = piece;
	spin_unlock_irqrestore(&cma->lock, flags);
	return shortest;
}

/* The shortest extent makes way for a run. What others have done meanwhile is as welcome. */
static bool cma_make_slot(struct cma *cma, unsigned long units)
{
	struct cma_extent shortest;

	if (cma_has_no_slot(cma)) {
		shortest = cma_shortest_ready(cma, units);
		if (shortest.count < units)
			cma_lend_ready(cma, shortest, shortest.count);
	}
	return !cma_has_no_slot(cma);
}

/*
 * The shortest piece that is worth being evacuated. Most requests have no use for less than a
 * pageblock of the usual size, unless no more is missing, or all of the area is to be READY.
 */
static unsigned long cma_least_piece(const struct cma *cma, unsigned long lack)
{
	unsigned long pages = min_t(unsigned long, pageblock_nr_pages, SZ_4M >> PAGE_SHIFT);
	unsigned long block = max(pages >> cma->order_per_bit, 1UL);

	return lack < block ||
	       READ_ONCE(cma->ready_min) >= cma->nr_pages >> cma->order_per_bit ? 1 : block;
}

/* Evacuate up to the floor, in pieces that get smaller where they must. */
static bool cma_fill_up(struct cma *cma)
{
	unsigned long piece = ULONG_MAX, fits = 0, lack, least;
	unsigned int tries = 0, slots = 0;
	enum cma_reason reason;

	while (cma_may_be_ready() && (lack = cma_lack(cma))) {
		least = cma_least_piece(cma, lack);
		piece = min(piece, lack);
		reason = cma_fill(cma, piece);
		if (!reason && cma_lack(cma) < lack)
			continue;
		/* There was no slot for it, and what has made way is lacking as well now. */
		if (!reason && slots++ < CMA_FILL_TRIES && cma_make_slot(cma, piece)) {
			fits = piece;
			piece = ULONG_MAX;
			continue;
		}
		/* Nor would there be one for less. */
		if (!reason && cma_has_no_slot(cma))
			return false;
		/* One run is looked at there. A page that stays is noted: the next is above. */
		if (cma->is_first_fit && reason == CMA_REASON_BUSY && ++tries % CMA_FILL_TRIES)
			continue;
		if (piece <= least)
			return false;
		/* It isn't to be shorter than what has made way. */
		piece = fits ?: max(piece / 2, least);
		fits = 0;
	}
	return true;
}

/* Will the worker run within so long? What is due at once has no timer any more. */
static bool cma_is_due_within(const struct cma *cma, unsigned long delay)
{
	const struct delayed_work *work = &cma->ready_work;

	return delayed_work_pending(work) &&
	       (!timer_pending(&work->timer) ||
		time_before_eq(READ_ONCE(work->timer.expires), jiffies + delay));
}

/**
 * cma_refill_soon() - see to what is lacking up to the floor
 * @cma: any area
 *
 * At once where the floor wasn't missed the last time, and else in a moment.
 *
 * Context: any.
 */
void cma_refill_soon(struct cma *cma)
{
	unsigned long soon = READ_ONCE(cma->floor_misses) ?
			     msecs_to_jiffies(CMA_FILL_RETRY_MS) : 0;

	/* Those who come again and again don't put it off. */
	if (!soon || !cma_is_due_within(cma, soon))
		mod_delayed_work(system_unbound_wq, &cma->ready_work, soon);
}

/* Fill up, and note whether that was in vain; the number of units that are lacking yet. */
static unsigned long cma_try_floor(struct cma *cma)
{
	unsigned long lack = cma_lack(cma), left;

	if (cma_fill_up(cma)) {
		WRITE_ONCE(cma->floor_misses, 0);
		return 0;
	}
	left = cma_lack(cma);
	WRITE_ONCE(cma->floor_misses,
		   left < lack ? 1 : min(cma->floor_misses, CMA_FILL_BACKOFFS) + 1);
	return left;
}

/* Unless somebody has come meanwhile, whom it is due for sooner. */
static void cma_retry_floor(struct cma *cma)
{
	if (!cma_is_due_within(cma, msecs_to_jiffies(CMA_FILL_RETRY_MS)))
		mod_delayed_work(system_unbound_wq, &cma->ready_work,
				 msecs_to_jiffies(CMA_FILL_RETRY_MS << (cma->floor_misses - 1)));
}

static void cma_pool_work(struct work_struct *work)
{
	struct cma *cma = container_of(to_delayed_work(work), struct cma,
				       ready_work);
	unsigned long left;

	/* It is woken when that is over. */
	if (!cma_may_be_ready())
		return;
	/* It is too early to tell what nobody needs when a floor was missed. */
	if (!cma->floor_misses && !cma_has_decayed_lately(cma)) {
		cma_pool_decay(cma);
		cma->ready_decayed = jiffies;
	}
	left = cma_try_floor(cma);
	/* What could be filled is kept, for which the worker is due, but late. */
	if (cma->floor_misses)
		cma_retry_floor(cma);
	/* A task that takes some, or raises the floor, sees floor_misses, or is seen here. */
	smp_mb();
	if (cma_lack(cma) > left)
		cma_refill_soon(cma);
	else if (!cma->floor_misses && READ_ONCE(cma->ready.total) > READ_ONCE(cma->ready_min))
		queue_delayed_work(system_unbound_wq, &cma->ready_work,
				   msecs_to_jiffies(CMA_POOL_DECAY_MS));
}

/**
 * cma_pool_init() - prepare the worker of an area
 * @cma: the area
 *
 * Context: any.
 */
void cma_pool_init(struct cma *cma)
{
	INIT_DELAYED_WORK(&cma->ready_work, cma_pool_work);
}

/**
 * struct cma_harvest - READY memory beyond the floors
 * @nid: on this node, or on any, with NUMA_NO_NODE
 * @wanted: pages that are wanted
 * @found: those that were found
 */
struct cma_harvest {
	int nid;
	unsigned long wanted;
	unsigned long found;
};

/* A task that is short of memory gains nothing from what only clean page cache can use. */
static bool cma_surplus_may_help(const struct cma *cma)
{
	return cma_is_active(cma) && READ_ONCE(cma->borrow) == CMA_BORROW_ALL;
}

static int cma_count_surplus(struct cma *cma, void *data)
{
	struct cma_harvest *harvest = data;

	if (cma_surplus_may_help(cma))
		harvest->found += cma_surplus(cma, harvest->nid) <<
				  cma->order_per_bit;
	return 0;
}

static unsigned long cma_ready_surplus_on(int nid)
{
	struct cma_harvest harvest = { .nid = nid };

	cma_for_each_area(cma_count_surplus, &harvest);
	return harvest.found;
}

/**
 * cma_ready_surplus_total() - READY memory of all areas beyond their floors
 *
 * The shrinker returns it for the asking, so it is as good as free.
 *
 * Context: any.
 * Return: number of pages.
 */
unsigned long cma_ready_surplus_total(void)
{
	return cma_ready_surplus_on(NUMA_NO_NODE);
}

/* Lend so many READY units of a run, in front of the windows there, between and behind. */
static unsigned long cma_lend_outside_windows(struct cma *cma, struct cma_extent run,
					      unsigned long units)
{
	struct cma_extent left = run, window;
	unsigned long done = 0, from = run.start;

	if (!READ_ONCE(cma->windows.nr))
		return cma_lend_ready(cma, run, units);
	while (cma_next_window(cma, &left, &window)) {
		done += cma_lend_ready(cma, cma_extent_between(from, window.start),
				     units - min(done, units));
		from = cma_extent_end(window);
	}
	return done + cma_lend_ready(cma, cma_extent_between(from, cma_extent_end(run)),
				   units - min(done, units));
}

/* Lend so many READY units of a node. Which are best is known of a whole area. */
static unsigned long cma_lend_on(struct cma *cma, int nid, unsigned long units)
{
	const struct cma_range *range = cma->ranges;
	const struct cma_range *end = range + cma->nr_ranges;
	unsigned long done = 0;

	while (range < end && cma_is_on_node(range, nid))
		range++;
	if (range == end)
		return cma_lend_outside_windows(cma, cma_all_units(cma), units);
	for (range = cma->ranges; range < end; range++)
		if (cma_is_on_node(range, nid))
			done += cma_lend_outside_windows(cma, cma_range_to_run(cma, range),
							 units - min(done, units));
	return done;
}

static int cma_harvest_area(struct cma *cma, void *data)
{
	struct cma_harvest *harvest = data;
	unsigned long left = harvest->wanted - harvest->found;
	unsigned long units;

	if (!cma_surplus_may_help(cma) ||
	    READ_ONCE(cma->ready.total) <= READ_ONCE(cma->ready_min))
		return 0;
	units = min(cma_surplus(cma, harvest->nid),
		    cma_pages_to_units(cma, left));
	units = cma_lend_on(cma, harvest->nid, units);
	harvest->found += units << cma->order_per_bit;
	return harvest->found >= harvest->wanted;
}

/**
 * cma_lend_surplus() - lend READY memory beyond the floors, but none of windows
 * @nid: of this node, or of any, with NUMA_NO_NODE
 * @nr_pages: so many pages are wanted
 *
 * Context: any; takes the locks of areas, gives memory back to the page allocator.
 * Return: number of pages that were lent.
 */
unsigned long cma_lend_surplus(int nid, unsigned long nr_pages)
{
	struct cma_harvest harvest = { .nid = nid, .wanted = nr_pages };

	if (nr_pages)
		cma_for_each_area(cma_harvest_area, &harvest);
	return harvest.found;
}

VISIBLE_IF_KUNIT
unsigned long cma_shrink_count(struct shrinker *shrinker,
			       struct shrink_control *sc)
{
	return cma_ready_surplus_on(sc->nid) ?: SHRINK_EMPTY;
}

VISIBLE_IF_KUNIT
unsigned long cma_shrink_scan(struct shrinker *shrinker,
			      struct shrink_control *sc)
{
	unsigned long found = cma_lend_surplus(sc->nid, sc->nr_to_scan);

	/* A unit is lent as a whole, and can be more than what was asked for. */
	sc->nr_scanned = max(sc->nr_to_scan, found);
	return found ?: SHRINK_STOP;
}

static int cma_lend_all(struct cma *cma, void *data)
{
	if (!cma_is_active(cma))
		return 0;
	/* It may be in the middle of filling up. */
	cancel_delayed_work_sync(&cma->ready_work);
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	return 0;
}

static int cma_wake_worker(struct cma *cma, void *data)
{
	if (!cma_is_active(cma))
		return 0;
	/* A floor is due at once, also if it was missed before: what is in use has changed. */
	if (cma_lack(cma))
		mod_delayed_work(system_unbound_wq, &cma->ready_work, 0);
	else
		cma_pool_decay_later(cma);
	return 0;
}

/*
 * Empty memory need not be written to disk, but only free memory isn't. To read it
 * again takes free memory, too.
 */
VISIBLE_IF_KUNIT
int cma_pm_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	switch (action) {
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		cma_allow_ready(false);
		cma_for_each_area(cma_lend_all, NULL);
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		cma_allow_ready(true);
		cma_for_each_area(cma_wake_worker, NULL);
		break;
	}
	return NOTIFY_OK;
}

/**
 * cma_pool_register() - give READY memory back where memory is short
 *
 * Context: boot, see init.c.
 */
void __init cma_pool_register(void)
{
	struct shrinker *shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE, "mm-cma");

	pm_notifier(cma_pm_notify, 0);
	if (!shrinker) {
		pr_err("no shrinker: READY memory is not given back under pressure\n");
		return;
	}
	shrinker->count_objects = cma_shrink_count;
	shrinker->scan_objects = cma_shrink_scan;
	/*
	 * Nothing is cheaper to have back than what is empty: so it doesn't wait
	 * until it is worth evicting page cache. Without seeks half of it goes each
	 * time, at any priority, in pieces as small as those of reclaim.
	 */
	shrinker->seeks = 0;
	shrinker->batch = SWAP_CLUSTER_MAX;
	shrinker_register(shrinker);
}
