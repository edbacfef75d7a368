/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Triggers of the own CPU from within a handler.
 *
 * One CPU whose handler may trigger its own slot each time it runs, for ever
 * if it likes; it is run from a pass, from a task's own trigger, and from the
 * timer. The CPU goes offline and comes back; its timers move to others when
 * it goes. A sender on another CPU triggers the slot now and then.
 *
 * A trigger that succeeded is run. A pass is bounded, and what it leaves is in
 * the hands of a timer. When the CPU is gone nothing of it is left behind. For
 * the non-progress check the tasks of the CPU are what progress means; a
 * tick passes for them between two runs of the timer.
 *
 *	> if (unlikely(!me->up) && !me->budget)
 *	> while (me->deferred && me->budget) {
 *	> hrtimer_try_to_cancel(&me->retry)
 *
 * What the handler does and when the timer fires are free choices.
 *
 * holds:
 * moves:
 * breaks: -DPARK_GOING	assertion violated
 * breaks: -DKEEP_PARKED	assertion violated
 * breaks: -DNO_BUDGET		non-progress cycle
 * breaks: -DNO_TIMER		assertion violated
 * breaks: -DREFUSE_LATE	assertion violated
 * breaks: -DDEFER_IN_WORD	assertion violated
 * breaks: -DCLEAR_AFTER	assertion violated
 */
#define CPUS 1
#include "core.h"

#define SLOT	1
#define REPEATS	2	/* IPI_REPEATS */
#define TRIGGERS 2

bit online = 1;
bit busy;		/* the sender has preemption off */

bit deferred;
bit parked;		/* and the timer is armed */
bit up = 1;
byte budget = REPEATS;
byte runs;		/* of the handler in this pass */
bit want;		/* a trigger of its own succeeded, no run has begun */
bit in_pass;

/* pass_defer() */
inline trigger_self_nested()
{
	if
	:: !online				/* -ENXIO */
#ifndef PARK_GOING
#ifdef REFUSE_LATE
	:: online && !up && !budget && deferred
#else
	:: online && !up && !budget		/* -ENXIO */
#endif
#endif
	:: else ->
#ifdef DEFER_IN_WORD
		word[0] = word[0] | SLOT;
#else
		deferred = 1;
#endif
		want = 1
	fi
}

inline run_slot()
{
	d_step {
		runs++;
#ifdef NO_BUDGET
		runs = 1;
#endif
		assert(runs <= 1 + REPEATS);
		want = 0
	};
	if
	:: true
	:: true -> trigger_self_nested()
	fi
}

inline run_deferred()
{
	do
#ifdef NO_BUDGET
	:: deferred ->
#else
	:: deferred && budget ->
		budget--;
#endif
#ifdef CLEAR_AFTER
		run_slot();
		deferred = 0
#else
		deferred = 0;
		run_slot()
#endif
	:: else -> break
	od;
	budget = REPEATS;
	if
	:: deferred ->
#ifdef PARK_GOING
		skip;
#else
		assert(up);
#endif
#ifndef NO_TIMER
		parked = 1
#endif
	:: else
	fi
}

inline end_pass()
{
	if
	:: deferred && !parked -> run_deferred()
	:: else
	fi;
	d_step {
#ifdef DEFER_IN_WORD
		assert(!want || deferred || word[0]);
#else
		assert(!want || deferred);
#endif
		assert(!deferred || parked);
		in_pass = 0;
		runs = 0
	}
}

inline pass()
{
	in_pass = 1;
	take_kick(0);
	drain(0, taken);
	if
	:: taken & SLOT -> run_slot()
	:: else
	fi;
	taken = 0;
	end_pass()
}

proctype sender()
{
	byte old, n;

	do
	:: n == TRIGGERS -> break
	:: n < TRIGGERS ->
		n++;
		busy = 1;
		if
		:: online ->
			d_step {
				old = word[0];
				word[0] = word[0] | SLOT;
				/* Else nobody kicks, and nobody will. */
				assert(old == 0 || locked[0] || in_pass)
			};
			if
			:: old == 0 -> kick(0)
			:: else
			fi;
			old = 0
		:: else		/* -ENXIO */
		fi;
		busy = 0
	od
}

proctype cpu()
{
	byte taken;
	bit down = 1;	/* may go offline, once */
	bit tick;	/* one has passed since the timer was armed */

end:	do
	:: online && queued[0] -> pass()
	:: online && parked && tick ->		/* ipi_retry() */
		tick = 0;
		parked = 0;
		in_pass = 1;
		end_pass()
	:: online ->				/* a task */
progress:	tick = 1;
		if
		:: true
		:: true ->			/* triggers its own CPU */
			in_pass = 1;
			run_slot();
			end_pass()
		fi
	:: online && up && down ->	/* ipi_cpu_down() */
		down = 0;
		up = 0;
#ifndef KEEP_PARKED
		if
		:: parked ->
			parked = 0;
			in_pass = 1;
			end_pass()
		:: else
		fi
#endif
	:: online && !up && !down && !busy ->
		/* stop_machine(); the last flush */
		atomic { !busy -> online = 0 };
		if
		:: queued[0] -> pass()
		:: else
		fi;
		assert(!word[0] && !deferred && !parked && !want)
	:: !online ->		/* ipi_cpu_up() */
		online = 1;
		up = 1
	:: online && !up && !queued[0] ->	/* it stays after all */
		up = 1
	od
}

init {
	atomic {
		run sender();
		run cpu()
	}
}
