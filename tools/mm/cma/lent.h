/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs and files that have what areas have lent.
 */
#ifndef CMA_TOOL_LENT_H
#define CMA_TOOL_LENT_H

#include "tool.h"

/**
 * struct lent_user - a program or a file
 * @name: of the program, or the path, as it is; see make_plain()
 * @number: the process, or the inode
 * @pages: of the area
 * @file_pages: of these the pages of files, of a program
 */
struct lent_user {
	char name[512];
	unsigned long long number;
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
 * @pins: for each page whether it is pinned; NULL if the kernel doesn't tell
 * @file_of: for each page the number of its file, from 1 on; 0 if it isn't known
 * @counted: for each page the last process that was found to have it
 * @unknown: pages of files that aren't known
 * @programs: those that have mapped some
 * @files: those of which some are
 */
struct lent {
	const unsigned char *uses;
	unsigned long base_pfn;
	unsigned long nr_pages;
	unsigned char *pins;
	unsigned int *file_of;
	unsigned int *counted;
	unsigned long unknown;
	struct lent_users programs;
	struct lent_users files;
};

/**
 * struct lent_areas - all areas that are looked at
 * @list: the areas; one without @uses can't be looked at
 * @nr: number of areas
 * @dir: a directory, whose files are looked at; NULL for none
 * @pid: process that is looked at
 */
struct lent_areas {
	struct lent *list;
	unsigned int nr;
	const char *dir;
	const char *pid;
};

/**
 * struct lent_source - whose pages are being read
 * @areas: where they may lie
 * @pid: the process that has them mapped, 0 where they aren't a process's
 * @program: what it is called
 * @path: the file, "" if it is none
 * @inode: of the file
 */
struct lent_source {
	struct lent_areas *areas;
	unsigned int pid;
	const char *program;
	const char *path;
	unsigned long long inode;
};

static inline bool is_lent(enum use use)
{
	return use < USE_READY;
}

/* lent_users.c */
void lent_find(struct lent_areas *areas);
void lent_end(struct lent_areas *areas);
bool lent_is_complete(const struct lent_areas *areas);
void lent_read(const struct lent_source *source, int pagemap, unsigned long long start,
	       unsigned long long end);

/* lent_files.c */
void lent_read_mapped(struct lent_areas *areas, const char *range, unsigned int major,
		      unsigned int minor, const struct lent_source *source);
void lent_read_open(struct lent_areas *areas, const char *pid);
void lent_read_below(struct lent_areas *areas);

#endif
