#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# run.sh OUT SECONDS|none TESTS FUZZES - run the built programs, as many at once as JOBS
# says, show what they print in the order in which they are named, and end with the sums
# of all their results.
#
# run.sh --one OUT SECONDS PROGRAM - run one of them, with what it prints in
# OUT/PROGRAM.log and its status in OUT/PROGRAM.status.

sums_line='$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p'

run_one() {
	case $3 in
	fuzz_*)
		set -- "$1" "$3" -seed="$SEED" -max_total_time="$2" -max_len=1024 \
			-len_control=10 -print_final_stats=1 -artifact_prefix="$1/$3-"
		;;
	*)
		set -- "$1" "$3"
		;;
	esac
	out=$1 program=$2
	shift 2
	"$out/$program" "$@" >"$out/$program.log" 2>&1
	echo $? >"$out/$program.status"
}

if [ "$1" = --one ]; then
	shift
	run_one "$@"
	exit 0
fi

out=$1 seconds=$2 tests=$3 fuzzes=$4
passed=0 failed=0 skipped=0

add() {
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# The results of a program are its last line: N passed, N failed, N skipped.
# One that ends without that line, or fails in spite of it, has failed.
tell_test() {
	log=$out/$1_test.log
	echo "# $1_test"
	status=$(cat "$out/$1_test.status")
	cat "$log"
	sums=$(sed -n "$sums_line" "$log")
	if [ -z "$sums" ]; then
		echo "not ok $1_test ended early, status $status"
		sums="0 1 0"
	elif [ "$status" != 0 ] && [ "${sums#* 0 }" != "$sums" ]; then
		echo "not ok $1_test says 0 failed, but its status is $status"
		sums="0 1 0"
	fi
	# shellcheck disable=SC2086 # three numbers
	add $sums
}

tell_fuzz() {
	log=$out/fuzz_$1.log
	echo "# fuzz_$1: $seconds s, seed $SEED, from no corpus"
	if [ "$(cat "$out/fuzz_$1.status")" = 0 ]; then
		sed -n 's/^stat::number_of_executed_units: */# inputs tried: /p' "$log"
		echo "ok fuzz_$1"
		add 1 0 0
	else
		tail -n 30 "$log"
		echo "not ok fuzz_$1: the input is kept as $out/fuzz_$1-*"
		add 0 1 0
	fi
}

# The last ones take longest, so they begin.
programs=
for name in $tests; do
	programs="${name}_test $programs"
done
if [ "$seconds" != none ]; then
	for name in $fuzzes; do
		programs="$programs fuzz_$name"
	done
fi
for name in $programs; do
	rm -f "$out/$name.log" "$out/$name.status"
done
# shellcheck disable=SC2086 # a line for each word
printf '%s\n' $programs | xargs -n 1 -P "${JOBS:-1}" "$0" --one "$out" "$seconds"

for name in $tests; do
	tell_test "$name"
done
for name in $fuzzes; do
	if [ "$seconds" = none ]; then
		echo "ok fuzz_$name # SKIP no clang with libFuzzer here"
		add 0 0 1
	else
		tell_fuzz "$name"
	fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
