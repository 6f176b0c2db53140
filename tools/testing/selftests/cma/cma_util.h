/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of contiguous memory areas have in common: finding the area,
 * taking buffers from it through its dma-heap, and looking at it from outside.
 */
#ifndef __CMA_UTIL_H
#define __CMA_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/types.h>

#define CMA_NAME_LEN	64
#define CMA_MIB		(1024UL * 1024)

/*
 * A test that takes so many seconds hangs: the slowest ones take a fifth of
 * it on an emulated processor of 32 bits that has its host for itself.
 */
#define CMA_HANG_S	240

/*
 * What the kernel says between these two lines of its log of too little memory
 * is meant to happen. Who looks for complaints passes over it.
 */
#define CMA_MEMORY_MAY_RUN_OUT	"cma selftest: memory may run out from here on"
#define CMA_MEMORY_SUFFICES	"cma selftest: memory suffices again"

/**
 * struct cma_area - the area under test
 * @name: its directory in sysfs and debugfs, and its dma-heap
 * @heap: open file of the dma-heap
 * @base_pfn: first page, meaningful if @placed
 * @nr_pages: size
 * @placed: debugfs told where the area lies
 */
struct cma_area {
	char name[CMA_NAME_LEN];
	int heap;
	unsigned long base_pfn;
	unsigned long nr_pages;
	bool placed;
};

/**
 * struct cma_buffer - a buffer taken from the area, and mapped
 * @fd: dma-buf, -1 if there is none
 * @mem: mapping
 * @pages: size
 * @seed: what its pattern was made from
 * @took_us: how long the kernel took for it
 */
struct cma_buffer {
	int fd;
	__u64 *mem;
	unsigned long pages;
	__u64 seed;
	__u64 took_us;
};

/**
 * struct cma_pace - how fast the kernel is, on a machine as slow as it may be
 * @taking_us: time that it took for buffers
 * @reading_us: time that we took to read all of the same buffers
 *
 * A machine that is slow, or busy with something else, is so with both, though not
 * to the same degree: the kernel also clears what it hands out, and waits for others
 * of its kind. What we read has nothing of the kernel in it.
 */
struct cma_pace {
	__u64 taking_us;
	__u64 reading_us;
};

/**
 * struct cma_anon - anonymous memory with a pattern in it
 * @mem: mapping
 * @pages: size
 * @seed: what its pattern was made from
 */
struct cma_anon {
	__u64 *mem;
	unsigned long pages;
	__u64 seed;
};

enum cma_anon_kind {
	CMA_ANON_PLAIN,
	CMA_ANON_LOCKED,
	CMA_ANON_HUGE,
};

/* Area and buffers: cma_util.c */
const char *cma_area_find(struct cma_area *area);
void cma_area_lend(const struct cma_area *area);
bool cma_area_names_reasons(const struct cma_area *area);
int cma_take_fd(const struct cma_area *area, __u64 bytes);
int cma_take(const struct cma_area *area, unsigned long pages,
	     struct cma_buffer *buffer);
int cma_take_stamped(const struct cma_area *area, unsigned long pages,
		     __u64 seed, struct cma_buffer *buffer);
void cma_give(struct cma_buffer *buffer);
bool cma_buffer_intact(const struct cma_buffer *buffer);
bool cma_buffer_intact_paced(const struct cma_buffer *buffer,
			     struct cma_pace *pace);
void cma_pace_add(struct cma_pace *sum, const struct cma_pace *pace);
bool cma_pace_holds(const struct cma_pace *pace, unsigned int reads);
unsigned long cma_area_used(const struct cma_area *area);
bool cma_area_settles(const struct cma_area *area, unsigned long used);
long cma_area_stat(const struct cma_area *area, const char *file);
int cma_area_write(const struct cma_area *area, const char *file, unsigned long value);
long cma_debugfs_read(const struct cma_area *area, const char *file);
int cma_debugfs_write(const struct cma_area *area, const char *file,
		      unsigned long value);
__u32 *cma_area_bitmap(const struct cma_area *area);
unsigned long cma_bitmap_weight(const struct cma_area *area,
				const __u32 *bitmap);
bool cma_bitmap_test(const __u32 *bitmap, unsigned long bit);

/* The rest of the system: cma_system.c */
size_t cma_page_size(void);
long cma_meminfo_pages(const char *field);
long cma_vmstat(const char *field);
__u64 cma_pattern(__u64 seed, __u64 word);
void cma_stamp(__u64 *mem, size_t words, __u64 seed, __u64 first);
bool cma_stamped(const __u64 *mem, size_t words, __u64 seed,
		 __u64 first);
int cma_pfn_open(void);
__u64 cma_pfn_of(int pagemap, const void *addr);
bool cma_pfn_inside(const struct cma_area *area, __u64 pfn);
unsigned long cma_pages_inside(const struct cma_area *area, const void *addr,
			       unsigned long pages);
unsigned long cma_anon_best_window(const struct cma_area *area,
				   const struct cma_anon *anon,
				   unsigned long pages);
unsigned long cma_anon_room(unsigned long spare_pages);
bool cma_anon_touch_until_lent(unsigned long pages);
bool cma_anon_fill(struct cma_anon *anon, unsigned long pages,
		   enum cma_anon_kind kind);
int cma_anon_keep_from_children(const struct cma_anon *anon);
bool cma_anon_intact(const struct cma_anon *anon);
long cma_smaps_kib(const void *addr, const char *field);
int cma_kmsg_open(void);
void cma_kmsg_say(const char *line);
bool cma_kmsg_says(int kmsg, const char *word, const char *other);
void cma_drop_clean_cache(void);
pid_t cma_spawn(int (*fn)(void *arg), void *arg);
int cma_reap(pid_t pid);
__u64 cma_now_us(void);
__u64 cma_now_ms(void);
void cma_sleep_ms(unsigned int ms);
__u64 cma_random(__u64 *state);

#endif /* __CMA_UTIL_H */
