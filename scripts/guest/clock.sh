# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# The time that a guest has, and what is done when it is over: sourced by
# scripts/run-guest.

# QEMU has been seen to leave a machine idle for ever that waited for a timer. A stop has
# it look at its timers and at what CPUs are owed once more; nothing that was not sent
# comes by that. Not of one that counts instructions, nor of one that is debugged.
prod()
{
	[ -n "$monitor" ] && [ "$accel:$icount" = tcg:no ] || return 0
	case " ${qemu_args[*]} " in
	*' -S '*|*' -s '*|*' -gdb '*)	return ;;
	esac
	printf 'stop\ncont\n' 1<>"$monitor.in"
	echo "nothing heard for $silence seconds after $1" >>"$log/prodded"
}

# wait_until SECOND: of the machine's time; prod one of which nothing is heard
wait_until()
{
	local heard='' before='' left

	while left=$(($1 - SECONDS + began)) && [ $left -gt 0 ]; do
		read -rt $((left < silence ? left : silence)) -u "$fd" || :
		heard=$(stat -c %s "$log/console" "$log/output" "$verdict" 2>/dev/null) || :
		[ "$heard" != "$before" ] || prod $((SECONDS - began))
		before=$heard
	done
}

# When its time is over, or if its init has not said in $start seconds that it runs,
# have the guest panic and say what its CPUs and tasks were at, where that is possible;
# then end it. The fifo is one that nobody writes to; QEMU may not read the other.
run_clock()
{
	local fd child began=$SECONDS silence=30

	exec {fd}<>"$tmp/clock"
	wait_until "$start"
	if [ -s "$verdict" ]; then
		wait_until "$limit"
	else
		touch "$tmp/not-up"
	fi
	stat -c %s "$log/console" >"$tmp/late"
	if [ -n "$monitor" ]; then
		echo nmi 1<>"$monitor.in"
		read -rt 15 -u "$fd" || :
	fi
	# What timeout(1) runs: user-mode Linux is not to be asked.
	child=$(cat "/proc/$guest/task/$guest/children" 2>/dev/null) || return 0
	# shellcheck disable=SC2086 # a word and a blank
	kill -s "$kill_by" $child
}

start_clock()
{
	rm -f "$tmp/clock" "$tmp/late" "$tmp/not-up"
	mkfifo "$tmp/clock"
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
