// SPDX-License-Identifier: GPL-2.0
/*
 * cma - what contiguous memory areas are used for, and why requests fail
 *
 * Works on any kernel that has CONFIG_CMA_SYSFS or CONFIG_CMA_DEBUGFS, and tells as much
 * as that one knows.
 */
#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const char usage_text[] =
	"usage: cma [OPTION]... COMMAND [AREA]...\n"
	"\n"
	"  status         how much of each area is allocated, ready and lent\n"
	"  map            what the pages of an area are used for, as a picture\n"
	"  why            which requests failed, why, and what helps\n"
	"\n"
	"  --json         for programs; see cma(8) for the names\n"
	"  --textfile     status for node_exporter's textfile collector\n"
	"  --figures      map as name=value, for a shell\n"
	"  --columns N    map with so many characters in a line (64)\n"
	"  --pages N      map with so many pages for a character\n"
	"\n"
	"Without AREA all areas are shown.\n";

static const struct command {
	const char *name;
	int (*show)(const struct area *areas, unsigned int nr, const struct options *options);
} commands[] = {
	{ "status", show_status },
	{ "map", show_map },
	{ "why", show_why },
};

enum { OPT_JSON = 256, OPT_TEXTFILE, OPT_FIGURES, OPT_COLUMNS, OPT_PAGES };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "textfile", no_argument, NULL, OPT_TEXTFILE },
	{ "figures", no_argument, NULL, OPT_FIGURES },
	{ "columns", required_argument, NULL, OPT_COLUMNS },
	{ "pages", required_argument, NULL, OPT_PAGES },
	{ }
};

static unsigned long positive(const char *option, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!isdigit((unsigned char)*text) || *end || !value)
		errx(2, "%s: '%s' is not a number above 0", option, text);
	return value;
}

static void parse(int argc, char **argv, struct options *options)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		case OPT_JSON:
			options->json = true;
			break;
		case OPT_TEXTFILE:
			options->textfile = true;
			break;
		case OPT_FIGURES:
			options->figures = true;
			break;
		case OPT_COLUMNS:
			options->columns = positive("--columns", optarg);
			break;
		case OPT_PAGES:
			options->pages = positive("--pages", optarg);
			break;
		default:
			fputs(usage_text, stderr);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct options options = { .columns = 64 };
	struct area areas[AREAS_MAX];
	const char *name;
	unsigned int i;

	parse(argc, argv, &options);
	if (optind == argc) {
		fputs(usage_text, stderr);
		return 2;
	}
	name = argv[optind++];
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].show(areas, areas_find(areas, argv + optind),
						&options);
	warnx("there is no command '%s'", name);
	fputs(usage_text, stderr);
	return 2;
}
