// SPDX-License-Identifier: GPL-2.0
/*
 * Has points of the allocator fail, as <debugfs>/fail_cma/<point>/ and
 *
 *	fail_cma=<point>:<interval>,<probability>,<space>,<times>
 *
 * say. See Documentation/fault-injection/fault-injection.rst for what these mean.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/debugfs.h>
#include <linux/fault-inject.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "fault.h"
#include "init.h"

/**
 * struct point - a point that can fail
 * @name: for files and parameters
 * @attr: when it does
 * @fired: how often it did
 */
struct point {
	const char *name;
	struct fault_attr attr;
	atomic_t fired;
};

#define POINT(_name) { .name = _name, .attr = FAULT_ATTR_INITIALIZER }

static struct point points[NR_CMA_FAULTS] = {
	[CMA_FAULT_BOOKS]	= POINT("books"),
	[CMA_FAULT_EARLY]	= POINT("early"),
	[CMA_FAULT_VIEWS]	= POINT("views"),
	[CMA_FAULT_RECORD]	= POINT("record"),
	[CMA_FAULT_CLAIM]	= POINT("claim"),
	[CMA_FAULT_VACANCY]	= POINT("vacancy"),
	[CMA_FAULT_TAKE]	= POINT("take"),
	[CMA_FAULT_ISOLATE]	= POINT("isolate"),
	[CMA_FAULT_TARGET]	= POINT("target"),
	[CMA_FAULT_MIGRATE]	= POINT("migrate"),
	[CMA_FAULT_DROP]	= POINT("drop"),
	[CMA_FAULT_COMMIT]	= POINT("commit"),
	[CMA_FAULT_KEEP]	= POINT("keep"),
	[CMA_FAULT_REFILL]	= POINT("refill"),
};

/**
 * cma_fault() - is this to fail now?
 * @point: where the caller is
 *
 * Context: any.
 * Return: true if the caller shall behave as if it had failed.
 */
bool cma_fault(enum cma_fault_point point)
{
	if (!should_fail(&points[point].attr, 1))
		return false;
	atomic_inc(&points[point].fired);
	return true;
}

static int __init fault_setup(char *arg)
{
	char *name = arg ? strsep(&arg, ":") : "";
	unsigned int i;

	for (i = 0; i < NR_CMA_FAULTS; i++)
		if (!strcmp(points[i].name, name))
			break;
	if (i < NR_CMA_FAULTS && arg &&
	    setup_fault_attr(&points[i].attr, arg))
		points[i].attr.verbose = 1;
	else
		pr_warn("\"fail_cma=%s:\" is ignored: there is no such point, or four numbers are missing\n",
			name);
	return 0;
}
early_param("fail_cma", fault_setup);

/**
 * cma_fault_init() - make the directory of the points in debugfs
 *
 * Context: boot, see init.c.
 */
void __init cma_fault_init(void)
{
	struct dentry *dir = debugfs_create_dir("fail_cma", NULL);
	unsigned int i;

	for (i = 0; i < NR_CMA_FAULTS; i++)
		fault_create_debugfs_attr(points[i].name, dir, &points[i].attr);
}

#if IS_ENABLED(CONFIG_KUNIT)
/**
 * cma_fault_arm() - have a point fail
 * @point: the point
 * @probability: in percent
 * @after: how often it works before
 * @times: how often it fails then, -1 for ever
 *
 * Context: any.
 */
void cma_fault_arm(enum cma_fault_point point, unsigned int probability,
		   unsigned int after, int times)
{
	struct fault_attr *attr = &points[point].attr;

	attr->verbose = 0;
	attr->interval = 1;
	atomic_set(&points[point].fired, 0);
	atomic_set(&attr->space, after + 1);
	atomic_set(&attr->times, times);
	WRITE_ONCE(attr->probability, probability);
}

/**
 * cma_fault_disarm() - have no point fail any more
 *
 * Context: any.
 */
void cma_fault_disarm(void)
{
	unsigned int i;

	for (i = 0; i < NR_CMA_FAULTS; i++)
		WRITE_ONCE(points[i].attr.probability, 0);
}

/**
 * cma_fault_fired() - count how often a point has failed since it was armed
 * @point: the point
 *
 * Context: any.
 * Return: the number.
 */
unsigned int cma_fault_fired(enum cma_fault_point point)
{
	return atomic_read(&points[point].fired);
}

/**
 * cma_fault_name() - what a point is called
 * @point: the point
 *
 * Context: any.
 * Return: a constant string.
 */
const char *cma_fault_name(enum cma_fault_point point)
{
	return points[point].name;
}
#endif
