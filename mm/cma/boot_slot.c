// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of areas: which of them an area may have, and what it is called there.
 *
 * MAX_CMA_AREAS is CONFIG_CMA_AREAS and one more, and that one is kept for the
 * default area, so no order of declarations lets it and the configured areas take
 * each other's place.
 */
#include <kunit/visibility.h>
#include <linux/cma.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "area.h"
#include "boot.h"

/* The default area has a slot; none is kept for it any more. */
static bool boot_has_default __initdata;

VISIBLE_IF_KUNIT bool __init cma_boot_slot_is_left(unsigned int nr_areas,
						   bool is_default,
						   bool has_default)
{
	bool keeps_one = !is_default && !has_default;

	return nr_areas + keeps_one < MAX_CMA_AREAS;
}

/**
 * cma_boot_has_slot() - is there a slot that an area may have?
 * @boot: the area
 *
 * Context: early boot.
 * Return: false if all are taken, or the last one is kept for the default area.
 */
bool __init cma_boot_has_slot(const struct cma_boot *boot)
{
	return cma_boot_slot_is_left(cma_area_count, boot->is_default,
				     boot_has_default);
}

static bool __init boot_name_is_taken(const char *name)
{
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (!strcmp(cma_areas[i].name, name))
			return true;
	return false;
}

/*
 * The name becomes that of directories, and two areas can't share one. A name
 * that is taken already gets a number, and is cut off to make room for it.
 */
static void __init boot_set_name(struct cma *cma, const char *name)
{
	char wanted[CMA_MAX_NAME];
	char suffix[12];
	unsigned int i;

	if (name && *name)
		strscpy(wanted, name);
	else
		snprintf(wanted, sizeof(wanted), "cma%u", cma_area_count);

	for (i = 0; wanted[i]; i++)
		if (!isprint(wanted[i]) || wanted[i] == '/' ||
		    (wanted[i] == '.' && !i))
			wanted[i] = '_';

	strscpy(cma->name, wanted);
	for (i = 1; boot_name_is_taken(cma->name); i++) {
		int length = snprintf(suffix, sizeof(suffix), "-%u", i);

		snprintf(cma->name, sizeof(cma->name), "%.*s%s",
			 CMA_MAX_NAME - 1 - length, wanted, suffix);
	}
}

/**
 * cma_boot_fill_slot() - make an area of memory that is set aside
 * @boot: the area, whose plan is carried out; there is a slot for it
 *
 * Slots are never freed: the memory of areas is lent or given away.
 *
 * Context: early boot.
 */
void __init cma_boot_fill_slot(const struct cma_boot *boot)
{
	const struct cma_plan_range *range = boot->plan.ranges;
	struct cma *cma = &cma_areas[cma_area_count];
	unsigned int i;

	boot_set_name(cma, boot->name);
	for (i = 0; i < boot->plan.nr_ranges; i++)
		cma_add_range(cma, PHYS_PFN(range[i].base),
			      PHYS_PFN(range[i].size));
	cma->order_per_bit = boot->order_per_bit;
	cma->evacuator = &cma_page_evacuator;
	cma->state = CMA_AREA_RESERVED;
	cma_area_count++;
	boot_has_default |= boot->is_default;
	totalcma_pages += cma->nr_pages;
	cma_boot_announce(boot, cma);
	*boot->res_cma = cma;
}
