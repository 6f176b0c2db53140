// SPDX-License-Identifier: GPL-2.0
/*
 * cma advise: what the figures of an area speak for. It changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

/* What was seen of an area since boot */
struct seen {
	const struct area *area;
	struct snapshot now;
	unsigned int nr_said;
	bool json;
};

static unsigned long long figure(const struct seen *seen, enum figure figure)
{
	return seen->now.value[figure];
}

static bool has(const struct seen *seen, enum figure figure)
{
	return snapshot_has(&seen->now, figure);
}

static unsigned long long counter(const struct seen *seen, const char *dir, const char *word)
{
	unsigned long long value;

	return area_counter(seen->area, dir, word, &value) ? value : 0;
}

static unsigned long long requests(const struct seen *seen)
{
	static const struct snapshot boot;

	return snapshot_requests(&boot, &seen->now);
}

static void tell(struct seen *seen, const char *because, const char *advice)
{
	seen->nr_said++;
	if (seen->json) {
		emit_object();
		emit_string("area", seen->area->name);
		emit_string("because", because);
		emit_string("advice", advice);
	} else {
		printf("  %s\n    %s\n", because, advice);
	}
}

/* What to do, and what speaks for it, as for printf() */
#define say(seen, advice, ...)						\
	do {								\
		char because[256];					\
									\
		snprintf(because, sizeof(because), __VA_ARGS__);	\
		tell(seen, because, advice);				\
	} while (0)

/* A size in MiB, as it is typed: half as much again as was needed, in whole 4 MiB. */
static unsigned long long size_for(unsigned long long pages)
{
	unsigned long long need = mib(pages + pages / 2) + 1;

	return (need + 3) / 4 * 4;
}

/* The size, from the most that was ever allocated */
static void advise_size(struct seen *seen)
{
	unsigned long long peak = figure(seen, FIGURE_ALLOCATED_MAX);
	unsigned long long total = figure(seen, FIGURE_TOTAL), wanted = size_for(peak);
	char advice[160];

	if (!has(seen, FIGURE_ALLOCATED_MAX) || !total)
		return;
	if (counter(seen, "failures", "full") || counter(seen, "failures", "too-big")) {
		snprintf(advice, sizeof(advice),
			 "try %llu MiB (cma=, or its region in the devicetree), and look again",
			 (unsigned long long)(2 * mib(total)));
		say(seen, advice, "more was asked for than it has; at most %.1f MiB were allocated",
		    mib(peak));
	} else if (peak && wanted < mib(total) / 2 && requests(seen)) {
		snprintf(advice, sizeof(advice),
			 "%llu MiB would do, if this was all; what is lent isn't lost, though",
			 wanted);
		say(seen, advice, "at most %.1f of its %.1f MiB were allocated", mib(peak),
		    mib(total));
	}
}

static void advise_mask(struct seen *seen)
{
	unsigned long long nr = counter(seen, "failures", "above-dma-mask");

	if (nr)
		say(seen, "place it lower, as with cma=256M@-4G, or give the device its own",
		    "%llu requests of devices that don't reach all of it failed", nr);
}

static void advise_atomic(struct seen *seen)
{
	unsigned long long nr = counter(seen, "failures", "would-sleep");
	unsigned long long others = figure(seen, FIGURE_FALLBACKS);

	if (nr > others)
		say(seen, "keep as much ready as is asked for at once: ready_min, or cma_ready=",
		    "%llu requests that can't sleep failed", nr - others);
}

static void advise_fragments(struct seen *seen)
{
	unsigned long long nr = counter(seen, "failures", "fragmented");
	double left = mib(figure(seen, FIGURE_LENT) + figure(seen, FIGURE_READY));

	if (nr)
		say(seen, "have small buffers that live long taken first, or from another area",
		    "%llu requests found no long run; the longest of %.1f MiB is %.1f now", nr,
		    left, mib(figure(seen, FIGURE_LARGEST)));
}

/* What was in the way most of those kinds that a choice of borrowers keeps out */
static void advise_borrow(struct seen *seen)
{
	static const struct {
		const char *kind;
		const char *means;
	} kinds[] = {
		{ "pinned", "pinned" },
		{ "mlocked", "locked in memory" },
		{ "writeback", "being written" },
	};
	unsigned long long most = 0, value;
	const char *means = NULL;
	char borrow[16] = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		value = counter(seen, "blockers", kinds[i].kind);
		if (value <= most)
			continue;
		most = value;
		means = kinds[i].means;
	}
	if (!area_choice(seen->area, "borrow", borrow, sizeof(borrow)) || strcmp(borrow, "all"))
		return;
	/* One of ten is often. */
	if (most && (counter(seen, "failures", "busy") ||
		     (seen->now.has_latency && most * 10 > requests(seen))))
		say(seen, "borrow=clean (or cma_borrow=clean) lends room to clean page cache only",
		    "%llu attempts were stopped by pages that are %s", most, means);
}

/* Slow ones by the hundred */
static void advise_ready(struct seen *seen)
{
	unsigned long long slow = 0, all = requests(seen);
	unsigned int i;

	for (i = 15; i < NR_LATENCIES; i++)
		slow += seen->now.latency[i];
	if (slow && slow * 100 > all && !figure(seen, FIGURE_READY_MIN))
		say(seen, "what must not wait can be kept ready: ready_min; or borrow=clean",
		    "%llu of %llu requests took more than 16 ms", slow, all);
}

static void advise_ready_min(struct seen *seen)
{
	unsigned long long peak = figure(seen, FIGURE_ALLOCATED_MAX);
	unsigned long long floor = figure(seen, FIGURE_READY_MIN);
	char advice[160], borrow[16] = "";

	area_choice(seen->area, "borrow", borrow, sizeof(borrow));
	if (!strcmp(borrow, "none") || !has(seen, FIGURE_ALLOCATED_MAX) || !peak || floor <= peak)
		return;
	snprintf(advice, sizeof(advice), "ready_min=%llu lends the rest", peak);
	say(seen, advice, "%.1f MiB are always kept ready, and at most %.1f were allocated",
	    mib(floor), mib(peak));
}

static void advise_quick(struct seen *seen)
{
	unsigned long long now = figure(seen, FIGURE_QUICK), most = figure(seen, FIGURE_QUICK_MAX);
	unsigned long long total = figure(seen, FIGURE_TOTAL);
	unsigned long long wanted = 2 * most < total ? 2 * most : total;
	char advice[160];

	if (!has(seen, FIGURE_QUICK_MAX) || !most || now < most || most >= total ||
	    figure(seen, FIGURE_MOVED) * 4 < figure(seen, FIGURE_ALLOC_SUCCESS))
		return;
	snprintf(advice, sizeof(advice), "quick_max=%llu keeps more of it quick", wanted);
	say(seen, advice, "all of the %.1f MiB that may be are kept quick, and %.1f were moved yet",
	    mib(most), mib(figure(seen, FIGURE_MOVED)));
}

static void advise_heap(struct seen *seen)
{
	unsigned long long heap = figure(seen, FIGURE_HEAP), most = figure(seen, FIGURE_HEAP_MAX);

	if (has(seen, FIGURE_HEAP_MAX) && most < figure(seen, FIGURE_TOTAL) && heap * 10 > most * 9)
		say(seen, "see cma who, or raise heap_max",
		    "programs have %.1f of the %.1f MiB that they may have", mib(heap), mib(most));
}

static void (* const rules[])(struct seen *seen) = {
	advise_size, advise_mask, advise_atomic, advise_fragments, advise_borrow, advise_ready,
	advise_ready_min, advise_quick, advise_heap,
};

static void advise(const struct area *area, bool json)
{
	struct seen seen = { .area = area, .json = json };
	unsigned int i;

	snapshot_take(area, &seen.now);
	if (!json)
		printf("%s\n", area->name);
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i](&seen);
	if (json || seen.nr_said)
		return;
	if (!has(&seen, FIGURE_LENT))
		printf("  this kernel tells too little for advice; cma why has what there is\n");
	else if (!seen.now.has_latency)
		printf("  nothing speaks for a change, as far as is told; latencies need root\n");
	else if (!requests(&seen))
		printf("  nobody has asked for anything yet\n");
	else
		printf("  nothing speaks for a change\n");
}

int show_advice(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;

	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++)
		advise(&areas[i], options->json);
	if (options->json)
		emit_end();
	return 0;
}
