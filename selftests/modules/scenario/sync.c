// SPDX-License-Identifier: GPL-2.0
/* Messages: exactly once, all seen, gone after wait; and full mailboxes. */
#include <linux/hrtimer.h>
#include <linux/slab.h>

#include "../../../core/compat.h"
#include "cases.h"
#include "crowd.h"
#include "hold.h"
#include "report.h"
#include "slot.h"

/* What a message function leaves behind: runs on each CPU, plain stores. */
struct xt_tally {
	unsigned long __percpu *runs;
};

static void tally_func(void *arg)
{
	struct xt_tally *t = arg;

	xt_enter();
	*this_cpu_ptr(t->runs) += 1;
	xt_leave();
}

static bool tally_open(struct xt_tally *t)
{
	t->runs = alloc_percpu(unsigned long);
	return xt_true(t->runs, "no memory");
}

/* A message as a caller leaves it: only func and arg mean anything. */
static struct ipi_msg dirty_msg(void (*func)(void *arg), void *arg)
{
	struct ipi_msg msg;

	memset(&msg, 0xa5, sizeof(msg));
	msg.func = func;
	msg.arg = arg;
	return msg;
}

static void check_tally(struct xt_tally *t, const struct cpumask *called,
			unsigned long before)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long want = cpumask_test_cpu(cpu, called) &&
				     cpu_online(cpu);

		xt_eq(*per_cpu_ptr(t->runs, cpu), before + want,
		      "runs on CPU %u after wait", cpu);
		*per_cpu_ptr(t->runs, cpu) = before;
	}
}

static void unicast_each(const long *arg)
{
	unsigned int cpu, me = raw_smp_processor_id();
	struct xt_tally t;

	if (!tally_open(&t))
		return;
	for_each_online_cpu(cpu) {
		struct ipi_msg msg = dirty_msg(tally_func, &t);

		xt_eq(xt_unicast(&msg, cpu), 0, "unicast to CPU %u", cpu);
		if (cpu == me)
			xt_eq(*per_cpu_ptr(t.runs, me), 1,
			      "runs on the own CPU when the call returned");
		ipi_wait(&msg);
		check_tally(&t, cpumask_of(cpu), 0);
	}
	free_percpu(t.runs);
}

static void send_set(struct xt_tally *t, const struct cpumask *target)
{
	struct ipi_msg msg = dirty_msg(tally_func, t);
	unsigned int cpu, me = raw_smp_processor_id(), want = 0;

	for_each_cpu(cpu, target)
		want += cpu_online(cpu);
	xt_eq(xt_multicast(&msg, target), want, "CPUs called of %*pbl",
	      cpumask_pr_args(target));
	if (cpumask_test_cpu(me, target))
		xt_eq(*per_cpu_ptr(t->runs, me), 1,
		      "runs on the own CPU when the call returned");
	ipi_wait(&msg);
	check_tally(t, target, 0);
}

static void multicast_sets(const long *arg)
{
	unsigned int cpu, me = raw_smp_processor_id();
	struct xt_tally t;
	cpumask_var_t mask;

	if (!tally_open(&t))
		return;
	if (!xt_true(zalloc_cpumask_var(&mask, GFP_KERNEL), "no memory"))
		goto out_free_tally;
	send_set(&t, mask);
	cpumask_set_cpu(me, mask);
	send_set(&t, mask);
	for_each_possible_cpu(cpu) {
		cpumask_set_cpu(cpu, mask);
		if (xt_try_size(cpumask_weight(mask)))
			send_set(&t, mask);
	}
	cpumask_clear_cpu(me, mask);
	send_set(&t, mask);
	free_cpumask_var(mask);
out_free_tally:
	free_percpu(t.runs);
}

static void broadcast_each(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct ipi_msg msg;
	cpumask_var_t others;
	struct xt_tally t;

	if (!tally_open(&t))
		return;
	if (!xt_true(alloc_cpumask_var(&others, GFP_KERNEL), "no memory"))
		goto out_free_tally;
	msg = dirty_msg(tally_func, &t);
	xt_eq(xt_broadcast(&msg, false), num_online_cpus(), "CPUs called");
	xt_eq(*per_cpu_ptr(t.runs, me), 1, "runs on the own CPU at return");
	ipi_wait(&msg);
	check_tally(&t, cpu_online_mask, 0);

	cpumask_andnot(others, cpu_online_mask, cpumask_of(me));
	msg = dirty_msg(tally_func, &t);
	xt_eq(xt_broadcast(&msg, true), num_online_cpus() - 1,
	      "CPUs called without self");
	ipi_wait(&msg);
	check_tally(&t, others, 0);
	free_cpumask_var(others);
out_free_tally:
	free_percpu(t.runs);
}

/* Sends are for task context, but softirqs may be off. */
static void send_with_bh_off(const long *arg)
{
	struct ipi_msg msg;
	struct xt_tally t;

	if (!tally_open(&t))
		return;
	msg = dirty_msg(tally_func, &t);
	local_bh_disable();
	xt_softirq_enter();
	xt_eq(ipi_broadcast(&msg, false), num_online_cpus(), "CPUs called");
	ipi_wait(&msg);
	xt_softirq_leave();
	local_bh_enable();
	check_tally(&t, cpu_online_mask, 0);
	free_percpu(t.runs);
}

/*
 * Plain stores go both ways, and the message may be gone after wait: its
 * frame is poisoned at once and must stay as it was left.
 */
struct xt_echo {
	unsigned long sent;
	unsigned long heard;
	atomic_t runs;
	int want;
};

static void echo_func(void *arg)
{
	struct xt_echo *e = arg;

	xt_enter();
	if (atomic_inc_return(&e->runs) == 1)
		e->heard = e->sent;
	xt_leave();
}

static noinline void echo_once(struct xt_worker *w, unsigned long n)
{
	struct xt_echo e = { .sent = n };
	struct ipi_msg msg = dirty_msg(echo_func, &e);
	const unsigned char *p = (const unsigned char *)&msg;
	unsigned int i, cpu;

	if (n & 1) {
		e.want = xt_broadcast(&msg, false);
	} else {
		cpu = cpumask_next((w->index + n / 2) % nr_cpu_ids,
				   cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		xt_eq(xt_unicast(&msg, cpu), 0, "unicast");
		e.want = 1;
	}
	ipi_wait(&msg);
	xt_eq(atomic_read(&e.runs), e.want, "runs when wait returned");
	xt_eq(e.heard, n, "store seen by the function and back");

	memset(&msg, 0x6b, sizeof(msg));
	barrier();
	udelay(n % 8);
	for (i = 0; i < sizeof(msg); i++)
		xt_eq(READ_ONCE(p[i]), 0x6b, "byte %u of a dead message", i);
}

static void echo_worker(struct xt_worker *w)
{
	while (!xt_over(w) && !xt_failed()) {
		echo_once(w, ++w->ops);
		cond_resched();
	}
}

static void messages_on_stack(const long *arg)
{
	unsigned long ops = xt_crowd_run(echo_worker, NULL, arg[0]);

	xt_true(ops, "nobody sent anything");
	xt_note("%lu messages", ops);
}

/* Heap messages, freed as soon as wait returns. */
static void heap_worker(struct xt_worker *w)
{
	struct xt_tally *t = w->data;

	while (!xt_over(w) && !xt_failed()) {
		struct ipi_msg *msg = kmalloc(sizeof(*msg), GFP_KERNEL);

		if (!xt_true(msg, "no memory"))
			return;
		*msg = dirty_msg(tally_func, t);
		xt_eq(xt_broadcast(msg, false), num_online_cpus(), "CPUs");
		ipi_wait(msg);
		memset(msg, 0x6b, sizeof(*msg));
		kfree(msg);
		w->ops++;
		cond_resched();
	}
}

static void all_broadcast_at_once(const long *arg)
{
	unsigned long ops;
	unsigned int cpu;
	struct xt_tally t;

	if (!tally_open(&t))
		return;
	ops = xt_crowd_run(heap_worker, &t, arg[0]);
	xt_true(ops, "nobody sent anything");
	for_each_online_cpu(cpu)
		xt_eq(*per_cpu_ptr(t.runs, cpu), ops, "runs on CPU %u", cpu);
	xt_note("%lu broadcasts", ops);
	free_percpu(t.runs);
}

/*
 * Posting without waiting: @nr messages each, more than a mailbox holds, or as many
 * that all together are several times that.
 */
struct xt_flood {
	struct xt_tally tally;
	int target;
	unsigned int nr;
};

/* As many as four senders with @each would send. */
static unsigned int flood_size(unsigned int each)
{
	return max(4 * each / max(num_online_cpus(), 4u), 2u);
}

static bool flood_once(struct xt_worker *w, struct ipi_msg *msg)
{
	struct xt_flood *f = w->data;
	unsigned int i;
	int want = f->target >= 0 ? 0 : num_online_cpus();
	int ret;

	for (i = 0; i < f->nr; i++) {
		msg[i] = dirty_msg(tally_func, &f->tally);
		ret = f->target >= 0 ? xt_unicast(&msg[i], f->target) :
				       xt_broadcast(&msg[i], false);
		xt_eq(ret, want, "send %u", i);
	}
	/* Last one first: the order of the waits is free. */
	while (i--)
		ipi_wait(&msg[i]);
	w->ops += f->nr;
	return !xt_failed();
}

static void flood_worker(struct xt_worker *w)
{
	struct xt_flood *f = w->data;
	struct ipi_msg *msg = kcalloc(f->nr, sizeof(*msg), GFP_KERNEL);

	if (!xt_true(msg, "no memory"))
		return;
	while (flood_once(w, msg) && !xt_over(w))
		cond_resched();
	kfree(msg);
}

static void flood_one(const long *arg)
{
	struct xt_flood f = { .nr = flood_size(3 * ipi_mbox_size()) };
	unsigned long ops;
	unsigned int target;

	if (!xt_other_cpu(&target) || !tally_open(&f.tally))
		return;
	f.target = target;
	ops = xt_crowd_run(flood_worker, &f, arg[0]);
	xt_true(ops, "nobody sent anything");
	xt_eq(*per_cpu_ptr(f.tally.runs, target), ops, "runs on the target");
	xt_note("%lu messages to CPU %u", ops, target);
	free_percpu(f.tally.runs);
}

/* Every CPU sends to every mailbox while all of them are full. */
static void flood_all(const long *arg)
{
	struct xt_flood f = {
		.nr = flood_size(2 * ipi_mbox_size()), .target = -1,
	};
	unsigned long ops;
	unsigned int cpu;

	if (!tally_open(&f.tally))
		return;
	ops = xt_crowd_run(flood_worker, &f, arg[0]);
	xt_true(ops, "nobody sent anything");
	for_each_online_cpu(cpu)
		xt_eq(*per_cpu_ptr(f.tally.runs, cpu), ops, "runs on CPU %u",
		      cpu);
	xt_note("%lu messages to all", ops);
	free_percpu(f.tally.runs);
}

/*
 * The target is held, the sender posts more than fits: it spins, with
 * interrupts on, until the target takes what is there, and that is not before
 * a timer of the sender's CPU has fired a few times meanwhile.
 */
#define SPIN_TICKS	3

struct xt_tick {
	struct hrtimer timer;
	struct xt_hold hold;
	bool full;
	unsigned int fired;
};

static enum hrtimer_restart tick_timer(struct hrtimer *timer)
{
	struct xt_tick *tick = container_of(timer, struct xt_tick, timer);

	if (tick->full && ++tick->fired == SPIN_TICKS)
		xt_let_go(&tick->hold);
	hrtimer_forward_now(timer, ns_to_ktime(5 * NSEC_PER_MSEC));
	return HRTIMER_RESTART;
}

static void post_amid_ticks(struct ipi_msg *msg, unsigned int nr,
			    unsigned int cpu, struct xt_tick *tick)
{
	unsigned int i;

	hrtimer_setup(&tick->timer, tick_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&tick->timer, ns_to_ktime(5 * NSEC_PER_MSEC),
		      HRTIMER_MODE_REL_PINNED_HARD);
	preempt_disable();
	for (i = 0; i < nr; i++) {
		WRITE_ONCE(tick->full, i >= ipi_mbox_size());
		xt_eq(ipi_unicast(&msg[i], cpu), 0, "send %u", i);
		/* One that does not spin stays to be seen as that. */
		if (i == ipi_mbox_size())
			xt_true(READ_ONCE(tick->fired) >= SPIN_TICKS,
				"the sender did not spin");
	}
	preempt_enable();
	hrtimer_cancel(&tick->timer);
}

static void full_mailbox_spins(const long *arg)
{
	const unsigned int nr = 2 * ipi_mbox_size();
	struct xt_tick *tick = NULL;
	struct ipi_msg *msg;
	struct xt_tally t;
	unsigned int other, i;

	if (!xt_other_cpu(&other) || !tally_open(&t))
		return;
	msg = kcalloc(nr, sizeof(*msg), GFP_KERNEL);
	tick = kzalloc(sizeof(*tick), GFP_KERNEL);
	if (!xt_true(msg && tick, "no memory"))
		goto out_free;
	for (i = 0; i < nr; i++)
		msg[i] = dirty_msg(tally_func, &t);
	if (!xt_hold_cpu(&tick->hold, other))
		goto out_free;
	post_amid_ticks(msg, nr, other, tick);
	for (i = 0; i < nr; i++)
		ipi_wait(&msg[i]);
	xt_eq(*per_cpu_ptr(t.runs, other), nr, "runs on the target");
	xt_hold_release(&tick->hold);
out_free:
	kfree(tick);
	kfree(msg);
	free_percpu(t.runs);
}

/* A CPU that is owed a kick already is in the set: it is not owed another one. */
static void send_to_set(struct xt_tally *t, struct xt_slot *slot,
			struct xt_hold *hold, unsigned int held)
{
	struct ipi_msg before = dirty_msg(tally_func, t);
	struct ipi_msg all = dirty_msg(tally_func, t);
	int others = num_online_cpus() - 1;
	unsigned int cpu;

	xt_eq(xt_unicast(&before, held), 0, "send");
	xt_eq(xt_broadcast(&all, true), others, "CPUs called");
	xt_eq(xt_trigger_broadcast(slot->id, true), others, "CPUs triggered");
	xt_let_go(hold);
	ipi_wait(&all);
	ipi_wait(&before);
	for_each_online_cpu(cpu) {
		if (cpu == raw_smp_processor_id())
			continue;
		xt_eq(*per_cpu_ptr(t->runs, cpu), 1 + (cpu == held),
		      "messages run on CPU %u", cpu);
		xt_true(xt_ran(slot, cpu, 1), "CPU %u lost a trigger", cpu);
	}
}

static void set_with_one_kicked_before(const long *arg)
{
	struct xt_hold hold = { };
	struct xt_slot slot = { };
	unsigned int other;
	struct xt_tally t;

	if (!xt_other_cpu(&other) || !tally_open(&t))
		return;
	if (xt_slot_open(&slot, NULL, NULL) && xt_hold_cpu(&hold, other)) {
		send_to_set(&t, &slot, &hold, other);
		xt_hold_release(&hold);
	}
	xt_slot_close(&slot);
	free_percpu(t.runs);
}

/* A function that takes long: wait returns after it, not before. */
static void slow_func(void *arg)
{
	bool *finished = arg;

	xt_enter();
	mdelay(20);
	*finished = true;
	xt_leave();
}

static void wait_for_slow(const long *arg)
{
	bool finished;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct ipi_msg msg = dirty_msg(slow_func, &finished);

		finished = false;
		xt_eq(xt_unicast(&msg, cpu), 0, "unicast to CPU %u", cpu);
		ipi_wait(&msg);
		xt_true(finished, "wait returned before CPU %u was done", cpu);
	}
}

/* After an error or an empty set, wait returns at once; nothing has run. */
static void check_unsent(int got, int want, struct ipi_msg *msg,
			 struct xt_tally *t, const char *what)
{
	xt_eq(got, want, "%s", what);
	/* Nobody runs it, so what does not return at once never will. */
	xt_eq(ipi_wait_timeout(msg, 0, NULL), 0, "wait_timeout after %s", what);
	ipi_wait(msg);
	xt_eq(ipi_cancel(msg), 0, "cancel after %s", what);
	check_tally(t, cpu_none_mask, 0);
}

/* arg[0]: a CPU that is offline, or -1. */
static void send_errors(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct xt_tally t;
	struct ipi_msg msg;

	if (!tally_open(&t))
		return;
	msg = dirty_msg(tally_func, &t);
	check_unsent(xt_unicast(&msg, nr_cpu_ids), -EINVAL, &msg, &t,
		     "unicast to CPU nr_cpu_ids");
	msg = dirty_msg(tally_func, &t);
	check_unsent(xt_unicast(&msg, UINT_MAX), -EINVAL, &msg, &t,
		     "unicast to CPU UINT_MAX");
	msg = dirty_msg(NULL, &t);
	check_unsent(xt_unicast(&msg, me), -EINVAL, &msg, &t,
		     "unicast without func");
	msg = dirty_msg(NULL, &t);
	check_unsent(xt_multicast(&msg, cpu_online_mask), -EINVAL, &msg, &t,
		     "multicast without func");
	msg = dirty_msg(NULL, &t);
	check_unsent(xt_broadcast(&msg, false), -EINVAL, &msg, &t,
		     "broadcast without func");
	msg = dirty_msg(tally_func, &t);
	check_unsent(xt_multicast(&msg, NULL), -EINVAL, &msg, &t,
		     "multicast without mask");
	msg = dirty_msg(tally_func, &t);
	check_unsent(xt_multicast(&msg, cpu_none_mask), 0, &msg, &t,
		     "multicast to nobody");
	xt_eq(xt_unicast(NULL, me), -EINVAL, "unicast without message");
	xt_eq(xt_multicast(NULL, cpu_online_mask), -EINVAL,
	      "multicast without message");
	xt_eq(xt_broadcast(NULL, false), -EINVAL, "broadcast without message");
	if (arg[0] >= 0) {
		msg = dirty_msg(tally_func, &t);
		check_unsent(xt_unicast(&msg, arg[0]), -ENXIO, &msg, &t,
			     "unicast to an offline CPU");
		msg = dirty_msg(tally_func, &t);
		check_unsent(xt_multicast(&msg, cpumask_of(arg[0])), 0, &msg,
			     &t, "multicast to an offline CPU");
		msg = dirty_msg(NULL, &t);
		check_unsent(xt_unicast(&msg, arg[0]), -EINVAL, &msg, &t,
			     "unicast without func to an offline CPU");
	}
	free_percpu(t.runs);
}

/* Numbers below nr_cpu_ids of no CPU have no per-CPU area to look at. */
static void call_of_the_impossible(const long *arg)
{
	struct ipi_msg msg = dirty_msg(tally_func, NULL);
	unsigned int cpu, holes = 0;
	struct xt_slot slot;

	if (!xt_slot_open(&slot, NULL, NULL))
		return;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (cpu_possible(cpu))
			continue;
		holes++;
		xt_eq(xt_trigger(slot.id, cpu), -ENXIO, "trigger of CPU %u", cpu);
		xt_eq(xt_unicast(&msg, cpu), -ENXIO, "unicast to CPU %u", cpu);
		ipi_wait(&msg);
	}
	xt_slot_close(&slot);
	if (!holes)
		xt_skip("every CPU below %u is possible", nr_cpu_ids);
}

const struct xt_case xt_sync_cases[] = {
	{ "unicast_each", unicast_each },
	{ "multicast_sets", multicast_sets },
	{ "broadcast_each", broadcast_each },
	{ "send_with_bh_off", send_with_bh_off },
	{ "messages_on_stack", messages_on_stack },
	{ "all_broadcast_at_once", all_broadcast_at_once },
	{ "flood_one", flood_one },
	{ "flood_all", flood_all },
	{ "full_mailbox_spins", full_mailbox_spins },
	{ "set_with_one_kicked_before", set_with_one_kicked_before },
	{ "wait_for_slow", wait_for_slow },
	{ "send_errors", send_errors },
	{ "call_of_the_impossible", call_of_the_impossible },
	{ }
};
