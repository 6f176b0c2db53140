// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/borrow_param.c: who may borrow an area as far as cma_borrow= on the command
 * line and the devicetree say so. That pageblocks get their type is in borrow_kunit.c.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/init.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/printk.h>

#include "../boot_entries.h"
#include "../init.h"
#include "real.h"

/* It never gets any memory. */
static struct cma * __init area_called(struct kunit *test, const char *name)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	strscpy(cma->name, name);
	return cma;
}

static void __init expect_borrow(struct kunit *test, const char *arg, const struct cma *cma,
				 enum cma_borrow expected)
{
	enum cma_borrow how = expected == CMA_BORROW_ALL ? CMA_BORROW_NONE : CMA_BORROW_ALL;

	KUNIT_EXPECT_TRUE_MSG(test, cma_borrow_parse(arg, cma, &how), "%s", arg);
	KUNIT_EXPECT_EQ_MSG(test, how, expected, "%s", arg);
}

static void __init expect_no_borrow(struct kunit *test, const char *arg, const struct cma *cma)
{
	enum cma_borrow how;

	KUNIT_EXPECT_FALSE_MSG(test, cma_borrow_parse(arg, cma, &how), "%s", arg);
}

static void __init each_word_says_who_may_borrow_an_area(struct kunit *test)
{
	struct cma *video = area_called(test, "video");

	expect_borrow(test, "all", video, CMA_BORROW_ALL);
	expect_borrow(test, "clean", video, CMA_BORROW_CLEAN);
	expect_borrow(test, "none", video, CMA_BORROW_NONE);
}

static void __init what_only_begins_or_ends_like_a_word_is_none(struct kunit *test)
{
	static const char * const args[] __initconst = {
		"", "a", "al", "clea", "non", "alle", "cleaner", "nonesuch", "unclean", "Clean",
		" clean", "clean ", "clean\n", "clean,none", "clean=", "@video", "clea@video",
		"cleaner@video", "unclean@video",
	};
	struct cma *video = area_called(test, "video");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(args); i++)
		expect_no_borrow(test, args[i], video);
}

static void __init a_command_line_is_for_all_areas_or_for_one(struct kunit *test)
{
	struct cma *video = area_called(test, "video");

	expect_borrow(test, "clean", video, CMA_BORROW_CLEAN);
	expect_borrow(test, "all@video", video, CMA_BORROW_ALL);
	expect_borrow(test, "clean@video", video, CMA_BORROW_CLEAN);
	expect_borrow(test, "none@video", video, CMA_BORROW_NONE);
	expect_no_borrow(test, "clean@audio", video);
	expect_no_borrow(test, "clean@vid", video);
	expect_no_borrow(test, "clean@video2", video);
	expect_no_borrow(test, "clean@Video", video);
	expect_no_borrow(test, "clean@", video);
}

static void __init a_name_of_the_devicetree_has_an_at_sign_of_its_own(struct kunit *test)
{
	struct cma *video = area_called(test, "video@40000000");

	expect_borrow(test, "clean@video@40000000", video, CMA_BORROW_CLEAN);
	expect_no_borrow(test, "clean@video", video);
	expect_no_borrow(test, "clean@40000000", video);
	expect_no_borrow(test, "clean@video@4000000", video);
}

static void __init the_last_word_for_an_area_counts(struct kunit *test)
{
	static const struct cma_entries own_later __initconst = {
		.args = { "none", "all@video", "clean@video", "all@audio" },
		.nr = 4,
	};
	static const struct cma_entries own_before __initconst = {
		.args = { "clean@video", "none" },
		.nr = 2,
	};
	struct cma *video = area_called(test, "video"), *audio = area_called(test, "audio");
	struct cma *camera = area_called(test, "camera");

	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&own_later, video), CMA_BORROW_CLEAN);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&own_later, audio), CMA_BORROW_ALL);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&own_later, camera), CMA_BORROW_NONE);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&own_before, video), CMA_BORROW_NONE);
}

static void __init without_a_word_for_it_everybody_may_borrow_an_area(struct kunit *test)
{
	static const struct cma_entries nothing __initconst = { };
	static const struct cma_entries other __initconst = {
		.args = { "none@audio", "clean@audio" },
		.nr = 2,
	};
	struct cma *video = area_called(test, "video");

	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&nothing, video), CMA_BORROW_ALL);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&other, video), CMA_BORROW_ALL);
}

/* guarantee; in the devicetree */
static void __init what_is_guaranteed_is_for_clean_page_cache(struct kunit *test)
{
	static const struct cma_entries nothing __initconst = { };
	static const struct cma_entries other __initconst = {
		.args = { "none@audio" },
		.nr = 1,
	};
	struct cma *video = area_called(test, "video");

	cma_guarantee(video);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&nothing, video), CMA_BORROW_CLEAN);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&other, video), CMA_BORROW_CLEAN);
}

static void __init the_command_line_overrules_a_guarantee(struct kunit *test)
{
	static const struct cma_entries own __initconst = {
		.args = { "none", "all@video" },
		.nr = 2,
	};
	static const struct cma_entries all __initconst = {
		.args = { "none" },
		.nr = 1,
	};
	struct cma *video = area_called(test, "video");

	cma_guarantee(video);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&own, video), CMA_BORROW_ALL);
	KUNIT_EXPECT_EQ(test, cma_borrow_choose(&all, video), CMA_BORROW_NONE);
}

/**
 * struct said - what a message is looked for
 * @text: a part of it
 * @found: there was such a message
 */
struct said {
	const char *text;
	bool found;
};

/* Any processor may have something to say. */
static void look_for_text(void *data, const char *text, size_t len)
{
	struct said *said = data;

	if (strnstr(text, said->text, len))
		WRITE_ONCE(said->found, true);
}

static void __init listen(struct kunit *test, struct said *said)
{
	if (!IS_ENABLED(CONFIG_TRACEPOINTS) || !IS_ENABLED(CONFIG_PRINTK))
		kunit_skip(test, "needs CONFIG_TRACEPOINTS and CONFIG_PRINTK");
	KUNIT_ASSERT_EQ(test, register_trace_console(look_for_text, said), 0);
}

static bool __init was_said(struct said *said)
{
	unregister_trace_console(look_for_text, said);
	tracepoint_synchronize_unregister();
	return said->found;
}

/* With an entry more than the command line of this machine has. */
static bool __init is_reported(struct kunit *test, char *arg, const char *text)
{
	unsigned int nr = cma_borrow_entries.nr;
	struct said said = { .text = text };

	listen(test, &said);
	cma_entries_add(&cma_borrow_entries, arg);
	KUNIT_EXPECT_EQ(test, cma_borrow_entries.nr, nr + 1);
	cma_borrow_report();
	cma_borrow_entries.nr = nr;
	return was_said(&said);
}

static void __init an_entry_for_no_area_is_said(struct kunit *test)
{
	static const char ignored[] = "cma_borrow=clean@nobody ignored: there is no area nobody";
	char other[] = "clean@nobody", own[] = "all@kunit0";

	cma_real_area(test, "kunit0");
	KUNIT_EXPECT_TRUE(test, is_reported(test, other, ignored));
	KUNIT_EXPECT_FALSE(test, is_reported(test, own, "cma_borrow=all@kunit0 ignored"));
}

static void __init what_is_no_word_is_said_and_left_out(struct kunit *test)
{
	struct said said = { .text = "cma_borrow=cleaner@kunit0 ignored: all, clean or none" };
	unsigned int nr = cma_borrow_entries.nr;
	char arg[] = "cleaner@kunit0";

	listen(test, &said);
	KUNIT_EXPECT_EQ(test, cma_entries_add(&cma_borrow_entries, arg), 0);
	KUNIT_EXPECT_EQ(test, cma_borrow_entries.nr, nr);
	cma_borrow_entries.nr = nr;
	KUNIT_EXPECT_TRUE(test, was_said(&said));
}

static struct kunit_case __refdata cma_borrow_param_cases[] = {
	KUNIT_CASE(each_word_says_who_may_borrow_an_area),
	KUNIT_CASE(what_only_begins_or_ends_like_a_word_is_none),
	KUNIT_CASE(a_command_line_is_for_all_areas_or_for_one),
	KUNIT_CASE(a_name_of_the_devicetree_has_an_at_sign_of_its_own),
	KUNIT_CASE(the_last_word_for_an_area_counts),
	KUNIT_CASE(without_a_word_for_it_everybody_may_borrow_an_area),
	KUNIT_CASE(what_is_guaranteed_is_for_clean_page_cache),
	KUNIT_CASE(the_command_line_overrules_a_guarantee),
	KUNIT_CASE(an_entry_for_no_area_is_said),
	KUNIT_CASE(what_is_no_word_is_said_and_left_out),
	{}
};

static struct kunit_suite __refdata cma_borrow_param_suite = {
	.name = "cma_borrow_param",
	.test_cases = cma_borrow_param_cases,
};

kunit_test_init_section_suites(&cma_borrow_param_suite);

MODULE_DESCRIPTION("Tests of cma_borrow= on the command line");
MODULE_LICENSE("GPL");
