// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the handlers that all control files offer
 *
 * Handlers and call functions run with interrupts off and can neither wake a
 * wait queue nor signal an eventfd, whose locks sleep on PREEMPT_RT. Both are
 * left to a work item. The queue is unbound: its workers may run on any CPU, so
 * that nothing stays behind on one that goes offline, or that a real-time task
 * keeps busy. An irq_work would: on PREEMPT_RT it runs in a thread of its CPU. To
 * queue the work takes raw spinlocks only and is done with interrupts off, once
 * for all runs until it begins.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "../core/compat.h"
#include "ctl.h"

static struct workqueue_struct *ctl_queue;

void ctl_defer(struct work_struct *work)
{
	queue_work(ctl_queue, work);
}

/* In a while. */
void ctl_defer_later(struct delayed_work *work)
{
	queue_delayed_work(ctl_queue, work, HZ / 100 + 1);
}

int ctl_queue_init(void)
{
	ctl_queue = alloc_workqueue("ipi_xcall", WQ_UNBOUND, 0);
	return ctl_queue ? 0 : -ENOMEM;
}

/* No handler runs any more. */
void ctl_queue_exit(void)
{
	destroy_workqueue(ctl_queue);
}

/*
 * With interrupts off on the CPU that keeps the time, a clock that counts ticks
 * stands still: then loops are counted.
 */
void ctl_keep_busy(u32 ns)
{
	u32 left = DIV_ROUND_UP(ns, NSEC_PER_USEC);
	u64 start = ktime_get_ns(), now = start;

	while (now - start < ns && (now != start || left--)) {
		ndelay(min_t(u32, ns, NSEC_PER_USEC));
		now = ktime_get_ns();
	}
}

/* ----- what runs on the CPUs, with interrupts off; names are shown to people ----- */

/* The mechanism counts the runs. */
static void ipi_count(void *unused)
{
}

static void ipi_stamp(void *arg)
{
	struct ctl_handler *h = arg;

	atomic64_set(this_cpu_ptr(h->stamps), ktime_get_ns());
}

static void ipi_eventfd(void *arg)
{
	struct ctl_handler *h = arg;

	ipi_stamp(h);
	atomic_inc(&h->owed);
	ctl_defer(&h->signal);
}

static void ipi_delay(void *arg)
{
	struct ctl_handler *h = arg;

	ipi_stamp(h);
	ctl_keep_busy(h->delay_ns);
}

/* ----- their lives ----- */

static void handler_signal(struct work_struct *work)
{
	struct ctl_handler *h = container_of(work, struct ctl_handler, signal);
	unsigned int owed = atomic_xchg(&h->owed, 0);

	while (owed--) {
		eventfd_signal_once(h->eventfd);
		cond_resched();
	}
}

ipi_func_t ctl_handler_func(u32 kind)
{
	static const ipi_func_t funcs[] = {
		[IPI_XCALL_COUNT]	= ipi_count,
		[IPI_XCALL_STAMP]	= ipi_stamp,
		[IPI_XCALL_EVENTFD]	= ipi_eventfd,
		[IPI_XCALL_DELAY]	= ipi_delay,
	};

	return funcs[kind];
}

/* @h is all zero. After an error ctl_handler_exit() is fine, and not needed. */
int ctl_handler_init(struct ctl_handler *h, u32 kind)
{
	h->kind = kind;
	INIT_WORK(&h->signal, handler_signal);
	if (kind == IPI_XCALL_COUNT)
		return 0;
	h->stamps = alloc_percpu_gfp(atomic64_t, GFP_KERNEL_ACCOUNT);
	return h->stamps ? 0 : -ENOMEM;
}

int ctl_handler_set_eventfd(struct ctl_handler *h, int fd)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(fd);

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	h->eventfd = eventfd;
	return 0;
}

/* No CPU runs it any more. Waits until the eventfd knows of all runs. */
void ctl_handler_exit(struct ctl_handler *h)
{
	flush_work(&h->signal);
	if (h->eventfd)
		eventfd_ctx_put(h->eventfd);
	free_percpu(h->stamps);
}

/* When it last ran on @cpu. */
u64 ctl_handler_stamp(const struct ctl_handler *h, unsigned int cpu)
{
	return h->stamps ? atomic64_read(per_cpu_ptr(h->stamps, cpu)) : 0;
}
