// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall_bench: what an operation costs beside its peer in the core kernel
 *
 * Two files in debugfs, ipi_xcall_bench/: "rows" lists pairs of an operation
 * and a peer; "busy ROW" or "idle ROW" written to "run" measures that pair, and
 * reading "run" gives the figures of the last one, a line of tabs.
 *
 * A thread on each CPU: the leader on CPU 0 measures; the others are helpers,
 * which spin with cpu_relax() (busy) or sleep (idle) until there is a job that
 * takes all CPUs. A sample times a number of operations in a row; samples of
 * the operation and of the peer take turns, the first of them are not counted,
 * and the median is reported, since a timer tick falls into some samples, or the
 * best one where whole time slices of other work may.
 *
 * What keeps it fair: both sides run the same function on the CPUs called,
 * count_run(), which is also what those who wait without ipi_wait() look at;
 * both sides of a row have the same loop around them; preemption is off during
 * a sample, as our side demands, so neither pays for it; a message is set up
 * anew for each call, as a csd is by the core. And both must have run the
 * function as often as the other, or there are no figures.
 *
 * Under -icount the time is that of the instructions of all CPUs, and a cycle is
 * a nanosecond. Elsewhere it is time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/hardirq.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/timex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "../../../ipi_xcall.h"
#include "../../../core/compat.h"

#define LEADER		0
/* The one CPU called by operations that call one. */
#define TARGET		1
#define SAMPLES_MAX	255

static unsigned int samples = 15;
module_param(samples, uint, 0644);
MODULE_PARM_DESC(samples, "samples of each side (odd, at most 255)");

static unsigned int warmup = 3;
module_param(warmup, uint, 0644);
MODULE_PARM_DESC(warmup, "samples before them that do not count");

static unsigned int scale = 1;
module_param(scale, uint, 0644);
MODULE_PARM_DESC(scale, "multiplies the operations of a sample");

static bool cycles;
module_param(cycles, bool, 0644);
MODULE_PARM_DESC(cycles, "figures are in cycles of the CPU, not in nanoseconds");

static bool best;
module_param(best, bool, 0644);
MODULE_PARM_DESC(best, "the best sample counts, not the median (for hosts with other work)");

/* Set for the time of a run; CPUs are neither added nor removed in it. */
static unsigned int ncpus;
static unsigned int bench_slot;
static cpumask_t half_mask;
static cpumask_t others_mask;
static struct ipi_msg *msgs;	/* the leader's: one for each CPU, or 64 */
static call_single_data_t *csds;

/* What CPUs tell each other, with all that was stored before; pairs with told(). */
#define tell(where, what)	smp_store_release(where, what)
/* Pairs with tell(). */
#define told(where)		smp_load_acquire(where)

/* ----- what runs on the CPUs called ----- */

static DEFINE_PER_CPU(unsigned long, runs);

static void count_run(void *unused)
{
	unsigned long *mine = this_cpu_ptr(&runs);

	tell(mine, *mine + 1);
}

static unsigned long runs_on(unsigned int cpu)
{
	return READ_ONCE(*per_cpu_ptr(&runs, cpu));
}

static void await_runs(unsigned int cpu, unsigned long count)
{
	unsigned long *its = per_cpu_ptr(&runs, cpu);

	while (told(its) != count)
		cpu_relax();
}

static DEFINE_PER_CPU(unsigned long, awaited);

static void note_runs(const struct cpumask *mask)
{
	unsigned long *count;
	unsigned int cpu;

	for_each_cpu(cpu, mask) {
		count = per_cpu_ptr(&awaited, cpu);
		*count = runs_on(cpu);
	}
}

/* One run more on each CPU since the last time, or since note_runs(). */
static void await_one_more(const struct cpumask *mask)
{
	unsigned long *count;
	unsigned int cpu;

	for_each_cpu(cpu, mask) {
		count = per_cpu_ptr(&awaited, cpu);
		await_runs(cpu, ++(*count));
	}
}

static unsigned long all_runs(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += runs_on(cpu);
	return sum;
}

/* ----- a target that is held within an interrupt ----- */

static bool held, holding;

static void hold_cpu(void *unused)
{
	tell(&holding, true);
	while (told(&held))
		cpu_relax();
	tell(&holding, false);
}

static DEFINE_PER_CPU(call_single_data_t, hold_csd);
static DEFINE_PER_CPU(call_single_data_t, floor_csd);

static void hold_target(void)
{
	held = true;
	preempt_disable();
	smp_call_function_single_async(TARGET, this_cpu_ptr(&hold_csd));
	preempt_enable();
	while (!told(&holding))
		cpu_relax();
}

static void release_target(void)
{
	unsigned long before = runs_on(TARGET);

	tell(&held, false);
	while (told(&holding))
		cpu_relax();
	await_runs(TARGET, before + 1);
}

/* Refused, it would have measured nothing. */
static __always_inline void sent(int ret)
{
	WARN_ON_ONCE(ret < 0);
}

/* ----- one target, no message: trigger, and its peers ----- */

static void trigger_run(unsigned int n)
{
	unsigned long count = runs_on(TARGET);

	while (n--) {
		sent(ipi_trigger(bench_slot, TARGET));
		await_runs(TARGET, ++count);
	}
}

/* The floor: one async csd, and the sender spins on what its function stores. */
static void async_run(unsigned int n)
{
	unsigned long count = runs_on(TARGET);

	while (n--) {
		smp_call_function_single_async(TARGET, this_cpu_ptr(&floor_csd));
		await_runs(TARGET, ++count);
	}
}

static void nowait_run(unsigned int n)
{
	unsigned long count = runs_on(TARGET);

	while (n--) {
		smp_call_function_single(TARGET, count_run, NULL, 0);
		await_runs(TARGET, ++count);
	}
}

static void hold_trigger(void)
{
	hold_target();
	preempt_disable();
	sent(ipi_trigger(bench_slot, TARGET));
	preempt_enable();
}

static void hold_async(void)
{
	hold_target();
	preempt_disable();
	smp_call_function_single_async(TARGET, this_cpu_ptr(&floor_csd));
	preempt_enable();
}

/* A look at each result would be a sixteenth of what is measured. */
static void trigger_only(unsigned int n)
{
	int ret = 0;

	while (n--)
		ret = ipi_trigger(bench_slot, TARGET);
	sent(ret);
}

static void async_only(unsigned int n)
{
	while (n--)
		smp_call_function_single_async(TARGET, this_cpu_ptr(&floor_csd));
}

/* The core waits for the one before; what is timed ends with the last run. */
static void nowait_stream(unsigned int n)
{
	unsigned long count = runs_on(TARGET) + n;

	while (n--)
		smp_call_function_single(TARGET, count_run, NULL, 0);
	await_runs(TARGET, count);
}

/* ----- many targets, no message ----- */

static void trigger_multi_run(unsigned int n)
{
	note_runs(&half_mask);
	while (n--) {
		sent(ipi_trigger_multi(bench_slot, &half_mask));
		await_one_more(&half_mask);
	}
}

static void many_half_nowait(unsigned int n)
{
	note_runs(&half_mask);
	while (n--) {
		smp_call_function_many(&half_mask, count_run, NULL, false);
		await_one_more(&half_mask);
	}
}

static void trigger_broadcast_run(unsigned int n)
{
	note_runs(&others_mask);
	while (n--) {
		sent(ipi_trigger_broadcast(bench_slot, true));
		await_one_more(&others_mask);
	}
}

static void many_nowait(unsigned int n)
{
	note_runs(&others_mask);
	while (n--) {
		smp_call_function_many(cpu_online_mask, count_run, NULL, false);
		await_one_more(&others_mask);
	}
}

/* ----- call and wait ----- */

static void unicast_wait(unsigned int n)
{
	while (n--) {
		struct ipi_msg msg = { .func = count_run };

		sent(ipi_unicast(&msg, TARGET));
		ipi_wait(&msg);
	}
}

static void single_wait(unsigned int n)
{
	while (n--)
		smp_call_function_single(TARGET, count_run, NULL, 1);
}

static void multicast_wait(unsigned int n)
{
	while (n--) {
		struct ipi_msg msg = { .func = count_run };

		sent(ipi_multicast(&msg, &half_mask));
		ipi_wait(&msg);
	}
}

static void many_half_wait(unsigned int n)
{
	while (n--)
		smp_call_function_many(&half_mask, count_run, NULL, true);
}

static void broadcast_wait(unsigned int n)
{
	while (n--) {
		struct ipi_msg msg = { .func = count_run };

		sent(ipi_broadcast(&msg, true));
		ipi_wait(&msg);
	}
}

static void many_wait(unsigned int n)
{
	while (n--)
		smp_call_function_many(cpu_online_mask, count_run, NULL, true);
}

static void broadcast_self_wait(unsigned int n)
{
	while (n--) {
		struct ipi_msg msg = { .func = count_run };

		sent(ipi_broadcast(&msg, false));
		ipi_wait(&msg);
	}
}

static void on_each_wait(unsigned int n)
{
	while (n--)
		on_each_cpu(count_run, NULL, 1);
}

/* ----- many messages before the first wait ----- */

static void wait_msgs(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		ipi_wait(&msgs[i]);
}

static void each_wait(unsigned int n)
{
	unsigned int cpu;

	while (n--) {
		for (cpu = 1; cpu < ncpus; cpu++) {
			msgs[cpu - 1] = (struct ipi_msg){ .func = count_run };
			sent(ipi_unicast(&msgs[cpu - 1], cpu));
		}
		wait_msgs(ncpus - 1);
	}
}

static void single_each_wait(unsigned int n)
{
	unsigned int cpu;

	while (n--)
		for (cpu = 1; cpu < ncpus; cpu++)
			smp_call_function_single(cpu, count_run, NULL, 1);
}

static void burst(unsigned int n, unsigned int length)
{
	unsigned int i;

	while (n--) {
		for (i = 0; i < length; i++) {
			msgs[i] = (struct ipi_msg){ .func = count_run };
			sent(ipi_unicast(&msgs[i], TARGET));
		}
		wait_msgs(length);
	}
}

static void burst8(unsigned int n)
{
	burst(n, 8);
}

static void burst64(unsigned int n)
{
	burst(n, 64);
}

static void single_wait8(unsigned int n)
{
	single_wait(n * 8);
}

static void single_wait64(unsigned int n)
{
	single_wait(n * 64);
}

static void nowait8(unsigned int n)
{
	while (n--)
		nowait_stream(8);
}

static void nowait64(unsigned int n)
{
	while (n--)
		nowait_stream(64);
}

/* What the core could do if its callers kept a csd for each call. */
static void async_burst(unsigned int n, unsigned int length)
{
	unsigned long count = runs_on(TARGET);
	unsigned int i;

	while (n--) {
		for (i = 0; i < length; i++) {
			INIT_CSD(&csds[i], count_run, NULL);
			smp_call_function_single_async(TARGET, &csds[i]);
		}
		count += length;
		await_runs(TARGET, count);
	}
}

static void async8(unsigned int n)
{
	async_burst(n, 8);
}

static void async64(unsigned int n)
{
	async_burst(n, 64);
}

/* ----- all CPUs at once ----- */

static void unicast_unless_target(unsigned int n)
{
	if (smp_processor_id() != TARGET)
		unicast_wait(n);
}

static void single_unless_target(unsigned int n)
{
	if (smp_processor_id() != TARGET)
		single_wait(n);
}

/* ----- the rows ----- */

/**
 * struct bench_side - one of two things to compare
 * @run: does it a number of times
 * @before: prepares a sample, untimed
 * @after: cleans up after a sample, untimed
 */
struct bench_side {
	void (*run)(unsigned int n);
	void (*before)(void);
	void (*after)(void);
};

/**
 * struct bench_row - an operation and its peer
 * @name: operation/peer
 * @ours: the operation
 * @theirs: the peer
 * @calls: operations in a sample, divided by the number of CPUs @growth times
 * @growth: how often
 * @senders: CPUs that do so at once; ALONE is the leader
 * @coalesces: one side runs the function less often, by design
 */
struct bench_row {
	const char *name;
	struct bench_side ours;
	struct bench_side theirs;
	unsigned int calls;
	unsigned int growth;
	enum { ALONE, ALL_BUT_TARGET, ALL } senders;
	bool coalesces;
};

static const struct bench_row rows[] = {
	{ "trigger_run/single_async",
	  { .run = trigger_run }, { .run = async_run }, 64 },
	{ "trigger_run/single_nowait",
	  { .run = trigger_run }, { .run = nowait_run }, 64 },
	{ "trigger_pending/single_nowait",
	  { .run = trigger_only, .before = hold_trigger, .after = release_target },
	  { .run = nowait_stream }, 128, .coalesces = true },
	{ "trigger_pending/single_async_busy",
	  { .run = trigger_only, .before = hold_trigger, .after = release_target },
	  { .run = async_only, .before = hold_async, .after = release_target },
	  128, .coalesces = true },
	{ "trigger_multi_half_run/many_nowait",
	  { .run = trigger_multi_run }, { .run = many_half_nowait }, 128, 1 },
	{ "trigger_broadcast_run/many_nowait",
	  { .run = trigger_broadcast_run }, { .run = many_nowait }, 128, 1 },
	{ "unicast_wait/single_wait",
	  { .run = unicast_wait }, { .run = single_wait }, 64 },
	{ "multicast_half_wait/many_wait",
	  { .run = multicast_wait }, { .run = many_half_wait }, 128, 1 },
	{ "broadcast_wait/many_wait",
	  { .run = broadcast_wait }, { .run = many_wait }, 128, 1 },
	{ "broadcast_self_wait/on_each_cpu_wait",
	  { .run = broadcast_self_wait }, { .run = on_each_wait }, 128, 1 },
	{ "each_wait/single_wait",
	  { .run = each_wait }, { .run = single_each_wait }, 128, 1 },
	{ "burst8_wait/single_wait",
	  { .run = burst8 }, { .run = single_wait8 }, 8 },
	{ "burst8_wait/single_nowait",
	  { .run = burst8 }, { .run = nowait8 }, 8 },
	{ "burst8_wait/single_async", { .run = burst8 }, { .run = async8 }, 8 },
	{ "burst64_wait/single_wait",
	  { .run = burst64 }, { .run = single_wait64 }, 2 },
	{ "burst64_wait/single_nowait",
	  { .run = burst64 }, { .run = nowait64 }, 2 },
	{ "burst64_wait/single_async",
	  { .run = burst64 }, { .run = async64 }, 2 },
	{ "n_to_one/single_wait",
	  { .run = unicast_unless_target }, { .run = single_unless_target }, 128, 1,
	  ALL_BUT_TARGET },
	{ "all_to_all/many_wait",
	  { .run = broadcast_wait }, { .run = many_wait }, 128, 2, ALL },
};

static const struct bench_row *find_row(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/* Operations in a sample, on each CPU that sends. */
static unsigned int calls_of(const struct bench_row *row)
{
	unsigned int calls = row->calls * scale;
	unsigned int i;

	for (i = 0; i < row->growth; i++)
		calls /= ncpus;
	return max(calls, 1U);
}

static unsigned int senders_of(const struct bench_row *row)
{
	switch (row->senders) {
	case ALL_BUT_TARGET:
		return ncpus - 1;
	case ALL:
		return ncpus;
	default:
		return 1;
	}
}

/* ----- the helpers ----- */

/**
 * struct bench_job - what all CPUs do at once
 * @number: counts the jobs; helpers wait for the next one
 * @busy: they spin for it
 * @run: what to do, or NULL to end the thread
 * @n: how many times
 * @unready: helpers that have not reached the start
 * @undone: helpers that have not reached the end
 * @started: number of the job that may go on
 * @idle: where helpers sleep that do not spin
 */
static struct bench_job {
	unsigned int number;
	bool busy;
	void (*run)(unsigned int n);
	unsigned int n;
	atomic_t unready;
	atomic_t undone;
	unsigned int started;
	wait_queue_head_t idle;
} job = {
	.idle = __WAIT_QUEUE_HEAD_INITIALIZER(job.idle),
};

static void announce_job(void (*run)(unsigned int n), unsigned int n)
{
	job.run = run;
	job.n = n;
	atomic_set(&job.unready, ncpus - 1);
	atomic_set(&job.undone, ncpus - 1);
	tell(&job.number, job.number + 1);
	wake_up_all(&job.idle);
}

static void await_job(unsigned int seen)
{
	if (!job.busy)
		wait_event(job.idle, told(&job.number) != seen);
	/* What a kernel thread that spins does: its rounds are in all figures. */
	while (!kthread_should_stop() && told(&job.number) == seen)
		cpu_relax();
}

static void await_zero(const atomic_t *count)
{
	while (atomic_read_acquire(count))
		cpu_relax();
}

static void take_part(unsigned int number)
{
	preempt_disable();
	atomic_dec_return_release(&job.unready);
	while (told(&job.started) != number)
		cpu_relax();
	job.run(job.n);
	preempt_enable();
	atomic_dec_return_release(&job.undone);
}

static void do_nothing(unsigned int n)
{
}

static int helper(void *first)
{
	unsigned int seen = (unsigned long)first;

	for (;;) {
		await_job(seen);
		seen++;
		if (!job.run)
			break;
		take_part(seen);
		cond_resched();
	}
	atomic_dec_return_release(&job.undone);
	return 0;
}

static void end_helpers(void)
{
	announce_job(NULL, 0);
	while (atomic_read_acquire(&job.undone))
		schedule_timeout_uninterruptible(1);
}

static int start_helpers(bool busy)
{
	struct task_struct *task;
	unsigned int cpu;

	job.busy = busy;
	for (cpu = 1; cpu < ncpus; cpu++) {
		task = kthread_create_on_cpu(helper, (void *)(unsigned long)job.number,
					     cpu, "ipi_bench/%u");
		if (IS_ERR(task)) {
			pr_err("no thread for CPU %u\n", cpu);
			ncpus = cpu;
			end_helpers();
			return PTR_ERR(task);
		}
		wake_up_process(task);
	}
	return 0;
}

/* ----- the leader ----- */

/**
 * struct bench_side_result - figures of one side
 * @time: of each sample
 * @irqs: interrupts for function calls taken in each sample
 * @runs: runs of the function, in all samples and warm-ups
 */
struct bench_side_result {
	u64 time[SAMPLES_MAX];
	u64 irqs[SAMPLES_MAX];
	unsigned long runs;
};

/**
 * struct bench_result - figures of a row
 * @row: which one
 * @busy: targets were busy
 * @cpus: CPUs
 * @samples: of them
 * @ops: operations in a sample
 * @all_ops: operations in all samples and warm-ups
 * @ours: our side
 * @theirs: the peer
 */
struct bench_result {
	const struct bench_row *row;
	bool busy;
	unsigned int cpus;
	unsigned int samples;
	unsigned int ops;
	unsigned long all_ops;
	struct bench_side_result ours;
	struct bench_side_result theirs;
};

/* Under bench_mutex; kept until the next run. */
static struct bench_result result;
static DEFINE_MUTEX(bench_mutex);

/*
 * Some architectures let modules read how many interrupts for function calls
 * there were. The markers are for scripts/perf/bench-trace, and do nothing.
 */
#ifdef ipi_call_irqs
#define HAS_CALL_IRQS	true
#define call_irqs_on(cpu)	ipi_call_irqs(cpu)
#else
#define HAS_CALL_IRQS	false
#define call_irqs_on(cpu)	0
#endif

#if defined(CONFIG_X86) && !defined(CONFIG_UML)
#define MARK_OPEN	"xchg %%bx, %%bx"
#define MARK_CLOSE	"xchg %%cx, %%cx"
#else
#define MARK_OPEN	""
#define MARK_CLOSE	""
#endif

static __always_inline void mark_open(void)
{
	asm volatile(MARK_OPEN : : : "memory");
}

static __always_inline void mark_close(void)
{
	asm volatile(MARK_CLOSE : : : "memory");
}

static unsigned long call_irqs(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += call_irqs_on(cpu);
	return sum;
}

/* Coarse clocks cannot tell one instruction from the next, this one can. */
static u64 now(void)
{
	return cycles ? get_cycles() : ktime_get_ns();
}

static u64 time_alone(void (*run)(unsigned int n), unsigned int n)
{
	u64 start = now();

	mark_open();
	run(n);
	mark_close();
	return now() - start;
}

static u64 time_together(void (*run)(unsigned int n), unsigned int n)
{
	u64 start;

	announce_job(run, n);
	await_zero(&job.unready);
	start = now();
	tell(&job.started, job.number);
	run(n);
	await_zero(&job.undone);
	return now() - start;
}

/* A helper that owes the CPU to another task is slower in each interrupt. */
static void settle(void)
{
	if (!job.busy)
		return;
	time_together(do_nothing, 0);
	cond_resched();
}

static void take_sample(const struct bench_row *row,
			const struct bench_side *side,
			struct bench_side_result *res, unsigned int k)
{
	unsigned int n = calls_of(row);
	unsigned long runs_before = all_runs();
	unsigned long irqs_before;

	settle();
	irqs_before = call_irqs();
	if (side->before)
		side->before();
	preempt_disable();
	if (row->senders == ALONE) {
		res->time[k] = time_alone(side->run, n);
	} else {
		mark_open();
		res->time[k] = time_together(side->run, n);
		mark_close();
	}
	preempt_enable();
	if (side->after)
		side->after();
	res->runs += all_runs() - runs_before;
	res->irqs[k] = call_irqs() - irqs_before;
}

static void take_samples(struct bench_result *r)
{
	unsigned int i, k;

	for (i = 0; i < warmup + r->samples; i++) {
		/* What is taken in a warm-up is overwritten. */
		k = i < warmup ? 0 : i - warmup;
		take_sample(r->row, &r->row->ours, &r->ours, k);
		take_sample(r->row, &r->row->theirs, &r->theirs, k);
		r->all_ops += r->ops;
	}
}

/* Of a row's run: what the leader is told, and how it answers. */
struct bench_run {
	int err;
	struct completion done;
};

static int leader(void *data)
{
	struct bench_run *run = data;

	run->err = start_helpers(result.busy);
	if (!run->err) {
		/* Idle helpers need a moment until they are. */
		schedule_timeout_uninterruptible(2);
		take_samples(&result);
		end_helpers();
	}
	complete(&run->done);
	return 0;
}

static int lead(void)
{
	struct bench_run run = {};
	struct task_struct *task;

	init_completion(&run.done);
	task = kthread_create_on_cpu(leader, &run, LEADER, "ipi_bench/%u");
	if (IS_ERR(task))
		return PTR_ERR(task);
	wake_up_process(task);
	wait_for_completion(&run.done);
	return run.err;
}

static int check_result(const struct bench_result *r)
{
	if (r->row->coalesces || r->ours.runs == r->theirs.runs)
		return 0;
	pr_err("%s: ours ran the function %lu times, theirs %lu times\n",
	       r->row->name, r->ours.runs, r->theirs.runs);
	return -EIO;
}

static int measure(const struct bench_row *row, bool busy)
{
	int err;

	memset(&result, 0, sizeof(result));
	cpus_read_lock();
	ncpus = num_online_cpus();
	if (ncpus < 2 || cpumask_last(cpu_online_mask) != ncpus - 1) {
		cpus_read_unlock();
		return -ENXIO;
	}
	cpumask_clear(&half_mask);
	while (cpumask_weight(&half_mask) < ncpus / 2)
		cpumask_set_cpu(cpumask_weight(&half_mask) + 1, &half_mask);
	cpumask_copy(&others_mask, cpu_online_mask);
	cpumask_clear_cpu(LEADER, &others_mask);
	result.row = row;
	result.busy = busy;
	result.cpus = ncpus;
	result.samples = clamp(samples, 1U, SAMPLES_MAX + 0U);
	result.ops = calls_of(row) * senders_of(row);
	err = lead();
	cpus_read_unlock();
	return err ?: check_result(&result);
}

/* ----- the files ----- */

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static u64 sample_of(u64 *values, unsigned int n)
{
	sort(values, n, sizeof(*values), compare, NULL);
	return values[best ? 0 : n / 2];
}

static void show_side(struct seq_file *m, struct bench_side_result *side,
		      const struct bench_result *r)
{
	u64 time = sample_of(side->time, r->samples);
	u64 irqs = sample_of(side->irqs, r->samples) * 100;

	seq_printf(m, "\t%llu", div_u64(time + r->ops / 2, r->ops));
	irqs = div_u64(irqs + r->ops / 2, r->ops);
	if (HAS_CALL_IRQS)
		seq_printf(m, "\t%llu.%02u", div_u64(irqs, 100),
			   (unsigned int)irqs % 100);
	else
		seq_puts(m, "\t-");
}

static int run_show(struct seq_file *m, void *unused)
{
	struct bench_result *r = &result;
	const char *slash;

	mutex_lock(&bench_mutex);
	if (r->row) {
		slash = strchr(r->row->name, '/');
		seq_printf(m, "%u\t%s\t%.*s\t%s", r->cpus,
			   r->busy ? "busy" : "idle",
			   (int)(slash - r->row->name), r->row->name,
			   slash + 1);
		show_side(m, &r->ours, r);
		show_side(m, &r->theirs, r);
		seq_printf(m, "\t%lu\n", r->all_ops);
	}
	mutex_unlock(&bench_mutex);
	return 0;
}

static int run_open(struct inode *inode, struct file *file)
{
	return single_open(file, run_show, NULL);
}

static ssize_t run_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos)
{
	const struct bench_row *row;
	char line[64] = {};
	char *name;
	int err;

	if (count >= sizeof(line))
		return -E2BIG;
	if (copy_from_user(line, buf, count))
		return -EFAULT;
	name = strim(line);
	strsep(&name, " ");
	row = name ? find_row(name) : NULL;
	if (!row || (strcmp(line, "busy") && strcmp(line, "idle")))
		return -EINVAL;
	mutex_lock(&bench_mutex);
	err = measure(row, line[0] == 'b');
	if (err)
		result.row = NULL;
	mutex_unlock(&bench_mutex);
	return err ?: count;
}

static const struct file_operations run_fops = {
	.owner	= THIS_MODULE,
	.open	= run_open,
	.read	= seq_read,
	.write	= run_write,
	.llseek	= seq_lseek,
	.release = single_release,
};

static int rows_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		seq_printf(m, "%s\n", rows[i].name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rows);

static struct dentry *bench_dir;

static int alloc_arrays(void)
{
	unsigned int n = max(nr_cpu_ids, 64U);

	msgs = kcalloc(n, sizeof(*msgs), GFP_KERNEL);
	csds = kcalloc(n, sizeof(*csds), GFP_KERNEL);
	return msgs && csds ? 0 : -ENOMEM;
}

static int __init bench_init(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		INIT_CSD(per_cpu_ptr(&hold_csd, cpu), hold_cpu, NULL);
		INIT_CSD(per_cpu_ptr(&floor_csd, cpu), count_run, NULL);
	}
	err = alloc_arrays();
	if (err)
		goto out_free_arrays;
	bench_slot = ipi_register(count_run, NULL);
	if (!bench_slot) {
		err = -ENOSPC;
		goto out_free_arrays;
	}
	bench_dir = debugfs_create_dir("ipi_xcall_bench", NULL);
	debugfs_create_file("rows", 0444, bench_dir, NULL, &rows_fops);
	debugfs_create_file("run", 0600, bench_dir, NULL, &run_fops);
	return 0;

out_free_arrays:
	kfree(csds);
	kfree(msgs);
	return err;
}

static void __exit bench_exit(void)
{
	debugfs_remove(bench_dir);
	ipi_unregister(bench_slot);
	kfree(csds);
	kfree(msgs);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_AUTHOR("The ipi_xcall maintainers");
MODULE_DESCRIPTION("Benchmark of ipi_xcall beside the core kernel's calls");
MODULE_LICENSE("GPL");
