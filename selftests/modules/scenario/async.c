// SPDX-License-Identifier: GPL-2.0
/* Triggers: who runs, how often, what it sees, and what the call returns. */
#include <linux/slab.h>

#include "cases.h"
#include "crowd.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

static void trigger_self(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct xt_slot slot;
	int i;

	if (!xt_slot_open(&slot, NULL, NULL))
		return;
	for (i = 1; i <= 100 && !xt_failed(); i++) {
		xt_eq(xt_trigger(slot.id, me), 0, "trigger %d of self", i);
		xt_eq(xt_runs(&slot, me), i, "runs when trigger %d returned", i);
	}
	xt_eq(xt_runs_all(&slot), xt_runs(&slot, me), "runs on all CPUs");
	xt_slot_close(&slot);
}

static void trigger_remote(const long *arg)
{
	unsigned int other, cpu, me = raw_smp_processor_id();
	unsigned long before;
	struct xt_slot slot;

	if (!xt_other_cpu(&other) || !xt_slot_open(&slot, NULL, NULL))
		return;
	for_each_online_cpu(cpu) {
		if (cpu == me)
			continue;
		before = xt_runs_all(&slot);
		xt_eq(xt_trigger(slot.id, cpu), 0, "trigger CPU %u", cpu);
		xt_true(xt_ran(&slot, cpu, 1), "CPU %u did not run it", cpu);
		xt_eq(xt_runs_all(&slot), before + 1, "runs after CPU %u", cpu);
	}
	xt_slot_close(&slot);
}

/* One run on each CPU of @target that is online and none elsewhere. */
static void check_set(struct xt_slot *slot, const unsigned long *before,
		      const struct cpumask *target)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long want = before[cpu];

		if (cpumask_test_cpu(cpu, target) && cpu_online(cpu))
			want++;
		xt_true(xt_ran(slot, cpu, want), "CPU %u did not run it", cpu);
		xt_eq(xt_runs(slot, cpu), want, "runs on CPU %u", cpu);
	}
}

static void trigger_set(struct xt_slot *slot, const struct cpumask *target,
			unsigned long *before)
{
	unsigned int cpu, me = raw_smp_processor_id();
	unsigned int want = 0;

	for_each_possible_cpu(cpu) {
		before[cpu] = xt_runs(slot, cpu);
		want += cpumask_test_cpu(cpu, target) && cpu_online(cpu);
	}
	xt_eq(xt_trigger_multi(slot->id, target), want, "CPUs counted in %*pbl",
	      cpumask_pr_args(target));
	if (cpumask_test_cpu(me, target))
		xt_eq(xt_runs(slot, me), before[me] + 1,
		      "runs on the caller's CPU when the call returned");
	check_set(slot, before, target);
}

/* Any mask: self alone, self and others, others alone, offline ones too. */
static void multi_sets(const long *arg)
{
	unsigned int cpu, me = raw_smp_processor_id();
	unsigned long *before = kcalloc(nr_cpu_ids, sizeof(long), GFP_KERNEL);
	cpumask_var_t mask;
	struct xt_slot slot;

	if (!xt_true(before, "no memory"))
		return;
	if (!xt_true(zalloc_cpumask_var(&mask, GFP_KERNEL), "no memory"))
		goto out_free_before;
	if (!xt_slot_open(&slot, NULL, NULL))
		goto out_free_mask;

	trigger_set(&slot, mask, before);
	cpumask_set_cpu(me, mask);
	trigger_set(&slot, mask, before);
	for_each_possible_cpu(cpu) {
		cpumask_set_cpu(cpu, mask);
		if (xt_try_size(cpumask_weight(mask)))
			trigger_set(&slot, mask, before);
	}
	cpumask_clear_cpu(me, mask);
	trigger_set(&slot, mask, before);
	cpumask_setall(mask);
	trigger_set(&slot, mask, before);

	xt_slot_close(&slot);
out_free_mask:
	free_cpumask_var(mask);
out_free_before:
	kfree(before);
}

static void broadcast(const long *arg)
{
	unsigned int cpu, me = raw_smp_processor_id();
	struct xt_slot slot;

	if (!xt_slot_open(&slot, NULL, NULL))
		return;
	xt_eq(xt_trigger_broadcast(slot.id, false), num_online_cpus(),
	      "CPUs counted");
	xt_eq(xt_runs(&slot, me), 1, "runs on the caller's CPU at return");
	for_each_online_cpu(cpu)
		xt_true(xt_ran(&slot, cpu, 1), "CPU %u did not run it", cpu);
	xt_eq(xt_trigger_broadcast(slot.id, true), num_online_cpus() - 1,
	      "CPUs counted without self");
	for_each_online_cpu(cpu) {
		if (cpu != me)
			xt_true(xt_ran(&slot, cpu, 2), "CPU %u did not run it",
				cpu);
	}
	xt_eq(xt_runs(&slot, me), 1, "runs on the caller's CPU, skipped");
	xt_eq(xt_runs_all(&slot), 2 * num_online_cpus() - 1, "runs");
	xt_slot_close(&slot);
}

/* A trigger whose bit is set already is counted, succeeds, and merges. */
static void coalesced_counts(const long *arg)
{
	struct xt_hold hold = { };
	struct xt_slot slot;
	unsigned int other;
	int i;

	if (!xt_other_cpu(&other) || !xt_slot_open(&slot, NULL, NULL))
		return;
	if (xt_hold_cpu(&hold, other)) {
		for (i = 0; i < 5; i++) {
			xt_eq(xt_trigger(slot.id, other), 0, "trigger %d", i);
			xt_eq(xt_trigger_multi(slot.id, cpumask_of(other)), 1,
			      "CPUs counted by multi %d", i);
			xt_eq(xt_trigger_broadcast(slot.id, true),
			      num_online_cpus() - 1,
			      "CPUs counted by broadcast %d", i);
		}
		xt_eq(xt_runs(&slot, other), 0, "runs on the held CPU");
		xt_hold_release(&hold);
		xt_true(xt_ran(&slot, other, 1), "the coalesced run is lost");
	}
	xt_slot_close(&slot);
}

/* A run that has begun does not serve a trigger that comes after its start. */
static void trigger_during_run(const long *arg)
{
	struct xt_hold hold = { };
	unsigned int other;
	int i;

	if (!xt_other_cpu(&other))
		return;
	if (!xt_hold_cpu(&hold, other))
		return;
	for (i = 0; i < 3; i++)
		xt_eq(xt_trigger(hold.slot.id, other), 0, "trigger %d", i);
	/* Pairs with the load in the holder. */
	smp_store_release(&hold.release, true);
	xt_true(xt_ran(&hold.slot, other, 2), "no run after the trigger");
	xt_eq(xt_runs(&hold.slot, other), 2, "runs");
	xt_hold_release(&hold);
}

/* What passes a message through a slot: the last number stored and seen. */
struct xt_mail {
	struct xt_slot slot;
	unsigned long data;
	unsigned long seen;
};

static void mail_body(struct xt_slot *slot)
{
	struct xt_mail *mail = slot->data;

	WRITE_ONCE(mail->seen, READ_ONCE(mail->data));
}

/* @most slots, so that one round trip shows as many messages. */
static unsigned int mail_open(struct xt_mail *mail, unsigned int most)
{
	unsigned int n;

	for (n = 0; n < most; n++)
		if (!xt_slot_open(&mail[n].slot, mail_body, &mail[n]))
			break;
	return n;
}

/* The second trigger finds the bit set, unless the target was quick. */
static void mail_send(struct xt_mail *mail, unsigned int cpu, long i)
{
	preempt_disable();
	WRITE_ONCE(mail->data, 2 * i);
	xt_eq(ipi_trigger(mail->slot.id, cpu), 0, "trigger");
	WRITE_ONCE(mail->data, 2 * i + 1);
	xt_eq(ipi_trigger(mail->slot.id, cpu), 0, "trigger");
	preempt_enable();
}

static void mail_round(struct xt_mail *mail, unsigned int n, unsigned int cpu,
		       long i)
{
	unsigned int k;

	for (k = 0; k < n; k++)
		mail_send(&mail[k], cpu, i);
	for (k = 0; k < n; k++)
		xt_true(xt_spin_within(XT_LIMIT_MS,
				       READ_ONCE(mail[k].seen) == 2 * i + 1),
			"round %ld: store lost, handler saw %lu", i,
			mail[k].seen);
}

/*
 * arg[0] messages, each through a trigger whose bit was set mostly. Were its
 * store not ordered before its look at the bit, a run could miss it, and no
 * other run would come. After arg[1] ms a tenth of the messages will do. All slots
 * but arg[2] are free.
 */
static void coalesced_stores(const long *arg)
{
	struct xt_mail *mail = kcalloc(IPI_MAX, sizeof(*mail), GFP_KERNEL);
	ktime_t end = ktime_add_ms(ktime_get(), arg[1]);
	unsigned long runs = 0, sent;
	unsigned int other, n, k;
	long i, rounds;

	if (!xt_true(mail, "no memory"))
		return;
	if (!xt_other_cpu(&other))
		goto out_free;
	n = mail_open(mail, IPI_MAX - arg[2]);
	xt_eq(n, IPI_MAX - arg[2], "slots");
	rounds = n ? DIV_ROUND_UP(arg[0], n) : 0;
	for (i = 1; i <= rounds && !xt_failed(); i++) {
		mail_round(mail, n, other, i);
		cond_resched();
		if (i >= rounds / 10 && ktime_after(ktime_get(), end))
			rounds = i;
	}
	for (k = 0; k < n; k++)
		ipi_unregister(mail[k].slot.id);
	for (k = 0; k < n; k++) {
		runs += xt_runs_all(&mail[k].slot);
		free_percpu(mail[k].slot.runs);
	}
	sent = 2UL * n * rounds;
	xt_note("%lu messages, %lu triggers, %lu runs", sent / 2, sent, runs);
	xt_true(runs >= sent / 2 && runs <= sent, "%lu runs of %lu triggers",
		runs, sent);
	xt_true(runs < sent - sent / 100,
		"hardly any trigger coalesced: nothing was shown");
out_free:
	kfree(mail);
}

/* The same with all CPUs writing to all, each with a number of its own. */
#define STORE_WRITERS	24

struct xt_stores {
	struct xt_slot slot;
	unsigned long data[STORE_WRITERS];
	unsigned long __percpu *seen;
};

static void stores_body(struct xt_slot *slot)
{
	struct xt_stores *s = slot->data;

	xt_see(s->seen, s->data, STORE_WRITERS);
}

static void stores_worker(struct xt_worker *w)
{
	unsigned int cpu = smp_processor_id();
	struct xt_stores *s = w->data;
	unsigned int i = w->index;
	unsigned long n;

	for (n = 1; !xt_over(w) && !xt_failed(); n++) {
		WRITE_ONCE(s->data[i], n);
		if (n % 16) {
			cpu = cpumask_next(cpu, cpu_online_mask);
			if (cpu >= nr_cpu_ids)
				cpu = cpumask_first(cpu_online_mask);
			xt_eq(xt_trigger(s->slot.id, cpu), 0, "trigger");
		} else {
			xt_eq(xt_trigger_broadcast(s->slot.id, false),
			      num_online_cpus(), "CPUs counted");
		}
		xt_true(xt_spin_within(XT_LIMIT_MS,
				       READ_ONCE(per_cpu_ptr(s->seen, cpu)[i]) >= n),
			"writer %u: CPU %u never saw store %lu", i, cpu, n);
		w->ops++;
		cond_resched();
	}
}

static void stores_all_to_all(const long *arg)
{
	struct xt_stores *s = kzalloc(sizeof(*s), GFP_KERNEL);
	unsigned long ops;

	BUILD_BUG_ON(STORE_WRITERS < XT_CROWD_MAX);
	if (!xt_true(s, "no memory"))
		return;
	s->seen = __alloc_percpu(sizeof(long) * STORE_WRITERS, sizeof(long));
	if (!xt_true(s->seen, "no memory"))
		goto out_free;
	if (!xt_slot_open(&s->slot, stores_body, s))
		goto out_free_seen;
	ops = xt_crowd_run(stores_worker, s, arg[0]);
	xt_true(ops, "nobody did anything");
	xt_note("%lu stores passed on", ops);
	xt_slot_close(&s->slot);
out_free_seen:
	free_percpu(s->seen);
out_free:
	kfree(s);
}

const struct xt_case xt_async_cases[] = {
	{ "trigger_self", trigger_self },
	{ "trigger_remote", trigger_remote },
	{ "multi_sets", multi_sets },
	{ "broadcast", broadcast },
	{ "coalesced_counts", coalesced_counts },
	{ "trigger_during_run", trigger_during_run },
	{ "coalesced_stores", coalesced_stores },
	{ "stores_all_to_all", stores_all_to_all },
	{ }
};
