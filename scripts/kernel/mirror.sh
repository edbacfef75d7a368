# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Where the host takes its packages from: sourced. No mirror is written down here.

host_codename()
{
	(. /etc/os-release && echo "$VERSION_CODENAME")
}

# mirror RELEASE...: address and signing key of the host's source for the first
# of these releases that it has.
mirror()
{
	local release

	for release; do
		# shellcheck disable=SC2016 # apt's variables, not ours
		apt-get indextargets --format \
			'$(RELEASE) $(REPO_URI) $(SIGNED_BY)' 'Created-By: Packages' |
			awk -v r="$release" '$1 == r && !n++ {
				print $2, ($3 ~ /^\// ? $3 : "") }'
	done | head -n 1
}
