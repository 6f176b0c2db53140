// SPDX-License-Identifier: GPL-2.0
/*
 * Where an area lies, and what its pages are used for: what is handed out and ready is told
 * by debugfs, and /proc/kpageflags tells who has the rest.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/kernel-page-flags.h>
#include <linux/types.h>

#include "tool.h"

void *zalloc(size_t nr, size_t size)
{
	void *p = calloc(nr ?: 1, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", nr, size);
	return p;
}

static FILE *need_debugfs(const struct area *area, const char *file)
{
	FILE *f = open_debugfs(area, file);

	if (!f)
		err(1, DEBUGFS "/%s/%s", area->name, file);
	return f;
}

static unsigned long debugfs_number(const struct area *area, const char *file)
{
	FILE *f = need_debugfs(area, file);
	unsigned long value;

	if (fscanf(f, "%lu", &value) != 1)
		errx(1, DEBUGFS "/%s/%s has no number", area->name, file);
	fclose(f);
	return value;
}

static unsigned int order_of_units(const struct area *area)
{
	unsigned long order = debugfs_number(area, "order_per_bit");

	if (order > 30)
		errx(1, DEBUGFS "/%s/order_per_bit can't be %lu", area->name, order);
	return order;
}

/* ---- Where it lies ---- */

/* The next run of a file that has one in each line, with its state */
static bool next_run(FILE *f, struct piece *run, char *state)
{
	return f && fscanf(f, "%lu %lu %15s", &run->base_pfn, &run->nr_pages, state) == 3;
}

/* One run follows the other, but for holes. */
static unsigned int pieces_of_runs(const struct area *area, struct piece *pieces,
				   unsigned int most)
{
	FILE *f = open_debugfs(area, "runs");
	unsigned int nr = 0;
	struct piece run;
	char state[16];

	while (next_run(f, &run, state)) {
		struct piece *last = &pieces[nr ? nr - 1 : 0];

		if (!strcmp(state, "hole"))
			continue;
		if (nr && last->base_pfn + last->nr_pages == run.base_pfn)
			last->nr_pages += run.nr_pages;
		else if (nr < most)
			pieces[nr++] = (struct piece){ run.base_pfn, run.nr_pages, "" };
	}
	if (f)
		fclose(f);
	return nr;
}

/* Numbers of 32 bits, each of which stands for so many units */
static unsigned long words_in(const struct area *area, const char *file)
{
	FILE *f = need_debugfs(area, file);
	unsigned long nr = 0;
	unsigned int word;

	while (fscanf(f, "%u", &word) == 1)
		nr++;
	fclose(f);
	return nr;
}

/* How long a range is isn't told: its bits are counted, in numbers of 32. */
static unsigned int pieces_of_ranges(const struct area *area, struct piece *pieces,
				     unsigned int most)
{
	unsigned long order = order_of_units(area);
	unsigned int nr = 0;
	char file[48];

	for (; nr < most; nr++) {
		struct piece *piece = &pieces[nr];

		snprintf(file, sizeof(file), "ranges/%u/base_pfn", nr);
		if (!area_has_debugfs(area, file))
			break;
		piece->base_pfn = debugfs_number(area, file);
		snprintf(piece->bitmap, sizeof(piece->bitmap), "ranges/%u/bitmap", nr);
		piece->nr_pages = (words_in(area, piece->bitmap) * 32) << order;
	}
	return nr;
}

static unsigned int find_pieces(const struct area *area, struct piece *pieces,
				unsigned int most)
{
	unsigned int nr = pieces_of_runs(area, pieces, most);

	if (nr || !area_has_debugfs(area, "base_pfn"))
		return nr;
	if (area_has_debugfs(area, "ranges/0/base_pfn"))
		return pieces_of_ranges(area, pieces, most);
	pieces[0] = (struct piece){ debugfs_number(area, "base_pfn"),
				    debugfs_number(area, "count"), "bitmap" };
	return 1;
}

static int by_place(const void *a, const void *b)
{
	const struct piece *first = a, *second = b;

	return first->base_pfn < second->base_pfn ? -1 : first->base_pfn > second->base_pfn;
}

/* In the order of their places, without overlap; 0 of them if debugfs doesn't tell. */
unsigned int area_pieces(const struct area *area, struct piece *pieces, unsigned int most)
{
	unsigned int nr = find_pieces(area, pieces, most), i;
	unsigned long left = ULONG_MAX, room;

	if (nr && *pieces[0].bitmap)
		left = debugfs_number(area, "count");
	qsort(pieces, nr, sizeof(*pieces), by_place);
	/* A bitmap ends with bits that stand for nothing: the next piece, or no more pages. */
	for (i = 0; i < nr; i++) {
		room = i + 1 < nr ? pieces[i + 1].base_pfn - pieces[i].base_pfn : left;
		if (pieces[i].nr_pages > room)
			pieces[i].nr_pages = room;
		left -= pieces[i].nr_pages < left ? pieces[i].nr_pages : left;
	}
	return nr;
}

/* ---- What its pages are used for ---- */

/* The first of these flags that a page has says what it is used for. */
static enum use use_of_flags(__u64 flags)
{
	static const struct {
		unsigned int flag;
		enum use use;
	} table[] = {
		{ KPF_BUDDY, USE_FREE },
		{ KPF_HUGE, USE_HUGETLB },
		{ KPF_OFFLINE, USE_BALLOON },
		{ KPF_ANON, USE_ANON },
		/* Files in memory are always dirty. */
		{ KPF_SWAPBACKED, USE_SHMEM },
		{ KPF_WRITEBACK, USE_WRITEBACK },
		{ KPF_DIRTY, USE_DIRTY },
		{ KPF_LRU, USE_CACHE },
		/* In a batch, on its way to a list */
		{ KPF_UPTODATE, USE_CACHE },
	};
	unsigned int i;

	/* A page on a processor's own free list has no flag at all. */
	if (!flags)
		return USE_FREE;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (flags >> table[i].flag & 1)
			return table[i].use;
	return USE_OTHER;
}

unsigned long pages_of_cache(const unsigned long *uses)
{
	return uses[USE_CACHE] + pages_to_write(uses);
}

unsigned long pages_to_write(const unsigned long *uses)
{
	return uses[USE_DIRTY] + uses[USE_WRITEBACK];
}

unsigned long pages_of_programs(const unsigned long *uses)
{
	return uses[USE_ANON] + uses[USE_SHMEM] + uses[USE_HUGETLB];
}

unsigned long pages_of_others(const unsigned long *uses)
{
	return uses[USE_BALLOON] + uses[USE_OTHER];
}

/* A record is of a machine that may have the other order of bytes. */
static __u64 in_our_order(__u64 flags)
{
	return machine.is_big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? flags :
		__builtin_bswap64(flags);
}

/*
 * Where a page of a larger one isn't the first, kernels before 6.10 leave the flags of both to
 * that one. @head: the flags of the last first one
 */
static __u64 with_head(__u64 flags, __u64 *head)
{
	if (flags >> KPF_COMPOUND_TAIL & 1)
		return flags | *head;
	*head = flags >> KPF_COMPOUND_HEAD & 1 ? flags : 0;
	return flags;
}

static void read_flags(const struct piece *piece, unsigned char *uses)
{
	FILE *f = open_system("/proc/kpageflags");
	unsigned long done = 0, i;
	__u64 flags[512], head = 0;
	ssize_t len;

	if (!f)
		err(1, "/proc/kpageflags (a picture needs root and CONFIG_PROC_PAGE_MONITOR)");
	while (done < piece->nr_pages) {
		unsigned long pfn = piece->base_pfn + done;

		i = piece->nr_pages - done < 512 ? piece->nr_pages - done : 512;
		len = pread(fileno(f), flags, i * sizeof(flags[0]),
			    (off_t)pfn * (off_t)sizeof(flags[0]));
		if (len < 0)
			err(1, "/proc/kpageflags at page %#lx", pfn);
		if (len < (ssize_t)sizeof(flags[0]))
			errx(1, "/proc/kpageflags ends before page %#lx", pfn);
		for (i = 0; i < len / sizeof(flags[0]); i++)
			uses[done++] = use_of_flags(with_head(in_our_order(flags[i]), &head));
	}
	fclose(f);
}

static void mark(unsigned char *uses, unsigned long nr, unsigned long from, unsigned long len,
		 enum use use)
{
	if (from < nr)
		memset(uses + from, use, len < nr - from ? len : nr - from);
}

/* What is lent is as it is. */
static void mark_runs(const struct area *area, unsigned long base_pfn, unsigned char *uses,
		      unsigned long nr)
{
	static const struct {
		const char *state;
		enum use use;
	} states[] = {
		{ "ready", USE_READY },
		{ "claimed", USE_CLAIMED },
		{ "allocated", USE_ALLOCATED },
	};
	FILE *f = open_debugfs(area, "runs");
	struct piece run;
	char state[16];
	unsigned int i;

	while (next_run(f, &run, state))
		for (i = 0; i < ARRAY_SIZE(states); i++)
			if (!strcmp(state, states[i].state))
				mark(uses, nr, run.base_pfn - base_pfn, run.nr_pages,
				     states[i].use);
	if (f)
		fclose(f);
}

/* 64-bit kernels that are big-endian tell the halves of a number the other way round. */
static unsigned int place_of_word(unsigned int nr)
{
	return machine.is_big_endian && machine.word_bits == 64 ? nr ^ 1 : nr;
}

static void mark_bits(const struct area *area, const struct piece *piece, unsigned char *uses)
{
	unsigned int order = order_of_units(area), word, nr, i;
	FILE *f = need_debugfs(area, piece->bitmap);

	for (nr = 0; fscanf(f, "%u", &word) == 1; nr++)
		for (i = 0; i < 32; i++)
			if (word >> i & 1)
				mark(uses, piece->nr_pages,
				     (place_of_word(nr) * 32UL + i) << order, 1UL << order,
				     USE_ALLOCATED);
	fclose(f);
}

/*
 * One byte for each page, an enum use, holes between pieces included; NULL if debugfs
 * doesn't tell where the area is. Not of one moment: pages come and go meanwhile.
 */
unsigned char *area_uses(const struct area *area, unsigned long *base_pfn,
			 unsigned long *nr_pages)
{
	struct piece pieces[PIECES_MAX];
	unsigned int nr = area_pieces(area, pieces, PIECES_MAX), i;
	unsigned char *uses;

	if (!nr) {
		warn(DEBUGFS "/%s (a picture needs root and CONFIG_CMA_DEBUGFS)", area->name);
		return NULL;
	}
	*base_pfn = pieces[0].base_pfn;
	*nr_pages = pieces[nr - 1].base_pfn + pieces[nr - 1].nr_pages - *base_pfn;
	uses = zalloc(*nr_pages, 1);
	memset(uses, USE_HOLE, *nr_pages);
	for (i = 0; i < nr; i++) {
		unsigned char *own = uses + (pieces[i].base_pfn - *base_pfn);

		read_flags(&pieces[i], own);
		if (*pieces[i].bitmap)
			mark_bits(area, &pieces[i], own);
	}
	mark_runs(area, *base_pfn, uses, *nr_pages);
	return uses;
}
