/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the commands of cma(8) have in common.
 */
#ifndef CMA_TOOL_H
#define CMA_TOOL_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define AREA_NAME	64
#define AREAS_MAX	256

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define SYSFS	"/sys/kernel/mm/cma"
#define DEBUGFS	"/sys/kernel/debug/cma"

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
 * @svg: as a picture for a browser
 * @png: as a picture for whatever else
 * @blocks: a line for each pageblock
 * @files: a directory, whose files are looked at; NULL for none
 * @columns: characters in a line of a picture
 * @pages: pages for one of them, 0 for as many as make eight lines
 * @delay: seconds between two looks
 * @count: number of looks, 0 for no end
 * @older: only what is older than so many seconds
 */
struct options {
	bool json;
	bool textfile;
	bool figures;
	bool svg;
	bool png;
	bool blocks;
	const char *files;
	unsigned long columns;
	unsigned long pages;
	unsigned long delay;
	unsigned long count;
	unsigned long older;
};

enum use {
	USE_FREE,
	USE_CACHE,	/* clean page cache */
	USE_DIRTY,	/* page cache that is to be written */
	USE_WRITEBACK,	/* page cache that is being written */
	USE_ANON,
	USE_SHMEM,	/* of files in memory: tmpfs, memfd */
	USE_HUGETLB,
	USE_BALLOON,	/* the hypervisor has it */
	USE_OTHER,	/* lent, and none of these */
	USE_READY,	/* empty, and the area's */
	USE_CLAIMED,	/* on the way */
	USE_ALLOCATED,
	USE_HOLE,	/* between two pieces of the area */
	NR_USES
};

/* The numbers of an area, named as the kernel does; see figures.c. */
enum figure {
	FIGURE_ALLOC_SUCCESS,
	FIGURE_ALLOC_FAIL,
	FIGURE_RELEASE_SUCCESS,
	FIGURE_FALLBACKS,
	FIGURE_READY_HITS,
	FIGURE_ATTEMPTS,
	FIGURE_WAITS,
	FIGURE_MOVED,
	FIGURE_DROPPED,
	FIGURE_MOVED_IN,
	NR_COUNTERS,
	FIGURE_TOTAL = NR_COUNTERS,
	FIGURE_AVAILABLE,
	FIGURE_LENT,
	FIGURE_READY,
	FIGURE_CLAIMED,
	FIGURE_ALLOCATED,
	FIGURE_ALLOCATED_MAX,
	FIGURE_LARGEST,
	FIGURE_RUNS,
	FIGURE_HEAP,
	FIGURE_HEAP_MAX,
	FIGURE_QUICK,
	FIGURE_QUICK_MAX,
	FIGURE_READY_MIN,
	FIGURE_READY_MAX,
	NR_FIGURES
};

#define NR_LATENCIES	24

/**
 * struct snapshot - all that an area tells in numbers
 * @value: the numbers
 * @known: a bit for each of them that this kernel tells
 * @latency: requests that took less than 1 << n microseconds, and not less than half of it
 * @has_latency: are there any?
 * @at: when it was taken
 */
struct snapshot {
	unsigned long long value[NR_FIGURES];
	uint64_t known;
	unsigned long long latency[NR_LATENCIES];
	bool has_latency;
	struct timespec at;
};

/**
 * struct piece - one of the ranges of memory that an area consists of
 * @base_pfn: its first page
 * @nr_pages: its size
 * @bitmap: the file in debugfs with a bit for each unit that is allocated; none where
 *	"runs" tells that
 */
struct piece {
	unsigned long base_pfn;
	unsigned long nr_pages;
	char bitmap[32];
};

#define PIECES_MAX	64

/**
 * struct machine - what has to be known of the machine that is looked at
 * @page_size: in bytes
 * @is_big_endian: its order of bytes
 * @word_bits: size of a long of its kernel
 */
struct machine {
	long page_size;
	bool is_big_endian;
	unsigned int word_bits;
};

/* A word of the kernel's, what it means, and what to do about it, NULL if nothing is */
struct meaning {
	const char *word;
	const char *means;
	const char *helps;
};

/* area.c: which areas there are, and the files of one */
extern const char *system_root;
extern struct machine machine;
FILE *open_system(const char *path);
DIR *open_system_dir(const char *path);
FILE *open_debugfs(const struct area *area, const char *file);
void set_nonblocking(FILE *file);
unsigned int areas_find(struct area *areas, char **names);
bool area_number(const struct area *area, const char *file, unsigned long long *value);
bool area_choice(const struct area *area, const char *file, char *word, size_t size);
bool area_has_debugfs(const struct area *area, const char *file);
bool area_counter(const struct area *area, const char *dir, const char *word,
		  unsigned long long *value);

/* figures.c */
const char *figure_name(enum figure figure);
bool area_figure(const struct area *area, enum figure figure, unsigned long long *value);
void snapshot_take(const struct area *area, struct snapshot *snapshot);
bool snapshot_has(const struct snapshot *snapshot, enum figure figure);
unsigned long long snapshot_requests(const struct snapshot *from, const struct snapshot *to);
unsigned long long snapshot_percentile(const struct snapshot *from, const struct snapshot *to,
				       unsigned int percent);
double mib(unsigned long long pages);

/* meanings.c: the words of failures/ and blockers/ */
extern const struct meaning reasons[], blockers[];
extern const unsigned int nr_reasons, nr_blockers;

/* pages.c: where an area lies, and what its pages are used for */
unsigned int area_pieces(const struct area *area, struct piece *pieces, unsigned int most);
void *zalloc(size_t nr, size_t size);
unsigned char *area_uses(const struct area *area, unsigned long *base_pfn,
			 unsigned long *nr_pages);
unsigned long pages_of_cache(const unsigned long *uses);
unsigned long pages_to_write(const unsigned long *uses);
unsigned long pages_of_programs(const unsigned long *uses);
unsigned long pages_of_others(const unsigned long *uses);

/* processes.c */
void each_process(void (*look)(const char *pid, void *data), void *data);
void each_file_of(const char *pid, const char *dir_name,
		  void (*look)(const char *path, void *data), void *data);
void process_name(const char *pid, char *name, size_t size);

/* who.c */
bool is_buffer(const char *path);

/* terminal.c */
enum colour { COLOUR_NONE, COLOUR_GREY, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_BLUE,
	      COLOUR_MAGENTA };
bool is_terminal(void);
void set_colour(enum colour colour);
void make_plain(char *text);
void print_age(unsigned long long ms);
void print_time(unsigned long long us);
void finish_output(void);

/* json.c, or no_json.c where it was built without json-c */
void emit_begin(void);
void emit_object(void);
void emit_number(const char *name, unsigned long long value);
void emit_string(const char *name, const char *value);
void emit_end(void);
void emit_end_line(void);

/* The commands, each in a file of its name; 0 or the program's status */
int show_status(const struct area *areas, unsigned int nr, const struct options *options);
int show_map(const struct area *areas, unsigned int nr, const struct options *options);
int show_lent(const struct area *areas, unsigned int nr, const struct options *options);
int show_why(const struct area *areas, unsigned int nr, const struct options *options);
int show_who(const struct area *areas, unsigned int nr, const struct options *options);
int show_watch(const struct area *areas, unsigned int nr, const struct options *options);
int show_advice(const struct area *areas, unsigned int nr, const struct options *options);
int run_stress(const struct area *areas, unsigned int nr, const struct options *options);
int make_record(char **names, const struct options *options);
int show_record(char **names, const struct options *options);

#endif
