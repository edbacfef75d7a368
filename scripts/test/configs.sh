# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# The table of configurations, and what prepares a kernel of one to compile modules
# against: sourced by scripts/test/test-configs.
kconfig=$scripts/kernel/kconfig clang=clang-19

# table: its lines
table()
{
	grep -v '^#' "$scripts/test/configs"
}

# for_machine OPTIONS: what make has to be told, ${target[@]}; the fragments that all
# have, ${common[@]}; what is said at boot, $append; ${others[@]}, the options without
# those that say this
for_machine()
{
	local option

	arch=x86_64 target=() compiler=gcc others=() append=
	for option in $1; do
		case $option in
		ARCH=*)	arch=${option#*=} ;;
		APPEND=*) append=${option#*=} ;;
		CROSS=*) compiler=${option#*=}gcc target=(CROSS_COMPILE="${option#*=}") ;;
		CC_IS_CLANG)
			compiler=$("$scripts/kernel/compiler" $clang bookworm)
			target=(LLVM="${clang#clang}") ;;&
		*)	others+=("$option") ;;
		esac
	done
	target+=(ARCH="$arch")
	common=("$kconfig/base")
	[[ ! $arch =~ ^(x86_64|i386)$ ]] || common+=("$kconfig/x86")
	common+=("$kconfig/trace")
}

# fragment OPTION...: lines of a configuration
fragment()
{
	local o

	case "$arch $*" in
	*' PREEMPT'*|*' -PREEMPT'*) ;;
	x86*)		set -- PREEMPT "$@" ;;
	esac
	for o in SLUB "$@"; do
		case $o in
		-*)	echo "# CONFIG_${o#-} is not set" ;;
		*)	echo "CONFIG_$o=y" ;;
		esac
	done
}

kmake()
{
	nice make -s -k -j "$(nproc)" "${target[@]}" "$@"
}

# Options of the fragment that the configuration in the directory has otherwise.
refused()
{
	local line

	fragment "$@" | while read -r line; do
		# 6.18 has renamed one.
		grep -qxF -e "$line" -e "${line/CFI_CLANG/CFI}" .config ||
			{ [[ $line == '#'* ]] &&
			  ! grep -q "^$(cut -d ' ' -f 2 <<<"$line")=" .config; } ||
			echo "$line"
	done
}

# prepare OPTION...: configure and prepare a kernel in the directory
prepare()
{
	{ cat "${common[@]}"; fragment "$@"; } >all.config
	# As scripts/kernel/build-kernel does.
	grep -qx 'config PROC_SYSCTL' "$ksrc/fs/proc/Kconfig" ||
		sed -i 's/CONFIG_PROC_SYSCTL\>/CONFIG_SYSCTL/' all.config
	kmake -C "$ksrc" O="$PWD" KCONFIG_ALLCONFIG="$PWD/all.config" allnoconfig &&
		{ [ -n "$(refused "$@")" ] || kmake -C "$ksrc" O="$PWD" modules_prepare; }
}

# prepared SUITE NAME OPTION...: the same once, in the cache; stays in that directory
prepared()
{
	local name=$2 key

	ksrc=$("$scripts/kernel/ksrc" --full "$1")
	shift 2
	key=$({ echo "$ksrc"; "$compiler" --version; cat "${common[@]}"
		fragment "$@"; } | sha256sum | cut -c 1-12)
	mkdir -p "$cache/configs/$name-$key"
	cd "$cache/configs/$name-$key" || return
	(
		lock "$PWD.lock"
		[ ! -e prepared ] || exit 0
		prepare "$@" >log 2>&1 || exit
		touch prepared
	)
}
