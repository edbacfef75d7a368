/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A set of CPUs: a snapshot, and one pass over it.
 *
 * Preemption off keeps CPUs from leaving, not from arriving, and a caller's mask
 * may change. So a send counts and posts from one snapshot of mask and online,
 * in memory of the CPU that a task with preemption off owns.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#ifndef IPI_XCALL_TARGET_H
#define IPI_XCALL_TARGET_H

#include "cpu.h"

/* CPUs of @target that are online, of word @n: each asked once, though they may change. */
static __always_inline unsigned long
target_word(const struct cpumask *target, unsigned int n)
{
	return READ_ONCE(cpumask_bits(target)[n]) &
	       READ_ONCE(cpumask_bits(cpu_online_mask)[n]);
}

/*
 * Online remote targets go to ->snap. Returns how many, and in @self whether the
 * local CPU was in the set. Word by word: most machines have one, and calls would
 * cost more.
 */
static __always_inline unsigned int
target_snapshot(struct ipi_cpu *me, const struct cpumask *target, bool *self)
{
	unsigned int this_cpu = smp_processor_id();
	unsigned long *snap = cpumask_bits(me->snap);
	unsigned int n, remote = 0;

	for (n = 0; n < ipi_mask_words; n++) {
		snap[n] = target_word(target, n);
		remote += hweight_long(snap[n]);
	}
	*self = __test_and_clear_bit(this_cpu, snap);
	return remote - *self;
}

/*
 * Does @serve for each CPU of ->snap, which are @n. It tells whether the CPU
 * needs a kick; then all that do are kicked at once. Returns how many. Until then
 * the caller owes kicks: @serve must not wait for anyone.
 */
static __always_inline unsigned int
target_each_then_kick(struct ipi_cpu *me, unsigned int n,
		      bool (*serve)(unsigned int cpu, void *info), void *info)
{
	unsigned long *snap = cpumask_bits(me->snap);
	unsigned long bits;
	unsigned int i;

	for (i = 0; i < ipi_mask_words; i++) {
		for (bits = snap[i]; bits; bits &= bits - 1) {
			if (likely(serve(i * BITS_PER_LONG + __ffs(bits), info)))
				continue;
			snap[i] &= ~(bits & -bits);
			n--;
		}
	}
	ipi_cpu_kick_set(me->snap, n);
	return n;
}

#endif /* IPI_XCALL_TARGET_H */
