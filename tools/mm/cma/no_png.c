// SPDX-License-Identifier: GPL-2.0
/*
 * --png of a program that was built without cairo.
 */
#include <err.h>

#include "canvas.h"

static void no_begin(unsigned long width, unsigned long height)
{
	errx(1, "it was built without cairo, so there is no --png; there is --svg");
}

/* Nothing is painted on what didn't begin. */
const struct canvas png_canvas = { .begin = no_begin };
