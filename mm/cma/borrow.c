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
#include <linux/math64.h>
#include <linux/mmzone.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "area.h"
#include "boot_entries.h"
#include "init.h"

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

/* So many pages of an area are lent to page cache alone. */
static unsigned long cma_lent_to_cache(const struct cma *cma)
{
	unsigned long taken = READ_ONCE(cma->nr_allocated) + READ_ONCE(cma->nr_claimed) +
			      READ_ONCE(cma->ready.total);

	if (READ_ONCE(cma->borrow) == CMA_BORROW_ALL)
		return READ_ONCE(cma->quick.nr_lent);
	taken = (taken << cma->order_per_bit) + READ_ONCE(cma->nr_others);
	return cma->nr_pages - min(cma->nr_pages, taken);
}

/*
 * So many of all pages, as of so many. Where long has 32 bits the product of two numbers of
 * pages doesn't fit into it.
 */
VISIBLE_IF_KUNIT
unsigned long cma_share(unsigned long part, unsigned long nr_pages, unsigned long all)
{
	return div64_ul((u64)part * nr_pages, all);
}

/* Those of them that are in a zone, if they are spread evenly. Mostly there are none. */
static unsigned long cma_lent_to_cache_in(const struct cma *cma, const struct zone *zone)
{
	unsigned long lent = cma_lent_to_cache(cma), nr_pages = 0;
	const struct cma_range *range = cma->ranges;

	for (; lent && range < cma->ranges + cma->nr_ranges; range++)
		if (page_zone(pfn_to_page(range->base_pfn)) == zone)
			nr_pages += range->nr_pages;
	return cma_share(lent, nr_pages, cma->nr_pages);
}

/* What is in use of these pageblocks and was there before isn't page cache. */
static unsigned long cma_clean_cache(struct zone *zone, unsigned long free)
{
	unsigned long nr_pages = 0;
	const struct cma *cma;

	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++)
		if (cma_is_active(cma))
			nr_pages += cma_lent_to_cache_in(cma, zone);
	return min(nr_pages - min(nr_pages, free),
		   zone_page_state(zone, NR_ZONE_INACTIVE_FILE) +
		   zone_page_state(zone, NR_ZONE_ACTIVE_FILE));
}

/**
 * __cma_clean_pages() - pages that only clean page cache may have, or has
 * @zone: of this zone; NULL for all
 * @in_use: those of them that page cache has; else those that are free as well
 *
 * Context: any; takes no lock, so that it is about right.
 * Return: number of pages.
 */
unsigned long __cma_clean_pages(struct zone *zone, bool in_use)
{
	unsigned long nr_pages = 0, free;

	if (!zone) {
		for_each_populated_zone(zone)
			nr_pages += __cma_clean_pages(zone, in_use);
		return nr_pages;
	}
	free = zone_page_state(zone, NR_FREE_CMA_CLEAN_PAGES);
	return cma_clean_cache(zone, free) + (in_use ? 0 : free);
}

/* Free pages of a zone that those can have who may use memory up to another zone. */
static unsigned long cma_zone_spare(struct zone *zone, enum zone_type idx)
{
	unsigned long free = zone_page_state(zone, NR_FREE_PAGES);
	unsigned long kept = zone_page_state(zone, NR_FREE_CMA_CLEAN_PAGES) +
			     READ_ONCE(zone->nr_free_highatomic) + zone->lowmem_reserve[idx];

	return free - min(free, kept);
}

/* Has a node some of an area? */
static bool cma_is_of_node(const struct cma *cma, int nid)
{
	const struct cma_range *range = cma->ranges;

	for (; range < cma->ranges + cma->nr_ranges; range++)
		if (pfn_to_nid(range->base_pfn) == nid)
			return true;
	return false;
}

/* Is there an area for page cache alone? */
static bool cma_node_has_clean_area(int nid)
{
	const struct cma *cma;

	if (!cma_are_areas_clean())
		return false;
	for (cma = cma_areas; cma < cma_areas + cma_area_count; cma++)
		if (cma_is_active(cma) && READ_ONCE(cma->borrow) == CMA_BORROW_CLEAN &&
		    cma_is_of_node(cma, nid))
			return true;
	return false;
}

/**
 * cma_takes_reads() - is what is read of a file to be where only clean page cache may be?
 * @nid: node
 *
 * Areas that are for page cache alone are filled first. What is read into windows is the
 * first to be dropped, so they are filled when there is little memory for it elsewhere.
 *
 * Context: any; a hint.
 * Return: whether it is.
 */
bool cma_takes_reads(int nid)
{
	enum zone_type i, idx = gfp_zone(GFP_HIGHUSER_MOVABLE);
	unsigned long spare = 0, least = 0;
	struct zone *zone;

	if (cma_node_has_clean_area(nid))
		return true;
	/* A low zone is the last one that is taken from, so that it alone says nothing. */
	for (i = 0; i <= idx; i++) {
		zone = &NODE_DATA(nid)->node_zones[i];
		if (!populated_zone(zone))
			continue;
		spare += cma_zone_spare(zone, idx);
		least += 2 * high_wmark_pages(zone);
	}
	return spare < least;
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
		/* The lists of the processors have pages of the old type. */
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

/*
 * Who may borrow according to an entry. Returns what follows the word: nothing, or the
 * name of an area behind "@". NULL if it isn't understood.
 */
static const char * __init cma_borrow_word(const char *arg, enum cma_borrow *how)
{
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(cma_borrow_names); i++) {
		len = strlen(cma_borrow_names[i]);
		if (strncmp(arg, cma_borrow_names[i], len) ||
		    (arg[len] && arg[len] != '@'))
			continue;
		*how = i;
		return arg + len;
	}
	return NULL;
}

static const char * __init cma_borrow_end(const char *arg)
{
	enum cma_borrow how;

	return cma_borrow_word(arg, &how);
}

static struct cma_entries cma_borrow_entries __initdata = {
	.option		= "cma_borrow",
	.expected	=
		"all, clean or none expected, and @area behind it if it isn't for all areas",
	.value_end	= cma_borrow_end,
};

static int __init cma_borrow_setup(char *arg)
{
	return cma_entries_add(&cma_borrow_entries, arg);
}
early_param("cma_borrow", cma_borrow_setup);

/* Whether an entry is for this area; sets who may borrow it. */
VISIBLE_IF_KUNIT
bool __init cma_borrow_parse(const char *arg, const struct cma *cma, enum cma_borrow *how)
{
	return cma_entry_is_for(cma_borrow_word(arg, how), cma);
}

/**
 * cma_guarantee() - have devices meet page cache that is read, and nothing else
 * @cma: area that isn't active yet
 *
 * Only clean page cache may borrow it, unless the command line says otherwise.
 *
 * Context: boot, after the area was declared.
 */
void __init cma_guarantee(struct cma *cma)
{
	cma->is_guaranteed = true;
}

/**
 * cma_borrow_boot() - choose who may borrow an area, as the command line says
 * @cma: area that has just become active
 *
 * The last entry that is for the area counts; without one, what the area was declared with.
 *
 * Context: boot.
 */
void __init cma_borrow_boot(struct cma *cma)
{
	unsigned int i = cma_borrow_entries.nr;
	enum cma_borrow how;

	while (i--) {
		if (!cma_borrow_parse(cma_borrow_entries.args[i], cma, &how))
			continue;
		cma_set_borrow(cma, how);
		return;
	}
	if (cma->is_guaranteed)
		cma_set_borrow(cma, CMA_BORROW_CLEAN);
}

/**
 * cma_borrow_report() - say which entries of cma_borrow= are for no area
 *
 * Context: boot, see init.c.
 */
void __init cma_borrow_report(void)
{
	cma_entries_report(&cma_borrow_entries);
}
