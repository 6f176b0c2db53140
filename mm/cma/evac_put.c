// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: references of the area's own, which are dropped or taken away.
 *
 * A page that was handed out comes back with one reference. It goes to the page allocator
 * in as large a block as it can, unless it turns out to be somebody else's by now.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>
#include <linux/sched.h>

#include "evac.h"
#include "../internal.h"
#include "../page_reporting.h"

/* What a page of ours has none of. PG_locked isn't among them, as others may take the lock. */
#define CMA_FLAGS_OF_OTHERS	(BIT(PG_head) | BIT(PG_lru) | BIT(PG_swapbacked))

/* What a page has that none of ours has; 0 if it looks like one. */
static unsigned long cma_marks_of_others(const struct page *page, unsigned long flags)
{
	/* Nobody writes to whom it is charged as long as it is ours. */
	unsigned long marks = data_race(cma_memcg_of(page));

	/* One comparison of all is less than one of each. */
	marks |= (unsigned long)READ_ONCE(page->mapping);
	marks |= READ_ONCE(page->flags) & flags;
	return marks | (atomic_read(&page->_mapcount) + 1);
}

/*
 * Has a page of ours become somebody else's? Its former owner has put it once more, after
 * it was given back, and the page allocator has it, or has handed it out. What its fields
 * show is no proof of the contrary.
 */
static bool cma_is_lost(const struct page *page)
{
	return !page_ref_count(page) || cma_marks_of_others(page, CMA_FLAGS_OF_OTHERS);
}

/**
 * cma_has_lost() - has one of these pages become somebody else's while it was READY?
 * @pfn: first page, each with a reference of the area's
 * @nr_pages: number of pages
 *
 * Context: any.
 * Return: whether that shows.
 */
bool cma_has_lost(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages;

	while (pfn < end)
		if (cma_is_lost(pfn_to_page(pfn++)))
			return true;
	return false;
}

/* What cma_put_ours() does about a page that isn't like most. */
static noinline bool cma_put_odd(struct page *page, bool *referenced)
{
	if (cma_is_lost(page)) {
		pr_err_ratelimited("cma: pfn %#lx was put by its owner after it had been given back: it is left alone\n",
				   page_to_pfn(page));
	} else if (PageHWPoison(page)) {
		__free_page(page);
		return false;
	} else if (put_page_testzero(page)) {
		return true;
	}
	*referenced = true;
	return false;
}

/*
 * Drop the one reference of a page. False if it isn't to be freed with others: there is
 * another reference, with which it is freed; it is somebody else's; or the hardware has
 * failed there, and nobody is to get it again.
 */
static __always_inline bool cma_put_ours(struct page *page, bool *referenced)
{
	if (likely(!cma_marks_of_others(page, CMA_FLAGS_OF_OTHERS | __PG_HWPOISON) &&
		   page_ref_freeze(page, 1)))
		return true;
	return cma_put_odd(page, referenced);
}

/* As above, each page of a block. False if that is no block to be freed: its pages were. */
static bool cma_put_block(struct page *page, unsigned int order,
			  bool *referenced)
{
	unsigned long i = 0, rest, nr = 1UL << order;

	while (i < nr && cma_put_ours(page + i, referenced))
		i++;
	if (i == nr)
		return true;

	for (rest = i + 1; rest < nr; rest++)
		if (cma_put_ours(page + rest, referenced))
			free_unref_page(page + rest, 0);
	while (i--)
		free_unref_page(page + i, 0);
	return false;
}

/*
 * Whether a block can be free. If one of its pages isn't fit for use, that has been
 * reported, and the others have been freed without it.
 */
static bool cma_prepare_block(struct page *page, unsigned int order)
{
	unsigned long i;

	if (free_pages_prepare(page, order))
		return true;
	for (i = 0; order && i < 1UL << order; i++)
		free_unref_page(page + i, 0);
	return false;
}

#ifdef CONFIG_PAGE_REPORTING
/* It is told of what there is to report: the block that freed pages are in now. */
static void cma_notify_reporting(unsigned long pfn)
{
	struct page *head;

	if (!static_branch_unlikely(&page_reporting_enabled))
		return;
	head = cma_block_head(pfn);
	if (head)
		page_reporting_notify_free(buddy_order(head));
}
#else
static void cma_notify_reporting(unsigned long pfn)
{
}
#endif

/*
 * Pages of an area don't go to a pcplist: there they would be
 * neither in use nor to be had.
 */
static void cma_return_blocks(struct list_head *list)
{
	struct page *page, *next;
	unsigned long flags, pfn;
	struct zone *zone;

	if (list_empty(list))
		return;
	zone = page_zone(list_first_entry(list, struct page, lru));
	spin_lock_irqsave(&zone->lock, flags);
	list_for_each_entry_safe(page, next, list, lru) {
		unsigned int order = page_private(page);

		list_del(&page->lru);
		set_page_private(page, 0);
		pfn = page_to_pfn(page);
		cma_put_back(zone, pfn, 1UL << order);
		__count_vm_events(PGFREE, 1 << order);
		cma_notify_reporting(pfn);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * cma_put_free() - drop a reference of each page, and free them in maximal blocks
 * @pfn: first page
 * @nr_pages: number of pages, each with a reference; none of them is compound
 *
 * Context: any.
 * Return: false if somebody else has a reference to one of them, too; such a
 * page is freed when that is dropped.
 */
bool cma_put_free(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, span;
	bool referenced = false;
	LIST_HEAD(list);

	while (pfn < end) {
		span = cma_lock_span(pfn, end);
		while (pfn < span) {
			struct page *page = pfn_to_page(pfn);
			unsigned int order = cma_block_order(pfn, span - pfn);

			pfn += 1UL << order;
			if (cma_put_block(page, order, &referenced) &&
			    cma_prepare_block(page, order)) {
				set_page_private(page, order);
				list_add_tail(&page->lru, &list);
			}
		}
		cma_return_blocks(&list);
	}
	return !referenced;
}

/*
 * So many ticks are enough for all that look pages of a run up in passing. They are
 * so few that no signal has to end them.
 */
#define CMA_FREEZE_TICKS	10

static bool cma_freeze_page(struct page *page, unsigned int *ticks)
{
	while (!page_ref_freeze(page, 1)) {
		if (!*ticks)
			return false;
		--*ticks;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

/**
 * cma_freeze_pages() - take the one reference of each page away
 * @pfn: first page
 * @nr_pages: number of pages, each with one reference
 * @gfp: whether this may sleep
 *
 * A page that was in use a moment ago may be looked up yet, by a task that takes a
 * reference and drops it when it sees that this is another page by now. To write the
 * count without a look at it would rob the task of that reference.
 *
 * Context: as @gfp says.
 * Return: false, and nothing has changed, if somebody doesn't let go of a page.
 */
bool cma_freeze_pages(unsigned long pfn, unsigned long nr_pages, gfp_t gfp)
{
	unsigned int ticks = gfpflags_allow_blocking(gfp) ? CMA_FREEZE_TICKS : 0;
	unsigned long i;

	for (i = 0; i < nr_pages; i++)
		if (!cma_freeze_page(pfn_to_page(pfn + i), &ticks))
			break;
	if (i == nr_pages)
		return true;
	while (i--)
		page_ref_unfreeze(pfn_to_page(pfn + i), 1);
	return false;
}
