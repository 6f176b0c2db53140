// SPDX-License-Identifier: GPL-2.0
/*
 * What everybody else pays for an area that no device asks for: nothing is read twice,
 * nothing fails, nobody is killed, and kernel memory can have all that is outside. The
 * benchmark measures the same at length, against a kernel without an area.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

#define SPARE_BYTES	(96 * CMA_MIB)
#define NR_WRITTEN	4U
#define WRITTEN_SEED	1000
#define NR_DIRS		2000U
#define PIPE_BYTES	CMA_MIB
/* What is free outside and can't be had: watermarks, and what programs live on. */
#define RESERVE_BYTES	(16 * CMA_MIB)
/* Of /proc/kpageflags: it has buffers. The kernel may give these bits another meaning. */
#define KPF_LRU		5
#define KPF_PRIVATE	35

FIXTURE(everybody)
{
	struct cma_area area;
	struct cma_files files;
	unsigned long used;
	long killed;
};

FIXTURE_SETUP(everybody)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing)
		missing = cma_files_find(&self->files);
	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	if (self->files.nr > NR_WRITTEN)
		self->files.nr = NR_WRITTEN;
	ASSERT_TRUE(cma_files_make(&self->files));
	cma_drop_clean_cache();
	self->killed = cma_vmstat("oom_kill");
}

FIXTURE_TEARDOWN(everybody)
{
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/* Each file has a seed of its own, which changes with each time that it is written. */
static bool write_all(const struct cma_files *files, __u64 seed)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++)
		if (!cma_files_write(files, i, seed + i))
			return false;
	sync();
	return true;
}

static bool all_intact(const struct cma_files *files, __u64 seed)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++)
		if (!cma_file_intact(files, i, seed + i))
			return false;
	return true;
}

/* In KiB */
static long read_from_disk(void)
{
	return cma_vmstat("pgpgin");
}

/* Page cache that will be written goes outside, but what is there already stays. */
TEST_F_TIMEOUT(everybody, what_the_cache_has_is_overwritten_without_being_read, CMA_HANG_S)
{
	long before, kib = self->files.nr * (CMA_FILE_BYTES / 1024);

	ASSERT_TRUE(all_intact(&self->files, 0));
	before = read_from_disk();
	EXPECT_TRUE(write_all(&self->files, WRITTEN_SEED));
	EXPECT_TRUE(all_intact(&self->files, WRITTEN_SEED));
	EXPECT_LT(read_from_disk() - before, kib / 16);
	EXPECT_TRUE(write_all(&self->files, 0));
}

static void place(const struct cma_files *files, unsigned int i, const char *name,
		  char *path, size_t len)
{
	snprintf(path, len, "%s/cma-test-dir-%u%s", files->dir, i, name);
}

/* Directories with a file each, of which a journal and the cache keep blocks. */
static int make_dirs(void *arg)
{
	const struct cma_files *files = arg;
	char path[320];
	unsigned int i;
	int fd;

	for (i = 0; i < NR_DIRS; i++) {
		place(files, i, "", path, sizeof(path));
		if (mkdir(path, 0700) && errno != EEXIST)
			return 1;
		place(files, i, "/file", path, sizeof(path));
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, path, sizeof(path)) != sizeof(path))
			return 1;
		close(fd);
	}
	return 0;
}

static void remove_dirs(const struct cma_files *files)
{
	char path[320];
	unsigned int i;

	for (i = 0; i < NR_DIRS; i++) {
		place(files, i, "/file", path, sizeof(path));
		unlink(path);
		place(files, i, "", path, sizeof(path));
		rmdir(path);
	}
}

static bool read_dirs(const struct cma_files *files)
{
	char path[320];
	struct stat st;
	unsigned int i;
	bool full;
	DIR *dir;

	for (i = 0; i < NR_DIRS; i++) {
		place(files, i, "", path, sizeof(path));
		dir = opendir(path);
		if (!dir)
			return false;
		full = readdir(dir) && readdir(dir) && readdir(dir);
		closedir(dir);
		place(files, i, "/file", path, sizeof(path));
		if (!full || stat(path, &st))
			return false;
	}
	return true;
}

/* Pages of a cache that have buffers, as blocks that a file system has read for itself. */
static long pages_with_buffers(const struct cma_area *area)
{
	__u64 flags[512], wanted = 1ULL << KPF_LRU | 1ULL << KPF_PRIVATE;
	unsigned long pfn = area->base_pfn, end = pfn + area->nr_pages;
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	long found = 0;
	ssize_t len, i;

	for (; fd >= 0 && pfn < end; pfn += len) {
		len = pread(fd, flags, sizeof(flags), pfn * sizeof(*flags));
		len /= (ssize_t)sizeof(*flags);
		if (len <= 0)
			break;
		for (i = 0; i < len && pfn + i < end; i++)
			found += (flags[i] & wanted) == wanted;
	}
	if (fd >= 0)
		close(fd);
	return fd >= 0 && pfn >= end ? found : -1;
}

/*
 * A journal has its buffers in use as long as it likes, and such a page can't be moved. Little
 * is free outside while they are made; what has buffers because it was written is dropped.
 */
TEST_F_TIMEOUT(everybody, metadata_lies_outside, CMA_HANG_S)
{
	struct cma_anon anon = { .seed = 22 };
	struct statfs fs;
	long before;

	if (!self->area.placed || access("/proc/kpageflags", R_OK))
		SKIP(return, "needs debugfs and CONFIG_PROC_PAGE_MONITOR");
	/* Elsewhere data has buffers as well, or metadata has none. */
	if (statfs(self->files.dir, &fs) || fs.f_type != EXT4_SUPER_MAGIC)
		SKIP(return, "needs files on ext4");
	before = pages_with_buffers(&self->area);
	ASSERT_LE(0, before);
	ASSERT_TRUE(cma_anon_fill(&anon, cma_anon_room(SPARE_BYTES / cma_page_size()),
				  CMA_ANON_PLAIN));
	EXPECT_EQ(0, make_dirs(&self->files));
	cma_drop_clean_cache();
	EXPECT_TRUE(read_dirs(&self->files));
	EXPECT_GT(before + NR_DIRS / 16, pages_with_buffers(&self->area));
	EXPECT_TRUE(cma_anon_intact(&anon));
	remove_dirs(&self->files);
}

TEST_F_TIMEOUT(everybody, metadata_keeps_no_device_out, CMA_HANG_S)
{
	struct cma_buffer buffer;
	int made, ret;

	/* Little is free outside while they are made. */
	ASSERT_TRUE(cma_files_fill_cache(&self->files, &self->area));
	made = make_dirs(&self->files);
	ret = cma_take_stamped(&self->area, self->area.nr_pages / 4 * 3, 3, &buffer);
	EXPECT_EQ(0, made);
	EXPECT_EQ(0, ret);
	if (!ret) {
		EXPECT_TRUE(cma_buffer_intact(&buffer));
		cma_give(&buffer);
	}
	remove_dirs(&self->files);
}

static int write_and_check(void *arg)
{
	const struct cma_files *files = arg;

	return write_all(files, WRITTEN_SEED) && all_intact(files, WRITTEN_SEED) ? 0 : 1;
}

/* An allocation that fails is in the log, where the one who runs the tests sees it. */
TEST_F_TIMEOUT(everybody, where_memory_is_used_in_all_ways_nothing_fails, CMA_HANG_S)
{
	unsigned long spare = (SPARE_BYTES + self->files.nr * CMA_FILE_BYTES) / cma_page_size();
	struct cma_anon anon = { .seed = 21 };
	pid_t writer, maker;
	long failed = cma_area_stat(&self->area, "alloc_pages_fail");

	ASSERT_TRUE(cma_files_fill_cache(&self->files, &self->area));
	writer = cma_spawn(write_and_check, &self->files);
	maker = cma_spawn(make_dirs, &self->files);
	EXPECT_TRUE(cma_anon_fill(&anon, cma_anon_room(spare), CMA_ANON_PLAIN));
	EXPECT_EQ(0, writer > 0 ? cma_reap(writer) : -1);
	EXPECT_EQ(0, maker > 0 ? cma_reap(maker) : -1);
	EXPECT_TRUE(cma_anon_intact(&anon));
	EXPECT_EQ(self->killed, cma_vmstat("oom_kill"));
	EXPECT_EQ(failed, cma_area_stat(&self->area, "alloc_pages_fail"));
	remove_dirs(&self->files);
	EXPECT_TRUE(write_all(&self->files, 0));
}

/**
 * struct filler - a task that has its memory in pipes, until it is killed
 * @most: no more pages than that
 * @pages: so many it has
 */
struct filler {
	unsigned long most;
	atomic_ulong pages;
};

static int fill_pipes(void *arg)
{
	const struct rlimit files = { 1 << 17, 1 << 17 };
	struct filler *filler = arg;
	size_t page = cma_page_size();
	char *bytes = calloc(1, page);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY), pipes[2];

	if (!bytes || fd < 0 || write(fd, "1000", 4) != 4 || setrlimit(RLIMIT_NOFILE, &files))
		return 1;
	while (atomic_load(&filler->pages) < filler->most) {
		if (pipe2(pipes, O_NONBLOCK | O_CLOEXEC) ||
		    fcntl(pipes[1], F_SETPIPE_SZ, (int)PIPE_BYTES) < 0)
			return errno;
		while (write(pipes[1], bytes, page) == (ssize_t)page)
			atomic_fetch_add(&filler->pages, 1);
		if (errno != EAGAIN)
			return errno;
	}
	return 0;
}

/*
 * What pipes have doesn't move, so it has to be outside. Programs have filled memory
 * before, and nothing can be evicted, so pages have to move into the area.
 */
TEST_F_TIMEOUT(everybody, kernel_memory_can_have_what_is_outside_whatever_came_first,
	       CMA_HANG_S)
{
	long outside = cma_meminfo_pages("MemFree") - cma_meminfo_pages("CmaFree"), wanted;
	unsigned long anon_pages = self->area.nr_pages / 8 * 7;
	struct cma_anon anon = { .seed = 22 };
	struct filler *filler;
	int ended;
	pid_t pid;

	wanted = outside - outside / 8 - (long)(RESERVE_BYTES / cma_page_size());
	if (wanted < (long)(RESERVE_BYTES / cma_page_size()))
		SKIP(return, "there is too little memory outside of the area");
	filler = mmap(NULL, sizeof(*filler), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, filler);
	filler->most = wanted;
	ASSERT_TRUE(cma_anon_fill(&anon, anon_pages, CMA_ANON_PLAIN));
	ASSERT_EQ(0, cma_anon_keep_from_children(&anon));
	cma_kmsg_say(CMA_MEMORY_MAY_RUN_OUT);
	pid = cma_spawn(fill_pipes, filler);
	ended = pid > 0 ? cma_reap(pid) : -1;
	cma_kmsg_say(CMA_MEMORY_SUFFICES);
	printf("# %lu of %ld pages outside, beside %lu of programs\n",
	       atomic_load(&filler->pages), outside, anon_pages);
	EXPECT_EQ(0, ended);
	EXPECT_LE((unsigned long)wanted, atomic_load(&filler->pages));
	EXPECT_TRUE(cma_anon_intact(&anon));
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
