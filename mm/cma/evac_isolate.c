// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: which pages are isolated to be migrated, and how many at a time.
 *
 * Where there are too many isolated pages in the system others wait, and so would
 * compaction. An evacuation waits a moment, since all at once is cheaper, and takes a few at
 * a time then, as reclaim does that goes on: to wait longer would be at the cost of the
 * device, and to pass by the run would have pages noted that move perfectly well.
 */
#include <linux/hugetlb.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "evac.h"
#include "../internal.h"

/* A folio moves as a whole, also if the run begins in the middle of it. */
static unsigned long cma_folio_start(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	if (!PageTail(page))
		return pfn;
	return max(pageblock_start_pfn(pfn), page_to_pfn(compound_head(page)));
}

/*
 * Moving a page of a file may take a lock of its file system, which a request without
 * __GFP_FS may be holding. Compaction asks the same.
 */
static bool cma_may_move(const struct compact_control *cc, struct folio *folio)
{
	return (cc->gfp_mask & __GFP_FS) || !folio_mapping(folio);
}

/* Put the folio of a page on the list. Returns the pages of it, 0 if it stays. */
static unsigned long cma_isolate_one(struct compact_control *cc, struct page *page)
{
	struct folio *folio = page_folio(page);
	unsigned long nr = 0;

	if (!folio_try_get(folio))
		return 0;
	if (page_folio(page) == folio && cma_may_move(cc, folio) &&
	    isolate_folio_to_list(folio, &cc->migratepages))
		nr = folio_nr_pages(folio);
	folio_put(folio);
	return nr;
}

/*
 * A few pages, however much others have isolated. A hugetlb page that is free is replaced on
 * the spot, or else put on the list as well.
 */
static int cma_isolate_few(const struct cma_vacancy *vacancy,
			   struct compact_control *cc, unsigned long pfn,
			   unsigned long end)
{
	unsigned long nr = 0, last;
	int err = 0;

	for (pfn = cma_next_todo(vacancy, pfn);
	     pfn < end && nr < SWAP_CLUSTER_MAX && err != -ENOMEM;
	     pfn = cma_next_todo(vacancy, last + 1)) {
		struct page *page = pfn_to_page(pfn);

		last = pfn;
		if (PageHuge(page)) {
			last |= compound_nr(compound_head(page)) - 1;
			err = isolate_or_dissolve_huge_page(page, &cc->migratepages);
			nr += err ? 0 : SWAP_CLUSTER_MAX;
		} else {
			nr += cma_isolate_one(cc, page);
		}
	}
	cc->migrate_pfn = min(pfn, end);
	return err == -ENOMEM ? err : 0;
}

/* As cma_isolate(); -EAGAIN, and nothing is on the list, if others have isolated too much. */
static int cma_isolate_todo(const struct cma_vacancy *vacancy,
			    struct compact_control *cc, unsigned long pfn,
			    unsigned long end)
{
	unsigned long stop;
	int ret;

	for (pfn = cma_next_todo(vacancy, pfn); pfn < end;
	     pfn = cma_next_todo(vacancy, stop)) {
		stop = min(cma_next_done(vacancy, pfn), end);
		ret = isolate_migratepages_range(cc, cma_folio_start(pfn), stop);
		if (ret && (ret != -EAGAIN || list_empty(&cc->migratepages)))
			return ret;
		if (ret || cc->nr_migratepages >= CMA_ISOLATE_PAGES) {
			/* In front of it there can be more of a folio. */
			cc->migrate_pfn = max(cc->migrate_pfn, pfn);
			return 0;
		}
	}
	cc->migrate_pfn = end;
	return 0;
}

/**
 * cma_isolate() - put what is to move out of a part of a run on the list of pages to migrate
 * @vacancy: the run
 * @evacuation: the attempt
 * @cc: has the list, which is empty; its migrate_pfn is set to where to go on when that has
 *	been migrated, and is @end or behind it when there is no more
 * @pfn: first page of the part
 * @end: the page behind it
 *
 * Not more than CMA_ISOLATE_PAGES, and the rest of the pageblock of one, at a time.
 *
 * Context: sleeps.
 * Return: 0, -EINTR, or -ENOMEM where a hugetlb page can't be replaced.
 */
int cma_isolate(struct cma_vacancy *vacancy,
		const struct cma_evacuation *evacuation,
		struct compact_control *cc, unsigned long pfn, unsigned long end)
{
	unsigned int ticks = 0;
	int ret;

	do
		ret = cma_isolate_todo(vacancy, cc, pfn, end);
	while (ret == -EAGAIN &&
	       cma_wait_for_others(vacancy, evacuation, &ticks));
	return ret == -EAGAIN ? cma_isolate_few(vacancy, cc, pfn, end) : ret;
}
