// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the language that areas are described in on the command line, and
 * of the configured size. What the kernel does with such a description while
 * booting is tested by tools/testing/cma/cmdline-cases.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../contiguous.h"

static struct dma_contiguous_placement understood(struct kunit *test,
						  const char *arg)
{
	struct dma_contiguous_placement place = {};
	struct dma_contiguous_stop stop = {};

	KUNIT_ASSERT_EQ_MSG(test, dma_contiguous_parse(arg, &place, &stop), 0,
			    "\"%s\": %s at \"%s\"", arg, stop.why, stop.at);
	return place;
}

/* Expects the parser to stop so many characters into the argument. */
static void expect_stop(struct kunit *test, const char *arg, long offset,
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

static void size_alone_may_be_placed_anywhere(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "64M");

	KUNIT_EXPECT_EQ(test, place.size, SZ_64M);
	KUNIT_EXPECT_EQ(test, place.base, 0);
	KUNIT_EXPECT_EQ(test, place.limit, 0);
	KUNIT_EXPECT_FALSE(test, place.fixed);
	KUNIT_EXPECT_EQ(test, place.nid, NUMA_NO_NODE);
}

static void zero_is_understood_as_no_area(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "0").size, 0);
	KUNIT_EXPECT_EQ(test, understood(test, "0M").size, 0);
}

static void suffixes_multiply_in_both_cases(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "4096").size, SZ_4K);
	KUNIT_EXPECT_EQ(test, understood(test, "64k").size, SZ_64K);
	KUNIT_EXPECT_EQ(test, understood(test, "64K").size, SZ_64K);
	KUNIT_EXPECT_EQ(test, understood(test, "2m").size, SZ_2M);
	KUNIT_EXPECT_EQ(test, understood(test, "1g").size, SZ_1G);
	KUNIT_EXPECT_EQ(test, understood(test, "1G").size, SZ_1G);
}

static void numbers_can_be_hexadecimal_and_octal(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "0x4000000").size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood(test, "0X40M").size, SZ_64M);
	KUNIT_EXPECT_EQ(test, understood(test, "0100M").size, SZ_64M);
}

/*
 *	|          ####          |
 *	           ^ start, and nowhere else
 */
static void start_without_an_end_is_the_only_place(struct kunit *test)
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
static void start_and_end_are_a_range_to_choose_from(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "16M@256M-1G");

	KUNIT_EXPECT_EQ(test, place.size, SZ_16M);
	KUNIT_EXPECT_EQ(test, place.base, SZ_256M);
	KUNIT_EXPECT_EQ(test, place.limit, SZ_1G);
	KUNIT_EXPECT_FALSE(test, place.fixed);
}

static void start_of_zero_is_no_lower_bound(struct kunit *test)
{
	struct dma_contiguous_placement place = understood(test, "16M@0-1G");

	KUNIT_EXPECT_EQ(test, place.base, 0);
	KUNIT_EXPECT_EQ(test, place.limit, SZ_1G);
	KUNIT_EXPECT_FALSE(test, place.fixed);
	KUNIT_EXPECT_FALSE(test, understood(test, "16M@0").fixed);
}

static void both_ends_of_a_range_may_be_left_out(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, understood(test, "16M@").base, 0);
	KUNIT_EXPECT_FALSE(test, understood(test, "16M@").fixed);
	KUNIT_EXPECT_EQ(test, understood(test, "16M@-1G").limit, SZ_1G);
	KUNIT_EXPECT_EQ(test, understood(test, "16M@256M-").base, SZ_256M);
	KUNIT_EXPECT_FALSE(test, understood(test, "16M@256M-").fixed);
}

static void value_without_a_size_is_refused_at_its_start(struct kunit *test)
{
	expect_stop(test, "", 0, "a number is missing");
	expect_stop(test, "lots", 0, "a number is missing");
	expect_stop(test, "M", 0, "a number is missing");
	expect_stop(test, "-64M", 0, "a number is missing");
	expect_stop(test, " 64M", 0, "a number is missing");
	expect_stop(test, "@1G", 0, "a number is missing");
}

static void what_follows_the_size_is_refused_where_it_begins(struct kunit *test)
{
	expect_stop(test, "64Q", 2, "nothing more was expected");
	expect_stop(test, "64MB", 3, "nothing more was expected");
	expect_stop(test, "64M 1G", 3, "nothing more was expected");
	expect_stop(test, "64M-1G", 3, "nothing more was expected");
	expect_stop(test, "6.4M", 1, "nothing more was expected");
}

static void what_follows_the_range_is_refused_where_it_begins(struct kunit *test)
{
	expect_stop(test, "64M@1G,", 6, "nothing more was expected");
	expect_stop(test, "64M@1G@2G", 6, "nothing more was expected");
	expect_stop(test, "64M@1G-2G-3G", 9, "nothing more was expected");
}

static void range_that_is_no_number_is_refused(struct kunit *test)
{
	expect_stop(test, "64M@here", 4, "a number is missing");
	expect_stop(test, "64M@1G-there", 7, "a number is missing");
	expect_stop(test, "64M@0x", 4, "this isn't a number");
	expect_stop(test, "09M", 0, "this isn't a number");
}

static void end_below_the_start_is_refused(struct kunit *test)
{
	expect_stop(test, "64M@2G-1G", 7, "the end isn't above the start");
	expect_stop(test, "64M@1G-1G", 7, "the end isn't above the start");
	expect_stop(test, "64M@-0", 5, "the end isn't above the start");
}

static void number_that_does_not_fit_is_not_wrapped_around(struct kunit *test)
{
	expect_stop(test, "18446744073709551616", 0, "the number is too large");
	expect_stop(test, "99999999999999999999999999M", 0,
		    "the number is too large");
	expect_stop(test, "16E", 0, "no address is that large");
	expect_stop(test, "18446744073709551615K", 0,
		    "no address is that large");
	expect_stop(test, "1M@64E", 3, "no address is that large");
}

static void largest_address_is_understood(struct kunit *test)
{
	char arg[24];

	snprintf(arg, sizeof(arg), "%llu", (u64)PHYS_ADDR_MAX);
	KUNIT_EXPECT_EQ(test, understood(test, arg).size, PHYS_ADDR_MAX);
}

static void size_per_node_takes_no_range(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	const char *arg = "16M@1G";
	phys_addr_t size = 0;

	KUNIT_EXPECT_EQ(test, dma_contiguous_parse_size("16M", &size, &stop),
			0);
	KUNIT_EXPECT_EQ(test, size, SZ_16M);
	KUNIT_EXPECT_EQ(test, dma_contiguous_parse_size(arg, &size, &stop),
			-EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, stop.at, arg + 3);
	KUNIT_EXPECT_EQ(test, size, SZ_16M);
}

static void nodes_get_their_sizes(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	phys_addr_t sizes[4] = { 1, 2, 3, 4 };

	KUNIT_ASSERT_EQ(test,
			dma_contiguous_parse_nodes("1:16M,3:0x1000K", sizes, 4,
						   &stop), 0);
	KUNIT_EXPECT_EQ(test, sizes[0], 1);
	KUNIT_EXPECT_EQ(test, sizes[1], SZ_16M);
	KUNIT_EXPECT_EQ(test, sizes[2], 3);
	KUNIT_EXPECT_EQ(test, sizes[3], SZ_4M);
}

static void last_mention_of_a_node_counts(struct kunit *test)
{
	struct dma_contiguous_stop stop = {};
	phys_addr_t sizes[1] = {};

	KUNIT_ASSERT_EQ(test,
			dma_contiguous_parse_nodes("0:16M,0:1M", sizes, 1,
						   &stop), 0);
	KUNIT_EXPECT_EQ(test, sizes[0], SZ_1M);
}

static void bad_list_of_nodes_changes_no_node(struct kunit *test)
{
	static const struct {
		const char *arg;
		long offset;
	} bad[] = {
		{ "", 0 }, { "16M", 2 }, { "0", 1 }, { "0:", 2 }, { ":16M", 0 },
		{ "0:16M,", 6 }, { "0:16M,4:16M", 6 }, { "0:16M;1:16M", 5 },
		{ "0:16M,0x1:16M", 7 }, { "-1:16M", 0 }, { "0:16M,1:big", 8 },
		{ "0:16M,4294967296:16M", 6 },
		{ "0:16M,18446744073709551616000000:1M", 6 },
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

static phys_addr_t configured(enum dma_contiguous_choice choice,
			      unsigned int mbytes, unsigned int percentage,
			      phys_addr_t memory)
{
	const struct dma_contiguous_config config = {
		choice, mbytes, percentage
	};

	return dma_contiguous_size(&config, memory);
}

static void configured_megabytes_do_not_depend_on_memory(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_MBYTES, 16, 50, SZ_1G),
			SZ_16M);
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_MBYTES, 0, 50, SZ_1G),
			0);
}

static void configured_percentage_is_one_of_all_memory(struct kunit *test)
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

static void lower_one_of_two_configured_sizes_is_taken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_LOWER, 16, 25, SZ_1G),
			SZ_16M);
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_LOWER, 512, 25, SZ_1G),
			SZ_256M);
}

static void higher_one_of_two_configured_sizes_is_taken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_HIGHER, 16, 25, SZ_1G),
			SZ_256M);
	KUNIT_EXPECT_EQ(test, configured(DMA_CONTIGUOUS_HIGHER, 512, 25, SZ_1G),
			SZ_512M);
}

static struct kunit_case cmdline_cases[] = {
	KUNIT_CASE(size_alone_may_be_placed_anywhere),
	KUNIT_CASE(zero_is_understood_as_no_area),
	KUNIT_CASE(suffixes_multiply_in_both_cases),
	KUNIT_CASE(numbers_can_be_hexadecimal_and_octal),
	KUNIT_CASE(start_without_an_end_is_the_only_place),
	KUNIT_CASE(start_and_end_are_a_range_to_choose_from),
	KUNIT_CASE(start_of_zero_is_no_lower_bound),
	KUNIT_CASE(both_ends_of_a_range_may_be_left_out),
	KUNIT_CASE(value_without_a_size_is_refused_at_its_start),
	KUNIT_CASE(what_follows_the_size_is_refused_where_it_begins),
	KUNIT_CASE(what_follows_the_range_is_refused_where_it_begins),
	KUNIT_CASE(range_that_is_no_number_is_refused),
	KUNIT_CASE(end_below_the_start_is_refused),
	KUNIT_CASE(number_that_does_not_fit_is_not_wrapped_around),
	KUNIT_CASE(largest_address_is_understood),
	KUNIT_CASE(size_per_node_takes_no_range),
	KUNIT_CASE(nodes_get_their_sizes),
	KUNIT_CASE(last_mention_of_a_node_counts),
	KUNIT_CASE(bad_list_of_nodes_changes_no_node),
	KUNIT_CASE(configured_megabytes_do_not_depend_on_memory),
	KUNIT_CASE(configured_percentage_is_one_of_all_memory),
	KUNIT_CASE(lower_one_of_two_configured_sizes_is_taken),
	KUNIT_CASE(higher_one_of_two_configured_sizes_is_taken),
	{}
};

static struct kunit_suite cmdline_suite = {
	.name		= "dma_contiguous_cmdline",
	.test_cases	= cmdline_cases,
};

kunit_test_suite(cmdline_suite);
