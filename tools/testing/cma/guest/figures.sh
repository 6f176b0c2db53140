# SPDX-License-Identifier: GPL-2.0
#
# What the kernel counts, the time, and how a job tells where it is. Sourced by those of
# "make run" and of test-consumers.
# shellcheck shell=dash

# What vm shows in its line of progress
stage() { printf '@@ %s\n' "$*"; }

vmstat() { awk -v key="$1" '$1 == key { print $2 }' /proc/vmstat; }
meminfo() { awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo; }

centiseconds()
{
	local up rest

	read -r up rest < /proc/uptime
	# The 1 and the 100 keep a leading zero from making it octal.
	echo $((${up%.*} * 100 + 1${up#*.} - 100))
}
