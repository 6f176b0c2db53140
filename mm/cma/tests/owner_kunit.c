// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/owner.c: whose the allocated runs are.
 *
 *	.  nobody's	a b c  whose it is
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../fault.h"
#include "../owner.h"
#include "fake.h"

#define BLOCK	FAKE_BLOCK

static void end_owners(void *data)
{
	struct cma *cma = data;

	cma_set_owners(cma, false);
	kfree(cma->owners);
	cma->owners = NULL;
}

static void begin_owners(struct kunit *test, struct cma *cma)
{
	KUNIT_ASSERT_EQ(test, cma_set_owners(cma, true), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_owners, cma), 0);
}

static struct cma_fake *recorded_block(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	begin_owners(test, &fake->cma);
	return fake;
}

/* Only its place and size: records ask for no more. */
static struct cma *bare_area(struct kunit *test, unsigned long nr_units)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	cma->base_pfn = FAKE_BASE_PFN;
	cma->end_pfn = FAKE_BASE_PFN + nr_units;
	cma->nr_pages = nr_units;
	begin_owners(test, cma);
	return cma;
}

static void note(struct cma *cma, char name, unsigned long start, unsigned long count)
{
	const char owner[2] = { name };
	const struct cma_request request = { .count = count, .owner = owner };

	__cma_note_owner(cma, &request, cma->base_pfn + start);
}

/* As a picture: a letter of its name for each unit. */
static void expect_owners(struct kunit *test, struct cma *cma, const char *scene)
{
	unsigned long unit = 0, nr = strlen(scene);
	char *seen = kunit_kzalloc(test, nr + 1, GFP_KERNEL);
	struct cma_owner owner;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	memset(seen, '.', nr);
	for (; cma_next_owner(cma, unit, &owner); unit = owner.units.last + 1) {
		KUNIT_ASSERT_GE(test, owner.units.start, unit);
		KUNIT_ASSERT_LT(test, owner.units.last, nr);
		memset(seen + owner.units.start, owner.name[0],
		       owner.units.last + 1 - owner.units.start);
		cond_resched();
	}
	KUNIT_EXPECT_STREQ(test, seen, scene);
}

static void a_run_is_the_devices_or_else_the_tasks(struct kunit *test)
{
	struct cma_fake *fake = recorded_block(test);
	struct cma_request request = {
		.count = 3, .gfp = GFP_KERNEL, .owner = "camera", .caller = 0x1234,
	};
	struct cma_owner owner;

	KUNIT_ASSERT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), 3);
	KUNIT_ASSERT_TRUE(test, cma_next_owner(&fake->cma, 0, &owner));
	KUNIT_EXPECT_STREQ(test, owner.name, "camera");
	KUNIT_EXPECT_EQ(test, owner.caller, 0x1234);
	KUNIT_EXPECT_EQ(test, owner.pid, task_tgid_nr(current));
	KUNIT_EXPECT_EQ(test, owner.units.start, 0);
	KUNIT_EXPECT_EQ(test, owner.units.last, 2);
	KUNIT_ASSERT_TRUE(test, cma_next_owner(&fake->cma, 3, &owner));
	KUNIT_EXPECT_STREQ(test, owner.name, current->comm);
	cma_fake_expect_free(fake, 0, 4);
	KUNIT_EXPECT_FALSE(test, cma_next_owner(&fake->cma, 0, &owner));
}

static void a_request_that_fails_and_a_release_that_is_refused_change_nothing(struct kunit *test)
{
	struct cma_fake *fake = recorded_block(test);
	struct cma_request request = { .count = 4, .gfp = GFP_KERNEL, .owner = "a" };

	KUNIT_ASSERT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_EXPECT_LT(test, cma_fake_alloc(fake, BLOCK, 0), 0);
	KUNIT_EXPECT_NE(test, cma_fake_release(fake, 2, 4), 0);
	expect_owners(test, &fake->cma, "aaaa....");
	cma_fake_expect_free(fake, 0, 4);
}

/*
 *	aaaaaaaabbbb	and in turn without what is released
 */
static void what_is_released_in_parts_is_forgotten_in_parts(struct kunit *test)
{
	struct cma *cma = bare_area(test, 16);

	note(cma, 'a', 0, 8);
	note(cma, 'b', 8, 4);
	expect_owners(test, cma, "aaaaaaaabbbb....");
	__cma_forget_owner(cma, cma_extent_at(2, 2), U64_MAX);
	expect_owners(test, cma, "aa..aaaabbbb....");
	__cma_forget_owner(cma, cma_extent_at(6, 4), U64_MAX);
	expect_owners(test, cma, "aa..aa....bb....");
	__cma_forget_owner(cma, cma_extent_at(0, 1), U64_MAX);
	__cma_forget_owner(cma, cma_extent_at(11, 1), U64_MAX);
	expect_owners(test, cma, ".a..aa....b.....");
	__cma_forget_owner(cma, cma_extent_at(0, 16), U64_MAX);
	expect_owners(test, cma, "................");
	KUNIT_EXPECT_EQ(test, cma_owners_missed(cma), 0);
}

/*
 *	aaaa	is released, and before that is recorded:
 *	.bb.
 */
static void the_next_owner_is_not_forgotten_with_the_one_before(struct kunit *test)
{
	struct cma *cma = bare_area(test, 4);
	u64 ticket;

	note(cma, 'a', 0, 4);
	ticket = __cma_owner_ticket(cma);
	note(cma, 'b', 1, 2);
	expect_owners(test, cma, "abba");
	__cma_forget_owner(cma, cma_extent_at(0, 4), ticket);
	expect_owners(test, cma, ".bb.");
}

static void who_has_what_is_forgotten_when_it_is_switched_off(struct kunit *test)
{
	struct cma *cma = bare_area(test, 4);

	note(cma, 'a', 0, 2);
	KUNIT_EXPECT_TRUE(test, cma_keeps_owners(cma));
	KUNIT_EXPECT_EQ(test, cma_choose_owners(cma, "off\n"), 0);
	KUNIT_EXPECT_FALSE(test, cma_keeps_owners(cma));
	expect_owners(test, cma, "....");
	note(cma, 'b', 2, 2);
	expect_owners(test, cma, "....");
	KUNIT_EXPECT_EQ(test, cma_choose_owners(cma, "on\n"), 0);
	note(cma, 'c', 1, 2);
	expect_owners(test, cma, ".cc.");
	KUNIT_EXPECT_EQ(test, cma_choose_owners(cma, "perhaps"), -EINVAL);
	KUNIT_EXPECT_TRUE(test, cma_keeps_owners(cma));
}

/*
 *	....	nobody knows of it, and then
 *	aaaa	loses what lies behind a part that is released
 */
static void what_there_is_no_memory_to_record_is_counted(struct kunit *test)
{
	struct cma *cma = bare_area(test, 4);

	if (!IS_ENABLED(CONFIG_CMA_FAULT_INJECTION))
		kunit_skip(test, "needs CONFIG_CMA_FAULT_INJECTION");
	cma_fault_arm(CMA_FAULT_RECORD, 100, 0, 1);
	note(cma, 'a', 0, 4);
	expect_owners(test, cma, "....");
	KUNIT_EXPECT_EQ(test, cma_owners_missed(cma), 1);
	note(cma, 'a', 0, 4);
	cma_fault_arm(CMA_FAULT_RECORD, 100, 0, 1);
	__cma_forget_owner(cma, cma_extent_at(1, 1), U64_MAX);
	cma_fault_disarm();
	expect_owners(test, cma, "a...");
	KUNIT_EXPECT_EQ(test, cma_owners_missed(cma), 2);
	__cma_forget_owner(cma, cma_extent_at(0, 4), U64_MAX);
	expect_owners(test, cma, "....");
}

#define MANY	100000UL

static void free_oracle(void *oracle)
{
	kvfree(oracle);
}

/* An oracle knows each unit's owner by its letter. */
static void a_hundred_thousand_runs_are_kept_as_they_come_and_go(struct kunit *test)
{
	struct cma *cma = bare_area(test, 2 * MANY);
	char *oracle = kvcalloc(2 * MANY + 1, 1, GFP_KERNEL);
	struct rnd_state rnd;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, oracle);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_oracle, oracle),
			0);
	memset(oracle, '.', 2 * MANY);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < MANY; i++) {
		note(cma, 'a' + i % 26, 2 * i, 1);
		oracle[2 * i] = 'a' + i % 26;
		if (!(i % 1024))
			cond_resched();
	}
	for (i = 0; i < MANY; i++) {
		unsigned long start = prandom_u32_state(&rnd) % (2 * MANY - 16);
		unsigned long count = 1 + prandom_u32_state(&rnd) % 16;
		bool ends = prandom_u32_state(&rnd) % 2;

		if (ends)
			__cma_forget_owner(cma, cma_extent_at(start, count), U64_MAX);
		else
			note(cma, 'A' + i % 26, start, count);
		memset(oracle + start, ends ? '.' : 'A' + i % 26, count);
		if (!(i % 1024))
			cond_resched();
	}
	expect_owners(test, cma, oracle);
	KUNIT_EXPECT_EQ(test, cma_owners_missed(cma), 0);
}

static struct kunit_case cma_owner_cases[] = {
	KUNIT_CASE(a_run_is_the_devices_or_else_the_tasks),
	KUNIT_CASE(a_request_that_fails_and_a_release_that_is_refused_change_nothing),
	KUNIT_CASE(what_is_released_in_parts_is_forgotten_in_parts),
	KUNIT_CASE(the_next_owner_is_not_forgotten_with_the_one_before),
	KUNIT_CASE(who_has_what_is_forgotten_when_it_is_switched_off),
	KUNIT_CASE(what_there_is_no_memory_to_record_is_counted),
	KUNIT_CASE(a_hundred_thousand_runs_are_kept_as_they_come_and_go),
	{}
};

static struct kunit_suite cma_owner_suite = {
	.name = "cma_owner",
	.test_cases = cma_owner_cases,
};

kunit_test_suite(cma_owner_suite);
