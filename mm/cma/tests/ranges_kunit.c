// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of areas that have several ranges. In the pictures a letter stands for a
 * pageblock:
 *
 *	.  of the area, lent	#  of the area, allocated	(space)  a hole
 *
 * Books and policy are tested on an area without memory, the rest on one that is
 * put together while booting, out of memory that has been made scarce.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>

#include "../stats.h"
#include "fake.h"
#include "reserve.h"

#define BLOCK	FAKE_BLOCK

/* ".. . ..." */
static const struct cma_range fake_ranges[] = {
	{ .base_pfn = 0, .nr_pages = 2 * BLOCK },
	{ .base_pfn = 3 * BLOCK, .nr_pages = BLOCK },
	{ .base_pfn = 5 * BLOCK, .nr_pages = 3 * BLOCK },
};

#define FAKE_SPAN	(8 * BLOCK)

static struct cma_fake *scattered(struct kunit *test, unsigned int order)
{
	return cma_fake_create_ranges(test, fake_ranges,
				      ARRAY_SIZE(fake_ranges), order);
}

static bool in_one_range(unsigned long start, unsigned long count)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fake_ranges); i++)
		if (start >= fake_ranges[i].base_pfn &&
		    start + count <= fake_ranges[i].base_pfn +
				     fake_ranges[i].nr_pages)
			return true;
	return false;
}

static void the_states_add_up_to_the_ranges(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);
	struct cma_usage usage;

	KUNIT_ASSERT_GE(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	cma_get_usage(&fake->cma, &usage);
	KUNIT_EXPECT_EQ(test, usage.total, 6 * BLOCK);
	KUNIT_EXPECT_EQ(test, usage.allocated, BLOCK);
	KUNIT_EXPECT_EQ(test, usage.lent, 5 * BLOCK);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
}

/*
 * ".. . ..."  ->  "## # ###", one page at a time; several where a block has so many
 * that looking at the books after each would take minutes
 */
static void a_page_of_a_hole_is_never_handed_out(struct kunit *test)
{
	const unsigned long step = max(BLOCK / 1024, 1UL);
	struct cma_fake *fake = scattered(test, 0);
	unsigned long i;
	long at;

	for (i = 0; i < 6 * BLOCK; i += step) {
		at = cma_fake_alloc(fake, step, 0);
		KUNIT_ASSERT_GE(test, at, 0);
		KUNIT_ASSERT_TRUE(test, in_one_range(at, step));
	}
	cma_fake_expect_reason(fake, 1, GFP_KERNEL, CMA_REASON_FULL);
}

/* ".. . ..."  ->  "## # ###", the longest run that there is each time */
static void a_run_lies_in_one_range(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);
	long at;

	at = cma_fake_alloc(fake, 3 * BLOCK, 0);
	KUNIT_EXPECT_EQ(test, at, 5 * BLOCK);
	at = cma_fake_alloc(fake, 2 * BLOCK, 0);
	KUNIT_EXPECT_EQ(test, at, 0);
	cma_fake_expect_reason(fake, BLOCK + 1, GFP_KERNEL,
			       CMA_REASON_FULL);
	at = cma_fake_alloc(fake, BLOCK, 0);
	KUNIT_EXPECT_EQ(test, at, 3 * BLOCK);
}

static void what_no_single_range_holds_is_too_big(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);

	cma_fake_expect_reason(fake, 3 * BLOCK + 1, GFP_KERNEL,
			       CMA_REASON_TOO_BIG);
	cma_fake_expect_reason(fake, FAKE_SPAN, GFP_KERNEL,
			       CMA_REASON_TOO_BIG);
}

/* An aligned place exists in the first range and in the last, two blocks long. */
static void alignment_is_that_of_the_address_in_each_range(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);
	unsigned int order = ilog2(2 * BLOCK);
	struct cma_request request = {
		.count = 2 * BLOCK, .align = order, .gfp = GFP_KERNEL,
	};
	long first = cma_fake_request(fake, &request);
	long second = cma_fake_request(fake, &request);

	KUNIT_EXPECT_EQ(test, min(first, second), 0);
	KUNIT_EXPECT_EQ(test, max(first, second), 6 * BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -ENOSPC);
}

/* ".. . ..."  below a limit in the second hole: ".. ." */
static void a_limit_in_a_hole_leaves_the_ranges_below_it(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);
	struct cma_request request = {
		.count = 3 * BLOCK, .gfp = GFP_KERNEL,
		.limit = PFN_PHYS(FAKE_BASE_PFN + 4 * BLOCK) + SZ_4K,
	};

	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), -ERANGE);
	request.count = BLOCK;
	while (cma_fake_request(fake, &request) >= 0)
		;
	KUNIT_EXPECT_FALSE(test, cma_retire(&fake->cma, cma_extent_at(5 * BLOCK, BLOCK),
					    &(struct cma_claim){ }));
	KUNIT_EXPECT_EQ(test, fake->cma.nr_allocated, 3 * BLOCK);
}

static void a_run_of_each_range_can_be_released(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);
	long at[6];
	int i;

	for (i = 0; i < 6; i++) {
		at[i] = cma_fake_alloc(fake, BLOCK, ilog2(BLOCK));
		KUNIT_ASSERT_GE(test, at[i], 0);
	}
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, cma_fake_release(fake, at[i], BLOCK), 0);
	KUNIT_EXPECT_EQ(test, fake->cma.nr_allocated, 0);
}

static void a_release_in_a_hole_is_refused(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);

	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 2 * BLOCK, 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, BLOCK, 2 * BLOCK), -ENXIO);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, FAKE_SPAN), -ENXIO);
}

static void ready_runs_of_two_ranges_stay_apart(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 0);
	long low, high;

	cma_set_ready_max(&fake->cma, fake->cma.nr_pages);
	low = cma_fake_alloc(fake, 2 * BLOCK, 0);
	high = cma_fake_alloc(fake, 3 * BLOCK, 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, low, 2 * BLOCK), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, high, 3 * BLOCK), 0);
	KUNIT_EXPECT_EQ(test, fake->cma.ready.nr, 2);
	KUNIT_EXPECT_EQ(test, fake->cma.ready.extents[1].count, 3 * BLOCK);
	cma_set_ready_max(&fake->cma, 0);
}

static void units_of_several_pages_work_in_each_range(struct kunit *test)
{
	struct cma_fake *fake = scattered(test, 2);
	long at;

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 3 * BLOCK, 0), 5 * BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, 2 * BLOCK, 0), 0);
	at = cma_fake_alloc(fake, 1, 0);
	KUNIT_EXPECT_EQ(test, at, 3 * BLOCK);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, at, 1), 0);
}

static void a_hole_is_shown_as_one(struct kunit *test)
{
	static const struct cma_view expected[] = {
		{ { 0, 2 * BLOCK }, CMA_UNIT_LENT },
		{ { 2 * BLOCK, BLOCK }, CMA_UNIT_HOLE },
		{ { 3 * BLOCK, BLOCK }, CMA_UNIT_LENT },
		{ { 4 * BLOCK, BLOCK }, CMA_UNIT_HOLE },
		{ { 5 * BLOCK, FAKE_SPAN - 5 * BLOCK }, CMA_UNIT_LENT },
	};
	struct cma_fake *fake = scattered(test, 0);
	struct cma_view run = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		cma_view_at(&fake->cma, cma_extent_end(run.units), &run);
		KUNIT_EXPECT_EQ(test, run.units.start, expected[i].units.start);
		KUNIT_EXPECT_EQ(test, run.units.count, expected[i].units.count);
		KUNIT_EXPECT_EQ(test, run.state, expected[i].state);
	}
}

static void an_area_overlaps_with_its_ranges_only(struct kunit *test)
{
	const struct cma *cma = &scattered(test, 0)->cma;
	unsigned long base = FAKE_BASE_PFN;

	KUNIT_EXPECT_TRUE(test, cma_overlaps(cma, base, 1));
	KUNIT_EXPECT_TRUE(test, cma_overlaps(cma, 0, ~0UL));
	KUNIT_EXPECT_FALSE(test, cma_overlaps(cma, base + 1, 0));
	KUNIT_EXPECT_FALSE(test, cma_overlaps(cma, 0, base));
	KUNIT_EXPECT_FALSE(test, cma_overlaps(cma, base + 2 * BLOCK, BLOCK));
	KUNIT_EXPECT_TRUE(test, cma_overlaps(cma, base + 2 * BLOCK, BLOCK + 1));
	KUNIT_EXPECT_FALSE(test, cma_overlaps(cma, base + FAKE_SPAN,
					      ~0UL - base - FAKE_SPAN));
}

static struct kunit_case cma_ranges_cases[] = {
	KUNIT_CASE(the_states_add_up_to_the_ranges),
	KUNIT_CASE(a_page_of_a_hole_is_never_handed_out),
	KUNIT_CASE(a_run_lies_in_one_range),
	KUNIT_CASE(what_no_single_range_holds_is_too_big),
	KUNIT_CASE(alignment_is_that_of_the_address_in_each_range),
	KUNIT_CASE(a_limit_in_a_hole_leaves_the_ranges_below_it),
	KUNIT_CASE(a_run_of_each_range_can_be_released),
	KUNIT_CASE(a_release_in_a_hole_is_refused),
	KUNIT_CASE(ready_runs_of_two_ranges_stay_apart),
	KUNIT_CASE(units_of_several_pages_work_in_each_range),
	KUNIT_CASE(a_hole_is_shown_as_one),
	KUNIT_CASE(an_area_overlaps_with_its_ranges_only),
	{}
};

static struct kunit_suite cma_ranges_suite = {
	.name = "cma_ranges",
	.test_cases = cma_ranges_cases,
};

/*
 * Real memory. All that is free is reserved for a moment, but for three islands
 * at the upper end of the largest free range:
 *
 *	|...range............|# ### ##|
 *	 reserved              1  3  2  pageblocks
 */
#define NR_ISLANDS	3
#define MAX_FREE	64

static const unsigned int islands[NR_ISLANDS] __initconst = { 1, 3, 2 };

struct stretch {
	phys_addr_t start;
	phys_addr_t end;
};

static struct stretch free_ranges[MAX_FREE] __initdata;
static struct stretch island[NR_ISLANDS] __initdata;
static struct cma *pieces __initdata;
static int one_too_many __initdata;

static unsigned int __init collect_free(struct stretch **largest)
{
	struct stretch *range = free_ranges;
	phys_addr_t start, end;
	u64 i;

	*largest = free_ranges;
	for_each_free_mem_range(i, NUMA_NO_NODE, MEMBLOCK_NONE, &start, &end,
				NULL) {
		if (range == free_ranges + MAX_FREE)
			return 0;
		*range = (struct stretch){ start, end };
		if (end - start > (*largest)->end - (*largest)->start)
			*largest = range;
		range++;
	}
	return range - free_ranges;
}

/* The islands, below @end, with a pageblock between any two of them. */
static phys_addr_t __init place_islands(phys_addr_t end)
{
	phys_addr_t block = CMA_MIN_ALIGNMENT_BYTES;
	int i;

	end = ALIGN_DOWN(end, block);
	for (i = NR_ISLANDS; i--;) {
		island[i] = (struct stretch){ end - islands[i] * block, end };
		end = island[i].start - block;
	}
	return end;
}

static void __init release_all_but_islands(unsigned int nr)
{
	struct stretch *range;
	phys_addr_t at;
	unsigned int i;

	for (range = free_ranges; range < free_ranges + nr; range++) {
		at = range->start;
		for (i = 0; i < NR_ISLANDS; i++) {
			if (island[i].start < at || island[i].end > range->end)
				continue;
			if (island[i].start > at)
				memblock_phys_free(at, island[i].start - at);
			at = island[i].end;
		}
		if (range->end > at)
			memblock_phys_free(at, range->end - at);
	}
}

/**
 * cma_kunit_reserve_ranges() - declare an area where memory is in pieces
 *
 * Context: early boot, when areas can be declared.
 */
void __init cma_kunit_reserve_ranges(void)
{
	unsigned long block = CMA_MIN_ALIGNMENT_BYTES;
	struct stretch *largest;
	unsigned int nr = collect_free(&largest), i;

	/* Memory for the rest of the boot is needed as well. */
	if (!nr || place_islands(largest->end) <
		   largest->start + (largest->end - largest->start) / 2)
		return;
	for (i = 0; i < nr; i++)
		memblock_reserve(free_ranges[i].start,
				 free_ranges[i].end - free_ranges[i].start);
	for (i = 0; i < NR_ISLANDS; i++)
		memblock_phys_free(island[i].start,
				   island[i].end - island[i].start);

	one_too_many = cma_declare_contiguous_multi(7 * block, 0, 0,
						    "kunit-too-many", &pieces,
						    NUMA_NO_NODE);
	if (cma_declare_contiguous_multi(6 * block, 0, 0, "kunit-pieces",
					 &pieces, NUMA_NO_NODE))
		for (i = 0; i < NR_ISLANDS; i++)
			memblock_reserve(island[i].start,
					 island[i].end - island[i].start);
	release_all_but_islands(nr);
}

static int __init real_init(struct kunit *test)
{
	if (!pieces)
		kunit_skip(test, "free memory was too small or too scattered");
	return 0;
}

static void __init an_area_is_put_together_from_the_largest_pieces(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, cma_is_active(pieces));
	KUNIT_ASSERT_EQ(test, pieces->nr_ranges, NR_ISLANDS);
	KUNIT_EXPECT_EQ(test, pieces->nr_pages, 6 * pageblock_nr_pages);
	for (i = 0; i < NR_ISLANDS; i++) {
		KUNIT_EXPECT_EQ(test, PFN_PHYS(pieces->ranges[i].base_pfn),
				island[i].start);
		KUNIT_EXPECT_EQ(test, pieces->ranges[i].nr_pages,
				islands[i] * pageblock_nr_pages);
	}
}

static void __init more_than_all_pieces_together_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, one_too_many, -ENOMEM);
}

static void __init memory_between_the_pieces_is_somebody_elses(struct kunit *test)
{
	unsigned long gap = pieces->ranges[0].base_pfn +
			    pieces->ranges[0].nr_pages;
	struct page *page = pfn_to_page(gap);

	KUNIT_EXPECT_FALSE(test, is_migrate_cma_page(page));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(pieces, page, 1));
	KUNIT_EXPECT_FALSE(test, cma_pages_valid(pieces, page - 1, 2));
	KUNIT_EXPECT_TRUE(test, cma_pages_valid(pieces, page - 1, 1));
	KUNIT_EXPECT_FALSE(test, cma_intersects(pieces, PFN_PHYS(gap),
						PFN_PHYS(gap + 1)));
	KUNIT_EXPECT_TRUE(test, cma_intersects(pieces, PFN_PHYS(gap) - 1,
					       PFN_PHYS(gap)));
}

static void __init all_pieces_can_be_allocated_and_released(struct kunit *test)
{
	struct page *page[NR_ISLANDS];
	unsigned int i, nr;

	for (i = 0; i < NR_ISLANDS; i++) {
		nr = NR_ISLANDS - i;
		page[i] = cma_alloc(pieces, nr * pageblock_nr_pages, 0, true);
		KUNIT_EXPECT_NOT_NULL(test, page[i]);
	}
	KUNIT_EXPECT_NULL(test, cma_alloc(pieces, 1, 0, true));
	for (i = 0; i < NR_ISLANDS; i++) {
		nr = NR_ISLANDS - i;
		if (page[i])
			cma_release(pieces, page[i], nr * pageblock_nr_pages);
	}
	KUNIT_EXPECT_TRUE(test, cma_check(pieces));
	KUNIT_EXPECT_EQ(test, pieces->nr_allocated, 0);
}

static struct kunit_case __refdata cma_pieces_cases[] = {
	KUNIT_CASE(an_area_is_put_together_from_the_largest_pieces),
	KUNIT_CASE(more_than_all_pieces_together_is_refused),
	KUNIT_CASE(memory_between_the_pieces_is_somebody_elses),
	KUNIT_CASE(all_pieces_can_be_allocated_and_released),
	{}
};

static struct kunit_suite __refdata cma_pieces_suite = {
	.name = "cma_pieces",
	.init = real_init,
	.test_cases = cma_pieces_cases,
};

kunit_test_suites(&cma_ranges_suite);
kunit_test_init_section_suites(&cma_pieces_suite);
