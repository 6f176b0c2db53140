// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: what the log says of a request that failed, and how it writes
 * sizes.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/cma.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>

#include "area.h"
#include "find.h"

/* A line of the log could have four times as much. */
#define CMA_RUNS_TEXT	256

/* What one run takes at most, and what says that there are more */
#define CMA_RUN_TEXT	sizeof("+18446744073709551615@18446744073709551615+...")

/**
 * cma_print_size() - write a size, in the largest unit that it is a multiple of
 * @s: the text is added there
 * @size: in bytes
 *
 * Nothing is rounded, so that a message can tell exactly what to ask for.
 *
 * Context: any.
 */
void cma_print_size(struct seq_buf *s, phys_addr_t size)
{
	u64 bytes = size;

	if (!(bytes & (SZ_1M - 1)))
		seq_buf_printf(s, "%llu MiB", bytes / SZ_1M);
	else if (!(bytes & (SZ_1K - 1)))
		seq_buf_printf(s, "%llu KiB", bytes / SZ_1K);
	else
		seq_buf_printf(s, "%llu bytes", bytes);
}

/* The next units that are lent or READY. False if there are none behind @from. */
static bool cma_next_available(struct cma *cma, unsigned long from,
			       struct cma_extent *piece)
{
	unsigned long nr = cma_nr_units(cma), start, flags;
	struct cma_extent left = cma_extent_between(from, nr), ready;
	bool found = false;

	if (from >= nr)
		return false;
	spin_lock_irqsave(&cma->lock, flags);
	start = runmap_next_free(&cma->map, from);
	if (start < nr) {
		*piece = cma_extent_between(start,
					    runmap_next_taken(&cma->map, start));
		found = true;
	}
	if (cma_extents_next(&cma->ready, &left, &ready) &&
	    (!found || ready.start < start)) {
		*piece = ready;
		found = true;
	}
	spin_unlock_irqrestore(&cma->lock, flags);
	return found;
}

/*
 * List what of an area could be had if nothing were in the way: runs of units that are
 * lent or READY, as 6.12 writes them, their pages and behind an @ the first unit. No
 * more of them than there is room for. Takes the area's lock for each run.
 */
VISIBLE_IF_KUNIT
void cma_print_available(struct seq_buf *s, struct cma *cma)
{
	struct cma_extent run, next;
	bool more = cma_next_available(cma, 0, &run);

	while (more) {
		/* Neighbours are one run, whatever state each of them is in. */
		for (;;) {
			more = cma_next_available(cma, cma_extent_end(run),
						  &next);
			if (!more || next.start != cma_extent_end(run))
				break;
			run.count += next.count;
		}
		if (seq_buf_buffer_left(s) < CMA_RUN_TEXT) {
			seq_buf_puts(s, "+...");
			return;
		}
		seq_buf_printf(s, "%s%lu@%lu", seq_buf_used(s) ? "+" : "",
			       cma_run_to_pages(cma, run),
			       (unsigned long)run.start);
		run = next;
	}
}

/* What scripts look for to see whether it was a matter of room. Two texts are too much. */
static noinline_for_stack void cma_report_available(struct cma *cma)
{
	DECLARE_SEQ_BUF(s, CMA_RUNS_TEXT);
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	cma_print_available(&s, cma);
	pr_info("number of available pages: %s=> %lu free of %lu total pages\n",
		seq_buf_str(&s), usage.lent + usage.ready, usage.total);
}

/*
 * The lines that scripts look for, with the error numbers that 6.12 has. It has none
 * for what could never be met.
 */
static void cma_report_as_ever(struct cma *cma,
			       const struct cma_request *request)
{
	switch (request->reason) {
	case CMA_REASON_FULL:
	case CMA_REASON_FRAGMENTED:
	case CMA_REASON_BUSY:
	case CMA_REASON_NO_TARGET:
		pr_err("__cma_alloc: %s: alloc failed, req-size: %lu pages, ret: %d\n",
		       cma->name, request->count,
		       request->reason == CMA_REASON_BUSY ? -EBUSY : -ENOMEM);
		cma_report_available(cma);
		break;
	default:
		break;
	}
}

/* So large an area isn't looked through for free pages: that would take milliseconds. */
#define CMA_COUNT_FREE_MOST	BIT(20)

/* It is on the stack of whoever asks; what is longer is cut off. */
#define CMA_FAILURE_TEXT	512

/* The page that stopped the last attempt. */
static void cma_print_blocker(struct seq_buf *s, struct cma *cma,
			      const struct cma_request *request,
			      const struct cma_blocker *blocker)
{
	if (request->reason != CMA_REASON_BUSY || !blocker->kind)
		return;
	seq_buf_printf(s, " (pfn 0x%lx is %s, %d references", blocker->pfn,
		       cma_page_kind_name(blocker->kind), blocker->refs);
	if (gfpflags_allow_blocking(request->gfp))
		cma->evacuator->describe(blocker, s);
	seq_buf_puts(s, ")");
}

/* What the page allocator has, and how much of that nobody uses. */
static void cma_print_lent(struct seq_buf *s, struct cma *cma,
			   const struct cma_request *request,
			   const struct cma_usage *usage)
{
	const struct cma_range *range = cma->ranges;
	unsigned long nr_free = 0;

	seq_buf_printf(s, "%lu lent", usage->lent);
	if (!gfpflags_allow_blocking(request->gfp) ||
	    cma->nr_pages > CMA_COUNT_FREE_MOST)
		return;
	for (; range < cma->ranges + cma->nr_ranges; range++)
		nr_free += cma->evacuator->count_free(range->base_pfn, range->nr_pages);
	seq_buf_printf(s, " (%lu free)", min(nr_free, usage->lent));
}

/* A device by its name, else the task */
static void cma_print_asker(struct seq_buf *s, const struct cma_request *request)
{
	if (request->owner)
		seq_buf_puts(s, request->owner);
	else
		seq_buf_printf(s, "%s[%d]", current->comm, task_pid_nr(current));
}

/*
 * Write what was asked for, why it failed and what there is. As far as the request's gfp
 * lets it sleep; takes the area's lock.
 */
VISIBLE_IF_KUNIT
void cma_print_failure(struct seq_buf *s, struct cma *cma,
		       const struct cma_request *request,
		       const struct cma_work *work, s64 us)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	seq_buf_printf(s, "no %lu pages aligned to %lu for ", request->count,
		       request->align < BITS_PER_LONG ? 1UL << request->align : 0);
	cma_print_asker(s, request);
	seq_buf_printf(s, ": %s", cma_reason_name(request->reason));
	cma_print_blocker(s, cma, request, &work->blocker);
	seq_buf_printf(s, "; %lu of %lu pages allocated, %lu ready, ", usage.allocated,
		       usage.total, usage.ready);
	cma_print_lent(s, cma, request, &usage);
	seq_buf_printf(s, ", longest run left %lu; %u attempts, %lld us",
		       usage.largest, work->attempts, us);
}

/**
 * cma_report() - say what was asked for, where, why it failed and what there is
 * @cma: the area
 * @request: what was asked for, with the reason
 * @work: what was tried
 * @us: how long that took
 *
 * Nothing is said when the caller wants that, or has something else to turn to.
 *
 * Context: as far as the request's gfp lets it sleep; takes the area's lock.
 */
void cma_report(struct cma *cma, const struct cma_request *request,
		const struct cma_work *work, s64 us)
{
	const struct cma_blocker *blocker = &work->blocker;
	DECLARE_SEQ_BUF(s, CMA_FAILURE_TEXT);

	/* A task that is killed knows why. */
	if ((request->gfp & __GFP_NOWARN) || request->fallback ||
	    request->reason == CMA_REASON_INTERRUPTED ||
	    !__ratelimit(&cma->ratelimit))
		return;
	cma_report_as_ever(cma, request);
	cma_print_failure(&s, cma, request, work, us);
	pr_err("%s: %s\n", cma->name, seq_buf_str(&s));
	if (request->reason == CMA_REASON_BUSY && blocker->kind)
		cma->evacuator->dump(blocker);
}
