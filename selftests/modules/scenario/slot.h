/* SPDX-License-Identifier: GPL-2.0 */
/* Handlers that count their runs, and the sends. */
#ifndef XCALL_TEST_SLOT_H
#define XCALL_TEST_SLOT_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include "../../../ipi_xcall.h"
#include "poll.h"
#include "report.h"

/*
 * Every handler and message function of these tests is inside this pair: it
 * runs with interrupts off and never on top of another one.
 */
void xt_enter(void);
void xt_leave(void);

/**
 * struct xt_slot - a registered handler that counts its runs on each CPU
 * @id: what ipi_register() returned
 * @runs: finished runs on each CPU
 * @body: what a run does beside being counted, or NULL
 * @data: for @body
 */
struct xt_slot {
	unsigned int id;
	unsigned long __percpu *runs;
	void (*body)(struct xt_slot *slot);
	void *data;
};

bool xt_slot_open(struct xt_slot *slot, void (*body)(struct xt_slot *slot),
		  void *data);
void xt_slot_close(struct xt_slot *slot);
unsigned long xt_runs(const struct xt_slot *slot, unsigned int cpu);
unsigned long xt_runs_all(const struct xt_slot *slot);
bool xt_ran(const struct xt_slot *slot, unsigned int cpu, unsigned long times);

/* In a body: notes which of @n stores this CPU sees. */
void xt_see(unsigned long __percpu *seen, const unsigned long *stored, int n);

/* In softirqs and with them off preemption is off, but not on PREEMPT_RT. */
static inline void xt_softirq_enter(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
}

static inline void xt_softirq_leave(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
}

/* The sends, each with preemption off for just the call. */
int xt_trigger(unsigned int id, unsigned int cpu);
int xt_trigger_multi(unsigned int id, const struct cpumask *target);
int xt_trigger_broadcast(unsigned int id, bool skip_self);
int xt_unicast(struct ipi_msg *msg, unsigned int cpu);
int xt_multicast(struct ipi_msg *msg, const struct cpumask *target);
int xt_broadcast(struct ipi_msg *msg, bool skip_self);

/* Is a set of so many CPUs to be tried? All small sizes, some of the larger ones. */
static inline bool xt_try_size(unsigned int n)
{
	return n <= 16 || n % 16 == 1 || n == num_possible_cpus();
}

#endif /* XCALL_TEST_SLOT_H */
