// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_return.c: pages that somebody has mapped, or that are somebody else's
 * altogether, when the one gives them back who was their owner.
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

/*
 *	###h####  ->  rrrhrrrr	mapped, but there is no reference for that
 */
static void a_page_that_somebody_maps_is_not_handed_out(struct kunit *test)
{
	struct page *page = cma_take_eight(test);
	struct cma *cma = cma_real_area(test, "kunit0");
	struct cma_return ret;

	atomic_set(&page[3]._mapcount, 0);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_EQ(test, ret.nr_marked, 0);
	KUNIT_EXPECT_EQ(test, cma->ready.total, 7);
	KUNIT_EXPECT_TRUE(test, page_mapped(page + 3));
	KUNIT_ASSERT_EQ(test, page_ref_count(page + 3), 1);
	atomic_set(&page[3]._mapcount, -1);
	put_page(page + 3);
	cma_expect_new(test);
}

/* As above. Its owner has put it before, and by now a file has it, which is dirty. */
static void a_page_that_has_become_a_file_s_stays_as_it_is(struct kunit *test)
{
	static const struct address_space_operations ops;
	static struct address_space space = { .a_ops = &ops };
	struct page *page = cma_take_eight(test);
	struct cma_return ret;

	page[3].mapping = &space;
	set_bit(PG_lru, &page[3].flags);
	set_bit(PG_dirty, &page[3].flags);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_EQ(test, ret.nr_marked, 0);
	KUNIT_EXPECT_PTR_EQ(test, page[3].mapping, &space);
	KUNIT_EXPECT_TRUE(test, test_bit(PG_dirty, &page[3].flags));
	KUNIT_ASSERT_EQ(test, page_ref_count(page + 3), 1);
	page[3].mapping = NULL;
	clear_bit(PG_lru, &page[3].flags);
	clear_bit(PG_dirty, &page[3].flags);
	put_page(page + 3);
	cma_expect_new(test);
}

static void become_anonymous(struct page *page)
{
	/* A batch has a reference as well, as long as its processor has nothing to do. */
	get_page(page);
	atomic_set(&page->_mapcount, 0);
	page->mapping = (void *)PAGE_MAPPING_ANON;
}

static void become_truncated(struct page *page)
{
	set_bit(PG_lru, &page->flags);
}

static void become_movable(struct page *page)
{
	page->mapping = (void *)PAGE_MAPPING_MOVABLE;
}

/* In a batch, where nobody is charged for it */
static void become_read(struct page *page)
{
	static const struct address_space_operations ops;
	static struct address_space space = { .a_ops = &ops };

	get_page(page);
	page->mapping = &space;
	set_bit(PG_uptodate, &page->flags);
}

static void become_shared(struct page *page)
{
	static const struct address_space_operations ops;
	static struct address_space space = { .a_ops = &ops };

	get_page(page);
	page->mapping = &space;
	set_bit(PG_swapbacked, &page->flags);
}

/* As above. Somebody else has it, of whom the references don't tell. */
static void a_page_of_somebody_else_is_not_put(struct kunit *test)
{
	static void (*const become[])(struct page *page) = {
		become_anonymous, become_truncated, become_movable, become_shared,
		become_read,
	};
	struct page *page;
	unsigned int i;
	int refs;

	for (i = 0; i < ARRAY_SIZE(become); i++) {
		page = cma_take_eight(test);
		become[i](page + 3);
		refs = page_ref_count(page + 3);
		KUNIT_EXPECT_EQ(test, cma_give_back(test, page, 8).nr_held, 1);
		KUNIT_ASSERT_EQ(test, page_ref_count(page + 3), refs);
		page[3].mapping = NULL;
		atomic_set(&page[3]._mapcount, -1);
		clear_bit(PG_lru, &page[3].flags);
		clear_bit(PG_uptodate, &page[3].flags);
		clear_bit(PG_swapbacked, &page[3].flags);
		while (refs--)
			put_page(page + 3);
		cma_expect_new(test);
	}
}

/* As above. A program has mapped that file, which makes two references of others. */
static void a_page_of_a_file_that_is_mapped_stays_as_it_is(struct kunit *test)
{
	static const struct address_space_operations ops;
	static struct address_space space = { .a_ops = &ops };
	struct page *page = cma_take_eight(test);
	struct cma_return ret;

	get_page(page + 3);
	page[3].mapping = &space;
	atomic_set(&page[3]._mapcount, 0);
	set_bit(PG_lru, &page[3].flags);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_EXPECT_EQ(test, page_ref_count(page + 3), 2);
	page[3].mapping = NULL;
	atomic_set(&page[3]._mapcount, -1);
	clear_bit(PG_lru, &page[3].flags);
	put_page(page + 3);
	put_page(page + 3);
	cma_expect_new(test);
}

/*
 *	###m####  ->  rrr.rrrr	its owner has it mapped yet, and drops its own reference
 */
static void a_page_with_a_mapping_of_its_owner_is_let_go(struct kunit *test)
{
	static struct address_space space;
	struct page *page = cma_take_eight(test);
	struct cma_return ret;

	get_page(page + 3);
	page[3].mapping = &space;
	atomic_set(&page[3]._mapcount, 0);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_ASSERT_EQ(test, page_ref_count(page + 3), 1);
	page[3].mapping = NULL;
	atomic_set(&page[3]._mapcount, -1);
	put_page(page + 3);
	cma_expect_new(test);
}

/* Its pages were put too often, and are somebody's large folio by now. */
static void a_large_folio_of_somebody_else_is_not_put(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct folio *folio = cma_alloc_folio(cma, 3, GFP_KERNEL | __GFP_COMP);
	struct cma_return ret;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	atomic_set(&folio->_large_mapcount, 0);
	ret = cma_give_back(test, &folio->page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 1);
	KUNIT_ASSERT_EQ(test, folio_ref_count(folio), 1);
	atomic_set(&folio->_large_mapcount, -1);
	folio_put(folio);
	cma_expect_new(test);
}

/*
 *	##..####	two of them were put, and are one free block
 */
static void a_page_that_is_free_already_stays_so(struct kunit *test)
{
	struct page *page = cma_take_eight(test);
	struct cma_return ret;

	put_page(page + 2);
	put_page(page + 3);
	drain_all_pages(NULL);
	KUNIT_ASSERT_TRUE(test, PageBuddy(page + 2));
	KUNIT_ASSERT_EQ(test, buddy_order(page + 2), 1);
	ret = cma_give_back(test, page, 8);
	KUNIT_EXPECT_EQ(test, ret.nr_held, 2);
	KUNIT_EXPECT_EQ(test, ret.nr_marked, 0);
	KUNIT_ASSERT_TRUE(test, PageBuddy(page + 2));
	KUNIT_EXPECT_EQ(test, buddy_order(page + 2), 1);
	cma_expect_new(test);
}

/*
 *	########  ->  rrrrrrrr  ->  rrrr####	the first four stay READY
 */
static void a_second_release_behind_a_new_owner_is_noticed(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page, *other;
	struct cma_return ret;

	if (!cma_is_audited())
		kunit_skip(test, "needs the audit");
	cma_give_back(test, cma_take_eight(test), 8);
	page = cma_alloc(cma, 4, 2, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_give_back(test, page, 4);
	other = cma_alloc(cma, 4, 2, false);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_NE(test, other, page);
	KUNIT_EXPECT_EQ(test, cma_release_run(cma, page_to_pfn(page), 4, &ret),
			-EINVAL);
	cma_give_back(test, other, 4);
	cma_expect_new(test);
}

static struct kunit_case cma_evac_owner_cases[] = {
	KUNIT_CASE(a_page_that_somebody_maps_is_not_handed_out),
	KUNIT_CASE(a_page_that_has_become_a_file_s_stays_as_it_is),
	KUNIT_CASE(a_page_of_somebody_else_is_not_put),
	KUNIT_CASE(a_page_of_a_file_that_is_mapped_stays_as_it_is),
	KUNIT_CASE(a_page_with_a_mapping_of_its_owner_is_let_go),
	KUNIT_CASE(a_large_folio_of_somebody_else_is_not_put),
	KUNIT_CASE(a_page_that_is_free_already_stays_so),
	KUNIT_CASE(a_second_release_behind_a_new_owner_is_noticed),
	{}
};

static struct kunit_suite cma_evac_owner_suite = {
	.name = "cma_evac_owner",
	.test_cases = cma_evac_owner_cases,
};

kunit_test_suite(cma_evac_owner_suite);

MODULE_DESCRIPTION("Tests of pages that have a new owner when the former one gives them back");
MODULE_LICENSE("GPL");
