# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# What comes with the program. Sourced by test-tool.

# commands_of_help, options_of_help: those that it tells of
commands_of_help() { cma "$tmp/nothing" --help && sed -n 's/^  \([a-z]*\) .*/\1/p' <<< "$said"; }
options_of_help() { cma "$tmp/nothing" --help && sed -n 's/^  \(--[a-z]*\) .*/\1/p' <<< "$said"; }

manual()
{
	local word text formatter=groff

	text=$(sed 's/\\-/-/g' "$SOURCE/cma.8")
	for word in $(commands_of_help); do
		grep -q "^\.B[RI]\? $word\b" <<< "$text" ||
			is "cma.8" "$word" "no such command"
	done
	for word in $(options_of_help); do
		grep -q -e "^\.B[RI]\? $word\b" <<< "$text" ||
			is "cma.8" "$word" "no such option"
	done
	if command -v "$formatter" > /dev/null; then
		is "what $formatter says of cma.8" "" \
			"$("$formatter" -man -Tascii -ww -z -rLL=80n "$SOURCE/cma.8" 2>&1)"
	fi
}

# What stands in the manual as it is, but for where the kernel's files are, and others of root
examples()
{
	local work=$tmp/examples nr=0 root=$tmp/examples/root example

	needs xz || return
	mkdir -p "$work"/{bin,var/log,var/lib/prometheus/node-exporter}
	cp -r "$tmp/ours" "$root"
	ln -s "$tool" "$work/bin/cma"
	sed 's/\\-/-/g' "$SOURCE/cma.8" | awk '/^\.EX$/ { print ""; here = 1; next }
		/^\.EE$/ { here = 0 } here' | sed "s|/sys/|$root/sys/|g; s|/var/|$work/var/|g" |
		csplit -qz -b %d -f "$work/example" - '/^$/' '{*}'
	for example in "$work"/example[0-9]*; do
		# Synopses and the like have no program in them.
		grep -qE '(^|\(|")cma ' "$example" || continue
		nr=$((nr + 1))
		said=$(cd "$work" && PATH=$work/bin:$PATH CMA_TEST_ROOT=$root bash -e "$example" \
			2> "$tmp/complained")
		is "the status of $(< "$example")" 0 $?
		is "what it complains about" "" "$(< "$tmp/complained")"
		has "what all of them say" "$said
$(cat "$work"/var/lib/prometheus/node-exporter/cma.prom 2> /dev/null)" "$(example_says $nr)"
	done
	is "the number of examples" 6 "$nr"
	xz -t "$work/cma.record.xz"
	is "the status of the record" 0 $?
}

# example_says NUMBER: a part of it
example_says()
{
	case $1 in
	1) echo "in the way of attempts" ;;
	2) echo "fe5c0000.camera                1      1" ;;
	3) echo "MiB lent: free 2.0" ;;
	4) echo "25 %" ;;
	5) echo 'cma_alloc_pages_success{area="reserved"} 5120' ;;
	esac
}

# The names that --json has for what isn't a file of the kernel's are in the manual.
manual_has_names()
{
	local name names text

	text=$(sed 's/\\-/-/g' "$SOURCE/cma.8")
	names=$(for command in status map lent why who advise; do
		cma "$tmp/ours" --json $command
		sed -n 's/^ *"\([a-z_0-9]*\)":.*/\1/p' <<< "$said"
	done)
	names+=$(printf '\n%s' time interval_ms requests p50_us p99_us taken refused \
		not_empty changed)
	while read -r name; do
		[[ -e $tmp/ours/sys/kernel/mm/cma/reserved/$name ]] ||
			grep -q "\b$name\b" <<< "$text" || is "cma.8" "$name" "no such name"
	done < <(sort -u <<< "$names")
}

# completes LINE: the words that the shell offers at its end, in one line
completes()
{
	# shellcheck source=tools/mm/cma/cma.bash
	. "$SOURCE/cma.bash"
	_cma_dirs=("$tmp/odd/sys/kernel/mm/cma" "$tmp/stock/sys/kernel/debug/cma")
	COMP_LINE=$1 COMP_POINT=${#1}
	# As readline has it
	mapfile -t COMP_WORDS < <(sed 's/[@:=]/\n&\n/g; s/ \+/\n/g' <<< "$1" | sed '/^$/d')
	[[ $1 != *[\ @:=] ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_cma
	printf '%s ' "${COMPREPLY[@]}"
}

completion()
{
	is "commands" "status stress " "$(completes 'cma st')"
	is "commands behind an option" "map " "$(completes 'cma --json m')"
	is "all commands" "$(commands_of_help | sort | tr '\n' ' ')" \
		"$(completes 'cma ' | tr ' ' '\n' | sed '/^$/d' | sort | tr '\n' ' ')"
	is "all options" "$({ options_of_help; echo --help; } | sort | tr '\n' ' ')" \
		"$(completes 'cma --' | tr ' ' '\n' | sed '/^$/d' | sort | tr '\n' ' ')"
	is "options of status" "--json --textfile --help " "$(completes 'cma status --')"
	is "options of map" "--columns " "$(completes 'cma map --c')"
	is "a number" " " "$(completes 'cma map --columns ')"
	is "a number behind =" " " "$(completes 'cma map --columns=')"
	is "areas" 'a\ \"b\"\ \\c\ \<\&\> camera@78000000 linux,cma reserved vpu x\!y ' \
		"$(completes 'cma status ')"
	is "an area" "linux,cma " "$(completes 'cma status l')"
	is "what is behind an @" "78000000 " "$(completes 'cma status camera@7')"
	true > "$tmp/a-record"
	is "a file" "$tmp/a-record " "$(completes "cma report $tmp/a-r")"
}

# Each option that it offers is one that the command has.
completion_is_right()
{
	local command option

	# shellcheck source=tools/mm/cma/cma.bash
	. "$SOURCE/cma.bash"
	for command in $(commands_of_help); do
		for option in $(_cma_options "$command"); do
			cma "$tmp/nothing" "$command" "$option" 1
			lacks "$command $option" "$complained" "has no option"
		done
	done
}

installs()
{
	make_tool install DESTDIR="$tmp/root" > "$tmp/said" 2>&1
	is "the status of make" 0 $?
	is "what is there" "644 usr/share/bash-completion/completions/cma
644 usr/share/man/man8/cma.8
755 usr/sbin/cma" "$(cd "$tmp/root" && find . -type f -printf '%m %P\n' | sort)"
	cmp "$tool" "$tmp/root/usr/sbin/cma" || bad=1
	cmp "$SOURCE/cma.8" "$tmp/root/usr/share/man/man8/cma.8" || bad=1
	cmp "$SOURCE/cma.bash" "$tmp/root/usr/share/bash-completion/completions/cma" || bad=1
}

t "the manual has all commands and options" manual
t "the manual has all names of --json" manual_has_names
t "the manual's examples do what it says" examples
t "the shell completes commands, options and areas" completion
t "the shell completes no option that a command hasn't" completion_is_right
t "make install installs the program, the manual and the completion" installs
