// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/report.c: what the log says of a request that has failed, and what it
 * lists then, as 6.12 does.
 *
 *	.  lent		r  READY	#  allocated
 */
#include <kunit/test.h>
#include <linux/seq_buf.h>
#include <linux/string.h>

#include "../find.h"
#include "fake.h"

#define BLOCK	FAKE_BLOCK
#define LIST	256
#define TEXT	512

static const char *list_of(struct kunit *test, struct cma_fake *fake)
{
	char *text = kunit_kzalloc(test, LIST, GFP_KERNEL);
	struct seq_buf s;

	KUNIT_ASSERT_NOT_NULL(test, text);
	seq_buf_init(&s, text, LIST);
	cma_print_available(&s, &fake->cma);
	KUNIT_EXPECT_FALSE(test, seq_buf_has_overflowed(&s));
	return seq_buf_str(&s);
}

static void expect_list(struct kunit *test, struct cma_fake *fake,
			const char *format, unsigned long rest)
{
	char expected[TEXT];

	snprintf(expected, sizeof(expected), format, rest);
	KUNIT_EXPECT_STREQ(test, list_of(test, fake), expected);
}

/*
 *	####..##......
 */
static void runs_that_could_be_had_are_listed_with_their_first_unit(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	expect_list(test, fake, "%lu@0", BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	cma_fake_expect_free(fake, 4, 2);
	expect_list(test, fake, "2@4+%lu@8", BLOCK - 8);
	cma_fake_expect_free(fake, 0, 4);
	cma_fake_expect_free(fake, 6, 2);
}

/*
 *	##rr....rr	the last two pages are READY as well
 */
static void what_is_ready_could_be_had_like_what_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	cma_fake_make_ready(fake, 2, 2);
	cma_fake_make_ready(fake, BLOCK - 2, 2);
	expect_list(test, fake, "%lu@2", BLOCK - 2);
	cma_fake_expect_free(fake, 0, 2);
}

/*
 *	####|####|....	in units of four pages
 */
static void lengths_are_in_pages_and_places_in_units(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 2);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 8, 0), 0);
	expect_list(test, fake, "%lu@2", BLOCK - 8);
	cma_fake_expect_free(fake, 0, 8);
}

static void an_area_that_is_full_has_an_empty_list(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	expect_list(test, fake, "", 0);
	cma_fake_expect_free(fake, 0, BLOCK);
}

/*
 *	...... | ......	two ranges, and a hole in between
 */
static void a_hole_between_two_ranges_could_not_be_had(struct kunit *test)
{
	const struct cma_range ranges[] = {
		{ .base_pfn = 0, .nr_pages = BLOCK },
		{ .base_pfn = 2 * BLOCK, .nr_pages = BLOCK },
	};
	struct cma_fake *fake = cma_fake_create_ranges(test, ranges, 2, 0);
	char expected[TEXT];

	snprintf(expected, sizeof(expected), "%lu@0+%lu@%lu", BLOCK, BLOCK,
		 2 * BLOCK);
	KUNIT_EXPECT_STREQ(test, list_of(test, fake), expected);
}

/*
 *	#.#.#.#.#...	as far as a line goes
 */
static void a_list_that_is_too_long_says_that_there_is_more(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	const char *list;
	long i;

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 128, 0), 0);
	for (i = 1; i < 128; i += 2)
		cma_fake_expect_free(fake, i, 1);
	list = list_of(test, fake);
	KUNIT_EXPECT_TRUE(test, strstarts(list, "1@1+1@3+1@5+"));
	KUNIT_ASSERT_GT(test, strlen(list), 4);
	KUNIT_EXPECT_STREQ(test, list + strlen(list) - 4, "+...");
	for (i = 0; i < 128; i += 2)
		cma_fake_expect_free(fake, i, 1);
}

/* ---- What is said of a request that failed ---- */

static const char *failure_of(struct kunit *test, struct cma_fake *fake,
			      const struct cma_request *request)
{
	const struct cma_work work = {
		.attempts = 9,
		.blocker = { .pfn = 0x1234, .kind = CMA_PAGE_PINNED, .refs = 3 },
	};
	char *text = kunit_kzalloc(test, TEXT, GFP_KERNEL);
	struct seq_buf s;

	KUNIT_ASSERT_NOT_NULL(test, text);
	seq_buf_init(&s, text, TEXT);
	cma_print_failure(&s, &fake->cma, request, &work, 80455);
	return seq_buf_str(&s);
}

/*
 *	##rr....	a quarter of what is lent passes for free
 */
static void a_failure_tells_the_request_the_page_and_the_area(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 8, .align = 3, .gfp = GFP_KERNEL, .owner = "camera",
		.reason = CMA_REASON_BUSY,
	};
	char expected[TEXT];

	cma_set_ready_max(&fake->cma, BLOCK);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 2, 0), 0);
	cma_fake_make_ready(fake, 2, 2);
	snprintf(expected, sizeof(expected),
		 "no 8 pages aligned to 8 for camera: busy (pfn 0x1234 is pinned, 3 references, described); 2 of %lu pages allocated, 2 ready, %lu lent (%lu free), longest run left %lu; 9 attempts, 80455 us",
		 BLOCK, BLOCK - 4, BLOCK / 4, BLOCK - 2);
	KUNIT_EXPECT_STREQ(test, failure_of(test, fake, &request), expected);
	cma_fake_expect_free(fake, 0, 2);
}

/* Nothing is looked at that takes a while. */
static void a_failure_that_cannot_sleep_tells_what_is_known(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 8, .gfp = GFP_NOWAIT, .owner = "camera",
		.reason = CMA_REASON_BUSY,
	};
	char expected[TEXT];

	snprintf(expected, sizeof(expected),
		 "no 8 pages aligned to 1 for camera: busy (pfn 0x1234 is pinned, 3 references); 0 of %lu pages allocated, 0 ready, %lu lent, longest run left %lu; 9 attempts, 80455 us",
		 BLOCK, BLOCK, BLOCK);
	KUNIT_EXPECT_STREQ(test, failure_of(test, fake, &request), expected);
}

/* The page in the way of one attempt isn't why an area is full. */
static void only_a_failure_that_is_busy_names_a_page(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_request request = {
		.count = 8, .gfp = GFP_KERNEL, .reason = CMA_REASON_FULL,
	};
	const char *text = failure_of(test, fake, &request);
	char task[64];

	KUNIT_EXPECT_NULL(test, strstr(text, "0x1234"));
	/* No device asks: it is for the task. */
	snprintf(task, sizeof(task), " for %s[%d]: full; ", current->comm,
		 task_pid_nr(current));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, task));
}

static struct kunit_case cma_report_cases[] = {
	KUNIT_CASE(runs_that_could_be_had_are_listed_with_their_first_unit),
	KUNIT_CASE(what_is_ready_could_be_had_like_what_is_lent),
	KUNIT_CASE(lengths_are_in_pages_and_places_in_units),
	KUNIT_CASE(an_area_that_is_full_has_an_empty_list),
	KUNIT_CASE(a_hole_between_two_ranges_could_not_be_had),
	KUNIT_CASE(a_list_that_is_too_long_says_that_there_is_more),
	KUNIT_CASE(a_failure_tells_the_request_the_page_and_the_area),
	KUNIT_CASE(a_failure_that_cannot_sleep_tells_what_is_known),
	KUNIT_CASE(only_a_failure_that_is_busy_names_a_page),
	{}
};

static struct kunit_suite cma_report_suite = {
	.name = "cma_report",
	.test_cases = cma_report_cases,
};

kunit_test_suite(cma_report_suite);

MODULE_DESCRIPTION("Tests of what the log says of contiguous memory");
MODULE_LICENSE("GPL");
