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

# ----- matrix -----

# A CPU to itself takes no interrupt: such cells are not in the scale, unless there
# are no others.
def others:
	[.p50 | to_entries[] | .key as $row | .value | to_entries[] |
	 select(.key != $row) | .value | numbers];

def shown: if others | length > 0 then others else [.p50[][] | numbers] end;

def in_scale($row; $column): $row != $column or (others | length == 0);

# The scale is used whole, but what differs by less than that is the same.
def low: shown | min;
def high: [(shown | max), low * 1.05] | max;
def is_logarithmic: high > low * 5;

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
	. as $all | .p50 | to_entries[] | .key as $row | .value | to_entries[] |
	.key as $column |
	[$column, $row, if $all | in_scale($row; $column) then .value | seconds
		else null end] | row;

def has_room: .cpus | length <= 20;

# With the same number of places in all cells that are alike.
def places:
	if . >= 100 then round | tostring
	else (if . >= 10 then 10 else 100 end) as $of | (. * $of | round) as $n |
		"\($n / $of | floor).\("\($n % $of + $of)"[1:])"
	end;

def is_dark($low; $high; $logarithmic):
	if $logarithmic then . * . <= $low * $high else . * 2 <= $low + $high end;

# What to write into cells: column, row, text, 1 if the cell is dark.
def numbers:
	. as $all | low as $low | high as $high | is_logarithmic as $log | unit as $unit |
	select(has_room) |
	.p50 | to_entries[] | .key as $row | .value | to_entries[] | select(.value) |
	.key as $column |
	[$column, $row,
	 if $unit == "ns" then .value | round else .value / 1000 | places end,
	 if ($all | in_scale($row; $column)) and (.value | is_dark($low; $high; $log))
	 then 1 else 0 end] | row;

# Round numbers within the scale, so few that they do not touch.
def ticks:
	low as $low | high as $high |
	if is_logarithmic then
		[range($low | log10 | floor; ($high | log10 | ceil) + 1) as $e |
		 (1, 2, 5) * ($e | exp10) | select($low <= . and . <= $high)]
	else
		(($high - $low) / 5) as $fifth | ($fifth | log10 | floor | exp10) as $power |
		([1, 2, 5, 10 | . * $power | select(. >= $fifth)][0]) as $step |
		[range($low / $step | ceil; ($high / $step | floor) + 1) * $step]
	end;

def nicely: if . < 1000 then "\(. * 10 | round / 10) ns"
	elif . < 1000000 then "\(. / 10 | round / 100) us"
	else "\(. / 10000 | round / 100) ms" end;

def color_tics:
	"set cbtics (" + (ticks | map("'\(nicely)' \(seconds)") | join(", ")) + ")";

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

def matrix_note:
	([.p50 | to_entries[] | .value[.key] | values] | length > 0) as $selves |
	classes + if $selves and (in_scale(0; 0) | not)
	then ["grey: a CPU calls itself, not in the scale"] else [] end | join("\\n");

def matrix_variables:
	(.cpus | length) as $n |
	"n = \($n)", "of = '\(.of // "ack")'", "numbers = \(if has_room then 1 else 0 end)",
	"low = \(low | seconds)", "high = \(high | seconds)",
	"logarithmic = \(if is_logarithmic then 1 else 0 end)",
	"note = \"\(matrix_note)\"",
	color_tics, tics("x2tics"), tics("ytics"), groups($n);

# For people who read, the same as the picture: rows send, columns are sent to.
def right($width): (" " * $width + .)[-$width:];

def matrix_text:
	unit as $unit | .cpus as $cpus |
	"\(.mode), median time to \(.of // "ack") in \($unit) of \(.samples) samples for each pair of CPUs",
	"", ("" | right(5)) + ($cpus | map(tostring | right(8)) | join("")),
	(.p50 | to_entries[] | ($cpus[.key] | tostring | right(5)) +
	 (.value | map(if . == null then "-" elif $unit == "ns" then round | tostring
		else . / 1000 | places end | right(8)) | join(""))),
	"", classes[];

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
