// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: how much of an area the command line wants to be READY.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include "area.h"
#include "boot_entries.h"
#include "init.h"

/*
 * The sizes of an entry, in bytes; without the second one @most is U64_MAX. Returns
 * what follows them: nothing, or the name of an area behind "@". NULL if it isn't
 * understood.
 */
static const char * __init cma_ready_sizes(const char *arg, u64 *least, u64 *most)
{
	const char *from = arg;
	char *end;

	*most = U64_MAX;
	*least = memparse(from, &end);
	if (end == from)
		return NULL;
	if (*end == '-') {
		from = end + 1;
		*most = memparse(from, &end);
		if (end == from)
			return NULL;
	}
	if ((*end && *end != '@') || *least > *most)
		return NULL;
	return end;
}

static const char * __init cma_ready_end(const char *arg)
{
	u64 least, most;

	return cma_ready_sizes(arg, &least, &most);
}

static struct cma_entries cma_ready_entries __initdata = {
	.option		= "cma_ready",
	.expected	= "min[KMG][-max[KMG]][@area] expected, min not above max",
	.value_end	= cma_ready_end,
};

static int __init cma_ready_setup(char *arg)
{
	return cma_entries_add(&cma_ready_entries, arg);
}
early_param("cma_ready", cma_ready_setup);

/* Whether an entry is for this area; sets the floor and the most, in bytes. */
VISIBLE_IF_KUNIT
bool __init cma_ready_parse(const char *arg, const struct cma *cma, u64 *least,
			    u64 *most)
{
	const char *area = cma_ready_sizes(arg, least, most);

	if (!area)
		return false;
	/* It may be for another area, which is larger. */
	if (*most == U64_MAX)
		*most = max_t(u64, *least, cma_get_size(cma));
	return cma_entry_is_for(area, cma);
}

/**
 * cma_ready_report() - say which entries of cma_ready= are for no area
 *
 * Context: boot, see init.c.
 */
void __init cma_ready_report(void)
{
	cma_entries_report(&cma_ready_entries);
}

/* The last entry that is for this area, and its sizes; NULL if there is none. */
VISIBLE_IF_KUNIT
const char * __init cma_ready_choose(char * const *args, unsigned int nr,
				     const struct cma *cma, u64 *least,
				     u64 *most)
{
	while (nr--)
		if (cma_ready_parse(args[nr], cma, least, most))
			return args[nr];
	return NULL;
}

/**
 * cma_pool_boot() - set how much of an area is READY, as the command line says
 * @cma: area that has just become active
 *
 * Without a word on the command line nothing is evacuated in advance, and
 * everything may be READY. The last entry that is for the area counts.
 *
 * Context: boot.
 */
void __init cma_pool_boot(struct cma *cma)
{
	const struct cma_entries *entries = &cma_ready_entries;
	u64 size = cma_get_size(cma), least, most;
	unsigned int i;

	cma_set_ready_max(cma, cma->nr_pages);
	/* Also of those that don't count: they were meant to. */
	for (i = 0; i < entries->nr; i++)
		if (cma_ready_parse(entries->args[i], cma, &least, &most) &&
		    least > size)
			pr_warn("%s: cma_ready=%s: %llu KiB asked for, the area has %llu KiB\n",
				cma->name, entries->args[i], least >> 10,
				size >> 10);
	if (!cma_ready_choose(entries->args, entries->nr, cma, &least, &most))
		return;
	/* The floor last, and once: the worker begins to evacuate up to it. */
	cma_set_ready_max(cma, min(most, size) >> PAGE_SHIFT);
	cma_set_ready_min(cma, PFN_UP(min(least, size)));
}
