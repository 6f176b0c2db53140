# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Boots that are described one a line. Sourced, behind common.sh, by the tests whose
# cases are in files of cases/:
#
#	command line | must be there | must not be there
#
# The separator is a bar between blanks; the last field may be left out. What must
# be there can be several patterns, with an ampersand between blanks. All patterns
# are extended regular expressions, searched in the kernel's messages and then, for
# the state that came out of it, in what guest/state and the job say. A pattern may
# begin with ^ only in the latter: messages have their time in front. {default} stands
# for the KiB of the area that the kernel has without a word on its command line,
# {below4g} for the zone that ends at 4 GiB.
#
# A case passes when the guest reaches its job, the job ends well, the kernel
# complained about nothing on the way, and the patterns hold. A backslash at its
# end joins a line with the next one. Lines that begin with one of these words are
# for the cases that follow:
#
#	group: WORD		their names begin with it
#	arch: MACHINE...	they are for these only, by the folders of machines/
#	skip: MACHINE...: WHY	these have none of that group
#	machine: TITLE: ARGUMENTS
#				for QEMU, besides the memory that is written there and
#				two processors; the last word counts
#	holes: SIZE@PLACE...	memory of that machine that its devicetree keeps the kernel
#				away from, in MiB and GiB: 16@5 is 16 MiB at 5 GiB
#	before: WORDS		on each command line, in front of a case's own
#	job: FILE [MODULE]...	a script of guest/ that the guest runs when it has told
#				its state, and modules to be in /share
#
# As many guests run at once as there are processors, or as $JOBS says.

cases_passed=0 cases_failed=0 cases_skipped=0
cases_begun=0 cases_told=0
cases_scratch=$(mktemp -d)
trap 'rm -rf "$cases_scratch"' EXIT

# The initramfs of a job, which is the rest of its line; built when first asked for.
cases_initrd()
{
	local words module args=()
	local initrd=$cases_scratch/initrd.${1//[^a-z0-9]/-}

	if [[ ! -f $initrd ]]; then
		read -ra words <<< "$1"
		((${#words[@]} == 0)) || args=(--file "$HERE/guest/${words[0]}:/share/more")
		for module in "${words[@]:1}"; do
			args+=(--file "$(find "$(obj_of test)/root" -name "$module.ko")")
		done
		"$HERE/bin/initramfs" --out "$initrd" --job "$HERE/guest/state" "${args[@]}"
	fi
	printf '%s\n' "$initrd"
}

# cases_bad NAME LOG WHY
cases_bad()
{
	printf 'not ok %s\n    %s\n    see %s\n' "$1" "$3" "${LOGS#"$TOP"/}/$2.log"
}

# cases_judge NAME LOG MUST NEVER: look for the patterns in what a guest said
cases_judge()
{
	local name=$1 log=$2 must=$3 never=$4 said=$cases_scratch/$2.said pattern

	said_in "$log" > "$said"
	while IFS= read -r pattern; do
		if ! grep -qE -- "$pattern" "$said"; then
			cases_bad "$name" "$log" "missing: $pattern"
			return
		fi
	done <<< "${must// & /$'\n'}"
	if [[ -n $never ]] && grep -qE -- "$never" "$said"; then
		cases_bad "$name" "$log" "unwanted: $(grep -m 1 -E -- "$never" "$said")"
	else
		printf 'ok %s\n' "$name"
	fi
}

# cases_boot NAME LOG INITRD QEMU LINE: one case, whose LINE has its three fields
cases_boot()
{
	local name=$1 log=$2 said=$cases_scratch/$2.vm append must never args

	read -ra args <<< "$4"
	IFS=$'\x1f' read -r append must never <<< "$5"
	if MEM=$GUEST_MEM CPUS=2 "$HERE/bin/vm" --quiet --timeout 240 --name "$log" \
		--kernel "$(image_of test)" --initrd "$3" --append "$(trim "$append")" \
		-- "${args[@]}" > "$said" 2>&1; then
		cases_judge "$name" "$log" "$(trim "$must")" "$(trim "${never:-}")"
	else
		cases_bad "$name" "$log" "$(grep -m 1 . "$said")"
	fi
}

# cases_tell: say how cases ended, in the order of the files
cases_tell()
{
	local result

	while result=$cases_scratch/$((cases_told + 1)).result && [[ -f $result ]]; do
		cases_told=$((cases_told + 1))
		cat "$result"
		case $(< "$result") in
		ok*) cases_passed=$((cases_passed + 1)) ;;
		*) cases_failed=$((cases_failed + 1)) ;;
		esac
	done
}

# cases_skip GROUP WORD LINE: what a line "skip:" says, unless only some are asked for
cases_skip()
{
	local machines why

	IFS=: read -r machines why <<< "$3"
	[[ " $machines " == *" $MACHINE "* && -z $2 ]] || return 0
	cases_skipped=$((cases_skipped + 1))
	printf 'skipped: %s: %s\n' "$1" "$(trim "$why")"
}

# What {default} stands for: the configuration's, in the blocks that areas are made of
cases_default()
{
	local mib

	mib=$(sed -n 's/^CONFIG_CMA_SIZE_MBYTES=//p' "$(obj_of test)/.config")
	[[ $PAGESIZE != 64K ]] || mib=$(((mib + 511) / 512 * 512))
	echo $((mib << 10))
}

# cases_nodes: where nodes can't be QEMU's, have the kernel make as many out of the memory
# of one. Changes $qemu, sets $fake; false if the nodes aren't of one size.
cases_nodes()
{
	local number sizes

	fake=
	[[ ${settings[nodes]:-} == kernel && $qemu == *"-numa node"* ]] || return 0
	number=$(grep -o -e '-numa node' <<< "$qemu" | wc -l)
	sizes=$(grep -oE 'size=[0-9]+[MG]' <<< "$qemu")
	(($(wc -l <<< "$sizes") == number && $(sort -u <<< "$sizes" | wc -l) == 1)) || return
	qemu=$(sed -E 's/-(smp|object|numa) [^ ]+//g' <<< "$qemu")
	fake="numa=fake=$number"
}

# cases_holes HOLES: put them into the devicetree that QEMU makes for the machine, and have
# it used. Changes $qemu.
cases_holes()
{
	local tree hole args

	tree=$(mktemp "$cases_scratch/tree.XXXXXX")
	read -ra args <<< "$qemu"
	machine_tree "$tree.dts" "$(cases_initrd "$job")" --mem "$GUEST_MEM" --cpus 2 \
		-- "${args[@]}"
	{
		echo '/ { reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;'
		for hole in $1; do
			printf 'hole@%x { reg = <0x%x 0x%x 0 0x%x>; no-map; };\n' \
				$((${hole#*@} << 30)) $((${hole#*@} >> 2)) \
				$(((${hole#*@} & 3) << 30)) $((${hole%@*} << 20))
		done
		echo '}; };'
	} >> "$tree.dts"
	dtc -q -I dts -O dtb -o "$tree" "$tree.dts"
	qemu+=" -dtb $tree"
}

# cases_begin NAME PART INITRD QEMU LINE: a case, as soon as there is room for it
cases_begin()
{
	local log number result

	number=$((++cases_begun))
	log=$2-$(printf %03d "$number")
	result=$cases_scratch/$number
	while (($(jobs -rp | wc -l) >= JOBS)); do
		wait -n || true
		cases_tell
	done
	if [[ $5 != *$'\x1f'* ]]; then
		printf 'not ok %s\n    this line has no pattern\n' "$1" > "$result.result"
		return
	fi
	{
		cases_boot "$1" "$log" "$3" "$4" "$5" > "$result"
		mv "$result" "$result.result"
	} &
}

# cases_file PART FILE WORD: the cases of a file, those whose names contain WORD.
# PART is what the logs are called.
cases_file()
{
	local default group=$1 arches=$MACHINE title='' qemu='' job='' before='' line name fake=''
	local below4g=DMA32

	default=$(cases_default)
	[[ $ARCH == x86_64 ]] || ! grep -qx CONFIG_ZONE_DMA=y "$(obj_of test)/.config" ||
		below4g=DMA
	while IFS= read -r line; do
		case $line in
		'' | '#'*) continue ;;
		group:*) group=$(trim "${line#*:}") ; continue ;;
		arch:*) arches=$(trim "${line#*:}") ; continue ;;
		skip:*) cases_skip "$group" "$3" "${line#*:}"; continue ;;
		holes:*)
			[[ " $arches " != *" $MACHINE "* ]] || cases_holes "${line#*:}"
			continue
			;;
		before:*) before=$(trim "${line#*:}") ; continue ;;
		job:*) job=$(trim "${line#*:}") ; continue ;;
		machine:*)
			IFS=: read -r title qemu <<< "$(trim "${line#*:}")"
			cases_nodes || fake=none
			continue
			;;
		esac
		line=${line//\{default\}/$default}
		line=${line//\{below4g\}/$below4g}
		name="$group: ${title:+$title: }$(trim "${line%% | *}")"
		[[ " $arches " == *" $MACHINE "* && $name == *"$3"* ]] || continue
		if [[ $fake == none ]]; then
			cases_skipped=$((cases_skipped + 1))
			printf 'skipped: %s: QEMU has no such nodes for %s\n' "$name" "$MACHINE"
			continue
		fi
		cases_begin "$name" "$1" "$(cases_initrd "$job")" "$qemu" \
			"$before $fake ${line// | /$'\x1f'}"
	done < <(sed -e ':more' -e '/\\$/ { N; s/[[:space:]]*\\\n[[:space:]]*/ /; b more; }' "$2")
}

# The last line of a part, when all of its cases have ended. No case at all is a
# failure.
cases_end()
{
	wait
	cases_tell
	((cases_begun + cases_skipped)) || { echo "not ok: no cases"; cases_failed=1; }
	printf '%d passed, %d failed, %d skipped\n' "$cases_passed" "$cases_failed" \
		"$cases_skipped"
	((cases_failed == 0))
}
