/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cma

#if !defined(_TRACE_CMA_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_CMA_H

#include <linux/tracepoint.h>

struct cma_evacuation;
struct cma_request;
struct cma_usage;
struct cma_work;

/* A run of an area; @nr in pages. */
DECLARE_EVENT_CLASS(cma_run,
		    TP_PROTO(const char *name, unsigned long pfn,
			     unsigned long nr),
		    TP_ARGS(name, pfn, nr),
		    TP_STRUCT__entry(__field(unsigned long, pfn)
				     __field(unsigned long, count)
				     __string(name, name)),
		    TP_fast_assign(__assign_str(name);
				   __entry->count = nr;
				   __entry->pfn = pfn;),
		    TP_printk("name=%s pfn=0x%lx count=%lu", __get_str(name),
			      __entry->pfn, __entry->count));

#define DEFINE_CMA_RUN_EVENT(event)					\
DEFINE_EVENT(cma_run, event,						\
	     TP_PROTO(const char *name, unsigned long pfn,		\
		      unsigned long nr),				\
	     TP_ARGS(name, pfn, nr))

/* LENT -> CLAIMED */
DEFINE_CMA_RUN_EVENT(cma_claim);

/* CLAIMED -> ALLOCATED */
DEFINE_CMA_RUN_EVENT(cma_commit);

/* CLAIMED -> LENT */
DEFINE_CMA_RUN_EVENT(cma_abort);

/* ALLOCATED -> CLAIMED */
DEFINE_CMA_RUN_EVENT(cma_retire);

/* READY -> ALLOCATED */
DEFINE_CMA_RUN_EVENT(cma_serve);

/* ALLOCATED -> READY */
DEFINE_CMA_RUN_EVENT(cma_park);

/* CLAIMED -> READY; what the claim had beyond that is LENT */
DEFINE_CMA_RUN_EVENT(cma_keep);

/* READY -> CLAIMED */
DEFINE_CMA_RUN_EVENT(cma_withdraw);

/* A caller hands pages back; refused when neither cma_park nor cma_retire follows. */
TRACE_EVENT(cma_release,
	    TP_PROTO(const char *name, unsigned long pfn,
		     const struct page *page, unsigned long nr),
	    TP_ARGS(name, pfn, page, nr),
	    TP_STRUCT__entry(__field(const struct page *, page)
			     __field(unsigned long, pfn)
			     __field(unsigned long, count)
			     __string(name, name)),
	    TP_fast_assign(__assign_str(name);
			   __entry->page = page;
			   __entry->pfn = pfn;
			   __entry->count = nr;),
	    TP_printk("name=%s pfn=0x%lx page=%p count=%lu", __get_str(name),
		      __entry->pfn, __entry->page, __entry->count));

TRACE_EVENT(cma_alloc_start,
	    TP_PROTO(const char *name, unsigned long nr, unsigned int order),
	    TP_ARGS(name, nr, order),
	    TP_STRUCT__entry(__field(unsigned long, count)
			     __field(unsigned int, align)
			     __string(name, name)),
	    TP_fast_assign(__assign_str(name);
			   __entry->count = nr;
			   __entry->align = order;),
	    TP_printk("name=%s count=%lu align=%u", __get_str(name),
		      __entry->count, __entry->align));

/* An attempt failed. Raw users know the prototype: the rest is in cma_alloc_blocked. */
TRACE_EVENT(cma_alloc_busy_retry,
	    TP_PROTO(const char *name, unsigned long pfn,
		     const struct page *page, unsigned long nr,
		     unsigned int order),
	    TP_ARGS(name, pfn, page, nr, order),
	    TP_STRUCT__entry(__field(const struct page *, page)
			     __field(unsigned long, pfn)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __string(name, name)),
	    TP_fast_assign(__assign_str(name);
			   __entry->page = page;
			   __entry->pfn = pfn;
			   __entry->count = nr;
			   __entry->align = order;),
	    TP_printk("name=%s pfn=0x%lx page=%p count=%lu align=%u",
		      __get_str(name), __entry->pfn, __entry->page,
		      __entry->count, __entry->align));

/* Why that attempt failed; blocked is the page in the way, 0 when not known. */
TRACE_EVENT(cma_alloc_blocked,
	    TP_PROTO(const char *name, const struct cma_evacuation *attempt),
	    TP_ARGS(name, attempt),
	    TP_STRUCT__entry(__field(unsigned long, pfn)
			     __field(unsigned long, count)
			     __field(unsigned long, blocked)
			     __field(int, refs)
			     __string(name, name)
			     __string(kind,
				      cma_page_kind_name(attempt->blocker.kind))),
	    TP_fast_assign(__assign_str(name);
			   __assign_str(kind);
			   __entry->pfn = attempt->pfn;
			   __entry->count = attempt->nr_pages;
			   __entry->blocked = attempt->blocker.pfn;
			   __entry->refs = attempt->blocker.refs;),
	    TP_printk("name=%s pfn=0x%lx count=%lu blocked=0x%lx kind=%s refs=%d",
		      __get_str(name), __entry->pfn, __entry->count,
		      __entry->blocked, __get_str(kind), __entry->refs));

/*
 * pfn is 0 when errorno isn't. Raw users know the prototype: what else there is to
 * say is in cma_alloc_result, which follows.
 */
TRACE_EVENT(cma_alloc_finish,
	    TP_PROTO(const char *name, unsigned long pfn,
		     const struct page *page, unsigned long nr,
		     unsigned int order, int err),
	    TP_ARGS(name, pfn, page, nr, order, err),
	    TP_STRUCT__entry(__field(const struct page *, page)
			     __field(unsigned long, pfn)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(int, errorno)
			     __string(name, name)),
	    TP_fast_assign(__assign_str(name);
			   __entry->page = page;
			   __entry->pfn = pfn;
			   __entry->count = nr;
			   __entry->align = order;
			   __entry->errorno = err;),
	    TP_printk("name=%s pfn=0x%lx page=%p count=%lu align=%u errorno=%d",
		      __get_str(name), __entry->pfn, __entry->page,
		      __entry->count, __entry->align, __entry->errorno));

/* Why a request ended the way it did, and what it took. */
TRACE_EVENT(cma_alloc_result,
	    TP_PROTO(const char *name, const struct cma_request *request,
		     const struct cma_work *work),
	    TP_ARGS(name, request, work),
	    TP_STRUCT__entry(__field(unsigned long, count)
			     __field(unsigned long, moved)
			     __field(unsigned long, dropped)
			     __field(unsigned int, attempts)
			     __field(unsigned int, waits)
			     __field(bool, ready)
			     __string(name, name)
			     __string(reason,
				      cma_reason_name(request->reason))),
	    TP_fast_assign(__assign_str(name);
			   __assign_str(reason);
			   __entry->count = request->count;
			   __entry->moved = work->nr_moved;
			   __entry->dropped = work->nr_dropped;
			   __entry->attempts = work->attempts;
			   __entry->waits = work->waits;
			   __entry->ready = work->was_ready;),
	    TP_printk("name=%s count=%lu reason=%s attempts=%u waits=%u moved=%lu dropped=%lu ready=%d",
		      __get_str(name), __entry->count, __get_str(reason),
		      __entry->attempts, __entry->waits, __entry->moved,
		      __entry->dropped, __entry->ready));

/* What the log says of a request that failed, and when it says nothing. */
TRACE_EVENT(cma_alloc_failed,
	    TP_PROTO(const char *name, const struct cma_request *request,
		     const struct cma_work *work,
		     const struct cma_usage *usage, s64 us),
	    TP_ARGS(name, request, work, usage, us),
	    TP_STRUCT__entry(__field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(unsigned long, allocated)
			     __field(unsigned long, ready)
			     __field(unsigned long, lent)
			     __field(unsigned long, largest)
			     __field(unsigned int, attempts)
			     __field(s64, us)
			     __field(unsigned long, blocked)
			     __field(int, refs)
			     __string(name, name)
			     __string(owner, request->owner ?: current->comm)
			     __string(reason, cma_reason_name(request->reason))
			     __string(kind, cma_page_kind_name(work->blocker.kind))),
	    TP_fast_assign(__assign_str(name);
			   __assign_str(owner);
			   __assign_str(reason);
			   __assign_str(kind);
			   __entry->count = request->count;
			   __entry->align = request->align;
			   __entry->allocated = usage->allocated;
			   __entry->ready = usage->ready;
			   __entry->lent = usage->lent;
			   __entry->largest = usage->largest;
			   __entry->attempts = work->attempts;
			   __entry->us = us;
			   __entry->blocked = work->blocker.pfn;
			   __entry->refs = work->blocker.refs;),
	    TP_printk("name=%s owner=%s count=%lu align=%u reason=%s allocated=%lu ready=%lu lent=%lu largest=%lu attempts=%u us=%lld blocked=0x%lx kind=%s refs=%d",
		      __get_str(name), __get_str(owner), __entry->count,
		      __entry->align, __get_str(reason), __entry->allocated,
		      __entry->ready, __entry->lent, __entry->largest,
		      __entry->attempts, __entry->us, __entry->blocked,
		      __get_str(kind), __entry->refs));

#endif /* _TRACE_CMA_H */

#include <trace/define_trace.h>
