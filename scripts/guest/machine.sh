# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2054,SC2154
#
# How a guest is started: sourced by scripts/run-guest. What the architectures
# differ in is the table in scripts/kernel/arches.
#
# machine ARCH sets ${machine[@]}, the command line, from $image, $initrd, $smp,
# $mem, $accel, $threads, $icount, $append, ${qemu_args[@]} and the files $console, $output
# and $verdict, and ${conf[@]}, which tells scripts/guest/init the devices;
# $kill_by if another signal than TERM is to end it; and $monitor, two fifos-to-be
# in $tmp, if an NMI has it panic and tell what its CPUs were at.
kill_by=TERM

# Oopses end the guest at once; limits that mean a dead machine on real
# hardware are raised, for a host whose cores are shared many times over. There,
# x86 sees no timer interrupt in the moment that it waits for one at boot, and
# panics: no_timer_check.
arguments=$(tr -s '\n\t' ' ' <<<"panic=-1 oops=panic printk.time=1 no_console_suspend nokaslr
	nmi_watchdog=0 watchdog_thresh=60 workqueue.watchdog_thresh=180
	rcupdate.rcu_cpu_stall_timeout=180 rcupdate.rcu_exp_cpu_stall_timeout=180000
	smp.csd_lock_timeout=60000 no_timer_check sysctl.kernel.hung_task_timeout_secs=300")

choose_accel()
{
	[ -z "$accel" ] || return 0
	accel=tcg
	if [ "$1" = "$(host_arch)" ] && [ -w /dev/kvm ] &&
	   grep -qwE 'vmx|svm' /proc/cpuinfo; then
		accel=kvm
	fi
}

qemu()
{
	# It takes a comma in a path for the end of it, but not two.
	machine=("$@" -nodefaults -no-user-config -display none -net none
		-no-reboot -smp "$smp" -m "$mem" -kernel "$image" -initrd "$initrd"
		-chardev "file,id=console,path=${console//,/,,}"
		-chardev "file,id=output,path=${output//,/,,}"
		-chardev "file,id=verdict,path=${verdict//,/,,}" "${qemu_args[@]}")
	if [ "$icount" = yes ]; then
		# Nothing of the host's clocks or dice gets in: two runs are alike.
		machine+=(-accel tcg,thread=single -icount shift=1,sleep=off
			-rtc base=2020-01-01,clock=vm)
	elif [ "$accel" = tcg ]; then
		machine+=(-accel "tcg,thread=$threads")
	else
		machine+=(-accel "$accel")
	fi
}

machine()
{
	local cpu type line channels hvc prefix own

	[ "$1" != um ] || { machine_um; return; }
	threads=${threads:-$("$scripts/kernel/arches" get "$1" threads)}
	cpu=$("$scripts/kernel/arches" get "$1" cpu)
	type=$("$scripts/kernel/arches" get "$1" machine)
	line=$("$scripts/kernel/arches" get "$1" console)
	channels=$("$scripts/kernel/arches" get "$1" channels)
	prefix=$("$scripts/guest/emulator" "$1") || return
	mapfile -t prefix <<<"$prefix"
	choose_accel "$1"
	[ "$accel" != kvm ] || cpu=host
	[ "$icount:$1" != yes:amd64 ] || cpu=max,-rdrand,-rdseed
	qemu "${prefix[@]}" -machine "$type" -cpu "$cpu" -serial chardev:console
	# They end by a reboot: QEMU no longer powers off after S3.
	if [ "$channels" = serial ]; then
		machine+=(-serial chardev:output -serial chardev:verdict)
		conf=('output=/dev/ttyS1 verdict=/dev/ttyS2 end=reboot')
	else
		machine+=(-device "$channels" -device virtconsole,chardev=output
			-device virtconsole,chardev=verdict)
		hvc=$("$scripts/kernel/arches" get "$1" hvc)
		conf=("output=/dev/hvc$hvc verdict=/dev/hvc$((hvc + 1)) end=reboot")
	fi
	if [ "$("$scripts/kernel/arches" get "$1" nmi)" = yes ]; then
		monitor=$tmp/monitor
		machine+=(-chardev "pipe,id=monitor,path=${monitor//,/,,}" -mon monitor)
		append="unknown_nmi_panic panic_print=0x41$append"
	fi
	own=$("$scripts/kernel/arches" get "$1" arguments)
	machine+=(-append "console=$line ${own#-} $arguments $append")
}

# User-mode Linux: CPUs are threads of a host process; more of them than the
# host has cores wait for each other's time slices.
machine_um()
{
	machine=(env "output=$output" "verdict=$verdict" "console=$console"
		sh -c 'exec "$@" >"$console" 5>"$output" 6>"$verdict"' uml
		"$image" "mem=${mem}M" "ncpus=$smp" seccomp=on "initrd=$initrd"
		"uml_dir=$tmp/uml" con=null con0=null,fd:1
		ssl=null ssl0=null,fd:5 ssl1=null,fd:6 console=tty0)
	# On TERM it tears itself down, in the idle task, and warns about that.
	kill_by=KILL
	# shellcheck disable=SC2206 # words
	machine+=($arguments $append)
	conf=('output=/dev/ttyS0 verdict=/dev/ttyS1 end=poweroff')
}
