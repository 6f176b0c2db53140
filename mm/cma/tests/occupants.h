/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Occupants: pages of a page cache at known places of the area "kunit0", which is
 * reserved at boot for tests. While there are any, nothing of it is READY.
 */
#ifndef __CMA_OCCUPANTS_H__
#define __CMA_OCCUPANTS_H__

#include <kunit/test.h>
#include <linux/fs.h>

#include "real.h"

/**
 * struct occupants - a file all of whose pages are occupants
 * @test: for expectations
 * @cma: the area
 * @file: the file
 * @nr: number of occupants; they are numbered in the file
 */
struct occupants {
	struct kunit *test;
	struct cma *cma;
	struct file *file;
	unsigned int nr;
};

struct occupants *cma_open_occupants(struct kunit *test);

static inline unsigned long cma_occupants_base(const struct occupants *occupants)
{
	return occupants->cma->base_pfn;
}

struct page *cma_take_page(struct occupants *occupants, unsigned long offset);
struct folio *cma_occupy(struct occupants *occupants, struct page *page);
struct folio *cma_occupy_clean(struct occupants *occupants, struct page *page);
struct folio *cma_occupy_large(struct occupants *occupants, bool dirty);
struct folio *cma_take_occupant(struct occupants *occupants);
void cma_expect_occupant(struct occupants *occupants, unsigned int index,
			 struct folio *where, bool moved);
void cma_expect_dropped(struct occupants *occupants, unsigned int index);
void cma_occupant_pin(struct folio *folio, int pins);

int cma_occupants_evacuate(struct occupants *occupants,
			   struct cma_evacuation *evacuation);
bool cma_occupants_prepare(struct occupants *occupants, unsigned long pfn,
			   unsigned long nr_pages, gfp_t gfp, bool used);
void cma_occupants_lend(struct occupants *occupants,
			struct cma_evacuation *evacuation);

/* The pages are ours; and a run is free that isn't. */
void cma_expect_ours(struct kunit *test, unsigned long pfn,
		     unsigned long nr_pages);
void cma_occupants_expect_free(struct occupants *occupants, unsigned long pfn,
			       unsigned long nr_pages);

/* As cma_open_occupants(), where a worker would empty a long run. */
struct occupants *cma_open_long_occupants(struct kunit *test);

/* Files whose occupants tell whether a worker migrated the last one of them. */
extern bool cma_moved_by_worker;
extern const struct address_space_operations cma_noted_aops;

/* Threads that have the same processor as the caller. */
int cma_be_busy(void *data);
struct task_struct *cma_start_here(struct kunit *test, int (*fn)(void *data),
				   void *data);

#endif /* __CMA_OCCUPANTS_H__ */
