// SPDX-License-Identifier: GPL-2.0
/*
 * What mm/cma/find.c says of the runs of an area, against an oracle that looks at each
 * unit. SEED= and OPS= in the environment.
 */
#include "search_world.h"

#define CLAIMS		400
#define NOTES		200

/*
 * In a request for more than that, what is farther from a claim may be taken for what may
 * come free; and so may be what is around a claim after many others.
 */
#define NEAR_UNITS	BIT(17)
#define CLAIM_UNITS	32

/* What is true of a unit. */
#define HOLE		BIT(0)
#define ALLOCATED	BIT(1)
#define CLAIMED		BIT(2)
#define READY		BIT(3)
#define STUCK		BIT(4)
#define COSTLY		BIT(5)
#define ISOLATED	BIT(6)

/**
 * struct scene - an area, all of it at random
 * @cma: the area
 * @rng: where the numbers are from
 * @units: what is true of each of them
 * @claims: those that are under way
 * @nr_claims: number of them
 */
struct scene {
	struct cma cma;
	struct rng *rng;
	u8 *units;
	struct cma_claim claims[CLAIMS];
	unsigned int nr_claims;
};

/**
 * struct answer - what there is
 * @run: the lowest run that could be had
 * @kept: the lowest one, those included that others are in the way of
 * @in_flight: whether there is one as soon as all claims have ended
 */
struct answer {
	unsigned long run;
	unsigned long kept;
	bool in_flight;
};

static unsigned int counted[CMA_FOUND_NONE + 1], doubtful;

/* There are no pages. */
static bool no_lend(struct cma *cma, unsigned long pfn, unsigned long nr_pages)
{
	return true;
}

static const struct cma_evacuator no_evacuator = {
	.lend = no_lend,
};

/* ---- The area --------------------------------------------------------- */

static void mark(struct scene *scene, struct cma_extent run, u8 what)
{
	unsigned long unit;

	for (unit = run.start; unit < cma_extent_end(run); unit++)
		scene->units[unit] |= what;
}

/* The ranges have been added. */
static void open_area(struct scene *scene, unsigned int order_per_bit)
{
	struct cma *cma = &scene->cma;
	unsigned int i;

	cma->order_per_bit = order_per_bit;
	cma->evacuator = &no_evacuator;
	assert(!cma_area_init(cma));
	cma_set_state(cma, CMA_AREA_ACTIVE);
	cma_set_ready_max(cma, cma->nr_pages);
	scene->units = calloc(cma_nr_units(cma), 1);
	assert(scene->units);
	for (i = 0; i + 1 < cma->nr_ranges; i++)
		mark(scene, cma_hole_behind(cma, &cma->ranges[i]), HOLE);
}

/* Up to three ranges; one in four areas is larger than what is looked at. */
static void open_random_area(struct scene *scene)
{
	unsigned long blocks, pfn = WORLD_BASE_PFN;
	unsigned int nr = 1 + rng_below(scene->rng, 3);
	bool large = !rng_below(scene->rng, 4);

	while (nr--) {
		blocks = 1 + rng_below(scene->rng, large ? 1200 : 8);
		pfn += (1 + rng_below(scene->rng, 3)) * pageblock_nr_pages;
		cma_add_range(&scene->cma, pfn, blocks * pageblock_nr_pages);
		pfn += blocks * pageblock_nr_pages;
	}
	open_area(scene, large || rng_below(scene->rng, 2) ? 0 : rng_below(scene->rng, 5));
}

/* Returns whether the books balance. */
static bool close_area(struct scene *scene)
{
	bool right;

	while (scene->nr_claims)
		cma_abort(&scene->cma, &scene->claims[--scene->nr_claims]);
	right = EXPECT(cma_check(&scene->cma), "the books don't balance");
	cma_area_destroy(&scene->cma);
	free(scene->units);
	free(scene);
	return right;
}

/* The pageblocks of a claim, as units. */
static struct cma_extent blocks_of(const struct cma *cma, struct cma_extent run)
{
	unsigned long pfn = cma_run_to_pfn(cma, run);
	unsigned long end = pfn + cma_run_to_pages(cma, run);

	return cma_extent_between(cma_pfn_to_unit(cma, ALIGN_DOWN(pfn, CMA_EXCLUSION_PAGES)),
				  cma_pfn_to_unit(cma, ALIGN(end, CMA_EXCLUSION_PAGES)));
}

static void make_claim(struct scene *scene, struct cma_extent run, bool isolates)
{
	struct cma_claim *claim = &scene->claims[scene->nr_claims];

	if (scene->nr_claims == CLAIMS ||
	    !cma_claim_at(&scene->cma, run, isolates, claim))
		return;
	mark(scene, run, CLAIMED);
	if (isolates)
		mark(scene, blocks_of(&scene->cma, run), ISOLATED);
	scene->nr_claims++;
}

static void make_allocated(struct scene *scene, struct cma_extent run, bool ready)
{
	struct cma_claim claim;

	assert(cma_claim_at(&scene->cma, run, false, &claim));
	cma_commit(&scene->cma, &claim);
	ready = ready && cma_park(&scene->cma, run);
	mark(scene, run, ready ? READY : ALLOCATED);
}

/* Each of some pieces becomes something; @claims of 16 that aren't lent are claimed. */
static void fill_area(struct scene *scene, unsigned long longest, unsigned int claims)
{
	const struct cma_range *range = scene->cma.ranges;
	unsigned long at, end;
	struct cma_extent run;

	for (; range < scene->cma.ranges + scene->cma.nr_ranges; range++) {
		run = cma_range_to_run(&scene->cma, range);
		end = cma_extent_end(run);
		for (at = run.start; at < end; at = cma_extent_end(run)) {
			run = cma_extent_at(at, 1 + rng_skewed(scene->rng, longest));
			run = cma_extent_between(at, min(end, cma_extent_end(run)));
			if (!rng_below(scene->rng, 3))
				continue;
			if (rng_below(scene->rng, 16) < claims)
				make_claim(scene, run, !rng_below(scene->rng, 3));
			else
				make_allocated(scene, run, rng_below(scene->rng, 2));
		}
	}
}

static void make_notes(struct scene *scene)
{
	unsigned int nr = rng_skewed(scene->rng, NOTES);
	unsigned long unit;
	bool costly;

	while (nr--) {
		unit = rng_below(scene->rng, cma_nr_units(&scene->cma));
		costly = rng_below(scene->rng, 2);
		if (scene->units[unit] & (STUCK | COSTLY))
			continue;
		cma_skip_add(&scene->cma.skip, unit, jiffies, 1000, costly);
		scene->units[unit] |= costly ? COSTLY : STUCK;
	}
}

/* ---- The oracle ------------------------------------------------------- */

/* What keeps a unit out of a run that is looked for so. */
static u8 what_shuts(unsigned int flags)
{
	u8 what = HOLE | ALLOCATED | CLAIMED;

	if (!(flags & CMA_LOOK_MIXED))
		what |= READY;
	if (flags & CMA_LOOK_CLEAR)
		what |= STUCK;
	if (flags & CMA_LOOK_CLEAR && flags & CMA_LOOK_CHEAP)
		what |= COSTLY;
	return what;
}

/* Runs from the highest one down. What is allocated counts only among @seen for claims. */
static struct answer look_at_all(const struct scene *scene, const struct runmap_query *query,
				 unsigned int flags, struct cma_extent seen)
{
	unsigned long nr = cma_nr_units(&scene->cma), shut = nr, wall = nr, claim = nr;
	struct answer answer = { .run = RUNMAP_NONE, .kept = RUNMAP_NONE };
	unsigned long isolated = nr, address, unit, end;
	u8 is, shuts = what_shuts(flags);

	for (unit = nr; unit--; ) {
		is = scene->units[unit];
		if (is & shuts)
			shut = unit;
		if (is & HOLE || (is & ALLOCATED && unit >= seen.start &&
				  unit < cma_extent_end(seen)))
			wall = unit;
		if (is & CLAIMED)
			claim = unit;
		if (is & ISOLATED)
			isolated = unit;
		address = cma_unit_to_pfn(&scene->cma, unit) >> scene->cma.order_per_bit;
		end = unit + query->count;
		if (end > min(query->to, nr) || address % BIT(query->align))
			continue;
		answer.in_flight |= end <= wall && claim < end;
		if (unit < query->from || end > shut)
			continue;
		answer.kept = unit;
		if (isolated >= end)
			answer.run = unit;
	}
	return answer;
}

/* Is all that matters for a request looked at around each claim? */
static bool is_looked_at(const struct scene *scene, unsigned long count)
{
	return count <= NEAR_UNITS && (!scene->nr_claims ||
	       (scene->nr_claims - 1) * (2 * count + CLAIM_UNITS) <= NEAR_UNITS);
}

/* Nothing is open. A wait for claims may be in vain only where not all was looked at. */
static bool may_be_in_flight(const struct scene *scene, const struct runmap_query *query,
			     bool truth)
{
	struct cma_extent run = scene->claims[0].run;
	unsigned long from = run.start - min(run.start, NEAR_UNITS);

	if (truth || is_looked_at(scene, query->count))
		return truth;
	doubtful++;
	return scene->nr_claims > 1 ||
	       look_at_all(scene, query, 0, cma_extent_between(from, cma_extent_end(run) +
							       NEAR_UNITS)).in_flight;
}

/* The run that is waited for becomes one if all claims end. */
static bool is_possible(const struct scene *scene, struct cma_extent run)
{
	unsigned long unit;

	for (unit = run.start; unit < cma_extent_end(run); unit++)
		if (unit >= cma_nr_units(&scene->cma) ||
		    scene->units[unit] & (HOLE | ALLOCATED))
			return false;
	return true;
}

/* ---- Questions -------------------------------------------------------- */

/* Of a length that is met with in the area, or nearly so, or any. */
static unsigned long some_count(const struct scene *scene)
{
	unsigned long nr = cma_nr_units(&scene->cma), count = 0, unit;
	u8 ends = rng_below(scene->rng, 2) ? HOLE | ALLOCATED : what_shuts(0);

	if (!rng_below(scene->rng, 4))
		return 1 + rng_skewed(scene->rng, nr);
	for (unit = rng_below(scene->rng, nr); unit < nr && scene->units[unit] & ends; unit++)
		;
	for (; unit && !(scene->units[unit - 1] & ends); unit--)
		;
	for (; unit < nr && !(scene->units[unit] & ends); unit++)
		count++;
	return max(count + rng_below(scene->rng, 3), 2UL) - 1;
}

static bool ask(struct scene *scene, const struct runmap_query *query, unsigned int flags)
{
	struct answer answer = look_at_all(scene, query, flags, cma_all_units(&scene->cma));
	struct cma_lookup look = { .flags = flags };
	enum cma_found found = cma_next_candidate(&scene->cma, query, &look);

	counted[found]++;
	switch (found) {
	case CMA_FOUND_RUN:
		return EXPECT(look.run.start == answer.run, "%u, the oracle %lu",
			      look.run.start, answer.run);
	case CMA_FOUND_CONFLICT:
		return EXPECT(answer.run == RUNMAP_NONE && look.run.start == answer.kept,
			      "%u, the oracle %lu and %lu", look.run.start, answer.run,
			      answer.kept);
	case CMA_FOUND_IN_FLIGHT:
		return EXPECT(answer.kept == RUNMAP_NONE, "there is one at %lu", answer.kept) &&
		       EXPECT(may_be_in_flight(scene, query, answer.in_flight),
			      "there will be none") &&
		       EXPECT(!is_looked_at(scene, query->count) || is_possible(scene, look.run),
			      "never at %u", look.run.start);
	default:
		return EXPECT(answer.kept == RUNMAP_NONE, "there is one at %lu", answer.kept) &&
		       EXPECT(!answer.in_flight, "there may be one");
	}
}

static bool ask_something(struct scene *scene)
{
	struct runmap_query query = { .count = some_count(scene), .to = ULONG_MAX };
	unsigned long nr = cma_nr_units(&scene->cma);
	unsigned int flags = rng_below(scene->rng, 8);

	if (!rng_below(scene->rng, 3))
		query.align = rng_below(scene->rng, 12);
	if (!rng_below(scene->rng, 4))
		query.to = rng_below(scene->rng, nr + 1);
	if (!rng_below(scene->rng, 4))
		query.from = rng_below(scene->rng, nr);
	return EXPECT(ask(scene, &query, flags),
		      "%lu of %lu units, align %u, %lu to %lu, flags %u, %u claims",
		      query.count, nr, query.align, query.from, query.to, flags,
		      scene->nr_claims);
}

static bool random_scene(struct rng *rng, unsigned int steps, u64 *total)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	unsigned long longest;
	unsigned int i;
	bool right = true;

	assert(scene);
	scene->rng = rng;
	open_random_area(scene);
	longest = cma_nr_units(&scene->cma) >> rng_below(rng, 8);
	fill_area(scene, max(longest, 8UL), rng_below(rng, 3) ? 2 : 12);
	make_notes(scene);
	for (i = 0; right && i < 20; i++)
		right = ask_something(scene);
	*total += i;
	return close_area(scene) && right;
}

static bool a_run_is_found_or_awaited_exactly_when_it_is_or_may_be_there(void)
{
	u64 total = 0;
	bool right = tell_stories(random_scene, 2000, &total);

	printf("# %llu questions, seed %llu: %u runs, %u that others keep, %u none\n",
	       (unsigned long long)total, (unsigned long long)seed, counted[CMA_FOUND_RUN],
	       counted[CMA_FOUND_CONFLICT], counted[CMA_FOUND_NONE]);
	printf("# and %u in flight, %u of them not for sure\n", counted[CMA_FOUND_IN_FLIGHT],
	       doubtful);
	return right;
}

/*
 *	rrrrrr#c....#rrrrrr	between two units that are allocated there are @below units
 *				in front of the claim, and @above behind it
 */
static bool look_around_a_claim(unsigned long below, unsigned long above)
{
	const unsigned long middle = 2 * NEAR_UNITS, room = below + 1 + above;
	const unsigned long counts[] = { room, room + 1, room + NEAR_UNITS };
	struct scene *scene = calloc(1, sizeof(*scene));
	bool right = true;
	unsigned int i;

	assert(scene);
	cma_add_range(&scene->cma, WORLD_BASE_PFN, 2 * middle);
	open_area(scene, 0);
	make_allocated(scene, cma_extent_between(0, middle - below - 1), true);
	make_allocated(scene, cma_extent_at(middle - below - 1, 1), false);
	make_allocated(scene, cma_extent_at(middle + 1 + above, 1), false);
	make_allocated(scene, cma_extent_between(middle + above + 2, 2 * middle), true);
	make_claim(scene, cma_extent_at(middle, 1), false);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		const struct runmap_query query = { .count = counts[i], .to = ULONG_MAX };

		right &= EXPECT(ask(scene, &query, 0), "%lu units below, %lu above, for %lu",
				below, above, counts[i]);
	}
	return close_area(scene) && right;
}

static bool what_is_near_a_claim_is_seen_however_long_the_run_is(void)
{
	static const unsigned long far[] = { 0, 1, NEAR_UNITS - 2, NEAR_UNITS - 1 };
	bool right = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(far); i++) {
		right &= look_around_a_claim(0, far[i]);
		right &= look_around_a_claim(far[i], 0);
		right &= look_around_a_claim(far[i], far[i]);
	}
	return right;
}

static const struct test tests[] = {
	TEST(a_run_is_found_or_awaited_exactly_when_it_is_or_may_be_there),
	TEST(what_is_near_a_claim_is_seen_however_long_the_run_is),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
