// SPDX-License-Identifier: GPL-2.0
/*
 * How often memory of a real area is cleared on its way from one owner to the next,
 * with init_on_alloc=1 and init_on_free=1: once.
 *
 *	####  ->  rrrr  ->  ####	rrrr is written to, which shows afterwards
 *		  mmmm			unless it was cleared
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "real.h"

#define NR	8
#define MARK	0x5a

/**
 * struct keys - what the command line of this kernel says
 * @on_alloc: init_on_alloc=1
 * @on_free: init_on_free=1
 */
struct keys {
	bool on_alloc;
	bool on_free;
};

static void set_keys(struct keys keys)
{
	if (keys.on_alloc)
		static_branch_enable(&init_on_alloc);
	else
		static_branch_disable(&init_on_alloc);
	if (keys.on_free)
		static_branch_enable(&init_on_free);
	else
		static_branch_disable(&init_on_free);
}

static void write_marks(struct page *page)
{
	unsigned int i;

	for (i = 0; i < NR; i++)
		memset(page_address(page + i), MARK, PAGE_SIZE);
}

/* How many of the pages are nothing but this. */
static unsigned int nr_full_of(struct page *page, int byte)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR; i++)
		nr += !memchr_inv(page_address(page + i), byte, PAGE_SIZE);
	return nr;
}

/* Pages with something of their owner, READY again, and nobody else's since. */
static struct page *make_ready(struct kunit *test, struct cma *cma)
{
	struct page *page;

	cma_set_ready_max(cma, cma->nr_pages);
	cma_real_lend(cma);
	page = cma_alloc(cma, NR, ilog2(NR), false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_real_lend(cma);
	write_marks(page);
	cma_release(cma, page, NR);
	KUNIT_ASSERT_EQ(test, cma->ready.total, NR);
	return page;
}

/* The next owner of these pages. */
static void take(struct kunit *test, struct cma *cma, struct page *page, gfp_t gfp)
{
	struct cma_request request = {
		.count = NR, .align = ilog2(NR), .gfp = GFP_KERNEL | gfp,
	};

	KUNIT_ASSERT_PTR_EQ(test, cma_alloc_request(cma, &request), page);
}

static int cma_clear_begin(struct kunit *test)
{
	struct keys *keys;

	/* What anybody frees meanwhile would lose its poison, so it is one or the other. */
	if (page_poisoning_enabled_static())
		kunit_skip(test, "pages are poisoned when freed, and can't be cleared");
	keys = kunit_kzalloc(test, sizeof(*keys), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, keys);
	keys->on_alloc = static_key_enabled(&init_on_alloc);
	keys->on_free = static_key_enabled(&init_on_free);
	test->priv = keys;
	return 0;
}

static void cma_clear_end(struct kunit *test)
{
	struct keys *keys = test->priv;

	if (keys)
		set_keys(*keys);
}

static void what_was_cleared_when_freed_is_not_cleared_for_its_next_owner(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;

	set_keys((struct keys){ .on_alloc = true, .on_free = true });
	page = make_ready(test, cma);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, 0), NR);
	write_marks(page);
	take(test, cma, page, 0);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, MARK), NR);
	cma_release(cma, page, NR);
}

/* A request for zeroes in so many words is served as by the page allocator. */
static void a_request_for_zeroes_gets_what_was_cleared_when_freed(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;

	set_keys((struct keys){ .on_free = true });
	page = make_ready(test, cma);
	take(test, cma, page, __GFP_ZERO);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, 0), NR);
	write_marks(page);
	cma_release(cma, page, NR);
	write_marks(page);
	take(test, cma, page, __GFP_ZERO);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, MARK), NR);
	cma_release(cma, page, NR);
}

static void what_is_cleared_for_its_next_owner_is_not_cleared_when_freed(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;

	set_keys((struct keys){ .on_alloc = true });
	page = make_ready(test, cma);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, MARK), NR);
	take(test, cma, page, 0);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, 0), NR);
	cma_release(cma, page, NR);
}

static void what_nobody_wants_cleared_is_as_its_last_owner_left_it(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;

	set_keys((struct keys){ });
	page = make_ready(test, cma);
	take(test, cma, page, 0);
	KUNIT_EXPECT_EQ(test, nr_full_of(page, MARK), NR);
	cma_release(cma, page, NR);
}

static struct kunit_case cma_clear_cases[] = {
	KUNIT_CASE(what_was_cleared_when_freed_is_not_cleared_for_its_next_owner),
	KUNIT_CASE(a_request_for_zeroes_gets_what_was_cleared_when_freed),
	KUNIT_CASE(what_is_cleared_for_its_next_owner_is_not_cleared_when_freed),
	KUNIT_CASE(what_nobody_wants_cleared_is_as_its_last_owner_left_it),
	{}
};

static struct kunit_suite cma_clear_suite = {
	.name = "cma_clear",
	.init = cma_clear_begin,
	.exit = cma_clear_end,
	.test_cases = cma_clear_cases,
};

kunit_test_suite(cma_clear_suite);

MODULE_DESCRIPTION("Tests of when contiguous memory is cleared");
MODULE_LICENSE("GPL");
