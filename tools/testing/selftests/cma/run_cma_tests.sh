#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs all programs of this directory and prints one KTAP document, in which
# each program is a test and its tests are subtests.
#
# The argument is a directory on a disk, with room for half as much as there is
# memory. Files are made there and removed again. Without it, tests of files are
# skipped unless the current directory is on a disk.
#
# The exit code is 0 when nothing failed. What the tests look at is mounted if
# it isn't: /proc, /sys, debugfs and tracefs.

here=$(cd "$(dirname "$0")" && pwd)
programs="cma_limits cma_told cma_pressure cma_pins cma_longterm cma_borrow cma_everybody
	cma_parallel cma_random"
limit=1200

usage()
{
	echo "usage: ${0##*/} [DIRECTORY]" >&2
	exit 2
}

mounted()
{
	grep -q " $1 " /proc/mounts 2>/dev/null
}

# mount_here TYPE PLACE
mount_here()
{
	mounted "$2" || mount -t "$1" "$1" "$2" 2>/dev/null
}

# run_one NUMBER NAME: the program's output, indented, and its result line
run_one()
{
	local status rc

	echo "  KTAP version 1"
	status=$(mktemp) || exit 1
	{
		KSFT_TAP_LEVEL=1 timeout "$limit" "$here/$2" 2>&1
		echo $? > "$status"
	} | sed -e '/^TAP version/d' -e 's/^/  /'
	rc=$(cat "$status")
	rm -f "$status"

	case $rc in
	0) echo "ok $1 $2" ;;
	4) echo "ok $1 $2 # SKIP" ;;
	124|143) echo "not ok $1 $2 # TIMEOUT $limit seconds" ;;
	*) echo "not ok $1 $2 # exit=$rc" ;;
	esac
	case $rc in
	0|4) return 0 ;;
	*) return 1 ;;
	esac
}

case $# in
0) ;;
1)
	[ -d "$1" ] || usage
	CMA_TEST_DIR=$(cd "$1" && pwd)
	export CMA_TEST_DIR
	;;
*) usage ;;
esac

[ -d /proc/self ] || mount -t proc none /proc
modprobe -q cma_heap 2>/dev/null	# or it is built in
mount_here sysfs /sys
[ -d /sys/kernel/debug ] && mount_here debugfs /sys/kernel/debug
[ -d /sys/kernel/tracing ] && mount_here tracefs /sys/kernel/tracing

set -- $programs
failed=0
number=0

echo "KTAP version 1"
echo "1..$#"
for program; do
	number=$((number + 1))
	run_one "$number" "$program" || failed=1
done
exit "$failed"
