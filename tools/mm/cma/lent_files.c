// SPDX-License-Identifier: GPL-2.0
/*
 * Of which files the pages are that no program has mapped: a file is mapped here, and those of
 * its pages touched that mincore() knows to be in memory.
 *
 * A look mustn't change anything: nothing is read from a disk for it, no time of access is
 * updated, no page becomes one that was used of late, and no file is touched that a server or
 * another program has to answer for.
 */
#include <err.h>
#include <fcntl.h>
#include <fts.h>
#include <search.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "lent.h"

#define WINDOW		(64UL << 20)

#ifndef HUGETLBFS_MAGIC
#define HUGETLBFS_MAGIC	0x958458f6
#endif

/* ---- Which files may be touched, and which were ---- */

struct inode {
	unsigned int major;
	unsigned int minor;
	unsigned long long number;
};

static int compare(const void *a, const void *b)
{
	const struct inode *first = a, *second = b;

	if (first->number != second->number)
		return first->number < second->number ? -1 : 1;
	if (first->major != second->major)
		return first->major < second->major ? -1 : 1;
	return first->minor < second->minor ? -1 : first->minor > second->minor;
}

/* False if it was asked for before. */
static bool is_new(struct inode inode)
{
	static void *seen;
	struct inode *copy;
	void *found = tfind(&inode, &seen, compare);

	if (found)
		return false;
	copy = malloc(sizeof(*copy));
	if (!copy)
		err(1, "no memory for one more file");
	*copy = inode;
	if (!tsearch(copy, &seen, compare))
		err(1, "no memory for one more file");
	return true;
}

/*
 * Is it on a disk of this machine, or in its memory? What has no device, but for a few, and
 * what a program serves may never answer.
 */
static bool is_local(const char *type)
{
	static const char * const memory[] = { "tmpfs", "ramfs", "devtmpfs", "overlay" };
	char line[128], known[64];
	bool found = false;
	unsigned int i;
	FILE *f;

	for (i = 0; i < ARRAY_SIZE(memory); i++)
		if (!strcmp(type, memory[i]))
			return true;
	if (!strncmp(type, "fuse", 4))
		return false;
	/* One with a device begins with a tab; btrfs has its own and is not. */
	f = fopen("/proc/filesystems", "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = *line == '\t' && sscanf(line, " %63s", known) == 1 && !strcmp(known, type);
	if (f)
		fclose(f);
	return found;
}

/* A mount of a process: by its number, or by its device where that is negative */
static bool find_mount(const char *pid, long id, unsigned int *major, unsigned int *minor)
{
	char path[320], line[4096], type[64];
	unsigned int here_major, here_minor;
	bool found = false;
	long here;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		const char *dash = strstr(line, " - ");

		if (!dash || sscanf(dash, " - %63s", type) != 1 ||
		    sscanf(line, "%ld %*d %u:%u", &here, &here_major, &here_minor) != 3)
			continue;
		if (id < 0 ? here_major == *major && here_minor == *minor : here == id)
			found = is_local(type);
		if (found) {
			*major = here_major;
			*minor = here_minor;
		}
	}
	if (f)
		fclose(f);
	return found;
}

/* Files in memory that nobody has mounted; those of hugetlb are told apart when open. */
static bool is_of_kernel(const char *path)
{
	return !strncmp(path, "/memfd:", 7) || !strncmp(path, "/SYSV", 5) ||
	       !strcmp(path, "/dev/zero (deleted)");
}

/* ---- What is in memory of one ---- */

static sigjmp_buf gone;

static void on_sigbus(int sig)
{
	siglongjmp(gone, 1);
}

/* What was cut off meanwhile, or has failed, is left out. */
static void touch(const char *page)
{
	if (!sigsetjmp(gone, 0))
		__atomic_load_n(page, __ATOMIC_RELAXED);
}

static int own_pagemap(void)
{
	static int fd = -1;
	struct sigaction action = { .sa_handler = on_sigbus, .sa_flags = SA_NODEFER };

	if (fd < 0) {
		sigaction(SIGBUS, &action, NULL);
		fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

/* A part of a file that is mapped at @map. MADV_RANDOM: what is touched isn't used for that. */
static void read_window(const struct lent_source *source, char *map, size_t len)
{
	static unsigned char in_memory[WINDOW / 4096];
	size_t page = machine.page_size, nr = (len + page - 1) / page, from, to, i;
	uintptr_t start = (uintptr_t)map;

	if (madvise(map, len, MADV_RANDOM) || mincore(map, len, in_memory))
		return;
	for (from = 0; from < nr; from = to + 1) {
		for (to = from; to < nr && in_memory[to] & 1; to++)
			;
		for (i = from; i < to; i++)
			touch(map + i * page);
		lent_read(source, own_pagemap(), start + from * page, start + to * page);
	}
}

/* Holes are passed over: a file may be larger than any disk. */
static void read_data(const struct lent_source *source, int fd, off_t size)
{
	off_t at = 0, left;
	size_t len;
	char *map;

	while (at < size) {
		at = lseek(fd, at, SEEK_DATA);
		if (at < 0)
			return;
		at -= at % machine.page_size;
		left = size - at;
		len = left < (off_t)WINDOW ? left : (off_t)WINDOW;
		map = mmap(NULL, len, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, at);
		if (map == MAP_FAILED)
			return;
		read_window(source, map, len);
		munmap(map, len);
		at += len;
	}
}

/* Pages of hugetlb are of no interest, and to map them would reserve some. */
static void read_file(const struct lent_source *source, const char *open_as, int flags)
{
	int fd = open(open_as, O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC | flags);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !fstatfs(fd, &fs) &&
	    (unsigned long)fs.f_type != HUGETLBFS_MAGIC)
		read_data(source, fd, st.st_size);
	close(fd);
}

/* ---- Where files are ---- */

/* A file of the program, which has it mapped at that range */
void lent_read_mapped(struct lent_areas *areas, const char *range, unsigned int major,
		      unsigned int minor, const struct lent_source *source)
{
	const struct inode inode = { major, minor, source->inode };
	struct lent_source file = *source;
	char open_as[320];

	if (!is_new(inode) || lent_is_complete(areas) ||
	    (!is_of_kernel(source->path) && !find_mount(areas->pid, -1, &major, &minor)))
		return;
	snprintf(open_as, sizeof(open_as), "/proc/%s/map_files/%s", areas->pid, range);
	file.pid = 0;
	read_file(&file, open_as, 0);
}

/* What fdinfo has, which asks no file system. */
static bool read_fdinfo(const char *pid, const char *fd, long *mount, unsigned long long *inode)
{
	char path[320], line[256];
	bool has_inode = false, has_mount = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		has_mount |= sscanf(line, "mnt_id: %ld", mount) == 1;
		has_inode |= sscanf(line, "ino: %llu", inode) == 1;
	}
	if (f)
		fclose(f);
	return has_inode && has_mount;
}

static void read_open_file(const char *link, void *data)
{
	struct lent_areas *areas = data;
	struct lent_source source = { .areas = areas };
	struct inode inode = { };
	char path[512];
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	long mount;

	if (len <= 0 || *path != '/')
		return;
	path[len] = '\0';
	if (!read_fdinfo(areas->pid, strrchr(link, '/') + 1, &mount, &inode.number) ||
	    (!find_mount(areas->pid, mount, &inode.major, &inode.minor) && !is_of_kernel(path)))
		return;
	source.path = path;
	source.inode = inode.number;
	if (is_new(inode) && !lent_is_complete(areas))
		read_file(&source, link, 0);
}

void lent_read_open(struct lent_areas *areas, const char *pid)
{
	each_file_of(pid, "fd", read_open_file, areas);
}

/* Of one file system: what is mounted below isn't meant. */
void lent_read_below(struct lent_areas *areas)
{
	char path[512], *roots[] = { path, NULL };
	FTSENT *entry;
	FTS *fts;

	if (!areas->dir)
		return;
	snprintf(path, sizeof(path), "%s", areas->dir);
	fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_XDEV | FTS_NOCHDIR, NULL);
	if (!fts)
		err(1, "%s", areas->dir);
	while (!lent_is_complete(areas) && (entry = fts_read(fts))) {
		const struct lent_source source = {
			.areas = areas,
			.path = entry->fts_path,
			.inode = entry->fts_info == FTS_F ? entry->fts_statp->st_ino : 0,
		};

		if (entry->fts_info == FTS_F)
			read_file(&source, entry->fts_accpath, O_NOFOLLOW);
	}
	fts_close(fts);
}
