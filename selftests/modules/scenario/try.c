// SPDX-License-Identifier: GPL-2.0
/* Sends that never wait: from everywhere, and to who has no room. */
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

#include "../../../core/compat.h"
#include "cases.h"
#include "crowd.h"
#include "from.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

static void count_func(void *arg)
{
	xt_enter();
	atomic_inc(arg);
	xt_leave();
}

/* For those that are not tasks: a look, not a wait. */
static bool is_done(const struct ipi_msg *msg)
{
	return xt_within(XT_LIMIT_MS, ipi_done(msg));
}

/**
 * struct try - all forms of such a send, in one context
 * @from: the way there
 * @msg: sent to another CPU, to the own one, to all, to no one
 * @runs: of each message
 * @ret: what each send returned
 * @mine: runs on the own CPU when it did
 * @missed: what the sends to sets missed
 * @cpu: where it was
 * @other: the other CPU
 * @irqs_kept: the interrupt state was left alone
 */
struct try {
	struct xt_from from;
	struct ipi_msg msg[4];
	atomic_t runs[4];
	int ret[4];
	int mine[4];
	cpumask_var_t missed;
	unsigned int cpu, other;
	bool irqs_kept;
};

static void probe(struct xt_from *from)
{
	struct try *t = container_of(from, struct try, from);
	bool off = irqs_disabled();
	int i;

	t->cpu = smp_processor_id();
	t->other = cpumask_any_but(cpu_online_mask, t->cpu);
	if (t->other < nr_cpu_ids)
		t->ret[0] = ipi_unicast_try(&t->msg[0], t->other);
	t->ret[1] = ipi_unicast_try(&t->msg[1], t->cpu);
	t->ret[2] = ipi_multicast_try(&t->msg[2], cpu_possible_mask, t->missed);
	t->ret[3] = ipi_multicast_try(&t->msg[3], cpu_none_mask, t->missed);
	for (i = 0; i < ARRAY_SIZE(t->mine); i++)
		t->mine[i] = atomic_read(&t->runs[i]);
	t->irqs_kept = off == !!irqs_disabled();
}

static void check_probe(struct try *t)
{
	const int online = num_online_cpus();
	const int want[] = { 0, 0, online, 0 };
	const int runs[] = { online > 1, 1, online, 0 };
	int i;

	for (i = 0; i < ARRAY_SIZE(t->ret); i++) {
		xt_eq(t->ret[i], want[i], "result of send %d", i);
		xt_true(is_done(&t->msg[i]), "message %d is not done", i);
		xt_eq(atomic_read(&t->runs[i]), runs[i], "runs of message %d", i);
	}
	xt_eq(t->mine[1], 1, "runs on the own CPU when the send returned");
	xt_true(t->mine[2] >= 1, "the own CPU of a set has not run it");
	xt_true(cpumask_empty(t->missed), "somebody was missed");
	xt_true(t->irqs_kept, "a send changed the interrupt state");
}

static void try_from(const long *arg)
{
	struct try *t;
	int i;

	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!xt_true(t, "no memory"))
		return;
	if (!xt_true(zalloc_cpumask_var(&t->missed, GFP_KERNEL), "no memory"))
		goto out_free;
	cpumask_setall(t->missed);
	for (i = 0; i < ARRAY_SIZE(t->msg); i++)
		t->msg[i] = (struct ipi_msg){ .func = count_func, .arg = &t->runs[i] };
	t->from.probe = probe;
	if (xt_run_from(&t->from, arg[0]))
		check_probe(t);
	free_cpumask_var(t->missed);
out_free:
	kfree(t);
}

/* ----- no room ----- */

static struct ipi_msg *filler;
static atomic_t filler_runs;

/* With its mailbox full, the CPU being held. */
static void fill(unsigned int cpu)
{
	unsigned int n;

	atomic_set(&filler_runs, 0);
	for (n = 0; n < ipi_mbox_size(); n++) {
		filler[n] = (struct ipi_msg){ .func = count_func, .arg = &filler_runs };
		xt_eq(xt_unicast(&filler[n], cpu), 0, "message %u", n);
	}
}

static void await_fillers(void)
{
	unsigned int n;

	for (n = 0; n < ipi_mbox_size(); n++)
		ipi_wait(&filler[n]);
	xt_eq(atomic_read(&filler_runs), ipi_mbox_size(), "runs");
}

/* All but the one that has no room are called, and that one is named. */
static void try_set(unsigned int full, struct cpumask *missed, bool alias)
{
	const struct cpumask *target = alias ? missed : cpu_possible_mask;
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	int called, online = num_online_cpus();

	cpumask_copy(missed, cpu_possible_mask);
	local_irq_disable();
	called = ipi_multicast_try(&msg, target, missed);
	local_irq_enable();
	ipi_wait(&msg);
	xt_eq(called, online - 1, "CPUs called");
	xt_eq(atomic_read(&runs), online - 1, "runs");
	xt_true(cpumask_equal(missed, cpumask_of(full)), "missed: %*pbl, not %u",
		cpumask_pr_args(missed), full);
}

static void try_one(unsigned int full)
{
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	int ret;

	local_irq_disable();
	ret = ipi_unicast_try(&msg, full);
	local_irq_enable();
	xt_eq(ret, -EBUSY, "a full mailbox");
	xt_true(ipi_done(&msg), "something is in flight");
	ipi_wait(&msg);
	xt_eq(atomic_read(&runs), 0, "runs of what was not sent");
}

static void try_full(const long *arg)
{
	struct xt_hold hold = {};
	cpumask_var_t missed;
	unsigned int cpu;

	if (!xt_other_cpu(&cpu))
		return;
	filler = kcalloc(ipi_mbox_size(), sizeof(*filler), GFP_KERNEL);
	if (!xt_true(zalloc_cpumask_var(&missed, GFP_KERNEL) && filler, "no memory"))
		goto out_free;
	if (xt_hold_cpu(&hold, cpu)) {
		fill(cpu);
		try_one(cpu);
		try_set(cpu, missed, false);
		try_set(cpu, missed, true);
		xt_true(!ipi_done(&filler[0]), "done, though its CPU is held");
		xt_hold_release(&hold);
		await_fillers();
		xt_true(ipi_done(&filler[0]), "not done, though it has run");
	}
out_free:
	free_cpumask_var(missed);
	kfree(filler);
}

/* ----- within a function ----- */

/**
 * struct within - sends from a handler
 * @msg: to another CPU, to a set with the own one
 * @runs: of each
 * @ret: what the sends returned
 * @missed: whom the second one missed
 * @other: the other CPU
 */
struct within {
	struct ipi_msg msg[2];
	atomic_t runs[2];
	int ret[2];
	cpumask_var_t missed;
	unsigned int other;
};

static void send_within(struct xt_slot *slot)
{
	struct within *w = slot->data;

	w->ret[0] = ipi_unicast_try(&w->msg[0], w->other);
	w->ret[1] = ipi_multicast_try(&w->msg[1], cpu_online_mask, w->missed);
}

/* The own CPU cannot run it in there, and is told so. */
static void try_within(const long *arg)
{
	struct within *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned int i, me = raw_smp_processor_id();
	struct xt_slot slot;

	if (!xt_true(w, "no memory"))
		return;
	if (!xt_other_cpu(&w->other) ||
	    !xt_true(zalloc_cpumask_var(&w->missed, GFP_KERNEL), "no memory"))
		goto out_free;
	for (i = 0; i < 2; i++)
		w->msg[i] = (struct ipi_msg){ .func = count_func, .arg = &w->runs[i] };
	if (!xt_slot_open(&slot, send_within, w))
		goto out_free_missed;
	xt_eq(xt_trigger(slot.id, me), 0, "trigger");
	xt_slot_close(&slot);
	for (i = 0; i < 2; i++)
		ipi_wait(&w->msg[i]);
	xt_eq(w->ret[0], 0, "another CPU from within a handler");
	xt_eq(w->ret[1], num_online_cpus() - 1, "a set from within a handler");
	xt_eq(atomic_read(&w->runs[0]), 1, "runs");
	xt_eq(atomic_read(&w->runs[1]), num_online_cpus() - 1, "runs of the set");
	xt_true(cpumask_equal(w->missed, cpumask_of(me)), "missed: %*pbl, not %u",
		cpumask_pr_args(w->missed), me);
out_free_missed:
	free_cpumask_var(w->missed);
out_free:
	kfree(w);
}

/* ----- errors ----- */

/* Each refused for one reason; what is in flight is left alone. */
static void try_errors(const long *arg)
{
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	struct ipi_msg empty = {};
	unsigned int me = raw_smp_processor_id();
	cpumask_var_t missed;

	if (!xt_true(zalloc_cpumask_var(&missed, GFP_KERNEL), "no memory"))
		return;
	local_irq_disable();
	xt_eq(ipi_unicast_try(NULL, me), -EINVAL, "no message");
	xt_eq(ipi_unicast_try(&empty, me), -EINVAL, "no function");
	xt_eq(ipi_unicast_try(&msg, nr_cpu_ids), -EINVAL, "no such CPU");
	xt_eq(ipi_unicast_try(&msg, UINT_MAX), -EINVAL, "no such number");
	xt_eq(ipi_multicast_try(NULL, cpu_online_mask, missed), -EINVAL, "no message");
	xt_eq(ipi_multicast_try(&empty, cpu_online_mask, missed), -EINVAL, "no function");
	xt_eq(ipi_multicast_try(&msg, NULL, missed), -EINVAL, "no target");
	xt_eq(ipi_multicast_try(&msg, cpu_online_mask, NULL), -EINVAL, "no missed");
	local_irq_enable();
	xt_true(ipi_done(NULL), "no message is not done");
	xt_true(ipi_done(&msg), "a refused message is not done");
	xt_eq(atomic_read(&runs), 0, "runs of refused messages");
	free_cpumask_var(missed);
}

/* ----- on top of senders that wait ----- */

/**
 * struct xt_shot - a hard timer that sends while its CPU's task sends, too
 * @timer: fires every now and then, wherever the task is
 * @msg: what it sends
 * @missed: who had no room
 * @runs: of @msg
 * @sent: how often it was sent to a CPU since the last look
 * @done: looks that found it done
 * @busy: sends that missed somebody
 * @bad: runs that were not as many as sent
 * @stop: do not fire again
 */
struct xt_shot {
	struct hrtimer timer;
	struct ipi_msg msg;
	cpumask_var_t missed;
	atomic_t runs;
	int sent;
	unsigned int done;
	unsigned int busy;
	int bad;
	bool stop;
};

static void look_and_send(struct xt_shot *s)
{
	if (!ipi_done(&s->msg))
		return;
	if (atomic_xchg(&s->runs, 0) != s->sent)
		s->bad++;
	s->done++;
	s->sent = ipi_multicast_try(&s->msg, cpu_online_mask, s->missed);
	s->busy += !cpumask_empty(s->missed);
}

static enum hrtimer_restart shoot(struct hrtimer *timer)
{
	struct xt_shot *s = container_of(timer, struct xt_shot, timer);

	if (READ_ONCE(s->stop))
		return HRTIMER_NORESTART;
	look_and_send(s);
	hrtimer_forward_now(timer, ns_to_ktime(200000 + s->done % 7 * 50000));
	return HRTIMER_RESTART;
}

#define XT_SALVO	24

/* Enough of them that mailboxes get full. */
static void send_salvo(struct xt_worker *w, struct ipi_msg *msg, atomic_t *runs)
{
	int want = 0;
	unsigned int i;

	atomic_set(runs, 0);
	for (i = 0; i < XT_SALVO; i++) {
		msg[i] = (struct ipi_msg){ .func = count_func, .arg = runs };
		want += xt_broadcast(&msg[i], (w->ops + i) & 1);
	}
	for (i = 0; i < XT_SALVO; i++)
		ipi_wait(&msg[i]);
	xt_eq(atomic_read(runs), want, "runs of a salvo");
}

struct xt_salvo {
	struct xt_shot shot;
	struct ipi_msg msg[XT_SALVO];
	atomic_t runs;
};

static atomic_t salvo_done, salvo_busy;

static void salvo_worker(struct xt_worker *w)
{
	struct xt_salvo *s = kzalloc(sizeof(*s), GFP_KERNEL);
	struct xt_shot *shot = &s->shot;

	if (!xt_true(s, "no memory"))
		return;
	if (!xt_true(zalloc_cpumask_var(&shot->missed, GFP_KERNEL), "no memory"))
		goto out_free;
	shot->msg = (struct ipi_msg){ .func = count_func, .arg = &shot->runs };
	hrtimer_setup(&shot->timer, shoot, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&shot->timer, ns_to_ktime(NSEC_PER_MSEC),
		      HRTIMER_MODE_REL_PINNED_HARD);
	while (!xt_over(w) && !xt_failed()) {
		send_salvo(w, s->msg, &s->runs);
		w->ops++;
		cond_resched();
	}
	WRITE_ONCE(shot->stop, true);
	hrtimer_cancel(&shot->timer);
	ipi_wait(&shot->msg);
	xt_eq(shot->bad, 0, "messages that ran as often as they should not");
	atomic_add(shot->done, &salvo_done);
	atomic_add(shot->busy, &salvo_busy);
	free_cpumask_var(shot->missed);
out_free:
	kfree(s);
}

static void try_under_fire(const long *arg)
{
	unsigned long ops;

	atomic_set(&salvo_done, 0);
	atomic_set(&salvo_busy, 0);
	ops = xt_crowd_run(salvo_worker, NULL, arg[0]);
	xt_true(ops, "nobody sent anything");
	xt_true(atomic_read(&salvo_done), "no timer sent anything");
	xt_note("%lu salvos, %d messages of timers, %d missed a CPU", ops,
		atomic_read(&salvo_done), atomic_read(&salvo_busy));
}

const struct xt_case xt_try_cases[] = {
	{ "try_from", try_from },
	{ "try_full", try_full },
	{ "try_within", try_within },
	{ "try_errors", try_errors },
	{ "try_under_fire", try_under_fire },
	{ }
};
