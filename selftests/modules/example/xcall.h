/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xcall(9) of NetBSD, rebuilt on ipi_xcall.h: an example of a port.
 *
 * A cross-call runs a function with two arguments on one CPU or on all. One of
 * low priority runs in a thread of the CPU and may sleep; one of high priority
 * (XC_HIGHPRI) runs in the interrupt, as a message does. A call is posted, and
 * its ticket is what to wait for.
 */
#ifndef IPI_XCALL_EXAMPLE_XCALL_H
#define IPI_XCALL_EXAMPLE_XCALL_H

#include <linux/bits.h>
#include <linux/types.h>

typedef void (*xcfunc_t)(void *arg1, void *arg2);

#define XC_HIGHPRI	BIT(0)

u64 xc_broadcast(unsigned int flags, xcfunc_t func, void *arg1, void *arg2);
u64 xc_unicast(unsigned int flags, xcfunc_t func, void *arg1, void *arg2,
	       unsigned int cpu);
void xc_wait(u64 ticket);
void xc_barrier(unsigned int flags);

int xc_init(void);
void xc_exit(void);

#endif /* IPI_XCALL_EXAMPLE_XCALL_H */
