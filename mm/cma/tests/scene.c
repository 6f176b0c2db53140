// SPDX-License-Identifier: GPL-2.0
#include <linux/init.h>
#include <linux/string.h>

#include "scene.h"

#define PICTURE_MAX	80

static bool __init is_mark(char c)
{
	return strchr("|+[]^", c);
}

/**
 * cma_scene_make_request() - ask for what a scene says
 * @request: overwritten
 * @scene: picture and request
 */
void __init cma_scene_make_request(struct cma_plan_request *request,
				   const struct scene *scene)
{
	phys_addr_t at = 0;
	const char *c;

	*request = (struct cma_plan_request) {
		.size = scene->size,
		.alignment = scene->alignment,
		.min_alignment = SZ_1M,
		.unit = scene->unit ?: SZ_4K,
		.fixed = scene->fixed,
		.max_ranges = scene->max_ranges,
	};
	for (c = scene->picture; *c; c++) {
		if (*c == '|')
			cma_plan_add_boundary(request, at);
		else if (*c == '[')
			request->base = at;
		else if (*c == ']')
			request->limit = at;
		else if (*c == '^')
			request->rise_from = at;
		else if (*c != '+')
			at += SZ_1M;
	}
	request->memory_end = at;
}

/* Feed the free range that has number @wanted; false if there is none. */
static bool __init feed_range(struct cma_plan *plan, const char *picture,
			      unsigned int wanted)
{
	phys_addr_t at = 0, start = 0;
	unsigned int number = 0;
	bool free = false;

	for (;; picture++) {
		if (*picture && is_mark(*picture) && *picture != '+')
			continue;
		if (free && *picture != '.') {
			if (number++ == wanted) {
				cma_plan_feed(plan, start, at);
				return true;
			}
			free = false;
		}
		if (!*picture)
			return false;
		if (*picture == '+')
			continue;
		if (!free)
			start = at;
		free = *picture == '.';
		at += SZ_1M;
	}
}

/**
 * cma_scene_make_plan() - plan a request with the free ranges of a scene
 * @plan: overwritten
 * @request: see cma_scene_make_request()
 * @scene: picture
 *
 * Return: the number of rounds that it took.
 */
unsigned int __init cma_scene_make_plan(struct cma_plan *plan,
					const struct cma_plan_request *request,
					const struct scene *scene)
{
	unsigned int rounds = 0;
	int i;

	cma_plan_begin(plan, request);
	do {
		rounds++;
		if (scene->backwards) {
			for (i = PICTURE_MAX; i >= 0; i--)
				feed_range(plan, scene->picture, i);
		} else {
			for (i = 0; feed_range(plan, scene->picture, i); i++)
				;
		}
	} while (cma_plan_again(plan));
	return rounds;
}

static void __init paint(char *picture, phys_addr_t start, phys_addr_t end,
			 char colour)
{
	phys_addr_t at = 0;

	for (; *picture; picture++) {
		if (is_mark(*picture))
			continue;
		if (at >= start && at < end)
			*picture = colour;
		at += SZ_1M;
	}
}

/**
 * cma_expect_place() - expect that the area of a scene is placed
 * @test: test
 * @scene: scene
 * @result: picture of the result
 */
void __init cma_expect_place(struct kunit *test, const struct scene *scene,
			     const char *result)
{
	struct cma_plan_request request;
	char picture[PICTURE_MAX];
	struct cma_plan plan;
	unsigned int i;

	cma_scene_make_request(&request, scene);
	cma_scene_make_plan(&plan, &request, scene);
	KUNIT_ASSERT_STREQ(test, cma_plan_verdict_name(plan.verdict), "ok");
	strscpy(picture, scene->picture);
	for (i = 0; i < plan.nr_ranges; i++)
		paint(picture, plan.ranges[i].base,
		      plan.ranges[i].base + plan.ranges[i].size, 'A');
	KUNIT_EXPECT_STREQ(test, picture, result);
}

/**
 * cma_expect_refusal() - expect that there is no place for the area of a scene
 * @test: test
 * @scene: scene
 * @verdict: name of the verdict
 * @result: picture of the refusal
 *
 * Return: the plan, for its figures; without its request.
 */
struct cma_plan __init cma_expect_refusal(struct kunit *test,
					  const struct scene *scene,
					  const char *verdict, const char *result)
{
	struct cma_plan_request request;
	char picture[PICTURE_MAX];
	struct cma_plan plan;

	cma_scene_make_request(&request, scene);
	cma_scene_make_plan(&plan, &request, scene);
	plan.request = NULL;
	KUNIT_EXPECT_STREQ(test, cma_plan_verdict_name(plan.verdict), verdict);
	strscpy(picture, scene->picture);
	paint(picture, plan.hole.start, plan.hole.end, 'h');
	paint(picture, plan.taken_start, plan.taken_end, 'T');
	KUNIT_EXPECT_STREQ(test, picture, result);
	return plan;
}
