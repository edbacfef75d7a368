# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script here needs: sourced, never run.

shopt -s inherit_errexit

# A caller's shell, or a make above, has things that what runs here would take for
# meant: words in another language, where cd looks, flags, a kernel builder's own
# settings. Those are for the kernel that KDIR names, and are in ${callers[@]} for one
# that is an argument.
export LC_ALL=C.UTF-8
unset CDPATH GREP_OPTIONS MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKELEVEL MAKEOVERRIDES
callers=()
[ -n "${KDIR:-}" ] || for word in ARCH CROSS_COMPILE LLVM CC KBUILD_OUTPUT KCFLAGS; do
	[ -z "${!word:-}" ] || callers+=("$word=${!word}")
	unset "$word"
done

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scripts=$top/scripts
cache=${IPI_XCALL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ipi_xcall}
me=${0##*/}
# Where depmod and modprobe are, which users do not have in their path.
PATH=$PATH:/usr/sbin:/sbin
export top scripts cache PATH

# The text of a script's own usage block: from "# usage" to the first line
# that is no comment. Where that is one line, also what stands above it: what for.
usage()
{
	local text

	text=$(sed -n '/^# usage/,/^[^#]/{s/^# \{0,1\}//p}' "$0")
	echo "$text"
	[[ $text = *$'\n'* ]] ||
		sed -n '/^# SPDX/,/^# usage/{/^# SPDX/d; /^# usage/d; s/^# \{0,1\}//p}' "$0"
}

say()
{
	echo "$me: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# Bad usage: say what is wrong and where the help is. A script that passes on
# the status of something else has another than 2 for it.
bad_usage()
{
	say "$*"
	say "try '$me --help'"
	exit "${usage_status:-2}"
}

[[ $top != *[[:space:]]* ]] ||
	die "the path of the source has spaces in it, which kbuild cannot do with: $top"
[ -d "${TMPDIR:-/tmp}" ] || die "TMPDIR: no such directory: ${TMPDIR:-/tmp}"

# Root may look into a clone that is another user's, as in a container of a CI.
git()
{
	command git -c safe.directory="$top" "$@"
}

# Debian's name of the architecture of this machine, which may be no Debian.
host_arch()
{
	dpkg --print-architecture 2>/dev/null && return
	case $(uname -m) in
	x86_64)	 echo amd64 ;;
	i?86)	 echo i386 ;;
	aarch64) echo arm64 ;;
	armv*)	 echo armhf ;;
	ppc64le) echo ppc64el ;;
	*)	 uname -m ;;
	esac
}

# lock FILE: hold an exclusive lock on FILE until this shell ends. The number
# of the descriptor is left in $lock_fd, for those who want to let go earlier.
lock()
{
	mkdir -p "$(dirname "$1")"
	exec {lock_fd}>"$1"
	flock "$lock_fd"
}

unlock()
{
	exec {lock_fd}>&-
}
