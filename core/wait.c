// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: wait for a message, for a while, or no longer
 *
 *	message	posted --take--> running --ack--> the caller's again
 *		posted --cancel--> the caller's again
 *
 * The ack is the last touch: the message may stand on a stack that is gone a
 * moment later.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/printk.h>

#include "context.h"
#include "mbox.h"
#include "stall.h"

/* Polls of the count between two looks at the clock. */
#define WAIT_POLLS	256

noinline int ipi_wrong_send_context(void)
{
	WARN_ONCE(1, "synchronous call or wait with interrupts off, preemption on or not in a task\n");
	return -EDEADLK;
}

/* D: pairs with run_ack(). */
static __always_inline bool wait_is_over(const struct ipi_msg *msg)
{
	return !atomic_read_acquire(&msg->pending);
}

/*
 * A message that was sent again while it was in flight is acked too often. Its
 * count says nothing any more, so a wait for it may be over.
 */
static bool wait_is_hopeless(const struct ipi_msg *msg)
{
	return WARN_ONCE(atomic_read(&msg->pending) < 0,
			 "message %ps was sent again while it was in flight\n", msg->func);
}

/**
 * ipi_done() - look whether a message has run everywhere
 * @msg: a message that was sent; NULL and one with nothing in flight are done
 *
 * If so, all is as after ipi_wait(): all runs are over, their stores are visible,
 * and no CPU will touch @msg again.
 *
 * Context: any.
 * Return: true if nothing of @msg is in flight.
 */
bool ipi_done(const struct ipi_msg *msg)
{
	return !msg || wait_is_over(msg);
}
EXPORT_SYMBOL_GPL(ipi_done);

static __always_inline bool wait_poll(const struct ipi_msg *msg)
{
	unsigned int n;

	/* Many CPUs may spin here, and the work of a round is theirs as often. */
#pragma GCC unroll 8
	for (n = WAIT_POLLS; n; n--) {
		cpu_relax();
		if (wait_is_over(msg))
			return true;
	}
	return wait_is_hopeless(msg);
}

static void wait_report_stall(const struct ipi_msg *msg)
{
	struct ipi_cpu *pc;
	unsigned int cpu, late = 0;

	ipi_stall_report_waiter(msg->func, "for");
	for_each_possible_cpu(cpu) {
		pc = cpu_ptr(cpu);
		if (!ipi_mbox_has_not_acked(pc, msg))
			continue;
		late++;
		ipi_stall_report_cpu(cpu, ipi_mbox_has_not_started(pc, msg) ?
				     "has not taken it" : "has not finished it");
	}
	if (!late)
		pr_warn("stall: %s\n", wait_is_over(msg) ? "it is over by now" :
			"no CPU has it: was it ever sent?");
}

/* A wait for @msg, which is not over, has looked: reports it, once, if that is late. */
void ipi_wait_watch(const struct ipi_msg *msg, struct stall_watch *watch)
{
	if (ipi_stall_begins(watch))
		wait_report_stall(msg);
}

static noinline void wait_slow(const struct ipi_msg *msg)
{
	struct stall_watch watch = {};

	if (!context_may_wait())
		ipi_wrong_send_context();
	while (!wait_poll(msg))
		ipi_wait_watch(msg, &watch);
}

/**
 * ipi_wait() - wait until a message has run everywhere
 * @msg: a message that was sent; NULL and one with nothing in flight are fine
 *
 * When it returns, all runs are over, their stores are visible, and no CPU will
 * touch @msg again. A wait longer than the parameter stall_ms is reported once.
 * If @msg was sent again while it was in flight, which is a bug of the caller,
 * its count is worth nothing: the wait may return early, and warns once if it
 * finds out.
 *
 * Context: task, interrupts on. Spins, does not sleep. Elsewhere a wait that is
 * not over at once warns, once, and goes on nevertheless, since a return would
 * leave @msg in flight.
 */
void ipi_wait(struct ipi_msg *msg)
{
	if (!msg || wait_is_over(msg))
		return;
	cpu_relax();
	if (!wait_is_over(msg))
		wait_slow(msg);
}
EXPORT_SYMBOL_GPL(ipi_wait);

/* The order of errors. */
static int wait_check(const struct ipi_msg *msg)
{
	if (unlikely(!context_may_wait()))
		return ipi_wrong_send_context();
	return msg ? 0 : -EINVAL;
}

/**
 * ipi_wait_timeout() - wait for a message, but not for ever
 * @msg: a message that was sent
 * @ns: how long, in nanoseconds; 0 only looks
 * @late: set to the CPUs that have not acked after a timeout, or NULL
 *
 * After a timeout the message is still in flight: wait again, or ipi_cancel().
 * @late may name a CPU that acks just now, and never omits one that has not.
 *
 * Context: task, interrupts on. Spins, does not sleep.
 * Return: 0 when all runs are over, as for ipi_wait(); -ETIMEDOUT; -EDEADLK in
 * another context; -EINVAL for no @msg.
 */
int ipi_wait_timeout(struct ipi_msg *msg, u64 ns, struct cpumask *late)
{
	struct stall_watch watch = {};
	int err = wait_check(msg);
	unsigned int cpu;
	u64 start;

	if (err || wait_is_over(msg))
		return err;
	for (start = ktime_get_ns(); ktime_get_ns() - start < ns;) {
		if (wait_poll(msg))
			return 0;
		ipi_wait_watch(msg, &watch);
	}
	if (late) {
		cpumask_clear(late);
		for_each_possible_cpu(cpu)
			if (ipi_mbox_has_not_acked(cpu_ptr(cpu), msg))
				__cpumask_set_cpu(cpu, late);
	}
	return wait_is_over(msg) ? 0 : -ETIMEDOUT;
}
EXPORT_SYMBOL_GPL(ipi_wait_timeout);

/**
 * ipi_cancel() - take back a message
 * @msg: a message that was sent
 *
 * Prevents the runs that no CPU has begun and waits for those that have; the
 * message is the caller's again.
 *
 * Context: task, interrupts on. Spins while a run goes on, does not sleep.
 * Return: the number of runs prevented; -EDEADLK in another context, with the
 * message still in flight; -EINVAL for no @msg.
 */
int ipi_cancel(struct ipi_msg *msg)
{
	int err = wait_check(msg);
	unsigned int cpu;
	int prevented = 0;

	if (err || wait_is_over(msg))
		return err;
	for_each_possible_cpu(cpu)
		prevented += ipi_mbox_cancel(cpu_ptr(cpu), msg);
	count_many(cancelled, prevented);
	/* If these were the last, somebody else who waits may have let it go. */
	if (!prevented || !atomic_sub_and_test(prevented, &msg->pending))
		ipi_wait(msg);
	return prevented;
}
EXPORT_SYMBOL_GPL(ipi_cancel);
