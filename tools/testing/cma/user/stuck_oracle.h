/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notes of stuck units, and what can be had in spite of them, next to an array
 * with an entry for each unit, and a clock that doesn't wrap next to one that
 * does. Each step does the same to both, by the plainest means on the array's
 * side, and compares what they say.
 */
#ifndef CMA_USER_STUCK_ORACLE_H
#define CMA_USER_STUCK_ORACLE_H

#include "open.h"
#include "harness.h"

#define STUCK_UNITS	700

/**
 * struct stuck_entry - what is known of a unit
 * @until: when it is cold
 * @noted: it has a note
 * @strikes: how often it was noted again
 * @costly: it merely costs something
 * @taken: it isn't free
 * @ready: nor is it taken: it is READY
 */
struct stuck_entry {
	u64 until;
	bool noted;
	unsigned int strikes;
	bool costly;
	bool taken;
	bool ready;
};

/**
 * struct stuck_oracle - notes and what they should say
 * @stuck: the notes, in an array of their own whose borders are watched
 * @map: a map for them to be avoided in
 * @ready: READY units, which are taken in the map
 * @mem: its memory
 * @now: the time; its lower half is the clock of the notes
 * @units: an entry for each unit
 * @nr: how many of them are noted
 * @dropped: how often a note had to make room
 */
struct stuck_oracle {
	struct cma_skip stuck;
	struct runmap map;
	struct cma_extents ready;
	void *mem;
	u64 now;
	struct stuck_entry units[STUCK_UNITS];
	unsigned int nr;
	u64 dropped;
};

enum stuck_op {
	STUCK_NOTE, STUCK_FORGET, STUCK_LAST, STUCK_FIND, STUCK_HOT, STUCK_WAIT,
	STUCK_PAINT, STUCK_READY, STUCK_OPS
};

/**
 * struct stuck_step - one operation, made of any numbers at all
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
struct stuck_step {
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

void stuck_open(struct stuck_oracle *oracle, unsigned long origin, u64 now);
bool stuck_do(struct stuck_oracle *oracle, const struct stuck_step *step);
bool stuck_agrees(const struct stuck_oracle *oracle);
void stuck_close(struct stuck_oracle *oracle);

#endif
