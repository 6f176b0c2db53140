// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: who may borrow an area while no device uses it.
 *
 *	all	everything that is movable
 *	clean	page cache that is read. Its pageblocks are MIGRATE_CMA_CLEAN, from which
 *		nobody else gets a page; when a device wants the run it is dropped, or
 *		copied if it is mapped or hot.
 *	none	nobody: all of the area is READY, and what isn't yet is as with clean
 *
 * What is there already when that changes is moved out if it may not be there any more. What
 * can't be moved stays until it leaves by itself, or has to.
 */
#define pr_fmt(fmt) "cma: " fmt

#include <kunit/visibility.h>
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "area.h"

/* An evacuation that has a pageblock isolated is waited for, so many half milliseconds. */
#define CMA_RETYPE_TRIES	2000

DEFINE_STATIC_KEY_FALSE(cma_clean_key);

/* So many areas aren't lent to everybody. Written under the mutex. */
static unsigned int cma_nr_clean_areas;

/*
 * What others have that may not any more is counted again so often, until it is gone, and
 * while it stays as it is half as often each time, down to the second figure.
 */
#define CMA_RECOUNT_MS		10000
#define CMA_RECOUNT_MOST_MS	600000

/* One at a time, of whatever area. */
static DEFINE_MUTEX(cma_borrow_mutex);

static const char * const cma_borrow_names[] = {
	[CMA_BORROW_ALL] = "all",
	[CMA_BORROW_CLEAN] = "clean",
	[CMA_BORROW_NONE] = "none",
};

/**
 * cma_borrow_name() - the word for those who may borrow an area
 * @how: who may
 *
 * Context: any.
 * Return: a constant string, NULL behind the last word.
 */
const char *cma_borrow_name(unsigned int how)
{
	return how < ARRAY_SIZE(cma_borrow_names) ? cma_borrow_names[how] : NULL;
}

/**
 * cma_are_areas_clean() - is there an area that isn't lent to everybody?
 *
 * Context: any; a hint.
 * Return: whether there is one.
 */
bool cma_are_areas_clean(void)
{
	return cma_has_clean_blocks() && READ_ONCE(cma_nr_clean_areas);
}

static void cma_retype(struct cma *cma)
{
	const struct cma_range *range = cma->ranges;
	unsigned long pfn, end, missed = 0;

	for (; range < cma->ranges + cma->nr_ranges; range++) {
		end = range->base_pfn + range->nr_pages;
		for (pfn = range->base_pfn; pfn < end; pfn += pageblock_nr_pages) {
			if (!cma_retype_block(pfn, CMA_RETYPE_TRIES))
				missed += pageblock_nr_pages;
			cond_resched();
		}
		/* Pcplists have pages of the old type. */
		drain_all_pages(page_zone(pfn_to_page(range->base_pfn)));
	}
	if (missed)
		pr_warn("%s: %lu of %lu pages are lent as before: their pageblocks were in use; set borrow again later\n",
			cma->name, missed, cma->nr_pages);
}

static void cma_set_borrow_locked(struct cma *cma, enum cma_borrow how)
{
	enum cma_borrow before = cma->borrow;

	lockdep_assert_held(&cma_borrow_mutex);
	if (before == CMA_BORROW_ALL && how != CMA_BORROW_ALL) {
		static_branch_inc(&cma_clean_key);
		WRITE_ONCE(cma_nr_clean_areas, cma_nr_clean_areas + 1);
	}
	WRITE_ONCE(cma->borrow, how);
	/* Again, for what was in use the last time. */
	if (how != CMA_BORROW_ALL || before != CMA_BORROW_ALL)
		cma_retype(cma);
	if (before != CMA_BORROW_ALL && how == CMA_BORROW_ALL) {
		WRITE_ONCE(cma_nr_clean_areas, cma_nr_clean_areas - 1);
		static_branch_dec(&cma_clean_key);
	}
	if (how == CMA_BORROW_NONE)
		cma_set_ready_min(cma, cma->nr_pages);
	else if (before == CMA_BORROW_NONE)
		cma_set_ready_min(cma, 0);
}

/**
 * cma_set_borrow() - choose who may borrow an area, nothing of which others have
 * @cma: active area
 * @how: who may
 *
 * Context: sleeps.
 */
void cma_set_borrow(struct cma *cma, enum cma_borrow how)
{
	mutex_lock(&cma_borrow_mutex);
	cma_set_borrow_locked(cma, how);
	mutex_unlock(&cma_borrow_mutex);
}

/* What is evacuated isn't seen, and may be back in a moment: a page stands for it. */
static unsigned long cma_others_of(struct cma *cma)
{
	unsigned long ended = READ_ONCE(cma->claims_ended);
	unsigned long nr_others = cma_count_others(cma), flags;
	bool changes;

	spin_lock_irqsave(&cma->lock, flags);
	changes = cma->nr_claimed || cma->claims_ended != ended;
	spin_unlock_irqrestore(&cma->lock, flags);
	return nr_others ?: changes;
}

static int cma_recount_area(struct cma *cma, void *data)
{
	unsigned long *nr_others = data;

	if (!READ_ONCE(cma->nr_others))
		return 0;
	mutex_lock(&cma_borrow_mutex);
	WRITE_ONCE(cma->nr_others,
		   cma->borrow == CMA_BORROW_ALL ? 0 : cma_others_of(cma));
	*nr_others += cma->nr_others;
	mutex_unlock(&cma_borrow_mutex);
	return 0;
}

static void cma_recount_later(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(cma_recount_work, cma_recount_later);

/* What they had in all the last time, and when they are counted again. Under the mutex. */
static unsigned long cma_recounted;
static unsigned int cma_recount_ms;

/* They leave by themselves, or have to for a device. */
VISIBLE_IF_KUNIT void cma_recount(void)
{
	unsigned long nr_others = 0;

	cma_for_each_area(cma_recount_area, &nr_others);
	mutex_lock(&cma_borrow_mutex);
	cma_recount_ms = nr_others == cma_recounted ?
		min(2 * cma_recount_ms, CMA_RECOUNT_MOST_MS) : CMA_RECOUNT_MS;
	cma_recounted = nr_others;
	if (nr_others)
		mod_delayed_work(system_unbound_wq, &cma_recount_work,
				 msecs_to_jiffies(cma_recount_ms));
	mutex_unlock(&cma_borrow_mutex);
}

static void cma_recount_later(struct work_struct *work)
{
	cma_recount();
}

/**
 * cma_choose_borrow() - choose who may borrow an area, by the word for it
 * @cma: active area
 * @word: the word, perhaps with a newline
 *
 * Those who have borrowed it and may not any more are moved out, as far as there is room
 * for them elsewhere.
 *
 * Context: sleeps.
 * Return: 0, or -EINVAL if there is no such word.
 */
int cma_choose_borrow(struct cma *cma, const char *word)
{
	int how = sysfs_match_string(cma_borrow_names, word);

	if (how < 0)
		return how;
	mutex_lock(&cma_borrow_mutex);
	/* What is there already is taken for others' until it is known whose it is. */
	WRITE_ONCE(cma->nr_others, how == CMA_BORROW_ALL ? 0 : cma->nr_pages);
	cma_set_borrow_locked(cma, how);
	mutex_unlock(&cma_borrow_mutex);
	if (how == CMA_BORROW_CLEAN)
		cma_empty(cma);
	cma_recount();
	return 0;
}
