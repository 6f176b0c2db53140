// SPDX-License-Identifier: GPL-2.0
/*
 * Lends areas to the page allocator as soon as that is complete, or gives their
 * memory away if that can't be done.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "area.h"
#include "boot_early.h"
#include "init.h"
#include "owner.h"
#include "../internal.h"

static bool __init activate_is_reserved(unsigned long pfn)
{
	return pfn_valid(pfn) && PageReserved(pfn_to_page(pfn));
}

/* Only now there are zones. Each page counts: they begin where they like. */
static bool __init activate_in_one_zone(const struct cma *cma,
					const struct cma_range *range)
{
	unsigned long base = range->base_pfn, end = base + range->nr_pages;
	struct zone *zone = NULL;
	struct page *page;
	unsigned long pfn;

	for (pfn = base; pfn < end; pfn++) {
		if (!activate_is_reserved(pfn)) {
			pr_err("%s: can't be activated: page %#lx of [%#lx-%#lx] isn't reserved memory\n",
			       cma->name, pfn, base, end - 1);
			return false;
		}
		page = pfn_to_page(pfn);
		if (!zone)
			zone = page_zone(page);
		if (page_zone(page) == zone)
			continue;
		pr_err("%s: can't be activated: of the pages [%#lx-%#lx] those below %#lx are in zone %s of node %d, the next one is in zone %s of node %d; an area must be in one zone\n",
		       cma->name, base, end - 1, pfn, zone->name,
		       zone_to_nid(zone), page_zone(page)->name,
		       page_to_nid(page));
		return false;
	}
	return true;
}

/*
 * The owner of a run goes from page to page by arithmetic. Where struct pages
 * aren't mapped as one, each section of memory has its own, and those of two
 * neighbours can be anywhere.
 */
VISIBLE_IF_KUNIT bool __init cma_is_border(unsigned long pfn)
{
	KUNIT_STATIC_STUB_REDIRECT(cma_is_border, pfn);
	return IS_ENABLED(CONFIG_SPARSEMEM) &&
	       !IS_ENABLED(CONFIG_SPARSEMEM_VMEMMAP) &&
	       pfn_to_page(pfn) != pfn_to_page(pfn - 1) + 1;
}

/* The lowest border inside of a range, 0 if there is none. */
static unsigned long __init activate_border(const struct cma_range *range)
{
	unsigned long pfn = range->base_pfn + pageblock_nr_pages;
	unsigned long end = range->base_pfn + range->nr_pages;

	for (; pfn < end; pfn += pageblock_nr_pages)
		if (cma_is_border(pfn))
			return pfn;
	return 0;
}

/*
 * Have a range end a unit before each border, and another one begin there. What
 * is between them is lent with the rest of its pageblock, but never claimed, so
 * that no run reaches across. Nothing was handed out early that does, see
 * early_end().
 */
VISIBLE_IF_KUNIT bool __init cma_split_ranges(struct cma *cma)
{
	unsigned long unit = 1UL << cma->order_per_bit, border;
	struct cma_range *range = cma->ranges;

	for (; range < cma->ranges + cma->nr_ranges; range++) {
		border = activate_border(range);
		if (!border)
			continue;
		if (cma->nr_ranges == CMA_MAX_RANGES ||
		    unit >= pageblock_nr_pages) {
			pr_err("%s: can't be activated: the struct pages of its memory are in more pieces than %d\n",
			       cma->name, CMA_MAX_RANGES);
			return false;
		}
		memmove(range + 1, range, sizeof(*range) *
			(cma->ranges + cma->nr_ranges - range));
		cma->nr_ranges++;
		range->nr_pages = border - unit - range->base_pfn;
		range[1].nr_pages -= border - range->base_pfn;
		range[1].base_pfn = border;
		range[1].nr_early = 0;
		cma->nr_pages -= unit;
	}
	return true;
}

/* Where a range ended before cma_split_ranges() took a unit off. */
static unsigned long __init activate_end(const struct cma *cma,
					 const struct cma_range *range)
{
	unsigned long end = range->base_pfn + range->nr_pages;
	unsigned long unit = 1UL << cma->order_per_bit;
	const struct cma_range *next = range + 1;

	if (unit < pageblock_nr_pages && next < cma->ranges + cma->nr_ranges &&
	    next->base_pfn == end + unit && cma_is_border(next->base_pfn))
		return next->base_pfn;
	return end;
}

/* Give what nobody has of these pages to the page allocator, for good. */
static unsigned long __init activate_free(unsigned long pfn, unsigned long end)
{
	unsigned long nr_freed = 0;

	for (; pfn < end; pfn++) {
		if (!activate_is_reserved(pfn))
			continue;
		free_reserved_page(pfn_to_page(pfn));
		nr_freed++;
	}
	return nr_freed;
}

/* Nobody can allocate from this area. Let its memory be of use elsewhere. */
static void __init activate_give_up(struct cma *cma)
{
	unsigned long nr_freed = 0, nr_all = 0, end;
	const struct cma_range *range;

	/* Nobody may wait for an area that will never be there. */
	cma_set_state(cma, CMA_AREA_FAILED);
	cma_early_forget(cma);
	totalcma_pages -= cma->nr_pages;
	/* As 6.12 says it, because scripts look for that. */
	pr_err("CMA area %s could not be activated\n", cma->name);
	if (cma->reserve_pages_on_error) {
		pr_err("%s: its %lu pages stay reserved\n", cma->name,
		       cma->nr_pages);
		return;
	}
	for (range = cma->ranges; range < cma->ranges + cma->nr_ranges; range++) {
		end = activate_end(cma, range);
		nr_all += end - range->base_pfn;
		nr_freed += activate_free(range->base_pfn + range->nr_early, end);
	}
	pr_err("%s: %lu of its %lu pages go to the page allocator\n",
	       cma->name, nr_freed, nr_all);
}

static void __init activate_lend(const struct cma_range *range)
{
	unsigned long pfn = range->base_pfn + range->nr_early;
	unsigned long end = range->base_pfn + range->nr_pages;

	for (; pfn < end; pfn += pageblock_nr_pages)
		init_cma_reserved_pageblock(pfn_to_page(pfn));
}

static bool __init activate_is_possible(struct cma *cma)
{
	unsigned long nr_pages = cma->nr_pages;
	bool split;
	unsigned int i;
	int err;

	for (i = 0; i < cma->nr_ranges; i++)
		if (!activate_in_one_zone(cma, &cma->ranges[i]))
			return false;
	split = cma_split_ranges(cma);
	totalcma_pages -= nr_pages - cma->nr_pages;
	if (!split)
		return false;
	err = cma_area_init(cma);
	cma_pool_init(cma);
	if (err)
		pr_err("%s: can't be activated: no map of %lu units of %lu pages: error %d%s\n",
		       cma->name, cma_nr_units(cma), 1UL << cma->order_per_bit,
		       err, err == -EFBIG ? ", it needs larger units" : "");
	return !err;
}

VISIBLE_IF_KUNIT void __init cma_activate_area(struct cma *cma)
{
	const struct cma_range *range = cma->ranges;

	for (; range < cma->ranges + cma->nr_ranges; range++)
		accept_memory(PFN_PHYS(range->base_pfn),
			      range->nr_pages << PAGE_SHIFT);
	if (!activate_is_possible(cma)) {
		activate_give_up(cma);
		return;
	}
	for (range = cma->ranges; range < cma->ranges + cma->nr_ranges; range++)
		activate_lend(range);
	cma_early_adopt(cma);
	cma_set_state(cma, CMA_AREA_ACTIVE);
	cma_pool_boot(cma);
	cma_borrow_boot(cma);
	cma_owners_boot(cma);
}

/*
 * Where a machine has few pageblocks for its types of pages, as it happens with
 * large pages and little memory, the page allocator treats all pages as
 * unmovable. Then only compaction moves some into an area.
 */
static void __init activate_warn_mobility(void)
{
	unsigned long nr_pages = pageblock_nr_pages * (MIGRATE_TYPES - 1);

	if (!page_group_by_mobility_disabled || !totalcma_pages)
		return;
	pr_warn("the page allocator takes nothing from areas: pages can't be grouped by mobility in blocks of %lu MiB with less than %lu MiB of free memory\n",
		pageblock_nr_pages >> (20 - PAGE_SHIFT),
		nr_pages >> (20 - PAGE_SHIFT));
}

/**
 * cma_boot_activate() - lend all areas to the page allocator
 *
 * Context: boot, one CPU, see init.c.
 */
void __init cma_boot_activate(void)
{
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		cma_activate_area(&cma_areas[i]);
	activate_warn_mobility();
}
