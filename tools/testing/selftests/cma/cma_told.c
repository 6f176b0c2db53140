// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel tells of an area: whose page is in the way of a request, and whose the
 * allocated runs are.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

/* So long it takes until the log has a line again, whose rate is limited. */
#define LOG_MS		20000

/* A large buffer is aligned to so many pages at most, so the ends of the area may be left out. */
#define ALIGN_PAGES	256

/*
 * Ask for nearly all of the area, which has a page in the middle of it that stays. Does the
 * log say so, and whose it is?
 */
static bool whose_it_is(const struct cma_area *area, const char *whose)
{
	unsigned long pages = cma_area_stat(area, "largest_run") - 2 * ALIGN_PAGES;
	__u64 end = cma_now_ms() + LOG_MS;
	int kmsg = cma_kmsg_open();
	bool found = false;
	int ret = 0;

	while (!found && cma_now_ms() < end) {
		ret = cma_take_fd(area, pages * cma_page_size());
		if (ret >= 0)
			break;
		found = cma_kmsg_says(kmsg, ": busy (pfn 0x", whose);
	}
	if (ret >= 0) {
		printf("# %lu pages could be had\n", pages);
		close(ret);
	}
	close(kmsg);
	return found;
}

FIXTURE(told)
{
	struct cma_area area;
	struct cma_files files;
	unsigned long used;
	int pipe[2];
};

FIXTURE_SETUP(told)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing)
		missing = cma_files_find(&self->files);
	if (!missing && !self->area.placed)
		missing = "it isn't told where the area lies (CONFIG_CMA_DEBUGFS)";
	if (!missing && !cma_area_names_reasons(&self->area))
		missing = "this kernel names no reasons of failures";
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, pipe(self->pipe));
	self->used = cma_area_used(&self->area);
}

FIXTURE_TEARDOWN(told)
{
	close(self->pipe[0]);
	close(self->pipe[1]);
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/* Half of the area, around its middle: no run that is long enough is beside it. */
static bool is_in_the_middle(const struct cma_area *area, __u64 pfn)
{
	return pfn >= area->base_pfn + area->nr_pages / 4 &&
	       pfn < area->base_pfn + area->nr_pages / 4 * 3;
}

/* The first page of a mapping that lies there, or a negative number */
static long find_inside(const struct cma_area *area, const void *mem, unsigned long pages)
{
	size_t size = cma_page_size();
	int pagemap = cma_pfn_open();
	long found = -1;
	unsigned long i;

	for (i = 0; i < pages && found < 0; i++)
		if (is_in_the_middle(area, cma_pfn_of(pagemap, (const char *)mem + i * size)))
			found = i;
	close(pagemap);
	return found;
}

TEST_F_TIMEOUT(told, the_file_whose_page_a_pipe_holds_is_named, CMA_HANG_S)
{
	size_t size = cma_page_size();
	const __u64 **maps;
	unsigned int i;
	loff_t offset;
	long page = -1;
	int fd;

	ASSERT_TRUE(cma_files_make(&self->files));
	cma_drop_clean_cache();
	ASSERT_TRUE(cma_files_fill_cache(&self->files, &self->area));
	maps = cma_files_map(&self->files);
	ASSERT_NE(NULL, maps);
	for (i = 0; i < self->files.nr && page < 0; i++) {
		page = find_inside(&self->area, maps[i], CMA_FILE_BYTES / size);
		if (page >= 0)
			break;
	}
	if (page < 0)
		SKIP(return, "no page of a file has got into the area");
	fd = cma_files_open(&self->files, i, O_RDONLY);
	ASSERT_GE(fd, 0);
	offset = page * size;
	ASSERT_EQ((ssize_t)size, splice(fd, &offset, self->pipe[1], NULL, size, 0));
	EXPECT_TRUE(whose_it_is(&self->area, " of them expected, of file \""));
	close(fd);
}

TEST_F_TIMEOUT(told, the_process_whose_page_a_pipe_holds_is_named, CMA_HANG_S)
{
	struct cma_anon anon;
	struct iovec page;
	char whose[64];
	long inside;

	cma_drop_clean_cache();
	ASSERT_TRUE(cma_anon_fill(&anon, cma_anon_room(self->area.nr_pages / 2), CMA_ANON_PLAIN));
	inside = find_inside(&self->area, anon.mem, anon.pages);
	if (inside < 0)
		SKIP(return, "no page of the program has got into the area");
	page.iov_base = (char *)anon.mem + inside * cma_page_size();
	page.iov_len = cma_page_size();
	ASSERT_EQ((ssize_t)cma_page_size(), vmsplice(self->pipe[1], &page, 1, 0));
	/* All of the rest has to fit outside. */
	munmap(anon.mem, inside * cma_page_size());
	munmap((char *)page.iov_base + page.iov_len,
	       (anon.pages - inside - 1) * cma_page_size());
	snprintf(whose, sizeof(whose), ", anonymous, mapped by cma_told[%d]", getpid());
	EXPECT_TRUE(whose_it_is(&self->area, whose));
}

/* ---- Owners ---- */

/* Pages that are recorded for a process; and whether the name and the caller are there. */
static unsigned long pages_of(const struct cma_area *area, pid_t pid, bool *named)
{
	unsigned long pages, all = 0;
	char path[256], line[512], name[64], caller[128];
	FILE *f;
	int who;

	snprintf(path, sizeof(path), "/sys/kernel/debug/cma/%s/owners", area->name);
	f = fopen(path, "re");
	*named = true;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*u %lu %*u %d %63s %127s", &pages, &who, name, caller) != 4 ||
		    who != pid)
			continue;
		all += pages;
		*named &= !strcmp(name, "cma_told") && strchr(caller, '+');
	}
	if (f)
		fclose(f);
	return all;
}

static int record(const struct cma_area *area, const char *word)
{
	char path[256];
	FILE *f;
	int ret;

	snprintf(path, sizeof(path), "/sys/kernel/mm/cma/%s/owners", area->name);
	f = fopen(path, "we");
	if (!f)
		return -1;
	ret = fputs(word, f) < 0;
	return fclose(f) || ret ? -1 : 0;
}

TEST_F(told, whose_the_buffers_are_is_recorded_where_somebody_asks_for_it)
{
	struct cma_buffer first, second, third;
	bool named;

	ASSERT_EQ(0, record(&self->area, "off"));
	ASSERT_EQ(0, cma_take(&self->area, 16, &first));
	ASSERT_EQ(0, record(&self->area, "on"));
	ASSERT_EQ(0, cma_take(&self->area, 32, &second));
	ASSERT_EQ(0, cma_take(&self->area, 8, &third));
	/* What was there before isn't known. */
	EXPECT_EQ(40UL, pages_of(&self->area, getpid(), &named));
	EXPECT_TRUE(named);
	cma_give(&second);
	EXPECT_EQ(8UL, pages_of(&self->area, getpid(), &named));
	cma_give(&first);
	EXPECT_EQ(8UL, pages_of(&self->area, getpid(), &named));
	EXPECT_EQ(0, record(&self->area, "off"));
	EXPECT_EQ(0UL, pages_of(&self->area, getpid(), &named));
	cma_give(&third);
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
