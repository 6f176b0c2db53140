/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pictures are painted on. Places and sizes are in pixels, colours as "#rrggbb".
 */
#ifndef CMA_TOOL_CANVAS_H
#define CMA_TOOL_CANVAS_H

/**
 * struct canvas - a form of pictures, which go to standard output
 * @begin: one of this size
 * @square: paint one, whose upper left corner is there
 * @text: write, with the left end of the baseline there
 * @end: all of it has been painted
 */
struct canvas {
	void (*begin)(unsigned long width, unsigned long height);
	void (*square)(unsigned long x, unsigned long y, unsigned int size, const char *colour);
	void (*text)(unsigned long x, unsigned long y, const char *text);
	void (*end)(void);
};

extern const struct canvas svg_canvas;
/* Ends the program where it was built without cairo */
extern const struct canvas png_canvas;

#endif
