// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/stats.c: the table of figures.
 *
 * In the pictures a letter stands for some pages.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "../stats.h"
#include "fake.h"
#include "real.h"

#define AREA	FAKE_MAX_PAGES

static u64 read_area(struct kunit *test, struct cma *cma, const char *name)
{
	return cma_read_figure(test, cma, CMA_FIGURES_AREA, name);
}

static void names_within_a_directory_are_unique(struct kunit *test)
{
	unsigned int dir, i;

	for (dir = 0; dir < NR_CMA_FIGURE_DIRS; dir++)
		for (i = 0; i < cma_figures[dir].nr; i++) {
			struct cma_figure *figure = &cma_figures[dir].figures[i];

			KUNIT_ASSERT_NOT_NULL(test, figure->attr.name);
			KUNIT_EXPECT_PTR_EQ_MSG(test, figure,
						cma_find_figure(dir, figure->attr.name),
						"%s", figure->attr.name);
		}
}

/*
 * The knobs of the READY memory, of heaps, who may borrow, and whether it is recorded whose
 * the runs are; all others only tell.
 */
static bool is_knob(const struct cma_figure *figure)
{
	return !strcmp(figure->attr.name, "ready_min") ||
	       !strcmp(figure->attr.name, "ready_max") ||
	       !strcmp(figure->attr.name, "heap_max") ||
	       !strcmp(figure->attr.name, "quick_max") ||
	       !strcmp(figure->attr.name, "borrow") ||
	       !strcmp(figure->attr.name, "owners");
}

static void every_figure_can_be_read_and_root_turns_the_knobs(struct kunit *test)
{
	unsigned int dir, i;

	for (dir = 0; dir < NR_CMA_FIGURE_DIRS; dir++)
		for (i = 0; i < cma_figures[dir].nr; i++) {
			struct cma_figure *figure = &cma_figures[dir].figures[i];

			KUNIT_EXPECT_NOT_NULL(test, figure->read);
			KUNIT_EXPECT_EQ(test, figure->attr.mode & 0400, 0400);
			KUNIT_EXPECT_EQ(test, figure->attr.mode & 0222,
					is_knob(figure) ? 0200 : 0);
			KUNIT_EXPECT_EQ(test, figure->write || figure->choose,
					is_knob(figure));
			KUNIT_EXPECT_EQ(test, !figure->name, !figure->choose);
		}
}

static void the_three_counters_that_android_reads_are_open_to_all(struct kunit *test)
{
	static const char * const names[] = {
		"alloc_pages_success", "alloc_pages_fail",
		"release_pages_success",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct cma_figure *figure = cma_find_figure(CMA_FIGURES_AREA,
							    names[i]);

		KUNIT_ASSERT_NOT_NULL_MSG(test, figure, "%s", names[i]);
		KUNIT_EXPECT_EQ(test, figure->attr.mode, 0444);
	}
}

static void an_address_is_shown_to_root_only(struct kunit *test)
{
	struct cma_figure *base = cma_find_figure(CMA_FIGURES_AREA, "base");
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, base);
	KUNIT_EXPECT_TRUE(test, base->address);
	for (i = 0; i < cma_figures[CMA_FIGURES_AREA].nr; i++) {
		struct cma_figure *figure =
			&cma_figures[CMA_FIGURES_AREA].figures[i];

		KUNIT_EXPECT_EQ(test, figure->attr.mode,
				figure->address ? 0400 :
				is_knob(figure) ? 0644 : 0444);
	}
}

static void every_reason_but_success_has_a_counter_of_its_own(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 0);
	unsigned int i;

	KUNIT_EXPECT_NULL(test, cma_find_figure(CMA_FIGURES_FAILURES, "none"));
	for (i = CMA_REASON_NONE + 1; i < NR_CMA_REASONS; i++) {
		atomic64_set(&fake->cma.stats.reasons[i], 100 + i);
		KUNIT_EXPECT_EQ(test, 100 + i,
				cma_read_figure(test, &fake->cma,
						CMA_FIGURES_FAILURES,
						cma_reason_name(i)));
	}
}

static void every_kind_of_blocker_has_a_counter_of_its_own(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 0);
	unsigned int i;

	for (i = 0; i < NR_CMA_PAGE_KINDS; i++) {
		atomic64_set(&fake->cma.stats.blockers[i], 200 + i);
		KUNIT_EXPECT_EQ(test, 200 + i,
				cma_read_figure(test, &fake->cma,
						CMA_FIGURES_BLOCKERS,
						cma_page_kind_name(i)));
	}
}

/* What is expected of a figure, before something is allocated and so on. */
enum figure_column { BEFORE, HELD, AFTER, NR_COLUMNS };

struct figure_row {
	const char *name;
	u64 values[NR_COLUMNS];
};

static void expect_figures(struct cma_fake *fake, const struct figure_row *rows,
			   unsigned int nr, enum figure_column column)
{
	for (; nr--; rows++)
		KUNIT_EXPECT_EQ_MSG(fake->test, rows->values[column],
				    read_area(fake->test, &fake->cma, rows->name),
				    "%s", rows->name);
}

/* Each figure, and what an allocation of 5 pages and its release make of it. */
static void counters_move_by_exactly_what_was_taken_and_given(struct kunit *test)
{
	static const struct figure_row rows[] = {
		{ "alloc_pages_success",	{ 0, 5, 5 } },
		{ "alloc_pages_fail",		{ 0, 0, 0 } },
		{ "release_pages_success",	{ 0, 0, 5 } },
		{ "fallbacks",			{ 0, 0, 0 } },
		{ "ready_hits",			{ 0, 0, 0 } },
		{ "moved_pages",		{ 0, 5, 5 } },
		{ "dropped_pages",		{ 0, 0, 0 } },
		{ "moved_in_pages",		{ 0, 0, 0 } },
		{ "attempts",			{ 0, 1, 1 } },
		{ "waits",			{ 0, 0, 0 } },
		{ "total_pages",		{ AREA, AREA, AREA } },
		{ "available_pages",		{ AREA, AREA - 5, AREA } },
		{ "lent_pages",			{ AREA, AREA - 5, AREA } },
		{ "ready_pages",		{ 0, 0, 0 } },
		{ "claimed_pages",		{ 0, 0, 0 } },
		{ "allocated_pages",		{ 0, 5, 0 } },
		{ "allocated_max",		{ 0, 5, 5 } },
		{ "largest_run",		{ AREA, AREA - 5, AREA } },
		{ "allocated_runs",		{ 0, 1, 0 } },
		{ "ready_min",			{ 0, 0, 0 } },
		{ "ready_max",			{ 0, 0, 0 } },
		{ "heap_pages",			{ 0, 0, 0 } },
		{ "heap_max",			{ AREA, AREA, AREA } },
		{ "quick_pages",		{ 0, 0, 0 } },
		{ "quick_max",			{ AREA / 2, AREA / 2, AREA / 2 } },
		{ "borrow",			{ 0, 0, 0 } },
		{ "owners",			{ 0, 0, 0 } },
		{ "base",	{ FAKE_BASE_PFN * PAGE_SIZE,
				  FAKE_BASE_PFN * PAGE_SIZE,
				  FAKE_BASE_PFN * PAGE_SIZE } },
	};
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(rows),
			cma_figures[CMA_FIGURES_AREA].nr);
	expect_figures(fake, rows, ARRAY_SIZE(rows), BEFORE);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 5, 0), 0);
	expect_figures(fake, rows, ARRAY_SIZE(rows), HELD);

	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 5), 0);
	expect_figures(fake, rows, ARRAY_SIZE(rows), AFTER);
}

/*
 *	rrrrr......  ->  #####......  ->  rrrrr......
 */
static void what_is_ready_is_told_apart_and_counted_when_it_serves(struct kunit *test)
{
	static const struct figure_row rows[] = {
		{ "ready_hits",			{ 0, 1 } },
		{ "attempts",			{ 0, 0 } },
		{ "moved_pages",		{ 0, 0 } },
		{ "lent_pages",			{ AREA - 5, AREA - 5 } },
		{ "ready_pages",		{ 5, 0 } },
		{ "available_pages",		{ AREA, AREA - 5 } },
		{ "claimed_pages",		{ 0, 0 } },
		{ "allocated_pages",		{ 0, 5 } },
		{ "ready_max",			{ 8, 8 } },
	};
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	cma_set_ready_max(&fake->cma, 8);
	cma_fake_make_ready(fake, 0, 5);
	expect_figures(fake, rows, ARRAY_SIZE(rows), BEFORE);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 5, 0), 0);
	expect_figures(fake, rows, ARRAY_SIZE(rows), HELD);

	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 5), 0);
	KUNIT_EXPECT_EQ(test, 5, read_area(test, &fake->cma, "ready_pages"));
	KUNIT_EXPECT_EQ(test, 1, read_area(test, &fake->cma, "ready_hits"));
}

/* Units of 4 pages, in pages:	max 8, then min 4 */
static void knobs_are_turned_and_read_in_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 2);
	struct cma *cma = &fake->cma;

	cma_find_figure(CMA_FIGURES_AREA, "ready_max")->write(cma, 8);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_max"), 8);
	KUNIT_EXPECT_EQ(test, cma->ready_max, 2);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_min"), 0);
	cma_find_figure(CMA_FIGURES_AREA, "ready_min")->write(cma, 4);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_min"), 4);
	KUNIT_EXPECT_EQ(test, cma->ready_min, 1);
}

static void a_failure_is_a_fallback_if_there_is_something_else(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	struct cma_request request = { .count = AREA + 1, .gfp = GFP_KERNEL };
	struct cma *cma = &fake->cma;

	KUNIT_EXPECT_LT(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "fallbacks"), 0);

	request.fallback = true;
	KUNIT_EXPECT_LT(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "fallbacks"), 1);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "alloc_pages_fail"),
			2 * (AREA + 1));

	request.count = 5;
	KUNIT_EXPECT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "fallbacks"), 1);
}

static void a_refused_request_counts_for_its_reason_and_no_other(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	struct cma *cma = &fake->cma;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, cma_fake_alloc(fake, AREA + 1, 0), -E2BIG);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "alloc_pages_fail"),
			AREA + 1);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "alloc_pages_success"), 0);
	for (i = CMA_REASON_NONE + 1; i < NR_CMA_REASONS; i++)
		KUNIT_EXPECT_EQ_MSG(test, i == CMA_REASON_TOO_BIG,
				    cma_read_figure(test, cma, CMA_FIGURES_FAILURES,
						    cma_reason_name(i)),
				    "%s", cma_reason_name(i));
}

/* The page at x is pinned, for good:	x.......|  ->  x##.....| */
static void a_page_in_the_way_counts_as_a_blocker_of_its_kind(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	set_bit(0, fake->stuck);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 1);
	KUNIT_EXPECT_EQ(test, 1, cma_read_figure(test, &fake->cma,
						 CMA_FIGURES_BLOCKERS, "pinned"));
	KUNIT_EXPECT_EQ(test, 0, cma_read_figure(test, &fake->cma,
						 CMA_FIGURES_BLOCKERS, "hugetlb"));
	KUNIT_EXPECT_EQ(test, 2, read_area(test, &fake->cma, "attempts"));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 1, 2), 0);
}

/* Units of 4 pages:	......  ->  ##....	for 5 pages */
static void figures_of_state_are_in_whole_units(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 2);
	struct cma *cma = &fake->cma;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 5, 0), 0);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "alloc_pages_success"), 5);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "allocated_pages"), 8);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "lent_pages"), AREA - 8);
	KUNIT_EXPECT_EQ(test, 8, cma_read_figure(test, cma, CMA_FIGURES_DEBUG,
						 "used"));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 5), 0);
}

static void debug_figures_describe_the_place_and_the_use(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 value;
	} rows[] = {
		{ "base_pfn", FAKE_BASE_PFN },
		{ "count", AREA },
		{ "order_per_bit", 2 },
		{ "nr_ranges", 1 },
		{ "used", 4 },
		{ "maxchunk", AREA - 4 },
	};
	struct cma_fake *fake = cma_fake_create(test, AREA, 2);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(rows),
			cma_figures[CMA_FIGURES_DEBUG].nr);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].value,
				    cma_read_figure(test, &fake->cma,
						    CMA_FIGURES_DEBUG,
						    rows[i].name),
				    "%s", rows[i].name);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), 0);
}

/*
 *	##..rrrr..##rr##..	the longest one has READY pages in its middle
 *	  ^------^
 */
static void the_longest_run_takes_in_ready_memory(struct kunit *test)
{
	static const unsigned long ready[] = { 4, 6, 12 }, lent[] = { 2, 8, 16 };
	static const unsigned long held[] = { 0, 10, 14 };
	struct cma_fake *fake = cma_fake_create(test, 18, 0);
	struct cma *cma = &fake->cma;
	unsigned int i;

	for (i = 0; i < 18; i += 2)
		KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), i);
	cma_set_ready_max(cma, 6);
	for (i = 0; i < ARRAY_SIZE(ready); i++)
		KUNIT_ASSERT_EQ(test, cma_fake_release(fake, ready[i], 2), 0);
	for (i = 0; i < ARRAY_SIZE(lent); i++)
		KUNIT_ASSERT_EQ(test, cma_fake_release(fake, lent[i], 2), 0);

	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_pages"), 6);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "lent_pages"), 6);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "largest_run"), 8);
	KUNIT_EXPECT_EQ(test, 8, cma_read_figure(test, cma, CMA_FIGURES_DEBUG,
						 "maxchunk"));
	for (i = 0; i < ARRAY_SIZE(held); i++)
		KUNIT_EXPECT_EQ(test, cma_fake_release(fake, held[i], 2), 0);
	cma_set_ready_max(cma, 0);
}

static struct kunit_case cma_stats_cases[] = {
	KUNIT_CASE(the_longest_run_takes_in_ready_memory),
	KUNIT_CASE(names_within_a_directory_are_unique),
	KUNIT_CASE(every_figure_can_be_read_and_root_turns_the_knobs),
	KUNIT_CASE(the_three_counters_that_android_reads_are_open_to_all),
	KUNIT_CASE(an_address_is_shown_to_root_only),
	KUNIT_CASE(every_reason_but_success_has_a_counter_of_its_own),
	KUNIT_CASE(every_kind_of_blocker_has_a_counter_of_its_own),
	KUNIT_CASE(counters_move_by_exactly_what_was_taken_and_given),
	KUNIT_CASE(what_is_ready_is_told_apart_and_counted_when_it_serves),
	KUNIT_CASE(knobs_are_turned_and_read_in_pages),
	KUNIT_CASE(a_failure_is_a_fallback_if_there_is_something_else),
	KUNIT_CASE(a_refused_request_counts_for_its_reason_and_no_other),
	KUNIT_CASE(a_page_in_the_way_counts_as_a_blocker_of_its_kind),
	KUNIT_CASE(figures_of_state_are_in_whole_units),
	KUNIT_CASE(debug_figures_describe_the_place_and_the_use),
	{}
};

static struct kunit_suite cma_stats_suite = {
	.name = "cma_stats",
	.test_cases = cma_stats_cases,
};

kunit_test_suite(cma_stats_suite);
