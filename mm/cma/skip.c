// SPDX-License-Identifier: GPL-2.0
/* What is remembered of pages that wouldn't move. */
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "skip.h"

/* The first note of a unit at or above this one. */
static unsigned int note_position(const struct cma_skip *skip, unsigned long unit)
{
	unsigned int low = 0, high = skip->nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (skip->notes[middle].unit < unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The ticks until the backoff of a note ends, or the ticks since then as a negative. */
static s64 time_left(const struct cma_skip_note *note, u32 now)
{
	u32 left = note->until - now, since = now - note->until;

	return left <= CMA_SKIP_LONGEST ? (s64)left : -(s64)since;
}

static void drop_notes(struct cma_skip *skip, unsigned int at, unsigned int count)
{
	struct cma_skip_note *note = &skip->notes[at];

	skip->nr -= count;
	memmove(note, note + count, (skip->nr - at) * sizeof(*note));
}

/* The lowest one of several. */
static unsigned int first_to_end(const struct cma_skip *skip, u32 now)
{
	unsigned int at, found = 0;

	for (at = 1; at < skip->nr; at++)
		if (time_left(&skip->notes[at], now) <
		    time_left(&skip->notes[found], now))
			found = at;
	return found;
}

/* A blank note, in its place and with room made for it. */
static struct cma_skip_note *add_note(struct cma_skip *skip, unsigned long unit,
				      u32 now)
{
	struct cma_skip_note *note;
	unsigned int at;

	if (skip->nr == CMA_SKIP_NOTES)
		drop_notes(skip, first_to_end(skip, now), 1);

	at = note_position(skip, unit);
	note = &skip->notes[at];
	memmove(note + 1, note, (skip->nr - at) * sizeof(*note));
	*note = (struct cma_skip_note){ .unit = unit };
	skip->nr++;
	return note;
}

/*
 * What is known of a unit gets one more strike if there was time to move, or gives way to
 * something worse.
 */
static void renote(struct cma_skip_note *note, u32 now, bool costly)
{
	if (note->costly != costly)
		note->strikes = 0;
	else if (time_left(note, now) <= 0 && note->strikes < CMA_SKIP_MAX_DOUBLINGS)
		note->strikes++;
}

/**
 * cma_skip_add() - remember that a unit was in the way
 * @skip: the notes
 * @unit: the unit
 * @now: the time
 * @backoff: for how long a unit is to be avoided that is noted first
 * @costly: it isn't stuck, but costs something, and is to be avoided only by
 *	requests that mind
 *
 * A unit that was noted before, and is again after its backoff has ended, gets a strike
 * more: a request that tries again and again counts once. It is avoided from now on for
 * @backoff << strikes, but no longer than CMA_SKIP_LONGEST. One that was noted for the
 * other reason begins anew; but that it is stuck isn't forgotten for what it would cost,
 * before its backoff ends. When there is no room the note that ends its backoff first
 * makes way, however far off that is: of the two stuck units the new one was seen last.
 *
 * Context: any; the caller serialises.
 */
void cma_skip_add(struct cma_skip *skip, unsigned long unit, u32 now,
		  u32 backoff, bool costly)
{
	unsigned int at = note_position(skip, unit);
	struct cma_skip_note *note = &skip->notes[at];

	if (WARN_ON_ONCE(unit >= RUNMAP_MAX_UNITS))
		return;

	if (at == skip->nr || note->unit != unit) {
		note = add_note(skip, unit, now);
	} else {
		if (costly && !note->costly && time_left(note, now) > 0)
			return;
		renote(note, now, costly);
	}

	note->costly = costly;
	note->until = now + min((u64)backoff << note->strikes,
				CMA_SKIP_LONGEST);
}

/**
 * cma_skip_forget() - drop the notes of a run whose pages have moved
 * @skip: the notes
 * @run: the units
 *
 * Context: any; the caller serialises.
 */
void cma_skip_forget(struct cma_skip *skip, struct cma_extent run)
{
	unsigned int first = note_position(skip, run.start);
	unsigned int behind = note_position(skip, cma_extent_end(run));

	if (first < behind)
		drop_notes(skip, first, behind - first);
}

/**
 * cma_skip_last() - find the highest unit of a run to be avoided
 * @skip: the notes
 * @run: the units
 * @now: the time
 * @costly: those that merely cost something count as well
 *
 * Context: any; the caller serialises.
 * Return: the unit, or %RUNMAP_NONE when none is to be avoided.
 */
unsigned long cma_skip_last(const struct cma_skip *skip, struct cma_extent run,
			    u32 now, bool costly)
{
	unsigned int at = note_position(skip, cma_extent_end(run));

	while (at--) {
		const struct cma_skip_note *note = &skip->notes[at];

		if (note->unit < run.start)
			break;
		if (time_left(note, now) > 0 && (costly || !note->costly))
			return note->unit;
	}
	return RUNMAP_NONE;
}

/**
 * cma_skip_nr_backoffs() - count the units to be avoided
 * @skip: the notes
 * @now: the time
 *
 * Context: any; the caller serialises.
 * Return: the number of them.
 */
unsigned int cma_skip_nr_backoffs(const struct cma_skip *skip, u32 now)
{
	unsigned int at, nr = 0;

	for (at = 0; at < skip->nr; at++)
		nr += time_left(&skip->notes[at], now) > 0;
	return nr;
}

/**
 * cma_skip_check() - are the notes consistent?
 * @skip: the notes
 *
 * For tests and assertions.
 *
 * Context: any; the caller serialises.
 * Return: true if there is at most one for each unit, in ascending order and
 * within what a map describes, and no strike too many.
 */
bool cma_skip_check(const struct cma_skip *skip)
{
	unsigned int at;

	if (skip->nr > CMA_SKIP_NOTES)
		return false;
	for (at = 0; at < skip->nr; at++) {
		const struct cma_skip_note *note = &skip->notes[at];

		if (at && note->unit <= note[-1].unit)
			return false;
		if (note->unit >= RUNMAP_MAX_UNITS ||
		    note->strikes > CMA_SKIP_MAX_DOUBLINGS)
			return false;
	}
	return true;
}
