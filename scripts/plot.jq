# SPDX-License-Identifier: GPL-2.0
#
# What scripts/plot takes out of a result of ipixctl: rows for gnuplot, times in
# seconds.

def row: map(. // "NaN") | join("\t");

def seconds: if . == null then null else . * 1e-9 end;

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

def side($name): .[$name] |
	"\($name): \(.runs) runs, \(.files | length) files, Linux \(.kernel)";

def setting:
	if .kind == "compare" then side("before") + "\\n" + side("after") else
	.setting as $s | ([
		"Linux \($s.kernel)", $s.machine, "CPUs \($s.online)",
		if $s.isolated == "" then empty else "\($s.isolated) isolated" end
	] | join(", ")) + "\\n" + ([
		if $s.hypervisor | IN("", "none") then "no hypervisor" else $s.hypervisor end,
		"clock \($s.clocksource)", "ipi_xcall \($s.module)",
		if $s.lingering then "lingering" else empty end,
		if $s.steal_ms > 0 then "\($s.steal_ms) ms stolen" else empty end,
		if .interrupted then "interrupted" else empty end
	] | join(", ")) end;

# ----- measure: one series for each mode and state of the target -----

# Those of one mode have the same colour, those of one state the same dashes.
def series:
	(reduce .results[].mode as $m ([]; if index($m) then . else . + [$m] end)) as $modes |
	([.results[].state] | unique | reverse) as $states |
	[range($modes | length) as $m | range($states | length) as $s |
	 [.results[] | select(.mode == $modes[$m] and .state == $states[$s])] as $found |
	 select($found | length > 0) | {
		name: ($modes[$m] + if $states[1] then ", \($states[$s])" else "" end),
		line: ($m % 8 + 1),
		dash: (1 + $s + 2 * ($m / 8 | floor)),
		results: $found
	 }];

def series_variables:
	series | "n = \(length)",
	"names = \"\(map("'\(.name)'") | join(" "))\"",
	"lines = '\(map(.line) | join(" "))'",
	"dashes = '\(map(.dash) | join(" "))'";

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

# A block of rows for each series.
def blocks(rows): series[] | rows, "", "";

# ----- matrix -----

# What the shades are for: calls of other CPUs, if there are any.
def shown:
	[.p50 | to_entries[] | .key as $row | .value | to_entries[] |
	 select(.key != $row) | .value | numbers] as $others |
	if $others | length > 0 then $others else [.p50[][] | numbers] end;

# Noise is not to look like a difference.
def low: shown | min;
def high: [(shown | max), low * 2] | max;

# As few digits as tell cells apart.
def digits:
	if . >= 100 then round
	elif . >= 10 then (. * 10 | round / 10)
	else (. * 100 | round / 100) end | tostring;

def time:
	if . < 1000 then "\(round) ns"
	elif . < 1000000 then "\(. / 1000 | digits) us"
	else "\(. / 1000000 | digits) ms" end;

def unit: if high < 10000 then "ns" else "us" end;

# Column, row, value.
def cells:
	.p50 | to_entries[] | .key as $row | .value | to_entries[] |
	[.key, $row, (.value | seconds)] | row;

def has_room: .cpus | length <= 20;

# What to write into cells: column, row, text, 1 if the cell is dark.
def numbers:
	(low * high) as $middle | unit as $unit | select(has_room) |
	.p50 | to_entries[] | .key as $row | .value | to_entries[] | select(.value) |
	[.key, $row,
	 if $unit == "ns" then .value | round else .value / 1000 | digits end,
	 if .value * .value <= $middle then 1 else 0 end] | row;

def classes:
	.classes | map(select(.pairs > 0) |
		"\(.class): \(.pairs) pairs, median \(.p50 | time), worst \(.max | time)");

# Every CPU has a tick while there is room.
def tics($axis):
	(.cpus | length / 32 | ceil) as $each |
	"set \($axis) (" + ([.cpus | to_entries[] | select(.key % $each == 0) |
		"'\(.value)' \(.key)"] | join(", ")) + ")";

# A line between groups; their names, if there is room.
def groups($n):
	(.groups[] | select(.first > 0) | (.first - 0.5) as $at |
	 "set arrow from \($at),-0.5 to \($at),\($n - 0.5) nohead front lw 2 lc rgb 'white'",
	 "set arrow from -0.5,\($at) to \($n - 0.5),\($at) nohead front lw 2 lc rgb 'white'"),
	"set xtics ('' 0" + ([.groups[] | select(.size > $n / 10 and .size < $n) |
		", '\(.name)' \(.first + (.size - 1) / 2)"] | add) + ")";

def matrix_title:
	"\(.mode): median of \(.samples) samples for each pair of CPUs" +
	if has_room then ", in \(unit)" else "" end;

def matrix_variables:
	(.cpus | length) as $n |
	"n = \($n)", "of = '\(.of // "ack")'", "numbers = \(if has_room then 1 else 0 end)",
	"low = \(low | seconds)", "high = \(high | seconds)",
	"note = \"\(classes | join("\\n"))\"",
	tics("x2tics"), tics("ytics"), groups($n);

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
	[compared] | "n = \(length)", "names = \"\(map("'\(compared_name)'") | join(" "))\"";

# Fraction, before, after, by how many percent that is more.
def compared_rows:
	compared | (.quantiles[] | [.[0], ((.[1], .[2]) | seconds),
		if .[1] > 0 then 100 * (.[2] / .[1] - 1) else null end] | row), "", "";
