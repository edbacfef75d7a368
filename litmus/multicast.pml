/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Senders that owe kicks, while mailboxes are full, do not wait for each other.
 *
 * Three senders post to two CPUs with two entries each: post_mask(). Bells
 * are rung CPU by CPU, the kicks go out when all are rung; until then the
 * sender owes. A CPU with a full mailbox goes to the left-over list, which is
 * served when nothing is owed. Then the sender waits for both runs.
 *
 *	> kicked = target_each_then_kick(me, remote, send_try_post, &set)
 *	> smp_call_function_many(owed, ipi_kicked_with_many, NULL, false)
 *	> __cpumask_set_cpu(cpu, set->left)
 *	> send_post_each(msg, me->left)
 *
 * WAIT_OWING waits within send_try_post() instead. While all senders visit the
 * CPUs in one order that holds, since the waits cannot form a cycle; it breaks
 * with WRAP, where each begins at its own number.
 *
 * CORE puts in what the core does of its own: a sender has one csd for each
 * CPU, which may be busy yet with a mask call that the rest of the kernel made
 * from this CPU and did not wait for; the sender waits for that csd after it
 * has won transitions, so it does wait while it owes. And a csd that finds
 * the CPU's queue not empty sends no interrupt, so it is the interrupt of
 * somebody else, perhaps owed as well, that it relies on. This holds as the
 * core, too, goes through the CPUs in ascending order.
 *
 * holds:
 * moves:
 * holds: -DWRAP
 * holds: -DWAIT_OWING
 * holds: -DCORE
 * holds: -DENTRIES=1
 * breaks: -DWAIT_OWING -DWRAP			invalid end state
 * breaks: -DWAIT_OWING -DWRAP -DENTRIES=1	invalid end state
 * breaks: -DLEAVE_OUT				invalid end state
 * breaks: -DCOUNT_LATE				assertion violated
 */
#define CPUS 2
#ifndef CORE
#include "core.h"
#else
/* core.h's state, with the core's csds: one for each sender and CPU. */
byte word[CPUS];
byte queue[CPUS];	/* csds: bit s is sender s's */
byte handlers[CPUS];	/* those of them that call pass_handler() */
bit interrupt[CPUS];

inline ring_bell(cpu, bell, old)
{
	d_step {
		assert(!(word[cpu] & (bell)));
		old = word[cpu];
		word[cpu] = word[cpu] + (bell)
	}
}

inline drain(cpu, to)
{
	d_step {
		to = word[cpu];
		word[cpu] = 0;
	}
}

/* csd_lock(), llist_add(); the interrupt is sent or else owed. */
inline enqueue(cpu, handler)
{
	!(queue[cpu] & (1 << me));
	d_step {
		if
		:: queue[cpu] == 0 -> owed[cpu] = 1
		:: else
		fi;
		queue[cpu] = queue[cpu] | (1 << me);
		if
		:: handler -> handlers[cpu] = handlers[cpu] | (1 << me)
		:: else
		fi
	}
}

inline send_ipis()
{
	if
	:: won[0] -> enqueue(0, 1); won[0] = 0
	:: else
	fi;
	if
	:: won[1] -> enqueue(1, 1); won[1] = 0
	:: else
	fi;
	if
	:: owed[0] -> interrupt[0] = 1; owed[0] = 0
	:: else
	fi;
	if
	:: owed[1] -> interrupt[1] = 1; owed[1] = 0
	:: else
	fi
}
#endif

#ifdef CORE
#define SENDERS	2
#else
#define SENDERS	3
#endif
#ifndef ENTRIES
#define ENTRIES	2
#endif

#define full(cpu)	(mbox[(cpu) * ENTRIES] && mbox[(cpu) * ENTRIES + ENTRIES - 1])

byte mbox[CPUS * ENTRIES];
byte pending[SENDERS];
byte runs[SENDERS];	/* bit c: ran on CPU c */
bit callers[SENDERS];

#define hint	(me % ENTRIES)
#define other	(ENTRIES - 1 - hint)

/* Into the entry that the sender hashes to, or the other; or else ENTRIES. */
inline insert(cpu)
{
	d_step {
		if
		:: !mbox[cpu * ENTRIES + hint] -> entry = hint
		:: else ->
			if
			:: !mbox[cpu * ENTRIES + other] -> entry = other
			:: else -> entry = ENTRIES
			fi
		fi;
		if
		:: entry < ENTRIES -> mbox[cpu * ENTRIES + entry] = me + 1
		:: else
		fi
	}
}

inline insert_spinning(cpu)
{
	do
	:: entry == ENTRIES -> !full(cpu); insert(cpu)
	:: else -> break
	od
}

/* send_try_post(): try once, ring, and owe if the word was zero. */
inline post(cpu)
{
	insert(cpu);
#ifdef WAIT_OWING
	insert_spinning(cpu);
#endif
	if
	:: entry == ENTRIES -> left[cpu] = 1; entry = 0
	:: else ->
		ring_bell(cpu, 1 << entry, old);
		entry = 0;
		if
#ifdef CORE
		:: old == 0 -> won[cpu] = 1
#else
		:: old == 0 -> owed[cpu] = 1
#endif
		:: else
		fi;
		old = 0
	fi
}

#ifndef CORE
inline send_ipis()
{
	if
	:: owed[0] -> kick(0); owed[0] = 0
	:: else
	fi;
	if
	:: owed[1] -> kick(1); owed[1] = 0
	:: else
	fi
}
#endif

/* post_one(): owes nothing while it spins. */
inline post_left(cpu)
{
	if
	:: left[cpu] ->
		insert(cpu);
		insert_spinning(cpu);
		ring_bell(cpu, 1 << entry, old);
		entry = 0;
		if
#ifdef CORE
		:: old == 0 -> enqueue(cpu, 1); send_ipis()
#else
		:: old == 0 -> kick(cpu)
#endif
		:: else
		fi;
		old = 0;
		left[cpu] = 0
	:: else
	fi
}

#ifdef WRAP
#define first	(me % CPUS)
#else
#define first	0
#endif
#define second	(1 - first)

proctype sender(byte me)
{
	byte old, entry;
	bit left[CPUS], owed[CPUS];
#ifdef CORE
	bit won[CPUS];
#endif

#ifdef CORE
	/* The kernel's own mask call from this CPU, which does not wait. */
	enqueue(0, 0);
	enqueue(1, 0);
	send_ipis();
#endif
#ifndef COUNT_LATE
	pending[me] = CPUS;
#endif
	post(first);
	post(second);
	send_ipis();
#ifdef COUNT_LATE
	pending[me] = CPUS;
#endif
#ifdef LEAVE_OUT
	left[1] = 0;
#endif
	post_left(0);
	post_left(1);
	d_step {
		pending[me] == 0 ->
		callers[me] = 1;
		assert(runs[me] == 3)
	}
}

proctype cpu(byte me)
{
	byte taken, entry, msg;
#ifdef CORE
	byte batch;
#endif

end:	do
#ifdef CORE
	:: interrupt[me] ->
		interrupt[me] = 0;
		/* llist_del_all(), which frees the csds one by one. */
		d_step {
			batch = handlers[me];
			handlers[me] = 0;
			queue[me] = 0
		};
		/* At most one kick is on its way. */
		assert((batch & (batch - 1)) == 0);
		if
		:: batch == 0 -> goto end
		:: else
		fi;
		batch = 0;
#else
	:: queued[me] ->
		take_kick(me);
#endif
		drain(me, taken);
		entry = 0;
		do
		:: entry == ENTRIES -> break
		:: entry < ENTRIES && !(taken & (1 << entry)) -> entry++
		:: entry < ENTRIES && (taken & (1 << entry)) ->
			msg = mbox[me * ENTRIES + entry];
			d_step {
				assert(msg && !callers[msg - 1]);
				assert(!(runs[msg - 1] & (1 << me)));
				runs[msg - 1] = runs[msg - 1] | (1 << me);
				assert(pending[msg - 1]);
				pending[msg - 1]--;
				msg = 0
			};
			mbox[me * ENTRIES + entry] = 0;
			entry++
		od;
		entry = 0; taken = 0
	od
}

init {
	atomic {
		run sender(0);
		run sender(1);
#if SENDERS > 2
		run sender(2);
#endif
		run cpu(0);
		run cpu(1)
	}
}
