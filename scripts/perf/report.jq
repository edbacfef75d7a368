# SPDX-License-Identifier: GPL-2.0
#
# What scripts/report takes out of results of ipixctl: HTML.

include "plot";

def html: tostring | @html;

def cell: "<td>\(html)</td>";
def cells_of($list): $list | map(cell) | join("");

# A table of rows, lists of words, below its heads.
def table($heads; rows):
	"<div class=wide><table><thead><tr>" +
	($heads | map("<th scope=col>\(html)</th>") | join("")) + "</tr></thead><tbody>",
	(rows | "<tr>" + cells_of(.) + "</tr>"), "</tbody></table></div>";

def or_dash: if . == null then "-" else time end;

# One that rests on fewer than ten samples is marked; one of none is a dash.
def percentile($of; $name):
	$of[$name] | or_dash + if . != null and ($of.behind[$name] // 10) < 10 then "*"
	else "" end;

def or_none: if . == null or . == "" then "none" else . end;

def remarks:
	(.lacking // [] | .[] | "<p class=lacking><strong>Not whole:</strong> \(html)</p>"),
	(if .interrupted then "<p class=lacking>Interrupted: these are the results so far.</p>"
	 else empty end),
	(if .setting and emulated then
		"<p class=note>Measured in an emulator: the times are not those of a machine.</p>"
	 else empty end),
	(.notes // [] | .[] | "<p class=note>\(html)</p>");

def setting_table:
	.setting | table(["setting", ""]; (
		["Linux", "\(.kernel) (\(.machine))"], ["CPU", .cpu_model],
		["hypervisor", (.hypervisor | or_none)],
		["clock source", (.clocksource | or_none)], ["idle driver", (.idle_driver | or_none)],
		["CPUs online", .online], ["isolated", (.isolated | or_none)],
		["nohz_full", (.nohz_full | or_none)], ["ipi_xcall", .module],
		["lingering", if .lingering then "yes" else "no" end],
		["steal time", "\(.steal_ms) ms"]));

def matrix_table:
	table(["pairs", "number", "median", "worst"];
	      .classes[] | [.class, .pairs, (.p50 | or_dash), (.max | or_dash)]);

def measure_table:
	(if any(.results[]; .run > 0) then ["run"] else [] end) as $run |
	table(["mode", "from", "to", "state"] + $run + ["samples", "min", "median", "90%", "99%",
	       "99.9%", "max"];
	      .results[] | .ack as $a | [.mode, .source, .targets, .state] +
		if $run == [] then [] else [.run + 1] end +
		[.samples, ($a.min | or_dash)] +
		[("p50", "p90", "p99", "p999") as $p | percentile($a; $p)] +
		[$a.max | or_dash]),
	"<p class=note>Time from the post until the sender knew that all had run it. " +
	"* fewer than ten samples lie beyond it, - none.</p>";

def storm_table:
	table(["offered", "achieved", "sent", "coalesced", "timed", "median", "99%", "max"];
	      .points[] | . as $p | [
		(.offered | if . then "\(round)/s" else "closed loop" end),
		"\(.achieved | round)/s", .sent, "\(1000 * .coalescing | round / 10)%",
		(.timed // "-"), percentile($p; "p50"), percentile($p; "p99"),
		(.max | or_dash)]);

def percent: (1000 * (. - 1) | round / 10) |
	if . > 0 then "+\(.)%" elif . < 0 then "\(.)%" else "0%" end;

def compare_table:
	table(["mode", "pairs", "state", "", "before", "after", "change", "95% interval",
	       "verdict"];
	      .results[] | . as $r | .statistics[] | [$r.mode, $r.class, $r.state,
		{ p50: "median", p99: "99%", mean: "mean" }[.statistic],
		(.before | time), (.after | time), (.ratio | percent),
		"\(.ratio_low | percent) to \(.ratio_high | percent)", .verdict]),
	"<p>All in all: <strong>\(.verdict | html)</strong>. " +
	"The intervals hold together with 95 % probability; " +
	"less than \(100 * .threshold)% is no difference.</p>",
	(.differing[] | "<p class=note>\(.what | html): \(.before | html) before, " +
			"\(.after | html) after.</p>");

# Comparisons of matrices and storms have numbers, and nothing to draw.
def has_pictures: .kind != "compare" or ([.results[].quantiles[]] | length) > 0;
def unfit: if has_pictures then complaint elif .results == [] then "no results in it"
	else empty end;

def heading:
	{ matrix: "From each CPU to each", measure: "How long a call takes",
	  storm: "Under load", compare: "Against the baseline" }[.kind] +
	if .kind == "compare" then "" else ": \(.mode // ([.results[].mode] | unique | join(", ")))"
	end | html;

def numbers_table:
	if .kind == "matrix" then matrix_table
	elif .kind == "measure" then measure_table
	elif .kind == "storm" then storm_table
	else compare_table end;
