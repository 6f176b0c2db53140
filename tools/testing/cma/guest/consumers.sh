# SPDX-License-Identifier: GPL-2.0
#
# What the jobs of test-consumers have in common. Sourced by them, which read what is
# set here.
# shellcheck shell=dash disable=SC2034

# shellcheck source=tools/testing/cma/guest/figures.sh
. /share/figures.sh

tmp=/tmp/job
sysfs=/sys/kernel/mm/cma
page_kib=$(awk '/^KernelPageSize/ { print $2; exit }' /proc/self/smaps)
failed=0

# Whatever the tests have left behind
trap '/share/leaks || echo "not ok leaks: they could not be looked for"' EXIT

# t NAME COMMAND...: a test. What the command calls through says why it failed.
t()
{
	local name=$1
	shift

	why="no reason given" note=
	if "$@"; then
		printf 'ok %s%s\n' "$name" "${note:+ ($note)}"
	else
		failed=$((failed + 1))
		printf 'not ok %s\n    %s\n' "$name" "$why"
	fi
}

skip() { printf 'skipped: %s %s\n' "$1" "$2"; }

# because REASON: the test fails with it
because()
{
	why=$*
	return 1
}

# is WHAT WANTED SEEN
is() { [ "$2" = "$3" ] || because "$1: expected $2, seen $3"; }

# at_least WHAT WANTED SEEN, numbers
at_least() { [ "$3" -ge "$2" ] || because "$1: expected $2 or more, seen $3"; }

# of AREA FILE: a figure
of() { cat "$sysfs/$1/$2"; }

areas() { ls $sysfs; }

# allocated: "area=pages" for each area
allocated()
{
	local area

	for area in $(areas); do
		printf '%s=%s ' "$area" "$(of "$area" allocated_pages)"
	done
}

# balanced AREA: everything that was got was given back
balanced()
{
	is "$1: pages allocated" 0 "$(of "$1" allocated_pages)" &&
	is "$1: pages given back" "$(of "$1" alloc_pages_success)" \
		"$(of "$1" release_pages_success)"
}

# begin WORD PROGRAM...: run it until it says WORD; it goes on until end or crash
begin()
{
	local word=$1 said
	shift

	mkdir -p $tmp
	rm -f $tmp/in $tmp/out
	mkfifo $tmp/in $tmp/out
	"$@" < $tmp/in > $tmp/out 2> $tmp/err &
	pid=$!
	exec 8> $tmp/in
	read -r said < $tmp/out || said=
	[ "$said" = "$word" ] && return
	exec 8>&-
	wait $pid
	because "$*: $(cat $tmp/err)"
}

# end: it looks at its memory once more and gives it back
end()
{
	exec 8>&-
	wait $pid || because "at the end: $(cat $tmp/err)"
}

# crash: it is killed with everything mapped
crash()
{
	kill -9 $pid
	wait $pid
	exec 8>&-
}

# within SECONDS COMMAND...: whether it comes true by then
within()
{
	local tries=$(($1 * 10))
	shift

	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return
		sleep 0.1
	done
}
