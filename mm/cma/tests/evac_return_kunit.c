// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_return.c: what pages have yet when their owner gives them back,
 * on an area of real memory. What the books make of it is in giveback_kunit.c.
 *
 *	.  lent		r  READY	#  allocated	h  held by somebody else
 */
#include <kunit/test.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/page-flags.h>

#include "../evac.h"
#include "../../internal.h"
#include "eight.h"
#include "real.h"

static struct cma *area(struct kunit *test)
{
	return cma_real_area(test, "kunit0");
}

/*
 *	###h####  ->  rrrhrrrr
 */
static void a_page_that_somebody_holds_is_not_handed_out(struct kunit *test)
{
	struct page *page = cma_take_eight(test), *other;
	struct cma *cma = area(test);
	struct cma_return ret;
	unsigned int i;

	get_page(page + 3);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_EQ(test, ret.nr_marked, 0);
	KUNIT_EXPECT_EQ(test, ret.odd_pfn, page_to_pfn(page + 3));
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);

	other = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_NE(test, other, page);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(other + i), 1);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 1);
	cma_release(cma, other, 8);
	put_page(page + 3);
	cma_expect_new(test);
}

/* As above, where nothing is to be READY. */
static void a_page_that_somebody_holds_is_not_lent(struct kunit *test)
{
	struct page *page = cma_take_eight(test);
	struct cma *cma = area(test);
	struct cma_return ret;

	cma_set_ready_max(cma, 0);
	get_page(page + 3);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_FALSE(test, cma_in_free_block(page_to_pfn(page + 3)));
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 1);
	put_page(page + 3);
	cma_set_ready_max(cma, cma->nr_pages);
	cma_expect_new(test);
}

/* As above. The flag says that somebody waits for the lock of the page. */
static void a_page_that_somebody_holds_keeps_its_flags(struct kunit *test)
{
	struct page *page = cma_take_eight(test);

	get_page(page + 3);
	set_bit(PG_waiters, &page[3].flags);
	cma_give_back(test, page, 8);
	KUNIT_EXPECT_TRUE(test, test_bit(PG_waiters, &page[3].flags));
	clear_bit(PG_waiters, &page[3].flags);
	put_page(page + 3);
	cma_expect_new(test);
}

/* Folios are counted, as the page allocator has it. */
static void a_folio_that_somebody_holds_is_no_mistake(struct kunit *test)
{
	struct cma *cma = area(test);
	struct folio *folio = cma_alloc_folio(cma, 3, GFP_KERNEL | __GFP_COMP);
	struct cma_return ret;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_get(folio);
	ret = cma_give_back(test, &folio->page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 0);
	KUNIT_EXPECT_EQ(test, cma->nr_allocated, 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
	cma_expect_new(test);
}

static void set_dirty(struct page *page)
{
	set_bit(PG_dirty, &page->flags);
}

/*
 *	h###|....	in units of four pages; the second one is dirty
 */
static void what_shares_a_unit_with_a_held_page_is_no_mistake(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	struct page *page = cma_alloc(cma, 4, 2, false);
	struct cma_return ret;

	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page);
	set_dirty(page + 1);
	KUNIT_EXPECT_EQ(test, cma_release_run(cma, page_to_pfn(page), 4, &ret),
			0);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_EQ(test, ret.nr_marked, 0);
	put_page(page);
	drain_all_pages(NULL);
}

static void set_private(struct page *page)
{
	set_page_private(page, 0xc0ffee);
}

static void set_private_flag(struct page *page)
{
	SetPagePrivate(page);
	set_page_private(page, 0xc0ffee);
}

static void set_mapping(struct page *page)
{
	static struct address_space space;

	page->mapping = &space;
}

static void set_locked(struct page *page)
{
	__SetPageLocked(page);
}

static void set_reserved(struct page *page)
{
	SetPageReserved(page);
}

static void set_type(struct page *page)
{
	__SetPageTable(page);
}

static void set_arch(struct page *page)
{
	set_bit(PG_arch_1, &page->flags);
}

static void set_referenced(struct page *page)
{
	set_bit(PG_referenced, &page->flags);
}

struct mark {
	const char *name;
	void (*set)(struct page *page);
	bool harmless;
};

static const struct mark marks[] = {
	{ "private value", set_private, true },
	{ "private flag", set_private_flag },
	{ "mapping", set_mapping },
	{ "lock", set_locked },
	{ "reservation", set_reserved },
	{ "type", set_type },
	{ "dirty flag", set_dirty, true },
	{ "flag of the architecture", set_arch, true },
	{ "referenced flag", set_referenced, true },
};

static void mark_desc(const struct mark *mark, char *desc)
{
	strscpy(desc, mark->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(marks, marks, mark_desc);

/*
 *	########	of the third page and of the last one
 */
static void nothing_of_an_owner_reaches_the_next_one(struct kunit *test)
{
	const struct mark *mark = test->param_value;
	struct page *page = cma_take_eight(test);
	struct cma *cma = area(test);
	struct cma_return ret;

	mark->set(page + 2);
	mark->set(page + 7);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 0);
	/* What is taken off without a word doesn't divide the run. */
	KUNIT_EXPECT_EQ(test, ret.nr_marked, mark->harmless ? 0 : 2);
	KUNIT_EXPECT_EQ(test, cma->ready.total, mark->harmless ? 8 : 6);
	cma_expect_new(test);
}

/*
 *	####|ffffffff|....	from the first page to the middle of the folio
 */
static void a_folio_that_reaches_beyond_is_not_cut(struct kunit *test)
{
	struct cma *cma = area(test);
	struct page *page = cma_alloc(cma, cma->nr_pages, 0, false);
	struct folio *folio;

	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_release(cma, page + 8, 8);
	folio = cma_alloc_folio(cma, 3, GFP_KERNEL | __GFP_COMP);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, cma_release(cma, page, 12));
	KUNIT_EXPECT_EQ(test, cma->nr_allocated, cma->nr_pages);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	if (cma->nr_allocated == cma->nr_pages)
		cma_release(cma, page, cma->nr_pages);
	cma_expect_new(test);
}

/* Each place in a chunk that is looked at in one go, and at its borders. */
static void no_page_is_overlooked(struct kunit *test)
{
	struct cma *cma = area(test);
	unsigned long nr = min(cma->nr_pages, 600UL), i;
	struct page *page = cma_alloc(cma, nr, 0, false);
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	KUNIT_EXPECT_TRUE(test, cma_are_pristine(pfn, nr));
	for (i = 0; i < nr; i++) {
		get_page(page + i);
		KUNIT_EXPECT_FALSE(test, cma_are_pristine(pfn, nr));
		KUNIT_EXPECT_TRUE(test, cma_are_pristine(pfn, i));
		KUNIT_EXPECT_TRUE(test, cma_are_pristine(pfn + i + 1, nr - i - 1));
		put_page(page + i);
		KUNIT_ASSERT_TRUE(test, page_ref_freeze(page + i, 1));
		KUNIT_EXPECT_FALSE(test, cma_are_pristine(pfn, nr));
		page_ref_unfreeze(page + i, 1);
	}
	cma_release(cma, page, nr);
}

/*
 *	####|####  ->  ........  ->  ########
 */
static void blocks_that_were_joined_leave_no_order_behind(struct kunit *test)
{
	struct page *page = cma_take_eight(test);
	struct cma *cma = area(test);

	cma_set_ready_max(cma, 0);
	cma_give_back(test, page, 4);
	cma_give_back(test, page + 4, 4);
	/* It is in the middle of a block now. The other is what somebody left. */
	KUNIT_EXPECT_EQ(test, page_private(page + 4), 0);
	set_page_private(page + 5, 2);
	cma_set_ready_max(cma, cma->nr_pages);
	cma_expect_new(test);
}

/*
 *	########  ->  rrrrrrrr	as it is, and empty
 */
static void memory_that_is_cleared_when_freed_is_ready(struct kunit *test)
{
	bool enabled = static_key_enabled(&init_on_free);
	struct page *page, *other;
	struct cma *cma = area(test);
	unsigned int i;

	if (page_poisoning_enabled_static())
		kunit_skip(test, "pages are poisoned when freed, and can't be cleared");
	page = cma_take_eight(test);
	static_branch_enable(&init_on_free);
	for (i = 0; i < 8; i++)
		memset(page_address(page + i), 0x5a, PAGE_SIZE);
	cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 8);
	other = cma_alloc(cma, 1, 0, false);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page + i), 0,
						   PAGE_SIZE));
	if (other)
		cma_release(cma, other, 1);
	if (!enabled)
		static_branch_disable(&init_on_free);
	cma_expect_new(test);
}

static struct kunit_case cma_evac_return_cases[] = {
	KUNIT_CASE(a_page_that_somebody_holds_is_not_handed_out),
	KUNIT_CASE(a_page_that_somebody_holds_is_not_lent),
	KUNIT_CASE(a_page_that_somebody_holds_keeps_its_flags),
	KUNIT_CASE(a_folio_that_somebody_holds_is_no_mistake),
	KUNIT_CASE(what_shares_a_unit_with_a_held_page_is_no_mistake),
	KUNIT_CASE_PARAM(nothing_of_an_owner_reaches_the_next_one,
			 marks_gen_params),
	KUNIT_CASE(a_folio_that_reaches_beyond_is_not_cut),
	KUNIT_CASE(no_page_is_overlooked),
	KUNIT_CASE(blocks_that_were_joined_leave_no_order_behind),
	KUNIT_CASE(memory_that_is_cleared_when_freed_is_ready),
	{}
};

static struct kunit_suite cma_evac_return_suite = {
	.name = "cma_evac_return",
	.test_cases = cma_evac_return_cases,
};

kunit_test_suite(cma_evac_return_suite);

MODULE_DESCRIPTION("Tests of pages of contiguous memory that come back");
MODULE_LICENSE("GPL");
