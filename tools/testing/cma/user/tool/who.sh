# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma who. Sourced by test-tool.

who_of_ours()
{
	says "$tmp/ours" who <<-'END'
		  OWNER                        PID   RUNS       MiB  OLDEST  CALLER
		reserved
		  fe5c0000.camera                1      2       3.0   1d01h  dma_alloc_attrs
		  v4l2 ctl                     412      1       0.5    0.0s  cma_heap_allocate
		  ?                              -      -       0.5       -  not recorded
		dma-buf files by exporter; what programs share is listed with each
		  v4l2 ctl                     412      2       1.5       -  of reserved
		  player                        77      1       0.5       -  of reserved
		  player                        77      1       0.0       -  of system
	END
}

who_json()
{
	says "$tmp/ours" --json who <<-'END'
		[
		  {
		    "area":"reserved",
		    "caller":"dma_alloc_attrs",
		    "owner":"fe5c0000.camera",
		    "pid":1,
		    "runs":2,
		    "bytes":3145728,
		    "oldest_ms":90061000
		  },
		  {
		    "area":"reserved",
		    "caller":"cma_heap_allocate",
		    "owner":"v4l2 ctl",
		    "pid":412,
		    "runs":1,
		    "bytes":524288,
		    "oldest_ms":0
		  },
		  {
		    "exporter":"reserved",
		    "owner":"v4l2 ctl",
		    "pid":412,
		    "buffers":2,
		    "bytes":1572864
		  },
		  {
		    "exporter":"reserved",
		    "owner":"player",
		    "pid":77,
		    "buffers":1,
		    "bytes":524288
		  },
		  {
		    "exporter":"system",
		    "owner":"player",
		    "pid":77,
		    "buffers":1,
		    "bytes":4096
		  }
		]
	END
}

who_older()
{
	says "$tmp/ours" who --older 85 <<-'END'
		  OWNER                        PID   RUNS       MiB  OLDEST  CALLER
		reserved
		  fe5c0000.camera                1      1       1.0   1d01h  dma_alloc_attrs
	END
	says "$tmp/ours" who --older 84 <<-'END'
		  OWNER                        PID   RUNS       MiB  OLDEST  CALLER
		reserved
		  fe5c0000.camera                1      2       3.0   1d01h  dma_alloc_attrs
	END
}

# owners LINE...: what is recorded, of an area of which 4 MiB are allocated
owners()
{
	rm -rf "$tmp/owners"
	calm "$tmp/owners" reserved
	echo "off [on]" > "$tmp/owners/sys/kernel/mm/cma/reserved/owners"
	printf '%s\n' "$@" > "$tmp/owners/sys/kernel/debug/cma/reserved/owners"
}

who_ages()
{
	owners "1 1 59949 1 a f" "2 1 60000 2 b f" "3 1 3599999 3 c f" "4 1 86399000 4 d f" \
		"5 1 86400000 5 e f"
	good "$tmp/owners" who
	is "the ages" "a 59.9s b 1m00s c 59m59s d 23h59m e 1d00h " \
		"$(awk '$6 == "f" { printf "%s %s ", $1, $5 }' <<< "$said")"
}

# Names that a program can give itself: with a line break, what a terminal obeys, a backslash,
# none at all; half a character, one that is longer than it has to be, or that there isn't
who_names()
{
	owners '1 1 1000 1 a\012b\033[2Jc f+0x1/0x2' $'2 2 1000 2 d\xc3\xa9\xc3 f+0x1/0x2' \
		'3 3 1000 3 e\134f g+0x1/0x2 [m]' '4 4 1000 4  f+0x1/0x2' '5 5 1000 5 \04 h' \
		'6 6 1000 6 \0411\177 i' $'7 7 1000 7 \xc0\xaf k' 'no line of it' \
		$'8 8 1000 8 \xed\xa0\x80 l' $'9 9 1000 9 \xf4\x90\x80\x80 m'
	good "$tmp/owners" who
	has "who" "$said" "  a?b?[2Jc                       1 "
	has "who" "$said" "$(printf '  d\xc3\xa9?                   ')"
	has "who" "$said" '  e\f                            3      1       0.0    1.0s  g
'
	has "who" "$said" "                                 4      1       0.0    1.0s  f
"
	has "who" "$said" '  \04                            5 '
	has "who" "$said" '  !1?                            6 '
	has "who" "$said" '  ??                             7 '
	has "who" "$said" '  ???                            8 '
	has "who" "$said" '  ????                           9 '
	is "the lines" 12 "$(wc -l <<< "$said")"
	good "$tmp/owners" --json who
	python3 -m json.tool <<< "$said" > /dev/null || bad=1
}

who_is_off()
{
	good "$tmp/nodes" who numa0
	has "who" "$said" "numa0
  owners aren't recorded: echo on > /sys/kernel/mm/cma/numa0/owners"
	good "$tmp/nodes" --json who
	is "who --json" "[]" "$(tr -d ' \n' <<< "$said")"
}

who_of_stock()
{
	good "$tmp/stock" who reserved
	has "who" "$said" "reserved
  this kernel doesn't record owners; page_owner=on tells of pages"
}

who_for_others()
{
	mkdir "$tmp/notroot"
	cp -r "$tmp/ours/sys" "$tmp/notroot"
	rm -r "$tmp/notroot/sys/kernel/debug"
	good "$tmp/notroot" who
	has "who" "$said" "reserved
  the records need root, and CONFIG_CMA_DEBUGFS"
}

# Records, but no file that says that there are; a bracket in them is none of its words.
who_without_sysfs()
{
	mkdir -p "$tmp/records/sys/kernel/debug"
	cp -r "$tmp/ours/sys/kernel/debug/cma" "$tmp/records/sys/kernel/debug"
	good "$tmp/records" who
	has "who" "$said" "  v4l2 ctl                     412      1       0.5    0.0s  cma_heap_"
	lacks "who" "$said" "aren't recorded"
}

who_of_some()
{
	owners "1 512 1000 1 a f"
	good "$tmp/owners" who
	has "who" "$said" "  ?                              -      -       2.0       -  not re"
	owners "1 1024 1000 1 a f"
	good "$tmp/owners" who
	lacks "who" "$said" "?"
}

t "who adds up what devices and programs have, and what isn't recorded" who_of_ours
t "who --json has the same" who_json
t "who --older leaves out what is younger, and what has no age" who_older
t "ages have two units" who_ages
t "who shows no name that would do something to a terminal" who_names
t "who says how records are switched on" who_is_off
t "who of a stock kernel says that there are no records" who_of_stock
t "who says that records are root's" who_for_others
t "who shows records where sysfs isn't there" who_without_sysfs
t "who tells how much isn't recorded, if there is any" who_of_some
