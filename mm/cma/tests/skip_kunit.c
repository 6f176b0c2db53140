// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/skip.c. In the pictures there is one character for each
 * unit, from unit 0 on:
 *
 *	.  free		#  taken	x  free, but was stuck at time START
 *
 * After each case the notes that it worked on are checked for consistency.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../open.h"

/* The clock wraps within the first period for which a unit is avoided. */
#define START	(U32_MAX - 40)
#define BACKOFF	100

struct stuck_scene {
	struct cma_skip stuck;
	struct cma_skip_note notes[CMA_SKIP_NOTES];
	struct runmap map;
};

static struct stuck_scene *scene(struct kunit *test, unsigned long origin,
				 const char *picture)
{
	struct stuck_scene *scene = test->priv;
	unsigned long unit, nr = strlen(picture);
	void *mem = kunit_kmalloc(test, runmap_size(nr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	cma_skip_init(&scene->stuck, scene->notes);
	runmap_init(&scene->map, mem, nr, origin);
	for (unit = 0; unit < nr; unit++) {
		if (picture[unit] == '#')
			runmap_take(&scene->map, unit, 1);
		if (picture[unit] == 'x')
			cma_skip_add(&scene->stuck, unit, START, BACKOFF, false);
	}
	return scene;
}

/* Only notes matter. */
static struct cma_skip *notes(struct kunit *test)
{
	return &scene(test, 0, ".")->stuck;
}

static unsigned long find_query(const struct stuck_scene *scene,
				struct runmap_query query, u32 now, bool costly)
{
	struct cma_open open = {
		.map = &scene->map, .skip = &scene->stuck, .now = now,
		.costly = costly, .steps = UINT_MAX,
	};

	return cma_open_find(&open, &query);
}

static unsigned long find_in(const struct stuck_scene *scene,
			     unsigned long count, unsigned int align,
			     unsigned long from, unsigned long to)
{
	const struct runmap_query query = { count, align, from, to };

	return find_query(scene, query, START, false);
}

static unsigned long find_at(const struct stuck_scene *scene,
			     unsigned long count, u32 now)
{
	const struct runmap_query query = { .count = count, .to = ULONG_MAX };

	return find_query(scene, query, now, false);
}

static unsigned long find(const struct stuck_scene *scene, unsigned long count,
			  unsigned int align)
{
	return find_in(scene, count, align, 0, scene->map.nr);
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
	unsigned int i;

	for (i = 0; i < 300; i++)
		cma_skip_add(stuck, 5, START, BACKOFF, false);
	KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, START + most - 1));
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START + most));
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
	unsigned int i;

	for (i = 0; i <= CMA_SKIP_MAX_DOUBLINGS; i++) {
		cma_skip_add(stuck, 5, START, U32_MAX, false);
		KUNIT_EXPECT_TRUE(test, is_avoided(stuck, 5, START +
					       CMA_SKIP_LONGEST - 1));
		KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 5, START +
						CMA_SKIP_LONGEST));
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
	struct cma_skip *stuck = &scene(test, 0, "..x..xx...x.")->stuck;

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
	struct cma_skip *stuck = &scene(test, 0, "..x.....x...")->stuck;

	cma_skip_add(stuck, 2, START, BACKOFF, false);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 12, START, true), 8);
	KUNIT_EXPECT_EQ(test, last(stuck, 0, 12, START + BACKOFF, true), 2);
}

static void what_has_moved_is_forgotten(struct kunit *test)
{
	struct cma_skip *stuck = &scene(test, 0, ".x.xx..x..x.")->stuck;

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
	struct cma_skip *stuck = &scene(test, 0, "..x.")->stuck;

	cma_skip_add(stuck, 2, START, BACKOFF, false);
	cma_skip_forget(stuck, cma_extent_between(2, 3));
	cma_skip_add(stuck, 2, START, BACKOFF, false);
	KUNIT_EXPECT_FALSE(test, is_avoided(stuck, 2, START + BACKOFF));
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

/* ---- Finding ---------------------------------------------------------- */

static void a_run_clear_of_stuck_units_is_found(struct kunit *test)
{
	struct stuck_scene *s = scene(test, 0, "..x..#....x......");

	KUNIT_EXPECT_EQ(test, find(s, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, find(s, 3, 0), 6);
	KUNIT_EXPECT_EQ(test, find(s, 5, 0), 11);
	KUNIT_EXPECT_EQ(test, find(s, 7, 0), RUNMAP_NONE);
}

static void without_notes_it_is_the_run_of_the_map(struct kunit *test)
{
	struct stuck_scene *s = scene(test, 0, "..#...#......#..");

	KUNIT_EXPECT_EQ(test, find(s, 3, 0), 3);
	KUNIT_EXPECT_EQ(test, find(s, 6, 0), 7);
	KUNIT_EXPECT_EQ(test, find(s, 7, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(s, 0, 0), RUNMAP_NONE);
}

static void the_run_behind_a_stuck_unit_is_aligned(struct kunit *test)
{
	/*                             0   4   8   12  16      */
	struct stuck_scene *s = scene(test, 0, ".x.......x..........");

	KUNIT_EXPECT_EQ(test, find(s, 4, 2), 4);
	KUNIT_EXPECT_EQ(test, find(s, 5, 2), 4);
	KUNIT_EXPECT_EQ(test, find(s, 6, 2), 12);
	KUNIT_EXPECT_EQ(test, find(s, 5, 3), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(s, 4, 3), 16);

	s = scene(test, 3, ".x.......x..........");
	KUNIT_EXPECT_EQ(test, find(s, 4, 2), 5);
	KUNIT_EXPECT_EQ(test, find(s, 7, 3), 13);
}

static void the_limits_hold_for_the_run_behind_a_stuck_unit(struct kunit *test)
{
	struct stuck_scene *s = scene(test, 0, "...x.....x......");

	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 2, 16), 4);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 5, 16), 5);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 6, 16), 10);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 2, 8), 4);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 2, 7), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 6, 13), RUNMAP_NONE);
}

static void what_was_avoided_for_long_enough_is_found_again(struct kunit *test)
{
	struct stuck_scene *s = scene(test, 0, "..x.x..#");

	KUNIT_EXPECT_EQ(test, find_at(s, 4, START + BACKOFF - 1), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_at(s, 4, START + BACKOFF), 0);
}

/* ---- What merely costs something -------------------------------------- */

static void what_costs_something_is_avoided_where_that_matters(struct kunit *test)
{
	const struct runmap_query query = { .count = 4, .to = 10 };
	struct stuck_scene *s = scene(test, 0, "..........");

	cma_skip_add(&s->stuck, 2, START, BACKOFF, true);
	KUNIT_EXPECT_EQ(test, find_query(s, query, START, true), 3);
	KUNIT_EXPECT_EQ(test, find_query(s, query, START, false), 0);
	cma_skip_add(&s->stuck, 3, START, BACKOFF, false);
	KUNIT_EXPECT_EQ(test, find_query(s, query, START, false), 4);
}

static void a_page_that_turns_out_to_be_stuck_begins_anew(struct kunit *test)
{
	struct stuck_scene *s = scene(test, 0, "..........");
	struct cma_skip *stuck = &s->stuck;
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
	test->priv = kunit_kzalloc(test, sizeof(struct stuck_scene),
				   GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void cma_skip_end(struct kunit *test)
{
	struct stuck_scene *scene = test->priv;

	if (scene)
		KUNIT_EXPECT_TRUE(test, cma_skip_check(&scene->stuck));
}

static struct kunit_case cma_skip_cases[] = {
	KUNIT_CASE(a_unit_is_avoided_until_its_backoff_has_ended),
	KUNIT_CASE(each_strike_doubles_the_time),
	KUNIT_CASE(the_doublings_come_to_an_end),
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
	KUNIT_CASE(a_run_clear_of_stuck_units_is_found),
	KUNIT_CASE(without_notes_it_is_the_run_of_the_map),
	KUNIT_CASE(the_run_behind_a_stuck_unit_is_aligned),
	KUNIT_CASE(the_limits_hold_for_the_run_behind_a_stuck_unit),
	KUNIT_CASE(what_was_avoided_for_long_enough_is_found_again),
	KUNIT_CASE(what_costs_something_is_avoided_where_that_matters),
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
