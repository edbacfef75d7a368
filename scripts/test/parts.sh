# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the checks are made of, as tables for run-parts, the long ones first: sourced.
# Builds come before the guests that get what was built.

quick_packages='fetch build guest selftests check arm64 man model'
full_packages="$quick_packages dist plot trace"
# Of the selftests those that take about as long as all others.
half=trace,async,cancel,module,sync,removal,tool_held
# Those that show that a kernel or an architecture is fit at all.
few=context,sync,unregister,hotplug,abi_calls

# Has KCSAN look at many more accesses, and CPUs that idle not tick by turns.
look_often='--append kcsan.skip_watch=100 --append kcsan.udelay_task=200 --append nohz=off'

quick_parts()
{
	cat <<-END
		build-6.1	$scripts/test/check-static build 6.1
		few-arm64	$scripts/test/check-guest --only $few arm64
		shellcheck	$scripts/test/check-static shellcheck
		checkpatch	$scripts/test/check-static checkpatch
		6.1-one-half	$scripts/test/check-guest --only $half 6.1
		6.1-other-half	$scripts/test/check-guest --but $half 6.1
		6.1-1-cpu	$scripts/test/check-guest 6.1 1
		few-6.12	$scripts/test/check-guest --only $few 6.12
		litmus		$scripts/run-models *-*
		kernel-doc	$scripts/test/check-static kernel-doc
		abi		$scripts/test/check-static abi
		harness		$scripts/test/check-static harness
		man		$scripts/test/check-man
		docs		$scripts/test/check-docs
		judges		$scripts/test/check-judges
		parts		$scripts/test/check-parts
		house		$scripts/test/check-static house
	END
}

# What is not in quick_parts().
full_parts()
{
	cat <<-END
		!build-6.12	$scripts/test/check-static build 6.12
		!build-arm64	$scripts/test/check-static build arm64
		bench		$scripts/perf/bench-check
		torture		$scripts/torture --check
		torture-bells	$scripts/torture --seconds 20 --bits 5 --fault lost_bell --fault free_early
		smoke-wide	$scripts/test/test-wide --smoke
		lockdep		$scripts/test/check-guest --long lockdep
		6.12		$scripts/test/check-guest --long 6.12
		smoke-kasan	$scripts/test/check-guest --smoke kasan
		smoke-kcsan	$scripts/torture --seconds 30 --kernel kcsan
		hotplug-kcsan	$scripts/test/check-guest --long --only hotplug kcsan 4 $look_often
		smoke-rt	$scripts/test/check-guest --smoke rt
		torture-arm64	$scripts/torture --seconds 15 --kernel arm64
		models		$scripts/run-models
		porting		$scripts/test/check-porting
		house-judge	$scripts/test/test-house
		warnings	$scripts/test/check-warnings
		warnings-lockdep $scripts/test/check-warnings lockdep
		warnings-rt	$scripts/test/check-warnings rt
		runner		$scripts/test/check-runner
		dist		$scripts/test/test-dist
		plot		$scripts/test/test-plot
		compare		$scripts/test/test-compare
		report		$scripts/test/test-report
		tool		$scripts/test/test-tool
		trace		$scripts/test/test-trace
		try-docs	$scripts/test/test-docs
	END
}

# What wants the machine for itself: real time on real cores.
lone_parts()
{
	echo "!uml $scripts/test/check-guest --long uml"
}

# set_up PACKAGES KERNEL...: install packages, get kernels that are not there
set_up()
{
	local kernel missing=()

	for kernel in "${@:2}"; do
		[ -e "$cache/kernels/$kernel/kdir" ] || missing+=("$kernel")
	done
	[ ${#missing[@]} -eq 0 ] || say "not in the cache yet: ${missing[*]}"
	# shellcheck disable=SC2086 # words
	"$scripts/packages" install $1
	for kernel in "${@:2}"; do
		"$scripts/kernels" path "$kernel" >/dev/null
	done
	"$scripts/ksrc" >/dev/null
	say "set-up took $SECONDS s"
}
