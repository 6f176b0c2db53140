// SPDX-License-Identifier: GPL-2.0
/*
 * cma why: which requests failed, why, and what helps.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* A word of the kernel's, what it means, and what to do about it */
struct meaning {
	const char *word;
	const char *means;
	const char *helps;
};

static const struct meaning reasons[] = {
	{ "too-big", "the area could not serve it if it were empty",
	  "a larger area (cma= or the region in the devicetree), or a smaller alignment" },
	{ "full", "fewer pages than asked for aren't allocated",
	  "find what holds them: heap_pages, allocated_runs, debugfs runs; or a larger area" },
	{ "fragmented", "enough pages aren't allocated, but no run of them is long enough",
	  "take long-lived buffers early, or from an area of their own" },
	{ "busy", "in each run that is long enough a page stayed where it is",
	  "see what was in the way below" },
	{ "no-migration-target", "there was no memory to move pages to",
	  "the machine is out of memory outside of the area" },
	{ "above-dma-mask", "the part that the device can reach is too small, or allocated",
	  "place the area lower, as with cma=256M@-4G" },
	{ "would-sleep", "the caller can't wait, and nothing ready or free is long enough",
	  "keep as much ready: ready_min, or cma_ready=" },
	{ "interrupted", "a fatal signal ended the request", "nothing" },
	{ "inactive", "the area was refused at boot, or was not lent yet", "see dmesg | grep cma" },
	{ "invalid", "the request made no sense", "a mistake of the driver that dmesg names" },
};

static const struct meaning blockers[] = {
	{ "pinned", "pinned for DMA or the like, as long as the pin lasts",
	  "FOLL_LONGTERM for the driver that pins; or borrow=clean" },
	{ "writeback", "being written to a disk", "nothing, or borrow=clean" },
	{ "referenced", "a reference that its mappings don't explain, mostly short", "nothing" },
	{ "buffers-in-use", "buffers of a file system are in use",
	  "a file system whose metadata is outside of areas" },
	{ "mlocked", "locked in memory by mlock()", "borrow=clean" },
	{ "hugetlb", "a hugetlb page", "hugetlb pages of an area of their own (hugetlb_cma=)" },
	{ "unmovable", "memory of the kernel, or a page that the hardware has failed",
	  "report it" },
	{ "free-in-flight", "free already, on its way to the free lists", "nothing" },
	{ "movable", "something kept it for a moment", "nothing" },
	{ "unknown", "others were busy with its pageblock", "nothing" },
};

static const struct meaning *find(const struct meaning *table, unsigned int nr, const char *word)
{
	for (; nr--; table++)
		if (!strcmp(table->word, word))
			return table;
	return NULL;
}

struct counters {
	const char *dir;
	const char *heading;
	const struct meaning *meanings;
	unsigned int nr;
};

static const struct counters failures = { "failures", NULL, reasons, ARRAY_SIZE(reasons) };
static const struct counters stoppers = {
	"blockers", "  in the way of attempts, also where another run could be had:\n",
	blockers, ARRAY_SIZE(blockers)
};

static void show_counter(const struct counters *counters, const char *word,
			 unsigned long long value, bool json)
{
	const struct meaning *meaning = find(counters->meanings, counters->nr, word);
	char name[320];

	if (json) {
		snprintf(name, sizeof(name), "%s/%s", counters->dir, word);
		emit_number(name, value);
		return;
	}
	printf("  %s %llu times%s%s\n", word, value, meaning ? ": " : "",
	       meaning ? meaning->means : "");
	if (meaning && strcmp(meaning->helps, "nothing"))
		printf("    what helps: %s\n", meaning->helps);
}

/* Each counter of a directory that isn't 0. Returns how many; -1 if there is no directory. */
static int show_counters(const struct area *area, const struct counters *counters, bool json)
{
	unsigned long long value;
	struct dirent *entry;
	char path[512], file[320];
	int shown = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/kernel/mm/cma/%s/%s", area->name, counters->dir);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		snprintf(file, sizeof(file), "%s/%s", counters->dir, entry->d_name);
		if (entry->d_name[0] == '.' || !area_figure(area, file, &value) || !value)
			continue;
		if (!shown++ && counters->heading && !json)
			fputs(counters->heading, stdout);
		show_counter(counters, entry->d_name, value, json);
	}
	closedir(dir);
	return shown;
}

/* The last line of the log about a failure in this area. False if there is none. */
static bool last_line(const struct area *area, char *last, size_t size)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[4096], ours[128], theirs[128], *text;
	bool found = false;
	ssize_t len;

	snprintf(ours, sizeof(ours), "cma: %s: no ", area->name);
	snprintf(theirs, sizeof(theirs), "%s: alloc failed, req-size", area->name);
	while (kmsg >= 0) {
		len = read(kmsg, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			break;
		line[len] = '\0';
		text = strchr(line, ';');
		if (!text || !(strstr(text, ours) || strstr(text, theirs)))
			continue;
		text[strcspn(text, "\n")] = '\0';
		snprintf(last, size, "%s", text + 1);
		found = true;
	}
	if (kmsg >= 0)
		close(kmsg);
	return found;
}

static void show_area(const struct area *area, bool json)
{
	unsigned long long refused = 0;
	bool known = area_figure(area, "alloc_pages_fail", &refused), told;
	char last[1024] = "";
	int shown;

	told = last_line(area, last, sizeof(last));
	if (json) {
		emit_object();
		emit_string("area", area->name);
		if (known)
			emit_number("alloc_pages_fail", refused);
	} else if (known) {
		printf("%s: %.1f MiB were asked for in vain since boot\n", area->name,
		       mib(refused));
	} else {
		printf("%s: what fails isn't counted (CONFIG_CMA_SYSFS)\n", area->name);
	}
	shown = show_counters(area, &failures, json);
	if (shown > 0)
		show_counters(area, &stoppers, json);
	if (shown < 0 && refused && !json)
		printf("  reasons aren't counted: -16 is a page that stayed, -12 no long run\n");
	if (told && json)
		emit_string("last", last);
	else if (told)
		printf("  last: %s\n", last);
}

int show_why(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;

	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++)
		show_area(&areas[i], options->json);
	if (options->json)
		emit_end();
	return 0;
}
