// SPDX-License-Identifier: GPL-2.0
/*
 * Areas of real memory, for the tests of what touches pages and of what can be seen.
 */
#include <linux/cpumask.h>
#include <linux/initrd.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "real.h"

struct find_area {
	const char *name;
	struct cma *cma;
};

static int find_area(struct cma *cma, void *data)
{
	struct find_area *find = data;

	if (!strcmp(cma_get_name(cma), find->name))
		find->cma = cma;
	return 0;
}

struct cma *cma_real_area(struct kunit *test, const char *name)
{
	struct find_area find = { .name = name };

	/* Its memory is freed when it was unpacked, and fills pcplists. */
	wait_for_initramfs();
	cma_for_each_area(find_area, &find);
	KUNIT_ASSERT_NOT_NULL_MSG(test, find.cma, "no area %s", name);
	KUNIT_ASSERT_TRUE_MSG(test, cma_is_active(find.cma),
			      "area %s isn't active", name);
	return find.cma;
}

void cma_real_lend(struct cma *cma)
{
	/* What isn't lent stays in windows. */
	cma_lend_ready(cma, cma_all_units(cma), ULONG_MAX);
	cma_end_demand(cma, 0);
}

static int lend(struct cma *cma, void *data)
{
	if (cma_is_active(cma))
		cma_real_lend(cma);
	return 0;
}

void cma_real_lend_all(void)
{
	cma_for_each_area(lend, NULL);
}

static void fill(struct kunit *test, struct cma *cma, unsigned long units)
{
	unsigned int i;

	/* What tests before have freed may be on its way yet. */
	lru_add_drain_all();
	drain_all_pages(NULL);
	for (i = 0; i < 10 && READ_ONCE(cma->ready.total) < units; i++) {
		cma_fill(cma, units);
		drain_all_pages(NULL);
	}
	/* What attempts in vain have emptied is READY as well. */
	cma_lend_ready(cma, cma_all_units(cma),
		       READ_ONCE(cma->ready.total) - min(units, READ_ONCE(cma->ready.total)));
}

void cma_real_make_ready(struct kunit *test, unsigned long first, unsigned long second)
{
	struct cma *a = cma_real_area(test, "kunit0");
	struct cma *b = cma_real_area(test, "kunit1");

	cma_real_lend_all();
	fill(test, a, first);
	fill(test, b, cma_pages_to_units(b, second));
	KUNIT_ASSERT_EQ(test, cma_ready_total(), first + second);
}

unsigned long cma_real_clean_free(struct zone *zone)
{
	return zone_page_state_snapshot(zone, NR_FREE_CMA_CLEAN_PAGES);
}

#ifdef CONFIG_SMP
unsigned long cma_real_drift(struct zone *zone)
{
	unsigned long pages = 0;
	int cpu;

	for_each_online_cpu(cpu)
		pages += per_cpu_ptr(zone->per_cpu_zonestats, cpu)->stat_threshold;
	return pages;
}
#else
unsigned long cma_real_drift(struct zone *zone)
{
	return 0;
}
#endif

struct cma_figure *cma_find_figure(enum cma_figure_dir dir, const char *name)
{
	unsigned int i;

	for (i = 0; i < cma_figures[dir].nr; i++)
		if (!strcmp(cma_figures[dir].figures[i].attr.name, name))
			return &cma_figures[dir].figures[i];
	return NULL;
}

u64 cma_read_figure(struct kunit *test, struct cma *cma,
		    enum cma_figure_dir dir, const char *name)
{
	struct cma_figure *figure = cma_find_figure(dir, name);

	KUNIT_ASSERT_NOT_NULL_MSG(test, figure, "no figure %s", name);
	return cma_figure_read(figure, cma);
}

void cma_real_forget(struct kunit *test, struct cma *cma, unsigned long pfn,
		     unsigned long nr_pages)
{
	struct cma_claim claim;

	KUNIT_ASSERT_TRUE(test, cma_retire(cma, cma_pages_to_run(cma, pfn, nr_pages),
					   &claim));
	cma_abort(cma, &claim);
}
