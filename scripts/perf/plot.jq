# SPDX-License-Identifier: GPL-2.0
#
# What scripts/plot takes out of a result of ipixctl: rows for gnuplot, times in
# seconds.

def row: map(. // "NaN") | join("\t");

def seconds: if . == null then null else . * 1e-9 end;

# As few digits as tell cells apart.
def digits:
	if . >= 100 then round
	elif . >= 10 then (. * 10 | round / 10)
	else (. * 100 | round / 100) end | tostring;

def time:
	if . < 1000 then "\(round) ns"
	elif . < 1000000 then "\(. / 1000 | digits) us"
	else "\(. / 1000000 | digits) ms" end;

# What is wrong with a result, or nothing.
def complaint:
	if type != "object" or .tool != "ipixctl" then "not a result of ipixctl"
	elif .kind == "measure" then
		if .results | length == 0 then "no results in it" else empty end
	elif .kind == "matrix" then
		if [.p50[][] | numbers] | length == 0 then "no results in it" else empty end
	elif .kind == "storm" then
		if .points | length == 0 then "no results in it" else empty end
	elif .kind == "compare" then
		if [.results[].quantiles[]] | length == 0 then "no results in it" else empty end
	else "cannot plot results of kind '\(.kind)'" end;

# Programs know it by a signature, people by a name.
def hypervisor:
	.setting.hypervisor |
	if . == "" or . == "none" then "no hypervisor"
	elif test("tcg"; "i") then "QEMU (TCG)" else . end;

# QEMU that translates code: its CPUs wait for each other and for the host.
def emulated:
	[.setting.hypervisor, .setting.cpu_model // ""] | any(test("tcg"; "i"));

def side($name): .[$name] |
	"\($name): \(.runs) runs, \(.files | length) files, Linux \(.kernel)";

def setting:
	if .kind == "compare" then side("before") + "\\n" + side("after") else
	hypervisor as $hypervisor |
	.setting as $s | ([
		"Linux \($s.kernel)", $s.machine, "CPUs \($s.online)",
		if $s.isolated == "" then empty else "\($s.isolated) isolated" end
	] | join(", ")) + "\\n" + ([
		$hypervisor, "clock \($s.clocksource)", "ipi_xcall \($s.module)",
		if $s.lingering then "lingering" else empty end,
		if $s.steal_ms > 0 then "\($s.steal_ms) ms stolen" else empty end,
		if .interrupted then "interrupted" else empty end
	] | join(", ")) +
	if emulated then "\\nMeasured in an emulator: the times are not those of a machine"
	else "" end end;

# ----- measure: one series for each mode and state of the target -----

def states: [.results[].state] | unique | reverse;

def series:
	(reduce .results[].mode as $m ([]; if index($m) then . else . + [$m] end)) as $modes |
	states as $states |
	[$modes[] as $mode | $states[] as $state |
	 [.results[] | select(.mode == $mode and .state == $state)] as $found |
	 select($found | length > 0) | {
		name: ($mode + if $states[1] then ", \($state)" else "" end),
		$mode, $state, results: $found
	 }];

def names: map("'\(.)'") | join(" ");

def series_variables: series | "n = \(length)", "names = \"\(map(.name) | names)\"";

# A reader can follow five curves: panels of series that belong beside each other,
# which are those to one CPU and those to several, in one state of the target.
def panels:
	states as $states | series as $series |
	[$states[] as $state | ("one CPU", "several CPUs") as $whom |
	 [$series[] | select(.state == $state and $whom ==
		if .mode | IN("many", "many-lock", "multicast", "broadcast")
		then "several CPUs" else "one CPU" end)] |
	 range(0; length; 5) as $i | {
		title: ($whom + if $states[1] then ", \($state)" else "" end),
		series: .[$i:$i + 5]
	 }];

def panel_variables:
	panels | "n = \(length)", "titles = \"\(map(.title) | names)\"",
	"names = \"\(map(.series[].mode) | names)\"",
	"array first[n + 1] = [\(reduce .[] as $p ([0]; . + [last + ($p.series | length)]) |
		map(tostring) | join(", "))]";

# The samples between two quantiles stand at the upper one.
def masses($time):
	.samples as $n | .[$time] | (.quantiles + [[1, .max]]) as $q |
	range($q | length) as $i |
	[$q[$i][1], $n * ($q[$i][0] - if $i > 0 then $q[$i - 1][0] else 0 end)];

# Of one series: time, share of samples that took at most that. On a logarithmic
# axis there is no 0.
def cdf($time):
	[.results[] | select(.[$time]) | masses($time)] | sort |
	(map(.[1]) | add) as $all |
	foreach .[] as [$ns, $n] (0; . + $n; [([$ns, 0.5] | max | seconds), . / $all]) | row;

# Of one series: bounds of a bucket, percent of the samples in it.
def histogram($time):
	[.results[] | select(.[$time]) | .[$time].histogram[]] |
	(map(.[1]) | add) as $all | group_by(.[0]) | .[] |
	(.[0][0] | if . == 0 then 0.5 else . end) as $low |
	[($low | seconds), ($low * 2 | floor | seconds),
	 100 * (map(.[1]) | add) / $all] | row;

# A block of rows for each of some series.
def blocks(rows): .[] | rows, "", "";

# ----- storm -----

# Rate offered (in a closed loop: achieved), achieved, coalesced in percent, times,
# 1 for a closed loop.
def points:
	.points[] |
	[.offered // .achieved, .achieved, 100 * .coalescing,
	 (.p50, .p99, .max | seconds), if .offered then 0 else 1 end] | row;

def storm_variables:
	"loops = \(if any(.points[]; .offered == null) then 1 else 0 end)";

# ----- compare: a panel for each mode, class of pairs and state -----

def compared: .results[] | select(.quantiles | length > 0);

def compared_name: "\(.mode), \(.class), \(.state)";

def compared_variables:
	[compared] | "n = \(length)", "names = \"\(map(compared_name) | names)\"";

# Fraction, before, after, by how many percent that is more.
def compared_rows:
	compared | (.quantiles[] | [.[0], ((.[1], .[2]) | seconds),
		if .[1] > 0 then 100 * (.[2] / .[1] - 1) else null end] | row), "", "";
