// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: CPUs come and go
 *
 * Senders look at the online mask with preemption off, and a CPU that goes
 * offline flushes its queue of calls afterwards: what was posted is run. So all
 * that has to be done here is that nothing is parked on a CPU that goes.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/irqflags.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "hotplug.h"
#include "mbox.h"
#include "pass.h"
#include "slot.h"

static enum cpuhp_state hotplug_state;

static int hotplug_up(unsigned int cpu)
{
	this_cpu_write(ipi_cpus.up, true);
	return 0;
}

static int hotplug_down(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	ipi_pass_leave(this_cpu_ptr(&ipi_cpus));
	local_irq_restore(flags);
	return 0;
}

static void hotplug_free(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		free_cpumask_var(per_cpu(ipi_cpus.snap, cpu));
		free_cpumask_var(per_cpu(ipi_cpus.left, cpu));
	}
	ipi_mbox_exit();
}

static int hotplug_init_cpu(struct ipi_cpu *pc, unsigned int cpu)
{
	ipi_pass_init(pc);
	ipi_mbox_init_cpu(pc, cpu);
	if (!zalloc_cpumask_var_node(&pc->snap, GFP_KERNEL, cpu_to_node(cpu)) ||
	    !zalloc_cpumask_var_node(&pc->left, GFP_KERNEL, cpu_to_node(cpu)))
		return -ENOMEM;
	return 0;
}

static int hotplug_init_cpus(void)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		err = hotplug_init_cpu(cpu_ptr(cpu), cpu);
		if (err)
			return err;
	}
	return 0;
}

/* From here on every CPU can be called. */
int ipi_hotplug_init(void)
{
	int err;

	ipi_mask_words = BITS_TO_LONGS(nr_cpu_ids);
	err = ipi_mbox_init();
	if (err)
		return err;
	err = hotplug_init_cpus();
	if (err)
		goto out_free;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ipi_xcall:online",
				hotplug_up, hotplug_down);
	if (err < 0)
		goto out_free;
	hotplug_state = err;
	return 0;

out_free:
	hotplug_free();
	return err;
}

/* Nobody calls any more; passes may run yet, or not have returned into the core. */
void ipi_hotplug_exit(void)
{
	cpuhp_remove_state(hotplug_state);
	ipi_slot_wait_drained(~0UL);
	hotplug_free();
}
