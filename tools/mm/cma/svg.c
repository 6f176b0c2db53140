// SPDX-License-Identifier: GPL-2.0
/*
 * Pictures for a browser. They say themselves what their colours are, on a light ground and on
 * a dark one.
 */
#include <stdio.h>

#include "canvas.h"

static void svg_begin(unsigned long width, unsigned long height)
{
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%lu\" height=\"%lu\" ", width,
	       height);
	printf("viewBox=\"0 0 %lu %lu\">\n", width, height);
	printf("<style>text { font: 12px sans-serif; fill: #24292f }\n");
	printf("@media (prefers-color-scheme: dark) { text { fill: #d0d7de } }</style>\n");
}

static void svg_square(unsigned long x, unsigned long y, unsigned int size, const char *colour)
{
	printf("<rect x=\"%lu\" y=\"%lu\" width=\"%u\" height=\"%u\" fill=\"%s\"/>\n", x, y, size,
	       size, colour);
}

static void svg_text(unsigned long x, unsigned long y, const char *text)
{
	printf("<text x=\"%lu\" y=\"%lu\">", x, y);
	for (; *text; text++)
		if (*text == '<' || *text == '&')
			printf("&#%d;", *text);
		else
			putchar(*text);
	printf("</text>\n");
}

static void svg_end(void)
{
	printf("</svg>\n");
}

const struct canvas svg_canvas = { svg_begin, svg_square, svg_text, svg_end };
