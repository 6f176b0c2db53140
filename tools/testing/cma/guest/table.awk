# SPDX-License-Identifier: GPL-2.0
#
# One line for each request that the events cma:cma_alloc_start,
# cma:cma_alloc_finish and cma:cma_alloc_result of a trace tell of: what was asked
# for, what was got, how long it took and what had to move.

function value(key,	i, pair)
{
	for (i = 1; i <= NF; i++) {
		split($i, pair, "=")
		if (pair[1] == key)
			return pair[2]
	}
	return ""
}

function hex(text,	i, n)
{
	for (i = 3; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

function size(kib)
{
	return kib < 1024 ? kib " KiB" : kib / 1024 " MiB"
}

# 2 to the power of an order, in pages of page_kib
function order_size(order,	kib)
{
	for (kib = page_kib; order > 0; order--)
		kib *= 2
	return size(kib)
}

# What an address is a multiple of
function alignment(pfn,	order)
{
	for (order = 0; pfn && pfn % 2 == 0; order++)
		pfn /= 2
	return order_size(order)
}

function header()
{
	printf "  %-12s %15s   %-29s %9s %7s\n", "who", "asked for", "got", "time", "moved"
	printf "  %-12s %6s %8s   %-10s %8s %9s %9s %7s\n", "", "pages", "aligned",
	       "area", "pfn", "aligned", "ms", "pages"
}

# "<who>-<pid> [cpu] flags seconds: event: ..."
!match($0, / +\[[0-9]+\] /) { next }

{
	task = substr($0, 1, RSTART - 1)
	sub(/^ */, "", task)
	who = task
	sub(/-[0-9]+$/, "", who)
	match($0, /[0-9]+\.[0-9]+: cma_/)
	time = substr($0, RSTART) + 0
}

/: cma_alloc_start: / { began[task] = time; next }

# The end of a request is told by two events; how it ended, by the second one.
/: cma_alloc_finish: / {
	took[task] = (time - began[task]) * 1000
	align[task] = value("align")
	pfn[task] = value("pfn")
	next
}

/: cma_alloc_result: / && task in took {
	if (!rows++)
		header()
	printf "  %-12s %6d %8s   ", who, value("count"), order_size(align[task])
	if (value("reason") == "none")
		printf "%-10s %8s %9s", value("name"), pfn[task],
		       alignment(hex(pfn[task]))
	else
		printf "%-29s", value("name") ": refused, " value("reason")
	printf " %9.3f %7s\n", took[task], value("moved")
	total_took += took[task]
	total_moved += value("moved")
	delete took[task]
}

END {
	if (rows)
		printf "  %-59s %9.3f %7s\n", rows " requests", total_took,
		       total_moved
}
