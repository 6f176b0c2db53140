// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are pinned for good (FOLL_LONGTERM), as buffers of an io_uring.
 * They leave the area first, and who pins more than fits outside comes to an
 * end as well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

#define SPARE_BYTES	(96 * CMA_MIB)
#define LEAST_SPARE	4096UL
#define WORDS		(cma_page_size() / sizeof(__u64))
#define PINNED_BYTES	(16 * CMA_MIB)
#define NR_PINNERS	4
/* A ring takes 1 GiB at a time at most. */
#define REGISTERED_BYTES	(512 * CMA_MIB)

FIXTURE(longterm)
{
	struct cma_area area;
	struct cma_anon anon;
	unsigned long used;
};

FIXTURE_SETUP(longterm)
{
	const char *missing = cma_area_find(&self->area);

	if (!missing && !self->area.placed)
		missing = "no place of the area (CONFIG_CMA_DEBUGFS)";
	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	cma_drop_clean_cache();
	self->anon.seed = 99;
}

FIXTURE_TEARDOWN(longterm)
{
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/* Fills most of memory; false unless a good part of that is in the area. */
static bool fill(const struct cma_area *area, struct cma_anon *anon)
{
	unsigned long spare = area->nr_pages / 8;

	if (spare < LEAST_SPARE)
		spare = LEAST_SPARE;
	spare += SPARE_BYTES / cma_page_size();
	return cma_anon_fill(anon, cma_anon_room(spare), CMA_ANON_PLAIN) &&
	       cma_pages_inside(area, anon->mem, anon->pages) > area->nr_pages / 4;
}

/* A ring, which keeps what is registered with it pinned; or why there is none. */
static const char *open_ring(int *ring)
{
	struct io_uring_params params = { 0 };

	if (access("/proc/sys/kernel/io_uring_disabled", F_OK))
		return "no lasting pins (CONFIG_IO_URING)";
	*ring = syscall(__NR_io_uring_setup, 4, &params);
	if (*ring < 0 && errno == EPERM)
		return "lasting pins are off (kernel.io_uring_disabled)";
	return NULL;
}

TEST_F_TIMEOUT(longterm, pages_pinned_for_long_leave_the_area_first, CMA_HANG_S)
{
	unsigned long pages = PINNED_BYTES / cma_page_size(), first;
	struct iovec window = { NULL, PINNED_BYTES };
	struct cma_buffer buffer;
	const char *missing;
	int ring;

	missing = open_ring(&ring);
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_GE(ring, 0);
	ASSERT_TRUE(fill(&self->area, &self->anon));
	first = cma_anon_best_window(&self->area, &self->anon, pages);
	window.iov_base = self->anon.mem + first * WORDS;
	/* The scene: there is something to leave. */
	ASSERT_GT(cma_pages_inside(&self->area, window.iov_base, pages),
		  pages / 4);

	ASSERT_EQ(0, syscall(__NR_io_uring_register, ring,
			     IORING_REGISTER_BUFFERS, &window, 1));
	EXPECT_EQ(0UL, cma_pages_inside(&self->area, window.iov_base, pages));
	EXPECT_EQ(0, cma_take_stamped(&self->area, self->area.nr_pages / 8, 5,
				      &buffer));
	EXPECT_TRUE(cma_buffer_intact(&buffer));
	EXPECT_EQ(0UL, cma_pages_inside(&self->area, window.iov_base, pages));
	EXPECT_TRUE(cma_anon_intact(&self->anon));
	cma_give(&buffer);
	close(ring);
}

struct pinner {
	pthread_t thread;
	struct iovec part;
	int ring;
	int ret;
};

static void *pin_part(void *arg)
{
	struct pinner *pinner = arg;

	pinner->ret = syscall(__NR_io_uring_register, pinner->ring,
			      IORING_REGISTER_BUFFERS, &pinner->part, 1);
	return NULL;
}

/*
 * All of memory is in use. Others' pages have to move into the area for those that leave
 * it, and the threads are in each other's way while they isolate pages.
 */
TEST_F_TIMEOUT(longterm, threads_that_pin_more_than_the_area_end, CMA_HANG_S)
{
	struct pinner pinners[NR_PINNERS];
	unsigned long pages, first;
	const char *missing;
	unsigned int i;

	for (i = 0; i < NR_PINNERS; i++) {
		missing = open_ring(&pinners[i].ring);
		if (missing)
			SKIP(return, "%s", missing);
		ASSERT_GE(pinners[i].ring, 0);
	}
	ASSERT_TRUE(fill(&self->area, &self->anon));
	pages = self->area.nr_pages / NR_PINNERS * 3 / 2;
	if (pages * NR_PINNERS > self->anon.pages / 2)
		pages = self->anon.pages / NR_PINNERS / 2;
	first = cma_anon_best_window(&self->area, &self->anon, pages * NR_PINNERS);
	for (i = 0; i < NR_PINNERS; i++) {
		pinners[i].part.iov_base = self->anon.mem +
					   (first + i * pages) * WORDS;
		pinners[i].part.iov_len = pages * cma_page_size();
		ASSERT_EQ(0, pthread_create(&pinners[i].thread, NULL, pin_part,
					    &pinners[i]));
	}
	for (i = 0; i < NR_PINNERS; i++) {
		pthread_join(pinners[i].thread, NULL);
		EXPECT_EQ(0, pinners[i].ret);
		EXPECT_EQ(0UL, cma_pages_inside(&self->area,
						pinners[i].part.iov_base, pages));
	}
	EXPECT_TRUE(cma_anon_intact(&self->anon));
	for (i = 0; i < NR_PINNERS; i++)
		close(pinners[i].ring);
}

/**
 * struct pin_all - a task that wants as much pinned as there is memory outside
 * @len: so many bytes
 * @began: it had them, and began to pin them
 */
struct pin_all {
	size_t len;
	atomic_bool began;
};

static int pin_all_that_is_outside(void *arg)
{
	struct pin_all *all = arg;
	unsigned int i, nr = (all->len + REGISTERED_BYTES - 1) / REGISTERED_BYTES;
	struct iovec *parts = calloc(nr, sizeof(*parts));
	size_t left = all->len;
	char *mem;
	int ring, fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (!parts || fd < 0 || write(fd, "1000", 4) != 4 || open_ring(&ring) || ring < 0)
		return 1;
	mem = mmap(NULL, left, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (mem == MAP_FAILED)
		return 1;
	for (i = 0; i < nr; i++) {
		parts[i].iov_base = mem;
		parts[i].iov_len = left < REGISTERED_BYTES ? left : REGISTERED_BYTES;
		mem += parts[i].iov_len;
		left -= parts[i].iov_len;
	}
	atomic_store(&all->began, true);
	return syscall(__NR_io_uring_register, ring,
		       IORING_REGISTER_BUFFERS, parts, nr) ? errno : 0;
}

/*
 * That can't be: what the kernel has is outside, too. What is moved out of the area makes
 * memory short, and could move in again for that, and so on.
 */
TEST_F_TIMEOUT(longterm, a_task_that_pins_more_than_fits_outside_ends, CMA_HANG_S)
{
	unsigned long outside = cma_meminfo_pages("MemTotal") - self->area.nr_pages;
	struct cma_buffer buffer;
	struct pin_all *all;
	const char *missing;
	int ring, ended;
	pid_t pid;

	missing = open_ring(&ring);
	if (missing)
		SKIP(return, "%s", missing);
	close(ring);
	if (outside > SIZE_MAX / 4 / cma_page_size())
		SKIP(return, "more memory than a program can have");
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	ASSERT_NE(MAP_FAILED, all);
	all->len = outside * cma_page_size();
	cma_kmsg_say(CMA_MEMORY_MAY_RUN_OUT);
	pid = cma_spawn(pin_all_that_is_outside, all);
	ended = pid > 0 ? cma_reap(pid) : 0;
	cma_kmsg_say(CMA_MEMORY_SUFFICES);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(atomic_load(&all->began));
	/* An error of its own, with nothing pinned or a part, or it is the one to be killed. */
	EXPECT_TRUE(ended == ENOMEM || ended == EBUSY || ended == EFAULT || ended == -SIGKILL);
	EXPECT_EQ(0, cma_take_stamped(&self->area, self->area.nr_pages / 8, 7,
				      &buffer));
	cma_give(&buffer);
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
