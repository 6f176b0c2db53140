// SPDX-License-Identifier: GPL-2.0
#include "skip_oracle.h"

void skip_open(struct skip_oracle *oracle, unsigned long origin, u64 now)
{
	size_t size = CMA_SKIP_NOTES * sizeof(struct cma_skip_note);
	struct cma_skip_note *notes = malloc(size);
	struct cma_extent *extents = calloc(CMA_MAX_EXTENTS, sizeof(*extents));

	assert(notes && extents);
	memset(notes, 0xa5, size);
	memset(oracle, 0, sizeof(*oracle));
	cma_skip_init(&oracle->stuck, notes);
	cma_extents_init(&oracle->ready, extents);
	oracle->mem = malloc(runmap_size(SKIP_UNITS));
	assert(oracle->mem);
	runmap_init(&oracle->map, oracle->mem, SKIP_UNITS, origin);
	oracle->now = now;
}

void skip_close(struct skip_oracle *oracle)
{
	free(oracle->stuck.notes);
	free(oracle->ready.extents);
	free(oracle->mem);
}

static bool is_hot(const struct skip_oracle *oracle, unsigned long unit,
		   bool costly)
{
	const struct skip_entry *entry = &oracle->units[unit];

	return entry->noted && entry->until > oracle->now &&
	       (costly || !entry->costly);
}

bool skip_agrees(const struct skip_oracle *oracle)
{
	unsigned long unit;
	unsigned int at = 0;

	for (unit = 0; unit < SKIP_UNITS; unit++) {
		const struct cma_skip_note *note = &oracle->stuck.notes[at];
		const struct skip_entry *entry = &oracle->units[unit];

		if (!entry->noted)
			continue;
		if (!EXPECT(at < oracle->stuck.nr && note->unit == unit &&
			    note->until == (u32)entry->until &&
			    note->strikes == entry->strikes &&
			    note->costly == entry->costly,
			    "note %u, unit %lu", at, unit))
			return false;
		at++;
	}
	return EXPECT(at == oracle->stuck.nr, "%u notes", at) &&
	       EXPECT(cma_skip_check(&oracle->stuck), "%u notes", at);
}

/* The note whose backoff ends first, or has ended, makes room. */
static void make_room(struct skip_oracle *oracle)
{
	struct skip_entry *first = NULL;
	unsigned long unit;

	for (unit = 0; unit < SKIP_UNITS; unit++) {
		struct skip_entry *entry = &oracle->units[unit];

		if (entry->noted && (!first || entry->until < first->until))
			first = entry;
	}
	first->noted = false;
	oracle->nr--;
	oracle->dropped++;
}

static void note(struct skip_oracle *oracle, const struct skip_step *step)
{
	unsigned long unit = step->from % SKIP_UNITS;
	struct skip_entry *entry = &oracle->units[unit];
	u64 length = step->ticks;
	unsigned int i;

	cma_skip_add(&oracle->stuck, unit, oracle->now, step->ticks,
		     step->costly);

	if (step->costly && is_hot(oracle, unit, false))
		return;
	if (entry->noted && entry->costly == step->costly) {
		if (entry->until <= oracle->now)
			entry->strikes = min(entry->strikes + 1U, 6U);
	} else if (entry->noted) {
		entry->strikes = 0;
	} else {
		if (oracle->nr == CMA_SKIP_NOTES)
			make_room(oracle);
		entry->noted = true;
		entry->strikes = 0;
		oracle->nr++;
	}
	entry->costly = step->costly;
	for (i = 0; i < entry->strikes; i++)
		length *= 2;
	entry->until = oracle->now + min(length, 1ULL << 24);
}

static void forget(struct skip_oracle *oracle, const struct skip_step *step)
{
	unsigned long unit, to = min(step->to, SKIP_UNITS);

	cma_skip_forget(&oracle->stuck, cma_extent_between(step->from, step->to));
	for (unit = step->from; unit < to; unit++) {
		oracle->nr -= oracle->units[unit].noted;
		oracle->units[unit].noted = false;
	}
}

static bool last(const struct skip_oracle *oracle,
		 const struct skip_step *step)
{
	unsigned long unit, to = min(step->to, SKIP_UNITS);
	unsigned long right = RUNMAP_NONE, found;

	for (unit = step->from; unit < to; unit++)
		if (is_hot(oracle, unit, step->costly))
			right = unit;
	found = cma_skip_last(&oracle->stuck, cma_extent_between(step->from, step->to),
			      oracle->now, step->costly);
	return EXPECT(found == right, "%ld instead of %ld, from %lu to %lu",
		      (long)found, (long)right, step->from, step->to);
}

/* The lowest run, by the length of the runs that end at each unit. */
static unsigned long right_place(const struct skip_oracle *oracle,
				 const struct skip_step *step)
{
	unsigned long to = min(step->to, SKIP_UNITS), place, unit, run = 0;
	unsigned long found = RUNMAP_NONE;

	if (!step->count || step->align >= BITS_PER_LONG)
		return RUNMAP_NONE;
	for (unit = to; unit > step->from; unit--) {
		place = unit - 1;
		run++;
		if (oracle->units[place].taken ||
		    (oracle->units[place].ready && !step->mixed) ||
		    is_hot(oracle, place, step->costly))
			run = 0;
		if (run >= step->count &&
		    (oracle->map.origin + place) % (1UL << step->align) == 0)
			found = place;
	}
	return found;
}

/* The longest run of what isn't taken. */
static bool longest(const struct skip_oracle *oracle)
{
	unsigned long unit, run = 0, right = 0, found;

	for (unit = 0; unit < SKIP_UNITS; unit++) {
		run = oracle->units[unit].taken ? 0 : run + 1;
		right = max(right, run);
	}
	found = cma_open_longest(&oracle->map, &oracle->ready);
	return EXPECT(found == right, "it has %lu units instead of %lu",
		      found, right);
}

static bool find(const struct skip_oracle *oracle,
		 const struct skip_step *step)
{
	struct runmap_query query = {
		step->count, step->align, step->from, step->to,
	};
	struct cma_open open = {
		.map = &oracle->map,
		.ready = step->mixed ? &oracle->ready : NULL,
		.skip = &oracle->stuck,
		.now = oracle->now,
		.costly = step->costly,
	};
	unsigned long right = right_place(oracle, step), found;

	do {
		open.steps = step->steps;
		found = cma_open_find(&open, &query);
	} while (open.unfinished);
	return longest(oracle) &&
	       EXPECT(found == right,
		      "found %ld instead of %ld: count %lu align %u from %lu to %lu",
		      (long)found, (long)right, step->count, step->align,
		      step->from, step->to);
}

static bool right_backoffs(const struct skip_oracle *oracle)
{
	unsigned int right = 0, counted;
	unsigned long unit;

	for (unit = 0; unit < SKIP_UNITS; unit++)
		right += is_hot(oracle, unit, true);
	counted = cma_skip_nr_backoffs(&oracle->stuck, oracle->now);
	return EXPECT(counted == right, "%u instead of %u", counted, right);
}

/* Take what is free, or give what is taken. */
static void paint(struct skip_oracle *oracle, const struct skip_step *step)
{
	unsigned long unit = step->from % SKIP_UNITS;
	unsigned long end = min(step->count, SKIP_UNITS - unit) + unit;

	for (; unit < end; unit++) {
		bool *taken = &oracle->units[unit].taken;

		if (oracle->units[unit].ready)
			continue;
		if (*taken)
			runmap_give(&oracle->map, unit, 1);
		else
			runmap_take(&oracle->map, unit, 1);
		*taken = !*taken;
	}
}

/* Make READY what is free, as far as there are slots, or lend what is READY. */
static void prepare(struct skip_oracle *oracle, const struct skip_step *step)
{
	unsigned long unit = step->from % SKIP_UNITS;
	unsigned long end = min(step->count, SKIP_UNITS - unit) + unit;

	for (; unit < end; unit++) {
		struct skip_entry *entry = &oracle->units[unit];

		if (entry->taken)
			continue;
		if (entry->ready) {
			if (!cma_extents_cut(&oracle->ready, cma_extent_at(unit, 1)))
				continue;
			runmap_give(&oracle->map, unit, 1);
		} else {
			if (!cma_extents_put(&oracle->ready, cma_extent_at(unit, 1)))
				continue;
			runmap_take(&oracle->map, unit, 1);
		}
		entry->ready = !entry->ready;
	}
}

bool skip_do(struct skip_oracle *oracle, const struct skip_step *step)
{
	bool right = true;

	switch (step->op % STUCK_OPS) {
	case STUCK_NOTE:
		note(oracle, step);
		break;
	case STUCK_FORGET:
		forget(oracle, step);
		break;
	case STUCK_LAST:
		right = last(oracle, step);
		break;
	case STUCK_FIND:
		right = find(oracle, step);
		break;
	case STUCK_HOT:
		right = right_backoffs(oracle);
		break;
	case STUCK_WAIT:
		oracle->now += step->ticks;
		break;
	case STUCK_READY:
		prepare(oracle, step);
		break;
	default:
		paint(oracle, step);
	}
	return right &&
	       EXPECT(cma_skip_check(&oracle->stuck), "behind step %u",
		      step->op % STUCK_OPS);
}
