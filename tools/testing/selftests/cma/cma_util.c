// SPDX-License-Identifier: GPL-2.0
/*
 * The area under test: how it is found, how buffers come out of it, and what
 * sysfs and debugfs say about it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-heap.h>

#include "cma_util.h"

#define HEAPS	"/dev/dma_heap"
#define SYSFS	"/sys/kernel/mm/cma"
#define DEBUGFS	"/sys/kernel/debug/cma"

/* How long memory may take to come back after its last user let go of it. */
#define SETTLE_MS	5000

static long read_number(const char *dir, const char *area, const char *file)
{
	char path[512], text[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, area, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -EIO;
	text[len] = '\0';
	return strtol(text, NULL, 0);
}

/* A figure in the area's directory in sysfs, or -errno. */
long cma_area_stat(const struct cma_area *area, const char *file)
{
	return read_number(SYSFS, area->name, file);
}

/* A figure in the area's directory in debugfs, or -errno. */
long cma_debugfs_read(const struct cma_area *area, const char *file)
{
	return read_number(DEBUGFS, area->name, file);
}

static int write_number(const char *dir, const char *name, const char *file,
			unsigned long value)
{
	char path[512], text[32];
	int fd, len, ret = 0;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = snprintf(text, sizeof(text), "%lu\n", value);
	if (write(fd, text, len) != len)
		ret = -errno;
	close(fd);
	return ret;
}

/* Into a file of the area's directory in sysfs: 0, or -errno. */
int cma_area_write(const struct cma_area *area, const char *file, unsigned long value)
{
	return write_number(SYSFS, area->name, file, value);
}

/* The same in debugfs. */
int cma_debugfs_write(const struct cma_area *area, const char *file,
		      unsigned long value)
{
	return write_number(DEBUGFS, area->name, file, value);
}

static bool has_directory(const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* A heap that is called like an area; the default area's if there is a choice. */
static bool pick_heap(char *name)
{
	const char *wanted = getenv("CMA_TEST_AREA");
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	dir = opendir(HEAPS);
	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    strlen(entry->d_name) >= CMA_NAME_LEN)
			continue;
		if (wanted && strcmp(entry->d_name, wanted))
			continue;
		if (!has_directory(SYSFS, entry->d_name) &&
		    !has_directory(DEBUGFS, entry->d_name))
			continue;
		if (found && strcmp(entry->d_name, "reserved"))
			continue;
		snprintf(name, CMA_NAME_LEN, "%s", entry->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

/* Sets a ceiling of the area to 0 for a moment. */
static void lower(const struct cma_area *area, const char *name)
{
	char path[512];
	long most = cma_area_stat(area, name);
	FILE *file;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", area->name, name);
	if (most < 0)
		return;
	file = fopen(path, "we");
	if (!file)
		return;
	fprintf(file, "0\n");
	fflush(file);
	fprintf(file, "%ld\n", most);
	fclose(file);
}

/* Has the area lend what it keeps for the next request. */
void cma_area_lend(const struct cma_area *area)
{
	lower(area, "ready_max");
}

/*
 * The same, and to everybody, so that each test begins with the same: what an earlier test
 * gave back is in nobody's memory otherwise.
 */
static void start_anew(const struct cma_area *area)
{
	lower(area, "ready_max");
	lower(area, "quick_max");
}

/*
 * Finds the area under test. Returns NULL, or what is missing in this kernel,
 * in which case there is nothing to test.
 */
const char *cma_area_find(struct cma_area *area)
{
	char path[512];
	long value;

	memset(area, 0, sizeof(*area));
	area->heap = -1;
	if (!pick_heap(area->name))
		return "no dma-heap of an area (CONFIG_DMABUF_HEAPS_CMA, cma=)";
	snprintf(path, sizeof(path), HEAPS "/%s", area->name);
	area->heap = open(path, O_RDWR | O_CLOEXEC);
	if (area->heap < 0)
		return "the dma-heap can't be opened (needs root)";

	value = cma_debugfs_read(area, "base_pfn");
	area->placed = value > 0;
	if (area->placed)
		area->base_pfn = value;
	value = cma_area_stat(area, "total_pages");
	if (value <= 0)
		value = cma_debugfs_read(area, "count");
	if (value <= 0)
		return "no size of the area (CONFIG_CMA_DEBUGFS)";
	area->nr_pages = value;
	start_anew(area);
	return NULL;
}

/* Takes a dma-buf from the area. Returns its file, or -errno. */
int cma_take_fd(const struct cma_area *area, __u64 bytes)
{
	struct dma_heap_allocation_data data = {
		.len = bytes,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(area->heap, DMA_HEAP_IOCTL_ALLOC, &data))
		return -errno;
	return data.fd;
}

/* Takes and maps a buffer. Returns 0 or -errno. */
int cma_take(const struct cma_area *area, unsigned long pages,
	     struct cma_buffer *buffer)
{
	size_t bytes = pages * cma_page_size();
	__u64 start = cma_now_us();
	void *mem;
	int ret;

	buffer->fd = cma_take_fd(area, bytes);
	buffer->took_us = cma_now_us() - start;
	if (buffer->fd < 0) {
		ret = buffer->fd;
		buffer->fd = -1;
		return ret;
	}
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		   buffer->fd, 0);
	if (mem == MAP_FAILED) {
		ret = -errno;
		close(buffer->fd);
		buffer->fd = -1;
		return ret;
	}
	buffer->mem = mem;
	buffer->pages = pages;
	return 0;
}

/* As cma_take(), with a pattern all over the buffer. */
int cma_take_stamped(const struct cma_area *area, unsigned long pages,
		     __u64 seed, struct cma_buffer *buffer)
{
	int ret = cma_take(area, pages, buffer);

	if (ret)
		return ret;
	buffer->seed = seed;
	cma_stamp(buffer->mem, pages * cma_page_size() / sizeof(__u64),
		  seed, 0);
	return 0;
}

bool cma_buffer_intact(const struct cma_buffer *buffer)
{
	return cma_stamped(buffer->mem, buffer->pages * cma_page_size() /
			   sizeof(__u64), buffer->seed, 0);
}

/* As cma_buffer_intact(), for a buffer that counts in the pace. */
bool cma_buffer_intact_paced(const struct cma_buffer *buffer,
			     struct cma_pace *pace)
{
	__u64 start = cma_now_us();
	bool intact = cma_buffer_intact(buffer);

	pace->taking_us += buffer->took_us;
	pace->reading_us += cma_now_us() - start;
	return intact;
}

void cma_pace_add(struct cma_pace *sum, const struct cma_pace *pace)
{
	sum->taking_us += pace->taking_us;
	sum->reading_us += pace->reading_us;
}

/*
 * Whether this kernel looks at each access to memory, by what such a one has. It then
 * takes most of its time for that where it allocates, and little where a program reads.
 */
static bool cma_kernel_is_slow(void)
{
	bool slow = false;
	FILE *symbols = fopen("/proc/kallsyms", "r");
	char line[256];

	while (symbols && !slow && fgets(line, sizeof(line), symbols))
		slow = strstr(line, " kasan_report\n") ||
		       strstr(line, " kcsan_setup_watchpoint\n");
	if (symbols)
		fclose(symbols);
	return slow;
}

/* Was no more time taken than that of so many reads, if that can be told? */
bool cma_pace_holds(const struct cma_pace *pace, unsigned int reads)
{
	return pace->taking_us < reads * pace->reading_us ||
	       cma_kernel_is_slow();
}

/* Gives a buffer back; one that was never taken is left alone. */
void cma_give(struct cma_buffer *buffer)
{
	if (buffer->fd < 0)
		return;
	munmap(buffer->mem, buffer->pages * cma_page_size());
	close(buffer->fd);
	buffer->fd = -1;
}

/* Does this kernel tell why a request failed, in its log and its figures? */
bool cma_area_names_reasons(const struct cma_area *area)
{
	return cma_area_stat(area, "failures/too-big") >= 0;
}

/* Pages that are handed out. */
unsigned long cma_area_used(const struct cma_area *area)
{
	long value = cma_area_stat(area, "allocated_pages");

	if (value < 0)
		value = cma_debugfs_read(area, "used");
	return value;
}

/* Waits until exactly @used pages are handed out, for a bounded time. */
bool cma_area_settles(const struct cma_area *area, unsigned long used)
{
	__u64 deadline = cma_now_ms() + SETTLE_MS;

	while (cma_area_used(area) != used) {
		if (cma_now_ms() > deadline)
			return false;
		cma_sleep_ms(20);
	}
	return true;
}

/*
 * The debugfs bitmap, one bit for each page group, or NULL where there is no
 * such file. The caller frees it.
 */
__u32 *cma_area_bitmap(const struct cma_area *area)
{
	size_t i, words = (area->nr_pages + 31) / 32;
	__u32 *bitmap;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), DEBUGFS "/%s/bitmap", area->name);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	bitmap = calloc(words, sizeof(*bitmap));
	for (i = 0; bitmap && i < words; i++)
		if (fscanf(file, "%u", &bitmap[i]) != 1)
			break;
	fclose(file);
	return bitmap;
}

bool cma_bitmap_test(const __u32 *bitmap, unsigned long bit)
{
	return bitmap[bit / 32] >> (bit % 32) & 1;
}

/* Pages that the bitmap shows as handed out. */
unsigned long cma_bitmap_weight(const struct cma_area *area,
				const __u32 *bitmap)
{
	unsigned long i, weight = 0;
	long order = cma_debugfs_read(area, "order_per_bit");

	for (i = 0; i < area->nr_pages; i++)
		weight += cma_bitmap_test(bitmap, i);
	return weight << (order > 0 ? order : 0);
}
