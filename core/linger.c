// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: may this pass linger, and for how long?
 *
 * A pass that lingers leaves a bit in its CPU's word and polls for a while, so
 * that senders need not kick; how that works is in ipi_xcall.c, see linger().
 * Here is the policy, asked once a pass:
 *
 *   per message	linger_ns after the last one that came
 *   per pass		LINGER_PASS times that
 *   per unit of time	a LINGER_DUTY-th, as a bucket of time that fills while
 *			the CPU does other things and holds LINGER_BUCKET_NS
 *
 * "auto" lingers no longer than an interrupt costs here, as measured when it is
 * switched on, and only if the recent past was busy: of the last passes, so and
 * so many found company, that is, something came while they lingered or would
 * have come within the time. A visitor who rents skis until he has paid what
 * they cost never pays more than twice the best; nor does this.
 *
 * All state of a CPU is its own, touched with interrupts off. Others read
 * @spent.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "info.h"

#define LINGER_NS_MAX		100000
#define LINGER_PASS		16
#define LINGER_DUTY		4
#define LINGER_BUCKET_NS	NSEC_PER_MSEC
/* Passes remembered, and how many of them must have found company. */
#define LINGER_HISTORY		GENMASK(7, 0)
#define LINGER_COMPANY		4
/* Round trips to find what an interrupt costs; the fastest counts. */
#define LINGER_TRIES		64

struct linger {
	u64 refilled;
	u64 bucket;
	u64 ended;
	u64 spent;
	unsigned long history;
};

static DEFINE_PER_CPU(struct linger, lingers);

static unsigned int linger_ns;
static bool linger_auto;
/* Those who measure: while there are any, nobody lingers. */
static atomic_t linger_holds;
static unsigned int linger_cost_ns;
module_param(linger_cost_ns, uint, 0444);
MODULE_PARM_DESC(linger_cost_ns, "what an interrupt and its wait cost when linger_ns was last set to auto (nanoseconds)");

static void refill(struct linger *l, u64 now)
{
	l->bucket = min_t(u64, l->bucket + (now - l->refilled) / LINGER_DUTY,
			  LINGER_BUCKET_NS);
	l->refilled = now;
}

/* How long to linger after each message of a pass that begins @now; 0: not. */
u64 ipi_linger_ns(u64 now)
{
	struct linger *l = this_cpu_ptr(&lingers);
	u64 ns = READ_ONCE(linger_ns);

	refill(l, now);
	if (READ_ONCE(linger_auto)) {
		ns = READ_ONCE(linger_cost_ns);
		l->history = (l->history << 1 | (now - l->ended < ns)) & LINGER_HISTORY;
		if (hweight_long(l->history) < LINGER_COMPANY)
			ns = 0;
	}
	l->ended = now;
	/* Pairs with the barrier in ipi_linger_hold(). */
	smp_rmb();
	return l->bucket < ns || atomic_read(&linger_holds) ? 0 : ns;
}

/* When a pass that began to linger @now with @ns has to stop at the latest. */
u64 ipi_linger_limit(u64 now, u64 ns)
{
	return now + min(ns * LINGER_PASS, this_cpu_ptr(&lingers)->bucket);
}

void ipi_linger_end(u64 began, u64 now, bool company)
{
	struct linger *l = this_cpu_ptr(&lingers);

	WRITE_ONCE(l->spent, l->spent + now - began);
	l->bucket -= min(l->bucket, now - began);
	l->refilled = now;
	l->ended = now;
	l->history |= company;
}

/* Nanoseconds that @cpu has lingered. */
u64 ipi_lingered(unsigned int cpu)
{
	return READ_ONCE(per_cpu(lingers.spent, cpu));
}

static void do_nothing(void *unused)
{
}

static u64 time_one(unsigned int cpu)
{
	struct ipi_msg msg = { .func = do_nothing };
	u64 began = ktime_get_ns();

	if (ipi_unicast(&msg, cpu))
		return 0;
	ipi_wait(&msg);
	return ktime_get_ns() - began;
}

/* What a call to another CPU takes at best; 0 if there is no other. */
static unsigned int measure_cost(void)
{
	unsigned int cpu, n;
	u64 best = 0, ns;

	for (n = 0; n < LINGER_TRIES; n++) {
		preempt_disable();
		cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
		ns = cpu < nr_cpu_ids ? time_one(cpu) : 0;
		preempt_enable();
		if (ns && (!best || ns < best))
			best = ns;
	}
	return min_t(u64, best, LINGER_NS_MAX);
}

/* Parameters are set one at a time; before init, "auto" waits for it. */
static bool linger_ready;

bool ipi_is_lingering(void)
{
	return READ_ONCE(linger_ns) || READ_ONCE(linger_auto);
}

/*
 * Let nobody linger until ipi_linger_release(). Whoever switches lingering on
 * meanwhile is not seen here; but a pass that sees it sees the hold, too.
 * Passes that linger already run with interrupts off: they are RCU readers.
 */
void ipi_linger_hold(void)
{
	atomic_inc(&linger_holds);
	/* Pairs with the barrier in ipi_linger_ns(). */
	smp_mb__after_atomic();
	if (ipi_is_lingering())
		synchronize_rcu();
}

void ipi_linger_release(void)
{
	atomic_dec(&linger_holds);
}

static int linger_set(const char *val, const struct kernel_param *kp)
{
	bool was = ipi_is_lingering();
	unsigned int ns = 0;
	bool is_auto = sysfs_streq(val, "auto");

	if (!is_auto && (kstrtouint(val, 10, &ns) || ns > LINGER_NS_MAX)) {
		pr_warn_ratelimited("linger_ns: '%.32s' is neither 'auto' nor a number up to %u\n",
				    val, LINGER_NS_MAX);
		return -EINVAL;
	}
	if (is_auto && linger_ready) {
		/* Of the interrupt, not of the lingering. */
		WRITE_ONCE(linger_ns, 0);
		WRITE_ONCE(linger_auto, false);
		linger_cost_ns = measure_cost();
	}
	WRITE_ONCE(linger_ns, ns);
	WRITE_ONCE(linger_auto, is_auto);
	if (was != ipi_is_lingering())
		ipi_detour(!was);
	return 0;
}

static int linger_get(char *buf, const struct kernel_param *kp)
{
	if (linger_auto)
		return sysfs_emit(buf, "auto\n");
	return sysfs_emit(buf, "%u\n", linger_ns);
}

static const struct kernel_param_ops linger_ops = {
	.set = linger_set,
	.get = linger_get,
};

module_param_cb(linger_ns, &linger_ops, NULL, 0644);
MODULE_PARM_DESC(linger_ns, "how long a pass polls for more before it ends (nanoseconds, at most 100000; auto; 0: not at all)");

/* Calls work from here on. */
void ipi_linger_init(void)
{
	linger_ready = true;
	if (linger_auto)
		linger_cost_ns = measure_cost();
}
