/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who waits for a call is woken: ctl/calls.c.
 *
 * A call to two CPUs is posted with a ticket. One task polls for any ticket whose
 * runs are over, another sleeps until this call has run; both look at the count
 * after they have got into the wait queue. The last run, which may come before
 * the runs are counted or before the ticket is there, leaves the waking to a work
 * item, and only if somebody is in the queue. The poster wakes, too, when the ticket
 * has appeared. A second call is posted through the same file, so that the work
 * may be asked for while it runs. Meanwhile the CPU of a run may go offline for good.
 *
 * LOOK_FIRST gets into the queue after the look. NO_WAKE leaves out the poster's
 * waking. CLEAR_LATE takes the work for done when it ends, not when it begins.
 * OF_A_CPU gives the work to the CPU that asked, as an irq_work is on PREEMPT_RT.
 *
 * holds:
 * breaks: -DLOOK_FIRST	invalid end state
 * breaks: -DNO_WAKE	invalid end state
 * breaks: -DCLEAR_LATE	invalid end state
 * breaks: -DOF_A_CPU	invalid end state
 */
#define CALLS	2
#define RUNS	2	/* of a call, one on each CPU */
#define TASKS	2
#define POLLER	0
#define WAITER	1

short left[CALLS];	/* ctl_call.left */
bit ticket[CALLS];	/* it is in file->tickets */
bit inq[TASKS];		/* it stands in file->wq */
bit awake[TASKS];	/* it was woken since it got in, or looked last */
bit queued;		/* the work is pending */
byte asked;		/* on which CPU */
bit gone;		/* CPU 0 is offline */

inline wake_all()
{
	d_step {
		awake[POLLER] = awake[POLLER] | inq[POLLER];
		awake[WAITER] = awake[WAITER] | inq[WAITER]
	}
}

/* call_run() on @cpu; a dying CPU runs what is on its queue before it is gone. */
proctype runner(byte call; byte cpu)
{
	bit last;

	d_step { left[call]--; last = (left[call] == 0) };
	if
	:: last && (inq[POLLER] || inq[WAITER]) ->
		d_step {
			if
			:: !queued -> queued = 1; asked = cpu
			:: else		/* queue_work(): it is pending */
			fi
		}
	:: else
	fi
}

/* call_wake() */
proctype worker()
{
end:	do
#ifdef OF_A_CPU
	:: queued && !(gone && asked == 0) ->
#else
	:: queued ->
#endif
#ifndef CLEAR_LATE
		queued = 0;
#endif
		wake_all();
#ifdef CLEAR_LATE
		queued = 0
#endif
	od
}

/* call_and_go() */
proctype poster()
{
	byte call;

	do
	:: call == CALLS -> break
	:: call < CALLS ->
		run runner(call, 0);
		run runner(call, 1);
		left[call] = left[call] + RUNS;
		ticket[call] = 1;
#ifndef NO_WAKE
		if
		:: inq[POLLER] || inq[WAITER] -> wake_all()
		:: else
		fi;
#endif
		call++
	od
}

#define HAS_RUN(call)	(ticket[call] && left[call] == 0)

/* device_poll() until all of its tickets were seen, and call_sleep() */
proctype sleeper(byte me)
{
	byte call;

	do
	:: call == CALLS -> break
	:: call < CALLS ->
		do
		::
#ifdef LOOK_FIRST
			if
			:: HAS_RUN(call) -> break
			:: else
			fi;
			d_step { inq[me] = 1; awake[me] = 0 };
			awake[me]
#else
			d_step { inq[me] = 1; awake[me] = 0 };
			if
			:: HAS_RUN(call) -> break
			:: else
			fi;
			awake[me]
#endif
		od;
		inq[me] = 0;
		call++
	od
}

proctype hotplug()
{
	gone = 1
}

init
{
	atomic {
		run worker();
		run poster();
		run sleeper(POLLER);
		run sleeper(WAITER);
		run hotplug()
	}
}
