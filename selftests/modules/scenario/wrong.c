// SPDX-License-Identifier: GPL-2.0
/*
 * Calls from where they must not be made. Each makes the module warn, so
 * these scenarios are for a program of their own.
 */
#include <linux/interrupt.h>
#include <linux/irq_work.h>

#include "cases.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

static void count_func(void *arg)
{
	atomic_inc(arg);
}

static atomic_t wrong_runs;
static struct ipi_msg wrong_msg = { .func = count_func, .arg = &wrong_runs };
static bool wrong_done;

/* An otherwise valid call of each synchronous kind, then of invalid ones. */
static void call_all_sync(void)
{
	unsigned int me = raw_smp_processor_id();
	struct ipi_msg *msg = &wrong_msg;

	xt_eq(ipi_unicast(msg, me), -EDEADLK, "unicast");
	xt_eq(ipi_multicast(msg, cpu_online_mask), -EDEADLK, "multicast");
	xt_eq(ipi_broadcast(msg, false), -EDEADLK, "broadcast");
	xt_eq(ipi_unicast(NULL, nr_cpu_ids), -EDEADLK, "invalid unicast");
	xt_eq(ipi_multicast(msg, NULL), -EDEADLK, "invalid multicast");
	xt_eq(ipi_broadcast(NULL, false), -EDEADLK, "invalid broadcast");
}

static void call_all_waits(void)
{
	xt_eq(ipi_wait_timeout(&wrong_msg, 1, NULL), -EDEADLK, "wait_timeout");
	xt_eq(ipi_cancel(&wrong_msg), -EDEADLK, "cancel");
	ipi_wait(&wrong_msg);
}

/* After the error nothing is pending: from the right context wait returns. */
static void check_nothing_sent(void)
{
	ipi_wait(&wrong_msg);
	xt_eq(ipi_wait_timeout(&wrong_msg, 0, NULL), 0, "wait_timeout later");
	xt_eq(ipi_cancel(&wrong_msg), 0, "cancel later");
	xt_eq(atomic_read(&wrong_runs), 0, "runs of a refused message");
}

static void wrong_preemptible(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	struct xt_slot slot;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT)) {
		xt_skip("this kernel cannot tell whether preemption is on");
		return;
	}
	if (!xt_slot_open(&slot, NULL, NULL))
		return;
	atomic_set(&wrong_runs, 0);
	xt_eq(ipi_trigger(slot.id, me), -EDEADLK, "trigger");
	xt_eq(ipi_trigger_multi(slot.id, cpu_online_mask), -EDEADLK, "multi");
	xt_eq(ipi_trigger_broadcast(slot.id, false), -EDEADLK, "broadcast");
	xt_eq(ipi_trigger(0, nr_cpu_ids), -EDEADLK, "invalid trigger");
	xt_eq(ipi_trigger_multi(0, NULL), -EDEADLK, "invalid multi");
	xt_eq(ipi_trigger_broadcast(0, true), -EDEADLK, "invalid broadcast");
	call_all_sync();
	check_nothing_sent();
	msleep(20);
	xt_eq(xt_runs_all(&slot), 0, "runs of a refused trigger");
	xt_slot_close(&slot);
}

/* Sends that never wait, from where even they must not. */
static void wrong_try(const long *arg)
{
	unsigned int me = raw_smp_processor_id();
	cpumask_var_t missed;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT)) {
		xt_skip("this kernel cannot tell whether preemption is on");
		return;
	}
	if (!xt_true(zalloc_cpumask_var(&missed, GFP_KERNEL), "no memory"))
		return;
	atomic_set(&wrong_runs, 0);
	xt_eq(ipi_unicast_try(&wrong_msg, me), -EDEADLK, "unicast_try");
	xt_eq(ipi_unicast_try(NULL, nr_cpu_ids), -EDEADLK, "invalid unicast_try");
	xt_eq(ipi_multicast_try(&wrong_msg, cpu_online_mask, missed), -EDEADLK,
	      "multicast_try");
	xt_eq(ipi_multicast_try(NULL, NULL, NULL), -EDEADLK,
	      "invalid multicast_try");
	xt_true(ipi_done(&wrong_msg), "a refused message is in flight");
	check_nothing_sent();
	free_cpumask_var(missed);
}

static void try_self_body(struct xt_slot *slot)
{
	xt_eq(ipi_unicast_try(&wrong_msg, raw_smp_processor_id()), -EDEADLK,
	      "to the own CPU from within a handler");
}

static void wrong_try_self(const long *arg)
{
	struct xt_slot slot;

	atomic_set(&wrong_runs, 0);
	if (!xt_slot_open(&slot, try_self_body, NULL))
		return;
	xt_eq(xt_trigger(slot.id, raw_smp_processor_id()), 0, "trigger");
	xt_eq(xt_runs_all(&slot), 1, "runs");
	xt_slot_close(&slot);
	check_nothing_sent();
}

static void wrong_irqs_off(const long *arg)
{
	atomic_set(&wrong_runs, 0);
	local_irq_disable();
	call_all_sync();
	call_all_waits();
	xt_true(irqs_disabled(), "a refused call switched interrupts on");
	local_irq_enable();
	check_nothing_sent();
}

static void wrong_calls(void)
{
	call_all_sync();
	call_all_waits();
	/* Pairs with the load in the scenario. */
	smp_store_release(&wrong_done, true);
}

static void wrong_tasklet(struct tasklet_struct *tasklet)
{
	wrong_calls();
}

static void wrong_work(struct irq_work *work)
{
	wrong_calls();
}

static void wrong_softirq(const long *arg)
{
	struct tasklet_struct tasklet;

	atomic_set(&wrong_runs, 0);
	wrong_done = false;
	tasklet_setup(&tasklet, wrong_tasklet);
	tasklet_schedule(&tasklet);
	/* Pairs with the store in wrong_calls(). */
	xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&wrong_done)),
		"the tasklet never ran");
	tasklet_kill(&tasklet);
	check_nothing_sent();
}

static void wrong_hardirq(const long *arg)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(wrong_work);

	atomic_set(&wrong_runs, 0);
	wrong_done = false;
	irq_work_queue(&work);
	/* Pairs with the store in wrong_calls(). */
	xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&wrong_done)),
		"the irq_work never ran");
	irq_work_sync(&work);
	check_nothing_sent();
}

/* A synchronous send from a handler could wait for its own CPU. */
static void wrong_body(struct xt_slot *slot)
{
	call_all_sync();
	call_all_waits();
}

static void wrong_handler(const long *arg)
{
	struct xt_slot slot;

	atomic_set(&wrong_runs, 0);
	if (!xt_slot_open(&slot, wrong_body, NULL))
		return;
	xt_eq(xt_trigger(slot.id, raw_smp_processor_id()), 0, "trigger");
	xt_eq(xt_runs_all(&slot), 1, "runs");
	xt_slot_close(&slot);
	check_nothing_sent();
}

/* ----- a message that is in flight ----- */

/* A function that sends its own message again, and goes on for a while. */
struct again {
	struct ipi_msg msg;
	struct xt_hold hold;
	int refused;
	bool ended;
};

static void again_func(void *arg)
{
	struct again *again = arg;

	xt_enter();
	again->refused = ipi_unicast(&again->msg, smp_processor_id());
	xt_hold_here(&again->hold);
	WRITE_ONCE(again->ended, true);
	xt_leave();
}

/* The waiter must not be let go, neither by that nor by a call from a task. */
static void wrong_send_again(const long *arg)
{
	struct again again = { .msg = { .func = again_func, .arg = &again } };
	unsigned int other;

	if (!xt_other_cpu(&other))
		return;
	xt_eq(xt_unicast(&again.msg, other), 0, "send");
	if (!xt_hold_await(&again.hold))
		return;
	xt_eq(again.refused, -EDEADLK, "the function's own send");
	xt_eq(ipi_wait_timeout(&again.msg, NSEC_PER_MSEC, NULL), -ETIMEDOUT,
	      "wait while it runs");
	xt_eq(xt_unicast(&again.msg, nr_cpu_ids), -EINVAL, "a second send");
	xt_eq(ipi_wait_timeout(&again.msg, NSEC_PER_MSEC, NULL), -ETIMEDOUT,
	      "wait after a second send");
	xt_let_go(&again.hold);
	ipi_wait(&again.msg);
	xt_true(READ_ONCE(again.ended), "the wait ended before the function did");
}

/* Two posts of one message: its count goes below zero, and waits end yet. */
static void wrong_send_twice(const long *arg)
{
	struct ipi_msg msg = { .func = count_func, .arg = &wrong_runs };
	struct xt_hold hold = { };
	unsigned int other;

	if (!xt_other_cpu(&other) || !xt_hold_cpu(&hold, other))
		return;
	atomic_set(&wrong_runs, 0);
	xt_eq(xt_unicast(&msg, other), 0, "send");
	xt_eq(xt_unicast(&msg, other), 0, "the same once more");
	xt_hold_release(&hold);
	xt_true(xt_within(XT_LIMIT_MS, atomic_read(&wrong_runs) == 2),
		"runs: %d", atomic_read(&wrong_runs));
	xt_true(xt_within(XT_LIMIT_MS, atomic_read(&msg.pending) < 0),
		"the count is %d", atomic_read(&msg.pending));
	if (xt_eq(ipi_wait_timeout(&msg, NSEC_PER_SEC, NULL), 0, "wait with a limit"))
		ipi_wait(&msg);
}

/* ----- the slot table, from where one must not sleep ----- */

static unsigned int wrong_id;

static void register_body(struct xt_slot *slot)
{
	wrong_id = ipi_register(count_func, &wrong_runs);
	ipi_unregister(slot->id);
}

static void wrong_register(const long *arg)
{
	struct xt_slot slot;

	if (!xt_slot_open(&slot, register_body, NULL))
		return;
	wrong_id = 1;
	xt_eq(xt_trigger(slot.id, raw_smp_processor_id()), 0, "trigger");
	xt_eq(wrong_id, 0, "id of a slot that was registered in a handler");
	xt_eq(xt_trigger(slot.id, raw_smp_processor_id()), 0,
	      "trigger of a slot that was unregistered in a handler");
	xt_eq(xt_runs_all(&slot), 2, "runs");
	xt_slot_close(&slot);
}

const struct xt_case xt_wrong_cases[] = {
	{ "wrong_preemptible", wrong_preemptible },
	{ "wrong_try", wrong_try },
	{ "wrong_try_self", wrong_try_self },
	{ "wrong_irqs_off", wrong_irqs_off },
	{ "wrong_softirq", wrong_softirq },
	{ "wrong_hardirq", wrong_hardirq },
	{ "wrong_handler", wrong_handler },
	{ "wrong_send_again", wrong_send_again },
	{ "wrong_send_twice", wrong_send_twice },
	{ "wrong_register", wrong_register },
	{ }
};
