// SPDX-License-Identifier: GPL-2.0
/*
 * Load that goes on while a program takes CPUs offline, suspends the machine
 * or unloads modules: "load_start MS", or "load_aim MS CPU" to have two threads
 * call one CPU and do nothing else, then "load_stop", which checks that nothing
 * was lost. It ends by itself after MS.
 */
#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/suspend.h>

#include "../../../core/compat.h"
#include "cases.h"
#include "crowd.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

/* Threads whose triggers the handler tells apart. */
#define LOAD_THREADS	64

/**
 * struct xt_load - the load and its books
 * @slot: what is triggered
 * @timer: triggers from hardirq all the while
 * @stop: tells the timer to end
 * @crowd: the threads
 * @target: whom they call, if one CPU is aimed at
 * @running: it was started and not stopped
 * @stored: what each thread stored last before a trigger
 * @seen: what the handler saw on each CPU
 */
struct xt_load {
	struct xt_slot slot;
	struct hrtimer timer;
	bool stop;
	struct xt_crowd crowd;
	unsigned int target;
	bool running;
	unsigned long stored[LOAD_THREADS];
	unsigned long __percpu *seen;
};

static struct xt_load *load;

static void load_body(struct xt_slot *slot)
{
	struct xt_load *l = slot->data;

	xt_see(l->seen, l->stored, LOAD_THREADS);
}

/* A CPU that was online when the trigger succeeded has seen its store. */
static void await_seen(struct xt_load *l, unsigned int i, unsigned int cpu,
		       unsigned long n)
{
	xt_true(xt_within(XT_LIMIT_MS,
			  READ_ONCE(per_cpu_ptr(l->seen, cpu)[i]) >= n),
		"thread %u: CPU %u lost the trigger with store %lu", i, cpu, n);
}

static void load_trigger(struct xt_load *l, struct xt_worker *w)
{
	unsigned int cpu = get_random_u32() % nr_cpu_ids;
	unsigned int i = w->index % LOAD_THREADS;
	unsigned long n = l->stored[i] + 1;
	int ret;

	WRITE_ONCE(l->stored[i], n);
	ret = xt_trigger(l->slot.id, cpu);
	if (ret && ret != -ENXIO)
		xt_fail("trigger CPU %u: %d", cpu, ret);
	if (!ret)
		await_seen(l, i, cpu, n);
}

static void load_trigger_all(struct xt_load *l, struct xt_worker *w)
{
	unsigned int online, cpu, i = w->index % LOAD_THREADS;
	unsigned long n = l->stored[i] + 1;
	int ret;

	WRITE_ONCE(l->stored[i], n);
	preempt_disable();
	cpu = smp_processor_id();
	online = num_online_cpus();
	ret = n & 1 ? ipi_trigger_broadcast(l->slot.id, false) :
		      ipi_trigger_multi(l->slot.id, cpu_possible_mask);
	/* CPUs may come while preemption is off, but none can go. */
	xt_true(ret >= (int)online && ret <= (int)num_possible_cpus(),
		"trigger all: %d of %u", ret, online);
	/* A timer's broadcast may write it again. */
	xt_true(READ_ONCE(per_cpu_ptr(l->seen, cpu)[i]) == n,
		"CPU %u: the own run did not come before the return", cpu);
	preempt_enable();
}

static void count_func(void *arg)
{
	xt_enter();
	atomic_inc(arg);
	xt_leave();
}

static void load_send(struct xt_worker *w)
{
	unsigned int cpu = get_random_u32() % nr_cpu_ids;
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	int want, back = 0;

	switch (get_random_u32() % 4) {
	case 0:
		want = xt_unicast(&msg, cpu);
		if (want && want != -ENXIO)
			xt_fail("unicast to CPU %u: %d", cpu, want);
		want = !want;
		break;
	case 1:
		want = xt_multicast(&msg, cpu_possible_mask);
		break;
	case 2:
		want = xt_broadcast(&msg, true);
		break;
	default:
		want = xt_broadcast(&msg, false);
		back = ipi_cancel(&msg);
		break;
	}
	if (want < 0)
		xt_fail("send: %d", want);
	ipi_wait(&msg);
	xt_eq(atomic_read(&runs) + back, want, "runs of a message");
}

static void load_worker(struct xt_worker *w)
{
	struct xt_load *l = w->data;

	set_freezable();
	while (!xt_over(w) && !xt_failed()) {
		switch (get_random_u32() % 4) {
		case 0:
			load_trigger(l, w);
			break;
		case 1:
			load_trigger_all(l, w);
			break;
		default:
			load_send(w);
			break;
		}
		w->ops++;
		if (w->ops % 16 == 0)
			usleep_range(50, 200);
		cond_resched();
		try_to_freeze();
	}
}

/* Two are enough: with more of them it takes too long to go and to come. */
static void aim_worker(struct xt_worker *w)
{
	struct xt_load *l = w->data;
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	int ret = 0, sent = 0;

	while (w->index < 2 && !xt_over(w) && !xt_failed()) {
		if (w->index) {
			ret = xt_unicast(&msg, l->target);
			sent += !ret;
			ipi_wait(&msg);
		} else {
			ret = xt_trigger(l->slot.id, l->target);
		}
		if (ret && ret != -ENXIO)
			xt_fail("CPU %u: %d", l->target, ret);
		if (w->ops++ % 128 == 0)
			cond_resched();
	}
	xt_eq(atomic_read(&runs), sent, "runs of messages");
}

static enum hrtimer_restart load_timer(struct hrtimer *timer)
{
	struct xt_load *l = container_of(timer, struct xt_load, timer);
	int ret;

	if (READ_ONCE(l->stop))
		return HRTIMER_NORESTART;
	ret = ipi_trigger_broadcast(l->slot.id, false);
	if (ret < 1)
		xt_fail("broadcast in a timer: %d", ret);
	hrtimer_forward_now(timer, ns_to_ktime(2 * NSEC_PER_MSEC));
	return HRTIMER_RESTART;
}

static void load_free(void)
{
	free_percpu(load->seen);
	kfree(load);
	load = NULL;
}

static void load_begin(void (*worker)(struct xt_worker *w), unsigned int ms,
		       unsigned int target)
{
	if (!xt_true(!load, "it runs already"))
		return;
	load = kzalloc(sizeof(*load), GFP_KERNEL);
	if (!xt_true(load, "no memory"))
		return;
	load->target = target;
	load->seen = __alloc_percpu(sizeof(long) * LOAD_THREADS, sizeof(long));
	if (!xt_true(load->seen, "no memory") ||
	    !xt_slot_open(&load->slot, load_body, load)) {
		load_free();
		return;
	}
	hrtimer_setup(&load->timer, load_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	if (!xt_crowd_start(&load->crowd, worker, load, ms, false)) {
		xt_slot_close(&load->slot);
		load_free();
		return;
	}
	hrtimer_start(&load->timer, ns_to_ktime(NSEC_PER_MSEC),
		      HRTIMER_MODE_REL_HARD);
}

static void load_start(const long *arg)
{
	load_begin(load_worker, arg[0], 0);
}

static void load_aim(const long *arg)
{
	load_begin(aim_worker, arg[0], arg[1]);
}

static unsigned long load_end(void)
{
	unsigned long ops = xt_crowd_stop(&load->crowd);

	WRITE_ONCE(load->stop, true);
	hrtimer_cancel(&load->timer);
	return ops;
}

static void load_stop(const long *arg)
{
	unsigned int cpu, i;
	unsigned long ops;

	if (!xt_true(load, "it does not run"))
		return;
	ops = load_end();
	xt_true(ops, "nobody did anything");

	/* A last trigger of each CPU carries all that was stored. */
	xt_true(xt_trigger_broadcast(load->slot.id, false) >= 1, "broadcast");
	for_each_online_cpu(cpu) {
		for (i = 0; i < LOAD_THREADS; i++)
			await_seen(load, i, cpu, load->stored[i]);
	}
	xt_note("%lu operations, %lu runs", ops, xt_runs_all(&load->slot));
	xt_slot_close(&load->slot);
	load_free();
}

/* Wakes a machine in s2idle whose clock cannot, as long as its timers tick. */
static struct hrtimer wake_timer;
static bool wake_set_up;

static enum hrtimer_restart wake_machine(struct hrtimer *timer)
{
	pm_system_wakeup();
	return HRTIMER_NORESTART;
}

static void wake_in(const long *arg)
{
	if (!wake_set_up)
		hrtimer_setup(&wake_timer, wake_machine, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	wake_set_up = true;
	hrtimer_start(&wake_timer, ms_to_ktime(arg[0]), HRTIMER_MODE_REL_HARD);
}

/* Functions that keep one CPU busy, each of which is followed by another at once. */
struct slow_load {
	unsigned int target;
	unsigned int ns;
};

static void slow_load_func(void *arg)
{
	struct slow_load *l = arg;
	u64 end = ktime_get_ns() + l->ns;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void slow_load_worker(struct xt_worker *w)
{
	struct slow_load *l = w->data;
	struct ipi_msg msg = { .func = slow_load_func, .arg = l };

	while (!xt_over(w) && smp_processor_id() != l->target) {
		if (!xt_eq(xt_unicast(&msg, l->target), 0, "unicast"))
			return;
		ipi_wait(&msg);
		w->ops++;
	}
}

/* "slow_load NS MS": all other CPUs call one. */
static void slow_load(const long *arg)
{
	struct slow_load l = { .ns = arg[0] };

	if (xt_other_cpu(&l.target))
		xt_true(xt_crowd_run(slow_load_worker, &l, arg[1]), "nobody called");
}

/* The module goes away with the load on: it ends it and unregisters. */
void xt_load_exit(void)
{
	if (wake_set_up)
		hrtimer_cancel(&wake_timer);
	if (!load)
		return;
	load_end();
	xt_slot_close(&load->slot);
	load_free();
}

const struct xt_case xt_load_cases[] = {
	{ "load_start", load_start },
	{ "load_aim", load_aim },
	{ "load_stop", load_stop },
	{ "wake_in", wake_in },
	{ "slow_load", slow_load },
	{ }
};
