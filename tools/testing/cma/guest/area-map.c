// SPDX-License-Identifier: GPL-2.0
/*
 * What the pages of a contiguous area are used for, as numbers and as a picture.
 *
 * usage: area-map [-q] [-w COLUMNS] [-c PAGES] AREA
 *
 * AREA is a directory in /sys/kernel/debug/cma, which tells where the area lies
 * and what is allocated. What isn't is lent to the page allocator;
 * /proc/kpageflags tells which of that is in use. -c sets the number of pages
 * for one character, -w the length of a line, -q prints the numbers alone, in a
 * form that a shell can evaluate.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/kernel-page-flags.h>
#include <linux/types.h>

#define DEBUGFS "/sys/kernel/debug/cma"

enum use { FREE, CACHE, DIRTY, ANON, ALLOCATED, NR_USES };

struct area {
	const char *name;
	unsigned long base_pfn;
	unsigned long count;
	unsigned long order;
	__u32 *bitmap;
	__u64 *flags;
};

static FILE *open_file(const struct area *area, const char *file)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", area->name, file);
	f = fopen(path, "r");
	if (!f)
		err(1, "%s", path);
	return f;
}

static unsigned long read_number(const struct area *area, const char *file)
{
	FILE *f = open_file(area, file);
	unsigned long value;

	if (fscanf(f, "%lu", &value) != 1)
		errx(1, "area %s: no number in %s", area->name, file);
	fclose(f);
	return value;
}

static void *zalloc(size_t nr, size_t size)
{
	void *p = calloc(nr, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", nr, size);
	return p;
}

static void read_bitmap(struct area *area)
{
	unsigned long words = ((area->count >> area->order) + 31) / 32, i;
	FILE *f = open_file(area, "bitmap");

	area->bitmap = zalloc(words, sizeof(*area->bitmap));
	for (i = 0; i < words; i++)
		if (fscanf(f, "%u", &area->bitmap[i]) != 1)
			errx(1, "area %s: bitmap has %lu words instead of %lu",
			     area->name, i, words);
	fclose(f);
}

static void read_flags(struct area *area)
{
	size_t size = area->count * sizeof(*area->flags), got = 0;
	int fd = open("/proc/kpageflags", O_RDONLY);

	if (fd < 0)
		err(1, "/proc/kpageflags");
	area->flags = zalloc(area->count, sizeof(*area->flags));
	while (got < size) {
		ssize_t n = pread(fd, (char *)area->flags + got, size - got,
				  area->base_pfn * sizeof(*area->flags) + got);

		if (n <= 0)
			err(1, "/proc/kpageflags at pfn %#lx", area->base_pfn);
		got += n;
	}
	close(fd);
}

static enum use page_use(const struct area *area, unsigned long page)
{
	unsigned long unit = page >> area->order;
	__u64 flags = area->flags[page];

	if (area->bitmap[unit / 32] >> (unit % 32) & 1)
		return ALLOCATED;
	/* A page on a processor's own free list has no flag at all. */
	if (!flags || flags >> KPF_BUDDY & 1)
		return FREE;
	if (flags >> KPF_ANON & 1)
		return ANON;
	return (flags >> KPF_DIRTY | flags >> KPF_WRITEBACK) & 1 ? DIRTY : CACHE;
}

static void count_uses(const struct area *area, unsigned long from,
		       unsigned long to, unsigned long *uses)
{
	memset(uses, 0, NR_USES * sizeof(*uses));
	for (; from < to && from < area->count; from++)
		uses[page_use(area, from)]++;
}

static char symbol(const unsigned long *uses)
{
	unsigned long lent = uses[CACHE] + uses[DIRTY] + uses[ANON];

	if (uses[ALLOCATED])
		return lent || uses[FREE] ? '+' : '#';
	if (uses[DIRTY])
		return 'w';
	if (lent)
		return uses[FREE] ? ':' : 'o';
	return '.';
}

static void draw(const struct area *area, unsigned long per_char,
		 unsigned long columns)
{
	unsigned long uses[NR_USES], page;

	for (page = 0; page < area->count; page += per_char) {
		if (page % (per_char * columns) == 0)
			printf("%s  %#08lx ", page ? "\n" : "",
			       area->base_pfn + page);
		count_uses(area, page, page + per_char, uses);
		putchar(symbol(uses));
	}
	putchar('\n');
}

static double mib(unsigned long pages)
{
	return (double)pages * sysconf(_SC_PAGESIZE) / (1 << 20);
}

static void print_area(const struct area *area, bool quiet,
		       unsigned long per_char, unsigned long columns)
{
	unsigned long uses[NR_USES];

	count_uses(area, 0, area->count, uses);
	if (quiet) {
		printf("page_size=%ld ", sysconf(_SC_PAGESIZE));
		printf("area_pages=%lu area_base=%lu ", area->count, area->base_pfn);
		printf("area_free=%lu area_cache=%lu ", uses[FREE],
		       uses[CACHE] + uses[DIRTY]);
		printf("area_anon=%lu area_allocated=%lu\n", uses[ANON], uses[ALLOCATED]);
		return;
	}
	draw(area, per_char, columns);
	printf("  free %.1f MiB, page cache %.1f (%.1f dirty), anonymous %.1f, allocated %.1f\n",
	       mib(uses[FREE]), mib(uses[CACHE] + uses[DIRTY]), mib(uses[DIRTY]),
	       mib(uses[ANON]), mib(uses[ALLOCATED]));
}

static unsigned long argument(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!isdigit((unsigned char)*text) || *end || !value)
		errx(2, "'%s' is not a number above 0", text);
	return value;
}

int main(int argc, char **argv)
{
	unsigned long columns = 64, per_char = 0;
	struct area area = { 0 };
	bool quiet = false;
	int c;

	while ((c = getopt(argc, argv, "qw:c:")) != -1) {
		if (c == 'q')
			quiet = true;
		else if (c == 'w')
			columns = argument(optarg);
		else if (c == 'c')
			per_char = argument(optarg);
		else
			return 2;
	}
	if (optind != argc - 1)
		errx(2, "usage: area-map [-q] [-w COLUMNS] [-c PAGES] AREA");

	area.name = argv[optind];
	area.base_pfn = read_number(&area, "base_pfn");
	area.count = read_number(&area, "count");
	area.order = read_number(&area, "order_per_bit");
	read_bitmap(&area);
	read_flags(&area);
	/* By default eight lines, whatever the size of the area. */
	if (!per_char)
		per_char = (area.count + 8 * columns - 1) / (8 * columns);
	print_area(&area, quiet, per_char, columns);
	return 0;
}
