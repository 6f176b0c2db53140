// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: pages without a reference, for users that count in a way of their own.
 */
#include <linux/cma.h>
#include <linux/mm.h>
#include <linux/page_ref.h>

#include "area.h"
#include "evac.h"

/**
 * cma_alloc_frozen() - allocate contiguous pages with a reference count of 0
 * @cma: the area
 * @count: number of pages
 * @align: order of the alignment of the physical address, in pages
 * @no_warn: keep the log quiet about a failure
 *
 * Context: sleeps.
 * Return: the first page, or NULL. Goes back through cma_release_frozen().
 */
struct page *cma_alloc_frozen(struct cma *cma, unsigned long count,
			      unsigned int align, bool no_warn)
{
	struct page *pages = cma_alloc(cma, count, align, no_warn);

	if (pages && !cma_freeze_pages(page_to_pfn(pages), count, GFP_KERNEL)) {
		cma_release(cma, pages, count);
		return NULL;
	}
	return pages;
}

/**
 * cma_alloc_frozen_compound() - allocate a compound page with a count of 0
 * @cma: the area
 * @order: order of the page, at least 1 and not less than the area's unit
 *
 * Context: sleeps. A failure isn't logged.
 * Return: the head page, or NULL. Goes back through cma_release_frozen().
 */
struct page *cma_alloc_frozen_compound(struct cma *cma, unsigned int order)
{
	struct folio *folio = cma_alloc_folio(cma, order, GFP_KERNEL |
					      __GFP_COMP | __GFP_NOWARN);

	if (!folio)
		return NULL;
	if (!cma_freeze_pages(folio_pfn(folio), 1, GFP_KERNEL)) {
		cma_free_folio(cma, folio);
		return NULL;
	}
	return &folio->page;
}

/* All of them frozen: nothing that cma_alloc() handed out, or somebody holds. */
static bool cma_are_frozen(unsigned long pfn, unsigned long count)
{
	while (count--)
		if (page_ref_count(pfn_to_page(pfn++)))
			return false;
	return true;
}

/* A folio has one reference, at its head. */
static void cma_unfreeze(unsigned long pfn, unsigned long count)
{
	unsigned long end = pfn + count;
	struct page *page;

	for (; pfn < end; pfn += compound_nr(page)) {
		page = pfn_to_page(pfn);
		page_ref_unfreeze(page, 1);
	}
}

/* Nothing gets a reference that cma_release() is going to refuse. */
static bool cma_may_release(struct cma *cma, unsigned long pfn,
			    unsigned long count)
{
	return cma_are_allocated(cma, pfn, count) &&
	       cma_ends_unit(cma, pfn, count) && !cma_cut_folio(pfn, count);
}

/**
 * cma_release_frozen() - give frozen pages back
 * @cma: the area that they were allocated from
 * @pages: the first page
 * @count: number of pages
 *
 * Context: any.
 * Return: as cma_release(). Pages that aren't all allocated, or not all frozen,
 * are refused and left alone.
 */
bool cma_release_frozen(struct cma *cma, const struct page *pages,
			unsigned long count)
{
	unsigned long pfn;

	if (!cma_pages_valid(cma, pages, count))
		return cma_release(cma, pages, count);
	pfn = page_to_pfn(pages);
	if (cma_may_release(cma, pfn, count)) {
		if (WARN_ON_ONCE(!cma_are_frozen(pfn, count)))
			return true;
		cma_unfreeze(pfn, count);
	}
	/* Refuses, with a message, what isn't allocated. */
	return cma_release(cma, pages, count);
}
