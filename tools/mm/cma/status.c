// SPDX-License-Identifier: GPL-2.0
/*
 * cma status: a line for each area.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

/* What this kernel doesn't tell is a dash; a little isn't nothing. */
static void print_mib(const struct area *area, enum figure figure)
{
	unsigned long long pages;

	if (!area_figure(area, figure, &pages))
		printf(" %9s", "-");
	else if (pages && mib(pages) < 0.05)
		printf(" %9s", "<0.1");
	else
		printf(" %9.1f", mib(pages));
}

static void print_line(const struct area *area, int width)
{
	static const enum figure columns[] = {
		FIGURE_TOTAL, FIGURE_ALLOCATED, FIGURE_READY, FIGURE_LENT, FIGURE_LARGEST,
		FIGURE_ALLOC_FAIL,
	};
	char borrow[16] = "-";
	unsigned int i;

	printf("%-*s", width, area->name);
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		print_mib(area, columns[i]);
	area_choice(area, "borrow", borrow, sizeof(borrow));
	printf(" %6s\n", borrow);
}

static void print_table(const struct area *areas, unsigned int nr)
{
	unsigned int i;
	int width = 16;

	for (i = 0; i < nr; i++)
		if ((int)strlen(areas[i].name) > width)
			width = strlen(areas[i].name);
	printf("%-*s %9s %9s %9s %9s %9s %9s %6s\n", width, "AREA  (MiB)", "SIZE", "ALLOCATED",
	       "READY", "LENT", "LARGEST", "REFUSED", "BORROW");
	for (i = 0; i < nr; i++)
		print_line(&areas[i], width);
}

/* As the text format has it */
static void print_label(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"' || *text == '\n')
			putchar('\\');
		putchar(*text == '\n' ? 'n' : *text);
	}
}

static void print_metric(const struct area *areas, unsigned int nr, enum figure figure)
{
	unsigned long long value;
	bool told = false;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!area_figure(&areas[i], figure, &value))
			continue;
		if (!told)
			printf("# TYPE cma_%s %s\n", figure_name(figure),
			       figure < NR_COUNTERS ? "counter" : "gauge");
		told = true;
		printf("cma_%s{area=\"", figure_name(figure));
		print_label(areas[i].name);
		printf("\"} %llu\n", value);
	}
}

/* Counters of which there is one for each word */
static void print_words(const struct area *areas, unsigned int nr, const char *dir,
			const struct meaning *words, unsigned int nr_words)
{
	unsigned long long value;
	bool told = false;
	unsigned int i, j;

	for (i = 0; i < nr; i++)
		for (j = 0; j < nr_words; j++) {
			if (!area_counter(&areas[i], dir, words[j].word, &value))
				continue;
			if (!told)
				printf("# TYPE cma_%s counter\n", dir);
			told = true;
			printf("cma_%s{area=\"", dir);
			print_label(areas[i].name);
			printf("\",kind=\"%s\"} %llu\n", words[j].word, value);
		}
}

static void print_textfile(const struct area *areas, unsigned int nr)
{
	unsigned int i;

	printf("# TYPE cma_page_size_bytes gauge\ncma_page_size_bytes %ld\n",
	       machine.page_size);
	for (i = 0; i < NR_FIGURES; i++)
		print_metric(areas, nr, i);
	print_words(areas, nr, "failures", reasons, nr_reasons);
	print_words(areas, nr, "blockers", blockers, nr_blockers);
}

static void print_json(const struct area *areas, unsigned int nr)
{
	unsigned long long value;
	char borrow[16];
	unsigned int i, j;

	emit_begin();
	for (i = 0; i < nr; i++) {
		emit_object();
		emit_string("area", areas[i].name);
		emit_number("page_size", machine.page_size);
		for (j = 0; j < NR_FIGURES; j++)
			if (area_figure(&areas[i], j, &value))
				emit_number(figure_name(j), value);
		if (area_choice(&areas[i], "borrow", borrow, sizeof(borrow)))
			emit_string("borrow", borrow);
	}
	emit_end();
}

int show_status(const struct area *areas, unsigned int nr, const struct options *options)
{
	if (options->json)
		print_json(areas, nr);
	else if (options->textfile)
		print_textfile(areas, nr);
	else if (nr)
		print_table(areas, nr);
	return 0;
}
