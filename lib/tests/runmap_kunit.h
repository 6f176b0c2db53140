/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of lib/runmap.c share. A scene is drawn with one character
 * for each unit, a dot for a free one, # for a taken one:
 *
 *	scene(test, 100, "..##....");	8 units, the first at address 100
 *
 * After each case the map that it worked on is checked for consistency.
 */
#ifndef _LIB_TESTS_RUNMAP_KUNIT_H
#define _LIB_TESTS_RUNMAP_KUNIT_H

#include <kunit/test.h>
#include <linux/runmap.h>
#include <linux/string.h>

#define LEAF	BIT(RUNMAP_LEAF_ORDER)

static inline struct runmap *blank(struct kunit *test, unsigned long origin,
				   unsigned long nr)
{
	struct runmap *map = test->priv;
	void *mem = kunit_kmalloc(test, runmap_size(nr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	memset(mem, 0x5a, runmap_size(nr));
	runmap_init(map, mem, nr, origin);
	return map;
}

static inline struct runmap *scene(struct kunit *test, unsigned long origin,
				   const char *picture)
{
	struct runmap *map = blank(test, origin, strlen(picture));
	unsigned long unit;

	for (unit = 0; picture[unit]; unit++)
		if (picture[unit] == '#')
			runmap_take(map, unit, 1);
	return map;
}

static inline unsigned long find_in(const struct runmap *map,
				    unsigned long count, unsigned int align,
				    unsigned long from, unsigned long to)
{
	const struct runmap_query query = { count, align, from, to };

	return runmap_find(map, &query);
}

static inline unsigned long find(const struct runmap *map, unsigned long count,
				 unsigned int align)
{
	return find_in(map, count, align, 0, map->nr);
}

static inline int begin(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct runmap), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static inline void end_with_check(struct kunit *test)
{
	if (test->priv)
		KUNIT_EXPECT_TRUE(test, runmap_check(test->priv));
}

#endif
