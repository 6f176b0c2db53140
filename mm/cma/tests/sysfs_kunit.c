// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/sysfs.c: the files of real areas below /sys/kernel/mm/cma.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../stats.h"
#include "real.h"
#include "files.h"
#include "reserve.h"

static void every_figure_but_words_is_a_file_of_one_number(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	unsigned int dir, i;
	char name[64];

	KUNIT_ASSERT_TRUE(test, cma_is_active(cma));
	for (dir = 0; dir < CMA_FIGURES_DEBUG; dir++)
		for (i = 0; i < cma_figures[dir].nr; i++) {
			struct cma_figure *figure = &cma_figures[dir].figures[i];

			if (figure->name)
				continue;
			snprintf(name, sizeof(name), "%s/%s",
				 cma_figures[dir].dir ?: ".",
				 figure->attr.name);
			KUNIT_EXPECT_EQ_MSG(test, cma_number_in(test, "kunit0", name),
					    cma_figure_read(figure, cma), "%s",
					    name);
		}
}

static void addresses_are_hexadecimal_and_numbers_are_not(struct kunit *test)
{
	phys_addr_t base = cma_get_base(cma_real_area(test, "kunit0"));
	char expected[32];

	snprintf(expected, sizeof(expected), "0x%llx\n", (u64)base);
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, "kunit0", "base"), expected);
	snprintf(expected, sizeof(expected), "%lu\n",
		 2 * CMA_KUNIT_SIZE / PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, "kunit0", "total_pages"),
			   expected);
}

static int expect_directory(struct cma *cma, void *data)
{
	struct kunit *test = data;

	if (cma_is_active(cma)) {
		KUNIT_EXPECT_NOT_NULL(test, cma->kobj);
		KUNIT_EXPECT_EQ(test, cma->nr_pages,
				cma_number_in(test, cma_get_name(cma),
					      "total_pages"));
	}
	return 0;
}

static void each_active_area_has_a_directory_of_its_own(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cma_for_each_area(expect_directory, test), 0);
}

/* What an attempt in vain has emptied is READY, and not lent any more. */
static u64 lent_or_ready(struct kunit *test)
{
	return cma_number_in(test, "kunit1", "lent_pages") +
	       cma_number_in(test, "kunit1", "ready_pages");
}

static void files_follow_an_allocation_of_real_pages_and_its_release(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	u64 taken, given, allocated, free, lent;
	struct page *pages;

	/* All the way from the page allocator, and no further back than READY. */
	cma_real_lend(cma);
	taken = cma_number_in(test, "kunit1", "alloc_pages_success");
	given = cma_number_in(test, "kunit1", "release_pages_success");
	allocated = cma_number_in(test, "kunit1", "allocated_pages");
	free = lent_or_ready(test);

	/* Five pages are two units of four. */
	pages = cma_alloc(cma, 5, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "alloc_pages_success"),
			taken + 5);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "allocated_pages"),
			allocated + 8);
	KUNIT_EXPECT_EQ(test, lent_or_ready(test), free - 8);
	cma_real_lend(cma);
	lent = cma_number_in(test, "kunit1", "lent_pages");

	KUNIT_EXPECT_TRUE(test, cma_release(cma, pages, 5));
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "release_pages_success"),
			given + 5);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "allocated_pages"),
			allocated);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "lent_pages"), lent);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "ready_pages"), 8);
}

/* ......  ->  rrrr..	and not a page of it in use */
static void a_floor_that_is_written_is_reached_soon(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");

	cma_real_lend(cma);
	KUNIT_ASSERT_EQ(test, cma_put_in(test, "kunit1", "ready_min", "1024\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "ready_min"), 1024);
	flush_work(&cma->ready_work.work);
	/* What an attempt that fails has emptied is kept, too. */
	KUNIT_EXPECT_GE(test, cma_number_in(test, "kunit1", "ready_pages"), 1024);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "allocated_pages"), 0);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "ready_min", "0\n"), 0);
}

/* rrrrrr  ->  r.....	at once */
static void a_lower_ceiling_lends_what_is_above_it(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	u64 most = cma_number_in(test, "kunit1", "ready_max");
	struct page *pages = cma_alloc(cma, 64, 0, false);
	char text[24];

	KUNIT_ASSERT_NOT_NULL(test, pages);
	cma_release(cma, pages, 64);
	KUNIT_EXPECT_GE(test, cma_number_in(test, "kunit1", "ready_pages"), 64);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "ready_max", "8\n"), 0);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "ready_pages"), 8);
	snprintf(text, sizeof(text), "%llu\n", most);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "ready_max", text), 0);
}

static void a_knob_takes_numbers_of_pages_that_the_area_has(struct kunit *test)
{
	u64 most = cma_number_in(test, "kunit1", "ready_max");
	char text[24];

	snprintf(text, sizeof(text), "%lu\n", CMA_KUNIT_SIZE / PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "ready_max", text), -ERANGE);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "ready_max", "all\n"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit1", "ready_min", "-1\n"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "ready_max"), most);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit1", "ready_min"), 0);
}

static void sysfs_counts_a_request_that_is_too_big(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	u64 before = cma_number_in(test, "kunit0", "failures/too-big");
	u64 pages = cma_number_in(test, "kunit0", "alloc_pages_fail");

	KUNIT_EXPECT_NULL(test, cma_alloc(cma, cma->nr_pages + 1, 0, true));
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "failures/too-big"),
			before + 1);
	KUNIT_EXPECT_EQ(test, cma_number_in(test, "kunit0", "alloc_pages_fail"),
			pages + cma->nr_pages + 1);
}

static void a_choice_shows_all_words_and_takes_one_of_them(struct kunit *test)
{
	cma_real_lend(cma_real_area(test, "kunit0"));
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, "kunit0", "borrow"),
			   "[all] clean none\n");
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "borrow", "clean\n"), 0);
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, "kunit0", "borrow"),
			   "all [clean] none\n");
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "borrow", "dirty\n"), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "borrow", "1\n"), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_put_in(test, "kunit0", "borrow", "all\n"), 0);
	KUNIT_EXPECT_STREQ(test, cma_text_of(test, "kunit0", "borrow"),
			   "[all] clean none\n");
}

static struct kunit_case cma_sysfs_cases[] = {
	KUNIT_CASE(every_figure_but_words_is_a_file_of_one_number),
	KUNIT_CASE(a_choice_shows_all_words_and_takes_one_of_them),
	KUNIT_CASE(addresses_are_hexadecimal_and_numbers_are_not),
	KUNIT_CASE(each_active_area_has_a_directory_of_its_own),
	KUNIT_CASE(files_follow_an_allocation_of_real_pages_and_its_release),
	KUNIT_CASE(a_floor_that_is_written_is_reached_soon),
	KUNIT_CASE(a_lower_ceiling_lends_what_is_above_it),
	KUNIT_CASE(a_knob_takes_numbers_of_pages_that_the_area_has),
	KUNIT_CASE(sysfs_counts_a_request_that_is_too_big),
	{}
};

static int cma_sysfs_test_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_SYSFS))
		kunit_skip(test, "needs CONFIG_CMA_SYSFS");
	return cma_open_files(test, "sysfs", "kernel/mm/cma");
}

static struct kunit_suite cma_sysfs_suite = {
	.name = "cma_sysfs",
	.init = cma_sysfs_test_init,
	.exit = cma_close_files,
	.test_cases = cma_sysfs_cases,
};

kunit_test_suite(cma_sysfs_suite);
