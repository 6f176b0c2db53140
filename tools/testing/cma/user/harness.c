// SPDX-License-Identifier: GPL-2.0
#include "harness.h"

bool shim_warnings_expected;
unsigned long shim_warnings;
struct results results;

void plan_cases(unsigned int cases)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", cases);
}

static unsigned int number(void)
{
	return results.passed + results.failed + results.skipped;
}

void report(bool passed, const char *name)
{
	if (passed)
		results.passed++;
	else
		results.failed++;
	printf("%sok %u %s\n", passed ? "" : "not ", number(), name);
}

void report_skip(const char *name, const char *why)
{
	results.skipped++;
	printf("ok %u %s # SKIP %s\n", number(), name, why);
}

int finish(void)
{
	printf("%u passed, %u failed, %u skipped\n", results.passed,
	       results.failed, results.skipped);
	return results.failed ? 1 : 0;
}
