/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs that go and come: nothing is lost, nobody waits for a CPU that has gone.
 *
 * One sender sends a message to the CPUs of a snapshot of the online mask, the
 * other to CPU 0 alone, by its ->up as ipi_unicast() does; both wait for it,
 * preemption on by then, and do it twice. CPU 0 goes offline and comes back,
 * CPU 1 comes up meanwhile. A CPU goes when nobody has preemption off
 * (stop_machine), and flushes its queue when it is no longer online. There is
 * an entry for each sender, full mailboxes are multicast.pml's.
 *
 * ->up is set after the CPU is online and cleared before it is not. UP_LATE
 * clears it after.
 *
 *	> target_snapshot(me, target, &self)
 *	> atomic_set(&msg->pending, remote)
 *
 * holds:
 * moves:
 * breaks: -DNO_FLUSH		assertion violated
 * breaks: -DPREEMPTIBLE	assertion violated
 * breaks: -DLOOK_TWICE		assertion violated
 * breaks: -DUP_LATE		assertion violated
 */
#define CPUS 2
#include "core.h"

#define SENDERS	2
#define SENDS	2

bit online[CPUS];
bit up[CPUS];		/* ipi_cpus.up */
bit busy[SENDERS];	/* preemption is off */
bit mbox[CPUS * SENDERS];
byte pending[SENDERS];
bit callers[SENDERS];
byte asked[SENDERS];	/* bit c: CPU c was called */
byte ran[SENDERS];

#define at(cpu, s)	mbox[(cpu) * SENDERS + (s)]

#ifdef LOOK_TWICE
#define in_set(cpu)	(me == 0 && online[cpu] || snap & (1 << cpu))
#else
#define in_set(cpu)	(snap & (1 << cpu))
#endif

inline post(cpu)
{
	if
	:: in_set(cpu) ->
		d_step {
			!at(cpu, me) ->
			at(cpu, me) = 1;
			asked[me] = asked[me] | (1 << cpu)
		};
		ring_bell(cpu, 1 << me, old);
		if
		:: old == 0 ->
			assert(online[cpu]);	/* else -ENXIO, and no kick */
			kick(cpu)
		:: else
		fi
	:: else
	fi
}

proctype sender(byte me)
{
	byte n, old, snap;

	do
	:: n == SENDS -> break
	:: n < SENDS ->
		n++;
		d_step { callers[me] = 0; ran[me] = 0; asked[me] = 0 };
#ifndef PREEMPTIBLE
		busy[me] = 1;
#endif
		if
		:: me == 0 -> snap = online[0] | (online[1] << 1)
		:: me == 1 && up[0] -> snap = 1
		:: me == 1 && !up[0] -> snap = online[0]
		fi;
		pending[me] = (snap & 1) + (snap >> 1);
		post(0);
		post(1);
		snap = 0; old = 0;
		busy[me] = 0;
		pending[me] == 0;
		callers[me] = 1;
		assert(ran[me] == asked[me])
	od
}

inline run_bell(s)
{
	if
	:: taken & (1 << s) ->
		d_step {
			assert(at(me, s));
			assert(!callers[s]);
			assert(!(ran[s] & (1 << me)));
			ran[s] = ran[s] | (1 << me)
		};
		d_step { assert(pending[s]); pending[s]-- };
		at(me, s) = 0
	:: else
	fi
}

inline pass()
{
	take_kick(me);
	drain(me, taken);
	run_bell(0);
	run_bell(1);
	taken = 0
}

/* The last part of stop_machine(), on the CPU that goes. */
inline die()
{
#ifndef NO_FLUSH
	if
	:: queued[me] -> pass()
	:: else
	fi;
#endif
	assert(!queued[me] && !word[me]);
	up[me] = 0;
	going = 0
}

proctype cpu(byte me; byte ups, downs)
{
	byte taken;
	bit going;

end:	do
	:: online[me] && queued[me] -> pass()
	:: online[me] && downs ->
		downs--;
		going = 1;
#ifndef UP_LATE
		up[me] = 0	/* ipi_cpu_down() */
#endif
	:: atomic { going && !busy[0] && !busy[1] -> online[me] = 0 };
		die()
	:: !online[me] && ups -> ups--; online[me] = 1; up[me] = 1
	od
}

init {
	atomic {
		online[0] = 1;
		up[0] = 1;
		callers[0] = 1;
		callers[1] = 1;
		run sender(0);
		run sender(1);
		run cpu(0, 1, 1);
		run cpu(1, 1, 0)
	}
}
