/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the scenes of test-dt share. The numbers depend on the machine and are
 * given by test-dt:
 *
 *	RAM	where memory begins
 *	END	where it ends
 *	ZONE	where a scene may place its areas: the kernel, its ramdisk and the
 *		devicetree are elsewhere
 *	LOW	another place, low in memory, with pages of 4 KiB only
 *	KERNEL	size of a range from RAM on that has a part of the kernel in it
 *	HUGE	all memory, some of which is in use
 *	OUTSIDE	where no memory is
 *	MIDDLE	half of memory is below it
 *	BLOCK	what base and size of an area are multiples of
 *	AT<n>	address of block n of the zone, as it is written behind an @
 */
#define CELLS(x)	((x) >> 32) ((x) & 0xffffffff)

/* The value of "reg": block and number of blocks, and the same in bytes */
#define BLOCKS(at, nr)	<CELLS(ZONE + (at) * BLOCK) CELLS((nr) * BLOCK)>
#define BYTES(at, size)	<CELLS(at) CELLS(size)>

/* The value of "size" or "alignment" in bytes */
#define SIZE(x)		<CELLS(x)>

#define MiB		0x100000
