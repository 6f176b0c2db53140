// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of include/trace/events/cma.h, as it is used to attach to tracepoints by
 * their prototypes: that these are as in 6.12 is checked when this is compiled.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "real.h"

#include <trace/events/cma.h>

/* What the probes have seen of requests of the area under test */
struct seen {
	const char *area;
	unsigned int started, finished, retried, released;
	unsigned long pfn, count;
	const struct page *page;
	unsigned int align;
	int err;
};

static bool is_watched(const struct seen *seen, const char *name)
{
	return !strcmp(name, seen->area);
}

static void probe_start(void *data, const char *name, unsigned long count,
			unsigned int align)
{
	struct seen *seen = data;

	seen->started += is_watched(seen, name);
}

static void probe_finish(void *data, const char *name, unsigned long pfn,
			 const struct page *page, unsigned long count,
			 unsigned int align, int err)
{
	struct seen *seen = data;

	if (!is_watched(seen, name))
		return;
	seen->finished++;
	seen->pfn = pfn;
	seen->page = page;
	seen->count = count;
	seen->align = align;
	seen->err = err;
}

static void probe_retry(void *data, const char *name, unsigned long pfn,
			const struct page *page, unsigned long count,
			unsigned int align)
{
	struct seen *seen = data;

	seen->retried += is_watched(seen, name);
}

static void probe_release(void *data, const char *name, unsigned long pfn,
			  const struct page *page, unsigned long count)
{
	struct seen *seen = data;

	seen->released += is_watched(seen, name);
}

static void watch(struct kunit *test, struct seen *seen)
{
	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs CONFIG_TRACEPOINTS");
	KUNIT_EXPECT_EQ(test, register_trace_cma_alloc_start(probe_start, seen),
			0);
	KUNIT_EXPECT_EQ(test,
			register_trace_cma_alloc_finish(probe_finish, seen), 0);
	KUNIT_EXPECT_EQ(test,
			register_trace_cma_alloc_busy_retry(probe_retry, seen),
			0);
	KUNIT_EXPECT_EQ(test, register_trace_cma_release(probe_release, seen),
			0);
}

static void unwatch(struct seen *seen)
{
	unregister_trace_cma_release(probe_release, seen);
	unregister_trace_cma_alloc_busy_retry(probe_retry, seen);
	unregister_trace_cma_alloc_finish(probe_finish, seen);
	unregister_trace_cma_alloc_start(probe_start, seen);
	tracepoint_synchronize_unregister();
}

static void raw_probes_of_6_12_see_a_request_and_its_release(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct seen seen = { .area = cma_get_name(cma) };
	struct page *page;

	watch(test, &seen);
	page = cma_alloc(cma, 8, 3, false);
	if (page)
		cma_release(cma, page, 8);
	unwatch(&seen);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, seen.started, 1);
	KUNIT_EXPECT_EQ(test, seen.finished, 1);
	KUNIT_EXPECT_EQ(test, seen.released, 1);
	KUNIT_EXPECT_EQ(test, seen.pfn, page_to_pfn(page));
	KUNIT_EXPECT_PTR_EQ(test, seen.page, page);
	KUNIT_EXPECT_EQ(test, seen.count, 8);
	KUNIT_EXPECT_EQ(test, seen.align, 3);
	KUNIT_EXPECT_EQ(test, seen.err, 0);
}

static void raw_probes_of_6_12_see_a_failure(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct seen seen = { .area = cma_get_name(cma) };
	unsigned long count = cma_get_size(cma) / PAGE_SIZE + 1;
	struct page *page;

	watch(test, &seen);
	page = cma_alloc(cma, count, 0, true);
	unwatch(&seen);

	KUNIT_EXPECT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, seen.finished, 1);
	KUNIT_EXPECT_NULL(test, seen.page);
	KUNIT_EXPECT_EQ(test, seen.count, count);
	KUNIT_EXPECT_LT(test, seen.err, 0);
}

/* ---- What is ours ---- */

struct failure {
	const char *area;
	enum cma_reason reason;
	unsigned long count, lent;
	unsigned int seen;
};

static void probe_failed(void *data, const char *name, const struct cma_request *request,
			 const struct cma_work *work, const struct cma_usage *usage, s64 us)
{
	struct failure *failure = data;

	if (strcmp(name, failure->area))
		return;
	failure->seen++;
	failure->reason = request->reason;
	failure->count = request->count;
	failure->lent = usage->lent;
}

/* The log says nothing of it. */
static void a_failure_is_traced_also_where_the_log_is_to_be_quiet(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct failure failure = { .area = cma_get_name(cma) };
	unsigned long count = cma_get_size(cma) / PAGE_SIZE + 1;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "needs CONFIG_TRACEPOINTS");
	KUNIT_ASSERT_EQ(test, register_trace_cma_alloc_failed(probe_failed, &failure), 0);
	KUNIT_EXPECT_NULL(test, cma_alloc(cma, count, 0, true));
	unregister_trace_cma_alloc_failed(probe_failed, &failure);
	tracepoint_synchronize_unregister();

	KUNIT_EXPECT_EQ(test, failure.seen, 1);
	KUNIT_EXPECT_EQ(test, failure.reason, CMA_REASON_TOO_BIG);
	KUNIT_EXPECT_EQ(test, failure.count, count);
	KUNIT_EXPECT_GT(test, failure.lent, 0);
}

static struct kunit_case trace_cases[] = {
	KUNIT_CASE(raw_probes_of_6_12_see_a_request_and_its_release),
	KUNIT_CASE(raw_probes_of_6_12_see_a_failure),
	KUNIT_CASE(a_failure_is_traced_also_where_the_log_is_to_be_quiet),
	{}
};

static struct kunit_suite trace_suite = {
	.name = "cma_trace",
	.test_cases = trace_cases,
};

kunit_test_suite(trace_suite);
