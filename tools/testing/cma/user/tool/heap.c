// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-heap for the test of cma(8), which is linked with --wrap=ioctl.
 *
 * CMA_TEST_HEAP says what is wrong with it: nothing ("good"), it has no memory ("full"), its
 * buffers aren't empty ("dirty"), or a new one changes the last one ("changing"), or is the
 * same memory, emptied ("twice"). Where there is CMA_TEST_HEAP_MOST all buffers together can
 * have so many bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/dma-heap.h>
#include <linux/types.h>

#define FDS	1024

/* The buffers that are open: a bit of the mode tells them from other files. */
static unsigned long long bytes_taken(void)
{
	unsigned long long bytes = 0;
	struct stat st;
	int fd;

	for (fd = 0; fd < FDS; fd++)
		if (!fstat(fd, &st) && st.st_mode & S_ISVTX)
			bytes += st.st_size;
	return bytes;
}

static int is_refused(const char *heap, unsigned long long bytes)
{
	const char *most = getenv("CMA_TEST_HEAP_MOST");

	if (most && *most && bytes_taken() + bytes > strtoull(most, NULL, 10))
		return 1;
	return !strcmp(heap, "full");
}

static void spoil(int fd, off_t at)
{
	const __u64 wrong = 1;

	if (pwrite(fd, &wrong, sizeof(wrong), at) != sizeof(wrong))
		abort();
}

/* As much as is taken again, which can be more than there was. */
static void empty(int fd, off_t size)
{
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size) ||
	    fallocate(fd, 0, 0, size))
		abort();
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct dma_heap_allocation_data *data = arg;
	const char *heap = getenv("CMA_TEST_HEAP");
	static int last = -1;
	int buffer;

	if (request != DMA_HEAP_IOCTL_ALLOC || !heap || is_refused(heap, data->len)) {
		errno = heap ? ENOMEM : ENOTTY;
		return -1;
	}
	buffer = memfd_create("buffer", MFD_CLOEXEC);
	if (buffer < 0 || ftruncate(buffer, data->len) || fchmod(buffer, S_ISVTX | 0600))
		return -1;
	if (!strcmp(heap, "dirty"))
		spoil(buffer, data->len - sizeof(__u64));
	if (!strcmp(heap, "changing") && last >= 0)
		spoil(last, 0);
	if (!strcmp(heap, "twice") && last >= 0)
		empty(last, data->len);
	if (!strcmp(heap, "twice") && last >= 0)
		dup2(last, buffer);
	if (last >= 0)
		close(last);
	last = strcmp(heap, "good") ? dup(buffer) : -1;
	data->fd = buffer;
	return 0;
}
