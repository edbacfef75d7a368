// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: what control files may take from others, however many there are
 *
 * Slots: clients in the kernel always find CTL_SLOTS_KERNEL of them left.
 *
 * Time with interrupts off: a function with a delay books twice the delay on the
 * account of its CPU, which says up to when that is paid for. An account that lies
 * ahead of the clock must be waited for, by senders in a killable sleep. One that
 * has fallen behind by more than that is set to BUSY_DEPTH_NS behind the clock. So
 * in any time t a CPU is busy for no more than t / 2 + IPI_XCALL_DELAY_BURST_NS.
 *
 * Calls and samples book before they are sent. How many runs a trigger leads to is
 * known by the handler only: it books when it runs, and triggers wait until
 * nothing is owed. What is under way then is a run of each slot.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>

#include "ctl.h"

/* ----- slots ----- */

static atomic_t share_slots;

/* ipi_register_as() for control files: 0 also if they hold too many. */
unsigned int ctl_slot_claim(ipi_func_t func, void *arg, const char *owner)
{
	unsigned int id;

	if (!atomic_add_unless(&share_slots, 1, IPI_MAX - CTL_SLOTS_KERNEL)) {
		pr_warn_ratelimited("no slot for %ps: the last %u are for clients in the kernel\n",
				    func, CTL_SLOTS_KERNEL);
		return 0;
	}
	id = ipi_register_as(func, arg, owner);
	if (!id)
		atomic_dec(&share_slots);
	return id;
}

/* @bits were all claimed. */
void ctl_slot_drop(unsigned long bits)
{
	ipi_unregister_many(bits);
	atomic_sub(hweight_long(bits), &share_slots);
}

/* ----- time ----- */

#define BUSY_SHARE	2
#define BUSY_DEPTH_NS	((s64)IPI_XCALL_DELAY_BURST_NS * BUSY_SHARE)

static DEFINE_PER_CPU(atomic64_t, share_busy);

/* Returns when @cpu can afford what was booked, in nanoseconds as of ktime. */
u64 ctl_busy_book(unsigned int cpu, u32 ns)
{
	atomic64_t *account = per_cpu_ptr(&share_busy, cpu);
	s64 oldest = ktime_get_ns() - BUSY_DEPTH_NS;
	s64 old = atomic64_read(account), new;

	do {
		new = max(old, oldest) + (s64)ns * BUSY_SHARE;
	} while (!atomic64_try_cmpxchg(account, &old, new));
	return max_t(s64, new, 0);
}

static int busy_sleep(u64 until)
{
	ktime_t t = ns_to_ktime(until);

	while (ktime_get_ns() < until) {
		if (fatal_signal_pending(current))
			return -EINTR;
		set_current_state(TASK_KILLABLE);
		schedule_hrtimeout(&t, HRTIMER_MODE_ABS);
	}
	return 0;
}

/* Books @ns on each of @cpus and waits until all of them can afford it. */
int ctl_busy_reserve(const struct cpumask *cpus, u32 ns)
{
	unsigned int cpu;
	u64 until = 0;

	if (!ns)
		return 0;
	for_each_cpu(cpu, cpus)
		until = max(until, ctl_busy_book(cpu, ns));
	if (!busy_sleep(until))
		return 0;
	for_each_cpu(cpu, cpus)
		atomic64_sub((s64)ns * BUSY_SHARE, per_cpu_ptr(&share_busy, cpu));
	return -EINTR;
}

/* Waits until none of @cpus owes anything. */
int ctl_busy_wait(const struct cpumask *cpus)
{
	s64 until = 0;
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		until = max_t(s64, until, atomic64_read(per_cpu_ptr(&share_busy, cpu)));
	return busy_sleep(until);
}
