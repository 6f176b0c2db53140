# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Where the packages of this machine come from, and where those of another release of
# Debian do, derived from that. Sourced, behind lib.sh.

keys=/usr/share/keyrings/debian-archive-keyring.gpg

# host_sources: address, release and component of each source of Debian, as apt understood
# them
host_sources()
{
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format \
		'$(CREATED_BY) $(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
		sed -n 's/^Packages Debian //p' | sort -u
}

# archive_of RELEASE: the address of its packages without updates
archive_of()
{
	local address release component found=

	while read -r address release component; do
		[[ $component != main || $release == *-* ]] || found=$address
	done < <(host_sources)
	[[ -n $found ]] ||
		die "this machine has no package lists of Debian; run \"apt-get update\""
	printf '%s\n' "$found"
}

# sources_of RELEASE: lines for sources.list, what the machine has in its own release
sources_of()
{
	local address release component kind

	while read -r address release component; do
		kind=${release#"${release%%-*}"}
		printf 'deb [signed-by=%s] %s %s %s\n' "$keys" "$address" "$1$kind" "$component"
	done < <(host_sources) | sort -u
}
