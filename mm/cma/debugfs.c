// SPDX-License-Identifier: GPL-2.0
/*
 * <debugfs>/cma: a directory for each area, with its figures and its map.
 *
 * Nothing in this file changes an area. Areas are there for good, and so are
 * their directories.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "evac.h"
#include "fault.h"
#include "init.h"
#include "owner.h"
#include "stats.h"

/* What the file of a figure needs to know. */
struct figure_file {
	struct cma *cma;
	const struct cma_figure *figure;
};

static int figure_show(struct seq_file *m, void *v)
{
	const struct figure_file *file = m->private;

	seq_printf(m, "%llu\n", cma_figure_read(file->figure, file->cma));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(figure);

static int usage_show(struct seq_file *m, void *v)
{
	struct cma_usage usage;

	cma_get_usage(m->private, &usage);
	seq_printf(m, "total %lu\nlent %lu\nready %lu\nclaimed %lu\nallocated %lu\n",
		   usage.total, usage.lent, usage.ready, usage.claimed,
		   usage.allocated);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(usage);

static int latency_show(struct seq_file *m, void *v)
{
	struct cma *cma = m->private;
	unsigned int i;

	for (i = 0; i < CMA_LATENCY_BUCKETS - 1; i++)
		seq_printf(m, "%lu %lld\n", 1UL << i,
			   atomic64_read(&cma->stats.latency[i]));
	seq_printf(m, "inf %lld\n", atomic64_read(&cma->stats.latency[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(latency);

static int check_show(struct seq_file *m, void *v)
{
	seq_puts(m, cma_check(m->private) ? "consistent\n" : "inconsistent\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(check);

/* Each look takes and drops the lock itself. */
static void walk_stop(struct seq_file *m, void *v)
{
}

/* runs: the position in the file is the unit that the next run begins with. */

struct runs_walk {
	struct cma *cma;
	struct cma_view run;
};

static void *runs_at(struct runs_walk *walk, loff_t unit)
{
	if (unit >= cma_nr_units(walk->cma))
		return NULL;
	cma_view_at(walk->cma, unit, &walk->run);
	return &walk->run;
}

static void *runs_start(struct seq_file *m, loff_t *pos)
{
	return runs_at(m->private, *pos);
}

static void *runs_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct cma_view *run = v;

	*pos = cma_extent_end(run->units);
	return runs_at(m->private, *pos);
}

static int runs_show(struct seq_file *m, void *v)
{
	struct runs_walk *walk = m->private;
	struct cma_view *run = v;

	seq_printf(m, "%lu %lu %s\n", cma_run_to_pfn(walk->cma, run->units),
		   cma_run_to_pages(walk->cma, run->units),
		   cma_unit_state_name(run->state));
	return 0;
}

static const struct seq_operations runs_sops = {
	.start = runs_start,
	.next = runs_next,
	.stop = walk_stop,
	.show = runs_show,
};

static int runs_open(struct inode *inode, struct file *file)
{
	struct runs_walk *walk = __seq_open_private(file, &runs_sops,
						    sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->cma = inode->i_private;
	return 0;
}

static const struct file_operations runs_fops = {
	.owner = THIS_MODULE,
	.open = runs_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* pins: the position in the file is a page, from which on the next pinned one is looked for. */

struct pins_walk {
	struct cma *cma;
	unsigned long pfn;
	unsigned long nr_pages;
};

static void *pins_from(struct pins_walk *walk, loff_t page)
{
	const struct cma *cma = walk->cma;
	const struct cma_range *range = cma->ranges;
	unsigned long from = cma->base_pfn + page, end;

	for (; range < cma->ranges + cma->nr_ranges; range++) {
		end = range->base_pfn + range->nr_pages;
		walk->pfn = cma_next_pinned(max(from, range->base_pfn), end, &walk->nr_pages);
		if (walk->nr_pages)
			return walk;
	}
	return NULL;
}

static void *pins_start(struct seq_file *m, loff_t *pos)
{
	return pins_from(m->private, *pos);
}

static void *pins_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct pins_walk *walk = v;

	*pos = walk->pfn + walk->nr_pages - walk->cma->base_pfn;
	return pins_from(walk, *pos);
}

static int pins_show(struct seq_file *m, void *v)
{
	const struct pins_walk *walk = v;

	seq_printf(m, "%lu %lu\n", walk->pfn, walk->nr_pages);
	return 0;
}

static const struct seq_operations pins_sops = {
	.start = pins_start,
	.next = pins_next,
	.stop = walk_stop,
	.show = pins_show,
};

static int pins_open(struct inode *inode, struct file *file)
{
	struct pins_walk *walk = __seq_open_private(file, &pins_sops, sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->cma = inode->i_private;
	return 0;
}

static const struct file_operations pins_fops = {
	.owner = THIS_MODULE,
	.open = pins_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* owners: the position in the file is a unit, from which on the next one is looked for. */

struct owners_walk {
	struct cma *cma;
	struct cma_extent run;
	struct cma_owner owner;
};

static void *owners_at(struct owners_walk *walk, loff_t unit)
{
	return cma_next_owner(walk->cma, unit, &walk->run, &walk->owner) ? walk : NULL;
}

static void *owners_start(struct seq_file *m, loff_t *pos)
{
	return owners_at(m->private, *pos);
}

static void *owners_next(struct seq_file *m, void *v, loff_t *pos)
{
	const struct owners_walk *walk = v;

	*pos = cma_extent_end(walk->run);
	return owners_at(m->private, *pos);
}

/* Names of tasks can have spaces: they are written as for a file of /proc. */
static int owners_show(struct seq_file *m, void *v)
{
	const struct owners_walk *walk = v;
	const struct cma_owner *owner = &walk->owner;

	seq_printf(m, "%lu %lu %llu %d ", cma_run_to_pfn(walk->cma, walk->run),
		   cma_run_to_pages(walk->cma, walk->run),
		   jiffies64_to_msecs(get_jiffies_64() - owner->since), owner->pid);
	seq_escape(m, owner->name, " \t\n\\");
	seq_printf(m, " %pS\n", (void *)owner->caller);
	return 0;
}

static const struct seq_operations owners_sops = {
	.start = owners_start,
	.next = owners_next,
	.stop = walk_stop,
	.show = owners_show,
};

static int owners_open(struct inode *inode, struct file *file)
{
	struct owners_walk *walk = __seq_open_private(file, &owners_sops,
						      sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->cma = inode->i_private;
	return 0;
}

static const struct file_operations owners_fops = {
	.owner = THIS_MODULE,
	.open = owners_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/* bitmap: the position in the file is the number of the piece. */

/* Which units the file is about: those of the area, or of one range. */
struct bitmap_file {
	struct cma *cma;
	struct cma_extent units;
};

struct bitmap_walk {
	const struct bitmap_file *file;
	u32 words[CMA_VIEW_WORDS] __aligned(sizeof(long));
	unsigned int nr_words;
	bool last;
};

static void *bitmap_at(struct bitmap_walk *walk, loff_t piece)
{
	struct cma_extent units = walk->file->units;

	if (piece >= DIV_ROUND_UP(units.count, CMA_VIEW_PIECE))
		return NULL;

	units = cma_extent_between(units.start + piece * CMA_VIEW_PIECE,
				   cma_extent_end(units));
	walk->nr_words = cma_copy_bitmap(walk->file->cma, units, walk->words);
	walk->last = units.count <= CMA_VIEW_PIECE;
	return walk;
}

static void *bitmap_start(struct seq_file *m, loff_t *pos)
{
	return bitmap_at(m->private, *pos);
}

static void *bitmap_next(struct seq_file *m, void *v, loff_t *pos)
{
	return bitmap_at(v, ++*pos);
}

/* The form is that of debugfs_create_u32_array(), which readers know. */
static int bitmap_show(struct seq_file *m, void *v)
{
	struct bitmap_walk *walk = v;
	unsigned int i;

	for (i = 0; i < walk->nr_words; i++) {
		bool end = walk->last && i == walk->nr_words - 1;

		seq_printf(m, "%u%c", walk->words[i], end ? '\n' : ' ');
	}
	return 0;
}

static const struct seq_operations bitmap_sops = {
	.start = bitmap_start,
	.next = bitmap_next,
	.stop = walk_stop,
	.show = bitmap_show,
};

static int bitmap_open(struct inode *inode, struct file *file)
{
	struct bitmap_walk *walk = __seq_open_private(file, &bitmap_sops,
						      sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->file = inode->i_private;
	return 0;
}

static const struct file_operations bitmap_fops = {
	.owner = THIS_MODULE,
	.open = bitmap_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

/*
 * Later kernels have a directory for each range, numbered from 0 on. What stood in
 * that of the area stays there.
 */
static void __init add_ranges(struct cma *cma, struct dentry *dir)
{
	struct bitmap_file *file = kcalloc(cma->nr_ranges + 1, sizeof(*file),
					   GFP_KERNEL);
	struct cma_range *range = cma->ranges;
	struct dentry *ranges, *number;
	char name[12];

	/* kcalloc() has said so. */
	if (!file)
		return;

	*file = (struct bitmap_file){ cma, cma_all_units(cma) };
	debugfs_create_file("bitmap", 0444, dir, file, &bitmap_fops);

	ranges = debugfs_create_dir("ranges", dir);
	for (; range < cma->ranges + cma->nr_ranges; range++) {
		*++file = (struct bitmap_file){
			cma, cma_range_to_run(cma, range),
		};
		snprintf(name, sizeof(name), "%u",
			 (unsigned int)(range - cma->ranges));
		number = debugfs_create_dir(name, ranges);
		debugfs_create_ulong("base_pfn", 0444, number,
				     &range->base_pfn);
		debugfs_create_file("bitmap", 0444, number, file, &bitmap_fops);
	}
}

static int __init debugfs_add_area(struct cma *cma, void *data)
{
	const struct cma_figures *table = &cma_figures[CMA_FIGURES_DEBUG];
	struct figure_file *files;
	struct dentry *dir;
	unsigned int i;

	if (!cma_is_active(cma) || cma_fault(CMA_FAULT_VIEWS))
		return 0;

	files = kcalloc(table->nr, sizeof(*files), GFP_KERNEL);
	/* kcalloc() has said so. The other areas are to have theirs. */
	if (!files)
		return 0;

	dir = debugfs_create_dir(cma->name, data);
	for (i = 0; i < table->nr; i++) {
		files[i].cma = cma;
		files[i].figure = &table->figures[i];
		debugfs_create_file(table->figures[i].attr.name,
				    table->figures[i].attr.mode, dir, &files[i],
				    &figure_fops);
	}
	debugfs_create_file("usage", 0444, dir, cma, &usage_fops);
	debugfs_create_file("latency", 0444, dir, cma, &latency_fops);
	debugfs_create_file("check", 0444, dir, cma, &check_fops);
	debugfs_create_file("runs", 0444, dir, cma, &runs_fops);
	debugfs_create_file("owners", 0400, dir, cma, &owners_fops);
	debugfs_create_file("pins", 0400, dir, cma, &pins_fops);
	add_ranges(cma, dir);
	cma_debugfs_alloc_create(cma, dir);
	return 0;
}

/**
 * cma_debugfs_init() - make the directories of the areas in debugfs
 *
 * Context: boot, see init.c. Figures have their names.
 */
void __init cma_debugfs_init(void)
{
	cma_for_each_area(debugfs_add_area, debugfs_create_dir("cma", NULL));
}
