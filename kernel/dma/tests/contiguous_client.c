// SPDX-License-Identifier: GPL-2.0
/*
 * A device that does nothing but hold memory: one coherent buffer from probe to
 * remove. Its node in the devicetree is described in
 * Documentation/devicetree/bindings/misc/linux,contiguous-client.yaml.
 *
 * Where the buffer is can be read from "buffer" in the directory of
 * the device: physical address and size.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

/**
 * struct contiguous_client - one device
 * @buffer: the coherent buffer
 * @address: its address for the device
 * @size: its size in bytes
 */
struct contiguous_client {
	void *buffer;
	dma_addr_t address;
	u32 size;
};

static ssize_t buffer_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct contiguous_client *client = dev_get_drvdata(dev);
	phys_addr_t address = dma_to_phys(dev, client->address);

	return sysfs_emit(buf, "%pa %u\n", &address, client->size);
}
static DEVICE_ATTR_ADMIN_RO(buffer);

static struct attribute *contiguous_client_attrs[] = {
	&dev_attr_buffer.attr,
	NULL
};
ATTRIBUTE_GROUPS(contiguous_client);

/* Every region that the node refers to; none at all is fine, too. */
static int contiguous_client_get_regions(struct device *dev)
{
	int i, err;

	for (i = 0; ; i++) {
		err = of_reserved_mem_device_init_by_idx(dev, dev->of_node, i);
		if (err == -ENODEV)
			return 0;
		if (err)
			return dev_err_probe(dev, err, "memory-region %d\n", i);
	}
}

static int contiguous_client_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct contiguous_client *client;
	int err;

	client = devm_kzalloc(dev, sizeof(*client), GFP_KERNEL);
	if (!client)
		return -ENOMEM;
	client->size = SZ_1M;
	device_property_read_u32(dev, "linux,buffer-size", &client->size);
	/* With pages of 64 KiB there is hardly an area below 4 GiB. */
	err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (err)
		return dev_err_probe(dev, err, "64 bits of addresses\n");

	err = contiguous_client_get_regions(dev);
	if (err)
		goto release;
	client->buffer = dma_alloc_coherent(dev, client->size, &client->address,
					    GFP_KERNEL | __GFP_NOWARN);
	if (!client->buffer) {
		err = dev_err_probe(dev, -ENOMEM, "no buffer of %u bytes\n",
				    client->size);
		goto release;
	}
	platform_set_drvdata(pdev, client);
	return 0;

release:
	of_reserved_mem_device_release(dev);
	return err;
}

static void contiguous_client_remove(struct platform_device *pdev)
{
	struct contiguous_client *client = platform_get_drvdata(pdev);

	dma_free_coherent(&pdev->dev, client->size, client->buffer,
			  client->address);
	of_reserved_mem_device_release(&pdev->dev);
}

static const struct of_device_id contiguous_client_ids[] = {
	{ .compatible = "linux,contiguous-client" },
	{}
};
MODULE_DEVICE_TABLE(of, contiguous_client_ids);

static struct platform_driver contiguous_client_driver = {
	.probe	= contiguous_client_probe,
	.remove	= contiguous_client_remove,
	.driver	= {
		.name		= "contiguous-client",
		.of_match_table	= contiguous_client_ids,
		.dev_groups	= contiguous_client_groups,
	},
};
module_platform_driver(contiguous_client_driver);

MODULE_DESCRIPTION("Device that does nothing but hold contiguous memory");
MODULE_LICENSE("GPL");
