// SPDX-License-Identifier: GPL-2.0
/*
 * Take buffers from a dma-heap, use them, and keep them until told otherwise.
 *
 * usage: heap-user HEAP KIB...
 *
 * For each size: allocate, map, see that the memory is zeroed, write a pattern,
 * map anew and read it back. "held" is printed then; when standard input ends,
 * all buffers are read once more and given back. Exits with 0 when every byte
 * was what it should be.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/types.h>

#define MAX_BUFFERS 16

struct buffer {
	size_t size;
	int fd;
};

/* Differs from word to word, and from buffer to buffer. */
static __u64 pattern(const struct buffer *buffer, size_t word)
{
	return (word + buffer->size) * 0x9e3779b97f4a7c15ull;
}

static int allocate(int heap, struct buffer *buffer)
{
	struct dma_heap_allocation_data data = {
		.len = buffer->size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data)) {
		warn("no buffer of %zu KiB", buffer->size >> 10);
		return -1;
	}
	buffer->fd = data.fd;
	return 0;
}

static void sync_buffer(const struct buffer *buffer, __u64 flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	while (ioctl(buffer->fd, DMA_BUF_IOCTL_SYNC, &sync))
		if (errno != EINTR && errno != EAGAIN)
			err(1, "DMA_BUF_IOCTL_SYNC %#llx", (unsigned long long)flags);
}

static __u64 *map(const struct buffer *buffer)
{
	void *p = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       buffer->fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap of %zu KiB", buffer->size >> 10);
	return p;
}

/* Compare with the pattern, or with zero where @empty is set. */
static int check(const struct buffer *buffer, int empty)
{
	size_t words = buffer->size / sizeof(__u64), wrong = 0, i;
	__u64 *p = map(buffer);

	sync_buffer(buffer, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	for (i = 0; i < words; i++) {
		__u64 want = empty ? 0 : pattern(buffer, i);

		if (p[i] != want && !wrong++)
			warnx("buffer of %zu KiB, offset %#zx: %#llx is wanted, %#llx is there",
			      buffer->size >> 10, i * sizeof(*p),
			      (unsigned long long)want, (unsigned long long)p[i]);
	}
	sync_buffer(buffer, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	munmap(p, buffer->size);
	if (wrong)
		warnx("buffer of %zu KiB: %zu of %zu words are wrong",
		      buffer->size >> 10, wrong, words);
	return wrong ? -1 : 0;
}

static void fill(const struct buffer *buffer)
{
	size_t words = buffer->size / sizeof(__u64), i;
	__u64 *p = map(buffer);

	sync_buffer(buffer, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE);
	for (i = 0; i < words; i++)
		p[i] = pattern(buffer, i);
	sync_buffer(buffer, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
	munmap(p, buffer->size);
}

static int use(int heap, struct buffer *buffer, const char *kib)
{
	char *end;

	buffer->size = strtoull(kib, &end, 10) << 10;
	if (*end || !buffer->size)
		errx(2, "'%s' is not a size in KiB", kib);
	if (allocate(heap, buffer) || check(buffer, 1))
		return -1;
	fill(buffer);
	return check(buffer, 0);
}

int main(int argc, char **argv)
{
	struct buffer buffers[MAX_BUFFERS];
	int i, nr = argc - 2, heap, bad = 0;
	char c;

	if (nr < 1 || nr > MAX_BUFFERS)
		errx(2, "usage: heap-user HEAP KIB..., up to %d sizes", MAX_BUFFERS);
	heap = open(argv[1], O_RDWR | O_CLOEXEC);
	if (heap < 0)
		err(1, "%s", argv[1]);

	for (i = 0; i < nr; i++)
		if (use(heap, &buffers[i], argv[i + 2]))
			return 1;
	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	for (i = 0; i < nr; i++) {
		bad |= check(&buffers[i], 0);
		close(buffers[i].fd);
	}
	return bad ? 1 : 0;
}
