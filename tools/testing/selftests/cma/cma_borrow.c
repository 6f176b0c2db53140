// SPDX-License-Identifier: GPL-2.0
/*
 * An area that only page cache may borrow: files that are read fill it, nothing else gets
 * into it, and buffers come out of it whatever the rest of memory is full of.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

#define SPARE_BYTES	(80 * CMA_MIB)
#define SPARE_PAGES	(SPARE_BYTES / cma_page_size())

/* Chooses who may borrow the area; what is missing in this kernel if that is nothing. */
static const char *choose(const struct cma_area *area, const char *word)
{
	char path[512];
	FILE *file;
	int ret;

	snprintf(path, sizeof(path), "/sys/kernel/mm/cma/%s/borrow", area->name);
	file = fopen(path, "we");
	if (!file)
		return "no file borrow in sysfs";
	ret = fprintf(file, "%s\n", word);
	if (fclose(file) || ret < 0)
		return word;
	return NULL;
}

FIXTURE(clean)
{
	struct cma_area area;
	struct cma_files files;
	struct cma_anon anon;
	unsigned long used;
};

FIXTURE_SETUP(clean)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing && !self->area.placed)
		missing = "no place of the area (CONFIG_CMA_DEBUGFS)";
	if (!missing)
		missing = cma_files_find(&self->files);
	if (!missing)
		missing = choose(&self->area, "all");
	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	ASSERT_TRUE(cma_files_make(&self->files));
	cma_drop_clean_cache();
	ASSERT_EQ(NULL, choose(&self->area, "clean"));
	self->anon.seed = 17;
}

FIXTURE_TEARDOWN(clean)
{
	EXPECT_EQ(NULL, choose(&self->area, "all"));
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/* Half of the area at once, and all of the file pages somewhere else or dropped */
TEST_F_TIMEOUT(clean, files_fill_the_area_and_make_room, CMA_HANG_S)
{
	struct cma_buffer buffer;
	const __u64 **maps = cma_files_map(&self->files);

	ASSERT_NE(NULL, maps);
	ASSERT_GT(cma_files_inside(&self->files, maps, &self->area),
		  self->area.nr_pages / 4);
	EXPECT_EQ(0, cma_take_stamped(&self->area, self->area.nr_pages / 2, 3, &buffer));
	EXPECT_TRUE(cma_files_intact(&self->files));
	EXPECT_TRUE(cma_buffer_intact(&buffer));
	cma_give(&buffer);
}

/* They will be dirty where they are. */
TEST_F_TIMEOUT(clean, files_that_are_open_for_writing_stay_outside, CMA_HANG_S)
{
	const __u64 **maps;
	int fds[CMA_FILES_MAX];
	unsigned int i;

	self->files.nr = self->files.nr < 2 ? self->files.nr : 2;
	for (i = 0; i < self->files.nr; i++) {
		fds[i] = cma_files_open(&self->files, i, O_WRONLY);
		ASSERT_LE(0, fds[i]);
	}
	maps = cma_files_map(&self->files);
	ASSERT_NE(NULL, maps);
	EXPECT_EQ(0UL, cma_files_inside(&self->files, maps, &self->area));
	EXPECT_TRUE(cma_files_intact(&self->files));
	for (i = 0; i < self->files.nr; i++)
		close(fds[i]);
}

TEST_F_TIMEOUT(clean, other_memory_stays_outside, CMA_HANG_S)
{
	struct cma_buffer buffer;

	ASSERT_TRUE(cma_anon_fill(&self->anon,
				  cma_anon_room(SPARE_PAGES + self->area.nr_pages),
				  CMA_ANON_PLAIN));
	EXPECT_EQ(0UL, cma_pages_inside(&self->area, self->anon.mem, self->anon.pages));
	EXPECT_EQ(0, cma_take_stamped(&self->area, self->area.nr_pages / 2, 5, &buffer));
	EXPECT_TRUE(cma_anon_intact(&self->anon));
	EXPECT_TRUE(cma_buffer_intact(&buffer));
	cma_give(&buffer);
}

TEST_F_TIMEOUT(clean, others_may_borrow_it_again_afterwards, CMA_HANG_S)
{
	ASSERT_EQ(NULL, choose(&self->area, "all"));
	ASSERT_TRUE(cma_anon_fill(&self->anon, cma_anon_room(SPARE_PAGES), CMA_ANON_PLAIN));
	EXPECT_GT(cma_pages_inside(&self->area, self->anon.mem, self->anon.pages), 0UL);
	EXPECT_TRUE(cma_anon_intact(&self->anon));
}

TEST_F_TIMEOUT(clean, other_memory_leaves_the_area, CMA_HANG_S)
{
	unsigned long inside;

	ASSERT_EQ(NULL, choose(&self->area, "all"));
	ASSERT_TRUE(cma_anon_fill(&self->anon,
				  cma_anon_room(SPARE_PAGES + self->area.nr_pages),
				  CMA_ANON_PLAIN));
	inside = cma_pages_inside(&self->area, self->anon.mem, self->anon.pages);
	ASSERT_EQ(NULL, choose(&self->area, "clean"));
	EXPECT_LE(cma_pages_inside(&self->area, self->anon.mem, self->anon.pages), inside / 8);
	EXPECT_TRUE(cma_anon_intact(&self->anon));
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
