// SPDX-License-Identifier: GPL-2.0
/*
 * What an area gives, what it refuses and why, and that everything taken comes
 * back: by closing, by dying, by dying at a bad moment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_util.h"

/* A piece that is aligned to its size, with the usual CONFIG_CMA_ALIGNMENT. */
#define PIECE	256UL

/* Longer than the kernel keeps quiet after many messages */
#define LOG_MS	12000

/* Buffers that are taken and not yet given back; -1 for one that is. */
struct hoard {
	const struct cma_area *area;
	unsigned long nr;
	int *fds;
};

FIXTURE(area)
{
	struct cma_area area;
	struct hoard hoard;
	unsigned long used;
};

FIXTURE_SETUP(area)
{
	const char *missing = cma_area_find(&self->area);

	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	self->hoard.area = &self->area;
	self->hoard.fds = calloc(self->area.nr_pages, sizeof(int));
	ASSERT_NE(self->hoard.fds, NULL);
}

/* Whatever a test does, at its end the area is as it was. */
FIXTURE_TEARDOWN(area)
{
	unsigned long i;

	for (i = 0; i < self->hoard.nr; i++)
		if (self->hoard.fds[i] >= 0)
			close(self->hoard.fds[i]);
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/* Takes buffers of one size until one is refused. Returns that one's errno. */
static int take_all(struct hoard *hoard, unsigned long pages)
{
	int fd;

	for (;;) {
		fd = cma_take_fd(hoard->area, pages * cma_page_size());
		if (fd < 0)
			return -fd;
		hoard->fds[hoard->nr++] = fd;
	}
}

/* Takes the whole area, but for pages that can't be moved at the moment. */
static int exhaust(struct hoard *hoard)
{
	int err = take_all(hoard, PIECE);

	if (err == ENOMEM)
		err = take_all(hoard, PIECE / 16);
	if (err == ENOMEM)
		err = take_all(hoard, 1);
	return err;
}

static void raise_file_limit(void)
{
	struct rlimit limit = { 1 << 17, 1 << 17 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

/* One more buffer, and where it begins according to the bitmap. */
static long take_and_find(struct hoard *hoard, unsigned long pages)
{
	__u32 *before = cma_area_bitmap(hoard->area);
	__u32 *after;
	long bit = -1;
	int fd;

	fd = cma_take_fd(hoard->area, pages * cma_page_size());
	after = cma_area_bitmap(hoard->area);
	if (fd >= 0) {
		hoard->fds[hoard->nr++] = fd;
		for (bit = 0; bit < (long)hoard->area->nr_pages; bit++)
			if (cma_bitmap_test(after, bit) &&
			    !cma_bitmap_test(before, bit))
				break;
	}
	free(before);
	free(after);
	return bit;
}

/*
 * Does the log name the area and the reason when a request is refused? The
 * kernel limits the rate of such lines, so this may take some attempts.
 */
static bool refusal_is_logged(const struct cma_area *area, unsigned long pages,
			      const char *reason)
{
	__u64 end = cma_now_ms() + LOG_MS;
	int kmsg = cma_kmsg_open();
	bool found = false;

	while (!found && cma_now_ms() < end) {
		if (cma_take_fd(area, pages * cma_page_size()) != -ENOMEM)
			break;
		found = cma_kmsg_says(kmsg, area->name, reason);
		if (!found)
			cma_sleep_ms(500);
	}
	close(kmsg);
	return found;
}

TEST_F(area, a_buffer_of_no_bytes_is_refused)
{
	EXPECT_EQ(-EINVAL, cma_take_fd(&self->area, 0));
	EXPECT_EQ(self->used, cma_area_used(&self->area));
}

TEST_F(area, a_buffer_larger_than_the_area_is_refused)
{
	__u64 bytes = self->area.nr_pages * cma_page_size();
	/* On machines of 32 bits a dma-heap cuts off what is above them. */
	__u64 huge = sizeof(size_t) > sizeof(__u32) ? 1ULL << 40 : 1ULL << 31;

	EXPECT_EQ(-ENOMEM, cma_take_fd(&self->area, bytes + 1));
	EXPECT_EQ(-ENOMEM, cma_take_fd(&self->area, huge));
	EXPECT_EQ(self->used, cma_area_used(&self->area));
}

TEST_F(area, a_request_larger_than_the_area_is_counted_and_logged_as_too_big)
{
	unsigned long pages = self->area.nr_pages + 1;
	long failed, reason;

	if (!cma_area_names_reasons(&self->area))
		SKIP(return, "this kernel names no reasons of failures");
	failed = cma_area_stat(&self->area, "alloc_pages_fail");
	reason = cma_area_stat(&self->area, "failures/too-big");

	EXPECT_EQ(-ENOMEM, cma_take_fd(&self->area, pages * cma_page_size()));
	EXPECT_EQ(failed + (long)pages,
		  cma_area_stat(&self->area, "alloc_pages_fail"));
	EXPECT_EQ(reason + 1, cma_area_stat(&self->area, "failures/too-big"));
	EXPECT_TRUE(refusal_is_logged(&self->area, pages, "too-big"));
}

/* By the driver of the heaps, which asks before it takes. */
TEST_F(area, programs_together_have_no_more_than_their_ceiling)
{
	long most = cma_area_stat(&self->area, "heap_max");
	long had = cma_area_stat(&self->area, "heap_pages");
	int err;

	if (most < 0)
		SKIP(return, "no file heap_max in sysfs");
	ASSERT_EQ(0, cma_area_write(&self->area, "heap_max", had + 2 * PIECE));
	err = take_all(&self->hoard, PIECE);
	EXPECT_EQ(ENOMEM, err);
	EXPECT_EQ(2UL, self->hoard.nr);
	EXPECT_EQ(had + 2 * (long)PIECE, cma_area_stat(&self->area, "heap_pages"));
	/* What one of them gives back another one can have. */
	close(self->hoard.fds[0]);
	self->hoard.fds[0] = cma_take_fd(&self->area, PIECE * cma_page_size());
	EXPECT_GE(self->hoard.fds[0], 0);
	EXPECT_EQ(0, cma_area_write(&self->area, "heap_max", most));
	EXPECT_EQ(most, cma_area_stat(&self->area, "heap_max"));
}

TEST_F_TIMEOUT(area, an_exhausted_area_refuses_and_serves_again_after_a_release,
	       CMA_HANG_S)
{
	unsigned long pages, taken;

	raise_file_limit();
	EXPECT_EQ(ENOMEM, exhaust(&self->hoard));
	taken = cma_area_used(&self->area) - self->used;
	/* A few pages may be pinned for the moment, but no more than that. */
	EXPECT_GE(taken, (self->area.nr_pages - self->used) * 15 / 16);

	pages = self->area.nr_pages - cma_area_used(&self->area) + 1;
	EXPECT_EQ(-ENOMEM,
		  cma_take_fd(&self->area, pages * cma_page_size()));

	/* The first one is a large one. */
	close(self->hoard.fds[0]);
	self->hoard.fds[0] = cma_take_fd(&self->area, PIECE * cma_page_size());
	EXPECT_GE(self->hoard.fds[0], 0);
}

TEST_F_TIMEOUT(area, a_request_for_more_than_is_left_is_logged_as_full, CMA_HANG_S)
{
	unsigned long pages;
	long reason;

	if (!cma_area_names_reasons(&self->area))
		SKIP(return, "this kernel names no reasons of failures");
	ASSERT_EQ(ENOMEM, take_all(&self->hoard, PIECE));
	reason = cma_area_stat(&self->area, "failures/full");
	pages = self->area.nr_pages - cma_area_used(&self->area) + 1;

	EXPECT_EQ(-ENOMEM,
		  cma_take_fd(&self->area, pages * cma_page_size()));
	EXPECT_EQ(reason + 1, cma_area_stat(&self->area, "failures/full"));
	EXPECT_TRUE(refusal_is_logged(&self->area, pages, "full"));
}

/*
 * Takes the whole area and then gives back every second large piece whose
 * neighbours are both taken:
 *
 *	|####|    |####|    |####|    |####| . . .
 *
 * Returns how many holes that made.
 */
static unsigned long make_holes(struct hoard *hoard)
{
	unsigned long slots = hoard->area->nr_pages / PIECE, slot, holes = 0;
	int *at = malloc(slots * sizeof(int));
	__u32 *bitmap;
	long bit;

	for (slot = 0; slot < slots; slot++)
		at[slot] = -1;
	while ((bit = take_and_find(hoard, PIECE)) >= 0)
		if ((unsigned long)bit < hoard->area->nr_pages)
			at[bit / PIECE] = hoard->nr - 1;
	exhaust(hoard);
	bitmap = cma_area_bitmap(hoard->area);
	for (slot = 1; slot + 1 < slots; slot += 2) {
		if (at[slot] < 0 ||
		    !cma_bitmap_test(bitmap, slot * PIECE - 1) ||
		    !cma_bitmap_test(bitmap, (slot + 1) * PIECE))
			continue;
		close(hoard->fds[at[slot]]);
		hoard->fds[at[slot]] = -1;
		holes++;
	}
	free(bitmap);
	free(at);
	return holes;
}

TEST_F_TIMEOUT(area, holes_hold_what_fits_and_nothing_larger, CMA_HANG_S)
{
	bool reasons = cma_area_names_reasons(&self->area);
	unsigned long holes, i;
	long reason;

	if (cma_debugfs_read(&self->area, "order_per_bit") != 0)
		SKIP(return, "no map of single pages (CONFIG_CMA_DEBUGFS)");
	raise_file_limit();
	holes = make_holes(&self->hoard);
	/* The scene: there are enough pages for the request, but not together. */
	ASSERT_GE(holes, self->area.nr_pages / PIECE / 4);
	ASSERT_GE(holes, 2UL);

	reason = cma_area_stat(&self->area, "failures/fragmented");
	EXPECT_EQ(-ENOMEM, cma_take_fd(&self->area,
				       (PIECE + 1) * cma_page_size()));
	if (reasons) {
		EXPECT_EQ(reason + 1,
			  cma_area_stat(&self->area, "failures/fragmented"));
		EXPECT_TRUE(refusal_is_logged(&self->area, PIECE + 1,
					      "fragmented"));
	}

	for (i = 0; i < holes; i++) {
		int fd = cma_take_fd(&self->area, PIECE * cma_page_size());

		ASSERT_GE(fd, 0);
		self->hoard.fds[self->hoard.nr++] = fd;
	}
}

TEST_F(area, counters_move_by_exactly_the_pages)
{
	static const unsigned long sizes[] = { 1, 3, 16, 255, 256, 1000 };
	unsigned long i, sum = 0;
	long taken, given, events;

	taken = cma_area_stat(&self->area, "alloc_pages_success");
	given = cma_area_stat(&self->area, "release_pages_success");
	events = cma_vmstat("cma_alloc_success");
	if (taken < 0 || given < 0)
		SKIP(return, "no counters (CONFIG_CMA_SYSFS)");
	if (events < 0)
		SKIP(return, "no counters (CONFIG_VM_EVENT_COUNTERS)");

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->hoard.fds[i] = cma_take_fd(&self->area, sizes[i] *
						 cma_page_size());
		ASSERT_GE(self->hoard.fds[i], 0);
		self->hoard.nr++;
		sum += sizes[i];
	}
	EXPECT_EQ(taken + (long)sum,
		  cma_area_stat(&self->area, "alloc_pages_success"));
	EXPECT_EQ(given, cma_area_stat(&self->area, "release_pages_success"));
	EXPECT_EQ(self->used + sum, cma_area_used(&self->area));
	EXPECT_EQ(events + (long)i, cma_vmstat("cma_alloc_success"));

	while (i--) {
		close(self->hoard.fds[i]);
		self->hoard.fds[i] = -1;
	}
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
	EXPECT_EQ(given + (long)sum,
		  cma_area_stat(&self->area, "release_pages_success"));
}

TEST_F_TIMEOUT(area, a_refusal_is_counted_with_its_pages, CMA_HANG_S)
{
	unsigned long pages;
	long failed, events;

	failed = cma_area_stat(&self->area, "alloc_pages_fail");
	if (failed < 0)
		SKIP(return, "no counters (CONFIG_CMA_SYSFS)");
	take_all(&self->hoard, PIECE);
	failed = cma_area_stat(&self->area, "alloc_pages_fail");
	events = cma_vmstat("cma_alloc_fail");
	pages = self->area.nr_pages - cma_area_used(&self->area) + 1;
	EXPECT_EQ(-ENOMEM,
		  cma_take_fd(&self->area, pages * cma_page_size()));
	EXPECT_EQ(failed + (long)pages,
		  cma_area_stat(&self->area, "alloc_pages_fail"));
	EXPECT_EQ(events + 1, cma_vmstat("cma_alloc_fail"));
}

TEST_F(area, meminfo_agrees_with_what_is_handed_out)
{
	long total = cma_meminfo_pages("CmaTotal");
	long free;

	EXPECT_GE(total, (long)self->area.nr_pages);
	self->hoard.fds[0] = cma_take_fd(&self->area, self->area.nr_pages / 4 *
					 cma_page_size());
	ASSERT_GE(self->hoard.fds[0], 0);
	self->hoard.nr = 1;
	free = cma_meminfo_pages("CmaFree");
	EXPECT_LE(free, total - (long)self->area.nr_pages / 4);
	EXPECT_EQ(total, cma_meminfo_pages("CmaTotal"));
}

TEST_F(area, the_bitmap_shows_each_buffer_aligned_to_its_size)
{
	static const unsigned long sizes[] = { 1, 2, 16, 5, 64, 256, 3, 128 };
	unsigned long i, sum = 0, align;
	__u32 *bitmap;
	long bit;

	if (cma_debugfs_read(&self->area, "order_per_bit") != 0)
		SKIP(return, "no map of single pages (CONFIG_CMA_DEBUGFS)");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bit = take_and_find(&self->hoard, sizes[i]);
		ASSERT_GE(bit, 0);
		ASSERT_LT(bit, (long)self->area.nr_pages);
		for (align = 1; align < sizes[i]; align *= 2)
			;
		EXPECT_EQ(0UL, (self->area.base_pfn + bit) % align);
		sum += sizes[i];
	}
	bitmap = cma_area_bitmap(&self->area);
	ASSERT_NE(bitmap, NULL);
	EXPECT_EQ(self->used + sum, cma_bitmap_weight(&self->area, bitmap));
	free(bitmap);
}

TEST_F(area, debugfs_takes_and_gives_back_what_is_written_to_it)
{
	unsigned long pages = self->area.nr_pages / 8;
	int ret = cma_debugfs_write(&self->area, "alloc", pages);

	if (ret == -ENOENT)
		SKIP(return, "no file to write to (CONFIG_CMA_DEBUGFS_ALLOC)");
	EXPECT_EQ(0, ret);
	EXPECT_EQ(self->used + pages, cma_area_used(&self->area));
	EXPECT_NE(0, cma_debugfs_write(&self->area, "alloc",
				       self->area.nr_pages));
	EXPECT_EQ(0, cma_debugfs_write(&self->area, "free", pages));
}

struct victim {
	const struct cma_area *area;
	unsigned long pages;
	int ready[2];
};

/* Holds mapped buffers until it is killed. */
static int hold_buffers(void *arg)
{
	struct victim *victim = arg;
	struct cma_buffer buffer[8];
	int i;

	for (i = 0; i < 8; i++)
		if (cma_take_stamped(victim->area, victim->pages, i,
				     &buffer[i]))
			return 1;
	if (write(victim->ready[1], "", 1) != 1)
		return 1;
	for (;;)
		pause();
}

TEST_F(area, a_killed_process_gives_back_its_mapped_buffers)
{
	struct victim victim = {
		.area = &self->area,
		.pages = self->area.nr_pages / 32,
	};
	pid_t pid;
	char byte;

	ASSERT_EQ(0, pipe(victim.ready));
	pid = cma_spawn(hold_buffers, &victim);
	ASSERT_GT(pid, 0);
	close(victim.ready[1]);
	ASSERT_EQ(1, read(victim.ready[0], &byte, 1));
	EXPECT_EQ(self->used + 8 * victim.pages, cma_area_used(&self->area));
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, cma_reap(pid));
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

TEST_HARNESS_MAIN
