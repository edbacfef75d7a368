/* SPDX-License-Identifier: GPL-2.0 */
/* A thread of the torture test, what only it uses, and chance. */
#ifndef XCALL_TORTURE_THREAD_H
#define XCALL_TORTURE_THREAD_H

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "../../../ipi_xcall.h"

/* Messages that a thread has in flight at most: more than a mailbox holds. */
#define TT_BATCH	(IPI_MBOX_SIZE + 17)
/* Things of the past whose poison is looked at again before they are freed. */
#define TT_FREED	16
#define TT_LIVE		0x600d51abul
#define TT_DEAD		0xdead51abul

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
 * @retrigger: by CPU: how often the handler shall trigger itself
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
	unsigned int *retrigger;
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
 * @freed_boxes: messages of the past
 * @freed_slots: slots of the past
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
	struct tt_box *freed_boxes[TT_FREED];
	struct tt_slot *freed_slots[TT_FREED];
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

/* No operation may take longer, and handlers are slow for so long at most. */
extern unsigned int tt_bound_ms;
extern unsigned int tt_longwait;

/* A handler is slow now and then. */
void tt_delay(void);
void tt_delay_seed(unsigned long seed);
unsigned int tt_nth_cpu(const struct cpumask *mask, unsigned int n);
/* Below @n; @n is not 0. */
u32 tt_random(struct tt_thread *t, u32 n);
/* Any CPU, or any but the calling one if there is another. */
unsigned int tt_random_cpu(struct tt_thread *t);
unsigned int tt_random_other(struct tt_thread *t);
void tt_random_mask(struct tt_thread *t);
unsigned long tt_deadline(void);

#endif /* XCALL_TORTURE_THREAD_H */
