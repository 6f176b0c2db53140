// SPDX-License-Identifier: GPL-2.0
/*
 * cma why: which requests failed, why, and what helps.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

struct counters {
	const char *dir;
	const char *heading;
	const struct meaning *words;
	unsigned int nr;
	bool with_help;
};

static void show_counter(const struct counters *counters, const struct meaning *meaning,
			 unsigned long long value, bool json)
{
	char name[320];

	if (json) {
		snprintf(name, sizeof(name), "%s/%s", counters->dir, meaning->word);
		emit_number(name, value);
		return;
	}
	printf("  %s %llu times: %s\n", meaning->word, value, meaning->means);
	if (meaning->helps && counters->with_help)
		printf("    what helps: %s\n", meaning->helps);
}

/* Each counter of a directory that isn't 0. Returns the sum; -1 if there is no directory. */
static long long show_counters(const struct area *area, const struct counters *counters,
			       bool json)
{
	unsigned long long value, sum = 0;
	bool known = false;
	unsigned int i;

	for (i = 0; i < counters->nr; i++) {
		if (!area_counter(area, counters->dir, counters->words[i].word, &value))
			continue;
		known = true;
		if (!value)
			continue;
		if (!sum && counters->heading && !json)
			fputs(counters->heading, stdout);
		sum += value;
		show_counter(counters, &counters->words[i], value, json);
	}
	return known ? (long long)sum : -1;
}

/* What is behind the name of an area; NULL if it begins with something else. */
static const char *behind_name(const char *text, const char *name)
{
	/* sysfs can't have a slash in a name. */
	while (*name && (*text == *name || (*name == '!' && *text == '/'))) {
		text++;
		name++;
	}
	return *name ? NULL : text;
}

/* Is this line of the log about a request that failed in the area? */
static bool is_failure(const char *text, const struct area *area)
{
	static const char prefix[] = "cma: ", ours[] = ": no ", theirs[] = ": alloc failed, ";
	const char *rest;

	if (strncmp(text, prefix, strlen(prefix)))
		return false;
	text += strlen(prefix);
	rest = behind_name(text, area->name);
	if (rest && !strncmp(rest, ours, strlen(ours)) &&
	    isdigit((unsigned char)rest[strlen(ours)]))
		return true;
	/* Other kernels have their function's name in front of it. */
	rest = strstr(text, ": ");
	rest = rest ? behind_name(rest + 2, area->name) : NULL;
	return rest && !strncmp(rest, theirs, strlen(theirs));
}

/* What isn't plain ASCII stands there as \x and two digits, and so does a backslash. */
static void unescape(char *text)
{
	unsigned int byte;
	char *to = text;
	int length;

	for (; *text; *to++ = byte) {
		length = 0;
		if (sscanf(text, "\\x%2x%n", &byte, &length) != 1 || length != 4) {
			byte = *text;
			length = 1;
		}
		text += length;
	}
	*to = '\0';
}

/* A record of /dev/kmsg: level, number, microseconds, flags; text */
static const char *text_of(char *line, double *seconds)
{
	unsigned long long us;
	char *text = strchr(line, ';');

	if (!text || sscanf(line, "%*u,%*u,%llu", &us) != 1)
		return NULL;
	*seconds = us / 1e6;
	text[strcspn(text, "\n")] = '\0';
	unescape(text + 1);
	return text + 1;
}

/* The last line of the log about a failure in this area, with its time. */
static int last_line(const struct area *area, char *last, size_t size)
{
	FILE *kmsg = open_system("/dev/kmsg");
	static char buffer[16384];
	char line[8192];
	const char *text;
	double seconds;

	if (!kmsg)
		return -errno;
	setvbuf(kmsg, buffer, _IOFBF, sizeof(buffer));
	set_nonblocking(kmsg);
	for (;;) {
		errno = 0;
		if (!fgets(line, sizeof(line), kmsg)) {
			/* What was to come next has been overwritten meanwhile. */
			if (errno != EPIPE)
				break;
			clearerr(kmsg);
			continue;
		}
		text = text_of(line, &seconds);
		if (text && is_failure(text, area))
			snprintf(last, size, "[%.6f] %s", seconds, text);
	}
	fclose(kmsg);
	make_plain(last);
	return 0;
}

/* What is there to be said about the log */
static void show_last(const struct area *area, bool expected, bool json)
{
	char last[1200] = "";
	int err = last_line(area, last, sizeof(last));

	if (*last && json)
		emit_string("last", last);
	else if (*last)
		printf("  last: %s\n", last);
	else if (err && expected && !json)
		printf("  the log can't be read (%s): be root, or see dmesg\n", strerror(-err));
}

static void show_numbers(const struct area *area, bool known, unsigned long long failed,
			 bool json)
{
	unsigned long long fallbacks = 0;
	bool has_fallbacks = area_figure(area, FIGURE_FALLBACKS, &fallbacks);

	if (json) {
		emit_object();
		emit_string("area", area->name);
		if (known)
			emit_number("alloc_pages_fail", failed);
		if (has_fallbacks)
			emit_number("fallbacks", fallbacks);
		return;
	}
	if (known)
		printf("%s: %llu pages (%.1f MiB) were asked for in vain since boot\n",
		       area->name, failed, mib(failed));
	else
		printf("%s: what fails isn't counted (CONFIG_CMA_SYSFS)\n", area->name);
	if (fallbacks)
		printf("  left to the page allocator, so no failure: %llu of these requests\n",
		       fallbacks);
}

static void show_area(const struct area *area, bool json)
{
	struct counters failures = { "failures", NULL, reasons, nr_reasons, true };
	struct counters stoppers = {
		"blockers", "  in the way of attempts, also where another run could be had:\n",
		blockers, nr_blockers, true
	};
	unsigned long long failed = 0;
	bool known = area_figure(area, FIGURE_ALLOC_FAIL, &failed);
	long long nr_failures;

	show_numbers(area, known, failed, json);
	nr_failures = show_counters(area, &failures, json);
	/* What only costs time needs no advice. */
	stoppers.with_help = nr_failures > 0;
	show_counters(area, &stoppers, json);
	if (nr_failures < 0 && failed && !json)
		printf("  reasons aren't counted; ret: -16 is a page that stayed, -12 no run\n");
	show_last(area, failed || !known, json);
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
