/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notes of stuck units, and what can be had in spite of them, next to an array
 * with an entry for each unit, and a clock that doesn't wrap next to one that
 * does. Each step does the same to both, by the plainest means on the array's
 * side, and compares what they say.
 */
#ifndef CMA_USER_SKIP_ORACLE_H
#define CMA_USER_SKIP_ORACLE_H

#include "open.h"
#include "harness.h"

#define SKIP_UNITS	700

/**
 * struct skip_entry - what is known of a unit
 * @until: when it is cold
 * @noted: it has a note
 * @strikes: how often it was noted again
 * @costly: it merely costs something
 * @taken: it isn't free
 * @ready: nor is it taken: it is READY
 */
struct skip_entry {
	u64 until;
	bool noted;
	unsigned int strikes;
	bool costly;
	bool taken;
	bool ready;
};

/**
 * struct skip_oracle - notes and what they should say
 * @stuck: the notes, in an array of their own whose borders are watched
 * @map: a map for them to be avoided in
 * @ready: READY units, which are taken in the map
 * @mem: its memory
 * @now: the time; its lower half is the clock of the notes
 * @units: an entry for each unit
 * @nr: how many of them are noted
 * @dropped: how often a note had to make room
 */
struct skip_oracle {
	struct cma_skip stuck;
	struct runmap map;
	struct cma_extents ready;
	void *mem;
	u64 now;
	struct skip_entry units[SKIP_UNITS];
	unsigned int nr;
	u64 dropped;
};

enum skip_op {
	STUCK_NOTE, STUCK_FORGET, STUCK_LAST, STUCK_FIND, STUCK_HOT, STUCK_WAIT,
	STUCK_PAINT, STUCK_READY, STUCK_OPS
};

/**
 * struct skip_step - one operation, made of any numbers at all
 * @op: modulo STUCK_OPS, what to do
 * @count: length of the range or run
 * @align: order of the alignment
 * @from: first unit or lower limit
 * @to: upper limit
 * @ticks: how long to wait or until the backoff of a unit ends
 * @costly: what merely costs something is noted, or counts
 * @mixed: READY units are looked for as well
 * @steps: so many at a time are taken to find something
 */
struct skip_step {
	unsigned int op;
	unsigned long count;
	unsigned int align;
	unsigned long from;
	unsigned long to;
	u32 ticks;
	bool costly;
	bool mixed;
	unsigned int steps;
};

void skip_open(struct skip_oracle *oracle, unsigned long origin, u64 now);
bool skip_do(struct skip_oracle *oracle, const struct skip_step *step);
bool skip_agrees(const struct skip_oracle *oracle);
void skip_close(struct skip_oracle *oracle);

#endif
