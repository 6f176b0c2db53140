// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of contiguous memory as the devicetree describes them: nodes below
 * /reserved-memory that are compatible with "shared-dma-pool" and "reusable".
 * A device that names such a node in its memory-region gets it as its private
 * area; the one with "linux,cma-default" becomes the default area.
 *
 * A region that can't become an area goes back to the page allocator. Its
 * device hears the reason once more when it is probed, as by then nobody
 * remembers the first lines of the boot log.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/of.h>
#include <linux/of_fdt.h>
#include <linux/of_reserved_mem.h>
#include <linux/sizes.h>

#include "contiguous.h"

static const struct {
	const char *text;
	int err;
} dma_contiguous_verdicts[] = {
	[DMA_CONTIGUOUS_OF_OTHER]	= { "it is not reusable", -EINVAL },
	[DMA_CONTIGUOUS_OF_NO_MAP]	= {
		"it has no-map, which rules reusable out", -EINVAL },
	[DMA_CONTIGUOUS_OF_MISALIGNED]	= {
		"base and size have to be multiples of ", -EINVAL },
	[DMA_CONTIGUOUS_OF_OVERRULED]	= {
		"cma= on the command line takes its place", -EBUSY },
	[DMA_CONTIGUOUS_OF_FAILED]	= {
		"setting it up failed while booting", -ENOMEM },
};

/* "no area from ...", for the boot log and once more for the device. */
#define DMA_CONTIGUOUS_OF_TEXT	160

static const char *dma_contiguous_of_explain(char *text,
					     const struct reserved_mem *rmem,
					     enum dma_contiguous_verdict verdict)
{
	char needed[24] = "";

	/* The alignment is a variable on some architectures. */
	if (verdict == DMA_CONTIGUOUS_OF_MISALIGNED)
		snprintf(needed, sizeof(needed), "%lu KiB",
			 (unsigned long)(CMA_MIN_ALIGNMENT_BYTES / SZ_1K));
	snprintf(text, DMA_CONTIGUOUS_OF_TEXT,
		 "no area from %s, %pa bytes at %pa: %s%s", rmem->name,
		 &rmem->size, &rmem->base, dma_contiguous_verdicts[verdict].text,
		 needed);
	return text;
}

/**
 * dma_contiguous_of_judge - decide what becomes of a reserved-memory node
 * @node: what the node says
 * @on_cmdline: whether cma= was given
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: DMA_CONTIGUOUS_OF_AREA, or why it doesn't become an area.
 */
enum dma_contiguous_verdict __init_or_kunit
dma_contiguous_of_judge(const struct dma_contiguous_of_node *node,
			bool on_cmdline)
{
	if (!node->reusable)
		return DMA_CONTIGUOUS_OF_OTHER;
	if (node->no_map)
		return DMA_CONTIGUOUS_OF_NO_MAP;
	if (!IS_ALIGNED(node->base | node->size, CMA_MIN_ALIGNMENT_BYTES))
		return DMA_CONTIGUOUS_OF_MISALIGNED;
	if (node->is_default && on_cmdline)
		return DMA_CONTIGUOUS_OF_OVERRULED;
	return DMA_CONTIGUOUS_OF_AREA;
}

static int dma_contiguous_of_assign(struct reserved_mem *rmem,
				    struct device *dev)
{
	dev->cma_area = rmem->priv;
	return 0;
}

static void dma_contiguous_of_release(struct reserved_mem *rmem,
				      struct device *dev)
{
	dev->cma_area = NULL;
}

static const struct reserved_mem_ops dma_contiguous_of_ops = {
	.device_init	= dma_contiguous_of_assign,
	.device_release	= dma_contiguous_of_release,
};

static int dma_contiguous_of_refuse(struct reserved_mem *rmem,
				    struct device *dev)
{
	unsigned long verdict = (unsigned long)rmem->priv;
	char text[DMA_CONTIGUOUS_OF_TEXT];

	dev_err(dev, "%s\n", dma_contiguous_of_explain(text, rmem, verdict));
	return dma_contiguous_verdicts[verdict].err;
}

static const struct reserved_mem_ops dma_contiguous_of_refused_ops = {
	.device_init	= dma_contiguous_of_refuse,
};

/* The default area was replaced, and what replaced it serves the device. */
static int dma_contiguous_of_divert(struct reserved_mem *rmem,
				    struct device *dev)
{
	struct cma *cma = dev_get_cma_area(NULL);

	dev_info(dev, "%s gives way to cma= on the command line: %s\n",
		 rmem->name, cma ? cma_get_name(cma) : "no default area");
	return 0;
}

static const struct reserved_mem_ops dma_contiguous_of_overruled_ops = {
	.device_init	= dma_contiguous_of_divert,
};

/**
 * dma_contiguous_of_settle - note what devices that refer to a region get
 * @rmem: the region
 * @verdict: what became of it
 * @cma: the area, if @verdict is that it is one
 *
 * The framework keeps the region even if its initialization fails, so that a
 * refusal can be repeated when a device asks.
 *
 * Context: boot.
 */
void __init_or_kunit dma_contiguous_of_settle(struct reserved_mem *rmem,
					      enum dma_contiguous_verdict verdict,
					      struct cma *cma)
{
	switch (verdict) {
	case DMA_CONTIGUOUS_OF_AREA:
		rmem->ops = &dma_contiguous_of_ops;
		rmem->priv = cma;
		break;
	case DMA_CONTIGUOUS_OF_OVERRULED:
		rmem->ops = &dma_contiguous_of_overruled_ops;
		break;
	case DMA_CONTIGUOUS_OF_OTHER:
		/* May be a coherent pool; it isn't ours to answer for. */
		break;
	default:
		rmem->ops = &dma_contiguous_of_refused_ops;
		rmem->priv = (void *)(unsigned long)verdict;
		break;
	}
}

/* The slot of the default area is for whoever asks on its behalf. */
static int __init dma_contiguous_of_reserve(struct reserved_mem *rmem,
					    bool is_default, struct cma **cma)
{
	struct cma **res_cma = cma;
	int err;

	if (is_default && !dma_contiguous_default_area)
		res_cma = &dma_contiguous_default_area;
	err = cma_init_reserved_mem(rmem->base, rmem->size, 0, rmem->name,
				    res_cma);
	if (!err) {
		*cma = *res_cma;
		dma_contiguous_note(*cma);
	}
	return err;
}

static void __init dma_contiguous_of_set_default(struct reserved_mem *rmem,
						 struct cma *cma)
{
	static bool taken __initdata;

	if (taken) {
		pr_warn("%s: linux,cma-default is ignored, area %s is the default already\n",
			rmem->name, cma_get_name(dma_contiguous_default_area));
		return;
	}
	/* Some architectures read the devicetree after the configuration. */
	if (dma_contiguous_default_area != cma)
		pr_info("%s replaces area %s as the default\n", rmem->name,
			cma_get_name(dma_contiguous_default_area));
	dma_contiguous_default_area = cma;
	taken = true;
}

static bool __init dma_contiguous_of_has(struct reserved_mem *rmem,
					 const char *property)
{
	return of_get_flat_dt_prop(rmem->fdt_node, property, NULL);
}

/*
 * dma_contiguous_early_fixup() has been called for the region by the framework,
 * as soon as it knew the region, and must not be called twice.
 */
static int __init dma_contiguous_of_setup(struct reserved_mem *rmem)
{
	const struct dma_contiguous_of_node node = {
		.base		= rmem->base,
		.size		= rmem->size,
		.reusable	= dma_contiguous_of_has(rmem, "reusable"),
		.no_map		= dma_contiguous_of_has(rmem, "no-map"),
		.is_default	= dma_contiguous_of_has(rmem, "linux,cma-default"),
	};
	enum dma_contiguous_verdict verdict;
	char text[DMA_CONTIGUOUS_OF_TEXT];
	struct cma *cma = NULL;

	verdict = dma_contiguous_of_judge(&node, dma_contiguous_on_cmdline());
	if (verdict == DMA_CONTIGUOUS_OF_AREA &&
	    dma_contiguous_of_reserve(rmem, node.is_default, &cma))
		verdict = DMA_CONTIGUOUS_OF_FAILED;

	dma_contiguous_of_settle(rmem, verdict, cma);
	if (verdict == DMA_CONTIGUOUS_OF_AREA) {
		if (node.is_default)
			dma_contiguous_of_set_default(rmem, cma);
		return 0;
	}

	if (verdict != DMA_CONTIGUOUS_OF_OTHER)
		pr_err("%s\n",
		       dma_contiguous_of_explain(text, rmem, verdict));
	return dma_contiguous_verdicts[verdict].err;
}

RESERVEDMEM_OF_DECLARE(cma, "shared-dma-pool", dma_contiguous_of_setup);
