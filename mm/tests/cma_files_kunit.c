// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mm/cma_sysfs.c, mm/cma_debugfs.c and mm/cma_debugfs_alloc.c: the
 * files of the real areas "kunit0" (a page to the unit) and "kunit1" (half as large,
 * four pages to the unit), read and written as a program does.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../cma_views.h"
#include "cma_fake.h"
#include "cma_reserve.h"

#define BUFFER_SIZE	SZ_16K

/**
 * struct files - where a test's files are, and room for what is in them
 * @mount: the file system
 * @dir: path of the directory of all areas
 * @user: buffer of the program
 * @text: copy of what was read last
 */
struct files {
	struct vfsmount *mount;
	const char *dir;
	char __user *user;
	char *text;
};

static int open_mount(struct kunit *test, const char *type, const char *dir)
{
	struct files *files = kunit_kzalloc(test, sizeof(*files), GFP_KERNEL);
	unsigned long user;

	KUNIT_ASSERT_NOT_NULL(test, files);
	test->priv = files;
	files->dir = dir;
	files->text = kunit_kzalloc(test, BUFFER_SIZE + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, files->text);
	user = kunit_vm_mmap(test, NULL, 0, BUFFER_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, user, 0);
	KUNIT_ASSERT_LT(test, user, TASK_SIZE);
	files->user = (char __user *)user;
	files->mount = kern_mount(get_fs_type(type));
	KUNIT_ASSERT_FALSE(test, IS_ERR(files->mount));
	return 0;
}

static void close_mount(struct kunit *test)
{
	struct files *files = test->priv;

	if (files && !IS_ERR_OR_NULL(files->mount))
		kern_unmount(files->mount);
}

static int cma_sysfs_test_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_SYSFS))
		kunit_skip(test, "needs CONFIG_CMA_SYSFS");
	return open_mount(test, "sysfs", "kernel/mm/cma");
}

static int cma_debugfs_test_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_CMA_DEBUGFS_ALLOC))
		kunit_skip(test, "needs CONFIG_CMA_DEBUGFS_ALLOC");
	return open_mount(test, "debugfs", "cma");
}

static struct file *open_file(struct kunit *test, const char *area,
			      const char *name, int flags)
{
	struct files *files = test->priv;
	struct file *file;
	char path[160];

	snprintf(path, sizeof(path), "%s/%s/%s", files->dir, area, name);
	file = file_open_root_mnt(files->mount, path, flags, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s: error %ld", path,
			       PTR_ERR(file));
	return file;
}

/* The whole of a file; valid until the next one is read. */
static const char *text_of(struct kunit *test, const char *area,
			   const char *name)
{
	struct file *file = open_file(test, area, name, O_RDONLY);
	struct files *files = test->priv;
	size_t size = 0;
	loff_t pos = 0;
	ssize_t got;

	do {
		got = vfs_read(file, files->user + size, BUFFER_SIZE - size,
			       &pos);
		if (got > 0)
			size += got;
	} while (got > 0 && size < BUFFER_SIZE);
	fput(file);

	KUNIT_EXPECT_EQ_MSG(test, got, 0, "%s", name);
	KUNIT_ASSERT_EQ(test, 0,
			copy_from_user(files->text, files->user, size));
	files->text[size] = '\0';
	return files->text;
}

static u64 number_in(struct kunit *test, const char *area, const char *name)
{
	const char *text = text_of(test, area, name);
	u64 number = 0;

	KUNIT_EXPECT_EQ_MSG(test, kstrtoull(text, 0, &number), 0,
			    "%s: \"%s\"", name, text);
	return number;
}

/* Write like echo: 0, or the error. */
static int put(struct kunit *test, const char *area, const char *name,
	       const char *text)
{
	struct file *file = open_file(test, area, name, O_WRONLY);
	struct files *files = test->priv;
	size_t size = strlen(text);
	ssize_t got = -EFAULT;
	loff_t pos = 0;

	if (!copy_to_user(files->user, text, size))
		got = vfs_write(file, files->user, size, &pos);
	fput(file);
	return got == size ? 0 : got;
}

static void every_figure_is_a_file_of_one_number(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	unsigned int dir, i;
	char name[64];

	KUNIT_ASSERT_TRUE(test, cma_is_active(cma));
	for (dir = 0; dir < CMA_FIGURES_DEBUG; dir++)
		for (i = 0; i < cma_figures[dir].nr; i++) {
			struct cma_figure *figure = &cma_figures[dir].figures[i];

			snprintf(name, sizeof(name), "%s/%s",
				 cma_figures[dir].dir ?: ".",
				 figure->attr.name);
			KUNIT_EXPECT_EQ_MSG(test, number_in(test, "kunit0", name),
					    cma_figure_read(figure, cma), "%s",
					    name);
		}
}

static void addresses_are_hexadecimal_and_numbers_are_not(struct kunit *test)
{
	phys_addr_t base = cma_get_base(cma_real_area(test, "kunit0"));
	char expected[32];

	snprintf(expected, sizeof(expected), "0x%llx\n", (u64)base);
	KUNIT_EXPECT_STREQ(test, text_of(test, "kunit0", "base"), expected);
	snprintf(expected, sizeof(expected), "%lu\n",
		 2 * CMA_KUNIT_SIZE / PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, text_of(test, "kunit0", "total_pages"),
			   expected);
}

static int expect_directory(struct cma *cma, void *data)
{
	struct kunit *test = data;

	if (cma_is_active(cma)) {
		KUNIT_EXPECT_NOT_NULL(test, cma->kobj);
		KUNIT_EXPECT_EQ(test, cma->nr_pages,
				number_in(test, cma_get_name(cma),
					  "total_pages"));
	}
	return 0;
}

static void each_active_area_has_a_directory_of_its_own(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cma_for_each_area(expect_directory, test), 0);
}

static void files_follow_an_allocation_of_real_pages_and_its_release(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	u64 taken, given, allocated, lent, ready;
	struct page *pages;

	/* All the way from the page allocator, and no further back than READY. */
	cma_real_lend(cma);
	taken = number_in(test, "kunit1", "alloc_pages_success");
	given = number_in(test, "kunit1", "release_pages_success");
	allocated = number_in(test, "kunit1", "allocated_pages");
	lent = number_in(test, "kunit1", "lent_pages");

	/* Five pages are two units of four. */
	pages = cma_alloc(cma, 5, 0, false);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "alloc_pages_success"),
			taken + 5);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "allocated_pages"),
			allocated + 8);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "lent_pages"),
			lent - 8);
	ready = number_in(test, "kunit1", "ready_pages");

	KUNIT_EXPECT_TRUE(test, cma_release(cma, pages, 5));
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "release_pages_success"),
			given + 5);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "allocated_pages"),
			allocated);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "lent_pages"),
			lent - 8);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "ready_pages"),
			ready + 8);
}

/* ......  ->  rrrr..	and not a page of it in use */
static void a_floor_that_is_written_is_reached_soon(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");

	cma_real_lend(cma);
	KUNIT_ASSERT_EQ(test, put(test, "kunit1", "ready_min", "1024\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "ready_min"), 1024);
	flush_work(&cma->ready_work.work);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "ready_pages"), 1024);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "allocated_pages"), 0);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "ready_min", "0\n"), 0);
}

/* rrrrrr  ->  r.....	at once */
static void a_lower_ceiling_lends_what_is_above_it(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");
	u64 most = number_in(test, "kunit1", "ready_max");
	struct page *pages = cma_alloc(cma, 64, 0, false);
	char text[24];

	KUNIT_ASSERT_NOT_NULL(test, pages);
	cma_release(cma, pages, 64);
	KUNIT_EXPECT_GE(test, number_in(test, "kunit1", "ready_pages"), 64);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "ready_max", "8\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "ready_pages"), 8);
	snprintf(text, sizeof(text), "%llu\n", most);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "ready_max", text), 0);
}

static void a_knob_takes_numbers_of_pages_that_the_area_has(struct kunit *test)
{
	u64 most = number_in(test, "kunit1", "ready_max");
	char text[24];

	snprintf(text, sizeof(text), "%lu\n", CMA_KUNIT_SIZE / PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "ready_max", text), -ERANGE);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "ready_max", "all\n"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "ready_min", "-1\n"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "ready_max"), most);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "ready_min"), 0);
}

static void sysfs_counts_a_request_that_is_too_big(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	u64 before = number_in(test, "kunit0", "failures/too-big");
	u64 pages = number_in(test, "kunit0", "alloc_pages_fail");

	KUNIT_EXPECT_NULL(test, cma_alloc(cma, cma->nr_pages + 1, 0, true));
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "failures/too-big"),
			before + 1);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "alloc_pages_fail"),
			pages + cma->nr_pages + 1);
}

static struct kunit_case cma_sysfs_cases[] = {
	KUNIT_CASE(every_figure_is_a_file_of_one_number),
	KUNIT_CASE(addresses_are_hexadecimal_and_numbers_are_not),
	KUNIT_CASE(each_active_area_has_a_directory_of_its_own),
	KUNIT_CASE(files_follow_an_allocation_of_real_pages_and_its_release),
	KUNIT_CASE(a_floor_that_is_written_is_reached_soon),
	KUNIT_CASE(a_lower_ceiling_lends_what_is_above_it),
	KUNIT_CASE(a_knob_takes_numbers_of_pages_that_the_area_has),
	KUNIT_CASE(sysfs_counts_a_request_that_is_too_big),
	{}
};

static void debugfs_shows_place_and_unit_of_an_area(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit1");

	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "base_pfn"),
			PHYS_PFN(cma_get_base(cma)));
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "count"),
			CMA_KUNIT_SIZE / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit1", "order_per_bit"), 2);
}

/*	........  ->  ####....  ->  ####|##..  ->  ........	*/
static void what_is_written_to_alloc_and_free_is_taken_and_given(struct kunit *test)
{
	u64 used = number_in(test, "kunit0", "used");

	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "8\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used + 8);
	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "4\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used + 12);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "12\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used);
}

/*	####|##..  ->  .###....	when 5 are freed: all of the newer, a part of the older */
static void free_gives_the_newest_pages_and_divides_a_run(struct kunit *test)
{
	u64 used = number_in(test, "kunit0", "used");

	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "8\n"), 0);
	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "4\n"), 0);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "5\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used + 7);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "7\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used);
}

static void free_of_more_than_is_held_gives_all_and_then_fails(struct kunit *test)
{
	u64 used = number_in(test, "kunit0", "used");

	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "8\n"), 0);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "1000000\n"), 0);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "1\n"), -ENOENT);
}

static void alloc_hands_the_error_of_the_reason_to_the_writer(struct kunit *test)
{
	u64 used = number_in(test, "kunit0", "used");

	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "alloc", "1000000\n"),
			-E2BIG);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "alloc", "ten\n"), -EINVAL);
	KUNIT_EXPECT_EQ(test, number_in(test, "kunit0", "used"), used);
}

/*
 * Go through the lines of "runs", which have to follow each other from one end
 * of the area to the other, and count the allocations of so many pages.
 */
static unsigned int nr_runs_of(struct kunit *test, const char *area,
			       unsigned long nr_pages)
{
	struct cma *cma = cma_real_area(test, area);
	unsigned long next = PHYS_PFN(cma_get_base(cma));
	unsigned long end = next + PHYS_PFN(cma_get_size(cma));
	const char *line = text_of(test, area, "runs");
	unsigned long pfn, nr;
	unsigned int found = 0;
	char state[16];

	while (*line) {
		int fields = sscanf(line, "%lu %lu %15s", &pfn, &nr, state);

		KUNIT_ASSERT_EQ_MSG(test, fields, 3, "%s", line);
		KUNIT_ASSERT_EQ(test, pfn, next);
		KUNIT_ASSERT_GT(test, nr, 0);
		next = pfn + nr;
		found += nr == nr_pages && !strcmp(state, "allocated");
		line = strchr(line, '\n');
		KUNIT_ASSERT_NOT_NULL(test, line);
		line++;
	}
	KUNIT_EXPECT_EQ(test, next, end);
	return found;
}

/* ###|#|###|...  with 7 pages, one page and 7 pages */
static void runs_lists_the_whole_area_and_each_allocation_apart(struct kunit *test)
{
	unsigned int sevens = nr_runs_of(test, "kunit0", 7);
	unsigned int singles = nr_runs_of(test, "kunit0", 1);

	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "7\n"), 0);
	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "1\n"), 0);
	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "7\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_runs_of(test, "kunit0", 7), sevens + 2);
	KUNIT_EXPECT_EQ(test, nr_runs_of(test, "kunit0", 1), singles + 1);

	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "15\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_runs_of(test, "kunit0", 7), sevens);
}

/* Compare "bitmap" with the bits of a range, and return how many are set. */
static unsigned int nr_bits_in(struct kunit *test, const char *area,
			       const char *name, const struct cma_range *range)
{
	struct cma *cma = cma_real_area(test, area);
	unsigned long end = cma_pfn_to_unit(cma, range->base_pfn +
						 range->nr_pages);
	char *expected = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u32 words[CMA_VIEW_WORDS];
	unsigned int i, nr, bits = 0;
	unsigned long unit;
	int len = 0;

	KUNIT_ASSERT_NOT_NULL(test, expected);
	for (unit = cma_pfn_to_unit(cma, range->base_pfn); unit < end;
	     unit += CMA_VIEW_PIECE) {
		nr = cma_copy_bitmap(cma, unit, end, words);
		for (i = 0; i < nr; i++) {
			bits += hweight32(words[i]);
			len += scnprintf(expected + len, PAGE_SIZE - len, "%u ",
					 words[i]);
		}
	}
	KUNIT_ASSERT_GT(test, len, 0);
	expected[len - 1] = '\n';
	KUNIT_EXPECT_STREQ(test, text_of(test, area, name), expected);
	return bits;
}

static unsigned int nr_bits_of(struct kunit *test, const char *area)
{
	struct cma *cma = cma_real_area(test, area);
	const struct cma_range whole = {
		.base_pfn = cma->base_pfn,
		.nr_pages = cma->end_pfn - cma->base_pfn,
	};

	return nr_bits_in(test, area, "bitmap", &whole);
}

/*
 * With pages of 4 KiB, 4096 units of one page are more than one piece, and 512 units
 * of four are less.
 */
static void bitmap_is_one_line_where_a_set_bit_is_a_unit_in_use(struct kunit *test)
{
	unsigned int pages = nr_bits_of(test, "kunit0");
	unsigned int fours = nr_bits_of(test, "kunit1");

	KUNIT_EXPECT_EQ(test, pages, number_in(test, "kunit0", "used"));
	KUNIT_EXPECT_EQ(test, fours, number_in(test, "kunit1", "used") / 4);

	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "3000\n"), 0);
	KUNIT_ASSERT_EQ(test, put(test, "kunit1", "alloc", "33\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_bits_of(test, "kunit0"), pages + 3000);
	KUNIT_EXPECT_EQ(test, nr_bits_of(test, "kunit1"), fours + 9);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "3000\n"), 0);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "free", "33\n"), 0);
}

/* What is taken shows in exactly one of the bitmaps. */
static unsigned int nr_bits_of_ranges(struct kunit *test, const char *area)
{
	struct cma *cma = cma_real_area(test, area);
	unsigned int i, bits = 0;
	char name[40];

	for (i = 0; i < cma->nr_ranges; i++) {
		snprintf(name, sizeof(name), "ranges/%u/base_pfn", i);
		KUNIT_EXPECT_EQ(test, number_in(test, area, name),
				cma->ranges[i].base_pfn);
		snprintf(name, sizeof(name), "ranges/%u/bitmap", i);
		bits += nr_bits_in(test, area, name, &cma->ranges[i]);
	}
	return bits;
}

static void each_range_has_its_place_and_its_bitmap(struct kunit *test)
{
	unsigned int before = nr_bits_of_ranges(test, "kunit1");

	KUNIT_ASSERT_EQ(test, put(test, "kunit1", "alloc", "33\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_bits_of_ranges(test, "kunit1"), before + 9);
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "free", "33\n"), 0);
}

static void each_of_several_ranges_has_its_place_and_its_bitmap(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < cma_area_count; i++)
		if (cma_areas[i].nr_ranges > 1 && cma_is_active(&cma_areas[i]))
			break;
	if (i == cma_area_count)
		kunit_skip(test, "no area has several ranges");
	KUNIT_EXPECT_EQ(test, nr_bits_of_ranges(test, cma_areas[i].name),
			cma_areas[i].nr_allocated);
}

static void usage_adds_up_within_one_look(struct kunit *test)
{
	unsigned long total, lent, ready, claimed, allocated;
	const char *text = text_of(test, "kunit0", "usage");

	KUNIT_ASSERT_EQ_MSG(test, 5,
			    sscanf(text,
				   "total %lu lent %lu ready %lu claimed %lu allocated %lu",
				   &total, &lent, &ready, &claimed, &allocated),
			    "%s", text);
	KUNIT_EXPECT_EQ(test, total, 2 * CMA_KUNIT_SIZE / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, total, lent + ready + claimed + allocated);
}

/* The sum of the buckets grows by one with each request, failed ones too. */
static u64 nr_timed(struct kunit *test)
{
	struct cma *cma = cma_real_area(test, "kunit0");
	const char *text = text_of(test, "kunit0", "latency");
	u64 sum = 0, shown = 0, count;
	char bound[24] = "";
	unsigned int i;

	for (i = 0; i < CMA_LATENCY_BUCKETS; i++) {
		sum += atomic64_read(&cma->stats.latency[i]);
		KUNIT_ASSERT_EQ(test, 2,
				sscanf(text, "%20s %llu", bound, &count));
		shown += count;
		text = strchr(text, '\n');
		KUNIT_ASSERT_NOT_NULL(test, text);
		text++;
	}
	KUNIT_EXPECT_STREQ(test, bound, "inf");
	KUNIT_EXPECT_STREQ(test, text, "");
	KUNIT_EXPECT_EQ(test, shown, sum);
	return shown;
}

static void latency_counts_each_request_once(struct kunit *test)
{
	u64 before = nr_timed(test);

	KUNIT_ASSERT_EQ(test, put(test, "kunit0", "alloc", "1\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_timed(test), before + 1);
	KUNIT_EXPECT_EQ(test, put(test, "kunit0", "free", "1\n"), 0);
	KUNIT_EXPECT_EQ(test, nr_timed(test), before + 1);
}

static void check_finds_the_books_of_a_real_area_consistent(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, put(test, "kunit1", "alloc", "3\n"), 0);
	KUNIT_EXPECT_STREQ(test, text_of(test, "kunit1", "check"),
			   "consistent\n");
	KUNIT_EXPECT_EQ(test, put(test, "kunit1", "free", "3\n"), 0);
}

static struct kunit_case cma_debugfs_cases[] = {
	KUNIT_CASE(debugfs_shows_place_and_unit_of_an_area),
	KUNIT_CASE(what_is_written_to_alloc_and_free_is_taken_and_given),
	KUNIT_CASE(free_gives_the_newest_pages_and_divides_a_run),
	KUNIT_CASE(free_of_more_than_is_held_gives_all_and_then_fails),
	KUNIT_CASE(alloc_hands_the_error_of_the_reason_to_the_writer),
	KUNIT_CASE(runs_lists_the_whole_area_and_each_allocation_apart),
	KUNIT_CASE(bitmap_is_one_line_where_a_set_bit_is_a_unit_in_use),
	KUNIT_CASE(each_range_has_its_place_and_its_bitmap),
	KUNIT_CASE(each_of_several_ranges_has_its_place_and_its_bitmap),
	KUNIT_CASE(usage_adds_up_within_one_look),
	KUNIT_CASE(latency_counts_each_request_once),
	KUNIT_CASE(check_finds_the_books_of_a_real_area_consistent),
	{}
};

static struct kunit_suite cma_sysfs_suite = {
	.name = "cma_sysfs",
	.init = cma_sysfs_test_init,
	.exit = close_mount,
	.test_cases = cma_sysfs_cases,
};

static struct kunit_suite cma_debugfs_suite = {
	.name = "cma_debugfs",
	.init = cma_debugfs_test_init,
	.exit = close_mount,
	.test_cases = cma_debugfs_cases,
};

kunit_test_suites(&cma_sysfs_suite, &cma_debugfs_suite);
