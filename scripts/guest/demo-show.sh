# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034
#
# How the demo shows what the module's files say: sourced in a guest.

title()
{
	step=$((${step:-0} + 1))
	printf '\n%d. %s\n' "$step" "$1"
}

# from CPU FILE TEXT: write TEXT to FILE on that CPU, and say so
from()
{
	printf '   cpu%d:  echo %s > %s\n' "$1" "$3" "$2"
	# shellcheck disable=SC2016 # for the inner shell
	taskset "$(printf '%x' $((1 << $1)))" sh -c 'echo "$1" >"$2"' sh "$3" "$2"
}

# runs ID: how often the slot has run, CPU by CPU
runs()
{
	awk -v id="$1" 'NR == 1 { n = NF - 5 }
		$1 == id { for (i = 4; i < 4 + n; i++) printf "%d ", $i }' slots
}

cpu_row()
{
	printf '   %-22s' "$1"
	shift
	printf '%8s' "$@"
	echo
}

# shellcheck disable=SC2046 # words
cpu_header()
{
	cpu_row "$1" $(awk 'NR > 1 { print "cpu" $1 }' cpus)
}

# expect "RUNS ON EACH CPU": show how often slot 1 has run, which must become
# that; nobody waits for a trigger, so give it time.
expect()
{
	tries=100
	while now=$(runs 1) && [ "$now" != "$1 " ] && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		usleep 50000
	done
	cpu_header ""
	# shellcheck disable=SC2086 # words
	cpu_row "runs of slot 1" $now
	[ "$now" = "$1 " ] || wrong "expected $1"
}

wrong()
{
	echo "   WRONG: $1"
	failed=1
}

# What the last call took; a row for each CPU that ran it.
call_times()
{
	awk 'NR == 1 {
		printf "   %-8s%8s%14s%14s%14s\n", "", "runs",
		       "fastest", "mean", "slowest"
		next
	}
	{
		printf "   cpu%-5d%8d%11.1f us%11.1f us%11.1f us\n",
		       $1, $2, $3 / 1000, $4 / 1000, $5 / 1000
	}' call
}

# Who ran first, and how much later the others did.
stamps_after_first()
{
	# shellcheck disable=SC2046 # words
	cpu_row "ns after the first ran" $(awk -v id="$1" '$1 == id {
		for (i = 2; i <= NF; i++)
			if (!first || $i < first)
				first = $i
		for (i = 2; i <= NF; i++)
			printf "+%.0f ", $i - first
	}' stamps)
}

balance()
{
	awk 'NR == 1 { for (i = 2; i <= NF; i++) name[i] = $i; next }
	{ for (i = 2; i <= NF; i++) { v[$1, i] = $i; sum[i] += $i } cpus = NR - 1 }
	END {
		printf "   %-12s", ""
		for (c = 0; c < cpus; c++) printf "%10s", "cpu" c
		printf "%10s\n", "all"
		for (i = 2; i in name; i++) {
			printf "   %-12s", name[i]
			for (c = 0; c < cpus; c++) printf "%10d", v[c, i]
			printf "%10d\n", sum[i]
			s[name[i]] = sum[i]
		}
		print ""
		bad = law("triggers", s["triggers"], "runs", s["runs"],
			  "coalesced", s["coalesced"])
		bad += law("posted", s["posted"], "executed", s["executed"],
			   "cancelled", s["cancelled"])
		exit bad
	}
	function law(a, na, b, nb, c, nc) {
		ok = na == nb + nc
		printf "   %s %d = %s %d + %s %d: %s\n", a, na, b, nb, c, nc,
		       ok ? "balances" : "DOES NOT BALANCE"
		return !ok
	}' stats
}

# ipixctl ARGUMENT...: that and no more, where it would show how far it is. A result
# that is not whole says so itself.
ipixctl()
{
	status=0
	/selftests/ipixctl "$@" 2>/tmp/errors || status=$?
	[ $status = 0 ] || [ $status = 3 ] || wrong "ipixctl $*: $(cat /tmp/errors)"
}

# send NAME ARGUMENT...: what ipixctl says, for the host
send()
{
	printf 'file: %s.json\n' "$1"
	shift
	ipixctl "$@" --json
}
