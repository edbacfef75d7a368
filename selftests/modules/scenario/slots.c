// SPDX-License-Identifier: GPL-2.0
/* The slot table: ids, limits, errors in their order, owners that race. */
#include <linux/slab.h>

#include "cases.h"
#include "crowd.h"
#include "report.h"
#include "slot.h"

/* All slots but those of @others; the ids must be of 1 to IPI_MAX, each once. */
static unsigned int fill(struct xt_slot *slot, unsigned int others)
{
	unsigned int n, most = IPI_MAX - others;
	unsigned long seen = 0;

	BUILD_BUG_ON(IPI_MAX >= BITS_PER_LONG);
	for (n = 0; n < most; n++) {
		if (!xt_slot_open(&slot[n], NULL, NULL))
			break;
		if (!xt_true(slot[n].id <= IPI_MAX, "id %u is above IPI_MAX",
			     slot[n].id))
			continue;
		xt_true(!(seen & BIT(slot[n].id)), "id %u was handed out twice",
			slot[n].id);
		seen |= BIT(slot[n].id);
	}
	xt_eq(n, most, "free slots");
	xt_eq(hweight_long(seen & GENMASK(IPI_MAX, 1)), most, "ids");
	return n;
}

static void do_nothing(void *arg)
{
}

/* The module warns once for this; the program that runs it counts the lines. */
static void ids_and_full_table(const long *arg)
{
	unsigned int n, i, me = raw_smp_processor_id();
	struct xt_slot *slot = kcalloc(IPI_MAX, sizeof(*slot), GFP_KERNEL);

	if (!xt_true(slot, "no memory"))
		return;
	n = fill(slot, 0);
	xt_eq(ipi_register(do_nothing, NULL), 0, "id from a full table");

	/* Each slot has its own handler: slot i is triggered i + 1 times. */
	for (i = 0; i < n; i++) {
		unsigned int k;

		for (k = 0; k <= i; k++)
			xt_eq(xt_trigger(slot[i].id, me), 0, "trigger");
	}
	for (i = 0; i < n; i++)
		xt_eq(xt_runs(&slot[i], me), i + 1, "runs of slot %u",
		      slot[i].id);

	/* One that was freed can be had again, and no other. */
	if (n) {
		i = slot[n / 2].id;
		xt_slot_close(&slot[n / 2]);
		if (xt_slot_open(&slot[n / 2], NULL, NULL))
			xt_eq(slot[n / 2].id, i, "the only free id");
		xt_eq(xt_runs_all(&slot[n / 2]), 0, "runs of the new owner");
	}
	for (i = 0; i < n; i++)
		xt_slot_close(&slot[i]);
	kfree(slot);
}

/* All slots but arg[0] at once on all CPUs: the words carry all bits. */
static void all_slots_all_cpus(const long *arg)
{
	unsigned int n, i, cpu, round, online = num_online_cpus();
	unsigned int rounds = clamp(80 / online, 3u, 20u);
	struct xt_slot *slot = kcalloc(IPI_MAX, sizeof(*slot), GFP_KERNEL);

	if (!xt_true(slot, "no memory"))
		return;
	n = fill(slot, arg[0]);
	for (round = 1; round <= rounds; round++) {
		preempt_disable();
		for (i = 0; i < n; i++)
			xt_eq(ipi_trigger_broadcast(slot[i].id, false), online,
			      "CPUs counted");
		preempt_enable();
		for (i = 0; i < n; i++) {
			for_each_online_cpu(cpu) {
				xt_true(xt_ran(&slot[i], cpu, round),
					"slot %u, CPU %u: a run is lost",
					slot[i].id, cpu);
				xt_eq(xt_runs(&slot[i], cpu), round,
				      "runs of slot %u on CPU %u", slot[i].id,
				      cpu);
			}
		}
	}
	for (i = 0; i < n; i++)
		xt_slot_close(&slot[i]);
	kfree(slot);
}

/* arg[0]: a CPU that is offline, or -1. Id 0, too large, free; bad CPUs. */
static void trigger_errors(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	static const unsigned int bad[] = { 0, IPI_MAX + 1, 2 * IPI_MAX, UINT_MAX };
	const struct cpumask *all = cpu_online_mask;
	struct xt_slot slot, gone;
	unsigned int free;
	int i;

	if (!xt_slot_open(&slot, NULL, NULL))
		return;
	if (!xt_slot_open(&gone, NULL, NULL))
		goto out_close;
	free = gone.id;
	xt_slot_close(&gone);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		xt_eq(xt_trigger(bad[i], me), -EINVAL, "trigger id %u", bad[i]);
		xt_eq(xt_trigger_multi(bad[i], all), -EINVAL, "multi id %u",
		      bad[i]);
		xt_eq(xt_trigger_multi(bad[i], cpu_none_mask), -EINVAL,
		      "multi id %u to nobody", bad[i]);
		xt_eq(xt_trigger_broadcast(bad[i], false), -EINVAL,
		      "broadcast id %u", bad[i]);
	}
	xt_eq(xt_trigger(slot.id, nr_cpu_ids), -EINVAL, "CPU nr_cpu_ids");
	xt_eq(xt_trigger(slot.id, UINT_MAX), -EINVAL, "CPU UINT_MAX");
	xt_eq(xt_trigger_multi(slot.id, NULL), -EINVAL, "no mask");
	xt_eq(xt_trigger(free, me), -ENOENT, "free id %u", free);
	xt_eq(xt_trigger_multi(free, all), -ENOENT, "multi free id");
	xt_eq(xt_trigger_multi(free, cpu_none_mask), -ENOENT,
	      "multi free id to nobody");
	xt_eq(xt_trigger_broadcast(free, false), -ENOENT, "broadcast free id");
	xt_eq(xt_trigger_broadcast(free, true), -ENOENT,
	      "broadcast free id without self");
	/* Two errors at once: the one that is checked first. */
	xt_eq(xt_trigger(free, nr_cpu_ids), -EINVAL, "free id, bad CPU");
	xt_eq(xt_trigger_multi(free, NULL), -EINVAL, "free id, no mask");
	if (arg[0] >= 0) {
		xt_eq(xt_trigger(slot.id, arg[0]), -ENXIO, "offline CPU");
		xt_eq(xt_trigger(free, arg[0]), -ENOENT, "free id, offline");
		xt_eq(xt_trigger(0, arg[0]), -EINVAL, "id 0, offline");
		xt_eq(xt_trigger_multi(slot.id, cpumask_of(arg[0])), 0,
		      "multi to an offline CPU");
	}
	msleep(20);
	xt_eq(xt_runs_all(&slot), 0, "runs");
out_close:
	xt_slot_close(&slot);
}

static void register_without_func(const long *arg)
{
	xt_eq(ipi_register(NULL, NULL), 0, "id for no function");
}

/* arg[0]: the id to give back; nothing may change but one line in the log. */
static void unregister_bad(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct xt_slot slot;

	if (!xt_slot_open(&slot, NULL, NULL))
		return;
	if (arg[0] == slot.id)
		xt_fail("id %ld is not bad", arg[0]);
	else
		ipi_unregister(arg[0]);
	xt_eq(xt_trigger(slot.id, me), 0, "trigger of a slot of mine");
	xt_eq(xt_runs(&slot, me), 1, "runs");
	xt_slot_close(&slot);
}

/* Owners on all CPUs: an id belongs to one of them at a time, with its arg. */
struct xt_owners {
	struct xt_worker *owner[IPI_MAX + 1];
};

static void owner_body(struct xt_slot *slot)
{
	struct xt_worker *w = slot->data;
	struct xt_owners *o = w->data;

	if (READ_ONCE(o->owner[slot->id]) != w)
		xt_fail("slot %u ran for a stranger", slot->id);
}

static void owner_worker(struct xt_worker *w)
{
	struct xt_owners *o = w->data;
	struct xt_slot slot;
	unsigned int cpu;

	while (!xt_over(w) && !xt_failed()) {
		if (!xt_slot_open(&slot, owner_body, w))
			return;
		if (cmpxchg(&o->owner[slot.id], NULL, w))
			xt_fail("id %u has two owners", slot.id);
		xt_eq(xt_trigger_broadcast(slot.id, false), num_online_cpus(),
		      "CPUs counted");
		for_each_online_cpu(cpu)
			xt_true(xt_ran(&slot, cpu, 1), "CPU %u did not run it",
				cpu);
		xt_eq(xt_runs_all(&slot), num_online_cpus(), "runs");
		/* Unregister hands the id on: nobody else may have it before. */
		WRITE_ONCE(o->owner[slot.id], NULL);
		xt_slot_close(&slot);
		w->ops++;
	}
}

static void owners_race(const long *arg)
{
	struct xt_owners *o;
	unsigned long ops;

	o = kzalloc(sizeof(*o), GFP_KERNEL);
	if (!xt_true(o, "no memory"))
		return;
	ops = xt_crowd_run(owner_worker, o, arg[0]);
	xt_true(ops, "nobody registered anything");
	xt_note("%lu slots registered and unregistered", ops);
	kfree(o);
}

/* A client that guesses: triggers slot arg[0], whoever has it, while it is there. */
static void trigger_stranger(const long *arg)
{
	ktime_t end = ktime_add_ms(ktime_get(), arg[1]);
	unsigned long hits = 0;
	int ret;

	do {
		ret = xt_trigger_multi(arg[0], cpu_online_mask);
		hits += ret > 0;
		cond_resched();
	} while (ret != -ENOENT && ktime_before(ktime_get(), end));
	xt_true(hits, "nobody has slot %ld", arg[0]);
	xt_note("%lu triggers of slot %ld", hits, arg[0]);
}

const struct xt_case xt_slots_cases[] = {
	{ "ids_and_full_table", ids_and_full_table },
	{ "all_slots_all_cpus", all_slots_all_cpus },
	{ "trigger_errors", trigger_errors },
	{ "register_without_func", register_without_func },
	{ "unregister_bad", unregister_bad },
	{ "owners_race", owners_race },
	{ "trigger_stranger", trigger_stranger },
	{ }
};
