/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU's mailbox: one entry's life.
 *
 *	entry	empty --put--> posted --take--> running --ack--> empty
 *			posted --cancel--> cancelled --pass--> empty
 *					   cancelled --put over--> posted
 *
 * An entry is emptied by its owner only, in the pass that swapped its bell
 * away. So the bell of an empty entry is silent, whoever puts a message there
 * rings exactly once, and a pass finds something behind every bell: to ring is
 * an addition, for which most machines have one instruction. Two may want a
 * posted message, its CPU and ipi_cancel(); the bit IPI_RUNNING decides. The
 * bell of a cancelled entry is on its way, so when no entry is empty another
 * message may be put over it without ringing, and the pass empties it only if
 * it is still cancelled. An entry names its message until after the ack, which
 * is how a report of late CPUs knows.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#ifndef IPI_XCALL_MBOX_H
#define IPI_XCALL_MBOX_H

#include <linux/bitops.h>

#include "cpu.h"

/* An entry is 0, or a message whose bit 0 says that it runs, or this. */
#define IPI_RUNNING	0
#define IPI_CANCELLED	BIT(IPI_RUNNING)
/* In place of a bell: the one of this entry rings already. */
#define IPI_RUNG	BIT(0)

static_assert(__alignof__(struct ipi_msg) > IPI_CANCELLED,
	      "IPI_RUNNING is a bit of the message's address");
static_assert(!(IPI_BELLS & IPI_RUNG), "IPI_RUNG is no bell");

/* C: the bell, fully ordered, comes next; an RMW, so the entry was emptied. */
static __always_inline bool mbox_put(struct ipi_cpu *pc, unsigned long entry,
				     struct ipi_msg *msg)
{
	unsigned long empty = 0;

	return try_cmpxchg(&pc->mbox[entry], &empty, (unsigned long)msg);
}

/*
 * Our preferred entry is taken. Of the others, those with a silent bell are
 * empty or about to be, the lowest first. Returns the bell to ring, or 0 if
 * all entries are taken.
 */
static __always_inline unsigned long mbox_put_any(struct ipi_cpu *pc,
						  struct ipi_msg *msg)
{
	unsigned long silent = ~atomic_long_read(&pc->pending) & IPI_BELLS;
	unsigned long entry;

	for (; silent; silent &= silent - 1) {
		entry = IPI_ENTRY(silent);
		if (!READ_ONCE(pc->mbox[entry]) && mbox_put(pc, entry, msg))
			return IPI_BELL(entry);
	}
	return 0;
}

/*
 * The owner takes what its bell stands for. Returns false if it was cancelled;
 * then the entry is empty now.
 */
static __always_inline bool mbox_take(unsigned long *box)
{
	/* Against ipi_mbox_cancel() and mbox_put_cancelled(). */
	while (unlikely(test_and_set_bit(IPI_RUNNING, box)))
		if (cmpxchg(box, IPI_CANCELLED, 0) == IPI_CANCELLED)
			return false;
	return true;
}

/* The message that the owner took. */
static __always_inline struct ipi_msg *mbox_msg(const unsigned long *box)
{
	return (void *)(READ_ONCE(*box) - BIT(IPI_RUNNING));
}

/* The message was acked. */
static __always_inline void mbox_empty(unsigned long *box)
{
	/* C, G: pairs with mbox_put() and mbox_holds(). */
	smp_store_release(box, 0);
}

/*
 * The entry that this CPU tries next, wherever it sends. Senders prefer
 * different ones, so that they collide rarely.
 */
static __always_inline void mbox_prefer(unsigned long entry)
{
	this_cpu_write(ipi_cpus.next, entry);
	this_cpu_write(ipi_cpus.next_bell, IPI_BELL(entry));
}

static __always_inline bool mbox_prefers_home(void)
{
	return this_cpu_read(ipi_cpus.next) == this_cpu_read(ipi_cpus.home);
}

/*
 * If our preferred entry was taken, and only then, we send a burst: go on with
 * the next entry until we wrap round to it.
 */
static __always_inline void mbox_prefer_next(void)
{
	unsigned long next = this_cpu_read(ipi_cpus.next) + 1;

	mbox_prefer(next < IPI_MBOX_SIZE ? next : 0);
}

unsigned long ipi_mbox_wait(struct ipi_cpu *pc, unsigned int cpu, struct ipi_msg *msg);
bool ipi_mbox_cancel(struct ipi_cpu *pc, const struct ipi_msg *msg);
bool ipi_mbox_has_not_acked(const struct ipi_cpu *pc, const struct ipi_msg *msg);
bool ipi_mbox_has_not_started(const struct ipi_cpu *pc, const struct ipi_msg *msg);

#endif /* IPI_XCALL_MBOX_H */
