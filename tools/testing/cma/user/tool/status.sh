# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma status, for people, programs and collectors. Sourced by test-tool.

status_of_ours()
{
	says "$tmp/ours" status <<-'END'
		AREA  (MiB)           SIZE ALLOCATED     READY      LENT   LARGEST   REFUSED BORROW
		reserved              16.0       4.0       2.0       9.0       9.0       8.5    all
	END
}

status_of_stock()
{
	says "$tmp/stock" status <<-'END'
		AREA  (MiB)           SIZE ALLOCATED     READY      LENT   LARGEST   REFUSED BORROW
		reserved               4.0       0.4         -         -       3.6       8.0      -
		vpu                    1.0      <0.1         -         -       0.5       0.0      -
	END
}

# Without debugfs, which is root's, it has three counters, and no size.
status_of_stock_for_others()
{
	mkdir "$tmp/others"
	cp -r "$tmp/stock/sys" "$tmp/others"
	rm -r "$tmp/others/sys/kernel/debug"
	says "$tmp/others" status reserved <<-'END'
		AREA  (MiB)           SIZE ALLOCATED     READY      LENT   LARGEST   REFUSED BORROW
		reserved                 -       0.4         -         -         -       8.0      -
	END
}

status_of_later()
{
	says "$tmp/later" status <<-'END'
		AREA  (MiB)           SIZE ALLOCATED     READY      LENT   LARGEST   REFUSED BORROW
		reserved               4.0       1.0         -         -       1.8       0.0      -
	END
}

status_of_odd()
{
	good "$tmp/odd" status "$odd"
	has "status" "$said" "$(printf '%-16s %9.1f' "$odd" 16)"
	good "$tmp/odd" status
	is "the areas" "$odd camera@78000000 linux,cma x!y " \
		"$(sed 1d <<< "$said" | sed 's/  .*//' | tr '\n' ' ')"
}

status_of_one()
{
	good "$tmp/nodes" status pernuma0
	is "the areas" pernuma0 "$(sed 1d <<< "$said" | cut -d ' ' -f 1)"
	good "$tmp/nodes" status numa0
	is "the areas" numa0 "$(sed 1d <<< "$said" | cut -d ' ' -f 1)"
	good "$tmp/nodes" status numa0 pernuma0
	is "both areas" "numa0 pernuma0 " "$(sed 1d <<< "$said" | cut -d ' ' -f 1 | tr '\n' ' ')"
}

status_json()
{
	says "$tmp/later" --json status <<-'END'
		[
		  {
		    "area":"reserved",
		    "page_size":4096,
		    "alloc_pages_success":300,
		    "alloc_pages_fail":0,
		    "release_pages_success":44,
		    "total_pages":1024,
		    "available_pages":768,
		    "allocated_pages":256,
		    "largest_run":448
		  }
		]
	END
	good "$tmp/ours" --json status
	has "status --json" "$said" '"borrow":"all"'
	has "status --json" "$said" '"allocated_max":3072'
}

# Each file that the reference of sysfs has, but for those that aren't numbers, or are root's
status_has_all()
{
	local name

	cma "$tmp/ours" --json status
	sed -n 's|^What:.*/mm/cma/<area>/\([a-z_][a-z_]*\)$|\1|p' \
		"$TOP/Documentation/ABI/testing/sysfs-kernel-mm-cma" > "$tmp/names"
	[[ $(wc -l < "$tmp/names") -ge 25 ]] || is "the number of files" "25 or more" "less"
	while read -r name; do
		case $name in
		base | owners) ;;
		*) has "status --json" "$said" "\"$name\":" ;;
		esac
	done < "$tmp/names"
}

textfile_of_ours()
{
	good "$tmp/ours" --textfile status
	has "the textfile" "$said" '# TYPE cma_page_size_bytes gauge
cma_page_size_bytes 4096
# TYPE cma_alloc_pages_success counter
cma_alloc_pages_success{area="reserved"} 5120'
	has "the textfile" "$said" '# TYPE cma_total_pages gauge
cma_total_pages{area="reserved"} 4096'
	has "the textfile" "$said" '# TYPE cma_failures counter
cma_failures{area="reserved",kind="too-big"} 0
cma_failures{area="reserved",kind="full"} 1'
	has "the textfile" "$said" 'cma_blockers{area="reserved",kind="pinned"} 5'
}

# Lines of the form that is asked for, each metric in one piece behind its type
textfile_is_valid()
{
	local root

	for root in ours nodes stock later odd none; do
		CMA_TEST_ROOT=$tmp/$root "$tool" --textfile status 2> /dev/null > "$tmp/metrics"
		python3 - "$tmp/metrics" <<-'END' || { echo "($root)" && bad=1; }
			import re, sys
			kind, seen, metric = {}, set(), None
			LABEL = r'[a-z]+="(?:[^"\\\n]|\\[\\n"])*"'
			SAMPLE = re.compile(r'([a-z_]+)(\{%s(?:,%s)*\})? \d+$' % (LABEL, LABEL))
			for line in open(sys.argv[1], encoding="utf-8"):
			    line = line.rstrip("\n")
			    match = re.match(r"# TYPE ([a-z_]+) (counter|gauge)$", line)
			    if match:
			        metric = match[1]
			        assert metric not in kind, line
			        kind[metric] = match[2]
			        continue
			    match = SAMPLE.match(line)
			    assert match, line
			    assert match[1] == metric, line
			    assert (match[1], match[2]) not in seen, line
			    seen.add((match[1], match[2]))
			assert seen
		END
	done
}

textfile_escapes()
{
	good "$tmp/odd" --textfile status "$odd"
	# shellcheck disable=SC1003 # that is a backslash
	has "the textfile" "$said" 'cma_total_pages{area="a \"b\" \\c <&>"} 4096'
}

t "status has the figures of each area in MiB" status_of_ours
t "status has a dash for what a stock kernel doesn't tell" status_of_stock
t "status of a stock kernel goes without debugfs" status_of_stock_for_others
t "status of a later kernel has what isn't available as allocated" status_of_later
t "status shows areas with odd names, in their order" status_of_odd
t "status shows the areas that are asked for" status_of_one
t "status --json has the names of the files" status_json
t "status --json has all files of the reference" status_has_all
t "the textfile has counters and gauges, and those of failures and blockers" textfile_of_ours
t "the textfile is one that a collector takes, of each kernel" textfile_is_valid
t "the textfile escapes quotes and backslashes" textfile_escapes
