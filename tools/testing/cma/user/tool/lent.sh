# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma lent. Sourced by test-tool. Files that no program has mapped are those of the machine
# itself: they are looked at in a guest only.

lent_of_ours()
{
	says "$tmp/ours" lent <<-'END'
		reserved
		  9.0 MiB lent: free 2.0, clean 1.0, dirty 1.0, writeback 1.0, anonymous 2.0, @
		shmem 1.0, hugetlb 1.0, balloon 0.0, other 0.0
		  PROGRAM                      PID       MiB  OF FILES
		  player                        77       3.5       1.5
		  v4l2 ctl                     412       1.2       0.2
		  FILE                                             MiB
		  /memfd:frames (deleted)                          1.0
		  /usr/bin/player                                  0.5
		  ?                                                2.5  of files that nobody has @
		open: --files DIR looks below DIR
	END
}

# A pageblock of 512 pages has lines where something of it is lent.
lent_by_blocks()
{
	good "$tmp/ours" lent --blocks
	is "the pageblocks" "\
  FIRST PAGE FREE CLEAN DIRTY WRITEBACK ANONYMOUS SHMEM HUGETLB BALLOON OTHER
     0x30600    0   256     0         0         0     0       0       0     0
     0x30800    0     0   256       256         0     0       0       0     0
     0x30a00    0     0     0         0       512     0       0       0     0
     0x30c00    0     0     0         0         0   256     256       0     0
     0x30e00  512     0     0         0         0     0       0       0     0" \
		"$(sed -n '/FIRST PAGE/,$p' <<< "$said")"
}

lent_of_no_program()
{
	says "$tmp/pieces" lent <<-'END'
		huge
		  4.0 MiB lent: free 0.0, clean 4.0, dirty 0.0, writeback 0.0, anonymous 0.0, @
		shmem 0.0, hugetlb 0.0, balloon 0.0, other 0.0
		  FILE                                             MiB
		  ?                                                4.0  of files that nobody has @
		open: --files DIR looks below DIR
	END
}

# A balloon's, and one without a flag that says anything: of zsmalloc, say
lent_to_others()
{
	local root=$tmp/ballooned

	calm "$root" reserved
	flags "$root" <<-'END'
		196608 2304 0x800000
		198912 1280 0x2000
		200192 512 0
	END
	good "$root" lent
	has "what is lent" "$said" "hugetlb 0.0, balloon 2.0, other 5.0"
	good "$root" map
	has "the sums" "$said" "anonymous 0.0, other 7.0, free 2.0"
}

# What an owner has pinned of its own, and pages that are free by now, don't count.
lent_and_pinned()
{
	local root=$tmp/pinned

	cp -r "$tmp/ours" "$root"
	printf '%s\n' "196608 10" "199168 256" "200192 99999999" "300000 5" \
		> "$root/sys/kernel/debug/cma/reserved/pins"
	good "$root" lent --blocks
	has "what is lent" "$said" "other 0.0; pinned 1.0"
	has "the titles" "$said" "BALLOON OTHER PINNED"
	has "a pageblock" "$said" "0x30a00    0     0     0         0       512     0       0       0     0    256"
	good "$root" --json lent
	has "the number" "$said" '"pinned_pages":256'
}

lent_json()
{
	good "$tmp/ours" --json lent --blocks
	python "$said" <<-'END'
		import json, sys
		all = json.loads(sys.argv[1])
		area = all[0]
		assert area == {"area": "reserved", "free_pages": 512, "clean_pages": 256,
		    "dirty_pages": 256, "writeback_pages": 256, "anonymous_pages": 512,
		    "shmem_pages": 256, "hugetlb_pages": 256, "balloon_pages": 0,
		    "other_pages": 0, "unknown_file_pages": 640}, area
		assert all[1] == {"area": "reserved", "program": "player", "pid": 77,
		    "pages": 896, "file_pages": 384}, all[1]
		assert [one["pages"] for one in all if "file" in one] == [256, 128]
		blocks = [one for one in all if "block_pfn" in one]
		assert [one["block_pfn"] for one in blocks] == [0x30600, 0x30800, 0x30a00,
		    0x30c00, 0x30e00], blocks
		for name in area:
		    if name.endswith("_pages") and name != "unknown_file_pages":
		        assert sum(one[name] for one in blocks) == area[name], name
	END
}

lent_without_blocks()
{
	rm -rf "$tmp/blind"
	cp -r "$tmp/ours" "$tmp/blind"
	rm "$tmp/blind/proc/pagetypeinfo"
	cma "$tmp/blind" lent --blocks
	is "the status" 1 "$status"
	has "what it complains about" "$complained" "/proc/pagetypeinfo"
	cma "$tmp/ours" lent --files /nowhere
	is "the status" 1 "$status"
	has "what it complains about" "$complained" "/nowhere: No such file or directory"
}

t "lent has kinds, programs and files, those with most of them first" lent_of_ours
t "lent --blocks has a line for each pageblock" lent_by_blocks
t "what no program has mapped is of files that aren't known" lent_of_no_program
t "a balloon's pages, and those of no kind, are apart" lent_to_others
t "what is pinned comes last, where the kernel tells" lent_and_pinned
t "lent --json has the same" lent_json
t "lent says what it can't find" lent_without_blocks
