// SPDX-License-Identifier: GPL-2.0
/*
 * What a terminal gets: colours, times, and no text that would do something to it.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

/* Is somebody looking, at something that knows what an escape sequence is? */
bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") && isatty(STDOUT_FILENO);
}

void set_colour(enum colour colour)
{
	static const char * const codes[] = {
		[COLOUR_NONE] = "0", [COLOUR_GREY] = "90", [COLOUR_RED] = "31",
		[COLOUR_GREEN] = "32", [COLOUR_YELLOW] = "33", [COLOUR_BLUE] = "34",
		[COLOUR_MAGENTA] = "35",
	};
	const char *no_colour = getenv("NO_COLOR");
	static enum colour current;

	if (colour == current || (no_colour && *no_colour) || !is_terminal())
		return;
	printf("\033[%sm", codes[colour]);
	current = colour;
}

/* The bytes of the character of UTF-8 there; 0 if it is none, or is to control something. */
static size_t length_of(const unsigned char *at)
{
	static const unsigned int least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };
	size_t length, i;
	unsigned int code;

	if (*at < 0x7f)
		return *at >= least[1];
	length = *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;
	code = length ? *at & 0x7f >> length : 0;
	for (i = 1; i < length; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	/* Neither halves of UTF-16, nor what is beyond its end */
	return code >= least[length] && code >> 11 != 0x1b && code < 0x110000 ? length : 0;
}

/* A program calls itself what it likes: a question mark for each byte that isn't text. */
void make_plain(char *text)
{
	size_t length;

	for (; *text; text += length) {
		length = length_of((unsigned char *)text);
		if (!length) {
			*text = '?';
			length = 1;
		}
	}
}

/* In the two largest units that it has. */
void print_age(unsigned long long ms)
{
	unsigned long long s = ms / 1000;

	if (s < 60)
		printf("%4llu.%llus", s, ms % 1000 / 100);
	else if (s < 3600)
		printf("%3llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		printf("%3lluh%02llum", s / 3600, s / 60 % 60);
	else
		printf("%3llud%02lluh", s / 86400, s / 3600 % 24);
}

/* A percentile of snapshot_percentile() */
void print_time(unsigned long long us)
{
	if (!us)
		printf("-");
	else if (us == UINT64_MAX)
		printf(">4 s");
	else if (us < 1024)
		printf("<%llu us", us);
	else
		printf("<%llu ms", us / 1000);
}

/* Ends the program if what was printed can't be written. */
void finish_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		err(1, "standard output");
}
