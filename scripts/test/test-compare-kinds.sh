# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Comparing matrices and storms: sourced by scripts/test/test-compare.

# The same runs as matrices and storms.
for f in "${b[@]}" "${a[@]}"; do
	jq '. as $m | (.results | map(select(.mode == "unicast"))) as $r | del(.results) +
		{ kind: "matrix", mode: "unicast", of: "ack", state: "idle",
		  classes: ($r | map({ class, pairs: 2, p50: .ack.p50 })) }' "$f" >"$f.matrix"
	jq '(.results | map(select(.mode == "unicast"))) as $r | del(.results) +
		{ kind: "storm", mode: "unicast", sources: "0", targets: "1",
		  points: ($r | map({ offered: 1000, achieved: 900, timed: .samples,
			p50: .ack.p50, p99: .ack.p99 },
			{ offered: null, achieved: (1e9 / .ack.mean), timed: .samples,
			p50: .ack.p50, p99: .ack.p99 })) }' "$f" >"$f.storm"
done
for kind in matrix storm; do
	status 4 "slower: 95%" "${b[@]/%/.$kind}" vs "${a[@]/%/.$kind}"
	status 0 "no difference seen" "${b[@]/%/.$kind}" vs "${b[@]/%/.$kind}"
	status 2 "1 and 1 runs are too few" "${b[0]}.$kind" "${a[0]}.$kind"
	status 2 "--of start: there is but the time to ack" --of start \
		"${b[@]/%/.$kind}" vs "${a[@]/%/.$kind}"
	status 2 "kind is 'measure' before, '$kind' after" "${b[0]}" "${a[0]}.$kind"
done
status 4 "unicast, 1000/s, 0 to 1" "${b[@]/%/.storm}" vs "${a[@]/%/.storm}"
