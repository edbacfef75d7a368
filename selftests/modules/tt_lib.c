// SPDX-License-Identifier: GPL-2.0
/* Failures and chance, for all files of ipi_xcall_torture. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/percpu.h>

#include "tt.h"

#define ERRORS_SHOWN	10

/* ----- failures ----- */

static const char * const error_names[TT_ERRORS] = {
	[TT_TWICE] = "twice", [TT_MISSED] = "missed", [TT_STRAY] = "stray",
	[TT_COUNT] = "count", [TT_UNSEEN] = "unseen", [TT_TOUCHED] = "touched",
	[TT_LATE] = "late", [TT_LOST] = "lost", [TT_HUNG] = "hung",
	[TT_CONTEXT] = "context", [TT_LAW] = "law", [TT_ERRNO] = "errno",
};

static atomic_t errors[TT_ERRORS];
static atomic_t all_errors;
unsigned long tt_start;
unsigned int tt_first_failure_ms;

void tt_fail(enum tt_error what, const char *fmt, ...)
{
	unsigned int ms = jiffies_to_msecs(jiffies - tt_start);
	int n = atomic_inc_return(&all_errors);
	struct va_format vaf;
	va_list args;

	atomic_inc(&errors[what]);
	if (n == 1)
		tt_first_failure_ms = ms;
	if (n > ERRORS_SHOWN)
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_alert("!!! %s after %u ms: %pV\n", error_names[what], ms, &vaf);
	va_end(args);
}

unsigned int tt_failures(void)
{
	return atomic_read(&all_errors);
}

void tt_failures_report(void)
{
	unsigned int i;

	for (i = 0; i < TT_ERRORS; i++)
		if (atomic_read(&errors[i]))
			pr_info("errors: %s %d\n", error_names[i],
				atomic_read(&errors[i]));
}

/* ----- chance ----- */

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
