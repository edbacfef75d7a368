// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: the CPUs' memory, and the kick of many */
#include <linux/cache.h>
#include <linux/moduleparam.h>

#include "cpu.h"

DEFINE_PER_CPU_SHARED_ALIGNED(struct ipi_cpu, ipi_cpus);

unsigned int ipi_mask_words __ro_after_init;
struct ipi_bells ipi_bells __ro_after_init;
smp_call_func_t ipi_kicked_with_many __ro_after_init;

unsigned int ipi_mask_min = 12;
module_param_named(mask_min, ipi_mask_min, uint, 0644);
MODULE_PARM_DESC(mask_min, "send one mask IPI to sets of at least this many remote CPUs, single IPIs to smaller ones");

/*
 * The caller owes a kick to each of @owed, which are @n CPUs. A mask IPI uses the
 * core's csds and runs the same handler, so it keeps the same account.
 */
noinline void ipi_cpu_kick_set(const struct cpumask *owed, unsigned int n)
{
	unsigned int cpu;

	if (n < READ_ONCE(ipi_mask_min)) {
		for_each_cpu(cpu, owed)
			cpu_kick(cpu_ptr(cpu), cpu);
	} else {
		smp_call_function_many(owed, ipi_kicked_with_many, NULL, false);
	}
}

/* A snapshot, not atomic. */
void ipi_cpu_info(unsigned int cpu, struct ipi_cpu_info *info)
{
	struct ipi_cpu *pc = cpu_ptr(cpu);
	unsigned int entry;

	*info = (struct ipi_cpu_info){
		.pending	= atomic_long_read(&pc->pending),
		.deferred	= READ_ONCE(pc->deferred),
		.kicked		= READ_ONCE(pc->csd.node.u_flags) & CSD_FLAG_LOCK,
		.func		= READ_ONCE(pc->func),
		.since		= READ_ONCE(pc->since),
	};
	for (entry = 0; entry < ipi_bells.entries; entry++)
		info->mailbox += !!READ_ONCE(cpu_mbox(pc)[entry]);
}
