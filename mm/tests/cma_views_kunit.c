// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma_views.c: the table of figures, and the looks at the units.
 *
 * In the pictures a letter stands for some pages.
 *
 *	.  lent		r  READY	c  claimed	#  allocated
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../cma_views.h"
#include "cma_fake.h"

#define AREA	FAKE_MAX_PAGES

static struct cma_figure *find_figure(enum cma_figure_dir dir, const char *name)
{
	unsigned int i;

	for (i = 0; i < cma_figures[dir].nr; i++)
		if (!strcmp(cma_figures[dir].figures[i].attr.name, name))
			return &cma_figures[dir].figures[i];
	return NULL;
}

static u64 read_figure(struct kunit *test, struct cma *cma,
		       enum cma_figure_dir dir, const char *name)
{
	struct cma_figure *figure = find_figure(dir, name);

	KUNIT_ASSERT_NOT_NULL_MSG(test, figure, "no figure %s", name);
	return cma_figure_read(figure, cma);
}

static u64 read_area(struct kunit *test, struct cma *cma, const char *name)
{
	return read_figure(test, cma, CMA_FIGURES_AREA, name);
}

static void names_within_a_directory_are_unique(struct kunit *test)
{
	unsigned int dir, i;

	for (dir = 0; dir < NR_CMA_FIGURE_DIRS; dir++)
		for (i = 0; i < cma_figures[dir].nr; i++) {
			struct cma_figure *figure = &cma_figures[dir].figures[i];

			KUNIT_ASSERT_NOT_NULL(test, figure->attr.name);
			KUNIT_EXPECT_PTR_EQ_MSG(test, figure,
						find_figure(dir, figure->attr.name),
						"%s", figure->attr.name);
		}
}

/* The two knobs of the READY memory; all others only tell. */
static bool is_knob(const struct cma_figure *figure)
{
	return !strcmp(figure->attr.name, "ready_min") ||
	       !strcmp(figure->attr.name, "ready_max");
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
			KUNIT_EXPECT_EQ(test, !!figure->write, is_knob(figure));
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
		struct cma_figure *figure = find_figure(CMA_FIGURES_AREA,
							names[i]);

		KUNIT_ASSERT_NOT_NULL_MSG(test, figure, "%s", names[i]);
		KUNIT_EXPECT_EQ(test, figure->attr.mode, 0444);
	}
}

static void an_address_is_shown_to_root_only(struct kunit *test)
{
	struct cma_figure *base = find_figure(CMA_FIGURES_AREA, "base");
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

	KUNIT_EXPECT_NULL(test, find_figure(CMA_FIGURES_FAILURES, "none"));
	for (i = CMA_REASON_NONE + 1; i < NR_CMA_REASONS; i++) {
		atomic64_set(&fake->cma.stats.reasons[i], 100 + i);
		KUNIT_EXPECT_EQ(test, 100 + i,
				read_figure(test, &fake->cma,
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
				read_figure(test, &fake->cma,
					    CMA_FIGURES_BLOCKERS,
					    cma_page_kind_name(i)));
	}
}

/* Each figure, and what an allocation of 5 pages and its release make of it. */
static void counters_move_by_exactly_what_was_taken_and_given(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 before, held, after;
	} rows[] = {
		{ "alloc_pages_success",	0, 5, 5 },
		{ "alloc_pages_fail",		0, 0, 0 },
		{ "release_pages_success",	0, 0, 5 },
		{ "ready_hits",			0, 0, 0 },
		{ "moved_pages",		0, 5, 5 },
		{ "dropped_pages",		0, 0, 0 },
		{ "attempts",			0, 1, 1 },
		{ "waits",			0, 0, 0 },
		{ "total_pages",		AREA, AREA, AREA },
		{ "lent_pages",			AREA, AREA - 5, AREA },
		{ "ready_pages",		0, 0, 0 },
		{ "claimed_pages",		0, 0, 0 },
		{ "allocated_pages",		0, 5, 0 },
		{ "largest_run",		AREA, AREA - 5, AREA },
		{ "allocated_runs",		0, 1, 0 },
		{ "ready_min",			0, 0, 0 },
		{ "ready_max",			0, 0, 0 },
		{ "base",	FAKE_BASE_PFN * PAGE_SIZE,
				FAKE_BASE_PFN * PAGE_SIZE,
				FAKE_BASE_PFN * PAGE_SIZE },
	};
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(rows),
			cma_figures[CMA_FIGURES_AREA].nr);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].before,
				    read_area(test, &fake->cma, rows[i].name),
				    "%s", rows[i].name);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 5, 0), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].held,
				    read_area(test, &fake->cma, rows[i].name),
				    "%s", rows[i].name);

	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 5), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].after,
				    read_area(test, &fake->cma, rows[i].name),
				    "%s", rows[i].name);
}

/*
 *	rrrrr......  ->  #####......  ->  rrrrr......
 */
static void what_is_ready_is_told_apart_and_counted_when_it_serves(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 before, held;
	} rows[] = {
		{ "ready_hits",			0, 1 },
		{ "attempts",			0, 0 },
		{ "moved_pages",		0, 0 },
		{ "lent_pages",			AREA - 5, AREA - 5 },
		{ "ready_pages",		5, 0 },
		{ "claimed_pages",		0, 0 },
		{ "allocated_pages",		0, 5 },
		{ "ready_max",			8, 8 },
	};
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	unsigned int i;

	cma_set_ready_max(&fake->cma, 8);
	cma_fake_make_ready(fake, 0, 5);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].before,
				    read_area(test, &fake->cma, rows[i].name),
				    "%s", rows[i].name);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 5, 0), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].held,
				    read_area(test, &fake->cma, rows[i].name),
				    "%s", rows[i].name);

	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 5), 0);
	KUNIT_EXPECT_EQ(test, 5, read_area(test, &fake->cma, "ready_pages"));
	KUNIT_EXPECT_EQ(test, 1, read_area(test, &fake->cma, "ready_hits"));
}

/* Units of 4 pages, in pages:	max 8, then min 4 */
static void knobs_are_turned_and_read_in_pages(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 2);
	struct cma *cma = &fake->cma;

	find_figure(CMA_FIGURES_AREA, "ready_max")->write(cma, 8);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_max"), 8);
	KUNIT_EXPECT_EQ(test, cma->ready_max, 2);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_min"), 0);
	find_figure(CMA_FIGURES_AREA, "ready_min")->write(cma, 4);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "ready_min"), 4);
	KUNIT_EXPECT_EQ(test, cma->ready_min, 1);
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
				    read_figure(test, cma, CMA_FIGURES_FAILURES,
						cma_reason_name(i)),
				    "%s", cma_reason_name(i));
}

/* The page at x is pinned, for good:	x.......|  ->  x##.....| */
static void a_page_in_the_way_counts_as_a_blocker_of_its_kind(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	set_bit(0, fake->stuck);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 1);
	KUNIT_EXPECT_EQ(test, 1, read_figure(test, &fake->cma,
					     CMA_FIGURES_BLOCKERS, "pinned"));
	KUNIT_EXPECT_EQ(test, 0, read_figure(test, &fake->cma,
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
	KUNIT_EXPECT_EQ(test, 8, read_figure(test, cma, CMA_FIGURES_DEBUG,
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
				    read_figure(test, &fake->cma,
						CMA_FIGURES_DEBUG,
						rows[i].name),
				    "%s", rows[i].name);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), 0);
}

static void expect_run(struct cma_fake *fake, unsigned long start,
		       unsigned long end, enum cma_unit_state state)
{
	struct cma_run run;

	cma_run_at(&fake->cma, start, &run);
	KUNIT_EXPECT_EQ(fake->test, run.start, start);
	KUNIT_EXPECT_EQ(fake->test, run.end, end);
	KUNIT_EXPECT_EQ(fake->test, run.state, state);
}

static void a_new_area_is_one_lent_run(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	expect_run(fake, 0, AREA, CMA_UNIT_LENT);
	expect_run(fake, AREA - 1, AREA, CMA_UNIT_LENT);
}

/*
 * Three requests, the one in the middle released:
 *
 *	##|###|####|......  ->  ##|...|####|......
 */
static void runs_follow_each_other_without_a_gap(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 3, 0), 2);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 5);
	expect_run(fake, 0, 2, CMA_UNIT_ALLOCATED);
	expect_run(fake, 2, 5, CMA_UNIT_ALLOCATED);
	expect_run(fake, 5, 9, CMA_UNIT_ALLOCATED);
	expect_run(fake, 9, AREA, CMA_UNIT_LENT);

	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 2, 3), 0);
	expect_run(fake, 2, 5, CMA_UNIT_LENT);
	expect_run(fake, 3, 5, CMA_UNIT_LENT);
	expect_run(fake, 5, 9, CMA_UNIT_ALLOCATED);

	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 2), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 5, 4), 0);
}

/*
 *	....##rrrrr####....	with what is READY longer than a piece
 */
static void what_is_ready_is_a_run_of_its_own(struct kunit *test)
{
	unsigned long long_run = CMA_VIEW_PIECE + 5;
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	cma_set_ready_max(&fake->cma, AREA);
	cma_fake_make_ready(fake, 4, long_run);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, long_run + 1, 0),
			long_run + 4);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 4);
	expect_run(fake, 0, 4, CMA_UNIT_LENT);
	expect_run(fake, 4, 6, CMA_UNIT_ALLOCATED);
	expect_run(fake, 6, long_run + 4, CMA_UNIT_READY);
	expect_run(fake, long_run + 3, long_run + 4, CMA_UNIT_READY);
	expect_run(fake, long_run + 4, 2 * long_run + 5, CMA_UNIT_ALLOCATED);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 4, 2), 0);
	expect_run(fake, 4, long_run + 4, CMA_UNIT_READY);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, long_run + 4,
					       long_run + 1), 0);
}

/* More than what is looked at under one hold of the lock:  .####...#### */
static void a_run_longer_than_a_piece_is_one_run(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_GT(test, AREA, CMA_VIEW_PIECE + 8);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 3, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, AREA - 3, 0), 3);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 3), 0);
	expect_run(fake, 0, 3, CMA_UNIT_LENT);
	expect_run(fake, 3, AREA, CMA_UNIT_ALLOCATED);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 3, AREA - 3), 0);
}

/*
 * A request for 8 stops while its run is evacuated, behind a run of 4:
 *
 *	####cccccccc....
 */
static void a_run_under_evacuation_is_claimed_and_the_sum_holds(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);
	struct cma_fake_caller caller;
	struct cma *cma = &fake->cma;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	fake->hold = 4;
	cma_fake_call(&caller, fake, 8, GFP_KERNEL);
	wait_for_completion(&fake->held);

	expect_run(fake, 0, 4, CMA_UNIT_ALLOCATED);
	expect_run(fake, 4, 12, CMA_UNIT_CLAIMED);
	expect_run(fake, 12, AREA, CMA_UNIT_LENT);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "claimed_pages"), 8);
	KUNIT_EXPECT_EQ(test, read_area(test, cma, "total_pages"),
			read_area(test, cma, "lent_pages") +
			read_area(test, cma, "ready_pages") +
			read_area(test, cma, "claimed_pages") +
			read_area(test, cma, "allocated_pages"));
	KUNIT_EXPECT_EQ(test, 12, read_figure(test, cma, CMA_FIGURES_DEBUG,
					      "used"));

	complete(&fake->proceed);
	KUNIT_ASSERT_EQ(test, cma_fake_result(&caller), 4);
	expect_run(fake, 4, 12, CMA_UNIT_ALLOCATED);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 4, 8), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 4), 0);
}

/* ..####.......	with the four at 30, so that two words are touched */
static void the_bitmap_has_a_bit_set_where_a_unit_is_in_use(struct kunit *test)
{
	u32 *words = kunit_kzalloc(test, CMA_VIEW_WORDS * sizeof(u32),
				   GFP_KERNEL);
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_NOT_NULL(test, words);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 30, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 30);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 0, 30), 0);

	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, 0, words),
			CMA_VIEW_WORDS);
	KUNIT_EXPECT_EQ(test, words[0], 0xc0000000);
	KUNIT_EXPECT_EQ(test, words[1], 0x00000003);
	KUNIT_EXPECT_EQ(test, words[2], 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 30, 4), 0);
}

/* ##rrrr##....	nobody uses what is READY */
static void the_bitmap_has_no_bit_set_where_a_unit_is_ready(struct kunit *test)
{
	u32 *words = kunit_kzalloc(test, CMA_VIEW_WORDS * sizeof(u32),
				   GFP_KERNEL);
	struct cma_fake *fake = cma_fake_create(test, AREA, 0);

	KUNIT_ASSERT_NOT_NULL(test, words);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 60, 0), 8);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 68);
	cma_set_ready_max(&fake->cma, 60);
	KUNIT_ASSERT_EQ(test, cma_fake_release(fake, 8, 60), 0);

	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, 0, words),
			CMA_VIEW_WORDS);
	KUNIT_EXPECT_EQ(test, words[0], 0xff);
	KUNIT_EXPECT_EQ(test, words[1], 0);
	KUNIT_EXPECT_EQ(test, words[2], 0xff0);
	KUNIT_EXPECT_EQ(test, 16, read_figure(test, &fake->cma,
					      CMA_FIGURES_DEBUG, "used"));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, 8), 0);
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 68, 8), 0);
}

/* A block in units of 32 pages is less than a piece:  #### */
static void the_bitmap_ends_with_the_area(struct kunit *test)
{
	u32 *words = kunit_kzalloc(test, CMA_VIEW_WORDS * sizeof(u32),
				   GFP_KERNEL);
	struct cma_fake *fake = cma_fake_create(test, FAKE_BLOCK, 5);
	unsigned long units = FAKE_BLOCK >> 5;

	KUNIT_ASSERT_NOT_NULL(test, words);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, FAKE_BLOCK, 0), 0);
	KUNIT_EXPECT_EQ(test, cma_copy_bitmap(&fake->cma, 0, words),
			BITS_TO_U32(units));
	KUNIT_EXPECT_EQ(test, words[0],
			units < 32 ? GENMASK(units - 1, 0) : U32_MAX);
	KUNIT_EXPECT_EQ(test, 0, cma_copy_bitmap(&fake->cma, CMA_VIEW_PIECE,
						 words));
	KUNIT_EXPECT_EQ(test, cma_fake_release(fake, 0, FAKE_BLOCK), 0);
}

/* An area need not begin where a power of two does, unlike the fake one. */
static void the_bitmap_begins_with_the_area_wherever_that_is(struct kunit *test)
{
	struct runmap_query query = { .count = 2, .to = ULONG_MAX };
	u32 words[CMA_VIEW_WORDS] __aligned(sizeof(long));
	struct cma_claim claim;
	unsigned long seen;
	struct cma *cma;

	cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma_add_range(cma, FAKE_BASE_PFN + 3 * pageblock_nr_pages,
		      5 * pageblock_nr_pages);
	cma->order_per_bit = 2;
	KUNIT_ASSERT_EQ(test, cma_area_init(cma), 0);
	KUNIT_EXPECT_GE(test, cma_copy_bitmap(cma, 0, words), 1);
	KUNIT_EXPECT_EQ(test, words[0], 0);

	KUNIT_EXPECT_EQ(test, CMA_FOUND_RUN,
			cma_claim_first(cma, &query, &claim, &seen));
	KUNIT_EXPECT_GE(test, cma_copy_bitmap(cma, 0, words), 1);
	KUNIT_EXPECT_EQ(test, words[0], 3);
	cma_abort(cma, &claim);
	cma_area_destroy(cma);
}

static struct kunit_case cma_views_cases[] = {
	KUNIT_CASE(names_within_a_directory_are_unique),
	KUNIT_CASE(every_figure_can_be_read_and_root_turns_the_knobs),
	KUNIT_CASE(the_three_counters_that_android_reads_are_open_to_all),
	KUNIT_CASE(an_address_is_shown_to_root_only),
	KUNIT_CASE(every_reason_but_success_has_a_counter_of_its_own),
	KUNIT_CASE(every_kind_of_blocker_has_a_counter_of_its_own),
	KUNIT_CASE(counters_move_by_exactly_what_was_taken_and_given),
	KUNIT_CASE(what_is_ready_is_told_apart_and_counted_when_it_serves),
	KUNIT_CASE(knobs_are_turned_and_read_in_pages),
	KUNIT_CASE(a_refused_request_counts_for_its_reason_and_no_other),
	KUNIT_CASE(a_page_in_the_way_counts_as_a_blocker_of_its_kind),
	KUNIT_CASE(figures_of_state_are_in_whole_units),
	KUNIT_CASE(debug_figures_describe_the_place_and_the_use),
	KUNIT_CASE(a_new_area_is_one_lent_run),
	KUNIT_CASE(runs_follow_each_other_without_a_gap),
	KUNIT_CASE(what_is_ready_is_a_run_of_its_own),
	KUNIT_CASE(a_run_longer_than_a_piece_is_one_run),
	KUNIT_CASE(a_run_under_evacuation_is_claimed_and_the_sum_holds),
	KUNIT_CASE(the_bitmap_has_a_bit_set_where_a_unit_is_in_use),
	KUNIT_CASE(the_bitmap_has_no_bit_set_where_a_unit_is_ready),
	KUNIT_CASE(the_bitmap_ends_with_the_area),
	KUNIT_CASE(the_bitmap_begins_with_the_area_wherever_that_is),
	{}
};

static struct kunit_suite cma_views_suite = {
	.name = "cma_views",
	.test_cases = cma_views_cases,
};

kunit_test_suite(cma_views_suite);
