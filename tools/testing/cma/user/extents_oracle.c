// SPDX-License-Identifier: GPL-2.0
#include "extents_oracle.h"

void extents_open(struct extents_oracle *oracle, unsigned long origin)
{
	size_t size = CMA_MAX_EXTENTS * sizeof(struct cma_extent);
	struct cma_extent *extents = malloc(size);

	assert(extents);
	memset(extents, 0xa5, size);
	memset(oracle, 0xa5, sizeof(*oracle));
	cma_extents_init(&oracle->ready, extents);
	memset(oracle->held, 0, sizeof(oracle->held));
	oracle->origin = origin;
	oracle->filled = 0;
}

void extents_close(struct extents_oracle *oracle)
{
	free(oracle->ready.extents);
}

/* The first unit from @from on that is held or not. */
static unsigned long scan(const struct extents_oracle *oracle, unsigned long from,
			  bool held)
{
	const u8 *found = NULL;

	if (from < EXTENTS_UNITS)
		found = memchr(oracle->held + from, held, EXTENTS_UNITS - from);
	return found ? (unsigned long)(found - oracle->held) : EXTENTS_UNITS;
}

static unsigned int count_runs(const struct extents_oracle *oracle)
{
	unsigned long start = scan(oracle, 0, true);
	unsigned int runs;

	for (runs = 0; start < EXTENTS_UNITS; runs++)
		start = scan(oracle, scan(oracle, start, false), true);
	return runs;
}

/* The array and the extents, from one end to the other. */
bool extents_agrees(const struct extents_oracle *oracle)
{
	const struct cma_extents *ready = &oracle->ready;
	unsigned long start = 0, end = 0;
	unsigned int at;

	for (at = 0; at < ready->nr; at++) {
		start = scan(oracle, end, true);
		end = scan(oracle, start, false);
		if (!EXPECT(ready->extents[at].start == start &&
			    ready->extents[at].count == end - start,
			    "extent %u is not %lu to %lu", at, start, end))
			return false;
	}
	return EXPECT(scan(oracle, end, true) == EXTENTS_UNITS,
		      "units behind %lu", end) &&
	       EXPECT(cma_extents_check(ready), "%u extents", ready->nr);
}

/* Do it to the array, and undo it if that would be an extent too many. */
static bool paint(struct extents_oracle *oracle, unsigned long start,
		  unsigned long count, bool held)
{
	memset(oracle->held + start, held, count);
	if (count_runs(oracle) <= CMA_MAX_EXTENTS)
		return true;
	memset(oracle->held + start, !held, count);
	oracle->filled++;
	return false;
}

struct snapshot {
	struct cma_extents ready;
	struct cma_extent extents[CMA_MAX_EXTENTS];
};

static void remember(const struct extents_oracle *oracle,
		     struct snapshot *before)
{
	before->ready = oracle->ready;
	memcpy(before->extents, oracle->ready.extents, sizeof(before->extents));
}

static bool unchanged(const struct extents_oracle *oracle,
		      const struct snapshot *before)
{
	return EXPECT(!memcmp(&oracle->ready, &before->ready,
			      sizeof(before->ready)) &&
		      !memcmp(oracle->ready.extents, before->extents,
			      sizeof(before->extents)),
		      "refused, with %u extents", before->ready.nr);
}

static bool put(struct extents_oracle *oracle, const struct extents_step *step)
{
	unsigned long start = scan(oracle, step->from % EXTENTS_UNITS, false);
	unsigned long count = min(step->count,
				  scan(oracle, start, true) - start);
	struct snapshot before;
	bool done, right;

	remember(oracle, &before);
	if (start >= EXTENTS_UNITS || !count)
		return true;
	right = paint(oracle, start, count, true);
	done = cma_extents_put(&oracle->ready, cma_extent_at(start, count));
	return EXPECT(done == right, "%lu from %lu", count, start) &&
	       (done || unchanged(oracle, &before));
}

/* Any range at all, also one that is not within an extent. */
static bool cut(struct extents_oracle *oracle, unsigned long start,
		unsigned long count)
{
	bool within = count && scan(oracle, start, true) == start &&
		      count <= scan(oracle, start, false) - start;
	bool right = within && paint(oracle, start, count, false);
	struct snapshot before;
	bool done;

	remember(oracle, &before);
	done = cma_extents_cut(&oracle->ready, cma_extent_at(start, count));
	return EXPECT(done == right, "%lu from %lu", count, start) &&
	       (done || unchanged(oracle, &before));
}

/* The lowest place in a run that can be had, trying each. */
static unsigned long try_places(const struct extents_oracle *oracle,
				const struct extents_step *step,
				unsigned long start, unsigned long end)
{
	bool full = count_runs(oracle) == CMA_MAX_EXTENTS;
	unsigned long place;

	for (place = max(start, step->from);
	     place < end && step->count <= end - place; place++) {
		if ((oracle->origin + place) % (1UL << step->align))
			continue;
		if (place >= step->to || step->count > step->to - place)
			break;
		if (!full || place == start || place + step->count == end)
			return place;
	}
	return RUNMAP_NONE;
}

static unsigned long right_place(const struct extents_oracle *oracle,
				 const struct extents_step *step)
{
	unsigned long start, end, place, found = RUNMAP_NONE, best = ~0UL;

	if (!step->count || step->align >= BITS_PER_LONG)
		return RUNMAP_NONE;
	for (start = scan(oracle, 0, true); start < EXTENTS_UNITS;
	     start = scan(oracle, end, true)) {
		end = scan(oracle, start, false);
		if (end - start >= best || end - start < step->count)
			continue;
		place = try_places(oracle, step, start, end);
		if (place == RUNMAP_NONE)
			continue;
		found = place;
		best = end - start;
	}
	return found;
}

static bool find(struct extents_oracle *oracle, const struct extents_step *step,
		 bool then_cut)
{
	const struct runmap_query query = {
		step->count, step->align, step->from, step->to,
	};
	unsigned long right = right_place(oracle, step), found;

	found = cma_extents_find(&oracle->ready, &query, oracle->origin);
	if (!EXPECT(found == right,
		    "found %ld instead of %ld: count %lu align %u from %lu to %lu",
		    (long)found, (long)right, step->count, step->align,
		    step->from, step->to))
		return false;
	if (!then_cut || found == RUNMAP_NONE)
		return true;
	memset(oracle->held + found, 0, step->count);
	return EXPECT(cma_extents_cut(&oracle->ready, cma_extent_at(found, step->count)),
		      "%lu from %lu were found", step->count, found);
}

static bool overlap(const struct extents_oracle *oracle,
		    const struct extents_step *step)
{
	unsigned long unit, to = min(step->to, EXTENTS_UNITS), right = 0, sum;

	for (unit = step->from; unit < to; unit++)
		right += oracle->held[unit];
	sum = cma_extents_overlap(&oracle->ready, cma_extent_between(step->from, step->to));
	return EXPECT(sum == right, "%lu from %lu to %lu", sum, step->from,
		      step->to);
}

static bool walk(const struct extents_oracle *oracle,
		 const struct extents_step *step)
{
	unsigned long to = min(step->to, EXTENTS_UNITS), from = step->from;
	struct cma_extent left = cma_extent_between(from, step->to), piece;
	unsigned long start, end;

	while (cma_extents_next(&oracle->ready, &left, &piece)) {
		start = scan(oracle, from, true);
		end = min(scan(oracle, start, false), to);
		if (!EXPECT(piece.start == start &&
			    piece.count == end - start && left.start == end,
			    "from %lu to %lu: %u from %u, then %u", from, to,
			    piece.count, piece.start, left.start))
			return false;
		from = end;
	}
	return EXPECT(left.start == from && scan(oracle, from, true) >= to,
		      "no more from %lu to %lu", from, to);
}

static bool surplus(struct extents_oracle *oracle, const struct extents_step *step)
{
	unsigned long end, start, unit;
	struct cma_extent piece;
	bool any;

	any = cma_extents_surplus(&oracle->ready, step->count, &piece);
	for (unit = EXTENTS_UNITS; unit && !oracle->held[unit - 1]; unit--)
		;
	end = unit;
	for (start = end; start && oracle->held[start - 1] &&
	     end - start < step->count; start--)
		;
	if (!EXPECT(any == !!(end - start), "max %lu", step->count))
		return false;
	if (!any)
		return true;
	return EXPECT(piece.start == start && piece.count == end - start,
		      "max %lu: %u from %u", step->count, piece.count,
		      piece.start) &&
	       cut(oracle, start, end - start);
}

static bool do_one(struct extents_oracle *oracle, const struct extents_step *step)
{
	struct extents_step one = *step;

	one.count = 1;
	switch (step->op % READY_OPS) {
	case READY_PUT:
		return put(oracle, step);
	case READY_PUT_ONE:
		return put(oracle, &one);
	case READY_CUT:
		return cut(oracle, step->from, step->count);
	case READY_CUT_ONE:
		return cut(oracle, scan(oracle, step->from, true), 1);
	case READY_FIND:
		return find(oracle, step, false);
	case READY_FIND_AND_CUT:
		return find(oracle, step, true);
	case READY_OVERLAP:
		return overlap(oracle, step);
	case READY_WALK:
		return walk(oracle, step);
	default:
		return surplus(oracle, step);
	}
}

bool extents_do(struct extents_oracle *oracle, const struct extents_step *step)
{
	return do_one(oracle, step) &&
	       EXPECT(cma_extents_check(&oracle->ready), "behind step %u",
		      step->op % READY_OPS);
}
