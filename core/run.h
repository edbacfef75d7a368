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
 * Each time another entry is looked at first, so a message is taken by the nth answer
 * of its bell at the latest, with n entries. Always from the same end, those who send
 * all the time would be taken before they have rung, and the last one never.
 */
static __always_inline bool run_filled(struct ipi_cpu *me, unsigned int bell,
				       unsigned long rings,
				       unsigned long *executed, bool quick)
{
	unsigned long *first = cpu_mbox(me) + bell * ipi_bells.places;
	unsigned long *end = first + ipi_bells.places;
	unsigned long *from = first + me->turn[bell];
	unsigned long *box = from;
	bool ran;

	me->turn[bell] = from + 1 < end ? from + 1 - first : 0;
again:
	for (; box < end; box++) {
		if (!READ_ONCE(*box))
			continue;
		ran = run_entry(me, box, executed, quick);
		if (!--rings)
			return ran;
	}
	if (end != from) {
		box = first;
		end = from;
		goto again;
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
		if (bells & count)
			run_filled(me, bell, bells & count,
				   &me->counts.executed_multi, false);
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

/* The same where bells are shared: the usual word is one ring. */
static __always_inline bool run_shared(struct ipi_cpu *me, unsigned long word,
				       unsigned long *single, bool quick)
{
	unsigned int bell = ipi_bells.bell[__ffs(word)];

	if (unlikely(word != ipi_bells.of[bell * ipi_bells.places])) {
		run_shared_word(me, word);
		return false;
	}
	return run_filled(me, bell, 1, single, quick);
}

#endif /* IPI_XCALL_RUN_H */
