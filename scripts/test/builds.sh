# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What tests of building share: sourced, by those that have sourced common.sh and
# count.sh. $kdir is what is built against, $name what that is called.
"$scripts/packages" install build dist
tmp=$(mktemp -d "${TMPDIR:-/tmp}/$me.XXXXXX")
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
tarball=$("$scripts/dist" "$tmp")
work=$tmp/work log=$tmp/log

# try WHAT COMMAND...: one case; shows what it said if it failed
try()
{
	local status=0

	("${@:2}") >"$log" 2>&1 || status=$?
	check "$name: $1" [ $status -eq 0 ]
	[ $status -eq 0 ] || tail -n 20 "$log" | sed 's/^/    /'
}

# fresh NAME: what is committed, in $src
fresh()
{
	[ ! -d "$work" ] || chmod -R u+w "$work"
	rm -rf "$work"
	src=$work/$1
	mkdir -p "$src"
	tar -C "$src" --strip-components 1 -xf "$tarball"
}

# kbuild ARGUMENT...: neither the compiler nor modpost may complain; in $tmp/said
kbuild()
{
	local status=0

	nice make -j "$(nproc)" -C "$kdir" CONFIG_DEBUG_INFO_BTF_MODULES= "$@" >"$tmp/said" 2>&1 ||
		status=$?
	cat "$tmp/said"
	! grep -E '(warning|error|WARNING|ERROR):|undefined!' "$tmp/said" |
		grep -v 'compiler differs' || status=1
	return $status
}

# built M [ARGUMENT...]: the module
built()
{
	kbuild M="$1" "${@:2}" modules && [ -f "$src/ipi_xcall.ko" ]
}
