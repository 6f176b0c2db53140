// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: whose a page is that stays where it is, for messages; how much of a run
 * is free, or of those that may not borrow an area; and what is pinned.
 *
 * A page is looked at when everything is over, and may be something else by then, somebody
 * else's above all: a reference of ours to a page that an area has would be taken for its
 * owner's mistake. So only what is lent is held, of which others have references in passing;
 * and the folio is locked, so that what is said is true of one moment.
 */
#include <linux/blkdev.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>
#include <linux/seq_buf.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "evac.h"
#include "../internal.h"

static void cma_describe_file(struct seq_buf *s, struct inode *inode)
{
	struct dentry *dentry;
	char name[64];

	if (sb_is_blkdev_sb(inode->i_sb)) {
		seq_buf_printf(s, ", of block device %pg", I_BDEV(inode));
		return;
	}
	/* The lock keeps the inode's names. */
	spin_lock(&inode->i_lock);
	dentry = hlist_entry_safe(inode->i_dentry.first, struct dentry, d_u.d_alias);
	/* Anybody may have chosen it: a line is to remain one, and not too long. */
	if (dentry)
		snprintf(name, sizeof(name), "%pd", dentry);
	if (dentry)
		seq_buf_printf(s, ", of file \"%*pE\" (%s, inode %lu)",
			       (int)strlen(name), name,
			       inode->i_sb->s_type->name, inode->i_ino);
	else
		seq_buf_printf(s, ", of a file (%s, inode %lu)",
			       inode->i_sb->s_type->name, inode->i_ino);
	spin_unlock(&inode->i_lock);
}

static void cma_describe_task(struct seq_buf *s, const struct mm_struct *mm)
{
	struct task_struct *process, *thread;

	rcu_read_lock();
	for_each_process_thread(process, thread) {
		if (READ_ONCE(thread->mm) != mm)
			continue;
		seq_buf_printf(s, ", mapped by %s[%d]", process->comm,
			       task_pid_nr(process));
		break;
	}
	rcu_read_unlock();
}

/* The first that is found is enough. */
static bool cma_describe_mapper(struct folio *folio, struct vm_area_struct *vma,
				unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(walk, folio, vma, addr, 0);

	if (!page_vma_mapped_walk(&walk))
		return true;
	page_vma_mapped_walk_done(&walk);
	cma_describe_task(arg, vma->vm_mm);
	return false;
}

/* With the folio locked */
static void cma_describe_owner(struct seq_buf *s, struct folio *folio)
{
	struct rmap_walk_control walk = {
		.arg		= s,
		.rmap_one	= cma_describe_mapper,
		.anon_lock	= folio_lock_anon_vma_read,
		/* The caller may have any of these locks. */
		.try_lock	= true,
	};
	struct address_space *mapping = folio_mapping(folio);

	if (__folio_test_movable(folio)) {
		seq_buf_printf(s, ", of %ps", page_movable_ops(&folio->page));
		return;
	}
	if (folio_test_anon(folio))
		seq_buf_puts(s, ", anonymous");
	else if (mapping && mapping->host)
		cma_describe_file(s, mapping->host);
	if (folio_mapped(folio))
		rmap_walk(folio, &walk);
}

/* With a reference of ours to the folio, which doesn't count */
static void cma_describe_folio(struct seq_buf *s, struct folio *folio,
			       const struct cma_blocker *blocker)
{
	int refs = folio_ref_count(folio) - 1;

	if (refs != blocker->refs)
		seq_buf_printf(s, ", now %d", refs);
	if (!folio_trylock(folio)) {
		seq_buf_puts(s, ", locked");
		return;
	}
	seq_buf_printf(s, ", %d of them expected", cma_expected_refs(folio));
	cma_describe_owner(s, folio);
	folio_unlock(folio);
}

/* Only what others reclaim and migrate */
static bool cma_may_hold(const struct page *page)
{
	return !cma_has_page(page_to_pfn(page)) &&
	       (PageLRU(page) || __PageMovable(page) || PageHuge(page));
}

/**
 * cma_pages_describe() - say whose the page is that stopped an evacuation
 * @blocker: the page, as it was seen then
 * @s: the text is added there, each part of it behind a comma
 *
 * Its references and how many of them are expected, the file, and a process that maps it,
 * as far as that can be told.
 *
 * Context: sleeps. Takes and drops a reference of the folio, and tries to lock it and what
 * its mappings need.
 */
void cma_pages_describe(const struct cma_blocker *blocker, struct seq_buf *s)
{
	struct page *page = pfn_to_page(blocker->pfn);
	struct folio *folio = page_folio(page);

	if (PageHWPoison(page)) {
		seq_buf_puts(s, ", where the hardware has failed");
	} else if (PageReserved(page)) {
		seq_buf_puts(s, ", reserved");
	} else if (PageSlab(page)) {
		seq_buf_puts(s, ", of the slab allocator");
	} else if (cma_may_hold(&folio->page) && folio_try_get(folio)) {
		/* Whoever claims it from now on sees the reference. */
		if (page_folio(page) == folio && !cma_has_page(blocker->pfn))
			cma_describe_folio(s, folio, blocker);
		folio_put(folio);
	}
}

/**
 * cma_pages_dump() - have the log say who allocated the page that stopped an evacuation
 * @blocker: the page
 *
 * Nothing is said unless page_owner is on.
 *
 * Context: any.
 */
void cma_pages_dump(const struct cma_blocker *blocker)
{
	dump_page_owner(pfn_to_page(blocker->pfn));
}

/**
 * cma_pages_count_free() - how much of a run is on the page allocator's free lists?
 * @pfn: first page
 * @nr_pages: number of pages
 *
 * Context: sleeps. Nothing is locked, and the answer may be out of date.
 * Return: number of pages.
 */
unsigned long cma_pages_count_free(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, nr_free = 0, step;

	for (; pfn < end; pfn += step) {
		struct page *page = pfn_to_page(pfn);

		step = 1;
		if (!(pfn % MAX_ORDER_NR_PAGES))
			cond_resched();
		if (!PageBuddy(page))
			continue;
		step = BIT(min_t(unsigned int, buddy_order_unsafe(page), MAX_PAGE_ORDER));
		nr_free += min(step, end - pfn);
	}
	return nr_free;
}

/* Page cache of a file, on its way to a list or from there as well. */
static bool cma_is_of_file(const struct page *head)
{
	unsigned long mapping = (unsigned long)READ_ONCE(head->mapping);
	unsigned long flags = READ_ONCE(head->flags);

	if (flags & BIT(PG_swapbacked))
		return false;
	return (flags & BIT(PG_lru)) || (mapping && !(mapping & PAGE_MAPPING_FLAGS));
}

/**
 * cma_pages_of_others() - count what is in use and isn't a file's page cache
 * @pfn: first page
 * @nr_pages: number of pages
 *
 * Context: any. Nothing is locked, and the answer may be out of date.
 * Return: number of pages.
 */
unsigned long cma_pages_of_others(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, nr_others = 0, step;

	for (; pfn < end; pfn += step) {
		struct page *page = pfn_to_page(pfn);
		const struct page *head = compound_head(page);

		step = 1;
		if (PageBuddy(page)) {
			step = BIT(min_t(unsigned int, buddy_order_unsafe(page), MAX_PAGE_ORDER));
			continue;
		}
		/* Those of huge pages have no reference while they are free. */
		nr_others += PageHuge(head) || (page_ref_count(head) && !cma_is_of_file(head));
	}
	return nr_others;
}

/*
 * So many pages from this one on are alike. A large folio counts its pins, where something else
 * may lie as soon as it is freed: so it is held for a moment, as above.
 */
static unsigned long cma_look_for_pins(unsigned long pfn, bool *pinned)
{
	struct page *page = pfn_to_page(pfn);
	unsigned long nr_pages = 1;
	struct folio *folio;

	*pinned = page_ref_count(page) >= GUP_PIN_COUNTING_BIAS;
	if (!PageCompound(page))
		return 1;
	*pinned = false;
	folio = page_folio(page);
	if (!cma_may_hold(page) || !folio_try_get(folio))
		return 1;
	if (page_folio(page) == folio && !cma_has_page(pfn)) {
		*pinned = folio_maybe_dma_pinned(folio);
		nr_pages = folio_pfn(folio) + folio_nr_pages(folio) - pfn;
	}
	folio_put(folio);
	return nr_pages;
}

/**
 * cma_next_pinned() - find pages that are pinned
 * @pfn: the first one that is looked at
 * @end: behind the last one
 * @nr_pages: set to the number of pinned pages from the one that is found on; 0 if none is
 *
 * Of large folios only those are looked at that aren't an area's or its owners'. As everywhere,
 * so many plain references to a small one look like a pin.
 *
 * Context: may sleep; takes and drops references of large folios. The answer may be out of
 * date.
 * Return: the first one, or @end.
 */
unsigned long cma_next_pinned(unsigned long pfn, unsigned long end, unsigned long *nr_pages)
{
	unsigned long first = end, step;
	bool pinned;

	*nr_pages = 0;
	for (; pfn < end; pfn += step) {
		cond_resched();
		step = min(cma_look_for_pins(pfn, &pinned), end - pfn);
		if (pinned) {
			first = min(first, pfn);
			*nr_pages += step;
		} else if (*nr_pages) {
			break;
		}
	}
	return first;
}
