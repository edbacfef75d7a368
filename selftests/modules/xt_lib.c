// SPDX-License-Identifier: GPL-2.0
/* What scenarios are made of: counting slots, held CPUs, crowds of threads. */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "xt.h"

static DEFINE_PER_CPU(int, xt_depth);

void xt_enter(void)
{
	int depth;

	if (!irqs_disabled())
		xt_fail("CPU %u: interrupts are on inside a handler",
			raw_smp_processor_id());
	depth = this_cpu_inc_return(xt_depth);
	if (depth != 1)
		xt_fail("CPU %u: a handler runs inside another, depth %d",
			raw_smp_processor_id(), depth);
}

void xt_leave(void)
{
	this_cpu_dec(xt_depth);
}

static void xt_slot_run(void *arg)
{
	struct xt_slot *slot = arg;

	xt_enter();
	if (slot->body)
		slot->body(slot);
	xt_leave();
	this_cpu_inc(*slot->runs);
}

bool xt_slot_open(struct xt_slot *slot, void (*body)(struct xt_slot *slot),
		  void *data)
{
	slot->body = body;
	slot->data = data;
	slot->id = 0;
	slot->runs = alloc_percpu(unsigned long);
	if (!xt_true(slot->runs, "no memory"))
		return false;
	slot->id = ipi_register(xt_slot_run, slot);
	if (xt_true(slot->id, "ipi_register() gave no slot"))
		return true;
	free_percpu(slot->runs);
	return false;
}

void xt_slot_close(struct xt_slot *slot)
{
	if (!slot->id)
		return;
	ipi_unregister(slot->id);
	free_percpu(slot->runs);
	slot->id = 0;
}

unsigned long xt_runs(const struct xt_slot *slot, unsigned int cpu)
{
	return READ_ONCE(*per_cpu_ptr(slot->runs, cpu));
}

unsigned long xt_runs_all(const struct xt_slot *slot)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += xt_runs(slot, cpu);
	return sum;
}

bool xt_ran(const struct xt_slot *slot, unsigned int cpu, unsigned long times)
{
	return xt_within(XT_LIMIT_MS, xt_runs(slot, cpu) >= times);
}

int xt_trigger(unsigned int id, unsigned int cpu)
{
	int ret;

	preempt_disable();
	ret = ipi_trigger(id, cpu);
	preempt_enable();
	return ret;
}

int xt_trigger_multi(unsigned int id, const struct cpumask *target)
{
	int ret;

	preempt_disable();
	ret = ipi_trigger_multi(id, target);
	preempt_enable();
	return ret;
}

int xt_trigger_broadcast(unsigned int id, bool skip_self)
{
	int ret;

	preempt_disable();
	ret = ipi_trigger_broadcast(id, skip_self);
	preempt_enable();
	return ret;
}

int xt_unicast(struct ipi_msg *msg, unsigned int cpu)
{
	int ret;

	preempt_disable();
	ret = ipi_unicast(msg, cpu);
	preempt_enable();
	return ret;
}

int xt_multicast(struct ipi_msg *msg, const struct cpumask *target)
{
	int ret;

	preempt_disable();
	ret = ipi_multicast(msg, target);
	preempt_enable();
	return ret;
}

int xt_broadcast(struct ipi_msg *msg, bool skip_self)
{
	int ret;

	preempt_disable();
	ret = ipi_broadcast(msg, skip_self);
	preempt_enable();
	return ret;
}

void xt_hold_here(struct xt_hold *hold)
{
	unsigned int ms = hold->max_ms ?: XT_HOLD_MS;

	/* Pairs with the load in xt_hold_await(). */
	smp_store_release(&hold->held, true);
	/* Pairs with the store in xt_let_go(). */
	if (!xt_spin_within(ms, smp_load_acquire(&hold->release)) &&
	    !hold->max_ms)
		xt_held_too_long();
	/* Pairs with the load in cancel_waits_for_running(). */
	smp_store_release(&hold->left, true);
}

bool xt_hold_await(struct xt_hold *hold)
{
	/* Pairs with the store in xt_hold_here(). */
	return xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&hold->held)),
		       "no CPU was held");
}

void xt_let_go(struct xt_hold *hold)
{
	/* Pairs with the load in xt_hold_here(). */
	smp_store_release(&hold->release, true);
}

static void xt_hold_body(struct xt_slot *slot)
{
	xt_hold_here(slot->data);
}

bool xt_hold_cpu(struct xt_hold *hold, unsigned int cpu)
{
	hold->held = false;
	hold->release = false;
	if (!xt_slot_open(&hold->slot, xt_hold_body, hold))
		return false;
	xt_eq(xt_trigger(hold->slot.id, cpu), 0, "trigger CPU %u", cpu);
	if (xt_hold_await(hold))
		return true;
	xt_hold_release(hold);
	return false;
}

void xt_hold_release(struct xt_hold *hold)
{
	xt_let_go(hold);
	xt_slot_close(&hold->slot);
}

bool xt_other_cpu(unsigned int *cpu)
{
	*cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	if (*cpu < nr_cpu_ids)
		return true;
	xt_skip("needs a second online CPU");
	return false;
}

static int xt_worker_main(void *arg)
{
	struct xt_worker *w = arg;

	if (w->crowd)
		wait_for_completion(&w->crowd->go);
	w->fn(w);
	complete_all(&w->done);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

bool xt_thread_start(struct xt_worker *w, void (*fn)(struct xt_worker *w),
		     void *data, int cpu)
{
	w->fn = fn;
	w->data = data;
	w->ops = 0;
	init_completion(&w->done);
	w->task = kthread_create(xt_worker_main, w, "xt/%u", w->index);
	if (!xt_true(!IS_ERR(w->task), "no thread"))
		return false;
	if (cpu >= 0)
		kthread_bind(w->task, cpu);
	wake_up_process(w->task);
	return true;
}

/*
 * A thread that hangs in a call cannot be ended, nor can the memory that it
 * uses go away: say so, and leave the rest to the time limit of the guest.
 */
void xt_thread_join(struct xt_worker *w)
{
	if (!wait_for_completion_timeout(&w->done,
					 msecs_to_jiffies(2 * XT_LIMIT_MS))) {
		xt_fail("thread %u hangs", w->index);
		pr_err("ipi_xcall_test: thread %u hangs in %ps\n", w->index,
		       w->fn);
		wait_for_completion(&w->done);
	}
	kthread_stop(w->task);
}

bool xt_over(const struct xt_worker *w)
{
	return READ_ONCE(w->crowd->stop) ||
	       ktime_after(ktime_get(), w->crowd->end);
}

/* Where among @online CPUs the thread @i of @nr is. */
static unsigned int crowd_place(unsigned int i, unsigned int nr,
				unsigned int online)
{
	return nr > 1 ? i * (online - 1) / (nr - 1) : 0;
}

bool xt_crowd_start(struct xt_crowd *crowd, void (*fn)(struct xt_worker *w),
		    void *data, unsigned int ms, bool bind)
{
	unsigned int cpu, n = 0, online = num_online_cpus();
	unsigned int nr = min(online, XT_CROWD_MAX);

	crowd->nr = 0;
	crowd->stop = false;
	init_completion(&crowd->go);
	crowd->worker = kcalloc(nr, sizeof(*crowd->worker), GFP_KERNEL);
	if (!xt_true(crowd->worker, "no memory"))
		return false;
	for_each_online_cpu(cpu) {
		struct xt_worker *w = &crowd->worker[crowd->nr];

		if (crowd->nr == nr)
			break;
		if (n++ < crowd_place(crowd->nr, nr, online))
			continue;
		w->crowd = crowd;
		w->index = crowd->nr;
		if (!xt_thread_start(w, fn, data, bind ? cpu : -1))
			break;
		crowd->nr++;
	}
	crowd->end = ktime_add_ms(ktime_get(), ms);
	complete_all(&crowd->go);
	return true;
}

static unsigned long xt_crowd_join(struct xt_crowd *crowd)
{
	unsigned long ops = 0;
	unsigned int i;

	for (i = 0; i < crowd->nr; i++) {
		xt_thread_join(&crowd->worker[i]);
		ops += crowd->worker[i].ops;
	}
	kfree(crowd->worker);
	crowd->worker = NULL;
	return ops;
}

unsigned long xt_crowd_stop(struct xt_crowd *crowd)
{
	WRITE_ONCE(crowd->stop, true);
	return xt_crowd_join(crowd);
}

unsigned long xt_crowd_run(void (*fn)(struct xt_worker *w), void *data,
			   unsigned int ms)
{
	struct xt_crowd crowd;

	if (!xt_crowd_start(&crowd, fn, data, ms, true))
		return 0;
	return xt_crowd_join(&crowd);
}
