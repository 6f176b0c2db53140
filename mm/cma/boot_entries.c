// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: options of the command line that are for all areas, or for one:
 * "value" or "value@area", as often as there are areas.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "area.h"
#include "boot_entries.h"

/**
 * cma_entries_add() - keep an entry
 * @entries: those of the option
 * @arg: the entry, or NULL; it is there for as long as the kernel boots
 *
 * Context: early boot.
 * Return: 0, as for an early parameter. What can't be kept is reported.
 */
int __init cma_entries_add(struct cma_entries *entries, char *arg)
{
	if (!arg || !entries->value_end(arg))
		pr_warn("%s=%s ignored: %s\n", entries->option, arg ?: "", entries->expected);
	else if (entries->nr == ARRAY_SIZE(entries->args))
		pr_warn("%s=%s ignored: there can't be so many areas\n", entries->option, arg);
	else
		entries->args[entries->nr++] = arg;
	return 0;
}

/**
 * cma_entry_is_for() - is an entry for an area?
 * @end: what follows its value, or NULL if it wasn't understood
 * @cma: the area
 *
 * Context: boot.
 * Return: whether it is for all areas, or for this one.
 */
bool __init cma_entry_is_for(const char *end, const struct cma *cma)
{
	return end && (!*end || !strcmp(end + 1, cma->name));
}

static int __init cma_is_end_for(struct cma *cma, void *end)
{
	return cma_entry_is_for(end, cma);
}

/**
 * cma_entries_report() - say which entries are for no area
 * @entries: those of an option
 *
 * A name is easily mistyped.
 *
 * Context: boot, when it is known which areas there are.
 */
void __init cma_entries_report(const struct cma_entries *entries)
{
	const char *end;
	unsigned int i;

	for (i = 0; i < entries->nr; i++) {
		end = entries->value_end(entries->args[i]);
		if (*end && !cma_for_each_area(cma_is_end_for, (void *)end))
			pr_warn("%s=%s ignored: there is no area %s\n", entries->option,
				entries->args[i], end + 1);
	}
}
