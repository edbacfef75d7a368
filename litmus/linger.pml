/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The LINGER bit: a pass that stays for a while so that senders need not kick,
 * and loses nothing when it leaves.
 *
 * The pass swaps LINGER in instead of zero, looks at the word a few times and
 * serves what came. Then it takes the bit out by a cmpxchg; if that fails,
 * somebody rang and did not kick, so it swaps once more, zero in this time,
 * and serves. Senders are as ever: whoever finds the word zero kicks.
 *
 * AGAIN, on failure to stay for another look, holds too, but is bounded by
 * nothing except the senders.
 *
 *	> pass_swap_and_run(me, ns ? IPI_LINGER : 0)
 *	> atomic_long_cmpxchg(&me->pending, IPI_LINGER, 0) != IPI_LINGER
 *
 * holds:
 * moves:
 * holds: -DAGAIN
 * breaks: -DLEAVE_BY_STORE	assertion violated
 * breaks: -DLEAVE_BY_ANDNOT	assertion violated
 * breaks: -DNO_LAST_SWAP	assertion violated
 * breaks: -DLAST_SWAP_LINGERS	assertion violated
 * breaks: -DSERVE_THEN_LEAVE	assertion violated
 */
#define CPUS 1
#include "core.h"

#define SENDERS	3
#define TRIGGERS 2
#define LOOKS	2
#define LINGER	8

byte stored[SENDERS];
byte seen[SENDERS];

proctype sender(byte me)
{
	byte old, n;

	do
	:: n == TRIGGERS -> break
	:: n < TRIGGERS ->
		n++;
		stored[me] = n;
		ring_slot(0, 1 << me, old);
		if
		:: old == 0 -> kick(0)
		:: else
		fi;
		old = 0
	od
}

#define serve(s)							\
	if								\
	:: taken & (1 << s) -> seen[s] = stored[s]			\
	:: else								\
	fi

inline serve_all()
{
	serve(0);
	serve(1);
	serve(2);
	taken = 0
}

inline swap(new)
{
	d_step { taken = word[0]; word[0] = new }
}

inline leave()
{
#ifdef LEAVE_BY_STORE
	if
	:: word[0] == LINGER -> word[0] = 0; left = 1
	:: else
	fi
#else
#ifdef LEAVE_BY_ANDNOT
	word[0] = word[0] & ~LINGER;
	left = 1
#else
	d_step {
		left = (word[0] == LINGER);
		word[0] = (left -> 0 : word[0])
	}
#endif
#endif
}

proctype cpu()
{
	byte taken, looks;
	bit left;

end:	do
	:: queued[0] ->
		take_kick(0);
		swap(LINGER);
		serve_all();
		looks = LOOKS;
look:		do
		:: looks == 0 -> break
		:: looks && word[0] == LINGER -> looks--
		:: looks && word[0] != LINGER ->
			looks--;
			swap(LINGER);
			serve_all()
		od;
#ifdef SERVE_THEN_LEAVE
		swap(LINGER);
		serve_all();
		word[0] = 0;
#else
		leave();
		if
		:: left
		:: else ->
#ifdef AGAIN
			looks = 1;
			goto look
#else
#ifndef NO_LAST_SWAP
#ifdef LAST_SWAP_LINGERS
			swap(LINGER);
#else
			swap(0);
#endif
			serve_all()
#endif
#endif
		fi;
#endif
		left = 0
	od
}

proctype check()
{
	timeout;
	assert(word[0] == 0);
	assert(seen[0] == TRIGGERS && seen[1] == TRIGGERS && seen[2] == TRIGGERS)
}

init {
	atomic {
		run sender(0);
		run sender(1);
		run sender(2);
		run cpu();
		run check()
	}
}
