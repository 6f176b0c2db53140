# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Where the packages of this machine come from, and where those of another release of
# Debian do, derived from that. Sourced, behind common.sh.
#
# What isn't installed, but unpacked, is fetched by an apt with directories of its own, in
# $apt; $wanted are the packages.

keys=/usr/share/keyrings/debian-archive-keyring.gpg

# host_sources: address, release and component of each source of Debian, as apt understood
# them, or what an apt with directories of its own was told of them
host_sources()
{
	if [[ -n ${hosts:-} ]]; then
		printf '%s\n' "$hosts"
		return
	fi
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format \
		'$(CREATED_BY) $(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' |
		sed -n 's/^Packages Debian //p' | sort -u
}

# A configuration without the host's hooks, but with its ways to the network.
apt_apart()
{
	hosts=$(host_sources)
	rm -rf "$apt"
	mkdir -p "$apt"/{etc/none,lists/partial,cache/archives/partial}
	: > "$apt/status"
	apt-config dump Acquire > "$apt/etc/apt.conf"
	cat >> "$apt/etc/apt.conf" <<-END
		Dir::Etc::parts "$apt/etc/none";
		Dir::Etc::main "/dev/null";
		Dir::Etc::sourcelist "$apt/etc/sources.list";
		Dir::Etc::sourceparts "$apt/etc/none";
		Dir::Etc::preferencesparts "$apt/etc/none";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::State::extended_states "$apt/extended_states";
		Dir::Cache "$apt/cache";
		APT::Architecture "$DEBARCH";
		APT::Architectures { "$DEBARCH"; };
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
	END
	export APT_CONFIG=$apt/etc/apt.conf
}

# Whether the lists of a release could be verified, and have the packages.
offered() { apt-cache show "${wanted[@]}" > /dev/null 2>&1; }

# fetch_from_any COMMAND...: run it, with the packages behind it, where they are to be had:
# in the release of this machine or in a later one. A mirror can be between two states
# of a release, so that its lists don't verify; then the next one will do as well.
fetch_from_any()
{
	local release own plain

	own=$(host_sources | sed -n 's/^[^ ]* \([^ -]*\) main$/\1/p' | head -n 1)
	[[ -n $own ]] ||
		die "this machine has no package lists of Debian; run \"apt-get update\""
	for release in "$own" trixie forky; do
		[[ $release == "$own" ]] && plain='' || plain=plain
		sources_of "$release" "$plain" > "$apt/etc/sources.list"
		apt-get -qy update || continue
		offered || continue
		"$@" "${wanted[@]}"
		return
	done
	die "no package source of this machine offers ${wanted[*]} for $DEBARCH"
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

# sources_of RELEASE [plain]: lines for sources.list, what the machine has of its own
# release, and its updates unless it shall be plain
sources_of()
{
	local address release component kind

	while read -r address release component; do
		kind=${release#"${release%%-*}"}
		[[ -z $kind || -z ${2:-} ]] || continue
		printf 'deb [signed-by=%s] %s %s %s\n' "$keys" "$address" "$1$kind" "$component"
	done < <(host_sources) | sort -u
}
