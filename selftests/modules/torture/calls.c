// SPDX-License-Identifier: GPL-2.0
/*
 * Cross-calls under torture. What is checked of each: it ran exactly once on
 * each CPU that it was sent to and on no other; each run saw what was stored
 * before the send, and the sender sees what each run stored; when the wait is
 * over nobody touches the message any more, be it on the stack or on the heap.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../../../core/compat.h"
#include "calls.h"
#include "fail.h"
#include "slots.h"

#define CANARY	0x0cca1a7e5ul

/* The last two are for tt_op_try() and tt_op_try_hardirq(). */
enum how { UNICAST, MULTICAST, BROADCAST, BROADCAST_OTHERS, HOWS,
	   TRY_UNICAST = HOWS, TRY_MULTICAST };

static DEFINE_PER_CPU(unsigned long, executed);

/* ----- the function ----- */

/* What is left of a message after its wait would run this. */
static void run_dead(void *unused)
{
	tt_fail(TT_LATE, "a message ran on CPU %u after its wait",
		smp_processor_id());
}

static unsigned long answer(unsigned long question, unsigned int cpu)
{
	return question * 31 + cpu + 1;
}

/*
 * The count comes first and the answer last, with the delay between them: who
 * is let go before the function has ended misses the one, and a second run is
 * in the other.
 */
static void run_call(void *arg)
{
	struct tt_call *call = arg;
	unsigned int cpu = smp_processor_id();
	struct tt_run *run = &call->run[cpu];
	int err;

	if (call->seal != TT_LIVE)
		tt_fail(TT_LATE, "a message ran on CPU %u out of its time", cpu);
	if (!irqs_disabled())
		tt_fail(TT_CONTEXT, "a message ran with interrupts on");
	WRITE_ONCE(run->n, run->n + 1);
	this_cpu_inc(executed);
	/* Refused if the CPU is about to go offline. */
	if (call->trigger) {
		err = ipi_trigger(call->trigger, cpu);
		if (err && err != -ENXIO)
			tt_fail(TT_ERRNO, "a trigger of a message returned %d", err);
	}
	tt_delay();
	run->answer = answer(call->question, cpu);
}

unsigned long tt_calls_executed(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(executed, cpu));
	return sum;
}

/* ----- the message and its poison ----- */

static void box_fill(struct tt_box *box, struct tt_call *call)
{
	memset(box, 0xa5, sizeof(*box));
	box->lo = CANARY;
	box->hi = CANARY;
	box->msg.func = run_call;
	box->msg.arg = call;
}

static void poison(struct tt_box *box)
{
	memset(box, 0x5a, sizeof(*box));
	box->lo = CANARY;
	box->hi = CANARY;
	box->msg.func = run_dead;
}

static void box_check(const struct tt_box *box)
{
	struct tt_box want;

	poison(&want);
	if (memcmp(box, &want, sizeof(want)))
		tt_fail(TT_TOUCHED, "a message was written to after its wait: %*phN",
			(int)sizeof(*box), box);
}

/* The message is ours again. */
static void box_close(struct tt_box *box, const struct tt_call *call)
{
	if (box->lo != CANARY || box->hi != CANARY ||
	    box->msg.func != run_call || box->msg.arg != call)
		tt_fail(TT_TOUCHED, "a message changed in flight: %*phN",
			(int)sizeof(*box), box);
	poison(box);
}

/* A message on the heap is looked at again after some others. */
static void set_aside(struct tt_thread *t, struct tt_box *box)
{
	struct tt_box **freed = &t->freed_boxes[tt_random(t, TT_FREED)];

	if (*freed) {
		box_check(*freed);
		kfree(*freed);
	}
	*freed = box;
}

/* ----- sending ----- */

static void targets(struct tt_thread *t, struct tt_call *call, enum how how,
		    unsigned int cpu)
{
	switch (how) {
	case UNICAST:
	case TRY_UNICAST:
		cpumask_copy(call->may, cpumask_of(cpu));
		break;
	case MULTICAST:
	case TRY_MULTICAST:
		cpumask_copy(call->may, t->mask);
		break;
	default:
		cpumask_copy(call->may, cpu_possible_mask);
	}
	if (how == BROADCAST_OTHERS)
		cpumask_clear_cpu(smp_processor_id(), call->may);
	cpumask_and(call->must, call->may, cpu_online_mask);
}

/* Who had no room was not called, and is named. */
static int post_try(struct tt_thread *t, struct tt_call *call,
		    struct ipi_msg *msg, enum how how, unsigned int cpu)
{
	int ret;

	if (how == TRY_MULTICAST) {
		ret = ipi_multicast_try(msg, t->mask, t->late);
		cpumask_andnot(call->may, call->may, t->late);
		cpumask_andnot(call->must, call->must, t->late);
		return ret;
	}
	ret = ipi_unicast_try(msg, cpu);
	if (ret == -EBUSY) {
		cpumask_clear(call->may);
		cpumask_clear(call->must);
		return 0;
	}
	return ret ?: 1;
}

static int post(struct tt_thread *t, struct tt_call *call, struct ipi_msg *msg,
		enum how how, unsigned int cpu)
{
	switch (how) {
	case TRY_UNICAST:
	case TRY_MULTICAST:
		return post_try(t, call, msg, how, cpu);
	case UNICAST:
		return ipi_unicast(msg, cpu) ?: 1;
	case MULTICAST:
		return ipi_multicast(msg, t->mask);
	default:
		return ipi_broadcast(msg, how == BROADCAST_OTHERS);
	}
}

static void send_call(struct tt_thread *t, struct tt_call *call,
		      struct tt_box *box, enum how how, unsigned int cpu)
{
	memset(call->run, 0, nr_cpu_ids * sizeof(call->run[0]));
	call->question = tt_random(t, U32_MAX);
	call->trigger = tt_random(t, 16) ? 0 : tt_shared->id;
	call->seal = TT_LIVE;
	box_fill(box, call);
	preempt_disable();
	targets(t, call, how, cpu);
	call->sent = post(t, call, &box->msg, how, cpu);
	if (call->sent < 0 &&
	    ((how != UNICAST && how != TRY_UNICAST) || call->sent != -ENXIO ||
	     !cpumask_empty(call->must)))
		tt_fail(TT_ERRNO, "a send to %*pbl returned %d",
			cpumask_pr_args(call->may), call->sent);
	preempt_enable();
	if (call->sent < 0)
		call->sent = 0;
	t->sent += call->sent;
}

/* ----- the end of a call ----- */

/* @prevented: how many runs were cancelled, nobody knows which. */
static void verify(struct tt_thread *t, struct tt_call *call, int prevented)
{
	const struct tt_run *run;
	unsigned int cpu;
	int ran = 0;

	call->seal = TT_DEAD;
	t->prevented += prevented;
	for_each_possible_cpu(cpu) {
		run = &call->run[cpu];
		ran += run->n;
		if (run->n > 1)
			tt_fail(TT_TWICE, "a message ran %u times on CPU %u",
				run->n, cpu);
		if (run->n && !cpumask_test_cpu(cpu, call->may))
			tt_fail(TT_STRAY, "a message to %*pbl ran on CPU %u",
				cpumask_pr_args(call->may), cpu);
		if (!run->n && !prevented && cpumask_test_cpu(cpu, call->must))
			tt_fail(TT_MISSED, "a message has not run on CPU %u when its wait is over",
				cpu);
		if (run->n && run->answer != answer(call->question, cpu))
			tt_fail(TT_UNSEEN, "CPU %u gave a wrong answer or it was not seen",
				cpu);
	}
	if (ran + prevented != call->sent)
		tt_fail(TT_COUNT, "%d runs sent, %d done, %d prevented",
			call->sent, ran, prevented);
}

static int cancel_call(struct ipi_msg *msg)
{
	int ret = ipi_cancel(msg);

	if (ret < 0)
		tt_fail(TT_ERRNO, "cancel returned %d", ret);
	return max(ret, 0);
}

/* The watchdog may end the wait from outside, but only while it lasts. */
static void wait_for_ever(struct tt_thread *t, struct ipi_msg *msg)
{
	WRITE_ONCE(t->waits_for, msg);
	ipi_wait(msg);
	spin_lock(&t->lock);
	WRITE_ONCE(t->waits_for, NULL);
	spin_unlock(&t->lock);
}

void tt_calls_rescue(struct tt_thread *t)
{
	spin_lock(&t->lock);
	if (t->waits_for)
		cancel_call(t->waits_for);
	spin_unlock(&t->lock);
}

/* Returns how many runs had to be cancelled, with the failure told. */
static int wait_call(struct tt_thread *t, struct ipi_msg *msg)
{
	int ret;

	if (!tt_random(t, 4)) {
		wait_for_ever(t, msg);
		return 0;
	}
	ret = ipi_wait_timeout(msg, tt_bound_ms * (u64)NSEC_PER_MSEC, t->late);
	if (!ret)
		return 0;
	if (ret != -ETIMEDOUT)
		tt_fail(TT_ERRNO, "a wait returned %d", ret);
	else
		tt_fail(TT_HUNG, "a message was not run within %u ms by CPUs %*pbl",
			tt_bound_ms, cpumask_pr_args(t->late));
	return cancel_call(msg);
}

static void finish(struct tt_thread *t, struct tt_call *call, struct tt_box *box)
{
	int prevented = wait_call(t, &box->msg);

	verify(t, call, prevented);
	box_close(box, call);
}

static void call_on_stack(struct tt_thread *t, enum how how, unsigned int cpu)
{
	struct tt_box box;

	send_call(t, t->calls[0], &box, how, cpu);
	finish(t, t->calls[0], &box);
	if (!tt_random(t, 4))
		udelay(tt_random(t, 20));
	box_check(&box);
}

static void call_on_heap(struct tt_thread *t, enum how how, unsigned int cpu)
{
	struct tt_box *box = kmalloc(sizeof(*box), GFP_KERNEL);

	if (!box)
		return;
	send_call(t, t->calls[0], box, how, cpu);
	finish(t, t->calls[0], box);
	set_aside(t, box);
}

static void call(struct tt_thread *t, enum how how, unsigned int cpu)
{
	if (tt_random(t, 2))
		call_on_stack(t, how, cpu);
	else
		call_on_heap(t, how, cpu);
}

/* ----- the operations ----- */

void tt_op_unicast(struct tt_thread *t)
{
	call(t, UNICAST, tt_random_cpu(t));
}

void tt_op_multicast(struct tt_thread *t)
{
	tt_random_mask(t);
	call(t, MULTICAST, 0);
}

void tt_op_broadcast(struct tt_thread *t)
{
	call(t, tt_random(t, 2) ? BROADCAST : BROADCAST_OTHERS, 0);
}

/* Post many, work, wait for them from either end; some to one CPU only. */
void tt_op_batch(struct tt_thread *t)
{
	unsigned int n = 1 + tt_random(t, TT_BATCH);
	bool flood = !tt_random(t, 4), backwards = tt_random(t, 2);
	unsigned int cpu = tt_random_cpu(t);
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		if (!flood) {
			cpu = tt_random_cpu(t);
			tt_random_mask(t);
		}
		send_call(t, t->calls[i], &t->boxes[i],
			  flood ? UNICAST : tt_random(t, HOWS), cpu);
	}
	udelay(tt_random(t, 20));
	for (i = 0; i < n; i++) {
		k = backwards ? n - 1 - i : i;
		finish(t, t->calls[k], &t->boxes[k]);
	}
	for (i = 0; i < n; i++)
		box_check(&t->boxes[i]);
}

/*
 * Who is not named as late has run it: its store must be there. More may be
 * named: who has just acked, if only a former message at the same place.
 */
static void check_late(struct tt_thread *t, const struct tt_call *call)
{
	unsigned int cpu;

	/* After the timed wait's look at the CPUs. */
	smp_rmb();
	for_each_cpu(cpu, call->must)
		if (!cpumask_test_cpu(cpu, t->late) &&
		    !READ_ONCE(call->run[cpu].n))
			tt_fail(TT_MISSED, "CPU %u is late but was not named", cpu);
}

/* Several waits that are too short, then one that is not. */
void tt_op_timeout(struct tt_thread *t)
{
	struct tt_call *call = t->calls[0];
	struct tt_box box;
	int ret;

	tt_random_mask(t);
	send_call(t, call, &box, tt_random(t, HOWS), tt_random_cpu(t));
	do {
		ret = ipi_wait_timeout(&box.msg, tt_random(t, 5000), t->late);
		if (ret == -ETIMEDOUT) {
			t->timeouts++;
			check_late(t, call);
		} else if (ret) {
			tt_fail(TT_ERRNO, "a wait returned %d", ret);
		}
	} while (ret && tt_random(t, 4));
	finish(t, call, &box);
	box_check(&box);
}

void tt_op_cancel(struct tt_thread *t)
{
	unsigned int n = 1 + tt_random(t, 8);
	unsigned int i;

	for (i = 0; i < n; i++) {
		tt_random_mask(t);
		send_call(t, t->calls[i], &t->boxes[i], tt_random(t, HOWS),
			  tt_random_cpu(t));
	}
	if (tt_random(t, 2))
		udelay(tt_random(t, 20));
	for (i = 0; i < n; i++) {
		verify(t, t->calls[i], cancel_call(&t->boxes[i].msg));
		box_close(&t->boxes[i], t->calls[i]);
	}
	for (i = 0; i < n; i++)
		box_check(&t->boxes[i]);
}

/* ----- sends that never wait, from where others are refused ----- */

static void send_try(struct tt_thread *t)
{
	tt_random_mask(t);
	send_call(t, t->calls[0], &t->boxes[0],
		  tt_random(t, 2) ? TRY_UNICAST : TRY_MULTICAST, tt_random_cpu(t));
}

/* By looks alone, or with a wait. */
static void finish_try(struct tt_thread *t)
{
	struct tt_box *box = &t->boxes[0];
	unsigned long deadline = tt_deadline();

	if (tt_random(t, 2))
		while (!ipi_done(&box->msg) && time_before(jiffies, deadline))
			cond_resched();
	finish(t, t->calls[0], box);
	box_check(box);
}

void tt_op_try(struct tt_thread *t)
{
	unsigned long flags;

	local_irq_save(flags);
	send_try(t);
	local_irq_restore(flags);
	finish_try(t);
}

/* The thread waits, so all that is its is ours. */
static enum hrtimer_restart fire_try(struct hrtimer *timer)
{
	struct tt_thread *t = container_of(timer, struct tt_thread, try_timer);

	send_try(t);
	complete(&t->try_done);
	return HRTIMER_NORESTART;
}

/* On top of whatever that CPU does, the sends of another thread among it. */
void tt_op_try_hardirq(struct tt_thread *t)
{
	hrtimer_start(&t->try_timer, ns_to_ktime(tt_random(t, 100000)),
		      HRTIMER_MODE_REL_HARD);
	wait_for_completion(&t->try_done);
	finish_try(t);
}

/* ----- coming and going ----- */

static struct tt_call *call_new(void)
{
	struct tt_call *call;

	call = kzalloc(struct_size(call, run, nr_cpu_ids), GFP_KERNEL);
	if (!call)
		return NULL;
	if (!zalloc_cpumask_var(&call->may, GFP_KERNEL))
		goto out_free;
	if (!zalloc_cpumask_var(&call->must, GFP_KERNEL))
		goto out_free_may;
	return call;

out_free_may:
	free_cpumask_var(call->may);
out_free:
	kfree(call);
	return NULL;
}

int tt_calls_init(struct tt_thread *t)
{
	unsigned int i;

	spin_lock_init(&t->lock);
	init_completion(&t->try_done);
	hrtimer_setup(&t->try_timer, fire_try, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	t->boxes = kcalloc(TT_BATCH, sizeof(*t->boxes), GFP_KERNEL);
	if (!t->boxes)
		return -ENOMEM;
	for (i = 0; i < TT_BATCH; i++) {
		t->calls[i] = call_new();
		if (!t->calls[i])
			return -ENOMEM;
	}
	return 0;
}

void tt_calls_exit(struct tt_thread *t)
{
	unsigned int i;

	if (t->try_timer.base)
		hrtimer_cancel(&t->try_timer);
	for (i = 0; i < TT_FREED; i++) {
		if (t->freed_boxes[i])
			box_check(t->freed_boxes[i]);
		kfree(t->freed_boxes[i]);
	}
	for (i = 0; i < TT_BATCH && t->calls[i]; i++) {
		free_cpumask_var(t->calls[i]->must);
		free_cpumask_var(t->calls[i]->may);
		kfree(t->calls[i]);
	}
	kfree(t->boxes);
}
