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
#include <linux/string.h>

#include "area.h"
#include "init.h"

/* cma_ready=: one entry for each time that it was given. */
static char *cma_ready_args[MAX_CMA_AREAS] __initdata;
static unsigned int cma_ready_nr __initdata;

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

static int __init cma_ready_setup(char *arg)
{
	u64 least, most;

	if (!arg || !cma_ready_sizes(arg, &least, &most))
		pr_warn("cma_ready=%s ignored: min[KMG][-max[KMG]][@area] expected, min not above max\n",
			arg ?: "");
	else if (cma_ready_nr == ARRAY_SIZE(cma_ready_args))
		pr_warn("cma_ready=%s ignored: there can't be so many areas\n",
			arg);
	else
		cma_ready_args[cma_ready_nr++] = arg;
	return 0;
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
	return !*area || !strcmp(area + 1, cma->name);
}

static int __init cma_ready_is_for(struct cma *cma, void *data)
{
	u64 least, most;

	return cma_ready_parse(data, cma, &least, &most);
}

/**
 * cma_ready_report() - say which entries of cma_ready= are for no area
 *
 * A name is easily mistyped.
 *
 * Context: boot, see init.c.
 */
void __init cma_ready_report(void)
{
	const char *area;
	u64 least, most;
	unsigned int i;

	for (i = 0; i < cma_ready_nr; i++) {
		area = cma_ready_sizes(cma_ready_args[i], &least, &most);
		if (*area && !cma_for_each_area(cma_ready_is_for, cma_ready_args[i]))
			pr_warn("cma_ready=%s ignored: there is no area %s\n",
				cma_ready_args[i], area + 1);
	}
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
	u64 size = cma_get_size(cma), least, most;
	unsigned int i;

	cma_set_ready_max(cma, cma->nr_pages);
	/* Also of those that don't count: they were meant to. */
	for (i = 0; i < cma_ready_nr; i++)
		if (cma_ready_parse(cma_ready_args[i], cma, &least, &most) &&
		    least > size)
			pr_warn("%s: cma_ready=%s: %llu KiB asked for, the area has %llu KiB\n",
				cma->name, cma_ready_args[i], least >> 10,
				size >> 10);
	if (!cma_ready_choose(cma_ready_args, cma_ready_nr, cma, &least, &most))
		return;
	/* The floor last, and once: the worker begins to evacuate up to it. */
	cma_set_ready_max(cma, most >> PAGE_SHIFT);
	cma_set_ready_min(cma, min(least, size) >> PAGE_SHIFT);
}
