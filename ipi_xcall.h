/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ipi_xcall: inter-processor calls in the manner of NetBSD's ipi(9).
 *
 * Every function is documented where it is defined, in core/.
 */
#ifndef IPI_XCALL_H
#define IPI_XCALL_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/types.h>

#define IPI_XCALL_VERSION_STR	"2.0.0"
/* Major, minor and patch level, one byte each: compares as a number. */
#define IPI_XCALL_VERSION	0x020000

/* Ids run from 1 to IPI_MAX; 0 means that registration failed. */
#define IPI_MAX			(BITS_PER_LONG / 2)
/* Messages that one CPU's mailbox holds at least before senders have to spin. */
#define IPI_MBOX_SIZE		(BITS_PER_LONG / 2 - 1)

/*
 * A function runs with interrupts off and must not wait for another CPU to run
 * anything: that CPU may be owed its interrupt by the very task that the function
 * has interrupted.
 */
typedef void (*ipi_func_t)(void *arg);

/**
 * struct ipi_msg - a synchronous cross-call
 * @func: what to run, with interrupts off, once on each CPU called
 * @arg: passed to @func
 *
 * The caller sets @func and @arg and nothing else. The message belongs to the
 * module from the send until ipi_wait() returns (or ipi_wait_timeout() returns
 * 0, ipi_done() is true, or ipi_cancel() returns); after that it may be posted
 * again or go away with the stack it stands on. Posting it while it is in flight
 * is a bug of the caller.
 */
struct ipi_msg {
	ipi_func_t func;
	void *arg;
	/* private: runs that have not been acked yet */
	atomic_t pending;
};

typedef struct ipi_msg ipi_msg_t;

unsigned int ipi_register(ipi_func_t func, void *arg);
void ipi_unregister(unsigned int id);

/* A trigger or send can be refused: what it returns must be looked at. */
int __must_check ipi_trigger(unsigned int id, unsigned int cpu);
int __must_check ipi_trigger_multi(unsigned int id, const struct cpumask *target);
int __must_check ipi_trigger_broadcast(unsigned int id, bool skip_self);

int __must_check ipi_unicast(struct ipi_msg *msg, unsigned int cpu);
int __must_check ipi_multicast(struct ipi_msg *msg, const struct cpumask *target);
int __must_check ipi_broadcast(struct ipi_msg *msg, bool skip_self);

int __must_check ipi_unicast_try(struct ipi_msg *msg, unsigned int cpu);
int __must_check ipi_multicast_try(struct ipi_msg *msg, const struct cpumask *target,
				   struct cpumask *missed);
bool ipi_done(const struct ipi_msg *msg);

void ipi_wait(struct ipi_msg *msg);
int ipi_wait_timeout(struct ipi_msg *msg, u64 ns, struct cpumask *late);
int ipi_cancel(struct ipi_msg *msg);

unsigned int ipi_mbox_size(void);

#endif /* IPI_XCALL_H */
