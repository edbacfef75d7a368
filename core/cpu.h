/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU: its pending word, who rings, who kicks.
 *
 *	 63            33  32            1    0		(half of each on 32-bit)
 *	+----------------+---------------+--------+
 *	| doorbells      | slots 32 .. 1 | LINGER |	ipi_cpu.pending
 *	+----------------+---------------+--------+
 *
 *	word	zero --ring--> owed (the winner kicks) --xchg--> zero
 *
 * A doorbell is a counter of one bit, or of a few where there are more CPUs than
 * doorbells: see mbox.h.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#ifndef IPI_XCALL_CPU_H
#define IPI_XCALL_CPU_H

#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "../ipi_xcall.h"
#include "fault.h"
#include "info.h"
#include "stats.h"

#define IPI_LINGER	BIT(0)
#define IPI_SLOTS	GENMASK(IPI_MAX, 1)
#define IPI_BELLS_SHIFT	(IPI_MAX + 1)
#define IPI_BELLS	GENMASK(BITS_PER_LONG - 1, IPI_BELLS_SHIFT)

/* A bell is no wider, so that a pass looks at a few cache lines for a message. */
#define IPI_BELL_WIDTH	5
#define IPI_ENTRIES_MAX	(IPI_MBOX_SIZE / IPI_BELL_WIDTH * (BIT(IPI_BELL_WIDTH) - 1))

static_assert(IPI_ENTRIES_MAX <= U8_MAX);
static_assert(IPI_BELLS_SHIFT + IPI_MBOX_SIZE == BITS_PER_LONG,
	      "each slot, and each entry of the smallest mailbox, has a bit of the word");

/**
 * struct ipi_bells - how the bells are shared out, the same on all CPUs
 * @width: bits of a bell
 * @places: entries that have the same bell, no more than it can count
 * @entries: entries of a mailbox
 * @offset: where a CPU's mailbox is, from its struct ipi_cpu on
 * @full: bells of a word that have counted all entries
 * @of: the bell of each entry
 * @bell: for each bit of a word, the number of its bell
 */
struct ipi_bells {
	unsigned int width;
	unsigned int places;
	unsigned int entries;
	unsigned long offset;
	unsigned long full;
	unsigned long of[IPI_ENTRIES_MAX];
	u8 bell[BITS_PER_LONG];
};

extern struct ipi_bells ipi_bells;

/**
 * struct ipi_turn - whose turn it is at a shared bell
 * @entry: the one that was taken last
 * @looks: counts them
 */
struct ipi_turn {
	u8 entry;
	u8 looks;
};

/**
 * struct ipi_cpu - all that belongs to one CPU
 *
 * The first part is written by senders. Word and csd share a cache line since
 * the winner of the transition needs both. The rest is written by the owner
 * with interrupts off, or, where it says so, with preemption off; others read
 * it at most.
 *
 * @pending: slots and doorbells that wait for the owner
 * @csd: the kick; belongs to whoever moved @pending from zero
 *
 * @own: entries, as long as there are no more CPUs than bells; see mbox.h
 *
 * @deferred: slots that the owner triggered on itself within a pass
 * @func: function that runs now, NULL outside of passes
 * @since: jiffies when @func began
 * @home: the entry that this CPU tries first, on whichever CPU: how far it is
 *	from that CPU's struct
 * @home_bell: its bell
 * @next: the entry to begin with when that is taken; of the task that has
 *	preemption off
 * @budget: passes over @deferred that are left
 * @parked: @deferred waits for @retry
 * @up: neither coming nor going: may park and linger
 * @turns: of each bell that is shared
 * @retry: fires a tick after the budget was used up
 * @snap: targets of a send; of the task that has preemption off
 * @left: targets of that send whose mailbox was full; empty between sends
 * @counts: see there; senders count with preemption or interrupts on
 * @runs: runs of each slot; of slots since freed in [0]
 */
struct ipi_cpu {
	atomic_long_t pending;
	call_single_data_t csd;
	unsigned long own[IPI_MBOX_SIZE];

	unsigned long deferred ____cacheline_aligned;
	ipi_func_t func;
	unsigned long since;
	unsigned long home;
	unsigned long home_bell;
	unsigned int next;
	unsigned int budget;
	bool parked;
	bool up;
	struct ipi_turn turns[IPI_MBOX_SIZE / 2];
	struct hrtimer retry;
	cpumask_var_t snap;
	cpumask_var_t left;
	struct ipi_counts counts;
	unsigned long runs[IPI_MAX + 1];
};

DECLARE_PER_CPU_SHARED_ALIGNED(struct ipi_cpu, ipi_cpus);

/* Words of a CPU mask that can have bits set. */
extern unsigned int ipi_mask_words;
extern unsigned int ipi_mask_min;

#define count(field)		this_cpu_inc(ipi_cpus.counts.field)
#define count_many(field, n)	this_cpu_add(ipi_cpus.counts.field, n)

/*
 * A number from outside may be one of no CPU, whose per-CPU area is not there.
 * With preemption off, a CPU that is online stays able to take a kick.
 */
static __always_inline bool cpu_is_online(unsigned int cpu)
{
	return cpu < nr_cpu_ids && cpu_online(cpu);
}

static __always_inline struct ipi_cpu *cpu_ptr(unsigned int cpu)
{
	return per_cpu_ptr(&ipi_cpus, cpu);
}

/* The areas of all CPUs are laid out alike. */
static __always_inline unsigned long *cpu_mbox(struct ipi_cpu *pc)
{
	return (void *)pc + ipi_bells.offset;
}

static __always_inline bool cpu_has_pending(const struct ipi_cpu *pc, unsigned int id)
{
	return (unsigned long)atomic_long_read(&pc->pending) >> id & 1;
}

/*
 * Both return the word as it was: zero means that the caller owes the kick.
 *
 * A, B: fully ordered, pairs with the xchg in pass.c.
 */
static __always_inline unsigned long cpu_ring_slot(struct ipi_cpu *pc, unsigned int id)
{
	return ipi_fault_owner(atomic_long_fetch_or(IPI_SLOT_BIT(id), &pc->pending));
}

/* It does not overflow, since the caller has just filled one of its entries. */
static __always_inline unsigned long cpu_ring_bell(struct ipi_cpu *pc, unsigned long bell)
{
	if (ipi_fault_now(LOST_BELL))
		return bell;
	return ipi_fault_owner(atomic_long_fetch_add(bell, &pc->pending));
}

/*
 * The caller won the transition, and @cpu cannot go down before it is kicked.
 * Returns 0 (csd free, CPU online), so that callers can tail-call it.
 */
static __always_inline int cpu_kick(struct ipi_cpu *pc, unsigned int cpu)
{
	/* Locked would mean two owners. */
	WARN_ON_ONCE(pc->csd.node.u_flags & CSD_FLAG_LOCK);
	return smp_call_function_single_async(cpu, &pc->csd);
}

/* What a CPU does that was kicked together with others. */
extern smp_call_func_t ipi_kicked_with_many;
void ipi_cpu_kick_set(const struct cpumask *owed, unsigned int n);

#endif /* IPI_XCALL_CPU_H */
