/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may call from where.
 *
 *	trigger		anywhere but in NMI, preemption off
 *	send		task, interrupts on, preemption off
 *	..._try		as trigger
 *	done		anywhere
 *	wait, cancel	task, interrupts on
 *	(un)register	where one may sleep
 *
 * A sender that was not a task could spin for ever above the one that owes the
 * kick (a softirq on top of the task that won the transition), and one with
 * interrupts off could spin while the CPU that it waits for spins on it. Those
 * that try never spin: see try.c.
 */
#ifndef IPI_XCALL_CONTEXT_H
#define IPI_XCALL_CONTEXT_H

#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "../ipi_xcall.h"

/*
 * Twice the preempt count. Some machines keep a flag in its top bit, which the
 * shift drops for free.
 */
static __always_inline unsigned int context_shifted_count(void)
{
	return (unsigned int)preempt_count() << 1;
}

/*
 * Preemption off, not in NMI. One comparison answers for the usual case of a
 * preempt count that is neither zero nor as large as that of an NMI.
 */
static __always_inline bool context_may_trigger(void)
{
	if (likely(context_shifted_count() - 2u < 2 * (NMI_OFFSET - 1u)))
		return true;
	return !in_nmi() && !preemptible();
}

static __always_inline bool context_may_wait(void)
{
	return in_task() && !irqs_disabled();
}

/* The usual preempt count of a task with preemption off is small. */
static __always_inline bool context_may_send(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		return context_may_wait();
	if (likely(context_shifted_count() - 2u < 2 * (SOFTIRQ_OFFSET - 1u)) &&
	    !IS_ENABLED(CONFIG_PREEMPT_RT))
		return !irqs_disabled();
	return preempt_count() && context_may_wait();
}

/* As far as the kernel's configuration lets us know. */
static inline bool context_may_sleep(void)
{
	return context_may_wait() &&
	       (!IS_ENABLED(CONFIG_PREEMPT_COUNT) || preemptible());
}

/* The one warning of sends and waits; in wait.c. Returns -EDEADLK. */
int ipi_wrong_send_context(void);
/* What all sends check, and that nothing of a refused message is in flight; in send.c. */
int ipi_send_check(struct ipi_msg *msg, int err, bool valid, bool online);
void ipi_send_refuse(struct ipi_msg *msg);

#endif /* IPI_XCALL_CONTEXT_H */
