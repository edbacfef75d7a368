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

/* @func may be NULL. */
void ipi_stall_report_waiter(ipi_func_t func, const char *what)
{
	struct task_struct *me = current;

	ipi_trace(stall, func);
	if (func)
		pr_warn("stall: CPU %u, %s/%d waits %s %ps for over %u ms\n",
			raw_smp_processor_id(), me->comm, me->pid, what, func,
			READ_ONCE(stall_ms));
	else
		pr_warn("stall: CPU %u, %s/%d waits %s for over %u ms\n",
			raw_smp_processor_id(), me->comm, me->pid, what,
			READ_ONCE(stall_ms));
}

/*
 * Something is pending and no kick of this CPU's own is on its way. Which sender
 * has rung and not kicked is written down nowhere: it would have to be said
 * at each ring. A mask IPI, whose csds are the core's, cannot be told from that.
 */
static bool stall_is_owed(const struct ipi_cpu_info *info)
{
	return info->pending && !(info->pending & IPI_LINGER) && !info->kicked &&
	       !info->func;
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
	if (info.kicked)
		pr_warn("stall: CPU %u was kicked and has not taken the interrupt\n", cpu);
	else if (stall_is_owed(&info))
		pr_warn("stall: CPU %u is owed its kick by a sender that is held up, or a mask IPI is on its way\n",
			cpu);
}

bool ipi_stall_is_running(unsigned int cpu)
{
	return READ_ONCE(cpu_ptr(cpu)->func);
}
