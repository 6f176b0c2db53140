// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer for pictures from a display driver.
 *
 * usage: dumb-buffer CARD WIDTH HEIGHT
 *
 * Allocates it, with 32 bits for each pixel, writes to all of it through a mapping and
 * compares. Prints its size in bytes, holds it until standard input ends, compares
 * once more and exits.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/drm.h>
#include <drm/drm_mode.h>

static uint32_t pattern(size_t i)
{
	return (uint32_t)i * 2654435761u;
}

static void compare(const uint32_t *p, size_t words)
{
	size_t wrong = 0, i;

	for (i = 0; i < words; i++)
		wrong += p[i] != pattern(i);
	if (wrong)
		errx(1, "%zu of %zu words are wrong", wrong, words);
}

int main(int argc, char **argv)
{
	struct drm_mode_create_dumb create = { .bpp = 32 };
	struct drm_mode_map_dumb map = { 0 };
	size_t words, i;
	uint32_t *p;
	char c;
	int fd;

	if (argc != 4)
		errx(2, "usage: dumb-buffer CARD WIDTH HEIGHT");
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[1]);
	create.width = strtoul(argv[2], NULL, 10);
	create.height = strtoul(argv[3], NULL, 10);
	if (ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &create))
		err(1, "no buffer of %u times %u pixels", create.width, create.height);
	map.handle = create.handle;
	if (ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map))
		err(1, "the buffer can't be mapped");
	p = mmap(NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, map.offset);
	if (p == MAP_FAILED)
		err(1, "mmap of %llu bytes", (unsigned long long)create.size);

	words = create.size / sizeof(*p);
	for (i = 0; i < words; i++)
		p[i] = pattern(i);
	compare(p, words);
	printf("%llu\n", (unsigned long long)create.size);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	compare(p, words);
	return 0;
}
