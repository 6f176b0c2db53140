// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says about the declaration of areas: a line for each, and the one that
 * 6.12 has, which scripts look for.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>

#include "area.h"
#include "boot.h"

/* One message at a time: there is one CPU and no memory yet. */
static char boot_text[CMA_BOOT_TEXT] __initdata;

static void __init boot_print_range(struct seq_buf *s, phys_addr_t start,
				    phys_addr_t end)
{
	phys_addr_t last = end - 1;

	seq_buf_printf(s, "[mem %pa-%pa]", &start, &last);
}

/* What was asked for, with what it was asked of. */
static void __init boot_print_request(struct seq_buf *s,
				      const struct cma_boot *boot)
{
	const struct cma_plan_request *request = &boot->request;

	cma_print_size(s, request->size);
	if (request->fixed || boot->source != CMA_BOOT_FREE)
		seq_buf_printf(s, " at %pa", &request->base);
	else if (request->base)
		seq_buf_printf(s, " at or above %pa", &request->base);
	if (request->limit)
		seq_buf_printf(s, " below %pa", &request->limit);
	if (boot->nid != NUMA_NO_NODE)
		seq_buf_printf(s, " on node %d", boot->nid);
}

/* Why memory next to a free range isn't free */
enum boot_edge {
	BOOT_END,
	BOOT_START,
	BOOT_RESERVED,
	BOOT_OTHER,
	BOOT_GAP,
};

static const char * const boot_edge_names[] __initconst = {
	[BOOT_END]	= "end of memory",
	[BOOT_START]	= "start of memory",
	[BOOT_RESERVED]	= "reserved memory",
	[BOOT_OTHER]	= "memory of another node or kind",
	[BOOT_GAP]	= "hole in memory",
};

/* The same, of the memory itself: it "is" ... */
static const char * const boot_edge_states[] __initconst = {
	[BOOT_END]	= "beyond the end of memory",
	[BOOT_START]	= "below the start of memory",
	[BOOT_RESERVED]	= "reserved memory",
	[BOOT_OTHER]	= "memory of another node or kind",
	[BOOT_GAP]	= "in a hole in memory",
};

static enum boot_edge __init boot_edge(phys_addr_t addr)
{
	if (addr >= memblock_end_of_DRAM())
		return BOOT_END;
	if (addr < memblock_start_of_DRAM())
		return BOOT_START;
	if (memblock_is_reserved(addr))
		return BOOT_RESERVED;
	return memblock_is_memory(addr) ? BOOT_OTHER : BOOT_GAP;
}

/* @beyond: the next byte outside of the free range */
static const char * __init boot_bound(enum cma_plan_bound bound,
				      phys_addr_t beyond)
{
	switch (bound) {
	case CMA_PLAN_EDGE:
		return boot_edge_names[boot_edge(beyond)];
	case CMA_PLAN_BASE:
		return "requested base";
	case CMA_PLAN_LIMIT:
		return "limit";
	case CMA_PLAN_BOUNDARY:
		return "zone boundary";
	}
	return "";
}

static void __init boot_print_hole(struct seq_buf *s,
				   const struct cma_plan_hole *hole)
{
	const char *lower = boot_edge_names[BOOT_START];

	if (hole->start == hole->end) {
		seq_buf_puts(s, "; no free memory there");
		return;
	}
	if (hole->start)
		lower = boot_bound(hole->lower, hole->start - 1);
	seq_buf_puts(s, "; largest hole ");
	boot_print_range(s, hole->start, hole->end);
	seq_buf_printf(s, " between %s and %s, ", lower,
		       boot_bound(hole->upper, hole->end));
	cma_print_size(s, hole->fits);
	seq_buf_puts(s, " would fit");
}

/* Verdicts that need no figures besides those of the request */
static const char * const boot_plain[NR_CMA_PLAN_VERDICTS] __initconst = {
	[CMA_PLAN_ZERO_SIZE]		= "the size must not be 0",
	[CMA_PLAN_OVERFLOW]		= "it would end beyond the last physical address",
	[CMA_PLAN_LIMIT_BELOW_BASE]	= "the limit must be above the base",
	[CMA_PLAN_ABOVE_LIMIT]		= "it would end above the limit",
};

static const char * __init boot_lack(const struct cma_boot *boot)
{
	switch (boot->source) {
	case CMA_BOOT_FREE:
		return boot_edge_states[boot_edge(boot->plan.taken_start)];
	case CMA_BOOT_RESERVED:
		return "not reserved";
	case CMA_BOOT_MEMORY:
		return "not memory";
	}
	return "";
}

static void __init boot_print_verdict(struct seq_buf *s,
				      const struct cma_boot *boot)
{
	const struct cma_plan *plan = &boot->plan;
	phys_addr_t end;

	switch (plan->verdict) {
	case CMA_PLAN_BAD_ALIGNMENT:
		seq_buf_printf(s, "the alignment %pa isn't a power of two",
			       &boot->request.alignment);
		break;
	case CMA_PLAN_UNIT:
		seq_buf_printf(s, "order_per_bit %u doesn't divide ",
			       boot->order_per_bit);
		cma_print_size(s, plan->size);
		break;
	case CMA_PLAN_MISALIGNED_BASE:
		seq_buf_puts(s, "the base must be a multiple of ");
		cma_print_size(s, plan->base_alignment);
		break;
	case CMA_PLAN_BEYOND_MEMORY:
		end = memblock_end_of_DRAM();
		seq_buf_printf(s, "memory ends at %pa", &end);
		break;
	case CMA_PLAN_STRADDLES:
		seq_buf_printf(s, "a zone boundary at %pa is inside, between %s and %s",
			       &plan->boundary,
			       cma_boot_zone_name(plan->boundary - 1),
			       cma_boot_zone_name(plan->boundary));
		break;
	case CMA_PLAN_NOT_FREE:
		boot_print_range(s, plan->taken_start, plan->taken_end);
		seq_buf_printf(s, " is %s", boot_lack(boot));
		break;
	case CMA_PLAN_SCATTERED:
		seq_buf_printf(s, "the %d largest holes have ", CMA_MAX_RANGES);
		cma_print_size(s, plan->total);
		seq_buf_puts(s, " together, in pieces aligned to ");
		cma_print_size(s, plan->base_alignment);
		break;
	case CMA_PLAN_NO_HOLE:
		seq_buf_puts(s, "no hole is large enough for ");
		cma_print_size(s, plan->size);
		seq_buf_puts(s, " aligned to ");
		cma_print_size(s, plan->base_alignment);
		break;
	default:
		seq_buf_puts(s, boot_plain[plan->verdict]);
	}
}

static void __init boot_refuse_plan_as_ever(const struct cma_boot *boot)
{
	phys_addr_t limit = min_not_zero(boot->request.limit,
					 memblock_end_of_DRAM());
	phys_addr_t base = boot->request.base;
	const struct cma_plan *plan = &boot->plan;

	switch (plan->verdict) {
	case CMA_PLAN_MISALIGNED_BASE:
		pr_err("Region at %pa must be aligned to %pa bytes\n", &base,
		       &plan->base_alignment);
		break;
	case CMA_PLAN_LIMIT_BELOW_BASE:
	case CMA_PLAN_BEYOND_MEMORY:
	case CMA_PLAN_ABOVE_LIMIT:
		pr_err("Size (%pa) of region at %pa exceeds limit (%pa)\n",
		       &plan->size, &base, &limit);
		break;
	default:
		break;
	}
}

/* What 6.12 says of the same, and scripts look for */
static void __init boot_refuse_as_ever(const struct cma_boot *boot,
				       enum cma_boot_obstacle obstacle)
{
	if (obstacle == CMA_BOOT_NO_SLOT)
		pr_err("Not enough slots for CMA reserved regions!\n");
	if (boot->source != CMA_BOOT_FREE)
		return;
	if (obstacle == CMA_BOOT_PLAN)
		boot_refuse_plan_as_ever(boot);
	if (boot->res_cma)
		pr_err("Failed to reserve %llu MiB on node %d\n",
		       (u64)boot->request.size / SZ_1M, boot->nid);
}

/* Which area, what keeps it from being declared, and what would fit. */
VISIBLE_IF_KUNIT
void __init cma_boot_print_refusal(struct seq_buf *s, const struct cma_boot *boot,
				   enum cma_boot_obstacle obstacle)
{
	seq_buf_printf(s, "%s: ", boot->name ?: "unnamed area");
	boot_print_request(s, boot);
	seq_buf_puts(s, " can't be set aside: ");

	switch (obstacle) {
	case CMA_BOOT_TOO_LATE:
		seq_buf_puts(s, "areas are declared before the page allocator takes over");
		return;
	case CMA_BOOT_NO_SLOT:
		seq_buf_printf(s, "all CONFIG_CMA_AREAS=%d slots are taken",
			       CONFIG_CMA_AREAS);
		break;
	case CMA_BOOT_NOT_ROUND:
		seq_buf_puts(s, "the size must be a multiple of ");
		cma_print_size(s, boot->plan.alignment);
		break;
	case CMA_BOOT_ON_NODES:
		seq_buf_printf(s, "memory of node %d begins at %pa, inside of it",
			       early_pfn_to_nid(PHYS_PFN(boot->next_node)),
			       &boot->next_node);
		break;
	case CMA_BOOT_IN_AREA:
		seq_buf_puts(s, "another area has a part of it");
		break;
	case CMA_BOOT_MEMBLOCK:
		seq_buf_puts(s, "memblock has no room to note it");
		break;
	default:
		boot_print_verdict(s, boot);
	}
	if (boot->source == CMA_BOOT_FREE)
		boot_print_hole(s, &boot->plan.hole);
}

/**
 * cma_boot_refuse() - say why an area can't be declared, in one line
 * @boot: what was asked for, and its plan as far as it got
 * @obstacle: what keeps it from being declared
 *
 * The line has what was asked, what would be needed, the largest hole, what
 * bounds it on both sides and what would fit there.
 *
 * Context: early boot, one CPU.
 */
void __init cma_boot_refuse(const struct cma_boot *boot,
			    enum cma_boot_obstacle obstacle)
{
	struct seq_buf s;

	seq_buf_init(&s, boot_text, sizeof(boot_text));
	cma_boot_print_refusal(&s, boot, obstacle);
	pr_err("%s\n", seq_buf_str(&s));
	boot_refuse_as_ever(boot, obstacle);
}

/* All ranges of an area, and which node they are on. */
static void __init boot_print_place(struct seq_buf *s,
				    const struct cma_plan *plan)
{
	unsigned long first, last;
	unsigned int i;
	int nid;

	if (plan->nr_ranges > 1)
		seq_buf_printf(s, " in %u ranges", plan->nr_ranges);
	for (i = 0; i < plan->nr_ranges; i++) {
		seq_buf_puts(s, i ? ", " : " at ");
		boot_print_range(s, plan->ranges[i].base,
				 plan->ranges[i].base + plan->ranges[i].size);
		nid = memblock_search_pfn_nid(PHYS_PFN(plan->ranges[i].base),
					      &first, &last);
		if (nid >= 0 && nid < MAX_NUMNODES)
			seq_buf_printf(s, " on node %d", nid);
	}
}

static bool __init boot_is_in_one_zone(const struct cma_plan *plan)
{
	const char *zone = cma_boot_zone_name(plan->ranges[0].base);
	unsigned int i;

	for (i = 1; i < plan->nr_ranges; i++)
		if (cma_boot_zone_name(plan->ranges[i].base) != zone)
			return false;
	return true;
}

/* The zones of its ranges, who describes it, and what was asked for if it is less. */
VISIBLE_IF_KUNIT
void __init cma_boot_print_origin(struct seq_buf *s, const struct cma_boot *boot)
{
	const struct cma_plan *plan = &boot->plan;
	unsigned int nr = boot_is_in_one_zone(plan) ? 1 : plan->nr_ranges, i;

	for (i = 0; i < nr; i++)
		seq_buf_printf(s, "%s%s", i ? ", " : nr > 1 ? ", zones " : ", zone ",
			       cma_boot_zone_name(plan->ranges[i].base));
	if (boot->origin)
		seq_buf_printf(s, ", asked for by %s", boot->origin);
	else
		seq_buf_printf(s, ", asked for by %ps", (void *)boot->caller);
	if (plan->size != boot->request.size) {
		seq_buf_puts(s, ", rounded up from ");
		cma_print_size(s, boot->request.size);
	}
}

/**
 * cma_boot_announce() - say where an area is
 * @boot: how it was asked for
 * @cma: its slot
 *
 * Context: early boot, one CPU.
 */
void __init cma_boot_announce(const struct cma_boot *boot,
			      const struct cma *cma)
{
	const struct cma_plan *plan = &boot->plan;
	struct seq_buf s;
	unsigned int i;

	seq_buf_init(&s, boot_text, sizeof(boot_text));
	cma_print_size(&s, plan->size);
	boot_print_place(&s, plan);
	cma_boot_print_origin(&s, boot);
	pr_info("%s: set aside %s\n", cma->name, seq_buf_str(&s));
	if (boot->source != CMA_BOOT_FREE)
		return;
	for (i = 0; i < plan->nr_ranges; i++)
		pr_info("Reserved %llu MiB at %pa on node %d\n",
			(u64)plan->ranges[i].size / SZ_1M,
			&plan->ranges[i].base, boot->nid);
}

