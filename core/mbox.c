// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: mailboxes, where the quick path ends
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>

#include "mbox.h"
#include "stall.h"
#include "trace.h"

/* Polls of one entry before the others are looked at again. */
#define MBOX_POLLS	256

static unsigned int mailbox_bits;
module_param(mailbox_bits, uint, 0444);
MODULE_PARM_DESC(mailbox_bits, "bits of a mailbox's bell, for tests (0: as many as there have to be, 1 to 5)");

/* If there are more CPUs than bells; on each CPU's node. */
static unsigned long __percpu *mboxes;

/* ----- shape ----- */

static unsigned int mbox_bells_of(unsigned int width)
{
	return hweight_long(IPI_BELLS) / width;
}

static unsigned int mbox_count_of(unsigned int width)
{
	return (1U << width) - 1;
}

/* The narrowest bells whose entries are enough for a home for each CPU. */
static unsigned int mbox_width(unsigned int cpus)
{
	unsigned int width = 1;

	while (width < IPI_BELL_WIDTH && mbox_bells_of(width) * mbox_count_of(width) < cpus)
		width++;
	return width;
}

static void mbox_share_out(unsigned int width)
{
	unsigned int bells = mbox_bells_of(width);
	unsigned int entry, shift, bit;
	unsigned int places = max(DIV_ROUND_UP(nr_cpu_ids, bells),
				  DIV_ROUND_UP(IPI_MBOX_SIZE, bells));

	ipi_bells.width = width;
	ipi_bells.places = min(places, mbox_count_of(width));
	ipi_bells.entries = bells * ipi_bells.places;
	for (entry = 0; entry < ipi_bells.entries; entry++) {
		shift = IPI_BELLS_SHIFT + entry / ipi_bells.places * width;
		ipi_bells.of[entry] = 1UL << shift;
		ipi_bells.full += 1UL << shift;
		for (bit = shift; bit < shift + width; bit++)
			ipi_bells.bell[bit] = entry / ipi_bells.places;
	}
}

/* ipi_bells, and memory for the mailboxes. */
int ipi_mbox_init(void)
{
	unsigned int width = mailbox_bits ?: mbox_width(nr_cpu_ids);
	unsigned int cpu = cpumask_first(cpu_possible_mask);

	if (width > IPI_BELL_WIDTH) {
		pr_err("mailbox_bits: %u is not one of 0 to %u\n", width, IPI_BELL_WIDTH);
		return -EINVAL;
	}
	mbox_share_out(width);
	ipi_bells.offset = offsetof(struct ipi_cpu, own);
	if (width == 1)
		return 0;
	mboxes = __alloc_percpu(ipi_bells.entries * sizeof(*mboxes), SMP_CACHE_BYTES);
	if (!mboxes)
		return -ENOMEM;
	ipi_bells.offset = (void *)per_cpu_ptr(mboxes, cpu) - (void *)cpu_ptr(cpu);
	return 0;
}

/* Neighbours in number have different bells. */
void ipi_mbox_init_cpu(struct ipi_cpu *pc, unsigned int cpu)
{
	unsigned int bells = ipi_bells.entries / ipi_bells.places;
	unsigned int entry = cpu % bells * ipi_bells.places +
			     cpu / bells % ipi_bells.places;
	unsigned int bell;

	for (bell = 0; bell < bells && ipi_bells.width > 1; bell++)
		pc->turns[bell].entry = bell * ipi_bells.places;
	pc->home = ipi_bells.offset + entry * sizeof(*pc->own);
	pc->home_bell = ipi_bells.of[entry];
	pc->next = entry;
}

/* Nobody calls any more. */
void ipi_mbox_exit(void)
{
	free_percpu(mboxes);
}

/**
 * ipi_mbox_size() - how many messages a mailbox holds
 *
 * At least IPI_MBOX_SIZE; more where there are more CPUs.
 *
 * Context: any.
 * Return: messages in flight to one CPU before senders have to spin.
 */
unsigned int ipi_mbox_size(void)
{
	return ipi_bells.entries;
}
EXPORT_SYMBOL_GPL(ipi_mbox_size);

/* ----- where the quick path ends ----- */

/* Into the first empty entry from @first to the one before @end. */
static unsigned long mbox_put_between(struct ipi_cpu *pc, struct ipi_msg *msg,
				      unsigned int *next, unsigned int first,
				      unsigned int end)
{
	unsigned long *box = cpu_mbox(pc);

	for (; first < end; first++) {
		if (READ_ONCE(box[first]) || !mbox_put(&box[first], msg))
			continue;
		*next = first;
		return ipi_bells.of[first];
	}
	return 0;
}

/*
 * The home entry is taken. Looks at each once, from where there was room last
 * time: in a burst that is the first. Returns the bell to ring, or 0 if all
 * entries are taken.
 */
unsigned long ipi_mbox_put_any(struct ipi_cpu *pc, struct ipi_msg *msg,
			       unsigned int *next)
{
	unsigned int first = mbox_after(*next);

	if ((atomic_long_read(&pc->pending) & IPI_BELLS) == ipi_bells.full)
		return 0;
	return mbox_put_between(pc, msg, next, first, ipi_bells.entries) ?:
	       mbox_put_between(pc, msg, next, 0, first);
}

/*
 * Puts a message over a cancelled one. That has been rung for and not been
 * answered, or the pass that answers is not there yet.
 */
static bool mbox_put_cancelled(struct ipi_cpu *pc, struct ipi_msg *msg)
{
	unsigned long *box;

	for (box = cpu_mbox(pc); box < cpu_mbox(pc) + ipi_bells.entries; box++)
		if (READ_ONCE(*box) == IPI_CANCELLED &&
		    cmpxchg(box, IPI_CANCELLED, (unsigned long)msg) == IPI_CANCELLED)
			return true;
	return false;
}

/*
 * Spins until there is room, on the entry that this CPU would try next: of our own
 * burst it is the first that gets empty, and other senders hope for others. The
 * caller owes no kick, and interrupts are on. Returns the bell to ring, or
 * IPI_RUNG.
 */
noinline unsigned long ipi_mbox_wait(struct ipi_cpu *pc, unsigned int cpu,
				     struct ipi_msg *msg)
{
	unsigned int *next = this_cpu_ptr(&ipi_cpus.next);
	const unsigned long *box = cpu_mbox(pc) + mbox_after(*next);
	struct stall_watch watch = {};
	unsigned long bell;
	unsigned int n;

	count(full);
	ipi_trace(mailbox_full, msg->func, cpu);
	do {
		for (n = MBOX_POLLS; n && READ_ONCE(*box); n--)
			cpu_relax();
		if (!n && ipi_stall_begins(&watch)) {
			ipi_stall_report_waiter(msg->func, "to post");
			ipi_stall_report_cpu(cpu, "has a full mailbox");
		}
		bell = ipi_mbox_put_any(pc, msg, next);
		if (!bell && !n && mbox_put_cancelled(pc, msg))
			return IPI_RUNG;
	} while (!bell);
	return bell;
}

/* True if this prevents a run of @msg. */
bool ipi_mbox_cancel(struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	unsigned long posted = (unsigned long)msg;
	unsigned long *box = cpu_mbox(pc);
	unsigned long *end = box + ipi_bells.entries;

	for (; box < end; box++)
		if (READ_ONCE(*box) == posted &&
		    cmpxchg(box, posted, IPI_CANCELLED) == posted)
			return true;
	return false;
}

static bool mbox_holds(struct ipi_cpu *pc, const struct ipi_msg *msg,
		       unsigned long mask)
{
	const unsigned long *box = cpu_mbox(pc);
	const unsigned long *end = box + ipi_bells.entries;

	for (; box < end; box++)
		/* G: pairs with mbox_empty(). */
		if ((smp_load_acquire(box) & mask) == (unsigned long)msg)
			return true;
	return false;
}

/* May be true of a CPU that acks just now, is never false of one that has not. */
bool ipi_mbox_has_not_acked(struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	return mbox_holds(pc, msg, ~BIT(IPI_RUNNING));
}

bool ipi_mbox_has_not_started(struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	return mbox_holds(pc, msg, ~0UL);
}
