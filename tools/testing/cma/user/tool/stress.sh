# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma stress, on the heap of heap.c. Sourced by test-tool.

# stress NAME ARGUMENT...: on the heap that the name begins with; what it says goes to files
# stress.NAME*. Of the 16 MiB of the area 12 aren't allocated, so it may take 6.
stress()
{
	local out=$tmp/stress.$1

	CMA_TEST_ROOT=$tmp/ours CMA_TEST_HEAP=${1%-*} CMA_TEST_HEAP_MOST=${most:-} \
		"$tool" stress "${@:2}" reserved > "$out" 2> "$out.err"
	echo $? > "$out.status"
}

begin_stress()
{
	{
		most=$((6 << 20)) stress good
		most=65536 stress good-pages --json --pages 16
		most=$((2 << 20)) stress dirty
		stress changing
		stress twice
		stress full --delay 1
	} &
	stress_pid=$!
}

early begin_stress

# stressed NAME STATUS: what it has said by then
stressed()
{
	wait "$stress_pid" 2> /dev/null
	said=$(< "$tmp/stress.$1")
	complained=$(< "$tmp/stress.$1.err")
	is "the status" "$2" "$(< "$tmp/stress.$1.status")"
}

stress_good()
{
	stressed good 0
	is "the complaints" "" "$complained"
	fits stress "$said" "reserved: [1-9][0-9]+ buffers, half of them in <[0-9]+ [um]s, 99 % in \
<[0-9]+ [um]s; 0 refused"
}

stress_pages()
{
	stressed good-pages 0
	python "$said" <<-'END'
		import json, sys
		one, = json.loads(sys.argv[1])
		assert one["area"] == "reserved" and one["taken"] > 10, one
		assert one["refused"] == one["not_empty"] == one["changed"] == 0, one
		assert 0 < one["p50_us"] <= one["p99_us"], one
	END
}

stress_dirty()
{
	stressed dirty 1
	fits "the first line" "${said%%$'\n'*}" ".*; [1-9][0-9]* refused"
	fits "what is wrong" "${said#*$'\n'}" "  WRONG: [0-9]+ weren't empty"
}

stress_changing()
{
	stressed changing 1
	fits "what is wrong" "${said#*$'\n'}" "  WRONG: [0-9]+ were changed by others"
}

stress_twice()
{
	stressed twice 1
	fits "what is wrong" "${said#*$'\n'}" "  WRONG: [0-9]+ were changed by others"
}

stress_full()
{
	stressed full 1
	fits stress "$said" "reserved: 0 buffers, half of them in -, 99 % in -; [0-9]+ refused"
	is "the complaint" "cma: reserved: no buffer could be taken: Cannot allocate memory" \
		"$complained"
}

stress_without()
{
	fails 2 "stress takes the name of an area" "$tmp/ours" stress
	fails 1 "/dev/dma_heap/numa0 (it needs CONFIG_DMABUF_HEAPS_CMA): No such" "$tmp/nodes" \
		stress numa0
	calm "$tmp/little" reserved
	rm -r "$tmp"/little/sys/kernel/{debug,mm/cma/reserved/{total,available,allocated}_pages}
	mkdir -p "$tmp/little/dev/dma_heap"
	true > "$tmp/little/dev/dma_heap/default_cma_region"
	fails 1 "reserved: how much isn't allocated is told to root only" "$tmp/little" \
		stress reserved
}

t "stress takes half of what isn't allocated, and finds nothing wrong with it" stress_good
t "stress takes no more pages than it may" stress_pages
t "stress finds buffers that aren't empty, and counts what was refused" stress_dirty
t "stress finds buffers that others change" stress_changing
t "stress finds memory that two buffers have, even where it was emptied" stress_twice
t "stress that gets no buffer has failed" stress_full
t "stress says what it lacks" stress_without
