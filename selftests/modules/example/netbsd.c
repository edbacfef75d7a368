// SPDX-License-Identifier: GPL-2.0
/*
 * A client as it would stand in NetBSD, by ipi_netbsd.h; what is new is that it
 * looks at what the sends return.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/module.h>

#include "../../../ipi_netbsd.h"
#include "example.h"

static atomic_t here[IPI_MAXREG];

static void count_here(void *arg)
{
	atomic_inc(arg);
}

/* One trigger for each CPU, one message for all of a set, one for all. */
static int send_all(unsigned int id, const kcpuset_t *others)
{
	ipi_msg_t msg = { .func = count_here, .arg = &here[0] };
	ipi_msg_t all = { .func = count_here, .arg = &here[0] };
	CPU_INFO_ITERATOR cii;
	struct cpu_info *ci;
	int cpus = 0, called, old_form, err = 0;

	kpreempt_disable();
	for (CPU_INFO_FOREACH(cii, ci)) {
		cpus++;
		if (ci != curcpu())
			err = err ?: ipi_trigger(id, ci);
	}
	called = ipi_multicast(&msg, others);
	old_form = ipi_broadcast(&all);
	kpreempt_enable();
	ipi_wait(&msg);
	ipi_wait(&all);
	err = err ?: must(called == cpus - 1 && old_form == cpus,
			  "%d and %d of %d CPUs were called", called, old_form,
			  cpus);
	kpreempt_disable();
	called = ipi_broadcast(&all, true);
	kpreempt_enable();
	ipi_wait(&all);
	return err ?: must(called == cpus - 1, "%d of %d CPUs", called, cpus);
}

static int send_one(void)
{
	ipi_msg_t msg = { .func = count_here, .arg = &here[0] };
	int err;

	atomic_set(&here[0], 0);
	kpreempt_disable();
	err = ipi_unicast(&msg, cpu_lookup(cpumask_any(cpu_online_mask)));
	kpreempt_enable();
	ipi_wait(&msg);
	return err ?: must(atomic_read(&here[0]) == 1, "no message has run");
}

int run_netbsd(unsigned int ms)
{
	unsigned int id, others;
	kcpuset_t *set;
	int err;

	id = ipi_register(count_here, &here[1]);
	if (!id)
		return -EBUSY;
	kcpuset_create(&set, true);
	migrate_disable();
	kcpuset_copy(set, kcpuset_running);
	kcpuset_clear(set, cpu_index(curcpu()));
	others = kcpuset_countset(set);
	err = send_all(id, set);
	migrate_enable();
	kcpuset_destroy(set);
	ipi_unregister(id);
	return err ?: must(atomic_read(&here[1]) == others, "%d triggers of %u",
			   atomic_read(&here[1]), others) ?:
	       must(atomic_read(&here[0]) == 3 * others + 1, "%d runs",
		    atomic_read(&here[0])) ?: send_one();
}
