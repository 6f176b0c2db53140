// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/evac_describe.c: what is said of a page that stayed, how much of a run is
 * free, and what is pinned.
 *
 *	.  free		o  an occupant	#  allocated	x  a pinned one
 */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/pagemap.h>
#include <linux/seq_buf.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>

#include "../evac.h"
#include "occupants.h"

#define TEXT	256

/* What is said of a page that had so many references. */
static const char *text_of(struct kunit *test, struct page *page, int refs)
{
	struct cma_blocker blocker = {
		.pfn = page_to_pfn(page), .kind = CMA_PAGE_OTHER, .refs = refs,
	};
	char *text = kunit_kzalloc(test, TEXT, GFP_KERNEL);
	struct seq_buf s;

	KUNIT_ASSERT_NOT_NULL(test, text);
	seq_buf_init(&s, text, TEXT);
	cma_pages_describe(&blocker, &s);
	KUNIT_EXPECT_FALSE(test, seq_buf_has_overflowed(&s));
	return seq_buf_str(&s);
}

static void expect_part(struct kunit *test, const char *text, const char *part)
{
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, part), "'%s' isn't in '%s'", part, text);
}

/*
 *	o.......
 */
static void the_file_of_a_page_is_named(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct inode *inode = file_inode(occupants->file);
	struct folio *folio = cma_take_occupant(occupants);
	char inode_text[64];
	const char *text;

	/* The page cache alone has it. */
	text = text_of(test, &folio->page, 1);
	expect_part(test, text, ", 1 of them expected");
	snprintf(inode_text, sizeof(inode_text), "(%s, inode %lu)",
		 inode->i_sb->s_type->name, inode->i_ino);
	expect_part(test, text, inode_text);
	KUNIT_EXPECT_NULL(test, strstr(text, "mapped by"));
	KUNIT_EXPECT_NULL(test, strstr(text, "now"));
}

/* Whoever can create a file chooses it. */
static void a_name_with_a_line_break_is_written_in_one_line(struct kunit *test)
{
	struct file *file = shmem_file_setup("a\nb", PAGE_SIZE, 0);
	struct folio *folio;
	const char *text;

	if (IS_ERR(file))
		kunit_skip(test, "no files in memory (error %ld)", PTR_ERR(file));
	folio = shmem_read_folio(file->f_mapping, 0);
	if (IS_ERR(folio))
		fput(file);
	KUNIT_ASSERT_FALSE(test, IS_ERR(folio));
	lru_add_drain_all();
	text = text_of(test, &folio->page, folio_ref_count(folio));
	folio_put(folio);
	fput(file);
	expect_part(test, text, "of file \"a\\nb\" (");
}

static void references_that_have_come_or_gone_are_told(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	const char *text;

	folio_get(folio);
	text = text_of(test, &folio->page, 3);
	folio_put(folio);
	expect_part(test, text, ", now 2, 1 of them expected");
}

static void a_page_that_somebody_has_locked_is_left_alone(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	const char *text;

	folio_lock(folio);
	text = text_of(test, &folio->page, 1);
	folio_unlock(folio);
	KUNIT_EXPECT_STREQ(test, text, ", locked");
}

/* Somebody else may have it by then, and is giving it back. */
static void a_page_that_an_area_has_by_now_is_not_held(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_take_occupant(occupants);
	struct cma *cma = occupants->cma;
	struct cma_claim claim;

	KUNIT_ASSERT_TRUE(test, cma_claim_at(cma, cma_extent_at(0, 1), false, &claim));
	KUNIT_EXPECT_STREQ(test, text_of(test, &folio->page, 1), "");
	cma_abort(cma, &claim);
	expect_part(test, text_of(test, &folio->page, 1), " of them expected");
}

static void a_program_that_maps_a_page_is_named(struct kunit *test)
{
	struct page *page;
	unsigned long address;
	char task[64];
	const char *text;

	address = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, address, 0);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(address, 1, FOLL_WRITE, &page), 1);
	/* What is in a batch isn't looked at. */
	lru_add_drain_all();
	text = text_of(test, page, page_ref_count(page));
	put_page(page);
	expect_part(test, text, ", anonymous, mapped by ");
	snprintf(task, sizeof(task), "%s[%d]", current->group_leader->comm,
		 task_tgid_nr(current));
	expect_part(test, text, task);
}

static void what_is_no_programs_is_called_what_it_is(struct kunit *test)
{
	void *object = kmalloc(64, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_STREQ(test, text_of(test, virt_to_page(object), 1),
			   ", of the slab allocator");
	/* A driver's is left alone, as somebody may be giving it back. */
	KUNIT_EXPECT_STREQ(test, text_of(test, page, 1), "");
	if (IS_ENABLED(CONFIG_MEMORY_FAILURE)) {
		SetPageHWPoison(page);
		KUNIT_EXPECT_STREQ(test, text_of(test, page, 1),
				   ", where the hardware has failed");
		ClearPageHWPoison(page);
	}
	SetPageReserved(page);
	KUNIT_EXPECT_STREQ(test, text_of(test, page, 1), ", reserved");
	ClearPageReserved(page);
	__free_page(page);
	kfree(object);
}

/*
 *	########	and then
 *	........
 */
static void free_pages_of_a_run_are_counted(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct cma *cma = occupants->cma;
	struct page *page = cma_alloc(cma, pageblock_nr_pages, pageblock_order, false);
	unsigned long pfn;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, cma_pages_count_free(pfn, pageblock_nr_pages), 0);
	cma_release(cma, page + pageblock_nr_pages / 2, pageblock_nr_pages / 2);
	/* Others take some of it at any time. */
	KUNIT_EXPECT_GT(test, cma_pages_count_free(pfn, pageblock_nr_pages), 0);
	KUNIT_EXPECT_LE(test, cma_pages_count_free(pfn, pageblock_nr_pages),
			pageblock_nr_pages / 2);
	cma_release(cma, page, pageblock_nr_pages / 2);
}

/*
 *	.oxxo...	from its first page on, and from the first pinned one on
 */
static void pinned_pages_can_be_found(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	unsigned long pfn = cma_occupants_base(occupants);
	struct folio *folios[4];
	unsigned long nr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(folios); i++)
		folios[i] = cma_occupy(occupants, cma_take_page(occupants, i + 1));
	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn, pfn + 8, &nr), pfn + 8);
	KUNIT_EXPECT_EQ(test, nr, 0);
	cma_occupant_pin(folios[1], 1);
	cma_occupant_pin(folios[2], 1);
	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn, pfn + 8, &nr), pfn + 2);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn + 3, pfn + 8, &nr), pfn + 3);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn + 4, pfn + 8, &nr), pfn + 8);
	cma_occupant_pin(folios[1], -1);
	cma_occupant_pin(folios[2], -1);
}

/* All of its pages are, and no reference is left of the look. */
static void a_large_folio_is_pinned_as_a_whole(struct kunit *test)
{
	struct occupants *occupants = cma_open_occupants(test);
	struct folio *folio = cma_occupy_large(occupants, true);
	unsigned long pfn = folio_pfn(folio);
	int refs = folio_ref_count(folio);
	unsigned long nr;

	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn, pfn + 16, &nr), pfn + 16);
	atomic_add(1, &folio->_pincount);
	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn, pfn + 16, &nr), pfn);
	KUNIT_EXPECT_EQ(test, nr, 8);
	KUNIT_EXPECT_EQ(test, cma_next_pinned(pfn + 2, pfn + 4, &nr), pfn + 2);
	KUNIT_EXPECT_EQ(test, nr, 2);
	atomic_sub(1, &folio->_pincount);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), refs);
}

static struct kunit_case cma_evac_describe_cases[] = {
	KUNIT_CASE(the_file_of_a_page_is_named),
	KUNIT_CASE(a_name_with_a_line_break_is_written_in_one_line),
	KUNIT_CASE(references_that_have_come_or_gone_are_told),
	KUNIT_CASE(a_page_that_somebody_has_locked_is_left_alone),
	KUNIT_CASE(a_page_that_an_area_has_by_now_is_not_held),
	KUNIT_CASE(a_program_that_maps_a_page_is_named),
	KUNIT_CASE(what_is_no_programs_is_called_what_it_is),
	KUNIT_CASE(free_pages_of_a_run_are_counted),
	KUNIT_CASE(pinned_pages_can_be_found),
	KUNIT_CASE(a_large_folio_is_pinned_as_a_whole),
	{}
};

static struct kunit_suite cma_evac_describe_suite = {
	.name = "cma_evac_describe",
	.test_cases = cma_evac_describe_cases,
};

kunit_test_suite(cma_evac_describe_suite);
