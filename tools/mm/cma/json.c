// SPDX-License-Identifier: GPL-2.0
/*
 * What --json prints: an array of flat objects.
 */
#include <json-c/json.h>
#include <stdio.h>

#include "tool.h"

static struct json_object *all, *current;

void emit_begin(void)
{
	all = json_object_new_array();
}

/* The values that follow are of another object. */
void emit_object(void)
{
	current = json_object_new_object();
	json_object_array_add(all, current);
}

void emit_number(const char *name, unsigned long long value)
{
	json_object_object_add(current, name, json_object_new_uint64(value));
}

void emit_string(const char *name, const char *value)
{
	json_object_object_add(current, name, json_object_new_string(value));
}

void emit_end(void)
{
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}
