// SPDX-License-Identifier: GPL-2.0
/*
 * cma stress: take buffers of an area and give them back, as a program may do at any time,
 * and look whether each is empty and nobody else's.
 *
 * It takes a half of what isn't allocated at most, through the dma-heap of the area, and
 * everything goes back when it ends, however that is.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-heap.h>

#include "tool.h"

#define BUFFERS		64

struct buffer {
	uint64_t *map;
	size_t size;
	uint64_t mark;
	int fd;
};

struct stress {
	struct buffer buffers[BUFFERS];
	unsigned long long taken, most;		/* bytes */
	unsigned long long nr_taken, nr_refused, nr_dirty, nr_changed;
	struct snapshot latencies;		/* and nothing else */
	uint64_t next_mark;
	int heap;
	int error;				/* of the last that was refused */
};

static uint64_t now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * UINT64_C(1000000) + at.tv_nsec / 1000;
}

static int open_one_heap(const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/dev/dma_heap/%s", system_root, name);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* The heap of an area is called like it; later kernels have another name for one of them. */
static int open_heap(const struct area *area)
{
	int fd = open_one_heap(area->name);

	if (fd < 0 && errno == ENOENT && !strcmp(area->name, "reserved"))
		fd = open_one_heap("default_cma_region");
	if (fd < 0)
		err(1, "/dev/dma_heap/%s (it needs CONFIG_DMABUF_HEAPS_CMA)", area->name);
	return fd;
}

static void note_latency(struct stress *stress, uint64_t us)
{
	unsigned int level = 0;

	while (level < NR_LATENCIES - 1 && us >> level)
		level++;
	stress->latencies.latency[level]++;
}

/* Whatever is in it was somebody else's. */
static void check_empty(struct stress *stress, const struct buffer *buffer)
{
	size_t i;

	for (i = 0; i < buffer->size / sizeof(uint64_t); i++)
		if (buffer->map[i]) {
			stress->nr_dirty++;
			return;
		}
}

/* Each page has a mark of its own: what two buffers had in common would show. */
static void write_marks(const struct buffer *buffer)
{
	size_t at;

	for (at = 0; at < buffer->size; at += machine.page_size)
		buffer->map[at / sizeof(uint64_t)] = buffer->mark + at;
}

static void check_marks(struct stress *stress, const struct buffer *buffer)
{
	size_t at;

	for (at = 0; at < buffer->size; at += machine.page_size)
		if (buffer->map[at / sizeof(uint64_t)] != buffer->mark + at) {
			stress->nr_changed++;
			return;
		}
}

static void take(struct stress *stress, struct buffer *buffer, size_t size)
{
	struct dma_heap_allocation_data data = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	uint64_t began = now_us();

	if (ioctl(stress->heap, DMA_HEAP_IOCTL_ALLOC, &data)) {
		stress->error = errno;
		stress->nr_refused++;
		return;
	}
	note_latency(stress, now_us() - began);
	buffer->fd = data.fd;
	buffer->size = size;
	buffer->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, data.fd, 0);
	if (buffer->map == MAP_FAILED)
		err(1, "a buffer of %zu bytes can't be mapped", size);
	buffer->mark = stress->next_mark += UINT64_C(1) << 40;
	check_empty(stress, buffer);
	write_marks(buffer);
	stress->taken += size;
	stress->nr_taken++;
}

static void give_back(struct stress *stress, struct buffer *buffer)
{
	check_marks(stress, buffer);
	munmap(buffer->map, buffer->size);
	close(buffer->fd);
	stress->taken -= buffer->size;
	buffer->size = 0;
}

/* From a page up to an eighth of what may be taken, small ones more often. */
static size_t random_size(const struct stress *stress)
{
	size_t most = stress->most / 8 / machine.page_size ?: 1;
	unsigned int bits = 0;

	while (most >> bits)
		bits++;
	most = 1 + random() % (1UL << (random() % bits));
	return most * machine.page_size;
}

static void step(struct stress *stress)
{
	struct buffer *buffer = &stress->buffers[random() % BUFFERS];
	size_t size = random_size(stress);

	if (buffer->size)
		give_back(stress, buffer);
	else if (stress->taken + size <= stress->most)
		take(stress, buffer, size);
}

static unsigned long long percentile(const struct stress *stress, unsigned int percent)
{
	static const struct snapshot none;

	return snapshot_percentile(&none, &stress->latencies, percent);
}

static void emit(const struct area *area, const struct stress *stress)
{
	emit_object();
	emit_string("area", area->name);
	emit_number("taken", stress->nr_taken);
	emit_number("refused", stress->nr_refused);
	emit_number("not_empty", stress->nr_dirty);
	emit_number("changed", stress->nr_changed);
	if (!stress->nr_taken)
		return;
	emit_number("p50_us", percentile(stress, 50));
	emit_number("p99_us", percentile(stress, 99));
}

static void print(const struct area *area, const struct stress *stress)
{
	printf("%s: %llu buffers, half of them in ", area->name, stress->nr_taken);
	print_time(percentile(stress, 50));
	printf(", 99 %% in ");
	print_time(percentile(stress, 99));
	printf("; %llu refused\n", stress->nr_refused);
	if (stress->nr_dirty)
		printf("  WRONG: %llu weren't empty\n", stress->nr_dirty);
	if (stress->nr_changed)
		printf("  WRONG: %llu were changed by others\n", stress->nr_changed);
}

/* Half of what isn't allocated, or less if that was asked for; bytes */
static unsigned long long limit_of(const struct area *area, const struct options *options)
{
	unsigned long long total, allocated, most;

	if (!area_figure(area, FIGURE_TOTAL, &total) ||
	    !area_figure(area, FIGURE_ALLOCATED, &allocated))
		errx(1, "%s: how much isn't allocated is told to root only", area->name);
	most = total > allocated ? (total - allocated) / 2 : 0;
	if (options->pages && options->pages < most)
		most = options->pages;
	return most * machine.page_size;
}

static int stress_area(const struct area *area, const struct options *options)
{
	struct stress stress = { .heap = open_heap(area) };
	uint64_t end = now_us() + options->delay * UINT64_C(1000000);
	unsigned int i;

	stress.most = limit_of(area, options);
	while (now_us() < end)
		step(&stress);
	for (i = 0; i < BUFFERS; i++)
		if (stress.buffers[i].size)
			give_back(&stress, &stress.buffers[i]);
	close(stress.heap);
	if (options->json)
		emit(area, &stress);
	else
		print(area, &stress);
	if (!stress.nr_taken)
		warnx("%s: no buffer could be taken: %s", area->name,
		      stress.error ? strerror(stress.error) : "all of it is allocated");
	return !stress.nr_taken || stress.nr_dirty || stress.nr_changed;
}

int run_stress(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;
	int status = 0;

	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++)
		status |= stress_area(&areas[i], options);
	if (options->json)
		emit_end();
	return status;
}
