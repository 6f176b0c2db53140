// SPDX-License-Identifier: GPL-2.0
/*
 * cma map: what the pages of an area are used for, as a picture and in figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

struct picture {
	const unsigned char *uses;
	unsigned long base_pfn;
	unsigned long nr_pages;
};

static void count(const struct picture *picture, unsigned long from, unsigned long to,
		  unsigned long *uses)
{
	memset(uses, 0, NR_USES * sizeof(*uses));
	for (; from < to && from < picture->nr_pages; from++)
		uses[picture->uses[from]]++;
}

static char symbol(const unsigned long *uses)
{
	unsigned long lent = uses[USE_CACHE] + uses[USE_DIRTY] + uses[USE_ANON];

	if (uses[USE_ALLOCATED])
		return lent || uses[USE_FREE] || uses[USE_READY] ? '+' : '#';
	if (uses[USE_DIRTY])
		return 'w';
	if (lent)
		return uses[USE_FREE] || uses[USE_READY] ? ':' : 'o';
	if (uses[USE_READY])
		return 'r';
	return uses[USE_FREE] ? '.' : ' ';
}

/* Eight lines, whatever the size of the area, unless something else was asked for. */
static unsigned long pages_of_char(const struct picture *picture, const struct options *options)
{
	unsigned long chars = 8 * options->columns;

	return options->pages ?: (picture->nr_pages + chars - 1) / chars;
}

static void draw(const struct picture *picture, const struct options *options)
{
	unsigned long per_char = pages_of_char(picture, options), page;
	unsigned long uses[NR_USES];

	for (page = 0; page < picture->nr_pages; page += per_char) {
		if (page % (per_char * options->columns) == 0)
			printf("%s  %#08lx ", page ? "\n" : "", picture->base_pfn + page);
		count(picture, page, page + per_char, uses);
		putchar(symbol(uses));
	}
	putchar('\n');
}

static void print_legend(const struct picture *picture, const struct options *options)
{
	printf("  one character is %lu KiB:  # allocated, + partly; o lent and in use, : partly,\n",
	       pages_of_char(picture, options) * (unsigned long)(sysconf(_SC_PAGESIZE) / 1024));
	printf("  w to be written; r ready; . free\n");
}

static void print_totals(const unsigned long *uses)
{
	printf("  free %.1f MiB, ready %.1f, page cache %.1f (%.1f dirty), ", mib(uses[USE_FREE]),
	       mib(uses[USE_READY]), mib(uses[USE_CACHE] + uses[USE_DIRTY]),
	       mib(uses[USE_DIRTY]));
	printf("anonymous %.1f, allocated %.1f\n", mib(uses[USE_ANON]), mib(uses[USE_ALLOCATED]));
}

static void print_figures(const struct picture *picture, const unsigned long *uses)
{
	printf("page_size=%ld area_pages=%lu area_base=%lu ", sysconf(_SC_PAGESIZE),
	       picture->nr_pages - uses[USE_HOLE], picture->base_pfn);
	printf("area_free=%lu area_ready=%lu area_cache=%lu area_dirty=%lu ", uses[USE_FREE],
	       uses[USE_READY], uses[USE_CACHE] + uses[USE_DIRTY], uses[USE_DIRTY]);
	printf("area_anon=%lu area_allocated=%lu\n", uses[USE_ANON], uses[USE_ALLOCATED]);
}

static void print_json(const struct area *area, const struct picture *picture,
		       const unsigned long *uses)
{
	emit_object();
	emit_string("area", area->name);
	emit_number("page_size", sysconf(_SC_PAGESIZE));
	emit_number("base_pfn", picture->base_pfn);
	emit_number("total_pages", picture->nr_pages - uses[USE_HOLE]);
	emit_number("free_pages", uses[USE_FREE]);
	emit_number("ready_pages", uses[USE_READY]);
	emit_number("cache_pages", uses[USE_CACHE] + uses[USE_DIRTY]);
	emit_number("dirty_pages", uses[USE_DIRTY]);
	emit_number("anon_pages", uses[USE_ANON]);
	emit_number("allocated_pages", uses[USE_ALLOCATED]);
}

static void show_one(const struct area *area, const struct options *options)
{
	unsigned long uses[NR_USES];
	struct picture picture;
	unsigned char *all;

	all = area_uses(area, &picture.base_pfn, &picture.nr_pages);
	picture.uses = all;
	count(&picture, 0, picture.nr_pages, uses);
	if (options->json) {
		print_json(area, &picture, uses);
	} else if (options->figures) {
		print_figures(&picture, uses);
	} else {
		printf("%s\n", area->name);
		draw(&picture, options);
		print_totals(uses);
		print_legend(&picture, options);
	}
	free(all);
}

int show_map(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;

	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++)
		show_one(&areas[i], options);
	if (options->json)
		emit_end();
	return 0;
}
