// SPDX-License-Identifier: GPL-2.0
/* Triggers from every context that may trigger. */
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/slab.h>

#include "../../../core/compat.h"
#include "cases.h"
#include "crowd.h"
#include "from.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

/**
 * struct xt_probe - all forms of trigger, in one context
 * @from: the way there
 * @slot: what is triggered
 * @ret: what each call returned
 * @after: runs on the own CPU when each call returned
 * @cpu: where it was
 * @other: the other CPU that was triggered
 * @irqs_kept: the interrupt state was left alone
 */
struct xt_probe {
	struct xt_from from;
	struct xt_slot slot;
	int ret[5];
	unsigned long after[5];
	unsigned int cpu, other;
	bool irqs_kept;
};

static void probe(struct xt_from *from)
{
	struct xt_probe *p = container_of(from, struct xt_probe, from);
	bool off = irqs_disabled();
	int i;

	p->cpu = smp_processor_id();
	p->other = cpumask_any_but(cpu_online_mask, p->cpu);
	for (i = 0; i < ARRAY_SIZE(p->ret); i++) {
		switch (i) {
		case 0:
			p->ret[i] = ipi_trigger(p->slot.id, p->cpu);
			break;
		case 1:
			p->ret[i] = p->other < nr_cpu_ids ?
				    ipi_trigger(p->slot.id, p->other) : 0;
			break;
		case 2:
			p->ret[i] = ipi_trigger_multi(p->slot.id,
						      cpu_possible_mask);
			break;
		case 3:
			p->ret[i] = ipi_trigger_broadcast(p->slot.id, false);
			break;
		case 4:
			p->ret[i] = ipi_trigger_broadcast(p->slot.id, true);
			break;
		}
		p->after[i] = xt_runs(&p->slot, p->cpu);
	}
	p->irqs_kept = off == !!irqs_disabled();
}

static void check_probe(struct xt_probe *p)
{
	const int online = num_online_cpus();
	const int want[] = { 0, 0, online, online, online - 1 };
	const unsigned long after[] = { 1, 1, 2, 3, 3 };
	unsigned int cpu;
	int i;

	for (i = 0; i < ARRAY_SIZE(p->ret); i++) {
		xt_eq(p->ret[i], want[i], "result of call %d", i);
		xt_eq(p->after[i], after[i],
		      "runs on the own CPU when call %d returned", i);
	}
	xt_true(p->irqs_kept, "a call changed the interrupt state");
	for_each_online_cpu(cpu)
		xt_true(xt_ran(&p->slot, cpu, 1), "CPU %u did not run it", cpu);
	xt_eq(xt_runs(&p->slot, p->cpu), 3, "runs on the own CPU");
	xt_true(xt_runs_all(&p->slot) <= 3 * online + 1, "too many runs");
}

static void trigger_from(const long *arg)
{
	struct xt_probe *p;

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!xt_true(p, "no memory"))
		return;
	if (!xt_slot_open(&p->slot, NULL, NULL))
		goto out_free;
	p->from.probe = probe;
	if (xt_run_from(&p->from, arg[0]))
		check_probe(p);
	xt_slot_close(&p->slot);
out_free:
	kfree(p);
}

/*
 * A task that sends to all is interrupted, perhaps between winning a CPU's
 * pending word and kicking it, by triggers for the same CPUs from hardirq,
 * irq_work and softirq. Nothing may wait for what is beneath it.
 */
struct xt_fire {
	struct xt_slot slot;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct irq_work work;
	atomic_t shots;
	bool stop;
	int bad;
};

static void fire(struct xt_fire *f)
{
	int online = num_online_cpus();
	int ret = 0;

	switch (atomic_inc_return(&f->shots) % 3) {
	case 0:
		ret = ipi_trigger_broadcast(f->slot.id, false) - online;
		break;
	case 1:
		ret = ipi_trigger_multi(f->slot.id, cpu_online_mask) - online;
		break;
	case 2:
		ret = ipi_trigger(f->slot.id, cpumask_first(cpu_online_mask));
		break;
	}
	if (ret)
		WRITE_ONCE(f->bad, ret);
}

static void fire_tasklet(struct tasklet_struct *tasklet)
{
	xt_softirq_enter();
	fire(from_tasklet((struct xt_fire *)NULL, tasklet, tasklet));
	xt_softirq_leave();
}

static void fire_work(struct irq_work *work)
{
	fire(container_of(work, struct xt_fire, work));
}

static enum hrtimer_restart fire_timer(struct hrtimer *timer)
{
	struct xt_fire *f = container_of(timer, struct xt_fire, timer);

	if (READ_ONCE(f->stop))
		return HRTIMER_NORESTART;
	fire(f);
	irq_work_queue(&f->work);
	tasklet_schedule(&f->tasklet);
	hrtimer_forward_now(timer, ns_to_ktime(NSEC_PER_MSEC +
					       (atomic_read(&f->shots) % 7) * 50000));
	return HRTIMER_RESTART;
}

static void count_func(void *arg)
{
	xt_enter();
	atomic_inc(arg);
	xt_leave();
}

static void send_under_fire(struct xt_worker *w)
{
	atomic_t runs;
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	int want;

	while (!xt_over(w) && !xt_failed()) {
		atomic_set(&runs, 0);
		want = xt_broadcast(&msg, w->ops & 1);
		ipi_wait(&msg);
		xt_eq(want, num_online_cpus() - (w->ops & 1), "CPUs called");
		xt_eq(atomic_read(&runs), want, "runs of a message");
		w->ops++;
		cond_resched();
	}
}

static void fire_worker(struct xt_worker *w)
{
	struct xt_fire *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!xt_true(f, "no memory"))
		return;
	if (!xt_slot_open(&f->slot, NULL, NULL))
		goto out_free;
	tasklet_setup(&f->tasklet, fire_tasklet);
	f->work = IRQ_WORK_INIT_HARD(fire_work);
	hrtimer_setup(&f->timer, fire_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&f->timer, ns_to_ktime(NSEC_PER_MSEC),
		      HRTIMER_MODE_REL_PINNED_HARD);
	send_under_fire(w);
	WRITE_ONCE(f->stop, true);
	hrtimer_cancel(&f->timer);
	irq_work_sync(&f->work);
	tasklet_kill(&f->tasklet);
	xt_eq(f->bad, 0, "a trigger gone wrong by");
	xt_true(atomic_read(&f->shots), "no interrupt fired");
	xt_true(xt_runs_all(&f->slot), "no handler ran");
	xt_slot_close(&f->slot);
out_free:
	kfree(f);
}

static void sends_under_fire(const long *arg)
{
	unsigned long ops = xt_crowd_run(fire_worker, NULL, arg[0]);

	xt_true(ops, "nobody sent anything");
	xt_note("%lu broadcasts", ops);
}

const struct xt_case xt_context_cases[] = {
	{ "trigger_from", trigger_from },
	{ "sends_under_fire", sends_under_fire },
	{ }
};
