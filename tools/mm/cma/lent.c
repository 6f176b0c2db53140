// SPDX-License-Identifier: GPL-2.0
/*
 * cma lent: what an area has lent, by kinds, by pageblocks, and the programs and files that
 * have most of it.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lent.h"

#define SHOWN	10

/* What is lent, in the order of the columns */
static const struct kind {
	enum use use;
	const char *name;
	const char *title;
} kinds[] = {
	{ USE_FREE, "free", "FREE" },
	{ USE_CACHE, "clean", "CLEAN" },
	{ USE_DIRTY, "dirty", "DIRTY" },
	{ USE_WRITEBACK, "writeback", "WRITEBACK" },
	{ USE_ANON, "anonymous", "ANONYMOUS" },
	{ USE_SHMEM, "shmem", "SHMEM" },
	{ USE_HUGETLB, "hugetlb", "HUGETLB" },
	{ USE_BALLOON, "balloon", "BALLOON" },
	{ USE_OTHER, "other", "OTHER" },
};

static void count(const struct lent *lent, unsigned long from, unsigned long nr,
		  unsigned long *uses)
{
	memset(uses, 0, NR_USES * sizeof(*uses));
	for (; nr-- && from < lent->nr_pages; from++)
		uses[lent->uses[from]]++;
}

static unsigned long all_lent(const unsigned long *uses)
{
	unsigned long all = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		all += uses[kinds[i].use];
	return all;
}

/* Pages of a pageblock; 0 if the kernel doesn't tell. */
static unsigned long pages_of_block(void)
{
	FILE *f = open_system("/proc/pagetypeinfo");
	unsigned long pages = 0;
	char line[256];

	while (f && !pages && fgets(line, sizeof(line), f))
		sscanf(line, "Pages per block: %lu", &pages);
	if (f)
		fclose(f);
	return pages;
}

static void print_kinds(const unsigned long *uses)
{
	unsigned int i;

	printf("  %.1f MiB lent:", mib(all_lent(uses)));
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		printf("%s %s %.1f", i ? "," : "", kinds[i].name, mib(uses[kinds[i].use]));
	putchar('\n');
}

static void emit_kinds(const struct area *area, const unsigned long *uses)
{
	char name[32];
	unsigned int i;

	emit_object();
	emit_string("area", area->name);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(name, sizeof(name), "%s_pages", kinds[i].name);
		emit_number(name, uses[kinds[i].use]);
	}
}

static void print_block(unsigned long pfn, const unsigned long *uses)
{
	unsigned int i;

	printf("  %#10lx", pfn);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		printf(" %*lu", (int)strlen(kinds[i].title), uses[kinds[i].use]);
	putchar('\n');
}

/* In pages. What is lent of a pageblock is in the line that begins with its first page. */
static void show_blocks(const struct area *area, const struct lent *lent, bool json)
{
	unsigned long per_block = pages_of_block(), page;
	unsigned long uses[NR_USES];
	unsigned int i;

	if (!per_block)
		err(1, "/proc/pagetypeinfo (--blocks needs root and CONFIG_PROC_FS)");
	if (!json) {
		printf("  %10s", "FIRST PAGE");
		for (i = 0; i < ARRAY_SIZE(kinds); i++)
			printf(" %s", kinds[i].title);
		putchar('\n');
	}
	for (page = 0; page < lent->nr_pages; page += per_block) {
		count(lent, page, per_block, uses);
		if (!all_lent(uses))
			continue;
		if (!json) {
			print_block(lent->base_pfn + page, uses);
			continue;
		}
		emit_kinds(area, uses);
		emit_number("block_pfn", lent->base_pfn + page);
	}
}

static void print_programs(const struct lent *lent)
{
	unsigned int i;

	if (lent->programs.nr)
		printf("  %-24s %7s %9s %9s\n", "PROGRAM", "PID", "MiB", "OF FILES");
	for (i = 0; i < lent->programs.nr && i < SHOWN; i++) {
		const struct lent_user *one = &lent->programs.list[i];

		printf("  %-24s %7d %9.1f %9.1f\n", one->name, one->pid, mib(one->pages),
		       mib(one->file_pages));
	}
	if (lent->programs.nr > SHOWN)
		printf("  and %u more\n", lent->programs.nr - SHOWN);
}

static void print_files(const struct lent *lent, bool has_dir)
{
	unsigned int i;

	if (lent->files.nr || lent->unknown)
		printf("  %-42s %9s\n", "FILE", "MiB");
	for (i = 0; i < lent->files.nr && i < SHOWN; i++)
		printf("  %-42s %9.1f\n", lent->files.list[i].name,
		       mib(lent->files.list[i].pages));
	if (lent->files.nr > SHOWN)
		printf("  and %u more\n", lent->files.nr - SHOWN);
	if (lent->unknown)
		printf("  %-42s %9.1f%s\n", "?", mib(lent->unknown),
		       has_dir ? "" : "  of files that nobody has open: --files DIR looks below DIR");
}

static void emit_users(const struct area *area, const struct lent *lent)
{
	unsigned int i;

	for (i = 0; i < lent->programs.nr; i++) {
		emit_object();
		emit_string("area", area->name);
		emit_string("program", lent->programs.list[i].name);
		emit_number("pid", lent->programs.list[i].pid);
		emit_number("pages", lent->programs.list[i].pages);
		emit_number("file_pages", lent->programs.list[i].file_pages);
	}
	for (i = 0; i < lent->files.nr; i++) {
		emit_object();
		emit_string("area", area->name);
		emit_string("file", lent->files.list[i].name);
		emit_number("pages", lent->files.list[i].pages);
	}
}

static int show_one(const struct area *area, const struct options *options)
{
	struct lent lent = { };
	unsigned long uses[NR_USES];

	lent.uses = area_uses(area, &lent.base_pfn, &lent.nr_pages);
	if (!lent.uses)
		return 1;
	count(&lent, 0, lent.nr_pages, uses);
	lent_find(&lent, options->files);
	if (options->json) {
		emit_kinds(area, uses);
		emit_number("unknown_file_pages", lent.unknown);
		emit_users(area, &lent);
	} else {
		printf("%s\n", area->name);
		print_kinds(uses);
		print_programs(&lent);
		print_files(&lent, options->files);
	}
	if (options->blocks)
		show_blocks(area, &lent, options->json);
	lent_end(&lent);
	free((void *)lent.uses);
	return 0;
}

int show_lent(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;
	int status = 0;

	if (options->files && access(options->files, R_OK))
		err(1, "%s", options->files);
	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++)
		status |= show_one(&areas[i], options);
	if (options->json)
		emit_end();
	return status;
}
