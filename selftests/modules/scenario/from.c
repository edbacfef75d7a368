// SPDX-License-Identifier: GPL-2.0
/* See from.h. */
#include "../../../core/compat.h"
#include "from.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

static void run(struct xt_from *from)
{
	from->probe(from);
	/* Pairs with the load in xt_run_from(). */
	smp_store_release(&from->done, true);
}

static void run_tasklet(struct tasklet_struct *tasklet)
{
	xt_softirq_enter();
	run(from_tasklet((struct xt_from *)NULL, tasklet, tasklet));
	xt_softirq_leave();
}

static void run_work(struct irq_work *work)
{
	run(container_of(work, struct xt_from, work));
}

static enum hrtimer_restart run_timer(struct hrtimer *timer)
{
	bool soft = !in_hardirq();

	if (soft)
		xt_softirq_enter();
	run(container_of(timer, struct xt_from, timer));
	if (soft)
		xt_softirq_leave();
	return HRTIMER_NORESTART;
}

static void run_in_timer(struct xt_from *from, enum hrtimer_mode mode)
{
	hrtimer_setup(&from->timer, run_timer, CLOCK_MONOTONIC, mode);
	hrtimer_start(&from->timer, ns_to_ktime(100 * NSEC_PER_USEC), mode);
}

static void run_in_task(struct xt_from *from)
{
	preempt_disable();
	run(from);
	preempt_enable();
}

static void run_in_bh_off(struct xt_from *from)
{
	local_bh_disable();
	xt_softirq_enter();
	run(from);
	xt_softirq_leave();
	local_bh_enable();
}

static void run_in_irqs_off(struct xt_from *from)
{
	local_irq_disable();
	run(from);
	local_irq_enable();
}

static void run_in_softirq(struct xt_from *from)
{
	tasklet_setup(&from->tasklet, run_tasklet);
	tasklet_schedule(&from->tasklet);
}

static void run_in_soft_timer(struct xt_from *from)
{
	run_in_timer(from, HRTIMER_MODE_REL_PINNED_SOFT);
}

static void run_in_hard_timer(struct xt_from *from)
{
	run_in_timer(from, HRTIMER_MODE_REL_PINNED_HARD);
}

static void run_in_irq_work(struct xt_from *from)
{
	from->work = IRQ_WORK_INIT_HARD(run_work);
	irq_work_queue(&from->work);
}

static void (*const run_in[])(struct xt_from *from) = {
	run_in_task,
	run_in_bh_off,
	run_in_irqs_off,
	run_in_softirq,
	run_in_soft_timer,
	run_in_hard_timer,
	run_in_irq_work,
};

static void end_run(struct xt_from *from)
{
	if (from->tasklet.callback)
		tasklet_kill(&from->tasklet);
	if (from->timer.base)
		hrtimer_cancel(&from->timer);
	irq_work_sync(&from->work);
}

bool xt_run_from(struct xt_from *from, long context)
{
	bool ran;

	if (context < 0 || context >= ARRAY_SIZE(run_in)) {
		xt_fail("no context %ld", context);
		return false;
	}
	run_in[context](from);
	/* Pairs with the store in run(). */
	ran = xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&from->done)),
		      "context %ld never ran", context);
	end_run(from);
	return ran;
}
