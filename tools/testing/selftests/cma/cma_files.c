// SPDX-License-Identifier: GPL-2.0
/*
 * Files on a disk, which fill the page cache and whose contents are known.
 *
 * They lie in the directory that CMA_TEST_DIR names, or in the current one.
 * They stay there from one test of a program to the next, and no longer: what
 * one program has written into them isn't what another one expects.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "cma_files.h"

#define CHUNK	CMA_MIB
#define WORDS	(CHUNK / sizeof(__u64))

/* The hole is read in steps of this many bytes, until memory is full. */
#define HOLE_STEP	(8 * CMA_MIB)

/* Files with a pattern: a good part of memory, but no more than that. */
#define DATA_FILES	24

static void file_path(const struct cma_files *files, unsigned int i,
		      char *path, size_t len)
{
	snprintf(path, len, "%s/cma-test-%u", files->dir, i);
}

static void hole_path(const struct cma_files *files, char *path, size_t len)
{
	snprintf(path, len, "%s/cma-test-hole", files->dir);
}

static void name_directory(struct cma_files *files)
{
	const char *dir = getenv("CMA_TEST_DIR");

	snprintf(files->dir, sizeof(files->dir), "%s", dir ? dir : ".");
}

/*
 * Plans files for this machine. Returns NULL, or why there can be none: the
 * page cache of files that are nowhere but in memory is of another kind.
 */
const char *cma_files_find(struct cma_files *files)
{
	long memory = cma_meminfo_pages("MemTotal");
	struct statvfs room;
	struct statfs type;
	__u64 bytes;

	files->filled = 0;
	name_directory(files);
	if (statfs(files->dir, &type) || statvfs(files->dir, &room))
		return "no directory to write to (CMA_TEST_DIR)";
	if ((long)type.f_type == TMPFS_MAGIC ||
	    (long)type.f_type == RAMFS_MAGIC)
		return "needs a directory on a disk (CMA_TEST_DIR)";
	if (room.f_flag & ST_RDONLY)
		return "the directory is read-only (CMA_TEST_DIR)";

	files->nr = DATA_FILES;
	/* A fifth of memory, to leave room for the buffers and all the rest. */
	bytes = (__u64)memory * cma_page_size() / 5;
	if (files->nr > bytes / CMA_FILE_BYTES)
		files->nr = bytes / CMA_FILE_BYTES;
	files->hole = (size_t)memory * cma_page_size() / HOLE_STEP * HOLE_STEP;
	if (!files->nr)
		return "too little memory for files in it";
	if ((__u64)room.f_bavail * room.f_frsize <
	    (files->nr + 8) * CMA_FILE_BYTES) {
		char path[300];

		file_path(files, files->nr - 1, path, sizeof(path));
		if (access(path, F_OK))
			return "too little room on the disk (CMA_TEST_DIR)";
	}
	return NULL;
}

int cma_files_open(const struct cma_files *files, unsigned int i, int flags)
{
	char path[300];

	file_path(files, i, path, sizeof(path));
	return open(path, flags | O_CLOEXEC, 0600);
}

/* Writes one file all over. */
bool cma_files_write(const struct cma_files *files, unsigned int i,
		     __u64 seed)
{
	__u64 *chunk = malloc(CHUNK);
	int fd = cma_files_open(files, i, O_WRONLY | O_CREAT);
	bool good = chunk && fd >= 0;
	size_t done;

	for (done = 0; good && done < CMA_FILE_BYTES; done += CHUNK) {
		cma_stamp(chunk, WORDS, seed, done / sizeof(__u64));
		good = write(fd, chunk, CHUNK) == CHUNK;
	}
	if (fd >= 0)
		close(fd);
	free(chunk);
	return good;
}

/* Reads one file through the page cache. */
bool cma_file_intact(const struct cma_files *files, unsigned int i,
		     __u64 seed)
{
	__u64 *chunk = malloc(CHUNK);
	int fd = cma_files_open(files, i, O_RDONLY);
	bool good = chunk && fd >= 0;
	size_t done;

	for (done = 0; good && done < CMA_FILE_BYTES; done += CHUNK) {
		good = read(fd, chunk, CHUNK) == CHUNK &&
		       cma_stamped(chunk, WORDS, seed,
				   done / sizeof(__u64));
		if (!good)
			printf("# file %u differs at byte %zu\n", i, done);
	}
	if (fd >= 0)
		close(fd);
	free(chunk);
	return good;
}

/* Makes what is planned, unless it is there already. */
bool cma_files_make(struct cma_files *files)
{
	struct stat st;
	char path[300];
	unsigned int i;
	bool good;
	int fd;

	for (i = 0; i < files->nr; i++) {
		file_path(files, i, path, sizeof(path));
		if (!stat(path, &st) && st.st_size == CMA_FILE_BYTES)
			continue;
		if (!cma_files_write(files, i, i))
			return false;
	}
	hole_path(files, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = !ftruncate(fd, files->hole);
	close(fd);
	sync();
	return good;
}

static void remove_files(void)
{
	struct cma_files files;
	char path[300];
	unsigned int i;

	name_directory(&files);
	for (i = 0; i < CMA_FILES_MAX; i++) {
		file_path(&files, i, path, sizeof(path));
		unlink(path);
	}
	hole_path(&files, path, sizeof(path));
	unlink(path);
}

static pid_t owner;

static void remove_own_files(void)
{
	if (getpid() == owner)
		remove_files();
}

/*
 * Begins without files, even if an earlier run was cut off, and ends without
 * them. The harness leaves by exit(), so that nothing after it would be run.
 */
void cma_files_for_this_program(void)
{
	remove_files();
	owner = getpid();
	atexit(remove_own_files);
}

/*
 * Reads the hole from @from to @to; a byte that isn't zero has come from
 * elsewhere.
 */
static bool read_hole(const struct cma_files *files, size_t from, size_t to)
{
	__u64 *chunk = malloc(CHUNK);
	bool good = chunk;
	char path[300];
	size_t i;
	int fd;

	hole_path(files, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (; good && from < to; from += CHUNK) {
		good = pread(fd, chunk, CHUNK, from) == CHUNK;
		for (i = 0; good && i < WORDS; i++)
			good = !chunk[i];
		if (!good)
			printf("# the hole isn't empty at byte %zu\n", from);
	}
	if (fd >= 0)
		close(fd);
	free(chunk);
	return good;
}

/* Are all files what they were made to be? */
bool cma_files_intact(const struct cma_files *files)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++)
		if (!cma_file_intact(files, i, i))
			return false;
	return read_hole(files, 0, files->filled);
}

/*
 * Fills memory with the page cache of files, the area included.
 *
 * A process's memory comes first, because that is quicker and stays out of the
 * area. The files that matter come next, when half of what is free around the
 * area is its own. They are read twice, because what is read once is the first
 * to go. The hole fills the rest.
 */
bool cma_files_fill_cache(struct cma_files *files, const struct cma_area *area)
{
	long limit = area->nr_pages / 8;
	unsigned int pass, i;

	if (!cma_anon_touch_until_lent(cma_anon_room(2 * area->nr_pages)))
		return false;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < files->nr; i++)
			if (!cma_file_intact(files, i, i))
				return false;
	for (files->filled = 0; files->filled < files->hole &&
	     cma_meminfo_pages("CmaFree") > limit; files->filled += HOLE_STEP)
		if (!read_hole(files, files->filled, files->filled + HOLE_STEP))
			return false;
	return cma_meminfo_pages("CmaFree") <= limit;
}

/* Maps all files with a pattern, and touches each of their pages. */
const __u64 **cma_files_map(const struct cma_files *files)
{
	const __u64 **maps = calloc(files->nr, sizeof(*maps));
	unsigned int i;
	int fd;

	for (i = 0; maps && i < files->nr; i++) {
		fd = cma_files_open(files, i, O_RDONLY);
		maps[i] = mmap(NULL, CMA_FILE_BYTES, PROT_READ,
			       MAP_SHARED | MAP_POPULATE, fd, 0);
		close(fd);
		if (maps[i] == MAP_FAILED)
			return NULL;
	}
	return maps;
}

/* How many pages of the mapped files lie in the area. */
unsigned long cma_files_inside(const struct cma_files *files,
			       const __u64 **maps,
			       const struct cma_area *area)
{
	unsigned long inside = 0;
	unsigned int i;

	for (i = 0; i < files->nr; i++)
		inside += cma_pages_inside(area, maps[i], CMA_FILE_BYTES /
					   cma_page_size());
	return inside;
}
