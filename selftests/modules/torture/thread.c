// SPDX-License-Identifier: GPL-2.0
/* See thread.h. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "thread.h"

unsigned int tt_longwait = 2;
module_param_named(longwait, tt_longwait, uint, 0444);
MODULE_PARM_DESC(longwait, "the slowest handlers take up to so many milliseconds (0: none)");

unsigned int tt_bound_ms = 5000;
module_param_named(bound_ms, tt_bound_ms, uint, 0444);
MODULE_PARM_DESC(bound_ms, "no operation may take longer than this (milliseconds)");

static DEFINE_PER_CPU(struct rnd_state, delay_rnd);

void tt_delay_seed(unsigned long seed)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		prandom_seed_state(per_cpu_ptr(&delay_rnd, cpu), seed + cpu);
}

void tt_delay(void)
{
	u32 r = prandom_u32_state(this_cpu_ptr(&delay_rnd));

	if (!(r & 0xff))
		udelay((r >> 8) % 64);
	if (tt_longwait && (r & 0x3fff00) == 0x3fff00)
		mdelay((r >> 22) % tt_longwait + 1);
}

u32 tt_random(struct tt_thread *t, u32 n)
{
	return prandom_u32_state(&t->rnd) % n;
}

unsigned int tt_nth_cpu(const struct cpumask *mask, unsigned int n)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (!n--)
			break;
	return cpu;
}

unsigned int tt_random_cpu(struct tt_thread *t)
{
	return tt_nth_cpu(cpu_possible_mask, tt_random(t, num_possible_cpus()));
}

unsigned int tt_random_other(struct tt_thread *t)
{
	unsigned int cpu;

	do {
		cpu = tt_random_cpu(t);
	} while (cpu == smp_processor_id() && num_possible_cpus() > 1);
	return cpu;
}

/* None, all, or each with a chance of one half. */
void tt_random_mask(struct tt_thread *t)
{
	unsigned int cpu, all = tt_random(t, 16);

	cpumask_clear(t->mask);
	for_each_possible_cpu(cpu)
		if (all == 1 || (all && tt_random(t, 2)))
			cpumask_set_cpu(cpu, t->mask);
}

unsigned long tt_deadline(void)
{
	return jiffies + msecs_to_jiffies(tt_bound_ms);
}
