/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ipi_cancel() and the list of late CPUs promise.
 *
 * One sender posts a message to two CPUs, looks who is late, and cancels, all
 * of it twice with the same message; another sends and waits. Every share of a
 * message is either run once or taken back, nothing is touched that is the
 * caller's again, and a CPU that is not called late has acked.
 *
 * A cancel leaves the void behind; only the owner empties an entry, in the pass
 * that has its bell. So no bell is rung twice, which cpu_ring_bell() asserts. A
 * message may take the place of the void and does not ring; in the code that is
 * when no entry is empty, here whenever there is a void. CANCEL_EMPTIES is the
 * other way round: a cancel that empties the entry, and a bell that goes stale.
 *
 * With SHARED both entries of a CPU have the same bell, which counts: a void
 * answers a ring as a message does.
 *
 *	> test_and_set_bit(IPI_RUNNING, box)
 *	> cmpxchg(box, posted, IPI_CANCELLED) == posted
 *	> cmpxchg(box, IPI_CANCELLED, 0) == IPI_CANCELLED
 *	> cmpxchg(box, IPI_CANCELLED, (unsigned long)msg) == IPI_CANCELLED
 *	> smp_load_acquire(box) & mask
 *
 * holds:
 * moves:
 * holds: -DSHARED
 * moves: -DSHARED
 * breaks: -DTAKE_IN_TWO_STEPS	assertion violated
 * breaks: -DCANCEL_IN_TWO_STEPS	assertion violated
 * breaks: -DCANCEL_EMPTIES	assertion violated
 * breaks: -DEMPTY_IN_TWO_STEPS	assertion violated
 * breaks: -DREUSE_AND_RING	assertion violated
 * breaks: -DNO_WAIT		assertion violated
 * breaks: -DTOUCH_FIRST	assertion violated
 * breaks: -DEMPTY_FIRST	assertion violated
 * breaks: -DIGNORE_RUNNING	assertion violated
 * breaks: -DSHARED -DCANCEL_EMPTIES	assertion violated
 * breaks: -DSHARED -DREUSE_AND_RING	assertion violated
 */
#define CPUS 2
#include "core.h"

#define ENTRIES	2
#define ROUNDS	2

/* An entry: 0, a message, a message and RUNNING, or RUNNING alone. */
#define RUNNING	1
#define VOID	RUNNING
#define A	2	/* the message that is cancelled */
#define B	4	/* the other */
#define MSGS	5
#define RUNG	4	/* beside the bell: it rings already */

byte mbox[CPUS * ENTRIES];
byte pending[MSGS];
byte runs[MSGS];
bit callers[MSGS];
bit acked[CPUS];	/* A, by each CPU */

#define at(cpu, e)	mbox[(cpu) * ENTRIES + (e)]

/* mbox_put() or mbox_put_cancelled(), then the bell if it does not ring already. */
inline post(cpu, msg)
{
	if
	:: d_step { !at(cpu, 0) -> at(cpu, 0) = msg; e = 1 }
	:: d_step { at(cpu, 0) && !at(cpu, 1) -> at(cpu, 1) = msg; e = 2 }
	:: d_step { at(cpu, 0) == VOID -> at(cpu, 0) = msg; e = RUNG + 1 }
	:: d_step { at(cpu, 1) == VOID -> at(cpu, 1) = msg; e = RUNG + 2 }
	fi;
#ifdef REUSE_AND_RING
	e = e & ~RUNG;
#endif
	if
	:: e & RUNG
	:: else ->
#ifdef SHARED
		ring_shared(cpu, ENTRIES, old);
#else
		ring_bell(cpu, e, old);
#endif
		if
		:: old == 0 -> kick(cpu)
		:: else
		fi
	fi;
	e = 0;
	old = 0
}

proctype sender(byte cpu)
{
	byte old, e;

	pending[B] = 1;
	post(cpu, B);
	pending[B] == 0;
	d_step {
		callers[B] = 1;
		assert(runs[B] == 1)
	}
}

/* ipi_mbox_has_not_acked(): the entries; then the count, of which acked[] is the CPU's part. */
#ifdef IGNORE_RUNNING
#define names_A(box)	((box) == A)
#else
#define names_A(box)	(((box) & ~VOID) == A)
#endif

inline look(cpu)
{
	late = names_A(at(cpu, 0));
	late = late || names_A(at(cpu, 1));
	assert(late || acked[cpu]);
	late = 0
}

inline take_back(cpu, e)
{
	if
#ifdef CANCEL_EMPTIES
	:: d_step { at(cpu, e) == A -> at(cpu, e) = 0; taken++ }
#else
#ifdef CANCEL_IN_TWO_STEPS
	:: at(cpu, e) == A -> at(cpu, e) = VOID; taken++
#else
	:: d_step { at(cpu, e) == A -> at(cpu, e) = VOID; taken++ }
#endif
#endif
	:: else
	fi
}

proctype canceller()
{
	byte old, e, n, taken;
	bit late;

	do
	:: n == ROUNDS -> break
	:: n < ROUNDS ->
		n++;
		d_step {
			callers[A] = 0;
			runs[A] = 0;
			acked[0] = 0;
			acked[1] = 0;
			pending[A] = 2
		};
		post(0, A);
		post(1, A);
		look(0);
		look(1);
		take_back(0, 0);
		take_back(0, 1);
		take_back(1, 0);
		take_back(1, 1);
		d_step {
			assert(pending[A] >= taken);
			pending[A] = pending[A] - taken
		};
#ifndef NO_WAIT
		pending[A] == 0;
#endif
		d_step {
			callers[A] = 1;
			assert(runs[A] + taken == 2);
			taken = 0
		}
	od
}

/* The bit is set, or the void is emptied; what has come meanwhile is run. */
inline begin_or_empty(e)
{
	do
	:: was == 0 || was & RUNNING ->
#ifdef TAKE_IN_TWO_STEPS
		was = at(me, e);
		at(me, e) = was | RUNNING;
#else
		d_step {
			was = at(me, e);
			at(me, e) = was | RUNNING
		};
#endif
		assert(was);		/* nothing behind the bell */
		if
		:: was & RUNNING ->
#ifdef EMPTY_IN_TWO_STEPS
			if
			:: at(me, e) == VOID -> at(me, e) = 0; break
#else
			if
			:: d_step { at(me, e) == VOID -> at(me, e) = 0 }; break
#endif
			:: else
			fi
		:: else
		fi
	:: else -> break
	od
}

#ifdef SHARED
#define is_due(e)	(bells && at(me, e))
#define answer()	bells--
#else
#define is_due(e)	(bells & (1 << e))
#define answer()	skip
#endif

inline run_entry(e)
{
	if
	:: is_due(e) ->
		answer();
#ifdef TOUCH_FIRST
		was = at(me, e);
		assert(!callers[was & ~RUNNING]);
		was = 0;
#endif
		begin_or_empty(e);
		if
		:: was & RUNNING
		:: else ->
			d_step {
				assert(!callers[was]);
				runs[was]++
			};
#ifdef EMPTY_FIRST
			at(me, e) = 0;
#endif
			d_step {
				assert(!callers[was]);
				assert(pending[was]);
				pending[was]--;
				acked[me] = acked[me] || was == A
			};
#ifndef EMPTY_FIRST
			at(me, e) = 0
#endif
		fi;
		was = 0
	:: else
	fi
}

proctype cpu(byte me)
{
	byte bells, was;

end:	do
	:: queued[me] ->
		take_kick(me);
		drain(me, bells);
		run_entry(0);
		run_entry(1);
#ifdef SHARED
		assert(!bells);
#endif
		bells = 0
	od
}

init {
	atomic {
		run canceller();
		run sender(0);
		run cpu(0);
		run cpu(1)
	}
}
