# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# The command line, and where the answers are written to. Sourced by test-tool.

# closed SIGPIPE ARGUMENT...: the status with a pipe that nobody reads, where the signal is
# ignored or not
closed()
{
	CMA_TEST_ROOT=$tmp/ours python3 - "$1" timeout 60 "$tool" "${@:2}" <<-'END'
		import os, subprocess, sys
		r, w = os.pipe()
		os.close(r)
		print(subprocess.run(sys.argv[2:], stdout=w, stderr=subprocess.DEVNULL, check=False,
		                     restore_signals=sys.argv[1] == "default").returncode)
	END
}

closed_pipe()
{
	is "the status of status" -13 "$(closed default status)"
	is "the status of status" 1 "$(closed ignored status)"
	is "the status of watch" 1 "$(closed ignored watch)"
}

full_disk()
{
	local command

	cma "$tmp/ours" record "$tmp/record"
	for command in status map why who advise "watch --count 1" "--json status" "map --svg" \
			"--textfile status" --help "report $tmp/record"; do
		# shellcheck disable=SC2086 # these are words
		CMA_TEST_ROOT=$tmp/ours "$tool" $command 2> "$tmp/complained" > /dev/full
		is "the status of $command" 1 $?
		has "the complaint of $command" "$(< "$tmp/complained")" \
			"cma: standard output: No space left on device"
	done
	cma "$tmp/ours" record /dev/full
	is "the status of record" 1 "$status"
	has "the complaint" "$complained" "/dev/full: No space left on device"
}

no_areas()
{
	for command in status map why who advise watch; do
		cma "$tmp/none" $command
		is "the status of $command" 0 "$status"
		has "the complaint of $command" "$complained" \
			"there is no area; \"dmesg | grep cma\" says which couldn't be set aside"
	done
	cma "$tmp/none" --json status
	is "status --json" "[]" "$(tr -d ' \n' <<< "$said")"
}

not_there()
{
	for command in status map why who advise watch; do
		fails 1 "neither /sys/kernel/mm/cma (CONFIG_CMA_SYSFS) nor, for root, \
/sys/kernel/debug/cma (CONFIG_CMA_DEBUGFS)" "$tmp/nothing" $command
		fails 1 "no area 'nowhere' in /sys/kernel/mm/cma or /sys/kernel/debug/cma" \
			"$tmp/ours" $command nowhere
	done
	fails 1 "there is no area '../cma'" "$tmp/ours" status ../cma
	fails 1 "neither /sys/kernel/mm/cma" "$tmp/nothing" record "$tmp/new"
	[[ ! -e $tmp/new ]] || is "a record" "none" "$(ls "$tmp/new")"
}

# The options that each command has; all others are mistakes.
command_options()
{
	local command option own

	while read -r command own; do
		for option in json textfile figures svg columns pages older delay count; do
			[[ " $own " != *" $option "* ]] || continue
			case $option in
			columns | pages | older | delay | count) option+="=1" ;;
			esac
			fails 2 "$command has no option --${option%=1}" "$tmp/ours" "$command" \
				"--$option"
		done
	done <<-'END'
		status json textfile
		map json figures svg columns pages
		why json
		who json older
		watch json delay count
		advise json
		stress json delay pages
		record
		report columns pages older
	END
}

mistakes()
{
	fails 2 "usage: cma " "$tmp/ours"
	fails 2 "there is no command 'stat'" "$tmp/ours" stat
	fails 2 "usage: cma " "$tmp/ours" --jsn status
	fails 2 "usage: cma " "$tmp/ours" map --columns
	fails 2 "--columns: 'many' is not a number above 0" "$tmp/ours" map --columns many
	fails 2 "--columns: '' is not a number above 0" "$tmp/ours" map --columns ''
	fails 2 "--columns: '-1' is not a number above 0" "$tmp/ours" map --columns -1
	fails 2 "--columns: '0' is not a number above 0" "$tmp/ours" map --columns 0
	fails 2 "--columns: '8x' is not a number above 0" "$tmp/ours" map --columns 8x
	fails 2 "--columns: '4097' is more than 4096" "$tmp/ours" map --columns 4097
	fails 2 "--pages: '99999999999999999999' is more than 1073741824" "$tmp/ours" map \
		--pages 99999999999999999999
	fails 2 "--json and another form can't be had at once" "$tmp/ours" --json --textfile status
	fails 2 "--json and another form can't be had at once" "$tmp/ours" map --json --svg
	fails 2 "record takes the name of one file to write" "$tmp/ours" record
	fails 2 "record takes the name of one file to write" "$tmp/ours" record "$tmp/x" "$tmp/y"
	fails 2 "report takes the name of one file" "$tmp/ours" report
	fails 2 "report takes the name of one file" "$tmp/ours" report "$tmp/x" "$tmp/y"
}

help()
{
	good "$tmp/nothing" --help
	has "help" "$said" "usage: cma [OPTION]... COMMAND [AREA]..."
	good "$tmp/nothing" -h
	is "the length of the longest line" yes \
		"$(awk 'length > 80 { bad = 1 } END { print bad ? "no" : "yes" }' <<< "$said")"
}

# Each form for programs, of each kernel
json_is_json()
{
	local root command

	for root in ours nodes pieces stock later odd none; do
		for command in status map why who advise; do
			[[ $command != map || -e $tmp/$root/proc/kpageflags || $root == none ]] ||
				continue
			cma "$tmp/$root" --json "$command"
			python3 -m json.tool <<< "$said" > /dev/null ||
				is "$command --json of $root" JSON "$said"
		done
	done
}

in_a_terminal()
{
	local text

	needs script || return
	text=$(CMA_TEST_ROOT=$tmp/ours TERM=xterm script -qec "$tool map --columns 16 --pages 128" \
		/dev/null < /dev/null | tr -d '\r')
	has "the picture" "$text" $'0x30000 \e[31m########\e[32mrrrr\e[35mcc\e[34moo\e[0m\n'
	text=$(CMA_TEST_ROOT=$tmp/ours TERM=xterm NO_COLOR=1 script -qec "$tool map" /dev/null \
		< /dev/null)
	lacks "the picture" "$text" $'\e'
	text=$(CMA_TEST_ROOT=$tmp/ours TERM=dumb script -qec "$tool map" /dev/null < /dev/null)
	lacks "the picture" "$text" $'\e'
	good "$tmp/ours" map
	lacks "the picture in a file" "$said" $'\e'
}

t "a pipe that nobody reads ends it" closed_pipe
t "a full disk is an error" full_disk
t "no area at all is no error, but for a question about one" no_areas
t "an area or a directory that isn't there is an error" not_there
t "an option that isn't the command's is a mistake" command_options
t "mistakes on the command line are named" mistakes
t "help is there, and fits into a terminal" help
t "all that is for programs is JSON, of each kernel" json_is_json
t "a terminal gets colours, unless it or NO_COLOR doesn't want them" in_a_terminal
