// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer writes the story: a map, then steps of six bytes each. The oracle
 * tells it along and ends the program where the two differ.
 */
#include "oracle.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct oracle oracle;
	unsigned long nr;
	bool right = true;

	if (size < 5)
		return -1;
	nr = 1 + two_bytes(data) % 6000;
	oracle_open(&oracle, nr, two_bytes(data + 2) << (data[4] % 8 * 8));
	for (data += 5, size -= 5; size >= 6 && right; data += 6, size -= 6) {
		struct oracle_step step = {
			.op = data[0] & 15,
			.align = data[1],
			.from = two_bytes(data + 2) % (nr + 2),
			.count = two_bytes(data + 4) >> (data[0] >> 4),
			.to = data[1] & 0x80 ? nr : RUNMAP_NONE,
		};

		step.align %= step.align & 0x40 ? 80 : 14;
		right = oracle_do(&oracle, &step);
	}
	if (!oracle_close(&oracle) || !right)
		abort();
	return 0;
}
