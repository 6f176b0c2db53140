// SPDX-License-Identifier: GPL-2.0
/* Tests of walking through a runmap, of taking and giving. */
#include <linux/bitmap.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "runmap_kunit.h"

static void expect_scene(struct kunit *test, const struct runmap *map,
			 const char *picture)
{
	unsigned long unit;

	KUNIT_ASSERT_EQ(test, map->nr, strlen(picture));
	for (unit = 0; picture[unit]; unit++) {
		bool taken = picture[unit] == '#';

		KUNIT_EXPECT_EQ_MSG(test, runmap_is_taken(map, unit, 1), taken,
				    "unit %lu", unit);
		KUNIT_EXPECT_EQ_MSG(test, runmap_is_free(map, unit, 1), !taken,
				    "unit %lu", unit);
	}
}

/* ---- The next unit, the next run -------------------------------------- */

static void next_free_and_next_taken_lead_from_run_to_run(struct kunit *test)
{
	struct runmap *map = scene(test, 6, "..###.#....#");

	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 0), 2);
	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 2), 2);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, 2), 5);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, 5), 5);
	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 7), 11);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, 11), 12);
}

static void next_of_what_is_not_there_is_the_size(struct kunit *test)
{
	struct runmap *map = blank(test, 3, 1500);

	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 0), 1500);
	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, ULONG_MAX), 1500);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, 1500), 1500);
	runmap_take(map, 0, 1500);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, 0), 1500);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, ULONG_MAX), 1500);
}

static void the_start_of_a_run_is_found_from_its_end(struct kunit *test)
{
	struct runmap *map = scene(test, 6, "..###.#....#");

	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 0), 0);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 2), 0);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 3), 3);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 6), 5);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 11), 7);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 12), 12);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 13), 13);
}

static void the_way_back_passes_over_whole_leaves(struct kunit *test)
{
	struct runmap *map = blank(test, 100, 40000);

	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 40000), 0);
	runmap_take(map, 20000, 1);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 40000), 20001);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, 20000), 0);
	KUNIT_EXPECT_EQ(test, runmap_run_start(map, ULONG_MAX), ULONG_MAX);
}

/*	....................#.....................
 *	0                   20000
 */
static void next_passes_over_whole_leaves(struct kunit *test)
{
	struct runmap *map = blank(test, 100, 40000);

	runmap_take(map, 20000, 1);
	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 1), 20000);
	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 20001), 40000);
	runmap_take(map, 0, 20000);
	runmap_take(map, 20001, 10000);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, 1), 30001);
}

static void the_walk_visits_each_free_run_once(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "..###.#....#");
	static const unsigned long runs[][2] = { {0, 2}, {5, 6}, {7, 11} };
	unsigned long start, end, n = 0;

	runmap_for_each_free(map, start, end) {
		KUNIT_ASSERT_LT(test, n, ARRAY_SIZE(runs));
		KUNIT_EXPECT_EQ(test, start, runs[n][0]);
		KUNIT_EXPECT_EQ(test, end, runs[n][1]);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(runs));
}

static void the_walk_over_a_full_map_visits_nothing(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "####");
	unsigned long start, end, n = 0;

	runmap_for_each_free(map, start, end)
		n++;
	KUNIT_EXPECT_EQ(test, n, 0);
}

/* ---- Ranges, taking and giving ---------------------------------------- */

static void a_range_is_free_or_taken_when_each_unit_is(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "...###..");

	KUNIT_EXPECT_TRUE(test, runmap_is_free(map, 0, 3));
	KUNIT_EXPECT_FALSE(test, runmap_is_free(map, 0, 4));
	KUNIT_EXPECT_TRUE(test, runmap_is_taken(map, 3, 3));
	KUNIT_EXPECT_FALSE(test, runmap_is_taken(map, 2, 2));
	KUNIT_EXPECT_FALSE(test, runmap_is_taken(map, 5, 2));
}

static void an_empty_range_is_neither_free_nor_taken(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "..##");

	KUNIT_EXPECT_FALSE(test, runmap_is_free(map, 0, 0));
	KUNIT_EXPECT_FALSE(test, runmap_is_taken(map, 2, 0));
}

static void a_range_beyond_the_map_is_neither_free_nor_taken(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "##..");

	KUNIT_EXPECT_FALSE(test, runmap_is_free(map, 2, 3));
	KUNIT_EXPECT_FALSE(test, runmap_is_free(map, 4, 1));
	KUNIT_EXPECT_FALSE(test, runmap_is_free(map, 3, ULONG_MAX));
	runmap_take(map, 2, 2);
	KUNIT_EXPECT_FALSE(test, runmap_is_taken(map, 0, 5));
	KUNIT_EXPECT_FALSE(test, runmap_is_taken(map, 4, 1));
	KUNIT_EXPECT_FALSE(test, runmap_is_taken(map, 1, ULONG_MAX));
}

static void what_is_given_joins_the_runs_beside_it(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "..##..####");

	runmap_give(map, 2, 2);
	expect_scene(test, map, "......####");
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), 6);
	KUNIT_EXPECT_EQ(test, find(map, 6, 0), 0);
}

static void what_was_taken_at_once_is_given_in_pieces(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "............");

	runmap_take(map, 1, 10);
	expect_scene(test, map, ".##########.");
	runmap_give(map, 4, 3);
	expect_scene(test, map, ".###...####.");
	runmap_give(map, 1, 3);
	runmap_give(map, 7, 4);
	expect_scene(test, map, "............");
}

static void the_free_count_follows_each_change(struct kunit *test)
{
	struct runmap *map = blank(test, 50, 2000);

	runmap_take(map, 10, 1);
	KUNIT_EXPECT_EQ(test, map->nr_free, 1999);
	runmap_take(map, 11, 1500);
	KUNIT_EXPECT_EQ(test, map->nr_free, 499);
	runmap_give(map, 10, 1501);
	KUNIT_EXPECT_EQ(test, map->nr_free, 2000);
}

/*	....|....|.###|####|####|####|#...|.... */
static void a_long_range_covers_leaves_and_parts_of_them(struct kunit *test)
{
	struct runmap *map = blank(test, 7, 20 * LEAF);
	unsigned long start = 5 * LEAF + 11, count = 9 * LEAF + 13;

	runmap_take(map, start, count);
	KUNIT_EXPECT_TRUE(test, runmap_check(map));
	KUNIT_EXPECT_TRUE(test, runmap_is_taken(map, start, count));
	KUNIT_EXPECT_EQ(test, runmap_next_taken(map, 0), start);
	KUNIT_EXPECT_EQ(test, runmap_next_free(map, start), start + count);
	runmap_give(map, start + 1, count - 2);
	KUNIT_EXPECT_EQ(test, runmap_largest(map, 0), count - 2);
}

/* ---- Memory, consistency, chance -------------------------------------- */

static void the_memory_is_a_ten_thousandth_of_the_pages(struct kunit *test)
{
	unsigned int order;

	for (order = 16; order <= RUNMAP_MAX_ORDER; order++)
		KUNIT_EXPECT_LE(test, (u64)runmap_size(BIT(order)),
				div_u64(4096ULL << order, 10000));
}

static void sizes_that_no_map_has_need_no_memory(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, runmap_size(0), 0);
	KUNIT_EXPECT_EQ(test, runmap_size(RUNMAP_MAX_UNITS + 1), 0);
	KUNIT_EXPECT_EQ(test, runmap_size(ULONG_MAX), 0);
	KUNIT_EXPECT_NE(test, runmap_size(RUNMAP_MAX_UNITS), 0);
}

static void check_notices_a_bit_that_changed_by_itself(struct kunit *test)
{
	struct runmap *map = scene(test, 0, "..##....");

	KUNIT_EXPECT_TRUE(test, runmap_check(map));
	change_bit(5, map->bits);
	KUNIT_EXPECT_FALSE(test, runmap_check(map));
	change_bit(5, map->bits);
	map->nr_free++;
	KUNIT_EXPECT_FALSE(test, runmap_check(map));
	map->nr_free--;
}

#define CHANCE_UNITS	3333
#define CHANCE_SEED	20241117

struct chance {
	struct rnd_state rnd;
	struct runmap *map;
	unsigned long *bits;
};

static u32 below(struct chance *chance, u32 n)
{
	return prandom_u32_state(&chance->rnd) % n;
}

static void find_like_a_bitmap(struct kunit *test, struct chance *chance)
{
	unsigned long count = 1 + below(chance, below(chance, 5) ? 20 : 600);
	unsigned long from = below(chance, CHANCE_UNITS), found, right;
	unsigned int align = below(chance, 11);

	found = find_in(chance->map, count, align, from, CHANCE_UNITS);
	right = bitmap_find_next_zero_area_off(chance->bits, CHANCE_UNITS, from,
					       count, BIT(align) - 1,
					       chance->map->origin);
	if (right >= CHANCE_UNITS)
		right = RUNMAP_NONE;
	KUNIT_ASSERT_EQ_MSG(test, found, right, "count %lu align %u from %lu",
			    count, align, from);
	if (found == RUNMAP_NONE)
		return;
	runmap_take(chance->map, found, count);
	bitmap_set(chance->bits, found, count);
}

static void give_like_a_bitmap(struct chance *chance)
{
	unsigned long start, end;

	start = find_next_bit(chance->bits, CHANCE_UNITS,
			      below(chance, CHANCE_UNITS));
	end = find_next_zero_bit(chance->bits, CHANCE_UNITS, start);
	end = min(end, start + 1 + below(chance, 40));
	if (start >= end)
		return;
	runmap_give(chance->map, start, end - start);
	bitmap_clear(chance->bits, start, end - start);
}

static void random_changes_agree_with_a_plain_bitmap(struct kunit *test)
{
	struct chance chance = { .map = blank(test, 12345, CHANCE_UNITS) };
	unsigned int round;

	kunit_info(test, "seed %d", CHANCE_SEED);
	prandom_seed_state(&chance.rnd, CHANCE_SEED);
	chance.bits = kunit_kcalloc(test, BITS_TO_LONGS(CHANCE_UNITS),
				    sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, chance.bits);

	for (round = 0; round < 20000; round++) {
		unsigned long unit = below(&chance, CHANCE_UNITS);

		find_like_a_bitmap(test, &chance);
		give_like_a_bitmap(&chance);
		KUNIT_ASSERT_EQ(test, runmap_next_free(chance.map, unit),
				find_next_zero_bit(chance.bits, CHANCE_UNITS,
						   unit));
		KUNIT_ASSERT_EQ(test, runmap_next_taken(chance.map, unit),
				find_next_bit(chance.bits, CHANCE_UNITS, unit));
	}
	KUNIT_EXPECT_EQ(test, chance.map->nr_free, CHANCE_UNITS -
			bitmap_weight(chance.bits, CHANCE_UNITS));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(next_free_and_next_taken_lead_from_run_to_run),
	KUNIT_CASE(next_of_what_is_not_there_is_the_size),
	KUNIT_CASE(next_passes_over_whole_leaves),
	KUNIT_CASE(the_start_of_a_run_is_found_from_its_end),
	KUNIT_CASE(the_way_back_passes_over_whole_leaves),
	KUNIT_CASE(the_walk_visits_each_free_run_once),
	KUNIT_CASE(the_walk_over_a_full_map_visits_nothing),
	KUNIT_CASE(a_range_is_free_or_taken_when_each_unit_is),
	KUNIT_CASE(an_empty_range_is_neither_free_nor_taken),
	KUNIT_CASE(a_range_beyond_the_map_is_neither_free_nor_taken),
	KUNIT_CASE(what_is_given_joins_the_runs_beside_it),
	KUNIT_CASE(what_was_taken_at_once_is_given_in_pieces),
	KUNIT_CASE(the_free_count_follows_each_change),
	KUNIT_CASE(a_long_range_covers_leaves_and_parts_of_them),
	KUNIT_CASE(the_memory_is_a_ten_thousandth_of_the_pages),
	KUNIT_CASE(sizes_that_no_map_has_need_no_memory),
	KUNIT_CASE(check_notices_a_bit_that_changed_by_itself),
	KUNIT_CASE(random_changes_agree_with_a_plain_bitmap),
	{}
};

static struct kunit_suite suite = {
	.name = "runmap-change",
	.init = begin,
	.exit = end_with_check,
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("Tests of walking through and changing a runmap");
MODULE_LICENSE("GPL");
