// SPDX-License-Identifier: GPL-2.0
/*
 * cma status: a line for each area.
 */
#include <stdio.h>

#include "tool.h"

/* Counters that other programs read by name, as the kernel calls them */
static const char * const counters[] = {
	"alloc_pages_success", "alloc_pages_fail", "release_pages_success", "fallbacks",
	"ready_hits", "attempts", "waits", "moved_pages", "dropped_pages", "moved_in_pages",
};

/* Those that may be more or less at any time */
static const char * const gauges[] = {
	"total_pages", "available_pages", "lent_pages", "ready_pages", "claimed_pages",
	"allocated_pages", "largest_run", "allocated_runs", "heap_pages", "quick_pages",
};

#define NR_COUNTERS	ARRAY_SIZE(counters)
#define NR_GAUGES	ARRAY_SIZE(gauges)

/* What this kernel doesn't tell is a dash. */
static void print_mib(bool known, unsigned long long pages)
{
	if (known)
		printf(" %9.1f", mib(pages));
	else
		printf(" %9s", "-");
}

static void print_figure(const struct area *area, const char *file)
{
	unsigned long long pages = 0;
	bool known = area_figure(area, file, &pages);

	print_mib(known, pages);
}

static void print_line(const struct area *area)
{
	unsigned long long total = 0, allocated = 0, largest = 0;
	bool has_total = area_total(area, &total);
	bool has_allocated = area_allocated(area, &allocated);
	bool has_largest = area_largest(area, &largest);
	char borrow[16] = "-";

	printf("%-16s", area->name);
	print_mib(has_total, total);
	print_mib(has_allocated, allocated);
	print_figure(area, "ready_pages");
	print_figure(area, "lent_pages");
	print_mib(has_largest, largest);
	print_figure(area, "alloc_pages_fail");
	area_choice(area, "borrow", borrow, sizeof(borrow));
	printf(" %6s\n", borrow);
}

static void print_table(const struct area *areas, unsigned int nr)
{
	unsigned int i;

	printf("%-16s %9s %9s %9s %9s %9s %9s %6s\n", "AREA  (MiB)", "SIZE", "ALLOCATED",
	       "READY", "LENT", "LARGEST", "REFUSED", "BORROW");
	for (i = 0; i < nr; i++)
		print_line(&areas[i]);
}

static void print_metric(const struct area *areas, unsigned int nr, const char *name,
			 const char *type)
{
	unsigned long long value;
	bool told = false;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!area_figure(&areas[i], name, &value))
			continue;
		if (!told)
			printf("# TYPE cma_%s %s\n", name, type);
		told = true;
		printf("cma_%s{area=\"%s\"} %llu\n", name, areas[i].name, value);
	}
}

static void print_textfile(const struct area *areas, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < NR_COUNTERS; i++)
		print_metric(areas, nr, counters[i], "counter");
	for (i = 0; i < NR_GAUGES; i++)
		print_metric(areas, nr, gauges[i], "gauge");
}

static void print_values(const struct area *area, const char * const *names, unsigned int nr)
{
	unsigned long long value;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (area_figure(area, names[i], &value))
			emit_number(names[i], value);
}

static void print_json(const struct area *areas, unsigned int nr)
{
	char borrow[16];
	unsigned int i;

	emit_begin();
	for (i = 0; i < nr; i++) {
		emit_object();
		emit_string("area", areas[i].name);
		print_values(&areas[i], gauges, NR_GAUGES);
		print_values(&areas[i], counters, NR_COUNTERS);
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
	else
		printf("There is no area; \"dmesg | grep cma\" says which couldn't be set aside\n");
	return 0;
}
