// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/skip.c: which units are not worth trying now. After each case the notes
 * that it worked on are checked for consistency.
 */
#include <kunit/test.h>

#include "../skip.h"

/* The clock wraps within the first period for which a unit is avoided. */
#define START	(U32_MAX - 40)
#define BACKOFF	100

static struct cma_skip *notes(struct kunit *test)
{
	return test->priv;
}

/* With notes of time START: a character for each unit, x for those that were stuck. */
static struct cma_skip *draw(struct kunit *test, const char *picture)
{
	struct cma_skip *stuck = notes(test);
	unsigned long unit;

	for (unit = 0; picture[unit]; unit++)
		if (picture[unit] == 'x')
			cma_skip_add(stuck, unit, START, BACKOFF, false);
	return stuck;
}

static unsigned long last(const struct cma_skip *stuck, unsigned long from,
			  unsigned long to, u32 now, bool costly)
{
	return cma_skip_last(stuck, cma_extent_between(from, to), now, costly);
}

static bool is_avoided(const struct cma_skip *stuck, unsigned long unit, u32 now)
{
	return last(stuck, unit, unit + 1, now, true) == unit;
}

/* ---- Backoff ---------------------------------------------------------- */

static void a_unit_is_avoided_until_its_backoff_has_ended(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);

	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START));
	cma_skip_add(stuck, 5, START, BACKOFF, false);
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, START));
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, START + BACKOFF - 1));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START + BACKOFF));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START + 1000 * BACKOFF));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 4, START));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 6, START));
}

static void each_strike_doubles_the_time(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);
	u32 now = START;
	unsigned int i;

	for (i = 0; i <= CMA_SKIP_MAX_DOUBLINGS; i++) {
		u32 length = BACKOFF << i;

		cma_skip_add(stuck, 5, now, BACKOFF, false);
		KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, now + length - 1));
		KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, now + length));
		now += length;
	}
	KUNIT_EXPECT_EQ(test, stuck->nr, 1);
}

static void the_doublings_come_to_an_end(struct kunit *test)
{
	const u32 most = BACKOFF << CMA_SKIP_MAX_DOUBLINGS;
	struct cma_skip *stuck = notes(test);
	u32 now = START;
	unsigned int i;

	for (i = 0; i < 300; i++, now += most)
		cma_skip_add(stuck, 5, now, BACKOFF, false);
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, now - 1));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, now));
}

/* A request tries it several times, and others do meanwhile. */
static void a_page_that_has_had_no_time_to_move_gets_no_strike(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);
	unsigned int i;

	for (i = 0; i < 5; i++)
		cma_skip_add(stuck, 5, START + i * BACKOFF / 10, BACKOFF, false);
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, START + BACKOFF + 4 * BACKOFF / 10 - 1));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START + BACKOFF + 4 * BACKOFF / 10));
}

static void strikes_outlast_the_backoff(struct kunit *test)
{
	const u32 later = START + 50 * BACKOFF;
	struct cma_skip *stuck = notes(test);

	cma_skip_add(stuck, 5, START, BACKOFF, false);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, later));
	cma_skip_add(stuck, 5, later, BACKOFF, false);
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, later + 2 * BACKOFF - 1));
}

static void no_note_is_hot_for_longer_than_the_longest(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);
	u32 now = START;
	unsigned int i;

	for (i = 0; i <= CMA_SKIP_MAX_DOUBLINGS; i++) {
		cma_skip_add(stuck, 5, now, U32_MAX, false);
		KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, now + CMA_SKIP_LONGEST - 1));
		now += CMA_SKIP_LONGEST;
		KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, now));
	}
}

/* Half of the clock is where a comparison by its sign would turn over. */
static void a_cold_note_stays_cold_for_most_of_the_clock(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);

	cma_skip_add(stuck, 5, START, BACKOFF, false);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START + S32_MAX));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START + S32_MAX + 2 * BACKOFF));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START - CMA_SKIP_LONGEST));
}

static void backoffs_are_counted(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);

	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START), 0);
	cma_skip_add(stuck, 9, START, BACKOFF, false);
	cma_skip_add(stuck, 2, START + 10, BACKOFF, false);
	cma_skip_add(stuck, 5, START + 10, 2 * BACKOFF, false);
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START + 10), 3);
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START + BACKOFF), 2);
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START + 10 + BACKOFF), 1);
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START + 10 + 2 * BACKOFF), 0);
}

/* ---- Notes ------------------------------------------------------------ */

static void the_last_hot_unit_of_a_range_is_told(struct kunit *test)
{
	struct cma_skip *stuck = draw(test, "..x..xx...x.");

	KUNIT_EXPECT_EQ(test, last(stuck, 0, 12, START, true), 10);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, ULONG_MAX, START, true), 10);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 10, START, true), 6);
	KUNIT_EXPECT_EQ(test, last(stuck, 5, 6, START, true), 5);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 5, START, true), 2);
	KUNIT_EXPECT_EQ(test, last(stuck, 3, 5, START, true), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, last(stuck, 11, 12, START, true),
			RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, last(stuck, 6, 6, START, true), RUNMAP_NONE);
}

static void a_cold_unit_does_not_hide_a_hot_one_below(struct kunit *test)
{
	struct cma_skip *stuck = draw(test, "..x.....x...");

	cma_skip_add(stuck, 2, START, 2 * BACKOFF, false);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 12, START, true), 8);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 12, START + BACKOFF, true), 2);
}

static void what_has_moved_is_forgotten(struct kunit *test)
{
	struct cma_skip *stuck = draw(test, ".x.xx..x..x.");

	cma_skip_forget(stuck, cma_extent_between(3, 8));
	KUNIT_EXPECT_EQ(test, stuck->nr, 2);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 10, START, true), 1);
	cma_skip_forget(stuck, cma_extent_between(2, 10));
	cma_skip_forget(stuck, cma_extent_between(11, 2));
	KUNIT_EXPECT_EQ(test, stuck->nr, 2);
	cma_skip_forget(stuck, cma_extent_between(0, ULONG_MAX));
	KUNIT_EXPECT_EQ(test, stuck->nr, 0);
}

static void strikes_are_forgotten_too(struct kunit *test)
{
	struct cma_skip *stuck = draw(test, "..x.");

	cma_skip_add(stuck, 2, START, BACKOFF, false);
	cma_skip_forget(stuck, cma_extent_between(2, 3));
	cma_skip_add(stuck, 2, START + BACKOFF, BACKOFF, false);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 2, START + 2 * BACKOFF));
}

/*
 * All slots are in use. The backoff of unit 500 ends before the others, and unit 700
 * after all of them.
 */
static void the_note_whose_backoff_ends_first_makes_room(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);
	unsigned int i;

	cma_skip_add(stuck, 700, START, 2 * BACKOFF, false);
	cma_skip_add(stuck, 500, START, BACKOFF / 2, false);
	for (i = 0; i < CMA_SKIP_NOTES - 2; i++)
		cma_skip_add(stuck, i, START, BACKOFF, false);
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START), CMA_SKIP_NOTES);

	cma_skip_add(stuck, 600, START, BACKOFF, false);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 500, START));
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 600, START));
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 700, START));
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START), CMA_SKIP_NOTES);
}

/* In the order of their numbers the one whose backoff ends first is not least. */
static void the_first_backoff_to_end_is_right_across_a_wrap_of_the_clock(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);
	unsigned int i;

	for (i = 0; i < CMA_SKIP_NOTES - 1; i++)
		cma_skip_add(stuck, i, START, 2 * BACKOFF, false);
	cma_skip_add(stuck, 500, START, 10, false);
	KUNIT_ASSERT_GT(test, stuck->notes[CMA_SKIP_NOTES - 1].until,
			stuck->notes[0].until);
	cma_skip_add(stuck, 600, START + BACKOFF, BACKOFF, false);
	KUNIT_EXPECT_EQ(test, cma_skip_nr_backoffs(stuck, START + BACKOFF),
			CMA_SKIP_NOTES);
}

/* ---- What merely costs something -------------------------------------- */

static void a_page_that_turns_out_to_be_stuck_begins_anew(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);
	unsigned int i;

	for (i = 0; i < 3; i++)
		cma_skip_add(stuck, 2, START, BACKOFF, true);
	cma_skip_add(stuck, 2, START, BACKOFF, false);
	KUNIT_EXPECT_EQ(test, stuck->nr, 1);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 9, START, false), 2);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 2, START + BACKOFF));
}

static void what_a_stuck_page_costs_does_not_matter(struct kunit *test)
{
	struct cma_skip *stuck = notes(test);

	cma_skip_add(stuck, 2, START, BACKOFF, false);
	cma_skip_add(stuck, 2, START, 2 * BACKOFF, true);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 9, START, false), 2);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 2, START + BACKOFF));
	cma_skip_add(stuck, 2, START + BACKOFF, BACKOFF, true);
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 2, START + BACKOFF));
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 9, START + BACKOFF, false),
			RUNMAP_NONE);
}

static int cma_skip_begin(struct kunit *test)
{
	struct cma_skip *stuck = kunit_kzalloc(test, sizeof(*stuck), GFP_KERNEL);
	struct cma_skip_note *all = kunit_kcalloc(test, CMA_SKIP_NOTES, sizeof(*all),
						  GFP_KERNEL);

	if (!stuck || !all)
		return -ENOMEM;
	cma_skip_init(stuck, all);
	test->priv = stuck;
	return 0;
}

static void cma_skip_end(struct kunit *test)
{
	if (test->priv)
		KUNIT_EXPECT_TRUE(test, cma_skip_check(notes(test)));
}

static struct kunit_case cma_skip_cases[] = {
	KUNIT_CASE(a_unit_is_avoided_until_its_backoff_has_ended),
	KUNIT_CASE(each_strike_doubles_the_time),
	KUNIT_CASE(the_doublings_come_to_an_end),
	KUNIT_CASE(a_page_that_has_had_no_time_to_move_gets_no_strike),
	KUNIT_CASE(strikes_outlast_the_backoff),
	KUNIT_CASE(no_note_is_hot_for_longer_than_the_longest),
	KUNIT_CASE(a_cold_note_stays_cold_for_most_of_the_clock),
	KUNIT_CASE(backoffs_are_counted),
	KUNIT_CASE(the_last_hot_unit_of_a_range_is_told),
	KUNIT_CASE(a_cold_unit_does_not_hide_a_hot_one_below),
	KUNIT_CASE(what_has_moved_is_forgotten),
	KUNIT_CASE(strikes_are_forgotten_too),
	KUNIT_CASE(the_note_whose_backoff_ends_first_makes_room),
	KUNIT_CASE(the_first_backoff_to_end_is_right_across_a_wrap_of_the_clock),
	KUNIT_CASE(a_page_that_turns_out_to_be_stuck_begins_anew),
	KUNIT_CASE(what_a_stuck_page_costs_does_not_matter),
	{}
};

static struct kunit_suite cma_skip_suite = {
	.name = "cma_skip",
	.init = cma_skip_begin,
	.exit = cma_skip_end,
	.test_cases = cma_skip_cases,
};

kunit_test_suite(cma_skip_suite);
