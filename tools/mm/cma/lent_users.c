// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs have the pages that an area has lent, and of which files they are.
 *
 * /proc/<pid>/pagemap has the pages that a program has mapped. A file's page that nobody has
 * mapped is found by mapping the file: only what mincore() knows to be in memory is touched,
 * so that nothing is read for it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include "lent.h"

/* Bits of an entry of pagemap */
#define PRESENT		(1ULL << 63)
#define PFN_MASK	((1ULL << 55) - 1)

#define ENTRIES		4096
#define WINDOW		(64UL << 20)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#endif

/* A mapping of a program's, as in /proc/<pid>/maps */
struct vma {
	unsigned long long start;
	unsigned long long end;
	char path[512];
};

/* A program that is looked at, or a file */
struct look {
	struct lent *lent;
	unsigned int user;	/* of lent->programs */
	unsigned int file;	/* of lent->files, 0 while it has no page there */
	const char *path;
	bool is_file;
};

static unsigned int add(struct lent_users *users, const char *name, const char *pid)
{
	struct lent_user *list = realloc(users->list, (users->nr + 1) * sizeof(*list));

	if (!list)
		err(1, "no memory for %u programs or files", users->nr + 1);
	users->list = list;
	list[users->nr] = (struct lent_user){ .pid = pid ? atoi(pid) : 0 };
	snprintf(list[users->nr].name, sizeof(list->name), "%s", name);
	make_plain(list[users->nr].name);
	return users->nr++;
}

/* The number of a file, from 1 on; a file that is mapped twice is one. */
static unsigned int file_of_name(struct lent *lent, const char *name)
{
	unsigned int i;

	for (i = 0; i < lent->files.nr; i++)
		if (!strcmp(lent->files.list[i].name, name))
			return i + 1;
	return add(&lent->files, name, NULL) + 1;
}

static bool is_of_file(enum use use)
{
	return use == USE_CACHE || use == USE_DIRTY || use == USE_WRITEBACK || use == USE_SHMEM;
}

/* A page belongs to one file, and to all programs that have mapped it. */
static void take_page(struct look *look, unsigned long long pfn)
{
	struct lent *lent = look->lent;
	unsigned long long page = pfn - lent->base_pfn;
	struct lent_user *program;
	enum use use;

	if (pfn < lent->base_pfn || page >= lent->nr_pages)
		return;
	use = lent->uses[page];
	if (!is_lent(use) || use == USE_FREE)
		return;
	if (!look->is_file) {
		program = &lent->programs.list[look->user];
		program->pages++;
		program->file_pages += is_of_file(use);
	}
	if (!*look->path || !is_of_file(use) || lent->file_of[page])
		return;
	if (!look->file)
		look->file = file_of_name(lent, look->path);
	lent->file_of[page] = look->file;
	lent->files.list[look->file - 1].pages++;
	lent->unknown--;
}

static void read_entries(struct look *look, int pagemap, unsigned long long start,
			 unsigned long long end)
{
	static uint64_t entries[ENTRIES];
	unsigned long long at = start / machine.page_size, last = end / machine.page_size;
	ssize_t len, i;

	while (at < last) {
		size_t nr = last - at < ENTRIES ? last - at : ENTRIES;

		len = pread(pagemap, entries, nr * sizeof(entries[0]), at * sizeof(entries[0]));
		len /= (ssize_t)sizeof(entries[0]);
		if (len <= 0)
			return;
		for (i = 0; i < len; i++)
			if (entries[i] & PRESENT)
				take_page(look, entries[i] & PFN_MASK);
		at += len;
	}
}

/* ---- Programs ---- */

#ifdef PAGEMAP_SCAN
/*
 * A program can have reserved more addresses than can be looked at one by one. Returns false
 * if this kernel can't tell which of them have pages.
 */
static bool scan_vma(struct look *look, int pagemap, const struct vma *vma)
{
	struct page_region regions[64];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.start = vma->start,
		.end = vma->end,
		.vec = (uintptr_t)regions,
		.vec_len = ARRAY_SIZE(regions),
		.category_mask = PAGE_IS_PRESENT,
		.return_mask = PAGE_IS_PRESENT,
	};
	int nr, i;

	do {
		nr = ioctl(pagemap, PAGEMAP_SCAN, &arg);
		if (nr < 0)
			return errno != ENOTTY;
		for (i = 0; i < nr; i++)
			read_entries(look, pagemap, regions[i].start, regions[i].end);
		arg.start = arg.walk_end;
	} while (arg.start < arg.end && nr);
	return true;
}
#else
static bool scan_vma(struct look *look, int pagemap, const struct vma *vma)
{
	return false;
}
#endif

static bool read_vma(FILE *maps, struct vma *vma)
{
	static char *line;
	static size_t size;

	*vma->path = '\0';
	if (getline(&line, &size, maps) < 0 ||
	    sscanf(line, "%llx-%llx %*s %*s %*s %*s %511[^\n]", &vma->start, &vma->end,
		   vma->path) < 2)
		return false;
	/* What is in brackets, like [heap], isn't of a file. */
	if (*vma->path != '/')
		*vma->path = '\0';
	return true;
}

static void read_program(const char *pid, void *data)
{
	struct look look = { .lent = data };
	FILE *maps, *pagemap;
	struct vma vma;
	char text[320];

	process_name(pid, text, sizeof(text));
	look.user = add(&look.lent->programs, text, pid);
	snprintf(text, sizeof(text), "/proc/%s/maps", pid);
	maps = open_system(text);
	snprintf(text, sizeof(text), "/proc/%s/pagemap", pid);
	pagemap = open_system(text);
	while (maps && pagemap && read_vma(maps, &vma)) {
		look.path = vma.path;
		look.file = 0;
		if (!scan_vma(&look, fileno(pagemap), &vma))
			read_entries(&look, fileno(pagemap), vma.start, vma.end);
	}
	if (maps)
		fclose(maps);
	if (pagemap)
		fclose(pagemap);
	if (!look.lent->programs.list[look.user].pages)
		look.lent->programs.nr--;
}

/* ---- Files ---- */

/* What is in memory of a part of a file that is mapped at @map */
static void read_window(struct look *look, char *map, size_t len)
{
	static unsigned char in_memory[WINDOW / 4096];
	size_t nr = (len + machine.page_size - 1) / machine.page_size, from, to;
	uintptr_t start = (uintptr_t)map;

	if (mincore(map, len, in_memory))
		return;
	madvise(map, len, MADV_RANDOM);
	for (from = 0; from < nr; from = to + 1) {
		for (to = from; to < nr && in_memory[to] & 1; to++)
			;
		if (to == from || madvise(map + from * machine.page_size,
					  (to - from) * machine.page_size, MADV_POPULATE_READ))
			continue;
		read_entries(look, look->lent->own_pagemap, start + from * machine.page_size,
			     start + to * machine.page_size);
	}
}

/* Only a regular file is opened: others may wait, or do something. */
static void read_file(struct lent *lent, const char *open_as, const char *path, int flags)
{
	struct look look = { .lent = lent, .path = path, .is_file = true };
	struct stat st;
	off_t at;
	char *map;
	int fd;

	if (stat(open_as, &st) || !S_ISREG(st.st_mode) || !st.st_size || !lent->unknown)
		return;
	fd = open(open_as, O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags);
	for (at = 0; fd >= 0 && at < st.st_size; at += WINDOW) {
		size_t len = st.st_size - at < (off_t)WINDOW ? st.st_size - at : (off_t)WINDOW;

		map = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, at);
		if (map == MAP_FAILED)
			break;
		read_window(&look, map, len);
		munmap(map, len);
	}
	if (fd >= 0)
		close(fd);
}

static void read_open_file(const char *link, void *lent)
{
	char path[512];
	ssize_t len = readlink(link, path, sizeof(path) - 1);

	if (len <= 0 || *path != '/')
		return;
	path[len] = '\0';
	read_file(lent, link, path, 0);
}

static void read_files_of(const char *pid, void *lent)
{
	each_file_of(pid, "fd", read_open_file, lent);
	each_file_of(pid, "map_files", read_open_file, lent);
}

/* Of one file system: what is mounted below isn't meant. */
static void read_files_below(struct lent *lent, const char *dir)
{
	char path[512], *roots[] = { path, NULL };
	FTSENT *entry;
	FTS *fts;

	snprintf(path, sizeof(path), "%s", dir);
	fts = fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	while (fts && lent->unknown && (entry = fts_read(fts)))
		if (entry->fts_info == FTS_F)
			read_file(lent, entry->fts_accpath, entry->fts_path, O_NOFOLLOW);
	if (fts)
		fts_close(fts);
}

static int by_pages(const void *a, const void *b)
{
	const struct lent_user *first = a, *second = b;

	if (first->pages != second->pages)
		return first->pages < second->pages ? 1 : -1;
	return strcmp(first->name, second->name);
}

static void sort(struct lent_users *users)
{
	if (users->nr)
		qsort(users->list, users->nr, sizeof(*users->list), by_pages);
}

/* Files are those of this machine, not of a record. */
void lent_find(struct lent *lent, const char *dir)
{
	unsigned long i;

	lent->file_of = calloc(lent->nr_pages, sizeof(*lent->file_of));
	if (!lent->file_of)
		err(1, "no memory for %lu pages", lent->nr_pages);
	for (i = 0; i < lent->nr_pages; i++)
		lent->unknown += is_of_file(lent->uses[i]);
	each_process(read_program, lent);
	lent->own_pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (lent->own_pagemap >= 0 && !*system_root) {
		each_process(read_files_of, lent);
		if (dir)
			read_files_below(lent, dir);
	}
	if (lent->own_pagemap >= 0)
		close(lent->own_pagemap);
	sort(&lent->programs);
	sort(&lent->files);
}

void lent_end(struct lent *lent)
{
	free(lent->file_of);
	free(lent->programs.list);
	free(lent->files.list);
}
