// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of contiguous memory as the devicetree describes them: nodes below
 * /reserved-memory that are compatible with "shared-dma-pool" and "reusable".
 * A device that names such a node in its memory-region gets it as its private
 * area; the one with "linux,cma-default" becomes the default area.
 *
 * This file is what becomes of a node, and what its devices get. Those of a
 * region that was refused hear the reason once more when they are probed, as by
 * then nobody remembers the first lines of the boot log.
 * contiguous_of_boot.c goes through the devicetree.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/align.h>
#include <linux/cma.h>
#include <linux/dma-map-ops.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/of_reserved_mem.h>
#include <linux/seq_buf.h>
#include <linux/stringify.h>

#include "contiguous.h"

static const struct {
	const char *text;
	int err;
} dma_contiguous_verdicts[] = {
	[DMA_CONTIGUOUS_OF_OTHER]	= {
		"it has linux,cma-default, but is not reusable", -EINVAL },
	[DMA_CONTIGUOUS_OF_NO_MAP]	= {
		"it has no-map, which rules reusable out", -EINVAL },
	[DMA_CONTIGUOUS_OF_ALIGNMENT]	= {
		"its alignment isn't a power of two", -EINVAL },
	[DMA_CONTIGUOUS_OF_MISALIGNED]	= {
		"base and size have to be multiples of ", -EINVAL },
	[DMA_CONTIGUOUS_OF_OVERRULED]	= {
		"cma= on the command line takes its place", -EBUSY },
	[DMA_CONTIGUOUS_OF_IN_USE]	= {
		"a part of it is in use already", -EBUSY },
	[DMA_CONTIGUOUS_OF_TOO_MANY]	= {
		"there are more areas than CONFIG_CMA_AREAS="
		__stringify(CONFIG_CMA_AREAS), -ENOSPC },
	[DMA_CONTIGUOUS_OF_MISSED]	= {
		"this architecture doesn't reserve the regions of its devicetree",
		-EOPNOTSUPP },
	[DMA_CONTIGUOUS_OF_FAILED]	= {
		"setting it up failed while booting", -ENOMEM },
};

/**
 * dma_contiguous_of_errno() - the error of a verdict
 * @verdict: what became of a region, and not an area
 *
 * Context: any.
 * Return: an error number.
 */
int dma_contiguous_of_errno(enum dma_contiguous_verdict verdict)
{
	return dma_contiguous_verdicts[verdict].err;
}

/* The smallest range that has all of the region and could be an area. */
static void of_print_aligned(struct seq_buf *s, const struct reserved_mem *rmem)
{
	/* The alignment is a variable on some architectures. */
	const phys_addr_t unit = CMA_MIN_ALIGNMENT_BYTES;
	phys_addr_t base = ALIGN_DOWN(rmem->base, unit);

	cma_print_size(s, unit);
	seq_buf_puts(s, ", such as ");
	cma_print_size(s, ALIGN(rmem->base + rmem->size, unit) - base);
	seq_buf_printf(s, " at %pa", &base);
}

/**
 * dma_contiguous_of_explain() - say why a region is no area
 * @s: the text is added there
 * @rmem: the region
 * @verdict: what became of it, and not an area
 *
 * It is the same text in the boot log and once more for a device.
 *
 * Context: any.
 */
void dma_contiguous_of_explain(struct seq_buf *s,
			       const struct reserved_mem *rmem,
			       enum dma_contiguous_verdict verdict)
{
	seq_buf_printf(s, "no area from %s, ", rmem->name);
	cma_print_size(s, rmem->size);
	seq_buf_printf(s, " at %pa: %s", &rmem->base,
		       dma_contiguous_verdicts[verdict].text);
	if (verdict == DMA_CONTIGUOUS_OF_MISALIGNED)
		of_print_aligned(s, rmem);
}

/**
 * dma_contiguous_of_judge() - decide what becomes of a reserved-memory node
 * @node: what the node says
 * @on_cmdline: whether cma= was given
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: DMA_CONTIGUOUS_OF_AREA, or why it doesn't become an area.
 */
enum dma_contiguous_verdict __init
dma_contiguous_of_judge(const struct dma_contiguous_of_node *node,
			bool on_cmdline)
{
	if (!node->reusable)
		return DMA_CONTIGUOUS_OF_OTHER;
	if (node->no_map)
		return DMA_CONTIGUOUS_OF_NO_MAP;
	/* memblock masks with it, and the base could be anything. */
	if (node->alignment & (node->alignment - 1))
		return DMA_CONTIGUOUS_OF_ALIGNMENT;
	if (!IS_ALIGNED(node->base | node->size, CMA_MIN_ALIGNMENT_BYTES))
		return DMA_CONTIGUOUS_OF_MISALIGNED;
	if (node->is_default && on_cmdline)
		return DMA_CONTIGUOUS_OF_OVERRULED;
	return DMA_CONTIGUOUS_OF_AREA;
}

/**
 * dma_contiguous_of_common() - find what two ranges have in common
 * @a: a range
 * @b: another one
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: the common part, an empty range if there is none.
 */
struct dma_contiguous_of_range __init
dma_contiguous_of_common(struct dma_contiguous_of_range a,
			 struct dma_contiguous_of_range b)
{
	struct dma_contiguous_of_range common = {
		.start	= max(a.start, b.start),
		.end	= min(a.end, b.end),
	};

	if (common.start >= common.end)
		return (struct dma_contiguous_of_range) { };
	return common;
}

static int dma_contiguous_of_tell(struct reserved_mem *rmem,
				  struct device *dev,
				  enum dma_contiguous_verdict verdict)
{
	DECLARE_SEQ_BUF(s, DMA_CONTIGUOUS_OF_TEXT);

	dma_contiguous_of_explain(&s, rmem, verdict);
	dev_err(dev, "%s\n", seq_buf_str(&s));
	return dma_contiguous_of_errno(verdict);
}

/*
 * A device has one area. Of several regions the last one that it asks for is it, which
 * loses nothing: what it has of the former one is told by where it lies.
 */
static int dma_contiguous_of_assign(struct reserved_mem *rmem,
				    struct device *dev)
{
	struct cma *cma = rmem->priv;

	/*
	 * Zones and nodes have had their say after the region was settled. The driver goes
	 * on without the area, as in 6.12: other memory may do.
	 */
	if (cma_activation_failed(cma)) {
		dma_contiguous_of_tell(rmem, dev, DMA_CONTIGUOUS_OF_FAILED);
		return 0;
	}
	if (dev->cma_area && dev->cma_area != cma)
		dev_info(dev, "%s is its area now, and not %s: a device has one\n",
			 cma_get_name(cma), cma_get_name(dev->cma_area));
	dev->cma_area = cma;
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
	return dma_contiguous_of_tell(rmem, dev, (unsigned long)rmem->priv);
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
 * dma_contiguous_of_settle() - note what devices that refer to a region get
 * @rmem: the region
 * @verdict: what became of it
 * @cma: the area, if @verdict is that it is one
 *
 * The framework keeps the region even if its initialization fails, so that a
 * refusal can be repeated when a device asks.
 *
 * Context: boot.
 */
void __init dma_contiguous_of_settle(struct reserved_mem *rmem,
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
