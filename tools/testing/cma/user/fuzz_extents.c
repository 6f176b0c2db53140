// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer writes the story: an origin, then steps of six bytes each. The
 * oracle tells it along and ends the program where the two differ.
 */
#include "extents_oracle.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* A run of steps that the fuzzer would take long to write: a comb. */
static void comb(struct extents_oracle *oracle, unsigned long teeth)
{
	struct extents_step put = { .op = READY_PUT, .count = 3 };

	for (; teeth--; put.from += 8)
		extents_do(oracle, &put);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct extents_oracle oracle;
	bool right = true;

	if (size < 3)
		return -1;
	extents_open(&oracle, two_bytes(data));
	comb(&oracle, data[2] % (EXTENTS_UNITS / 8 + 1));
	for (data += 3, size -= 3; size >= 6 && right; data += 6, size -= 6) {
		struct extents_step step = {
			.op = data[0] & 15,
			.align = data[1] & 15,
			.from = two_bytes(data + 2) % (EXTENTS_UNITS + 2),
			.count = two_bytes(data + 4) >> (data[0] >> 4),
			.to = data[1] & 0x80 ? data[1] * 8 : RUNMAP_NONE,
		};

		right = extents_do(&oracle, &step);
	}
	if (!extents_agrees(&oracle) || !right)
		abort();
	extents_close(&oracle);
	return 0;
}
