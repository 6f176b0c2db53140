// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_declare.c on a machine whose nodes touch. Where one ends, the kernel's
 * own data about it is; so an area across the border can only be one of memory that
 * somebody else has reserved, as the devicetree does.
 *
 *	 node 0 |  node 1
 *	....+++#|++++......	#  the kernel's data	.  free
 *	    [ area ]		+  reserved for the area, and free again afterwards
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/numa.h>

#include "../area.h"
#include "reserve.h"

#define BLOCK		CMA_MIN_ALIGNMENT_BYTES
#define MAX_PIECES	16

struct piece {
	phys_addr_t start, end;
};

static struct piece pieces[MAX_PIECES] __initdata;
static bool tried __initdata;
static int err __initdata;

/* Where memory of one node goes on as memory of another, 0 if it does nowhere */
static phys_addr_t __init border(void)
{
	unsigned long start, end, below = 0;
	int known = NUMA_NO_NODE;
	int i, nid;

	for_each_mem_pfn_range(i, MAX_NUMNODES, &start, &end, &nid) {
		if (known != NUMA_NO_NODE && nid != known && start == below &&
		    IS_ALIGNED(PFN_PHYS(start), BLOCK))
			return PFN_PHYS(start);
		known = nid;
		below = end;
	}
	return 0;
}

static unsigned int __init collect_free(phys_addr_t start, phys_addr_t end)
{
	unsigned int nr = 0;
	phys_addr_t from, to;
	u64 i;

	for_each_free_mem_range(i, NUMA_NO_NODE, MEMBLOCK_NONE, &from, &to, NULL) {
		from = max(from, start);
		to = min(to, end);
		if (from < to && nr < MAX_PIECES)
			pieces[nr++] = (struct piece){ from, to };
	}
	return nr;
}

/**
 * cma_kunit_reserve_nodes() - try to make an area of memory of two nodes
 *
 * Context: early boot, when areas can be declared.
 */
void __init cma_kunit_reserve_nodes(void)
{
	phys_addr_t middle = border();
	unsigned int nr, i;
	struct cma *cma;

	if (!middle)
		return;
	nr = collect_free(middle - BLOCK, middle + BLOCK);
	for (i = 0; i < nr; i++)
		memblock_reserve(pieces[i].start,
				 pieces[i].end - pieces[i].start);
	err = cma_init_reserved_mem(middle - BLOCK, 2 * BLOCK, 0,
				    "kunit-two-nodes", &cma);
	tried = true;
	for (i = 0; err && i < nr; i++)
		memblock_phys_free(pieces[i].start,
				   pieces[i].end - pieces[i].start);
}

static void __init an_area_of_two_nodes_is_refused(struct kunit *test)
{
	if (!tried)
		kunit_skip(test, "there are no two nodes whose memory touches");
	KUNIT_EXPECT_EQ(test, err, -EINVAL);
}

static struct kunit_case __refdata cma_boot_nodes_cases[] = {
	KUNIT_CASE(an_area_of_two_nodes_is_refused),
	{}
};

static struct kunit_suite __refdata cma_boot_nodes_suite = {
	.name = "cma_boot_nodes",
	.test_cases = cma_boot_nodes_cases,
};

kunit_test_init_section_suites(&cma_boot_nodes_suite);
