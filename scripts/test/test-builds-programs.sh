# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# The programs, by clang and without a static C library: sourced by test-builds.

# by_clang VALUE SUITE: every program of the selftests, with LLVM=VALUE, where clang
# without a version is that of the tests of configurations
by_clang()
{
	local program bin=$work/llvm out=$work/out programs ksrc words

	fresh src
	mkdir "$bin" "$out"
	for program in "/usr/lib/llvm${clang#clang}"/bin/*; do
		ln -s "$program" "$bin/"
	done
	ksrc=$("$scripts/ksrc" --full "$2") || return
	words=(LLVM="$1" MODULES= KSRC="$ksrc" OUTPUT="$out")
	PATH=$bin:$PATH nice make -k -j "$(nproc)" -C "$src/selftests" "${words[@]}" || return
	mapfile -t programs < <(make -s -C "$src/selftests" "${words[@]}" emit_tests | cut -d : -f 2)
	[ ${#programs[@]} -gt 20 ] && (cd "$out" && ls ipixctl "${programs[@]}")
}

# The compiler finds no static C library, as on many a distribution.
dynamic()
{
	local words=(MODULES= KSRC="$("$scripts/ksrc")" OUTPUT="$work/out")

	fresh src
	mkdir "$work/bin" "$work/out"
	cat >"$work/bin/gcc" <<-'END'
		#!/bin/sh
		case " $* " in *" -static "*) exit 1 ;; esac
		exec /usr/bin/gcc "$@"
	END
	chmod +x "$work/bin/gcc"
	PATH=$work/bin:$PATH make -C "$src" tools &&
		PATH=$work/bin:$PATH nice make -j "$(nproc)" -C "$src/selftests" "${words[@]}" &&
		"$src/build/ipixctl" --help && (cd "$work/out" && ls ipixctl async abi_calls)
}

name=host
try "tools and selftests, no static C library" dynamic
clang=$("$scripts/kernel/compiler" clang-19 bookworm)
for name in bookworm forky; do
	try "selftests by LLVM=1" by_clang 1 $name
	try "selftests by LLVM=${clang#clang}" by_clang "${clang#clang}" $name
done
