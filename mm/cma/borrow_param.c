// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: cma_borrow=, and what an area was declared with.
 */
#include <kunit/visibility.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/string.h>

#include "area.h"
#include "boot_entries.h"
#include "init.h"

/*
 * Who may borrow according to an entry. Returns what follows the word: nothing, or the
 * name of an area behind "@". NULL if it isn't understood.
 */
static const char * __init cma_borrow_word(const char *arg, enum cma_borrow *how)
{
	const char *name;
	unsigned int i;
	size_t len;

	for (i = 0; (name = cma_borrow_name(i)); i++) {
		len = strlen(name);
		if (strncmp(arg, name, len) || (arg[len] && arg[len] != '@'))
			continue;
		*how = i;
		return arg + len;
	}
	return NULL;
}

static const char * __init cma_borrow_end(const char *arg)
{
	enum cma_borrow how;

	return cma_borrow_word(arg, &how);
}

VISIBLE_IF_KUNIT struct cma_entries cma_borrow_entries __initdata = {
	.option		= "cma_borrow",
	.expected	=
		"all, clean or none expected, and @area behind it if it isn't for all areas",
	.value_end	= cma_borrow_end,
};

static int __init cma_borrow_setup(char *arg)
{
	return cma_entries_add(&cma_borrow_entries, arg);
}
early_param("cma_borrow", cma_borrow_setup);

/* Whether an entry is for this area; sets who may borrow it. */
VISIBLE_IF_KUNIT
bool __init cma_borrow_parse(const char *arg, const struct cma *cma, enum cma_borrow *how)
{
	return cma_entry_is_for(cma_borrow_word(arg, how), cma);
}

/* The last entry that is for the area counts; without one, what it was declared with. */
VISIBLE_IF_KUNIT
enum cma_borrow __init cma_borrow_choose(const struct cma_entries *entries, const struct cma *cma)
{
	unsigned int i = entries->nr;
	enum cma_borrow how;

	while (i--)
		if (cma_borrow_parse(entries->args[i], cma, &how))
			return how;
	return cma->is_guaranteed ? CMA_BORROW_CLEAN : CMA_BORROW_ALL;
}

/**
 * cma_guarantee() - have devices meet page cache that is read, and nothing else
 * @cma: area that isn't active yet
 *
 * Only clean page cache may borrow it, unless the command line says otherwise.
 *
 * Context: boot, after the area was declared.
 */
void __init cma_guarantee(struct cma *cma)
{
	cma->is_guaranteed = true;
}

/**
 * cma_borrow_boot() - choose who may borrow an area, as the command line says
 * @cma: area that has just become active
 *
 * Context: boot.
 */
void __init cma_borrow_boot(struct cma *cma)
{
	cma_set_borrow(cma, cma_borrow_choose(&cma_borrow_entries, cma));
}

/**
 * cma_borrow_report() - say which entries of cma_borrow= are for no area
 *
 * Context: boot, see init.c.
 */
void __init cma_borrow_report(void)
{
	cma_entries_report(&cma_borrow_entries);
}
