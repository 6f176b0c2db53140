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

/* One byte for each page; NULL where the kernel doesn't tell. */
static unsigned char *read_pins(const struct area *area, const struct lent *lent)
{
	FILE *f = open_debugfs(area, "pins");
	unsigned long pfn, nr, end = lent->base_pfn + lent->nr_pages;
	unsigned char *pins;
	int found;

	if (!f)
		return NULL;
	pins = zalloc(lent->nr_pages, 1);
	while ((found = fscanf(f, "%lu %lu", &pfn, &nr)) == 2)
		for (; nr && pfn >= lent->base_pfn && pfn < end; pfn++, nr--)
			pins[pfn - lent->base_pfn] = 1;
	if (found != EOF || ferror(f)) {
		warnx(DEBUGFS "/%s/pins isn't what it should be", area->name);
		free(pins);
		pins = NULL;
	}
	fclose(f);
	return pins;
}

/* Those of them that are pinned, whatever they are else */
static unsigned long count_pinned(const struct lent *lent, unsigned long from, unsigned long nr)
{
	unsigned long pinned = 0;

	for (; nr-- && from < lent->nr_pages; from++)
		pinned += lent->pins[from] && is_lent(lent->uses[from]) &&
			  lent->uses[from] != USE_FREE;
	return pinned;
}

static unsigned long all_lent(const unsigned long *uses)
{
	unsigned long all = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		all += uses[kinds[i].use];
	return all;
}

/* Pages of a pageblock. To ask costs the kernel a walk through all that is free. */
static unsigned long pages_of_block(void)
{
	FILE *f = open_system("/proc/pagetypeinfo");
	unsigned long pages = 0;
	char line[256];

	while (f && !pages && fgets(line, sizeof(line), f))
		sscanf(line, "Pages per block: %lu", &pages);
	if (!f)
		err(1, "/proc/pagetypeinfo (--blocks needs root and CONFIG_PROC_FS)");
	if (!pages)
		errx(1, "/proc/pagetypeinfo doesn't say how large a pageblock is");
	fclose(f);
	return pages;
}

static void print_kinds(const struct lent *lent, const unsigned long *uses)
{
	unsigned int i;

	printf("  %.1f MiB lent:", mib(all_lent(uses)));
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		printf("%s %s %.1f", i ? "," : "", kinds[i].name, mib(uses[kinds[i].use]));
	if (lent->pins)
		printf("; pinned %.1f", mib(count_pinned(lent, 0, lent->nr_pages)));
	putchar('\n');
}

/* Of so many pages from one of them on */
static void emit_kinds(const struct area *area, const struct lent *lent, unsigned long from,
		       unsigned long nr)
{
	unsigned long uses[NR_USES];
	char name[32];
	unsigned int i;

	count(lent, from, nr, uses);
	emit_object();
	emit_string("area", area->name);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(name, sizeof(name), "%s_pages", kinds[i].name);
		emit_number(name, uses[kinds[i].use]);
	}
	if (lent->pins)
		emit_number("pinned_pages", count_pinned(lent, from, nr));
}

static void print_block(const struct lent *lent, unsigned long page, unsigned long nr,
			const unsigned long *uses)
{
	unsigned int i;

	printf("  %#10lx", lent->base_pfn + page);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		printf(" %*lu", (int)strlen(kinds[i].title), uses[kinds[i].use]);
	if (lent->pins)
		printf(" %6lu", count_pinned(lent, page, nr));
	putchar('\n');
}

/* In pages. What is lent of a pageblock is in the line that begins with its first page. */
static void show_blocks(const struct area *area, const struct lent *lent,
			unsigned long per_block, bool json)
{
	unsigned long uses[NR_USES], page;
	unsigned int i;

	if (!json) {
		printf("  %10s", "FIRST PAGE");
		for (i = 0; i < ARRAY_SIZE(kinds); i++)
			printf(" %s", kinds[i].title);
		puts(lent->pins ? " PINNED" : "");
	}
	for (page = 0; page < lent->nr_pages; page += per_block) {
		count(lent, page, per_block, uses);
		if (!all_lent(uses))
			continue;
		if (!json) {
			print_block(lent, page, per_block, uses);
			continue;
		}
		emit_kinds(area, lent, page, per_block);
		emit_number("block_pfn", lent->base_pfn + page);
	}
}

static void print_name(const struct lent_user *one, int width)
{
	char plain[sizeof(one->name)];

	snprintf(plain, sizeof(plain), "%s", one->name);
	make_plain(plain);
	printf("  %-*s", width, plain);
}

static void print_programs(const struct lent *lent)
{
	unsigned int i;

	if (lent->programs.nr)
		printf("  %-24s %7s %9s %9s\n", "PROGRAM", "PID", "MiB", "OF FILES");
	for (i = 0; i < lent->programs.nr && i < SHOWN; i++) {
		const struct lent_user *one = &lent->programs.list[i];

		print_name(one, 24);
		printf(" %7llu %9.1f %9.1f\n", one->number, mib(one->pages),
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
	for (i = 0; i < lent->files.nr && i < SHOWN; i++) {
		print_name(&lent->files.list[i], 42);
		printf(" %9.1f\n", mib(lent->files.list[i].pages));
	}
	if (lent->files.nr > SHOWN)
		printf("  and %u more\n", lent->files.nr - SHOWN);
	if (lent->unknown)
		printf("  %-42s %9.1f", "?", mib(lent->unknown));
	if (lent->unknown && !has_dir)
		printf("  of files that nobody has open: --files DIR looks below DIR");
	if (lent->unknown)
		putchar('\n');
}

static void emit_users(const struct area *area, const struct lent *lent)
{
	unsigned int i;

	for (i = 0; i < lent->programs.nr; i++) {
		emit_object();
		emit_string("area", area->name);
		emit_string("program", lent->programs.list[i].name);
		emit_number("pid", lent->programs.list[i].number);
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

static void show_one(const struct area *area, const struct lent *lent, bool json, bool has_dir)
{
	unsigned long uses[NR_USES];

	count(lent, 0, lent->nr_pages, uses);
	if (json) {
		emit_kinds(area, lent, 0, lent->nr_pages);
		emit_number("unknown_file_pages", lent->unknown);
		emit_users(area, lent);
	} else {
		printf("%s\n", area->name);
		print_kinds(lent, uses);
		print_programs(lent);
		print_files(lent, has_dir);
	}
}

/* Programs and files are looked at once, whatever the number of areas. */
int show_lent(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned long per_block = options->blocks ? pages_of_block() : 0;
	struct lent list[AREAS_MAX] = { };
	struct lent_areas all = { .list = list, .nr = nr, .dir = options->files };
	unsigned int i;
	int status = 0;

	if (options->files && access(options->files, R_OK))
		err(1, "%s", options->files);
	for (i = 0; i < nr; i++) {
		list[i].uses = area_uses(&areas[i], &list[i].base_pfn, &list[i].nr_pages);
		status |= !list[i].uses;
		if (list[i].uses)
			list[i].pins = read_pins(&areas[i], &list[i]);
	}
	lent_find(&all);
	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++) {
		if (!list[i].uses)
			continue;
		show_one(&areas[i], &list[i], options->json, options->files);
		if (per_block)
			show_blocks(&areas[i], &list[i], per_block, options->json);
	}
	if (options->json)
		emit_end();
	lent_end(&all);
	return status;
}
