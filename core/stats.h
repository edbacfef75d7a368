/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of counters.
 *
 * A counter more is a member of struct ipi_counts, which the mechanism counts,
 * and a line of IPI_COUNTERS, which says what is told of it; the ABI's header
 * has a member of the same name. All else is made from the list.
 */
#ifndef IPI_XCALL_STATS_H
#define IPI_XCALL_STATS_H

#include <linux/types.h>

/*
 * What a CPU counts. The usual operation counts once, so a sum that people
 * read may be spread over several members.
 */
struct ipi_counts {
	unsigned long posts_ipi;	/* posts that sent an interrupt */
	unsigned long posts_noipi;	/* posts that found one on its way */
	unsigned long triggers_ipi;
	unsigned long triggers_noipi;
	unsigned long coalesced;
	unsigned long executed_single;	/* messages that were all of a pass */
	unsigned long executed_multi;
	unsigned long cancelled;
	unsigned long full;
	unsigned long passes_multi;	/* passes that were anything else */
	unsigned long stalls;
};

/*
 * C(name, value): what is told of a CPU, and how it is made of its counts @c.
 * Some values are kept elsewhere and looked up by the number of the CPU.
 */
#define IPI_COUNTERS(C)							\
	C(triggers, c.triggers_ipi + c.triggers_noipi + c.coalesced)	\
	C(coalesced, c.coalesced)					\
	C(runs, ipi_slot_runs_all(cpu))						\
	C(posted, c.posts_ipi + c.posts_noipi)				\
	C(executed, c.executed_single + c.executed_multi)		\
	C(cancelled, c.cancelled)					\
	C(kicks, c.triggers_ipi + c.posts_ipi)				\
	C(full, c.full)							\
	C(passes, c.executed_single + c.passes_multi)			\
	C(stalls, c.stalls)						\
	C(lingered_ns, ipi_linger_spent(cpu))

/*
 * What one CPU counted since the module was loaded. Struct ipi_xcall_cpu_stats
 * of the ABI says what each of IPI_COUNTERS means.
 */
struct ipi_stats {
#define IPI_COUNTER_MEMBER(name, value)	u64 name;
	IPI_COUNTERS(IPI_COUNTER_MEMBER)
#undef IPI_COUNTER_MEMBER
};

#endif /* IPI_XCALL_STATS_H */
