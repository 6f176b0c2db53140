// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer draws the map of free ranges, a byte for each, and fills in the
 * request. The search that tries every byte ends the program where the two
 * differ.
 */
#include "plan_oracle.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct input {
	u8 origin, size[2], alignment, unit, base[2], limit[2], flags, ranges;
	u8 rise_from[2];
	u8 boundaries[CMA_PLAN_BOUNDARIES][2];
};

/* The upper half of the numbers lies around the last address. */
static phys_addr_t address(const struct world *world, const u8 *bytes)
{
	u16 number = bytes[0] | bytes[1] << 8;

	if (number & 0x8000)
		return (phys_addr_t)number - 0x10000;
	return number & 0x4000 ? number : world->origin + number % 1024;
}

/* Each change of the drawn byte begins another range. */
static void draw(struct world *world, const u8 *data, size_t size)
{
	size_t i;

	for (i = 0; i < size && i < WORLD_BYTES; i++) {
		if (!data[i])
			continue;
		if (!i || data[i] != data[i - 1]) {
			if (world->nr_ranges == WORLD_RANGES)
				break;
			world->order[world->nr_ranges] = world->nr_ranges + 1;
			world->nr_ranges++;
		}
		world->owner[i] = world->nr_ranges;
		world->request.memory_end = world->origin + i + 1;
	}
	for (i = 0; i < world->nr_ranges / 2 && data[0] & 1; i++) {
		u8 *last = &world->order[world->nr_ranges - 1 - i];
		u8 first = world->order[i];

		world->order[i] = *last;
		*last = first;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world world = { 0 };
	struct cma_plan_request *request = &world.request;
	struct cma_plan plan;
	struct input input;
	unsigned int i;

	if (size < sizeof(input) + 2)
		return -1;
	memcpy(&input, data, sizeof(input));
	if (input.origin & 1)
		world.origin = ADDRESS_MAX - WORLD_BYTES - (input.origin >> 1);
	else
		world.origin = input.origin;
	draw(&world, data + sizeof(input), size - sizeof(input));

	request->min_alignment = 1 << (input.flags & 3);
	request->fixed = input.flags & 4;
	request->max_ranges = input.ranges % (CMA_PLAN_RANGES + 1);
	request->alignment = input.flags & 8 ? input.alignment :
			     1 << input.alignment % 8;
	request->unit = input.flags & 16 ? input.unit : 1 << input.unit % 8;
	request->size = address(&world, input.size) - world.origin;
	if (input.flags & 32)
		request->base = address(&world, input.base);
	if (input.flags & 64)
		request->limit = address(&world, input.limit);
	if (input.ranges & 128)
		request->rise_from = address(&world, input.rise_from);
	for (i = 0; i < CMA_PLAN_BOUNDARIES && input.flags & 128; i++)
		cma_plan_add_boundary(request,
				      address(&world, input.boundaries[i]));
	if (!world_agrees(&world, &plan))
		abort();
	return 0;
}
