// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/reason.c: the words and errors of failures. Scripts look for them.
 */
#include <kunit/test.h>
#include <linux/errno.h>

#include "../area.h"

static void every_reason_has_a_name_and_an_error_of_its_own(struct kunit *test)
{
	enum cma_reason a, b;

	for (a = 0; a < NR_CMA_REASONS; a++) {
		KUNIT_EXPECT_NOT_NULL(test, cma_reason_name(a));
		KUNIT_EXPECT_EQ(test, !a, !cma_reason_errno(a));
		KUNIT_EXPECT_LE(test, cma_reason_errno(a), 0);
		for (b = 0; b < a; b++)
			KUNIT_EXPECT_STRNEQ(test, cma_reason_name(a),
					    cma_reason_name(b));
	}
	KUNIT_EXPECT_STREQ(test, cma_reason_name(NR_CMA_REASONS), "unknown");
	KUNIT_EXPECT_LT(test, cma_reason_errno(NR_CMA_REASONS), 0);
}

/* Drivers tell by it whether to ask for less, later or elsewhere. */
static void what_a_caller_can_do_about_it_is_told_by_the_error(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cma_reason_errno(CMA_REASON_INVALID), -EINVAL);
	KUNIT_EXPECT_EQ(test, cma_reason_errno(CMA_REASON_BUSY), -EBUSY);
	KUNIT_EXPECT_EQ(test, cma_reason_errno(CMA_REASON_FULL), -ENOMEM);
	KUNIT_EXPECT_EQ(test, cma_reason_errno(CMA_REASON_NO_TARGET), -ENOMEM);
	KUNIT_EXPECT_EQ(test, cma_reason_errno(CMA_REASON_INTERRUPTED), -EINTR);
	KUNIT_EXPECT_EQ(test, cma_reason_errno(CMA_REASON_WOULD_SLEEP), -EAGAIN);
}

static struct kunit_case cma_reason_cases[] = {
	KUNIT_CASE(every_reason_has_a_name_and_an_error_of_its_own),
	KUNIT_CASE(what_a_caller_can_do_about_it_is_told_by_the_error),
	{}
};

static struct kunit_suite cma_reason_suite = {
	.name = "cma_reason",
	.test_cases = cma_reason_cases,
};

kunit_test_suite(cma_reason_suite);
