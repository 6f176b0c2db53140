// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers come and go at random for a while, in memory that is full of files
 * and of programs, and with a ceiling of READY memory that goes up and down.
 * At every look all pages of the area are somewhere, and in the end all is
 * as it was.
 *
 * CMA_TEST_SECONDS says for how long, 60 if it isn't there. A slow machine takes
 * longer, until there were ten buffers for each second.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "cma_files.h"
#include "cma_util.h"

#define NR_TAKERS	4
#define NR_HELD		6
#define SECONDS		60
#define MOST_SECONDS	400
#define PER_SECOND	10UL	/* buffers, and looks, must be more than that */
/*
 * Of a buffer, in the time that it takes to get it: more than twice the most that was
 * seen in an emulated guest beside another. How much has to be moved is luck here.
 */
#define MOST_READS	20
#define LOOK_MS		2
#define CEILING_MS	250
#define SPARE_BYTES	(128 * CMA_MIB)

struct usage {
	unsigned long total;
	unsigned long lent;
	unsigned long ready;
	unsigned long claimed;
	unsigned long allocated;
};

struct taker {
	pthread_t thread;
	const struct cma_area *area;
	__u64 random;
	unsigned long refused;
	unsigned long damaged;
	struct cma_pace pace;
	struct cma_buffer buffers[NR_HELD];
};

FIXTURE(random)
{
	struct cma_area area;
	struct cma_files files;
	struct taker takers[NR_TAKERS];
	unsigned long used;
	long ceiling;
	unsigned int seconds;
};

static atomic_bool over;
static atomic_ulong taken;

static unsigned int seconds(void)
{
	const char *text = getenv("CMA_TEST_SECONDS");
	int value = text ? atoi(text) : SECONDS;

	return value > 0 && value < MOST_SECONDS ? value : SECONDS;
}

/* All figures from one look of the kernel, which takes one read. */
static bool look(const struct cma_area *area, struct usage *usage)
{
	char path[160], text[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/cma/%s/usage",
		 area->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	return sscanf(text,
		      "total %lu lent %lu ready %lu claimed %lu allocated %lu",
		      &usage->total, &usage->lent, &usage->ready,
		      &usage->claimed, &usage->allocated) == 5;
}

static bool set_ceiling(const struct cma_area *area, unsigned long pages)
{
	char path[160], text[24];
	ssize_t len, got;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/mm/cma/%s/ready_max",
		 area->name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = snprintf(text, sizeof(text), "%lu", pages);
	got = write(fd, text, len);
	close(fd);
	return got == len;
}

FIXTURE_SETUP(random)
{
	const char *missing = cma_area_find(&self->area);
	struct usage usage;
	unsigned int i, j;

	if (!missing)
		missing = cma_files_find(&self->files);
	if (!missing && !look(&self->area, &usage))
		missing = "no look at the area (CONFIG_CMA_DEBUGFS)";
	if (missing)
		SKIP(return, "%s", missing);
	self->seconds = seconds();
	self->used = cma_area_used(&self->area);
	self->ceiling = cma_area_stat(&self->area, "ready_max");
	memset(self->takers, 0, sizeof(self->takers));
	for (i = 0; i < NR_TAKERS; i++) {
		self->takers[i].area = &self->area;
		self->takers[i].random = 0xcafe + i;
		for (j = 0; j < NR_HELD; j++)
			self->takers[i].buffers[j].fd = -1;
	}
	ASSERT_TRUE(cma_files_make(&self->files));
	cma_drop_clean_cache();
	/* The scene: most of the area is lent out. */
	ASSERT_TRUE(cma_files_fill_cache(&self->files, &self->area));
}

FIXTURE_TEARDOWN(random)
{
	if (self->ceiling >= 0)
		EXPECT_TRUE(set_ceiling(&self->area, self->ceiling));
	EXPECT_TRUE(cma_area_settles(&self->area, self->used));
}

/* There is always a hole for it, however the others lie. */
static unsigned long random_size(struct taker *self)
{
	unsigned long limit = self->area->nr_pages / 64;

	while (limit > 1 && cma_random(&self->random) % 2)
		limit /= 2;
	return 1 + cma_random(&self->random) % limit;
}

static void take_or_give(struct taker *self, struct cma_buffer *buffer)
{
	__u64 seed = self->random;

	if (buffer->fd >= 0) {
		self->damaged += !cma_buffer_intact_paced(buffer, &self->pace);
		cma_give(buffer);
	} else if (cma_take_stamped(self->area, random_size(self), seed,
				    buffer)) {
		self->refused++;
	} else {
		taken++;
	}
}

static void *take_and_give(void *arg)
{
	struct taker *self = arg;
	unsigned int i;

	while (!atomic_load(&over)) {
		i = cma_random(&self->random) % NR_HELD;
		take_or_give(self, &self->buffers[i]);
	}
	for (i = 0; i < NR_HELD; i++)
		if (self->buffers[i].fd >= 0)
			take_or_give(self, &self->buffers[i]);
	return NULL;
}

/* Reads files again and again, so that what was dropped comes back. */
static void *read_files(void *arg)
{
	const struct cma_files *files = arg;
	unsigned long damaged = 0;
	unsigned int i;

	for (i = 0; !atomic_load(&over); i = (i + 1) % files->nr)
		damaged += !cma_file_intact(files, i, i);
	return (void *)damaged;
}

/* Nothing may be READY half of the time, so that all has to be evacuated. */
static void turn_ceiling(const struct cma_area *area, __u64 *random)
{
	unsigned long pages = cma_random(random) % (area->nr_pages + 1);

	set_ceiling(area, cma_random(random) % 2 ? pages : 0);
}

/*
 * Looks until the time is over and enough was taken. Returns how often the sum was
 * wrong.
 */
static unsigned long watch(const struct cma_area *area, unsigned int seconds,
			   unsigned long *looks)
{
	__u64 now = cma_now_ms(), end = now + 1000ULL * seconds, turn = now;
	__u64 too_late = now + 1000ULL * MOST_SECONDS;
	unsigned long wrong = 0;
	__u64 random = 4711;
	struct usage usage;

	for (*looks = 0; now < end || (now < too_late && taken <= PER_SECOND * seconds);
	     now = cma_now_ms(), ++*looks) {
		if (now >= turn) {
			turn_ceiling(area, &random);
			turn = now + CEILING_MS;
		}
		if (!look(area, &usage) || usage.total != area->nr_pages ||
		    usage.lent + usage.ready + usage.claimed +
		    usage.allocated != usage.total) {
			printf("# total %lu lent %lu ready %lu claimed %lu allocated %lu\n",
			       usage.total, usage.lent, usage.ready,
			       usage.claimed, usage.allocated);
			wrong++;
		}
		cma_sleep_ms(LOOK_MS);
	}
	return wrong;
}

TEST_F_TIMEOUT(random, all_pages_are_somewhere_while_buffers_come_and_go, 580)
{
	unsigned long spare = SPARE_BYTES / cma_page_size() +
			      NR_TAKERS * NR_HELD * self->area.nr_pages / 64;
	unsigned long looks, wrong;
	struct cma_anon anon = { .seed = 4711 };
	struct cma_pace pace = { };
	pthread_t reader;
	void *damaged;
	unsigned int i;

	ASSERT_TRUE(cma_anon_fill(&anon, cma_anon_room(spare),
				  CMA_ANON_PLAIN));
	ASSERT_EQ(0, pthread_create(&reader, NULL, read_files, &self->files));
	for (i = 0; i < NR_TAKERS; i++)
		ASSERT_EQ(0, pthread_create(&self->takers[i].thread, NULL,
					    take_and_give, &self->takers[i]));
	wrong = watch(&self->area, self->seconds, &looks);
	atomic_store(&over, true);
	for (i = 0; i < NR_TAKERS; i++) {
		pthread_join(self->takers[i].thread, NULL);
		EXPECT_EQ(0UL, self->takers[i].refused);
		EXPECT_EQ(0UL, self->takers[i].damaged);
		cma_pace_add(&pace, &self->takers[i].pace);
	}
	pthread_join(reader, &damaged);
	TH_LOG("%lu buffers, %lu looks, %llu ms to take and %llu ms to read",
	       atomic_load(&taken), looks, pace.taking_us / 1000,
	       pace.reading_us / 1000);

	EXPECT_EQ(0UL, wrong);
	EXPECT_GT(looks, PER_SECOND * self->seconds);
	EXPECT_GT(atomic_load(&taken), PER_SECOND * self->seconds);
	EXPECT_TRUE(cma_pace_holds(&pace, MOST_READS));
	EXPECT_EQ(NULL, damaged);
	EXPECT_TRUE(cma_anon_intact(&anon));
	EXPECT_TRUE(cma_files_intact(&self->files));
}

int main(int argc, char **argv)
{
	cma_files_for_this_program();
	return test_harness_run(argc, argv);
}
