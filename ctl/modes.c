// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: what may be measured: how it is sent, and waited for */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "ctl.h"

/* ----- what runs on the CPUs, with interrupts off ----- */

static void mode_begin(struct ctl_sampler *s)
{
	struct ctl_sampler_run *run = this_cpu_ptr(s->runs);

	run->started = ktime_get_ns();
	run->idle = is_idle_task(current);
}

static void mode_work(struct ctl_sampler *s)
{
	if (s->delay_ns && smp_processor_id() == s->delay_cpu)
		ctl_keep_busy(s->delay_ns);
}

static void mode_end(struct ctl_sampler *s)
{
	this_cpu_ptr(s->runs)->ended = ktime_get_ns();
}

static void mode_run_plain(void *arg)
{
	mode_begin(arg);
	mode_work(arg);
	mode_end(arg);
}

static void mode_run_locked(void *arg)
{
	struct ctl_sampler *s = arg;

	mode_begin(s);
	raw_spin_lock(&s->lock);
	mode_work(s);
	raw_spin_unlock(&s->lock);
	mode_end(s);
}

static void mode_run_trigger(void *arg)
{
	struct ctl_sampler *s = arg;

	mode_run_plain(s);
	/* Pairs with mode_wait_trigger(). */
	(void)atomic_fetch_dec_release(&s->left);
}

/* ----- modes ----- */

static int mode_send_dry(struct ctl_sampler *s)
{
	unsigned long flags;

	local_irq_save(flags);
	s->ops->func(s);
	local_irq_restore(flags);
	return 0;
}

static int mode_send_single(struct ctl_sampler *s)
{
	return smp_call_function_single(cpumask_first(s->target.cpus),
					s->ops->func, s, true);
}

static int mode_send_many(struct ctl_sampler *s)
{
	if (s->target.to == IPI_XCALL_TO_OTHERS)
		smp_call_function_many(s->target.cpus, s->ops->func, s, true);
	else
		on_each_cpu_mask(s->target.cpus, s->ops->func, s, true);
	return 0;
}

static int mode_trigger(struct ctl_sampler *s)
{
	switch (s->target.to) {
	case IPI_XCALL_TO_CPU:
		return ipi_trigger(s->id, s->target.cpu) ?: 1;
	case IPI_XCALL_TO_SET:
		return ipi_trigger_multi(s->id, s->target.cpus);
	default:
		return ipi_trigger_broadcast(s->id,
					     s->target.to == IPI_XCALL_TO_OTHERS);
	}
}

static int mode_send_trigger(struct ctl_sampler *s)
{
	int ret = mode_trigger(s);

	if (ret < 0)
		return ret;
	atomic_add(ret, &s->left);
	return 0;
}

/* Whoever guesses the id may trigger the slot, too: nothing is awaited then. */
static int mode_wait_trigger(struct ctl_sampler *s)
{
	int left;

	while ((left = atomic_read_acquire(&s->left)) > 0) {
		if (ctl_sampler_stopped(s))
			return -EINTR;
		cpu_relax();
		cond_resched();
	}
	return left ? -EIO : 0;
}

static int mode_send_unicast(struct ctl_sampler *s)
{
	return ipi_unicast(&s->msg, s->target.cpu);
}

static int mode_send_multicast(struct ctl_sampler *s)
{
	return min(ipi_multicast(&s->msg, s->target.cpus), 0);
}

static int mode_send_broadcast(struct ctl_sampler *s)
{
	bool skip_self = s->target.to == IPI_XCALL_TO_OTHERS;

	return min(ipi_broadcast(&s->msg, skip_self), 0);
}

static int mode_wait_message(struct ctl_sampler *s)
{
	ipi_wait(&s->msg);
	return 0;
}

const struct ctl_sampler_ops ctl_modes[] = {
	[IPI_XCALL_MEASURE_DRY] = {
		.func = mode_run_plain, .send = mode_send_dry,
	},
	[IPI_XCALL_MEASURE_SINGLE] = {
		.func = mode_run_plain, .send = mode_send_single,
	},
	[IPI_XCALL_MEASURE_MANY] = {
		.func = mode_run_plain, .send = mode_send_many,
	},
	[IPI_XCALL_MEASURE_MANY_LOCK] = {
		.func = mode_run_locked, .send = mode_send_many,
	},
	[IPI_XCALL_MEASURE_TRIGGER] = {
		.func = mode_run_trigger, .send = mode_send_trigger,
		.wait = mode_wait_trigger,
	},
	[IPI_XCALL_MEASURE_UNICAST] = {
		.func = mode_run_plain, .send = mode_send_unicast,
		.wait = mode_wait_message,
	},
	[IPI_XCALL_MEASURE_MULTICAST] = {
		.func = mode_run_plain, .send = mode_send_multicast,
		.wait = mode_wait_message,
	},
	[IPI_XCALL_MEASURE_BROADCAST] = {
		.func = mode_run_plain, .send = mode_send_broadcast,
		.wait = mode_wait_message,
	},
};
