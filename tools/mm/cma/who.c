// SPDX-License-Identifier: GPL-2.0
/*
 * cma who: whose the allocated runs are, and which programs have buffers.
 *
 * The first is recorded by the kernel where it was asked to; the second any kernel with
 * dma-buf tells, of each file that is open.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/**
 * struct holder - a device, or a program, and what it has
 * @name: of the device or the program
 * @pid: the process
 * @what: the function that asked, or the exporter of the buffers
 * @runs: runs or buffers
 * @bytes: in all
 * @oldest: milliseconds since it got the first of them that it still has, 0 if not known
 */
struct holder {
	char name[128];
	int pid;
	char what[128];
	unsigned long runs;
	unsigned long long bytes;
	unsigned long long oldest;
};

struct holders {
	struct holder *list;
	unsigned int nr;
};

static void add(struct holders *holders, const struct holder *one)
{
	struct holder *list;
	unsigned int i;

	for (i = 0; i < holders->nr; i++) {
		struct holder *known = &holders->list[i];

		if (known->pid != one->pid || strcmp(known->name, one->name) ||
		    strcmp(known->what, one->what))
			continue;
		known->runs++;
		known->bytes += one->bytes;
		if (one->oldest > known->oldest)
			known->oldest = one->oldest;
		return;
	}
	list = realloc(holders->list, (holders->nr + 1) * sizeof(*list));
	if (!list)
		err(1, "no memory for %u holders", holders->nr + 1);
	holders->list = list;
	holders->list[holders->nr++] = *one;
}

static int by_size(const void *a, const void *b)
{
	const struct holder *first = a, *second = b;

	return first->bytes < second->bytes ? 1 : -(first->bytes > second->bytes);
}

/* The kernel writes spaces and the like as a backslash and three octal digits. */
static void unescape(char *text)
{
	char *to = text;
	char *digits;

	for (; *text; to++) {
		digits = text + 1;
		if (*text != '\\' || strspn(digits, "01234567") < 3) {
			*to = *text++;
			continue;
		}
		*to = (digits[0] - '0') << 6 | (digits[1] - '0') << 3 | (digits[2] - '0');
		text += 4;
	}
	*to = '\0';
}

/*
 * A line is: first page, pages, age in milliseconds, process, name, function. A name can be
 * empty. Of the function its offset and what is behind that are left out.
 */
static bool read_owner(const char *line, struct holder *one)
{
	unsigned long pages;
	int length = 0;

	memset(one, 0, sizeof(*one));
	if (sscanf(line, "%*u %lu %llu %d%n", &pages, &one->oldest, &one->pid, &length) != 3 ||
	    line[length] != ' ')
		return false;
	line += length + 1;
	length = strcspn(line, "\n ");
	snprintf(one->name, sizeof(one->name), "%.*s", length, line);
	line += length;
	line += *line == ' ';
	snprintf(one->what, sizeof(one->what), "%.*s", (int)strcspn(line, "+\n"), line);
	unescape(one->name);
	make_plain(one->name);
	make_plain(one->what);
	one->bytes = (unsigned long long)pages * machine.page_size;
	one->runs = 1;
	return true;
}

static bool read_owners(const struct area *area, const struct options *options,
			struct holders *holders)
{
	FILE *f = open_debugfs(area, "owners");
	struct holder one;
	char line[512];

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (read_owner(line, &one) && one.oldest >= options->older * 1000ULL)
			add(holders, &one);
	fclose(f);
	return true;
}

/* What is behind a word that a line begins with; NULL if it begins with something else. */
static const char *behind(const char *line, const char *word)
{
	size_t length = strlen(word);

	return strncmp(line, word, length) ? NULL : line + length + strspn(line + length, " \t");
}

/* What fdinfo says of a buffer, and the number of its file; false if the file is none. */
static bool read_fdinfo(const char *path, struct holder *one, unsigned long long *ino)
{
	FILE *f = open_system(path);
	const char *text;
	char line[256];

	if (!f)
		return false;
	memset(one, 0, sizeof(*one));
	*ino = 0;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		text = behind(line, "ino:");
		if (text)
			*ino = strtoull(text, NULL, 10);
		text = behind(line, "size:");
		if (text)
			one->bytes = strtoull(text, NULL, 10);
		text = behind(line, "exp_name:");
		if (text)
			snprintf(one->what, sizeof(one->what), "%s", text);
	}
	fclose(f);
	make_plain(one->what);
	one->runs = 1;
	return *one->what;
}

/* Is that file of /proc/<pid>/fdinfo about a buffer? */
bool is_buffer(const char *path)
{
	unsigned long long ino;
	struct holder one;

	return read_fdinfo(path, &one, &ino);
}

/* What a process has open twice is one buffer; kernels before 5.14 don't tell. */
static bool is_seen(unsigned long long ino, unsigned long long **seen, unsigned int *nr)
{
	unsigned long long *list;
	unsigned int i;

	for (i = 0; ino && i < *nr; i++)
		if ((*seen)[i] == ino)
			return true;
	list = realloc(*seen, (*nr + 1) * sizeof(*list));
	if (!list)
		err(1, "no memory for %u buffers", *nr + 1);
	list[(*nr)++] = ino;
	*seen = list;
	return false;
}

/* What is looked at of one process */
struct look {
	struct holders *holders;
	const char *pid;
	unsigned long long *seen;
	unsigned int nr_seen;
};

static void read_buffer(const char *path, void *data)
{
	struct look *look = data;
	unsigned long long ino;
	struct holder one;

	if (!read_fdinfo(path, &one, &ino) || is_seen(ino, &look->seen, &look->nr_seen))
		return;
	process_name(look->pid, one.name, sizeof(one.name));
	one.pid = atoi(look->pid);
	add(look->holders, &one);
}

static void read_process(const char *pid, void *holders)
{
	struct look look = { .holders = holders, .pid = pid };

	each_file_of(pid, "fdinfo", read_buffer, &look);
	free(look.seen);
}

/* How long a program has had its buffers isn't told. */
static void print_holder(const struct holder *one, bool is_program)
{
	printf("  %-24s %7d %6lu %9.1f ", one->name, one->pid, one->runs,
	       (double)one->bytes / (1 << 20));
	if (is_program) {
		printf("%7s  of %s\n", "-", one->what);
		return;
	}
	print_age(one->oldest);
	printf("  %s\n", one->what);
}

static void emit_holder(const char *area, const struct holder *one)
{
	emit_object();
	if (area)
		emit_string("area", area);
	emit_string(area ? "caller" : "exporter", one->what);
	emit_string("owner", one->name);
	emit_number("pid", one->pid);
	emit_number(area ? "runs" : "buffers", one->runs);
	emit_number("bytes", one->bytes);
	if (area)
		emit_number("oldest_ms", one->oldest);
}

/* The largest first; those of an area, or of programs */
static void show_holders(struct holders *holders, const char *area, bool json)
{
	unsigned int i;

	if (holders->nr)
		qsort(holders->list, holders->nr, sizeof(*holders->list), by_size);
	for (i = 0; i < holders->nr; i++)
		if (json)
			emit_holder(area, &holders->list[i]);
		else
			print_holder(&holders->list[i], !area);
}

/* What is allocated, and of which nothing is recorded */
static void print_rest(const struct area *area, const struct holders *holders)
{
	unsigned long long allocated = 0, known = 0;
	unsigned int i;

	if (!area_figure(area, FIGURE_ALLOCATED, &allocated))
		return;
	for (i = 0; i < holders->nr; i++)
		known += holders->list[i].bytes / machine.page_size;
	if (allocated <= known)
		return;
	printf("  %-24s %7s %6s %9.1f %7s  not recorded\n", "?", "-", "-", mib(allocated - known),
	       "-");
}

/* What there is to be said beyond what is recorded */
static void print_gaps(const struct area *area, const struct holders *holders, bool can_read,
		       bool is_part)
{
	char recorded[16];
	bool has_word = area_choice(area, "owners", recorded, sizeof(recorded));

	if (!has_word && !can_read)
		printf("  this kernel doesn't record owners; page_owner=on tells of pages\n");
	else if (has_word && strcmp(recorded, "on"))
		printf("  owners aren't recorded: echo on > " SYSFS "/%s/owners\n", area->name);
	else if (!can_read)
		printf("  the records need root, and CONFIG_CMA_DEBUGFS\n");
	else if (!is_part)
		print_rest(area, holders);
}

static void show_owners(const struct area *area, const struct options *options)
{
	struct holders holders = { };
	bool can_read = read_owners(area, options, &holders);

	if (!options->json)
		printf("%s\n", area->name);
	show_holders(&holders, area->name, options->json);
	if (!options->json)
		print_gaps(area, &holders, can_read, options->older);
	free(holders.list);
}

static void show_buffers(bool json)
{
	struct holders holders = { };

	each_process(read_process, &holders);
	if (holders.nr && !json)
		printf("dma-buf files by exporter; what programs share is listed with each\n");
	show_holders(&holders, NULL, json);
	free(holders.list);
}

int show_who(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;

	if (options->json)
		emit_begin();
	else
		printf("  %-24s %7s %6s %9s %7s  %s\n", "OWNER", "PID", "RUNS", "MiB", "OLDEST",
		       "CALLER");
	for (i = 0; i < nr; i++)
		show_owners(&areas[i], options);
	/* Nothing says since when a program has had a buffer. */
	if (!options->older)
		show_buffers(options->json);
	if (options->json)
		emit_end();
	return 0;
}
