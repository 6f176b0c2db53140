# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma watch, in a file and in a terminal. Sourced by test-tool.

# watch NAME COMMAND...: runs it on an area of its own; between the first look and the others
# something happens. What it says goes to files watch.NAME*.
watch()
{
	local root=$tmp/watch-$1 out=$tmp/watch.$1 sys debug

	sys=$root/sys/kernel/mm/cma/reserved
	debug=$root/sys/kernel/debug/cma/reserved
	calm "$root" reserved
	mv "$debug/latency" "$debug/first"
	latency 4=1088 14=10 15=2 > "$debug/second"
	mkfifo "$debug/latency"
	CMA_TEST_ROOT=$root timeout 60 "${@:2}" > "$out" 2> "$out.err" < /dev/null &
	# All but this has been read when it is opened.
	timeout 50 sh -c 'cat "$1/first" > "$1/latency"' sh "$debug"
	echo 6144 > "$sys/alloc_pages_success"
	echo 256 > "$sys/alloc_pages_fail"
	echo 2048 > "$sys/allocated_pages"
	mv "$debug/second" "$debug/latency"
	wait $!
	echo $? > "$out.status"
}

# It is told to end when it has looked once, and waits for the next time.
watch_until_told()
{
	local out=$tmp/watch.told pid i began

	CMA_TEST_ROOT=$tmp/ours timeout 60 "$tool" watch --delay 4 > "$out" 2> "$out.err" &
	pid=$!
	for ((i = 0; i < 500; i++)); do
		[[ ! -s $out ]] || break
		sleep 0.05
	done
	began=$SECONDS
	kill "$pid"
	wait "$pid"
	echo $? > "$out.status"
	echo $((SECONDS - began)) > "$out.took"
}

begin_watch()
{
	local once=(script -qec "$tool watch --count 1" /dev/null)

	watches=()
	watch plain "$tool" watch --count 2 --delay 1 &
	watches+=($!)
	watch json "$tool" --json watch --count 2 --delay 1 &
	watches+=($!)
	watch live env LC_ALL=C.UTF-8 TERM=xterm \
		script -qec "$tool watch --count 2 --delay 1" /dev/null &
	watches+=($!)
	watch dumb env TERM=dumb "${once[@]}" &
	watches+=($!)
	watch grey env NO_COLOR=1 TERM=xterm "${once[@]}" &
	watches+=($!)
	watch_until_told &
	watches+=($!)
}

early begin_watch

# watched NAME: what it has said by then
watched()
{
	local pid

	for pid in "${watches[@]}"; do
		wait "$pid" 2> /dev/null
	done
	said=$(tr -d '\r' < "$tmp/watch.$1")
	is "the status" 0 "$(< "$tmp/watch.$1.status")"
	is "the complaints" "" "$(< "$tmp/watch.$1.err")"
}

state="allocated 8.0, at most 12.0, claimed 1.0, ready 2.0, lent 9.0, longest 9.0 MiB"

# As fast as it is on a machine that does something else, too: a second can be longer.
watch_plain()
{
	local lines

	watched plain
	mapfile -t lines <<< "$said"
	is "the lines" 2 "${#lines[@]}"
	fits "the first line" "${lines[0]}" "20..-..-..T..:..:.. reserved: $state; in a second: \
allocated [234]\.[0-9], refused [01]\.[0-9], moved 0.0, dropped 0.0 MiB, [0-9.]+ requests, \
99 % <32 ms"
	fits "the second line" "${lines[1]}" "20..-..-..T..:..:.. reserved: $state; in a second: \
allocated 0.0, refused 0.0, moved 0.0, dropped 0.0 MiB, 0.0 requests, 99 % -"
}

watch_json()
{
	local lines

	watched json
	mapfile -t lines <<< "$said"
	is "the lines" 2 "${#lines[@]}"
	python "${lines[@]}" <<-'END'
		import json, sys
		first, second = (json.loads(line)[0] for line in sys.argv[1:])
		assert first["area"] == "reserved"
		assert first["page_size"] == 4096
		assert first["alloc_pages_success"] == 1024, first
		assert first["alloc_pages_fail"] == 256, first
		assert first["attempts"] == 0, first
		assert first["allocated_pages"] == 2048, first
		assert first["allocated_max"] == 3072, first
		assert first["requests"] == 100, first
		assert first["p50_us"] == 16, first
		assert first["p99_us"] == 32768, first
		assert 990 < first["interval_ms"] < 5000, first
		assert second["alloc_pages_success"] == 0, second
		assert second["requests"] == 0, second
		assert "p99_us" not in second
	END
}

watch_live()
{
	local line

	needs script || return
	watched live
	# It clears the screen, and begins at its top each time, and what is below goes.
	is "the beginning" $'\e[2J\e[H' "${said:0:7}"
	is "how often it begins anew" 3 "$(grep -o $'\e\\[H' <<< "$said" | wc -l)"
	is "how often it ends" 3 "$(grep -o $'\e\\[J' <<< "$said" | wc -l)"
	is "the end" $'\e[J' "${said: -3}"
	while read -r line; do
		[[ $line == *$'\e[K' || $line == $'\e[J' ]] ||
			is "the end of a line" 'an escape sequence' "${line@Q}"
		# shellcheck disable=SC1003 # that is no quote
		[[ $line != *$'\e[3'* || $line == *$'\e[0m]\e[K' ]] ||
			is "a line with colours" 'none at its end' "${line@Q}"
	done <<< "$said"
	has "the bar" "$said" \
		$'[\e[31m####################\e[35mcc\e[32mrrrrr\e[34m-------------\e[0m]\e[K'
	has "the bar before" "$said" \
		$'[\e[31m##########\e[35mcc\e[32mrrrrr\e[34m-----------------------\e[0m]\e[K'
	has "the states" "$said" $'\n  '"$state"$'\e[K\n'
	has "latencies" "$said" $'▆ half <16 us, 99 % <32 ms\e[K\n'
	has "latencies" "$said" $'▆  half -, 99 % -\e[K\n'
}

watch_dumb()
{
	needs script || return
	watched dumb
	lacks "the output" "$said" $'\e'
	is "the lines" 1 "$(wc -l <<< "$said")"
}

watch_grey()
{
	needs script || return
	watched grey
	has "the output" "$said" $'\e[H'
	lacks "the output" "$said" $'\e[3'
	lacks "the output" "$said" $'\e[0m'
}

watch_ends()
{
	watched told
	is "the lines" 1 "$(wc -l <<< "$said")"
	fits "the seconds that it took" "$(< "$tmp/watch.told.took")" "[012]"
}

# Three counters, and what follows from them
watch_of_stock()
{
	good "$tmp/others" watch --count 1 reserved
	has "watch" "$said" \
		" reserved: allocated 0.4 MiB; in a second: allocated 0.0, refused 0.0 MiB"
	lacks "watch" "$said" "requests"
	mkdir -p "$tmp/bare/sys/kernel/mm/cma/reserved"
	good "$tmp/bare" watch --count 1
	has "watch" "$said" " reserved: its state isn't told; in a second: not told"
}

t "watch has a line for each area and look, with what happened in a second" watch_plain
t "watch --json has a line of JSON for each look, with what happened" watch_json
t "watch in a terminal ends its lines with what clears the rest of them" watch_live
t "watch in a dumb terminal is as in a file" watch_dumb
t "watch with NO_COLOR has no colours" watch_grey
t "watch ends at once when it is told to" watch_ends
t "watch of a stock kernel has what there is" watch_of_stock
