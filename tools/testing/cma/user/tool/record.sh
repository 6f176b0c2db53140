# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma record and cma report. Sourced by test-tool.

# Each of its parts, in the order in which they are
reported()
{
	local root=$1

	printf 'kernel %s machine=%s\n' "$(uname -r)" "$(uname -m)"
	for command in status why advise who map; do
		echo
		CMA_TEST_ROOT=$root "$tool" "$command" 2> /dev/null
	done
}

same_elsewhere()
{
	local root

	for root in ours nodes pieces stock later odd; do
		cma "$tmp/$root" record "$tmp/record"
		is "the status of record ($root)" 0 "$status"
		is "what record says" "" "$said"
		cma "$tmp/nothing" report "$tmp/record"
		is "the report of $root" "$(reported "$tmp/$root")" "$said"
	done
	is "the status of report with an area that isn't in debugfs" 1 "$status"
}

record_of_none()
{
	cma "$tmp/none" record "$tmp/record"
	is "the status of record" 0 "$status"
	cma "$tmp/nothing" report "$tmp/record"
	is "the status of report" 0 "$status"
	has "the complaint" "$complained" "there is no area; "
}

other_options()
{
	cma "$tmp/ours" record "$tmp/record"
	good "$tmp/nothing" report --columns 16 --pages 128 --older 85 "$tmp/record"
	has "the report" "$said" "     0x30800 wwwwoooooooo....
"
	has "the report" "$said" "reserved
  fe5c0000.camera                1      1       1.0   1d01h  dma_alloc_attrs
"
}

other_pages()
{
	cma "$tmp/ours" record "$tmp/record"
	sed '1s/page_size=4096/page_size=65536/' "$tmp/record" > "$tmp/large"
	good "$tmp/nothing" report "$tmp/large"
	has "the report" "$said" \
		"reserved             256.0      64.0      32.0     144.0     144.0     136.0 "
	has "the report" "$said" "allocated 64.0 MiB, claimed 16.0, ready 32.0
  lent: page cache 48.0 "
	has "the report" "$said" "one character is 512 KiB"
	has "the report" "$said" "  fe5c0000.camera                1      2      48.0 "
}

# What a machine with the other order of bytes would have written
other_bytes()
{
	local bytes

	for bytes in stock ours; do
		cma "$tmp/$bytes" record "$tmp/record"
		python3 - "$tmp/record" "$tmp/swapped" <<-'END'
			import re, struct, sys
			with open(sys.argv[1], "rb") as f:
			    head, rest = f.read().split(b"\n", 1)
			big = b"bytes=big" in head
			head = head.replace(b"bytes=" + (b"big" if big else b"little"),
			                    b"bytes=" + (b"little" if big else b"big"))
			with open(sys.argv[2], "wb") as out:
			    out.write(head + b"\n")
			    while rest.startswith(b"@ "):
			        line, rest = rest.split(b"\n", 1)
			        length, path = int(line.split()[2]), line.split()[3]
			        data, rest = rest[:length], rest[length + 1:]
			        if path.endswith(b"kpageflags"):
			            nr = length // 8
			            data = struct.pack(f">{nr}Q", *struct.unpack(f"<{nr}Q", data))
			        if path.endswith(b"bitmap"):
			            words = data.split()
			            words[::2], words[1::2] = words[1::2], words[::2]
			            data = b" ".join(words).ljust(length)
			        out.write(line + b"\n" + data + b"\n")
			    out.write(rest)
		END
		cmp -s "$tmp/record" "$tmp/swapped" && is "the record" "another one" "the same"
		good "$tmp/nothing" report "$tmp/swapped"
		is "the report of $bytes" "$(reported "$tmp/$bytes")" "$said"
	done
}

private()
{
	rm -f "$tmp/record"
	cma "$tmp/ours" record "$tmp/record"
	is "its mode" 600 "$(stat -c %a "$tmp/record")"
	# Both files take memory, or give it back, when something is written.
	cma "$tmp/stock" record "$tmp/record"
	lacks "the record" "$(tr -d '\0' < "$tmp/record")" "/reserved/alloc
"
	# And this one holds up the area.
	cma "$tmp/ours" record "$tmp/record"
	lacks "the record" "$(tr -d '\0' < "$tmp/record")" "/reserved/check
"
}

bad_records()
{
	local line head

	cma "$tmp/ours" record "$tmp/record"
	head=$(head -n 1 "$tmp/record")
	head -c 9000 "$tmp/record" > "$tmp/bad"
	fails_late "the record ends within /" "$tmp/bad"
	sed '$d' "$tmp/record" > "$tmp/bad"
	fails_late "bad isn't complete" "$tmp/bad"
	for line in '@ 0 2 /../x' '@ 0 2 x' '@ 0 2 /a/..' '@ 0 /x' '@ 0 2 /a/../../../x' \
			$'@ 0 2 /a\e[2J'; do
		printf '%s\n' "$head" "$line" hi "# end" > "$tmp/bad"
		fails_late "bad has a line that is none of a record" "$tmp/bad"
	done
	printf '%s\n' "$head" "@ 0 18446744073709551615 /x" hi "# end" > "$tmp/bad"
	ASAN_OPTIONS=allocator_may_return_null=1 fails_late "no memory for the " "$tmp/bad"
	for line in hello "" "${head/=4096/=0}" "${head/=4096/=5000}" "${head/=4096/=512}"; do
		printf '%s\n' "$line" > "$tmp/bad"
		fails 1 "bad is no record of this command" "$tmp/nothing" report "$tmp/bad"
	done
	fails 1 "nowhere: No such file" "$tmp/nothing" report "$tmp/nowhere"
	is "what is left behind" "" "$(ls "$TMPDIR")"
}

# fails_late COMPLAINT FILE: when it has begun to read
fails_late()
{
	cma "$tmp/nothing" report "$2"
	is "the status of report" 1 "$status"
	has "the complaint" "$complained" "$1"
}

# hostile records: numbers that no kernel has
no_such_kernel()
{
	local debug=$tmp/hostile/sys/kernel/debug/cma/reserved

	mkdir "$tmp/hostile"
	cp -r "$tmp/ours/sys" "$tmp/ours/proc" "$tmp/hostile"
	printf '%s\n' "200000 100 lent" "196608 100 ready" "199000 18446744073709551615 allocated" \
		"1 18446744073709551615 hole" "x" > "$debug/runs"
	cma "$tmp/hostile" map
	is "the status" 0 "$status"
	rm "$debug/runs"
	echo 64 > "$debug/order_per_bit"
	echo 1 > "$debug/bitmap"
	fails 1 "order_per_bit can't be 64" "$tmp/hostile" map --json
	echo x > "$debug/order_per_bit"
	fails 1 "order_per_bit has no number" "$tmp/hostile" map --json
}

nothing_left()
{
	cma "$tmp/ours" record "$tmp/record"
	good "$tmp/nothing" report "$tmp/record"
	is "what is left behind" "" "$(ls "$TMPDIR")"
	is "the status with a closed pipe" 1 "$(closed default report "$tmp/record")"
	is "what is left behind" "" "$(ls "$TMPDIR")"
	TMPDIR=$tmp/nowhere fails_late "$tmp/nowhere/cma-report." "$tmp/record"
}

t "a report has the same answers as the machine itself" same_elsewhere
t "a record of a kernel without areas can be made and read" record_of_none
t "a report has options of its parts" other_options
t "a report counts in pages of the machine that was recorded" other_pages
t "a report knows the order of bytes of the machine that was recorded" other_bytes
t "a record is its owner's, and no file that does something is read for it" private
t "a file that is no record, or was cut off, is refused" bad_records
t "numbers that can't be do no harm" no_such_kernel
t "a report leaves nothing behind, even when nobody reads it" nothing_left
