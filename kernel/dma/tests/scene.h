/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of contiguous memory have in common. The areas are set aside
 * for tests while booting:
 *
 *	kunit0	|.........16 MiB.........|	managed in single pages
 *	kunit1	|..8 MiB..|			managed in units of four pages
 *
 * (two pageblocks and one, where these are larger).
 *
 * In all pictures "|" is where an area begins or ends, "#" is memory that is
 * allocated, "." memory that isn't.
 */
#ifndef __DMA_CONTIGUOUS_SCENE_H
#define __DMA_CONTIGUOUS_SCENE_H

#include <linux/device.h>

#include "../contiguous.h"

struct kunit;

/**
 * struct scene - two areas and a device that knows neither of them
 * @kunit0: the larger area
 * @kunit1: the smaller area
 * @dev: without an area, a mask or a node
 */
struct scene {
	struct cma *kunit0;
	struct cma *kunit1;
	struct device dev;
};

int dma_contiguous_scene_init(struct kunit *test);
void dma_contiguous_scene_exit(struct kunit *test);
bool dma_contiguous_is_unused(struct cma *cma);

#endif /* __DMA_CONTIGUOUS_SCENE_H */
