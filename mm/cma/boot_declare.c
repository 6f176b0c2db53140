// SPDX-License-Identifier: GPL-2.0
/*
 * Sets areas aside while memblock is the allocator. boot_activate.c lends them to
 * the page allocator as soon as that is complete.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/instruction_pointer.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "area.h"
#include "boot.h"
#include "../internal.h"

static void __init boot_feed(struct cma_plan *plan, enum cma_boot_source source,
			     int nid, enum memblock_flags flags)
{
	phys_addr_t start, end;
	u64 i;

	switch (source) {
	case CMA_BOOT_FREE:
		for_each_free_mem_range(i, nid, flags, &start, &end, NULL)
			cma_plan_feed(plan, start, end);
		break;
	case CMA_BOOT_RESERVED:
		for_each_reserved_mem_range(i, &start, &end)
			cma_plan_feed(plan, start, end);
		break;
	case CMA_BOOT_MEMORY:
		for_each_mem_range(i, &start, &end)
			cma_plan_feed(plan, start, end);
		break;
	}
}

static bool __init boot_plan_in(struct cma_boot *boot, enum memblock_flags flags)
{
	cma_plan_begin(&boot->plan, &boot->request);
	do {
		boot_feed(&boot->plan, boot->source, boot->nid, flags);
	} while (cma_plan_again(&boot->plan));

	return boot->plan.verdict == CMA_PLAN_OK;
}

/* Is the place one piece, and where memory isn't scarce? */
static bool __init boot_has_risen(const struct cma_boot *boot)
{
	return boot->plan.nr_ranges == 1 && boot->plan.base >= boot->request.rise_from;
}

/* Memory that isn't scarce comes first, mirrored or not; then what is mirrored. */
static bool __init boot_plan_mirrored(struct cma_boot *boot)
{
	if (boot_plan_in(boot, MEMBLOCK_MIRROR) && boot_has_risen(boot))
		return true;
	if (boot_plan_in(boot, MEMBLOCK_NONE) && boot_has_risen(boot))
		return true;
	return boot_plan_in(boot, MEMBLOCK_MIRROR) && boot->plan.nr_ranges == 1;
}

static enum cma_boot_obstacle __init boot_plan(struct cma_boot *boot,
					       enum cma_boot_source source)
{
	boot->source = source;
	boot->request.memory_end = memblock_end_of_DRAM();
	if (source == CMA_BOOT_FREE && !boot->request.fixed && memblock_has_mirror() &&
	    boot_plan_mirrored(boot))
		return CMA_BOOT_NONE;
	return boot_plan_in(boot, MEMBLOCK_NONE) ? CMA_BOOT_NONE : CMA_BOOT_PLAN;
}

static bool __init boot_is_in_area(const struct cma_plan *plan)
{
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_overlaps(&cma_areas[i], PHYS_PFN(plan->base),
				 PHYS_PFN(plan->size)))
			return true;
	return false;
}

/* Free memory is fed by node, but a fixed area can extend over several. */
static bool __init boot_is_on_nodes(struct cma_boot *boot)
{
	phys_addr_t base = boot->plan.base;

	if (boot->request.fixed)
		boot->next_node = cma_node_boundary(base, base + boot->plan.size);
	return boot->next_node;
}

static int __init boot_errno(const struct cma_boot *boot,
			     enum cma_boot_obstacle obstacle)
{
	switch (obstacle) {
	case CMA_BOOT_NONE:
		return 0;
	case CMA_BOOT_TOO_LATE:
		return -EPERM;
	case CMA_BOOT_NO_SLOT:
		return -ENOSPC;
	case CMA_BOOT_NOT_ROUND:
	case CMA_BOOT_ON_NODES:
		return -EINVAL;
	case CMA_BOOT_IN_AREA:
		return -EBUSY;
	case CMA_BOOT_MEMBLOCK:
		return -ENOMEM;
	case CMA_BOOT_PLAN:
		break;
	}
	return cma_plan_errno(boot->plan.verdict);
}

/* These two are for tests to stand in for. */
VISIBLE_IF_KUNIT int __init cma_memblock_reserve(phys_addr_t base, phys_addr_t size)
{
	KUNIT_STATIC_STUB_REDIRECT(cma_memblock_reserve, base, size);
	return memblock_reserve(base, size);
}

VISIBLE_IF_KUNIT void __init cma_memblock_free(phys_addr_t base, phys_addr_t size)
{
	KUNIT_STATIC_STUB_REDIRECT(cma_memblock_free, base, size);
	memblock_phys_free(base, size);
}

/* All of the ranges, or none. */
VISIBLE_IF_KUNIT
enum cma_boot_obstacle __init cma_boot_reserve(const struct cma_plan *plan)
{
	const struct cma_plan_range *range = plan->ranges;
	unsigned int i;

	for (i = 0; i < plan->nr_ranges; i++)
		if (cma_memblock_reserve(range[i].base, range[i].size))
			break;
	if (i == plan->nr_ranges)
		return CMA_BOOT_NONE;
	while (i--)
		cma_memblock_free(range[i].base, range[i].size);
	return CMA_BOOT_MEMBLOCK;
}

static enum cma_boot_obstacle __init boot_try_free(struct cma_boot *boot)
{
	enum cma_boot_obstacle obstacle;

	if (slab_is_available())
		return CMA_BOOT_TOO_LATE;
	obstacle = boot_plan(boot, CMA_BOOT_FREE);
	if (obstacle)
		return obstacle;
	if (boot_is_on_nodes(boot))
		return CMA_BOOT_ON_NODES;
	if (!cma_boot_has_slot(boot))
		return CMA_BOOT_NO_SLOT;
	return cma_boot_reserve(&boot->plan);
}

static enum cma_boot_obstacle __init
boot_try_reserved(struct cma_boot *boot)
{
	enum cma_boot_obstacle obstacle;

	if (slab_is_available())
		return CMA_BOOT_TOO_LATE;
	obstacle = boot_plan(boot, CMA_BOOT_MEMORY);
	if (boot->plan.size != boot->request.size)
		return CMA_BOOT_NOT_ROUND;
	if (!obstacle)
		obstacle = boot_plan(boot, CMA_BOOT_RESERVED);
	if (obstacle)
		return obstacle;
	if (boot_is_on_nodes(boot))
		return CMA_BOOT_ON_NODES;
	if (boot_is_in_area(&boot->plan))
		return CMA_BOOT_IN_AREA;
	return cma_boot_has_slot(boot) ? CMA_BOOT_NONE : CMA_BOOT_NO_SLOT;
}

static int __init boot_finish(const struct cma_boot *boot,
			      enum cma_boot_obstacle obstacle)
{
	if (obstacle)
		cma_boot_refuse(boot, obstacle);
	else
		cma_boot_fill_slot(boot);
	return boot_errno(boot, obstacle);
}

/* Bytes per unit; 0, which divides nothing, if that isn't an address. */
static phys_addr_t __init boot_unit(unsigned int order_per_bit)
{
	if (PAGE_SHIFT + (u64)order_per_bit >= BITS_PER_TYPE(phys_addr_t))
		return 0;
	return (phys_addr_t)PAGE_SIZE << order_per_bit;
}

/*
 * Memory above 4 GiB isn't scarce: no zone for narrow masks reaches there. Architectures
 * that have memory allocated from below want areas there as well, for such masks.
 */
static phys_addr_t __init boot_rise_from(void)
{
	if (memblock_bottom_up())
		return PAGE_SIZE;
	return sizeof(phys_addr_t) > 4 ? (phys_addr_t)SZ_4G : 0;
}

/* An area as it is wanted. What is reserved is so before zones are known. */
static struct cma_boot __init boot_of(const struct cma_declaration *declaration,
				      struct cma **res_cma)
{
	struct cma_boot boot = {
		.request = {
			.size = declaration->size,
			.alignment = declaration->alignment,
			.min_alignment = CMA_MIN_ALIGNMENT_BYTES,
			.unit = boot_unit(declaration->order_per_bit),
			.base = declaration->base,
			.limit = declaration->limit,
			.rise_from = boot_rise_from(),
			/* Nobody asks for address 0 but with memory that is reserved. */
			.fixed = (declaration->fixed && declaration->base) ||
				 declaration->reserved,
		},
		.name = declaration->name,
		.res_cma = res_cma,
		.is_default = declaration->is_default,
		.order_per_bit = declaration->order_per_bit,
		.nid = declaration->nid,
		.origin = declaration->origin,
		.caller = declaration->caller,
	};

	if (!declaration->reserved)
		cma_boot_add_boundaries(&boot.request);
	return boot;
}

/**
 * cma_declare() - set memory aside for an area
 * @declaration: what is wanted
 * @res_cma: set to the new area on success
 *
 * Without a place of its own the lowest one from 4 GiB on is taken, or the highest one
 * where there is none that high; the lowest of all where memblock allocates bottom-up. The
 * area is lent to the page allocator, and can be allocated from, when core initcalls have
 * run.
 *
 * Context: early boot, one CPU, after memblock knows the memory and before the
 * page allocator takes over.
 * Return: 0; -EINVAL if the request can't be met by any memory, -EBUSY if the
 * fixed range isn't free, or the reserved one isn't memory, isn't reserved or is in
 * another area, -ENOMEM if no place is large enough, -ENOSPC if all slots are taken,
 * -EPERM if it is too late. Each error is explained in the log.
 */
int __init cma_declare(const struct cma_declaration *declaration,
		       struct cma **res_cma)
{
	struct cma_boot boot = boot_of(declaration, res_cma);

	if (!boot.caller)
		boot.caller = _RET_IP_;
	if (declaration->reserved)
		return boot_finish(&boot, boot_try_reserved(&boot));
	return boot_finish(&boot, boot_try_free(&boot));
}

/**
 * cma_declare_contiguous_nid() - set memory aside for an area
 * @base: as in struct cma_declaration, as are all others but @res_cma
 * @size: in bytes
 * @limit: address that it must end at or below, 0 for anywhere
 * @alignment: of base and size in bytes
 * @order_per_bit: binary logarithm of the number of pages in a unit
 * @fixed: at @base or nowhere
 * @name: for messages and directories
 * @res_cma: set to the new area on success
 * @nid: node that all of it must be on, or NUMA_NO_NODE
 *
 * Context: as for cma_declare().
 * Return: as cma_declare().
 */
int __init cma_declare_contiguous_nid(phys_addr_t base, phys_addr_t size,
				      phys_addr_t limit, phys_addr_t alignment,
				      unsigned int order_per_bit, bool fixed,
				      const char *name, struct cma **res_cma,
				      int nid)
{
	const struct cma_declaration declaration = {
		.base = base,
		.size = size,
		.limit = limit,
		.alignment = alignment,
		.order_per_bit = order_per_bit,
		.fixed = fixed,
		.name = name,
		.nid = nid,
		.caller = _RET_IP_,
	};

	return cma_declare(&declaration, res_cma);
}

/**
 * cma_declare_contiguous_multi() - set memory aside, in several ranges if need be
 * @size: in bytes, rounded up to the alignment
 * @align: of each range's base and size in bytes, as for
 *	cma_declare_contiguous_nid()
 * @order_per_bit: as for cma_declare_contiguous_nid()
 * @name: as for cma_declare_contiguous_nid()
 * @res_cma: set to the new area on success
 * @nid: node that all of it must be on, or NUMA_NO_NODE
 *
 * If there is a place for the area as a whole, it goes to the one that
 * cma_declare_contiguous_nid() would take.
 * Otherwise it gets the largest pieces of free memory, up to CMA_MAX_RANGES of
 * them, which have exactly the size together. No allocation reaches from one range
 * to another. Each range is in one zone, but not all need be in the same.
 *
 * The map of the area reaches from the lowest range to the highest, and takes
 * about 0.01 % of that where a unit is one page.
 *
 * Context: as for cma_declare_contiguous_nid().
 * Return: as cma_declare_contiguous_nid(); -ENOMEM if CMA_MAX_RANGES of the
 * largest pieces aren't enough, and then nothing is set aside.
 */
int __init cma_declare_contiguous_multi(phys_addr_t size, phys_addr_t align,
					unsigned int order_per_bit,
					const char *name, struct cma **res_cma,
					int nid)
{
	const struct cma_declaration declaration = {
		.size		= size,
		.alignment	= align,
		.order_per_bit	= order_per_bit,
		.name		= name,
		.nid		= nid,
		.caller		= _RET_IP_,
	};
	struct cma_boot boot = boot_of(&declaration, res_cma);

	BUILD_BUG_ON(CMA_MAX_RANGES != CMA_PLAN_RANGES);
	boot.request.max_ranges = CMA_MAX_RANGES;
	return boot_finish(&boot, boot_try_free(&boot));
}

/**
 * cma_explain_contiguous() - say why no memory can be set aside for an area
 * @base: lowest address
 * @size: as for cma_declare_contiguous_nid(), as are the others
 * @limit: address that it must end at or below, 0 for anywhere
 * @alignment: of base and size in bytes
 * @name: for the message
 *
 * For others that looked for a place and found none. Nothing is set aside, and
 * nothing is said if there is a place.
 *
 * Context: as for cma_declare_contiguous_nid().
 */
void __init cma_explain_contiguous(phys_addr_t base, phys_addr_t size,
				   phys_addr_t limit, phys_addr_t alignment,
				   const char *name)
{
	const struct cma_declaration declaration = {
		.base		= base,
		.size		= size,
		.limit		= limit,
		.alignment	= alignment,
		.name		= name,
		.nid		= NUMA_NO_NODE,
	};
	struct cma_boot boot = boot_of(&declaration, NULL);
	enum cma_boot_obstacle obstacle;

	obstacle = boot_plan(&boot, CMA_BOOT_FREE);
	if (obstacle)
		cma_boot_refuse(&boot, obstacle);
}

/**
 * cma_has_room() - is there a place for an area?
 * @base: lowest address
 * @size: in bytes, as for cma_declare_contiguous_nid()
 * @limit: address that it must end at or below, 0 for anywhere
 *
 * Nothing is set aside, and nothing is said.
 *
 * Context: as for cma_declare_contiguous_nid().
 * Return: whether the memory could be set aside now.
 */
bool __init cma_has_room(phys_addr_t base, phys_addr_t size, phys_addr_t limit)
{
	const struct cma_declaration declaration = {
		.base	= base,
		.size	= size,
		.limit	= limit,
		.nid	= NUMA_NO_NODE,
	};
	struct cma_boot boot = boot_of(&declaration, NULL);

	return boot_plan(&boot, CMA_BOOT_FREE) == CMA_BOOT_NONE;
}

/**
 * cma_init_reserved_mem() - make an area of memory that is set aside already
 * @base: where it begins; a multiple of CMA_MIN_ALIGNMENT_BYTES
 * @size: in bytes; a multiple of CMA_MIN_ALIGNMENT_BYTES
 * @order_per_bit: as for cma_declare_contiguous_nid()
 * @name: as for cma_declare_contiguous_nid()
 * @res_cma: set to the new area on success
 *
 * All of the range must be memory and reserved in memblock. It stays reserved
 * when it is refused.
 *
 * Context: as for cma_declare(). Zones needn't be known yet.
 * Return: as cma_declare(); -ENOMEM if it ends beyond memory.
 */
int __init cma_init_reserved_mem(phys_addr_t base, phys_addr_t size,
				 unsigned int order_per_bit, const char *name,
				 struct cma **res_cma)
{
	const struct cma_declaration declaration = {
		.base = base,
		.size = size,
		.order_per_bit = order_per_bit,
		.reserved = true,
		.name = name,
		.nid = NUMA_NO_NODE,
		.caller = _RET_IP_,
	};

	return cma_declare(&declaration, res_cma);
}

/**
 * cma_reserve_pages_on_error() - keep an area's pages if it can't be activated
 * @cma: area that isn't active yet
 *
 * Otherwise they go to the page allocator for good. The caller has a use for
 * the memory in either case.
 *
 * Context: early boot.
 */
void __init cma_reserve_pages_on_error(struct cma *cma)
{
	cma->reserve_pages_on_error = true;
}
