/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of ipi_xcall_torture share; its head says what it is.
 *
 *	ipi_xcall_torture.c	parameters, threads, hotplug, watchdog, verdict
 *	tt_lib.c		failures and chance
 *	tt_calls.c		cross-calls, and what is checked of them
 *	tt_slots.c		slots and triggers, and what is checked of them
 *	tt_worst.c		all CPUs in the worst position at once
 */
#ifndef TT_H
#define TT_H

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "../../ipi_xcall.h"

/* Messages that a thread has in flight at most: more than a mailbox holds. */
#define TT_BATCH	(IPI_MBOX_SIZE + 17)
/* Things of the past whose poison is looked at again before they are freed. */
#define TT_GRAVES	16
#define TT_LIVE		0x600d51abul
#define TT_DEAD		0xdead51abul

/**
 * enum tt_error - the ways to fail
 * @TT_TWICE: a message ran more than once on a CPU
 * @TT_MISSED: a message did not run on a CPU that it was sent to
 * @TT_STRAY: a function ran on a CPU that was not asked
 * @TT_COUNT: a call returned another number than that of the runs
 * @TT_UNSEEN: what was stored before was not seen after
 * @TT_TOUCHED: memory was touched after it had been given back
 * @TT_LATE: a function ran after its end (wait or unregister), or too early
 * @TT_LOST: a trigger that succeeded was followed by no run
 * @TT_HUNG: an operation took longer than the bound
 * @TT_CONTEXT: a function ran with interrupts on
 * @TT_LAW: what was sent does not add up to what ran and was cancelled
 * @TT_ERRNO: a call failed that had no reason to, or did not that had one
 * @TT_ERRORS: how many there are
 */
enum tt_error {
	TT_TWICE, TT_MISSED, TT_STRAY, TT_COUNT, TT_UNSEEN, TT_TOUCHED, TT_LATE,
	TT_LOST, TT_HUNG, TT_CONTEXT, TT_LAW, TT_ERRNO,
	TT_ERRORS
};

/**
 * struct tt_call - a cross-call and all that is known of it
 * @seal: TT_LIVE while the message is in flight
 * @question: set before the send; each run answers it
 * @trigger: slot that each run triggers on its own CPU, or 0
 * @may: CPUs that the message may run on
 * @must: those of them that were online when it was sent
 * @sent: runs that the send has promised
 * @run: by CPU: how often it ran, and the answer
 */
struct tt_call {
	unsigned long seal;
	unsigned long question;
	unsigned int trigger;
	cpumask_var_t may;
	cpumask_var_t must;
	int sent;
	struct tt_run {
		unsigned int n;
		unsigned long answer;
	} run[];
};

/* A message between two canaries. */
struct tt_box {
	unsigned long lo;
	struct ipi_msg msg;
	unsigned long hi;
};

/* Cells of a thread's own slot, for stores that take long. */
#define TT_CELLS	16

/**
 * struct tt_cell - the payload between an author and a CPU
 * @stored: counts up before each trigger; the author's
 * @sent: @stored at the last trigger that succeeded; the author's
 * @seen: @stored as the handler saw it last; the CPU's
 * @pad: fills the cache line, so that a store is as slow as its line
 */
struct tt_cell {
	unsigned long stored;
	unsigned long sent;
	unsigned long seen;
	unsigned long pad[5];
};

/**
 * struct tt_slot - a slot and all that is known of it
 * @magic: TT_LIVE until it has been unregistered
 * @id: what ipi_register() returned
 * @authors: threads that trigger it, or cells of the one that does
 * @runs: by CPU: runs of the handler
 * @chain: by CPU: how often the handler shall trigger itself
 * @cells: by CPU and author
 * @refused: such a trigger failed
 * @held: a message that holds up its CPU has begun
 * @last_runs: all runs when it had been unregistered
 */
struct tt_slot {
	unsigned long magic;
	unsigned int id;
	unsigned int authors;
	bool refused;
	bool held;
	unsigned int last_runs;
	unsigned int *runs;
	unsigned int *chain;
	struct tt_cell *cells;
};

/* Who triggers in a thread's place, from a context that is not a task. */
struct tt_event {
	struct hrtimer hrtimer;
	struct irq_work irq_work;
	struct timer_list timer;
	struct tasklet_struct tasklet;
	struct completion done;
};

/**
 * struct tt_thread - a thread, and what only it uses
 * @task: the thread
 * @nr: its number, and its place as an author of the shared slot
 * @finished: it will do no more operations
 * @rnd: where it draws from
 * @mask: targets, for the operation under way
 * @late: for ipi_wait_timeout()
 * @own: slot that nobody else triggers
 * @latency: looks that it took until a handler was seen to have run
 * @calls: for the messages in flight
 * @boxes: where those of a batch are
 * @graves: messages of the past
 * @slot_graves: slots of the past
 * @event: triggers in the thread's place
 * @try_timer: sends in the thread's place
 * @try_done: it has
 * @lock: for @waits_for
 * @waits_for: message of a wait without limit, for the watchdog to cancel
 * @began: jiffies when the operation under way began, or 0
 * @op: its number
 * @reported: the watchdog has spoken of it
 * @ops: operations done, by kind
 * @sent: runs promised by sends
 * @prevented: runs prevented by ipi_cancel()
 * @timeouts: waits that gave up
 * @triggers: triggers that succeeded
 * @max_us: the longest operation
 */
struct tt_thread {
	struct task_struct *task;
	unsigned int nr;
	bool finished;
	struct rnd_state rnd;
	cpumask_var_t mask;
	cpumask_var_t late;
	struct tt_slot *own;
	unsigned int latency;
	struct tt_call *calls[TT_BATCH];
	struct tt_box *boxes;
	struct tt_box *graves[TT_GRAVES];
	struct tt_slot *slot_graves[TT_GRAVES];
	struct tt_event event;
	struct hrtimer try_timer;
	struct completion try_done;
	spinlock_t lock; /* for waits_for */
	struct ipi_msg *waits_for;
	unsigned long began;
	unsigned int op;
	bool reported;
	unsigned long *ops;
	unsigned long sent;
	unsigned long prevented;
	unsigned long timeouts;
	unsigned long triggers;
	unsigned long max_us;
};

extern unsigned int tt_bound_ms;
extern unsigned int tt_longwait;
extern unsigned int tt_nthreads;
extern struct tt_slot *tt_shared;

extern unsigned long tt_start;
extern unsigned int tt_first_failure_ms;

__printf(2, 3) void tt_fail(enum tt_error what, const char *fmt, ...);
unsigned int tt_failures(void);
void tt_failures_report(void);
/* A handler is slow now and then. */
void tt_dawdle(void);
void tt_dawdle_seed(unsigned long seed);
unsigned int tt_nth_cpu(const struct cpumask *mask, unsigned int n);
/* Below @n; @n is not 0. */
u32 tt_random(struct tt_thread *t, u32 n);
/* Any CPU, or any but the calling one if there is another. */
unsigned int tt_random_cpu(struct tt_thread *t);
unsigned int tt_random_other(struct tt_thread *t);
void tt_random_mask(struct tt_thread *t);
unsigned long tt_deadline(void);

/* Cross-calls. */
int tt_calls_init(struct tt_thread *t);
void tt_calls_exit(struct tt_thread *t);
void tt_calls_rescue(struct tt_thread *t);
unsigned long tt_calls_executed(void);
void tt_op_unicast(struct tt_thread *t);
void tt_op_multicast(struct tt_thread *t);
void tt_op_broadcast(struct tt_thread *t);
void tt_op_batch(struct tt_thread *t);
void tt_op_timeout(struct tt_thread *t);
void tt_op_cancel(struct tt_thread *t);
void tt_op_try(struct tt_thread *t);
void tt_op_try_hardirq(struct tt_thread *t);

/* Slots. */
struct tt_slot *tt_slot_new(unsigned int authors);
void tt_slot_free(struct tt_slot *slot);
bool tt_slot_register(struct tt_slot *slot);
void tt_slot_settle(struct tt_slot *slot);
int tt_slots_init(struct tt_thread *t);
void tt_slots_exit(struct tt_thread *t);
unsigned long tt_slots_runs(void);
int tt_common_init(void);
void tt_common_exit(void);
void tt_op_trigger(struct tt_thread *t);
void tt_op_trigger_multi(struct tt_thread *t);
void tt_op_trigger_broadcast(struct tt_thread *t);
void tt_op_burst(struct tt_thread *t);
void tt_op_pile(struct tt_thread *t);
void tt_op_self(struct tt_thread *t);
void tt_op_irqs_off(struct tt_thread *t);
void tt_op_hardirq(struct tt_thread *t);
void tt_op_irq_work(struct tt_thread *t);
void tt_op_timer(struct tt_thread *t);
void tt_op_softirq(struct tt_thread *t);
void tt_op_register(struct tt_thread *t);

void tt_worst_position(void);

#endif /* TT_H */
