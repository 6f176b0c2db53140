// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the language that areas are described in on the command line, and
 * of the configured size. What the kernel does with such a description while
 * booting is tested by tools/testing/cma/bin/test-cmdline.
 */
#include <kunit/test.h>
#include <linux/init.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../contiguous.h"

/* Expects the parser to stop so many characters into the argument. */
static void __init expect_stop(struct kunit *test, const char *arg, long offset,
			       const char *why)
{
	struct dma_contiguous_placement place = { .size = 1, .limit = 2 };
	struct dma_contiguous_stop stop = {};

	KUNIT_ASSERT_EQ_MSG(test, dma_contiguous_parse(arg, &place, &stop),
			    -EINVAL, "\"%s\"", arg);
	KUNIT_EXPECT_EQ_MSG(test, stop.at - arg, offset, "\"%s\"", arg);
	KUNIT_EXPECT_STREQ(test, stop.why, why);
	KUNIT_EXPECT_EQ(test, place.size, 1);
	KUNIT_EXPECT_EQ(test, place.limit, 2);
}

/* Expects that what begins so many characters into the argument is left out. */
static struct dma_contiguous_placement __init understood_to(struct kunit *test,
							    const char *arg,
							    long offset)
{
	struct dma_contiguous_placement place = {};
	struct dma_contiguous_stop stop = {};

	KUNIT_ASSERT_EQ_MSG(test, dma_contiguous_parse(arg, &place, &stop), 0,
			    "\"%s\": %s at \"%s\"", arg, stop.why, stop.at);
	KUNIT_EXPECT_EQ_MSG(test, stop.at - arg, offset, "\"%s\"", arg);
	return place;
}

/* Expects that nothing is. */
static struct dma_contiguous_placement __init understood(struct kunit *test,
							 const char *arg)
{
	return understood_to(test, arg, strlen(arg));
}

static void __init size_alone_may_be_placed_anywhere(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "64M");

	KUNIT_EXPECT_EQ(test, place.size, SZ_64M);
	KUNIT_EXPECT_EQ(test, place.base, 0);
	KUNIT_EXPECT_EQ(test, place.limit, 0);
	KUNIT_EXPECT_FALSE(test, place.fixed);
	KUNIT_EXPECT_EQ(test, place.nid, NUMA_NO_NODE);
}

static void __init zero_is_understood_as_no_area(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "0").size, 0);
	KUNIT_EXPECT_EQ(test, understood(test, "0M").size, 0);
}

static void __init value_of_nothing_is_understood_as_no_area(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	phys_addr_t size = 1;

	KUNIT_EXPECT_EQ(test, understood(test, "").size, 0);
	KUNIT_EXPECT_EQ(test, dma_contiguous_parse_size("", &size, &stop), 0);
	KUNIT_EXPECT_EQ(test, size, 0);
}

static void __init suffixes_multiply_in_both_cases(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "4096").size, SZ_4K);
	KUNIT_EXPECT_EQ(test, understood(test, "64k").size, SZ_64K);
	KUNIT_EXPECT_EQ(test, understood(test, "64K").size, SZ_64K);
	KUNIT_EXPECT_EQ(test, understood(test, "2m").size, SZ_2M);
	KUNIT_EXPECT_EQ(test, understood(test, "1g").size, SZ_1G);
	KUNIT_EXPECT_EQ(test, understood(test, "1G").size, SZ_1G);
}

/* As images and boot loaders spell it */
static void __init letter_for_bytes_may_follow_a_suffix(struct kunit *test)
{
	static const char * const spellings[] = {
		"64MB", "64Mb", "64mb", "64MiB", "64mib", "64MIB", "65536KB",
		"65536KiB", "0x40MB", "64MB@", "64MiB@",
	};
	struct dma_contiguous_placement place;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spellings); i++)
		KUNIT_EXPECT_EQ_MSG(test, understood(test, spellings[i]).size,
				    SZ_64M, "\"%s\"", spellings[i]);

	place = understood(test, "16MB@256MiB-1GB");
	KUNIT_EXPECT_EQ(test, place.size, SZ_16M);
	KUNIT_EXPECT_EQ(test, place.base, SZ_256M);
	KUNIT_EXPECT_EQ(test, place.limit, SZ_1G);
}

static void __init letter_for_bytes_alone_is_no_suffix(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood_to(test, "4096B", 4).size, SZ_4K);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64Mi", 3).size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64MBB", 4).size, SZ_64M);
}

static void __init numbers_can_be_hexadecimal_and_octal(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "0x4000000").size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood(test, "0X40M").size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood(test, "0100M").size, SZ_64M);
}

/*
 *	|          ####          |
 *	           ^ start, and nowhere else
 */
static void __init start_without_an_end_is_the_only_place(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "16M@0x10000000");

	KUNIT_EXPECT_EQ(test, place.size, SZ_16M);
	KUNIT_EXPECT_EQ(test, place.base, SZ_256M);
	KUNIT_EXPECT_EQ(test, place.limit, 0);
	KUNIT_EXPECT_TRUE(test, place.fixed);
}

/*
 *	|      ....####..        |
 *	       ^         ^
 *	       start     end, somewhere in between
 */
static void __init start_and_end_are_a_range_to_choose_from(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "16M@256M-1G");

	KUNIT_EXPECT_EQ(test, place.size, SZ_16M);
	KUNIT_EXPECT_EQ(test, place.base, SZ_256M);
	KUNIT_EXPECT_EQ(test, place.limit, SZ_1G);
	KUNIT_EXPECT_FALSE(test, place.fixed);
}

static void __init start_of_zero_is_no_lower_bound(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "16M@0-1G");

	KUNIT_EXPECT_EQ(test, place.base, 0);
	KUNIT_EXPECT_EQ(test, place.limit, SZ_1G);
	KUNIT_EXPECT_FALSE(test, place.fixed);
}

/*
 *	|####|
 *	0    size: what would be beyond isn't at 0
 */
static void __init start_of_zero_alone_is_the_only_place_as_well(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "16M@0");

	KUNIT_EXPECT_EQ(test, place.base, 0);
	KUNIT_EXPECT_EQ(test, place.limit, SZ_16M);
	KUNIT_EXPECT_FALSE(test, place.fixed);
}

static void __init both_ends_of_a_range_may_be_left_out(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "16M@").base, 0);
	KUNIT_EXPECT_FALSE(test, understood(test, "16M@").fixed);
	KUNIT_EXPECT_EQ(test, understood(test, "16M@-1G").limit, SZ_1G);
	KUNIT_EXPECT_EQ(test, understood(test, "16M@256M-").base, SZ_256M);
	KUNIT_EXPECT_FALSE(test, understood(test, "16M@256M-").fixed);
}

static void __init value_without_a_size_is_refused_at_its_start(struct kunit *test)
{
	expect_stop(test, "lots", 0, "a number is missing");
	expect_stop(test, "M", 0, "a number is missing");
	expect_stop(test, "-64M", 0, "a number is missing");
	expect_stop(test, " 64M", 0, "a number is missing");
	expect_stop(test, "@1G", 0, "a number is missing");
}

static void __init what_follows_the_size_is_left_out(struct kunit *test)
{
	struct dma_contiguous_placement place;

	KUNIT_EXPECT_EQ(test, understood_to(test, "64Q", 2).size, 64);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64M,128M", 3).size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64M 1G", 3).size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64M-1G", 3).size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood_to(test, "6.4M", 1).size, 6);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64Mx@1G", 3).base, 0);

	place = understood_to(test, "64M@here", 3);
	KUNIT_EXPECT_EQ(test, place.size, SZ_64M);
	KUNIT_EXPECT_EQ(test, place.base, 0);
	KUNIT_EXPECT_EQ(test, place.limit, 0);
}

static void __init what_follows_the_range_is_left_out(struct kunit *test)
{
	struct dma_contiguous_placement place;

	place = understood_to(test, "64M@1G,", 6);
	KUNIT_EXPECT_EQ(test, place.base, SZ_1G);
	KUNIT_EXPECT_TRUE(test, place.fixed);
	KUNIT_EXPECT_TRUE(test, understood_to(test, "64M@1G@2G", 6).fixed);
	KUNIT_EXPECT_EQ(test, understood_to(test, "64M@1G-2G-3G", 9).limit,
			SZ_2G);

	place = understood_to(test, "64M@1G-there", 7);
	KUNIT_EXPECT_EQ(test, place.base, SZ_1G);
	KUNIT_EXPECT_EQ(test, place.limit, 0);
	KUNIT_EXPECT_FALSE(test, place.fixed);
}

static void __init number_that_is_none_is_refused(struct kunit *test)
{
	expect_stop(test, "64M@0x", 4, "this isn't a number");
	expect_stop(test, "09M", 0, "this isn't a number");
}

static void __init end_below_the_start_is_refused(struct kunit *test)
{
	expect_stop(test, "64M@2G-1G", 7, "the end isn't above the start");
	expect_stop(test, "64M@1G-1G", 7, "the end isn't above the start");
	expect_stop(test, "64M@-0", 5, "the end isn't above the start");
}

static void __init number_that_does_not_fit_is_not_wrapped_around(struct kunit *test)
{
	expect_stop(test, "18446744073709551616", 0, "the number is too large");
	expect_stop(test, "99999999999999999999999999M", 0,
		    "the number is too large");
	expect_stop(test, "16E", 0, "no address is that large");
	expect_stop(test, "18446744073709551615K", 0,
		    "no address is that large");
	expect_stop(test, "1M@64E", 3, "no address is that large");
}

static void __init largest_address_is_understood(struct kunit *test)
{
	char arg[24];

	snprintf(arg, sizeof(arg), "%llu", (u64)PHYS_ADDR_MAX);
	KUNIT_EXPECT_EQ(test, understood(test, arg).size, PHYS_ADDR_MAX);
}

static void __init size_per_node_takes_no_range(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	const char *arg = "32MB@1G";
	phys_addr_t size = 0;

	KUNIT_EXPECT_EQ(test, dma_contiguous_parse_size("16M", &size, &stop),
			0);
	KUNIT_EXPECT_EQ(test, size, SZ_16M);
	KUNIT_EXPECT_EQ(test, dma_contiguous_parse_size(arg, &size, &stop), 0);
	KUNIT_EXPECT_PTR_EQ(test, stop.at, arg + 4);
	KUNIT_EXPECT_EQ(test, size, SZ_32M);
	KUNIT_EXPECT_EQ(test, dma_contiguous_parse_size("much", &size, &stop),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, size, SZ_32M);
}

static void __init nodes_get_their_sizes(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	phys_addr_t sizes[4] = { 1, 2, 3, 4 };

	KUNIT_ASSERT_EQ(test,
			dma_contiguous_parse_nodes("1:16M,3:0x1000KiB", sizes, 4,
						   &stop), 0);
	KUNIT_EXPECT_EQ(test, sizes[0], 1);
	KUNIT_EXPECT_EQ(test, sizes[1], SZ_16M);
	KUNIT_EXPECT_EQ(test, sizes[2], 3);
	KUNIT_EXPECT_EQ(test, sizes[3], SZ_4M);
}

static void __init last_mention_of_a_node_counts(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	phys_addr_t sizes[1] = {};

	KUNIT_ASSERT_EQ(test,
			dma_contiguous_parse_nodes("0:16M,0:1M", sizes, 1,
						   &stop), 0);
	KUNIT_EXPECT_EQ(test, sizes[0], SZ_1M);
}

static void __init list_that_begins_with_no_node_changes_none(struct kunit *test)
{
	static const struct {
		const char *arg;
		long offset;
	} bad[] = {
		{ "", 0 }, { "16M", 2 }, { "0", 1 }, { "0:", 2 }, { ":16M", 0 },
		{ "-1:16M", 0 }, { "0x1:16M", 1 }, { "4:16M", 0 },
		{ "4294967296:16M", 0 }, { "18446744073709551616000000:1M", 0 },
	};
	struct dma_contiguous_stop stop;
	phys_addr_t sizes[4] = { 1, 2, 3, 4 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		stop = (struct dma_contiguous_stop) {};
		KUNIT_EXPECT_EQ_MSG(test,
				    dma_contiguous_parse_nodes(bad[i].arg,
							       sizes, 4, &stop),
				    -EINVAL, "\"%s\"", bad[i].arg);
		KUNIT_EXPECT_EQ_MSG(test, stop.at - bad[i].arg, bad[i].offset,
				    "\"%s\"", bad[i].arg);
		KUNIT_EXPECT_EQ(test, sizes[0], 1);
		KUNIT_EXPECT_EQ(test, sizes[1], 2);
	}
}

static void __init nodes_before_what_is_not_understood_count(struct kunit *test)
{
	static const struct {
		const char *arg;
		long offset;
	} lists[] = {
		{ "0:16M,", 6 }, { "0:16M,4:16M", 6 }, { "0:16M;1:16M", 5 },
		{ "0:16M,0x1:16M", 6 }, { "0:16M,1:big", 6 }, { "0:16MB;", 6 },
	};
	struct dma_contiguous_stop stop;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		phys_addr_t sizes[4] = { 1, 2, 3, 4 };

		KUNIT_EXPECT_EQ_MSG(test,
				    dma_contiguous_parse_nodes(lists[i].arg,
							       sizes, 4, &stop),
				    0, "\"%s\"", lists[i].arg);
		KUNIT_EXPECT_EQ_MSG(test, stop.at - lists[i].arg,
				    lists[i].offset, "\"%s\"", lists[i].arg);
		KUNIT_EXPECT_EQ(test, sizes[0], SZ_16M);
		KUNIT_EXPECT_EQ(test, sizes[1], 2);
	}
}

static phys_addr_t __init configured(enum dma_contiguous_choice choice,
				     unsigned int mbytes,
				     unsigned int percentage,
				     phys_addr_t memory)
{
	const struct dma_contiguous_config config = {
		choice, mbytes, percentage
	};

	return dma_contiguous_size(&config, memory);
}

static void __init configured_megabytes_do_not_depend_on_memory(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_MBYTES, 16, 50, SZ_1G),
			SZ_16M);
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_MBYTES, 0, 50, SZ_1G),
			0);
}

static void __init configured_percentage_is_one_of_all_memory(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			configured(DMA_CONTIGUOUS_PERCENTAGE, 16, 25, SZ_1G),
			SZ_256M);
	KUNIT_EXPECT_EQ(test,
			configured(DMA_CONTIGUOUS_PERCENTAGE, 16, 0, SZ_1G), 0);
	KUNIT_EXPECT_EQ(test,
			configured(DMA_CONTIGUOUS_PERCENTAGE, 0, 100,
				   PHYS_ADDR_MAX), PHYS_ADDR_MAX);
}

static void __init lower_one_of_two_configured_sizes_is_taken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_LOWER, 16, 25, SZ_1G),
			SZ_16M);
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_LOWER, 512, 25, SZ_1G),
			SZ_256M);
}

static void __init higher_one_of_two_configured_sizes_is_taken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_HIGHER, 16, 25, SZ_1G),
			SZ_256M);
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_HIGHER, 512, 25, SZ_1G),
			SZ_512M);
}

static struct kunit_case __refdata cmdline_cases[] = {
	KUNIT_CASE(size_alone_may_be_placed_anywhere),
	KUNIT_CASE(zero_is_understood_as_no_area),
	KUNIT_CASE(value_of_nothing_is_understood_as_no_area),
	KUNIT_CASE(suffixes_multiply_in_both_cases),
	KUNIT_CASE(letter_for_bytes_may_follow_a_suffix),
	KUNIT_CASE(letter_for_bytes_alone_is_no_suffix),
	KUNIT_CASE(numbers_can_be_hexadecimal_and_octal),
	KUNIT_CASE(start_without_an_end_is_the_only_place),
	KUNIT_CASE(start_and_end_are_a_range_to_choose_from),
	KUNIT_CASE(start_of_zero_is_no_lower_bound),
	KUNIT_CASE(start_of_zero_alone_is_the_only_place_as_well),
	KUNIT_CASE(both_ends_of_a_range_may_be_left_out),
	KUNIT_CASE(value_without_a_size_is_refused_at_its_start),
	KUNIT_CASE(what_follows_the_size_is_left_out),
	KUNIT_CASE(what_follows_the_range_is_left_out),
	KUNIT_CASE(number_that_is_none_is_refused),
	KUNIT_CASE(end_below_the_start_is_refused),
	KUNIT_CASE(number_that_does_not_fit_is_not_wrapped_around),
	KUNIT_CASE(largest_address_is_understood),
	KUNIT_CASE(size_per_node_takes_no_range),
	KUNIT_CASE(nodes_get_their_sizes),
	KUNIT_CASE(last_mention_of_a_node_counts),
	KUNIT_CASE(list_that_begins_with_no_node_changes_none),
	KUNIT_CASE(nodes_before_what_is_not_understood_count),
	KUNIT_CASE(configured_megabytes_do_not_depend_on_memory),
	KUNIT_CASE(configured_percentage_is_one_of_all_memory),
	KUNIT_CASE(lower_one_of_two_configured_sizes_is_taken),
	KUNIT_CASE(higher_one_of_two_configured_sizes_is_taken),
	{}
};

static struct kunit_suite __refdata cmdline_suite = {
	.name		= "dma_contiguous_cmdline",
	.test_cases	= cmdline_cases,
};

kunit_test_init_section_suites(&cmdline_suite);
