/* SPDX-License-Identifier: GPL-2.0 */
/* The one place that asks which kernel this is built for. */
#ifndef IPI_XCALL_COMPAT_H
#define IPI_XCALL_COMPAT_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *timer),
	      clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

static inline void eventfd_signal_once(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
#endif
}

/* The interrupts for calls that @cpu has had, where x86 counts them. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
#define ipi_call_irqs(cpu)	(per_cpu(irq_stat, cpu).irq_call_count)
#else
#define ipi_call_irqs(cpu)	(per_cpu(irq_stat, cpu).counts[IRQ_COUNT_CALL_FUNCTION])
#endif

#endif /* IPI_XCALL_COMPAT_H */
