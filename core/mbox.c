// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: mailboxes, where the quick path ends
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#include "mbox.h"
#include "stall.h"
#include "trace.h"

/* Polls of one entry before the others are looked at again. */
#define MBOX_POLLS	256

/*
 * Puts a message over a cancelled one. Its bell has been rung and not been
 * answered, or the pass that answers is not there yet.
 */
static bool mbox_put_cancelled(struct ipi_cpu *pc, struct ipi_msg *msg)
{
	unsigned long *box;

	for (box = pc->mbox; box < pc->mbox + IPI_MBOX_SIZE; box++)
		if (READ_ONCE(*box) == IPI_CANCELLED &&
		    cmpxchg(box, IPI_CANCELLED, (unsigned long)msg) == IPI_CANCELLED)
			return true;
	return false;
}

/*
 * Spins until there is room, on the entry that this CPU would try next: other
 * senders hope for others. The caller owes no kick, and interrupts are on.
 * Returns the bell to ring, or IPI_RUNG.
 */
noinline unsigned long ipi_mbox_wait(struct ipi_cpu *pc, unsigned int cpu,
				 struct ipi_msg *msg)
{
	unsigned long next = this_cpu_read(ipi_cpus.next);
	struct stall_watch watch = {};
	unsigned long bell;
	unsigned int n;

	count(full);
	ipi_trace(mailbox_full, msg->func, cpu);
	do {
		for (n = MBOX_POLLS; n && READ_ONCE(pc->mbox[next]); n--)
			cpu_relax();
		if (n && mbox_put(pc, next, msg))
			return IPI_BELL(next);
		if (!n && ipi_stall_begins(&watch)) {
			ipi_stall_report_waiter(msg->func, "to post");
			ipi_stall_report_cpu(cpu, "has a full mailbox");
		}
		bell = mbox_put_any(pc, msg);
		if (!bell && !n && mbox_put_cancelled(pc, msg))
			return IPI_RUNG;
	} while (!bell);
	return bell;
}

/* True if this prevents a run of @msg. */
bool ipi_mbox_cancel(struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	unsigned long posted = (unsigned long)msg;
	unsigned int entry;

	for (entry = 0; entry < IPI_MBOX_SIZE; entry++)
		if (READ_ONCE(pc->mbox[entry]) == posted &&
		    cmpxchg(&pc->mbox[entry], posted, IPI_CANCELLED) == posted)
			return true;
	return false;
}

static bool mbox_holds(const struct ipi_cpu *pc, const struct ipi_msg *msg,
		       unsigned long mask)
{
	unsigned int entry;

	for (entry = 0; entry < IPI_MBOX_SIZE; entry++)
		/* G: pairs with mbox_empty(). */
		if ((smp_load_acquire(&pc->mbox[entry]) & mask) == (unsigned long)msg)
			return true;
	return false;
}

/* May be true of a CPU that acks just now, is never false of one that has not. */
bool ipi_mbox_has_not_acked(const struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	return mbox_holds(pc, msg, ~BIT(IPI_RUNNING));
}

bool ipi_mbox_has_not_started(const struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	return mbox_holds(pc, msg, ~0UL);
}
