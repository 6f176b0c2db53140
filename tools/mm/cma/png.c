// SPDX-License-Identifier: GPL-2.0
/*
 * Pictures as PNG, on a light ground.
 */
#include <cairo.h>
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "canvas.h"

static cairo_surface_t *surface;
static cairo_t *cairo;

static void set_source(const char *colour)
{
	unsigned int red, green, blue;

	if (sscanf(colour, "#%2x%2x%2x", &red, &green, &blue) != 3)
		errx(1, "'%s' isn't a colour", colour);
	cairo_set_source_rgb(cairo, red / 255.0, green / 255.0, blue / 255.0);
}

static void png_begin(unsigned long width, unsigned long height)
{
	if (isatty(STDOUT_FILENO))
		errx(2, "--png is for a file: cma map --png > map.png");
	surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	cairo = cairo_create(surface);
	if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS)
		errx(1, "no picture of %lu x %lu: %s", width, height,
		     cairo_status_to_string(cairo_status(cairo)));
	set_source("#ffffff");
	cairo_paint(cairo);
	cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, 12);
}

static void png_square(unsigned long x, unsigned long y, unsigned int size, const char *colour)
{
	set_source(colour);
	cairo_rectangle(cairo, x, y, size, size);
	cairo_fill(cairo);
}

static void png_text(unsigned long x, unsigned long y, const char *text)
{
	set_source("#24292f");
	cairo_move_to(cairo, x, y);
	cairo_show_text(cairo, text);
}

static cairo_status_t write_out(void *closure, const unsigned char *data, unsigned int length)
{
	return fwrite(data, 1, length, stdout) == length ? CAIRO_STATUS_SUCCESS :
		CAIRO_STATUS_WRITE_ERROR;
}

static void png_end(void)
{
	cairo_status_t status = cairo_surface_write_to_png_stream(surface, write_out, NULL);

	if (status != CAIRO_STATUS_SUCCESS)
		errx(1, "standard output: %s", cairo_status_to_string(status));
	cairo_destroy(cairo);
	cairo_surface_destroy(surface);
}

const struct canvas png_canvas = { png_begin, png_square, png_text, png_end };
