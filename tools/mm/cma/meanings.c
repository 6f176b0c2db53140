// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's words for failures and for pages in the way mean, and what helps.
 */
#include "tool.h"

const struct meaning reasons[] = {
	{ "too-big", "the area could not serve it if it were empty",
	  "a larger area (cma= or the region in the devicetree), or a smaller alignment" },
	{ "full", "fewer pages than asked for aren't allocated",
	  "find what holds them (cma who), or have a larger area" },
	{ "fragmented", "enough pages aren't allocated, but no run of them is long enough",
	  "take long-lived buffers early, or from an area of their own" },
	{ "busy", "in each run that is long enough a page stayed where it is",
	  "see what was in the way below" },
	{ "no-migration-target", "there was no memory to move pages to",
	  "the machine is out of memory outside of the area" },
	{ "above-dma-mask", "the part that the device can reach is too small, or allocated",
	  "place the area lower, as with cma=256M@-4G" },
	{ "would-sleep", "the caller can't wait, and nothing ready or free is long enough",
	  "keep as much ready: ready_min, or cma_ready=" },
	{ "interrupted", "a fatal signal ended the request", NULL },
	{ "inactive", "the area was refused at boot, or was not lent yet", "see dmesg | grep cma" },
	{ "invalid", "the request made no sense", "a mistake of the driver that dmesg names" },
};

const unsigned int nr_reasons = ARRAY_SIZE(reasons);

const struct meaning blockers[] = {
	{ "pinned", "pinned for DMA or the like, as long as the pin lasts",
	  "FOLL_LONGTERM for the driver that pins; or borrow=clean" },
	{ "writeback", "being written to a disk", "borrow=clean, if it happens often" },
	{ "referenced", "a reference that its mappings don't explain, mostly short", NULL },
	{ "buffers-in-use", "buffers of a file system are in use",
	  "a file system whose metadata is outside of areas" },
	{ "mlocked", "locked in memory by mlock()", "borrow=clean" },
	{ "hugetlb", "a hugetlb page", "hugetlb pages of an area of their own (hugetlb_cma=)" },
	{ "unmovable", "memory of the kernel, or a page that the hardware has failed",
	  "report it" },
	{ "free-in-flight", "free already, on its way to the free lists", NULL },
	{ "movable", "something kept it for a moment", NULL },
	{ "unknown", "others were busy with its pageblock", NULL },
};

const unsigned int nr_blockers = ARRAY_SIZE(blockers);
