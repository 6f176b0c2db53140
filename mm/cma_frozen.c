// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: pages without a reference, for those who count in a way
 * of their own.
 */
#include <linux/cma.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "cma.h"

static void cma_set_counts(struct page *pages, unsigned long count, int refs)
{
	while (count--)
		set_page_count(pages++, refs);
}

/**
 * cma_alloc_frozen - allocate contiguous pages with a reference count of 0
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

	if (pages)
		cma_set_counts(pages, count, 0);
	return pages;
}
EXPORT_SYMBOL_GPL(cma_alloc_frozen);

/**
 * cma_alloc_frozen_compound - allocate a compound page with a count of 0
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
	set_page_count(&folio->page, 0);
	return &folio->page;
}
EXPORT_SYMBOL_GPL(cma_alloc_frozen_compound);

/* All of them frozen: nothing that cma_alloc() handed out, or somebody holds. */
static bool cma_are_frozen(const struct page *pages, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		if (page_ref_count(pages + i))
			return false;
	return true;
}

/**
 * cma_release_frozen - give frozen pages back
 * @cma: the area that they were allocated from
 * @pages: the first page
 * @count: number of pages, as they were allocated
 *
 * Context: any.
 * Return: as cma_release(). Pages that aren't one whole allocated run, or not
 * frozen, are refused and left alone.
 */
bool cma_release_frozen(struct cma *cma, const struct page *pages,
			unsigned long count)
{
	struct page *first = (struct page *)pages;

	if (!cma_pages_valid(cma, pages, count))
		return cma_release(cma, pages, count);
	if (cma_is_run(cma, page_to_pfn(pages), count)) {
		if (WARN_ON_ONCE(!cma_are_frozen(pages, count)))
			return true;
		cma_set_counts(first, PageHead(first) ? 1 : count, 1);
	}
	/* Refuses, with a message, what isn't a run. */
	return cma_release(cma, pages, count);
}
EXPORT_SYMBOL_GPL(cma_release_frozen);
