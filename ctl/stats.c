// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: the counters of all CPUs, and a file's own zero for them */
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "ctl.h"

/* The core, and programs, go through the same counters. */
#define STATS_ONE(...)	+ 1
static_assert((0 IPI_COUNTERS(STATS_ONE)) == (0 IPI_XCALL_COUNTERS(STATS_ONE)));
static_assert(sizeof(struct ipi_xcall_cpu_stats) ==
	      2 * sizeof(u32) + (0 IPI_COUNTERS(STATS_ONE)) * sizeof(u64));

/* Counters wrap at the size of a word, and times do not. */
static u64 stats_since(u64 now, u64 base)
{
	return now < base ? (unsigned long)(now - base) : now - base;
}

static void stats_fill(struct ipi_xcall_cpu_stats *rec, unsigned int cpu,
		       const struct ipi_stats *now, const struct ipi_stats *base)
{
#define STATS_SINCE(name, value)	.name = stats_since(now->name, base->name),
	*rec = (struct ipi_xcall_cpu_stats){
		.cpu		= cpu,
		.online		= cpu_online(cpu),
		IPI_COUNTERS(STATS_SINCE)
	};
}

static int stats_read(struct ctl_file *f, bool since_load,
		      struct ipi_xcall_cpu_stats *rec)
{
	static const struct ipi_stats zero;
	const struct ipi_stats *base;
	struct ipi_stats now;
	unsigned int cpu;

	if (mutex_lock_killable(&f->lock))
		return -EINTR;
	for_each_possible_cpu(cpu) {
		base = f->baseline && !since_load ? &f->baseline[cpu] : &zero;
		ipi_stats_read(cpu, &now);
		stats_fill(rec++, cpu, &now, base);
	}
	mutex_unlock(&f->lock);
	return 0;
}

int ctl_stats_read(struct ctl_file *f, struct ctl_request *rq)
{
	struct ipi_xcall_stats *s = &rq->as_stats;
	unsigned int n, nr = num_possible_cpus();
	struct ipi_xcall_cpu_stats *recs;
	struct ctl_array a;
	int err;

	err = ctl_array_init(&a, s->cpus, s->nr_cpus, s->record_size,
			     IPI_XCALL_CPU_STATS_SIZE_VER0);
	if (err)
		return err;
	recs = kvcalloc(nr, sizeof(*recs), GFP_KERNEL_ACCOUNT);
	if (!recs)
		return -ENOMEM;
	err = stats_read(f, s->flags & IPI_XCALL_STATS_SINCE_LOAD, recs);
	s->nr_cpus = nr;
	for (n = 0; n < nr && !err; n++)
		err = ctl_array_give(&a, n, &recs[n], sizeof(*recs));
	kvfree(recs);
	return err;
}

int ctl_stats_reset(struct ctl_file *f, struct ctl_request *rq)
{
	struct ipi_stats *base;
	unsigned int cpu;
	int err;

	base = kvcalloc(nr_cpu_ids, sizeof(*base), GFP_KERNEL_ACCOUNT);
	if (!base)
		return -ENOMEM;
	err = mutex_lock_killable(&f->lock);
	if (!err) {
		for_each_possible_cpu(cpu)
			ipi_stats_read(cpu, &base[cpu]);
		swap(f->baseline, base);
		mutex_unlock(&f->lock);
	}
	kvfree(base);
	return err;
}
