/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a word stands for is run: one function, one bell, all of it. For pass.c.
 *
 * Runs on the CPU that it is about, with interrupts off.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#ifndef IPI_XCALL_RUN_H
#define IPI_XCALL_RUN_H

#include <linux/jiffies.h>
#include <linux/lockdep.h>

#include "mbox.h"
#include "slot.h"
#include "trace.h"

/* Looks at a shared bell of which one begins behind the entry that was last. */
#define RUN_TURNS	8

/* ----- one function ----- */

static noinline void run_func_traced(ipi_func_t func, void *arg, bool is_msg)
{
	trace_ipi_run_entry(func);
	func(arg);
	trace_ipi_run_exit(func);
	if (is_msg)
		trace_ipi_ack(func);
}

/* A @quick pass is not traced, or it would be a slow one. */
static __always_inline void run_func(struct ipi_cpu *me, ipi_func_t func,
				     void *arg, bool is_msg, bool quick)
{
	WRITE_ONCE(me->func, func);
	WRITE_ONCE(me->since, jiffies);
	if (!quick && static_branch_unlikely(&ipi_traced))
		run_func_traced(func, arg, is_msg);
	else
		func(arg);
	lockdep_assert_irqs_disabled();
}

static __always_inline void run_slot(struct ipi_cpu *me, unsigned int id,
				     bool quick)
{
	const struct ipi_slot *slot = &ipi_slots[id];

	run_func(me, slot->func, slot->arg, false, quick);
	WRITE_ONCE(me->runs[id], me->runs[id] + 1);
}

static __always_inline void run_slots(struct ipi_cpu *me, unsigned long word)
{
	unsigned long bits;

	for (bits = word & IPI_SLOTS; bits; bits &= bits - 1)
		run_slot(me, __ffs(bits), false);
}

/*
 * The last touch. D: the release pairs with the acquire in wait.c.
 * atomic_dec_and_test(), not atomic_fetch_sub_release(): one instruction on x86.
 */
static __always_inline void run_ack(struct ipi_msg *msg)
{
	(void)atomic_dec_and_test(&msg->pending);
}

/*
 * Counts the message in @executed; returns false if it had been cancelled.
 * Hide box from gcc: it would keep three registers live across the call.
 */
static __always_inline bool run_entry(struct ipi_cpu *me, unsigned long *box,
				      unsigned long *executed, bool quick)
{
	struct ipi_msg *msg;

	OPTIMIZER_HIDE_VAR(box);
	if (!mbox_take(box))
		return false;
	msg = ipi_fault_msg(mbox_msg(box));
	if (ipi_fault_now(FREE_EARLY))
		mbox_empty(box);
	run_func(me, msg->func, msg->arg, true, quick);
	(*executed)++;
	run_ack(ipi_fault_acked(msg, mbox_msg(box)));
	mbox_empty(box);
	return true;
}

/* The entry that has the lowest bell for itself. */
static __always_inline unsigned long *run_own(struct ipi_cpu *me,
					      unsigned long bells)
{
	return &me->own[__ffs(bells) - IPI_BELLS_SHIFT];
}

static __always_inline void run_bells(struct ipi_cpu *me, unsigned long word)
{
	unsigned long bits;

	for (bits = word & IPI_BELLS; bits; bits &= bits - 1)
		run_entry(me, run_own(me, bits), &me->counts.executed_multi, false);
}

/*
 * A bell that is shared: as many of its entries as were rung for, one at least,
 * whichever they are. Returns false if the last was cancelled.
 *
 * A look begins where the last one ended, so that all have their turn, and one
 * who sends alone is found at once. Now and then it begins behind that: who sends
 * again and again may be taken each time before he has rung, and the others
 * never. So a message is taken by the (RUN_TURNS * n)th look at the latest, with n
 * entries.
 */
static __always_inline bool run_bell(struct ipi_cpu *me, unsigned int bell,
				     unsigned long rings, unsigned long *executed)
{
	unsigned long *mbox = cpu_mbox(me);
	unsigned long *first = mbox + bell * ipi_bells.places;
	unsigned long *end = first + ipi_bells.places;
	struct ipi_turn *turn = &me->turns[bell];
	unsigned long *box = mbox + turn->entry + !(turn->looks % RUN_TURNS);
	unsigned int n;

	for (n = ipi_bells.places; n; n--, box++) {
		if (unlikely(box >= end))
			box = first;
		if (!READ_ONCE(*box))
			continue;
		if (!--rings) {
			turn->entry = box - mbox;
			return run_entry(me, box, executed, false);
		}
		run_entry(me, box, executed, false);
	}
	/* Filled ones are as many as rings. */
	WARN_ON_ONCE(1);
	return false;
}

static __always_inline void run_shared_bells(struct ipi_cpu *me, unsigned long word)
{
	unsigned long bells = word >> IPI_BELLS_SHIFT;
	unsigned long count = BIT(ipi_bells.width) - 1;
	unsigned int bell;

	for (bell = 0; bells; bells >>= ipi_bells.width, bell++) {
		if (!(bells & count))
			continue;
		me->turns[bell].looks++;
		run_bell(me, bell, bells & count, &me->counts.executed_multi);
	}
}

/* ----- the word ----- */

static noinline void run_word(struct ipi_cpu *me, unsigned long word)
{
	run_bells(me, word);
	run_slots(me, word);
}

/*
 * The usual word is a single bit, and that a bell. True if a message was all
 * there was, which then was counted in @single.
 */
static __always_inline bool run_bits(struct ipi_cpu *me, unsigned long word,
				     unsigned long *single, bool quick)
{
	unsigned long bit = __ffs(word);

	if (likely(!(word & (word - 1)) && bit > IPI_MAX))
		return run_entry(me, run_own(me, word), single, quick);
	if (word & (word - 1))
		run_word(me, word);
	else
		run_slot(me, bit, quick);
	return false;
}

static noinline void run_shared_word(struct ipi_cpu *me, unsigned long word)
{
	run_shared_bells(me, word);
	run_slots(me, word);
}

static noinline bool run_one_ring(struct ipi_cpu *me, unsigned int bell,
				  unsigned long *executed)
{
	return run_bell(me, bell, 1, executed);
}

/*
 * The same where bells are shared: the usual word is one ring, and its message is in
 * the entry that was the last one.
 */
static __always_inline bool run_shared(struct ipi_cpu *me, unsigned long word,
				       unsigned long *single, bool quick)
{
	unsigned int bell = ipi_bells.bell[__ffs(word)];
	struct ipi_turn *turn = &me->turns[bell];
	unsigned long *box = cpu_mbox(me) + turn->entry;

	if (unlikely(word != ipi_bells.of[turn->entry])) {
		run_shared_word(me, word);
		return false;
	}
	if (likely(++turn->looks % RUN_TURNS && READ_ONCE(*box)))
		return run_entry(me, box, single, quick);
	return run_one_ring(me, bell, single);
}

#endif /* IPI_XCALL_RUN_H */
