// SPDX-License-Identifier: GPL-2.0
/*
 * What the pages of an area are used for: what is handed out and ready is told by debugfs,
 * and /proc/kpageflags tells who has the rest.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/kernel-page-flags.h>
#include <linux/types.h>

#include "tool.h"

#define DEBUGFS	"/sys/kernel/debug/cma"

static void *zalloc(size_t nr, size_t size)
{
	void *p = calloc(nr ?: 1, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", nr, size);
	return p;
}

static FILE *open_debugfs(const struct area *area, const char *file)
{
	char path[512];

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", area->name, file);
	return fopen(path, "re");
}

static unsigned long debugfs_number(const struct area *area, const char *file)
{
	FILE *f = open_debugfs(area, file);
	unsigned long value;

	if (!f)
		err(1, DEBUGFS "/%s/%s (a picture needs root and CONFIG_CMA_DEBUGFS)",
		    area->name, file);
	if (fscanf(f, "%lu", &value) != 1)
		errx(1, DEBUGFS "/%s/%s has no number", area->name, file);
	fclose(f);
	return value;
}

static enum use use_of_flags(__u64 flags)
{
	/* A page on a processor's own free list has no flag at all. */
	if (!flags || flags >> KPF_BUDDY & 1)
		return USE_FREE;
	if (flags >> KPF_ANON & 1)
		return USE_ANON;
	return (flags >> KPF_DIRTY | flags >> KPF_WRITEBACK) & 1 ? USE_DIRTY : USE_CACHE;
}

static void read_flags(unsigned long base_pfn, unsigned long nr, unsigned char *uses)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	unsigned long done = 0, i;
	__u64 flags[512];
	ssize_t len;

	if (fd < 0)
		err(1, "/proc/kpageflags (a picture needs root and CONFIG_PROC_PAGE_MONITOR)");
	while (done < nr) {
		i = nr - done < 512 ? nr - done : 512;
		len = pread(fd, flags, i * sizeof(flags[0]),
			    (off_t)(base_pfn + done) * (off_t)sizeof(flags[0]));
		if (len < (ssize_t)sizeof(flags[0]))
			err(1, "/proc/kpageflags at page %#lx", base_pfn + done);
		for (i = 0; i < len / sizeof(flags[0]); i++)
			uses[done++] = use_of_flags(flags[i]);
	}
	close(fd);
}

static void mark(unsigned char *uses, unsigned long nr, unsigned long from, unsigned long len,
		 enum use use)
{
	if (from < nr)
		memset(uses + from, use, len < nr - from ? len : nr - from);
}

/* How far an area reaches, holes between its pieces included; 0 if it doesn't say. */
static unsigned long span_of_runs(const struct area *area, unsigned long base_pfn)
{
	FILE *f = open_debugfs(area, "runs");
	unsigned long pfn, len, end = base_pfn;

	while (f && fscanf(f, "%lu %lu %*s", &pfn, &len) == 2)
		end = pfn + len;
	if (f)
		fclose(f);
	return end - base_pfn;
}

/* One line for each run, with its state; what is lent is as it is. */
static void mark_runs(const struct area *area, unsigned long base_pfn, unsigned char *uses,
		      unsigned long nr)
{
	static const struct {
		const char *state;
		enum use use;
	} states[] = {
		{ "ready", USE_READY },
		{ "claimed", USE_ALLOCATED },
		{ "allocated", USE_ALLOCATED },
		{ "hole", USE_HOLE },
	};
	FILE *f = open_debugfs(area, "runs");
	unsigned long pfn, len, i;
	char state[16];

	while (f && fscanf(f, "%lu %lu %15s", &pfn, &len, state) == 3)
		for (i = 0; i < ARRAY_SIZE(states); i++)
			if (!strcmp(state, states[i].state))
				mark(uses, nr, pfn - base_pfn, len, states[i].use);
	if (f)
		fclose(f);
}

/* A bit for each unit, in numbers of 32 bits */
static void mark_bitmap(const struct area *area, unsigned char *uses, unsigned long nr)
{
	unsigned long order = debugfs_number(area, "order_per_bit"), bit;
	FILE *f = open_debugfs(area, "bitmap");
	unsigned int word, i;

	if (!f)
		f = open_debugfs(area, "ranges/0/bitmap");
	if (!f)
		err(1, DEBUGFS "/%s/bitmap", area->name);
	for (bit = 0; fscanf(f, "%u", &word) == 1; bit += 32)
		for (i = 0; i < 32; i++)
			if (word >> i & 1)
				mark(uses, nr, (bit + i) << order, 1UL << order, USE_ALLOCATED);
	fclose(f);
}

/* One byte for each page, an enum use. */
unsigned char *area_uses(const struct area *area, unsigned long *base_pfn,
			 unsigned long *nr_pages)
{
	unsigned char *uses;
	unsigned long span;

	*base_pfn = debugfs_number(area, "base_pfn");
	span = span_of_runs(area, *base_pfn);
	*nr_pages = span ?: debugfs_number(area, "count");
	uses = zalloc(*nr_pages, 1);
	read_flags(*base_pfn, *nr_pages, uses);
	if (span)
		mark_runs(area, *base_pfn, uses, *nr_pages);
	else
		mark_bitmap(area, uses, *nr_pages);
	return uses;
}
