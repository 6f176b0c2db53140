// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that somebody holds on to: by copying them on write, for the time of
 * a transfer, for as long as a pipe isn't read. Buffers are taken beside them
 * or after they have left, and nobody's data suffer. Pins for good are in
 * cma_longterm.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

#define SPARE_BYTES	(96 * CMA_MIB)
#define WORDS		(cma_page_size() / sizeof(__u64))
#define RUN_MS		6000
#define NR_CHILDREN	2
#define NR_PARTS	8
#define NR_STUCK	16

#define LARGEST		2048UL

static const unsigned long sizes[] = { 1, 16, 256, LARGEST };

/* Takes and gives back buffers; false if one is refused or damaged. */
static bool take_for(const struct cma_area *area, unsigned int ms,
		     unsigned int *rounds)
{
	__u64 end = cma_now_ms() + ms;
	struct cma_buffer buffer;
	unsigned int i;
	bool intact;
	int ret;

	for (*rounds = 0; !*rounds || cma_now_ms() < end; ++*rounds) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			ret = cma_take_stamped(area, sizes[i], *rounds,
					       &buffer);
			if (ret) {
				printf("# round %u, %lu pages: %s\n", *rounds,
				       sizes[i], strerror(-ret));
				return false;
			}
			intact = cma_buffer_intact(&buffer);
			cma_give(&buffer);
			if (!intact)
				return false;
		}
	}
	return true;
}

struct scene {
	struct cma_area area;
	struct cma_anon anon;
};

FIXTURE(pins)
{
	struct scene scene;
	unsigned long used;
};

FIXTURE_SETUP(pins)
{
	const char *missing = cma_area_find(&self->scene.area);

	if (!missing && !self->scene.area.placed)
		missing = "no place of the area (CONFIG_CMA_DEBUGFS)";
	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->scene.area);
	cma_drop_clean_cache();
	self->scene.anon.seed = 99;
}

FIXTURE_TEARDOWN(pins)
{
	EXPECT_TRUE(cma_area_settles(&self->scene.area, self->used));
}

/*
 * What processes leave over. What is free in the pageblocks of a buffer isn't
 * for its old pages to go to, so there has to be more room than it has pages.
 */
static unsigned long spare_pages(const struct cma_area *area)
{
	unsigned long spare = SPARE_BYTES / cma_page_size();

	return spare + (area->nr_pages / 8 > 2 * LARGEST ? area->nr_pages / 8 :
							   2 * LARGEST);
}

/* Fills most of memory; false unless a good part of that is in the area. */
static bool fill(struct scene *scene)
{
	return cma_anon_fill(&scene->anon,
			     cma_anon_room(spare_pages(&scene->area)),
			     CMA_ANON_PLAIN) &&
	       cma_pages_inside(&scene->area, scene->anon.mem,
				scene->anon.pages) > scene->area.nr_pages / 4;
}

/*
 * Fills so much of memory beside the area, which is taken meanwhile and is for what
 * comes next. What somebody else has there already stays.
 */
static bool fill_beside(struct scene *scene, unsigned long pages)
{
	struct cma_buffer parts[NR_PARTS];
	unsigned long used = cma_area_used(&scene->area);
	unsigned int i;
	bool filled;

	for (i = 0; i < NR_PARTS; i++)
		cma_take(&scene->area, scene->area.nr_pages / NR_PARTS,
			 &parts[i]);
	filled = cma_anon_fill(&scene->anon, pages, CMA_ANON_PLAIN);
	for (i = 0; i < NR_PARTS; i++)
		cma_give(&parts[i]);
	if (!cma_area_settles(&scene->area, used))
		return false;
	cma_area_lend(&scene->area);
	return filled;
}

/**
 * struct copies - what the processes of the first test tell each other
 * @stop: the children may end
 * @rounds: how often each of them has written to all of its memory
 * @inside: so many pages of that were in the area, the last time
 */
struct copies {
	atomic_bool stop;
	atomic_uint rounds[NR_CHILDREN];
	unsigned long inside[NR_CHILDREN];
};

struct copying {
	struct scene *scene;
	unsigned int nr;
	struct copies *copies;
};

/* Writes to memory shared with the parent, which makes copies of its pages. */
static int copy_on_write(void *arg)
{
	struct copying *copying = arg;
	struct copies *copies = copying->copies;
	struct cma_anon anon = copying->scene->anon;
	size_t words = anon.pages * WORDS;

	do {
		anon.seed += 100 + copying->nr;
		cma_stamp(anon.mem, words, anon.seed, 0);
		copies->inside[copying->nr] =
			cma_pages_inside(&copying->scene->area, anon.mem,
					 anon.pages);
		atomic_fetch_add(&copies->rounds[copying->nr], 1);
		if (!cma_anon_intact(&anon))
			return 1;
	} while (!atomic_load(&copies->stop));
	return 0;
}

/* Before all have made their copies memory isn't full. */
static void wait_for_copies(struct copies *copies)
{
	unsigned int i;

	for (i = 0; i < NR_CHILDREN; i++)
		while (!atomic_load(&copies->rounds[i]))
			cma_sleep_ms(50);
}

TEST_F_TIMEOUT(pins, parent_and_children_keep_their_own_copies, CMA_HANG_S)
{
	struct copying copying[NR_CHILDREN];
	struct copies *copies;
	pid_t pid[NR_CHILDREN];
	unsigned int i, rounds;
	unsigned long sum = 0;

	copies = mmap(NULL, cma_page_size(), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(copies != MAP_FAILED);
	/* All copies together fill memory, and the children's the area. */
	ASSERT_TRUE(fill_beside(&self->scene,
				cma_anon_room(spare_pages(&self->scene.area)) /
				(NR_CHILDREN + 1)));
	for (i = 0; i < NR_CHILDREN; i++) {
		copying[i] = (struct copying){ &self->scene, i, copies };
		pid[i] = cma_spawn(copy_on_write, &copying[i]);
		ASSERT_GT(pid[i], 0);
	}
	wait_for_copies(copies);
	EXPECT_TRUE(take_for(&self->scene.area, RUN_MS, &rounds));
	atomic_store(&copies->stop, true);
	for (i = 0; i < NR_CHILDREN; i++) {
		EXPECT_EQ(0, cma_reap(pid[i]));
		sum += copies->inside[i];
	}
	/* The scene: their copies were in the way. */
	EXPECT_GT(sum, self->scene.area.nr_pages / 4);
	EXPECT_TRUE(cma_anon_intact(&self->scene.anon));
}

struct transfer {
	struct scene *scene;
	atomic_bool stop;
	int fd;
	unsigned long done;
	unsigned long wrong;
	unsigned long inside;
};

/*
 * Has a file's blocks read into pages of the area, without the page cache in
 * between. The file repeats the pattern that the memory has.
 */
static void *read_direct(void *arg)
{
	struct transfer *transfer = arg;
	struct cma_anon *anon = &transfer->scene->anon;
	unsigned long in_file = CMA_FILE_BYTES / cma_page_size();
	__u64 random = 31415926;
	int pagemap = cma_pfn_open();

	while (!atomic_load(&transfer->stop)) {
		unsigned long page = cma_random(&random) %
				     (anon->pages < in_file ? anon->pages :
							      in_file);
		char *mem = (char *)anon->mem + page * cma_page_size();

		memset(mem, 0, cma_page_size());
		transfer->inside += cma_pfn_inside(&transfer->scene->area,
						   cma_pfn_of(pagemap, mem));
		if (pread(transfer->fd, mem, cma_page_size(),
			  page * cma_page_size()) != (ssize_t)cma_page_size() ||
		    !cma_stamped((__u64 *)mem, WORDS, anon->seed,
				 page * WORDS))
			transfer->wrong++;
		transfer->done++;
	}
	close(pagemap);
	return NULL;
}

TEST_F_TIMEOUT(pins, direct_reads_into_the_area_arrive, CMA_HANG_S)
{
	struct transfer transfer = { .scene = &self->scene };
	unsigned long first, pages = CMA_FILE_BYTES / cma_page_size();
	const char *missing;
	struct cma_files files;
	unsigned int rounds;
	pthread_t thread;

	missing = cma_files_find(&files);
	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_TRUE(fill(&self->scene));
	/* From here on only the window with the pages in the area matters. */
	first = cma_anon_best_window(&self->scene.area, &self->scene.anon, pages);
	self->scene.anon.mem += first * WORDS;
	self->scene.anon.pages = pages;
	self->scene.anon.seed = 101;
	cma_stamp(self->scene.anon.mem, pages * WORDS, 101, 0);
	ASSERT_TRUE(cma_files_write(&files, 0, 101));
	cma_drop_clean_cache();
	transfer.fd = cma_files_open(&files, 0, O_RDONLY | O_DIRECT);
	if (transfer.fd < 0 && errno == EINVAL)
		SKIP(return, "this file system has no direct reads");
	ASSERT_GE(transfer.fd, 0);

	ASSERT_EQ(0, pthread_create(&thread, NULL, read_direct, &transfer));
	EXPECT_TRUE(take_for(&self->scene.area, RUN_MS, &rounds));
	atomic_store(&transfer.stop, true);
	pthread_join(thread, NULL);
	EXPECT_GT(transfer.done, 100UL);
	EXPECT_GT(transfer.inside, 0UL);
	EXPECT_EQ(0UL, transfer.wrong);
	EXPECT_TRUE(cma_anon_intact(&self->scene.anon));
}

/* Reads the parent's memory over and over; each read pins some of its pages. */
static int read_parent(void *arg)
{
	struct cma_anon *anon = arg;
	size_t len = 16 * cma_page_size();
	__u64 random = 27182818;
	__u64 *copy = malloc(len);
	pid_t parent = getppid();

	for (;;) {
		unsigned long page = cma_random(&random) % (anon->pages - 16);
		struct iovec here = { copy, len };
		struct iovec there = { anon->mem + page * WORDS, len };

		if (process_vm_readv(parent, &here, 1, &there, 1, 0) !=
		    (ssize_t)len)
			return 1;
		if (!cma_stamped(copy, 16 * WORDS, anon->seed, page * WORDS))
			return 2;
	}
}

TEST_F_TIMEOUT(pins, short_pins_hinder_no_buffer, CMA_HANG_S)
{
	unsigned int rounds = 0;
	struct iovec here = { &rounds, sizeof(rounds) };
	pid_t pid;

	/* A task that can't even read its own memory in this way lacks the call. */
	if (process_vm_readv(getpid(), &here, 1, &here, 1, 0) < 0)
		SKIP(return, "no reading of others (CONFIG_CROSS_MEMORY_ATTACH)");
	ASSERT_TRUE(fill(&self->scene));
	/*
	 * Not shared with the reader: a pin on a page that two processes share
	 * makes a copy of it first, and there isn't memory for two of each.
	 */
	ASSERT_EQ(0, cma_anon_keep_from_children(&self->scene.anon));
	pid = cma_spawn(read_parent, &self->scene.anon);
	ASSERT_GT(pid, 0);
	EXPECT_TRUE(take_for(&self->scene.area, RUN_MS, &rounds));
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, cma_reap(pid));
	EXPECT_TRUE(cma_anon_intact(&self->scene.anon));
}

/* How many stuck pages leave room for the largest buffer wherever they are. */
static unsigned int stuck_parts(const struct cma_area *area)
{
	unsigned long nr = area->nr_pages / (2 * LARGEST);

	if (!nr)
		return 1;
	return nr < NR_STUCK ? nr : NR_STUCK;
}

/* Finds pages that lie in the area, one in each of its equal parts. */
static unsigned int pick_pages(struct scene *scene, void **picked, __u64 *pfn)
{
	unsigned int nr_parts = stuck_parts(&scene->area);
	unsigned long part_pages = scene->area.nr_pages / nr_parts;
	bool found[NR_STUCK] = { false };
	int pagemap = cma_pfn_open();
	unsigned long page, part;
	unsigned int nr = 0;

	for (page = 0; page < scene->anon.pages && nr < nr_parts; page++) {
		void *mem = scene->anon.mem + page * WORDS;
		__u64 here = cma_pfn_of(pagemap, mem);

		part = (here - scene->area.base_pfn) / part_pages;
		if (!cma_pfn_inside(&scene->area, here) || part >= nr_parts ||
		    found[part])
			continue;
		found[part] = true;
		picked[nr] = mem;
		pfn[nr++] = here;
	}
	close(pagemap);
	return nr;
}

TEST_F_TIMEOUT(pins, buffers_are_taken_beside_pages_that_a_pipe_holds, CMA_HANG_S)
{
	unsigned int i, nr, stayed = 0, rounds;
	__u64 pfn[NR_STUCK], *copy;
	void *picked[NR_STUCK];
	int pipe_fd[2], pagemap;

	ASSERT_TRUE(fill(&self->scene));
	ASSERT_EQ(0, pipe(pipe_fd));
	nr = pick_pages(&self->scene, picked, pfn);
	ASSERT_GE(4 * nr, stuck_parts(&self->scene.area));
	for (i = 0; i < nr; i++) {
		struct iovec page = { picked[i], cma_page_size() };

		ASSERT_EQ((ssize_t)cma_page_size(),
			  vmsplice(pipe_fd[1], &page, 1, 0));
	}
	EXPECT_TRUE(take_for(&self->scene.area, RUN_MS / 2, &rounds));

	pagemap = cma_pfn_open();
	for (i = 0; i < nr; i++) {
		/* It may have been unmapped, in order to be written to a swap. */
		__atomic_load_n((char *)picked[i], __ATOMIC_RELAXED);
		stayed += cma_pfn_of(pagemap, picked[i]) == pfn[i];
	}
	close(pagemap);
	EXPECT_EQ(nr, stayed);
	copy = malloc(cma_page_size());
	for (i = 0; i < nr; i++) {
		ASSERT_EQ((ssize_t)cma_page_size(),
			  read(pipe_fd[0], copy, cma_page_size()));
		EXPECT_TRUE(cma_stamped(copy, WORDS, self->scene.anon.seed,
					(__u64 *)picked[i] -
					self->scene.anon.mem));
	}
	EXPECT_TRUE(cma_anon_intact(&self->scene.anon));
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
