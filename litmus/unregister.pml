/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ipi_unregister() promises.
 *
 * Two senders trigger a slot, a handler now and then triggers its own slot
 * again, which is deferred to a later pass; meanwhile the slot is unregistered
 * and handed to a new owner, with the same bit. When the call returns, nothing
 * runs and never will; what succeeded before has been run; no stale bit runs
 * the new owner's handler.
 *
 * NOOP_DRAIN, in the seed's manner, sends a message and waits for its ack
 * instead of looking at the bit: a pass acks before it goes on to the slots.
 * A grace period after the ack (NOOP_GP) would do, were a message always run by
 * the pass that has its own bell. But one that takes the place of a message
 * that was taken back does not ring (OLD_BELL): it may be run by a pass without
 * the bit, while the pass with the bit is yet to come.
 *
 * holds:
 * moves:
 * breaks: -DNO_FIRST_GP		assertion violated
 * breaks: -DNO_SECOND_GP		assertion violated
 * breaks: -DNOOP_DRAIN			assertion violated
 * holds: -DNOOP_DRAIN -DNOOP_GP
 * breaks: -DNOOP_DRAIN -DNOOP_GP -DOLD_BELL	assertion violated
 * breaks: -DCLEAR_FIRST		assertion violated
 * breaks: -DIGNORE_DEFERRED		assertion violated
 * breaks: -DDROP_PENDING		assertion violated
 */
#define CPUS 1
#include "core.h"

#define SENDERS	2
#define TRIGGERS 2
#include "rcu.h"
#define CPU	2	/* reader of this number; 0 and 1 are the senders */

#define SLOT	2
#define BELL	1

byte slot = 1;		/* the owner: 1, 2, or 0 when it is free */
byte live = 1;		/* the owner whose triggers succeed, or 0 */
bit deferred;
bit running;
bit noop;		/* in the mailbox */
bit old_place;		/* of a message that was taken back */
/* Bit o: triggers of owner o that succeeded and that no pass has taken; */
byte in_word;
byte in_deferred;
byte serving;		/* those that the pass runs now */

proctype sender(byte me)
{
	byte n, old, owner;

	do
	:: n == TRIGGERS -> break
	:: n < TRIGGERS ->
		n++;
		read_lock(me);
		owner = live;	/* slot_is_live() */
		if
		:: owner ->
			/* ipi_trigger() looks first. */
			if
			:: d_step { word[0] & SLOT -> in_word = in_word | (1 << owner) }
			:: else ->
				d_step {
					old = word[0];
					word[0] = word[0] | SLOT;
					in_word = in_word | (1 << owner)
				};
				if
				:: old == 0 -> kick(0)
				:: else
				fi;
				old = 0
			fi
		:: else		/* -ENOENT */
		fi;
		read_unlock(me)
	od;
	owner = 0
}

/* The bit is off the word, or off ->deferred. */
inline run_slot()
{
	assert(slot);
	owner = slot;
	assert(serving & (1 << owner));	/* else a stale run */
	running = 1;
	if
	:: skip
	:: live && budget ->		/* a trigger of its own slot */
		budget--;
		deferred = 1;
		in_deferred = in_deferred | (1 << owner)
	fi;
	assert(slot == owner);		/* its text may be gone */
	d_step {
		running = 0;
		serving = 0;
		owner = 0
	}
}

proctype cpu()
{
	byte taken, owner, budget = 1;

end:	do
	:: queued[0] ->
		take_kick(0);
		read_lock(CPU);
		d_step {
			taken = word[0];
			word[0] = 0;
			if
			:: taken & SLOT -> serving = in_word; in_word = 0
			:: else
			fi
		};
		if
		:: d_step {
			taken & BELL ->		/* run_bells(): acked, or emptied */
			noop = 0;
			old_place = 0
		}
		:: else
		fi;
		if
		:: taken & SLOT -> run_slot()
		:: else
		fi;
		taken = 0;
		read_unlock(CPU)
	:: deferred ->				/* the timer has fired */
		read_lock(CPU);
		d_step {
			deferred = 0;
			serving = in_deferred;
			in_deferred = 0
		};
		run_slot();
		read_unlock(CPU)
	od
}

proctype unregister()
{
	byte old;

#ifdef CLEAR_FIRST
	slot = 0;
#endif
	live = 0;
#ifndef NO_FIRST_GP
	synchronize_rcu();
#endif
#ifdef NOOP_DRAIN
	if
	:: d_step { old_place -> old_place = 0; noop = 1 }	/* mbox_put_cancelled() */
	:: else ->
		noop = 1;
		ring_bell(0, BELL, old);
		if
		:: old == 0 -> kick(0)
		:: else
		fi;
		old = 0
	fi;
	!noop && !deferred;
#ifdef NOOP_GP
	synchronize_rcu();
#endif
#else
#ifdef DROP_PENDING
	word[0] = word[0] & ~SLOT;
#endif
#ifdef IGNORE_DEFERRED
	!(word[0] & SLOT);
#else
	!((word[0] & SLOT) || deferred);
#endif
#ifndef NO_SECOND_GP
	synchronize_rcu();
#endif
#endif
	d_step {
		assert(!running);
		assert(!((in_word | in_deferred | serving) & 2));
		slot = 0
	};
	slot = 2;
	live = 2
}

init {
	atomic {
#ifdef OLD_BELL
		old_place = 1;
		word[0] = BELL;
		locked[0] = 1;
		queued[0] = 1;
#endif
		run sender(0);
		run sender(1);
		run cpu();
		run unregister()
	}
}
