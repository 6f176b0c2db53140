/* SPDX-License-Identifier: GPL-2.0 */
/*
 * READY extents next to an array of one byte for each unit. Each step does the
 * same to both, by the plainest means on the array's side, and compares what
 * they say.
 */
#ifndef CMA_USER_READY_ORACLE_H
#define CMA_USER_READY_ORACLE_H

#include "extents.h"
#include "harness.h"

#define READY_UNITS	1024

/**
 * struct ready_oracle - extents and what they should hold
 * @ready: the extents, in an array of their own whose borders are watched
 * @origin: address of unit 0
 * @held: one byte for each unit: 1 is READY
 * @filled: how often a put or a cut was refused for lack of a slot
 */
struct ready_oracle {
	struct cma_extents ready;
	unsigned long origin;
	u8 held[READY_UNITS];
	u64 filled;
};

enum ready_op {
	READY_PUT, READY_PUT_ONE, READY_CUT, READY_CUT_ONE, READY_FIND,
	READY_FIND_AND_CUT, READY_OVERLAP, READY_WALK, READY_SURPLUS,
	READY_OPS
};

/**
 * struct ready_step - one operation, made of any numbers at all
 * @op: modulo READY_OPS, what to do
 * @count: length of the range or run
 * @align: order of the alignment
 * @from: first unit or lower limit
 * @to: upper limit
 */
struct ready_step {
	unsigned int op;
	unsigned long count;
	unsigned int align;
	unsigned long from;
	unsigned long to;
};

void ready_open(struct ready_oracle *oracle, unsigned long origin);
void ready_close(struct ready_oracle *oracle);
bool ready_do(struct ready_oracle *oracle, const struct ready_step *step);
bool ready_agrees(const struct ready_oracle *oracle);

#endif
