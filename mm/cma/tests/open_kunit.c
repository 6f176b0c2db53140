// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/open.c: where a run could be had. In the pictures there is one
 * character for each unit, from unit 0 on:
 *
 *	.  free		#  taken	x  free, but was stuck at time START
 *	r  READY
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "../open.h"

/* The clock wraps within the first period for which a unit is avoided. */
#define START	(U32_MAX - 40)
#define BACKOFF	100

struct open_scene {
	struct cma_skip stuck;
	struct cma_skip_note notes[CMA_SKIP_NOTES];
	struct runmap map;
	struct cma_extents ready;
	struct cma_extent extents[CMA_MAX_EXTENTS];
};

static struct open_scene *scene(struct kunit *test, unsigned long origin,
				const char *picture)
{
	struct open_scene *scene = test->priv;
	unsigned long unit, nr = strlen(picture);
	void *mem = kunit_kmalloc(test, runmap_size(nr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	cma_skip_init(&scene->stuck, scene->notes);
	cma_extents_init(&scene->ready, scene->extents);
	runmap_init(&scene->map, mem, nr, origin);
	for (unit = 0; unit < nr; unit++) {
		if (picture[unit] == '#' || picture[unit] == 'r')
			runmap_take(&scene->map, unit, 1);
		if (picture[unit] == 'r')
			cma_extents_put(&scene->ready, cma_extent_at(unit, 1));
		if (picture[unit] == 'x')
			cma_skip_add(&scene->stuck, unit, START, BACKOFF, false);
	}
	return scene;
}

static unsigned long find_query(const struct open_scene *scene,
				struct runmap_query query, u32 now, bool costly)
{
	struct cma_open open = {
		.map = &scene->map, .skip = &scene->stuck, .now = now,
		.costly = costly, .steps = UINT_MAX,
	};

	return cma_open_find(&open, &query);
}

static unsigned long find_in(const struct open_scene *scene,
			     unsigned long count, unsigned int align,
			     unsigned long from, unsigned long to)
{
	const struct runmap_query query = { count, align, from, to };

	return find_query(scene, query, START, false);
}

static unsigned long find_at(const struct open_scene *scene,
			     unsigned long count, u32 now)
{
	const struct runmap_query query = { .count = count, .to = ULONG_MAX };

	return find_query(scene, query, now, false);
}

static unsigned long find(const struct open_scene *scene, unsigned long count,
			  unsigned int align)
{
	return find_in(scene, count, align, 0, scene->map.nr);
}

/* ---- What is stuck ---------------------------------------------------- */

static void a_run_clear_of_stuck_units_is_found(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "..x..#....x......");

	KUNIT_EXPECT_EQ(test, find(s, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, find(s, 3, 0), 6);
	KUNIT_EXPECT_EQ(test, find(s, 5, 0), 11);
	KUNIT_EXPECT_EQ(test, find(s, 7, 0), RUNMAP_NONE);
}

static void without_notes_it_is_the_run_of_the_map(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "..#...#......#..");

	KUNIT_EXPECT_EQ(test, find(s, 3, 0), 3);
	KUNIT_EXPECT_EQ(test, find(s, 6, 0), 7);
	KUNIT_EXPECT_EQ(test, find(s, 7, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find(s, 0, 0), RUNMAP_NONE);
}

static void the_run_behind_a_stuck_unit_is_aligned(struct kunit *test)
{
	/*                             0   4   8   12  16      */
	struct open_scene *s = scene(test, 0, ".x.......x..........");

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
	struct open_scene *s = scene(test, 0, "...x.....x......");

	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 2, 16), 4);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 5, 16), 5);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 6, 16), 10);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 2, 8), 4);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 2, 7), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_in(s, 4, 0, 6, 13), RUNMAP_NONE);
}

static void what_was_avoided_for_long_enough_is_found_again(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "..x.x..#");

	KUNIT_EXPECT_EQ(test, find_at(s, 4, START + BACKOFF - 1), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_at(s, 4, START + BACKOFF), 0);
}

static void what_costs_something_is_avoided_where_that_matters(struct kunit *test)
{
	const struct runmap_query query = { .count = 4, .to = 10 };
	struct open_scene *s = scene(test, 0, "..........");

	cma_skip_add(&s->stuck, 2, START, BACKOFF, true);
	KUNIT_EXPECT_EQ(test, find_query(s, query, START, true), 3);
	KUNIT_EXPECT_EQ(test, find_query(s, query, START, false), 0);
	cma_skip_add(&s->stuck, 3, START, BACKOFF, false);
	KUNIT_EXPECT_EQ(test, find_query(s, query, START, false), 4);
}

/* ---- What is READY ---------------------------------------------------- */

static unsigned long find_mixed(const struct open_scene *scene, unsigned long count,
				unsigned long from)
{
	struct runmap_query query = { .count = count, .from = from, .to = ULONG_MAX };
	struct cma_open open = {
		.map = &scene->map, .ready = &scene->ready, .steps = UINT_MAX,
	};

	return cma_open_find(&open, &query);
}

static void units_that_are_ready_join_what_is_beside_them(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "#..rr.#.rr..r.##....");

	KUNIT_EXPECT_EQ(test, find(s, 5, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 5, 0), 1);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 5, 2), 7);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 7, 0), 7);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 8, 0), RUNMAP_NONE);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 4, 11), 16);
}

static void a_lower_run_without_ready_units_comes_first(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "#...#rrr#...");

	KUNIT_EXPECT_EQ(test, find_mixed(s, 3, 0), 1);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 3, 2), 5);
	KUNIT_EXPECT_EQ(test, find_mixed(s, 3, 6), 9);
}

static void the_longest_run_has_what_is_ready_in_it(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "....#.rr.r.#.....#");

	KUNIT_EXPECT_EQ(test, runmap_largest(&s->map, 0), 5);
	KUNIT_EXPECT_EQ(test, cma_open_longest(&s->map, &s->ready), 6);
}

/* The lock isn't held for longer than some steps; what was looked at isn't again. */
static void a_search_is_gone_on_with_where_it_stopped(struct kunit *test)
{
	struct open_scene *s = scene(test, 0, "x.x.x.x.x.x.x...");
	struct runmap_query query = { .count = 3, .to = ULONG_MAX };
	struct cma_open open = {
		.map = &s->map, .skip = &s->stuck, .now = START,
	};
	unsigned int calls = 0;
	unsigned long start;

	do {
		open.steps = 1;
		start = cma_open_find(&open, &query);
		calls++;
	} while (open.unfinished && calls < 100);
	KUNIT_EXPECT_EQ(test, start, 13);
	KUNIT_EXPECT_GT(test, calls, 3);
	KUNIT_EXPECT_LT(test, calls, 10);
	KUNIT_EXPECT_GE(test, query.from, 12);
}

static struct kunit_case cma_open_cases[] = {
	KUNIT_CASE(a_run_clear_of_stuck_units_is_found),
	KUNIT_CASE(without_notes_it_is_the_run_of_the_map),
	KUNIT_CASE(the_run_behind_a_stuck_unit_is_aligned),
	KUNIT_CASE(the_limits_hold_for_the_run_behind_a_stuck_unit),
	KUNIT_CASE(what_was_avoided_for_long_enough_is_found_again),
	KUNIT_CASE(what_costs_something_is_avoided_where_that_matters),
	KUNIT_CASE(units_that_are_ready_join_what_is_beside_them),
	KUNIT_CASE(a_lower_run_without_ready_units_comes_first),
	KUNIT_CASE(the_longest_run_has_what_is_ready_in_it),
	KUNIT_CASE(a_search_is_gone_on_with_where_it_stopped),
	{}
};

static int cma_open_begin(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct open_scene), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static struct kunit_suite cma_open_suite = {
	.name = "cma_open",
	.init = cma_open_begin,
	.test_cases = cma_open_cases,
};

kunit_test_suite(cma_open_suite);
