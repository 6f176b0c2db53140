// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: do the books of an area agree with each other?
 *
 * Behind each transition in kernels that are built to find faults, and whenever a test
 * asks.
 */
#include <linux/bitmap.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/lockdep.h>
#include <linux/printk.h>

#include "area.h"

/* Every bit in first is followed by its own in last, and all between is taken. */
static bool cma_check_runs_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	unsigned long units = cma->map.nr;
	unsigned long start, last, next = 0, allocated = 0, runs = 0;

	lockdep_assert_held(&cma->lock);
	for (start = find_first_bit(cma->first, units); start < units;
	     start = find_next_bit(cma->first, units, next)) {
		last = find_next_bit(cma->last, units, next);
		if (last < start || last >= units)
			return false;
		next = last + 1;
		if (find_next_bit(cma->first, units, start + 1) < next ||
		    !runmap_is_taken(&cma->map, start, next - start))
			return false;
		allocated += next - start;
		runs++;
	}
	return find_next_bit(cma->last, units, next) >= units &&
	       bitmap_subset(cma->rounded, cma->last, units) &&
	       allocated == cma->nr_allocated && runs == cma->nr_runs;
}

/* Units that are taken for something else than allocated runs. */
static bool cma_check_taken_locked(const struct cma *cma, struct cma_extent run)
	__must_hold(&cma->lock)
{
	unsigned long start = run.start, end = cma_extent_end(run);

	lockdep_assert_held(&cma->lock);
	return runmap_is_taken(&cma->map, start, run.count) &&
	       find_next_bit(cma->first, end, start) >= end &&
	       find_next_bit(cma->last, end, start) >= end;
}

/* Claims are taken, hold no allocated run, and add up. */
static bool cma_check_claims_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	const struct cma_claim *claim;
	unsigned long claimed = 0;

	lockdep_assert_held(&cma->lock);
	list_for_each_entry(claim, &cma->claims, node) {
		if (!cma_check_taken_locked(cma, claim->run))
			return false;
		claimed += claim->run.count;
	}
	return claimed == cma->nr_claimed;
}

/* READY extents are taken, and hold no allocated run. */
static bool cma_check_ready_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	struct cma_extent left = cma_all_units(cma), piece;

	lockdep_assert_held(&cma->lock);
	while (cma_extents_next(&cma->ready, &left, &piece))
		if (!cma_check_taken_locked(cma, piece))
			return false;
	return cma_extents_check(&cma->ready);
}

/* Nothing has got into a hole. */
static bool cma_check_holes_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	const struct cma_range *range = cma->ranges;
	unsigned long holes = 0;
	struct cma_extent hole;

	lockdep_assert_held(&cma->lock);
	for (; range + 1 < cma->ranges + cma->nr_ranges; range++) {
		hole = cma_hole_behind(cma, range);
		if (!cma_check_taken_locked(cma, hole) ||
		    cma_extents_overlap(&cma->ready, hole))
			return false;
		holes += hole.count;
	}
	return holes == cma->nr_holes;
}

static bool cma_balanced_locked(const struct cma *cma)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	return runmap_check(&cma->map) && cma_check_runs_locked(cma) &&
	       cma_check_claims_locked(cma) && cma_check_ready_locked(cma) &&
	       cma_skip_check(&cma->skip) && cma_check_holes_locked(cma) &&
	       cma_check_windows_locked(cma) &&
	       cma->map.nr_free + cma->nr_allocated + cma->nr_claimed +
		       cma->ready.total + cma->nr_holes == cma->map.nr;
}

#ifdef CONFIG_CMA_AUDIT
static bool cma_auditing __ro_after_init = true;

/* "cma_audit=off": the same kernel as its users would have it */
static int __init cma_audit_setup(char *arg)
{
	if (kstrtobool(arg, &cma_auditing))
		pr_warn("cma: cma_audit=%s ignored: on or off expected\n", arg ?: "");
	return 0;
}
early_param("cma_audit", cma_audit_setup);

/**
 * cma_is_audited() - whether areas are checked more often than their users need
 *
 * Context: any.
 * Return: true with CONFIG_CMA_AUDIT, unless the command line turns it off.
 */
bool cma_is_audited(void)
{
	return cma_auditing;
}

/**
 * cma_check_locked() - audit the books, if that is wanted, behind every transition
 * @cma: active area
 *
 * Context: any, with the area's lock.
 */
void cma_check_locked(struct cma *cma)
	__must_hold(&cma->lock)
{
	lockdep_assert_held(&cma->lock);
	if (cma_auditing)
		WARN_ON_ONCE(!cma_balanced_locked(cma));
}
#endif

/**
 * cma_check() - audit the books of an area
 * @cma: active area
 *
 * Context: any; holds the area's lock for a time that grows with the area.
 * Return: whether map, runs, claims and counts agree with each other.
 */
bool cma_check(struct cma *cma)
{
	unsigned long flags;
	bool balanced;

	spin_lock_irqsave(&cma->lock, flags);
	balanced = cma_balanced_locked(cma);
	spin_unlock_irqrestore(&cma->lock, flags);
	return balanced;
}
