// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of contiguous memory as the command line and the configuration
 * describe them. Without "cma=" the default area has the configured size, unless
 * the devicetree has one.
 *
 * A parameter that has no size is ignored as a whole and named in the log: what was
 * set before, by the configuration or another parameter, stands. What follows a
 * size and isn't understood is ignored alone, and named as well.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/dma-map-ops.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/memblock.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "contiguous.h"

static const struct dma_contiguous_config dma_contiguous_config __initconst = {
	.choice	= IS_ENABLED(CONFIG_CMA_SIZE_SEL_PERCENTAGE) ?
			DMA_CONTIGUOUS_PERCENTAGE :
		  IS_ENABLED(CONFIG_CMA_SIZE_SEL_MIN) ? DMA_CONTIGUOUS_LOWER :
		  IS_ENABLED(CONFIG_CMA_SIZE_SEL_MAX) ? DMA_CONTIGUOUS_HIGHER :
			DMA_CONTIGUOUS_MBYTES,
#ifdef CONFIG_CMA_SIZE_MBYTES
	.mbytes = CONFIG_CMA_SIZE_MBYTES,
#endif
#ifdef CONFIG_CMA_SIZE_PERCENTAGE
	.percentage = CONFIG_CMA_SIZE_PERCENTAGE,
#endif
};

static struct dma_contiguous_placement cmdline_default __initdata;
static bool cmdline_has_default __initdata;
static phys_addr_t cmdline_pernuma __initdata;
static phys_addr_t cmdline_numa[DMA_CONTIGUOUS_NODES] __initdata;

/**
 * dma_contiguous_size() - compute the configured size of the default area
 * @config: the configuration
 * @memory: bytes of all memory
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: bytes, 0 for no area.
 */
phys_addr_t __init dma_contiguous_size(const struct dma_contiguous_config *config,
				       phys_addr_t memory)
{
	u64 mbytes = (u64)config->mbytes * SZ_1M;
	u64 share = mul_u64_u32_div(memory, config->percentage, 100);
	u64 size = mbytes;

	switch (config->choice) {
	case DMA_CONTIGUOUS_MBYTES:
		break;
	case DMA_CONTIGUOUS_PERCENTAGE:
		size = share;
		break;
	case DMA_CONTIGUOUS_LOWER:
		size = min(mbytes, share);
		break;
	case DMA_CONTIGUOUS_HIGHER:
		size = max(mbytes, share);
		break;
	}
	return min_t(u64, size, PHYS_ADDR_MAX);
}

/**
 * dma_contiguous_on_cmdline() - has the command line the say on the default area?
 *
 * Context: boot, after early parameters were parsed.
 * Return: whether "cma=" was given and understood, be it "cma=0".
 */
bool __init dma_contiguous_on_cmdline(void)
{
	return cmdline_has_default;
}

static void __init cmdline_ignore(const char *name, const char *value,
				  const struct dma_contiguous_stop *stop,
				  const char *form)
{
	const char *quote = *stop->at ? "\"" : "";

	pr_err("\"%s=%s\" is ignored: %s at %s%s%s; expected %s\n", name, value,
	       stop->why, quote, *stop->at ? stop->at : "its end", quote,
	       form);
}

/* Nothing is behind "=", not even that. */
static bool __init cmdline_is_bare(const char *arg,
				   struct dma_contiguous_stop *stop)
{
	*stop = (struct dma_contiguous_stop) { "", "a number is missing" };
	return !arg;
}

static void __init cmdline_ignore_rest(const char *name, const char *value,
				       const struct dma_contiguous_stop *stop)
{
	if (*stop->at)
		pr_warn("\"%s=%s\": \"%s\" is ignored, what is before it counts\n",
			name, value, stop->at);
}

/*
 * No parameter is an error to init/main.c, whose message would come on top of
 * the one above and say less.
 */
static int __init cmdline_parse_default(char *arg)
{
	struct dma_contiguous_stop stop;

	if (cmdline_is_bare(arg, &stop) ||
	    dma_contiguous_parse(arg, &cmdline_default, &stop)) {
		cmdline_ignore("cma", arg ?: "", &stop,
			       "size[@start[-end]], as in 64M or 64M@0-4G");
		return 0;
	}
	cmdline_has_default = true;
	cmdline_ignore_rest("cma", arg, &stop);
	return 0;
}
early_param("cma", cmdline_parse_default);

static bool __init cmdline_has_nodes(const char *name)
{
	if (!IS_ENABLED(CONFIG_DMA_NUMA_CMA))
		pr_err("\"%s=\" is ignored: this kernel was built without CONFIG_DMA_NUMA_CMA\n",
		       name);
	return IS_ENABLED(CONFIG_DMA_NUMA_CMA);
}

static int __init cmdline_parse_pernuma(char *arg)
{
	struct dma_contiguous_stop stop;

	if (!cmdline_has_nodes("cma_pernuma"))
		return 0;
	if (cmdline_is_bare(arg, &stop) ||
	    dma_contiguous_parse_size(arg, &cmdline_pernuma, &stop))
		cmdline_ignore("cma_pernuma", arg ?: "", &stop,
			       "a size, as in 64M");
	else
		cmdline_ignore_rest("cma_pernuma", arg, &stop);
	return 0;
}
early_param("cma_pernuma", cmdline_parse_pernuma);

static int __init cmdline_parse_numa(char *arg)
{
	struct dma_contiguous_stop stop;

	if (!cmdline_has_nodes("numa_cma"))
		return 0;
	if (cmdline_is_bare(arg, &stop) ||
	    dma_contiguous_parse_nodes(arg, cmdline_numa,
				       ARRAY_SIZE(cmdline_numa), &stop))
		cmdline_ignore("numa_cma", arg ?: "", &stop,
			       "node:size[,node:size], as in 0:64M,1:64M");
	else
		cmdline_ignore_rest("numa_cma", arg, &stop);
	return 0;
}
early_param("numa_cma", cmdline_parse_numa);

/*
 * The architecture's limit is for areas that nobody has a place for. A place on the
 * command line beats it, but one that reaches below it is meant for devices like all
 * others: what can be had there is had there.
 */
static phys_addr_t __init
effective_limit(const struct dma_contiguous_placement *place, phys_addr_t limit)
{
	phys_addr_t lower = min_not_zero(place->limit, limit);

	if (!place->base && !place->limit)
		return limit;
	if (place->fixed || !cma_has_room(place->base, place->size, lower))
		return place->limit;
	return lower;
}

static void __init reserve_default(phys_addr_t limit)
{
	struct dma_contiguous_placement place = cmdline_default;

	if (!cmdline_has_default) {
		/* The devicetree comes before the configuration. */
		if (dma_contiguous_default_area)
			return;
		place.size = dma_contiguous_size(&dma_contiguous_config,
						 memblock_phys_mem_size());
	}
	if (!place.size)
		return;
	place.limit = effective_limit(&place, limit);
	place.is_default = true;
	place.nid = NUMA_NO_NODE;
	place.origin = cmdline_has_default ? "cma=" : "the configuration";
	dma_contiguous_place(&place, "reserved", &dma_contiguous_default_area);
}

/* Node states aren't set up yet; memblock knows which node has memory. */
static void __init find_memory(nodemask_t *with_memory)
{
	int i, nid;

	nodes_clear(*with_memory);
	for_each_mem_pfn_range(i, MAX_NUMNODES, NULL, NULL, &nid)
		if (nid >= 0 && nid < MAX_NUMNODES)
			node_set(nid, *with_memory);
}

static void __init reserve_on_node(int nid, const char *kind, phys_addr_t size,
				   const char *origin, struct cma **res_cma)
{
	const struct dma_contiguous_placement place = {
		.size	= size,
		.nid	= nid,
		.origin	= origin,
	};
	char name[CMA_MAX_NAME];

	snprintf(name, sizeof(name), "%s%d", kind, nid);
	dma_contiguous_place(&place, name, res_cma);
}

static void __init refuse_node(int nid, const nodemask_t *with_memory)
{
	bool exists = node_possible(nid);

	pr_err("\"numa_cma=%d:\" is ignored: %s %d%s; memory is on nodes %*pbl\n",
	       nid, exists ? "node" : "there is no node", nid,
	       exists ? " has no memory" : "", nodemask_pr_args(with_memory));
}

/* @nid has no memory. Which node's is the nearest? */
static int __init nearest_memory(int nid, const nodemask_t *with_memory)
{
	int other, nearest = first_node(*with_memory);

	for_each_node_mask(other, *with_memory)
		if (node_distance(nid, other) < node_distance(nid, nearest))
			nearest = other;
	return nearest;
}

/* As the page allocator does for any request. */
static void __init share_nearest(const nodemask_t *with_memory)
{
	int nid;

	for_each_node(nid)
		if (!node_isset(nid, *with_memory))
			*dma_contiguous_node(nid) =
				*dma_contiguous_node(nearest_memory(nid, with_memory));
}

/**
 * dma_contiguous_reserve_nodes() - set the areas of NUMA nodes aside
 * @with_memory: nodes that have some
 *
 * Context: as dma_contiguous_reserve().
 */
void __init dma_contiguous_reserve_nodes(const nodemask_t *with_memory)
{
	struct dma_contiguous_node *node;
	int nid;

	if (nodes_empty(*with_memory)) {
		pr_err("areas of nodes are ignored: this architecture tells too late where the nodes are\n");
		return;
	}
	for (nid = 0; nid < DMA_CONTIGUOUS_NODES; nid++) {
		node = dma_contiguous_node(nid);
		if (cmdline_numa[nid] && !node_isset(nid, *with_memory))
			refuse_node(nid, with_memory);
		else if (cmdline_numa[nid])
			reserve_on_node(nid, "numa", cmdline_numa[nid],
					"numa_cma=", &node->numa);
		if (cmdline_pernuma && node_isset(nid, *with_memory))
			reserve_on_node(nid, "pernuma", cmdline_pernuma,
					"cma_pernuma=", &node->pernuma);
	}
	share_nearest(with_memory);
}

static bool __init cmdline_wants_nodes(void)
{
	return cmdline_pernuma ||
	       memchr_inv(cmdline_numa, 0, sizeof(cmdline_numa));
}

/**
 * dma_contiguous_reserve_more() - hook for what has to be set aside at this time
 *
 * Each architecture has a time of its own at which it knows where memory is, and
 * hasn't mapped it for good. What has areas of its own to set aside then replaces
 * this.
 *
 * Context: as dma_contiguous_reserve(), at its end.
 */
void __init __weak dma_contiguous_reserve_more(void)
{
}

/**
 * dma_contiguous_reserve() - set the default area and those of NUMA nodes aside
 * @limit: physical address that the default area has to end below, 0 for any;
 *	what is behind it is out of reach for many a device. Some architectures
 *	name the last byte, which is no multiple of a page
 *
 * Called by each architecture. The default area is placed first, as it is the
 * one that isn't at home everywhere. Each failure is reported, and boot goes on
 * without that area.
 *
 * Context: boot, while memblock owns the memory and after it has learnt of
 * nodes.
 */
void __init dma_contiguous_reserve(phys_addr_t limit)
{
	static nodemask_t with_memory __initdata;

	dma_contiguous_of_reserve();
	/* The end of what can be addressed is 0, and no limit. */
	reserve_default(PAGE_ALIGN(limit));
	if (cmdline_wants_nodes()) {
		find_memory(&with_memory);
		dma_contiguous_reserve_nodes(&with_memory);
	}
	dma_contiguous_reserve_more();
}
