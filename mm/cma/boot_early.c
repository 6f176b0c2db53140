// SPDX-License-Identifier: GPL-2.0
/*
 * Hands out memory of an area before the area is active.
 *
 * There are no books yet. Each range is handed out from its lowest address on,
 * whole pageblocks at a time, and a bitmap with a bit for each pageblock of the
 * area tells where one request ended and the next one began:
 *
 *	 base                   base + nr_early                  end
 *	  |aaaaaaaa|bbbb|cccccccc|...............................|
 *	         ^    ^        ^	bits that are set
 *
 * When the area is activated, each of these becomes an allocated run like any
 * other, and can be released like any other.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/bitmap.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/page-isolation.h>
#include <linux/pgalloc_tag.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "area.h"
#include "boot.h"
#include "boot_early.h"
#include "fault.h"

static unsigned long __init early_block(const struct cma *cma,
					unsigned long pfn)
{
	return (pfn - cma->base_pfn) / pageblock_nr_pages;
}

static size_t __init early_size(const struct cma *cma)
{
	unsigned long blocks = early_block(cma, cma->end_pfn);

	return PAGE_ALIGN(BITS_TO_LONGS(blocks) * sizeof(long));
}

/* Whole pages, as memblock's can be given back only by the page. */
static bool __init early_has_map(struct cma *cma)
{
	if (cma_fault(CMA_FAULT_EARLY))
		return false;
	if (!cma->early && slab_is_available())
		cma->early = kvzalloc(early_size(cma), GFP_KERNEL);
	else if (!cma->early)
		cma->early = memblock_alloc(early_size(cma), PAGE_SIZE);
	return cma->early;
}

/**
 * cma_early_forget() - free what told one early request from the next
 * @cma: the area; what was handed out stays as it is
 *
 * Context: boot, one CPU.
 */
void __init cma_early_forget(struct cma *cma)
{
	if (cma->early && !is_vmalloc_addr(cma->early) &&
	    PageReserved(virt_to_page(cma->early)))
		memblock_free_late(__pa(cma->early), early_size(cma));
	else
		kvfree(cma->early);
	cma->early = NULL;
}

/*
 * Where each section of memory has struct pages of its own, a run can't reach
 * from one to the next when the area is active (see cma_split_ranges()), and
 * where that will be isn't known yet.
 */
#if defined(CONFIG_SPARSEMEM) && !defined(CONFIG_SPARSEMEM_VMEMMAP)
static unsigned long __init early_end(const struct cma_range *range)
{
	unsigned long end = range->base_pfn + range->nr_pages;
	unsigned long next = SECTION_ALIGN_UP(range->base_pfn + 1);

	return next < end ? next - pageblock_nr_pages : end;
}
#else
static unsigned long __init early_end(const struct cma_range *range)
{
	return range->base_pfn + range->nr_pages;
}
#endif

/* How much of a range can still be handed out, where the kernel reaches it? */
static unsigned long __init early_left(const struct cma_range *range)
{
	unsigned long from = range->base_pfn + range->nr_early;
	unsigned long end = early_end(range);
	phys_addr_t high = cma_boot_highmem_start();

	if (high)
		end = min(end, PHYS_PFN(high));
	return from < end ? end - from : 0;
}

static struct cma_range * __init early_find(struct cma *cma,
					    unsigned long nr_pages,
					    unsigned long *most)
{
	struct cma_range *range = cma->ranges;
	unsigned long left;

	for (*most = 0; range < cma->ranges + cma->nr_ranges; range++) {
		left = early_left(range);
		if (left >= nr_pages)
			return range;
		*most = max(*most, left);
	}
	return NULL;
}

/**
 * cma_reserve_early() - take memory from an area that isn't active yet
 * @cma: the area
 * @size: in bytes; a multiple of CMA_MIN_ALIGNMENT_BYTES and of what one bit of
 *	the area's map stands for
 *
 * When the area becomes active the memory is allocated like any other, each page
 * with a reference, and goes back by cma_release() as a whole. It isn't cleared.
 * If the area can't be activated it stays reserved.
 *
 * Context: boot, one CPU, before core initcalls have run. The kernel's memory has to be
 * mapped, which on arm it isn't when areas are declared, nor on riscv for those of its
 * devicetree.
 * Return: the kernel's address of the memory, or NULL, after the reason was
 * reported. High memory has no such address and isn't handed out.
 */
void * __init cma_reserve_early(struct cma *cma, unsigned long size)
{
	unsigned long nr_pages = size >> PAGE_SHIFT, step, most, pfn;
	struct cma_range *range;

	if (!cma) {
		pr_err("no early memory: %lu KiB of no area\n", size >> 10);
		return NULL;
	}
	step = max(CMA_MIN_ALIGNMENT_BYTES, PAGE_SIZE << cma->order_per_bit);
	if (cma->state != CMA_AREA_RESERVED) {
		pr_err("%s: no early memory: %lu KiB, but the area is active or has failed\n",
		       cma->name, size >> 10);
		return NULL;
	}
	if (!size || !IS_ALIGNED(size, step)) {
		pr_err("%s: no early memory: %lu bytes, it must be a multiple of %lu KiB\n",
		       cma->name, size, step >> 10);
		return NULL;
	}
	range = early_find(cma, nr_pages, &most);
	if (!range) {
		pr_err("%s: no early memory: %lu KiB, %lu KiB would fit\n",
		       cma->name, size >> 10, most << (PAGE_SHIFT - 10));
		return NULL;
	}
	if (!early_has_map(cma)) {
		pr_err("%s: no early memory: %lu KiB, and no %zu KiB to note it in\n",
		       cma->name, size >> 10, early_size(cma) >> 10);
		return NULL;
	}

	pfn = range->base_pfn + range->nr_early;
	range->nr_early += nr_pages;
	__set_bit(early_block(cma, pfn + nr_pages) - 1, cma->early);
	/* A guest may have memory that it has to accept first. */
	accept_memory(PFN_PHYS(pfn), size);
	return phys_to_virt(PFN_PHYS(pfn));
}

/* What init_cma_reserved_pageblock() does, but somebody has the pages. */
static void __init early_adopt_block(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	unsigned long i;

	for (i = 0; i < pageblock_nr_pages; i++) {
		__ClearPageReserved(page + i);
		clear_page_tag_ref(page + i);
	}
	set_pageblock_migratetype(page, MIGRATE_CMA);
	adjust_managed_page_count(page, pageblock_nr_pages);
	page_zone(page)->cma_pages += pageblock_nr_pages;
}

/* From the books' point of view it is claimed, and evacuated already. */
static void __init early_enter_run(struct cma *cma, unsigned long pfn,
				   unsigned long nr_pages)
{
	struct cma_extent run = cma_pages_to_run(cma, pfn, nr_pages);
	struct cma_claim claim;

	if (!WARN_ON(!cma_claim_at(cma, run, false, &claim)))
		cma_commit(cma, &claim);
}

static void __init early_adopt_range(struct cma *cma,
				     const struct cma_range *range)
{
	unsigned long pfn = range->base_pfn, nr_pages = 0;
	unsigned long end = pfn + range->nr_early;

	for (; pfn < end; pfn += pageblock_nr_pages) {
		early_adopt_block(pfn);
		nr_pages += pageblock_nr_pages;
		if (!test_bit(early_block(cma, pfn), cma->early))
			continue;
		early_enter_run(cma, pfn + pageblock_nr_pages - nr_pages,
				nr_pages);
		nr_pages = 0;
	}
}

/**
 * cma_early_adopt() - enter what was handed out early into the books
 * @cma: area whose books have just been made, and that isn't active yet
 *
 * Context: boot, one CPU.
 */
void __init cma_early_adopt(struct cma *cma)
{
	const struct cma_range *range = cma->ranges;

	for (; range < cma->ranges + cma->nr_ranges; range++)
		early_adopt_range(cma, range);
	cma_early_forget(cma);
}
