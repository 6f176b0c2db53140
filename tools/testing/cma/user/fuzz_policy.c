// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer writes the story: what may be done for the request and how large it is,
 * then what comes of each step. The oracle ends the program where a step isn't right.
 */
#include "policy_oracle.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct policy_story story;
	struct cma_allowed allowed;

	if (size < 2)
		return -1;
	allowed = (struct cma_allowed){
		.has_fallback	= data[0] & 1,
		.insists	= (data[0] & 3) == 2,
		.may_wait	= !(data[0] & 5),
		.does_io	= !(data[0] & 12),
		.fills		= data[0] & 16,
	};
	if (!policy_open(&story, &allowed, data[1] * 16))
		abort();
	for (data += 2, size -= 2; size; data++, size--) {
		enum cma_event event = *data & 15;

		if (story.step.action == CMA_ACTION_FAIL)
			break;
		if (policy_fits(&story, event) &&
		    !policy_tell(&story, event, *data & 0x80))
			abort();
	}
	return 0;
}
