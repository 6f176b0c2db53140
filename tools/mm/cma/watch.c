// SPDX-License-Identifier: GPL-2.0
/*
 * cma watch: what goes on in the areas, again and again.
 */
#include <err.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* So many looks back the picture of latencies goes. */
#define HISTORY	40
#define BAR	40

/**
 * struct view - an area as it was and is
 * @area: the area
 * @before: the look before the last one
 * @now: the last look
 * @history: 99 of 100 requests between two looks took less than 1 << n microseconds, for
 *	n + 1; 0 if there was none
 */
struct view {
	const struct area *area;
	struct snapshot before;
	struct snapshot now;
	unsigned char history[HISTORY];
};

static double seconds_of(const struct view *view)
{
	return view->now.at.tv_sec - view->before.at.tv_sec +
	       (view->now.at.tv_nsec - view->before.at.tv_nsec) / 1e9;
}

static bool has(const struct view *view, enum figure figure)
{
	return snapshot_has(&view->now, figure);
}

static unsigned long long value(const struct view *view, enum figure figure)
{
	return view->now.value[figure];
}

/* By how much a counter has grown; by nothing where it wasn't told before. */
static unsigned long long growth(const struct view *view, enum figure figure)
{
	unsigned long long before = view->before.value[figure];

	return snapshot_has(&view->before, figure) && value(view, figure) > before ?
	       value(view, figure) - before : 0;
}

/* Of that, what there is in a second */
static double per_second(const struct view *view, double nr)
{
	double seconds = seconds_of(view);

	return seconds > 0 ? nr / seconds : 0;
}

static bool has_latency(const struct view *view)
{
	return view->now.has_latency && view->before.has_latency;
}

static unsigned long long percentile(const struct view *view, unsigned int percent)
{
	return snapshot_percentile(&view->before, &view->now, percent);
}

static void look(struct view *view)
{
	unsigned long long us;
	unsigned char level = 0;

	view->before = view->now;
	snapshot_take(view->area, &view->now);
	us = has_latency(view) ? percentile(view, 99) : 0;
	while (us && level < NR_LATENCIES && us >> level)
		level++;
	memmove(view->history, view->history + 1, HISTORY - 1);
	view->history[HISTORY - 1] = level;
}

static bool has_blocks(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* The higher the longer: three powers of two to a step */
static void print_sparkline(const struct view *view)
{
	static const char * const blocks[] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};
	static const char plain[] = " _.-=+*%#";
	unsigned int i, step;

	for (i = 0; i < HISTORY; i++) {
		step = (view->history[i] + 2) / 3;
		if (has_blocks())
			fputs(blocks[step], stdout);
		else
			putchar(plain[step]);
	}
}

/* The four states, each as wide as its share; what there is of one is one wide at least. */
static void print_bar(const struct view *view)
{
	static const struct {
		enum figure figure;
		char symbol;
		enum colour colour;
	} parts[] = {
		{ FIGURE_ALLOCATED, '#', COLOUR_RED },
		{ FIGURE_CLAIMED, 'c', COLOUR_MAGENTA },
		{ FIGURE_READY, 'r', COLOUR_GREEN },
	};
	unsigned long long total = value(view, FIGURE_TOTAL), pages;
	unsigned int i, width, left = BAR;

	putchar('[');
	for (i = 0; i < ARRAY_SIZE(parts) && total; i++) {
		pages = value(view, parts[i].figure);
		width = pages < total ? pages * BAR / total : BAR;
		if (!width && pages)
			width = 1;
		if (width > left)
			width = left;
		left -= width;
		set_colour(parts[i].colour);
		while (width--)
			putchar(parts[i].symbol);
	}
	set_colour(COLOUR_BLUE);
	while (left--)
		putchar('-');
	set_colour(COLOUR_NONE);
	putchar(']');
}

/* What was there before and is longer goes. */
static void end_line(void)
{
	printf("\033[K\n");
}

/* Those that this kernel tells */
static void print_states(const struct view *view)
{
	static const struct {
		enum figure figure;
		const char *name;
	} parts[] = {
		{ FIGURE_ALLOCATED, "allocated" }, { FIGURE_ALLOCATED_MAX, "at most" },
		{ FIGURE_CLAIMED, "claimed" }, { FIGURE_READY, "ready" },
		{ FIGURE_LENT, "lent" }, { FIGURE_LARGEST, "longest" },
	};
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (has(view, parts[i].figure))
			printf("%s%s %.1f", nr++ ? ", " : "", parts[i].name,
			       mib(value(view, parts[i].figure)));
	printf(nr ? " MiB" : "its state isn't told");
}

static void print_rates(const struct view *view)
{
	static const struct {
		enum figure figure;
		const char *name;
	} parts[] = {
		{ FIGURE_ALLOC_SUCCESS, "allocated" }, { FIGURE_ALLOC_FAIL, "refused" },
		{ FIGURE_MOVED, "moved" }, { FIGURE_DROPPED, "dropped" },
	};
	unsigned int i, nr = 0;

	printf("in a second: ");
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (has(view, parts[i].figure))
			printf("%s%s %.1f", nr++ ? ", " : "", parts[i].name,
			       mib(per_second(view, growth(view, parts[i].figure))));
	printf(nr ? " MiB" : "not told");
	if (has_latency(view))
		printf(", %.1f requests",
		       per_second(view, snapshot_requests(&view->before, &view->now)));
}

static void print_live(const struct view *view)
{
	printf("%-20s ", view->area->name);
	if (has(view, FIGURE_TOTAL)) {
		printf("%9.1f MiB ", mib(value(view, FIGURE_TOTAL)));
		print_bar(view);
	}
	end_line();
	printf("  ");
	print_states(view);
	end_line();
	printf("  ");
	print_rates(view);
	end_line();
	if (!has_latency(view))
		return;
	printf("  latency ");
	print_sparkline(view);
	printf(" half ");
	print_time(percentile(view, 50));
	printf(", 99 %% ");
	print_time(percentile(view, 99));
	end_line();
}

/* As in ISO 8601, without the zone */
static void write_time(char *text, size_t size)
{
	time_t now = time(NULL);

	strftime(text, size, "%Y-%m-%dT%H:%M:%S", localtime(&now));
}

/* For a file, or another program: a line for each area. */
static void print_plain(const struct view *view)
{
	char text[32];

	write_time(text, sizeof(text));
	printf("%s %s: ", text, view->area->name);
	print_states(view);
	printf("; ");
	print_rates(view);
	if (has_latency(view)) {
		printf(", 99 %% ");
		print_time(percentile(view, 99));
	}
	putchar('\n');
}

/* Counters by what they have grown */
static void emit_view(const struct view *view)
{
	char text[32];
	unsigned int i;

	write_time(text, sizeof(text));
	emit_object();
	emit_string("area", view->area->name);
	emit_string("time", text);
	emit_number("page_size", machine.page_size);
	emit_number("interval_ms", seconds_of(view) * 1000);
	for (i = 0; i < NR_FIGURES; i++)
		if (has(view, i))
			emit_number(figure_name(i),
				    i < NR_COUNTERS ? growth(view, i) : value(view, i));
	if (!has_latency(view))
		return;
	emit_number("requests", snapshot_requests(&view->before, &view->now));
	if (!snapshot_requests(&view->before, &view->now))
		return;
	emit_number("p50_us", percentile(view, 50));
	emit_number("p99_us", percentile(view, 99));
}

static void show_live(const struct view *views, unsigned int nr)
{
	unsigned int i;

	printf("\033[H");
	for (i = 0; i < nr; i++)
		print_live(&views[i]);
	/* So does what was below. */
	printf("\033[J");
}

static void show_plain(const struct view *views, unsigned int nr, bool json)
{
	unsigned int i;

	if (json)
		emit_begin();
	for (i = 0; i < nr; i++)
		if (json)
			emit_view(&views[i]);
		else
			print_plain(&views[i]);
	if (json)
		emit_end_line();
}

/* False if it was interrupted; signals come in here, and are blocked elsewhere. */
static bool wait_until(struct timespec *at, unsigned long seconds, const sigset_t *signals)
{
	struct timespec now, left;

	at->tv_sec += seconds;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left.tv_sec = at->tv_sec - now.tv_sec;
	left.tv_nsec = at->tv_nsec - now.tv_nsec;
	if (left.tv_nsec < 0) {
		left.tv_nsec += 1000000000;
		left.tv_sec--;
	}
	/* It was stopped. Looks that were missed aren't made up for. */
	if (left.tv_sec < 0) {
		left = (struct timespec){ };
		*at = now;
	}
	return sigtimedwait(signals, NULL, &left) < 0;
}

static void watch(struct view *views, unsigned int nr, bool live, const struct options *options)
{
	unsigned long shown = 0;
	struct timespec at;
	sigset_t signals;
	unsigned int i;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	clock_gettime(CLOCK_MONOTONIC, &at);
	while (wait_until(&at, options->delay, &signals)) {
		for (i = 0; i < nr; i++)
			look(&views[i]);
		if (live)
			show_live(views, nr);
		else
			show_plain(views, nr, options->json);
		finish_output();
		if (++shown == options->count)
			break;
	}
}

int show_watch(const struct area *areas, unsigned int nr, const struct options *options)
{
	bool live = !options->json && is_terminal();
	struct view *views = calloc(nr ?: 1, sizeof(*views));
	unsigned int i;

	if (!views)
		err(1, "no memory for %u areas", nr);
	setlocale(LC_CTYPE, "");
	for (i = 0; i < nr; i++) {
		views[i].area = &areas[i];
		snapshot_take(&areas[i], &views[i].now);
		views[i].before = views[i].now;
	}
	/* There is something to see from the beginning on, but for what happens. */
	if (live && nr) {
		printf("\033[2J");
		show_live(views, nr);
		finish_output();
	}
	if (nr)
		watch(views, nr, live, options);
	free(views);
	return 0;
}
