# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The one place that counts what passed, failed and was skipped: sourced.
passed=0 failed=0 skipped=0

pass()
{
	passed=$((passed + 1))
}

# fail WHAT...
fail()
{
	failed=$((failed + 1))
	echo "failed: $*"
}

# skip WHAT...
skip()
{
	skipped=$((skipped + 1))
	echo "skipped: $*"
}

# check WHAT COMMAND...: the command must succeed
check()
{
	local what=$1

	shift
	if "$@"; then pass; else fail "$what"; fi
}

# same WHAT WANTED GOT
same()
{
	if [ "$2" = "$3" ]; then pass; else fail "$1: wanted '$2', got '$3'"; fi
}

# add_lines FILE: each line "ok: WHAT" or "not ok: WHAT" of it
add_lines()
{
	local line

	while IFS= read -r line; do
		case $line in
		'ok: '*)	pass ;;
		'not ok: '*)	fail "${line#not ok: }" ;;
		esac
	done <"$1"
}

# counts LINE: "PASSED FAILED SKIPPED" of what total() or ktap-count printed
counts()
{
	local n='([0-9]+)'

	[[ $1 =~ ^$n\ $n\ $n$ || $1 =~ ^$n\ passed,\ $n\ failed,\ $n\ skipped$ ]] &&
		echo "${BASH_REMATCH[*]:1:3}"
}

# add LINE: what others counted; a line that does not say it is a failure
add()
{
	local p f s

	if read -r p f s < <(counts "$1"); then
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	else
		fail "no result: '$1'"
	fi
}

# The last line of every check. Succeeds if nothing failed.
total()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}
