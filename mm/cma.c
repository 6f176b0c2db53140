// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory allocator: the interface, what is READY for a request, and what is told
 * of it.
 *
 * Areas are made in boot_declare.c. Which requests can't be met is in request.c; what a
 * search does next is decided in policy.c and done in search.c, the books are kept in
 * area.c and state.c, pages are moved in evac.c.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/alloc_tag.h>
#include <linux/cma.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/sched.h>
#include <linux/vmstat.h>

#include "cma/area.h"
#include "cma/evac.h"
#include "cma/find.h"
#include "cma/owner.h"

#include <trace/events/cma.h>

/* A caller's mistake is reported once for each area and kind. */
static bool cma_first_misuse(struct cma *cma, enum cma_misuse kind)
{
	return !test_and_set_bit(kind, &cma->misused);
}

static void cma_account(struct cma *cma, const struct cma_request *request,
			const struct cma_work *work, ktime_t began)
{
	u64 us = ktime_us_delta(ktime_get(), began);
	struct cma_stats *stats = &cma->stats;

	atomic64_inc(&stats->reasons[request->reason]);
	atomic64_inc(&stats->latency[min(fls64(us), CMA_LATENCY_BUCKETS - 1)]);
	atomic64_add(work->attempts, &stats->attempts);
	atomic64_add(work->waits, &stats->waits);
	atomic64_add(work->nr_moved, &stats->moved_pages);
	atomic64_add(work->nr_dropped, &stats->dropped_pages);
	atomic64_add(work->was_ready, &stats->ready_hits);
	if (request->reason == CMA_REASON_NONE) {
		count_vm_event(CMA_ALLOC_SUCCESS);
		atomic64_add(request->count, &stats->alloc_pages);
	} else {
		count_vm_event(CMA_ALLOC_FAIL);
		atomic64_add(request->count, &stats->fail_pages);
		atomic64_add(request->fallback, &stats->fallbacks);
	}
}

static void cma_trace_failure(struct cma *cma, const struct cma_request *request,
			      const struct cma_work *work, ktime_t began)
{
	struct cma_usage usage;

	cma_get_usage(cma, &usage);
	trace_cma_alloc_failed(cma->name, request, work, &usage,
			       ktime_us_delta(ktime_get(), began));
}

static void cma_report_invalid(struct cma *cma,
			       const struct cma_request *request)
{
	if (cma_first_misuse(cma, CMA_MISUSE_REQUEST))
		pr_warn("%s: impossible request of %s: %lu pages, alignment order %u, gfp %pGg\n",
			cma->name, request->owner ?: current->comm,
			request->count, request->align, &request->gfp);
}

/* So many READY runs can be unfit for a request before it looks further. */
#define CMA_READY_TRIES		4

/* The units of an area that lie wholly within the request's limit. */
static unsigned long cma_units_below_limit(const struct cma *cma,
					   const struct cma_request *request)
{
	phys_addr_t base = PFN_PHYS(cma->base_pfn);

	if (!request->limit || request->limit >= PFN_PHYS(cma->end_pfn) - 1)
		return cma_nr_units(cma);
	if (request->limit < base)
		return 0;
	/* The limit is the last byte that may be used, not the one behind. */
	return (request->limit - base + 1) >>
	       (PAGE_SHIFT + cma->order_per_bit);
}

static bool cma_makes_sense(const struct cma *cma,
			    const struct cma_request *request)
{
	unsigned long count = request->count;

	if (!count || request->align >= BITS_PER_LONG - PAGE_SHIFT)
		return false;
	if (!(request->gfp & __GFP_COMP))
		return true;
	return is_power_of_2(count) && count > 1 &&
	       IS_ALIGNED(count, 1UL << cma->order_per_bit) &&
	       request->align >= ilog2(count);
}

/* What a request asks for in units of the area, from its first unit on. */
static struct runmap_query cma_query_of(const struct cma *cma,
					const struct cma_request *request)
{
	return (struct runmap_query){
		.count = cma_pages_to_units(cma, request->count),
		.align = request->align > cma->order_per_bit ?
			 request->align - cma->order_per_bit : 0,
		.to = cma_units_below_limit(cma, request),
	};
}

/* Hand out READY memory, if there is a run of it that fits. */
static bool cma_take_ready(struct cma *cma, const struct cma_request *request,
			   const struct runmap_query *query, unsigned long *pfn)
{
	struct cma_extent run;
	unsigned long at;
	unsigned int i;

	for (i = 0; i < CMA_READY_TRIES && cma_serve(cma, query, &run); i++) {
		at = cma_run_to_pfn(cma, run);
		if (alloc_hooks(cma->evacuator->prepare(cma, at,
							cma_run_to_pages(cma, run),
							request->gfp, true))) {
			*pfn = at;
			return true;
		}
		/* The hardware failed meanwhile, or somebody looks at a page. */
		cma_lend(cma, run);
	}
	return false;
}

/* What is READY serves a request at once; else a run is looked for, and evacuated. */
static enum cma_reason cma_take_fitting(struct cma *cma,
					const struct cma_request *request,
					const struct runmap_query *query,
					struct cma_work *work, unsigned long *pfn)
{
	work->was_ready = cma_take_ready(cma, request, query, pfn);
	if (work->was_ready)
		return CMA_REASON_NONE;
	return cma_search(cma, request, query, work, pfn);
}

/* Low runs are preferred, see first_fit.c. */
static enum cma_reason cma_take_first_fit(struct cma *cma,
					  const struct cma_request *request,
					  const struct runmap_query *query,
					  struct cma_work *work, unsigned long *pfn)
{
	struct runmap_query lowest = *query;
	struct cma_first_fit fit;
	struct cma_request rest;

	cma_first_fit_begin(&fit, request);
	for (; cma_first_fit_next(cma, &fit, &lowest); lowest = *query)
		if (!cma_take_fitting(cma, &fit.ask, &lowest, work, pfn))
			return CMA_REASON_NONE;
	rest = cma_first_fit_end(&fit);
	return cma_take_fitting(cma, &rest, query, work, pfn);
}

/* What is READY fits the area, so a request that it serves isn't compared with that. */
static enum cma_reason cma_take_run(struct cma *cma,
				    const struct cma_request *request,
				    struct cma_work *work, unsigned long *pfn)
{
	struct runmap_query query;
	enum cma_reason reason;

	if (!cma_makes_sense(cma, request))
		return CMA_REASON_INVALID;
	if (!cma_is_active(cma))
		return CMA_REASON_INACTIVE;
	query = cma_query_of(cma, request);
	if (!cma->is_first_fit) {
		work->was_ready = cma_take_ready(cma, request, &query, pfn);
		if (work->was_ready)
			return CMA_REASON_NONE;
	}
	reason = cma_check_query(cma, &query);
	if (reason)
		return reason;
	return cma->is_first_fit ?
	       cma_take_first_fit(cma, request, &query, work, pfn) :
	       cma_search(cma, request, &query, work, pfn);
}

/**
 * cma_alloc_run() - allocate a run of an area
 * @cma: the area
 * @request: what is asked for; its reason is set
 * @pfn: the first page, on success
 *
 * Context: may sleep, as far as the request's gfp lets it.
 * Return: 0, or the error number of the reason.
 */
int cma_alloc_run(struct cma *cma, struct cma_request *request,
		  unsigned long *pfn)
{
	ktime_t began = ktime_get();
	struct cma_work work = { };
	int err;

	*pfn = 0;
	trace_cma_alloc_start(cma->name, request->count, request->align);
	request->reason = cma_take_run(cma, request, &work, pfn);
	err = request->reason ? cma_reason_errno(request->reason) : 0;
	if (*pfn && !IS_ALIGNED(request->count, 1UL << cma->order_per_bit))
		cma_note_rounded(cma, *pfn, request->count);
	if (*pfn)
		cma_note_owner(cma, request, *pfn);
	trace_cma_alloc_finish(cma->name, *pfn, *pfn ? pfn_to_page(*pfn) : NULL,
			       request->count, request->align, err);
	trace_cma_alloc_result(cma->name, request, &work);
	cma_pool_refill(cma);
	/*
	 * Large pages of programs are no device's. Any other request may have let go of
	 * what it had of a window.
	 */
	if (cma_is_demand(request->count) && request->count <= cma->nr_pages &&
	    !(request->gfp & __GFP_COMP))
		cma_note_demand(cma, *pfn, request->count);
	else if (READ_ONCE(cma->windows.nr))
		cma_note_demand(cma, 0, 0);

	cma_account(cma, request, &work, began);
	if (err && trace_cma_alloc_failed_enabled())
		cma_trace_failure(cma, request, &work, began);
	if (request->reason == CMA_REASON_INVALID)
		cma_report_invalid(cma, request);
	else if (err)
		cma_report(cma, request, &work,
			   ktime_us_delta(ktime_get(), began));
	return err;
}

/**
 * cma_alloc_request() - allocate contiguous pages, and learn why it failed
 * @cma: the area
 * @request: what is asked for; its reason is set in any case
 *
 * Each page has a reference count of one, unless __GFP_COMP asked for a
 * compound page. Counts are rounded up to the area's unit, so that more may be
 * taken than was asked for; cma_release() gets the count that was asked for.
 *
 * Context: sleeps while pages are moved away. A request whose gfp doesn't allow
 * that fails with CMA_REASON_WOULD_SLEEP.
 * Return: the first page, or an ERR_PTR that goes with the reason.
 */
struct page *cma_alloc_request(struct cma *cma, struct cma_request *request)
{
	unsigned long pfn;
	int err;

	if (!cma) {
		pr_warn_once("request for %lu pages of no area, from %pS\n",
			     request->count, __builtin_return_address(0));
		request->reason = CMA_REASON_INVALID;
		return ERR_PTR(-EINVAL);
	}
	if (!request->caller)
		request->caller = _RET_IP_;
	err = cma_alloc_run(cma, request, &pfn);
	return err ? ERR_PTR(err) : pfn_to_page(pfn);
}

/**
 * cma_alloc() - allocate contiguous pages
 * @cma: the area
 * @count: number of pages
 * @align: order of the alignment of the physical address, in pages
 * @no_warn: keep the log quiet about a failure
 *
 * Context: sleeps.
 * Return: the first page, or NULL. cma_alloc_request() tells why.
 */
struct page *cma_alloc(struct cma *cma, unsigned long count, unsigned int align,
		       bool no_warn)
{
	struct cma_request request = {
		.count	= count,
		.align	= align,
		.gfp	= GFP_KERNEL | (no_warn ? __GFP_NOWARN : 0),
		.caller	= _RET_IP_,
	};
	struct page *page = cma_alloc_request(cma, &request);

	return IS_ERR(page) ? NULL : page;
}
EXPORT_SYMBOL_GPL(cma_alloc);

/**
 * cma_alloc_folio() - allocate a folio, however large
 * @cma: the area
 * @order: order of the folio, at least 1 and not less than the area's unit
 * @gfp: context; must have __GFP_COMP
 *
 * Context: sleeps.
 * Return: a folio with a reference count of one, or NULL.
 */
struct folio *cma_alloc_folio(struct cma *cma, int order, gfp_t gfp)
{
	struct cma_request request = {
		.count	= order > 0 && order < BITS_PER_LONG ? 1UL << order : 0,
		.align	= order,
		.gfp	= gfp,
		.caller	= _RET_IP_,
	};
	struct page *page;

	if (!(gfp & __GFP_COMP))
		request.count = 0;
	page = cma_alloc_request(cma, &request);
	return IS_ERR(page) ? NULL : page_folio(page);
}

/**
 * cma_intersects() - does an area have a part of this memory?
 * @cma: the area, active or not
 * @start: physical address of the first byte
 * @end: that of the byte behind the last one
 *
 * Context: any.
 * Return: true if at least one byte is the area's.
 */
bool cma_intersects(struct cma *cma, unsigned long start, unsigned long end)
{
	unsigned long pfn = PFN_DOWN(start);

	return start < end && cma_overlaps(cma, pfn, PFN_UP(end) - pfn);
}

/**
 * cma_pages_valid() - do these pages belong to an area?
 * @cma: the area, or NULL
 * @pages: the first page, or NULL
 * @count: number of pages
 *
 * Context: any.
 * Return: true if all of them lie in one range of the area, whatever state they
 * are in.
 */
bool cma_pages_valid(struct cma *cma, const struct page *pages,
		     unsigned long count)
{
	return cma && pages && cma_contains(cma, page_to_pfn(pages), count);
}

static int cma_park_or_lend(struct cma *cma, struct cma_extent run)
{
	if (!cma_park(cma, run))
		return cma_lend(cma, run);
	cma_give_up_failed(cma, run);
	return 0;
}

/**
 * cma_release_run() - give allocated pages back
 * @cma: the area
 * @pfn: first page
 * @nr_pages: number of pages, as they were asked for, or whole units
 * @ret: out: what was wrong with pages that came back nevertheless
 *
 * They become READY as they are, at once, or go to the page allocator.
 *
 * Context: any.
 * Return: 0, -ENXIO when the pages aren't the area's, -EINVAL when not all of
 * them are allocated; then nothing is changed.
 */
int cma_release_run(struct cma *cma, unsigned long pfn, unsigned long nr_pages,
		    struct cma_return *ret)
{
	struct cma_extent run;
	int err;

	*ret = (struct cma_return){ };
	if (!cma_is_active(cma) || !cma_contains(cma, pfn, nr_pages))
		return -ENXIO;
	if (!nr_pages || !cma_ends_unit(cma, pfn, nr_pages) ||
	    !IS_ALIGNED(pfn - cma->base_pfn, 1UL << cma->order_per_bit))
		return -EINVAL;

	run = cma_pages_to_run(cma, pfn, nr_pages);
	if (!cma->evacuator->may_keep(cma, pfn, cma_run_to_pages(cma, run)))
		err = cma_take_back(cma, run, ret);
	else
		err = cma_park_or_lend(cma, run);
	if (err == -EINVAL)
		return err;
	atomic64_add(nr_pages, &cma->stats.release_pages);
	/* A camera that is stopped may be started again. */
	if (READ_ONCE(cma->windows.nr))
		cma_note_demand(cma, 0, nr_pages);
	cma_pool_refill(cma);
	return 0;
}

/* In the words of the kernel's own complaints, as logs are searched for them. */
VISIBLE_IF_KUNIT void cma_report_return(struct cma *cma, const struct cma_return *ret)
{
	KUNIT_STATIC_STUB_REDIRECT(cma_report_return, cma, ret);
	WARN(ret->nr_held, "%s: %lu pages are still in use! The last one is pfn 0x%lx\n",
	     cma->name, ret->nr_held, ret->odd_pfn);
	if (ret->failed_pfn)
		pr_info("%s: pfn 0x%lx came back, where the hardware has failed: nobody gets it again\n",
			cma->name, ret->failed_pfn);
	if (!ret->nr_marked)
		return;
	add_taint(TAINT_BAD_PAGE, LOCKDEP_STILL_OK);
	if (__ratelimit(&cma->ratelimit))
		pr_err("%s: BUG: Bad page state: %lu pages came back with a flag or a mapping of their owner; the last one is pfn 0x%lx\n",
		       cma->name, ret->nr_marked, ret->odd_pfn);
}

/**
 * cma_release() - give allocated pages back
 * @cma: the area that they were allocated from
 * @pages: the first page
 * @count: number of pages
 *
 * That can be a run as it was allocated, a part of one, or several that touch;
 * where a unit of the area is more than one page, whole units. A second release
 * is refused with a warning and frees nothing.
 *
 * Context: any.
 * Return: false when the pages don't lie in the area; true when they do, also
 * when their release was refused, so that nobody frees them elsewhere.
 */
bool cma_release(struct cma *cma, const struct page *pages,
		 unsigned long count)
{
	struct cma_return ret;
	unsigned long pfn;
	int err = -EINVAL;

	if (!cma || !pages) {
		pr_warn_once("release of %lu pages at %p of area %s, from %pS\n",
			     count, pages, cma_get_name(cma),
			     __builtin_return_address(0));
		return false;
	}

	pfn = page_to_pfn(pages);
	trace_cma_release(cma->name, pfn, pages, count);
	if (!cma_pages_valid(cma, pages, count) ||
	    !cma_cut_folio(pfn, count))
		err = cma_release_run(cma, pfn, count, &ret);
	if (!err)
		cma_report_return(cma, &ret);
	else if (cma_first_misuse(cma, err == -ENXIO ? CMA_MISUSE_FOREIGN :
						       CMA_MISUSE_RELEASE))
		pr_warn("%s: refused to release %lu pages at pfn 0x%lx for %pS: %s\n",
			cma->name, count, pfn, __builtin_return_address(0),
			err == -ENXIO ? "not in this area" :
					"not all of them are allocated, or not as a whole");
	return err != -ENXIO;
}
EXPORT_SYMBOL_GPL(cma_release);

/**
 * cma_free_folio() - give a folio back, if it comes from an area
 * @cma: the area, or NULL
 * @folio: any folio, with the caller's reference as its last one
 *
 * Where a larger one was taken apart, as hugetlb does when it demotes a gigantic
 * page, each part comes back on its own.
 *
 * A folio that lies in lent memory of the area comes from the page allocator and
 * goes back there, as hugetlb's smaller pages do.
 *
 * Context: any.
 * Return: false when the folio wasn't allocated from the area and is still the
 * caller's to free.
 */
bool cma_free_folio(struct cma *cma, const struct folio *folio)
{
	unsigned long nr_pages = folio_nr_pages(folio);

	if (!folio_test_large(folio) ||
	    !cma_pages_valid(cma, &folio->page, nr_pages) ||
	    !cma_are_allocated(cma, folio_pfn((struct folio *)folio), nr_pages))
		return false;
	return cma_release(cma, &folio->page, nr_pages);
}
