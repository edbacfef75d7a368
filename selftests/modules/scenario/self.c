// SPDX-License-Identifier: GPL-2.0
/* Handlers that trigger: their own CPU, other slots, other CPUs. */
#include <linux/slab.h>

#include "cases.h"
#include "crowd.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

static bool quiet(const struct xt_slot *slot)
{
	unsigned long runs = xt_runs_all(slot);

	msleep(30);
	return xt_runs_all(slot) == runs;
}

/* A handler that triggers itself @left times, or until it is told to stop. */
struct xt_again {
	long left;
	bool stop;
	int bad;
};

static void again_body(struct xt_slot *slot)
{
	struct xt_again *a = slot->data;
	int ret;

	if (!a->left || READ_ONCE(a->stop))
		return;
	a->left--;
	ret = ipi_trigger(slot->id, smp_processor_id());
	if (ret)
		WRITE_ONCE(a->bad, ret);
}

static void self_trigger_bounded(const long *arg)
{
	struct xt_again again = { .left = arg[0] };
	unsigned int me = raw_smp_processor_id();
	struct xt_slot slot;

	if (!xt_slot_open(&slot, again_body, &again))
		return;
	xt_eq(xt_trigger(slot.id, me), 0, "first trigger");
	xt_true(xt_runs(&slot, me), "the first run is synchronous");
	xt_true(xt_ran(&slot, me, arg[0] + 1), "only %lu of %ld runs",
		xt_runs(&slot, me), arg[0] + 1);
	msleep(20);
	xt_eq(xt_runs_all(&slot), arg[0] + 1, "runs");
	xt_eq(again.bad, 0, "result of a trigger inside the handler");
	xt_slot_close(&slot);
}

static void burn_worker(struct xt_worker *w)
{
	ktime_t end = ktime_add_ms(ktime_get(), 300);

	for (; w->ops < 10 || ktime_before(ktime_get(), end); cond_resched())
		w->ops++;
}

/*
 * The handler triggers its own CPU each time it runs. A task bound there still
 * gets its share: it loops, and for 300 ms at least, in which the handler
 * may run a few times a tick but not all the time.
 */
static void self_trigger_forever(const long *arg)
{
	struct xt_again again = { .left = LONG_MAX };
	unsigned int cpu = raw_smp_processor_id();
	unsigned long runs, ticks = jiffies;
	struct xt_worker w = { };
	struct xt_slot slot;

	if (arg[0] && !xt_other_cpu(&cpu))
		return;
	if (!xt_slot_open(&slot, again_body, &again))
		return;
	xt_eq(xt_trigger(slot.id, cpu), 0, "trigger");
	if (xt_thread_start(&w, burn_worker, NULL, cpu)) {
		xt_thread_join(&w);
		ticks = jiffies - ticks;
		runs = xt_runs(&slot, cpu);
		xt_note("%lu loops of the task, %lu runs in %lu ticks", w.ops,
			runs, ticks);
		xt_true(xt_ran(&slot, cpu, 3), "it did not go on: %lu runs",
			runs);
		xt_true(w.ops >= runs / 4, "the task did %lu loops beside %lu runs", w.ops, runs);
		xt_true(runs <= 100 * (ticks + 1),
			"%lu runs in %lu ticks", runs, ticks);
	}
	xt_eq(READ_ONCE(again.bad), 0, "result of a trigger inside the handler");
	if (arg[1])	/* unregister ends it; else it ends before */
		goto out;
	WRITE_ONCE(again.stop, true);
	runs = xt_runs_all(&slot);
	msleep(20);
	xt_true(xt_runs_all(&slot) <= runs + 2, "it goes on when told to stop");
out:
	xt_slot_close(&slot);
	if (arg[1])
		xt_eq(READ_ONCE(again.bad), -ENOENT, "trigger of a dying slot");
}

/*
 * One that goes on while its CPU is taken offline: "self_trigger_start CPU",
 * "self_trigger_stop". A CPU that leaves refuses at last, with -ENXIO.
 */
static struct xt_again kept_again;
static struct xt_slot kept_slot;

static void self_trigger_start(const long *arg)
{
	kept_again = (struct xt_again){ .left = LONG_MAX };
	if (!xt_true(!kept_slot.id, "it runs already"))
		return;
	if (!xt_slot_open(&kept_slot, again_body, &kept_again))
		return;
	xt_eq(xt_trigger(kept_slot.id, arg[0]), 0, "trigger");
	xt_true(xt_ran(&kept_slot, arg[0], 10), "it does not go on");
}

static void self_trigger_stop(const long *arg)
{
	int bad = READ_ONCE(kept_again.bad);

	if (!xt_true(kept_slot.id, "it does not run"))
		return;
	xt_true(!bad || bad == -ENXIO, "trigger inside the handler: %d", bad);
	xt_true(xt_within(XT_LIMIT_MS, quiet(&kept_slot)),
		"it goes on without its CPU");
	xt_slot_close(&kept_slot);
}

void xt_self_exit(void)
{
	xt_slot_close(&kept_slot);
}

/* Two slots that trigger each other on one CPU: no nesting, and both run on. */
struct xt_pair {
	struct xt_slot a, b;
	long left;
	bool inside;
	bool nested;
	unsigned long data, seen;
};

static void pair_body(struct xt_slot *slot)
{
	struct xt_pair *p = slot->data;
	struct xt_slot *to = slot == &p->a ? &p->b : &p->a;
	unsigned int me = smp_processor_id();

	if (p->inside)
		p->nested = true;
	p->inside = true;
	p->seen = p->data;
	if (p->left > 0) {
		p->left--;
		p->data++;
		if (ipi_trigger(to->id, me))
			p->nested = true;
		/* Coalesced: its store must be seen as well. */
		p->data++;
		if (p->left & 1 ? ipi_trigger(to->id, me) :
				  ipi_trigger_multi(to->id, cpumask_of(me)) != 1)
			p->nested = true;
	}
	p->inside = false;
}

static void handlers_trigger_each_other(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct xt_pair p = { .left = arg[0] };

	if (!xt_slot_open(&p.a, pair_body, &p))
		return;
	if (!xt_slot_open(&p.b, pair_body, &p))
		goto out_close_a;
	xt_eq(xt_trigger(p.a.id, me), 0, "trigger");
	xt_true(xt_within(XT_LIMIT_MS,
			  xt_runs(&p.a, me) + xt_runs(&p.b, me) == arg[0] + 1),
		"%lu and %lu runs for %ld triggers", xt_runs(&p.a, me),
		xt_runs(&p.b, me), arg[0]);
	xt_true(!p.nested, "a trigger inside a handler ran or failed at once");
	xt_eq(p.seen, 2 * arg[0], "last store seen");
	xt_slot_close(&p.b);
out_close_a:
	xt_slot_close(&p.a);
}

/* A message function that triggers its own CPU, sent to self and to another. */
struct xt_msg_trigger {
	struct xt_slot slot;
	int ret;
	unsigned long runs_inside;
};

static void msg_trigger_func(void *arg)
{
	struct xt_msg_trigger *mt = arg;
	unsigned int me = smp_processor_id();

	xt_enter();
	mt->ret = ipi_trigger(mt->slot.id, me);
	mt->runs_inside = xt_runs(&mt->slot, me);
	xt_leave();
}

static void message_triggers_own_cpu(const long *arg)
{
	struct xt_msg_trigger mt = { .ret = 1 };
	struct ipi_msg msg = { .func = msg_trigger_func, .arg = &mt };
	unsigned int cpu = raw_smp_processor_id();

	if (arg[0] && !xt_other_cpu(&cpu))
		return;
	if (!xt_slot_open(&mt.slot, NULL, NULL))
		return;
	xt_eq(xt_unicast(&msg, cpu), 0, "send");
	ipi_wait(&msg);
	xt_eq(mt.ret, 0, "trigger inside a message function");
	xt_eq(mt.runs_inside, 0, "runs before the message function ended");
	xt_true(xt_ran(&mt.slot, cpu, 1), "the deferred run is lost");
	xt_eq(xt_runs_all(&mt.slot), 1, "runs");
	xt_slot_close(&mt.slot);
}

/* A token goes round all online CPUs, passed on by the handler itself. */
struct xt_ring {
	long left;
	int bad;
};

static void ring_body(struct xt_slot *slot)
{
	struct xt_ring *r = slot->data;
	unsigned int cpu = smp_processor_id();
	int ret;

	if (!r->left)
		return;
	r->left--;
	cpu = cpumask_next(cpu, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	ret = r->left & 1 ? ipi_trigger(slot->id, cpu) :
			    ipi_trigger_multi(slot->id, cpumask_of(cpu)) - 1;
	if (ret)
		r->bad = ret;
}

static void handler_passes_token(const long *arg)
{
	struct xt_ring ring = { .left = arg[0] };
	struct xt_slot slot;
	unsigned int other;

	if (!xt_other_cpu(&other) || !xt_slot_open(&slot, ring_body, &ring))
		return;
	xt_eq(xt_trigger(slot.id, other), 0, "trigger");
	xt_true(xt_within(XT_LIMIT_MS, xt_runs_all(&slot) == arg[0] + 1),
		"the token stopped after %lu of %ld hops", xt_runs_all(&slot),
		arg[0]);
	xt_eq(ring.bad, 0, "result of a trigger inside the handler");
	xt_slot_close(&slot);
}

/* Each run broadcasts to the others, for a while: a storm that must end. */
static void storm_body(struct xt_slot *slot)
{
	ktime_t *end = slot->data;
	int want = num_online_cpus() - 1;
	int ret;

	if (ktime_after(ktime_get(), *end))
		return;
	ret = ipi_trigger_broadcast(slot->id, true);
	if (ret != want)
		xt_fail("broadcast inside a handler: got %d, want %d", ret, want);
}

static void handlers_broadcast(const long *arg)
{
	unsigned int other, tries;
	struct xt_slot slot;
	ktime_t end;

	if (!xt_other_cpu(&other) || !xt_slot_open(&slot, storm_body, &end))
		return;
	/* A CPU that is slow to begin finds that its time is over. */
	for (tries = 0; tries < 4 && xt_runs_all(&slot) <= 2; tries++) {
		end = ktime_add_ms(ktime_get(), arg[0]);
		xt_eq(xt_trigger(slot.id, other), 0, "trigger");
		msleep(arg[0] + 10);
		xt_true(xt_within(XT_LIMIT_MS, quiet(&slot)), "the storm does not end");
	}
	xt_true(xt_runs_all(&slot) > 2, "the storm did not start");
	xt_note("%lu runs", xt_runs_all(&slot));
	xt_slot_close(&slot);
}

const struct xt_case xt_self_cases[] = {
	{ "self_trigger_bounded", self_trigger_bounded },
	{ "self_trigger_forever", self_trigger_forever },
	{ "self_trigger_start", self_trigger_start },
	{ "self_trigger_stop", self_trigger_stop },
	{ "handlers_trigger_each_other", handlers_trigger_each_other },
	{ "message_triggers_own_cpu", message_triggers_own_cpu },
	{ "handler_passes_token", handler_passes_token },
	{ "handlers_broadcast", handlers_broadcast },
	{ }
};
