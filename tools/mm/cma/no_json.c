// SPDX-License-Identifier: GPL-2.0
/*
 * Instead of json.c where json-c isn't there.
 */
#include <err.h>

#include "tool.h"

void emit_begin(void)
{
	errx(1, "it was built without json-c, so there is no --json");
}

void emit_object(void)
{
}

void emit_number(const char *name, unsigned long long value)
{
}

void emit_string(const char *name, const char *value)
{
}

void emit_end(void)
{
}

void emit_end_line(void)
{
}
