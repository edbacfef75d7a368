# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Ways to use ipixctl: sourced by scripts/test/test-tool.

machine 4
# A watch has no other end, unless it was told so.
ends 0 watch "$tool" watch
ends 130 "watch that has another end" "$tool" watch --count 1000
# What cannot be written, of each command.
for c in "${commands[@]}"; do
	for end in ">/dev/full" ">&-" "2>&-"; do
		status=0
		bash -c "$tool $c ${end/#2/>\/dev\/null 2}" 2>/dev/null || status=$?
		same "$c $end: exit status" 1 "$status"
	done
	status=0
	# shellcheck disable=SC2086 # words
	{
		until [ -e "$tmp/closed" ]; do sleep 0.01; done
		"$tool" $c 2>/dev/null || echo $? >"$tmp/status"
	} | { exec <&-; touch "$tmp/closed"; }
	check "$c into a pipe that is closed: exit status $(cat "$tmp/status" 2>/dev/null)" \
		grep -qsE '^(141|1)$' "$tmp/status"
	rm -f "$tmp/status" "$tmp/closed"
done
# Options stand on either side of what is none.
for c in "call --count 3 --json 0-1" "call 0-1 --json --count 3" "call --json --count 3 -- 0-1"; do
	# shellcheck disable=SC2086
	run 0 "" "$tool" $c
	holds "$c" '.cpus | map(.runs) == [3, 3]'
done
# No device, no right to it, another module.
for c in "${commands[@]:0:8}"; do
	# shellcheck disable=SC2086
	run 1 "is the module ipi_xcall loaded?" FAKE_OPEN=2 "$tool" $c
	# shellcheck disable=SC2086
	run 1 "needs CAP_SYS_ADMIN" FAKE_OPEN=13 "$tool" $c
	# shellcheck disable=SC2086
	run 1 "the module is older than this program" FAKE_ABI=1 "$tool" $c
done
# Lists of CPUs that are none.
for list in "" "," "0," ",0" 0-1-2 0--1 3-1 -1 0x1 "0 1" 0,,1 1-99999999999 18446744073709551616 \
	4294967296 65536 999 0-999 all,0 " 0"; do
	run 2 "ipixctl: " "$tool" measure --cpus "$list"
	run 2 "ipixctl: " "$tool" call -- "$list"
	same "$list: nothing else is printed" "1 0" "$(wc -l <"$tmp/err") $(wc -c <"$tmp/out")"
done
for n in "" -1 0 1e3 0x10 99999999999999999999 4294967297 10000001 1.5 " 1" 1k; do
	run 2 "ipixctl: " "$tool" measure --samples "$n"
	run 2 "ipixctl: " "$tool" storm --seconds "$n"
done
for rate in nan inf -1 0 1e99 "" "," "5," x 0x; do
	run 2 "ipixctl: " "$tool" storm --rate "$rate"
done
for percent in nan inf -1 x "" 1e9; do
	run 2 "ipixctl: " "$tool" compare a b --threshold "$percent"
done
# No percentile without samples behind it; those on few are marked, and they say so.
for n in 1 5; do
	run 0 "" "$tool" measure --json --samples $n --mode unicast --target 1
	holds "$n samples" ".results[0].ack | .samples == $n and .p99 == null and .p999 == null and
		.behind.p50 == $((n / 2)) and (.p50 == null) == ($n == 1) and .min > 0"
	holds "$n samples: a note" '.notes | length >= 1'
	run 0 "" "$tool" measure --samples $n --mode unicast --target 1
	[ $n = 1 ] || check "the median of $n samples is not marked" grep -q 'ns\* ' "$tmp/out"
done
# At a rate, a call counts from when it was due.
run 0 "" "$tool" storm --json --mode unicast --source 0 --rate 500
holds "open loop" '.points[0] | .p50 >= 1e6 and .behind.p50 >= 10'
run 0 "" "$tool" storm --json --mode unicast --source 0
holds "closed loop" '.points[0].p50 < 1e5'
# More sources than a file may have measurements, and than there may be at all.
for mode in single unicast multicast broadcast; do
	machine 32
	run 0 "" FAKE_US=1000 "$tool" storm --json --mode $mode
	holds "$mode from all CPUs" '.sources == "0-31" and .points[0].sent >= 32'
	run 3 "too many measurements are under way" FAKE_MEASURES=3 FAKE_US=1000 \
		"$tool" storm --json --mode $mode
done
machine 4
run 1 "too many measurements are under way" FAKE_MEASURES=0 "$tool" measure
run 1 "too many measurements are under way" FAKE_MEASURES=0 "$tool" matrix
# Isolated CPUs are used if they are named, even if there are no others.
echo 0-3 >"$IPIXCTL_SYSFS/devices/system/cpu/isolated"
for c in "call 1-2" "trigger 1-2" "call all" "measure --cpus 0-1 --samples 20" \
	"measure --source 0 --target 1 --samples 20" "matrix --cpus 0-1 --samples 20" \
	"storm --mode unicast --source 0 --target 1"; do
	# shellcheck disable=SC2086
	run 0 "" "$tool" $c
done
for c in measure matrix storm "measure --target 1"; do
	# shellcheck disable=SC2086
	run 2 "all CPUs are isolated: name those to use" "$tool" $c
done
rm "$IPIXCTL_SYSFS/devices/system/cpu/isolated"
# Who was not called is told.
run 0 "" FAKE_DOWN=3 "$tool" call --count 2 2-3
check "call says nothing of a CPU that is offline" \
	grep -qx 'note: 1 of the CPUs is offline' "$tmp/out"
run 0 "" FAKE_DOWN=3 "$tool" call --json 2-3
holds "call, one offline" '.offline == 1 and (.notes | length) == 1 and (.cpus | length) == 1'
run 1 "none of the CPUs is online: 3" FAKE_DOWN=3 "$tool" call 3
# Who asks wrongly is told what is right.
modes='(single, trigger, unicast)'
run 2 "--mode: not a good LIST: 'nope' $modes" "$tool" matrix --mode nope
run 2 "matrix does not take the mode dry" "$tool" matrix --mode dry
run 2 "storm does not take the mode dry" "$tool" storm --mode dry
run 2 "not a good TIME: 'nope' (start, end or ack)" "$tool" matrix --of nope
run 2 "--samples: not a good N: '0' (1 to 10000000)" "$tool" measure --samples 0
run 2 "--period: not a good NS: 'x' (0 to 1000000000)" "$tool" measure --period x
run 2 "--cpus: not a good CPULIST: 'x' (as 0-3,7, or all)" "$tool" measure --cpus x
run 2 "not a CPULIST: 'x' (as 0-3,7, or all)" "$tool" call x
for c in list trigger call stats watch measure matrix storm compare; do
	run 0 "" "$tool" $c --help
	check "$c --help: a space at an end, or too wide" \
		bash -c "! grep -qE ' $|.{81}' '$tmp/out'"
done
for c in measure matrix storm; do
	for mode in dry self single many many-lock trigger unicast multicast broadcast; do
		"$tool" $c --help >"$tmp/help"
		status=0 listed=0
		said=$("$tool" $c --mode $mode --cpus 999 2>&1) || :
		[[ $said == *"does not take"* ]] || status=1
		grep -qE "^  $mode  " "$tmp/help" || listed=1
		check "$c --help: $mode" test $status -ne $listed
	done
done
run 0 "" "$tool" trigger 1
check "one trigger is not singular" grep -q '^1 trigger, 4 CPUs marked' "$tmp/out"
# One name for a counter, wherever it is.
run 0 "" "$tool" stats --json
same "names of counters" \
	"$(grep -oE 'C\([a-z_]+\)' "$top/uapi/ipi_xcall.h" | grep -v '(name)' | sort -u)" \
	"$(jq -r '.cpus[0] | keys[] | select(. != "cpu" and . != "online") | "C(\(.))"' "$tmp/out" | sort)"
