/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels. compat.mk looks into their headers and defines
 * IPI_HAS_* for what it finds.
 */
#ifndef IPI_XCALL_COMPAT_H
#define IPI_XCALL_COMPAT_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>

#ifndef IPI_HAS_hrtimer_setup
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
#ifdef IPI_HAS_eventfd_signal
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

/*
 * The interrupts for calls that @cpu has had. Of the architectures, x86 lets
 * modules read them.
 */
#if defined(CONFIG_X86) && defined(CONFIG_SMP) && !defined(CONFIG_UML)
#if defined(IPI_HAS_irq_counts)
#define ipi_call_irqs(cpu)	(per_cpu(irq_stat, cpu).counts[IRQ_COUNT_CALL_FUNCTION])
#elif defined(IPI_HAS_irq_call_count)
#define ipi_call_irqs(cpu)	(per_cpu(irq_stat, cpu).irq_call_count)
#endif
#endif

#endif /* IPI_XCALL_COMPAT_H */
