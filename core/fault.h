/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults of a test build, which the torture test must catch. Without
 * IPI_XCALL_FAULTS there is nothing of them in the object.
 *
 *	insmod ipi_xcall.ko fault=NAME [fault_every=N]
 *
 * Those that happen now and then do so every Nth time on each CPU.
 *
 *	ack_early	a message is acked before its function runs
 *	run_twice	now and then a message runs twice
 *	lost_bell	now and then a message is posted and its bell not rung
 *	lost_kick	now and then the winner of the transition does not kick
 *	wrong_kick	now and then another than the winner kicks, too
 *	free_early	now and then an entry is emptied before its message runs
 *	no_barrier	a trigger looks at the bit without the barrier (H)
 *	no_grace	unregister does without its grace periods (E, F)
 */
#ifndef IPI_XCALL_FAULT_H
#define IPI_XCALL_FAULT_H

#ifndef IPI_XCALL_FAULTS

#define ipi_fault(name)		false
#define ipi_fault_now(name)	false
#define ipi_fault_owner(old)	(old)
#define ipi_fault_msg(msg)	(msg)
#define ipi_fault_acked(ran, again)	(again)

#else

#include <linux/compiler.h>
#include <linux/percpu.h>

#include "../ipi_xcall.h"

enum ipi_fault {
	NONE, ACK_EARLY, RUN_TWICE, LOST_BELL, LOST_KICK, WRONG_KICK, FREE_EARLY,
	NO_BARRIER, NO_GRACE,
};

extern int ipi_fault_nr;
extern unsigned int ipi_fault_every;
DECLARE_PER_CPU(unsigned int, ipi_fault_count);
DECLARE_PER_CPU(struct ipi_msg, ipi_fault_copy);

#define ipi_fault(name)		unlikely(ipi_fault_nr == (name))
#define ipi_fault_now(name)						\
	(ipi_fault(name) && !(this_cpu_inc_return(ipi_fault_count) % ipi_fault_every))

/* What a sender takes for the word as it was. */
static inline unsigned long ipi_fault_owner(unsigned long old)
{
	if (old && ipi_fault_now(WRONG_KICK))
		return 0;
	if (!old && ipi_fault_now(LOST_KICK))
		return 1;
	return old;
}

/* The message that runs and is acked after this. */
static inline struct ipi_msg *ipi_fault_msg(struct ipi_msg *msg)
{
	struct ipi_msg *copy = this_cpu_ptr(&ipi_fault_copy);

	if (ipi_fault_now(RUN_TWICE))
		msg->func(msg->arg);
	if (!ipi_fault(ACK_EARLY))
		return msg;
	copy->func = msg->func;
	copy->arg = msg->arg;
	atomic_fetch_sub_release(1, &msg->pending);
	return copy;
}

/* What ran; to read the message again would miss that it was acked already. */
#define ipi_fault_acked(ran, again)	(ran)

#endif /* IPI_XCALL_FAULTS */

#endif /* IPI_XCALL_FAULT_H */
