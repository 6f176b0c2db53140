// SPDX-License-Identifier: GPL-2.0
/*
 * usage: hog MEGABYTES
 *
 * Holds so much anonymous memory: says "held" when each page has been written to,
 * and ends when its standard input does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t size = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0, at;
	char *mem, c;

	mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		perror("hog");
		return 1;
	}
	for (at = 0; at < size; at += 4096)
		mem[at] = 1;
	puts("held");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
