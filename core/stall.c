// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: a wait takes too long
 *
 * It is reported, and that is all: to kick again would break the ownership of
 * the kick, and so would serving the other CPU's word.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "cpu.h"
#include "stall.h"
#include "trace.h"

static unsigned int stall_ms = 5000;
module_param(stall_ms, uint, 0644);
MODULE_PARM_DESC(stall_ms, "report a wait that takes longer than this, once (milliseconds, 0: never)");

/* True once: when the wait began stall_ms ago or earlier. */
bool ipi_stall_begins(struct stall_watch *watch)
{
	unsigned int limit = READ_ONCE(stall_ms);
	u64 now = ktime_get_ns();

	if (!watch->start)
		watch->start = now;
	if (watch->reported || !limit ||
	    now - watch->start < (u64)limit * NSEC_PER_MSEC)
		return false;
	watch->reported = true;
	count(stalls);
	return true;
}

void ipi_stall_report_waiter(ipi_func_t func, const char *what)
{
	ipi_trace(stall, func);
	pr_warn("stall: CPU %u, %s/%d waits %s %ps for over %u ms\n",
		raw_smp_processor_id(), current->comm, current->pid, what,
		func, READ_ONCE(stall_ms));
}

void ipi_stall_report_cpu(unsigned int cpu, const char *state)
{
	struct ipi_cpu_info info;

	ipi_cpu_info(cpu, &info);
	pr_warn("stall: CPU %u (%s) %s; pending %#lx, mailbox %u of %u\n",
		cpu, cpu_online(cpu) ? "online" : "offline", state,
		info.pending, info.mailbox, ipi_bells.entries);
	if (info.func)
		pr_warn("stall: CPU %u has been in %ps for %u ms\n", cpu, info.func,
			jiffies_to_msecs(jiffies - info.since));
}
