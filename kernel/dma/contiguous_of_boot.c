// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of contiguous memory out of the flat devicetree, while memblock owns the
 * memory.
 *
 * The framework comes twice. As soon as memory is known it goes through all
 * regions, reserves those with "reg" and finds room for the others:
 *
 *	dma_contiguous_of_expect()	may the region become an area?
 *
 * What can't become one for itself isn't reserved at all, so nothing has to be
 * given back that others have as well. Then, for those with "reg" on many
 * architectures only after the linear mapping is complete:
 *
 *	dma_contiguous_of_setup()	make an area of it
 *
 * In between, or after it, the areas of command line and configuration are made:
 *
 *	dma_contiguous_of_reserve()	make the default area, if that is one of ours
 */
#include <linux/bitops.h>
#include <linux/dma-map-ops.h>
#include <linux/initrd.h>
#include <linux/libfdt.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/of_fdt.h>
#include <linux/of_reserved_mem.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <asm/sections.h>

#include "contiguous.h"

#define DMA_CONTIGUOUS_OF_POOL	"shared-dma-pool"

/* What the setup of a region returns if the framework shall leave it as it is. */
#define DMA_CONTIGUOUS_OF_LEAVE	(-EEXIST)

/**
 * struct of_pool - a region that was good enough for an area
 * @node: its node in the flat devicetree
 * @base: first byte
 * @size: bytes
 * @is_default: has "linux,cma-default"
 * @taken: a part of it that somebody else has; empty if nobody has
 * @verdict: DMA_CONTIGUOUS_OF_AREA until it couldn't become one
 * @cma: the area; NULL if it isn't one yet
 */
struct of_pool {
	unsigned long node;
	phys_addr_t base;
	phys_addr_t size;
	bool is_default;
	struct dma_contiguous_of_range taken;
	enum dma_contiguous_verdict verdict;
	struct cma *cma;
};

static struct of_pool of_pools[MAX_CMA_AREAS] __initdata;
static unsigned int of_nr_pools __initdata;
static bool of_was_expected __initdata;

static void __init of_set_default(struct reserved_mem *rmem, struct cma *cma)
{
	if (dma_contiguous_default_area == cma)
		return;
	pr_warn("cma: %s: linux,cma-default is ignored, area %s is the default already\n",
		rmem->name, cma_get_name(dma_contiguous_default_area));
}

static bool __init of_has(unsigned long node, const char *property)
{
	return of_get_flat_dt_prop(node, property, NULL);
}

/* Only for a region that is given a place. The framework has checked the cells. */
static phys_addr_t __init of_alignment(unsigned long node)
{
	const __be32 *cells = of_get_flat_dt_prop(node, "alignment", NULL);

	if (!cells || of_has(node, "reg"))
		return 0;
	return dt_mem_next_cell(dt_root_addr_cells, &cells);
}

static struct dma_contiguous_of_node __init of_read(unsigned long node,
						    phys_addr_t base,
						    phys_addr_t size)
{
	return (struct dma_contiguous_of_node) {
		.base		= base,
		.size		= size,
		.alignment	= of_alignment(node),
		.reusable	= of_has(node, "reusable"),
		.no_map		= of_has(node, "no-map"),
		.is_default	= of_has(node, "linux,cma-default"),
	};
}

static struct dma_contiguous_of_range __init of_range(phys_addr_t base,
						      phys_addr_t size)
{
	return (struct dma_contiguous_of_range) {
		base, base + min(size, PHYS_ADDR_MAX - base)
	};
}

static bool __init of_is_empty(struct dma_contiguous_of_range range)
{
	return range.start == range.end;
}

/* arm notes a meaningless address, but has reserved the blob by now. */
static struct dma_contiguous_of_range __init of_blob(void)
{
	if (IS_ENABLED(CONFIG_ARM))
		return of_range(0, 0);
	return of_range(initial_boot_params_pa,
			fdt_totalsize(initial_boot_params));
}

/* The framework reserves /memreserve/ when it has gone through the nodes. */
static struct dma_contiguous_of_range __init
of_find_memreserve(struct dma_contiguous_of_range range)
{
	struct dma_contiguous_of_range common = { };
	u64 base, size;
	int i;

	for (i = 0; of_is_empty(common); i++) {
		if (fdt_get_mem_rsv(initial_boot_params, i, &base, &size) ||
		    !size)
			break;
		common = of_range(min_t(u64, base, PHYS_ADDR_MAX),
				  min_t(u64, size, PHYS_ADDR_MAX));
		common = dma_contiguous_of_common(range, common);
	}
	return common;
}

/* The part of a range that is in use, as far as it is known so early. */
static struct dma_contiguous_of_range __init
of_find_taken(struct dma_contiguous_of_range range)
{
	struct dma_contiguous_of_range other, common;
	u64 i;

	/* Some architectures reserve the devicetree itself later. */
	common = dma_contiguous_of_common(range, of_blob());
	if (of_is_empty(common))
		common = of_find_memreserve(range);
	if (!of_is_empty(common))
		return common;
	for_each_reserved_mem_range(i, &other.start, &other.end) {
		common = dma_contiguous_of_common(range, other);
		if (!of_is_empty(common))
			break;
	}
	return common;
}

/* Whose is it? Framework and firmware don't leave their names. */
static const char * __init of_owner(struct dma_contiguous_of_range range)
{
	struct dma_contiguous_of_range owner;

	owner = of_range(__pa_symbol(_text), _end - _text);
	if (!of_is_empty(dma_contiguous_of_common(range, owner)))
		return "the kernel";
	if (!of_is_empty(dma_contiguous_of_common(range, of_blob())))
		return "the devicetree";
	if (IS_ENABLED(CONFIG_BLK_DEV_INITRD)) {
		owner = of_range(phys_initrd_start, phys_initrd_size);
		if (!of_is_empty(dma_contiguous_of_common(range, owner)))
			return "the initial ramdisk";
	}
	if (!of_is_empty(of_find_memreserve(range)))
		return "a /memreserve/ entry";
	return "reserved memory";
}

static struct of_pool * __init of_find_pool(unsigned long node)
{
	unsigned int i;

	for (i = 0; i < of_nr_pools; i++)
		if (of_pools[i].node == node)
			return &of_pools[i];
	return NULL;
}

static bool __init of_may_have_default(void)
{
	unsigned int i;

	for (i = 0; i < of_nr_pools; i++)
		if (of_pools[i].is_default && of_is_empty(of_pools[i].taken))
			return true;
	return false;
}

/* As the last slot, the last entry is kept for the default area. */
static bool __init of_has_room(bool is_default)
{
	unsigned int entries = ARRAY_SIZE(of_pools);

	if (!is_default && !of_may_have_default())
		entries--;
	return of_nr_pools < entries;
}

/*
 * A region that comes later has a part of pools that were fine so far. It isn't
 * reserved yet, and nobody else has a part of them.
 */
static void __init of_note_taken(struct dma_contiguous_of_range range)
{
	struct dma_contiguous_of_range common;
	struct of_pool *pool;

	for (pool = of_pools; pool < of_pools + of_nr_pools; pool++) {
		common = dma_contiguous_of_common(of_range(pool->base, pool->size),
						  range);
		if (of_is_empty(common) || !of_is_empty(pool->taken))
			continue;
		pool->taken = common;
		memblock_phys_free(pool->base, pool->size);
	}
}

/**
 * dma_contiguous_of_expect() - note a region of the devicetree
 * @node: its node in the flat devicetree, below /reserved-memory
 * @base: first byte
 * @size: bytes
 *
 * For a region with "reg" before it is reserved, once for each pair of it; for
 * any other one when it has got its memory.
 *
 * Context: boot, while memblock owns the memory; on one CPU.
 * Return: false if the region shall not be reserved, because nobody could
 * use it then. Its devices and the log will be told why when it is set up.
 */
bool __init dma_contiguous_of_expect(unsigned long node, phys_addr_t base,
				     phys_addr_t size)
{
	struct dma_contiguous_of_node described = of_read(node, base, size);
	bool is_static = of_has(node, "reg");
	struct of_pool *pool;

	of_was_expected = true;
	if (!described.reusable || described.no_map ||
	    !of_flat_dt_is_compatible(node, DMA_CONTIGUOUS_OF_POOL)) {
		of_note_taken(of_range(base, size));
		return true;
	}
	/* The framework makes a region of the first pair of "reg" only. */
	if (dma_contiguous_of_judge(&described, dma_contiguous_on_cmdline()) !=
	    DMA_CONTIGUOUS_OF_AREA || of_find_pool(node) ||
	    !of_has_room(described.is_default))
		return false;

	pool = &of_pools[of_nr_pools++];
	*pool = (struct of_pool) {
		.node		= node,
		.base		= base,
		.size		= size,
		.is_default	= described.is_default,
	};
	if (is_static)
		pool->taken = of_find_taken(of_range(base, size));
	return of_is_empty(pool->taken);
}

/* Once only: the default area can be made before it is the region's turn. */
static enum dma_contiguous_verdict __init of_make_area(struct of_pool *pool)
{
	const struct cma_declaration declaration = {
		.base		= pool->base,
		.size		= pool->size,
		.reserved	= true,
		.is_default	= pool->is_default && !dma_contiguous_default_area,
		.name		= fdt_get_name(initial_boot_params, pool->node, NULL),
		.nid		= NUMA_NO_NODE,
		.origin		= "the devicetree",
	};

	if (pool->cma || pool->verdict != DMA_CONTIGUOUS_OF_AREA)
		return pool->verdict;
	switch (cma_declare(&declaration, &pool->cma)) {
	case 0:
		if (declaration.is_default)
			dma_contiguous_default_area = pool->cma;
		if (of_has(pool->node, "guarantee"))
			cma_guarantee(pool->cma);
		/* Who relies on addresses has a region for itself. */
		if (!pool->is_default)
			cma_use_first_fit(pool->cma);
		dma_contiguous_note(pool->cma);
		break;
	case -ENOSPC:
		pool->verdict = DMA_CONTIGUOUS_OF_TOO_MANY;
		break;
	default:
		pool->verdict = DMA_CONTIGUOUS_OF_FAILED;
		break;
	}
	return pool->verdict;
}

/* Neither zones nor nodes need be known when a region becomes an area. */
static void __init of_check_default(struct of_pool *pool)
{
	struct dma_contiguous_of_range range = of_range(pool->base, pool->size);

	if (!pool->cma || dma_contiguous_default_area != pool->cma)
		return;
	if (!cma_zone_boundary(range.start, range.end) &&
	    !cma_node_boundary(range.start, range.end))
		return;
	pr_err("cma: %s: it isn't the default area, as it isn't in one zone of one node\n",
	       cma_get_name(pool->cma));
	dma_contiguous_default_area = NULL;
	pool->is_default = false;
}

/**
 * dma_contiguous_of_reserve() - have the default area of the devicetree, if any
 *
 * Some architectures make areas of the configuration before those of the
 * devicetree. Whether there will be a default area is known for sure only when
 * it is there.
 *
 * Context: boot, while memblock owns the memory and after the framework has
 * gone through the regions once; on one CPU.
 */
void __init dma_contiguous_of_reserve(void)
{
	struct of_pool *pool;

	for (pool = of_pools; pool < of_pools + of_nr_pools; pool++) {
		if (!of_is_empty(pool->taken))
			continue;
		if (pool->is_default && !dma_contiguous_default_area)
			of_make_area(pool);
		if (pool->verdict != DMA_CONTIGUOUS_OF_AREA)
			continue;
		dma_contiguous_early_fixup(pool->base, pool->size);
		of_check_default(pool);
	}
}

/**
 * dma_contiguous_of_no_room() - say what room there is for a region
 * @node: its node in the flat devicetree, which has "size" but no "reg"
 * @name: its name
 * @size: bytes
 * @alignment: of its base
 *
 * The framework found none, and said no more than that.
 *
 * Context: boot, while memblock owns the memory; on one CPU.
 */
void __init dma_contiguous_of_no_room(unsigned long node, const char *name,
				      phys_addr_t size, phys_addr_t alignment)
{
	int pair = (dt_root_addr_cells + dt_root_size_cells) * sizeof(__be32);
	phys_addr_t base = 0, limit = 0;
	const __be32 *cells;
	int len;

	if (!of_has(node, "reusable") ||
	    !of_flat_dt_is_compatible(node, DMA_CONTIGUOUS_OF_POOL))
		return;
	cells = of_get_flat_dt_prop(node, "alloc-ranges", &len);
	if (!cells) {
		cma_explain_contiguous(0, size, 0, alignment, name);
		return;
	}
	for (; len >= pair; len -= pair) {
		base = dt_mem_next_cell(dt_root_addr_cells, &cells);
		limit = base + dt_mem_next_cell(dt_root_size_cells, &cells);
		cma_explain_contiguous(base, size, limit, alignment, name);
	}
}

/* x86 knows regions, but doesn't go through them early. */
static enum dma_contiguous_verdict __init of_missed(void)
{
	return of_was_expected ? DMA_CONTIGUOUS_OF_TOO_MANY :
				 DMA_CONTIGUOUS_OF_MISSED;
}

static void __init of_print_alignment(struct seq_buf *s, phys_addr_t alignment)
{
	phys_addr_t larger = 1ULL << min(fls64(alignment), 63);

	seq_buf_printf(s, ": %pa, where %pa would do", &alignment, &larger);
}

/* What 6.12 says of it, and scripts look for */
static void __init of_report_as_ever(const struct reserved_mem *rmem,
				     enum dma_contiguous_verdict verdict)
{
	switch (verdict) {
	case DMA_CONTIGUOUS_OF_OVERRULED:
		pr_info("Reserved memory: bypass %s node, using cmdline CMA params instead\n",
			rmem->name);
		break;
	case DMA_CONTIGUOUS_OF_MISALIGNED:
		pr_err("Reserved memory: incorrect alignment of CMA region\n");
		break;
	case DMA_CONTIGUOUS_OF_TOO_MANY:
	case DMA_CONTIGUOUS_OF_FAILED:
		pr_err("Reserved memory: unable to setup CMA region\n");
		break;
	default:
		break;
	}
}

static void __init of_report(const struct reserved_mem *rmem,
			     enum dma_contiguous_verdict verdict,
			     const struct of_pool *pool)
{
	DECLARE_SEQ_BUF(s, DMA_CONTIGUOUS_OF_TEXT);
	phys_addr_t last;

	of_report_as_ever(rmem, verdict);
	dma_contiguous_of_explain(&s, rmem, verdict);
	if (verdict == DMA_CONTIGUOUS_OF_IN_USE) {
		last = pool->taken.end - 1;
		seq_buf_printf(&s, ": [mem %pa-%pa] is %s",
			       &pool->taken.start, &last,
			       of_owner(pool->taken));
	}
	if (verdict == DMA_CONTIGUOUS_OF_ALIGNMENT)
		of_print_alignment(&s, of_alignment(rmem->fdt_node));
	pr_err("cma: %s\n", seq_buf_str(&s));
}

static int __init dma_contiguous_of_setup(struct reserved_mem *rmem)
{
	const struct dma_contiguous_of_node node =
		of_read(rmem->fdt_node, rmem->base, rmem->size);
	struct of_pool *pool = of_find_pool(rmem->fdt_node);
	bool placed = !of_has(rmem->fdt_node, "reg");
	enum dma_contiguous_verdict verdict;
	bool reserved;

	verdict = dma_contiguous_of_judge(&node, dma_contiguous_on_cmdline());
	if (verdict == DMA_CONTIGUOUS_OF_OTHER) {
		if (node.is_default)
			of_report(rmem, verdict, NULL);
		return dma_contiguous_of_errno(verdict);
	}

	/* Is it reserved, and for nobody else? Then it can be given back. */
	reserved = placed || (pool && of_is_empty(pool->taken));
	if (verdict == DMA_CONTIGUOUS_OF_AREA && !pool)
		verdict = of_missed();
	else if (verdict == DMA_CONTIGUOUS_OF_AREA && !reserved)
		verdict = DMA_CONTIGUOUS_OF_IN_USE;
	else if (verdict == DMA_CONTIGUOUS_OF_AREA)
		verdict = of_make_area(pool);

	dma_contiguous_of_settle(rmem, verdict, pool ? pool->cma : NULL);
	if (verdict != DMA_CONTIGUOUS_OF_AREA) {
		of_report(rmem, verdict, pool);
		/* The framework takes back what no-map has done, no more. */
		if (placed && node.no_map)
			memblock_phys_free(rmem->base, rmem->size);
		return reserved ? dma_contiguous_of_errno(verdict) :
				  DMA_CONTIGUOUS_OF_LEAVE;
	}
	if (pool->is_default)
		of_set_default(rmem, pool->cma);
	/* As 6.12 says it, because scripts and manuals have it so. */
	pr_info("Reserved memory: created CMA memory pool at %pa, size %llu MiB\n",
		&rmem->base, (u64)rmem->size / SZ_1M);
	return 0;
}

RESERVEDMEM_OF_DECLARE(cma, DMA_CONTIGUOUS_OF_POOL, dma_contiguous_of_setup);
