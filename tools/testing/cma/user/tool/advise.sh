# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma advise: a test for each rule. Sourced by test-tool.

# advises FILE=VALUE...: of an area that is calm but for these files; what it says is on
# standard input
advises()
{
	local pair sys=$tmp/advise/sys/kernel/mm/cma/reserved
	local debug=$tmp/advise/sys/kernel/debug/cma/reserved

	rm -rf "$tmp/advise"
	calm "$tmp/advise" reserved
	for pair; do
		case ${pair%%=*} in
		latency) latency "${pair#*=}" > "$debug/latency" ;;
		*) echo "${pair#*=}" > "$sys/${pair%%=*}" ;;
		esac
	done
	says "$tmp/advise" advise < <(echo reserved && cat)
}

no_advice()
{
	advises <<-'END'
		  nothing speaks for a change
	END
	advises latency=0=0 <<-'END'
		  nobody has asked for anything yet
	END
	good "$tmp/stock" advise vpu
	is "advise" "vpu
  this kernel tells too little for advice; cma why has what there is" "$said"
	good "$tmp/notroot" advise
	lacks "advise" "$said" "nobody has asked"
}

larger()
{
	advises failures/full=1 <<-'END'
		  more was asked for than it has; at most 12.0 MiB were allocated
		    try 32 MiB (cma=, or its region in the devicetree), and look again
	END
	advises failures/too-big=1 <<-'END'
		  more was asked for than it has; at most 12.0 MiB were allocated
		    try 32 MiB (cma=, or its region in the devicetree), and look again
	END
}

# 0.5 MiB and half of it are 4 MiB in whole ones, 2.0 MiB are as well, and 3.0 are 8.
smaller()
{
	advises allocated_max=128 <<-'END'
		  at most 0.5 of its 16.0 MiB were allocated
		    4 MiB would do, if this was all; what is lent isn't lost, though
	END
	advises allocated_max=511 <<-'END'
		  at most 2.0 of its 16.0 MiB were allocated
		    4 MiB would do, if this was all; what is lent isn't lost, though
	END
	advises allocated_max=768 <<-'END'
		  nothing speaks for a change
	END
}

lower()
{
	advises failures/above-dma-mask=2 <<-'END'
		  2 requests of devices that don't reach all of it failed
		    place it lower, as with cma=256M@-4G, or give the device its own
	END
}

for_atomic()
{
	advises failures/would-sleep=5 fallbacks=2 <<-'END'
		  3 requests that can't sleep failed
		    keep as much ready as is asked for at once: ready_min, or cma_ready=
	END
	advises failures/would-sleep=2 fallbacks=2 <<-'END'
		  nothing speaks for a change
	END
}

in_fragments()
{
	advises failures/fragmented=4 largest_run=256 <<-'END'
		  4 requests found no long run; the longest of 11.0 MiB is 1.0 now
		    have small buffers that live long taken first, or from another area
	END
}

# With one of ten requests, or where one has failed, and not where all is done already
clean_only()
{
	advises blockers/pinned=101 blockers/writeback=100 <<-'END'
		  101 attempts were stopped by pages that are pinned
		    borrow=clean (or cma_borrow=clean) lends room to clean page cache only
	END
	advises blockers/mlocked=1 failures/busy=1 <<-'END'
		  1 attempts were stopped by pages that are locked in memory
		    borrow=clean (or cma_borrow=clean) lends room to clean page cache only
	END
	advises blockers/writeback=101 <<-'END'
		  101 attempts were stopped by pages that are being written
		    borrow=clean (or cma_borrow=clean) lends room to clean page cache only
	END
	advises blockers/pinned=100 <<-'END'
		  nothing speaks for a change
	END
	advises blockers/pinned=500 "borrow=all [clean] none" <<-'END'
		  nothing speaks for a change
	END
	advises blockers/movable=500 <<-'END'
		  nothing speaks for a change
	END
}

# How many requests there were isn't told to others than root.
clean_for_others()
{
	mkdir "$tmp/noroot"
	calm "$tmp/noroot" reserved
	rm -r "$tmp/noroot/sys/kernel/debug"
	echo 1 > "$tmp/noroot/sys/kernel/mm/cma/reserved/blockers/pinned"
	good "$tmp/noroot" advise
	is "advise" "reserved
  nothing speaks for a change, as far as is told; latencies need root" "$said"
}

too_slow()
{
	advises "latency=15=1" <<-'END'
		  1 of 1 requests took more than 16 ms
		    what must not wait can be kept ready: ready_min; or borrow=clean
	END
	advises "latency=14=1" <<-'END'
		  nothing speaks for a change
	END
	advises "latency=15=1" ready_min=256 <<-'END'
		  nothing speaks for a change
	END
}

too_much_ready()
{
	advises ready_min=3073 <<-'END'
		  12.0 MiB are always kept ready, and at most 12.0 were allocated
		    ready_min=3072 lends the rest
	END
	advises ready_min=3072 <<-'END'
		  nothing speaks for a change
	END
	advises ready_min=4096 "borrow=all clean [none]" <<-'END'
		  nothing speaks for a change
	END
}

more_quick()
{
	advises quick_pages=1024 quick_max=1024 moved_pages=1280 <<-'END'
		  all of the 4.0 MiB that may be are kept quick, and 5.0 were moved yet
		    quick_max=2048 keeps more of it quick
	END
	advises quick_pages=3072 quick_max=3072 moved_pages=1280 <<-'END'
		  all of the 12.0 MiB that may be are kept quick, and 5.0 were moved yet
		    quick_max=4096 keeps more of it quick
	END
	advises quick_pages=1024 quick_max=1024 moved_pages=1279 <<-'END'
		  nothing speaks for a change
	END
	advises quick_pages=4096 quick_max=4096 moved_pages=1280 <<-'END'
		  nothing speaks for a change
	END
	advises quick_pages=0 quick_max=0 moved_pages=1280 <<-'END'
		  nothing speaks for a change
	END
}

full_heap()
{
	advises heap_max=1000 heap_pages=901 <<-'END'
		  programs have 3.5 of the 3.9 MiB that they may have
		    see cma who, or raise heap_max
	END
	advises heap_max=1000 heap_pages=900 <<-'END'
		  nothing speaks for a change
	END
}

advise_json()
{
	calm "$tmp/advise_json" reserved
	echo 2 > "$tmp/advise_json/sys/kernel/mm/cma/reserved/failures/above-dma-mask"
	says "$tmp/advise_json" --json advise <<-'END'
		[
		  {
		    "area":"reserved",
		    "because":"2 requests of devices that don't reach all of it failed",
		    "advice":"place it lower, as with cma=256M@-4G, or give the device its own"
		  }
		]
	END
}

t "without a reason there is no advice" no_advice
t "advise: a larger area, if it was full, or never large enough" larger
t "advise: a smaller area, if much less than half of it was ever used" smaller
t "advise: a lower place, if devices don't reach it" lower
t "advise: more that is ready, if requests that can't sleep failed without fallback" for_atomic
t "advise: small buffers first, if it was in fragments" in_fragments
t "advise: clean page cache only, if others were often in the way" clean_only
t "advise: how often isn't guessed without latencies" clean_for_others
t "advise: something ready, if one of a hundred requests takes long" too_slow
t "advise: less that is ready, if so much was never used" too_much_ready
t "advise: more that is quick, if that was used up and pages had to be moved" more_quick
t "advise: a higher ceiling, if programs are close to it" full_heap
t "advise --json has reasons and advice" advise_json
