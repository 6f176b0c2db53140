/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of real areas, read and written as a program does: those of "kunit0" (a page
 * to the unit) and "kunit1" (half as large, four pages to the unit).
 */
#ifndef __CMA_FILES_H__
#define __CMA_FILES_H__

#include <kunit/test.h>
#include <linux/types.h>

/* The file system, and the path of the directory of all areas. The test's private data. */
int cma_open_files(struct kunit *test, const char *type, const char *dir);
void cma_close_files(struct kunit *test);

/* The whole of a file; valid until the next one is read. */
const char *cma_text_of(struct kunit *test, const char *area, const char *name);
u64 cma_number_in(struct kunit *test, const char *area, const char *name);

/* Write like echo: 0, or the error. */
int cma_put_in(struct kunit *test, const char *area, const char *name,
	       const char *text);

#endif /* __CMA_FILES_H__ */
