# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# The programs, by clang and without a static C library: sourced by test-builds.

# selftests WORD...: every program of the selftests and the tool, into $work/out
selftests()
{
	local programs words=(MODULES= OUTPUT="$work/out" "$@")

	mkdir "$work/out"
	nice make -k -j "$(nproc)" -C "$src/selftests" "${words[@]}" || return
	mapfile -t programs < <(make -s -C "$src/selftests" "${words[@]}" emit_tests | cut -d : -f 2)
	[ ${#programs[@]} -gt 20 ] && (cd "$work/out" && ls ipixctl "${programs[@]}")
}

# by_clang VALUE SUITE: with LLVM=VALUE, where clang without a version is that of the
# tests of configurations
by_clang()
{
	local program bin=$work/llvm ksrc

	fresh src
	mkdir "$bin"
	for program in "/usr/lib/llvm${clang#clang}"/bin/*; do
		ln -s "$program" "$bin/"
	done
	ksrc=$("$scripts/ksrc" --full "$2") && PATH=$bin:$PATH selftests LLVM="$1" KSRC="$ksrc"
}

# The compiler finds no static C library, as on many a distribution.
dynamic()
{
	local ksrc

	fresh src
	mkdir "$work/bin"
	cat >"$work/bin/gcc" <<-'END'
		#!/bin/sh
		case " $* " in *" -static "*) exit 1 ;; esac
		exec /usr/bin/gcc "$@"
	END
	chmod +x "$work/bin/gcc"
	ksrc=$("$scripts/ksrc") && PATH=$work/bin:$PATH selftests KSRC="$ksrc" &&
		PATH=$work/bin:$PATH make -C "$src" tools && "$src/build/ipixctl" --help
}

name=host
try "tools and selftests, no static C library" dynamic
clang=$("$scripts/kernel/compiler" clang-19 bookworm)
for name in bookworm forky; do
	try "selftests by LLVM=1" by_clang 1 $name
	try "selftests by LLVM=${clang#clang}" by_clang "${clang#clang}" $name
done
