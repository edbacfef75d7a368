// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: what a call takes, sample by sample
 *
 * For each measurement there is a thread, bound to the CPU that sends, so that
 * the caller may run anywhere. A sample is:
 *
 *	thread				CPUs called
 *	posted = now
 *	send			->	started = now, what is to be done, ended = now
 *	wait
 *	acked = now
 *
 * The CPUs write into per-CPU memory, which the thread reads after the wait;
 * that is outside what is timed, as is the memory of the samples.
 *
 * The caller sleeps meanwhile. A signal has it ask the thread to stop, and wait
 * for that, but for no more than a second: the thread may not get to run for as
 * long as a real-time task keeps its CPU busy. Most often it does, and nothing
 * outlives the caller, who has the samples that there are. What is left behind, with its
 * slot and its hold on lingering, is freed by a work item that looks again and again
 * whether the thread has ended, and holds the module. The thread completes from
 * within the core: after that, it needs neither the sampler nor our text.
 *
 * A CPU that goes offline is noticed by what the send returns, or, if it is the
 * source, by the thread finding itself elsewhere: with preemption off, the CPU
 * it runs on is the one that sends.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "ctl.h"

/* How long before a sample is due the thread stops sleeping: timers are late. */
#define SAMPLER_SPIN_NS		(100 * NSEC_PER_USEC)

/* ----- a sample ----- */

/* The CPUs that may run it; the dry run's target is nobody. */
static const struct cpumask *sampler_runners(const struct ctl_sampler *s)
{
	return s->mode == IPI_XCALL_MEASURE_DRY ? cpumask_of(s->source) :
						  s->target.cpus;
}

static void sampler_forget_runs(struct ctl_sampler *s)
{
	unsigned int cpu;

	for_each_cpu(cpu, sampler_runners(s))
		per_cpu_ptr(s->runs, cpu)->ended = 0;
}

static u64 sampler_since(u64 from, u64 to)
{
	return to > from ? to - from : 0;
}

/* The first to begin and the last to end, see struct ipi_xcall_sample. */
static void sampler_sum_up(struct ctl_sampler *s, u64 from, u64 acked,
			   struct ipi_xcall_sample *sample)
{
	const struct ctl_sampler_run *run;
	u64 first = U64_MAX, last = 0;
	unsigned int cpu;

	*sample = (struct ipi_xcall_sample){
		.ack_ns = sampler_since(from, acked),
	};
	for_each_cpu(cpu, sampler_runners(s)) {
		run = per_cpu_ptr(s->runs, cpu);
		if (!run->ended)
			continue;
		first = min(first, run->started);
		last = max(last, run->ended);
		sample->cpus++;
		sample->idle += run->idle;
	}
	sample->start_ns = sampler_since(from, first);
	sample->end_ns = sampler_since(from, last);
}

static int sampler_post(struct ctl_sampler *s, u64 *posted)
{
	int err = -ENXIO;

	preempt_disable();
	if (smp_processor_id() == s->source) {
		*posted = ktime_get_ns();
		err = s->ops->send(s);
	}
	preempt_enable();
	return err;
}

static int sampler_take_one(struct ctl_sampler *s, u64 due,
			    struct ipi_xcall_sample *sample)
{
	u64 posted;
	int err;

	sampler_forget_runs(s);
	err = sampler_post(s, &posted);
	if (!err && s->ops->wait)
		err = s->ops->wait(s);
	if (err)
		return err;
	sampler_sum_up(s, s->from_due ? due : posted, ktime_get_ns(), sample);
	/* A set of which no CPU is online. */
	return sample->cpus ? 0 : -ENXIO;
}

/* ----- all of them ----- */

static void sampler_sleep_until(const struct ctl_sampler *s, u64 ns)
{
	ktime_t t = ns_to_ktime(ns);

	set_current_state(TASK_IDLE);
	if (!ctl_sampler_stopped(s))
		schedule_hrtimeout(&t, HRTIMER_MODE_ABS);
	__set_current_state(TASK_RUNNING);
}

static void sampler_wait_until(const struct ctl_sampler *s, u64 due)
{
	if (ktime_get_ns() + SAMPLER_SPIN_NS < due)
		sampler_sleep_until(s, due - SAMPLER_SPIN_NS);
	while (ktime_get_ns() < due && !ctl_sampler_stopped(s)) {
		cpu_relax();
		cond_resched();
	}
}

/*
 * The CPUs that a sample keeps busy. Under a lock, all of them may wait for the one
 * that takes longer, and with interrupts off as well.
 */
static const struct cpumask *sampler_delayed(const struct ctl_sampler *s)
{
	if (!s->delay_ns || !cpumask_test_cpu(s->delay_cpu, sampler_runners(s)) ||
	    (s->target.to == IPI_XCALL_TO_OTHERS && s->delay_cpu == s->source))
		return cpu_none_mask;
	return s->mode == IPI_XCALL_MEASURE_MANY_LOCK ? s->target.cpus :
							cpumask_of(s->delay_cpu);
}

/* Until the next sample can be afforded. */
static int sampler_pay(struct ctl_sampler *s, const struct cpumask *cpus)
{
	sampler_wait_until(s, ctl_busy_book(cpus, s->delay_ns));
	if (!ctl_sampler_stopped(s))
		return 0;
	ctl_busy_unbook(cpus, s->delay_ns);
	return -EINTR;
}

/* Those that were due meanwhile are made up for only if they count from then. */
static u64 sampler_next_due(const struct ctl_sampler *s, u64 due)
{
	u64 now = ktime_get_ns();

	if (!s->period_ns)
		return now;
	due += s->period_ns;
	return s->from_due ? due : max(due, now);
}

static int sampler_take_all(struct ctl_sampler *s)
{
	const struct cpumask *delayed = sampler_delayed(s);
	u64 due = ktime_get_ns();
	int err;

	while (s->taken < s->room) {
		err = sampler_pay(s, delayed) ?:
		      sampler_take_one(s, due, &s->samples[s->taken]);
		if (err)
			return err;
		/* The sample is there before it counts, see sampler_leave(). */
		smp_store_release(&s->taken, s->taken + 1);
		cond_resched();
		due = sampler_next_due(s, due);
		if (s->period_ns && s->taken < s->room)
			sampler_wait_until(s, due);
	}
	return 0;
}

static int sampler_thread(void *arg)
{
	struct ctl_sampler *s = arg;

	s->err = sampler_take_all(s);
#ifdef CONFIG_SCHED_INFO
	s->waited_ns = current->sched_info.run_delay;
#endif
	kthread_complete_and_exit(&s->done, 0);
}

/* ----- the caller's side ----- */

static struct task_struct *sampler_start(struct ctl_sampler *s)
{
	struct task_struct *thread;

	thread = kthread_create_on_node(sampler_thread, s, cpu_to_node(s->source),
					"ipi_measure/%u", s->source);
	if (IS_ERR(thread))
		return PTR_ERR(thread) == -EINTR ? thread : ERR_PTR(-ENOMEM);
	s->running = true;
	get_task_struct(thread);
	kthread_bind(thread, s->source);
	wake_up_process(thread);
	return thread;
}

/* False if the caller has to leave before the thread has ended. */
static bool sampler_wait(struct ctl_sampler *s, struct task_struct *thread)
{
	if (wait_for_completion_interruptible(&s->done)) {
		WRITE_ONCE(s->stop, true);
		wake_up_process(thread);
		if (!wait_for_completion_timeout(&s->done, HZ))
			return false;
	}
	s->running = false;
	return true;
}

/* With what there is by now; the thread may still add what nobody sees. */
static int sampler_leave(struct ctl_sampler *s)
{
	/* Pairs with the release in sampler_take_all(). */
	s->seen = smp_load_acquire(&s->taken);
	s->ended = IPI_XCALL_ENDED_SIGNAL;
	return s->seen ? 0 : -EINTR;
}

/* The samples that there are count more than why there are no more. */
static int sampler_verdict(struct ctl_sampler *s)
{
	s->seen = s->taken;
	if (s->err == -EIO)
		return s->err;
	s->ended = !s->err ? IPI_XCALL_ENDED_FULL :
		   s->err == -EINTR ? IPI_XCALL_ENDED_SIGNAL :
				      IPI_XCALL_ENDED_OFFLINE;
	return s->seen ? 0 : s->err;
}

static int sampler_prepare(struct ctl_sampler *s)
{
	s->ops = &ctl_modes[s->mode];
	s->msg.func = s->ops->func;
	s->msg.arg = s;
	if (s->mode == IPI_XCALL_MEASURE_TRIGGER) {
		s->id = ctl_slot_claim(s->ops->func, s, "measure");
		if (!s->id)
			return -ENOSPC;
	}
	if (!s->linger) {
		ipi_linger_hold();
		s->held = true;
	}
	return 0;
}

/*
 * Takes samples, once. Sleeps; a signal ends it. Returns 0 with one sample at
 * least; -ENXIO if the source or all of the target is offline, -ENOSPC if there is
 * no slot for a trigger, -EIO if others have run it, -EINTR, -ENOMEM.
 */
int ctl_sampler_take(struct ctl_sampler *s)
{
	struct task_struct *thread;
	int err = sampler_prepare(s);

	if (err)
		return err;
	thread = sampler_start(s);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	err = sampler_wait(s, thread) ? sampler_verdict(s) : sampler_leave(s);
	put_task_struct(thread);
	return err;
}

/* ----- from the first to the last ----- */

static atomic_t sampler_count;

/* No CPU knows of it any more, nor does the thread. */
static void sampler_free(struct ctl_sampler *s)
{
	if (s->id)
		ctl_slot_drop(IPI_SLOT_BIT(s->id));
	if (s->held)
		ipi_linger_release();
	ctl_target_put(&s->target);
	free_percpu(s->runs);
	kvfree(s->samples);
	atomic_dec(&s->file->nr);
	ctl_measures_put(s->file);
	kfree(s);
	atomic_dec(&sampler_count);
}

static void sampler_reap(struct work_struct *work)
{
	struct ctl_sampler *s = container_of(to_delayed_work(work),
					     struct ctl_sampler, reap);

	if (!try_wait_for_completion(&s->done)) {
		ctl_defer_later(&s->reap);
		return;
	}
	sampler_free(s);
	/* Who takes the module out waits for the queue that we are in. */
	module_put(THIS_MODULE);
}

struct ctl_measures *ctl_measures_new(void)
{
	struct ctl_measures *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (m)
		refcount_set(&m->refs, 1);
	return m;
}

void ctl_measures_put(struct ctl_measures *m)
{
	if (refcount_dec_and_test(&m->refs))
		kfree(m);
}

/* Of all files: one for each CPU that may send, or as many as the ABI says. */
unsigned int ctl_measures_max(void)
{
	return max_t(unsigned int, IPI_XCALL_MEASURES_MAX, num_possible_cpus());
}

/* With room for samples, and all else zero. */
struct ctl_sampler *ctl_sampler_new(struct ctl_measures *file, u32 mode, u32 room)
{
	struct ctl_sampler *s;
	int err = -EDQUOT;

	if (!atomic_add_unless(&file->nr, 1, IPI_XCALL_MEASURES_PER_FILE))
		goto out;
	err = -ENOSPC;
	if (!atomic_add_unless(&sampler_count, 1, ctl_measures_max()))
		goto out_uncount_file;
	err = -ENOMEM;
	s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s)
		goto out_uncount;
	refcount_inc(&file->refs);
	s->file = file;
	raw_spin_lock_init(&s->lock);
	init_completion(&s->done);
	INIT_DELAYED_WORK(&s->reap, sampler_reap);
	s->mode = mode;
	s->room = room;
	s->samples = kvcalloc(room, sizeof(*s->samples), GFP_KERNEL_ACCOUNT);
	s->runs = alloc_percpu_gfp(struct ctl_sampler_run, GFP_KERNEL_ACCOUNT);
	if (s->samples && s->runs)
		return s;
	sampler_free(s);
	return ERR_PTR(-ENOMEM);

out_uncount:
	atomic_dec(&sampler_count);
out_uncount_file:
	atomic_dec(&file->nr);
out:
	return ERR_PTR(err);
}

/* The caller needs it no longer; the thread may. */
void ctl_sampler_put(struct ctl_sampler *s)
{
	if (!s->running) {
		sampler_free(s);
		return;
	}
	__module_get(THIS_MODULE);
	ctl_defer_later(&s->reap);
}
