// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: synchronous calls
 *
 * A message belongs to us from the send until its count of outstanding runs is
 * zero. A send to a set counts its runs first and posts afterwards, both from one
 * snapshot (target.h). The mask IPI goes out when all are posted, so until then
 * the sender owes kicks and must not wait for anyone: CPUs with a full mailbox
 * are left over, and served one by one when nothing is owed any more. Senders
 * that wait therefore never owe, which is why no cycle of them can form.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/smp.h>

#include "context.h"
#include "mbox.h"
#include "pass.h"
#include "target.h"
#include "trace.h"

/* ----- may the caller, and are its arguments good? ----- */

/* Looks at all mailboxes before an entry that names the message is believed. */
#define SEND_LOOKS	1000

static bool send_is_named(const struct ipi_msg *msg)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (ipi_mbox_has_not_acked(cpu_ptr(cpu), msg))
			return true;
	return false;
}

/*
 * An entry names its message a moment longer than it is in flight. By then the
 * memory may have been used for another message, of which nobody has set the count.
 */
static bool send_is_in_flight(const struct ipi_msg *msg)
{
	unsigned int n;

	for (n = SEND_LOOKS; n; n--) {
		if (!send_is_named(msg))
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * A message that was refused is one that is not in flight, so that a wait returns
 * at once, whatever its count was before: only func and arg need to be set. But
 * the count of one that is in flight is its waiter's, whoever sent it again.
 */
void ipi_send_refuse(struct ipi_msg *msg)
{
	int count = atomic_read(&msg->pending);

	if (!count)
		return;
	if (count < 0 || !send_is_in_flight(msg))
		atomic_cmpxchg(&msg->pending, count, 0);
	else
		WARN_ONCE(1, "message %ps sent again while it is in flight\n", msg->func);
}

/* The order of errors; @err is that of the context, or 0. */
int ipi_send_check(struct ipi_msg *msg, int err, bool valid, bool online)
{
	if (!err && (!valid || !msg || !msg->func))
		err = -EINVAL;
	if (!err && !online)
		err = -ENXIO;
	if (err && msg)
		ipi_send_refuse(msg);
	return err;
}

/* For a send that failed the quick check. */
static noinline int send_check(struct ipi_msg *msg, bool valid, bool online)
{
	int err = context_may_send() ? 0 : ipi_wrong_send_context();

	return ipi_send_check(msg, err, valid, online);
}

/* ----- one CPU ----- */

/* Some other kick will have the message run. */
static __always_inline int send_post_no_kick(void)
{
	count(posts_noipi);
	return 0;
}

static __always_inline int send_ring(struct ipi_cpu *pc, unsigned int cpu,
				     unsigned long bell)
{
	if (unlikely(cpu_ring_bell(pc, bell)))
		return send_post_no_kick();
	count(posts_ipi);
	return cpu_kick(pc, cpu);
}

/* All that is not usual: whichever entry there is, and the tracepoints. */
static noinline int send_post_anywhere(struct ipi_msg *msg, unsigned int cpu,
				       struct ipi_cpu *pc)
{
	/* Once it is put it may run and be gone, rung for or not. */
	ipi_func_t func = msg->func;
	unsigned long bell = ipi_mbox_put_any(pc, msg, this_cpu_ptr(&ipi_cpus.next)) ?:
			     ipi_mbox_wait(pc, cpu, msg);

	ipi_trace(post, func, cpu);
	if (bell == IPI_RUNG || cpu_ring_bell(pc, bell))
		return send_post_no_kick();
	ipi_trace(kick, cpu);
	count(posts_ipi);
	return cpu_kick(pc, cpu);
}

/* Our home is taken. */
static noinline int send_post_away(struct ipi_msg *msg, unsigned int cpu,
				   struct ipi_cpu *pc)
{
	unsigned long bell = mbox_put_next(pc, msg);

	if (unlikely(!bell))
		return send_post_anywhere(msg, cpu, pc);
	return send_ring(pc, cpu, bell);
}

static __always_inline int send_post(struct ipi_msg *msg, unsigned int cpu,
				     struct ipi_cpu *pc)
{
	if (static_branch_unlikely(&ipi_traced))
		return send_post_anywhere(msg, cpu, pc);
	if (unlikely(!mbox_put(mbox_home(pc), msg)))
		return send_post_away(msg, cpu, pc);
	return send_ring(pc, cpu, this_cpu_read(ipi_cpus.home_bell));
}

static noinline int send_unicast_slow(struct ipi_msg *msg, unsigned int cpu)
{
	int err = send_check(msg, cpu < nr_cpu_ids, cpu_is_online(cpu));

	if (err)
		return err;
	if (cpu == smp_processor_id()) {
		atomic_set(&msg->pending, 0);
		ipi_pass_call_self(msg);
		return 0;
	}
	atomic_set(&msg->pending, 1);
	return send_post(msg, cpu, cpu_ptr(cpu));
}

/**
 * ipi_unicast() - run a function on a CPU
 * @msg: function and argument; in flight until ipi_wait() returns
 * @cpu: the CPU
 *
 * The function runs exactly once, with interrupts off; on the local CPU, before
 * the call returns.
 *
 * Context: task, interrupts on, preemption off. Does not sleep; spins while
 * @cpu's mailbox is full.
 * Return: 0; -EDEADLK in another context; -EINVAL for no @msg or no function in
 * it or a @cpu not below nr_cpu_ids; -ENXIO for a @cpu that is offline or not
 * possible. After an error nothing of this call is in flight.
 */
int ipi_unicast(struct ipi_msg *msg, unsigned int cpu)
{
	if (unlikely(!context_may_send() || !msg || !msg->func ||
		     !cpu_is_online(cpu) || cpu == smp_processor_id()))
		return send_unicast_slow(msg, cpu);
	atomic_set(&msg->pending, 1);
	return send_post(msg, cpu, cpu_ptr(cpu));
}
EXPORT_SYMBOL_GPL(ipi_unicast);

/* ----- sets ----- */

/* State of a post to a set: home and its bell, CPUs left over. */
struct send_set {
	struct ipi_msg *msg;
	unsigned long home;
	unsigned long home_bell;
	struct cpumask *left;
	unsigned int full;
};

static noinline bool send_try_post_slow(struct send_set *set, unsigned int cpu,
					struct ipi_cpu *pc)
{
	ipi_func_t func = set->msg->func;
	unsigned long bell = ipi_mbox_put_any(pc, set->msg,
					      this_cpu_ptr(&ipi_cpus.next));
	bool owed;

	if (!bell) {
		__cpumask_set_cpu(cpu, set->left);
		set->full++;
		return false;
	}
	ipi_trace(post, func, cpu);
	owed = !cpu_ring_bell(pc, bell);
	if (owed)
		ipi_trace(kick, cpu);
	return owed;
}

/* Does @cpu need a kick? If its mailbox is full it is left over. */
static __always_inline bool send_try_post(unsigned int cpu, void *info)
{
	struct send_set *set = info;
	struct ipi_cpu *pc = cpu_ptr(cpu);

	if (unlikely(!mbox_put((void *)pc + set->home, set->msg)))
		return send_try_post_slow(set, cpu, pc);
	return !cpu_ring_bell(pc, set->home_bell);
}

static bool send_try_post_traced(unsigned int cpu, void *info)
{
	return send_try_post_slow(info, cpu, cpu_ptr(cpu));
}

static __always_inline void send_post_each(struct ipi_msg *msg,
					   const struct cpumask *target)
{
	unsigned int cpu, n;
	unsigned long bits;

	for (n = 0; n < ipi_mask_words; n++) {
		for (bits = cpumask_bits(target)[n]; bits; bits &= bits - 1) {
			cpu = n * BITS_PER_LONG + __ffs(bits);
			send_post(msg, cpu, cpu_ptr(cpu));
		}
	}
}

static noinline void send_post_mask(struct ipi_cpu *me, struct ipi_msg *msg,
				    unsigned int remote)
{
	struct send_set set = {
		.msg		= msg,
		.home		= me->home,
		.home_bell	= me->home_bell,
		.left		= me->left,
	};
	unsigned int kicked;

	if (static_branch_unlikely(&ipi_traced))
		kicked = target_each_then_kick(me, remote, send_try_post_traced, &set);
	else
		kicked = target_each_then_kick(me, remote, send_try_post, &set);
	count_many(posts_ipi, kicked);
	count_many(posts_noipi, remote - kicked - set.full);
	if (unlikely(set.full)) {
		send_post_each(msg, me->left);
		cpumask_clear(me->left);
	}
}

static __always_inline int send_checked(struct ipi_msg *msg,
					const struct cpumask *target,
					bool skip_self)
{
	struct ipi_cpu *me = this_cpu_ptr(&ipi_cpus);
	unsigned int remote;
	bool self;

	remote = target_snapshot(me, target, &self);
	atomic_set(&msg->pending, remote);
	if (remote < READ_ONCE(ipi_mask_min))
		send_post_each(msg, me->snap);
	else
		send_post_mask(me, msg, remote);
	if (!self || skip_self)
		return remote;
	ipi_pass_call_self(msg);
	return remote + 1;
}

static noinline int send_slow(struct ipi_msg *msg, const struct cpumask *target,
			      bool skip_self)
{
	return send_check(msg, target, true) ?:
	       send_checked(msg, target, skip_self);
}

static int send_set(struct ipi_msg *msg, const struct cpumask *target,
		    bool skip_self)
{
	if (unlikely(!context_may_send() || !msg || !msg->func || !target))
		return send_slow(msg, target, skip_self);
	return send_checked(msg, target, skip_self);
}

/**
 * ipi_multicast() - run a function on each CPU of a set
 * @msg: function and argument; in flight until ipi_wait() returns
 * @target: the CPUs; those that are offline are skipped
 *
 * The function runs exactly once on each online CPU of @target, on several at a
 * time; on the local CPU, if it is one of them, last and before the call returns.
 *
 * Context: task, interrupts on, preemption off. Does not sleep; spins while a
 * mailbox is full.
 * Return: the number of CPUs called, which may be 0; -EDEADLK in another
 * context; -EINVAL for no @msg, no function in it or no @target. After an error
 * or 0 nothing of this call is in flight.
 */
int ipi_multicast(struct ipi_msg *msg, const struct cpumask *target)
{
	return send_set(msg, target, false);
}
EXPORT_SYMBOL_GPL(ipi_multicast);

/**
 * ipi_broadcast() - run a function on every online CPU
 * @msg: function and argument; in flight until ipi_wait() returns
 * @skip_self: leave out the local CPU
 *
 * Context: as for ipi_multicast().
 * Return: the number of CPUs called; errors as for ipi_multicast().
 */
int ipi_broadcast(struct ipi_msg *msg, bool skip_self)
{
	return send_set(msg, cpu_online_mask, skip_self);
}
EXPORT_SYMBOL_GPL(ipi_broadcast);
