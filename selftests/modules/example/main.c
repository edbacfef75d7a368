// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall_port: ports of NetBSD's clients of ipi(9), and what they have to show
 *
 * The module is loaded with run=NAME and fails to load if that went wrong:
 *
 *	xcall		xcall(9), all of it at once from many threads
 *	heartbeat	messages from hard timers to a CPU that stands still
 *	owner		messages with interrupts off to the owner of a unit
 *	netbsd		a client written against ipi_netbsd.h
 *	naive		NetBSD's sends as they are, which must be refused (it warns)
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#include "example.h"

static char *run = "xcall";
module_param(run, charp, 0444);
MODULE_PARM_DESC(run, "what to run: see the head of example/main.c");

static unsigned int ms = 2000;
module_param(ms, uint, 0444);
MODULE_PARM_DESC(ms, "for how long, if it has no end of its own");

static const struct {
	const char *name;
	int (*run)(unsigned int ms);
} examples[] = {
	{ "xcall", run_xcall },
	{ "heartbeat", run_heartbeat },
	{ "owner", run_owner },
	{ "netbsd", run_netbsd },
	{ "naive", run_naive },
};

static int __init port_init(void)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(examples); n++)
		if (!strcmp(examples[n].name, run))
			return examples[n].run(ms);
	return -ENOENT;
}

static void __exit port_exit(void)
{
}

module_init(port_init);
module_exit(port_exit);
MODULE_DESCRIPTION("Ports of NetBSD's clients of ipi(9) to ipi_xcall");
MODULE_LICENSE("GPL");
