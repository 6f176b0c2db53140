// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the types of its pageblocks, by which the page allocator knows who
 * may have what is lent of them.
 *
 *	MIGRATE_CMA		all that is movable
 *	MIGRATE_CMA_CLEAN	page cache that is read: where borrow says so, and in the
 *				windows for devices
 */
#include <linux/cma.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/spinlock.h>

#include "evac.h"

static bool cma_is_for_cache(const struct cma *cma, unsigned long pfn)
{
	return READ_ONCE(cma->borrow) != CMA_BORROW_ALL || cma_in_window(cma, pfn);
}

/**
 * cma_lent_type() - what the page allocator is told of a page while it is lent
 * @pfn: the page, of an area
 *
 * Context: any.
 * Return: migratetype of its pageblock.
 */
int cma_lent_type(unsigned long pfn)
{
	const struct cma *cma = cma_area_of(pfn);

	return cma && cma_is_active(cma) && cma_is_for_cache(cma, pfn) ?
	       MIGRATE_CMA_CLEAN : MIGRATE_CMA;
}

/* A task that has it isolated sees to the type when that ends. */
static void cma_set_type(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct zone *zone = page_zone(page);
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	if (is_migrate_cma(get_pageblock_migratetype(page)))
		set_pageblock_migratetype(page, cma_lent_type(pfn));
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * cma_pages_retype() - have an allocated run the type that it is to be lent as
 * @cma: the area
 * @pfn: first page of the run, of which none is free
 * @nr_pages: its length
 *
 * A pageblock that has other pages as well is left as it is: what is free of it is on a
 * list of the old type. The next one that isolates it sees to that.
 *
 * Context: any; takes the zone's lock.
 */
void cma_pages_retype(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pageblock_start_pfn(pfn + nr_pages);

	for (pfn = pageblock_align(pfn); pfn < end; pfn += pageblock_nr_pages)
		cma_set_type(pfn);
}

/**
 * cma_retype_block() - have a pageblock the type that it is to be lent as
 * @pfn: its first page, of an area
 * @tries: so often it is tried, half a millisecond apart, while somebody has it isolated
 *
 * What is free of it goes to the list of its type, what is in use does when it is freed.
 *
 * Context: sleeps.
 * Return: false if it was isolated all the time.
 */
bool cma_retype_block(unsigned long pfn, unsigned int tries)
{
	unsigned long end = pfn + pageblock_nr_pages;
	int type;

	do {
		while (start_isolate_page_range(pfn, end, cma_lent_type(pfn), 0, GFP_KERNEL)) {
			if (!--tries)
				return false;
			usleep_range(500, 1000);
		}
		/* Who may have it may change until that is done. */
		type = cma_lent_type(pfn);
		undo_isolate_page_range(pfn, end, type);
	} while (type != cma_lent_type(pfn));
	return true;
}
