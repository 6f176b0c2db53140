/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files kernel/dma/contiguous*.c and their tests share. Everybody
 * else includes <linux/dma-contiguous.h>.
 *
 *	contiguous.c		which area serves which device
 *	contiguous_boot.c	how areas are set aside
 *	contiguous_parse.c	the language of the command line
 *	contiguous_cmdline.c	areas as the command line and the configuration
 *				describe them
 *	contiguous_of.c		areas as the devicetree describes them
 *	contiguous_of_boot.c	how they come out of it
 *	contiguous_list.c	the areas one after the other
 */
#ifndef __DMA_CONTIGUOUS_PRIVATE_H
#define __DMA_CONTIGUOUS_PRIVATE_H

#include <linux/dma-contiguous.h>
#include <linux/nodemask.h>
#include <linux/numa.h>

struct reserved_mem;
struct seq_buf;

#define DMA_CONTIGUOUS_NODES \
	(IS_ENABLED(CONFIG_DMA_NUMA_CMA) ? MAX_NUMNODES : 1)

/**
 * struct dma_contiguous_node - the areas of a NUMA node
 * @numa: what numa_cma= asked for on this node, or NULL
 * @pernuma: what cma_pernuma= asked for on each node, or NULL
 */
struct dma_contiguous_node {
	struct cma *numa;
	struct cma *pernuma;
};

/**
 * struct dma_contiguous_areas - the areas that could have to do with a device
 * @own: its private area, or NULL
 * @node: the areas of its node
 * @common: the default area, or NULL
 */
struct dma_contiguous_areas {
	struct cma *own;
	struct dma_contiguous_node node;
	struct cma *common;
};

/**
 * struct dma_contiguous_need - what a device asks for
 * @count: number of pages
 * @limit: highest physical address that the device reaches, 0 for any
 * @gfp: context and zone of the caller
 * @caller: the function that asks, for the records of owners
 * @alone: the page allocator was asked in vain, so nobody else can serve
 */
struct dma_contiguous_need {
	unsigned long count;
	phys_addr_t limit;
	gfp_t gfp;
	unsigned long caller;
	bool alone;
};

/**
 * struct dma_contiguous_candidate - an area to be asked
 * @area: the area
 * @limit: highest physical address of the memory, 0 for any
 */
struct dma_contiguous_candidate {
	struct cma *area;
	phys_addr_t limit;
};

#define DMA_CONTIGUOUS_CANDIDATES	3

/**
 * struct dma_contiguous_placement - an area to be set aside
 * @size: bytes
 * @base: lowest address, or the only one if @fixed; 0 for any
 * @limit: address behind the last byte that may be used; 0 for any
 * @fixed: at @base or nowhere
 * @is_default: it is to be the default area, and may have the slot of that
 * @nid: node whose memory it is, NUMA_NO_NODE for any
 * @origin: as in struct cma_declaration
 * @caller: as there
 */
struct dma_contiguous_placement {
	phys_addr_t size;
	phys_addr_t base;
	phys_addr_t limit;
	bool fixed;
	bool is_default;
	int nid;
	const char *origin;
	unsigned long caller;
};

/**
 * struct dma_contiguous_stop - where a parameter stops making sense
 * @at: the first character that isn't understood; that may be the end
 * @why: what is wrong with it
 */
struct dma_contiguous_stop {
	const char *at;
	const char *why;
};

enum dma_contiguous_choice {
	DMA_CONTIGUOUS_MBYTES,
	DMA_CONTIGUOUS_PERCENTAGE,
	DMA_CONTIGUOUS_LOWER,
	DMA_CONTIGUOUS_HIGHER,
};

/**
 * struct dma_contiguous_config - the size of the default area as configured
 * @choice: which of the two sizes counts
 * @mbytes: size in MiB
 * @percentage: size in percent of all memory
 */
struct dma_contiguous_config {
	enum dma_contiguous_choice choice;
	unsigned int mbytes;
	unsigned int percentage;
};

enum dma_contiguous_verdict {
	DMA_CONTIGUOUS_OF_AREA,		/* becomes an area */
	DMA_CONTIGUOUS_OF_OTHER,	/* is none, somebody else may want it */
	DMA_CONTIGUOUS_OF_NO_MAP,
	DMA_CONTIGUOUS_OF_ALIGNMENT,	/* not a power of two */
	DMA_CONTIGUOUS_OF_MISALIGNED,
	DMA_CONTIGUOUS_OF_OVERRULED,	/* cma= has the last word */
	DMA_CONTIGUOUS_OF_IN_USE,	/* others have a part of it */
	DMA_CONTIGUOUS_OF_TOO_MANY,	/* no slot */
	DMA_CONTIGUOUS_OF_MISSED,	/* nobody has reserved it */
	DMA_CONTIGUOUS_OF_FAILED,	/* not memory, and the like */
};

/**
 * struct dma_contiguous_of_node - what a reserved-memory node says of itself
 * @base: first byte of the region
 * @size: bytes
 * @alignment: what its base shall be a multiple of, 0 if it doesn't say so
 * @reusable: has "reusable"
 * @no_map: has "no-map"
 * @is_default: has "linux,cma-default"
 */
struct dma_contiguous_of_node {
	phys_addr_t base;
	phys_addr_t size;
	phys_addr_t alignment;
	bool reusable;
	bool no_map;
	bool is_default;
};

/**
 * struct dma_contiguous_of_range - a range of physical memory
 * @start: first byte
 * @end: byte behind the last one; it is empty if that is @start
 */
struct dma_contiguous_of_range {
	phys_addr_t start;
	phys_addr_t end;
};

/* Room for "no area from ..." */
#define DMA_CONTIGUOUS_OF_TEXT	224

/*
 * How long a request may wait in an area, in milliseconds; 0 stands for what its gfp
 * says. What can be served elsewhere as well is sent there soon: few pages are nearly
 * always got from the page allocator, more of them often are. What it never has only areas
 * can serve, and the next one may be too small.
 */
static inline unsigned int
dma_contiguous_patience(const struct dma_contiguous_areas *areas,
			unsigned long count)
{
	if (areas->own || count > MAX_ORDER_NR_PAGES)
		return 0;
	return count <= 1UL << PAGE_ALLOC_COSTLY_ORDER ? 5 : 100;
}

/* contiguous.c */
struct dma_contiguous_node *dma_contiguous_node(int nid);
void dma_contiguous_collect(struct device *dev,
			    struct dma_contiguous_areas *areas);
phys_addr_t dma_contiguous_device_limit(struct device *dev);
phys_addr_t dma_contiguous_zone_limit(gfp_t gfp);
unsigned int dma_contiguous_rank(const struct dma_contiguous_areas *areas,
				 const struct dma_contiguous_need *need,
				 struct dma_contiguous_candidate *candidates);
struct page *dma_contiguous_serve(const struct dma_contiguous_areas *areas,
				  const struct dma_contiguous_need *need,
				  const char *owner);
struct cma *dma_contiguous_area_of(struct page *page, unsigned long count);

/* contiguous_fallback.c */
bool dma_contiguous_has_fallback(unsigned long count);
void dma_contiguous_tell_fallback(struct cma *area,
				  const struct cma_request *request);
void dma_contiguous_refuse(const struct dma_contiguous_need *need,
			   const char *owner);
bool dma_contiguous_pages_first(const struct dma_contiguous_areas *areas,
				const struct dma_contiguous_need *need);
struct page *dma_contiguous_try_pages(struct device *dev,
				      const struct dma_contiguous_need *need);
bool dma_contiguous_insists(const struct dma_contiguous_areas *areas,
			    const struct dma_contiguous_need *need);

/* contiguous_boot.c */
int dma_contiguous_place(const struct dma_contiguous_placement *placement,
			 const char *name, struct cma **res_cma);

/* contiguous_parse.c */
int dma_contiguous_parse(const char *arg,
			 struct dma_contiguous_placement *placement,
			 struct dma_contiguous_stop *stop);
int dma_contiguous_parse_size(const char *arg, phys_addr_t *size,
			      struct dma_contiguous_stop *stop);
int dma_contiguous_parse_nodes(const char *arg, phys_addr_t *sizes,
			       unsigned int nr_nodes,
			       struct dma_contiguous_stop *stop);

/* contiguous_cmdline.c */
phys_addr_t dma_contiguous_size(const struct dma_contiguous_config *config,
				phys_addr_t memory);
bool dma_contiguous_on_cmdline(void);

/* contiguous_of.c */
enum dma_contiguous_verdict
dma_contiguous_of_judge(const struct dma_contiguous_of_node *node,
			bool on_cmdline);
struct dma_contiguous_of_range
dma_contiguous_of_common(struct dma_contiguous_of_range a,
			 struct dma_contiguous_of_range b);
int dma_contiguous_of_errno(enum dma_contiguous_verdict verdict);
void dma_contiguous_of_explain(struct seq_buf *s,
			       const struct reserved_mem *rmem,
			       enum dma_contiguous_verdict verdict);
void dma_contiguous_of_settle(struct reserved_mem *rmem,
			      enum dma_contiguous_verdict verdict,
			      struct cma *cma);

/* contiguous_list.c */
void dma_contiguous_note(struct cma *cma);

/* contiguous_cmdline.c; the second one is for others to replace */
void dma_contiguous_reserve_nodes(const nodemask_t *with_memory);
void dma_contiguous_reserve_more(void);

/* contiguous_of_boot.c */
#ifdef CONFIG_OF_RESERVED_MEM
void dma_contiguous_of_reserve(void);
#else
static inline void dma_contiguous_of_reserve(void)
{
}
#endif

#endif /* __DMA_CONTIGUOUS_PRIVATE_H */
