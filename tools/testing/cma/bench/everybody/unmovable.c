// SPDX-License-Identifier: GPL-2.0
/*
 * usage: unmovable pipes|tables|files|sockets
 *
 * Takes memory that the kernel can't move, a piece at a time, until the OOM killer has
 * killed somebody or no more is to be had, and says how many MiB that were. The one that
 * is killed may be this program: so a child takes the memory, with nothing that keeps it
 * from being chosen, and tells in a page that both share.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB		1048576UL
#define MAX_FILES	1048576

/*
 * A table of page-table entries maps so much. So many of them are a piece, and so much
 * of the address space is for them.
 */
#define TABLE_SPAN	(2 * MIB)
#define TABLES		(MIB / 4096)
#define TABLE_PIECES	900

/* What a new empty file of tmpfs costs, about: an inode and a dentry */
#define FILES		1000
#define FILE_BYTES	1024

#define NR_KINDS	4

struct kind {
	const char *name;
	size_t piece;		/* bytes */
	int (*take)(unsigned long nr);
};

static char data[65536];

/* Killings so far */
static unsigned long killed(void)
{
	static char text[32768];
	unsigned long nr = 0;
	int fd = open("/proc/vmstat", O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text) - 1);
	char *found;

	close(fd);
	if (len < 0)
		err(1, "/proc/vmstat");
	text[len] = '\0';
	found = strstr(text, "\noom_kill ");
	if (found)
		nr = strtoul(found + strlen("\noom_kill "), NULL, 10);
	return nr;
}

/* Writes what one end takes without a reader. */
static void fill(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, data, sizeof(data)) > 0)
		;
}

static int take_pipe(unsigned long nr)
{
	int fd[2];

	if (pipe(fd) || fcntl(fd[1], F_SETPIPE_SZ, MIB) < 0)
		return -1;
	fill(fd[1]);
	return 0;
}

static int take_sockets(unsigned long nr)
{
	int fd[2], size = MIB / 2;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ||
	    setsockopt(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return -1;
	fill(fd[0]);
	return 0;
}

/* All of them map the same page, which is in the page cache. */
static int take_tables(unsigned long nr)
{
	static char *at;
	static int fd = -1;
	unsigned long i;

	if (!at) {
		fd = memfd_create("page", 0);
		if (fd < 0 || ftruncate(fd, 4096))
			return -1;
		at = mmap(NULL, TABLE_PIECES * TABLES * TABLE_SPAN, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (at == MAP_FAILED)
			return -1;
	}
	if (nr >= TABLE_PIECES)
		return -1;
	for (i = 0; i < TABLES; i++, at += TABLE_SPAN) {
		char *page = mmap(at, 4096, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
				  fd, 0);

		if (page == MAP_FAILED)
			return -1;
	}
	return 0;
}

static int take_files(unsigned long nr)
{
	char name[64];
	int i, fd;

	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "/dev/shm/%lu.%d", nr, i);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
		if (fd < 0)
			return -1;
		close(fd);
	}
	return 0;
}

static const struct kind kinds[NR_KINDS] = {
	{ "pipes", MIB, take_pipe },
	{ "tables", MIB, take_tables },
	{ "files", FILES * FILE_BYTES, take_files },
	{ "sockets", MIB / 2, take_sockets },
};

static void child(const struct kind *kind, unsigned long *taken)
{
	struct rlimit limit = { MAX_FILES, MAX_FILES };
	unsigned long before = killed();

	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "RLIMIT_NOFILE");
	if (fd < 0 || write(fd, "0", 1) != 1)
		err(1, "oom_score_adj");
	close(fd);
	while (killed() == before && !kind->take(*taken))
		++*taken;
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long *taken;
	size_t i;

	for (i = 0; i < NR_KINDS; i++)
		if (argc == 2 && !strcmp(argv[1], kinds[i].name))
			break;
	if (i == NR_KINDS)
		errx(2, "usage: unmovable pipes|tables|files|sockets");
	taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (taken == MAP_FAILED)
		err(1, "mmap");
	if (!fork())
		child(&kinds[i], taken);
	wait(NULL);
	printf("%lu\n", *taken * kinds[i].piece / MIB);
	return 0;
}
