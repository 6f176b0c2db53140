// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers that an area tells, by the names of their files, and what follows from others
 * where a kernel doesn't have them.
 */
#include <stdio.h>
#include <string.h>

#include "tool.h"

static const char * const names[NR_FIGURES] = {
	[FIGURE_ALLOC_SUCCESS]		= "alloc_pages_success",
	[FIGURE_ALLOC_FAIL]		= "alloc_pages_fail",
	[FIGURE_RELEASE_SUCCESS]	= "release_pages_success",
	[FIGURE_FALLBACKS]		= "fallbacks",
	[FIGURE_READY_HITS]		= "ready_hits",
	[FIGURE_ATTEMPTS]		= "attempts",
	[FIGURE_WAITS]			= "waits",
	[FIGURE_MOVED]			= "moved_pages",
	[FIGURE_DROPPED]		= "dropped_pages",
	[FIGURE_MOVED_IN]		= "moved_in_pages",
	[FIGURE_TOTAL]			= "total_pages",
	[FIGURE_AVAILABLE]		= "available_pages",
	[FIGURE_LENT]			= "lent_pages",
	[FIGURE_READY]			= "ready_pages",
	[FIGURE_CLAIMED]		= "claimed_pages",
	[FIGURE_ALLOCATED]		= "allocated_pages",
	[FIGURE_ALLOCATED_MAX]		= "allocated_max",
	[FIGURE_LARGEST]		= "largest_run",
	[FIGURE_RUNS]			= "allocated_runs",
	[FIGURE_HEAP]			= "heap_pages",
	[FIGURE_HEAP_MAX]		= "heap_max",
	[FIGURE_QUICK]			= "quick_pages",
	[FIGURE_QUICK_MAX]		= "quick_max",
	[FIGURE_READY_MIN]		= "ready_min",
	[FIGURE_READY_MAX]		= "ready_max",
};

const char *figure_name(enum figure figure)
{
	return names[figure];
}

/* Those that others have by another name, or that follow. */
static bool derive_allocated(const struct area *area, unsigned long long *pages)
{
	unsigned long long total, other, released;

	if (area_number(area, "available_pages", &other) &&
	    area_figure(area, FIGURE_TOTAL, &total)) {
		*pages = total > other ? total - other : 0;
		return true;
	}
	/* What is claimed at the moment is in it. */
	if (area_number(area, "used", pages))
		return true;
	/* Released first: what is allocated in between is too much, not below nothing. */
	if (!area_number(area, names[FIGURE_RELEASE_SUCCESS], &released) ||
	    !area_number(area, names[FIGURE_ALLOC_SUCCESS], &other))
		return false;
	*pages = other > released ? other - released : 0;
	return true;
}

/* Reads a number; false if this kernel doesn't tell it. */
bool area_figure(const struct area *area, enum figure figure, unsigned long long *value)
{
	if (area_number(area, names[figure], value))
		return true;
	switch (figure) {
	case FIGURE_TOTAL:
		return area_number(area, "count", value);
	case FIGURE_LARGEST:
		return area_number(area, "maxchunk", value);
	case FIGURE_ALLOCATED:
		return derive_allocated(area, value);
	default:
		return false;
	}
}

static void read_latency(const struct area *area, struct snapshot *snapshot)
{
	FILE *f = open_debugfs(area, "latency");
	unsigned int i;

	if (!f)
		return;
	for (i = 0; i < NR_LATENCIES; i++)
		if (fscanf(f, "%*s %llu", &snapshot->latency[i]) != 1)
			break;
	snapshot->has_latency = i == NR_LATENCIES;
	fclose(f);
}

void snapshot_take(const struct area *area, struct snapshot *snapshot)
{
	unsigned int i;

	memset(snapshot, 0, sizeof(*snapshot));
	clock_gettime(CLOCK_MONOTONIC, &snapshot->at);
	for (i = 0; i < NR_FIGURES; i++)
		if (area_figure(area, i, &snapshot->value[i]))
			snapshot->known |= UINT64_C(1) << i;
	read_latency(area, snapshot);
}

bool snapshot_has(const struct snapshot *snapshot, enum figure figure)
{
	return snapshot->known >> figure & 1;
}

/* Requests between two snapshots */
unsigned long long snapshot_requests(const struct snapshot *from, const struct snapshot *to)
{
	unsigned long long nr = 0;
	unsigned int i;

	for (i = 0; i < NR_LATENCIES; i++)
		nr += to->latency[i] - from->latency[i];
	return nr;
}

/*
 * So many percent of the requests between two snapshots took less than this, in
 * microseconds; 0 if there were none. UINT64_MAX stands for more than all bounds.
 */
unsigned long long snapshot_percentile(const struct snapshot *from, const struct snapshot *to,
				       unsigned int percent)
{
	unsigned long long all = snapshot_requests(from, to), sum = 0;
	unsigned int i;

	if (!all)
		return 0;
	for (i = 0; i < NR_LATENCIES - 1; i++) {
		sum += to->latency[i] - from->latency[i];
		if (sum * 100 >= all * percent)
			return 1ULL << i;
	}
	return UINT64_MAX;
}

double mib(unsigned long long pages)
{
	return (double)pages * machine.page_size / (1 << 20);
}
