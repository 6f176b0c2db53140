/* SPDX-License-Identifier: GPL-2.0 */
/* A file in memory that is outside areas; see outside.c. */
#ifndef __MM_CMA_TESTS_OUTSIDE_H__
#define __MM_CMA_TESTS_OUTSIDE_H__

#include <kunit/test.h>

#include "../move_in.h"

#define CMA_OUTSIDE_PAGES	48

/**
 * struct cma_outside - a file, and where it is
 * @test: for expectations
 * @cma: an area with room
 * @zone: the zone that the file is in
 * @file: has CMA_OUTSIDE_PAGES pages with a word of their own each
 * @low_pfn: the lowest of its pages
 * @high_pfn: the highest of them
 */
struct cma_outside {
	struct kunit *test;
	struct cma *cma;
	struct zone *zone;
	struct file *file;
	unsigned long low_pfn;
	unsigned long high_pfn;
};

struct zone *cma_zone_of_areas(struct kunit *test);
void cma_make_zone_short(struct kunit *test, struct zone *zone);

struct cma_outside *cma_open_outside(struct kunit *test);
struct cma_outside *cma_open_outside_in(struct kunit *test, struct zone *zone, gfp_t gfp);
struct folio *cma_outside_folio(struct cma_outside *outside, pgoff_t index);
unsigned int cma_count_inside(struct cma_outside *outside);

unsigned long cma_move_up_to(struct cma_outside *outside, struct zone *highest,
			     unsigned long nr_pages, gfp_t gfp);
unsigned long cma_move_in_all(struct cma_outside *outside, gfp_t gfp);

#endif
