# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Small results of ipixctl, for tests of what is made of them: sourced.

# A result without what its kind is about, then three kinds.
# shellcheck disable=SC2016 # for jq
result()
{
	jq -n '{ tool: "ipixctl", version: "2.0.0", interrupted: true, setting: {
		kernel: "6.1.0-test", machine: "x86_64", hypervisor: "TCGTCGTCGTCG",
		clocksource: "tsc", isolated: "3", online: "0-3", steal_ms: 7,
		module: "2.0.0", lingering: false } } + '"$1"
}

# shellcheck disable=SC2016 # for jq
measure()
{
	result '{ kind: "measure", results: [("trigger", "unicast") as $mode |
		("idle", "busy") as $state | { mode: $mode, source: 0, targets: "1",
		state: $state, samples: 4 } + ([("start", "end", "ack") as $time |
		{ key: $time, value: { p50: 1500, max: 5000,
		  histogram: [[1024, 3], [4096, 1]],
		  quantiles: [[0.5, 1500], [0.75, 2000]] } }] | from_entries)] }'
}

# One pair is slow: from CPU 0 to CPU 2.
matrix()
{
	result '{ kind: "matrix", mode: "unicast", samples: 10, cpus: [0, 1, 2, 3],
		groups: [{ first: 0, size: 2, name: "node 0" },
			 { first: 2, size: 2, name: "node 1" }],
		p50: [[null, 1000, 98700, 1000], [2000, null, 1000, 1000],
		      [12300, 1000, null, 1000], [1000, 1000, 1000, null]],
		classes: [{ class: "node", pairs: 4, p50: 1000, max: 2000 },
			  { class: "smt", pairs: 0, p50: null, max: null }] }'
}

# Pairs that differ by a twentieth, and CPUs that call themselves.
near()
{
	result '{ kind: "matrix", mode: "unicast", samples: 10, cpus: [0, 1, 2], groups: [],
		p50: [[1400, 17100, 17300], [17500, 1400, 17700], [17900, 18000, 1400]],
		classes: [] }'
}

# shellcheck disable=SC2016 # for jq
storm()
{
	result '{ kind: "storm", mode: "trigger", points: [
		(1000, 10000, null) as $rate | { offered: $rate, achieved: 900,
		coalescing: 0.25, p50: 1000, p99: 3000, max: 20000 }] }'
}
