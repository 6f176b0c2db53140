// SPDX-License-Identifier: GPL-2.0
/*
 * Has the suites of contiguous memory set areas aside for themselves, those of devices
 * and those of mm/cma. There are none with "kunit.enable=0".
 */
#include <linux/init.h>
#include <linux/kstrtox.h>

#include "../../../mm/cma/tests/reserve.h"
#include "../contiguous.h"
#include "reserve.h"

static bool wanted __initdata = true;

/* The same word that keeps KUnit from running the suites, known early enough. */
static int __init wants_areas(char *arg)
{
	return kstrtobool(arg, &wanted);
}
early_param("kunit.enable", wants_areas);

void __init dma_contiguous_reserve_more(void)
{
	if (!wanted)
		return;
	dma_contiguous_kunit_reserve();
	cma_kunit_reserve();
}
