/* SPDX-License-Identifier: GPL-2.0 */
/* Eight pages that an owner has, and gives back; see eight.c. */
#ifndef __MM_CMA_TESTS_EIGHT_H__
#define __MM_CMA_TESTS_EIGHT_H__

#include <kunit/test.h>

#include "../area.h"

struct page *cma_take_eight(struct kunit *test);
struct cma_return cma_give_back(struct kunit *test, struct page *page,
				unsigned long nr_pages);
void cma_expect_new(struct kunit *test);

#endif
