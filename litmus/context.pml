/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why sends are for tasks with interrupts on.
 *
 * Two CPUs send to each other; each has a task, a softirq that may come on top
 * of it at any time, and interrupts on top of both. A mailbox has one entry.
 * The task sends a message; the softirq triggers a slot of the other CPU,
 * which spins for nothing.
 *
 *	> static __always_inline bool context_may_send(void)
 *
 * SOFTIRQ_SENDS lets it send too: it may sit on the task that owes the kick.
 * IRQS_OFF lets the task send and wait with interrupts off: both CPUs wait and
 * neither serves.
 *
 * holds:
 * moves:
 * breaks: -DSOFTIRQ_SENDS	invalid end state
 * breaks: -DIRQS_OFF		invalid end state
 */
#define CPUS 2
#include "core.h"

#define BELL	1
#define SLOT	2

bit mbox[CPUS];		/* of the CPU: full */
byte pending[2 * CPUS];	/* messages of the task and of the softirq of each */
byte owner[CPUS];	/* whose message is in the mailbox */
bit wanted[CPUS];	/* a trigger that no run has begun for */
bit in_softirq[CPUS];
bit irqs_off[CPUS];

/* By CPU me to the other. */
inline send(msg)
{
	pending[msg] = 1;
	d_step { !mbox[1 - me] -> mbox[1 - me] = 1; owner[1 - me] = msg };
	ring_bell(1 - me, BELL, old);
	if
	:: old == 0 -> kick(1 - me)
	:: else
	fi;
	pending[msg] == 0
}

proctype task(byte me) provided (!in_softirq[me])
{
	byte old, n;

	do
	:: n == 2 -> break
	:: n < 2 ->
		n++;
#ifdef IRQS_OFF
		irqs_off[me] = 1;
#endif
		send(me);
		irqs_off[me] = 0
	od
}

proctype softirq(byte me)
{
	byte old;

	atomic { !irqs_off[me] -> in_softirq[me] = 1 };
#ifdef SOFTIRQ_SENDS
	send(CPUS + me);
#else
	d_step {
		old = word[1 - me];
		word[1 - me] = word[1 - me] | SLOT;
		wanted[1 - me] = 1
	};
	if
	:: old == 0 -> kick(1 - me)
	:: else
	fi;
#endif
	in_softirq[me] = 0
}

/* The interrupt, on top of whatever has them on. */
proctype handler(byte me) provided (!irqs_off[me])
{
	byte taken;

end:	do
	:: queued[me] ->
		take_kick(me);
		drain(me, taken);
		if
		:: taken & BELL ->
			assert(mbox[me]);
			pending[owner[me]]--;
			mbox[me] = 0
		:: else
		fi;
		if
		:: taken & SLOT -> wanted[me] = 0
		:: else
		fi;
		taken = 0
	od
}

proctype check()
{
	timeout;
	assert(!wanted[0] && !wanted[1])
}

init {
	atomic {
		run task(0);
		run task(1);
		run softirq(0);
		run softirq(1);
		run handler(0);
		run handler(1);
		run check()
	}
}
