/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU's mailbox: one entry's life.
 *
 *	entry	empty --put--> posted --take--> running --ack--> empty
 *			posted --cancel--> cancelled --pass--> empty
 *					   cancelled --put over--> posted
 *
 * Who fills an entry adds one to its bell, and an entry is emptied by its owner
 * only, in a pass, for one that it swapped away. So the entries that are filled
 * are always as many as the rings that are not answered:
 *
 *	filled = to be rung + in the word + swapped away and not answered yet
 *
 * Therefore a bell that can count its entries does not overflow, and to ring is
 * an addition, for which most machines have one instruction; and a pass finds
 * something for every ring. Where an entry has a bell of its own that is what it
 * was rung for. Entries that share a bell are answered for each other: a pass may
 * take one that is not rung yet, and what was rung is taken for that ring.
 *
 * Two may want a posted message, its CPU and ipi_cancel(); the bit IPI_RUNNING
 * decides. What was cancelled stays filled, for its ring is on its way: when no
 * entry is empty another message may be put over it without ringing, and a pass
 * empties it only if it is still cancelled. An entry names its message until
 * after the ack, which is how a report of late CPUs knows.
 *
 * Each CPU has an entry of its own in every mailbox, its home, as long as there
 * are no more CPUs than entries. Two share a bell only if there are more CPUs than
 * bells.
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
/* In place of a bell: it was rung for this entry already. */
#define IPI_RUNG	BIT(0)

static_assert(__alignof__(struct ipi_msg) > IPI_CANCELLED,
	      "IPI_RUNNING is a bit of the message's address");
static_assert(!(IPI_BELLS & IPI_RUNG), "IPI_RUNG is no bell");

/* C: the bell, fully ordered, comes next; an RMW, so the entry was emptied. */
static __always_inline bool mbox_put(unsigned long *box, struct ipi_msg *msg)
{
	unsigned long empty = 0;

	return try_cmpxchg(box, &empty, (unsigned long)msg);
}

/* This CPU's home in another's mailbox. */
static __always_inline unsigned long *mbox_home(struct ipi_cpu *pc)
{
	return (void *)pc + this_cpu_read(ipi_cpus.home);
}

static __always_inline unsigned int mbox_after(unsigned int entry)
{
	entry++;
	return likely(entry < ipi_bells.entries) ? entry : 0;
}

/*
 * Our home is taken, so we send a burst, perhaps: the entry after the one where
 * there was room last time. Returns the bell to ring, or 0.
 */
static __always_inline unsigned long mbox_put_next(struct ipi_cpu *pc,
						   struct ipi_msg *msg)
{
	unsigned int next = mbox_after(this_cpu_read(ipi_cpus.next));

	if (unlikely(!mbox_put(cpu_mbox(pc) + next, msg)))
		return 0;
	this_cpu_write(ipi_cpus.next, next);
	return ipi_bells.of[next];
}

/*
 * The owner takes what stands in an entry that is filled. Returns false if it was
 * cancelled; then the entry is empty now.
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

int ipi_mbox_init(void);
void ipi_mbox_init_cpu(struct ipi_cpu *pc, unsigned int cpu);
void ipi_mbox_exit(void);
unsigned long ipi_mbox_put_any(struct ipi_cpu *pc, struct ipi_msg *msg,
			       unsigned int *next);
unsigned long ipi_mbox_wait(struct ipi_cpu *pc, unsigned int cpu, struct ipi_msg *msg);
bool ipi_mbox_cancel(struct ipi_cpu *pc, const struct ipi_msg *msg);
bool ipi_mbox_has_not_acked(struct ipi_cpu *pc, const struct ipi_msg *msg);
bool ipi_mbox_has_not_started(struct ipi_cpu *pc, const struct ipi_msg *msg);

#endif /* IPI_XCALL_MBOX_H */
