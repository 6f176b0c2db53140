// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/cma/<area>/alloc and free: take memory and give it back by hand.
 *
 * For tests. What is taken here is kept until it is written to "free".
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "fault.h"
#include "stats.h"

/*
 * What is held of one area.
 *	b	constant after boot
 *	m	lock
 */
struct holder {
	struct cma *cma;		/* (b) */
	struct mutex lock;
	struct list_head held;		/* (m) of struct held_run, last first */
};

struct held_run {
	struct list_head node;
	struct page *pages;
	unsigned long count;
};

static int alloc_set(void *data, u64 nr_pages)
{
	struct cma_request request = {
		.count = min_t(u64, nr_pages, ULONG_MAX),
		.gfp = GFP_KERNEL,
		.owner = "debugfs",
	};
	struct holder *holder = data;
	struct held_run *run = NULL;

	if (!cma_fault(CMA_FAULT_RECORD))
		run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!run)
		return -ENOMEM;

	run->count = request.count;
	run->pages = cma_alloc_request(holder->cma, &request);
	if (IS_ERR(run->pages)) {
		int err = PTR_ERR(run->pages);

		kfree(run);
		return err;
	}

	guard(mutex)(&holder->lock);
	list_add(&run->node, &holder->held);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(alloc_fops, NULL, alloc_set, "%llu\n");

/* Give back the newest runs, and of the last one what is left to give. */
static int free_set(void *data, u64 nr_pages)
{
	struct holder *holder = data;
	struct held_run *run, *next;
	u64 left = nr_pages;

	guard(mutex)(&holder->lock);
	list_for_each_entry_safe(run, next, &holder->held, node) {
		unsigned long count = min_t(u64, run->count, left);

		if (count < run->count)
			count = round_down(count, 1UL << holder->cma->order_per_bit);
		if (!count)
			break;
		if (!cma_release(holder->cma, run->pages, count))
			return -EIO;
		left -= count;
		run->pages += count;
		run->count -= count;
		if (run->count)
			break;
		list_del(&run->node);
		kfree(run);
	}

	if (!left && nr_pages)
		return 0;
	pr_info("%s: debugfs: asked to free %llu pages, freed %llu%s\n",
		holder->cma->name, nr_pages, nr_pages - left,
		list_empty(&holder->held) ? ", which is all that were held" :
		", in whole units");
	return left < nr_pages ? 0 : list_empty(&holder->held) ? -ENOENT : -EINVAL;
}
DEFINE_DEBUGFS_ATTRIBUTE(free_fops, NULL, free_set, "%llu\n");

/**
 * cma_debugfs_alloc_create() - add the files that change an area
 * @cma: an active area
 * @dir: its directory in debugfs
 *
 * The files are absent when there is no memory for what they hold, and
 * kzalloc() has said so.
 *
 * Context: Process context, may sleep. Once for each area.
 */
void cma_debugfs_alloc_create(struct cma *cma, struct dentry *dir)
{
	struct holder *holder = kzalloc(sizeof(*holder), GFP_KERNEL);

	if (!holder)
		return;

	holder->cma = cma;
	mutex_init(&holder->lock);
	INIT_LIST_HEAD(&holder->held);
	debugfs_create_file_unsafe("alloc", 0200, dir, holder, &alloc_fops);
	debugfs_create_file_unsafe("free", 0200, dir, holder, &free_fops);
}
