/* SPDX-License-Identifier: GPL-2.0 */
/*
 * READY extents next to an array of one byte for each unit. Each step does the
 * same to both, by the plainest means on the array's side, and compares what
 * they say.
 */
#ifndef CMA_USER_EXTENTS_ORACLE_H
#define CMA_USER_EXTENTS_ORACLE_H

#include "extents.h"
#include "harness.h"

#define EXTENTS_UNITS	1024

/**
 * struct extents_oracle - extents and what they should hold
 * @ready: the extents, in an array of their own whose borders are watched
 * @origin: address of unit 0
 * @held: one byte for each unit: 1 is READY
 * @filled: how often a put or a cut was refused for lack of a slot
 */
struct extents_oracle {
	struct cma_extents ready;
	unsigned long origin;
	u8 held[EXTENTS_UNITS];
	u64 filled;
};

enum extents_op {
	READY_PUT, READY_PUT_ONE, READY_CUT, READY_CUT_ONE, READY_FIND,
	READY_FIND_AND_CUT, READY_OVERLAP, READY_WALK, READY_SURPLUS,
	READY_OPS
};

/**
 * struct extents_step - one operation, made of any numbers at all
 * @op: modulo READY_OPS, what to do
 * @count: length of the range or run
 * @align: order of the alignment
 * @from: first unit or lower limit
 * @to: upper limit
 */
struct extents_step {
	unsigned int op;
	unsigned long count;
	unsigned int align;
	unsigned long from;
	unsigned long to;
};

void extents_open(struct extents_oracle *oracle, unsigned long origin);
void extents_close(struct extents_oracle *oracle);
bool extents_do(struct extents_oracle *oracle, const struct extents_step *step);
bool extents_agrees(const struct extents_oracle *oracle);

#endif
