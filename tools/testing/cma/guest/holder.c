// SPDX-License-Identifier: GPL-2.0
/*
 * Take memory, map it, write all of it, and keep it mapped until told otherwise.
 *
 * usage: holder heap HEAP KIB...
 *        holder hugetlb KIB COUNT
 *        holder touch KIB [NODE]
 *        holder pipe KIB
 *
 * The memory is a buffer of each size out of a dma-heap, or COUNT hugetlb pages
 * of that size, or ordinary memory, and that of NODE only if it is given; a pipe has
 * some of its pages where "pipe" is said, which don't move then. It must
 * be zero at first. "held" is printed when it is written; when standard input
 * ends, every word is read once more. Exits with 0 when all were what they should
 * be. Whoever kills it learns what becomes of memory that nobody has given back.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>

#define MAX_PIECES 1024
#define PIPE_PAGES 64

/* A piece of memory that is mapped in one go; fd is -1 if it isn't a buffer. */
struct piece {
	uint64_t *mem;
	size_t size;
	int fd;
};

static struct piece pieces[MAX_PIECES];
static int nr_pieces;
static bool has_pipe;

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (*end || !n)
		errx(2, "'%s' isn't one", text);
	return n;
}

/* What word @i of a piece holds: no two words are alike. */
static uint64_t pattern(const struct piece *piece, size_t i)
{
	return ((uint64_t)(piece - pieces + 1) << 56 | i) * 0x9e3779b97f4a7c15ull;
}

static void sync_piece(const struct piece *piece, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags | DMA_BUF_SYNC_RW };

	if (piece->fd >= 0 && ioctl(piece->fd, DMA_BUF_IOCTL_SYNC, &sync))
		err(1, "DMA_BUF_IOCTL_SYNC %#llx", (unsigned long long)flags);
}

/* Compare with the pattern, or with zero; where @write is set, write it then. */
static int go_through(const struct piece *piece, int write)
{
	size_t words = piece->size / sizeof(uint64_t), wrong = 0, i;

	sync_piece(piece, DMA_BUF_SYNC_START);
	for (i = 0; i < words; i++) {
		uint64_t want = write ? 0 : pattern(piece, i);

		if (piece->mem[i] != want && !wrong++)
			warnx("offset %#zx: %#llx is wanted, %#llx is there", i * 8,
			      (unsigned long long)want,
			      (unsigned long long)piece->mem[i]);
		if (write)
			piece->mem[i] = pattern(piece, i);
	}
	sync_piece(piece, DMA_BUF_SYNC_END);
	if (wrong)
		warnx("%zu of %zu words are wrong", wrong, words);
	return wrong ? -1 : 0;
}

static void take(size_t size, int flags, int fd)
{
	struct piece *piece = &pieces[nr_pieces];

	if (nr_pieces == MAX_PIECES)
		errx(2, "no more than %d sizes", MAX_PIECES);
	piece->mem = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (piece->mem == MAP_FAILED)
		err(1, "mmap of %zu KiB", size >> 10);
	piece->size = size;
	piece->fd = fd;
	nr_pieces++;
}

static void take_buffer(int heap, size_t size)
{
	struct dma_heap_allocation_data data = {
		.len = size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data))
		err(1, "no buffer of %zu KiB", size >> 10);
	take(size, MAP_SHARED, data.fd);
}

static void bind_to(const char *node)
{
	unsigned long nodes = 1ul << strtoul(node, NULL, 10);

	if (syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 8 * sizeof(nodes)))
		err(1, "node %s", node);
}

/* A page of each so many, in a pipe that nobody reads */
static void fill_pipe(const struct piece *piece)
{
	size_t page = sysconf(_SC_PAGESIZE), step = piece->size / PIPE_PAGES, i;
	int ends[2];

	if (pipe(ends) || fcntl(ends[1], F_SETPIPE_SZ, PIPE_PAGES * page) < 0)
		err(1, "no pipe for %d pages", PIPE_PAGES);
	for (i = 0; i < PIPE_PAGES; i++) {
		struct iovec one = { (char *)piece->mem + i * step / page * page, page };

		if (vmsplice(ends[1], &one, 1, 0) != (ssize_t)page)
			err(1, "vmsplice");
	}
}

static void take_all(int argc, char **argv)
{
	int heap, i;

	if (argc >= 4 && !strcmp(argv[1], "heap")) {
		heap = open(argv[2], O_RDWR | O_CLOEXEC);
		if (heap < 0)
			err(1, "%s", argv[2]);
		for (i = 3; i < argc; i++)
			take_buffer(heap, number(argv[i]) << 10);
	} else if (argc == 4 && !strcmp(argv[1], "hugetlb")) {
		size_t size = number(argv[2]) << 10;

		take(size * number(argv[3]), MAP_PRIVATE | MAP_ANONYMOUS |
		     MAP_HUGETLB | __builtin_ctzll(size) << MAP_HUGE_SHIFT, -1);
	} else if ((argc == 3 || argc == 4) && !strcmp(argv[1], "touch")) {
		if (argc == 4)
			bind_to(argv[3]);
		take(number(argv[2]) << 10, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	} else if (argc == 3 && !strcmp(argv[1], "pipe")) {
		take(number(argv[2]) << 10, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		has_pipe = true;
	} else {
		errx(2, "usage: holder heap HEAP KIB... | hugetlb KIB COUNT | %s",
		     "touch KIB [NODE] | pipe KIB");
	}
}

int main(int argc, char **argv)
{
	int i, bad = 0;
	char c;

	take_all(argc, argv);
	for (i = 0; i < nr_pieces; i++)
		bad |= go_through(&pieces[i], 1);
	if (has_pipe)
		fill_pipe(&pieces[0]);
	puts(bad ? "wrong" : "held");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	for (i = 0; i < nr_pieces; i++)
		bad |= go_through(&pieces[i], 0);
	return bad ? 1 : 0;
}
