# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# The files of kernels, below $tmp. Sourced by test-tool.

# files FOLDER: from lines with a name and what is in it
files()
{
	local name text

	mkdir -p "$1"
	while read -r name text; do
		printf '%s\n' "$text" > "$1/$name"
	done
}

# flags ROOT: /proc/kpageflags, from lines with a page, how many there are, and their flags
flags()
{
	mkdir -p "$1/proc"
	python3 -c '
import struct, sys
with open(sys.argv[1], "wb") as f:
    for line in sys.stdin:
        pfn, nr, flags = (int(word, 0) for word in line.split())
        f.seek(pfn * 8)
        f.write(struct.pack("=Q", flags) * nr)' "$1/proc/kpageflags"
}

# pagemap FILE: of a process, from lines with an address, how many pages are mapped there, and
# the first of them
pagemap()
{
	python3 -c '
import struct, sys
with open(sys.argv[1], "wb") as f:
    for line in sys.stdin:
        address, nr, pfn = (int(word, 0) for word in line.split())
        f.seek(address // 4096 * 8)
        for i in range(nr):
            f.write(struct.pack("=Q", 1 << 63 | pfn + i))' "$1"
}

# latency [BUCKET=REQUESTS]...: the file of that name
latency()
{
	local -A nr=()
	local i pair

	for pair; do
		nr[${pair%=*}]=${pair#*=}
	done
	for ((i = 0; i < 23; i++)); do
		echo "$((1 << i)) ${nr[$i]:-0}"
	done
	echo "inf ${nr[23]:-0}"
}

reasons="too-big full fragmented busy no-migration-target above-dma-mask would-sleep
	interrupted inactive invalid"
kinds="pinned writeback referenced buffers-in-use mlocked hugetlb unmovable free-in-flight
	movable unknown"

# zeros FOLDER WORD...: counters that have counted nothing
zeros()
{
	local word

	mkdir -p "$1"
	for word in "${@:2}"; do
		echo 0 > "$1/$word"
	done
}

# calm ROOT AREA: one of this kernel's with 16 MiB, which has had 1000 quick requests, and of
# which 12 MiB were allocated once: nothing speaks for a change
calm()
{
	local sys=$1/sys/kernel/mm/cma/$2 debug=$1/sys/kernel/debug/cma/$2

	files "$sys" <<-'END'
		alloc_pages_success 5120
		alloc_pages_fail 0
		release_pages_success 4096
		fallbacks 0
		ready_hits 7
		attempts 12
		waits 3
		moved_pages 300
		dropped_pages 700
		moved_in_pages 50
		total_pages 4096
		available_pages 3072
		lent_pages 2304
		ready_pages 512
		claimed_pages 256
		allocated_pages 1024
		allocated_max 3072
		largest_run 2304
		allocated_runs 4
		heap_pages 128
		heap_max 4096
		quick_pages 512
		quick_max 2048
		ready_min 0
		ready_max 4096
		base 0x30000000
		borrow [all] clean none
		owners [off] on
	END
	# shellcheck disable=SC2086 # these are words
	{
		zeros "$sys/failures" $reasons
		zeros "$sys/blockers" $kinds
	}
	files "$debug" <<-'END'
		base_pfn 196608
		count 4096
		order_per_bit 0
		nr_ranges 1
		used 1280
		maxchunk 2304
		check consistent
	END
	printf '%s\n' "total 4096" "lent 2304" "ready 512" "claimed 256" "allocated 1024" \
		> "$debug/usage"
	latency 4=990 14=10 > "$debug/latency"
	true > "$debug/owners"
	cat > "$debug/runs" <<-'END'
		196608 512 allocated
		197120 256 allocated
		197376 128 allocated
		197504 128 allocated
		197632 512 ready
		198144 256 claimed
		198400 2304 lent
	END
}

# What is lent of that: page cache 1.0 MiB, 1.0 to be written, 1.0 being written, anonymous 2.0,
# of files in memory 1.0, huge pages 1.0, free 1.0, and on processors' lists 1.0
make_ours()
{
	local root=$tmp/ours sys=$tmp/ours/sys/kernel/mm/cma/reserved
	local debug=$tmp/ours/sys/kernel/debug/cma/reserved

	calm "$root" reserved
	echo 2176 > "$sys/alloc_pages_fail"
	echo 1 > "$sys/fallbacks"
	echo "off [on]" > "$sys/owners"
	echo 1 | tee "$sys/failures/full" "$sys/failures/busy" > "$sys/failures/would-sleep"
	echo 5 > "$sys/blockers/pinned"
	echo 1 > "$sys/blockers/movable"
	cat > "$debug/owners" <<-'END'
		196608 512 84120 1 fe5c0000.camera dma_alloc_attrs+0x64/0x1a0 [dma]
		197120 256 90061000 1 fe5c0000.camera dma_alloc_attrs+0x64/0x1a0
		197376 128 0 412 v4l2\040ctl cma_heap_allocate+0x7c/0x260 [cma_heap]
	END
	flags "$root" <<-'END'
		196608 1792 0x28
		198400 256 0x28
		198656 256 0x38
		198912 256 0x128
		199168 512 0x1028
		199680 256 0x4038
		199936 256 0x20000
		200192 256 0x400
		200448 256 0
	END
	mkdir -p "$root"/dev/dma_heap "$root"/proc/{1,77,412}/fdinfo
	true > "$root/dev/dma_heap/reserved"
	files "$root/proc" <<-'END'
		1/comm init
		77/comm player
		412/comm v4l2 ctl
		1/fdinfo/0 pos: 0
	END
	cat > "$root/proc/77/maps" <<-'END'
		00400000-00500000 r-xp 00000000 08:01 77                     /usr/bin/player
		10000000-10800000 rw-p 00000000 00:00 0                      [heap]
		7f0000000000-7f0000200000 rw-s 00000000 00:01 5              /memfd:frames (deleted)
	END
	pagemap "$root/proc/77/pagemap" <<-'END'
		0x400000 128 198400
		0x10000000 512 199168
		0x10200000 16 4096
		0x7f0000000000 256 199680
	END
	# A mapping of no file ends with a blank.
	printf '%s\n' > "$root/proc/412/maps" \
		'00400000-00500000 r--p 00000000 08:01 77                     /usr/bin/player' \
		'20000000-20400000 rw-p 00000000 00:00 0 '
	pagemap "$root/proc/412/pagemap" <<-'END'
		0x400000 64 198400
		0x20000000 256 199936
	END
	printf 'Page block order: 9\nPages per block:  512\n' > "$root/proc/pagetypeinfo"
	fdinfo 524288 reserved 9001 > "$root/proc/412/fdinfo/5"
	fdinfo 524288 reserved 9001 > "$root/proc/412/fdinfo/6"
	fdinfo 1048576 reserved 9002 > "$root/proc/412/fdinfo/7"
	fdinfo 524288 reserved 9001 > "$root/proc/77/fdinfo/3"
	fdinfo 4096 system 9003 > "$root/proc/77/fdinfo/4"
	cat > "$root/dev/kmsg" <<-'END'
		6,100,1000000,-;cma: reserved: set aside 16 MiB at [mem 0x30000000-0x30ffffff]
		 SUBSYSTEM=platform
		 DEVICE=+platform:no 5
		3,200,2500000,-,caller=T1;cma: __cma_alloc: reserved: alloc failed, req-size: 9
		3,202,2500020,-,caller=T1;cma: reserved: no 9 pages, file "a\x5c\x0ab\xc3\xa9\xff"
		4,203,2600000,-;cma: reserved: no directory in sysfs (error -12)
		6,204,2700000,-;cma: reserved: no early memory: 4 KiB, 0 KiB would fit
		6,205,2800000,-;cma: reserved: 8 pages for cam are left to the page allocator: full
		6,206,2900000,-;somebody says cma: reserved: no 7 pages
		6,207,3000000,-;cma: preserved: no 8 pages aligned to 1 for cam: full
	END
}

# fdinfo BYTES EXPORTER NUMBER: of a dma-buf
fdinfo()
{
	printf 'pos:\t0\nflags:\t02000002\nmnt_id:\t14\nino:\t%d\n' "$3"
	printf 'size:\t%d\ncount:\t2\nexp_name:\t%s\n' "$1" "$2"
}

# Two areas, one of which has the name of the other in its own
make_nodes()
{
	calm "$tmp/nodes" numa0
	calm "$tmp/nodes" pernuma0
	flags "$tmp/nodes" <<< "196608 4096 0"
	mkdir "$tmp/nodes/dev"
	cat > "$tmp/nodes/dev/kmsg" <<-'END'
		3,1,1000000,-;cma: numa0: no 1 pages aligned to 1 for a: full
		3,2,2000000,-;cma: pernuma0: no 2 pages aligned to 1 for b: full
		3,3,3000000,-;cma: __cma_alloc: pernuma0: alloc failed, req-size: 3 pages, ret: -12
	END
}

# One area of two pieces, with a hole between them
make_pieces()
{
	local root=$tmp/pieces debug=$tmp/pieces/sys/kernel/debug/cma/huge

	calm "$root" huge
	echo 262144 > "$debug/base_pfn"
	echo 2048 > "$debug/count"
	cat > "$debug/runs" <<-'END'
		262144 512 allocated
		262656 512 lent
		263168 1024 hole
		264192 512 lent
		264704 512 ready
	END
	flags "$root" <<-'END'
		262144 1024 0x28
		264192 512 0x28
		264704 512 0x400
	END
}

# 6.12 as it is: two areas, of which one has units of four pages
make_stock()
{
	local root=$tmp/stock debug=$tmp/stock/sys/kernel/debug/cma

	files "$root/sys/kernel/mm/cma/reserved" <<-'END'
		alloc_pages_success 200
		alloc_pages_fail 2048
		release_pages_success 104
	END
	files "$root/sys/kernel/mm/cma/vpu" <<-'END'
		alloc_pages_success 8
		alloc_pages_fail 0
		release_pages_success 0
	END
	files "$debug/reserved" <<-'END'
		base_pfn 65536
		count 1024
		order_per_bit 0
		used 96
		maxchunk 928
	END
	files "$debug/vpu" <<-'END'
		base_pfn 66560
		count 256
		order_per_bit 2
		used 8
		maxchunk 120
		bitmap 2147483649 0
	END
	printf '%s ' 4294967295 4294967295 4294967295 > "$debug/reserved/bitmap"
	printf '0 %.0s' {1..29} >> "$debug/reserved/bitmap"
	echo 1 > "$debug/reserved/alloc"
	flags "$root" <<-'END'
		65536 96 0
		65632 32 0x28
		65664 128 0x1028
		65792 1024 0x400
	END
	mkdir "$root/dev"
	cat > "$root/dev/kmsg" <<-'END'
		3,1,1000000,-;cma: __cma_alloc: reserved: alloc failed, req-size: 8 pages, ret: -12
		6,2,1000001,-;cma: number of available pages: 928@96=> 928 free of 1024 total pages
	END
}

# 7.3: the area is in two ranges, of 2 MiB each
make_later()
{
	local root=$tmp/later debug=$tmp/later/sys/kernel/debug/cma/reserved

	files "$root/sys/kernel/mm/cma/reserved" <<-'END'
		alloc_pages_success 300
		alloc_pages_fail 0
		release_pages_success 44
		total_pages 1024
		available_pages 768
	END
	files "$debug" <<-'END'
		count 1024
		order_per_bit 0
		used 256
		maxchunk 448
	END
	files "$debug/ranges/0" <<-'END'
		base_pfn 131072
		bitmap 4294967295 4294967295 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	END
	files "$debug/ranges/1" <<-'END'
		base_pfn 132096
		bitmap 0
	END
	{
		printf '0 %.0s' {1..10}
		printf '4294967295 %.0s' {1..6}
	} > "$debug/ranges/1/bitmap"
	ln -s ranges/0/base_pfn "$debug/base_pfn"
	ln -s ranges/0/bitmap "$debug/bitmap"
	flags "$root" <<-'END'
		131072 512 0x400
		132096 512 0x28
	END
}

odd='a "b" \c <&>'

# Names as a devicetree may have them, and others that nobody gives
make_odd()
{
	local name

	for name in 'linux,cma' 'camera@78000000' "$odd"; do
		calm "$tmp/odd" "$name"
	done
	# That is its name where it has a slash, and debugfs has nothing for it.
	calm "$tmp/odd" 'x!y'
	rm -r "$tmp/odd/sys/kernel/debug/cma/x!y"
	mkdir "$tmp/odd/dev"
	cat > "$tmp/odd/dev/kmsg" <<-'END'
		3,1,1000000,-;cma: x/y: no 1 pages aligned to 1 for a: full
		3,2,2000000,-;cma: a "b" \x5cc <&>: no 2 pages aligned to 1 for b: full
	END
	flags "$tmp/odd" <<< "196608 4096 0"
}

make_kernels()
{
	make_ours
	make_nodes
	make_pieces
	make_stock
	make_later
	make_odd
	mkdir -p "$tmp"/none/sys/kernel/{mm,debug}/cma "$tmp/nothing"
}
