/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message runs exactly once, and is not touched when its wait is over.
 *
 * Three senders to one CPU, two messages each, two entries: the mailbox fills
 * up and entries are used again. A sender uses one message again and again, as
 * one that stands on its stack. The third is a task of that very CPU: if it
 * wins the transition the core runs the pass in place, with interrupts off
 * (an async call to the own CPU); if not, it waits for the pass of another's
 * kick, which comes as an interrupt on top of it. When the call returns, its
 * message has run.
 *
 *	> (void)atomic_dec_and_test(&msg->pending)
 *	> smp_store_release(box, 0)
 *	> if (cpu == smp_processor_id())
 *
 * An entry is emptied after the run, and by its owner. That the bell of an
 * empty entry is silent, ring_bell() asserts.
 *
 * With SHARED both entries have the same bell, which counts. A pass answers as
 * many rings as it has swapped away, by whichever entries are filled, beginning
 * with either: a message may run before it is rung for. That the bell does not overflow, and that a pass
 * finds something for every ring, are assertions. Whoever empties more than was
 * rung for (TAKE_ALL), or not at last (EMPTY_EARLY), leaves a ring for nothing or
 * takes what is another's.
 *
 *	> if (!READ_ONCE(*box))
 *	> if (!--rings)
 *
 * holds:
 * moves:
 * holds: -DSHARED
 * moves: -DSHARED
 * holds: -DEMPTY_BEFORE_ACK
 * breaks: -DACK_FIRST		assertion violated
 * breaks: -DDRAIN_LAST		assertion violated
 * breaks: -DRING_FIRST		assertion violated
 * breaks: -DPUT_IN_TWO_STEPS	assertion violated
 * breaks: -DNO_SELF_WAIT	assertion violated
 * breaks: -DSELF_KEEPS_IRQS_ON	assertion violated
 * breaks: -DSHARED -DTAKE_ALL	assertion violated
 * breaks: -DSHARED -DDRAIN_LAST	invalid end state
 * breaks: -DSHARED -DEMPTY_EARLY	assertion violated
 */
#define CPUS 1
#include "core.h"

#define SENDERS	3
#define SELF	2	/* the sender on the CPU itself */
#define SENDS	2
#define ENTRIES	2

byte mbox[ENTRIES];	/* 0, or the sender's number + 1 */
byte pending[SENDERS];	/* struct ipi_msg's */
byte runs[SENDERS];
bit callers[SENDERS];	/* the message is the caller's */
bit in_irq;		/* the CPU is in the interrupt */
bit irqs_off;		/* its task has interrupts off */
bit in_pass;

/* mbox_put(): > try_cmpxchg(box, &empty, (unsigned long)msg) */
inline put(at, msg)
{
#ifdef PUT_IN_TWO_STEPS
	mbox[at] == 0;
	mbox[at] = msg
#else
	d_step { mbox[at] == 0 -> mbox[at] = msg }
#endif
}

/* The CPU's own entry or any other; a full mailbox blocks. */
inline post(msg)
{
#ifdef RING_FIRST
	ring_bell(0, 1, old);
	put(0, msg);
#else
	if
#ifdef SHARED
	:: put(0, msg)
	:: put(1, msg)
	fi;
	ring_shared(0, ENTRIES, old)
#else
	:: put(0, msg); ring_bell(0, 1, old)
	:: put(1, msg); ring_bell(0, 2, old)
	fi
#endif
#endif
}

inline begin()
{
	d_step {
		callers[me] = 0;
		runs[me] = 0;
		pending[me] = 1
	}
}

inline finish()
{
	d_step {
		callers[me] = 1;
		assert(runs[me] == 1);
		old = 0
	}
}

inline run_msg(m)
{
	assert(!callers[m - 1]);
	d_step {
		runs[m - 1]++;
		assert(runs[m - 1] == 1)
	}
}

/* Whether an entry's turn has come; a message that is shared is answered for. */
#ifdef SHARED
#ifdef TAKE_ALL
#define is_due(entry)	(mbox[entry])
#else
#define is_due(entry)	(taken && mbox[entry])
#endif
#define answer()	taken = (taken -> taken - 1 : 0)
#else
#define is_due(entry)	(taken & (1 << (entry)))
#define answer()	skip
#endif

inline run_entry(entry)
{
	if
	:: is_due(entry) ->
		answer();
		msg = mbox[entry];
		assert(msg);
#ifdef EMPTY_EARLY
		mbox[entry] = 0;
#endif
#ifdef ACK_FIRST
		pending[msg - 1]--;
		run_msg(msg);
		mbox[entry] = 0;
#else
#ifdef EMPTY_BEFORE_ACK
		run_msg(msg);
		mbox[entry] = 0;
		pending[msg - 1]--;
#else
		run_msg(msg);
		pending[msg - 1]--;
		mbox[entry] = 0;
#endif
#endif
		msg = 0
	:: else
	fi
}

/* pass_handler() */
inline pass()
{
	assert(!in_pass);
	in_pass = 1;
#ifdef DRAIN_LAST
	taken = word[0];
#else
	drain(0, taken);
#endif
#ifdef SHARED
	if
	:: skip -> run_entry(0); run_entry(1)
	:: skip -> run_entry(1); run_entry(0)
	fi;
	assert(!taken);
#else
	run_entry(0);
	run_entry(1);
#endif
#ifdef DRAIN_LAST
	word[0] = 0;
#endif
	d_step { taken = 0; in_pass = 0 }
}

proctype sender(byte me)
{
	byte old, n;

	do
	:: n == SENDS -> break
	:: n < SENDS ->
		n++;
		begin();
		post(me + 1);
		if
		:: old == 0 -> kick(0)
		:: else
		fi;
		pending[me] == 0;
		finish()
	od
}

proctype task(byte me) provided (!in_irq)
{
	byte old, n, taken, msg;

	do
	:: n == SENDS -> break
	:: n < SENDS ->
		n++;
		begin();
		post(me + 1);
		if
		:: old == 0 ->
			/* kick(): locks the csd, unlocks it, and calls. */
			assert(!locked[0] && !queued[0]);
#ifndef SELF_KEEPS_IRQS_ON
			irqs_off = 1;
#endif
			pass();
			irqs_off = 0
#ifdef SHARED
			-> pending[me] == 0	/* that pass may have run another's */
#endif
		:: else
#ifndef NO_SELF_WAIT
			-> pending[me] == 0
#endif
		fi;
		assert(runs[me] == 1);	/* on return */
		finish()
	od
}

proctype interrupt() provided (!irqs_off)
{
	byte taken, msg;

end:	do
	:: atomic { queued[0] -> in_irq = 1 };
		take_kick(0);
		pass();
		in_irq = 0
	od
}

init {
	atomic {
		run sender(0);
		run sender(1);
		run task(SELF);
		run interrupt()
	}
}
