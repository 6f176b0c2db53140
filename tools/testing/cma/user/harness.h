/* SPDX-License-Identifier: GPL-2.0 */
/* Numbered results in KTAP, seeded random numbers, and a last line of sums. */
#ifndef CMA_USER_HARNESS_H
#define CMA_USER_HARNESS_H

#include "shim/bits.h"

/**
 * struct rng - a sequence of numbers that follows from its seed
 * @state: any value
 */
struct rng {
	u64 state;
};

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static inline u64 rng_next(struct rng *rng)
{
	u64 z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* 0 to @n - 1; @n is not 0. */
static inline u64 rng_below(struct rng *rng, u64 n)
{
	return rng_next(rng) % n;
}

/* Mostly small: 0 to @n, each magnitude about as likely as the others. */
static inline u64 rng_skewed(struct rng *rng, u64 n)
{
	u64 value = rng_next(rng) >> rng_below(rng, 64);

	return value % (n + 1);
}

/* The number in the environment, or @otherwise. */
static inline u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

/* What a fuzzer has written, as a number. */
static inline unsigned long two_bytes(const u8 *data)
{
	return data[0] | data[1] << 8;
}

/**
 * struct test - something that holds
 * @name: a sentence
 * @holds: says why if it doesn't
 */
struct test {
	const char *name;
	bool (*holds)(void);
};

#define TEST(sentence) { #sentence, sentence }

/* SEED= and OPS= of the environment: where random steps begin, and how many there are. */
extern u64 seed, ops;

/* A story of random steps; what is worth counting is added to @counted. */
typedef bool story_fn(struct rng *rng, unsigned int steps, u64 *counted);

/* What doesn't hold says why; the test that it belongs to then ends. */
#define EXPECT(cond, ...)						\
	((cond) ||							\
	 (printf("# %s:%d: not so: %s: ", __FILE__, __LINE__, #cond),	\
	  printf(__VA_ARGS__), putchar('\n'), false))

int run_tests(const struct test *tests, unsigned int nr);
u64 tell_stories(story_fn *story, unsigned int steps, u64 *counted);
double cpu_time_ns(void);

#endif
