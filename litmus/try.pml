/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A send that never waits may come on top of one that does.
 *
 * Two CPUs send to each other. Each has a task that sends with interrupts on,
 * waiting for room and for its message, and a timer that comes as an interrupt
 * on top of it at any time, between ring and kick, too, or between its put and
 * its ring. The timer tries to post a message of its own, if the former one is
 * done. It never waits: a full mailbox is -EBUSY, an answer is looked for when
 * it fires again. It reads the task's preferred entry and never moves it.
 *
 *	> unsigned long entry = this_cpu_read(ipi_cpus.next)
 *	> atomic_set(&msg->pending, bound)
 *
 * As for a set, the timer counts more than there can be until it has posted.
 *
 * TRY_WAITS has it wait for its message, TRY_SPINS for room: the task beneath
 * may owe the kick that it waits for. TRY_MOVES has it move the preferred entry,
 * of which the task has read one half. COUNT_LATE has it count when it has
 * posted, FORGET_BUSY keep its count when there was no room.
 *
 * holds:
 * moves:
 * holds: -DENTRIES=1
 * breaks: -DTRY_WAITS			invalid end state
 * breaks: -DTRY_SPINS -DENTRIES=1	invalid end state
 * breaks: -DTRY_MOVES			assertion violated
 * breaks: -DCOUNT_LATE			assertion violated
 * breaks: -DFORGET_BUSY		assertion violated
 */
#define CPUS 2
#include "core.h"

#ifndef ENTRIES
#define ENTRIES	2
#endif
#define BOUND	(CPUS + 1)

/* Messages: of each CPU's task, then of its timer. */
#define TIMER	CPUS
#define at(cpu, entry)	mbox[(cpu) * ENTRIES + (entry)]

byte mbox[CPUS * ENTRIES];	/* 0, or the message's number + 1 */
byte pending[2 * CPUS];
byte runs[2 * CPUS];
byte next[CPUS];	/* the entry that a CPU tries first */
byte next_bell[CPUS];	/* its bell, which is read later */
bit in_irq[CPUS];	/* so nothing else of that CPU goes on */

/* mbox_put() */
inline put(entry, msg)
{
	d_step {
		if
		:: at(1 - me, entry) == 0 -> at(1 - me, entry) = (msg) + 1; ok = 1
		:: else -> ok = 0
		fi
	}
}

inline kick_if_won()
{
	if
	:: old == 0 -> kick(1 - me)
	:: else
	fi
}

inline begin(msg, count)
{
	d_step { runs[msg] = 0; pending[msg] = count }
}

/* post_one(), and post_slowly(), which waits for room. */
proctype task(byte me; byte sends) provided (!in_irq[me])
{
	byte old, n, bell;
	bit ok;

	do
	:: n == sends -> break
	:: n < sends ->
		n++;
		begin(me, 1);
		put(next[me], me);
		if
		:: ok -> ring_bell(1 - me, next_bell[me], old)
		:: else ->
			if
			:: d_step { at(1 - me, 0) == 0 -> at(1 - me, 0) = me + 1 };
				bell = 1
			:: d_step { ENTRIES > 1 && at(1 - me, ENTRIES - 1) == 0 ->
					at(1 - me, ENTRIES - 1) = me + 1 };
				bell = 2
			fi;
			next[me] = bell - 1;
			next_bell[me] = bell;
			ring_bell(1 - me, bell, old)
		fi;
		kick_if_won();
		pending[me] == 0;
		assert(runs[me] == 1);
		d_step { old = 0; bell = 0; ok = 0 }
	od
}

/* ipi_multicast_try() to the one other CPU. */
inline try()
{
#ifdef COUNT_LATE
	begin(TIMER + me, 0);
#else
	begin(TIMER + me, BOUND);
#endif
	bell = next[me] + 1;
	put(bell - 1, TIMER + me);
	if
	:: !ok && ENTRIES > 1 ->
		bell = 3 - bell;
		put(bell - 1, TIMER + me)
#ifdef TRY_MOVES
		;
		if
		:: ok -> next[me] = bell - 1; next_bell[me] = bell
		:: else
		fi
#endif
	:: else
	fi;
#ifdef TRY_SPINS
	if
	:: !ok -> d_step { at(1 - me, bell - 1) == 0 ->
			at(1 - me, bell - 1) = TIMER + me + 1; ok = 1 }
	:: else
	fi;
#endif
	if
	:: ok ->
		ring_bell(1 - me, bell, old);
		kick_if_won()
	:: else
	fi;
#ifdef COUNT_LATE
	pending[TIMER + me] = pending[TIMER + me] + ok;
#else
#ifdef FORGET_BUSY
	pending[TIMER + me] = pending[TIMER + me] - (BOUND - 1);
#else
	pending[TIMER + me] = pending[TIMER + me] - (BOUND - ok);
#endif
#endif
#ifdef TRY_WAITS
	pending[TIMER + me] == 0;
#endif
	sent = ok
}

proctype timer(byte me; byte sends)
{
	byte old, n, bell;
	bit ok, sent;

	do
	:: n == sends -> break
	:: n < sends ->
		atomic { !in_irq[me] -> in_irq[me] = 1 };
		n++;
		if
		:: pending[TIMER + me] == 0 ->	/* ipi_done() */
			assert(!sent || runs[TIMER + me] == 1);
			try()
		:: else
		fi;
		d_step { old = 0; bell = 0; ok = 0; in_irq[me] = 0 }
	od
}

inline run_bell(entry)
{
	if
	:: taken & (1 << (entry)) ->
		msg = at(me, entry);
		assert(msg);
		d_step {
			runs[msg - 1]++;
			assert(runs[msg - 1] == 1)
		};
		d_step {
			assert(pending[msg - 1]);
			pending[msg - 1]--
		};
		at(me, entry) = 0;
		msg = 0
	:: else
	fi
}

proctype handler(byte me)
{
	byte taken, msg;

end:	do
	:: atomic { queued[me] && !in_irq[me] -> in_irq[me] = 1 };
		take_kick(me);
		drain(me, taken);
		run_bell(0);
#if ENTRIES > 1
		run_bell(1);
#endif
		d_step { taken = 0; in_irq[me] = 0 }
	od
}

/* All that was sent has been run. Left out where a deadlock is to be found. */
proctype check()
{
	timeout;
	assert(!pending[0] && !pending[1] && !pending[2] && !pending[3])
}

init {
	atomic {
		next_bell[0] = 1;
		next_bell[1] = 1;
		run task(0, 2);
		run task(1, 1);
		run timer(0, 2);
		run timer(1, 1);
		run handler(0);
		run handler(1);
#if !defined(TRY_WAITS) && !defined(TRY_SPINS)
		run check()
#endif
	}
}
