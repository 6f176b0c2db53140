# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma why. Sourced by test-tool.

why_of_ours()
{
	says "$tmp/ours" why <<-'END'
		reserved: 2176 pages (8.5 MiB) were asked for in vain since boot
		  left to the page allocator, so no failure: 1 of these requests
		  full 1 times: fewer pages than asked for aren't allocated
		    what helps: find what holds them (cma who), or have a larger area
		  busy 1 times: in each run that is long enough a page stayed where it is
		    what helps: see what was in the way below
		  would-sleep 1 times:@
		 the caller can't wait, and nothing ready or free is long enough
		    what helps: keep as much ready: ready_min, or cma_ready=
		  in the way of attempts, also where another run could be had:
		  pinned 5 times: pinned for DMA or the like, as long as the pin lasts
		    what helps: FOLL_LONGTERM for the driver that pins; or borrow=clean
		  movable 1 times: something kept it for a moment
		  last: [2.500020] cma: reserved: no 9 pages, file "a\?bé?"
	END
}

why_json()
{
	says "$tmp/ours" --json why <<-'END'
		[
		  {
		    "area":"reserved",
		    "alloc_pages_fail":2176,
		    "fallbacks":1,
		    "failures/full":1,
		    "failures/busy":1,
		    "failures/would-sleep":1,
		    "blockers/pinned":5,
		    "blockers/movable":1,
		    "last":"[2.500020] cma: reserved: no 9 pages, file \"a\\?bé?\""
		  }
		]
	END
}

why_of_nodes()
{
	good "$tmp/nodes" why numa0
	has "numa0" "$said" "last: [1.000000] cma: numa0: no 1 pages"
	good "$tmp/nodes" why pernuma0
	has "pernuma0" "$said" "last: [3.000000] cma: __cma_alloc: pernuma0: alloc failed, "
}

# It has nothing but lines that look like those of a failure.
why_of_lines()
{
	local kept

	calm "$tmp/lines" reserved
	mkdir "$tmp/lines/dev"
	kept=$(grep -E 'no directory|no early|are left to|somebody|preserved|set aside|DEVICE' \
		"$tmp/ours/dev/kmsg")
	is "the lines" 7 "$(wc -l <<< "$kept")"
	printf '%s\n' "$kept" > "$tmp/lines/dev/kmsg"
	says "$tmp/lines" why <<< "reserved: 0 pages (0.0 MiB) were asked for in vain since boot"
}

why_of_blockers()
{
	calm "$tmp/blockers" reserved
	echo 3 > "$tmp/blockers/sys/kernel/mm/cma/reserved/blockers/pinned"
	says "$tmp/blockers" why <<-'END'
		reserved: 0 pages (0.0 MiB) were asked for in vain since boot
		  in the way of attempts, also where another run could be had:
		  pinned 3 times: pinned for DMA or the like, as long as the pin lasts
	END
}

why_of_stock()
{
	says "$tmp/stock" why <<-'END'
		reserved: 2048 pages (8.0 MiB) were asked for in vain since boot
		  reasons aren't counted; ret: -16 is a page that stayed, -12 no run
		  last: [1.000000] cma: __cma_alloc: reserved:@
		 alloc failed, req-size: 8 pages, ret: -12
		vpu: 0 pages (0.0 MiB) were asked for in vain since boot
	END
}

why_without_sysfs()
{
	mkdir -p "$tmp/nosysfs/sys/kernel/debug"
	cp -r "$tmp/stock/sys/kernel/debug/cma" "$tmp/nosysfs/sys/kernel/debug"
	says "$tmp/nosysfs" why reserved <<-'END'
		reserved: what fails isn't counted (CONFIG_CMA_SYSFS)
		  the log can't be read (No such file or directory): be root, or see dmesg
	END
}

why_without_log()
{
	mkdir "$tmp/nolog"
	cp -r "$tmp/ours/sys" "$tmp/nolog"
	good "$tmp/nolog" why
	has "why" "$said" "  the log can't be read (No such file or directory): be root, or "
	good "$tmp/nolog" --json why
	lacks "why --json" "$said" '"last"'
}

why_of_odd()
{
	good "$tmp/odd" why 'x!y'
	has "why" "$said" "last: [1.000000] cma: x/y: no 1 pages"
	good "$tmp/odd" why "$odd"
	has "why" "$said" 'last: [2.000000] cma: a "b" \c <&>: no 2 pages'
}

# words FILE: those in the kernel's table of names
words()
{
	sed -n 's/^\t\[CMA_[A-Z_]*\].*{ "\([a-z-]*\)".*/\1/p' "$TOP/mm/cma/$1" | sed '/^none$/d'
}

why_knows_all()
{
	local word sys=$tmp/all/sys/kernel/mm/cma/reserved

	calm "$tmp/all" reserved
	[[ $(words reason.c | wc -l) -ge 10 && $(words evacuator.c | wc -l) -ge 10 ]] ||
		{ echo "the kernel's words aren't found" && bad=1; }
	for word in $(words reason.c); do
		echo 1 > "$sys/failures/$word"
	done
	for word in $(words evacuator.c); do
		echo 1 > "$sys/blockers/$word"
	done
	good "$tmp/all" why
	for word in $(words reason.c) $(words evacuator.c); do
		has "why" "$said" "
  $word 1 times: "
	done
}

t "why has reasons, what helps, what was in the way, and the last line of the log" why_of_ours
t "why --json has the counters that aren't 0" why_json
t "a line of pernuma0 is not numa0's" why_of_nodes
t "lines of no directory, of early memory or of a fallback are no failures" why_of_lines
t "what was in the way is told without failures, and without advice" why_of_blockers
t "why of a stock kernel has its line of the log, and no reasons" why_of_stock
t "why without sysfs says what isn't counted" why_without_sysfs
t "why says that the log can't be read, if something failed" why_without_log
t "the log's lines of areas with odd names are found" why_of_odd
t "each reason and each kind of page of this kernel has a meaning" why_knows_all
