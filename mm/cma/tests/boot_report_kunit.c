// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_report.c: what the line says of an area that can't be declared, and
 * of one that is.
 * What has to be asked of memblock, which is gone by now, is seen in the log of guests
 * that ask for such areas.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/numa.h>
#include <linux/seq_buf.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../boot.h"

/* An area of 4 MiB, anywhere */
static struct cma_boot __init asked(void)
{
	return (struct cma_boot){
		.request.size = SZ_4M,
		.plan.size = SZ_4M,
		.plan.alignment = SZ_4M,
		.plan.base_alignment = SZ_4M,
		.name = "camera",
		.nid = NUMA_NO_NODE,
	};
}

static const char * __init refusal(struct kunit *test, const struct cma_boot *boot,
				   enum cma_boot_obstacle obstacle)
{
	char *text = kunit_kzalloc(test, CMA_BOOT_TEXT, GFP_KERNEL);
	struct seq_buf s;

	KUNIT_ASSERT_NOT_NULL(test, text);
	seq_buf_init(&s, text, CMA_BOOT_TEXT);
	cma_boot_print_refusal(&s, boot, obstacle);
	KUNIT_EXPECT_FALSE(test, seq_buf_has_overflowed(&s));
	return seq_buf_str(&s);
}

static const char * __init verdict(struct kunit *test, struct cma_boot *boot,
				   enum cma_plan_verdict verdict)
{
	boot->plan.verdict = verdict;
	return refusal(test, boot, CMA_BOOT_PLAN);
}

static void __init expect_told(struct kunit *test, const char *text, const char *part)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, part), "%s is not in: %s", part, text);
}

static void __init a_refusal_begins_with_the_area_and_what_was_asked_for(struct kunit *test)
{
	struct cma_boot boot = asked();
	phys_addr_t base = SZ_64M, limit = SZ_256M;
	char expected[128];

	KUNIT_EXPECT_STREQ(test, refusal(test, &boot, CMA_BOOT_TOO_LATE),
			   "camera: 4 MiB can't be set aside: areas are declared before the page allocator takes over");

	boot.name = NULL;
	boot.nid = 1;
	boot.request.base = base;
	boot.request.limit = limit;
	snprintf(expected, sizeof(expected),
		 "unnamed area: 4 MiB at or above %pa below %pa on node 1 can't be set aside: ",
		 &base, &limit);
	expect_told(test, refusal(test, &boot, CMA_BOOT_TOO_LATE), expected);

	boot.request.fixed = true;
	snprintf(expected, sizeof(expected), "4 MiB at %pa below", &base);
	expect_told(test, refusal(test, &boot, CMA_BOOT_TOO_LATE), expected);
}

/* Nobody knows by then what is free. */
static void __init a_refusal_that_comes_too_late_names_no_hole(struct kunit *test)
{
	struct cma_boot boot = asked();
	const char *text = refusal(test, &boot, CMA_BOOT_TOO_LATE);

	KUNIT_EXPECT_NULL_MSG(test, strstr(text, "hole"), "%s", text);
	KUNIT_EXPECT_NULL_MSG(test, strstr(text, "free memory"), "%s", text);
}

/*
 *	[base ....hole.... limit]
 */
static void __init a_refusal_ends_with_the_largest_hole_and_what_would_fit(struct kunit *test)
{
	struct cma_boot boot = asked();
	phys_addr_t first = SZ_64M, last = SZ_64M + SZ_2M - 1;
	char expected[160];

	expect_told(test, verdict(test, &boot, CMA_PLAN_NO_HOLE),
		    ": no hole is large enough for 4 MiB aligned to 4 MiB; no free memory there");

	boot.plan.hole = (struct cma_plan_hole){
		.start = first, .end = last + 1, .fits = SZ_1M,
		.lower = CMA_PLAN_BASE, .upper = CMA_PLAN_LIMIT,
	};
	snprintf(expected, sizeof(expected),
		 "; largest hole [mem %pa-%pa] between requested base and limit, 1 MiB would fit",
		 &first, &last);
	expect_told(test, verdict(test, &boot, CMA_PLAN_NO_HOLE), expected);
	boot.plan.hole.lower = CMA_PLAN_BOUNDARY;
	expect_told(test, verdict(test, &boot, CMA_PLAN_NO_HOLE),
		    "between zone boundary and limit");
}

/* Somebody else has chosen its place: no other one would help. */
static void __init reserved_memory_is_refused_without_a_hole(struct kunit *test)
{
	struct cma_boot boot = asked();
	const char *text;

	boot.source = CMA_BOOT_RESERVED;
	text = refusal(test, &boot, CMA_BOOT_NOT_ROUND);
	expect_told(test, text, ": the size must be a multiple of 4 MiB");
	KUNIT_EXPECT_NULL_MSG(test, strstr(text, "free memory"), "%s", text);
}

static void __init each_obstacle_has_words_of_its_own(struct kunit *test)
{
	struct cma_boot boot = asked();

	expect_told(test, refusal(test, &boot, CMA_BOOT_NO_SLOT), " slots are taken");
	expect_told(test, refusal(test, &boot, CMA_BOOT_IN_AREA),
		    ": another area has a part of it");
	expect_told(test, refusal(test, &boot, CMA_BOOT_MEMBLOCK),
		    ": memblock has no room to note it");
	expect_told(test, verdict(test, &boot, CMA_PLAN_ZERO_SIZE),
		    ": the size must not be 0");
	expect_told(test, verdict(test, &boot, CMA_PLAN_OVERFLOW),
		    ": it would end beyond the last physical address");
	expect_told(test, verdict(test, &boot, CMA_PLAN_LIMIT_BELOW_BASE),
		    ": the limit must be above the base");
	expect_told(test, verdict(test, &boot, CMA_PLAN_ABOVE_LIMIT),
		    ": it would end above the limit");
	expect_told(test, verdict(test, &boot, CMA_PLAN_MISALIGNED_BASE),
		    ": the base must be a multiple of 4 MiB");
}

static void __init a_refusal_has_the_figures_that_it_is_about(struct kunit *test)
{
	struct cma_boot boot = asked();
	phys_addr_t odd = 3 * SZ_1M;
	char expected[64];

	boot.request.alignment = odd;
	snprintf(expected, sizeof(expected), ": the alignment %pa isn't a power of two", &odd);
	expect_told(test, verdict(test, &boot, CMA_PLAN_BAD_ALIGNMENT), expected);

	boot.order_per_bit = 18;
	expect_told(test, verdict(test, &boot, CMA_PLAN_UNIT),
		    ": order_per_bit 18 doesn't divide 4 MiB");

	boot.plan.total = SZ_2M + SZ_1K;
	expect_told(test, verdict(test, &boot, CMA_PLAN_SCATTERED),
		    " largest holes have 2049 KiB together, in pieces aligned to 4 MiB");
}

static const char * __init origin(struct kunit *test, const struct cma_boot *boot)
{
	char *text = kunit_kzalloc(test, CMA_BOOT_TEXT, GFP_KERNEL);
	struct seq_buf s;

	KUNIT_ASSERT_NOT_NULL(test, text);
	seq_buf_init(&s, text, CMA_BOOT_TEXT);
	cma_boot_print_origin(&s, boot);
	KUNIT_EXPECT_FALSE(test, seq_buf_has_overflowed(&s));
	return seq_buf_str(&s);
}

static void __init what_is_set_aside_is_said_with_its_zone_and_who_asked(struct kunit *test)
{
	struct cma_boot boot = asked();
	char expected[128];

	boot.plan.nr_ranges = 1;
	boot.plan.ranges[0].base = SZ_64M;
	boot.origin = "cma=";
	snprintf(expected, sizeof(expected), ", zone %s, asked for by cma=",
		 cma_boot_zone_name(SZ_64M));
	KUNIT_EXPECT_STREQ(test, origin(test, &boot), expected);

	boot.request.size = SZ_4M - SZ_1M;
	strlcat(expected, ", rounded up from 3 MiB", sizeof(expected));
	KUNIT_EXPECT_STREQ(test, origin(test, &boot), expected);

	/* Nobody but a function */
	boot.origin = NULL;
	boot.caller = (unsigned long)cma_declare;
	snprintf(expected, sizeof(expected), "asked for by %ps, rounded", cma_declare);
	expect_told(test, origin(test, &boot), expected);
}

static struct kunit_case __refdata cma_boot_report_cases[] = {
	KUNIT_CASE(a_refusal_begins_with_the_area_and_what_was_asked_for),
	KUNIT_CASE(a_refusal_that_comes_too_late_names_no_hole),
	KUNIT_CASE(a_refusal_ends_with_the_largest_hole_and_what_would_fit),
	KUNIT_CASE(reserved_memory_is_refused_without_a_hole),
	KUNIT_CASE(each_obstacle_has_words_of_its_own),
	KUNIT_CASE(a_refusal_has_the_figures_that_it_is_about),
	KUNIT_CASE(what_is_set_aside_is_said_with_its_zone_and_who_asked),
	{}
};

static struct kunit_suite __refdata cma_boot_report_suite = {
	.name = "cma_boot_report",
	.test_cases = cma_boot_report_cases,
};

kunit_test_init_section_suites(&cma_boot_report_suite);
