// SPDX-License-Identifier: GPL-2.0
/*
 * A file in memory that is outside areas, for the tests of what moves in.
 */
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>

#include "outside.h"
#include "real.h"
#include "../../internal.h"

#define WORD	0x6d6f7665U

/* One call looks at all of a file that lies so close together. */
#define NEAR_PAGES	16384
#define NR_FILES	64

static void end_shortage(void *data)
{
	setup_per_zone_wmarks();
}

struct zone *cma_zone_of_areas(struct kunit *test)
{
	return page_zone(pfn_to_page(cma_real_area(test, "kunit0")->base_pfn));
}

/* All that is free outside is too little. kswapd goes by another watermark. */
void cma_make_zone_short(struct kunit *test, struct zone *zone)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, end_shortage, NULL), 0);
	WRITE_ONCE(zone->_watermark[WMARK_HIGH], zone_managed_pages(zone));
}

static void close_file(void *data)
{
	/* By a worker it would be in the middle of other tests. */
	__fput_sync(data);
	drain_all_pages(NULL);
}

struct folio *cma_outside_folio(struct cma_outside *outside, pgoff_t index)
{
	struct folio *folio = shmem_read_folio(outside->file->f_mapping, index);

	KUNIT_ASSERT_FALSE(outside->test, IS_ERR(folio));
	return folio;
}

static void fill_file(struct cma_outside *outside, gfp_t gfp)
{
	struct address_space *mapping = outside->file->f_mapping;
	gfp_t usual = mapping_gfp_mask(mapping);
	/* What may be pinned for long isn't allocated in areas. */
	unsigned int flags = memalloc_pin_save();
	struct folio *folio;
	u32 *words;
	pgoff_t i;

	drain_all_pages(NULL);
	outside->low_pfn = ULONG_MAX;
	outside->high_pfn = 0;
	mapping_set_gfp_mask(mapping, gfp);
	for (i = 0; i < CMA_OUTSIDE_PAGES; i++) {
		folio = cma_outside_folio(outside, i);
		words = kmap_local_folio(folio, 0);
		words[0] = WORD + i;
		kunmap_local(words);
		KUNIT_EXPECT_FALSE(outside->test, is_migrate_cma_folio(folio, folio_pfn(folio)));
		KUNIT_EXPECT_PTR_EQ(outside->test, folio_zone(folio), outside->zone);
		outside->low_pfn = min(outside->low_pfn, folio_pfn(folio));
		outside->high_pfn = max(outside->high_pfn, folio_pfn(folio));
		folio_put(folio);
	}
	memalloc_pin_restore(flags);
	mapping_set_gfp_mask(mapping, usual);
	lru_add_drain_all();
}

/*
 * Of pages from here and there a call looks only at the first ones. Files that are such
 * stay until the test ends: what is left comes from one place at length.
 */
static void make_file(struct cma_outside *outside, gfp_t gfp)
{
	struct kunit *test = outside->test;
	unsigned int i;

	for (i = 0; i < NR_FILES; i++) {
		outside->file = shmem_kernel_file_setup("kunit", CMA_OUTSIDE_PAGES * PAGE_SIZE,
							VM_NORESERVE);
		KUNIT_ASSERT_FALSE(test, IS_ERR(outside->file));
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, close_file, outside->file),
				0);
		fill_file(outside, gfp);
		if (outside->high_pfn - outside->low_pfn < NEAR_PAGES)
			break;
	}
}

/* The file is in a zone, from which @gfp allocates. */
struct cma_outside *cma_open_outside_in(struct kunit *test, struct zone *zone, gfp_t gfp)
{
	struct cma_outside *outside = kunit_kzalloc(test, sizeof(*outside), GFP_KERNEL);
	struct zone *inside = cma_zone_of_areas(test);
	struct cma_cursor *cursor;

	KUNIT_ASSERT_NOT_NULL(test, outside);
	outside->test = test;
	outside->cma = cma_real_area(test, "kunit0");
	outside->zone = zone;
	cma_real_lend(outside->cma);
	make_file(outside, gfp);
	if (zone_page_state(inside, NR_FREE_CMA_PAGES) <
	    low_wmark_pages(inside) + 4 * CMA_OUTSIDE_PAGES)
		kunit_skip(test, "no room in areas");
	/* So that nothing else of the zone has to move before. */
	cursor = cma_cursor_of(outside->zone);
	KUNIT_ASSERT_NOT_NULL(test, cursor);
	WRITE_ONCE(cursor->pfn, pageblock_start_pfn(outside->low_pfn));
	/* The last test may have been in vain a moment ago. */
	WRITE_ONCE(cursor->again[0], jiffies);
	WRITE_ONCE(cursor->again[1], jiffies);
	cursor->again_at_last = 0;
	return outside;
}

struct cma_outside *cma_open_outside(struct kunit *test)
{
	struct zone *inside = cma_zone_of_areas(test);

	/* High memory would come before low memory. */
	return cma_open_outside_in(test, inside, is_highmem(inside) ? GFP_HIGHUSER_MOVABLE :
								      GFP_USER | __GFP_MOVABLE);
}

/* How many of the file's pages are in an area; all have their data. */
unsigned int cma_count_inside(struct cma_outside *outside)
{
	unsigned int inside = 0;
	struct folio *folio;
	u32 *words;
	pgoff_t i;

	for (i = 0; i < CMA_OUTSIDE_PAGES; i++) {
		folio = cma_outside_folio(outside, i);
		words = kmap_local_folio(folio, 0);
		KUNIT_EXPECT_EQ(outside->test, words[0], WORD + i);
		kunmap_local(words);
		inside += is_migrate_cma_folio(folio, folio_pfn(folio));
		folio_put(folio);
	}
	return inside;
}

/* Free pages of no area that are on a pcplist would be handed out first. */
unsigned long cma_move_up_to(struct cma_outside *outside, struct zone *highest,
			     unsigned long nr_pages, gfp_t gfp)
{
	unsigned long moved;

	migrate_disable();
	drain_all_pages(NULL);
	moved = cma_move_in(outside->zone->zone_pgdat, zone_idx(highest), nr_pages, gfp);
	migrate_enable();
	return moved;
}

/* What is in memory alone moves before page cache if that may not be touched. */
unsigned long cma_move_in_all(struct cma_outside *outside, gfp_t gfp)
{
	return cma_move_up_to(outside, outside->zone, ULONG_MAX, gfp);
}
