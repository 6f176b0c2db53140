// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer writes the story: an origin and a time, then steps of seven bytes
 * each. The oracle tells it along and ends the program where the two differ.
 */
#include "skip_oracle.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Notes that the fuzzer would take long to write: one on every other unit. */
static void comb(struct skip_oracle *oracle, unsigned long teeth)
{
	struct skip_step note = { .op = STUCK_NOTE, .ticks = 100 };

	for (; teeth--; note.from += 2)
		skip_do(oracle, &note);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct skip_oracle oracle;
	bool right = true;

	if (size < 5)
		return -1;
	skip_open(&oracle, two_bytes(data), 0x1ffff0000ULL + two_bytes(data + 2));
	comb(&oracle, data[4] + 1);
	for (data += 5, size -= 5; size >= 7 && right; data += 7, size -= 7) {
		struct skip_step step = {
			.op = data[0] & 7,
			.align = data[1] & 7,
			.from = two_bytes(data + 2) % (SKIP_UNITS + 2),
			.count = two_bytes(data + 4) >> (data[0] >> 4),
			.to = data[1] & 0x80 ? data[1] * 6 : RUNMAP_NONE,
			.ticks = (u32)data[6] << (data[1] >> 3 & 15),
			.costly = data[0] & 8,
			.mixed = data[6] & 1,
			.steps = data[6] & 2 ? data[6] >> 5 : UINT_MAX,
		};

		if (step.op == STUCK_FORGET)
			step.to = step.from + step.count;
		right = skip_do(&oracle, &step);
	}
	right = right && skip_agrees(&oracle);
	skip_close(&oracle);
	if (!right)
		abort();
	return 0;
}
