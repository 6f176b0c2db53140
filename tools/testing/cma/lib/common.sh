# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the programs of bin/ share: paths, the machine, messages, steps with progress.
# Sourced, never run. Nothing is exported: names as short as these would mean something
# else to a makefile of the kernel.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
HERE=$TOP/tools/testing/cma
BUILD=$TOP/build
JOBS=${JOBS:-$(nproc)}
LINUX=$BUILD/linux
PRISTINE=$BUILD/pristine

# machine_names: the folders of machines/, in the order of the matrix
machine_names()
{
	grep '^row=' "$HERE"/machines/*/settings |
		sed 's|.*/machines/\(.*\)/settings:row=\(.*\)|\2 \1|' | sort -n | cut -d ' ' -f 2
}

# settings_of MACHINE: what its folder says of it, into the array settings. A folder like
# arm64-64k says in what it isn't like arm64.
declare -A settings
settings_of()
{
	local machine key value

	settings=()
	for machine in "${1%-*k}" "$1"; do
		while IFS='=' read -r key value; do
			[[ -z $key || $key == '#'* ]] || settings[$key]=$value
		done < "$HERE/machines/$machine/settings"
	done
}

# The machine that is built for and emulated: ARCH and PAGESIZE of the environment, and what
# its folder says of it. CONFIG is the kernel that it runs, one of the file config/kernels;
# without it that is the smallest one. What exists once for each machine and kernel has
# their names in it, except for x86_64.
ARCH=${ARCH:-x86_64}
PAGESIZE=${PAGESIZE:-4K}
CONFIG=${CONFIG:-}
MACHINE=$ARCH
[[ $PAGESIZE == 4K ]] || MACHINE=$ARCH-${PAGESIZE,,}
FOLDERS=("$HERE/machines/$ARCH")
[[ $MACHINE == "$ARCH" ]] || FOLDERS+=("$HERE/machines/$MACHINE")
[[ -f $HERE/machines/$MACHINE/settings ]] || {
	printf 'no such machine: ARCH=%s PAGESIZE=%s\n' "$ARCH" "$PAGESIZE" >&2
	exit 1
}
settings_of "$MACHINE"
KARCH=${settings[karch]} IMAGE=${settings[image]} CROSS=${settings[cross]:-}
DEBARCH=${settings[debarch]} GUEST_MEM=${settings[memory]}
OTHER=${MACHINE#x86_64}
if [[ -n $CONFIG ]]; then
	read -r machines CONFIG_PARTS < <(sed -n "s/^$CONFIG  *//p" "$HERE/config/kernels") || true
	[[ ,${machines:-}, == *,$MACHINE,* ]] || {
		printf 'no such kernel: CONFIG=%s ARCH=%s PAGESIZE=%s\n' "$CONFIG" \
			"$ARCH" "$PAGESIZE" >&2
		exit 1
	}
	OTHER+=${OTHER:+-}$CONFIG
fi
LOGS=$BUILD/logs${OTHER:+/$OTHER}
GUEST=$BUILD/guest${OTHER:+-$OTHER}
SYSROOT=$BUILD/sysroot-$ARCH
MEM=${MEM:-$GUEST_MEM}

# obj_of KIND: the directory of the objects of a kernel. Where building takes a cross
# compiler, and booting an emulator, one kernel is both the one of "make run" and the
# one of "make test"; so it is with CONFIG=.
obj_of()
{
	case $OTHER:$1 in
	:*) printf '%s\n' "$BUILD/obj-$1" ;;
	*:run | *:test) printf '%s\n' "$BUILD/obj-$OTHER" ;;
	*) printf '%s\n' "$BUILD/obj-$OTHER-$1" ;;
	esac
}

# image_of KIND: what of it is booted
image_of() { printf '%s\n' "$(obj_of "$1")/arch/$KARCH/boot/$IMAGE"; }

# build_programs NAME...: those of guest/, for the machine, into $GUEST
build_programs()
{
	local program

	mkdir -p "$GUEST"
	for program; do
		"${CROSS}gcc" -O2 -Wall -Wextra -Werror -static -D_FILE_OFFSET_BITS=64 \
			-o "$GUEST/$program" "$HERE/guest/$program.c"
	done
}

# build_tool: cma(8), for the machine, into $GUEST; cairo can't be linked statically
build_tool()
{
	local out=$GUEST/tool

	mkdir -p "$out"
	make -C "$TOP/tools/mm/cma" OUTPUT="$out" NO_PNG=1 CROSS_COMPILE="$CROSS" CC="${CROSS}gcc" \
		CFLAGS="-O2 -Werror" LDFLAGS=-static PKG_CONFIG="pkg-config --static"
	cp "$out/cma" "$GUEST/cma"
}

# machine_tree OUT INITRD VM-ARGUMENT...: the source of the devicetree that QEMU makes for a
# machine, which exits as soon as it has written the tree
machine_tree()
{
	local out=$1 initrd=$2
	shift 2

	"$HERE/bin/vm" --quiet --name machine-tree --kernel "$(image_of test)" \
		--initrd "$initrd" "$@" -machine "dumpdtb=$out.blob" > "$out.said" 2>&1 || true
	[[ -s $out.blob ]] || die "QEMU makes no devicetree: $(< "$out.said")"
	dtc -q -I dtb -O dts -o "$out" "$out.blob"
}

# said_in NAME: what the kernel and the job of a guest said. The command line itself is in
# the log, and must not satisfy a pattern.
said_in()
{
	grep -hvE 'Command line:|Kernel command line:|Unknown kernel command line' \
		"$LOGS/$1.log" "$LOGS/$1.out" | tr -d '\r'
}

say() { printf '%s\n' "$*"; }

# Without the blanks around it
trim() { sed 's/^[[:space:]]*//; s/[[:space:]]*$//' <<< "$1"; }

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
	local guess="$BUILD/.lines/${log#"$BUILD"/logs/}"
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
