/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A send that never waits may come on top of one that does.
 *
 * Two CPUs send to each other. Each has a task that sends with interrupts on,
 * waiting for room and for its message, and a timer that comes as an interrupt
 * on top of it at any time, between ring and kick, too, or between its put and
 * its ring. The timer tries to post a message of its own, if the former one is
 * done. It never waits: a full mailbox is -EBUSY, an answer is looked for when
 * it fires again. Both have the same home, and look elsewhere when it is taken.
 *
 *	> if (!mbox_put(mbox_home(pc), msg))
 *	> atomic_set(&msg->pending, bound)
 *
 * As for a set, the timer counts more than there can be until it has posted.
 *
 * TRY_WAITS has it wait for its message, TRY_SPINS for room: the task beneath
 * may owe the kick that it waits for. COUNT_LATE has it count when it has posted,
 * FORGET_BUSY keep its count when there was no room. With SHARED both entries have
 * the same bell: the timer's message may be left in favour of the task's, which has
 * not rung yet, and is run for the task's ring.
 *
 * holds:
 * moves:
 * holds: -DENTRIES=1
 * holds: -DSHARED
 * moves: -DSHARED
 * breaks: -DTRY_WAITS			invalid end state
 * breaks: -DTRY_SPINS -DENTRIES=1	invalid end state
 * breaks: -DTRY_WAITS -DSHARED		invalid end state
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

inline ring(bell)
{
#ifdef SHARED
	ring_shared(1 - me, ENTRIES, old)
#else
	ring_bell(1 - me, bell, old)
#endif
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
		put(0, me);
		if
		:: ok -> ring(1)
		:: else ->
			if
			:: d_step { at(1 - me, 0) == 0 -> at(1 - me, 0) = me + 1 };
				bell = 1
			:: d_step { ENTRIES > 1 && at(1 - me, ENTRIES - 1) == 0 ->
					at(1 - me, ENTRIES - 1) = me + 1 };
				bell = 2
			fi;
			ring(bell)
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
	bell = 1;
	put(0, TIMER + me);
	if
	:: !ok && ENTRIES > 1 ->
		bell = 2;
		put(1, TIMER + me)
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
		ring(bell);
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

#ifdef SHARED
#define is_due(entry)	(taken && at(me, entry))
#define answer()	taken--
#else
#define is_due(entry)	(taken & (1 << (entry)))
#define answer()	skip
#endif

inline run_entry(entry)
{
	if
	:: is_due(entry) ->
		answer();
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
		run_entry(0);
#if ENTRIES > 1
		run_entry(1);
#endif
#ifdef SHARED
		assert(!taken);
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
