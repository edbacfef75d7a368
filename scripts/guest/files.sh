# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What a guest is made of: sourced by scripts/run-guest.

no_start()
{
	say "the guest could not start"
	exit 125
}

# Build what belongs to the module for this kernel, in ${pack[@]}.
pack_module()
{
	local built tests

	built=$("$scripts/build-module" "$kernel") || return
	tests=$("$scripts/guest/install-selftests" "$arch" "$built") || return
	pack=(--modules "$built" "$("$scripts/kernels" kdir "$kernel")"
		"$("$scripts/kernels" release "$kernel")")
	[ -z "$tests" ] || pack+=(--selftests "$tests")
}

# What only a guest of this architecture needs, in ${pack[@]}.
pack_for_arch()
{
	local drivers f

	pack+=(--busybox "$("$scripts/kernel/arches" busybox "$arch")")
	drivers=$("$scripts/kernel/arches" get "$arch" drivers)
	[ "$drivers" != - ] || return 0
	# shellcheck disable=SC2086 # words
	for f in $("$scripts/kernels" drivers "$kernel" ${drivers//,/ }); do
		pack+=(--driver "$f")
	done
}

# prepare COMMAND...: $image and $initrd, ready to boot
prepare()
{
	local pack=()

	arch=$("$scripts/kernels" arch "$kernel") || no_start
	"$scripts/packages" install guest || no_start
	[[ $("$scripts/kernel/arches" make "$arch") != *CROSS* ]] ||
		"$scripts/packages" install "$arch" || no_start
	image=$("$scripts/kernels" path "$kernel") || no_start
	machine "$arch" || no_start
	pack_module || [ "$load" = no ] || no_start
	for f in "${adds[@]}"; do
		pack+=(--add "$f")
	done
	pack_for_arch
	conf+=("load=$load")
	"$scripts/guest/make-initramfs" "${pack[@]}" "$tmp/root" "$initrd" \
		"${conf[*]}" "$@" || no_start
}
