// SPDX-License-Identifier: GPL-2.0
/*
 * For tests of what comes back from an owner: eight pages of the area "kunit0".
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/mm.h>

#include "../evac.h"
#include "eight.h"
#include "real.h"

/* Eight pages of the area, and all that is given back can be READY. */
struct page *cma_take_eight(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;

	cma_set_ready_max(cma, cma->nr_pages);
	cma_real_lend(cma);
	page = cma_alloc(cma, 8, 3, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	cma_real_lend(cma);
	return page;
}

struct cma_return cma_give_back(struct kunit *test, struct page *page,
				unsigned long nr_pages)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct cma_return ret;

	KUNIT_EXPECT_EQ(test, cma_release_run(cma, page_to_pfn(page), nr_pages, &ret), 0);
	KUNIT_EXPECT_TRUE(test, cma_check(cma));
	return ret;
}

/* The whole area can be had, and nothing in it tells of a former owner. */
void cma_expect_new(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	struct page *page;
	unsigned long i;

	/* What somebody held came free on a pcplist. */
	drain_all_pages(NULL);
	page = cma_alloc(cma, cma->nr_pages, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, cma_are_pristine(page_to_pfn(page),
						 cma->nr_pages));
	for (i = 0; i < cma->nr_pages; i++)
		if (page_private(page + i) || page[i].mapping)
			KUNIT_FAIL(test, "page %lu has private %lx, mapping %p",
				   i, page_private(page + i), page[i].mapping);
	cma_release(cma, page, cma->nr_pages);
}
