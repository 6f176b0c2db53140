// SPDX-License-Identifier: GPL-2.0
/*
 * How long does an area take to hand out memory, and to take it back?
 *
 * Built into the kernels that "make bench" compares. It knows nothing but what
 * every driver may call, so it compiles in a tree without the project as well.
 *
 * A command is written to cma_bench/command in debugfs, and what came of it is
 * read there. Times are in nanoseconds:
 *
 *   alloc PAGES ALIGN TRIES	a line "ALLOC RELEASE" for each try, or
 *				"ALLOC failed"; ALIGN is an order
 *   dma PAGES TRIES ATOMIC	the same for coherent memory of a device
 *   hold PAGES ALIGN NR	gives back what the last one took, takes NR runs and
 *				keeps them; a line "ALLOC ok" or "ALLOC failed" for
 *				each
 *   pin NR SEED		takes references to pages of the area that are in
 *				use, wherever SEED leads: nobody can move them;
 *				their places in the area
 *   unpin			gives them back
 *   clear PAGES ALIGN		1 if such a run without a pin exists, else 0
 *   parallel NR PAGES MS	NR threads allocate and release for so long; the
 *				lines of all of them, of each the first 8192
 */
#include <linux/cma.h>
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define REPORT_BYTES	SZ_1M
#define MAX_PINS	1024
#define MAX_HELD	16
#define MAX_REQUESTERS	16
#define MAX_SAMPLES	8192

/* What the DMA API asks for at most */
#define DMA_ALIGN	8

struct sample {
	u64 alloc_ns;
	u64 release_ns;
	bool ok;
};

/**
 * struct requester - one of the threads of "parallel"
 * @done: it won't touch this structure any more
 * @pages: what it asks for each time
 * @until: when it ends, as ktime_get_ns() has it
 * @nr: samples taken
 * @samples: the samples
 */
struct requester {
	struct completion done;
	unsigned long pages;
	u64 until;
	unsigned int nr;
	struct sample samples[MAX_SAMPLES];
};

/**
 * struct command - something that can be asked for
 * @name: its first word
 * @nr_args: how many numbers follow
 * @run: does it; the arguments aren't checked yet
 */
struct command {
	const char *name;
	int nr_args;
	int (*run)(const unsigned long *arg);
};

static DEFINE_MUTEX(bench_lock);
static struct device *bench_dev;
static struct cma *area;
static char *report;
static size_t report_len;
static struct folio *pins[MAX_PINS];
static unsigned int nr_pins;
static struct page *held[MAX_HELD];
static unsigned int nr_held;
static unsigned long held_pages;

static void report_sample(const struct sample *s)
{
	size_t room = REPORT_BYTES - report_len;

	if (s->ok)
		report_len += scnprintf(report + report_len, room, "%llu %llu\n",
					s->alloc_ns, s->release_ns);
	else
		report_len += scnprintf(report + report_len, room,
					"%llu failed\n", s->alloc_ns);
}

static void time_cma(struct sample *s, unsigned long pages, unsigned int align)
{
	u64 start = ktime_get_ns();
	struct page *page = cma_alloc(area, pages, align, true);

	s->alloc_ns = ktime_get_ns() - start;
	s->ok = page;
	if (!page)
		return;
	start = ktime_get_ns();
	WARN_ON(!cma_release(area, page, pages));
	s->release_ns = ktime_get_ns() - start;
}

static int run_alloc(const unsigned long *arg)
{
	struct sample sample;
	unsigned long try;

	for (try = 0; try < arg[2]; try++) {
		time_cma(&sample, arg[0], arg[1]);
		report_sample(&sample);
		cond_resched();
	}
	return 0;
}

static int run_hold(const unsigned long *arg)
{
	struct page *page;
	unsigned long i;
	u64 ns;

	if (arg[2] > MAX_HELD)
		return -EINVAL;
	while (nr_held)
		WARN_ON(!cma_release(area, held[--nr_held], held_pages));
	held_pages = arg[0];
	for (i = 0; i < arg[2]; i++) {
		ns = ktime_get_ns();
		page = cma_alloc(area, arg[0], arg[1], true);
		ns = ktime_get_ns() - ns;
		if (page)
			held[nr_held++] = page;
		report_len += scnprintf(report + report_len,
					REPORT_BYTES - report_len, "%llu %s\n",
					ns, page ? "ok" : "failed");
	}
	return 0;
}

static void time_dma(struct sample *s, size_t size, bool atomic)
{
	gfp_t gfp = (atomic ? GFP_ATOMIC : GFP_KERNEL) | __GFP_NOWARN;
	dma_addr_t dma;
	void *mem;
	u64 start;

	/* Whoever sleeps here in spite of GFP_ATOMIC is found out. */
	if (atomic)
		preempt_disable();
	start = ktime_get_ns();
	mem = dma_alloc_coherent(bench_dev, size, &dma, gfp);
	s->alloc_ns = ktime_get_ns() - start;
	if (atomic)
		preempt_enable();
	s->ok = mem;
	if (!mem)
		return;
	start = ktime_get_ns();
	dma_free_coherent(bench_dev, size, mem, dma);
	s->release_ns = ktime_get_ns() - start;
}

static int run_dma(const unsigned long *arg)
{
	struct sample sample;
	unsigned long try;

	for (try = 0; try < arg[1]; try++) {
		time_dma(&sample, arg[0] << PAGE_SHIFT, arg[2]);
		report_sample(&sample);
		cond_resched();
	}
	return 0;
}

static struct folio *try_pin(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = page_folio(page);

	if (!folio_test_lru(folio) || !folio_try_get(folio))
		return NULL;
	/* It may have been freed, and be part of something else by now. */
	if (page_folio(page) == folio && folio_test_lru(folio))
		return folio;
	folio_put(folio);
	return NULL;
}

static int by_address(const void *a, const void *b)
{
	unsigned long x = folio_pfn(*(struct folio * const *)a);
	unsigned long y = folio_pfn(*(struct folio * const *)b);

	return x < y ? -1 : x > y;
}

static int run_unpin(const unsigned long *arg)
{
	while (nr_pins)
		folio_put(pins[--nr_pins]);
	return 0;
}

static int run_pin(const unsigned long *arg)
{
	unsigned long base = PHYS_PFN(cma_get_base(area));
	unsigned long size = cma_get_size(area) >> PAGE_SHIFT;
	unsigned long left = arg[0] * 1000;
	struct rnd_state rnd;
	unsigned int i;

	if (arg[0] > MAX_PINS)
		return -EINVAL;
	run_unpin(arg);
	/* The generator takes a while to get away from a small seed. */
	prandom_seed_state(&rnd, arg[1]);
	for (i = 0; i < 100; i++)
		prandom_u32_state(&rnd);
	while (nr_pins < arg[0] && left--) {
		pins[nr_pins] = try_pin(base + prandom_u32_state(&rnd) % size);
		if (pins[nr_pins])
			nr_pins++;
	}
	sort(pins, nr_pins, sizeof(pins[0]), by_address, NULL);
	for (i = 0; i < nr_pins; i++)
		report_len += scnprintf(report + report_len,
					REPORT_BYTES - report_len, "%lu\n",
					folio_pfn(pins[i]) - base);
	return nr_pins < arg[0] ? -EAGAIN : 0;
}

static int run_clear(const unsigned long *arg)
{
	unsigned long start = PHYS_PFN(cma_get_base(area));
	unsigned long end = start + (cma_get_size(area) >> PAGE_SHIFT);
	bool clear = false;
	unsigned int i;

	for (i = 0; i <= nr_pins && !clear; i++) {
		unsigned long stop = i < nr_pins ? folio_pfn(pins[i]) : end;

		start = ALIGN(start, 1UL << arg[1]);
		clear = start + arg[0] <= stop;
		if (i < nr_pins)
			start = stop + folio_nr_pages(pins[i]);
	}
	report_len = scnprintf(report, REPORT_BYTES, "%d\n", clear);
	return 0;
}

static int request_for_a_while(void *data)
{
	struct requester *r = data;
	unsigned int align = min(get_order(r->pages << PAGE_SHIFT), DMA_ALIGN);
	struct sample sample;

	/* With no room for more it still competes with the others. */
	while (ktime_get_ns() < r->until) {
		time_cma(&sample, r->pages, align);
		if (r->nr < MAX_SAMPLES)
			r->samples[r->nr++] = sample;
		cond_resched();
	}
	complete(&r->done);
	return 0;
}

static int run_parallel(const unsigned long *arg)
{
	u64 until = ktime_get_ns() + arg[2] * NSEC_PER_MSEC;
	struct requester *all;
	unsigned long i, nr;
	unsigned int s;

	if (arg[0] > MAX_REQUESTERS)
		return -EINVAL;
	all = vcalloc(arg[0], sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (nr = 0; nr < arg[0]; nr++) {
		init_completion(&all[nr].done);
		all[nr].pages = arg[1];
		all[nr].until = until;
		if (IS_ERR(kthread_run(request_for_a_while, &all[nr],
				       "cma_bench/%lu", nr)))
			break;
	}
	for (i = 0; i < nr; i++) {
		wait_for_completion(&all[i].done);
		for (s = 0; s < all[i].nr; s++)
			report_sample(&all[i].samples[s]);
	}
	vfree(all);
	return nr < arg[0] ? -ENOMEM : 0;
}

static const struct command commands[] = {
	{ "alloc", 3, run_alloc },
	{ "dma", 3, run_dma },
	{ "hold", 3, run_hold },
	{ "pin", 2, run_pin },
	{ "unpin", 0, run_unpin },
	{ "clear", 2, run_clear },
	{ "parallel", 3, run_parallel },
};

static ssize_t command_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	unsigned long arg[3] = {};
	char text[80], name[16];
	int i, nr, err = -EINVAL;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	nr = sscanf(text, "%15s %lu %lu %lu", name, &arg[0], &arg[1], &arg[2]);
	mutex_lock(&bench_lock);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (nr != commands[i].nr_args + 1 ||
		    strcmp(name, commands[i].name))
			continue;
		report_len = 0;
		err = commands[i].run(arg);
	}
	mutex_unlock(&bench_lock);
	return err ?: len;
}

static ssize_t command_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&bench_lock);
	ret = simple_read_from_buffer(buf, len, pos, report, report_len);
	mutex_unlock(&bench_lock);
	return ret;
}

static const struct file_operations command_fops = {
	.open = simple_open,
	.read = command_read,
	.write = command_write,
};

static int __init cma_bench_init(void)
{
	struct platform_device *pdev;
	int err;

	pdev = platform_device_register_simple("cma_bench", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	bench_dev = &pdev->dev;
	err = dma_coerce_mask_and_coherent(bench_dev, DMA_BIT_MASK(64));
	if (err)
		goto out;
	area = dev_get_cma_area(bench_dev);
	report = vmalloc(REPORT_BYTES);
	err = !area ? -ENODEV : !report ? -ENOMEM : 0;
	if (err)
		goto out;
	debugfs_create_file("command", 0600,
			    debugfs_create_dir("cma_bench", NULL), NULL,
			    &command_fops);
	return 0;
out:
	vfree(report);
	platform_device_unregister(pdev);
	return err;
}
late_initcall(cma_bench_init);
