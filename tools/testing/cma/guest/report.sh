# SPDX-License-Identifier: GPL-2.0
#
# What the job looks at, and how it says what it saw. Sourced by job.
# shellcheck shell=dash

# shellcheck source=tools/testing/cma/guest/figures.sh
. /share/figures.sh

tmp=/tmp/job
tracing=/sys/kernel/tracing
failed=0

# The area and, in pages, how it was used when looked at last
# shellcheck disable=SC2034 # read by job
area='' page_size=0 area_pages=0 area_cache=0 area_allocated=0 area_free=0 area_ready=0

# Everything on standard input, or a line, for the terminal
show() { sed 's/^/@ /'; }
say() { printf '@ %s\n' "$*"; }

good()
{
	local what=$1
	shift

	printf '@   ok    %-11s %s\n' "$what" "$*"
}

# bad WHAT EXPECTED SEEN
bad()
{
	failed=$((failed + 1))
	printf '  FAIL  %-11s expected: %s\n                    seen: %s\n' "$1" "$2" "$3" |
		show
	return 1
}

# expect WHAT EXPECTED SEEN COMMAND...: complain unless the command succeeds
expect()
{
	local what=$1 expected=$2 seen=$3
	shift 3

	"$@" || bad "$what" "$expected" "$seen"
}

since()
{
	local t=$(($(centiseconds) - $1))

	printf '%d.%d s' $((t / 100)) $((t % 100 / 10))
}

# The default area is the one that has a heap.
find_area()
{
	local dir

	for dir in /sys/kernel/debug/cma/*; do
		area=${dir##*/}
		[ ! -e "/dev/dma_heap/$area" ] || return 0
	done
	bad area "an area with a dma-heap" \
		"areas: $(ls /sys/kernel/debug/cma), heaps: $(ls /dev/dma_heap)"
}

# Brings the figures of the area up to date.
look() { eval "$(cma map --figures "$area")"; }

picture()
{
	say
	say "$*"
	cma map "$area" | show
	say
}

# numbers WHEN: keep what the kernel's own views say
numbers()
{
	local dir=/sys/kernel/mm/cma/$area

	{
		echo "CmaTotal $(meminfo CmaTotal)"
		echo "CmaFree $(meminfo CmaFree)"
		echo "MemFree $(meminfo MemFree)"
		echo "Cached $(meminfo Cached)"
		echo "used $(cat "/sys/kernel/debug/cma/$area/used")"
		echo "maxchunk $(cat "/sys/kernel/debug/cma/$area/maxchunk")"
		for file in "$dir"/*; do
			[ ! -f "$file" ] || echo "${file##*/} $(head -n 1 "$file")"
		done
	} > "$tmp/numbers.$1"
}

print_numbers()
{
	say
	say "What the kernel said: /proc/meminfo in KiB, debugfs and sysfs of the area in pages"
	awk '
	FNR == 1 { column++ }
	{ if (!($1 in seen)) order[++rows] = $1; seen[$1] = 1; cell[$1, column] = $2 }
	END {
		printf "  %-24s %12s %12s %12s\n", "", "before", "during", "after"
		for (i = 1; i <= rows; i++)
			printf "  %-24s %12s %12s %12s\n", order[i], cell[order[i], 1],
			       cell[order[i], 2], cell[order[i], 3]
	}' $tmp/numbers.before $tmp/numbers.during $tmp/numbers.after | show
}

trace_on()
{
	echo mono > $tracing/trace_clock
	echo 4096 > $tracing/buffer_size_kb
	echo 1 > $tracing/events/cma/enable
}

# The figures of the area again and again, for a picture; they are in the log only.
timeline_on()
{
	while :; do
		echo "timeline $(cut -d ' ' -f 1 /proc/uptime) $(cma map --figures "$area")"
		sleep 0.4
	done &
	timeline_pid=$!
}

timeline_off() { { kill $timeline_pid; wait $timeline_pid; } 2> /dev/null; }

trace_off() { echo 0 > $tracing/events/cma/enable; }

print_table()
{
	say
	say "Each request, from the events cma:cma_alloc_start, _finish and _result"
	awk -v page_kib=$((page_size >> 10)) -f /share/table.awk $tracing/trace | show
	# The events themselves are in the log only.
	cat $tracing/trace
}
