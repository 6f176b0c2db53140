// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma/boot_zones.c: where zones and nodes begin. What was said of it early is
 * compared with the zones that there are.
 */
#include <kunit/test.h>
#include <linux/cma.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../boot.h"

static void __init a_range_within_a_zone_has_no_boundary(struct kunit *test)
{
	struct zone *zone;

	for_each_populated_zone(zone) {
		phys_addr_t start = PFN_PHYS(zone->zone_start_pfn);
		phys_addr_t end = PFN_PHYS(zone_end_pfn(zone));

		KUNIT_EXPECT_EQ_MSG(test, cma_zone_boundary(start, end), 0, "%s", zone->name);
		KUNIT_EXPECT_EQ_MSG(test, cma_zone_boundary(start, start), 0, "%s", zone->name);
	}
}

/* A boundary that isn't certain is none; but one that is told is one. */
static void __init a_zone_begins_at_each_boundary(struct kunit *test)
{
	phys_addr_t at = 0, boundary;
	struct zone *zone;
	unsigned int nr = 0;

	for (; (boundary = cma_zone_boundary(at, PHYS_ADDR_MAX)); at = boundary) {
		KUNIT_ASSERT_GT(test, boundary, at);
		KUNIT_ASSERT_LT(test, nr++, MAX_NR_ZONES);
		for_each_populated_zone(zone)
			KUNIT_EXPECT_FALSE_MSG(test,
					       PFN_PHYS(zone->zone_start_pfn) < boundary &&
					       PFN_PHYS(zone_end_pfn(zone)) > boundary,
					       "%pa is in the middle of %s", &boundary,
					       zone->name);
	}
}

static void __init messages_name_the_zone_that_an_address_is_in(struct kunit *test)
{
	struct zone *zone;

	for_each_populated_zone(zone) {
		phys_addr_t last = PFN_PHYS(zone_end_pfn(zone)) - 1;
		const char *name = cma_boot_zone_name(last);

		/* Some architectures decide later: it may be one of two then. */
		if (!strcmp(zone->name, "Movable"))
			continue;
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(name, zone->name), "%s for %s", name,
					  zone->name);
	}
}

static void __init a_range_within_a_node_has_no_boundary(struct kunit *test)
{
	struct pglist_data *pgdat;

	for_each_online_pgdat(pgdat) {
		phys_addr_t start = PFN_PHYS(pgdat->node_start_pfn);
		phys_addr_t end = PFN_PHYS(pgdat_end_pfn(pgdat));

		if (nr_online_nodes > 1)
			kunit_skip(test, "nodes may be interleaved");
		KUNIT_EXPECT_EQ(test, cma_node_boundary(start, end), 0);
	}
}

static struct kunit_case __refdata cma_boot_zones_cases[] = {
	KUNIT_CASE(a_range_within_a_zone_has_no_boundary),
	KUNIT_CASE(a_zone_begins_at_each_boundary),
	KUNIT_CASE(messages_name_the_zone_that_an_address_is_in),
	KUNIT_CASE(a_range_within_a_node_has_no_boundary),
	{}
};

static struct kunit_suite __refdata cma_boot_zones_suite = {
	.name = "cma_boot_zones",
	.test_cases = cma_boot_zones_cases,
};

kunit_test_init_section_suites(&cma_boot_zones_suite);
