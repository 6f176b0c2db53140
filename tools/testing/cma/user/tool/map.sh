# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317,SC2154
#
# cma map. Sourced by test-tool.

picture()
{
	says "$tmp/ours" map --columns 16 --pages 128 <<-'END'
		reserved
		     0x30000 ########rrrrccoo
		     0x30800 wwwwoooooooo....
		  allocated 4.0 MiB, claimed 1.0, ready 2.0
		  lent: page cache 3.0 (2.0 dirty), anonymous 4.0, free 2.0
		  each line begins with the number of its first page; one character is 512 KiB
		  # allocated, + partly; c on the way; r ready;
		  o lent and in use, : partly, w to be written; . free
	END
}

partly()
{
	good "$tmp/ours" map --columns 4 --pages 1024
	has "the picture" "$said" "   0x30000 #cw:"
	good "$tmp/ours" map --columns 4 --pages 2048
	has "the picture" "$said" "   0x30000 +w"
}

eight_lines()
{
	local uses

	good "$tmp/ours" map
	uses=$(sed -n 's/^ *0x[0-9a-f]* //p' <<< "$said")
	is "the number of lines" 8 "$(wc -l <<< "$uses")"
	is "the length of the last one" 64 "$(tail -n 1 <<< "$uses" | tr -d '\n' | wc -c)"
	has "the legend" "$said" "one character is 32 KiB"
	good "$tmp/ours" map --columns 100
	is "the last line" "     0x30e10 $(printf '.%.0s' {1..83})" "$(grep 0x30e10 <<< "$said")"
}

huge_numbers()
{
	good "$tmp/ours" map --columns 4096 --pages 1073741824
	has "the picture" "$said" "   0x30000 +
"
}

figures()
{
	says "$tmp/ours" map --figures <<< "page_size=4096 area_pages=4096 area_base=196608 \
area_free=512 area_ready=512 area_cache=768 area_dirty=512 area_anon=1024 area_other=0 \
area_claimed=256 area_allocated=1024"
}

figures_of_one()
{
	fails 2 "is for one area, not for 2" "$tmp/nodes" map --figures
	good "$tmp/nodes" map --figures numa0
	has "the figures" "$said" "area_pages=4096 "
	fails 1 "is for one area, not for 0" "$tmp/none" map --figures
}

map_json()
{
	says "$tmp/ours" --json map <<-'END'
		[
		  {
		    "area":"reserved",
		    "page_size":4096,
		    "base_pfn":196608,
		    "total_pages":4096,
		    "free_pages":512,
		    "ready_pages":512,
		    "cache_pages":768,
		    "dirty_pages":512,
		    "anon_pages":1024,
		    "other_pages":0,
		    "claimed_pages":256,
		    "allocated_pages":1024
		  }
		]
	END
}

svg()
{
	good "$tmp/ours" map --svg --columns 16 --pages 128
	# Eight more are the legend.
	is "the squares" "8 #c0392b 4 #3fa34d 2 #9b59b6 2 #4a7fb5 4 #d9a520 8 #4a7fb5 4 #9aa7b4 " \
		"$(grep -o 'fill="#[0-9a-f]*"/>$' <<< "$said" | cut -d '"' -f 2 | head -n -8 |
			uniq -c | awk '{ printf "%s %s ", $1, $2 }')"
	has "its place" "$said" '<rect x="4" y="20" width="9" height="9" fill="#c0392b"/>'
	has "its place" "$said" '<rect x="154" y="30" width="9" height="9" fill="#9aa7b4"/>'
	has "the text" "$said" "reserved: one square is 512 KiB</text>"
}

# Well-formed, whatever areas are called, and nothing is drawn outside of it
svg_is_xml()
{
	local root

	for root in ours nodes pieces stock later odd none; do
		CMA_TEST_ROOT=$tmp/$root "$tool" map --svg 2> /dev/null > "$tmp/picture"
		python3 - "$tmp/picture" <<-'END' || { echo "($root)" && bad=1; }
			import sys, xml.etree.ElementTree as tree
			svg = tree.parse(sys.argv[1]).getroot()
			assert svg.tag == "{http://www.w3.org/2000/svg}svg", svg.tag
			width, height = int(svg.get("width")), int(svg.get("height"))
			assert svg.get("viewBox") == f"0 0 {width} {height}"
			places = set()
			for one in svg.iter("{http://www.w3.org/2000/svg}rect"):
			    x, y = int(one.get("x")), int(one.get("y"))
			    assert 0 <= x <= width - 9 and 0 <= y <= height - 9, (x, y)
			    assert (x, y) not in places, (x, y)
			    places.add((x, y))
		END
	done
	cma "$tmp/odd" map --svg "$odd"
	has "the picture" "$said" 'a "b" \c &#60;&#38;>: one square'
}

# The same picture, point by point: the squares that --svg has, each with its colour, on white.
png_is_as_svg()
{
	# What fontconfig keeps until the end isn't a leak of ours.
	ASAN_OPTIONS=detect_leaks=0 CMA_TEST_ROOT=$tmp/ours "$tool" map --png --columns 16 \
		--pages 128 > "$tmp/picture.png" 2> "$tmp/complained" || bad=1
	if grep -q "built without cairo" "$tmp/complained"; then
		skip="there is no cairo here"
		return
	fi
	is "what it complains about" "" "$(< "$tmp/complained")"
	good "$tmp/ours" map --svg --columns 16 --pages 128
	python "$tmp/picture.png" "$said" <<-'END'
		import struct, sys, zlib, xml.etree.ElementTree as tree
		data = open(sys.argv[1], "rb").read()
		assert data[:8] == b"\x89PNG\r\n\x1a\n"
		at, body = 8, b""
		while at < len(data):
		    size, kind = struct.unpack(">I4s", data[at:at + 8])
		    chunk = data[at + 8:at + 8 + size]
		    if kind == b"IHDR":
		        width, height, depth, colours = struct.unpack(">IIBB", chunk[:10])
		    elif kind == b"IDAT":
		        body += chunk
		    at += 12 + size
		assert (depth, colours) == (8, 2), (depth, colours)
		rows, body, above = [], zlib.decompress(body), bytes(3 * width)
		for y in range(height):
		    kind, *row = body[y * (3 * width + 1):(y + 1) * (3 * width + 1)]
		    for x in range(3 * width):
		        a = row[x - 3] if x >= 3 else 0
		        b, c = above[x], above[x - 3] if x >= 3 else 0
		        near = min((a, b, c), key=lambda one: abs(a + b - c - one))
		        row[x] = row[x] + (0, a, b, (a + b) // 2, near)[kind] & 255
		    rows.append(row)
		    above = row
		def point(x, y):
		    return "#%02x%02x%02x" % tuple(rows[y][3 * x:3 * x + 3])
		svg = tree.fromstring(sys.argv[2])
		assert (width, height) == (int(svg.get("width")), int(svg.get("height")))
		squares = list(svg.iter("{http://www.w3.org/2000/svg}rect"))
		for one in squares:
		    x, y, size = (int(one.get(name)) for name in ("x", "y", "width"))
		    assert point(x, y) == point(x + size - 1, y + size - 1) == one.get("fill")
		assert len(squares) == 40
		assert point(0, 0) == point(width - 1, height - 1) == "#ffffff"
		assert any(point(x, y) == "#24292f" for x in range(200) for y in range(20)), "text"
	END
}

map_of_pieces()
{
	says "$tmp/pieces" map --columns 8 --pages 256 <<-'END'
		huge
		     0x40000 ##oo    %
		     0x40800 oorr
		  allocated 2.0 MiB, claimed 0.0, ready 2.0
		  lent: page cache 4.0 (0.0 dirty), anonymous 0.0, free 0.0
		  each line begins with the number of its first page; one character is 1024 KiB
		  # allocated, + partly; c on the way; r ready;
		  o lent and in use, : partly, w to be written; . free
	END
	good "$tmp/pieces" map --figures
	has "the figures" "$said" "area_pages=2048 area_base=262144 area_free=0 "
	good "$tmp/pieces" map --svg --columns 8 --pages 256
	is "the squares, and those of the legend" 16 "$(grep -c '^<rect.*/>$' <<< "$said")"
}

map_of_stock()
{
	says "$tmp/stock" map --columns 16 --pages 64 reserved <<-'END'
		reserved
		     0x10000 #+oo............
		  allocated 0.4 MiB, claimed 0.0, ready 0.0
		  lent: page cache 0.1 (0.0 dirty), anonymous 0.5, free 3.0
		  each line begins with the number of its first page; one character is 256 KiB
		  # allocated, + partly; c on the way; r ready;
		  o lent and in use, : partly, w to be written; . free
	END
}

# Units 0 and 31 are allocated, of four pages each.
map_of_units()
{
	local dots

	good "$tmp/stock" map --columns 64 --pages 4 vpu
	dots=$(printf '.%.0s' {1..30})
	is "the line" "     0x10400 #$dots#$dots.." "$(grep 0x10400 <<< "$said")"
	good "$tmp/stock" map --figures vpu
	has "the figures" "$said" "area_pages=256 area_base=66560 area_free=248 "
}

map_of_later()
{
	good "$tmp/later" map --columns 24 --pages 64
	has "the picture" "$said" "   0x20000 #.......        ooooo###
"
	good "$tmp/later" map --figures
	has "the figures" "$said" "area_pages=1024 area_base=131072 area_free=448 area_ready=0 \
area_cache=320 area_dirty=0 area_anon=0 area_other=0 area_claimed=0 area_allocated=256"
}

# Two ranges of 40 pages, side by side: the bits of each are two numbers, which would be 64.
map_of_short_range()
{
	local debug=$tmp/short/sys/kernel/debug/cma/reserved

	mkdir "$tmp/short"
	cp -r "$tmp/later/sys" "$tmp/short"
	echo 80 > "$debug/count"
	echo 4294967295 0 > "$debug/ranges/0/bitmap"
	echo 0 255 > "$debug/ranges/1/bitmap"
	echo 131112 > "$debug/ranges/1/base_pfn"
	flags "$tmp/short" <<< "131072 1024 0x400"
	good "$tmp/short" map --figures
	has "the figures" "$said" "area_pages=80 "
	has "the figures" "$said" " area_allocated=40"
}

# One of them has nothing in debugfs.
map_of_odd()
{
	cma "$tmp/odd" map --figures "$odd"
	is "the status" 0 "$status"
	cma "$tmp/odd" map
	is "the status" 1 "$status"
	has "the complaint" "$complained" "/sys/kernel/debug/cma/x!y (a picture needs root and"
	is "the pictures" 3 "$(grep -c '^  # allocated' <<< "$said")"
	cma "$tmp/odd" --json map
	is "the status" 1 "$status"
	is "the objects of map --json" 3 "$(grep -c '"area"' <<< "$said")"
	cma "$tmp/odd" map --svg
	is "the status" 1 "$status"
}

map_without_flags()
{
	calm "$tmp/noflags" reserved
	fails 1 "/proc/kpageflags (a picture needs root and CONFIG_PROC_PAGE_MONITOR)" \
		"$tmp/noflags" map --json
	mkdir -p "$tmp/few/proc"
	cp -r "$tmp/stock/sys" "$tmp/few"
	head -c 524800 "$tmp/stock/proc/kpageflags" > "$tmp/few/proc/kpageflags"
	fails 1 "/proc/kpageflags ends before page 0x10040" "$tmp/few" map --json reserved
}

t "a picture has what each page is used for, and the sums" picture
t "a picture has looks of its own for what is partly in use, or partly allocated" partly
t "a picture has eight lines, if nothing else is said" eight_lines
t "a picture of few characters for many pages is one character" huge_numbers
t "map --figures has variables for a shell" figures
t "map --figures is for one area" figures_of_one
t "map --json has the same" map_json
t "map --svg has a square for each character, in the same order" svg
t "map --svg is well-formed, whatever areas are called" svg_is_xml
t "map --png is the picture that --svg is" png_is_as_svg
t "a hole between two pieces of an area is none of its pages" map_of_pieces
t "a picture of a stock kernel has what its bitmap says" map_of_stock
t "a unit of several pages is as wide as they are" map_of_units
t "a picture of a later kernel has all of its ranges" map_of_later
t "bits behind the end of a range don't reach into the next one" map_of_short_range
t "an area that isn't in debugfs doesn't keep others from being shown" map_of_odd
t "a picture without flags of pages is an error that says what is missing" map_without_flags
