# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Run the machine of a guest until its end, or until its time is over: sourced by
# scripts/run-guest.

# Whatever went wrong before there was a verdict is an error of run-guest's own.
# shellcheck disable=SC2317 # called by the trap
clean_up()
{
	local status=$?

	if [ -n "$guest" ]; then
		kill "$guest" 2>/dev/null || :
		wait "$guest" || :
	fi
	stop_clock
	rm -rf "$tmp"
	[ "$judged" = yes ] || [ "$status" -gt 125 ] || exit 125
}

# show FILE YES|NO: keep what comes in as FILE and, if wanted, show it, too
show()
{
	trap '' INT
	sed -u 's/\r//g' |
		if [ "$2" = yes ]; then tee -p "$1"; else cat >"$1"; fi
}

# After the time limit have the guest panic and say what its CPUs and tasks were
# at, where that is possible. The fifo is one that nobody writes to.
run_clock()
{
	local fd

	exec {fd}<>"$tmp/clock"
	read -rt "$limit" -u "$fd" || :
	stat -c %s "$log/console" >"$tmp/late"
	echo nmi >"$monitor.in"
}

start_clock()
{
	[ -n "$monitor" ] || return 0
	mkfifo "$tmp/clock" "$monitor.in" "$monitor.out"
	grace=15
	run_clock &
	clock=$!
}

stop_clock()
{
	[ -n "$clock" ] || return 0
	kill "$clock" 2>/dev/null || :
	wait "$clock" || :
	clock=
}

# Start the machine and wait for its end; $status is how it ended.
boot()
{
	local con out readers grace=0

	mkfifo "$console" "$output"
	show "$log/console" "$loud" <"$console" &
	readers=$!
	show "$log/output" yes <"$output" &
	readers+=" $!"
	# Held open, so that the readers live until the machine is gone.
	exec {con}>"$console" {out}>"$output"
	start_clock
	# Should this shell be killed, the machine goes, too.
	setpriv --pdeathsig TERM timeout --foreground -s "$kill_by" -k 5 \
		$((limit + grace)) "${machine[@]}" </dev/null 2>"$log/errors" &
	guest=$!
	status=0
	wait "$guest" || status=$?
	guest=
	stop_clock
	exec {con}>&- {out}>&-
	# shellcheck disable=SC2086 # a list of words
	wait $readers || :
}

# What the CPUs were at when the time was over, and its tasks but for the kernel's idle
# ones: no registers, and no guesses of the unwinder.
show_late()
{
	tail -c "+$(cat "$tmp/late")" "$log/console" | awk '
		/\] Sched Debug Version/ { over = 1 }
		/\] task:/ { idle = /state:(I|S.* ppid:[02] )/ }
		over || idle || !/^\[ *[0-9]+\.[0-9]+\]/ || /\]  \? / { next }
		/\] (R[^I ]+|E[A-Z]+|[CD]R[0-9]|[CFG]S|Code|PKRU|Hardware name): / { next }
		n++ < 200' >&2
}
