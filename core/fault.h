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

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "../ipi_xcall.h"

enum ipi_fault {
	NONE, ACK_EARLY, RUN_TWICE, LOST_BELL, LOST_KICK, WRONG_KICK, NO_BARRIER,
	NO_GRACE,
};

static const char * const ipi_fault_names[] = {
	[NONE]		= "none",
	[ACK_EARLY]	= "ack_early",
	[RUN_TWICE]	= "run_twice",
	[LOST_BELL]	= "lost_bell",
	[LOST_KICK]	= "lost_kick",
	[WRONG_KICK]	= "wrong_kick",
	[NO_BARRIER]	= "no_barrier",
	[NO_GRACE]	= "no_grace",
};

static int fault __read_mostly;
static unsigned int fault_every = 100;
module_param(fault_every, uint, 0444);
MODULE_PARM_DESC(fault_every, "what happens now and then happens every so many times");

static DEFINE_PER_CPU(unsigned int, fault_count);
static DEFINE_PER_CPU(struct ipi_msg, fault_msg);

static int fault_set(const char *val, const struct kernel_param *kp)
{
	int ret = sysfs_match_string(ipi_fault_names, val);

	if (ret < 0)
		return ret;
	fault = ret;
	return 0;
}

static int fault_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%s\n", ipi_fault_names[fault]);
}

static const struct kernel_param_ops fault_ops = {
	.set = fault_set,
	.get = fault_get,
};

module_param_cb(fault, &fault_ops, NULL, 0444);
MODULE_PARM_DESC(fault, "what goes wrong (string)");

#define ipi_fault(name)		unlikely(fault == (name))
#define ipi_fault_now(name)						\
	(ipi_fault(name) && !(this_cpu_inc_return(fault_count) % fault_every))

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
	struct ipi_msg *copy = this_cpu_ptr(&fault_msg);

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
