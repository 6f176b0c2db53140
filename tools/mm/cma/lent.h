/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs and files that have what an area has lent.
 */
#ifndef CMA_TOOL_LENT_H
#define CMA_TOOL_LENT_H

#include "tool.h"

/**
 * struct lent_user - a program or a file
 * @name: of the program, or the path
 * @pid: the process, 0 of a file
 * @pages: of the area
 * @file_pages: of these the pages of files, of a program
 */
struct lent_user {
	char name[512];
	int pid;
	unsigned long pages;
	unsigned long file_pages;
};

struct lent_users {
	struct lent_user *list;
	unsigned int nr;
};

/**
 * struct lent - an area, and those who have its pages
 * @uses: one for each page
 * @base_pfn: the first page
 * @nr_pages: pages, those of holes included
 * @file_of: for each page the number of its file, from 1 on; 0 if it isn't known
 * @unknown: pages of files that aren't known
 * @own_pagemap: of this process
 * @programs: those that have mapped some
 * @files: those of which some are
 */
struct lent {
	const unsigned char *uses;
	unsigned long base_pfn;
	unsigned long nr_pages;
	unsigned int *file_of;
	unsigned long unknown;
	int own_pagemap;
	struct lent_users programs;
	struct lent_users files;
};

static inline bool is_lent(enum use use)
{
	return use < USE_READY;
}

void lent_find(struct lent *lent, const char *dir);
void lent_end(struct lent *lent);

#endif
