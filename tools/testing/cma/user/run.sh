#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh OUT SECONDS|none TESTS FUZZES - run the built programs one after the
# other, show what they print, and end with the sums of all their results.

out=$1 seconds=$2 tests=$3 fuzzes=$4
passed=0 failed=0 skipped=0
sums_line='$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p'

add() {
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# The results of a program are its last line: N passed, N failed, N skipped.
# One that ends without that line, or fails in spite of it, has failed.
run_test() {
	log=$out/$1_test.log
	echo "# $1_test"
	"$out/$1_test" >"$log" 2>&1
	status=$?
	cat "$log"
	sums=$(sed -n "$sums_line" "$log")
	if [ -z "$sums" ]; then
		echo "not ok $1_test ended early, status $status"
		sums="0 1 0"
	elif [ $status -ne 0 ] && [ "${sums#* 0 }" != "$sums" ]; then
		echo "not ok $1_test says 0 failed, but its status is $status"
		sums="0 1 0"
	fi
	# shellcheck disable=SC2086 # three numbers
	add $sums
}

run_fuzz() {
	log=$out/fuzz_$1.log
	echo "# fuzz_$1: $seconds s, seed $SEED, from no corpus"
	if "$out/fuzz_$1" -seed="$SEED" -max_total_time="$seconds" \
	   -max_len=1024 -len_control=10 -print_final_stats=1 \
	   -artifact_prefix="$out/fuzz_$1-" >"$log" 2>&1; then
		sed -n 's/^stat::number_of_executed_units: */# inputs tried: /p' "$log"
		echo "ok fuzz_$1"
		add 1 0 0
	else
		tail -n 30 "$log"
		echo "not ok fuzz_$1: the input is kept as $out/fuzz_$1-*"
		add 0 1 0
	fi
}

for name in $tests; do
	run_test "$name"
done

for name in $fuzzes; do
	if [ "$seconds" = none ]; then
		echo "ok fuzz_$name # SKIP no clang with libFuzzer here"
		add 0 0 1
	else
		run_fuzz "$name"
	fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
