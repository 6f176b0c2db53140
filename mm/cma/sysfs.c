// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/mm/cma: a directory for each area, a file for each figure.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "fault.h"
#include "init.h"
#include "stats.h"

#define NR_SYSFS_DIRS	CMA_FIGURES_DEBUG

/* The directory of an area; areas, and with them this, are there for good. */
struct area_dir {
	struct kobject kobj;
	struct cma *area;
};

static struct attribute_group groups[NR_SYSFS_DIRS];
static const struct attribute_group *group_list[NR_SYSFS_DIRS + 1];

/* All the words, the chosen one in brackets. */
static ssize_t show_words(const struct cma_figure *figure, u64 value, char *buf)
{
	const char *name;
	unsigned int i;
	int len = 0;

	for (i = 0; (name = figure->name(i)); i++)
		len += sysfs_emit_at(buf, len, i == value ? "%s[%s]" : "%s%s",
				     i ? " " : "", name);
	return len + sysfs_emit_at(buf, len, "\n");
}

static ssize_t sysfs_figure_show(struct kobject *kobj, struct attribute *attr,
				 char *buf)
{
	struct cma_figure *figure = container_of(attr, struct cma_figure, attr);
	struct area_dir *dir = container_of(kobj, struct area_dir, kobj);
	u64 value = cma_figure_read(figure, dir->area);

	if (figure->name)
		return show_words(figure, value, buf);
	if (figure->address)
		return sysfs_emit(buf, "0x%llx\n", value);
	return sysfs_emit(buf, "%llu\n", value);
}

static ssize_t figure_store(struct kobject *kobj, struct attribute *attr,
			    const char *buf, size_t len)
{
	struct cma_figure *figure = container_of(attr, struct cma_figure, attr);
	struct area_dir *dir = container_of(kobj, struct area_dir, kobj);
	unsigned long value;
	int err;

	if (figure->choose)
		return figure->choose(dir->area, buf) ?: len;
	if (!figure->write)
		return -EACCES;
	err = kstrtoul(buf, 0, &value);
	if (err)
		return err;
	if (value > dir->area->nr_pages)
		return -ERANGE;
	figure->write(dir->area, value);
	return len;
}

static void area_dir_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct area_dir, kobj));
}

static const struct sysfs_ops figure_ops = {
	.show = sysfs_figure_show,
	.store = figure_store,
};

static const struct kobj_type area_ktype = {
	.release = area_dir_release,
	.sysfs_ops = &figure_ops,
	.default_groups = group_list,
};

static int __init make_group(unsigned int dir)
{
	const struct cma_figures *table = &cma_figures[dir];
	struct attribute **attrs;
	unsigned int i;

	attrs = kcalloc(table->nr + 1, sizeof(*attrs), GFP_KERNEL);
	if (!attrs)
		return -ENOMEM;

	for (i = 0; i < table->nr; i++)
		attrs[i] = &table->figures[i].attr;
	groups[dir].name = table->dir;
	groups[dir].attrs = attrs;
	group_list[dir] = &groups[dir];
	return 0;
}

static int __init sysfs_add_area(struct cma *cma, void *data)
{
	struct kobject *parent = data;
	struct area_dir *dir = NULL;
	int err = -ENOMEM;

	if (!cma_is_active(cma))
		return 0;

	if (!cma_fault(CMA_FAULT_VIEWS))
		dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	if (!dir)
		goto failed;

	dir->area = cma;
	err = kobject_init_and_add(&dir->kobj, &area_ktype, parent, "%s",
				   cma->name);
	if (err) {
		kobject_put(&dir->kobj);
		goto failed;
	}
	cma->kobj = &dir->kobj;
	return 0;

failed:
	pr_err("%s: no directory in sysfs (error %d); the area works without\n",
	       cma->name, err);
	/* The other areas are to have theirs. */
	return 0;
}

/**
 * cma_sysfs_init() - make the directories of the areas in sysfs
 *
 * Context: boot, see init.c. Figures have their names.
 */
void __init cma_sysfs_init(void)
{
	struct kobject *parent;
	unsigned int dir;
	int err;

	for (dir = 0; dir < NR_SYSFS_DIRS; dir++) {
		err = make_group(dir);
		if (err)
			goto failed;
	}

	err = -ENOMEM;
	parent = kobject_create_and_add("cma", mm_kobj);
	if (!parent)
		goto failed;
	cma_for_each_area(sysfs_add_area, parent);
	return;

failed:
	while (dir--)
		kfree(groups[dir].attrs);
	pr_err("no directory /sys/kernel/mm/cma (error %d); the areas work without\n",
	       err);
}
