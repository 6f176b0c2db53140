// SPDX-License-Identifier: GPL-2.0
/*
 * cma map: what the pages of an area are used for, as a picture and in figures.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "tool.h"

struct picture {
	const unsigned char *uses;
	unsigned long base_pfn;
	unsigned long nr_pages;
	unsigned long per_char;
	unsigned long columns;
};

/* What a part of an area is drawn as */
static const struct look {
	char symbol;
	enum colour colour;
	const char *fill;	/* in a picture for a browser */
	const char *name;
} looks[] = {
	{ ' ', COLOUR_NONE, NULL, NULL },
	{ '.', COLOUR_GREY, "#9aa7b4", "free" },
	{ 'r', COLOUR_GREEN, "#3fa34d", "ready" },
	{ 'c', COLOUR_MAGENTA, "#9b59b6", "on the way" },
	{ ':', COLOUR_BLUE, "#8fb8de", "lent, partly in use" },
	{ 'o', COLOUR_BLUE, "#4a7fb5", "lent and in use" },
	{ 'w', COLOUR_YELLOW, "#d9a520", "to be written" },
	{ '+', COLOUR_RED, "#e08283", "partly allocated" },
	{ '#', COLOUR_RED, "#c0392b", "allocated" },
};

enum {
	LOOK_HOLE, LOOK_FREE, LOOK_READY, LOOK_CLAIMED, LOOK_PARTLY, LOOK_LENT, LOOK_DIRTY,
	LOOK_MIXED, LOOK_ALLOCATED
};

static void count(const struct picture *picture, unsigned long from, unsigned long nr,
		  unsigned long *uses)
{
	memset(uses, 0, NR_USES * sizeof(*uses));
	for (; nr-- && from < picture->nr_pages; from++)
		uses[picture->uses[from]]++;
}

static const struct look *look_of(const unsigned long *uses)
{
	unsigned long lent = pages_of_cache(uses) + pages_of_programs(uses) + pages_of_others(uses);
	unsigned long empty = uses[USE_FREE] + uses[USE_READY];

	if (uses[USE_ALLOCATED])
		return &looks[lent || empty || uses[USE_CLAIMED] ? LOOK_MIXED : LOOK_ALLOCATED];
	if (uses[USE_CLAIMED])
		return &looks[LOOK_CLAIMED];
	if (pages_to_write(uses))
		return &looks[LOOK_DIRTY];
	if (lent)
		return &looks[empty ? LOOK_PARTLY : LOOK_LENT];
	if (uses[USE_READY])
		return &looks[LOOK_READY];
	return &looks[uses[USE_FREE] ? LOOK_FREE : LOOK_HOLE];
}

/* Eight lines, whatever the size of the area, unless something else was asked for. */
static void choose_scale(struct picture *picture, const struct options *options)
{
	unsigned long chars = 8 * options->columns;

	picture->columns = options->columns;
	picture->per_char = options->pages ?: (picture->nr_pages + chars - 1) / chars;
	if (picture->per_char > picture->nr_pages)
		picture->per_char = picture->nr_pages;
	if (!picture->per_char)
		picture->per_char = 1;
}

static void draw(const struct picture *picture)
{
	unsigned long page, column = 0;
	unsigned long uses[NR_USES];
	const struct look *look;

	for (page = 0; page < picture->nr_pages; page += picture->per_char) {
		if (!column)
			printf("  %#10lx ", picture->base_pfn + page);
		count(picture, page, picture->per_char, uses);
		look = look_of(uses);
		set_colour(look->colour);
		putchar(look->symbol);
		column = (column + 1) % picture->columns;
		if (column && page + picture->per_char < picture->nr_pages)
			continue;
		set_colour(COLOUR_NONE);
		putchar('\n');
	}
}

static unsigned long kib_of(const struct picture *picture)
{
	return picture->per_char * (machine.page_size / 1024);
}

static void print_legend(const struct picture *picture)
{
	printf("  each line begins with the number of its first page; one character is %lu KiB\n",
	       kib_of(picture));
	printf("  # allocated, + partly; c on the way; r ready;\n");
	printf("  o lent and in use, : partly, w to be written; . free\n");
}

static void print_totals(const unsigned long *uses)
{
	printf("  allocated %.1f MiB, claimed %.1f, ready %.1f\n", mib(uses[USE_ALLOCATED]),
	       mib(uses[USE_CLAIMED]), mib(uses[USE_READY]));
	printf("  lent: page cache %.1f (%.1f dirty), anonymous %.1f, ", mib(pages_of_cache(uses)),
	       mib(pages_to_write(uses)), mib(pages_of_programs(uses)));
	if (pages_of_others(uses))
		printf("other %.1f, ", mib(pages_of_others(uses)));
	printf("free %.1f\n", mib(uses[USE_FREE]));
}

static void print_figures(const struct picture *picture, const unsigned long *uses)
{
	printf("page_size=%ld area_pages=%lu area_base=%lu ", machine.page_size,
	       picture->nr_pages - uses[USE_HOLE], picture->base_pfn);
	printf("area_free=%lu area_ready=%lu area_cache=%lu area_dirty=%lu ", uses[USE_FREE],
	       uses[USE_READY], pages_of_cache(uses), pages_to_write(uses));
	printf("area_anon=%lu area_other=%lu area_claimed=%lu area_allocated=%lu\n",
	       pages_of_programs(uses), pages_of_others(uses), uses[USE_CLAIMED],
	       uses[USE_ALLOCATED]);
}

static void print_json(const struct area *area, const struct picture *picture,
		       const unsigned long *uses)
{
	emit_object();
	emit_string("area", area->name);
	emit_number("page_size", machine.page_size);
	emit_number("base_pfn", picture->base_pfn);
	emit_number("total_pages", picture->nr_pages - uses[USE_HOLE]);
	emit_number("free_pages", uses[USE_FREE]);
	emit_number("ready_pages", uses[USE_READY]);
	emit_number("cache_pages", pages_of_cache(uses));
	emit_number("dirty_pages", pages_to_write(uses));
	emit_number("anon_pages", pages_of_programs(uses));
	emit_number("other_pages", pages_of_others(uses));
	emit_number("claimed_pages", uses[USE_CLAIMED]);
	emit_number("allocated_pages", uses[USE_ALLOCATED]);
}

#define CELL	10
#define LINE	14

/* A colour for each look; what isn't of the area isn't drawn. */
static void paint(const struct canvas *canvas, const struct picture *picture, const char *name,
		  unsigned int top)
{
	unsigned long page, column = 0, row = 0;
	unsigned long uses[NR_USES];
	const struct look *look;
	char text[AREA_NAME + 64];

	snprintf(text, sizeof(text), "%s: one square is %lu KiB", name, kib_of(picture));
	make_plain(text);
	canvas->text(4, top + LINE, text);
	for (page = 0; page < picture->nr_pages; page += picture->per_char) {
		count(picture, page, picture->per_char, uses);
		look = look_of(uses);
		if (look->fill)
			canvas->square(4 + column * CELL, top + 20 + row * CELL, CELL - 1,
				       look->fill);
		column = (column + 1) % picture->columns;
		row += !column;
	}
}

static unsigned int rows_of(const struct picture *picture)
{
	unsigned long per_row = picture->per_char * picture->columns;

	return (picture->nr_pages + per_row - 1) / per_row;
}

static void paint_legend(const struct canvas *canvas, unsigned int top)
{
	unsigned int i;

	for (i = LOOK_FREE; i < ARRAY_SIZE(looks); i++) {
		unsigned int x = 4 + (i - 1) % 4 * 150, y = top + (i - 1) / 4 * 16;

		canvas->square(x, y, CELL - 1, looks[i].fill);
		canvas->text(x + 14, y + 9, looks[i].name);
	}
}

/* False if the area doesn't tell; it has said so then. */
static bool open_picture(struct picture *picture, const struct area *area,
			 const struct options *options)
{
	*picture = (struct picture){ };
	picture->uses = area_uses(area, &picture->base_pfn, &picture->nr_pages);
	choose_scale(picture, options);
	return picture->uses;
}

static int show_picture(const struct area *areas, unsigned int nr, const struct options *options,
			const struct canvas *canvas)
{
	struct picture pictures[AREAS_MAX];
	unsigned int i, height = 48, top = 0;
	int status = 0;

	for (i = 0; i < nr; i++) {
		if (open_picture(&pictures[i], &areas[i], options))
			height += rows_of(&pictures[i]) * CELL + 28;
		else
			status = 1;
	}
	canvas->begin((options->columns < 60 ? 60 : options->columns) * CELL + 8, height);
	for (i = 0; i < nr; i++) {
		if (!pictures[i].uses)
			continue;
		paint(canvas, &pictures[i], areas[i].name, top);
		top += rows_of(&pictures[i]) * CELL + 28;
		free((void *)pictures[i].uses);
	}
	paint_legend(canvas, top + 8);
	canvas->end();
	return status;
}

static int show_one(const struct area *area, const struct options *options)
{
	unsigned long uses[NR_USES];
	struct picture picture;

	if (!open_picture(&picture, area, options))
		return 1;
	count(&picture, 0, picture.nr_pages, uses);
	if (options->json) {
		print_json(area, &picture, uses);
	} else if (options->figures) {
		print_figures(&picture, uses);
	} else {
		printf("%s\n", area->name);
		draw(&picture);
		print_totals(uses);
		print_legend(&picture);
	}
	free((void *)picture.uses);
	return 0;
}

int show_map(const struct area *areas, unsigned int nr, const struct options *options)
{
	unsigned int i;
	int status = 0;

	/* A shell would take the variables of the last one for those of all. */
	if (options->figures && nr != 1)
		errx(nr ? 2 : 1, "map --figures is for one area, not for %u", nr);
	if (options->svg || options->png)
		return show_picture(areas, nr, options, options->svg ? &svg_canvas : &png_canvas);
	if (options->json)
		emit_begin();
	for (i = 0; i < nr; i++)
		status |= show_one(&areas[i], options);
	if (options->json)
		emit_end();
	return status;
}
