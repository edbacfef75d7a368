// SPDX-License-Identifier: GPL-2.0
/* See slot.h. */
#include <linux/irqflags.h>
#include <linux/smp.h>

#include "slot.h"

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

void xt_see(unsigned long __percpu *seen, const unsigned long *stored, int n)
{
	unsigned long *here = this_cpu_ptr(seen);

	while (n--)
		WRITE_ONCE(here[n], READ_ONCE(stored[n]));
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
