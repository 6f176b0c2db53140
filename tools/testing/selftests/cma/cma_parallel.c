// SPDX-License-Identifier: GPL-2.0
/*
 * Many requests at once: whatever they are given is theirs alone, and in the
 * end all of it is back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_util.h"

#define TRACING		"/sys/kernel/tracing"
#define DEBUG_TRACING	"/sys/kernel/debug/tracing"
#define NR_THREADS	4
#define NR_HELD		6
#define RUN_MS		10000
#define LEAST_TAKEN	10UL	/* buffers; each thread takes more than that */
#define ROUNDS		4

/*
 * Of a buffer, in the time that it takes to get it, and while memory is full: about
 * three times what was seen in an emulated guest, and twice that of one beside another.
 * Where words have 32 bits much of an area is high memory, which is mapped for each
 * page that is cleared or moved.
 */
#define MOST_READS	(sizeof(long) == 8 ? 5U : 10U)
#define MOST_READS_FULL	(sizeof(long) == 8 ? 5U : 18U)

struct requester {
	pthread_t thread;
	const struct cma_area *area;
	pthread_barrier_t *barrier;
	unsigned int nr;
	__u64 random;
	unsigned long taken;
	unsigned long refused;
	unsigned long damaged;
	unsigned long held;
	struct cma_pace pace;
	struct cma_buffer buffers[NR_HELD];
};

FIXTURE(parallel)
{
	struct cma_area area;
	struct requester requesters[NR_THREADS];
	unsigned long used;
};

FIXTURE_SETUP(parallel)
{
	const char *missing = cma_area_find(&self->area);
	unsigned int i, j;

	if (missing)
		SKIP(return, "%s", missing);
	self->used = cma_area_used(&self->area);
	memset(self->requesters, 0, sizeof(self->requesters));
	for (i = 0; i < NR_THREADS; i++) {
		self->requesters[i].area = &self->area;
		self->requesters[i].nr = i;
		self->requesters[i].random = 0x5eed + i;
		for (j = 0; j < NR_HELD; j++)
			self->requesters[i].buffers[j].fd = -1;
	}
}

FIXTURE_TEARDOWN(parallel)
{
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/*
 * A size such that there is always a hole for it, with its alignment, whatever
 * NR_THREADS * NR_HELD buffers of this kind lie where they like.
 */
static unsigned long random_size(struct requester *self)
{
	unsigned long limit = self->area->nr_pages / 64;

	/* Small ones and large ones equally often. */
	while (limit > 1 && cma_random(&self->random) % 2)
		limit /= 2;
	return 1 + cma_random(&self->random) % limit;
}

static void take_one(struct requester *self, struct cma_buffer *buffer)
{
	__u64 seed = ((__u64)self->nr << 20) + self->taken;
	unsigned long pages = random_size(self);
	int ret = cma_take_stamped(self->area, pages, seed, buffer);

	if (ret) {
		printf("# thread %u, %lu pages: %s\n", self->nr, pages,
		       strerror(-ret));
		self->refused++;
		return;
	}
	self->taken++;
	self->held += pages;
}

static void give_one(struct requester *self, struct cma_buffer *buffer)
{
	if (buffer->fd < 0)
		return;
	if (!cma_buffer_intact_paced(buffer, &self->pace))
		self->damaged++;
	self->held -= buffer->pages;
	cma_give(buffer);
}

/* Takes and gives back at random for a while, and until it was often enough. */
static void *take_and_give(void *arg)
{
	struct requester *self = arg;
	__u64 end = cma_now_ms() + RUN_MS;
	unsigned int i;

	while (cma_now_ms() < end ||
	       (self->taken <= LEAST_TAKEN && !self->refused)) {
		struct cma_buffer *buffer;

		i = cma_random(&self->random) % NR_HELD;
		buffer = &self->buffers[i];
		if (buffer->fd < 0)
			take_one(self, buffer);
		else
			give_one(self, buffer);
	}
	for (i = 0; i < NR_HELD; i++)
		give_one(self, &self->buffers[i]);
	return NULL;
}

/* Takes all, lets the main thread look, and gives all back. */
static void *take_together(void *arg)
{
	struct requester *self = arg;
	unsigned int i, round;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(self->barrier);
		for (i = 0; i < NR_HELD; i++)
			take_one(self, &self->buffers[i]);
		pthread_barrier_wait(self->barrier);
		pthread_barrier_wait(self->barrier);
		for (i = 0; i < NR_HELD; i++)
			give_one(self, &self->buffers[i]);
		pthread_barrier_wait(self->barrier);
	}
	return NULL;
}

static bool start(struct requester *requesters, void *(*fn)(void *arg),
		  pthread_barrier_t *barrier)
{
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++) {
		requesters[i].barrier = barrier;
		if (pthread_create(&requesters[i].thread, NULL, fn,
				   &requesters[i]))
			return false;
	}
	return true;
}

/* Waits for all; adds their results up in the first one. */
static void join(struct requester *requesters)
{
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++) {
		pthread_join(requesters[i].thread, NULL);
		if (!i)
			continue;
		requesters[0].taken += requesters[i].taken;
		requesters[0].refused += requesters[i].refused;
		requesters[0].damaged += requesters[i].damaged;
		cma_pace_add(&requesters[0].pace, &requesters[i].pace);
	}
}

/* All have taken enough; did that take no more than the time of so many reads? */
static void expect_pace(struct __test_metadata *_metadata,
			const struct requester *sum, unsigned int reads)
{
	TH_LOG("%lu buffers, %llu ms to take and %llu ms to read", sum->taken,
	       sum->pace.taking_us / 1000, sum->pace.reading_us / 1000);
	EXPECT_TRUE(cma_pace_holds(&sum->pace, reads));
}

TEST_F_TIMEOUT(parallel, buffers_share_no_page_and_all_come_back, CMA_HANG_S)
{
	ASSERT_TRUE(start(self->requesters, take_and_give, NULL));
	join(self->requesters);
	expect_pace(_metadata, &self->requesters[0], MOST_READS);
	EXPECT_EQ(0UL, self->requesters[0].refused);
	EXPECT_EQ(0UL, self->requesters[0].damaged);
}

TEST_F_TIMEOUT(parallel, buffers_share_no_page_while_memory_is_full, CMA_HANG_S)
{
	unsigned long spare = 128 * CMA_MIB / cma_page_size() +
			      NR_THREADS * NR_HELD * self->area.nr_pages / 64;
	struct cma_anon anon = { .seed = 4711 };

	cma_drop_clean_cache();
	ASSERT_TRUE(cma_anon_fill(&anon, cma_anon_room(spare),
				  CMA_ANON_PLAIN));
	/* The scene: the area is mostly lent out. */
	ASSERT_LT(cma_meminfo_pages("CmaFree"),
		  (long)self->area.nr_pages * 3 / 4);
	ASSERT_TRUE(start(self->requesters, take_and_give, NULL));
	join(self->requesters);
	expect_pace(_metadata, &self->requesters[0], MOST_READS_FULL);
	EXPECT_EQ(0UL, self->requesters[0].refused);
	EXPECT_EQ(0UL, self->requesters[0].damaged);
	EXPECT_TRUE(cma_anon_intact(&anon));
}

static unsigned long held_pages(const struct requester *requesters)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++)
		sum += requesters[i].held;
	return sum;
}

/* What a worker has claimed for a moment has bits as well. */
static bool has_bits(const struct cma_area *area, unsigned long nr_pages)
{
	__u64 end = cma_now_ms() + 5000;
	unsigned long nr;
	__u32 *bitmap;

	do {
		bitmap = cma_area_bitmap(area);
		nr = bitmap ? cma_bitmap_weight(area, bitmap) : ULONG_MAX;
		free(bitmap);
	} while (nr != nr_pages && cma_now_ms() < end);
	return nr == nr_pages;
}

TEST_F_TIMEOUT(parallel, the_bitmap_has_a_bit_for_each_page_held, CMA_HANG_S)
{
	pthread_barrier_t barrier;
	__u32 *bitmap;
	unsigned int i;

	bitmap = cma_area_bitmap(&self->area);
	if (!bitmap)
		SKIP(return, "no map of the area (CONFIG_CMA_DEBUGFS)");
	free(bitmap);
	pthread_barrier_init(&barrier, NULL, NR_THREADS + 1);
	ASSERT_TRUE(start(self->requesters, take_together, &barrier));
	for (i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		EXPECT_TRUE(has_bits(&self->area, self->used + held_pages(self->requesters)));
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
	}
	join(self->requesters);
	EXPECT_EQ(0UL, self->requesters[0].refused);
	EXPECT_EQ(0UL, self->requesters[0].damaged);
}

/* An instance of its own, which disturbs nobody's tracing. */
static bool trace_file(const char *name, char *path, size_t len)
{
	const char *dir = access(TRACING "/instances", F_OK) ? DEBUG_TRACING :
							       TRACING;

	snprintf(path, len, "%s/instances/cma-test%s", dir, name);
	return !access(dir, F_OK);
}

static bool trace_write(const char *name, const char *text)
{
	char path[256];
	ssize_t len;
	int fd;

	trace_file(name, path, sizeof(path));
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = write(fd, text, strlen(text));
	close(fd);
	return len == (ssize_t)strlen(text);
}

static bool trace_start(void)
{
	char path[256];

	if (!trace_file("", path, sizeof(path)))
		return false;
	mkdir(path, 0700);
	return trace_write("/events/cma/cma_alloc_finish/enable", "1");
}

/*
 * Marks the pages of each allocation in the trace. Returns how many pages there
 * were, or 0 if one of them was there already or lies outside of the area.
 */
static unsigned long trace_pages(const struct cma_area *area, char *marks)
{
	unsigned long pfn, count, sum = 0, i;
	char path[256], line[1024], *at;
	FILE *file;

	trace_file("/trace", path, sizeof(path));
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		at = strstr(line, " pfn=");
		if (!at || sscanf(at, " pfn=%lx", &pfn) != 1 || !pfn)
			continue;
		at = strstr(line, " count=");
		if (!at || sscanf(at, " count=%lu", &count) != 1)
			continue;
		for (i = 0; i < count; i++) {
			if (!cma_pfn_inside(area, pfn + i) ||
			    marks[pfn + i - area->base_pfn]++) {
				printf("# pfn 0x%lx: %s", pfn + i, line);
				sum = 0;
				goto out;
			}
		}
		sum += count;
	}
out:
	fclose(file);
	return sum;
}

TEST_F_TIMEOUT(parallel, buffers_held_together_have_ranges_of_their_own, CMA_HANG_S)
{
	pthread_barrier_t barrier;
	char path[256];
	char *marks;
	unsigned int i;

	if (!self->area.placed)
		SKIP(return, "no place of the area (CONFIG_CMA_DEBUGFS)");
	if (!trace_start())
		SKIP(return, "no events (CONFIG_ENABLE_DEFAULT_TRACERS)");
	marks = malloc(self->area.nr_pages);
	ASSERT_NE(NULL, marks);
	pthread_barrier_init(&barrier, NULL, NR_THREADS + 1);
	ASSERT_TRUE(start(self->requesters, take_together, &barrier));
	for (i = 0; i < ROUNDS; i++) {
		memset(marks, 0, self->area.nr_pages);
		EXPECT_TRUE(trace_write("/trace", "\n"));
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		EXPECT_EQ(held_pages(self->requesters),
			  trace_pages(&self->area, marks));
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
	}
	join(self->requesters);
	EXPECT_EQ(0UL, self->requesters[0].refused);
	trace_file("", path, sizeof(path));
	EXPECT_EQ(0, rmdir(path));
	free(marks);
}

TEST_HARNESS_MAIN
