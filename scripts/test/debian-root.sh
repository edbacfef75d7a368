# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2031
#
# A fresh Debian to try commands in: sourced by scripts/test/test-debian, which says
# which $release and where to $store it.
# shellcheck source=scripts/kernel/mirror.sh
. "$scripts/kernel/mirror.sh"

# The release as it comes, once for all tests.
base()
{
	lock "$store/$release.lock"
	if [ ! -d "$store/$release.base" ]; then
		say "unpacking $release (100 MB, a minute)"
		rm -rf "$store/$release.new"
		debootstrap --variant=minbase "$release" "$store/$release.new" \
			"$1" >"$store/$release.log" 2>&1 ||
			{ tail "$store/$release.log" >&2; die "no $release"; }
		mv "$store/$release.new" "$store/$release.base"
	fi
	unlock
}

# fresh: another $root, with the clone in /home/me/ipi_xcall
fresh()
{
	local uri security

	[ -z "$root" ] || rm -rf "$root"
	read -r uri _ <<<"$(mirror "$(host_codename)" stable)"
	read -r security _ <<<"$(mirror "$(host_codename)-security" stable-security)"
	[ -n "$uri" ] || die "the host's apt sources name no mirror"
	base "$uri"
	root=$(mktemp -d "$store/$release.XXXXXX")
	cp -a "$store/$release.base/." "$root"
	chmod 755 "$root"
	{
		printf "deb $uri %s main\n" "$release" "$release-updates"
		[ -z "$security" ] || echo "deb $security $release-security main"
	} >"$root/etc/apt/sources.list"
	# What the host says of its mirror, whose lists may be old.
	apt-config dump | grep -E '^Acquire::(http::|https::|Check-Valid-Until )' \
		>"$root/etc/apt/apt.conf.d/90host" || :
	cat /etc/resolv.conf >"$root/etc/resolv.conf"
	inside root "useradd -m me && apt-get -qq update &&
		apt-get -qq -y --no-install-recommends install make >/dev/null 2>&1"
	git clone -q "$top" "$root/home/me/ipi_xcall"
	inside root "chown -R me: /home/me"
}

# inside USER COMMAND: run by a shell in the clone, or in / before there is one
inside()
{
	# shellcheck disable=SC2016 # for the inner shells
	unshare --mount --pid --fork --kill-child sh -c '
		mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
		mount -t tmpfs tmp "$0/tmp" && exec env -i PATH="$PATH" LC_ALL=C.UTF-8 \
			chroot "$0" setpriv --init-groups --reuid "$1" --regid "$1" \
			bash -c "$2"' \
		"$root" "$1" "export HOME=\$(getent passwd $1 | cut -d : -f 6) DEBIAN_FRONTEND=noninteractive
			cd /home/me/ipi_xcall 2>/dev/null || cd /; $2" </dev/null
}
