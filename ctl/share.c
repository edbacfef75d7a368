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
 * Calls, samples and triggers book before they are sent. What was booked for
 * nothing is given back as soon as that is known. Of a trigger that is so of one CPU:
 * of a set nobody says which of them coalesced.
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
static u64 busy_book(unsigned int cpu, s64 ns)
{
	atomic64_t *account = per_cpu_ptr(&share_busy, cpu);
	s64 oldest = ktime_get_ns() - BUSY_DEPTH_NS;
	s64 old = atomic64_read(account), new;

	do {
		new = max(old, oldest) + ns * BUSY_SHARE;
	} while (!atomic64_try_cmpxchg(account, &old, new));
	return max_t(s64, new, 0);
}

/* Books @ns on each of @cpus. Returns when all of them can afford it. */
u64 ctl_busy_book(const struct cpumask *cpus, u32 ns)
{
	unsigned int cpu;
	u64 until = 0;

	for_each_cpu(cpu, cpus)
		until = max(until, busy_book(cpu, ns));
	return until;
}

/* What was booked will not run. */
void ctl_busy_unbook(const struct cpumask *cpus, u32 ns)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		busy_book(cpu, -(s64)ns);
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

/*
 * Books @ns on each of @cpus, and waits until it can afford it, before the next. Who
 * gives up leaves what has become due: an account that was waited for may have
 * been brought up to the clock meanwhile.
 */
int ctl_busy_reserve(const struct cpumask *cpus, u32 ns)
{
	unsigned int cpu;

	if (!ns)
		return 0;
	for_each_cpu(cpu, cpus) {
		if (busy_sleep(busy_book(cpu, ns))) {
			ctl_busy_unbook(cpumask_of(cpu), ns);
			return -EINTR;
		}
	}
	return 0;
}
