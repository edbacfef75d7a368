// SPDX-License-Identifier: GPL-2.0
/*
 * xcall(9) on ipi_xcall.h, see xcall.h
 *
 * High priority. There are XC_CALLS messages, used in turn, so that many calls
 * can be on their way. A ticket names the message and its use; who reuses a
 * message waits for the former use first.
 *
 * Low priority. One call at a time, as in NetBSD. Each CPU has a thread, which
 * smpboot parks while the CPU is offline. A call is posted with CPU hotplug
 * held off, so to CPUs whose threads run; what was posted to a CPU that goes
 * down meanwhile is run before its thread parks.
 *
 * Unlike NetBSD's, a CPU can be offline: xc_unicast() to it has the ticket 0,
 * which stands for a call that was not made, and waiting for it is over at once.
 * The functions must not wait for CPU hotplug, nor make cross-calls of their
 * own priority.
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smpboot.h>
#include <linux/wait.h>

#include "../../../ipi_xcall.h"
#include "xcall.h"

/* Tells tickets of high priority from those of low priority. */
#define XC_HIGH_TICKET	BIT_ULL(63)

/* ----- high priority: in the interrupt ----- */

#define XC_CALLS	16

/**
 * struct xc_call - a message and its use
 * @msg: runs xc_run_high()
 * @func: what the caller wants to be run
 * @arg1: its first argument
 * @arg2: its second one
 * @use: the ticket of the latest use
 */
struct xc_call {
	struct ipi_msg msg;
	xcfunc_t func;
	void *arg1;
	void *arg2;
	atomic64_t use;
};

static struct xc_call xc_calls[XC_CALLS];
static u64 xc_high_ticket;
/* One caller posts at a time: it may have to wait for a message. */
static DEFINE_MUTEX(xc_high_mutex);

static struct xc_call *xc_call_of(u64 ticket)
{
	return &xc_calls[ticket % XC_CALLS];
}

static void xc_run_high(void *arg)
{
	const struct xc_call *call = arg;

	call->func(call->arg1, call->arg2);
}

/* Whether somebody was called. */
static bool xc_send(struct xc_call *call, const struct cpumask *target)
{
	int called;

	preempt_disable();
	called = ipi_multicast(&call->msg, target);
	preempt_enable();
	return called > 0;
}

static u64 xc_post_high(xcfunc_t func, void *arg1, void *arg2,
			const struct cpumask *target)
{
	struct xc_call *call;
	u64 ticket;

	mutex_lock(&xc_high_mutex);
	ticket = ++xc_high_ticket;
	call = xc_call_of(ticket);
	ipi_wait(&call->msg);
	call->func = func;
	call->arg1 = arg1;
	call->arg2 = arg2;
	/* Who finds a later use knows that the former is over: see xc_is_over(). */
	atomic64_set_release(&call->use, ticket);
	if (!xc_send(call, target))
		ticket = 0;
	mutex_unlock(&xc_high_mutex);
	return ticket ? ticket | XC_HIGH_TICKET : 0;
}

static bool xc_is_over(const struct xc_call *call, u64 ticket)
{
	/* Pairs with the release in xc_post_high(). */
	return atomic64_read_acquire(&call->use) != ticket;
}

/* Looks up now and then, for the message may be in use again. */
static void xc_wait_high(u64 ticket)
{
	struct xc_call *call = xc_call_of(ticket);

	while (!xc_is_over(call, ticket)) {
		if (ipi_wait_timeout(&call->msg, NSEC_PER_MSEC, NULL) != -ETIMEDOUT)
			return;
		cond_resched();
	}
}

/* ----- low priority: in a thread of each CPU ----- */

static DEFINE_PER_CPU(struct task_struct *, xc_thread);
/* The thread has the call to run. */
static DEFINE_PER_CPU(bool, xc_todo);

/**
 * struct xc_low - the one call of low priority
 * @mutex: held by the caller that posts
 * @wait: for @done
 * @func: what is to be run
 * @arg1: its first argument
 * @arg2: its second one
 * @left: CPUs that have not run it, and 1 while it is being posted
 * @posted: its ticket
 * @done: the ticket of the last one that is over
 */
static struct xc_low {
	struct mutex mutex; /* the caller that posts */
	wait_queue_head_t wait;
	xcfunc_t func;
	void *arg1;
	void *arg2;
	atomic_t left;
	u64 posted;
	atomic64_t done;
} xc_low = {
	.mutex	= __MUTEX_INITIALIZER(xc_low.mutex),
	.wait	= __WAIT_QUEUE_HEAD_INITIALIZER(xc_low.wait),
};

static bool xc_low_is_done(u64 ticket)
{
	/* Pairs with the release in xc_low_finish(). */
	return atomic64_read_acquire(&xc_low.done) >= ticket;
}

static void xc_low_finish(void)
{
	if (!atomic_dec_and_test(&xc_low.left))
		return;
	/* Pairs with the acquire in xc_low_is_done(). */
	atomic64_set_release(&xc_low.done, xc_low.posted);
	wake_up_all(&xc_low.wait);
}

static int xc_should_run(unsigned int cpu)
{
	return READ_ONCE(per_cpu(xc_todo, cpu));
}

static void xc_run_low(unsigned int cpu)
{
	bool *todo = per_cpu_ptr(&xc_todo, cpu);

	/* Pairs with the release in xc_hand_out(): what is to be run. */
	if (!smp_load_acquire(todo))
		return;
	xc_low.func(xc_low.arg1, xc_low.arg2);
	WRITE_ONCE(*todo, false);
	xc_low_finish();
}

/* NetBSD's threads, too, come before all but the kernel's most urgent ones. */
static void xc_setup(unsigned int cpu)
{
	sched_set_fifo_low(current);
}

static struct smp_hotplug_thread xc_threads = {
	.store			= &xc_thread,
	.thread_should_run	= xc_should_run,
	.thread_fn		= xc_run_low,
	.thread_comm		= "xcall/%u",
	.setup			= xc_setup,
	.park			= xc_run_low,
};

/* Whether anybody got it. CPUs that are online stay so here. */
static bool xc_hand_out(const struct cpumask *target)
{
	bool any = false;
	unsigned int cpu;

	for_each_cpu_and(cpu, target, cpu_online_mask) {
		atomic_inc(&xc_low.left);
		/* Pairs with the acquire in xc_run_low(). */
		smp_store_release(per_cpu_ptr(&xc_todo, cpu), true);
		wake_up_process(per_cpu(xc_thread, cpu));
		any = true;
	}
	return any;
}

/*
 * Waits for the former call before it holds hotplug off: that call may be in
 * the hands of a CPU that is going down.
 */
static u64 xc_post_low(xcfunc_t func, void *arg1, void *arg2,
		       const struct cpumask *target)
{
	u64 ticket;

	mutex_lock(&xc_low.mutex);
	wait_event(xc_low.wait, xc_low_is_done(xc_low.posted));
	cpus_read_lock();
	ticket = ++xc_low.posted;
	xc_low.func = func;
	xc_low.arg1 = arg1;
	xc_low.arg2 = arg2;
	atomic_set(&xc_low.left, 1);
	if (!xc_hand_out(target))
		ticket = 0;
	cpus_read_unlock();
	xc_low_finish();
	mutex_unlock(&xc_low.mutex);
	return ticket;
}

/* ----- the interface ----- */

static u64 xc_post(unsigned int flags, xcfunc_t func, void *arg1, void *arg2,
		   const struct cpumask *target)
{
	might_sleep();
	if (flags & XC_HIGHPRI)
		return xc_post_high(func, arg1, arg2, target);
	return xc_post_low(func, arg1, arg2, target);
}

/**
 * xc_broadcast() - have a function run on every online CPU
 * @flags: XC_HIGHPRI, or 0
 * @func: the function
 * @arg1: its first argument
 * @arg2: its second argument
 *
 * Context: task; may sleep, if only until an earlier call is over.
 * Return: a ticket for xc_wait().
 */
u64 xc_broadcast(unsigned int flags, xcfunc_t func, void *arg1, void *arg2)
{
	return xc_post(flags, func, arg1, arg2, cpu_possible_mask);
}

/**
 * xc_unicast() - have a function run on one CPU
 * @flags: XC_HIGHPRI, or 0
 * @func: the function
 * @arg1: its first argument
 * @arg2: its second argument
 * @cpu: a possible CPU
 *
 * Context: task; may sleep, if only until an earlier call is over.
 * Return: a ticket for xc_wait(), or 0 if @cpu is offline.
 */
u64 xc_unicast(unsigned int flags, xcfunc_t func, void *arg1, void *arg2,
	       unsigned int cpu)
{
	return xc_post(flags, func, arg1, arg2, cpumask_of(cpu));
}

/**
 * xc_wait() - wait until a call is over
 * @ticket: what xc_broadcast() or xc_unicast() returned
 *
 * When it returns the function has run on all CPUs that were called, and its
 * stores are visible.
 *
 * Context: task; may sleep.
 */
void xc_wait(u64 ticket)
{
	might_sleep();
	if (ticket & XC_HIGH_TICKET)
		xc_wait_high(ticket & ~XC_HIGH_TICKET);
	else
		wait_event(xc_low.wait, xc_low_is_done(ticket));
}

static void xc_nothing(void *arg1, void *arg2)
{
}

/**
 * xc_barrier() - wait until every online CPU has run something
 * @flags: XC_HIGHPRI: interrupts were on at some time; 0: its thread has run,
 *	so that each section with preemption off that was open is over
 *
 * Context: task; may sleep.
 */
void xc_barrier(unsigned int flags)
{
	xc_wait(xc_broadcast(flags, xc_nothing, NULL, NULL));
}

/**
 * xc_init() - start the threads
 *
 * Return: 0 or -errno.
 */
int xc_init(void)
{
	unsigned int n;

	for (n = 0; n < XC_CALLS; n++)
		xc_calls[n].msg = (struct ipi_msg){
			.func	= xc_run_high,
			.arg	= &xc_calls[n],
		};
	return smpboot_register_percpu_thread(&xc_threads);
}

/**
 * xc_exit() - wait for all calls and stop the threads
 *
 * There are no callers any more.
 */
void xc_exit(void)
{
	unsigned int n;

	for (n = 0; n < XC_CALLS; n++)
		ipi_wait(&xc_calls[n].msg);
	wait_event(xc_low.wait, xc_low_is_done(xc_low.posted));
	smpboot_unregister_percpu_thread(&xc_threads);
}
