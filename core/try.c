// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: synchronous calls that never wait
 *
 * These may come on top of a task that sends, at any point of it, and may find
 * interrupts off. So
 *
 * - they never wait: a mailbox that is full stays full for as long as the task
 *   beneath owes its CPU a kick, or that CPU spins for this one;
 * - they kick if they win the transition, as everybody does. If not, the kick is
 *   on its way or owed by somebody who goes on as soon as they are through, the
 *   task beneath among others. Nobody waits for them meanwhile;
 * - they kick by the csd of the target, never by a mask call, whose csds the task
 *   beneath may have in use;
 * - they write nothing of what a task that sends keeps in its CPU's memory. It has
 *   ->snap and ->left in use, and ->next.
 *
 * litmus/try.pml shows what breaks otherwise.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/smp.h>

#include "context.h"
#include "mbox.h"
#include "pass.h"
#include "target.h"
#include "trace.h"

static noinline int try_wrong_context(void)
{
	WARN_ONCE(1, "send that never waits: preemption on, in NMI, or to the local CPU from within a function\n");
	return -EDEADLK;
}

static int try_check(struct ipi_msg *msg, bool valid, bool online)
{
	int err = context_may_trigger() ? 0 : try_wrong_context();

	return ipi_send_check(msg, err, valid, online);
}

/* Looks at each entry once. False if there is no room. */
static bool try_post(struct ipi_msg *msg, unsigned int cpu)
{
	unsigned long bell = this_cpu_read(ipi_cpus.home_bell);
	unsigned int next = this_cpu_read(ipi_cpus.next);
	struct ipi_cpu *pc = cpu_ptr(cpu);
	/* Once it is put it may run and be gone, rung for or not. */
	ipi_func_t func = msg->func;

	if (!mbox_put(mbox_home(pc), msg))
		bell = ipi_mbox_put_any(pc, msg, &next);
	if (!bell) {
		count(full);
		ipi_trace(mailbox_full, func, cpu);
		return false;
	}
	ipi_trace(post, func, cpu);
	if (cpu_ring_bell(pc, bell)) {
		count(posts_noipi);
		return true;
	}
	ipi_trace(kick, cpu);
	count(posts_ipi);
	cpu_kick(pc, cpu);
	return true;
}

/*
 * Within a function of ours a message to the local CPU would have to nest.
 * Interrupts are off there, so who finds them on is not within.
 */
static bool try_is_within(void)
{
	return this_cpu_read(ipi_cpus.func);
}

static int try_self(struct ipi_msg *msg)
{
	if (try_is_within()) {
		ipi_send_refuse(msg);
		return try_wrong_context();
	}
	atomic_set(&msg->pending, 1);
	ipi_pass_call_self(msg);
	/* D: pairs with wait_is_over(). */
	atomic_set_release(&msg->pending, 0);
	return 0;
}

/**
 * ipi_unicast_try() - run a function on a CPU, without ever waiting
 * @msg: function and argument; in flight until ipi_done()
 * @cpu: the CPU
 *
 * ipi_unicast() for those who may not spin: with interrupts off, in an
 * interrupt, in a softirq. The function runs exactly once, with interrupts off;
 * on the local CPU, before the call returns.
 *
 * Do not wait for the message where ipi_wait() is refused, by no other means
 * either. What the caller has interrupted may be the very sender that owes @cpu
 * its kick, and @cpu may be waiting for this CPU to take interrupts.
 *
 * Context: any but NMI, with preemption off. Does not sleep or spin.
 * Return: 0; -EDEADLK in another context, or for the local CPU from within a
 * function that this module runs; -EINVAL for no @msg or no function in it or a
 * @cpu not below nr_cpu_ids; -ENXIO for a @cpu that is offline or not possible;
 * -EBUSY if its mailbox is full. After an error nothing of this call is in
 * flight.
 */
int ipi_unicast_try(struct ipi_msg *msg, unsigned int cpu)
{
	int err = try_check(msg, cpu < nr_cpu_ids, cpu_is_online(cpu));

	if (err)
		return err;
	if (cpu == smp_processor_id())
		return try_self(msg);
	atomic_set(&msg->pending, 1);
	if (try_post(msg, cpu))
		return 0;
	atomic_set(&msg->pending, 0);
	return -EBUSY;
}
EXPORT_SYMBOL_GPL(ipi_unicast_try);

/* Posts to the CPUs of @word, whose bit 0 is CPU @first. Returns who had no room. */
static unsigned long try_post_word(struct ipi_msg *msg, unsigned long word,
				   unsigned int first)
{
	unsigned long bits, missed = 0;

	for (bits = word; bits; bits &= bits - 1)
		if (!try_post(msg, first + __ffs(bits)))
			missed |= bits & -bits;
	return missed;
}

/*
 * Posts to the remote CPUs of @target that are online, each looked at once.
 * Returns how many have it, and in @self whether the local CPU is in the set.
 */
static int try_post_set(struct ipi_msg *msg, const struct cpumask *target,
			struct cpumask *missed, bool *self)
{
	unsigned int this_cpu = smp_processor_id();
	unsigned long word, full;
	unsigned int n;
	int posted = 0;

	*self = false;
	for (n = 0; n < cpumask_size() / sizeof(long); n++) {
		word = target_word(target, n);
		if (n == BIT_WORD(this_cpu) && word & BIT_MASK(this_cpu)) {
			*self = true;
			word &= ~BIT_MASK(this_cpu);
		}
		full = try_post_word(msg, word, n * BITS_PER_LONG);
		cpumask_bits(missed)[n] = full;
		posted += hweight_long(word) - hweight_long(full);
	}
	return posted;
}

/**
 * ipi_multicast_try() - run a function on each CPU of a set, without ever waiting
 * @msg: function and argument; in flight until ipi_done()
 * @target: the CPUs; those that are offline are skipped
 * @missed: set to those that are online and were not called, for want of room;
 *	may be @target
 *
 * ipi_unicast_try() for each CPU of @target, the local one last. From within a
 * function that this module runs the local CPU cannot be called and is one of
 * @missed.
 *
 * Context: as for ipi_unicast_try(). Sends an interrupt to each CPU.
 * Return: the number of CPUs called, which may be 0; -EDEADLK in another context;
 * -EINVAL for no @msg, no function in it, no @target or no @missed. After an
 * error or 0 nothing of this call is in flight.
 */
int ipi_multicast_try(struct ipi_msg *msg, const struct cpumask *target,
		      struct cpumask *missed)
{
	int err = try_check(msg, target && missed, true);
	/* More than can be acked before it is known how many are called. */
	const int bound = nr_cpu_ids + 1;
	int posted, called;
	bool self;

	if (err)
		return err;
	atomic_set(&msg->pending, bound);
	posted = try_post_set(msg, target, missed, &self);
	called = posted;
	if (self && try_is_within()) {
		__cpumask_set_cpu(smp_processor_id(), missed);
	} else if (self) {
		ipi_pass_call_self(msg);
		called++;
	}
	/* D: as an ack of our own run, pairs with wait_is_over(). */
	(void)atomic_sub_return_release(bound - posted, &msg->pending);
	return called;
}
EXPORT_SYMBOL_GPL(ipi_multicast_try);
