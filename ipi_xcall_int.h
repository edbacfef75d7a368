/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's own control files need beyond ipi_xcall.h. Nothing here
 * is exported.
 */
#ifndef IPI_XCALL_INT_H
#define IPI_XCALL_INT_H

#include "ipi_xcall.h"

struct ipi_xcall_sample;

/* A set of slots is a word with a bit for each id; bit 0 is nobody's. */
#define IPI_SLOT_BIT(id)	BIT(id)

/**
 * struct ipi_stats - what one CPU counted since the module was loaded
 * @triggers: triggers sent by this CPU, one for each CPU marked
 * @coalesced: those of them whose bit was set already
 * @runs: handler runs on this CPU
 * @posted: messages posted by this CPU, one for each CPU called
 * @executed: messages run on this CPU
 * @cancelled: messages that this CPU took back before they ran
 * @kicks: interrupts asked for by this CPU
 * @full: posts by this CPU that found a full mailbox
 * @passes: times that this CPU was kicked and drained its word
 * @stalls: waits on this CPU that were reported as stalled
 * @lingered: nanoseconds that passes of this CPU polled for more
 *
 * Summed over CPUs while nothing is in flight, @triggers = @runs + @coalesced
 * and @posted = @executed + @cancelled.
 */
struct ipi_stats {
	unsigned long triggers;
	unsigned long coalesced;
	unsigned long runs;
	unsigned long posted;
	unsigned long executed;
	unsigned long cancelled;
	unsigned long kicks;
	unsigned long full;
	unsigned long passes;
	unsigned long stalls;
	u64 lingered;
};

/**
 * struct ipi_verdict - what became of a trigger sent to a set
 * @marked: online CPUs in the set
 * @coalesced: those whose bit was set already
 * @kicked: those that were sent an interrupt for it
 */
struct ipi_verdict {
	unsigned int marked;
	unsigned int coalesced;
	unsigned int kicked;
};

/**
 * struct ipi_slot_info - a slot as seen from outside
 * @func: the handler
 * @arg: its argument
 * @owner: who registered it, or NULL when a client module did
 * @live: true until ipi_unregister() begins
 */
struct ipi_slot_info {
	ipi_func_t func;
	void *arg;
	const char *owner;
	bool live;
};

/**
 * struct ipi_cpu_info - a CPU's side of the module at one moment
 * @pending: the pending word
 * @deferred: slots that wait for a later pass of the CPU itself
 * @mailbox: occupied mailbox entries
 * @func: function that runs right now, or NULL
 * @since: jiffies when it began
 */
struct ipi_cpu_info {
	unsigned long pending;
	unsigned long deferred;
	unsigned int mailbox;
	ipi_func_t func;
	unsigned long since;
};

/**
 * struct ipi_measure - a measurement; its numbers are those of the ABI
 * @mode: what to measure
 * @to: how it is aimed
 * @cpus: at whom, offline CPUs included
 * @source: the CPU that sends
 * @period_ns: from one sample to the next
 * @from_due: count from when a sample was due
 * @delay_cpu: the CPU on which the function takes longer
 * @delay_ns: by so much
 * @samples: for what is measured
 * @room: how many may be taken
 * @taken: out: how many were
 * @ended: out: why no more
 */
struct ipi_measure {
	u32 mode;
	u32 to;
	const struct cpumask *cpus;
	unsigned int source;
	u32 period_ns;
	bool from_due;
	unsigned int delay_cpu;
	u32 delay_ns;
	struct ipi_xcall_sample *samples;
	unsigned int room;
	unsigned int taken;
	u32 ended;
};

unsigned int ipi_register_as(ipi_func_t func, void *arg, const char *owner);
void ipi_unregister_many(unsigned long bits);
int ipi_trigger_verdict(unsigned int id, const struct cpumask *target,
			bool skip_self, struct ipi_verdict *v);

bool ipi_slot_info(unsigned int id, struct ipi_slot_info *info);
unsigned long ipi_slot_runs(unsigned int id, unsigned int cpu);
void ipi_cpu_info(unsigned int cpu, struct ipi_cpu_info *info);
void ipi_stats_read(unsigned int cpu, struct ipi_stats *stats);

/* Lingering: the policy, in ipi_xcall_linger.c; the rest is in ipi_xcall.c. */
u64 ipi_linger_ns(u64 now);
u64 ipi_linger_limit(u64 now, u64 ns);
void ipi_linger_end(u64 began, u64 now, bool company);
u64 ipi_lingered(unsigned int cpu);
void ipi_linger_init(void);
bool ipi_is_lingering(void);
void ipi_linger_hold(void);
void ipi_linger_release(void);
void ipi_detour(bool on);

/* Handlers that all control files offer. */
void ipi_count(void *unused);
void ipi_stamp(void *stamps);
/* What they do on top of it. */
void ipi_keep_busy(u32 ns);

int ipi_measure(struct ipi_measure *m);

int ipi_ctl_init(void);
void ipi_ctl_exit(void);

void ipi_debugfs_init(void);
void ipi_debugfs_exit(void);

#endif /* IPI_XCALL_INT_H */
