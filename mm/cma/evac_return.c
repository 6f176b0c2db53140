// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory: pages that come back from their owner, and what is wrong
 * with them.
 *
 * No page gets a new owner while somebody holds it, or with something of its
 * former owner in it. The page allocator sees to that for what it hands out.
 * What is READY it never sees, so here each page is looked at before it becomes
 * that: its references, its mappings, its fields and its flags. One that isn't
 * as it should be goes through the page allocator's hands, or stays with what
 * holds it, and the rest of its run is kept.
 */
#include <linux/bitops.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/ratelimit.h>

#include "evac.h"
#include "../internal.h"

/* What no page has that the page allocator hands out. */
#define CMA_FLAGS_NONE	(PAGE_FLAGS_CHECK_AT_PREP | __PG_HWPOISON)

/* What it takes off without a word when a page is freed. */
#define CMA_FLAGS_CLEARED						\
	(PAGE_FLAGS_CHECK_AT_PREP &					\
	 ~(PAGE_FLAGS_CHECK_AT_FREE | BIT(PG_head) | __PG_HWPOISON))

/*
 * So many pages are looked at in one go. They lie within what the page allocator
 * could have as one block, so that one follows the other in the memory map.
 */
#define CMA_CHUNK_PAGES	256UL

/* The two counts of a page in words, as they are in memory. */
#define CMA_COUNT_WORDS	(2 * sizeof(atomic_t) / sizeof(unsigned long))

static_assert(offsetof(struct page, _refcount) ==
	      offsetof(struct page, _mapcount) + sizeof(atomic_t));
static_assert(IS_ALIGNED(offsetof(struct page, _mapcount),
			 sizeof(unsigned long)));

static const union {
	atomic_t counts[2];
	unsigned long words[CMA_COUNT_WORDS];
} cma_one_reference = {
	/* Not mapped, and one reference. */
	.counts = { ATOMIC_INIT(-1), ATOMIC_INIT(1) },
};

/**
 * struct cma_page_sum - what several pages have, taken together
 * @flags: what at least one of them has
 * @fields: likewise, of the fields that an owner uses
 * @any: of the counts' words, the bits that at least one page has
 * @all: likewise, those that every page has
 *
 * A release to READY spends nearly all of its time on looking. To compare the
 * sum of many pages takes half as many instructions as to compare each page.
 */
struct cma_page_sum {
	unsigned long flags;
	unsigned long fields;
	unsigned long any[CMA_COUNT_WORDS];
	unsigned long all[CMA_COUNT_WORDS];
};

static __always_inline void cma_look_for_any(struct cma_page_sum *look,
					     const struct page *page)
{
	const unsigned long *words = (const unsigned long *)&page->_mapcount;
	unsigned int i;

	look->flags |= page->flags;
	look->fields |= (unsigned long)page->mapping;
	look->fields |= page->private;
	look->fields |= cma_memcg_of(page);
	for (i = 0; i < CMA_COUNT_WORDS; i++)
		look->any[i] |= words[i];
}

static __always_inline void cma_look_for_all(struct cma_page_sum *look,
					     const struct page *page)
{
	const unsigned long *words = (const unsigned long *)&page->_mapcount;
	unsigned int i;

	for (i = 0; i < CMA_COUNT_WORDS; i++)
		look->all[i] &= words[i];
}

/* Would the page allocator hand out all of these as they are? */
static bool cma_look_is_clean(const struct cma_page_sum *look)
{
	unsigned int i;

	for (i = 0; i < CMA_COUNT_WORDS; i++)
		if (look->any[i] != cma_one_reference.words[i] ||
		    look->all[i] != cma_one_reference.words[i])
			return false;
	return !look->fields && !(look->flags & CMA_FLAGS_NONE);
}

static __always_inline void cma_look_for_any_of_four(struct cma_page_sum *look,
						     const struct page *page)
{
	cma_look_for_any(look, page);
	cma_look_for_any(look, page + 1);
	cma_look_for_any(look, page + 2);
	cma_look_for_any(look, page + 3);
}

static __always_inline void cma_look_for_all_of_four(struct cma_page_sum *look,
						     const struct page *page)
{
	cma_look_for_all(look, page);
	cma_look_for_all(look, page + 1);
	cma_look_for_all(look, page + 2);
	cma_look_for_all(look, page + 3);
}

/*
 * The barrier has the counts loaded twice: an operation on memory is one
 * instruction, and so is one on what a register has, but loading that is another.
 */
static __always_inline void cma_look_at_sixteen(struct cma_page_sum *look,
						const struct page *page)
{
	cma_look_for_any_of_four(look, page);
	cma_look_for_any_of_four(look, page + 4);
	cma_look_for_any_of_four(look, page + 8);
	cma_look_for_any_of_four(look, page + 12);
	barrier();
	cma_look_for_all_of_four(look, page);
	cma_look_for_all_of_four(look, page + 4);
	cma_look_for_all_of_four(look, page + 8);
	cma_look_for_all_of_four(look, page + 12);
}

/*
 * Somebody may take a reference in passing while this looks, and drops it when
 * it turns out to be another page than it was. Seen or not: either does, so it is
 * no race to report.
 */
static __no_kcsan bool cma_chunk_is_clean(const struct page *page,
					  unsigned long nr_pages)
{
	const struct page *end = page + nr_pages;
	struct cma_page_sum look = { };

	memset(look.all, 0xff, sizeof(look.all));
	for (; page + 16 <= end; page += 16)
		cma_look_at_sixteen(&look, page);
	for (; page < end; page++) {
		cma_look_for_any(&look, page);
		cma_look_for_all(&look, page);
	}
	return cma_look_is_clean(&look);
}

/* Where the chunk that a page lies in ends. */
static unsigned long cma_chunk_end(unsigned long pfn, unsigned long end)
{
	return min(end, ALIGN(pfn + 1, CMA_CHUNK_PAGES));
}

/* The end of those chunks that are clean, from the first one on. */
static unsigned long cma_pristine_end(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages, stop;

	for (; pfn < end; pfn = stop) {
		stop = cma_chunk_end(pfn, end);
		if (!cma_chunk_is_clean(pfn_to_page(pfn), stop - pfn))
			break;
	}
	return pfn;
}

/**
 * cma_are_pristine() - would the page allocator hand out all of these pages as they are?
 * @pfn: first page
 * @nr_pages: number of pages, each with a reference of the caller
 *
 * Context: any. Nothing is changed.
 * Return: false if one of them is mapped, referenced by somebody else or part of a
 * compound page, has a flag, a mapping, a control group or a private value, or has
 * failed.
 */
bool cma_are_pristine(unsigned long pfn, unsigned long nr_pages)
{
	return cma_pristine_end(pfn, nr_pages) == pfn + nr_pages;
}

/**
 * cma_cut_folio() - is there a folio that lies only partly among these pages?
 * @pfn: first page
 * @nr_pages: number of pages
 *
 * A folio is given back by its head, and as a whole.
 *
 * Context: any. Unless the caller has allocated the pages the answer is a hint.
 * Return: true if the first page isn't the head of its folio, or the last one
 * isn't the end of it.
 */
bool cma_cut_folio(unsigned long pfn, unsigned long nr_pages)
{
	struct page *head;

	if (PageTail(pfn_to_page(pfn)))
		return true;
	if (!nr_pages)
		return false;
	head = compound_head(pfn_to_page(pfn + nr_pages - 1));
	return page_to_pfn(head) + compound_nr(head) > pfn + nr_pages;
}

/*
 * A page with nothing but what doesn't matter loses that: some flags, and what its owner
 * had in the private field, as drivers may. They matter to others that have a reference:
 * some wait for the lock of a page, for which there is one.
 */
static bool cma_make_pristine(struct page *page)
{
	unsigned long flags = READ_ONCE(page->flags);

	if (cma_chunk_is_clean(page, 1))
		return true;
	if (page_ref_count(page) != 1 || flags & (BIT(PG_head) | BIT(PG_lru)))
		return false;
	/* A task that looks at it in passing may set others at the same time. */
	if (flags & CMA_FLAGS_CLEARED)
		set_mask_bits(&page->flags, CMA_FLAGS_CLEARED, 0);
	if (page_private(page) && !PagePrivate(page) && !page->mapping && !page_mapped(page))
		set_page_private(page, 0);
	return cma_chunk_is_clean(page, 1);
}

static unsigned long cma_unit_pages(const struct cma *cma)
{
	return 1UL << cma->order_per_bit;
}

static bool cma_make_unit_clean(const struct cma *cma, unsigned long pfn)
{
	unsigned long end = pfn + cma_unit_pages(cma);

	for (; pfn < end; pfn++)
		if (!cma_make_pristine(pfn_to_page(pfn)))
			return false;
	return true;
}

/*
 * The end of those units that can be kept, from the first one on. A chunk is looked
 * at once as such, then page by page, however often this is asked.
 */
static unsigned long cma_make_units_clean(const struct cma *cma,
					  struct cma_return *ret)
{
	unsigned long pfn = ret->pfn, end = pfn + ret->nr_pages;
	unsigned long unit = cma_unit_pages(cma), stop;

	while (pfn < end) {
		if (pfn >= ret->mixed_end) {
			stop = cma_pristine_end(pfn, end - pfn);
			if (stop == end)
				return end;
			pfn += ALIGN_DOWN(stop - pfn, unit);
			ret->mixed_end = cma_chunk_end(stop, end);
		}
		for (; pfn < ret->mixed_end; pfn += unit)
			if (!cma_make_unit_clean(cma, pfn))
				return pfn;
	}
	return pfn;
}

/* What the page allocator would complain about where it looks, and hand out where it doesn't. */
static void cma_scrub(struct page *page)
{
	set_mask_bits(&page->flags, PAGE_FLAGS_CHECK_AT_FREE, 0);
	set_page_private(page, 0);
	page->mapping = NULL;
	atomic_set(&page->_mapcount, -1);
}

static void cma_note_marked(struct cma *cma, struct page *page,
			    struct cma_return *ret)
{
	if (!ret->nr_marked++ && __ratelimit(&cma->ratelimit))
		dump_page(page, "given back with something of its owner");
	cma_scrub(page);
}

/*
 * Has a page something of its owner that would have to be reported? A reference that
 * somebody takes in passing is nothing of that kind, nor is a private value without the
 * flag for it, nor that the hardware has failed there.
 */
static __no_kcsan bool cma_is_marked(const struct page *page)
{
	unsigned long mask = CMA_FLAGS_NONE & ~(CMA_FLAGS_CLEARED | __PG_HWPOISON);

	return page->mapping || cma_memcg_of(page) || (page->flags & mask) ||
	       atomic_read(&page->_mapcount) != -1;
}

/*
 * Is this a page that an owner has put before, and that has a new one? No driver's page is on
 * a list of pages in use, swapped, charged to somebody, moved about, or read from a file.
 * References don't tell: a folio batch has one as long as it likes, a truncated page
 * has none of its file.
 */
static bool cma_has_new_owner(struct page *page)
{
	/* It may become a part of a larger one at any time, of which flags can't be asked for. */
	unsigned long flags = READ_ONCE(compound_head(page)->flags);
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);
	/* Nobody writes to whom it is charged as long as it is the owner's. */
	unsigned long memcg = data_race(cma_memcg_of(page));

	return (flags & (BIT(PG_lru) | BIT(PG_swapbacked))) || PageHuge(page) ||
	       memcg || (mapping & PAGE_MAPPING_FLAGS) ||
	       (mapping && (flags & BIT(PG_uptodate)));
}

/* As folio_mapcount(), which takes it amiss if the page becomes a part of a folio meanwhile. */
static int cma_mapcount(const struct page *page)
{
	const struct page *head = compound_head(page);
	int mapcount;

	if (READ_ONCE(head->flags) & BIT(PG_head))
		return atomic_read(&((const struct folio *)head)->_large_mapcount) + 1;
	mapcount = atomic_read(&head->_mapcount) + 1;
	return page_mapcount_is_type(mapcount) ? 0 : mapcount;
}

/* So often a count is read again that changes. */
#define CMA_GONE_TRIES		8

/*
 * Is there none among its references that the owner could drop? Those that have mapped a page
 * have one each: as a rule it is mapped by its owner, as those of some framebuffers. They take
 * theirs before they are counted, and drop it afterwards, maybe at this moment.
 */
static bool cma_is_gone(struct page *page)
{
	unsigned int tries = CMA_GONE_TRIES;
	int refs, mapped;

	if (cma_has_new_owner(page))
		return true;
	do {
		refs = page_ref_count(page);
		smp_rmb();	/* As described. */
		mapped = cma_mapcount(page);
		smp_rmb();	/* Likewise. */
	} while (refs <= mapped && page_ref_count(page) != refs && --tries);
	/* Without any, the page allocator has it, and its fields. It may get a new owner now. */
	return !refs || refs <= mapped || cma_has_new_owner(page);
}

/* Drop the owner's reference, and note what else there is. */
static void cma_put_page(struct cma *cma, struct page *page,
			 struct cma_return *ret)
{
	bool marked = cma_is_marked(page);
	int refs = page_ref_count(page);
	bool gone = cma_is_gone(page);

	if (PageHWPoison(page))
		ret->failed_pfn = page_to_pfn(page);
	if (marked || refs != 1)
		ret->odd_pfn = page_to_pfn(page);
	if (gone || refs > 1)
		ret->nr_held++;
	else if (marked)
		cma_note_marked(cma, page, ret);
	if (!gone)
		put_page(page);
}

/* The same of a folio, which is freed with the last of its references. */
static void cma_put_folio(struct folio *folio, struct cma_return *ret)
{
	if (!cma_is_gone(&folio->page)) {
		folio_put(folio);
		return;
	}
	ret->nr_held++;
	ret->odd_pfn = folio_pfn(folio);
}

/* The end of those units that can't be kept, which have been given away. */
static unsigned long cma_put_units(struct cma *cma, struct cma_return *ret)
{
	unsigned long pfn = ret->pfn, end = pfn + ret->nr_pages, stop;
	unsigned long unit = cma_unit_pages(cma);

	do {
		stop = pfn + unit;
		while (pfn < stop) {
			struct page *page = pfn_to_page(pfn);

			/* It may be somebody else's as soon as it is put. */
			pfn += compound_nr(page);
			if (PageCompound(page))
				cma_put_folio(page_folio(page), ret);
			else
				cma_put_page(cma, page, ret);
		}
	} while (pfn < end && !cma_make_unit_clean(cma, pfn));
	return pfn;
}

static void cma_zero_pages(unsigned long pfn, unsigned long nr_pages)
{
	while (nr_pages--)
		clear_highpage_kasan_tagged(pfn_to_page(pfn++));
}

/**
 * cma_pages_take_back() - deal with pages that can't be kept as they are
 * @cma: the area
 * @ret: the pages, and what becomes of the first of them
 *
 * Context: any.
 */
void cma_pages_take_back(struct cma *cma, struct cma_return *ret)
{
	unsigned long pfn = ret->pfn;
	unsigned long clean = cma_make_units_clean(cma, ret);

	if (clean == pfn)
		ret->keep = false;
	if (clean > pfn && ret->keep && want_init_on_free())
		cma_zero_pages(pfn, clean - pfn);
	else if (clean > pfn && !ret->keep)
		cma_put_free(pfn, clean - pfn);
	if (clean == pfn)
		clean = cma_put_units(cma, ret);
	ret->nr_alike = clean - pfn;
}
