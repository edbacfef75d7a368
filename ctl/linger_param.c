// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the parameter linger_ns, and what an interrupt costs here
 *
 * A client of ipi_xcall.h: "auto" measures by calls of its own. Parameters are
 * set one at a time; before the module's init, "auto" waits for it, and after its
 * exit nothing comes of it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "ctl.h"

#define LINGER_NS_MAX	100000
/* Round trips to find what an interrupt costs; the fastest counts. */
#define LINGER_TRIES	64

static unsigned int linger_param_ns;
static bool linger_param_auto;
static bool linger_param_ready;

static unsigned int linger_cost_ns;
module_param(linger_cost_ns, uint, 0444);
MODULE_PARM_DESC(linger_cost_ns, "what an interrupt and its wait cost when linger_ns was last set to auto (nanoseconds)");

static void linger_param_nop(void *unused)
{
}

static u64 linger_param_time(unsigned int cpu)
{
	struct ipi_msg msg = { .func = linger_param_nop };
	u64 began = ktime_get_ns();

	if (ipi_unicast(&msg, cpu))
		return 0;
	ipi_wait(&msg);
	return ktime_get_ns() - began;
}

/*
 * Another CPU that we may interrupt: one where the caller could run as well, so
 * none of an isolated partition, and which is no isolated one either.
 */
static unsigned int linger_param_peer(void)
{
	const struct cpumask *quiet = housekeeping_cpumask(HK_TYPE_TICK);
	const struct cpumask *domain = housekeeping_cpumask(HK_TYPE_DOMAIN);
	unsigned int cpu;

	for_each_cpu_and(cpu, current->cpus_ptr, cpu_online_mask)
		if (cpu != smp_processor_id() && cpumask_test_cpu(cpu, quiet) &&
		    cpumask_test_cpu(cpu, domain))
			return cpu;
	return nr_cpu_ids;
}

/* What a call to another CPU takes at best; 0 if there is no other. */
static unsigned int linger_param_measure(void)
{
	unsigned int cpu, n;
	u64 best = 0, ns;

	for (n = 0; n < LINGER_TRIES; n++) {
		preempt_disable();
		cpu = linger_param_peer();
		ns = cpu < nr_cpu_ids ? linger_param_time(cpu) : 0;
		preempt_enable();
		if (ns && (!best || ns < best))
			best = ns;
	}
	if (!best)
		pr_warn("linger_ns: no other CPU to measure with: nothing lingers\n");
	return min_t(u64, best, LINGER_NS_MAX);
}

static void linger_param_apply(void)
{
	if (linger_param_auto) {
		/* Of the interrupt, not of the lingering. */
		ipi_linger_set(0, false);
		linger_cost_ns = linger_param_measure();
		ipi_linger_set(linger_cost_ns, true);
	} else {
		ipi_linger_set(linger_param_ns, false);
	}
}

static int linger_param_set(const char *val, const struct kernel_param *kp)
{
	bool is_auto = sysfs_streq(val, "auto");
	unsigned int ns = 0;

	if (!is_auto && (kstrtouint(val, 10, &ns) || ns > LINGER_NS_MAX)) {
		pr_warn_ratelimited("linger_ns: '%.32s' is neither 'auto' nor a number up to %u\n",
				    val, LINGER_NS_MAX);
		return -EINVAL;
	}
	linger_param_ns = ns;
	linger_param_auto = is_auto;
	if (linger_param_ready)
		linger_param_apply();
	return 0;
}

static int linger_param_get(char *buf, const struct kernel_param *kp)
{
	if (linger_param_auto)
		return sysfs_emit(buf, "auto\n");
	return sysfs_emit(buf, "%u\n", linger_param_ns);
}

static const struct kernel_param_ops linger_param_ops = {
	.set = linger_param_set,
	.get = linger_param_get,
};

module_param_cb(linger_ns, &linger_param_ops, NULL, 0644);
MODULE_PARM_DESC(linger_ns, "how long a pass polls for more before it ends (nanoseconds, at most 100000; auto; 0: not at all)");

/* Calls work from here on. */
void ipi_linger_param_init(void)
{
	kernel_param_lock(THIS_MODULE);
	linger_param_ready = true;
	linger_param_apply();
	kernel_param_unlock(THIS_MODULE);
}

/* Parameters may be written until the module is gone, and hold no reference to it. */
void ipi_linger_param_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	linger_param_ready = false;
	kernel_param_unlock(THIS_MODULE);
}
