# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is special about Debian's headers: sourced.

# Headers that were unpacked instead of installed name each other by absolute
# paths, which have to become those where they are.
fix_headers()
{
	local root=$1 kdir

	for kdir in "$root"/usr/src/linux-headers-*; do
		[[ $kdir != *-common* ]] || continue
		[ -f "$kdir/Makefile" ] || die "no headers in $root"
		sed -i "s#^\(include \|KBUILD_OUTPUT *= *\)/usr/src/#\1$root/usr/src/#" \
			"$kdir/Makefile"
		ln -sfn "$kdir" "$root/kdir"
	done
}

# named_compiler KDIR: the compiler that Debian's headers call, by its version
named_compiler()
{
	[ -f "$1/.kernelvariables" ] || return 0
	# shellcheck disable=SC2016 # make's, not ours
	sed -n 's/^CC = .*\$(CROSS_COMPILE)\(gcc-[0-9]*\)$/\1/p' \
		"$1/.kernelvariables"
}
