// SPDX-License-Identifier: GPL-2.0
/*
 * cma - what contiguous memory areas are used for, and why requests fail
 *
 * Works on any kernel that has CONFIG_CMA_SYSFS or CONFIG_CMA_DEBUGFS, and tells as much
 * as that one knows.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static const char usage_text[] =
	"usage: cma [OPTION]... COMMAND [AREA]...\n"
	"\n"
	"  status         how much of each area is allocated, ready and lent\n"
	"  map            what the pages of an area are used for, as a picture\n"
	"  lent           which programs and files have what an area has lent\n"
	"  why            which requests failed, why, and what helps\n"
	"  who            whose the allocated runs are, and which programs have buffers\n"
	"  watch          what goes on, again and again\n"
	"  advise         what the figures speak for\n"
	"  stress AREA    take and give back buffers, and look at what is in them\n"
	"  record FILE    write all that the kernel tells to a file\n"
	"  report FILE    show what is in such a file, on any machine\n"
	"\n"
	"  --json         for programs; see cma(8) for the names\n"
	"  --textfile     status for node_exporter's textfile collector\n"
	"  --figures      map as name=value, for a shell\n"
	"  --svg          map as a picture for a browser\n"
	"  --png          map as a picture for anything else\n"
	"  --blocks       lent with a line for each pageblock\n"
	"  --files DIR    lent with the files below DIR, too, not only those in use\n"
	"  --columns N    map with so many characters in a line (64)\n"
	"  --pages N      map with so many pages for a character; stress so many at most\n"
	"  --older N      who has had something for at least so many seconds\n"
	"  --delay N      watch each N seconds, or stress for so long (1)\n"
	"  --count N      watch so many times\n"
	"\n"
	"Without AREA all areas are shown; stress has to be told of which to take.\n";

enum {
	OPT_JSON = 1, OPT_TEXTFILE = 2, OPT_FIGURES = 4, OPT_SVG = 8, OPT_COLUMNS = 16,
	OPT_PAGES = 32, OPT_OLDER = 64, OPT_DELAY = 128, OPT_COUNT = 256, OPT_HELP = 512,
	OPT_BLOCKS = 1024, OPT_FILES = 2048, OPT_PNG = 4096,
	NEEDS_AREA = 8192,	/* of a command, no option */
};

/* One way to show things at a time */
#define OPT_FORMS	(OPT_JSON | OPT_TEXTFILE | OPT_FIGURES | OPT_SVG | OPT_PNG)

static const struct command {
	const char *name;
	int (*show)(const struct area *areas, unsigned int nr, const struct options *options);
	int (*files)(char **names, const struct options *options);
	unsigned int options;
} commands[] = {
	{ "status", show_status, NULL, OPT_JSON | OPT_TEXTFILE },
	{ "map", show_map, NULL,
	  OPT_JSON | OPT_FIGURES | OPT_SVG | OPT_PNG | OPT_COLUMNS | OPT_PAGES },
	{ "lent", show_lent, NULL, OPT_JSON | OPT_BLOCKS | OPT_FILES },
	{ "why", show_why, NULL, OPT_JSON },
	{ "who", show_who, NULL, OPT_JSON | OPT_OLDER },
	{ "watch", show_watch, NULL, OPT_JSON | OPT_DELAY | OPT_COUNT },
	{ "advise", show_advice, NULL, OPT_JSON },
	{ "stress", run_stress, NULL, OPT_JSON | OPT_DELAY | OPT_PAGES | NEEDS_AREA },
	{ "record", NULL, make_record, 0 },
	{ "report", NULL, show_record, OPT_COLUMNS | OPT_PAGES | OPT_OLDER },
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "textfile", no_argument, NULL, OPT_TEXTFILE },
	{ "figures", no_argument, NULL, OPT_FIGURES },
	{ "svg", no_argument, NULL, OPT_SVG },
	{ "png", no_argument, NULL, OPT_PNG },
	{ "blocks", no_argument, NULL, OPT_BLOCKS },
	{ "files", required_argument, NULL, OPT_FILES },
	{ "columns", required_argument, NULL, OPT_COLUMNS },
	{ "pages", required_argument, NULL, OPT_PAGES },
	{ "older", required_argument, NULL, OPT_OLDER },
	{ "delay", required_argument, NULL, OPT_DELAY },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ }
};

static const char *option_name(unsigned int bit)
{
	const struct option *option = long_options;

	while (option->val != (int)bit)
		option++;
	return option->name;
}

static unsigned long parse_number(unsigned int bit, const char *text, unsigned long most)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (!isdigit((unsigned char)*text) || *end || !value)
		errx(2, "--%s: '%s' is not a number above 0", option_name(bit), text);
	if (errno || value > most)
		errx(2, "--%s: '%s' is more than %lu", option_name(bit), text, most);
	return value;
}

static void set_number(unsigned int bit, struct options *options)
{
	static const struct {
		unsigned int bit;
		size_t where;
		unsigned long most;
	} numbers[] = {
		{ OPT_COLUMNS, offsetof(struct options, columns), 4096 },
		{ OPT_PAGES, offsetof(struct options, pages), 1UL << 30 },
		{ OPT_OLDER, offsetof(struct options, older), 1UL << 30 },
		{ OPT_DELAY, offsetof(struct options, delay), 86400 },
		{ OPT_COUNT, offsetof(struct options, count), 1UL << 30 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].bit == bit)
			*(unsigned long *)((char *)options + numbers[i].where) =
				parse_number(bit, optarg, numbers[i].most);
}

/* Sets the options; returns a bit for each of them. */
static unsigned int parse(int argc, char **argv, struct options *options)
{
	unsigned int given = 0;
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
		case OPT_HELP:
			fputs(usage_text, stdout);
			finish_output();
			exit(0);
		case '?':
			fputs(usage_text, stderr);
			exit(2);
		}
		given |= c;
		options->json |= c == OPT_JSON;
		options->textfile |= c == OPT_TEXTFILE;
		options->figures |= c == OPT_FIGURES;
		options->svg |= c == OPT_SVG;
		options->png |= c == OPT_PNG;
		options->blocks |= c == OPT_BLOCKS;
		if (c == OPT_FILES)
			options->files = optarg;
		set_number(c, options);
	}
	return given;
}

static const struct command *find_command(const char *name, unsigned int given)
{
	const struct command *command = commands;
	unsigned int wrong, forms = given & OPT_FORMS;

	while (command < commands + ARRAY_SIZE(commands) && strcmp(name, command->name))
		command++;
	if (command == commands + ARRAY_SIZE(commands)) {
		warnx("there is no command '%s'", name);
		fputs(usage_text, stderr);
		exit(2);
	}
	wrong = given & ~command->options;
	if (wrong)
		errx(2, "%s has no option --%s", name, option_name(wrong & -wrong));
	if (forms & (forms - 1))
		errx(2, "--%s and another form can't be had at once",
		     option_name(forms & -forms));
	return command;
}

static void look_at_machine(void)
{
	machine.page_size = sysconf(_SC_PAGESIZE);
	machine.is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	machine.word_bits = 8 * sizeof(long);
#ifdef CMA_TEST_ROOT
	system_root = getenv("CMA_TEST_ROOT") ?: "";
#endif
}

int main(int argc, char **argv)
{
	struct options options = { .columns = 64, .delay = 1 };
	unsigned int given = parse(argc, argv, &options);
	struct area areas[AREAS_MAX];
	const struct command *command;
	int status;

	if (optind == argc) {
		fputs(usage_text, stderr);
		return 2;
	}
	command = find_command(argv[optind++], given);
	if (command->options & NEEDS_AREA && optind == argc)
		errx(2, "%s takes the name of an area", command->name);
	look_at_machine();
	if (command->files)
		status = command->files(argv + optind, &options);
	else
		status = command->show(areas, areas_find(areas, argv + optind), &options);
	finish_output();
	return status;
}
