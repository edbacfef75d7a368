// SPDX-License-Identifier: GPL-2.0
/* A complete client of ipi_xcall: one handler, one cross-call. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/smp.h>

#include "../../../ipi_xcall.h"

static atomic_t triggered, called;

/* Runs on each CPU that is triggered, with interrupts off. */
static void hello_handler(void *arg)
{
	atomic_inc(arg);
}

static int __init hello_init(void)
{
	struct ipi_msg msg = { .func = hello_handler, .arg = &called };
	unsigned int id = ipi_register(hello_handler, &triggered);
	int marked, cpus;

	if (!id)
		return -EBUSY;

	preempt_disable();		/* CPUs seen online stay */
	marked = ipi_trigger_broadcast(id, false);	/* does not wait */
	cpus = ipi_broadcast(&msg, false);
	preempt_enable();

	ipi_wait(&msg);			/* all CPUs have run it */
	ipi_unregister(id);		/* all triggers have been run */

	pr_info("slot %u: %d CPUs triggered, %d runs\n", id, marked,
		atomic_read(&triggered));
	pr_info("message: %d CPUs called, %d runs\n", cpus,
		atomic_read(&called));
	return 0;
}

static void __exit hello_exit(void)
{
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_DESCRIPTION("The smallest client of ipi_xcall");
MODULE_LICENSE("GPL");
