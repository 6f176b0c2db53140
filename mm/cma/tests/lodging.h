/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lodgers: pages of a page cache at known places of the area "kunit0", which is
 * reserved at boot for tests. While there are any, nothing of it is READY.
 */
#ifndef __CMA_LODGING_H__
#define __CMA_LODGING_H__

#include <kunit/test.h>
#include <linux/fs.h>

#include "real.h"

/**
 * struct lodging - a file all of whose pages are lodgers
 * @test: for expectations
 * @cma: the area
 * @file: the file
 * @nr: number of lodgers; they are numbered in the file
 */
struct lodging {
	struct kunit *test;
	struct cma *cma;
	struct file *file;
	unsigned int nr;
};

struct lodging *cma_open_lodging(struct kunit *test);

static inline unsigned long cma_lodging_base(const struct lodging *lodging)
{
	return lodging->cma->base_pfn;
}

struct page *cma_take_page(struct lodging *lodging, unsigned long offset);
struct folio *cma_lodge(struct lodging *lodging, struct page *page);
struct folio *cma_lodge_clean(struct lodging *lodging, struct page *page);
struct folio *cma_lodge_large(struct lodging *lodging, bool dirty);
struct folio *cma_take_lodger(struct lodging *lodging);
void cma_expect_lodger(struct lodging *lodging, unsigned int index,
		       struct folio *where, bool moved);
void cma_lodger_pin(struct folio *folio, int pins);

int cma_lodging_evacuate(struct lodging *lodging,
			 struct cma_evacuation *evacuation);
bool cma_lodging_prepare(struct lodging *lodging, unsigned long pfn,
			 unsigned long nr_pages, gfp_t gfp, bool used);
void cma_lodging_lend(struct lodging *lodging,
		      struct cma_evacuation *evacuation);

/* The pages are ours; and a run is free that isn't. */
void cma_expect_ours(struct kunit *test, unsigned long pfn,
		     unsigned long nr_pages);
void cma_lodging_expect_free(struct lodging *lodging, unsigned long pfn,
			     unsigned long nr_pages);

/* As cma_open_lodging(), where a worker would empty a long run. */
struct lodging *cma_open_long_lodging(struct kunit *test);

/* Files whose lodgers tell whether a worker migrated the last one of them. */
extern bool cma_moved_by_worker;
extern const struct address_space_operations cma_noted_aops;

/* Threads that have the same processor as the caller. */
int cma_be_busy(void *data);
struct task_struct *cma_start_here(struct kunit *test, int (*fn)(void *data),
				   void *data);

#endif /* __CMA_LODGING_H__ */
