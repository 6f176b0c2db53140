/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenes for the tests of mm/cma/boot_plan.c.
 *
 * Each scene is a picture of memory, a MiB for each character:
 *
 *	.	free
 *	#	not free
 *	A	the area, in the picture of the result
 *	h	the largest hole, in the picture of a refusal
 *	T	the first part of a fixed range that isn't free, likewise
 *
 * and between two MiBs, without width:
 *
 *	|	another zone begins
 *	+	another free range begins, as at the boundary of a node
 *	^	from here on the lowest place is wanted
 *	[	the requested base
 *	]	the limit
 */
#ifndef __CMA_SCENE_H__
#define __CMA_SCENE_H__

#include <kunit/test.h>
#include <linux/sizes.h>

#include "../boot_plan.h"

#define M(n)		((phys_addr_t)(n) * SZ_1M)
#define ADDRESS_MAX	((phys_addr_t)~0ULL)

/**
 * struct scene - memory, and an area that is wanted there
 * @picture: memory, base, limit and boundaries
 * @size: as in struct cma_plan_request
 * @alignment: likewise
 * @unit: likewise; 0 for 4 KiB
 * @fixed: likewise
 * @max_ranges: likewise
 * @backwards: tell the plan about the highest range first
 */
struct scene {
	const char *picture;
	phys_addr_t size;
	phys_addr_t alignment;
	phys_addr_t unit;
	bool fixed;
	unsigned int max_ranges;
	bool backwards;
};

void cma_scene_make_request(struct cma_plan_request *request,
			    const struct scene *scene);
unsigned int cma_scene_make_plan(struct cma_plan *plan,
				 const struct cma_plan_request *request,
				 const struct scene *scene);
void cma_expect_place(struct kunit *test, const struct scene *scene,
		      const char *result);
struct cma_plan cma_expect_refusal(struct kunit *test, const struct scene *scene,
				   const char *verdict, const char *result);

#endif /* __CMA_SCENE_H__ */
