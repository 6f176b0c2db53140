/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A map next to an array of one byte for each unit. Each step does the same to
 * both, by the plainest means on the array's side, and compares what they say.
 */
#ifndef CMA_USER_ORACLE_H
#define CMA_USER_ORACLE_H

#include <linux/runmap.h>

#include "harness.h"

/**
 * struct oracle - a map and what it should hold
 * @map: the map
 * @mem: its memory
 * @taken: one byte for each unit: 0 free, 1 taken
 */
struct oracle {
	struct runmap map;
	void *mem;
	u8 *taken;
};

enum oracle_op {
	ORACLE_TAKE, ORACLE_GIVE, ORACLE_FIND, ORACLE_FIND_AND_TAKE,
	ORACLE_LARGEST, ORACLE_NEXT, ORACLE_BACK, ORACLE_RANGE, ORACLE_WALK, ORACLE_CHECK,
	ORACLE_OPS
};

/**
 * struct oracle_step - one operation, made of any numbers at all
 * @op: modulo ORACLE_OPS, what to do
 * @count: length of the range or run
 * @align: order of the alignment
 * @from: first unit or lower limit
 * @to: upper limit
 */
struct oracle_step {
	unsigned int op;
	unsigned long count;
	unsigned int align;
	unsigned long from;
	unsigned long to;
};

void oracle_open(struct oracle *oracle, unsigned long nr, unsigned long origin);
bool oracle_do(struct oracle *oracle, const struct oracle_step *step);
bool oracle_close(struct oracle *oracle);

#endif
