// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/audit.c: each mistake in the books of an area is noticed.
 *
 *	.  lent		r  READY	c  claimed	#  allocated	(space)  a hole
 *	!  the mistake
 */
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fake.h"

#define BLOCK	FAKE_BLOCK

static void the_audit_notices_a_run_without_an_end(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_enter(fake, 4);
	__clear_bit(3, fake->cma.last);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	__set_bit(3, fake->cma.last);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	cma_fake_forget(fake, 0, 4);
}

/*
 *	####....  ->  #[##]....	with a beginning too many
 */
static void the_audit_notices_a_run_inside_of_another(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_enter(fake, 4);
	__set_bit(1, fake->cma.first);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	__clear_bit(1, fake->cma.first);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	cma_fake_forget(fake, 0, 4);
}

/*
 *	####....
 *	 !		where a run doesn't end, its last unit can't be rounded up
 */
static void the_audit_notices_a_rounded_unit_that_ends_no_run(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_enter(fake, 4);
	__set_bit(3, fake->cma.rounded);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	__set_bit(1, fake->cma.rounded);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	__clear_bit(1, fake->cma.rounded);
	__clear_bit(3, fake->cma.rounded);
	cma_fake_forget(fake, 0, 4);
}

static void the_audit_notices_an_allocated_unit_that_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	cma_fake_enter(fake, 4);
	runmap_give(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_take(&fake->cma.map, 2, 1);
	cma_fake_forget(fake, 0, 4);
}

static void the_audit_notices_a_unit_that_nobody_owns(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);

	runmap_take(&fake->cma.map, 7, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_give(&fake->cma.map, 7, 1);
}

/*
 *	cccc....	the third one is lent, and the tenth isn't; so the sum is right
 */
static void the_audit_notices_a_claimed_unit_that_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim;

	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &claim, 4, 0), CMA_FOUND_RUN);
	runmap_give(&fake->cma.map, 2, 1);
	runmap_take(&fake->cma.map, 9, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_give(&fake->cma.map, 9, 1);
	runmap_take(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	cma_abort(&fake->cma, &claim);
}

/*
 *	######cccc..
 *	    !!!!	the claim has got two units too far down
 */
static void the_audit_notices_a_claim_of_what_is_allocated(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_claim claim;

	cma_fake_enter(fake, 6);
	KUNIT_ASSERT_EQ(test, cma_fake_claim(fake, &claim, 4, 0), CMA_FOUND_RUN);
	claim.run.start -= 2;
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	claim.run.start += 2;
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	cma_abort(&fake->cma, &claim);
	cma_fake_forget(fake, 0, 6);
}

static void the_audit_notices_a_ready_unit_that_is_lent(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	cma_fake_make_ready(fake, 0, 4);
	runmap_give(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_take(&fake->cma.map, 2, 1);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
}

static void the_audit_notices_a_ready_unit_that_is_allocated(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	KUNIT_ASSERT_EQ(test, cma_fake_alloc(fake, 4, 0), 0);
	KUNIT_ASSERT_TRUE(test, cma_extents_put(&fake->cma.ready, cma_extent_at(3, 1)));
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	KUNIT_ASSERT_TRUE(test, cma_extents_cut(&fake->cma.ready, cma_extent_at(3, 1)));
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	cma_fake_expect_free(fake, 0, 4);
}

/*
 *	rrrr....	one is counted twice, and a lent one not at all
 */
static void the_audit_notices_a_ready_unit_too_many(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create_block(test, BLOCK);

	cma_fake_make_ready(fake, 0, 4);
	fake->cma.ready.total++;
	runmap_take(&fake->cma.map, 9, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_give(&fake->cma.map, 9, 1);
	fake->cma.ready.total--;
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
}

static void the_audit_notices_notes_that_are_out_of_order(struct kunit *test)
{
	struct cma_fake *fake = cma_fake_create(test, BLOCK, 0);
	struct cma_skip *skip = &fake->cma.skip;

	cma_skip_add(skip, 3, (u32)jiffies, HZ, false);
	cma_skip_add(skip, 5, (u32)jiffies, HZ, false);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	swap(skip->notes[0], skip->notes[1]);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	cma_skip_clear(skip);
}

static struct cma_fake *with_a_hole(struct kunit *test)
{
	static const struct cma_range ranges[] = {
		{ .base_pfn = 0, .nr_pages = 2 * BLOCK },
		{ .base_pfn = 3 * BLOCK, .nr_pages = BLOCK },
	};

	return cma_fake_create_ranges(test, ranges, ARRAY_SIZE(ranges), 0);
}

static void the_audit_notices_what_got_into_a_hole(struct kunit *test)
{
	struct cma_fake *fake = with_a_hole(test);

	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
	runmap_give(&fake->cma.map, 2 * BLOCK, 1);
	KUNIT_EXPECT_FALSE(test, cma_check(&fake->cma));
	runmap_take(&fake->cma.map, 2 * BLOCK, 1);
	KUNIT_EXPECT_TRUE(test, cma_check(&fake->cma));
}

static void the_audit_runs_unless_the_command_line_says_off(struct kunit *test)
{
	bool off = strstr(saved_command_line, "cma_audit=off");

	KUNIT_EXPECT_EQ(test, cma_is_audited(),
			IS_ENABLED(CONFIG_CMA_AUDIT) && !off);
}

static struct kunit_case cma_audit_cases[] = {
	KUNIT_CASE(the_audit_notices_a_run_without_an_end),
	KUNIT_CASE(the_audit_notices_a_run_inside_of_another),
	KUNIT_CASE(the_audit_notices_a_rounded_unit_that_ends_no_run),
	KUNIT_CASE(the_audit_notices_an_allocated_unit_that_is_lent),
	KUNIT_CASE(the_audit_notices_a_unit_that_nobody_owns),
	KUNIT_CASE(the_audit_notices_a_claimed_unit_that_is_lent),
	KUNIT_CASE(the_audit_notices_a_claim_of_what_is_allocated),
	KUNIT_CASE(the_audit_notices_a_ready_unit_that_is_lent),
	KUNIT_CASE(the_audit_notices_a_ready_unit_that_is_allocated),
	KUNIT_CASE(the_audit_notices_a_ready_unit_too_many),
	KUNIT_CASE(the_audit_notices_notes_that_are_out_of_order),
	KUNIT_CASE(the_audit_notices_what_got_into_a_hole),
	KUNIT_CASE(the_audit_runs_unless_the_command_line_says_off),
	{}
};

static struct kunit_suite cma_audit_suite = {
	.name = "cma_audit",
	.test_cases = cma_audit_cases,
};

kunit_test_suite(cma_audit_suite);

MODULE_DESCRIPTION("Tests of the audit of contiguous memory areas");
MODULE_LICENSE("GPL");
