// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: what a call takes, sample by sample
 *
 * A client of ipi_xcall.h. For each measurement there is a thread, bound to the
 * CPU that sends, so that the caller may run anywhere. A sample is:
 *
 *	thread				CPUs called
 *	posted = now
 *	send			->	started = now, what is to be done, ended = now
 *	wait
 *	acked = now
 *
 * The CPUs write into per-CPU memory, which the thread reads after the wait;
 * that is outside what is timed, as is the memory of the samples.
 *
 * The caller sleeps meanwhile. kthread_stop() is the one way in which a
 * measurement ends, early or not: the thread looks for it between samples and
 * stays until it has come, so that none of its code runs afterwards.
 *
 * A CPU that goes offline is noticed by what the send returns, or, if it is the
 * source, by the thread finding itself elsewhere: with preemption off, the CPU
 * it runs on is the one that sends.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/topology.h>

#include "ctl.h"
#include "../uapi/ipi_xcall.h"

/* How long before a sample is due the thread stops sleeping: timers are late. */
#define MEASURE_SPIN_NS		(100 * NSEC_PER_USEC)

/* A run on a CPU; ended is 0 if there was none. */
struct measure_run {
	u64 started;
	u64 ended;
	bool idle;
};

/**
 * struct measurement - a measurement under way
 * @m: what is wanted, and what came of it
 * @ops: how it is done
 * @msg: for those modes that send one
 * @id: for triggers
 * @left: of a trigger, runs still to come; below zero while they are not counted
 * @lock: for IPI_XCALL_MEASURE_MANY_LOCK
 * @runs: what each CPU saw
 * @err: why the thread gave up
 * @done: the thread has no more to do
 */
struct measurement {
	struct ipi_measure *m;
	const struct measure_ops *ops;
	struct ipi_msg msg;
	unsigned int id;
	atomic_t left;
	raw_spinlock_t lock;
	struct measure_run __percpu *runs;
	int err;
	struct completion done;
};

/**
 * struct measure_ops - a mode
 * @func: what runs on each CPU
 * @send: with preemption off; 0 or an errno
 * @wait: for all runs, with preemption on; NULL if sending does
 */
struct measure_ops {
	ipi_func_t func;
	int (*send)(struct measurement *me);
	void (*wait)(struct measurement *me);
};

/* ----- what runs on the CPUs, with interrupts off ----- */

static void begin(struct measurement *me)
{
	struct measure_run *run = this_cpu_ptr(me->runs);

	run->started = ktime_get_ns();
	run->idle = is_idle_task(current);
}

static void work(struct measurement *me)
{
	if (me->m->delay_ns && smp_processor_id() == me->m->delay_cpu)
		ipi_keep_busy(me->m->delay_ns);
}

static void end(struct measurement *me)
{
	this_cpu_ptr(me->runs)->ended = ktime_get_ns();
}

static void run_plain(void *arg)
{
	begin(arg);
	work(arg);
	end(arg);
}

static void run_locked(void *arg)
{
	struct measurement *me = arg;

	begin(me);
	raw_spin_lock(&me->lock);
	work(me);
	raw_spin_unlock(&me->lock);
	end(me);
}

static void run_trigger(void *arg)
{
	struct measurement *me = arg;

	run_plain(me);
	/* Pairs with wait_trigger(). */
	(void)atomic_fetch_dec_release(&me->left);
}

/* ----- modes ----- */

static int send_dry(struct measurement *me)
{
	unsigned long flags;

	local_irq_save(flags);
	me->ops->func(me);
	local_irq_restore(flags);
	return 0;
}

static int send_single(struct measurement *me)
{
	return smp_call_function_single(cpumask_first(me->m->cpus),
					me->ops->func, me, true);
}

static int send_many(struct measurement *me)
{
	if (me->m->to == IPI_XCALL_TO_OTHERS)
		smp_call_function_many(me->m->cpus, me->ops->func, me, true);
	else
		on_each_cpu_mask(me->m->cpus, me->ops->func, me, true);
	return 0;
}

static int trigger(struct measurement *me)
{
	switch (me->m->to) {
	case IPI_XCALL_TO_CPU:
		return ipi_trigger(me->id, cpumask_first(me->m->cpus)) ?: 1;
	case IPI_XCALL_TO_SET:
		return ipi_trigger_multi(me->id, me->m->cpus);
	default:
		return ipi_trigger_broadcast(me->id,
					     me->m->to == IPI_XCALL_TO_OTHERS);
	}
}

static int send_trigger(struct measurement *me)
{
	int ret = trigger(me);

	if (ret < 0)
		return ret;
	atomic_add(ret, &me->left);
	return 0;
}

static void wait_trigger(struct measurement *me)
{
	while (atomic_read_acquire(&me->left))
		cpu_relax();
}

static int send_unicast(struct measurement *me)
{
	return ipi_unicast(&me->msg, cpumask_first(me->m->cpus));
}

static int send_multicast(struct measurement *me)
{
	return min(ipi_multicast(&me->msg, me->m->cpus), 0);
}

static int send_broadcast(struct measurement *me)
{
	bool skip_self = me->m->to == IPI_XCALL_TO_OTHERS;

	return min(ipi_broadcast(&me->msg, skip_self), 0);
}

static void wait_message(struct measurement *me)
{
	ipi_wait(&me->msg);
}

static const struct measure_ops measure_modes[] = {
	[IPI_XCALL_MEASURE_DRY]		= { run_plain, send_dry },
	[IPI_XCALL_MEASURE_SINGLE]	= { run_plain, send_single },
	[IPI_XCALL_MEASURE_MANY]	= { run_plain, send_many },
	[IPI_XCALL_MEASURE_MANY_LOCK]	= { run_locked, send_many },
	[IPI_XCALL_MEASURE_TRIGGER]	= { run_trigger, send_trigger, wait_trigger },
	[IPI_XCALL_MEASURE_UNICAST]	= { run_plain, send_unicast, wait_message },
	[IPI_XCALL_MEASURE_MULTICAST]	= { run_plain, send_multicast, wait_message },
	[IPI_XCALL_MEASURE_BROADCAST]	= { run_plain, send_broadcast, wait_message },
};

/* ----- a sample ----- */

/* The CPUs that may run it; the dry run's target is nobody. */
static const struct cpumask *runners(const struct measurement *me)
{
	return me->m->mode == IPI_XCALL_MEASURE_DRY ?
	       cpumask_of(me->m->source) : me->m->cpus;
}

static void forget_runs(struct measurement *me)
{
	unsigned int cpu;

	for_each_cpu(cpu, runners(me))
		per_cpu_ptr(me->runs, cpu)->ended = 0;
}

static u64 since(u64 from, u64 to)
{
	return to > from ? to - from : 0;
}

/* The first to begin and the last to end, see struct ipi_xcall_sample. */
static void sum_up(struct measurement *me, u64 from, u64 acked,
		   struct ipi_xcall_sample *s)
{
	const struct measure_run *run;
	u64 first = U64_MAX, last = 0;
	unsigned int cpu;

	*s = (struct ipi_xcall_sample){ .ack_ns = since(from, acked) };
	for_each_cpu(cpu, runners(me)) {
		run = per_cpu_ptr(me->runs, cpu);
		if (!run->ended)
			continue;
		first = min(first, run->started);
		last = max(last, run->ended);
		s->cpus++;
		s->idle += run->idle;
	}
	s->start_ns = since(from, first);
	s->end_ns = since(from, last);
}

static int post(struct measurement *me, u64 *posted)
{
	int err = -ENXIO;

	preempt_disable();
	if (smp_processor_id() == me->m->source) {
		*posted = ktime_get_ns();
		err = me->ops->send(me);
	}
	preempt_enable();
	return err;
}

static int take_sample(struct measurement *me, u64 due, struct ipi_xcall_sample *s)
{
	u64 posted;
	int err;

	forget_runs(me);
	err = post(me, &posted);
	if (err)
		return err;
	if (me->ops->wait)
		me->ops->wait(me);
	sum_up(me, me->m->from_due ? due : posted, ktime_get_ns(), s);
	/* A set of which no CPU is online. */
	return s->cpus ? 0 : -ENXIO;
}

/* ----- all of them ----- */

static void sleep_until(u64 ns)
{
	ktime_t t = ns_to_ktime(ns);

	set_current_state(TASK_IDLE);
	if (!kthread_should_stop())
		schedule_hrtimeout(&t, HRTIMER_MODE_ABS);
	__set_current_state(TASK_RUNNING);
}

static void wait_until(u64 due)
{
	if (ktime_get_ns() + MEASURE_SPIN_NS < due)
		sleep_until(due - MEASURE_SPIN_NS);
	while (ktime_get_ns() < due && !kthread_should_stop()) {
		cpu_relax();
		cond_resched();
	}
}

static int take_samples(struct measurement *me)
{
	struct ipi_measure *m = me->m;
	u64 due = ktime_get_ns();
	int err;

	while (m->taken < m->room && !kthread_should_stop()) {
		err = take_sample(me, due, &m->samples[m->taken]);
		if (err)
			return err;
		m->taken++;
		cond_resched();
		due = m->period_ns ? due + m->period_ns : ktime_get_ns();
		if (m->period_ns && m->taken < m->room)
			wait_until(due);
	}
	return 0;
}

static void wait_for_stop(void)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static int measure_thread(void *arg)
{
	struct measurement *me = arg;

	me->err = take_samples(me);
	complete(&me->done);
	wait_for_stop();
	return 0;
}

/* What there is counts more than why there is no more. */
static int verdict(struct measurement *me, bool signal)
{
	struct ipi_measure *m = me->m;

	if (m->taken == m->room)
		m->ended = IPI_XCALL_ENDED_FULL;
	else if (me->err)
		m->ended = IPI_XCALL_ENDED_OFFLINE;
	else
		m->ended = IPI_XCALL_ENDED_SIGNAL;
	if (m->taken)
		return 0;
	return me->err ?: signal ? -EINTR : 0;
}

static int run_thread(struct measurement *me)
{
	unsigned int source = me->m->source;
	struct task_struct *thread;
	bool signal;

	thread = kthread_create_on_node(measure_thread, me, cpu_to_node(source),
					"ipi_measure/%u", source);
	if (IS_ERR(thread))
		return PTR_ERR(thread) == -EINTR ? -EINTR : -ENOMEM;
	kthread_bind(thread, source);
	wake_up_process(thread);
	signal = wait_for_completion_interruptible(&me->done);
	kthread_stop(thread);
	return verdict(me, signal);
}

/**
 * ipi_measure() - take samples of what a call takes
 * @m: what is wanted, checked; what came of it
 *
 * Context: May sleep. A signal ends it.
 * Return: 0 with one sample at least; -ENXIO if the source or all of the target
 * is offline, -ENOSPC if there is no slot for a trigger, -EINTR, -ENOMEM.
 */
int ipi_measure(struct ipi_measure *m)
{
	struct measurement me = { .m = m, .ops = &measure_modes[m->mode] };
	int err = -ENOMEM;

	me.msg.func = me.ops->func;
	me.msg.arg = &me;
	raw_spin_lock_init(&me.lock);
	init_completion(&me.done);
	me.runs = alloc_percpu_gfp(struct measure_run, GFP_KERNEL_ACCOUNT);
	if (!me.runs)
		return err;
	err = -ENOSPC;
	if (m->mode == IPI_XCALL_MEASURE_TRIGGER) {
		me.id = ipi_register_as(me.ops->func, &me, "measure");
		if (!me.id)
			goto out_free_runs;
	}
	err = run_thread(&me);
	if (me.id)
		ipi_unregister(me.id);
out_free_runs:
	free_percpu(me.runs);
	return err;
}
