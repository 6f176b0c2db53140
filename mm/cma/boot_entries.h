/* SPDX-License-Identifier: GPL-2.0 */
/* What the command line says of areas, one entry a word; see boot_entries.c. */
#ifndef __MM_CMA_BOOT_ENTRIES_H__
#define __MM_CMA_BOOT_ENTRIES_H__

#include <linux/cma.h>

/**
 * struct cma_entries - what was given for an option, in its order
 * @option: its name
 * @expected: what an entry has to look like, in words
 * @value_end: returns what follows the value of an entry: nothing, or the sign and the
 *	name of an area. NULL if it isn't understood.
 * @args: the entries that are
 * @nr: number of these
 */
struct cma_entries {
	const char *option;
	const char *expected;
	const char *(*value_end)(const char *arg);
	char *args[MAX_CMA_AREAS];
	unsigned int nr;
};

int cma_entries_add(struct cma_entries *entries, char *arg);
bool cma_entry_is_for(const char *end, const struct cma *cma);
void cma_entries_report(const struct cma_entries *entries);

#endif /* __MM_CMA_BOOT_ENTRIES_H__ */
