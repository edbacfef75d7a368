// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: asynchronous calls
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/smp.h>

#include "context.h"
#include "cpu.h"
#include "pass.h"
#include "slot.h"
#include "target.h"
#include "trace.h"

/* The one warning of triggers. */
static noinline int trigger_wrong_context(void)
{
	WARN_ONCE(1, "trigger with preemption on or in NMI\n");
	return -EDEADLK;
}

/* The order of errors, for a trigger that failed the quick check. */
static noinline int trigger_check(unsigned int id, bool valid, bool online)
{
	if (!context_may_trigger())
		return trigger_wrong_context();
	if (!valid || !id || id > IPI_MAX)
		return -EINVAL;
	if (!slot_is_live(id))
		return -ENOENT;
	return online ? 0 : -ENXIO;
}

static noinline int trigger_this_cpu(unsigned int id)
{
	int ret = ipi_pass_trigger_self(id);

	if (ret < 0)
		return ret;
	if (ret)
		count(coalesced);
	else
		count(triggers_noipi);
	return 0;
}

/* The bit was set in a word that was @old. */
static __always_inline int trigger_after_ring(struct ipi_cpu *pc, unsigned int id,
					      unsigned int cpu, unsigned long old)
{
	if (!old) {
		count(triggers_ipi);
		return cpu_kick(pc, cpu);
	}
	if (old & IPI_SLOT_BIT(id))
		count(coalesced);
	else
		count(triggers_noipi);
	return 0;
}

static int trigger_traced(struct ipi_cpu *pc, unsigned int id, unsigned int cpu)
{
	unsigned long old = cpu_ring_slot(pc, id);

	ipi_trace(trigger, id, cpu, old & IPI_SLOT_BIT(id));
	if (!old)
		ipi_trace(kick, cpu);
	return trigger_after_ring(pc, id, cpu, old);
}

static noinline int trigger_slow(unsigned int id, unsigned int cpu)
{
	int err = trigger_check(id, cpu < nr_cpu_ids, cpu_is_online(cpu));

	if (err)
		return err;
	if (cpu == smp_processor_id())
		return trigger_this_cpu(id);
	return trigger_traced(cpu_ptr(cpu), id, cpu);
}

/**
 * ipi_trigger() - ask a CPU to run a handler
 * @id: what ipi_register() returned
 * @cpu: the CPU
 *
 * The handler runs on @cpu at least once after this call was entered, and sees
 * what the caller stored before. Triggers that come before it runs coalesce.
 * On the local CPU the handler runs before the call returns; within a handler or
 * message function it runs later, in a pass of its own.
 *
 * Context: any but NMI, with preemption off. Does not sleep or spin.
 * Return: 0; -EDEADLK in NMI or with preemption on; -EINVAL for an @id of 0 or
 * above IPI_MAX or a @cpu not below nr_cpu_ids; -ENOENT for a slot that is free
 * or being unregistered; -ENXIO for a @cpu that is offline or not possible (or,
 * for the local CPU from within a handler, about to be offline).
 */
int ipi_trigger(unsigned int id, unsigned int cpu)
{
	struct ipi_cpu *pc;

	/* Before E, which is a full barrier, too, on some machines. */
	if (ipi_fault(NO_BARRIER) && cpu != raw_smp_processor_id() &&
	    cpu_is_online(cpu) && cpu_has_pending(cpu_ptr(cpu), id))
		return 0;
	if (unlikely(!context_may_trigger() || !slot_is_live(id) ||
		     !cpu_is_online(cpu) || cpu == smp_processor_id()) ||
	    static_branch_unlikely(&ipi_traced))
		return trigger_slow(id, cpu);
	pc = cpu_ptr(cpu);
	/* H: what the caller stored is seen by the pass that takes the bit. */
	smp_mb(); /* H */
	if (cpu_has_pending(pc, id)) {
		count(coalesced);
		return 0;
	}
	return trigger_after_ring(pc, id, cpu, cpu_ring_slot(pc, id));
}
EXPORT_SYMBOL_GPL(ipi_trigger);

/* State of a trigger to a mask. */
struct trigger_set {
	unsigned int id;
	struct ipi_verdict v;
};

/* Does @cpu need a kick? */
static bool trigger_mark_pending(unsigned int cpu, void *info)
{
	struct trigger_set *set = info;
	unsigned long old = cpu_ring_slot(cpu_ptr(cpu), set->id);
	bool coalesced = old & IPI_SLOT_BIT(set->id);

	ipi_trace(trigger, set->id, cpu, coalesced);
	set->v.marked++;
	set->v.coalesced += coalesced;
	set->v.kicked += !old;
	if (!old)
		ipi_trace(kick, cpu);
	return !old;
}

/* From any context: a csd each. Tells whether the local CPU is in the set. */
static bool trigger_each(struct trigger_set *set, const struct cpumask *target)
{
	unsigned int this_cpu = smp_processor_id();
	unsigned int n, cpu;
	unsigned long bits;
	bool self = false;

	for (n = 0; n < ipi_mask_words; n++) {
		for (bits = target_word(target, n); bits; bits &= bits - 1) {
			cpu = n * BITS_PER_LONG + __ffs(bits);
			if (cpu == this_cpu)
				self = true;
			else if (trigger_mark_pending(cpu, set))
				cpu_kick(cpu_ptr(cpu), cpu);
		}
	}
	return self;
}

/*
 * Only a task may send the mask IPI: with interrupts off, or in a softirq that
 * interrupted another mask call on this CPU, the core could wait for ever.
 */
static bool trigger_remote(struct trigger_set *set, const struct cpumask *target)
{
	struct ipi_cpu *me = this_cpu_ptr(&ipi_cpus);
	unsigned int remote;
	bool self;

	if (!context_may_send())
		return trigger_each(set, target);
	remote = target_snapshot(me, target, &self);
	if (remote < READ_ONCE(ipi_mask_min))
		trigger_each(set, me->snap);
	else
		target_each_then_kick(me, remote, trigger_mark_pending, set);
	return self;
}

/* ipi_trigger_multi() for a caller that wants to know what became of it. */
int ipi_trigger_verdict(unsigned int id, const struct cpumask *target,
			bool skip_self, struct ipi_verdict *v)
{
	struct trigger_set set = { .id = id };
	int err = trigger_check(id, target, true);
	int ret;

	if (err)
		return err;
	if (trigger_remote(&set, target) && !skip_self) {
		ret = ipi_pass_trigger_self(id);
		set.v.marked += ret >= 0;
		set.v.coalesced += ret > 0;
	}
	count_many(triggers_ipi, set.v.kicked);
	count_many(triggers_noipi, set.v.marked - set.v.kicked - set.v.coalesced);
	count_many(coalesced, set.v.coalesced);
	*v = set.v;
	return set.v.marked;
}

/**
 * ipi_trigger_multi() - ask each CPU of a set to run a handler
 * @id: what ipi_register() returned
 * @target: the CPUs; those that are offline are skipped
 *
 * ipi_trigger() for each CPU of @target; the local CPU, if it is one of them, is
 * served last and before the call returns.
 *
 * Context: any but NMI, with preemption off. Does not sleep. In a task with
 * interrupts on it may spin until an earlier mask call of this CPU has been
 * taken by its targets.
 * Return: the number of online CPUs of @target, which may be 0; -EDEADLK,
 * -EINVAL (also for no @target) and -ENOENT as for ipi_trigger().
 */
int ipi_trigger_multi(unsigned int id, const struct cpumask *target)
{
	struct ipi_verdict v;

	return ipi_trigger_verdict(id, target, false, &v);
}
EXPORT_SYMBOL_GPL(ipi_trigger_multi);

/**
 * ipi_trigger_broadcast() - ask every online CPU to run a handler
 * @id: what ipi_register() returned
 * @skip_self: leave out the local CPU
 *
 * Context: as for ipi_trigger_multi().
 * Return: the number of CPUs marked; -EDEADLK, -EINVAL and -ENOENT as for
 * ipi_trigger().
 */
int ipi_trigger_broadcast(unsigned int id, bool skip_self)
{
	struct ipi_verdict v;

	return ipi_trigger_verdict(id, cpu_online_mask, skip_self, &v);
}
EXPORT_SYMBOL_GPL(ipi_trigger_broadcast);
