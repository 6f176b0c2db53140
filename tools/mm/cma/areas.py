#!/usr/bin/env drgn
# SPDX-License-Identifier: GPL-2.0
"""
Areas of contiguous memory, as the kernel's own memory has them: what is allocated, ready
and claimed, and by which tasks. For a machine that hangs, and for what is left of one that
crashed, where nothing in sysfs and debugfs can be read any more.

usage: drgn tools/mm/cma/areas.py [AREA]...			the running kernel
       drgn -c vmcore -s vmlinux tools/mm/cma/areas.py [AREA]...

Needs drgn, and the debugging information of a kernel with mm/cma.
"""
import sys

from drgn import PlatformFlags
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.pid import for_each_task

# No stack is larger, on any machine.
STACK_MOST = 64 << 10
BITS_PER_LONG = 8 * prog.type("long").size  # noqa: F821
CHUNK = 4096


def words_of(bitmap, nr):
    """The words of a bitmap of so many bits."""
    words = (nr + BITS_PER_LONG - 1) // BITS_PER_LONG
    size = BITS_PER_LONG // 8
    is_little = prog.platform.flags & PlatformFlags.IS_LITTLE_ENDIAN  # noqa: F821
    order = "little" if is_little else "big"
    for first in range(0, words, CHUNK):
        data = prog.read(bitmap.value_() + first * size,  # noqa: F821
                         min(CHUNK, words - first) * size)
        for at in range(0, len(data), size):
            yield int.from_bytes(data[at:at + size], order)


def bits_of(bitmap, nr):
    """The bits of a bitmap that are set."""
    for index, word in enumerate(words_of(bitmap, nr)):
        while word:
            low = word & -word
            yield index * BITS_PER_LONG + low.bit_length() - 1
            word ^= low


def task_with(address):
    """The task whose stack an address is on, as text."""
    best, distance = None, STACK_MOST
    for task in for_each_task(prog):  # noqa: F821
        beyond = address - task.stack.value_()
        if 0 <= beyond < distance:
            best, distance = task, beyond
    if best is None:
        return "nobody known"
    return f"{best.comm.string_().decode(errors='replace')}[{best.pid.value_()}]"


def show_runs(area, unit, what, runs):
    """A line for each run, which is a first unit and a number of units."""
    base = area.base_pfn.value_()
    for first, count in runs:
        print(f"  {what} {count * unit} pages from {base + first * unit:#x}")


def allocated_runs(area):
    """Each begins and ends with a bit."""
    nr = area.map.nr.value_()
    for first, last in zip(bits_of(area.first, nr), bits_of(area.last, nr)):
        yield first, last - first + 1


def ready_runs(area):
    """READY runs, in the order of their places."""
    for i in range(area.ready.nr.value_()):
        extent = area.ready.extents[i]
        yield extent.start.value_(), extent.count.value_()


def show(area):
    """All of an area."""
    unit = 1 << area.order_per_bit.value_()
    state = area.state.format_(type_name=False).removeprefix("CMA_AREA_").lower()
    print(f"{area.name.string_().decode()}: {area.nr_pages.value_()} pages from "
          f"{area.base_pfn.value_():#x}, {state}")
    if state != "active":
        return
    show_runs(area, unit, "allocated", allocated_runs(area))
    show_runs(area, unit, "ready", ready_runs(area))
    for claim in list_for_each_entry("struct cma_claim", area.claims.address_of_(), "node"):
        base = area.base_pfn.value_() + claim.run.start.value_() * unit
        print(f"  claimed {claim.run.count.value_() * unit} pages from {base:#x} by "
              f"{task_with(claim.value_())}")


def main():
    """Those that are named, or all."""
    wanted = sys.argv[1:]
    areas = prog["cma_areas"]  # noqa: F821
    for i in range(prog["cma_area_count"].value_()):  # noqa: F821
        if not wanted or areas[i].name.string_().decode() in wanted:
            show(areas[i])


main()
