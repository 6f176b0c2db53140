/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files on a disk, which fill the page cache and whose contents are known.
 */
#ifndef __CMA_FILES_H
#define __CMA_FILES_H

#include "cma_util.h"

#define CMA_FILE_BYTES	(16 * CMA_MIB)
#define CMA_FILES_MAX	64

/**
 * struct cma_files - some files with a pattern, and a long one with a hole
 * @dir: where they are
 * @nr: number of files with a pattern, of CMA_FILE_BYTES each
 * @hole: bytes of the hole, which fills the page cache without a disk's time
 * @filled: bytes of the hole that were read
 */
struct cma_files {
	char dir[256];
	unsigned int nr;
	size_t hole;
	size_t filled;
};

const char *cma_files_find(struct cma_files *files);
bool cma_files_make(struct cma_files *files);
void cma_files_for_this_program(void);
int cma_files_open(const struct cma_files *files, unsigned int i, int flags);
bool cma_files_write(const struct cma_files *files, unsigned int i,
		     __u64 seed);
bool cma_file_intact(const struct cma_files *files, unsigned int i,
		     __u64 seed);
bool cma_files_intact(const struct cma_files *files);
bool cma_files_fill_cache(struct cma_files *files, const struct cma_area *area);
const __u64 **cma_files_map(const struct cma_files *files);
unsigned long cma_files_inside(const struct cma_files *files,
			       const __u64 **maps,
			       const struct cma_area *area);

#endif /* __CMA_FILES_H */
