// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evacuator.c: what goes by a kind of page. The words are those of sysfs.
 */
#include <kunit/test.h>
#include <linux/ctype.h>

#include "../evacuator.h"

static void every_kind_has_a_name_that_is_fit_for_a_file(struct kunit *test)
{
	enum cma_page_kind a, b;
	const char *at;

	for (a = 0; a < NR_CMA_PAGE_KINDS; a++) {
		KUNIT_ASSERT_NOT_NULL(test, cma_page_kind_name(a));
		for (at = cma_page_kind_name(a); *at; at++)
			KUNIT_EXPECT_TRUE(test, islower(*at) || *at == '-');
		for (b = 0; b < a; b++)
			KUNIT_EXPECT_STRNEQ(test, cma_page_kind_name(a),
					    cma_page_kind_name(b));
	}
	KUNIT_EXPECT_STREQ(test, cma_page_kind_name(NR_CMA_PAGE_KINDS), "unknown");
}

/* Else a failure would be put down to what happened to be next to it. */
static void what_is_meant_to_stay_explains_a_failure(struct kunit *test)
{
	enum cma_page_kind kind;

	for (kind = 0; kind < NR_CMA_PAGE_KINDS; kind++)
		if (cma_page_kinds[kind].lasting)
			KUNIT_EXPECT_TRUE(test, cma_page_kinds[kind].explains);
	KUNIT_EXPECT_TRUE(test, cma_page_kinds[CMA_PAGE_PINNED].lasting);
	KUNIT_EXPECT_FALSE(test, cma_page_kinds[CMA_PAGE_WRITEBACK].lasting);
	KUNIT_EXPECT_FALSE(test, cma_page_kinds[CMA_PAGE_OTHER].explains);
}

static struct kunit_case cma_evacuator_cases[] = {
	KUNIT_CASE(every_kind_has_a_name_that_is_fit_for_a_file),
	KUNIT_CASE(what_is_meant_to_stay_explains_a_failure),
	{}
};

static struct kunit_suite cma_evacuator_suite = {
	.name = "cma_evacuator",
	.test_cases = cma_evacuator_cases,
};

kunit_test_suite(cma_evacuator_suite);
