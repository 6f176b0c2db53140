// SPDX-License-Identifier: GPL-2.0
/*
 * Occupants: pages of a page cache at known places of a real area.
 */
#include <linux/alloc_tag.h>
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "../evac.h"
#include "../../internal.h"
#include "occupants.h"

#define OCCUPANT_MAGIC	0xc0ffee00u

static const struct address_space_operations occupants_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
};

static const struct file_operations occupants_fops = {
};

static void close_occupants(void *data)
{
	struct occupants *occupants = data;

	invalidate_mapping_pages(occupants->file->f_mapping, 0, -1);
	truncate_inode_pages(occupants->file->f_mapping, 0);
	fput(occupants->file);
	cma_set_ready_max(occupants->cma, occupants->cma->nr_pages);
	KUNIT_EXPECT_TRUE(occupants->test, cma_check(occupants->cma));
}

/* What the tests before have found stuck is gone. */
static void forget_notes(struct cma *cma)
{
	spin_lock_irq(&cma->lock);
	cma_skip_clear(&cma->skip);
	spin_unlock_irq(&cma->lock);
}

struct occupants *cma_open_occupants(struct kunit *test)
{
	struct occupants *occupants = kunit_kzalloc(test, sizeof(*occupants),
						    GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, occupants);
	occupants->test = test;
	occupants->cma = cma_real_area(test, "kunit0");
	/* There is nobody to evacuate where pages are READY. */
	cma_set_ready_max(occupants->cma, 0);
	forget_notes(occupants->cma);
	/* Windows would be looked at first. */
	cma_end_demand(occupants->cma, 0);
	/* Pages of former occupants look as if they were in use until then. */
	lru_add_drain_all();
	drain_all_pages(NULL);
	occupants->file = anon_inode_create_getfile("[occupants]", &occupants_fops,
						    NULL, O_RDWR, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(occupants->file));
	occupants->file->f_mapping->a_ops = &occupants_aops;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_occupants,
							occupants), 0);
	return occupants;
}

static u32 *words(struct folio *folio)
{
	return folio_address(folio);
}

static struct folio *settle(struct occupants *occupants, struct page *page,
			    bool dirty)
{
	struct kunit *test = occupants->test;
	struct folio *folio = page_folio(page);

	memset32(words(folio), OCCUPANT_MAGIC + occupants->nr, PAGE_SIZE / 4);
	KUNIT_ASSERT_EQ(test, filemap_add_folio(occupants->file->f_mapping, folio,
						occupants->nr++, GFP_KERNEL), 0);
	folio_mark_uptodate(folio);
	if (dirty)
		folio_mark_dirty(folio);
	folio_unlock(folio);
	lru_add_drain_all();
	cma_real_forget(test, occupants->cma, page_to_pfn(page), 1);
	folio_put(folio);
	return folio;
}

/* An allocated page becomes a dirty one of the page cache, where it is. */
struct folio *cma_occupy(struct occupants *occupants, struct page *page)
{
	return settle(occupants, page, true);
}

/* The same, and what is in it could be read again. */
struct folio *cma_occupy_clean(struct occupants *occupants, struct page *page)
{
	return settle(occupants, page, false);
}

/* Allocate the page so many pages behind the area's first one. */
struct page *cma_take_page(struct occupants *occupants, unsigned long offset)
{
	struct cma *cma = occupants->cma;
	struct cma_evacuation evacuation = {
		.pfn = cma->base_pfn + offset, .nr_pages = 1, .effort = CMA_EFFORT_THOROUGH,
	};
	struct kunit *test = occupants->test;
	struct cma_claim claim;
	int err;

	KUNIT_ASSERT_TRUE(test, cma_claim_at(cma, cma_extent_at(offset, 1), true, &claim));
	err = cma_occupants_evacuate(occupants, &evacuation);
	/* The claim is on the stack of a thread that an assertion ends. */
	if (err)
		cma_abort(cma, &claim);
	KUNIT_ASSERT_EQ(test, err, 0);
	cma_commit(cma, &claim);
	return pfn_to_page(evacuation.pfn);
}

/* An occupant at the area's first page. */
struct folio *cma_take_occupant(struct occupants *occupants)
{
	return cma_occupy(occupants, cma_take_page(occupants, 0));
}

/* The area's first eight pages become one folio of the file. */
struct folio *cma_occupy_large(struct occupants *occupants, bool dirty)
{
	struct kunit *test = occupants->test;
	struct folio *folio;
	struct page *page;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		kunit_skip(test, "needs CONFIG_TRANSPARENT_HUGEPAGE");
	page = cma_alloc(occupants->cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, page_to_pfn(page), cma_occupants_base(occupants));
	KUNIT_ASSERT_TRUE(test, cma_occupants_prepare(occupants, page_to_pfn(page), 8,
						      GFP_KERNEL | __GFP_COMP,
						      false));
	folio = page_rmappable_folio(page);
	mapping_set_large_folios(occupants->file->f_mapping);
	for (i = 0; i < 8; i++)
		*(unsigned int *)page_address(page + i) = i;
	KUNIT_ASSERT_EQ(test, filemap_add_folio(occupants->file->f_mapping, folio,
						0, GFP_KERNEL), 0);
	folio_mark_uptodate(folio);
	if (dirty)
		folio_mark_dirty(folio);
	folio_unlock(folio);
	lru_add_drain_all();
	cma_real_forget(test, occupants->cma, folio_pfn(folio), 8);
	folio_put(folio);
	return folio;
}

/* The page is where it is expected to be, with what was written to it. */
void cma_expect_occupant(struct occupants *occupants, unsigned int index,
			 struct folio *where, bool moved)
{
	struct kunit *test = occupants->test;
	struct folio *folio = filemap_get_folio(occupants->file->f_mapping,
						index);

	KUNIT_ASSERT_FALSE(test, IS_ERR(folio));
	KUNIT_EXPECT_EQ(test, folio != where, moved);
	KUNIT_EXPECT_EQ(test, words(folio)[0], OCCUPANT_MAGIC + index);
	KUNIT_EXPECT_EQ(test, words(folio)[PAGE_SIZE / 4 - 1],
			OCCUPANT_MAGIC + index);
	folio_put(folio);
}

/* The page isn't in the file any more. */
void cma_expect_dropped(struct occupants *occupants, unsigned int index)
{
	struct folio *folio = filemap_get_folio(occupants->file->f_mapping,
						index);

	KUNIT_EXPECT_EQ(occupants->test, PTR_ERR(folio), -ENOENT);
}

int cma_occupants_evacuate(struct occupants *occupants,
			   struct cma_evacuation *evacuation)
{
	evacuation->gfp = evacuation->gfp ?: GFP_KERNEL | __GFP_NOWARN;
	return alloc_hooks(cma_page_evacuator.evacuate(occupants->cma, evacuation));
}

void cma_occupants_lend(struct occupants *occupants,
			struct cma_evacuation *evacuation)
{
	cma_page_evacuator.lend(occupants->cma, evacuation->pfn,
				evacuation->nr_pages);
}

bool cma_occupants_prepare(struct occupants *occupants, unsigned long pfn,
			   unsigned long nr_pages, gfp_t gfp, bool used)
{
	return alloc_hooks(cma_page_evacuator.prepare(occupants->cma, pfn, nr_pages,
						      gfp, used));
}

void cma_expect_ours(struct kunit *test, unsigned long pfn,
		     unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(pfn_to_page(pfn + i)), 1);
}

/* Take a run of which everything is free; it has been so, then. */
void cma_occupants_expect_free(struct occupants *occupants, unsigned long pfn,
			       unsigned long nr_pages)
{
	struct cma_evacuation evacuation = {
		.pfn = pfn, .nr_pages = nr_pages, .gfp = GFP_NOWAIT,
		.effort = CMA_EFFORT_CLEAR,
	};

	KUNIT_ASSERT_EQ(occupants->test, 0,
			cma_occupants_evacuate(occupants, &evacuation));
	cma_expect_ours(occupants->test, pfn, nr_pages);
	cma_occupants_lend(occupants, &evacuation);
}

/* The same as a pin of a page that isn't part of a larger folio. */
void cma_occupant_pin(struct folio *folio, int pins)
{
	folio_ref_add(folio, pins * GUP_PIN_COUNTING_BIAS);
}

/* The area, if a worker would empty a long run of it. */
struct occupants *cma_open_long_occupants(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);

	if (cma_pages_are_tracked() || occupants->cma->nr_pages < 4096)
		kunit_skip(test, "needs 4096 pages without records");
	return occupants;
}

bool cma_moved_by_worker;

static int note_mover(struct address_space *mapping, struct folio *dst,
		      struct folio *src, enum migrate_mode mode)
{
	cma_moved_by_worker = current->flags & PF_WQ_WORKER;
	return filemap_migrate_folio(mapping, dst, src, mode);
}

const struct address_space_operations cma_noted_aops = {
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= note_mover,
};

int cma_be_busy(void *data)
{
	while (!kthread_should_stop())
		cond_resched();
	return 0;
}

/* Start a thread on this processor, from which the caller can't migrate. */
struct task_struct *cma_start_here(struct kunit *test,
				   int (*fn)(void *data), void *data)
{
	struct task_struct *task = kthread_create(fn, data, "cma-test");

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, raw_smp_processor_id());
	wake_up_process(task);
	return task;
}
