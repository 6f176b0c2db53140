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

/* Not all that a program can be called is UTF-8, and JSON is. */
void emit_string(const char *name, const char *value)
{
	char plain[1400];

	snprintf(plain, sizeof(plain), "%s", value);
	make_plain(plain);
	json_object_object_add(current, name, json_object_new_string(plain));
}

static void end_as(int flags)
{
	puts(json_object_to_json_string_ext(all, flags | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}

void emit_end(void)
{
	end_as(JSON_C_TO_STRING_PRETTY);
}

/* Of several arrays, each in a line of its own */
void emit_end_line(void)
{
	end_as(JSON_C_TO_STRING_PLAIN);
}
