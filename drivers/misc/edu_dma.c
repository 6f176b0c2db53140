// SPDX-License-Identifier: GPL-2.0
/*
 * DMA engine of QEMU's edu device ("-device edu").
 *
 * The engine copies between memory and 4 KiB of its own. The driver obtains a
 * coherent buffer of any size for it, and lets it copy pieces of the lower half
 * to the upper half on the way through the device. A test that wants to know whether
 * memory for DMA is where a device looks for it finds the answer in the
 * directory edu_dma of the PCI device, see
 * Documentation/ABI/testing/sysfs-driver-edu-dma.
 *
 * The registers are described in docs/specs/edu of QEMU.
 */
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/sched/signal.h>
#include <linux/sysfs.h>

#define EDU_REG_ID		0x00	/* 0xMMmm00ed, version MM.mm */
#define EDU_REG_LIVENESS	0x04	/* reads as the complement of what was written */
#define EDU_REG_IRQ_STATUS	0x24
#define EDU_REG_IRQ_ACK		0x64
#define EDU_REG_DMA_SOURCE	0x80	/* 64 bits, as are the three below */
#define EDU_REG_DMA_TARGET	0x88
#define EDU_REG_DMA_COUNT	0x90
#define EDU_REG_DMA_COMMAND	0x98

#define EDU_ID_MASK		GENMASK(15, 0)
#define EDU_ID			0x00ed

#define EDU_COMMAND_START	BIT(0)	/* reads as 1 while the engine runs */
#define EDU_COMMAND_TO_MEMORY	BIT(1)
#define EDU_COMMAND_IRQ		BIT(2)	/* interrupt at the end */

#define EDU_IRQ_DMA		BIT(8)

/* The device's own memory, as its engine addresses it */
#define EDU_MEMORY		0x40000

/*
 * What is copied at once: half of the device's memory. Until version 9 QEMU
 * takes a transfer that reaches the very end of it for one that goes beyond, and
 * aborts.
 */
#define EDU_PIECE		2048
#define EDU_PIECE_WORDS		(EDU_PIECE / sizeof(u32))

/* The engine takes 100 ms each time, of a guest that may be slow. */
#define EDU_TIMEOUT		msecs_to_jiffies(10 * MSEC_PER_SEC)

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits,
		 "Address bits of the engine, what QEMU has as dma_mask= (default 28)");

/**
 * struct edu_dma - one device
 * @pdev: the PCI device
 * @regs: its registers
 * @done: the engine has raised its interrupt
 * @lock: serialises the use of the engine and guards the members below
 * @buffer: the coherent buffer, NULL when there is none
 * @address: its address on the bus
 * @size: its size in bytes, a multiple of two pieces
 * @stuck: the engine did not finish once, and may not be used any more
 * @seed: seed of the pattern in the buffer, another one for each transfer
 * @bytes: bytes that arrived in the upper half in the last transfer
 * @time_us: how long that took, without writing and comparing the pattern
 * @wrong: wrong words found in the whole buffer after it
 */
struct edu_dma {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct completion done;
	struct mutex lock;	/* the engine and what follows */
	u32 *buffer;
	dma_addr_t address;
	size_t size;
	bool stuck;
	u32 seed;
	size_t bytes;
	s64 time_us;
	size_t wrong;
};

static size_t edu_dma_nr_pieces(const struct edu_dma *edu)
{
	return edu->size / 2 / EDU_PIECE;
}

/*
 * Which piece is the @n th of @count ones. They are spread evenly: the first
 * and the last piece of a half are among them, and none is there twice as long
 * as @count doesn't exceed the number of pieces.
 */
static size_t edu_dma_piece(const struct edu_dma *edu, size_t n, size_t count)
{
	if (count == 1)
		return 0;
	return mul_u64_u64_div_u64(n, edu_dma_nr_pieces(edu) - 1, count - 1);
}

static irqreturn_t edu_dma_irq(int irq, void *data)
{
	struct edu_dma *edu = data;
	u32 status = readl(edu->regs + EDU_REG_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;

	writel(status, edu->regs + EDU_REG_IRQ_ACK);
	if (status & EDU_IRQ_DMA)
		complete(&edu->done);
	return IRQ_HANDLED;
}

/* Copy one piece between the bus address @memory and the device, either way. */
static int edu_dma_run(struct edu_dma *edu, dma_addr_t memory, u32 direction)
{
	bool to_memory = direction & EDU_COMMAND_TO_MEMORY;

	reinit_completion(&edu->done);
	writeq(to_memory ? EDU_MEMORY : memory, edu->regs + EDU_REG_DMA_SOURCE);
	writeq(to_memory ? memory : EDU_MEMORY, edu->regs + EDU_REG_DMA_TARGET);
	writeq(EDU_PIECE, edu->regs + EDU_REG_DMA_COUNT);
	writeq(EDU_COMMAND_START | EDU_COMMAND_IRQ | direction,
	       edu->regs + EDU_REG_DMA_COMMAND);

	if (wait_for_completion_timeout(&edu->done, EDU_TIMEOUT))
		return 0;

	/* Whatever it does from now on must not reach memory of somebody else. */
	pci_clear_master(edu->pdev);
	edu->stuck = true;
	pci_err(edu->pdev, "no interrupt at the end of a transfer %s %pad, engine is %s\n",
		to_memory ? "to" : "from", &memory,
		readl(edu->regs + EDU_REG_DMA_COMMAND) & EDU_COMMAND_START ?
		"running" : "idle");
	return -ETIMEDOUT;
}

/* The lower half is random, the upper half differs from it in every bit. */
static void edu_dma_fill(struct edu_dma *edu)
{
	size_t i, words = edu->size / 2 / sizeof(u32);
	struct rnd_state state;

	prandom_seed_state(&state, edu->seed);
	for (i = 0; i < words; i++) {
		u32 word = prandom_u32_state(&state);

		WRITE_ONCE(edu->buffer[i], word);
		WRITE_ONCE(edu->buffer[words + i], ~word);
		if (i % EDU_PIECE_WORDS == 0)
			cond_resched();
	}
}

static void edu_dma_compare(struct edu_dma *edu, size_t word, u32 want)
{
	u32 is = READ_ONCE(edu->buffer[word]);

	if (is != want && !edu->wrong++)
		pci_err(edu->pdev, "offset 0x%zx of 0x%zx at %pad: 0x%08x is wanted, 0x%08x is there\n",
			word * sizeof(u32), edu->size, &edu->address, want, is);
}

/*
 * What was copied must have arrived, and all else must be as it was: also a
 * piece that the device wrote to a wrong place of the buffer is noticed.
 */
static void edu_dma_check(struct edu_dma *edu, size_t count)
{
	size_t i, words = edu->size / 2 / sizeof(u32), n = 0, next;
	struct rnd_state state;
	bool copied = false;

	next = edu_dma_piece(edu, 0, count);
	prandom_seed_state(&state, edu->seed);
	for (i = 0; i < words; i++) {
		u32 word = prandom_u32_state(&state);

		if (i % EDU_PIECE_WORDS == 0) {
			copied = n < count && i / EDU_PIECE_WORDS == next;
			if (copied && ++n < count)
				next = edu_dma_piece(edu, n, count);
			cond_resched();
		}
		edu_dma_compare(edu, i, word);
		edu_dma_compare(edu, words + i, copied ? word : ~word);
	}
}

static int edu_dma_copy(struct edu_dma *edu, size_t count)
{
	ktime_t start = ktime_get();
	size_t n;
	int ret;

	for (n = 0; n < count; n++) {
		size_t offset = edu_dma_piece(edu, n, count) * EDU_PIECE;

		if (signal_pending(current))
			return -EINTR;
		ret = edu_dma_run(edu, edu->address + offset, 0);
		if (ret)
			return ret;
		ret = edu_dma_run(edu, edu->address + edu->size / 2 + offset,
				  EDU_COMMAND_TO_MEMORY);
		if (ret)
			return ret;
		edu->bytes += EDU_PIECE;
	}
	edu->time_us = ktime_us_delta(ktime_get(), start);
	return 0;
}

static int edu_dma_transfer(struct edu_dma *edu, size_t count)
{
	int ret;

	if (edu->stuck)
		return -EIO;
	if (!edu->buffer)
		return -ENXIO;
	if (!count || count > edu_dma_nr_pieces(edu))
		return -EINVAL;

	edu->seed++;
	edu->bytes = 0;
	edu->time_us = 0;
	edu->wrong = 0;
	edu_dma_fill(edu);
	ret = edu_dma_copy(edu, count);
	if (ret)
		return ret;
	edu_dma_check(edu, count);
	return edu->wrong ? -EIO : 0;
}

static void edu_dma_free(struct edu_dma *edu)
{
	if (edu->buffer)
		dma_free_coherent(&edu->pdev->dev, edu->size, edu->buffer, edu->address);
	edu->buffer = NULL;
	edu->size = 0;
}

static int edu_dma_alloc(struct edu_dma *edu, size_t size)
{
	struct device *dev = &edu->pdev->dev;

	/* The message below says more than that of the page allocator. */
	edu->buffer = dma_alloc_coherent(dev, size, &edu->address,
					 GFP_KERNEL | __GFP_NOWARN);
	if (!edu->buffer) {
		pci_warn(edu->pdev, "no %zu contiguous bytes below bit %d of the address\n",
			 size, fls64(dev->coherent_dma_mask));
		return -ENOMEM;
	}
	edu->size = size;
	return 0;
}

static ssize_t size_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu_dma *edu = dev_get_drvdata(dev);

	guard(mutex)(&edu->lock);
	return sysfs_emit(buf, "%zu\n", edu->size);
}

static ssize_t size_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t len)
{
	struct edu_dma *edu = dev_get_drvdata(dev);
	unsigned long size;
	int ret;

	ret = kstrtoul(buf, 0, &size);
	if (ret)
		return ret;
	if (size % (2 * EDU_PIECE))
		return -EINVAL;

	guard(mutex)(&edu->lock);
	edu_dma_free(edu);
	if (size)
		ret = edu_dma_alloc(edu, size);
	return ret ?: len;
}
static DEVICE_ATTR_RW(size);

static ssize_t address_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu_dma *edu = dev_get_drvdata(dev);

	guard(mutex)(&edu->lock);
	if (!edu->buffer)
		return -ENXIO;
	return sysfs_emit(buf, "%pad\n", &edu->address);
}
static DEVICE_ATTR_ADMIN_RO(address);

static ssize_t transfer_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t len)
{
	struct edu_dma *edu = dev_get_drvdata(dev);
	unsigned long count;
	int ret;

	ret = kstrtoul(buf, 0, &count);
	if (ret)
		return ret;

	guard(mutex)(&edu->lock);
	ret = edu_dma_transfer(edu, count);
	return ret ?: len;
}
static DEVICE_ATTR_WO(transfer);

static ssize_t bytes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu_dma *edu = dev_get_drvdata(dev);

	guard(mutex)(&edu->lock);
	return sysfs_emit(buf, "%zu\n", edu->bytes);
}
static DEVICE_ATTR_RO(bytes);

static ssize_t time_us_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu_dma *edu = dev_get_drvdata(dev);

	guard(mutex)(&edu->lock);
	return sysfs_emit(buf, "%lld\n", edu->time_us);
}
static DEVICE_ATTR_RO(time_us);

static ssize_t wrong_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu_dma *edu = dev_get_drvdata(dev);

	guard(mutex)(&edu->lock);
	return sysfs_emit(buf, "%zu\n", edu->wrong);
}
static DEVICE_ATTR_RO(wrong);

static struct attribute *edu_dma_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_address.attr,
	&dev_attr_transfer.attr,
	&dev_attr_bytes.attr,
	&dev_attr_time_us.attr,
	&dev_attr_wrong.attr,
	NULL
};

static const struct attribute_group edu_dma_group = {
	.name = "edu_dma",
	.attrs = edu_dma_attrs,
};

static const struct attribute_group *edu_dma_groups[] = {
	&edu_dma_group,
	NULL
};

static int edu_dma_identify(struct edu_dma *edu)
{
	u32 id = readl(edu->regs + EDU_REG_ID);
	u32 answer;

	writel(id, edu->regs + EDU_REG_LIVENESS);
	answer = readl(edu->regs + EDU_REG_LIVENESS);
	if ((id & EDU_ID_MASK) == EDU_ID && answer == ~id)
		return 0;

	return dev_err_probe(&edu->pdev->dev, -ENODEV,
			     "not an edu device: id 0x%08x, answer 0x%08x\n", id, answer);
}

static int edu_dma_setup_irq(struct edu_dma *edu)
{
	struct pci_dev *pdev = edu->pdev;
	int ret;

	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_INTX);
	if (ret < 0)
		return dev_err_probe(&pdev->dev, ret, "no interrupt\n");

	return devm_request_irq(&pdev->dev, pci_irq_vector(pdev, 0), edu_dma_irq,
				IRQF_SHARED, KBUILD_MODNAME, edu);
}

static int edu_dma_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	struct edu_dma *edu;
	int ret;

	if (!dma_bits || dma_bits > 64)
		return dev_err_probe(dev, -EINVAL, "dma_bits=%u is not within 1 to 64\n",
				     dma_bits);

	edu = devm_kzalloc(dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	mutex_init(&edu->lock);
	init_completion(&edu->done);
	dev_set_drvdata(dev, edu);

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	edu->regs = pcim_iomap_region(pdev, 0, KBUILD_MODNAME);
	if (IS_ERR(edu->regs))
		return PTR_ERR(edu->regs);
	ret = edu_dma_identify(edu);
	if (ret)
		return ret;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return dev_err_probe(dev, ret, "no DMA with %u address bits\n", dma_bits);
	pci_set_master(pdev);
	return edu_dma_setup_irq(edu);
}

static void edu_dma_remove(struct pci_dev *pdev)
{
	struct edu_dma *edu = dev_get_drvdata(&pdev->dev);

	/* The attributes are gone: nobody uses the engine or the buffer now. */
	pci_clear_master(pdev);
	edu_dma_free(edu);
}

static const struct pci_device_id edu_dma_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_dma_ids);

static struct pci_driver edu_dma_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_dma_ids,
	.probe = edu_dma_probe,
	.remove = edu_dma_remove,
	.dev_groups = edu_dma_groups,
};
module_pci_driver(edu_dma_driver);

MODULE_DESCRIPTION("DMA engine of QEMU's edu device");
MODULE_LICENSE("GPL");
