// SPDX-License-Identifier: GPL-2.0
/*
 * Which areas there are, and what the kernel tells of one: in sysfs, or in debugfs.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static const char * const roots[] = { "/sys/kernel/mm/cma", "/sys/kernel/debug/cma" };

#define NR_ROOTS	ARRAY_SIZE(roots)

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
	DIR *dir = opendir(root);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= AREA_NAME ||
		    nr == AREAS_MAX || is_known(areas, nr, entry->d_name) ||
		    !is_wanted(entry->d_name, names))
			continue;
		snprintf(areas[nr++].name, AREA_NAME, "%.*s", AREA_NAME - 1, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return nr;
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
	if (!nr && access(roots[0], F_OK) && access(roots[1], F_OK))
		errx(1, "neither %s (CONFIG_CMA_SYSFS) nor, for root, %s (CONFIG_CMA_DEBUGFS)",
		     roots[0], roots[1]);
	qsort(areas, nr, sizeof(*areas), by_name);
	return nr;
}

/* A file of an area, wherever there is one */
static FILE *open_file(const struct area *area, const char *file)
{
	char path[512];
	FILE *found = NULL;
	unsigned int i;

	for (i = 0; !found && i < NR_ROOTS; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", roots[i], area->name, file);
		found = fopen(path, "re");
	}
	return found;
}

/* Reads the number in a file; false if this kernel has none. */
bool area_figure(const struct area *area, const char *file, unsigned long long *value)
{
	FILE *f = open_file(area, file);
	bool good;

	if (!f)
		return false;
	good = fscanf(f, "%llu", value) == 1;
	fclose(f);
	return good;
}

/* The word in brackets of those in a file, which is the one that is chosen */
bool area_choice(const struct area *area, const char *file, char *word, size_t size)
{
	FILE *f = open_file(area, file);
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

bool area_total(const struct area *area, unsigned long long *pages)
{
	return area_figure(area, "total_pages", pages) || area_figure(area, "count", pages);
}

/* What a kernel doesn't tell may follow from what it does. */
bool area_allocated(const struct area *area, unsigned long long *pages)
{
	unsigned long long total, available;

	if (area_figure(area, "allocated_pages", pages))
		return true;
	if (area_figure(area, "available_pages", &available) && area_total(area, &total)) {
		*pages = total - available;
		return true;
	}
	return area_figure(area, "used", pages);
}

bool area_largest(const struct area *area, unsigned long long *pages)
{
	return area_figure(area, "largest_run", pages) || area_figure(area, "maxchunk", pages);
}

double mib(unsigned long long pages)
{
	return (double)pages * sysconf(_SC_PAGESIZE) / (1 << 20);
}
