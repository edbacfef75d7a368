// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall_torture: every operation of ipi_xcall at once, at random, for long
 *
 * Threads on all CPUs draw operations by weight and targets by chance, while
 * CPUs go up and down and handlers are slow now and then. calls.c and
 * slots.c say what is checked of each operation. Every stutter seconds all
 * threads pause, and at this quiet point what was sent must have been run.
 *
 * It begins with all CPUs in the worst position at once, see worst.c. It
 * ends after duration seconds, when it is removed, or at the first failure,
 * with one line that begins "ipi_xcall_torture: SUCCESS" or "FAILURE". Each of
 * the first failures is told in a line with "!!!" when it is found.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/slab.h>

#include "../../../core/compat.h"
#include "calls.h"
#include "fail.h"
#include "slots.h"
#include "worst.h"

static int nthreads = -1;
module_param(nthreads, int, 0444);
MODULE_PARM_DESC(nthreads, "threads (-1: one for each CPU online)");

static unsigned int duration;
module_param(duration, uint, 0444);
MODULE_PARM_DESC(duration, "seconds until the end (0: until the module is removed)");

static unsigned int onoff_interval;
module_param(onoff_interval, uint, 0444);
MODULE_PARM_DESC(onoff_interval, "milliseconds between CPU hotplugs (0: none)");

static unsigned int stat_interval = 60;
module_param(stat_interval, uint, 0444);
MODULE_PARM_DESC(stat_interval, "seconds between statistics (0: none)");

static unsigned int stutter = 5;
module_param(stutter, uint, 0444);
MODULE_PARM_DESC(stutter, "seconds between quiet points (0: none but at the end)");

static unsigned long seed = 1;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "of what is drawn; interleaving stays the machine's");

static bool worst = true;
module_param(worst, bool, 0444);
MODULE_PARM_DESC(worst, "begin with all CPUs in the worst position");

static bool hang_panic;
module_param(hang_panic, bool, 0444);
MODULE_PARM_DESC(hang_panic, "panic when an operation takes three times as long, for a dump");

static bool shutdown;
module_param(shutdown, bool, 0444);
MODULE_PARM_DESC(shutdown, "power off at the end");

static bool verbose;
module_param(verbose, bool, 0444);
MODULE_PARM_DESC(verbose, "tell how often each operation was done");

/*
 * ----- the operations -----
 *
 * A weight of -1 stands for the one of the table while none is given, and for
 * 0 when one is.
 */

#define WEIGHT(op)							\
	static int weight_##op = -1;					\
	module_param(weight_##op, int, 0444);				\
	MODULE_PARM_DESC(weight_##op, "how often: " #op)

WEIGHT(trigger);
WEIGHT(trigger_multi);
WEIGHT(trigger_broadcast);
WEIGHT(burst);
WEIGHT(flood);
WEIGHT(self);
WEIGHT(irqs_off);
WEIGHT(hardirq);
WEIGHT(irq_work);
WEIGHT(timer);
WEIGHT(softirq);
WEIGHT(register);
WEIGHT(unicast);
WEIGHT(multicast);
WEIGHT(broadcast);
WEIGHT(batch);
WEIGHT(timeout);
WEIGHT(cancel);
WEIGHT(try);
WEIGHT(try_hardirq);

#define OPERATION(op, _weight)						\
	{ .name = #op, .run = tt_op_##op, .given = &weight_##op, .weight = (_weight) }

static struct {
	const char *name;
	void (*run)(struct tt_thread *t);
	const int *given;
	unsigned int weight;
} ops[] = {
	OPERATION(trigger, 10),
	OPERATION(trigger_multi, 5),
	OPERATION(trigger_broadcast, 5),
	OPERATION(burst, 5),
	OPERATION(flood, 5),
	OPERATION(self, 2),
	OPERATION(irqs_off, 5),
	OPERATION(hardirq, 3),
	OPERATION(irq_work, 3),
	OPERATION(timer, 1),
	OPERATION(softirq, 3),
	OPERATION(register, 1),
	OPERATION(unicast, 10),
	OPERATION(multicast, 8),
	OPERATION(broadcast, 8),
	OPERATION(batch, 5),
	OPERATION(timeout, 5),
	OPERATION(cancel, 5),
	OPERATION(try, 5),
	OPERATION(try_hardirq, 5),
};

static unsigned int all_weights;

static int init_weights(void)
{
	bool given = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		given |= *ops[i].given >= 0;
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		if (given)
			ops[i].weight = max(*ops[i].given, 0);
		all_weights += ops[i].weight;
	}
	return all_weights ? 0 : -EINVAL;
}

static unsigned int draw(struct tt_thread *t)
{
	unsigned int r = tt_random(t, all_weights);
	unsigned int op;

	for (op = 0; r >= ops[op].weight; op++)
		r -= ops[op].weight;
	return op;
}

/* ----- threads ----- */

static unsigned int tt_nthreads;
static struct tt_thread *threads;
static bool stop;
static bool quiet;
static atomic_t parked;

static bool stopping(void)
{
	return READ_ONCE(stop);
}

/* A thread stays until it is told to go: others look at what is its. */
static void await_stop(void)
{
	while (!kthread_should_stop())
		schedule_timeout_idle(HZ / 20 + 1);
}

static void park(void)
{
	if (!READ_ONCE(quiet))
		return;
	atomic_inc(&parked);
	while (READ_ONCE(quiet) && !stopping())
		schedule_timeout_idle(1);
	atomic_dec(&parked);
}

/* Elsewhere, anywhere, or for a moment nowhere, so that CPUs get idle. */
static void migrate(struct tt_thread *t)
{
	switch (tt_random(t, 128)) {
	case 0:
		set_cpus_allowed_ptr(current, cpu_possible_mask);
		break;
	case 1:
	case 2:
		/*
		 * Fails if it is offline. Not while it goes offline: a kthread
		 * may ask for it then, but not go there, and the kernel of rt
		 * warns of it when kmalloc() next lets it migrate.
		 */
		if (cpus_read_trylock()) {
			set_cpus_allowed_ptr(current, cpumask_of(tt_random_cpu(t)));
			cpus_read_unlock();
		}
		break;
	case 3:
		usleep_range(100, 2000);
		break;
	}
	cond_resched();
}

static void one_operation(struct tt_thread *t)
{
	u64 began = ktime_get_ns();
	unsigned long us;

	t->op = draw(t);
	WRITE_ONCE(t->began, jiffies ?: 1);
	ops[t->op].run(t);
	WRITE_ONCE(t->began, 0);
	t->ops[t->op]++;
	us = div_u64(ktime_get_ns() - began, NSEC_PER_USEC);
	t->max_us = max(t->max_us, us);
	if (us > tt_bound_ms * 1000ul && !READ_ONCE(t->reported))
		tt_fail(TT_HUNG, "%s took %lu us", ops[t->op].name, us);
}

static int thread(void *data)
{
	struct tt_thread *t = data;

	set_user_nice(current, MAX_NICE);
	while (!stopping()) {
		one_operation(t);
		migrate(t);
		park();
	}
	/* Pairs with all_finished(). */
	smp_store_release(&t->finished, true);
	await_stop();
	return 0;
}

static int init_thread(struct tt_thread *t, unsigned int nr)
{
	t->nr = nr;
	prandom_seed_state(&t->rnd, seed * 1000 + nr);
	t->ops = kcalloc(ARRAY_SIZE(ops), sizeof(*t->ops), GFP_KERNEL);
	if (!t->ops || !zalloc_cpumask_var(&t->mask, GFP_KERNEL) ||
	    !zalloc_cpumask_var(&t->late, GFP_KERNEL))
		return -ENOMEM;
	return tt_calls_init(t) ?: tt_slots_init(t);
}

static void free_thread(struct tt_thread *t)
{
	tt_slots_exit(t);
	tt_calls_exit(t);
	free_cpumask_var(t->late);
	free_cpumask_var(t->mask);
	kfree(t->ops);
}

static struct task_struct *run_thread(int (*fn)(void *), void *data,
				      const char *name, unsigned int nr)
{
	struct task_struct *task = kthread_run(fn, data, "tt_%s/%u", name, nr);

	return IS_ERR(task) ? NULL : task;
}

static bool start_threads(void)
{
	unsigned int i;

	for (i = 0; i < tt_nthreads; i++) {
		threads[i].task = run_thread(thread, &threads[i], "thread", i);
		if (!threads[i].task)
			return false;
	}
	return true;
}

static void stop_threads(void)
{
	unsigned int i;

	WRITE_ONCE(stop, true);
	for (i = 0; i < tt_nthreads; i++)
		if (threads[i].task)
			kthread_stop(threads[i].task);
}

/* ----- hotplug ----- */

static struct task_struct *onoff_task;
static unsigned long downs, ups, refusals;

static void flip(unsigned int cpu)
{
	if (!cpu_online(cpu)) {
		if (add_cpu(cpu))
			refusals++;
		else
			ups++;
	} else if (num_online_cpus() > 1 && cpu_is_hotpluggable(cpu)) {
		if (remove_cpu(cpu))
			refusals++;
		else
			downs++;
	}
}

static int onoff(void *unused)
{
	struct rnd_state rnd;
	unsigned int cpu, n;

	prandom_seed_state(&rnd, seed);
	while (!stopping()) {
		schedule_timeout_idle(msecs_to_jiffies(onoff_interval));
		n = prandom_u32_state(&rnd) % num_present_cpus();
		flip(tt_nth_cpu(cpu_present_mask, n));
	}
	for_each_present_cpu(cpu)
		if (!cpu_online(cpu))
			flip(cpu);
	await_stop();
	return 0;
}

static bool start_onoff(void)
{
	if (!onoff_interval)
		return true;
	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU)) {
		pr_info("this kernel has no CPU hotplug\n");
		return true;
	}
	onoff_task = run_thread(onoff, NULL, "onoff", 0);
	return onoff_task;
}

/*
 * ----- the watchdog -----
 *
 * An interrupt, since senders that spin for ever on full mailboxes have
 * preemption off, and may have all CPUs.
 */

#define WATCH_MS	50

static struct hrtimer watchdog;

static void watch(struct tt_thread *t)
{
	unsigned long began = READ_ONCE(t->began);
	unsigned long bound = msecs_to_jiffies(tt_bound_ms);

	if (!began || jiffies - began <= 2 * bound)
		return;
	if (!t->reported) {
		WRITE_ONCE(t->reported, true);
		tt_fail(TT_HUNG, "thread %u is in %s for %u ms", t->nr,
			ops[READ_ONCE(t->op)].name,
			jiffies_to_msecs(jiffies - began));
	}
	if (hang_panic && jiffies - began > 3 * bound)
		panic(KBUILD_MODNAME ": an operation hangs\n");
}

static enum hrtimer_restart watch_all(struct hrtimer *timer)
{
	unsigned int i;

	for (i = 0; i < tt_nthreads; i++)
		watch(&threads[i]);
	hrtimer_forward_now(timer, ms_to_ktime(WATCH_MS));
	return HRTIMER_RESTART;
}

static void start_watchdog(void)
{
	hrtimer_start(&watchdog, ms_to_ktime(WATCH_MS), HRTIMER_MODE_REL_HARD);
}

/* ----- what the control thread looks at ----- */

/* Ends the waits of those that hang, if they can be ended. */
static void rescue_all(void)
{
	unsigned int i;

	for (i = 0; i < tt_nthreads; i++)
		if (READ_ONCE(threads[i].reported))
			tt_calls_rescue(&threads[i]);
}

/* Everybody is quiet: all that was sent has run, and it adds up. */
static void check_quiet(void)
{
	unsigned long sent = 0, prevented = 0, executed;
	unsigned int i;

	for (i = 0; i < tt_nthreads; i++) {
		if (threads[i].own)
			tt_slot_settle(threads[i].own);
		sent += threads[i].sent;
		prevented += threads[i].prevented;
	}
	tt_slot_settle(tt_shared);
	executed = tt_calls_executed();
	if (sent != executed + prevented)
		tt_fail(TT_LAW, "%lu runs sent, but %lu done and %lu prevented",
			sent, executed, prevented);
}

/* Four bounds: one to fail by, two for the watchdog to end what hangs. */
static bool await_threads(bool (*done)(void))
{
	unsigned long limit = jiffies + 4 * msecs_to_jiffies(tt_bound_ms);

	while (!done()) {
		if (time_after(jiffies, limit)) {
			tt_fail(TT_HUNG, "not all threads came to rest");
			return false;
		}
		rescue_all();
		schedule_timeout_idle(1);
	}
	return true;
}

static bool all_parked(void)
{
	return atomic_read(&parked) == tt_nthreads;
}

static bool none_parked(void)
{
	return !atomic_read(&parked);
}

static bool all_finished(void)
{
	unsigned int i;

	for (i = 0; i < tt_nthreads; i++)
		/* Pairs with thread(). */
		if (!smp_load_acquire(&threads[i].finished))
			return false;
	return true;
}

static unsigned long quiet_points;

static void quiet_point(void)
{
	WRITE_ONCE(quiet, true);
	if (await_threads(all_parked)) {
		check_quiet();
		quiet_points++;
	}
	WRITE_ONCE(quiet, false);
	await_threads(none_parked);
}

/* ----- the report ----- */

static void report_operations(void)
{
	unsigned long n;
	unsigned int i, op;

	for (op = 0; op < ARRAY_SIZE(ops); op++) {
		for (n = 0, i = 0; i < tt_nthreads; i++)
			n += READ_ONCE(threads[i].ops[op]);
		pr_info("%s %lu\n", ops[op].name, n);
	}
}

static void report(const char *what)
{
	unsigned long n = 0, sent = 0, prevented = 0, timeouts = 0, triggers = 0;
	unsigned long max_us = 0;
	unsigned int i, op;

	for (i = 0; i < tt_nthreads; i++) {
		for (op = 0; op < ARRAY_SIZE(ops); op++)
			n += READ_ONCE(threads[i].ops[op]);
		sent += READ_ONCE(threads[i].sent);
		prevented += READ_ONCE(threads[i].prevented);
		timeouts += READ_ONCE(threads[i].timeouts);
		triggers += READ_ONCE(threads[i].triggers);
		max_us = max(max_us, READ_ONCE(threads[i].max_us));
	}
	pr_alert("%s ops=%lu errors=%u first_error_ms=%u messages=%lu executed=%lu cancelled=%lu timeouts=%lu triggers=%lu runs=%lu quiet=%lu downs=%lu ups=%lu refusals=%lu max_ms=%lu threads=%u seconds=%u\n",
		 what, n, tt_failures(), tt_first_failure_ms, sent,
		 tt_calls_executed(), prevented, timeouts, triggers,
		 tt_slots_runs(), quiet_points, READ_ONCE(downs), READ_ONCE(ups),
		 READ_ONCE(refusals), max_us / 1000, tt_nthreads,
		 jiffies_to_msecs(jiffies - tt_start) / 1000);
}

static void verdict(void)
{
	tt_failures_report();
	if (verbose)
		report_operations();
	report(tt_failures() ? "FAILURE" : "SUCCESS");
}

/* ----- the control thread ----- */

static struct task_struct *control_task;

static bool is_over(void)
{
	return kthread_should_stop() || tt_failures() ||
	       (duration && time_after(jiffies, tt_start + duration * HZ));
}

/* Is it time for what happens every @seconds? */
static bool is_due(unsigned long *last, unsigned int seconds)
{
	if (!seconds || time_before(jiffies, *last + seconds * HZ))
		return false;
	*last = jiffies;
	return true;
}

static void run(void)
{
	unsigned long last_stat = jiffies, last_quiet = jiffies;

	while (!is_over()) {
		schedule_timeout_idle(HZ / 20 + 1);
		rescue_all();
		if (is_due(&last_quiet, stutter))
			quiet_point();
		if (is_due(&last_stat, stat_interval))
			report("so far:");
	}
}

static int control(void *unused)
{
	sched_set_fifo_low(current);
	tt_start = jiffies;
	if (worst)
		tt_worst_position();
	start_watchdog();
	if (!start_threads() || !start_onoff())
		tt_fail(TT_ERRNO, "threads could not be started");
	run();
	WRITE_ONCE(stop, true);
	/* Its end brings back all CPUs. */
	if (onoff_task)
		kthread_stop(onoff_task);
	if (await_threads(all_finished))
		check_quiet();
	verdict();
	if (shutdown)
		kernel_power_off();
	await_stop();
	return 0;
}

/* ----- coming and going ----- */

static void cleanup(void)
{
	unsigned int i;

	if (control_task)
		kthread_stop(control_task);
	hrtimer_cancel(&watchdog);
	stop_threads();
	for (i = 0; i < tt_nthreads; i++)
		free_thread(&threads[i]);
	if (tt_shared)
		ipi_unregister(tt_shared->id);
	tt_slot_free(tt_shared);
	tt_slots_cleanup();
	kfree(threads);
}

static int init_all(void)
{
	unsigned int i;
	int err;

	tt_delay_seed(seed);
	threads = kcalloc(tt_nthreads, sizeof(*threads), GFP_KERNEL);
	tt_shared = tt_slot_new(tt_nthreads);
	if (!threads || !tt_shared)
		return -ENOMEM;
	if (!tt_slot_register(tt_shared))
		return -ENOSPC;
	err = tt_slots_setup(tt_nthreads);
	for (i = 0; !err && i < tt_nthreads; i++)
		err = init_thread(&threads[i], i);
	return err;
}

static int __init ipi_xcall_torture_init(void)
{
	int err;

	hrtimer_setup(&watchdog, watch_all, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	tt_nthreads = nthreads < 0 ? num_online_cpus() : nthreads;
	err = init_weights() ?: init_all();
	if (err)
		goto out_cleanup;
	control_task = run_thread(control, NULL, "control", 0);
	if (control_task)
		return 0;
	err = -ENOMEM;

out_cleanup:
	cleanup();
	return err;
}

static void __exit ipi_xcall_torture_exit(void)
{
	cleanup();
}

module_init(ipi_xcall_torture_init);
module_exit(ipi_xcall_torture_exit);

MODULE_AUTHOR("The ipi_xcall maintainers");
MODULE_DESCRIPTION("Torture test of ipi_xcall");
MODULE_LICENSE("GPL");
