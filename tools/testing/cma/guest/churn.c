// SPDX-License-Identifier: GPL-2.0
/*
 * What hours of use do to memory, in a minute: processes that map and unmap,
 * fork, read, write, lock and pin at random, until nothing lies next to what it
 * was allocated with.
 *
 * usage: churn DIRECTORY MIB SECONDS
 *
 * DIRECTORY is on a disk, and beside it there may be files/ to be read.
 * MIB is what all processes together keep at most. After so many seconds they
 * rest, which is when "rested" is printed: nothing is pinned or on its way any
 * more, and all that they have stays where it is. When standard input ends they
 * look whether every word is what they wrote. Exits with 0 when it was.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS		6
#define SLOTS		64
#define MAX_FILES	256

enum kind { EMPTY, ANON, SHARED, ON_DISK, KINDS };

/* A piece of memory or a file; every word of it is known. */
struct slot {
	enum kind kind;
	uint64_t *mem;		/* NULL for a file */
	size_t size;
	size_t stride;		/* each so many pages one was given back, or 0 */
	uint64_t seed;
	int pipe;		/* read end of one that holds its first page, or -1 */
};

static struct slot slots[SLOTS];
static char *files[MAX_FILES];
static int nr_files, me, bad;
static size_t page, kept, limit;
static const char *dir;
static uint64_t state;

static uint64_t roll(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static uint64_t word(const struct slot *slot, size_t i)
{
	return (slot->seed + i) * 0x9e3779b97f4a7c15ull;
}

static int is_hole(const struct slot *slot, size_t i)
{
	return slot->stride && i * sizeof(uint64_t) / page % slot->stride == 1;
}

static void fill(const struct slot *slot, uint64_t *mem)
{
	size_t i;

	for (i = 0; i < slot->size / sizeof(*mem); i++)
		mem[i] = word(slot, i);
}

static void check(const struct slot *slot, const uint64_t *mem, const char *what)
{
	size_t i;

	for (i = 0; i < slot->size / sizeof(*mem); i++) {
		uint64_t want = is_hole(slot, i) ? 0 : word(slot, i);

		if (mem[i] == want)
			continue;
		warnx("%s of %zu KiB, offset %#zx: %#llx is wanted, %#llx is there",
		      what, slot->size >> 10, i * sizeof(*mem),
		      (unsigned long long)want, (unsigned long long)mem[i]);
		bad = 1;
		return;
	}
}

static void *map(size_t size, int flags, int fd)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (mem == MAP_FAILED)
		err(1, "mmap of %zu KiB", size >> 10);
	return mem;
}

static char *name_of(const struct slot *slot)
{
	static char name[256];

	snprintf(name, sizeof(name), "%s/churn.%d.%d", dir, me,
		 (int)(slot - slots));
	return name;
}

static void make_anon(struct slot *slot)
{
	size_t i;

	slot->mem = map(slot->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!roll(8))
		mlock(slot->mem, slot->size);	/* as far as the limit goes */
	fill(slot, slot->mem);
	slot->stride = roll(2) ? 2 + roll(6) : 0;
	for (i = page; slot->stride && i < slot->size; i += slot->stride * page) {
		munlock((char *)slot->mem + i, page);
		madvise((char *)slot->mem + i, page, MADV_DONTNEED);
	}
}

static void make_shared(struct slot *slot)
{
	int fd = memfd_create("churn", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, slot->size))
		err(1, "memfd of %zu KiB", slot->size >> 10);
	slot->mem = map(slot->size, MAP_SHARED, fd);
	close(fd);
	fill(slot, slot->mem);
}

static void make_on_disk(struct slot *slot)
{
	uint64_t *mem = map(slot->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int fd = open(name_of(slot), O_RDWR | O_CREAT | O_TRUNC, 0600);

	fill(slot, mem);
	if (fd < 0 || write(fd, mem, slot->size) != (ssize_t)slot->size)
		err(1, "%s", name_of(slot));
	if (!roll(4))
		fsync(fd);
	close(fd);
	munmap(mem, slot->size);
}

static void check_on_disk(struct slot *slot)
{
	int fd = open(name_of(slot), O_RDONLY);
	uint64_t *mem = map(slot->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (fd < 0 || read(fd, mem, slot->size) != (ssize_t)slot->size)
		err(1, "%s", name_of(slot));
	check(slot, mem, "file");
	close(fd);
	munmap(mem, slot->size);
	unlink(name_of(slot));
}

static void release_pipe(struct slot *slot)
{
	if (slot->pipe >= 0)
		close(slot->pipe);
	slot->pipe = -1;
}

static void release(struct slot *slot)
{
	release_pipe(slot);
	if (slot->kind == ON_DISK) {
		check_on_disk(slot);
	} else {
		check(slot, slot->mem, slot->kind == ANON ? "memory" : "memfd");
		munmap(slot->mem, slot->size);
		kept -= slot->size;
	}
	slot->kind = EMPTY;
}

static void make(struct slot *slot)
{
	*slot = (struct slot) {
		.kind = 1 + roll(KINDS - 1),
		.size = page << roll(22 - __builtin_ctzll(page)),
		.seed = roll(~0ull),
		.pipe = -1,
	};
	if (slot->kind != ON_DISK) {
		if (kept + slot->size > limit) {
			slot->kind = EMPTY;
			return;
		}
		kept += slot->size;
	}
	if (slot->kind == ANON)
		make_anon(slot);
	else if (slot->kind == SHARED)
		make_shared(slot);
	else
		make_on_disk(slot);
}

/* A child that writes to half of what it shares with us, and lives for a while. */
static void fork_over(struct slot *slot)
{
	size_t i;

	if (fork())
		return;
	for (i = 0; i < slot->size; i += 2 * page)
		slot->mem[i / sizeof(*slot->mem)] = i;
	usleep(roll(200000));
	_exit(0);
}

/* The pipe holds a reference to the first page, as a slow device would. */
static void hold(struct slot *slot)
{
	struct iovec iov = { slot->mem, page };
	int ends[2];

	if (slot->pipe >= 0 || pipe(ends))
		return;
	if (vmsplice(ends[1], &iov, 1, SPLICE_F_NONBLOCK) < 0)
		warn("vmsplice");
	close(ends[1]);
	slot->pipe = ends[0];
}

/* Through the page cache, or past it into pages that are pinned meanwhile. */
static void read_file(void)
{
	size_t size = 1 << 20;
	int direct = !roll(4);
	void *mem = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int fd;

	fd = open(files[roll(nr_files)], O_RDONLY | (direct ? O_DIRECT : 0));
	if (fd < 0 || pread(fd, mem, size, roll(12) << 20) < 0)
		err(1, "reading a file of %s", dir);
	close(fd);
	munmap(mem, size);
}

static void step(void)
{
	struct slot *slot = &slots[roll(SLOTS)];

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (slot->kind == EMPTY) {
		make(slot);
		return;
	}
	switch (slot->mem && slot->kind == ANON ? roll(6) : roll(3)) {
	case 0:
	case 1:
		release(slot);
		break;
	case 2:
		if (nr_files)
			read_file();
		break;
	case 3:
		fork_over(slot);
		break;
	case 4:
		hold(slot);
		break;
	default:
		release_pipe(slot);
		break;
	}
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* @rested is written to when there is nothing more to come, @go ends the rest. */
static int work(int seconds, int rested, int go)
{
	time_t end = now() + seconds;
	int i, pid;
	char c = 0;

	state = 88172645463325252ull + me * 7919;
	while (now() < end)
		step();
	for (i = 0; i < SLOTS; i++)
		release_pipe(&slots[i]);
	while ((pid = waitpid(-1, NULL, 0)) > 0)
		;
	if (write(rested, &c, 1) != 1)
		err(1, "pipe");
	close(rested);
	while (read(go, &c, 1) > 0)
		;
	for (i = 0; i < SLOTS; i++)
		if (slots[i].kind != EMPTY)
			release(&slots[i]);
	return bad;
}

static void find_files(void)
{
	char pattern[256];
	size_t i;
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/../files/*", dir);
	if (glob(pattern, 0, NULL, &g))
		return;
	for (i = 0; i < g.gl_pathc && nr_files < MAX_FILES; i++)
		files[nr_files++] = g.gl_pathv[i];
}

int main(int argc, char **argv)
{
	int rested[2], go[2], i, status, result = 0;
	char c;

	if (argc != 4)
		errx(2, "usage: churn DIRECTORY MIB SECONDS");
	dir = argv[1];
	limit = strtoul(argv[2], NULL, 10) * (1 << 20) / WORKERS;
	page = sysconf(_SC_PAGESIZE);
	find_files();
	for (i = 0; i < SLOTS; i++)
		slots[i].pipe = -1;
	if (pipe(rested) || pipe(go))
		err(1, "pipe");
	for (me = 0; me < WORKERS; me++) {
		if (fork())
			continue;
		close(go[1]);
		_exit(work(atoi(argv[3]), rested[1], go[0]));
	}
	close(rested[1]);
	for (i = 0; i < WORKERS; i++)
		if (read(rested[0], &c, 1) != 1)
			errx(1, "a process ended before its time");
	puts("rested");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	close(go[1]);
	while (wait(&status) > 0)
		result |= status;
	return result ? 1 : 0;
}
