/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the control files need of the core beyond ipi_xcall.h. Nothing here is
 * exported.
 */
#ifndef IPI_XCALL_INFO_H
#define IPI_XCALL_INFO_H

#include "../ipi_xcall.h"
#include "stats.h"

/* A set of slots is a word with a bit for each id; bit 0 is nobody's. */
#define IPI_SLOT_BIT(id)	BIT(id)

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
 * @kicked: a kick of its own, not one of a mask IPI, is on its way
 * @func: function that runs right now, or NULL
 * @since: jiffies when it began
 */
struct ipi_cpu_info {
	unsigned long pending;
	unsigned long deferred;
	unsigned int mailbox;
	bool kicked;
	ipi_func_t func;
	unsigned long since;
};

/* State of a wait that looks at times whether it takes too long. */
struct stall_watch {
	u64 start;
	bool reported;
};

void ipi_wait_watch(const struct ipi_msg *msg, struct stall_watch *watch);

unsigned int ipi_register_as(ipi_func_t func, void *arg, const char *owner);
void ipi_unregister_many(unsigned long bits);
int ipi_trigger_verdict(unsigned int id, const struct cpumask *target,
			bool skip_self, struct ipi_verdict *v);

bool ipi_slot_info(unsigned int id, struct ipi_slot_info *info);
unsigned long ipi_slot_runs(unsigned int id, unsigned int cpu);
void ipi_cpu_info(unsigned int cpu, struct ipi_cpu_info *info);
void ipi_stats_read(unsigned int cpu, struct ipi_stats *stats);

/* Lingering, see linger.c. */
void ipi_linger_set(unsigned int ns, bool is_auto);
bool ipi_is_lingering(void);
void ipi_linger_hold(void);
void ipi_linger_release(void);

#endif /* IPI_XCALL_INFO_H */
