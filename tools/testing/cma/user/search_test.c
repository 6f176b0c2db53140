// SPDX-License-Identifier: GPL-2.0
/*
 * The books and the policy of an area, mm/cma/search.c and what it is made of,
 * against an oracle that knows what can be had. SEED= and OPS= in the environment.
 */
#include "search_world.h"

#define RUNS	256
#define OTHERS	3

/* The runs that somebody has or is at, and the pins; all of it at random. */
struct story {
	struct world world;
	struct rng *rng;
	struct {
		unsigned long offset, count;
	} runs[RUNS];
	unsigned int nr_runs;
	struct cma_claim others[OTHERS];	/* of no units: none */
	u64 served, refused;
};

/* Pins from one page in 10000 to one in 20 of those that aren't the area's. */
static void pin_pages(struct story *story)
{
	static const unsigned int one_in[] = { 10000, 3000, 1000, 300, 100, 50, 20 };
	unsigned int rare = one_in[rng_below(story->rng, ARRAY_SIZE(one_in))];
	struct world_page *page = story->world.pages;
	struct world_page *end = page + story->world.cma.nr_pages;

	for (; page < end; page++) {
		page->pinned = !page->ours && !rng_below(story->rng, rare);
		if (!page->ours)
			page->in_use = rng_below(story->rng, 6);
	}
}

static struct cma_request random_request(struct story *story)
{
	unsigned long nr = story->world.cma.nr_pages;
	struct cma_request request = {
		.count = 1 + rng_skewed(story->rng, nr - 1),
		.align = rng_below(story->rng, 11),
		.gfp = GFP_KERNEL,
	};

	if (rng_below(story->rng, 2))
		request.align = 0;
	if (!rng_below(story->rng, 8))
		request.gfp |= __GFP_RETRY_MAYFAIL;
	if (!rng_below(story->rng, 8))
		request.limit = PFN_PHYS(story->world.cma.base_pfn + 1 +
					 rng_below(story->rng, nr)) - 1;
	return request;
}

static bool make_request(struct story *story)
{
	struct cma_request request = random_request(story);
	long right = world_first_fit(&story->world, &request);
	long found = world_alloc(&story->world, &request);

	if (found >= 0) {
		story->runs[story->nr_runs].offset = found;
		story->runs[story->nr_runs++].count = request.count;
	}
	*(found >= 0 ? &story->served : &story->refused) += 1;
	/* What is READY is handed out wherever it lies. */
	return EXPECT((found >= 0) == (right >= 0) || story->world.was_ready,
		      "%lu pages, align %u, limit %#llx: found %ld, the oracle %ld",
		      request.count, request.align,
		      (unsigned long long)request.limit, found, right);
}

static void release_one(struct story *story)
{
	unsigned int i = rng_below(story->rng, story->nr_runs);

	world_release(&story->world, story->runs[i].offset,
		      story->runs[i].count);
	story->runs[i] = story->runs[--story->nr_runs];
}

/* Somebody else gives READY memory back to the page allocator. */
static void withdraw_some(struct story *story)
{
	unsigned long nr = cma_nr_units(&story->world.cma);
	struct cma_extent from = cma_all_units(&story->world.cma);

	if (rng_below(story->rng, 2)) {
		from.start = rng_below(story->rng, nr);
		from.count = rng_below(story->rng, nr - from.start);
	}
	cma_lend_ready(&story->world.cma, from,
		       rng_skewed(story->rng, nr));
}

/* All that can't be had as long as somebody is at a part of it. */
static void mark_other(struct story *story, const struct cma_claim *claim)
{
	unsigned int order = story->world.cma.order_per_bit;
	unsigned long page = (unsigned long)claim->run.start << order;
	unsigned long end = cma_extent_end(claim->run) << order;

	if (claim->isolates && claim->run.count) {
		page = ALIGN_DOWN(page, pageblock_nr_pages);
		end = ALIGN(end, pageblock_nr_pages);
	}
	for (; page < end; page++)
		story->world.pages[page].others = true;
}

/* Somebody else begins with a run, or ends. It doesn't while anybody waits for it. */
static void begin_or_end_other(struct story *story)
{
	struct cma_claim *claim = &story->others[rng_below(story->rng, OTHERS)];
	struct cma *cma = &story->world.cma;
	struct cma_extent run = cma_all_units(cma);
	unsigned long page;

	run.start = rng_below(story->rng, run.count);
	run.count = 1 + rng_skewed(story->rng, run.count - run.start - 1);
	if (claim->run.count) {
		cma_abort(cma, claim);
		claim->run.count = 0;
	} else if (!cma_claim_at(cma, run, rng_below(story->rng, 4), claim)) {
		claim->run.count = 0;
	}
	for (page = 0; page < cma->nr_pages; page++)
		story->world.pages[page].others = false;
	for (claim = story->others; claim < story->others + OTHERS; claim++)
		mark_other(story, claim);
}

static void end_others(struct story *story)
{
	struct cma_claim *claim = story->others;

	for (; claim < story->others + OTHERS; claim++)
		if (claim->run.count)
			cma_abort(&story->world.cma, claim);
}

static bool tell(struct story *story, unsigned int requests)
{
	bool right = true;

	while (right && requests) {
		switch (rng_below(story->rng, 16)) {
		case 0:
			pin_pages(story);
			break;
		case 1:
			withdraw_some(story);
			break;
		case 2:
			/* the backoff of pages ends */
			jiffies += rng_below(story->rng, 5000);
			break;
		case 3:
			begin_or_end_other(story);
			break;
		case 4 ... 8:
			if (story->nr_runs)
				release_one(story);
			break;
		default:
			if (story->nr_runs == RUNS)
				release_one(story);
			right = make_request(story);
			requests--;
		}
	}
	return right && !story->world.wrong;
}

static bool random_story(struct rng *rng, unsigned int requests, u64 *served,
			 u64 *attempts)
{
	unsigned long nr_pages = pageblock_nr_pages << rng_below(rng, 6);
	struct story *story = calloc(1, sizeof(*story));
	bool right;

	assert(story);
	story->rng = rng;
	world_open(&story->world, nr_pages,
		   rng_below(rng, 2) ? rng_below(rng, 5) : 0, rng);
	if (rng_below(rng, 4))
		cma_set_ready_max(&story->world.cma,
				  rng_below(rng, 2) ? nr_pages :
						      rng_below(rng, nr_pages));
	pin_pages(story);
	right = tell(story, requests);
	if (!right)
		printf("# %lu pages, %u to the unit (log 2)\n", nr_pages,
		       story->world.cma.order_per_bit);
	end_others(story);
	*served += story->served;
	*attempts += story->world.attempts;
	right = world_close(&story->world) && right;
	free(story);
	return right;
}

static bool a_request_succeeds_exactly_when_a_run_exists(void)
{
	const unsigned int each = 500;
	u64 done, served = 0, attempts = 0;
	struct rng rng = { seed };

	for (done = 0; done < ops / 12; done += each)
		if (!random_story(&rng, each, &served, &attempts))
			return false;
	printf("# %llu requests, %llu of them served, %llu attempts, seed %llu\n",
	       (unsigned long long)done, (unsigned long long)served,
	       (unsigned long long)attempts, (unsigned long long)seed);
	return true;
}

/* ---- Somebody else is at a run ---- */

/*
 *	|c...|.x..|	the page has gone, but its backoff has not ended; and what is at the
 *			other run doesn't end
 */
static bool a_note_costs_no_success_while_others_are_at_a_run(void)
{
	static const unsigned int ms[] = { 0, 1, 50, 1000 };
	struct rng rng = { seed };
	struct cma_claim claim;
	struct world world;
	bool right = true;
	unsigned int i;
	long found;

	for (i = 0; i < ARRAY_SIZE(ms); i++) {
		struct cma_request request = {
			.count = pageblock_nr_pages, .gfp = GFP_KERNEL,
			.timeout_ms = ms[i],
		};

		world_open(&world, 2 * pageblock_nr_pages, 0, &rng);
		cma_skip_add(&world.cma.skip, pageblock_nr_pages + 77,
			     jiffies, 100000, false);
		assert(cma_claim_at(&world.cma, cma_extent_at(0, 4), true, &claim));
		found = world_alloc(&world, &request);
		right &= EXPECT(found == (long)pageblock_nr_pages,
				"%ld, with %u ms", found, ms[i]);
		cma_abort(&world.cma, &claim);
		right &= world_close(&world);
	}
	return right;
}

static struct world *meanwhile;
static struct cma_claim meanwhile_claim;
static unsigned int meanwhile_waits;

/* The owner of the lower run gives it back, and others have the upper one. */
static void the_lower_run_comes_free(void)
{
	struct cma *cma = &meanwhile->cma;
	struct cma_claim rest;

	/* By then it is looked for thoroughly. */
	if (++meanwhile_waits < 12)
		return;
	shim_meanwhile = NULL;
	assert(cma_claim_at(cma, cma_extent_at(pageblock_nr_pages + 4, pageblock_nr_pages - 4),
			    false, &rest));
	cma_commit(cma, &rest);
	cma_commit(cma, &meanwhile_claim);
	world_release(meanwhile, 0, pageblock_nr_pages);
}

/*
 *	|####|c...|  ->  |....|####|	who waits for the upper run gets the lower one
 */
static bool what_comes_free_below_the_run_that_is_waited_for_is_seen(void)
{
	struct cma_request lower = {
		.count = pageblock_nr_pages, .gfp = GFP_KERNEL,
	};
	struct cma_request request = {
		.count = pageblock_nr_pages / 2 + 77, .gfp = GFP_KERNEL,
	};
	struct rng rng = { seed };
	struct world world;
	long found;
	bool right;

	world_open(&world, 2 * pageblock_nr_pages, 0, &rng);
	right = EXPECT(world_alloc(&world, &lower) == 0, "not the first one");
	/* No run is clear. */
	cma_skip_add(&world.cma.skip, 3 * pageblock_nr_pages / 2, jiffies,
		     100000, false);
	assert(cma_claim_at(&world.cma, cma_extent_at(pageblock_nr_pages, 4), true,
			    &meanwhile_claim));
	meanwhile = &world;
	shim_meanwhile = the_lower_run_comes_free;
	found = world_alloc(&world, &request);
	right &= EXPECT(found == 0, "%ld", found);
	cma_area_destroy(&world.cma);
	free(world.pages);
	return right;
}

/* ---- Small buffers that stay for long ---- */

#define BUFFERS		1000
#define BUFFER_PAGES	16
#define BUFFER_AREA	65536UL
#define BUFFER_CHANGES	10000

/* The longest run that nobody has. */
static unsigned long longest_run(const struct world *world)
{
	unsigned long page, run = 0, longest = 0;

	for (page = 0; page < world->cma.nr_pages; page++) {
		run = world->pages[page].allocated ? 0 : run + 1;
		longest = max(longest, run);
	}
	return longest;
}

/* What isn't the area's is used by others, of whom some don't drop their pages. */
static void use_pages(struct world *world, struct rng *rng, unsigned int most)
{
	unsigned long page;

	for (page = 0; page < world->cma.nr_pages; page++)
		if (!world->pages[page].ours)
			world->pages[page].in_use = rng_below(rng, most + 1);
}

/* The same buffers by first fit, in books that know nothing else. */
struct first_fit {
	struct world world;
	unsigned long offsets[BUFFERS];
};

static void first_fit_alloc(struct first_fit *fit, unsigned int i)
{
	unsigned long page, found = 0;

	/* All are as long, so each of them begins at a multiple of that. */
	while (fit->world.pages[found].allocated)
		found += BUFFER_PAGES;
	fit->offsets[i] = found;
	for (page = 0; page < BUFFER_PAGES; page++)
		fit->world.pages[found + page].allocated = true;
}

static void first_fit_free(struct first_fit *fit, unsigned int i)
{
	unsigned long page;

	for (page = 0; page < BUFFER_PAGES; page++)
		fit->world.pages[fit->offsets[i] + page].allocated = false;
}

/*
 * All buffers are made, and one after the other, at random, is made anew. Returns
 * how often 60 % of the area were one run, minus how often first fit leaves that.
 */
static long change_buffers(struct world *world, struct first_fit *fit,
			   struct rng *rng, unsigned int most)
{
	struct cma_request request = { .count = BUFFER_PAGES, .gfp = GFP_KERNEL };
	const unsigned long large = BUFFER_AREA * 6 / 10;
	unsigned long offsets[BUFFERS];
	long lead = 0;
	int change;
	unsigned int i;

	for (change = -BUFFERS; change < BUFFER_CHANGES; change++) {
		i = change < 0 ? change + BUFFERS : rng_below(rng, BUFFERS);
		if (change >= 0) {
			world_release(world, offsets[i], BUFFER_PAGES);
			first_fit_free(fit, i);
		}
		first_fit_alloc(fit, i);
		offsets[i] = world_alloc(world, &request);
		if (change % 100)
			continue;
		use_pages(world, rng, most);
		jiffies += 1000;
		cma_lend_ready(&world->cma, cma_extent_between(0, BUFFER_AREA),
			       world->cma.ready.total / 2);
		lead += (longest_run(world) >= large) -
			(longest_run(&fit->world) >= large);
	}
	return lead;
}

static bool small_buffers_stay_together(void)
{
	static const unsigned int most[] = { 0, 1, 5, 200 };
	struct rng rng = { seed };
	struct first_fit *fit;
	struct world world;
	bool right = true;
	unsigned int i;
	long lead;

	for (i = 0; i < 2 * ARRAY_SIZE(most); i++) {
		fit = calloc(1, sizeof(*fit));
		assert(fit);
		world_open(&fit->world, BUFFER_AREA, 0, &rng);
		world_open(&world, BUFFER_AREA, 0, &rng);
		if (i % 2)
			cma_set_ready_max(&world.cma, BUFFER_AREA);
		use_pages(&world, &rng, most[i / 2]);
		lead = change_buffers(&world, fit, &rng, most[i / 2]);
		right &= EXPECT(lead >= 0, "%ld times fewer, pages cost up to %u%s",
				-lead, most[i / 2], i % 2 ? ", some READY" : "");
		right &= world_close(&world);
		cma_area_destroy(&fit->world.cma);
		free(fit->world.pages);
		free(fit);
	}
	return right;
}

/*
 *	|oo..|....|	the lower half of the area is full, and the upper one isn't
 */
static bool a_small_buffer_goes_far_where_that_saves_much(void)
{
	struct cma_request request = { .count = BUFFER_PAGES, .gfp = GFP_KERNEL };
	struct rng rng = { seed };
	unsigned long page;
	struct world world;
	long found;

	world_open(&world, BUFFER_AREA, 0, &rng);
	for (page = 0; page < BUFFER_AREA / 2; page++)
		world.pages[page].in_use = 4;
	found = world_alloc(&world, &request);
	return EXPECT(found >= (long)BUFFER_AREA / 2, "at %ld", found) &
	       world_close(&world);
}

static const struct test tests[] = {
	TEST(a_request_succeeds_exactly_when_a_run_exists),
	TEST(a_note_costs_no_success_while_others_are_at_a_run),
	TEST(what_comes_free_below_the_run_that_is_waited_for_is_seen),
	TEST(small_buffers_stay_together),
	TEST(a_small_buffer_goes_far_where_that_saves_much),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
