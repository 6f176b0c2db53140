// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: the kinds of pages that stand in the way of an evacuation.
 */
#include <linux/gfp.h>

#include "evacuator.h"

const struct cma_page_kind_facts cma_page_kinds[NR_CMA_PAGE_KINDS] = {
	[CMA_PAGE_NONE] = { "unknown", .explains = true },
	[CMA_PAGE_FREEING] = { "free-in-flight" },
	[CMA_PAGE_PINNED] = { "pinned", .explains = true, .lasting = true },
	[CMA_PAGE_WRITEBACK] = { "writeback", .explains = true },
	[CMA_PAGE_REFERENCED] = { "referenced", .explains = true, .batched = true },
	[CMA_PAGE_BUFFERS] = { "buffers-in-use", .explains = true, .batched = true },
	[CMA_PAGE_MLOCKED] = { "mlocked" },
	[CMA_PAGE_HUGETLB] = { "hugetlb", .explains = true, .lasting = true },
	[CMA_PAGE_UNMOVABLE] = { "unmovable", .explains = true, .batched = true,
				 .lasting = true },
	[CMA_PAGE_OTHER] = { "movable" },
};

/**
 * cma_page_kind_name() - the name of a kind of page
 * @kind: the kind
 *
 * Context: any.
 * Return: a word for messages and file names; never NULL.
 */
const char *cma_page_kind_name(enum cma_page_kind kind)
{
	return cma_page_kinds[kind < NR_CMA_PAGE_KINDS ? kind : 0].name;
}
