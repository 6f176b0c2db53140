// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_declare.c, and of names, see boot_slot_kunit.c. Areas can be declared for a
 * short while only, long before tests run. So cma_kunit_reserve() declares those that
 * all suites use, tries everything else that can be declared at that time, takes back
 * what succeeded, and keeps what came out of it until the suite looks at it.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/dma-contiguous.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../area.h"
#include "../boot.h"
#include "reserve.h"

#define ADDRESS_MAX	((phys_addr_t)~0ULL)

/**
 * struct trial - a declaration and what came of it
 * @name: asked for
 * @base: asked for
 * @size: asked for
 * @limit: asked for
 * @alignment: asked for
 * @order_per_bit: asked for
 * @fixed: asked for
 * @nid: node, plus one; 0 for any
 * @err: out: what was returned
 * @res: out: the area, as far as the declaration sets it
 */
struct trial {
	const char *name;
	phys_addr_t base;
	phys_addr_t size;
	phys_addr_t limit;
	phys_addr_t alignment;
	unsigned int order_per_bit;
	bool fixed;
	int nid;
	int err;
	struct cma res;
};

enum {
	ZERO_SIZE, BAD_ALIGNMENT, BAD_UNIT, HUGE_UNIT, MISALIGNED, LOW_LIMIT,
	NARROW_LIMIT, HUGE_SIZE, OVERFLOWING, TAKEN, EMPTY_NODE, NO_SLOT,
	NR_REFUSED
};

static struct trial refused[NR_REFUSED] __initdata = {
	[ZERO_SIZE]	= { "kunit-zero-size" },
	[BAD_ALIGNMENT]	= { "kunit-bad-alignment", .size = SZ_4M,
			    .alignment = 3 * SZ_1M },
	[BAD_UNIT]	= { "kunit-bad-unit", .size = SZ_4M,
			    .order_per_bit = 18 },
	[HUGE_UNIT]	= { "kunit-huge-unit", .size = SZ_4M,
			    .order_per_bit = ~0U },
	[MISALIGNED]	= { "kunit-misaligned", .base = SZ_32M + PAGE_SIZE,
			    .size = SZ_4M, .fixed = true },
	[LOW_LIMIT]	= { "kunit-low-limit", .base = SZ_32M, .size = SZ_4M,
			    .limit = SZ_16M },
	[NARROW_LIMIT]	= { "kunit-narrow-limit", .base = SZ_32M,
			    .size = SZ_16M, .limit = SZ_32M + SZ_8M },
	[HUGE_SIZE]	= { "kunit-huge-size" },
	[OVERFLOWING]	= { "kunit-overflow", .size = ADDRESS_MAX },
	[TAKEN]		= { "kunit-taken", .size = SZ_4M, .fixed = true },
	[EMPTY_NODE]	= { "kunit-empty-node", .size = SZ_4M,
			    .nid = MAX_NUMNODES },
	[NO_SLOT]	= { "kunit-no-slot", .size = SZ_4M },
};

enum {
	PLAIN, ROUNDED, SAME_NAME, BAD_NAME, LONG_NAME, NAMELESS, ALIGNED, BOUNDED,
	FIXED, FIXED_NOWHERE, UPWARDS, NR_GRANTED
};

static struct trial granted[NR_GRANTED] __initdata = {
	[PLAIN]		= { "kunit-plain", .size = SZ_8M },
	[ROUNDED]	= { "kunit-rounded", .size = 1 },
	[SAME_NAME]	= { "kunit0", .size = SZ_4M },
	[BAD_NAME]	= { "./kunit\n", .size = SZ_4M },
	[LONG_NAME]	= { .size = SZ_4M, .name =
		"kunit-0123456789-0123456789-0123456789-0123456789-0123456789-012345" },
	[NAMELESS]	= { NULL, .size = SZ_4M },
	[ALIGNED]	= { "kunit-aligned", .size = SZ_4M,
			    .alignment = SZ_32M },
	[BOUNDED]	= { "kunit-bounded", .base = SZ_32M, .size = SZ_4M },
	[FIXED]		= { "kunit-fixed", .size = SZ_4M, .fixed = true },
	[FIXED_NOWHERE]	= { "kunit-fixed-nowhere", .size = SZ_4M, .fixed = true },
	[UPWARDS]	= { "kunit-upwards", .size = SZ_4M },
};

enum {
	NOT_RESERVED, NOT_ROUND, NOT_MEMORY, BEYOND_MEMORY, RESERVED_NO_SLOT,
	RESERVED, TWICE, NR_INITS
};

/* Returned by cma_init_reserved_mem() */
static int inits[NR_INITS] __initdata;

static struct cma *kunit0 __initdata, *kunit1 __initdata;

static int __init declare(struct trial *trial, struct cma **cma)
{
	trial->err = cma_declare_contiguous_nid(trial->base, trial->size,
						trial->limit, trial->alignment,
						trial->order_per_bit,
						trial->fixed, trial->name, cma,
						trial->nid ? trial->nid - 1 :
						NUMA_NO_NODE);
	return trial->err;
}

/* Only the last area can go, and only now. */
static void __init take_back(struct cma *cma)
{
	memblock_phys_free(PFN_PHYS(cma->base_pfn),
			   PFN_PHYS(cma->nr_pages));
	totalcma_pages -= cma->nr_pages;
	memset(cma, 0, sizeof(*cma));
	cma_area_count--;
}

static void __init try_granted(void)
{
	bool bottom_up = memblock_bottom_up();
	struct cma *cma;
	int i;

	for (i = 0; i < NR_GRANTED; i++) {
		/* Where the plain one was there is room. */
		if (i == FIXED)
			granted[i].base = PFN_PHYS(granted[PLAIN].res.base_pfn);
		if (i == BOUNDED)
			granted[i].limit = PFN_PHYS(granted[PLAIN].res.base_pfn) +
					   ALIGN(SZ_4M, CMA_MIN_ALIGNMENT_BYTES);
		memblock_set_bottom_up(i == UPWARDS);
		declare(&granted[i], &cma);
		memblock_set_bottom_up(bottom_up);
		if (granted[i].err)
			continue;
		granted[i].res = *cma;
		take_back(cma);
	}
}

static void __init try_refused(void)
{
	unsigned int slots = MAX_CMA_AREAS - !dma_contiguous_default_area;
	unsigned int count = cma_area_count;
	struct cma *cma;
	int i;

	/* As long as there is no default area its slot is kept for it. */
	refused[HUGE_SIZE].size = memblock_end_of_DRAM() & ~(SZ_4M - 1ULL);
	refused[HUGE_SIZE].size += SZ_64M;
	refused[TAKEN].base = cma_get_base(kunit0);
	for (i = 0; i < NR_REFUSED; i++) {
		/* Where there are no nodes the last one is the only one. */
		if (i == EMPTY_NODE && MAX_NUMNODES == 1)
			continue;
		if (i == NO_SLOT)
			cma_area_count = slots;
		declare(&refused[i], &cma);
		cma_area_count = count;
	}
	cma_kunit_refuse_memblock();
}

static void __init try_reserved(void)
{
	phys_addr_t base = PFN_PHYS(granted[PLAIN].res.base_pfn);
	phys_addr_t size = CMA_MIN_ALIGNMENT_BYTES;
	phys_addr_t end = ALIGN(memblock_end_of_DRAM(), size);
	unsigned int count = cma_area_count;
	struct cma *cma;

	inits[NOT_RESERVED] = cma_init_reserved_mem(base, size, 0, "kunit-free",
						    &cma);
	if (memblock_reserve(base, size))
		return;
	inits[NOT_ROUND] = cma_init_reserved_mem(base, size / 2, 0,
						 "kunit-half", &cma);
	inits[NOT_MEMORY] = cma_init_reserved_mem(0, SZ_4M, 0, "kunit-hole",
						  &cma);
	inits[BEYOND_MEMORY] = cma_init_reserved_mem(end, size, 0,
						     "kunit-beyond", &cma);
	cma_area_count = MAX_CMA_AREAS;
	inits[RESERVED_NO_SLOT] = cma_init_reserved_mem(base, size, 0,
							"kunit-slot", &cma);
	cma_area_count = count;
	inits[TWICE] = cma_init_reserved_mem(cma_get_base(kunit0), size, 0,
					     "kunit-twice", &cma);
	inits[RESERVED] = cma_init_reserved_mem(base, size, 0, "kunit-mine",
						&cma);
	if (inits[RESERVED])
		memblock_phys_free(base, size);
	else
		take_back(cma);
}

/**
 * cma_kunit_declare() - declare an area for tests
 * @size: in bytes
 * @order_per_bit: as for cma_declare_contiguous()
 * @name: likewise
 * @cma: likewise
 *
 * Tests write to these areas at their addresses, so it is low memory; and
 * architectures may map it in a way of their own, as for any device.
 *
 * Context: early boot, when areas can be declared.
 * Return: 0 or an error.
 */
int __init cma_kunit_declare(phys_addr_t size, unsigned int order_per_bit,
			     const char *name, struct cma **cma)
{
	phys_addr_t limit = 0;
	int err;

	if (IS_ENABLED(CONFIG_HIGHMEM) && high_memory)
		limit = __pa(high_memory - 1) + 1;
	err = cma_declare_contiguous(0, size, limit, 0, order_per_bit, false,
				     name, cma);
	if (!err)
		dma_contiguous_early_fixup(cma_get_base(*cma),
					   cma_get_size(*cma));
	return err;
}

/**
 * cma_kunit_reserve() - declare areas for tests, and what must be refused
 *
 * "kunit0" has 16 MiB in units of a page, "kunit1" 8 MiB in units of four; more
 * where a pageblock is larger.
 * Two small ones, which can't be activated, follow, and those of other suites.
 *
 * Context: early boot, when areas can be declared.
 */
void __init cma_kunit_reserve(void)
{
	pr_info("cma: areas for tests; most of what follows is refused on purpose\n");
	cma_kunit_reserve_nodes();
	if (cma_kunit_declare(2 * CMA_KUNIT_SIZE, 0, "kunit0", &kunit0) ||
	    cma_kunit_declare(CMA_KUNIT_SIZE, 2, "kunit1", &kunit1))
		return;
	try_granted();
	try_refused();
	try_reserved();

	cma_kunit_reserve_broken();
	cma_kunit_reserve_early();
	cma_kunit_reserve_ranges();
	pr_info("cma: areas for tests are complete\n");
}

static int __init boot_init(struct kunit *test)
{
	if (!kunit1)
		kunit_skip(test, "no areas were declared for tests on this machine");
	return 0;
}

static void __init expect_refused(struct kunit *test, int number, int err)
{
	KUNIT_EXPECT_EQ_MSG(test, refused[number].err, err, "%s",
			    refused[number].name);
}

static struct cma * __init expect_granted(struct kunit *test, int number)
{
	KUNIT_ASSERT_EQ_MSG(test, granted[number].err, 0, "%s",
			    granted[number].name);
	return &granted[number].res;
}

static void __init size_0_is_refused(struct kunit *test)
{
	expect_refused(test, ZERO_SIZE, -EINVAL);
}

static void __init an_alignment_of_3_mib_is_refused(struct kunit *test)
{
	expect_refused(test, BAD_ALIGNMENT, -EINVAL);
}

static void __init an_order_per_bit_that_does_not_divide_is_refused(struct kunit *test)
{
	expect_refused(test, BAD_UNIT, -EINVAL);
	expect_refused(test, HUGE_UNIT, -EINVAL);
}

static void __init a_misaligned_fixed_base_is_refused(struct kunit *test)
{
	expect_refused(test, MISALIGNED, -EINVAL);
}

static void __init a_limit_below_the_base_is_refused(struct kunit *test)
{
	expect_refused(test, LOW_LIMIT, -EINVAL);
}

static void __init a_limit_that_leaves_too_little_is_refused(struct kunit *test)
{
	expect_refused(test, NARROW_LIMIT, -ENOMEM);
}

static void __init a_size_beyond_memory_is_refused(struct kunit *test)
{
	expect_refused(test, HUGE_SIZE, -ENOMEM);
	expect_refused(test, OVERFLOWING, -EINVAL);
}

static void __init a_fixed_range_of_another_area_is_refused(struct kunit *test)
{
	expect_refused(test, TAKEN, -EBUSY);
}

static void __init a_node_without_memory_is_refused(struct kunit *test)
{
	if (MAX_NUMNODES == 1)
		kunit_skip(test, "there is one node only");
	expect_refused(test, EMPTY_NODE, -ENOMEM);
}

static void __init more_areas_than_slots_are_refused(struct kunit *test)
{
	expect_refused(test, NO_SLOT, -ENOSPC);
	KUNIT_EXPECT_EQ(test, inits[RESERVED_NO_SLOT], -ENOSPC);
}

static void __init what_was_refused_left_no_area_behind(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < cma_area_count; i++)
		for (j = 0; j < NR_REFUSED; j++)
			KUNIT_EXPECT_STRNEQ(test, cma_areas[i].name,
					    refused[j].name);
}

static void __init a_size_is_rounded_up_to_a_pageblock(struct kunit *test)
{
	struct cma *cma = expect_granted(test, ROUNDED);

	KUNIT_EXPECT_EQ(test, cma->nr_pages, pageblock_nr_pages);
	KUNIT_EXPECT_EQ(test, expect_granted(test, PLAIN)->nr_pages,
			CMA_KUNIT_SIZE / PAGE_SIZE);
}

static void __init a_name_that_is_taken_gets_a_number(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, expect_granted(test, SAME_NAME)->name,
			   "kunit0-1");
}

static void __init a_name_becomes_fit_for_a_directory(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, expect_granted(test, BAD_NAME)->name,
			   "__kunit_");
}

static void __init a_long_name_is_cut_off(struct kunit *test)
{
	struct cma *cma = expect_granted(test, LONG_NAME);

	KUNIT_EXPECT_EQ(test, strlen(cma->name), CMA_MAX_NAME - 1);
	KUNIT_EXPECT_TRUE(test, strstarts(granted[LONG_NAME].name, cma->name));
}

static void __init a_nameless_area_is_numbered(struct kunit *test)
{
	char name[CMA_MAX_NAME];

	snprintf(name, sizeof(name), "cma%zu",
		 (size_t)(kunit1 - cma_areas) + 1);
	KUNIT_EXPECT_STREQ(test, expect_granted(test, NAMELESS)->name, name);
}

static void __init base_limit_and_alignment_are_respected(struct kunit *test)
{
	phys_addr_t base;

	base = PFN_PHYS(expect_granted(test, ALIGNED)->base_pfn);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(base, SZ_32M));
	base = PFN_PHYS(expect_granted(test, BOUNDED)->base_pfn);
	KUNIT_EXPECT_GE(test, base, granted[BOUNDED].base);
	KUNIT_EXPECT_LE(test, base + ALIGN(SZ_4M, CMA_MIN_ALIGNMENT_BYTES),
			granted[BOUNDED].limit);
	base = PFN_PHYS(expect_granted(test, FIXED)->base_pfn);
	KUNIT_EXPECT_EQ(test, base, granted[FIXED].base);
}

/* As with 6.12: platform code has a base of 0 for any. */
static void __init fixed_without_a_base_is_anywhere(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, expect_granted(test, FIXED_NOWHERE)->base_pfn, 0);
}

/* On loongarch and mips what is high is out of reach of devices with a mask of 32 bits. */
static void __init where_memory_is_allocated_bottom_up_areas_are_low(struct kunit *test)
{
	unsigned long high = expect_granted(test, PLAIN)->base_pfn;
	unsigned long low = expect_granted(test, UPWARDS)->base_pfn;

	KUNIT_EXPECT_LT(test, low, high);
	/* The kernel itself may have the first pageblock. */
	KUNIT_EXPECT_LT(test, PFN_PHYS(low), memblock_start_of_DRAM() +
			max_t(phys_addr_t, SZ_512M, 2 * CMA_MIN_ALIGNMENT_BYTES));
}

static void __init only_reserved_memory_can_be_initialized(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, inits[RESERVED], 0);
	KUNIT_EXPECT_EQ(test, inits[NOT_RESERVED], -EBUSY);
	KUNIT_EXPECT_EQ(test, inits[TWICE], -EBUSY);
	KUNIT_EXPECT_EQ(test, inits[NOT_ROUND], -EINVAL);
	KUNIT_EXPECT_EQ(test, inits[BEYOND_MEMORY], -ENOMEM);
	if (IS_ENABLED(CONFIG_X86))
		KUNIT_EXPECT_EQ(test, inits[NOT_MEMORY], -EBUSY);
}

static bool __init overlap(const struct cma *a, const struct cma *b)
{
	unsigned int i;

	for (i = 0; i < a->nr_ranges; i++)
		if (cma_overlaps(b, a->ranges[i].base_pfn,
				 a->ranges[i].nr_pages))
			return true;
	return false;
}

static void __init areas_neither_overlap_nor_share_a_name(struct kunit *test)
{
	struct cma *a, *b;

	for (a = cma_areas; a < cma_areas + cma_area_count; a++) {
		for (b = cma_areas; b < a; b++) {
			KUNIT_EXPECT_STRNEQ(test, a->name, b->name);
			KUNIT_EXPECT_FALSE(test, overlap(a, b));
		}
	}
}

static void __init an_area_that_comes_too_late_is_refused(struct kunit *test)
{
	unsigned int count = cma_area_count;
	struct cma *cma = NULL;

	KUNIT_EXPECT_EQ(test, cma_declare_contiguous(0, SZ_4M, 0, 0, 0, false,
						     "kunit-late", &cma),
			-EPERM);
	KUNIT_EXPECT_EQ(test, cma_init_reserved_mem(cma_get_base(kunit0), SZ_4M,
						    0, "kunit-late", &cma),
			-EPERM);
	KUNIT_EXPECT_NULL(test, cma);
	KUNIT_EXPECT_EQ(test, cma_area_count, count);
}

static struct kunit_case __refdata cma_boot_cases[] = {
	KUNIT_CASE(size_0_is_refused),
	KUNIT_CASE(an_alignment_of_3_mib_is_refused),
	KUNIT_CASE(an_order_per_bit_that_does_not_divide_is_refused),
	KUNIT_CASE(a_misaligned_fixed_base_is_refused),
	KUNIT_CASE(a_limit_below_the_base_is_refused),
	KUNIT_CASE(a_limit_that_leaves_too_little_is_refused),
	KUNIT_CASE(a_size_beyond_memory_is_refused),
	KUNIT_CASE(a_fixed_range_of_another_area_is_refused),
	KUNIT_CASE(a_node_without_memory_is_refused),
	KUNIT_CASE(more_areas_than_slots_are_refused),
	KUNIT_CASE(what_was_refused_left_no_area_behind),
	KUNIT_CASE(a_size_is_rounded_up_to_a_pageblock),
	KUNIT_CASE(a_name_that_is_taken_gets_a_number),
	KUNIT_CASE(a_name_becomes_fit_for_a_directory),
	KUNIT_CASE(a_long_name_is_cut_off),
	KUNIT_CASE(a_nameless_area_is_numbered),
	KUNIT_CASE(base_limit_and_alignment_are_respected),
	KUNIT_CASE(fixed_without_a_base_is_anywhere),
	KUNIT_CASE(where_memory_is_allocated_bottom_up_areas_are_low),
	KUNIT_CASE(only_reserved_memory_can_be_initialized),
	KUNIT_CASE(areas_neither_overlap_nor_share_a_name),
	KUNIT_CASE(an_area_that_comes_too_late_is_refused),
	{}
};

static struct kunit_suite __refdata cma_boot_suite = {
	.name = "cma_boot",
	.init = boot_init,
	.test_cases = cma_boot_cases,
};

kunit_test_init_section_suites(&cma_boot_suite);
