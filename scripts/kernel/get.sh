# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Get the kernel of a row of the table: sourced by scripts/kernels, whose row()
# sets the variables used here.
# shellcheck source=scripts/kernel/loader.sh
. "$scripts/kernel/loader.sh"
# shellcheck source=scripts/kernel/headers.sh
. "$scripts/kernel/headers.sh"

# The tools that kbuild runs have to be the host's own.
native_kbuild()
{
	local root=$1 kbuild tools

	kbuild=$(readlink -m "$root"/usr/src/linux-headers-*-common*/scripts)
	kbuild=$(basename "$(dirname "$kbuild")")
	if [ ! -e "$root/usr/lib/$kbuild" ]; then
		tools=$("$scripts/kernel/fetch-deb" "$suite" "$kbuild")
		ln -sfn "$tools/usr/lib/$kbuild" "$root/usr/lib/$kbuild"
	fi
	kbuild=$(realpath "$root/usr/lib/$kbuild")
	lacks_libraries "$kbuild" || return 0
	tools=$("$scripts/kernel/fetch-deb" --follow '^(lib|zlib)' "$suite" \
		"$(basename "$kbuild")")
	by_own_loader "$tools" "$kbuild"
}

# The compiler that the headers name is the one to build with: this release's
# package of it, or else that of the kernel's suite, in the cache. That for another
# architecture make is told, and newer headers would override where its tools are.
headers_compiler()
{
	local kdir=$1/kdir named path

	if [ "$arch" != "$(host_arch)" ]; then
		sed -i '/^override CROSS_COMPILE = /d' "$kdir/.kernelvariables"
		return
	fi
	named=$(named_compiler "$kdir")
	[ -n "$named" ] || return 0
	path=$("$scripts/kernel/compiler" "$named" "$suite")
	[ "$path" = "$named" ] ||
		sed -i "s#^\(CC = .*\)\$(CROSS_COMPILE)$named\$#\1$path#" \
			"$kdir/.kernelvariables"
}

# An EFI application that unpacks itself has its kernel taken out by QEMU, but for zstd,
# which 10.0 does not know. Its header is in the kernel's zboot-header.S.
unpack_zstd()
{
	local image=$1/image start size

	[[ $(head -c 28 "$image" | tr -dc '[:lower:]') == zimg*zstd ]] || return 0
	"$scripts/packages" install zboot
	read -r start size <<<"$(od -An -t u4 --endian=little -j 8 -N 8 "$image")"
	dd if="$image" iflag=skip_bytes,count_bytes skip="$start" count="$size" bs=64K \
		status=none | zstd -dqc >"$1/Image"
	ln -sfn Image "$image"
}

# What leads to a kernel's files, in whatever packages a release has them.
get_package()
{
	local root image
	local follow='^linux-(image|binary|modules|base-[0-9]|headers|kbuild|compiler)'

	[ "$arch" = "$(host_arch)" ] ||
		follow='^linux-(image|binary|modules|base-[0-9]|headers)'
	root=$("$scripts/kernel/fetch-deb" --arch "$arch" --follow "$follow" \
		"$suite" "${what[@]}")
	if [ ! -e "$root/kdir" ]; then
		mkdir -p "$root/usr/lib"
		native_kbuild "$root"
		[ -d "$root/lib/modules" ] || ln -sfn usr/lib "$root/lib"
		image=$(find "$root/boot" "$root"/lib/modules/*/ -maxdepth 1 \
			-name 'vmlinu?*' 2>/dev/null | head -n 1 || :)
		[ -n "$image" ] || die "no image in $root"
		ls "$root/lib/modules" >"$root/release"
		ln -sfn "$image" "$root/image"
		unpack_zstd "$root"
		depmod -b "$root" "$(cat "$root/release")"
		fix_headers "$root"
	fi
	headers_compiler "$root"
	echo "$root"
}

get_source()
{
	"$scripts/kernel/build-kernel" "$name" "$arch" "$suite" "$cc" "${what[@]}"
}

get()
{
	local root

	row "$1"
	lock "$cache/kernels/.$name.lock"
	[ "$how" = source ] || "$scripts/packages" install fetch build
	root=$("get_$how")
	ln -sfn "$root" "$cache/kernels/$name.new"
	mv -T "$cache/kernels/$name.new" "$cache/kernels/$name"
	unlock
}

# Is the kernel of the row there, with the configuration and the compiler that
# are wanted now?
is_there()
{
	local kdir=$cache/kernels/$name/kdir named

	[ -e "$kdir" ] || return
	if [ "$how" = source ]; then
		(cd "$scripts/kernel/kconfig" && cat "${what[@]}") |
			cmp -s - "$cache/kernels/$name/all.config"
	elif [ "$arch" = "$(host_arch)" ]; then
		named=$(named_compiler "$kdir")
		[ -z "$named" ] || command -v "$named" >/dev/null
	fi
}

# The architecture's words, and the compiler where it is not gcc: headers of
# packages name theirs by themselves.
make_words()
{
	local words

	words=$("$scripts/kernel/arches" make "$arch")
	[ "$how:$cc" = "source:${cc#-}" ] || { echo "$words"; return; }
	case $cc in
	clang-*)	echo "$words LLVM=${cc#clang}" ;;
	*)		echo "$words CC=$("$scripts/kernel/compiler" "$cc" "$suite")" ;;
	esac
}

# drivers NAME MODULE...
drivers()
{
	local name=$1 release root module

	release=$(cat "$(attribute "$name" release)")
	root=$(dirname "$(attribute "$name" release)")
	shift
	for module; do
		modprobe -d "$root" -S "$release" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}
