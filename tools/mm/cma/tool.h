/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of cma(8) have in common.
 */
#ifndef CMA_TOOL_H
#define CMA_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#define AREA_NAME	64
#define AREAS_MAX	256

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct area - a contiguous memory area of the running kernel
 * @name: its directory in sysfs and debugfs
 */
struct area {
	char name[AREA_NAME];
};

/**
 * struct options - what was asked for besides a command
 * @json: in a form for programs
 * @textfile: in the form of node_exporter's textfile collector
 * @figures: as name=value, for a shell
 * @columns: characters in a line of a picture
 * @pages: pages for one of them, 0 for as many as make eight lines
 */
struct options {
	bool json;
	bool textfile;
	bool figures;
	unsigned long columns;
	unsigned long pages;
};

enum use {
	USE_FREE,
	USE_CACHE,
	USE_DIRTY,	/* page cache that is to be written */
	USE_ANON,
	USE_READY,	/* empty, and the area's */
	USE_ALLOCATED,
	USE_HOLE,	/* between two pieces of the area */
	NR_USES
};

/* area.c: which areas there are, and what the kernel tells of one */
unsigned int areas_find(struct area *areas, char **names);
bool area_figure(const struct area *area, const char *file, unsigned long long *value);
bool area_choice(const struct area *area, const char *file, char *word, size_t size);
bool area_total(const struct area *area, unsigned long long *pages);
bool area_allocated(const struct area *area, unsigned long long *pages);
bool area_largest(const struct area *area, unsigned long long *pages);
double mib(unsigned long long pages);

/* pages.c: what the pages of an area are used for */
unsigned char *area_uses(const struct area *area, unsigned long *base_pfn,
			 unsigned long *nr_pages);

/* json.c, or no_json.c where it was built without json-c */
void emit_begin(void);
void emit_object(void);
void emit_number(const char *name, unsigned long long value);
void emit_string(const char *name, const char *value);
void emit_end(void);

/* status.c, map.c, why.c: the commands */
int show_status(const struct area *areas, unsigned int nr, const struct options *options);
int show_map(const struct area *areas, unsigned int nr, const struct options *options);
int show_why(const struct area *areas, unsigned int nr, const struct options *options);

#endif
