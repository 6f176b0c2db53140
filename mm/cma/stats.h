/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sysfs and debugfs show of an area: the table of the figures, and two
 * ways of looking at its units piece by piece.
 */
#ifndef __MM_CMA_STATS_H__
#define __MM_CMA_STATS_H__

#include <linux/bits.h>
#include <linux/sysfs.h>
#include <linux/types.h>

#include "area.h"

struct dentry;

/*
 * Units that are looked at under one hold of the area's lock, with a step for
 * each run among them.
 */
#define CMA_VIEW_PIECE	1024UL
#define CMA_VIEW_WORDS	(CMA_VIEW_PIECE / BITS_PER_TYPE(u32))

/**
 * struct cma_figure - one number of an area that can be looked at
 * @attr: name of its file, and its mode
 * @read: reads it
 * @write: sets it, where that is possible
 * @name: the words that it can be, by their numbers; NULL if it is no word
 * @choose: sets it to a word
 * @where: what @read is to look at; each @read has its own idea
 * @address: it is an address, and shown in hexadecimal
 */
struct cma_figure {
	struct attribute attr;
	u64 (*read)(struct cma *cma, size_t where);
	void (*write)(struct cma *cma, unsigned long value);
	const char *(*name)(unsigned int value);
	int (*choose)(struct cma *cma, const char *word);
	size_t where;
	bool address;
};

enum cma_figure_dir {
	CMA_FIGURES_AREA,	/* sysfs, the directory of the area itself */
	CMA_FIGURES_FAILURES,	/* sysfs, one file for each reason */
	CMA_FIGURES_BLOCKERS,	/* sysfs, one file for each kind of page */
	CMA_FIGURES_DEBUG,	/* debugfs */
	NR_CMA_FIGURE_DIRS
};

/**
 * struct cma_figures - the figures of one directory
 * @dir: name of the directory inside that of the area, NULL for that itself
 * @figures: the figures
 * @nr: number of them
 */
struct cma_figures {
	const char *dir;
	struct cma_figure *figures;
	unsigned int nr;
};

enum cma_unit_state {
	CMA_UNIT_LENT,
	CMA_UNIT_READY,
	CMA_UNIT_CLAIMED,
	CMA_UNIT_ALLOCATED,
	CMA_UNIT_HOLE,		/* between two ranges: not of the area */
};

/**
 * struct cma_view - neighbouring units in the same state
 * @units: which ones
 * @state: their state, or that they are a hole; an allocated run is what one request got
 */
struct cma_view {
	struct cma_extent units;
	enum cma_unit_state state;
};

extern const struct cma_figures cma_figures[NR_CMA_FIGURE_DIRS];

const char *cma_unit_state_name(enum cma_unit_state state);
void cma_view_at(struct cma *cma, unsigned long unit, struct cma_view *run);
unsigned int cma_copy_bitmap(struct cma *cma, struct cma_extent units,
			     u32 *words);

/**
 * cma_figure_read() - read a figure of an area
 * @figure: the figure
 * @cma: an active area
 *
 * Context: Any, without the area's lock.
 * Return: the number.
 */
static inline u64 cma_figure_read(const struct cma_figure *figure,
				  struct cma *cma)
{
	return figure->read(cma, figure->where);
}

#ifdef CONFIG_CMA_DEBUGFS_ALLOC
void cma_debugfs_alloc_create(struct cma *cma, struct dentry *dir);
#else
static inline void cma_debugfs_alloc_create(struct cma *cma, struct dentry *dir)
{
}
#endif

#endif /* __MM_CMA_STATS_H__ */
