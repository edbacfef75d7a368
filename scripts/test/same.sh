# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For checks of the tools: sourced. Counts in $passed and $failed; $tmp is a
# directory that goes away at the end.
passed=0 failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# same WHAT WANTED GOT
same()
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: wanted '$2', got '$3'"
	fi
}
