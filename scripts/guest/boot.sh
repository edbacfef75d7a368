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

# Start the machine and wait for its end; $status is how it ended.
boot()
{
	local con out readers

	rm -f "$console" "$output" "$verdict" "$tmp"/monitor.*
	mkfifo "$console" "$output"
	[ -z "$monitor" ] || mkfifo "$monitor.in" "$monitor.out"
	show "$log/console" "$loud" <"$console" &
	readers=$!
	show "$log/output" yes <"$output" &
	readers+=" $!"
	# Held open, so that the readers live until the machine is gone.
	exec {con}>"$console" {out}>"$output"
	# Should this shell be killed, the machine goes, too; and should the clock be.
	setpriv --pdeathsig TERM timeout --foreground -s "$kill_by" -k 5 \
		$((limit + 30)) "${machine[@]}" </dev/null 2>"$log/errors" &
	guest=$!
	start_clock
	status=0
	{ wait "$guest"; } 2>/dev/null || status=$?
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
	[ -n "$monitor" ] || return 0
	tail -c "+$(cat "$tmp/late")" "$log/console" | awk '
		/\] Sched Debug Version/ { over = 1 }
		/\] task:/ { idle = /state:(I|S.* ppid:[02] )/ }
		over || idle || !/^\[ *[0-9]+\.[0-9]+\]/ || /\]  \? / { next }
		/\] (R[^I ]+|E[A-Z]+|[CD]R[0-9]|[CFG]S|Code|PKRU|Hardware name): / { next }
		n++ < 200' >&2
}

# reports: whether the console shows any, which are in $log/reports
reports()
{
	! "$scripts/test/judge-console" -v expect="$expect" "$scripts/test/console-bad" \
		"$log/console" >"$log/reports"
}

# A kernel that hangs on its way up, before it has seen anything of ours, is the
# emulator's affair, and so is what it says of its stall: it is booted again, twice at
# most. QEMU 10 has been seen to lose the timer of a CPU that idles, the only one that
# was to end a wait of the kernel's for a keyboard.
boot_again()
{
	local n

	for n in 1 2; do
		[ -e "$tmp/not-up" ] && [[ $load = yes || $kernel != */* ]] || return 0
		head -c "$(cat "$tmp/late")" "$log/console" >"$log/console-not-up-$n"
		say "init does not run after $start seconds: once more; it was at:"
		show_late
		boot
	done
}
