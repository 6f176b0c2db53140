// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: free pages, taken off the page allocator's lists.
 *
 * A free block is taken under the zone's lock and nothing else: no pageblock
 * changes its type, no pcplist is drained. What a block has beyond
 * the run goes back under the same lock, so that nobody sees it missing.
 */
#include <linux/alloc_tag.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/page_owner.h>
#include <linux/pageblock-flags.h>
#include <linux/pgalloc_tag.h>

#include "evac.h"
#include "fault.h"
#include "../internal.h"

/**
 * cma_block_head() - the free block that a page lies in
 * @pfn: any page of an area
 *
 * Context: any. Without the zone's lock the answer is a hint.
 * Return: its first page, or NULL if the page isn't on a list of the page allocator.
 */
struct page *cma_block_head(unsigned long pfn)
{
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		struct page *head = pfn_to_page(ALIGN_DOWN(pfn, 1UL << order));

		if (PageBuddy(head))
			return buddy_order_unsafe(head) >= order ? head : NULL;
	}
	return NULL;
}

/**
 * cma_in_free_block() - is this page on a list of the page allocator?
 * @pfn: any page of an area
 *
 * Context: any. Without the zone's lock the answer is a hint.
 * Return: true if it is free; false also for free pages that a processor keeps.
 */
bool cma_in_free_block(unsigned long pfn)
{
	return cma_block_head(pfn);
}

/* The largest block that starts at @pfn and has no more than so many pages. */
static unsigned int cma_order_at(unsigned long pfn, unsigned long nr_pages)
{
	unsigned int order = min_t(unsigned int, MAX_PAGE_ORDER, __ffs(pfn));

	return min_t(unsigned int, order, ilog2(nr_pages));
}

/**
 * cma_block_order() - the largest block that pages can be prepared as
 * @pfn: its first page
 * @nr_pages: it has no more than so many
 *
 * What is recorded for each page must be undone for each page.
 *
 * Context: any.
 * Return: its order.
 */
unsigned int cma_block_order(unsigned long pfn, unsigned long nr_pages)
{
	return cma_pages_are_tracked() ? 0 : cma_order_at(pfn, nr_pages);
}

/**
 * cma_put_back() - put pages on the lists of free blocks
 * @zone: theirs
 * @pfn: first page; none of them has a reference
 * @nr_pages: number of pages
 *
 * Context: under the zone's lock.
 */
void cma_put_back(struct zone *zone, unsigned long pfn, unsigned long nr_pages)
	__must_hold(&zone->lock)
{
	unsigned long end = pfn + nr_pages, next = pfn;
	int migratetype = 0;

	lockdep_assert_held(&zone->lock);
	while (pfn < end) {
		struct page *page = pfn_to_page(pfn);
		unsigned int order = cma_order_at(pfn, end - pfn);

		/* Looked up once for all the pieces of a pageblock. */
		if (pfn >= next) {
			migratetype = get_pageblock_migratetype(page);
			next = pageblock_end_pfn(pfn);
		}
		order = min_t(unsigned int, order, pageblock_order);
		__putback_isolated_page(page, order, migratetype);
		pfn += 1UL << order;
	}
}

/*
 * Take the pages from @pfn on of the free block @head, no more than @nr_pages, on @list
 * in blocks. Returns how many pages that are; 0 when the zone is too low on memory for
 * it.
 */
static unsigned long cma_take_block(struct zone *zone, struct page *head,
				    unsigned long pfn, unsigned long nr_pages,
				    struct list_head *list)
	__must_hold(&zone->lock)
{
	unsigned long first = page_to_pfn(head), taken, end;
	unsigned int order = buddy_order(head);
	unsigned long last = first + (1UL << order);

	lockdep_assert_held(&zone->lock);
	if (!__isolate_free_page(head, order))
		return 0;
	end = min(pfn + nr_pages, last);
	cma_put_back(zone, first, pfn - first);
	cma_put_back(zone, end, last - end);

	taken = end - pfn;
	while (pfn < end) {
		struct page *page = pfn_to_page(pfn);

		order = cma_order_at(pfn, end - pfn);
		set_page_private(page, order);
		list_add_tail(&page->lru, list);
		pfn += 1UL << order;
	}
	return taken;
}

/*
 * A page allocated as a part of a block keeps what was left in its private field when
 * it was a part of another block, and what its last owner left in the mapping: that isn't
 * to be taken for a new owner's.
 */
static void cma_forget_fields(struct page *page, unsigned long nr_pages)
{
	for (; nr_pages--; page++) {
		set_page_private(page, 0);
		page->mapping = NULL;
	}
}

/**
 * cma_own_block() - a block that was freed becomes single pages of ours
 * @page: its first page; nobody has a reference
 * @order: the block's
 * @gfp: __GFP_ZERO
 *
 * Context: any.
 */
void cma_own_block(struct page *page, unsigned int order, gfp_t gfp)
{
	post_alloc_hook(page, order, gfp);
	cma_forget_fields(page, 1UL << order);
	set_page_refcounted(page);
	if (order)
		split_page(page, order);
}

/*
 * The hardware has failed somewhere in the block, as it may have in a huge page before that
 * was freed. To clear that page, or to fill it with a pattern, may be the end of the machine.
 */
static void cma_own_around_hwpoison(struct page *page, unsigned int order, gfp_t gfp)
{
	struct page *end = page + (1UL << order);

	for (; page < end; page++) {
		if (!PageHWPoison(page)) {
			cma_own_block(page, 0, gfp);
			continue;
		}
		/* As it is freed like the others. */
		set_page_owner(page, 0, gfp);
		pgalloc_tag_add(page, current, 1);
		cma_forget_fields(page, 1);
		set_page_refcounted(page);
	}
}

/**
 * cma_next_hwpoison() - which of these pages has the hardware failed?
 * @pfn: first page
 * @end: behind the last one
 *
 * Context: any.
 * Return: the first one that is marked as failed, or @end.
 */
unsigned long cma_next_hwpoison(unsigned long pfn, unsigned long end)
{
	while (pfn < end && !PageHWPoison(pfn_to_page(pfn)))
		pfn++;
	return pfn;
}

static bool cma_has_hwpoison(const struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page), end = pfn + (1UL << order);

	return cma_next_hwpoison(pfn, end) < end;
}

/* Blocks off the lists become single pages with one reference each. */
static void cma_split_blocks(struct list_head *list, gfp_t gfp)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, lru) {
		unsigned int order = page_private(page);

		list_del(&page->lru);
		if (READ_ONCE(cma_any_hwpoison) && cma_has_hwpoison(page, order))
			cma_own_around_hwpoison(page, order, gfp);
		else
			cma_own_block(page, order, gfp);
	}
}

/**
 * cma_take_leading() - take the free pages that a run begins with
 * @pfn: first page of the run
 * @nr_pages: number of pages
 * @gfp: context, and __GFP_ZERO
 *
 * Context: any.
 * Return: how many pages were taken, each with one reference; the page behind
 * them isn't free, or was refused because memory is low.
 */
unsigned long cma_take_leading(unsigned long pfn, unsigned long nr_pages,
			       gfp_t gfp)
{
	unsigned long start = pfn, end = pfn + nr_pages, span, taken, flags;
	struct zone *zone = page_zone(pfn_to_page(pfn));
	struct page *head;
	LIST_HEAD(list);

	if (cma_fault(CMA_FAULT_TAKE))
		return 0;
	do {
		span = cma_lock_span(pfn, end);
		spin_lock_irqsave(&zone->lock, flags);
		do {
			head = cma_block_head(pfn);
			taken = head ? cma_take_block(zone, head, pfn, end - pfn,
						      &list) : 0;
			pfn += taken;
		} while (taken && pfn < span);
		spin_unlock_irqrestore(&zone->lock, flags);
		cma_split_blocks(&list, gfp);
	} while (taken && pfn < end);
	return pfn - start;
}

/**
 * cma_take_free() - take all free pages of a part of a run
 * @vacancy: the run; what was taken becomes ours
 * @pfn: first page of the part
 * @nr_pages: number of pages
 * @gfp: context, and __GFP_ZERO
 *
 * Context: any.
 */
void cma_take_free(struct cma_vacancy *vacancy, unsigned long pfn,
		   unsigned long nr_pages, gfp_t gfp)
{
	unsigned long end = pfn + nr_pages, span, taken, flags;
	struct zone *zone = page_zone(pfn_to_page(pfn));
	struct page *page;
	LIST_HEAD(list);

	if (cma_fault(CMA_FAULT_TAKE))
		return;
	while (pfn < end) {
		span = cma_lock_span(pfn, end);
		spin_lock_irqsave(&zone->lock, flags);
		/* Only the first page can lie in the middle of a block. */
		page = cma_is_ours(vacancy, pfn) ? NULL : cma_block_head(pfn);
		while (pfn < span) {
			taken = page ? cma_take_block(zone, page, pfn, end - pfn, &list) : 0;
			if (taken)
				cma_make_ours(vacancy, pfn, taken);
			pfn += taken ?: 1;
			page = pfn < span && PageBuddy(pfn_to_page(pfn)) ?
			       pfn_to_page(pfn) : NULL;
		}
		spin_unlock_irqrestore(&zone->lock, flags);
		cma_split_blocks(&list, gfp);
	}
}
