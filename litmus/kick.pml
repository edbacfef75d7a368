/* SPDX-License-Identifier: GPL-2.0 */
/*
 * No trigger is lost, and the csd is always free for the one who wins.
 *
 * Three senders, two slots of one CPU, two triggers each, so that they race
 * for the transition and coalesce. Each stores before it triggers, and in the
 * end the handler must have seen the last store of everybody.
 *
 * With TEST_FIRST the bit is looked at and not rung if it is set. ipi_trigger()
 * does so, with a full barrier before the look, a trigger of a set does not.
 * Here, where all is in order, the seed's way without the barrier would hold as
 * well; what is wrong with it only trigger-look-broken-no-mb.litmus can tell.
 *
 * holds:
 * moves:
 * holds: -DTEST_FIRST
 * moves: -DTEST_FIRST
 * breaks: -DRING_IN_TWO_STEPS	assertion violated
 * breaks: -DDRAIN_IN_TWO_STEPS	assertion violated
 * breaks: -DKICK_FOR_EACH_BIT	assertion violated
 * breaks: -DUNLOCK_LATE	assertion violated
 * breaks: -DSECOND_DRAINER	assertion violated
 */
#define CPUS 1
#define SMALL_STEPS
#include "core.h"

#define SENDERS	3
#define TRIGGERS 2
#define slot_of(s)	(1 << ((s) & 1))

byte stored[SENDERS];
byte seen[SENDERS];

/* The run of every slot in bits. */
inline run_slots(bits)
{
	s = 0;
	do
	:: s == SENDERS -> break
	:: s < SENDERS && (bits & slot_of(s)) -> seen[s] = stored[s]; s++
	:: else -> s++
	od
}

proctype sender(byte me)
{
	byte old, n;

	do
	:: n == TRIGGERS -> break
	:: n < TRIGGERS ->
		n++;
		stored[me] = n;
#ifdef RING_IN_TWO_STEPS
		old = word[0];
		word[0] = old | slot_of(me);
#else
#ifdef TEST_FIRST
		old = word[0];
		if
		:: old & slot_of(me) -> goto next
		:: else
		fi;
#endif
		ring_slot(0, slot_of(me), old);
#endif
		if
#ifdef KICK_FOR_EACH_BIT
		:: !(old & slot_of(me)) -> kick(0)
#else
		:: old == 0 -> kick(0)
#endif
		:: else
		fi;
#ifdef TEST_FIRST
next:		skip
#endif
	od
}

proctype cpu()
{
	byte taken, s;

end:	do
	:: queued[0] ->
		take_kick(0);
#ifdef DRAIN_IN_TWO_STEPS
		taken = word[0];
		word[0] = 0;
#else
		drain(0, taken);
#endif
		run_slots(taken);
#ifdef UNLOCK_LATE
		locked[0] = 0
#endif
	od
}

#ifdef SECOND_DRAINER
/* Someone who waits and meanwhile serves the word himself. */
proctype helper()
{
	byte taken, s;

end:	do
	:: word[0] ->
		drain(0, taken);
		run_slots(taken)
	od
}
#endif

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
#ifdef SECOND_DRAINER
		run helper();
#endif
		run check()
	}
}
