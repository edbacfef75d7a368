// SPDX-License-Identifier: GPL-2.0
/*
 * Slots under torture. An author counts up a cell of its own and triggers; the
 * handler copies what it sees there. After a trigger that succeeded the handler
 * must come to see at least that count, be the trigger from a task, with
 * interrupts off, or from an interrupt. Nothing but the trigger orders the two.
 * A slot that was unregistered is poisoned and looked at again later.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "../../../core/compat.h"
#include "fail.h"
#include "slots.h"

/* Threads with a slot of their own; what is left is for slots that come and go. */
#define OWNERS		(IPI_MAX / 3)
#define RETRIGGER_ENDLESS	UINT_MAX
#define HOLD_US		300

static DEFINE_PER_CPU(unsigned long, runs);
struct tt_slot *tt_shared;
static unsigned int tt_nthreads;
/* By thread: the id of a slot that is about to go away, for all to trigger. */
static unsigned int *dying_ids;

/* ----- the handler ----- */

static struct tt_cell *cell_of(struct tt_slot *slot, unsigned int cpu,
			       unsigned int author)
{
	return &slot->cells[cpu * slot->authors + author];
}

static void retrigger_on(struct tt_slot *slot, unsigned int cpu)
{
	unsigned int left = READ_ONCE(slot->retrigger[cpu]);
	int err;

	if (!left)
		return;
	if (left != RETRIGGER_ENDLESS)
		WRITE_ONCE(slot->retrigger[cpu], left - 1);
	err = ipi_trigger(slot->id, cpu);
	if (!err)
		return;
	/* The slot is being unregistered, or the CPU is on its way down. */
	if (err != -ENOENT && err != -ENXIO)
		tt_fail(TT_ERRNO, "a handler's trigger of itself returned %d", err);
	WRITE_ONCE(slot->retrigger[cpu], 0);
	WRITE_ONCE(slot->refused, true);
}

static void run_slot(void *arg)
{
	struct tt_slot *slot = arg;
	unsigned int cpu = smp_processor_id();
	struct tt_cell *cell;
	unsigned int i;

	if (READ_ONCE(slot->magic) != TT_LIVE) {
		tt_fail(TT_LATE, "a handler ran on CPU %u after its slot was unregistered",
			cpu);
		return;
	}
	if (!irqs_disabled())
		tt_fail(TT_CONTEXT, "a handler ran with interrupts on");
	for (i = 0; i < slot->authors; i++) {
		cell = cell_of(slot, cpu, i);
		WRITE_ONCE(cell->seen, READ_ONCE(cell->stored));
	}
	WRITE_ONCE(slot->runs[cpu], slot->runs[cpu] + 1);
	this_cpu_inc(runs);
	retrigger_on(slot, cpu);
	tt_delay();
}

unsigned long tt_slots_runs(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(runs, cpu));
	return sum;
}

/* ----- slots ----- */

struct tt_slot *tt_slot_new(unsigned int authors)
{
	struct tt_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return NULL;
	slot->magic = TT_LIVE;
	slot->authors = authors;
	slot->runs = kcalloc(nr_cpu_ids, sizeof(*slot->runs), GFP_KERNEL);
	slot->retrigger = kcalloc(nr_cpu_ids, sizeof(*slot->retrigger), GFP_KERNEL);
	slot->cells = kcalloc(nr_cpu_ids * authors, sizeof(*slot->cells),
			      GFP_KERNEL);
	if (slot->runs && slot->retrigger && slot->cells)
		return slot;
	tt_slot_free(slot);
	return NULL;
}

void tt_slot_free(struct tt_slot *slot)
{
	if (!slot)
		return;
	kfree(slot->cells);
	kfree(slot->retrigger);
	kfree(slot->runs);
	kfree(slot);
}

bool tt_slot_register(struct tt_slot *slot)
{
	slot->id = ipi_register(run_slot, slot);
	return slot->id;
}

static unsigned int runs_of(const struct tt_slot *slot)
{
	unsigned int cpu, sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(slot->runs[cpu]);
	return sum;
}

static bool is_seen(const struct tt_cell *cell)
{
	return (long)(READ_ONCE(cell->seen) - cell->sent) >= 0;
}

/* Spins for a moment, then sleeps. */
static void await(const struct tt_cell *cell, unsigned int cpu)
{
	unsigned long deadline = tt_deadline();
	unsigned int n = 0;

	while (!is_seen(cell)) {
		if (n++ < 2000) {
			cpu_relax();
			continue;
		}
		if (time_after(jiffies, deadline)) {
			tt_fail(TT_LOST, "no run on CPU %u in %u ms after a trigger, %lu of %lu",
				cpu, tt_bound_ms, READ_ONCE(cell->seen),
				cell->sent);
			return;
		}
		usleep_range(50, 100);
	}
}

/* All that was triggered is run, or it is a failure. */
void tt_slot_settle(struct tt_slot *slot)
{
	unsigned int cpu, i;

	for_each_possible_cpu(cpu)
		for (i = 0; i < slot->authors; i++)
			await(cell_of(slot, cpu, i), cpu);
}

/* ----- triggers ----- */

/* Which slot a thread triggers, and its place as an author there. */
struct way {
	struct tt_slot *slot;
	unsigned int author;
};

static struct way own_way(struct tt_thread *t)
{
	if (!t->own)
		return (struct way){ tt_shared, t->nr };
	return (struct way){ t->own, 0 };
}

static struct way random_way(struct tt_thread *t)
{
	if (tt_random(t, 2))
		return (struct way){ tt_shared, t->nr };
	return own_way(t);
}

/* On the own CPU the run is over when the trigger returns. */
static void check_self(const struct tt_cell *cell)
{
	if (READ_ONCE(cell->seen) != cell->stored)
		tt_fail(TT_LOST, "a trigger of the own CPU returned before the run");
}

/* Preemption is off. Between the store and the trigger there is nothing. */
static void trigger_one(struct tt_thread *t, struct way way, unsigned int cpu)
{
	struct tt_cell *cell = cell_of(way.slot, cpu, way.author);
	bool self = cpu == smp_processor_id();
	bool online = cpu_online(cpu);
	unsigned int id = way.slot->id;
	int err;

	WRITE_ONCE(cell->stored, cell->stored + 1);
	err = ipi_trigger(id, cpu);
	if (!err) {
		cell->sent = cell->stored;
		t->triggers++;
		if (self)
			check_self(cell);
	} else if (err != -ENXIO || online) {
		tt_fail(TT_ERRNO, "a trigger of CPU %u returned %d", cpu, err);
	}
}

/* No @mask: broadcast. Preemption is off. */
static void trigger_set(struct tt_thread *t, struct way way,
			const struct cpumask *mask, bool skip_self)
{
	const struct cpumask *may = mask ?: cpu_possible_mask;
	unsigned int this_cpu = smp_processor_id();
	struct cpumask *must = t->late;
	struct tt_cell *cell;
	unsigned int cpu;
	int ret;

	cpumask_and(must, may, cpu_online_mask);
	if (skip_self)
		cpumask_clear_cpu(this_cpu, must);
	for_each_cpu(cpu, may) {
		cell = cell_of(way.slot, cpu, way.author);
		WRITE_ONCE(cell->stored, cell->stored + 1);
	}
	ret = mask ? ipi_trigger_multi(way.slot->id, mask) :
		     ipi_trigger_broadcast(way.slot->id, skip_self);
	if (ret < (int)cpumask_weight(must) || ret > (int)cpumask_weight(may)) {
		tt_fail(TT_ERRNO, "a trigger of CPUs %*pbl, online %*pbl, returned %d",
			cpumask_pr_args(may), cpumask_pr_args(must), ret);
		return;
	}
	t->triggers += ret;
	for_each_cpu(cpu, must) {
		cell = cell_of(way.slot, cpu, way.author);
		cell->sent = cell->stored;
		if (cpu == this_cpu)
			check_self(cell);
	}
}

/* A slot of another thread that may go away any moment. Preemption is off. */
static void trigger_dying_id(struct tt_thread *t)
{
	unsigned int id = READ_ONCE(dying_ids[tt_random(t, tt_nthreads)]);
	int err;

	if (!id)
		return;
	err = ipi_trigger(id, tt_random_cpu(t));
	if (err && err != -ENOENT && err != -ENXIO)
		tt_fail(TT_ERRNO, "a trigger of a passing slot returned %d", err);
}

/* Of all kinds; from any context, with preemption off. */
static void some_triggers(struct tt_thread *t)
{
	struct way way = random_way(t);
	unsigned int n;

	switch (tt_random(t, 4)) {
	case 0:
		tt_random_mask(t);
		trigger_set(t, way, t->mask, false);
		break;
	case 1:
		trigger_set(t, way, NULL, tt_random(t, 2));
		break;
	default:
		for (n = 1 + tt_random(t, 8); n; n--)
			trigger_one(t, way, tt_random_cpu(t));
	}
	trigger_dying_id(t);
}

/* Now and then look at once whether all was seen. */
static void look(struct tt_thread *t, struct way way)
{
	unsigned int cpu;

	if (tt_random(t, 2))
		return;
	for_each_possible_cpu(cpu)
		await(cell_of(way.slot, cpu, way.author), cpu);
}

/* ----- operations of tasks ----- */

void tt_op_trigger(struct tt_thread *t)
{
	struct way way = random_way(t);

	preempt_disable();
	trigger_one(t, way, tt_random_cpu(t));
	trigger_dying_id(t);
	preempt_enable();
	look(t, way);
}

void tt_op_trigger_multi(struct tt_thread *t)
{
	struct way way = random_way(t);

	tt_random_mask(t);
	preempt_disable();
	trigger_set(t, way, t->mask, false);
	preempt_enable();
	look(t, way);
}

void tt_op_trigger_broadcast(struct tt_thread *t)
{
	struct way way = random_way(t);

	preempt_disable();
	trigger_set(t, way, NULL, tt_random(t, 2));
	preempt_enable();
	look(t, way);
}

/* A few triggers, some time apart. */
static void trigger_few(struct tt_thread *t, struct way way, unsigned int cpu)
{
	unsigned int n, delay;

	for (n = 1 + tt_random(t, 4); n; n--) {
		trigger_one(t, way, cpu);
		for (delay = tt_random(t, 256); delay; delay--)
			cpu_relax();
	}
}

/*
 * Triggers until the handler has run, so that the last one falls into the
 * moment when the target takes the bit: it coalesces or not, its store must be
 * seen.
 */
static void trigger_until_seen(struct tt_thread *t, struct way way,
			       unsigned int cpu)
{
	struct tt_cell *cell = cell_of(way.slot, cpu, way.author);
	unsigned long before = READ_ONCE(cell->seen);
	unsigned int n;

	for (n = 2000; n && READ_ONCE(cell->seen) == before; n--)
		trigger_one(t, way, cpu);
}

void tt_op_burst(struct tt_thread *t)
{
	struct way way = own_way(t);
	unsigned int round, cpu;

	for (round = 0; round < 32; round++) {
		preempt_disable();
		cpu = tt_random_other(t);
		if (tt_random(t, 2))
			trigger_few(t, way, cpu);
		else
			trigger_until_seen(t, way, cpu);
		preempt_enable();
		await(cell_of(way.slot, cpu, way.author), cpu);
	}
}

/* How often one has to look until it is seen, MAX_LOOKS at most. */
#define MAX_LOOKS	2000

static unsigned int looks_until_seen(const struct tt_cell *cell)
{
	unsigned int n;

	for (n = 0; n < MAX_LOOKS && !is_seen(cell); n++)
		cpu_relax();
	return n;
}

/*
 * A trigger, and when the target is about to take the bit a flood of others
 * that coalesce. Each has a cell of its own, whose line the handler had last:
 * the stores take long and queue up, so a look at the bit that may overtake
 * them has the time to, and then the handler reads what was there before.
 * Nothing comes after that would make up for it.
 */
static void trigger_flood(struct tt_thread *t, unsigned int cpu)
{
	unsigned int n = 1 + tt_random(t, TT_CELLS - 1);
	unsigned int delay = tt_random(t, t->latency + t->latency / 4 + 1);
	unsigned int i;

	trigger_one(t, (struct way){ t->own, 0 }, cpu);
	for (i = 0; i < delay; i++)
		cpu_relax();
	for (i = 1; i <= n; i++)
		trigger_one(t, (struct way){ t->own, i }, cpu);
	t->latency = delay + looks_until_seen(cell_of(t->own, cpu, 0));
}

void tt_op_flood(struct tt_thread *t)
{
	unsigned int round, cpu, i;

	if (!t->own)
		return;
	for (round = 0; round < 32; round++) {
		preempt_disable();
		cpu = tt_random_other(t);
		trigger_flood(t, cpu);
		preempt_enable();
		for (i = 0; i < TT_CELLS; i++)
			await(cell_of(t->own, cpu, i), cpu);
	}
}

/* Long enough to be parked until the next tick now and then. */
void tt_op_self(struct tt_thread *t)
{
	struct way way = own_way(t);
	unsigned int cpu = tt_random_cpu(t);
	unsigned int links = tt_random(t, 12);
	unsigned long deadline = tt_deadline();
	unsigned int before;

	if (!t->own)
		return;
	tt_slot_settle(t->own);
	WRITE_ONCE(t->own->refused, false);
	before = READ_ONCE(t->own->runs[cpu]);
	WRITE_ONCE(t->own->retrigger[cpu], links);
	preempt_disable();
	trigger_one(t, way, cpu);
	preempt_enable();
	if (!is_seen(cell_of(t->own, cpu, 0)))
		await(cell_of(t->own, cpu, 0), cpu);
	/* Not run at all if the CPU was offline. */
	while (READ_ONCE(t->own->runs[cpu]) != before &&
	       READ_ONCE(t->own->runs[cpu]) - before < links + 1 &&
	       !READ_ONCE(t->own->refused)) {
		if (time_after(jiffies, deadline)) {
			tt_fail(TT_LOST, "a handler triggered itself %u times and ran %u times",
				links, READ_ONCE(t->own->runs[cpu]) - before);
			break;
		}
		usleep_range(50, 100);
	}
	WRITE_ONCE(t->own->retrigger[cpu], 0);
}

void tt_op_irqs_off(struct tt_thread *t)
{
	unsigned long flags;

	local_irq_save(flags);
	some_triggers(t);
	local_irq_restore(flags);
}

/* ----- operations of interrupts ----- */

/* The thread waits, so all that is its is ours. */
static void fire(struct tt_event *event)
{
	preempt_disable();
	some_triggers(container_of(event, struct tt_thread, event));
	preempt_enable();
	complete(&event->done);
}

static enum hrtimer_restart fire_hrtimer(struct hrtimer *hrtimer)
{
	fire(container_of(hrtimer, struct tt_event, hrtimer));
	return HRTIMER_NORESTART;
}

static void fire_irq_work(struct irq_work *work)
{
	fire(container_of(work, struct tt_event, irq_work));
}

static void fire_timer(struct timer_list *timer)
{
	fire(container_of(timer, struct tt_event, timer));
}

static void fire_tasklet(struct tasklet_struct *tasklet)
{
	fire(container_of(tasklet, struct tt_event, tasklet));
}

static void event_init(struct tt_event *event)
{
	init_completion(&event->done);
	hrtimer_setup(&event->hrtimer, fire_hrtimer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	event->irq_work = IRQ_WORK_INIT_HARD(fire_irq_work);
	timer_setup(&event->timer, fire_timer, 0);
	tasklet_setup(&event->tasklet, fire_tasklet);
}

static void event_cancel(struct tt_event *event)
{
	hrtimer_cancel(&event->hrtimer);
	irq_work_sync(&event->irq_work);
	timer_delete_sync(&event->timer);
	tasklet_kill(&event->tasklet);
}

static void event_wait(struct tt_event *event)
{
	if (wait_for_completion_timeout(&event->done,
					msecs_to_jiffies(tt_bound_ms)))
		return;
	tt_fail(TT_HUNG, "an interrupt that triggers did not end");
	event_cancel(event);
}

void tt_op_hardirq(struct tt_thread *t)
{
	hrtimer_start(&t->event.hrtimer, ns_to_ktime(tt_random(t, 100000)),
		      HRTIMER_MODE_REL_HARD);
	event_wait(&t->event);
}

void tt_op_irq_work(struct tt_thread *t)
{
	irq_work_queue(&t->event.irq_work);
	event_wait(&t->event);
}

void tt_op_timer(struct tt_thread *t)
{
	mod_timer(&t->event.timer, jiffies + tt_random(t, 2));
	event_wait(&t->event);
}

void tt_op_softirq(struct tt_thread *t)
{
	tasklet_schedule(&t->event.tasklet);
	event_wait(&t->event);
}

/* ----- slots that come and go ----- */

static void freed_slot_check(const struct tt_slot *slot)
{
	if (slot->magic != TT_DEAD || runs_of(slot) != slot->last_runs)
		tt_fail(TT_LATE, "a handler has run after its slot was unregistered");
}

static void set_aside(struct tt_thread *t, struct tt_slot *slot)
{
	struct tt_slot **freed = &t->freed_slots[tt_random(t, TT_FREED)];

	if (*freed) {
		freed_slot_check(*freed);
		tt_slot_free(*freed);
	}
	*freed = slot;
}

/* Triggers that succeeded before are run when unregister returns. */
static void unregister(struct tt_slot *slot)
{
	unsigned int cpu;

	ipi_unregister(slot->id);
	slot->last_runs = runs_of(slot);
	WRITE_ONCE(slot->magic, TT_DEAD);
	for_each_possible_cpu(cpu)
		if (!is_seen(cell_of(slot, cpu, 0)))
			tt_fail(TT_LOST, "a slot was unregistered, a trigger of CPU %u dropped",
				cpu);
}

static void trigger_dying(struct tt_thread *t, struct tt_slot *slot)
{
	struct way way = { slot, 0 };
	unsigned int n;

	if (!tt_random(t, 4))
		WRITE_ONCE(slot->retrigger[tt_random_cpu(t)], RETRIGGER_ENDLESS);
	preempt_disable();
	for (n = tt_random(t, 8); n; n--)
		trigger_one(t, way, tt_random_cpu(t));
	trigger_set(t, way, NULL, false);
	preempt_enable();
}

static void run_hold(void *arg)
{
	struct tt_slot *slot = arg;

	WRITE_ONCE(slot->held, true);
	udelay(HOLD_US);
}

/*
 * A pass is likely to take the bit and the message together and to run the
 * message first: so for a while the bit is gone and the handler not yet run.
 */
static void hold_up(struct tt_thread *t, struct tt_slot *slot,
		    struct ipi_msg *msg)
{
	unsigned long deadline = tt_deadline();
	unsigned int cpu;
	int err;

	preempt_disable();
	cpu = tt_random_other(t);
	trigger_one(t, (struct way){ slot, 0 }, cpu);
	err = ipi_unicast(msg, cpu);
	preempt_enable();
	while (!err && !READ_ONCE(slot->held) && time_before(jiffies, deadline))
		cpu_relax();
}

static void let_go(struct ipi_msg *msg)
{
	if (!ipi_wait_timeout(msg, tt_bound_ms * (u64)NSEC_PER_MSEC, NULL))
		return;
	tt_fail(TT_HUNG, "a message was not run within %u ms", tt_bound_ms);
	ipi_cancel(msg);
}

void tt_op_register(struct tt_thread *t)
{
	struct tt_slot *slot = tt_slot_new(1);
	struct ipi_msg msg = { .func = run_hold, .arg = slot };

	if (!slot)
		return;
	if (!tt_slot_register(slot)) {
		tt_slot_free(slot);
		return;
	}
	udelay(tt_random(t, 50));
	if (runs_of(slot))
		tt_fail(TT_LATE, "a handler has run before its slot was triggered");
	WRITE_ONCE(dying_ids[t->nr], slot->id);
	trigger_dying(t, slot);
	if (tt_random(t, 2))
		usleep_range(10, 200);
	if (tt_random(t, 2))
		trigger_dying(t, slot);
	WRITE_ONCE(dying_ids[t->nr], 0);
	hold_up(t, slot, &msg);
	unregister(slot);
	let_go(&msg);
	set_aside(t, slot);
}

/* ----- coming and going ----- */

int tt_slots_setup(unsigned int nthreads)
{
	tt_nthreads = nthreads;
	dying_ids = kcalloc(nthreads, sizeof(*dying_ids), GFP_KERNEL);
	return dying_ids ? 0 : -ENOMEM;
}

void tt_slots_cleanup(void)
{
	kfree(dying_ids);
}

int tt_slots_init(struct tt_thread *t)
{
	event_init(&t->event);
	if (t->nr >= OWNERS)
		return 0;
	t->own = tt_slot_new(TT_CELLS);
	if (!t->own)
		return -ENOMEM;
	if (!tt_slot_register(t->own)) {
		tt_slot_free(t->own);
		t->own = NULL;
	}
	return 0;
}

void tt_slots_exit(struct tt_thread *t)
{
	unsigned int i;

	event_cancel(&t->event);
	if (t->own) {
		ipi_unregister(t->own->id);
		tt_slot_free(t->own);
	}
	for (i = 0; i < TT_FREED; i++) {
		if (t->freed_slots[i])
			freed_slot_check(t->freed_slots[i]);
		tt_slot_free(t->freed_slots[i]);
	}
}
