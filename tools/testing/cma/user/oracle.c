// SPDX-License-Identifier: GPL-2.0
#include "oracle.h"

void oracle_open(struct oracle *oracle, unsigned long nr, unsigned long origin)
{
	size_t size = runmap_size(nr);

	oracle->mem = malloc(size);
	oracle->taken = calloc(nr, 1);
	assert(oracle->mem && oracle->taken);
	memset(oracle->mem, 0xa5, size);
	runmap_init(&oracle->map, oracle->mem, nr, origin);
}

bool oracle_close(struct oracle *oracle)
{
	bool sound = EXPECT(runmap_check(&oracle->map), "at the end");

	free(oracle->mem);
	free(oracle->taken);
	return sound;
}

/* The first unit from @from on that is taken or free, as @taken says. */
static unsigned long scan(const struct oracle *oracle, unsigned long from,
			  bool taken)
{
	const u8 *found = NULL;

	if (from < oracle->map.nr)
		found = memchr(oracle->taken + from, taken,
			       oracle->map.nr - from);
	return found ? (unsigned long)(found - oracle->taken) : oracle->map.nr;
}

static bool aligned(const struct oracle *oracle, unsigned long unit,
		    unsigned int align)
{
	return align < BITS_PER_LONG &&
	       (oracle->map.origin + unit) % (1UL << align) == 0;
}

static unsigned long scan_find(const struct oracle *oracle,
			       const struct oracle_step *step)
{
	unsigned long to = min(step->to, oracle->map.nr), start, end;

	if (!step->count)
		return RUNMAP_NONE;
	for (start = step->from; start < to; start++) {
		if (oracle->taken[start] || !aligned(oracle, start, step->align))
			continue;
		end = min(scan(oracle, start, true), to);
		if (end - start >= step->count)
			return start;
	}
	return RUNMAP_NONE;
}

static unsigned long scan_largest(const struct oracle *oracle,
				  unsigned int align)
{
	unsigned long start, end = 0, best = 0;

	for (start = 0; start < oracle->map.nr; start++) {
		if (oracle->taken[start])
			continue;
		if (start >= end)
			end = scan(oracle, start, true);
		if (aligned(oracle, start, align))
			best = max(best, end - start);
	}
	return best;
}

/* Take or give what a range holds of units that can be; perhaps nothing. */
static bool paint(struct oracle *oracle, const struct oracle_step *step,
		  bool take)
{
	unsigned long start, end;

	start = scan(oracle, step->from % oracle->map.nr, !take);
	end = min(scan(oracle, start, take), start + step->count);
	if (start >= end)
		return true;
	memset(oracle->taken + start, take, end - start);
	if (take)
		runmap_take(&oracle->map, start, end - start);
	else
		runmap_give(&oracle->map, start, end - start);
	return true;
}

static bool find(struct oracle *oracle, const struct oracle_step *step,
		 bool take)
{
	const struct runmap_query query = {
		step->count, step->align, step->from, step->to,
	};
	unsigned long found = runmap_find(&oracle->map, &query);
	unsigned long right = scan_find(oracle, step);

	if (!EXPECT(found == right,
		    "found %ld instead of %ld: count %lu align %u from %lu to %lu",
		    (long)found, (long)right, step->count, step->align,
		    step->from, step->to))
		return false;
	if (take && found != RUNMAP_NONE) {
		runmap_take(&oracle->map, found, step->count);
		memset(oracle->taken + found, 1, step->count);
	}
	return true;
}

static bool next(const struct oracle *oracle, unsigned long from)
{
	unsigned long nr_free = runmap_next_free(&oracle->map, from);
	unsigned long taken = runmap_next_taken(&oracle->map, from);

	return EXPECT(nr_free == scan(oracle, from, false),
		      "free from %lu: %lu", from, nr_free) &&
	       EXPECT(taken == scan(oracle, from, true),
		      "taken from %lu: %lu", from, taken);
}

/* Where the free run begins that ends at a unit. */
static bool back(const struct oracle *oracle, unsigned long end)
{
	unsigned long found = runmap_run_start(&oracle->map, end), right = end;

	while (end <= oracle->map.nr && right && !oracle->taken[right - 1])
		right--;
	return EXPECT(found == right, "%lu instead of %lu below %lu", found,
		      right, end);
}

static bool range(const struct oracle *oracle, const struct oracle_step *step)
{
	unsigned long start = step->from, count = step->count;
	unsigned long nr = oracle->map.nr;
	bool inside = count && start < nr && count <= nr - start;
	bool is_free = inside && scan(oracle, start, true) - start >= count;
	bool is_taken = inside && scan(oracle, start, false) - start >= count;

	return EXPECT(runmap_is_free(&oracle->map, start, count) == is_free,
		      "%lu from %lu", count, start) &&
	       EXPECT(runmap_is_taken(&oracle->map, start, count) == is_taken,
		      "%lu from %lu", count, start);
}

static bool walk(const struct oracle *oracle)
{
	unsigned long start, end, behind = 0, nr_free = 0;

	runmap_for_each_free(&oracle->map, start, end) {
		if (!EXPECT(start == scan(oracle, behind, false) &&
			    end == scan(oracle, start, true),
			    "run %lu to %lu", start, end))
			return false;
		nr_free += end - start;
		behind = end;
	}
	return EXPECT(scan(oracle, behind, false) == oracle->map.nr,
		      "free units behind %lu", behind) &&
	       EXPECT(nr_free == oracle->map.nr_free, "%lu and %lu", nr_free,
		      oracle->map.nr_free);
}

bool oracle_do(struct oracle *oracle, const struct oracle_step *step)
{
	unsigned long largest;

	switch (step->op % ORACLE_OPS) {
	case ORACLE_TAKE:
		return paint(oracle, step, true);
	case ORACLE_GIVE:
		return paint(oracle, step, false);
	case ORACLE_FIND:
		return find(oracle, step, false);
	case ORACLE_FIND_AND_TAKE:
		return find(oracle, step, true);
	case ORACLE_LARGEST:
		largest = runmap_largest(&oracle->map, step->align);
		return EXPECT(largest == scan_largest(oracle, step->align),
			      "%lu for align %u", largest, step->align);
	case ORACLE_NEXT:
		return next(oracle, step->from);
	case ORACLE_BACK:
		return back(oracle, step->from);
	case ORACLE_RANGE:
		return range(oracle, step);
	case ORACLE_WALK:
		return walk(oracle);
	default:
		return EXPECT(runmap_check(&oracle->map), "between two steps");
	}
}
