// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs have the pages that areas have lent, and of which files they are, as far as
 * /proc/<pid>/pagemap tells.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/types.h>

#include "lent.h"

/* Bits of an entry of pagemap */
#define PRESENT		((__u64)1 << 63)
#define PFN_MASK	(((__u64)1 << 55) - 1)

#define ENTRIES		4096

/* What is to be looked at page by page where the kernel can't say which pages there are. */
#define PLAIN_MOST	(64ULL << 30)

#ifndef PAGEMAP_SCAN
struct page_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct pm_scan_arg {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 category_inverted;
	__u64 category_mask;
	__u64 category_anyof_mask;
	__u64 return_mask;
};

#define PAGE_IS_PRESENT	8
#define PAGEMAP_SCAN	_IOWR('f', 16, struct pm_scan_arg)
#endif

/* A mapping of a program's, as in /proc/<pid>/maps */
struct vma {
	unsigned long long start;
	unsigned long long end;
	unsigned int major;
	unsigned int minor;
	unsigned long long inode;
	char path[512];
};

static bool is_of_file(enum use use)
{
	return use == USE_CACHE || use == USE_DIRTY || use == USE_WRITEBACK || use == USE_SHMEM;
}

/* The last one first: pages of one program, or of one file, are found one after the other. */
static unsigned int find_or_add(struct lent_users *users, const char *name,
				unsigned long long number)
{
	struct lent_user *list;
	unsigned int i;

	for (i = users->nr; i > 0; i--)
		if (users->list[i - 1].number == number && !strcmp(users->list[i - 1].name, name))
			return i - 1;
	list = realloc(users->list, (users->nr + 1) * sizeof(*list));
	if (!list)
		err(1, "no memory for %u programs or files", users->nr + 1);
	users->list = list;
	list[users->nr] = (struct lent_user){ .number = number };
	snprintf(list[users->nr].name, sizeof(list->name), "%s", name);
	return users->nr++;
}

/* However often a program has mapped a page, it has it once. */
static void count_program(struct lent *lent, const struct lent_source *source,
			  unsigned long page)
{
	struct lent_user *program;
	unsigned int nr;

	if (!source->pid || lent->counted[page] == source->pid)
		return;
	lent->counted[page] = source->pid;
	nr = find_or_add(&lent->programs, source->program, source->pid);
	program = &lent->programs.list[nr];
	program->pages++;
	program->file_pages += is_of_file(lent->uses[page]);
}

/* A page belongs to one file, and to all programs that have mapped it. */
static void count_page(struct lent *lent, const struct lent_source *source, unsigned long page)
{
	enum use use = lent->uses[page];
	unsigned int file;

	if (!is_lent(use) || use == USE_FREE)
		return;
	count_program(lent, source, page);
	if (!*source->path || !is_of_file(use) || lent->file_of[page])
		return;
	file = find_or_add(&lent->files, source->path, source->inode);
	lent->file_of[page] = file + 1;
	lent->files.list[file].pages++;
	lent->unknown--;
}

static void take_page(const struct lent_source *source, unsigned long long pfn)
{
	struct lent *lent = source->areas->list;

	for (; lent < source->areas->list + source->areas->nr; lent++)
		if (lent->uses && pfn >= lent->base_pfn && pfn - lent->base_pfn < lent->nr_pages)
			count_page(lent, source, pfn - lent->base_pfn);
}

/* All pages between two addresses of the process that the pagemap is of */
void lent_read(const struct lent_source *source, int pagemap, unsigned long long start,
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
				take_page(source, entries[i] & PFN_MASK);
		at += len;
	}
}

/* True once nothing more can be found out about files. */
bool lent_is_complete(const struct lent_areas *areas)
{
	unsigned int i;

	for (i = 0; i < areas->nr; i++)
		if (areas->list[i].unknown)
			return false;
	return true;
}

/*
 * A program can have reserved more addresses than can be looked at one by one: the kernel is
 * asked which of them have pages.
 */
static void read_vma(const struct lent_source *source, int pagemap, const struct vma *vma)
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
		for (i = 0; i < nr; i++)
			lent_read(source, pagemap, regions[i].start, regions[i].end);
		arg.start = arg.walk_end;
	} while (nr > 0 && arg.start < arg.end);
	if (nr < 0 && errno == ENOTTY && vma->end - vma->start <= PLAIN_MOST)
		lent_read(source, pagemap, vma->start, vma->end);
}

static bool next_vma(FILE *maps, struct vma *vma)
{
	static char *line;
	static size_t size;

	*vma->path = '\0';
	if (getline(&line, &size, maps) < 0 ||
	    sscanf(line, "%llx-%llx %*s %*s %x:%x %llu %511[^\n]", &vma->start, &vma->end,
		   &vma->major, &vma->minor, &vma->inode, vma->path) < 5)
		return false;
	/* What is in brackets, like [heap], isn't of a file. */
	if (*vma->path != '/')
		*vma->path = '\0';
	return true;
}

static FILE *open_of(const char *pid, const char *file)
{
	char path[320];

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	return open_system(path);
}

/* @is_first: count what it has mapped; else look at the files that these are */
static void read_maps(struct lent_areas *areas, const char *pid, bool is_first)
{
	FILE *maps = open_of(pid, "maps"), *pagemap = open_of(pid, "pagemap");
	char name[64], range[64];
	struct vma vma;

	process_name(pid, name, sizeof(name));
	while (maps && pagemap && next_vma(maps, &vma)) {
		const struct lent_source source = {
			.areas = areas,
			.pid = atoi(pid),
			.program = name,
			.path = vma.path,
			.inode = vma.inode,
		};

		snprintf(range, sizeof(range), "%llx-%llx", vma.start, vma.end);
		if (is_first)
			read_vma(&source, fileno(pagemap), &vma);
		else if (*vma.path)
			lent_read_mapped(areas, range, vma.major, vma.minor, &source);
	}
	if (maps)
		fclose(maps);
	if (pagemap)
		fclose(pagemap);
}

static void read_program(const char *pid, void *areas)
{
	read_maps(areas, pid, true);
}

static void read_files_of(const char *pid, void *data)
{
	struct lent_areas *areas = data;

	if (lent_is_complete(areas))
		return;
	areas->pid = pid;
	read_maps(areas, pid, false);
	lent_read_open(areas, pid);
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

static void begin(struct lent *lent)
{
	unsigned long i;

	if (!lent->uses)
		return;
	lent->file_of = calloc(lent->nr_pages, sizeof(*lent->file_of));
	lent->counted = calloc(lent->nr_pages, sizeof(*lent->counted));
	if (!lent->file_of || !lent->counted)
		err(1, "no memory for %lu pages", lent->nr_pages);
	for (i = 0; i < lent->nr_pages; i++)
		lent->unknown += is_of_file(lent->uses[i]);
}

/* All programs first: what they have mapped is known without a look at a file. */
void lent_find(struct lent_areas *areas)
{
	unsigned int i;

	for (i = 0; i < areas->nr; i++)
		begin(&areas->list[i]);
	each_process(read_program, areas);
	/* Files are those of this machine, not of a record. */
	if (!*system_root) {
		each_process(read_files_of, areas);
		lent_read_below(areas);
	}
	for (i = 0; i < areas->nr; i++) {
		sort(&areas->list[i].programs);
		sort(&areas->list[i].files);
	}
}

void lent_end(struct lent_areas *areas)
{
	struct lent *lent = areas->list;

	for (; lent < areas->list + areas->nr; lent++) {
		free((void *)lent->uses);
		free(lent->pins);
		free(lent->file_of);
		free(lent->counted);
		free(lent->programs.list);
		free(lent->files.list);
	}
}
