/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of what a CPU counts. A counter more is a line here and a member
 * of struct ipi_xcall_cpu_stats: debugfs, the ioctl and the tool follow.
 */
#ifndef IPI_XCALL_STATS_H
#define IPI_XCALL_STATS_H

#include <linux/types.h>

/* C(type, name), in the order in which they are shown. */
#define IPI_COUNTERS(C)							\
	C(unsigned long, triggers)					\
	C(unsigned long, coalesced)					\
	C(unsigned long, runs)						\
	C(unsigned long, posted)					\
	C(unsigned long, executed)					\
	C(unsigned long, cancelled)					\
	C(unsigned long, kicks)						\
	C(unsigned long, full)						\
	C(unsigned long, passes)					\
	C(unsigned long, stalls)					\
	C(u64, lingered_ns)

#define IPI_STATS_MEMBER(type, name)	type name;

/*
 * What one CPU counted since the module was loaded; struct ipi_xcall_cpu_stats
 * says what each counter is.
 */
struct ipi_stats {
	IPI_COUNTERS(IPI_STATS_MEMBER)
};

#endif /* IPI_XCALL_STATS_H */
