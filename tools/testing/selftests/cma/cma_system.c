// SPDX-License-Identifier: GPL-2.0
/*
 * What the rest of the system says: counters, where pages lie, the log; and
 * memory that is filled with patterns, so that a lost page is noticed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cma_util.h"

/* Of an entry of pagemap */
#define PFN_PRESENT	0x8000000000000000ULL
#define PFN_MASK	0x007fffffffffffffULL

/*
 * Much more than a CPU's lists of free pages of 4 KiB, much less than an area.
 * Lists of larger pages have to be shortened (percpu_pagelist_high_fraction).
 */
#define TOUCH_STEP	(8 * CMA_MIB)

size_t cma_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* The number after @field at the start of a line of @path, or -ENOENT. */
static long find_field(const char *path, const char *field)
{
	size_t len = strlen(field);
	char line[256];
	long value = -ENOENT;
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, len) &&
		    strchr(": \t", line[len])) {
			value = strtol(line + len + 1, NULL, 10);
			break;
		}
	fclose(file);
	return value;
}

/* A line of /proc/meminfo, in pages. */
long cma_meminfo_pages(const char *field)
{
	long kib = find_field("/proc/meminfo", field);

	return kib < 0 ? kib : kib * 1024 / (long)cma_page_size();
}

long cma_vmstat(const char *field)
{
	return find_field("/proc/vmstat", field);
}

/*
 * What word number @word of a pattern is: different for each word and seed, so
 * that a page from elsewhere can't pass for the right one.
 */
__u64 cma_pattern(__u64 seed, __u64 word)
{
	return (word ^ (seed << 40)) * 0x9e3779b97f4a7c15ULL + seed;
}

void cma_stamp(__u64 *mem, size_t words, __u64 seed, __u64 first)
{
	size_t i;

	for (i = 0; i < words; i++)
		mem[i] = cma_pattern(seed, first + i);
}

bool cma_stamped(const __u64 *mem, size_t words, __u64 seed,
		 __u64 first)
{
	size_t i;

	for (i = 0; i < words; i++) {
		if (mem[i] == cma_pattern(seed, first + i))
			continue;
		printf("# word %zu of %zu: 0x%llx instead of 0x%llx\n", i, words,
		       mem[i], cma_pattern(seed, first + i));
		return false;
	}
	return true;
}

int cma_pfn_open(void)
{
	return open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

/* Where a page of this process lies, 0 if it is nowhere. */
__u64 cma_pfn_of(int pagemap, const void *addr)
{
	__u64 entry;
	off_t offset = (uintptr_t)addr / cma_page_size() * sizeof(entry);

	if (pread(pagemap, &entry, sizeof(entry), offset) != sizeof(entry))
		return 0;
	return entry & PFN_PRESENT ? entry & PFN_MASK : 0;
}

bool cma_pfn_inside(const struct cma_area *area, __u64 pfn)
{
	return pfn >= area->base_pfn && pfn - area->base_pfn < area->nr_pages;
}

/* How many of the pages at @addr lie in the area. */
unsigned long cma_pages_inside(const struct cma_area *area, const void *addr,
			       unsigned long pages)
{
	off_t offset = (uintptr_t)addr / cma_page_size() * sizeof(__u64);
	unsigned long inside = 0, done = 0;
	__u64 entries[512];
	int pagemap = cma_pfn_open();
	ssize_t i, len;

	while (done < pages) {
		size_t want = pages - done < 512 ? pages - done : 512;

		len = pread(pagemap, entries, want * sizeof(__u64),
			    offset + done * sizeof(__u64));
		len /= (ssize_t)sizeof(__u64);
		if (len <= 0)
			break;
		for (i = 0; i < len; i++)
			inside += entries[i] & PFN_PRESENT &&
				  cma_pfn_inside(area, entries[i] & PFN_MASK);
		done += len;
	}
	if (pagemap >= 0)
		close(pagemap);
	return inside;
}

/* The part of the memory, of so many pages, that has the most pages in the area. */
unsigned long cma_anon_best_window(const struct cma_area *area,
				   const struct cma_anon *anon, unsigned long pages)
{
	unsigned long first, inside, best = 0, at = 0;
	char *mem = (char *)anon->mem;

	for (first = 0; first + pages <= anon->pages; first += pages) {
		inside = cma_pages_inside(area, mem + first * cma_page_size(), pages);
		if (inside > best) {
			best = inside;
			at = first;
		}
	}
	return at;
}

/* How many pages a process can fill so that @spare_pages are left over. */
unsigned long cma_anon_room(unsigned long spare_pages)
{
	long available = cma_meminfo_pages("MemAvailable");

	return available > (long)spare_pages ? available - spare_pages : 0;
}

/* Has memory allocated that is of no further interest. */
static bool touch(unsigned long pages)
{
	return mmap(NULL, pages * cma_page_size(), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) !=
	       MAP_FAILED;
}

/*
 * Has memory allocated, at most @pages, until the area begins to be lent: then
 * half of what is free around it is its own. How much that takes depends on
 * the zones: high memory goes first, for one, and the area may lie there.
 */
bool cma_anon_touch_until_lent(unsigned long pages)
{
	unsigned long step = TOUCH_STEP / cma_page_size(), done;
	long before, after = cma_meminfo_pages("CmaFree");

	for (done = 0; done + step <= pages; done += step) {
		before = after;
		if (!touch(step))
			return false;
		after = cma_meminfo_pages("CmaFree");
		if (before - after > (long)step / 4)
			break;
	}
	return true;
}

/* What a huge page is, or would be. */
static size_t huge_bytes(void)
{
	char line[32] = "";
	FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
			   "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	return line[0] ? strtoul(line, NULL, 10) : 2 * CMA_MIB;
}

/* Fills anonymous memory. Returns false if it can't be had. */
bool cma_anon_fill(struct cma_anon *anon, unsigned long pages,
		   enum cma_anon_kind kind)
{
	size_t bytes = pages * cma_page_size(), huge = huge_bytes();
	char *mem;

	mem = mmap(NULL, bytes + huge, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		return false;
	/* Huge pages need it, and the others don't mind. */
	mem += huge - (uintptr_t)mem % huge;
	madvise(mem, bytes, kind == CMA_ANON_HUGE ? MADV_HUGEPAGE :
						    MADV_NOHUGEPAGE);
	anon->mem = (__u64 *)mem;
	anon->pages = pages;
	cma_stamp(anon->mem, bytes / sizeof(__u64), anon->seed, 0);
	return kind != CMA_ANON_LOCKED || !mlock(mem, bytes);
}

bool cma_anon_intact(const struct cma_anon *anon)
{
	return cma_stamped(anon->mem, anon->pages * cma_page_size() /
			   sizeof(__u64), anon->seed, 0);
}

/* Processes that are begun later don't get this memory. Returns 0 or -1. */
int cma_anon_keep_from_children(const struct cma_anon *anon)
{
	return madvise(anon->mem, anon->pages * cma_page_size(), MADV_DONTFORK);
}

/* A figure of the mapping at @addr from /proc/self/smaps, in KiB, or -1. */
long cma_smaps_kib(const void *addr, const char *field)
{
	size_t len = strlen(field);
	FILE *file = fopen("/proc/self/smaps", "re");
	bool here = false;
	char line[512];
	long value = -1;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = (uintptr_t)addr >= start &&
			       (uintptr_t)addr < end;
		else if (here && !strncmp(line, field, len) && line[len] == ':')
			value = strtol(line + len + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return value;
}

/* The kernel's log from now on, or -1. */
int cma_kmsg_open(void)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
	return kmsg;
}

/* Is there a line with both words? Reads to the end of the log. */
bool cma_kmsg_says(int kmsg, const char *word, const char *other)
{
	bool found = false;
	char line[2048];
	ssize_t len;

	for (;;) {
		len = read(kmsg, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			break;
		line[len] = '\0';
		found |= strstr(line, word) && strstr(line, other);
	}
	return found;
}

/* Adds a line to the kernel's log; what can't be written is left out. */
void cma_kmsg_say(const char *line)
{
	int kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (kmsg < 0)
		return;
	if (write(kmsg, line, strlen(line)) < 0)
		printf("# %s\n", line);
	close(kmsg);
}

/* What the page cache has is read from the disk again after this. */
void cma_drop_clean_cache(void)
{
	int fd;

	sync();
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		printf("# the page cache can't be dropped: %s\n",
		       strerror(errno));
	close(fd);
}

/* Runs @fn in a child that doesn't outlive its parent. */
pid_t cma_spawn(int (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid();
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(fn(arg));
}

/* The exit code of a child, or minus the signal that ended it. */
int cma_reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

__u64 cma_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

__u64 cma_now_ms(void)
{
	return cma_now_us() / 1000;
}

void cma_sleep_ms(unsigned int ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/* Xorshift, after G. Marsaglia; a seed of 0 would stay 0. */
__u64 cma_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
