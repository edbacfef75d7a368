# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Programs of a newer release may want a newer C library than the host has: have
# them started by the loader and with the libraries that they were built for.
# Sourced.

# lacks_libraries FILE|DIR: is there a program that the host cannot start?
lacks_libraries()
{
	[ -n "$(programs "$1")" ]
}

# programs FILE|DIR...: those of them that lack something
programs()
{
	local f

	find "$@" -type f -perm /100 ! -name '*.so*' ! -name '*.elf' |
	while read -r f; do
		[[ $(ldd "$f" 2>&1) != *'not found'* ]] || echo "$f"
	done
}

# by_own_loader ROOT FILE|DIR...: ROOT has the libraries
by_own_loader()
{
	local root=$1 libs loader f

	shift
	loader=$(find "$root"/usr/lib/*-linux-gnu -name 'ld-linux*.so.*' | head -n 1)
	[ -n "$loader" ] || die "no loader in $root"
	libs=${loader%/*}
	while read -r f; do
		cat >"$f.new" <<-END
			#!/bin/sh
			exec $loader --library-path $libs --argv0 "\$0" $f.elf "\$@"
		END
		chmod 755 "$f.new"
		ln "$f" "$f.elf"
		mv "$f.new" "$f"
	done < <(programs "$@")
}
