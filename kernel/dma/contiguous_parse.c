// SPDX-License-Identifier: GPL-2.0
/*
 * The language in which the command line describes areas of contiguous memory.
 *
 *	cma=size[@[start][-[end]]]	the default area
 *	cma_pernuma=size		an area on each NUMA node
 *	numa_cma=node:size[,...]	areas on some NUMA nodes
 *
 * All numbers can have one of the suffixes K, M, G, T, P and E, with "B" or "iB"
 * behind it. No value at all is a size of 0, as it is for memparse().
 *
 * A size that was written asks for an area. So what follows and isn't understood leaves
 * the size as it is. A number that can't be is something else: nobody knows what
 * it was meant to be.
 *
 * Nothing but the arguments is looked at.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/numa.h>
#include <linux/string.h>

#include "contiguous.h"

/* The longest number of 64 bits is an octal one: 22 digits and a zero. */
#define DMA_CONTIGUOUS_DIGITS	24

static int __init parse_stops(struct dma_contiguous_stop *stop,
			      const char *at, const char *why)
{
	*stop = (struct dma_contiguous_stop) { at, why };
	return -EINVAL;
}

static size_t __init parse_digits(const char *s)
{
	if (s[0] == '0' && tolower(s[1]) == 'x')
		return 2 + strspn(s + 2, "0123456789abcdefABCDEF");
	return strspn(s, "0123456789");
}

/* The power of two that a suffix stands for, 0 if it isn't one. */
static unsigned int __init parse_suffix(char c)
{
	static const char suffixes[] = "kmgtpe";
	const char *suffix = c ? strchr(suffixes, tolower(c)) : NULL;

	return suffix ? 10 * (suffix - suffixes + 1) : 0;
}

/* The length of "B" or "iB" behind a suffix; "MB" is no other size than "M". */
static size_t __init parse_unit(const char *s)
{
	if (tolower(s[0]) == 'i' && tolower(s[1]) == 'b')
		return 2;
	return tolower(s[0]) == 'b';
}

/* Like memparse(), but what is too large is an error and doesn't wrap around. */
static int __init parse_bytes(const char **pos, phys_addr_t *bytes,
			      struct dma_contiguous_stop *stop)
{
	size_t digits = parse_digits(*pos);
	char number[DMA_CONTIGUOUS_DIGITS];
	unsigned int shift;
	u64 value;

	if (!digits)
		return parse_stops(stop, *pos, "a number is missing");
	if (digits >= sizeof(number))
		return parse_stops(stop, *pos, "the number is too large");

	strscpy(number, *pos, digits + 1);
	switch (kstrtou64(number, 0, &value)) {
	case 0:
		break;
	case -ERANGE:
		return parse_stops(stop, *pos, "the number is too large");
	default:
		return parse_stops(stop, *pos, "this isn't a number");
	}

	shift = parse_suffix((*pos)[digits]);
	if (value > ((u64)PHYS_ADDR_MAX >> shift))
		return parse_stops(stop, *pos, "no address is that large");

	*bytes = value << shift;
	*pos += digits;
	if (shift)
		*pos += 1 + parse_unit(*pos + 1);
	return 0;
}

/*
 * "@start", "@start-", "@-end" or "@start-end". Without an end, the start is the one
 * place to be. As an address of 0 is no place to the boot code, it becomes the range
 * that an area at 0 would fill.
 */
static int __init parse_range(const char **pos,
			      struct dma_contiguous_placement *place,
			      struct dma_contiguous_stop *stop)
{
	const char *at = *pos + 1;
	const char *end;

	if (*at && *at != '-' && !parse_digits(at))
		return 0;
	*pos = at;
	if (!*at)
		return 0;
	if (*at != '-' && parse_bytes(pos, &place->base, stop))
		return -EINVAL;
	if (**pos != '-') {
		place->fixed = place->base;
		if (!place->base)
			place->limit = place->size;
		return 0;
	}

	end = ++*pos;
	if (!parse_digits(end))
		return 0;
	if (parse_bytes(pos, &place->limit, stop))
		return -EINVAL;
	if (place->limit <= place->base)
		return parse_stops(stop, end, "the end isn't above the start");
	return 0;
}

/**
 * dma_contiguous_parse() - understand the value of "cma="
 * @arg: the value
 * @placement: filled in on success: a size of 0 stands for no area, an address
 *	of 0 for any
 * @stop: where it stopped: on success at what is ignored, if that isn't the end
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: 0 or -EINVAL.
 */
int __init dma_contiguous_parse(const char *arg,
				struct dma_contiguous_placement *placement,
				struct dma_contiguous_stop *stop)
{
	struct dma_contiguous_placement place = { .nid = NUMA_NO_NODE };

	if (*arg && parse_bytes(&arg, &place.size, stop))
		return -EINVAL;
	if (*arg == '@' && parse_range(&arg, &place, stop))
		return -EINVAL;

	parse_stops(stop, arg, "nothing more was expected");
	*placement = place;
	return 0;
}

/**
 * dma_contiguous_parse_size() - understand the value of "cma_pernuma="
 * @arg: the value
 * @size: bytes, set on success
 * @stop: as for dma_contiguous_parse()
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: 0 or -EINVAL.
 */
int __init dma_contiguous_parse_size(const char *arg,
				     phys_addr_t *size,
				     struct dma_contiguous_stop *stop)
{
	phys_addr_t bytes = 0;

	if (*arg && parse_bytes(&arg, &bytes, stop))
		return -EINVAL;
	parse_stops(stop, arg, "nothing more was expected");
	*size = bytes;
	return 0;
}

/* One "node:size". The node is a plain decimal number. */
static int __init parse_node(const char **pos, unsigned int nr_nodes,
			     unsigned int *nid, phys_addr_t *size,
			     struct dma_contiguous_stop *stop)
{
	size_t digits = strspn(*pos, "0123456789");
	char number[DMA_CONTIGUOUS_DIGITS];

	if (!digits)
		return parse_stops(stop, *pos, "the number of a node is missing");
	if ((*pos)[digits] != ':')
		return parse_stops(stop, *pos + digits, "a colon was expected");
	strscpy(number, *pos, min(digits + 1, sizeof(number)));
	if (kstrtouint(number, 10, nid) || *nid >= nr_nodes)
		return parse_stops(stop, *pos, "this kernel has no such node");

	*pos += digits + 1;
	return parse_bytes(pos, size, stop);
}

/**
 * dma_contiguous_parse_nodes() - understand the value of "numa_cma="
 * @arg: the value
 * @sizes: bytes by node; those of the nodes that are mentioned, before something
 *	isn't understood, are set by the last mention
 * @nr_nodes: number of elements of @sizes
 * @stop: as for dma_contiguous_parse()
 *
 * Context: any; nothing but the arguments is looked at.
 * Return: 0, or -EINVAL if not even the first node was understood, and @sizes is
 * as before.
 */
int __init dma_contiguous_parse_nodes(const char *arg,
				      phys_addr_t *sizes,
				      unsigned int nr_nodes,
				      struct dma_contiguous_stop *stop)
{
	const char *next = arg;
	phys_addr_t size;
	unsigned int nid;

	for (;;) {
		const char *begin = next;

		if (parse_node(&next, nr_nodes, &nid, &size, stop)) {
			if (begin == arg)
				return -EINVAL;
			stop->at = begin;
			return 0;
		}
		sizes[nid] = size;
		if (*next != ',')
			break;
		next++;
	}
	parse_stops(stop, next, "nothing more was expected");
	return 0;
}
