# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the scripts of this directory share: paths, messages, steps with
# progress. Sourced, never run. Nothing is exported: names as short as these would
# mean something else to a makefile of the kernel.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
HERE=$TOP/tools/testing/cma
BUILD=$TOP/build
LOGS=$BUILD/logs
JOBS=${JOBS:-$(nproc)}
LINUX=$BUILD/linux
PRISTINE=$BUILD/pristine

say() { printf '%s\n' "$*"; }

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# elapsed START: minutes and seconds since START, which is a value of SECONDS
elapsed()
{
	local s=$((SECONDS - $1))

	printf '%d:%02d' $((s / 60)) $((s % 60))
}

# How far a step is, from its log: lines so far, of those expected if known.
progress()
{
	local lines expected=$2

	lines=$(wc -l < "$1" 2>/dev/null || echo 0)
	if ((expected > lines)); then
		printf '%d%%' $((lines * 100 / expected))
	else
		printf '%d lines' "$lines"
	fi
}

# Show how the process PID comes along until it has ended. A terminal gets one
# line that is rewritten, a file one line a minute.
watch_step()
{
	local pid=$1 title=$2 log=$3 expected=$4 start=$5 last=$SECONDS

	while kill -0 "$pid" 2>/dev/null; do
		if [[ -t 1 ]]; then
			printf '\r\033[K  %-34s %s  %s' "$title" "$(elapsed "$start")" \
				"$(progress "$log" "$expected")"
		elif ((SECONDS - last >= 60)); then
			last=$SECONDS
			printf '  %-34s %s  %s\n' "$title" "$(elapsed "$start")" \
				"$(progress "$log" "$expected")"
		fi
		sleep 0.5
	done
	[[ ! -t 1 ]] || printf '\r\033[K'
}

# step TITLE LOG COMMAND...: run a command with its output in LOG. Prints one
# line when it is done; when it fails, its last lines and where the rest is.
# The number of lines that a success wrote is what the next run expects.
step()
{
	local title=$1 log=$2 start=$SECONDS expected=0 pid rc=0
	local guess="$BUILD/.lines/${log##*/}"
	shift 2

	mkdir -p "$(dirname "$log")" "${guess%/*}"
	[[ ! -f $guess ]] || expected=$(< "$guess")
	: > "$log"
	"$@" > "$log" 2>&1 < /dev/null &
	pid=$!
	# shellcheck disable=SC2064 # the process of this step, not of a later one
	trap "kill $pid 2>/dev/null; exit 130" INT TERM
	watch_step "$pid" "$title" "$log" "$expected" "$start"
	wait "$pid" || rc=$?
	trap - INT TERM
	if ((rc)); then
		printf '  %-34s %s  FAILED (%d); the last lines of %s:\n' \
			"$title" "$(elapsed "$start")" "$rc" "${log#"$TOP"/}"
		tail -n 20 "$log" | sed 's/^/    | /'
		return "$rc"
	fi
	# What a build that had nothing to do wrote says nothing about the next one.
	(($(wc -l < "$log") < expected)) || wc -l < "$log" > "$guess"
	printf '  %-34s %s\n' "$title" "$(elapsed "$start")"
}

# stamp_is FILE VALUE: whether the work that FILE stands for was done for VALUE
stamp_is() { [[ -f $1 && $(< "$1") == "$2" ]]; }
