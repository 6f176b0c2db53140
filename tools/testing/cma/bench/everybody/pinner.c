// SPDX-License-Identifier: GPL-2.0
/*
 * usage: pinner THREADS MIB FIRST_PFN NR_PAGES
 *
 * Each thread touches MIB of memory and registers it with io_uring, which pins it for
 * as long as the ring lives. Says how many MiB were pinned, how many of their pages are
 * among the NR_PAGES from FIRST_PFN on, and how many milliseconds the slowest one took.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS	16
#define PIECE		(16UL << 20)
#define PAGE		4096UL

struct pinner {
	pthread_t thread;
	char *mem;
	size_t pinned;
	unsigned long ms;
};

static size_t size;

static unsigned long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *pin(void *data)
{
	struct pinner *p = data;
	struct iovec pieces[64];
	struct io_uring_params params = {};
	int ring = syscall(__NR_io_uring_setup, 1, &params);
	unsigned long start = now_ms();
	unsigned int nr = 0;
	size_t at;

	for (at = 0; at < size; at += PAGE)
		p->mem[at] = 1;
	for (at = 0; at < size; at += pieces[nr++].iov_len)
		pieces[nr] = (struct iovec) {
			.iov_base = p->mem + at,
			.iov_len = size - at < PIECE ? size - at : PIECE,
		};
	if (ring >= 0 &&
	    !syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS, pieces, nr))
		p->pinned = size;
	p->ms = now_ms() - start;
	return NULL;
}

/* How many of a thread's pages are in a range of page frames */
static unsigned long count(const struct pinner *p, unsigned long first, unsigned long nr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	unsigned long found = 0;
	uint64_t entry;
	size_t at;

	if (fd < 0)
		err(1, "pagemap");
	for (at = 0; at < p->pinned; at += PAGE) {
		if (pread(fd, &entry, 8, ((uintptr_t)p->mem + at) / PAGE * 8) != 8)
			err(1, "pagemap");
		found += (entry & ((1ULL << 55) - 1)) - first < nr;
	}
	close(fd);
	return found;
}

int main(int argc, char **argv)
{
	struct pinner all[MAX_THREADS] = {};
	unsigned long inside = 0, ms = 0, threads, i;
	size_t pinned = 0;

	if (argc != 5)
		errx(2, "usage: pinner THREADS MIB FIRST_PFN NR_PAGES");
	threads = strtoul(argv[1], NULL, 10);
	size = strtoul(argv[2], NULL, 10) << 20;
	if (threads > MAX_THREADS || size > 64 * PIECE)
		errx(2, "so much isn't foreseen");
	for (i = 0; i < threads; i++) {
		all[i].mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (all[i].mem == MAP_FAILED)
			err(1, "mmap");
	}
	for (i = 0; i < threads; i++)
		if (pthread_create(&all[i].thread, NULL, pin, &all[i]))
			err(1, "thread");
	for (i = 0; i < threads; i++) {
		pthread_join(all[i].thread, NULL);
		pinned += all[i].pinned;
		if (all[i].ms > ms)
			ms = all[i].ms;
	}
	for (i = 0; i < threads; i++)
		inside += count(&all[i], strtoul(argv[3], NULL, 0), strtoul(argv[4], NULL, 10));
	printf("%zu %lu %lu\n", pinned >> 20, inside, ms);
	return 0;
}
