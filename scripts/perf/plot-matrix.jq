# SPDX-License-Identifier: GPL-2.0
#
# What scripts/plot takes out of a matrix: cells, their scale and texts.

include "plot";

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
