// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers come out of memory that is full: of clean files, of files that are
 * being written, of anonymous memory of each kind. Afterwards both sides have
 * what they had.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

#define NR_SIZES	5U
#define SPARE_BYTES	(80 * CMA_MIB)
#define WRITE_MS	8000
#define NR_WRITTEN	4
#define NR_SMALL	100000U
#define SMALL_PAGES	8UL
#define SMALL_LENDS	1000U
#define SMALL_MS	30000
/* A window lasts for 30 seconds. */
#define WINDOW_MS	25000

static const unsigned long sizes[NR_SIZES] = { 1, 16, 256, 2048, 16384 };

/* The sizes as they are, but for areas that are too small for the last. */
static unsigned long size_in(const struct cma_area *area, unsigned int i)
{
	return sizes[i] < area->nr_pages / 4 ? sizes[i] : area->nr_pages / 4;
}

/* One buffer of each of @nr sizes. Returns how many there are. */
static unsigned int take_each(const struct cma_area *area,
			      struct cma_buffer *buffers, unsigned int nr)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = cma_take_stamped(area, size_in(area, i), 1000 + i,
				       &buffers[i]);
		if (ret) {
			printf("# %lu pages: %s\n", size_in(area, i),
			       strerror(-ret));
			break;
		}
	}
	return i;
}

/* Checks buffers and gives them back. Returns how many were intact. */
static unsigned int give_each(struct cma_buffer *buffers, unsigned int nr)
{
	unsigned int i, intact = 0;

	for (i = 0; i < nr; i++) {
		intact += cma_buffer_intact(&buffers[i]);
		cma_give(&buffers[i]);
	}
	return intact;
}

FIXTURE(cache)
{
	struct cma_area area;
	struct cma_files files;
	unsigned long used;
};

FIXTURE_SETUP(cache)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing)
		missing = cma_files_find(&self->files);
	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	ASSERT_TRUE(cma_files_make(&self->files));
	cma_drop_clean_cache();
	/* The scene: most of the area is lent out. */
	ASSERT_TRUE(cma_files_fill_cache(&self->files, &self->area));
}

FIXTURE_TEARDOWN(cache)
{
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

TEST_F_TIMEOUT(cache, buffers_come_out_of_memory_full_of_files, CMA_HANG_S)
{
	struct cma_buffer buffers[NR_SIZES];
	unsigned int nr = take_each(&self->area, buffers, NR_SIZES);

	EXPECT_EQ(NR_SIZES, nr);
	EXPECT_TRUE(cma_files_intact(&self->files));
	EXPECT_EQ(nr, give_each(buffers, nr));
}

TEST_F_TIMEOUT(cache, mapped_files_keep_their_contents_while_they_move, CMA_HANG_S)
{
	const __u64 **maps = cma_files_map(&self->files);
	struct cma_buffer buffers[NR_SIZES];
	unsigned long before;
	unsigned int i, nr;

	ASSERT_NE(NULL, maps);
	if (!self->area.placed)
		SKIP(return, "no place of the area (CONFIG_CMA_DEBUGFS)");
	before = cma_files_inside(&self->files, maps, &self->area);
	/* The scene: the largest buffer can't but displace some of them. */
	ASSERT_GT(before, self->area.nr_pages / 32);

	nr = take_each(&self->area, buffers, NR_SIZES);
	EXPECT_EQ(NR_SIZES, nr);
	for (i = 0; i < self->files.nr; i++)
		EXPECT_TRUE(cma_stamped(maps[i], CMA_FILE_BYTES /
					sizeof(__u64), i, 0));
	EXPECT_EQ(nr, give_each(buffers, nr));
}

/*
 * Small buffers, one after the other, as many as there is time for. What was given back
 * would serve all of them, so now and then the area lends it, and page cache comes in.
 */
TEST_F_TIMEOUT(cache, many_small_buffers_leave_no_line_in_the_log, CMA_HANG_S)
{
	__u64 end = cma_now_ms() + SMALL_MS;
	int kmsg = cma_kmsg_open(), fd;
	unsigned int i;

	ASSERT_GE(kmsg, 0);
	for (i = 0; i <= SMALL_LENDS || (i < NR_SMALL && cma_now_ms() < end); i++) {
		fd = cma_take_fd(&self->area, SMALL_PAGES * cma_page_size());
		ASSERT_GE(fd, 0);
		close(fd);
		if (i % SMALL_LENDS)
			continue;
		cma_area_lend(&self->area);
		EXPECT_TRUE(cma_files_intact(&self->files));
	}
	EXPECT_FALSE(cma_kmsg_says(kmsg, "cma", self->area.name));
	EXPECT_GT(i, SMALL_LENDS);
	close(kmsg);
}

/* Writes the same files over and over, with another pattern each time. */
static int write_files(void *arg)
{
	struct cma_files files = *(struct cma_files *)arg;
	__u64 end = cma_now_ms() + WRITE_MS, seed = 5000;
	unsigned int i;

	do {
		seed++;
		for (i = 0; i < NR_WRITTEN; i++)
			if (!cma_files_write(&files, files.nr + i, seed + i))
				return 1;
	} while (cma_now_ms() < end);

	for (i = 0; i < NR_WRITTEN; i++)
		if (!cma_file_intact(&files, files.nr + i, seed + i))
			return 2;
	cma_drop_clean_cache();
	for (i = 0; i < NR_WRITTEN; i++)
		if (!cma_file_intact(&files, files.nr + i, seed + i))
			return 3;
	return 0;
}

TEST_F_TIMEOUT(cache, a_writer_loses_nothing_while_buffers_are_taken, CMA_HANG_S)
{
	__u64 end = cma_now_ms() + WRITE_MS;
	pid_t pid = cma_spawn(write_files, &self->files);
	struct cma_buffer buffers[NR_SIZES];
	unsigned int nr, rounds = 0;

	ASSERT_GT(pid, 0);
	do {
		/* All but the largest, which would take the time of many. */
		nr = take_each(&self->area, buffers, NR_SIZES - 1);
		EXPECT_EQ(NR_SIZES - 1, nr);
		EXPECT_EQ(nr, give_each(buffers, nr));
		rounds++;
	} while (nr == NR_SIZES - 1 && (rounds < 2 || cma_now_ms() < end));
	EXPECT_EQ(0, cma_reap(pid));
	EXPECT_TRUE(cma_files_intact(&self->files));
}

FIXTURE(anon)
{
	struct cma_area area;
	struct cma_anon anon;
	unsigned long used;
	unsigned long inside;
};

FIXTURE_VARIANT(anon)
{
	enum cma_anon_kind kind;
};

FIXTURE_VARIANT_ADD(anon, plain)
{
	.kind = CMA_ANON_PLAIN,
};

FIXTURE_VARIANT_ADD(anon, mlocked)
{
	.kind = CMA_ANON_LOCKED,
};

FIXTURE_VARIANT_ADD(anon, huge)
{
	.kind = CMA_ANON_HUGE,
};

static bool huge_pages_possible(void)
{
	char line[128] = "";
	FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return strstr(line, "[always]") || strstr(line, "[madvise]");
}

/* Room for the largest buffers' old pages, and some to live on. */
static unsigned long spare_pages(const struct cma_area *area)
{
	unsigned long pages = SPARE_BYTES / cma_page_size();
	unsigned int i;

	for (i = 0; i < NR_SIZES; i++)
		pages += size_in(area, i);
	return pages;
}

FIXTURE_SETUP(anon)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing && !self->area.placed)
		missing = "no place of the area (CONFIG_CMA_DEBUGFS)";
	if (!missing && variant->kind == CMA_ANON_HUGE &&
	    !huge_pages_possible())
		missing = "no huge pages (CONFIG_TRANSPARENT_HUGEPAGE)";
	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	cma_drop_clean_cache();
	self->anon.seed = 77;
	ASSERT_TRUE(cma_anon_fill(&self->anon,
				  cma_anon_room(spare_pages(&self->area)),
				  variant->kind));
	self->inside = cma_pages_inside(&self->area, self->anon.mem,
					self->anon.pages);
	/* The scene: much of the area is lent to this memory. */
	ASSERT_GT(self->inside, self->area.nr_pages / 4);
}

FIXTURE_TEARDOWN(anon)
{
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

TEST_F_TIMEOUT(anon, memory_keeps_its_contents_while_it_moves, CMA_HANG_S)
{
	struct cma_buffer buffers[NR_SIZES];
	unsigned long inside;
	unsigned int nr;

	if (variant->kind == CMA_ANON_HUGE)
		ASSERT_GT(cma_smaps_kib(self->anon.mem, "AnonHugePages"),
			  32 * 1024);
	if (variant->kind == CMA_ANON_LOCKED)
		ASSERT_GT(cma_meminfo_pages("Mlocked"),
			  (long)self->anon.pages * 15 / 16);

	nr = take_each(&self->area, buffers, NR_SIZES);
	EXPECT_EQ(NR_SIZES, nr);
	inside = cma_pages_inside(&self->area, self->anon.mem,
				  self->anon.pages);
	EXPECT_LE(inside, self->area.nr_pages - cma_area_used(&self->area));
	EXPECT_TRUE(cma_anon_intact(&self->anon));
	EXPECT_EQ(nr, give_each(buffers, nr));
}

/* Takes and gives back a large buffer until it is killed. */
static int take_large(void *arg)
{
	const struct cma_area *area = arg;
	size_t bytes = area->nr_pages / 4 * cma_page_size();
	int fd;

	do {
		fd = cma_take_fd(area, bytes);
	} while (fd >= 0 && !close(fd));
	return -fd;
}

FIXTURE(interrupted)
{
	struct cma_area area;
	struct cma_anon anon;
	unsigned long used;
};

FIXTURE_SETUP(interrupted)
{
	const char *missing = cma_area_find(&self->area);

	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	cma_drop_clean_cache();
	self->anon.seed = 78;
	/* Moving it takes time, in which the signal comes. */
	ASSERT_TRUE(cma_anon_fill(&self->anon,
				  cma_anon_room(spare_pages(&self->area)),
				  CMA_ANON_PLAIN));
}

FIXTURE_TEARDOWN(interrupted)
{
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

TEST_F_TIMEOUT(interrupted, a_process_killed_in_a_request_leaks_nothing, CMA_HANG_S)
{
	__u64 random = 20240817;
	struct cma_buffer buffer;
	unsigned int i;
	pid_t pid;

	for (i = 0; i < 30; i++) {
		pid = cma_spawn(take_large, &self->area);
		ASSERT_GT(pid, 0);
		cma_sleep_ms(1 + cma_random(&random) % 150);
		kill(pid, SIGKILL);
		EXPECT_EQ(-SIGKILL, cma_reap(pid));
		EXPECT_TRUE(cma_area_settles(&self->area, self->used));
	}
	EXPECT_EQ(0, cma_take_stamped(&self->area, self->area.nr_pages / 4, 9,
				      &buffer));
	EXPECT_TRUE(cma_anon_intact(&self->anon));
	cma_give(&buffer);
}

static unsigned long files_inside(struct cma_files *files, const struct cma_area *area)
{
	const __u64 **maps = cma_files_map(files);
	unsigned long inside = cma_files_inside(files, maps, area);
	unsigned int i;

	for (i = 0; i < files->nr; i++)
		munmap((void *)maps[i], CMA_FILE_BYTES);
	free(maps);
	return inside;
}

/* A device has had a quarter of the area a moment ago, and all of it is lent. */
FIXTURE(demand)
{
	__u64 since;
	struct cma_area area;
	struct cma_area window;
	struct cma_files files;
};

static unsigned long pages_per_block(void)
{
	FILE *file = fopen("/proc/pagetypeinfo", "re");
	unsigned long pages = 0;
	char line[256];

	while (file && !pages && fgets(line, sizeof(line), file))
		sscanf(line, "Pages per block: %lu", &pages);
	if (file)
		fclose(file);
	return pages;
}

/* Takes a buffer and gives it back; where it was is the window. */
static int make_window(const struct cma_area *area, unsigned long pages,
		       struct cma_area *window)
{
	__u32 *before = cma_area_bitmap(area), *after;
	struct cma_buffer buffer;
	unsigned long bit = 0;
	int err = cma_take_stamped(area, pages, 9, &buffer);

	if (err)
		return err;
	after = cma_area_bitmap(area);
	while (before && after && bit < area->nr_pages &&
	       cma_bitmap_test(before, bit) == cma_bitmap_test(after, bit))
		bit++;
	*window = *area;
	window->base_pfn = area->base_pfn + bit;
	window->nr_pages = pages;
	window->placed = before && after && bit + pages <= area->nr_pages;
	free(before);
	free(after);
	cma_give(&buffer);
	return 0;
}

FIXTURE_SETUP(demand)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing)
		missing = cma_files_find(&self->files);
	if (!missing && !self->area.placed)
		missing = "no place of the area (CONFIG_CMA_DEBUGFS)";
	if (!missing &&
	    cma_area_stat(&self->area, "quick_max") < (long)self->area.nr_pages / 4)
		missing = "nothing is kept for devices (quick_max)";
	if (!missing && 8 * pages_per_block() > self->area.nr_pages)
		missing = "the area has too few pageblocks";
	if (missing)
		SKIP(return, "%s", missing);
	self->files.nr = 2;
	cma_drop_clean_cache();
	ASSERT_EQ(0, make_window(&self->area, self->area.nr_pages / 4, &self->window));
	self->since = cma_now_ms();
	ASSERT_TRUE(self->window.placed);
	cma_area_lend(&self->area);
	ASSERT_LT(0, cma_area_stat(&self->area, "quick_pages"));
}

FIXTURE_TEARDOWN(demand)
{
}

/* What is in a window is dropped when the device asks again. */
TEST_F_TIMEOUT(demand, files_are_elsewhere_while_there_is_room, CMA_HANG_S)
{
	unsigned int i;

	for (i = 0; i < self->files.nr; i++)
		ASSERT_TRUE(cma_files_write(&self->files, i, i));
	sync();
	cma_drop_clean_cache();
	if ((unsigned long)cma_meminfo_pages("MemAvailable") <
	    4 * self->files.nr * CMA_FILE_BYTES / cma_page_size())
		SKIP(return, "the machine has too little memory");
	EXPECT_EQ(0UL, files_inside(&self->files, &self->window));
}

/* What is under writeback can't move, and a process's memory has to be copied. */
TEST_F_TIMEOUT(demand, what_a_device_had_is_for_files_that_are_read, CMA_HANG_S)
{
	struct cma_anon anon = { .seed = 4 };
	struct cma_buffer buffer;
	unsigned long nr_files;
	const __u64 **maps;
	unsigned int i;

	for (i = 0; i < self->files.nr; i++)
		ASSERT_TRUE(cma_files_write(&self->files, i, i));
	nr_files = files_inside(&self->files, &self->window);
	ASSERT_TRUE(cma_anon_fill(&anon, cma_anon_room(CMA_FILE_BYTES / cma_page_size()),
				  CMA_ANON_PLAIN));
	if (cma_now_ms() > self->since + WINDOW_MS)
		SKIP(return, "the machine is too slow: the window has ended");
	EXPECT_GT(self->window.nr_pages / 16, nr_files);
	EXPECT_GT(self->window.nr_pages / 16,
		  cma_pages_inside(&self->window, anon.mem, anon.pages));

	/* What is dirty yet would stay where it is. */
	sync();
	cma_drop_clean_cache();
	maps = cma_files_map(&self->files);
	ASSERT_NE(NULL, maps);
	if (cma_now_ms() > self->since + WINDOW_MS)
		SKIP(return, "the machine is too slow: the window has ended");
	EXPECT_LT(0UL, cma_files_inside(&self->files, maps, &self->window));
	EXPECT_EQ(0, cma_take_stamped(&self->area, self->window.nr_pages, 5, &buffer));
	EXPECT_TRUE(cma_files_intact(&self->files));
	EXPECT_TRUE(cma_anon_intact(&anon));
	EXPECT_TRUE(cma_buffer_intact(&buffer));
	cma_give(&buffer);
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
