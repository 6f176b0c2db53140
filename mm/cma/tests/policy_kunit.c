// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/policy.c: what a request does next.
 *
 * A story is a line of words, one for each step and what came of it, from the first
 * look on: what came of it, an arrow, and what the policy wants then.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../policy.h"

static const struct cma_allowed all = { .may_wait = true, .does_io = true };
static const struct cma_allowed fallback = {
	.has_fallback = true, .does_io = true,
};

static const struct cma_allowed insists = {
	.insists = true, .may_wait = true, .does_io = true,
};

static const struct cma_allowed no_io = { .may_wait = true };
static const struct cma_allowed reclaims = { };

static const char * const event_words[] = {
	[CMA_EVENT_NONE] = "none", [CMA_EVENT_CONFLICT] = "conflict",
	[CMA_EVENT_IN_FLIGHT] = "flight", [CMA_EVENT_LOST] = "lost",
	[CMA_EVENT_STUCK] = "stuck", [CMA_EVENT_COSTLY] = "costly",
	[CMA_EVENT_NO_TARGET] = "target", [CMA_EVENT_KILLED] = "killed",
	[CMA_EVENT_ENDED] = "ended", [CMA_EVENT_TIMED_OUT] = "timeout",
	[CMA_EVENT_PAUSED] = "paused", [CMA_EVENT_WOULD_SLEEP] = "sleep",
};

static void describe(char *word, size_t size, const struct cma_policy *policy,
		     const struct cma_step *step)
{
	static const char * const efforts[] = { "cheap", "clear", "thorough" };

	switch (step->action) {
	case CMA_ACTION_LOOK:
		snprintf(word, size, "%s%s", efforts[policy->effort],
			 step->restart ? "!" : "");
		break;
	case CMA_ACTION_WAIT:
		snprintf(word, size, "wait%s", step->queue ? "+queue" : "");
		break;
	case CMA_ACTION_PAUSE:
		snprintf(word, size, "pause%u", step->ms);
		break;
	default:
		snprintf(word, size, "fail:%s", cma_reason_name(step->reason));
	}
}

/* Tell "event>answer event>answer ..."; "late" from then on time is up. */
static void tell_of(struct kunit *test, const struct cma_allowed *allowed,
		    unsigned long nr_pages, const char *story)
{
	struct cma_policy policy;
	struct cma_step step = cma_policy_begin(&policy, allowed, nr_pages);
	char *copy = kunit_kstrdup(test, story, GFP_KERNEL), *word, *wanted;
	bool late = false;
	char got[40];
	int event;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((word = strsep(&copy, " "))) {
		if (!strcmp(word, "late")) {
			late = true;
			continue;
		}
		wanted = word;
		word = strsep(&wanted, ">");
		KUNIT_ASSERT_NOT_NULL_MSG(test, wanted, "%s", word);
		event = match_string(event_words, ARRAY_SIZE(event_words), word);
		KUNIT_ASSERT_GE_MSG(test, event, 0, "%s", word);
		step = cma_policy_next(&policy, event, late);
		describe(got, sizeof(got), &policy, &step);
		KUNIT_EXPECT_STREQ_MSG(test, got, wanted, "after %s in \"%s\"",
				       word, story);
	}
}

static void a_large_request_does_not_mind_what_has_to_be_copied(struct kunit *test)
{
	struct cma_policy policy;
	struct cma_step step;

	step = cma_policy_begin(&policy, &all, 1024);
	KUNIT_EXPECT_EQ(test, step.action, CMA_ACTION_LOOK);
	KUNIT_EXPECT_EQ(test, policy.effort, CMA_EFFORT_CHEAP);
	cma_policy_begin(&policy, &all, 1025);
	KUNIT_EXPECT_EQ(test, policy.effort, CMA_EFFORT_CLEAR);
}

static void a_few_cheap_runs_are_looked_for_and_no_more(struct kunit *test)
{
	tell_of(test, &all, 1,
		"costly>cheap costly>cheap costly>cheap costly>clear lost>clear");
}

static void without_a_clear_run_all_are_tried_from_the_bottom_up(struct kunit *test)
{
	tell_of(test, &all, 1, "none>clear none>thorough! stuck>thorough");
	tell_of(test, &all, 2000, "stuck>clear none>thorough!");
}

static void an_area_without_a_candidate_is_short_of_memory(struct kunit *test)
{
	tell_of(test, &all, 2000, "none>thorough! none>fail:none");
}

static void a_round_is_begun_anew_after_a_pause(struct kunit *test)
{
	tell_of(test, &all, 2000,
		"none>thorough! stuck>thorough none>pause1 paused>thorough! "
		"stuck>thorough none>pause8 paused>thorough! "
		"stuck>thorough none>pause64 paused>thorough! "
		"stuck>thorough none>fail:busy");
}

static void a_page_that_has_left_ends_the_rounds_without_a_failure(struct kunit *test)
{
	tell_of(test, &all, 2000,
		"none>thorough! stuck>thorough none>pause1 paused>thorough! none>fail:none");
}

static void a_request_that_insists_begins_more_rounds(struct kunit *test)
{
	tell_of(test, &insists, 2000,
		"none>thorough! stuck>thorough none>pause1 paused>thorough! "
		"stuck>thorough none>pause8 paused>thorough! "
		"stuck>thorough none>pause64 paused>thorough! "
		"stuck>thorough none>pause64 paused>thorough!");
	KUNIT_EXPECT_GT(test, cma_policy_patience(&insists, 1),
			cma_policy_patience(&all, 1));
}

static void a_request_with_a_fallback_ends_with_its_first_failure(struct kunit *test)
{
	tell_of(test, &fallback, 2000, "stuck>fail:busy");
	tell_of(test, &fallback, 2000, "target>fail:no-migration-target");
	tell_of(test, &fallback, 2000, "conflict>thorough! flight>fail:busy");
	/* What merely costs something is no failure. */
	tell_of(test, &fallback, 1, "costly>cheap none>clear stuck>fail:busy");
	KUNIT_EXPECT_LT(test, cma_policy_patience(&fallback, 1),
			cma_policy_patience(&all, 1));
}

/* At 100 MiB a second, as an emulated processor copies, most of it is left after a GiB. */
static void a_larger_request_has_more_time_unless_it_has_a_fallback(struct kunit *test)
{
	unsigned long gib = SZ_1G >> PAGE_SHIFT, most = ULONG_MAX >> PAGE_SHIFT;
	unsigned int one = cma_policy_patience(&all, 1);

	KUNIT_EXPECT_EQ(test, cma_policy_patience(&all, gib >> 10), one + 32);
	KUNIT_EXPECT_GE(test, cma_policy_patience(&all, gib), one + 3 * 10 * MSEC_PER_SEC);
	KUNIT_EXPECT_GE(test, cma_policy_patience(&all, most), cma_policy_patience(&all, gib));
	KUNIT_EXPECT_EQ(test, cma_policy_patience(&fallback, gib),
			cma_policy_patience(&fallback, 1));
}

static void without_a_place_for_its_pages_no_other_run_is_tried(struct kunit *test)
{
	tell_of(test, &all, 2000,
		"target>pause1 paused>thorough! target>pause8 paused>thorough! "
		"target>pause64 paused>thorough! target>fail:no-migration-target");
}

static void others_are_waited_for_where_a_clear_run_is_theirs(struct kunit *test)
{
	tell_of(test, &all, 2000, "conflict>wait ended>clear flight>wait timeout>clear");
	/* but not for ever: a note may be out of date */
	tell_of(test, &all, 2000,
		"flight>wait ended>clear flight>wait ended>clear "
		"flight>wait ended>clear flight>wait ended>clear "
		"flight>wait ended>clear flight>wait ended>clear "
		"flight>wait ended>clear flight>wait ended>clear flight>thorough!");
}

static void a_request_that_has_lost_often_gets_a_place_in_the_queue(struct kunit *test)
{
	tell_of(test, &all, 2000,
		"none>thorough! flight>wait ended>thorough! flight>wait ended>thorough! "
		"flight>wait ended>thorough! flight>wait ended>thorough! "
		"flight>wait ended>thorough! flight>wait ended>thorough! "
		"flight>wait ended>thorough! flight>wait ended>thorough! "
		"flight>wait+queue");
}

static void what_was_tried_in_vain_is_not_tried_again_for_a_claim_that_ended(struct kunit *test)
{
	tell_of(test, &all, 2000,
		"none>thorough! stuck>thorough flight>wait ended>thorough!");
	/* what was passed over for a conflict alone is next */
	tell_of(test, &all, 2000,
		"none>thorough! stuck>thorough conflict>wait ended>thorough");
}

static void a_request_that_can_not_wait_goes_by_what_it_finds(struct kunit *test)
{
	tell_of(test, &reclaims, 2000, "conflict>thorough! conflict>fail:busy");
	tell_of(test, &reclaims, 2000,
		"stuck>clear none>thorough! stuck>thorough none>pause0");
}

static void in_the_middle_of_io_one_wait_for_others_is_enough(struct kunit *test)
{
	tell_of(test, &no_io, 2000,
		"conflict>thorough! conflict>wait timeout>thorough! conflict>wait ended>thorough!");
	tell_of(test, &no_io, 2000,
		"none>thorough! stuck>thorough none>pause0 paused>thorough!");
}

static void when_time_is_up_the_last_failure_is_the_reason(struct kunit *test)
{
	tell_of(test, &all, 2000, "stuck>clear late lost>fail:busy");
	tell_of(test, &all, 2000, "none>thorough! late stuck>fail:busy");
	tell_of(test, &all, 2000, "none>thorough! conflict>wait late timeout>fail:busy");
	/* the first failure is kept, not what came of waiting */
	tell_of(test, &all, 2000,
		"target>pause1 late paused>thorough! target>fail:no-migration-target");
}

/* So that the first attempt is free, however short the time. */
static void a_request_that_is_late_from_the_beginning_looks_all_the_same(struct kunit *test)
{
	tell_of(test, &all, 2000, "late lost>clear none>thorough! stuck>fail:busy");
}

static void a_fatal_signal_ends_it_wherever_it_is(struct kunit *test)
{
	tell_of(test, &all, 2000, "killed>fail:interrupted");
	tell_of(test, &all, 2000, "conflict>wait killed>fail:interrupted");
	tell_of(test, &all, 2000, "target>pause1 killed>fail:interrupted");
}

static struct kunit_case cma_policy_cases[] = {
	KUNIT_CASE(a_large_request_does_not_mind_what_has_to_be_copied),
	KUNIT_CASE(a_few_cheap_runs_are_looked_for_and_no_more),
	KUNIT_CASE(without_a_clear_run_all_are_tried_from_the_bottom_up),
	KUNIT_CASE(an_area_without_a_candidate_is_short_of_memory),
	KUNIT_CASE(a_round_is_begun_anew_after_a_pause),
	KUNIT_CASE(a_page_that_has_left_ends_the_rounds_without_a_failure),
	KUNIT_CASE(a_request_that_insists_begins_more_rounds),
	KUNIT_CASE(a_request_with_a_fallback_ends_with_its_first_failure),
	KUNIT_CASE(a_larger_request_has_more_time_unless_it_has_a_fallback),
	KUNIT_CASE(without_a_place_for_its_pages_no_other_run_is_tried),
	KUNIT_CASE(others_are_waited_for_where_a_clear_run_is_theirs),
	KUNIT_CASE(a_request_that_has_lost_often_gets_a_place_in_the_queue),
	KUNIT_CASE(what_was_tried_in_vain_is_not_tried_again_for_a_claim_that_ended),
	KUNIT_CASE(a_request_that_can_not_wait_goes_by_what_it_finds),
	KUNIT_CASE(in_the_middle_of_io_one_wait_for_others_is_enough),
	KUNIT_CASE(when_time_is_up_the_last_failure_is_the_reason),
	KUNIT_CASE(a_request_that_is_late_from_the_beginning_looks_all_the_same),
	KUNIT_CASE(a_fatal_signal_ends_it_wherever_it_is),
	{}
};

static struct kunit_suite cma_policy_suite = {
	.name = "cma_policy",
	.test_cases = cma_policy_cases,
};

kunit_test_suite(cma_policy_suite);

MODULE_DESCRIPTION("Tests of what a request does next");
MODULE_LICENSE("GPL");
