// SPDX-License-Identifier: GPL-2.0
/*
 * Which areas there are, and what the kernel tells of one: in sysfs, or in debugfs.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* What the paths of the kernel's files are below: nothing, or the folder of a record. */
const char *system_root = "";

struct machine machine;

static const char * const roots[] = { SYSFS, DEBUGFS };

#define NR_ROOTS	ARRAY_SIZE(roots)

FILE *open_system(const char *path)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s%s", system_root, path);
	return fopen(full, "re");
}

/* The log has no end: what isn't there yet isn't waited for. */
void set_nonblocking(FILE *file)
{
	int flags = fcntl(fileno(file), F_GETFL);

	if (flags >= 0)
		fcntl(fileno(file), F_SETFL, flags | O_NONBLOCK);
}

DIR *open_system_dir(const char *path)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s%s", system_root, path);
	return opendir(full);
}

static FILE *open_below(const char *root, const struct area *area, const char *file)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", root, area->name, file);
	return open_system(path);
}

FILE *open_debugfs(const struct area *area, const char *file)
{
	return open_below(DEBUGFS, area, file);
}

/* If it has not, errno says why. */
bool area_has_debugfs(const struct area *area, const char *file)
{
	FILE *f = open_debugfs(area, file);

	if (f)
		fclose(f);
	return f;
}

static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct area *)a)->name, ((const struct area *)b)->name);
}

static bool is_known(const struct area *areas, unsigned int nr, const char *name)
{
	while (nr--)
		if (!strcmp(areas[nr].name, name))
			return true;
	return false;
}

/* The areas of a directory that were asked for, and weren't found before. */
static unsigned int scan(const char *root, char **names, struct area *areas, unsigned int nr)
{
	DIR *dir = open_system_dir(root);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= AREA_NAME ||
		    is_known(areas, nr, entry->d_name) || !is_wanted(entry->d_name, names))
			continue;
		if (nr == AREAS_MAX) {
			warnx("there are more than %u areas; the others aren't shown", AREAS_MAX);
			break;
		}
		snprintf(areas[nr++].name, AREA_NAME, "%.*s", AREA_NAME - 1, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return nr;
}

static bool has_dir(const char *path)
{
	DIR *dir = open_system_dir(path);

	if (dir)
		closedir(dir);
	return dir;
}

/* Finds the areas of these names, or all. Ends the program if one isn't there. */
unsigned int areas_find(struct area *areas, char **names)
{
	unsigned int nr = 0, i;

	for (i = 0; i < NR_ROOTS; i++)
		nr = scan(roots[i], names, areas, nr);
	for (; *names; names++)
		if (!is_known(areas, nr, *names))
			errx(1, "there is no area '%s' in %s or %s", *names, roots[0], roots[1]);
	if (!nr && !has_dir(roots[0]) && !has_dir(roots[1]))
		errx(1, "neither %s (CONFIG_CMA_SYSFS) nor, for root, %s (CONFIG_CMA_DEBUGFS)",
		     roots[0], roots[1]);
	if (!nr)
		warnx("there is no area; \"dmesg | grep cma\" says which couldn't be set aside");
	qsort(areas, nr, sizeof(*areas), by_name);
	return nr;
}

/* A file of an area, wherever there is one */
static FILE *open_file(const struct area *area, const char *file)
{
	FILE *found = NULL;
	unsigned int i;

	for (i = 0; !found && i < NR_ROOTS; i++)
		found = open_below(roots[i], area, file);
	return found;
}

/* Reads the number in a file; false if this kernel has none. */
bool area_number(const struct area *area, const char *file, unsigned long long *value)
{
	FILE *f = open_file(area, file);
	bool good;

	if (!f)
		return false;
	good = fscanf(f, "%llu", value) == 1;
	fclose(f);
	return good;
}

/* One of the counters that an area has a directory of */
bool area_counter(const struct area *area, const char *dir, const char *word,
		  unsigned long long *value)
{
	char file[320];

	snprintf(file, sizeof(file), "%s/%s", dir, word);
	return area_number(area, file, value);
}

/*
 * The word in brackets of those in a file, which is the one that is chosen. In sysfs only:
 * what is called so in debugfs is something else.
 */
bool area_choice(const struct area *area, const char *file, char *word, size_t size)
{
	FILE *f = open_below(SYSFS, area, file);
	char line[256] = "", *chosen;

	if (!f)
		return false;
	chosen = fgets(line, sizeof(line), f) ? strchr(line, '[') : NULL;
	fclose(f);
	if (!chosen)
		return false;
	chosen[strcspn(chosen, "]")] = '\0';
	snprintf(word, size, "%s", chosen + 1);
	return true;
}
