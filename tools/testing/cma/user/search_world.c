// SPDX-License-Identifier: GPL-2.0
#include "search_world.h"
#include "owner.h"

unsigned long jiffies = -10000UL;
struct task_struct *current = &(struct task_struct){ };
int system_unbound_wq;
void (*shim_meanwhile)(void);
bool shim_woken;

bool world_times_locks;
double world_longest_ns;
static double locked_at;

void shim_lock(spinlock_t *lock)
{
	WARN_ON(lock->held);
	lock->held = true;
	if (world_times_locks)
		locked_at = cpu_time_ns();
}

void shim_unlock(spinlock_t *lock)
{
	if (world_times_locks)
		world_longest_ns = max(world_longest_ns, cpu_time_ns() - locked_at);
	lock->held = false;
}

static struct world *to_world(struct cma *cma)
{
	return container_of(cma, struct world, cma);
}

static struct world_page *page_of(struct world *world, unsigned long pfn)
{
	return &world->pages[pfn - world->cma.base_pfn];
}

static void expect(struct world *world, bool right, const char *what)
{
	if (right || world->wrong)
		return;
	printf("# %s\n", what);
	world->wrong = true;
}

static void take(struct world *world, unsigned long pfn, unsigned long nr_pages)
{
	struct world_page *page = page_of(world, pfn);

	for (; nr_pages--; page++) {
		expect(world, !page->ours, "a page was taken twice");
		expect(world, !page->pinned, "a pinned page was moved");
		expect(world, !page->others, "others were at a page that was taken");
		page->ours = true;
		page->in_use = 0;
	}
}

/* The page that stops an evacuation: the first or the last one, or NULL. */
static struct world_page *stopper(struct world *world,
				  const struct cma_evacuation *evacuation,
				  bool last)
{
	struct world_page *page = page_of(world, evacuation->pfn), *found = NULL;
	unsigned long i;

	for (i = 0; i < evacuation->nr_pages; i++)
		if (page[i].pinned) {
			found = &page[i];
			if (!last)
				break;
		}
	return found;
}

static struct world_page *dear_page(struct world *world,
				    const struct cma_evacuation *evacuation)
{
	struct world_page *page = page_of(world, evacuation->pfn);
	unsigned long i;

	for (i = 0; evacuation->effort == CMA_EFFORT_CHEAP && i < evacuation->nr_pages; i++)
		if (page[i].in_use > 3)
			return &page[i];
	return NULL;
}

/* Cheaply the last page is foreseen, thoroughly everything before the first moves. */
static int world_evacuate(struct cma *cma, struct cma_evacuation *evacuation)
{
	struct world *world = to_world(cma);
	struct world_page *page;

	world->attempts++;
	evacuation->hopeless = evacuation->effort != CMA_EFFORT_THOROUGH &&
			       rng_below(world->rng, 4);
	page = stopper(world, evacuation, evacuation->hopeless);
	if (!page) {
		page = dear_page(world, evacuation);
		evacuation->costly = page;
		evacuation->hopeless = page;
	}
	if (!page) {
		take(world, evacuation->pfn, evacuation->nr_pages);
		return 0;
	}
	evacuation->blocker = (struct cma_blocker){
		.pfn = cma->base_pfn + (page - world->pages),
		.kind = rng_below(world->rng, 2) ? CMA_PAGE_PINNED :
						   CMA_PAGE_WRITEBACK,
	};
	if (!evacuation->hopeless) {
		evacuation->nr_taken = evacuation->blocker.pfn - evacuation->pfn;
		take(world, evacuation->pfn, evacuation->nr_taken);
	}
	return -EBUSY;
}

/* Now and then somebody looks at a page of what was READY. */
static bool world_prepare(struct cma *cma, unsigned long pfn,
			  unsigned long nr_pages, gfp_t gfp, bool used)
{
	struct world *world = to_world(cma);

	while (nr_pages--)
		expect(world, page_of(world, pfn++)->ours,
		       "a page was prepared that isn't ours");
	return !used || rng_below(world->rng, 50);
}

static bool world_lend(struct cma *cma, unsigned long pfn,
		       unsigned long nr_pages)
{
	struct world *world = to_world(cma);

	for (; nr_pages--; pfn++) {
		expect(world, page_of(world, pfn)->ours,
		       "a page was given back twice");
		page_of(world, pfn)->ours = false;
	}
	return true;
}

/* A glance sees most pins. */
static bool world_foresee(struct cma *cma, unsigned long pfn,
			  unsigned long nr_pages, struct cma_blocker *blocker)
{
	struct world *world = to_world(cma);

	while (nr_pages--) {
		if (!page_of(world, pfn + nr_pages)->pinned ||
		    !rng_below(world->rng, 8))
			continue;
		*blocker = (struct cma_blocker){
			.pfn = pfn + nr_pages,
			.kind = CMA_PAGE_PINNED,
		};
		return true;
	}
	return false;
}

static unsigned int world_cost(struct cma *cma, unsigned long pfn,
			       unsigned long nr_pages)
{
	struct world_page *page = page_of(to_world(cma), pfn);
	unsigned long i, samples = min(nr_pages, 16UL);
	unsigned int cost = 0;

	for (i = 0; i < samples; i++)
		cost += page[i * nr_pages / samples].in_use;
	return cost;
}

static const struct cma_evacuator world_evacuator = {
	.evacuate	= world_evacuate,
	.prepare	= world_prepare,
	.lend		= world_lend,
	.foresee	= world_foresee,
	.cost		= world_cost,
};

void world_open(struct world *world, unsigned long nr_pages,
		unsigned int order_per_bit, struct rng *rng)
{
	struct cma *cma = &world->cma;

	memset(world, 0, sizeof(*world));
	world->rng = rng;
	world->pages = calloc(nr_pages, sizeof(*world->pages));
	assert(world->pages);
	cma_add_range(cma, WORLD_BASE_PFN +
		      rng_below(rng, WORLD_BASES) * pageblock_nr_pages, nr_pages);
	cma->order_per_bit = order_per_bit;
	cma->evacuator = &world_evacuator;
	assert(!cma_area_init(cma));
	cma_set_state(cma, CMA_AREA_ACTIVE);
}

bool world_close(struct world *world)
{
	bool right = world_agrees(world);

	cma_area_destroy(&world->cma);
	free(world->pages);
	return right;
}

static unsigned long round_to_units(const struct world *world,
				    unsigned long nr_pages)
{
	return ALIGN(nr_pages, BIT(world->cma.order_per_bit));
}

static void hand(struct world *world, unsigned long offset,
		 unsigned long nr_pages, bool allocated)
{
	struct world_page *page = world->pages + offset;

	for (nr_pages = round_to_units(world, nr_pages); nr_pages--; page++) {
		expect(world, page->allocated != allocated,
		       "a page has two owners or none");
		page->allocated = allocated;
	}
}

/* Nobody asks whose the runs are. */
struct static_key_false cma_owners_key;

void __cma_end_owner_locked(struct cma *cma, unsigned long start)
{
}

void __cma_end_owners_locked(struct cma *cma, struct cma_extent run)
{
}

/* What a request that makes sense asks for, in units that lie below its limit. */
static struct runmap_query in_units(const struct world *world, const struct cma_request *request)
{
	const struct cma *cma = &world->cma;
	unsigned long unit = 1UL << cma->order_per_bit, end = cma->nr_pages;

	if (request->limit && (request->limit + 1) / PAGE_SIZE < cma->base_pfn + end)
		end = (request->limit + 1) / PAGE_SIZE - cma->base_pfn;
	return (struct runmap_query){
		.count = (request->count + unit - 1) / unit,
		.align = max(request->align, cma->order_per_bit) - cma->order_per_bit,
		.to = end / unit,
	};
}

static bool take_ready(struct cma *cma, const struct cma_request *request,
		       const struct runmap_query *query, unsigned long *pfn)
{
	struct cma_extent run;

	if (!cma_serve(cma, query, &run))
		return false;
	*pfn = cma_run_to_pfn(cma, run);
	if (cma->evacuator->prepare(cma, *pfn, cma_run_to_pages(cma, run),
				    request->gfp, true))
		return true;
	cma_lend(cma, run);
	return false;
}

/* As cma_alloc_run() does it. The offset of the run from the base, or minus the reason. */
long world_alloc(struct world *world, struct cma_request *request)
{
	struct cma *cma = &world->cma;
	struct runmap_query query = in_units(world, request);
	struct cma_work work = { };
	unsigned long pfn = 0;

	world->was_ready = take_ready(cma, request, &query, &pfn);
	request->reason = world->was_ready ? CMA_REASON_NONE : cma_check_query(cma, &query);
	if (!request->reason && !world->was_ready)
		request->reason = cma_search(cma, request, &query, &work, &pfn);
	expect(world, list_empty(&world->cma.turns),
	       "a request has left the queue, and its place is still there");
	if (request->reason)
		return -(long)request->reason;
	pfn -= world->cma.base_pfn;
	hand(world, pfn, request->count, true);
	return pfn;
}

/* As cma_release_run() does it. */
void world_release(struct world *world, unsigned long offset,
		   unsigned long nr_pages)
{
	struct cma *cma = &world->cma;
	struct cma_extent run = cma_pages_to_run(cma, cma->base_pfn + offset,
						 nr_pages);

	hand(world, offset, nr_pages, false);
	if (!cma_park(cma, run))
		expect(world, !cma_lend(cma, run),
		       "a run could not be given back");
}

/*
 * The lowest run that nobody has, no pin keeps and nobody else is at, or -1. This is the oracle: it
 * knows the pins.
 */
long world_first_fit(const struct world *world,
		     const struct cma_request *request)
{
	unsigned long count = round_to_units(world, request->count);
	unsigned long nr = world->cma.nr_pages, align, base, page, run = 0;
	long found = -1;

	align = BIT(max(request->align, world->cma.order_per_bit));
	base = world->cma.base_pfn;
	if (request->limit)
		nr = min(nr, (request->limit + 1) / PAGE_SIZE - base);
	for (page = nr; page--; ) {
		run++;
		if (world->pages[page].allocated || world->pages[page].pinned ||
		    world->pages[page].others)
			run = 0;
		if (run >= count && (base + page) % align == 0)
			found = page;
	}
	return found;
}

/* The books balance, and say of each page what is true. */
bool world_agrees(struct world *world)
{
	unsigned long page, ours = 0, allocated = 0;
	struct cma_usage usage;

	for (page = 0; page < world->cma.nr_pages; page++) {
		ours += world->pages[page].ours;
		allocated += world->pages[page].allocated;
		expect(world, world->pages[page].allocated <=
		       world->pages[page].ours, "an allocated page isn't ours");
	}
	cma_get_usage(&world->cma, &usage);
	return EXPECT(cma_check(&world->cma), "the books don't balance") &&
	       EXPECT(usage.allocated == allocated && !usage.claimed &&
		      usage.ready == ours - allocated,
		      "%lu allocated, %lu ready, %lu ours", usage.allocated,
		      usage.ready, ours) &&
	       !world->wrong;
}
