/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contiguous memory: areas that are set aside at boot, lent to the page
 * allocator for movable pages, and taken back run by run on demand.
 *
 * See Documentation/mm/cma/index.rst for the design and
 * Documentation/admin-guide/mm/cma/index.rst for what an administrator sees.
 */
#ifndef __CMA_H__
#define __CMA_H__

#include <linux/err.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/numa.h>
#include <linux/pgtable.h>
#include <linux/types.h>

/* The default area has a slot of its own beside the configured ones. */
#ifdef CONFIG_CMA
#define MAX_CMA_AREAS	(1 + CONFIG_CMA_AREAS)
#else
#define MAX_CMA_AREAS	0
#endif

#define CMA_MAX_NAME	64

/* An area that fits nowhere in one piece has at most so many. */
#define CMA_MAX_RANGES	8

/*
 * The page allocator tells lent memory from other memory by pageblock, so an
 * area begins and ends at the boundary of one.
 */
#define CMA_MIN_ALIGNMENT_PAGES	pageblock_nr_pages
#define CMA_MIN_ALIGNMENT_BYTES	(CMA_MIN_ALIGNMENT_PAGES << PAGE_SHIFT)

struct cma;
struct folio;
struct page;
struct pglist_data;
struct zone;
struct seq_buf;

/**
 * enum cma_reason - why an allocation ended the way it did
 * @CMA_REASON_NONE: it succeeded
 * @CMA_REASON_INVALID: the request makes no sense: no pages, an impossible
 *	alignment, no area, unsupported flags
 * @CMA_REASON_INACTIVE: the area isn't active, yet or at all
 * @CMA_REASON_TOO_BIG: the area could not hold it if it were empty
 * @CMA_REASON_ABOVE_DMA_MASK: no part of the area that is low enough could
 *	hold it
 * @CMA_REASON_FULL: fewer pages than requested aren't allocated
 * @CMA_REASON_FRAGMENTED: enough pages aren't allocated, but no run of them is
 *	long enough
 * @CMA_REASON_BUSY: runs exist, but in each of them a page would not move
 * @CMA_REASON_NO_TARGET: there was no memory to move the pages to
 * @CMA_REASON_INTERRUPTED: a fatal signal ended the request
 * @CMA_REASON_WOULD_SLEEP: the caller can't sleep, and the request would
 * @NR_CMA_REASONS: number of reasons
 */
enum cma_reason {
	CMA_REASON_NONE,
	CMA_REASON_INVALID,
	CMA_REASON_INACTIVE,
	CMA_REASON_TOO_BIG,
	CMA_REASON_ABOVE_DMA_MASK,
	CMA_REASON_FULL,
	CMA_REASON_FRAGMENTED,
	CMA_REASON_BUSY,
	CMA_REASON_NO_TARGET,
	CMA_REASON_INTERRUPTED,
	CMA_REASON_WOULD_SLEEP,
	NR_CMA_REASONS
};

/**
 * struct cma_request - an allocation as it is asked for, and why it failed
 * @count: number of pages
 * @align: the physical address is a multiple of PAGE_SIZE << @align
 * @gfp: context of the caller; __GFP_NOWARN keeps the log quiet, __GFP_COMP
 *	asks for one compound page, __GFP_NORETRY for a single attempt,
 *	__GFP_RETRY_MAYFAIL for more of them. Without __GFP_DIRECT_RECLAIM only
 *	READY and free memory is looked at, in any context.
 * @timeout_ms: it waits for no more than so many milliseconds, in all that it does,
 *	and tries nothing again after that; 0 leaves that to @gfp: 100 ms with
 *	__GFP_NORETRY, 60 s with __GFP_RETRY_MAYFAIL, 10 s else, and with the last
 *	two 32 ms for each MiB
 * @limit: highest physical address that the last byte may have, 0 for any
 * @owner: name of the asker, for messages; NULL stands for the current task
 * @caller: address in the function that asks, for the records of owners; 0 stands for the
 *	caller of cma_alloc_request()
 * @fallback: the caller has something else to turn to: when this fails it is
 *	counted as that, too, and not reported
 * @reason: set on return
 */
struct cma_request {
	unsigned long count;
	unsigned int align;
	gfp_t gfp;
	unsigned int timeout_ms;
	phys_addr_t limit;
	const char *owner;
	unsigned long caller;
	bool fallback;
	enum cma_reason reason;
};

/**
 * struct cma_declaration - an area to be set aside while the kernel boots
 * @base: where it begins if @fixed or @reserved, otherwise the lowest address it may have
 * @size: in bytes, rounded up to the alignment
 * @limit: address that it must end at or below, 0 for anywhere
 * @alignment: of base and size in bytes, a power of two; at least
 *	CMA_MIN_ALIGNMENT_BYTES is used, and 0 stands for that
 * @order_per_bit: binary logarithm of the number of pages that the area is
 *	divided into; the base is aligned to that many pages as well
 * @fixed: at @base or nowhere
 * @reserved: the memory, which is exactly this, is set aside already
 * @is_default: it is to serve the devices that have no area of their own; one slot
 *	is kept for the first area that is
 * @name: for messages and directories; NULL for "cma" and a number. Made
 *	unique, and free of what can't be in the name of a directory
 * @nid: node that all of it must be on, or NUMA_NO_NODE
 * @origin: what describes it, for the log: a word of the command line, say; NULL stands for
 *	the function at @caller
 * @caller: address in the function that asks; 0 stands for the caller of cma_declare()
 */
struct cma_declaration {
	phys_addr_t base;
	phys_addr_t size;
	phys_addr_t limit;
	phys_addr_t alignment;
	unsigned int order_per_bit;
	bool fixed;
	bool reserved;
	bool is_default;
	const char *name;
	int nid;
	const char *origin;
	unsigned long caller;
};

extern unsigned long totalcma_pages;

#ifdef CONFIG_CMA
phys_addr_t cma_get_base(const struct cma *cma);
unsigned long cma_get_size(const struct cma *cma);
const char *cma_get_name(const struct cma *cma);
bool cma_activation_failed(const struct cma *cma);

int cma_declare(const struct cma_declaration *declaration,
		struct cma **res_cma);
int cma_declare_contiguous_nid(phys_addr_t base, phys_addr_t size,
			       phys_addr_t limit, phys_addr_t alignment,
			       unsigned int order_per_bit, bool fixed,
			       const char *name, struct cma **res_cma, int nid);
int cma_declare_contiguous_multi(phys_addr_t size, phys_addr_t align,
				 unsigned int order_per_bit, const char *name,
				 struct cma **res_cma, int nid);
phys_addr_t cma_zone_boundary(phys_addr_t start, phys_addr_t end);
phys_addr_t cma_node_boundary(phys_addr_t start, phys_addr_t end);
void cma_explain_contiguous(phys_addr_t base, phys_addr_t size,
			    phys_addr_t limit, phys_addr_t alignment,
			    const char *name);
bool cma_has_room(phys_addr_t base, phys_addr_t size, phys_addr_t limit);
void cma_print_size(struct seq_buf *s, phys_addr_t size);
int cma_init_reserved_mem(phys_addr_t base, phys_addr_t size,
			  unsigned int order_per_bit, const char *name,
			  struct cma **res_cma);
void cma_reserve_pages_on_error(struct cma *cma);
void cma_guarantee(struct cma *cma);
void cma_use_first_fit(struct cma *cma);
void *cma_reserve_early(struct cma *cma, unsigned long size);
bool cma_intersects(struct cma *cma, unsigned long start, unsigned long end);

struct page *cma_alloc_request(struct cma *cma, struct cma_request *request);
struct page *cma_alloc(struct cma *cma, unsigned long count, unsigned int align,
		       bool no_warn);
struct folio *cma_alloc_folio(struct cma *cma, int order, gfp_t gfp);
bool cma_pages_valid(struct cma *cma, const struct page *pages,
		     unsigned long count);
bool cma_release(struct cma *cma, const struct page *pages,
		 unsigned long count);
bool cma_free_folio(struct cma *cma, const struct folio *folio);

struct page *cma_alloc_frozen(struct cma *cma, unsigned long count,
			      unsigned int align, bool no_warn);
struct page *cma_alloc_frozen_compound(struct cma *cma, unsigned int order);
bool cma_release_frozen(struct cma *cma, const struct page *pages,
			unsigned long count);

unsigned long cma_move_in(struct pglist_data *pgdat, int highest_zoneidx,
			  unsigned long nr_pages, gfp_t gfp);

DECLARE_STATIC_KEY_FALSE(cma_clean_key);

/* Are there pageblocks for page cache that is read, and for nothing else? */
static inline bool cma_has_clean_blocks(void)
{
	return static_branch_unlikely(&cma_clean_key);
}

bool cma_takes_reads(int nid);
unsigned long __cma_clean_pages(struct zone *zone, bool in_use);

/* Pages of areas of a zone, or of all, that only clean page cache may have, lent ones. */
static inline unsigned long cma_clean_pages(struct zone *zone)
{
	return cma_has_clean_blocks() ? __cma_clean_pages(zone, false) : 0;
}

/* Those of them that are in use */
static inline unsigned long cma_clean_pages_in_use(struct zone *zone)
{
	return cma_has_clean_blocks() ? __cma_clean_pages(zone, true) : 0;
}

unsigned long cma_ready_total(void);
void cma_note_hwpoison(unsigned long pfn);
void cma_note_real_failure(void);
bool cma_has_page(unsigned long pfn);
void cma_lend_page(unsigned long pfn);
bool cma_give_up_page(unsigned long pfn, bool simulated);
unsigned long cma_ready_surplus_total(void);
unsigned long cma_allocated_total(void);

bool cma_charge_heap(struct cma *cma, unsigned long nr_pages);
void cma_uncharge_heap(struct cma *cma, unsigned long nr_pages);

int cma_for_each_area(int (*it)(struct cma *cma, void *data), void *data);
const char *cma_reason_name(enum cma_reason reason);
int cma_reason_errno(enum cma_reason reason);
#else /* !CONFIG_CMA */
static inline phys_addr_t cma_get_base(const struct cma *cma)
{
	return 0;
}

static inline unsigned long cma_get_size(const struct cma *cma)
{
	return 0;
}

static inline const char *cma_get_name(const struct cma *cma)
{
	return NULL;
}

static inline void cma_note_hwpoison(unsigned long pfn)
{
}

static inline void cma_note_real_failure(void)
{
}

static inline bool cma_has_page(unsigned long pfn)
{
	return false;
}

static inline void cma_lend_page(unsigned long pfn)
{
}

static inline bool cma_give_up_page(unsigned long pfn, bool simulated)
{
	return false;
}

static inline bool cma_has_clean_blocks(void)
{
	return false;
}

static inline unsigned long cma_clean_pages(struct zone *zone)
{
	return 0;
}

static inline unsigned long cma_clean_pages_in_use(struct zone *zone)
{
	return 0;
}

static inline unsigned long cma_ready_surplus_total(void)
{
	return 0;
}

static inline unsigned long cma_move_in(struct pglist_data *pgdat, int highest_zoneidx,
					unsigned long nr_pages, gfp_t gfp)
{
	return 0;
}

static inline int cma_declare_contiguous_nid(phys_addr_t base, phys_addr_t size,
					     phys_addr_t limit,
					     phys_addr_t alignment,
					     unsigned int order_per_bit,
					     bool fixed, const char *name,
					     struct cma **res_cma, int nid)
{
	return -EOPNOTSUPP;
}

static inline int cma_declare_contiguous_multi(phys_addr_t size,
					       phys_addr_t align,
					       unsigned int order_per_bit,
					       const char *name,
					       struct cma **res_cma, int nid)
{
	return -EOPNOTSUPP;
}

static inline int cma_init_reserved_mem(phys_addr_t base, phys_addr_t size,
					unsigned int order_per_bit,
					const char *name, struct cma **res_cma)
{
	return -EOPNOTSUPP;
}

static inline void cma_reserve_pages_on_error(struct cma *cma)
{
}

static inline void *cma_reserve_early(struct cma *cma, unsigned long size)
{
	return NULL;
}

static inline bool cma_intersects(struct cma *cma, unsigned long start,
				  unsigned long end)
{
	return false;
}

static inline struct page *cma_alloc_request(struct cma *cma,
					     struct cma_request *request)
{
	request->reason = CMA_REASON_INACTIVE;
	return ERR_PTR(-EOPNOTSUPP);
}

static inline struct page *cma_alloc(struct cma *cma, unsigned long count,
				     unsigned int align, bool no_warn)
{
	return NULL;
}

static inline struct folio *cma_alloc_folio(struct cma *cma, int order,
					    gfp_t gfp)
{
	return NULL;
}

static inline bool cma_pages_valid(struct cma *cma, const struct page *pages,
				   unsigned long count)
{
	return false;
}

static inline bool cma_release(struct cma *cma, const struct page *pages,
			       unsigned long count)
{
	return false;
}

static inline bool cma_free_folio(struct cma *cma, const struct folio *folio)
{
	return false;
}

static inline struct page *cma_alloc_frozen(struct cma *cma,
					    unsigned long count,
					    unsigned int align, bool no_warn)
{
	return NULL;
}

static inline struct page *cma_alloc_frozen_compound(struct cma *cma,
						     unsigned int order)
{
	return NULL;
}

static inline bool cma_release_frozen(struct cma *cma, const struct page *pages,
				      unsigned long count)
{
	return false;
}

static inline int cma_for_each_area(int (*it)(struct cma *cma, void *data),
				    void *data)
{
	return 0;
}
#endif /* CONFIG_CMA */

/* As cma_declare_contiguous_nid(), on whatever node has room. */
static inline int __init cma_declare_contiguous(phys_addr_t base,
						phys_addr_t size,
						phys_addr_t limit,
						phys_addr_t alignment,
						unsigned int order_per_bit,
						bool fixed, const char *name,
						struct cma **res_cma)
{
	return cma_declare_contiguous_nid(base, size, limit, alignment,
					  order_per_bit, fixed, name, res_cma,
					  NUMA_NO_NODE);
}

#endif /* __CMA_H__ */
