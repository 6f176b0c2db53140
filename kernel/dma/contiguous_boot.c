// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of contiguous memory for devices are set aside, wherever they are asked for:
 * command line, configuration or platform code.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/dma-map-ops.h>
#include <linux/init.h>
#include <linux/instruction_pointer.h>
#include <linux/numa.h>
#include <linux/printk.h>

#include "contiguous.h"

/**
 * dma_contiguous_early_fixup() - hook of architectures for new areas
 * @base: physical address of the area
 * @size: bytes
 *
 * An architecture that has to map the memory of areas in another way than the
 * rest replaces this.
 *
 * Context: boot, before the page tables are final.
 */
void __init __weak dma_contiguous_early_fixup(phys_addr_t base,
					      unsigned long size)
{
}

/**
 * dma_contiguous_place() - set an area aside
 * @placement: where and how large
 * @name: what it is called; a number is added if there is one of that name
 * @res_cma: out: the area, unchanged on an error
 *
 * Context: boot, while memblock owns the memory.
 * Return: 0, or an error number after the reason was reported.
 */
int __init dma_contiguous_place(const struct dma_contiguous_placement *placement,
				const char *name, struct cma **res_cma)
{
	const struct cma_declaration declaration = {
		.base		= placement->base,
		.size		= placement->size,
		.limit		= placement->limit,
		.fixed		= placement->fixed,
		.is_default	= placement->is_default,
		.name		= name,
		.nid		= placement->nid,
		.origin		= placement->origin,
		.caller		= placement->caller,
	};
	int err;

	err = cma_declare(&declaration, res_cma);
	if (!err) {
		dma_contiguous_note(*res_cma);
		dma_contiguous_early_fixup(cma_get_base(*res_cma),
					   cma_get_size(*res_cma));
	}
	return err;
}

/**
 * dma_contiguous_reserve_area() - set an area aside, for devices to be chosen
 * @size: bytes, rounded up to what areas are made of
 * @base: lowest address, or the only one if @fixed; 0 for any
 * @limit: address behind the last byte that may be used; 0 for any
 * @res_cma: out: the area, unchanged on an error
 * @fixed: at @base or nowhere
 *
 * Context: boot, while memblock owns the memory.
 * Return: 0, or an error number after the reason was reported.
 */
int __init dma_contiguous_reserve_area(phys_addr_t size, phys_addr_t base,
				       phys_addr_t limit, struct cma **res_cma,
				       bool fixed)
{
	const struct dma_contiguous_placement placement = {
		.size	= size,
		.base	= base,
		.limit	= limit,
		.fixed	= fixed,
		.nid	= NUMA_NO_NODE,
		.caller	= _RET_IP_,
	};

	return dma_contiguous_place(&placement, "reserved", res_cma);
}

/**
 * dma_declare_contiguous() - give a device a private area
 * @dev: the device; platform code has it in static memory, and it need not be
 *	known to the driver core yet
 * @size: bytes, rounded up to what areas are made of
 * @base: where the area shall be, 0 for anywhere
 * @limit: address behind the last byte that may be used; 0 for any
 *
 * The area is called like the device, if that has a name already.
 *
 * Context: boot, while memblock owns the memory.
 * Return: 0; -EINVAL without a device; -EBUSY if it has an area; or what
 * dma_contiguous_reserve_area() returns. The reason was reported then.
 */
int __init dma_declare_contiguous(struct device *dev, phys_addr_t size,
				  phys_addr_t base, phys_addr_t limit)
{
	const struct dma_contiguous_placement placement = {
		.size	= size,
		.base	= base,
		.limit	= limit,
		.fixed	= base,
		.nid	= NUMA_NO_NODE,
		.caller	= _RET_IP_,
	};

	if (!dev) {
		pr_err("a private area of %pa bytes was declared for no device\n",
		       &size);
		return -EINVAL;
	}
	if (dev->cma_area) {
		pr_err("%s: a private area of %pa bytes was declared, but there is area %s already\n",
		       dev_name(dev) ?: "device", &size,
		       cma_get_name(dev->cma_area));
		return -EBUSY;
	}
	return dma_contiguous_place(&placement, dev_name(dev) ?: "device",
				    &dev->cma_area);
}
