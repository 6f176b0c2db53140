// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/owner.c: whose the allocated runs are.
 *
 *	.  nobody's	a b c  whose it is
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/jiffies.h>
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
	cma_set_owners(data, false);
}

static struct cma_fake *recorded_blocks(struct kunit *test, unsigned int nr_blocks)
{
	struct cma_fake *fake = cma_fake_create(test, nr_blocks * BLOCK, 0);

	KUNIT_ASSERT_EQ(test, cma_set_owners(&fake->cma, true), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_owners, &fake->cma), 0);
	return fake;
}

/* The first page of the run. */
static long take(struct cma_fake *fake, char name, unsigned long count)
{
	const char owner[2] = { name };
	struct cma_request request = { .count = count, .gfp = GFP_KERNEL, .owner = owner };

	return cma_fake_request(fake, &request);
}

/* As a picture: a letter of its name for each unit. */
static void expect_owners(struct kunit *test, struct cma *cma, const char *scene)
{
	unsigned long unit = 0, nr = strlen(scene);
	char *seen = kvzalloc(nr + 1, GFP_KERNEL);
	struct cma_owner owner;
	struct cma_extent run;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	memset(seen, '.', nr);
	for (; cma_next_owner(cma, unit, &run, &owner); unit = cma_extent_end(run)) {
		KUNIT_EXPECT_GE(test, run.start, unit);
		KUNIT_EXPECT_LE(test, cma_extent_end(run), nr);
		if (cma_extent_end(run) > nr)
			break;
		memset(seen + run.start, owner.name[0], run.count);
	}
	KUNIT_EXPECT_STREQ(test, seen, scene);
	kvfree(seen);
}

static void a_run_is_the_devices_or_else_the_tasks(struct kunit *test)
{
	struct cma_fake *fake = recorded_blocks(test, 1);
	struct cma_request request = {
		.count = 3, .gfp = GFP_KERNEL, .owner = "camera", .caller = 0x1234,
	};
	struct cma_owner owner;
	struct cma_extent run;

	KUNIT_ASSERT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 1, 0), 3);
	KUNIT_ASSERT_TRUE(test, cma_next_owner(&fake->cma, 0, &run, &owner));
	KUNIT_EXPECT_STREQ(test, owner.name, "camera");
	KUNIT_EXPECT_EQ(test, owner.caller, 0x1234);
	KUNIT_EXPECT_EQ(test, owner.pid, task_tgid_nr(current));
	KUNIT_EXPECT_TRUE(test, time_in_range64(owner.since, get_jiffies_64() - HZ,
						get_jiffies_64()));
	KUNIT_EXPECT_EQ(test, run.start, 0);
	KUNIT_EXPECT_EQ(test, run.count, 3);
	KUNIT_ASSERT_TRUE(test, cma_next_owner(&fake->cma, 3, &run, &owner));
	KUNIT_EXPECT_STREQ(test, owner.name, current->comm);
	cma_fake_expect_free(fake, 0, 4);
	KUNIT_EXPECT_FALSE(test, cma_next_owner(&fake->cma, 0, &run, &owner));
}

static void a_name_that_is_too_long_is_cut_off(struct kunit *test)
{
	struct cma_fake *fake = recorded_blocks(test, 1);
	struct cma_request request = {
		.count = 1, .gfp = GFP_KERNEL, .owner = "0123456789abcdef0123456789abcdef",
	};
	struct cma_owner owner;
	struct cma_extent run;

	KUNIT_ASSERT_EQ(test, cma_fake_request(fake, &request), 0);
	KUNIT_ASSERT_TRUE(test, cma_next_owner(&fake->cma, 0, &run, &owner));
	KUNIT_EXPECT_STREQ(test, owner.name, "0123456789abcdef0123456789a");
	cma_fake_expect_free(fake, 0, 1);
}

static void a_request_that_fails_and_a_release_that_is_refused_change_nothing(struct kunit *test)
{
	struct cma_fake *fake = recorded_blocks(test, 1);

	KUNIT_ASSERT_EQ(test, take(fake, 'a', 4), 0);
	KUNIT_ASSERT_EQ(test, take(fake, 'b', 4), 4);
	KUNIT_EXPECT_LT(test, take(fake, 'c', BLOCK), 0);
	KUNIT_EXPECT_NE(test, cma_fake_release(fake, 2, 7), 0);
	expect_owners(test, &fake->cma, "aaaabbbb....");
	cma_fake_expect_free(fake, 0, 4);
	/* Once more, up to what somebody else has, and into it */
	KUNIT_EXPECT_NE(test, cma_fake_release(fake, 0, 4), 0);
	KUNIT_EXPECT_NE(test, cma_fake_release(fake, 2, 4), 0);
	expect_owners(test, &fake->cma, "....bbbb....");
	cma_fake_expect_free(fake, 4, 4);
}

/*
 *	aaaaaaaabbbb	and in turn without what is released
 */
static void what_is_released_in_parts_is_forgotten_in_parts(struct kunit *test)
{
	struct cma_fake *fake = recorded_blocks(test, 1);
	struct cma *cma = &fake->cma;

	KUNIT_ASSERT_EQ(test, take(fake, 'a', 8), 0);
	KUNIT_ASSERT_EQ(test, take(fake, 'b', 4), 8);
	expect_owners(test, cma, "aaaaaaaabbbb....");
	cma_fake_expect_free(fake, 2, 2);
	expect_owners(test, cma, "aa..aaaabbbb....");
	cma_fake_expect_free(fake, 6, 4);
	expect_owners(test, cma, "aa..aa....bb....");
	cma_fake_expect_free(fake, 0, 1);
	cma_fake_expect_free(fake, 11, 1);
	expect_owners(test, cma, ".a..aa....b.....");
	cma_fake_expect_free(fake, 1, 1);
	cma_fake_expect_free(fake, 4, 2);
	cma_fake_expect_free(fake, 10, 1);
	expect_owners(test, cma, "................");
}

/*
 *	aaaa  ->  a..a  ->  abba
 */
static void the_next_owner_is_told_where_another_one_was(struct kunit *test)
{
	struct cma_fake *fake = recorded_blocks(test, 1);

	KUNIT_ASSERT_EQ(test, take(fake, 'a', 4), 0);
	cma_fake_expect_free(fake, 1, 2);
	KUNIT_ASSERT_EQ(test, take(fake, 'b', 2), 1);
	expect_owners(test, &fake->cma, "abba");
	cma_fake_expect_free(fake, 0, 4);
}

static void who_has_what_is_forgotten_when_it_is_switched_off(struct kunit *test)
{
	struct cma_fake *fake = recorded_blocks(test, 1);
	struct cma *cma = &fake->cma;

	KUNIT_ASSERT_EQ(test, take(fake, 'a', 2), 0);
	KUNIT_EXPECT_TRUE(test, cma_keeps_owners(cma));
	KUNIT_EXPECT_EQ(test, cma_choose_owners(cma, "off\n"), 0);
	KUNIT_EXPECT_FALSE(test, cma_keeps_owners(cma));
	expect_owners(test, cma, "......");
	KUNIT_ASSERT_EQ(test, take(fake, 'b', 2), 2);
	expect_owners(test, cma, "......");
	KUNIT_EXPECT_EQ(test, cma_choose_owners(cma, "on\n"), 0);
	KUNIT_ASSERT_EQ(test, take(fake, 'c', 2), 4);
	/* Of what was allocated before nothing is known, whatever becomes of it. */
	cma_fake_expect_free(fake, 0, 1);
	expect_owners(test, cma, "....cc");
	KUNIT_EXPECT_EQ(test, cma_choose_owners(cma, "perhaps"), -EINVAL);
	KUNIT_EXPECT_TRUE(test, cma_keeps_owners(cma));
	cma_fake_expect_free(fake, 1, 5);
}

static void without_memory_for_records_there_are_none(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	if (!IS_ENABLED(CONFIG_CMA_FAULT_INJECTION))
		kunit_skip(test, "needs CONFIG_CMA_FAULT_INJECTION");
	cma_fault_arm(CMA_FAULT_RECORD, 100, 0, 1);
	KUNIT_EXPECT_EQ(test, cma_choose_owners(&fake->cma, "on"), -ENOMEM);
	cma_fault_disarm();
	KUNIT_EXPECT_FALSE(test, cma_keeps_owners(&fake->cma));
	KUNIT_ASSERT_EQ(test, take(fake, 'a', 1), 0);
	expect_owners(test, &fake->cma, "..");
	cma_fake_expect_free(fake, 0, 1);
}

#define MANY	100000UL
#define ROOM	BIT(17)

/* Its place and size, and where runs begin and end: records ask for no more. */
static struct cma *open_bare_area(struct kunit *test)
{
	struct cma *cma = kunit_kzalloc(test, sizeof(*cma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cma);
	spin_lock_init(&cma->lock);
	cma->base_pfn = FAKE_BASE_PFN;
	cma->end_pfn = FAKE_BASE_PFN + ROOM;
	cma->nr_pages = ROOM;
	cma->first = kunit_kzalloc(test, ROOM / BITS_PER_BYTE, GFP_KERNEL);
	cma->last = kunit_kzalloc(test, ROOM / BITS_PER_BYTE, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, cma->first && cma->last);
	return cma;
}

static void enter(struct cma *cma, char name, struct cma_extent run)
{
	const char owner[2] = { name };
	const struct cma_request request = { .count = run.count, .owner = owner };

	__set_bit(run.start, cma->first);
	__set_bit(cma_extent_end(run) - 1, cma->last);
	__cma_note_owner(cma, &request, cma_run_to_pfn(cma, run));
}

/* What is left on either side is a run as well. */
static void leave(struct cma *cma, struct cma_extent run)
{
	unsigned long end = cma_extent_end(run);

	spin_lock_irq(&cma->lock);
	if (test_bit(run.start, cma->first) && find_next_bit(cma->last, end, run.start) == end - 1)
		__cma_end_owner_locked(cma, run.start);
	else
		__cma_end_owners_locked(cma, run);
	if (!test_bit(run.start, cma->first))
		__set_bit(run.start - 1, cma->last);
	if (!test_bit(end - 1, cma->last))
		__set_bit(end, cma->first);
	bitmap_clear(cma->first, run.start, run.count);
	bitmap_clear(cma->last, run.start, run.count);
	spin_unlock_irq(&cma->lock);
}

/* So many units from there on are like the first one: nobody's, or of any owners. */
static unsigned long alike(const char *oracle, unsigned long start, unsigned long most)
{
	unsigned long nr = 1;

	while (nr < most && (oracle[start + nr] == '.') == (oracle[start] == '.'))
		nr++;
	return nr;
}

/* An oracle knows each unit's owner by its letter. */
static void a_hundred_thousand_runs_are_kept_as_they_come_and_go(struct kunit *test)
{
	struct cma *cma = open_bare_area(test);
	char *oracle = kunit_kzalloc(test, ROOM + 1, GFP_KERNEL);
	struct rnd_state rnd;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, oracle);
	KUNIT_ASSERT_EQ(test, cma_set_owners(cma, true), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_owners, cma), 0);
	memset(oracle, '.', ROOM);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < MANY; i++) {
		oracle[i] = 'a' + i % 26;
		enter(cma, oracle[i], cma_extent_at(i, 1));
		cond_resched();
	}
	for (i = 0; i < MANY; i++) {
		unsigned long start = prandom_u32_state(&rnd) % (ROOM - 16);
		unsigned long count = alike(oracle, start, 1 + prandom_u32_state(&rnd) % 16);
		bool ends = oracle[start] != '.';

		if (ends)
			leave(cma, cma_extent_at(start, count));
		else
			enter(cma, 'A' + i % 26, cma_extent_at(start, count));
		memset(oracle + start, ends ? '.' : 'A' + i % 26, count);
		cond_resched();
	}
	expect_owners(test, cma, oracle);
}

static struct kunit_case cma_owner_cases[] = {
	KUNIT_CASE(a_run_is_the_devices_or_else_the_tasks),
	KUNIT_CASE(a_name_that_is_too_long_is_cut_off),
	KUNIT_CASE(a_request_that_fails_and_a_release_that_is_refused_change_nothing),
	KUNIT_CASE(what_is_released_in_parts_is_forgotten_in_parts),
	KUNIT_CASE(the_next_owner_is_told_where_another_one_was),
	KUNIT_CASE(who_has_what_is_forgotten_when_it_is_switched_off),
	KUNIT_CASE(without_memory_for_records_there_are_none),
	KUNIT_CASE(a_hundred_thousand_runs_are_kept_as_they_come_and_go),
	{}
};

static struct kunit_suite cma_owner_suite = {
	.name = "cma_owner",
	.test_cases = cma_owner_cases,
};

kunit_test_suite(cma_owner_suite);
