# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# bash-completion for cma(8): commands, the options that a command has, and areas.

# Where areas are
_cma_dirs=(/sys/kernel/mm/cma /sys/kernel/debug/cma)

# What a command has besides --help, and what comes behind it
_cma_options()
{
	case $1 in
	status) echo --json --textfile ;;
	map) echo --json --figures --svg --png --columns --pages ;;
	lent) echo --json --blocks --files ;;
	why | advise) echo --json ;;
	who) echo --json --older ;;
	watch) echo --json --delay --count ;;
	stress) echo --json --delay --pages ;;
	report) echo --columns --pages --older ;;
	record) ;;
	*) echo --json --textfile --figures --svg --png --blocks --files --columns --pages --older \
		--delay --count ;;
	esac
}

# _cma_areas WORD: the areas whose names begin with it, a line each
_cma_areas()
{
	local dir name

	for dir in "${_cma_dirs[@]}"; do
		for name in "$dir"/*/; do
			name=${name%/}
			name=${name##*/}
			[[ $name == '*' || $name != "$1"* ]] || printf '%s\n' "$name"
		done
	done | sort -u
}

# The command, if there is one before the word that is completed
_cma_command()
{
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		status | map | lent | why | who | watch | advise | stress | record | report)
			echo "${COMP_WORDS[i]}"
			return
			;;
		esac
	done
}

_cma()
{
	local word=${COMP_LINE:0:COMP_POINT} previous=${COMP_WORDS[COMP_CWORD - 1]} command name

	COMPREPLY=()
	# Readline takes an area like camera@78000000 for three words.
	word=${word##*[[:space:]]}
	command=$(_cma_command)
	case $previous in
	--columns | --pages | --older | --delay | --count) return ;;
	esac
	if [[ $word == --*=* ]]; then
		return
	elif [[ $previous == --files ]]; then
		compopt -o filenames 2> /dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_cma_options "$command") --help" -- "$word")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"status map lent why who watch advise stress record report" -- "$word")
	elif [[ $command == record || $command == report ]]; then
		compopt -o filenames 2> /dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	else
		while IFS= read -r name; do
			[[ $name =~ ^[[:alnum:],._@:+-]+$ ]] || printf -v name %q "$name"
			# What is in front of the last of the three is there already.
			[[ $word != *[@:]* ]] || name=${name#"${word%"${word##*[@:]}"}"}
			COMPREPLY+=("$name")
		done < <(_cma_areas "$word")
	fi
}

complete -F _cma cma
