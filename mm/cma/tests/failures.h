/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An area with an evacuator that says as a test wants which pages have failed: none is
 * marked, and none is lost. See failures.c.
 */
#ifndef __MM_CMA_TESTS_FAILURES_H__
#define __MM_CMA_TESTS_FAILURES_H__

#include <kunit/test.h>

#include "real.h"

/**
 * struct failures - an area, and what its evacuator says and is told
 * @test: for expectations
 * @cma: the area
 * @evacuator: that of the area meanwhile
 * @has_hwpoison: of the area before
 * @failed: pages that have failed, in ascending order
 * @nr_failed: their number
 * @theirs: what is to be given up has become somebody else's
 * @simulated: what the evacuator was told last
 * @nr_looks: how often it was asked for pages that have failed
 * @nr_lent: pages that it was to lend
 * @gone: pages that it was to give up; they are freed at last
 * @nr_gone: their number
 */
struct failures {
	struct kunit *test;
	struct cma *cma;
	struct cma_evacuator evacuator;
	bool has_hwpoison;
	unsigned long failed[3];
	unsigned int nr_failed;
	bool theirs;
	bool simulated;
	unsigned int nr_looks;
	unsigned long nr_lent;
	unsigned long gone[3];
	unsigned int nr_gone;
};

extern struct failures cma_failures;

struct cma *cma_open_failures(struct kunit *test);
void cma_watch_failures(struct kunit *test, struct cma *cma);
void cma_begin_to_count(struct cma *cma);

unsigned long cma_allocate_alone(struct kunit *test, struct cma *cma, unsigned long nr_pages);
unsigned long cma_make_run_ready(struct kunit *test, struct cma *cma, unsigned long nr_pages);
void cma_release_some(struct kunit *test, struct cma *cma, unsigned long pfn,
		      unsigned long nr_pages);

void cma_expect_had(struct kunit *test, unsigned long pfn, unsigned long nr_pages);
void cma_expect_given_back(struct kunit *test, unsigned long pfn);
void cma_expect_given_up(struct kunit *test, unsigned long pfn);

#endif
