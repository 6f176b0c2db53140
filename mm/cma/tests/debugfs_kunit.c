// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/debugfs.c: the files of real areas below <debugfs>/cma.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../stats.h"
#include "real.h"
#include "files.h"
#include "reserve.h"

static void debugfs_shows_place_and_unit_of_an_area(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");

	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "base_pfn"),
			PHYS_PFN(cma_get_base(cma)));
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "count"),
			CMA_KUNIT_SIZE / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "order_per_bit"), 2);
}

/*
 * Go through the lines of "runs", which have to follow each other from one end
 * of the area to the other, and count the allocations of so many pages.
 */
static unsigned int nr_runs_of(struct kunit *test, const char *area,
			       unsigned long nr_pages)
{
	struct cma *cma = cma_real_area(test, area);
	unsigned long next = PHYS_PFN(cma_get_base(cma));
	unsigned long end = next + PHYS_PFN(cma_get_size(cma));
	const char *line = cma_text_of(test, area, "runs");
	unsigned long pfn, nr;
	unsigned int found = 0;
	char state[16];

	while (*line) {
		int fields = sscanf(line, "%lu %lu %15s", &pfn, &nr, state);

		KUNIT_ASSERT_EQ_MSG(test, fields, 3, "%s", line);
		KUNIT_ASSERT_EQ(test, pfn, next);
		KUNIT_ASSERT_GT(test, nr, 0);
		next = pfn + nr;
		found += nr == nr_pages && !strcmp(state, "allocated");
		line = strchr(line, '\n');
		KUNIT_ASSERT_NOT_NULL(test, line);
		line++;
	}
	KUNIT_EXPECT_EQ(test, next, end);
	return found;
}

/* ###|#|###|...  with 7 pages, one page and 7 pages */
static void runs_lists_the_whole_area_and_each_allocation_apart(struct kunit *test)
{
	unsigned int sevens = nr_runs_of(test, "kunit0", 7);
	unsigned int singles = nr_runs_of(test, "kunit0", 1);

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "7\n"), 0);
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "1\n"), 0);
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "7\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_runs_of(test, "kunit0", 7), sevens + 2);
	KUNIT_EXPECT_EQ(test, nr_runs_of(test, "kunit0", 1), singles + 1);

	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "15\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_runs_of(test, "kunit0", 7), sevens);
}

/* Compare "bitmap" with the bits of a range, and return how many are set. */
static unsigned int nr_bits_in(struct kunit *test, const char *area,
			       const char *name, const struct cma_range *range)
{
	struct cma *cma = cma_real_area(test, area);
	struct cma_extent left = cma_range_to_run(cma, range);
	char *expected = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u32 words[CMA_VIEW_WORDS];
	unsigned int i, nr, bits = 0;
	int len = 0;

	KUNIT_ASSERT_NOT_NULL(test, expected);
	while (left.count) {
		nr = cma_copy_bitmap(cma, left, words);
		left = cma_extent_between(left.start + CMA_VIEW_PIECE,
					  cma_extent_end(left));
		for (i = 0; i < nr; i++) {
			bits += hweight32(words[i]);
			len += scnprintf(expected + len, PAGE_SIZE - len, "%u ",
					 words[i]);
		}
	}
	KUNIT_ASSERT_GT(test, len, 0);
	expected[len - 1] = '\n';
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, area, name), expected);
	return bits;
}

static unsigned int nr_bits_of(struct kunit *test, const char *area)
{
	struct cma *cma = cma_real_area(test, area);
	const struct cma_range whole = {
		.base_pfn = cma->base_pfn,
		.nr_pages = cma->end_pfn - cma->base_pfn,
	};

	return nr_bits_in(test, area, "bitmap", &whole);
}

/*
 * With pages of 4 KiB, 4096 units of one page are more than one piece, and 512 units
 * of four are less.
 */
static void bitmap_is_one_line_where_a_set_bit_is_a_unit_in_use(struct kunit *test)
{
	unsigned int pages = nr_bits_of(test, "kunit0");
	unsigned int fours = nr_bits_of(test, "kunit1");

	KUNIT_EXPECT_EQ(test, pages, cma_number_in(test, "kunit0", "used"));
	KUNIT_EXPECT_EQ(test, fours, cma_number_in(test, "kunit1", "used") / 4);

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "3000\n"), 0);
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit1", "alloc", "33\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_bits_of(test, "kunit0"), pages + 3000);
	KUNIT_EXPECT_EQ(test, nr_bits_of(test, "kunit1"), fours + 9);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "3000\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "free", "33\n"), 0);
}

/* What is taken shows in exactly one of the bitmaps. */
static unsigned int nr_bits_of_ranges(struct kunit *test, const char *area)
{
	struct cma *cma = cma_real_area(test, area);
	unsigned int i, bits = 0;
	char name[40];

	for (i = 0; i < cma->nr_ranges; i++) {
		snprintf(name, sizeof(name), "ranges/%u/base_pfn", i);
		KUNIT_EXPECT_EQ(test, cma_number_in(test, area, name),
				cma->ranges[i].base_pfn);
		snprintf(name, sizeof(name), "ranges/%u/bitmap", i);
		bits += nr_bits_in(test, area, name, &cma->ranges[i]);
	}
	return bits;
}

static void each_range_has_its_place_and_its_bitmap(struct kunit *test)
{
	unsigned int before = nr_bits_of_ranges(test, "kunit1");

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit1", "alloc", "33\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_bits_of_ranges(test, "kunit1"), before + 9);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "free", "33\n"), 0);
}

static void each_of_several_ranges_has_its_place_and_its_bitmap(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_areas[i].nr_ranges > 1 && cma_is_active(&cma_areas[i]))
			break;
	if (i == cma_area_count)
		kunit_skip(test, "no area has several ranges");
	KUNIT_EXPECT_EQ(test, nr_bits_of_ranges(test, cma_areas[i].name),
			cma_areas[i].nr_allocated);
}

static void usage_adds_up_within_one_look(struct kunit *test)
{
	unsigned long total, lent, ready, claimed, allocated;
	const char *text = cma_text_of(test, "kunit0", "usage");

	KUNIT_ASSERT_EQ_MSG(test, 5,
			    sscanf(text,
				   "total %lu lent %lu ready %lu claimed %lu allocated %lu",
				   &total, &lent, &ready, &claimed, &allocated),
			    "%s", text);
	KUNIT_EXPECT_EQ(test, total, 2 * CMA_KUNIT_SIZE / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, total, lent + ready + claimed + allocated);
}

/* The sum of the buckets grows by one with each request, failed ones too. */
static u64 nr_timed(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	const char *text = cma_text_of(test, "kunit0", "latency");
	u64 sum = 0, shown = 0, count;
	char bound[24] = "";
	unsigned int i;

	for (i = 0; i < CMA_LATENCY_BUCKETS; i++) {
		sum += atomic64_read(&cma->stats.latency[i]);
		KUNIT_ASSERT_EQ(test, 2,
				sscanf(text, "%20s %llu", bound, &count));
		shown += count;
		text = strchr(text, '\n');
		KUNIT_ASSERT_NOT_NULL(test, text);
		text++;
	}
	KUNIT_EXPECT_STREQ(test, bound, "inf");
	KUNIT_EXPECT_STREQ(test, text, "");
	KUNIT_EXPECT_EQ(test, shown, sum);
	return shown;
}

static void latency_counts_each_request_once(struct kunit *test)
{
	u64 before = nr_timed(test);

	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit0", "alloc", "1\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_timed(test), before + 1);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "free", "1\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_timed(test), before + 1);
}

static void check_finds_the_books_of_a_real_area_consistent(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit1", "alloc", "3\n"), 0);
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, "kunit1", "check"),
			   "consistent\n");
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "free", "3\n"), 0);
}

static struct kunit_case cma_debugfs_cases[] = {
	KUNIT_CASE(debugfs_shows_place_and_unit_of_an_area),
	KUNIT_CASE(runs_lists_the_whole_area_and_each_allocation_apart),
	KUNIT_CASE(bitmap_is_one_line_where_a_set_bit_is_a_unit_in_use),
	KUNIT_CASE(each_range_has_its_place_and_its_bitmap),
	KUNIT_CASE(each_of_several_ranges_has_its_place_and_its_bitmap),
	KUNIT_CASE(usage_adds_up_within_one_look),
	KUNIT_CASE(latency_counts_each_request_once),
	KUNIT_CASE(check_finds_the_books_of_a_real_area_consistent),
	{}
};

static int cma_debugfs_test_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_DEBUGFS_ALLOC))
		kunit_skip(test, "needs CONFIG_CMA_DEBUGFS_ALLOC");
	return cma_open_files(test, "debugfs", "cma");
}

static struct kunit_suite cma_debugfs_suite = {
	.name = "cma_debugfs",
	.init = cma_debugfs_test_init,
	.exit = cma_close_files,
	.test_cases = cma_debugfs_cases,
};

kunit_test_suite(cma_debugfs_suite);
