// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: the faults of a test build, see fault.h */
#ifdef IPI_XCALL_FAULTS

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "fault.h"

static const char * const ipi_fault_names[] = {
	[NONE]		= "none",
	[ACK_EARLY]	= "ack_early",
	[RUN_TWICE]	= "run_twice",
	[LOST_BELL]	= "lost_bell",
	[LOST_KICK]	= "lost_kick",
	[WRONG_KICK]	= "wrong_kick",
	[FREE_EARLY]	= "free_early",
	[NO_BARRIER]	= "no_barrier",
	[NO_GRACE]	= "no_grace",
};

int ipi_fault_nr __read_mostly;
unsigned int ipi_fault_every = 100;
DEFINE_PER_CPU(unsigned int, ipi_fault_count);
DEFINE_PER_CPU(struct ipi_msg, ipi_fault_copy);

static int fault_every_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, UINT_MAX);
}

static const struct kernel_param_ops fault_every_ops = {
	.set = fault_every_set,
	.get = param_get_uint,
};

module_param_cb(fault_every, &fault_every_ops, &ipi_fault_every, 0444);
MODULE_PARM_DESC(fault_every, "what happens now and then happens every so many times (1 or more)");

static int fault_set(const char *val, const struct kernel_param *kp)
{
	int ret = sysfs_match_string(ipi_fault_names, val);

	if (ret < 0)
		return ret;
	ipi_fault_nr = ret;
	return 0;
}

static int fault_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", ipi_fault_names[ipi_fault_nr]);
}

static const struct kernel_param_ops fault_ops = {
	.set = fault_set,
	.get = fault_get,
};

module_param_cb(fault, &fault_ops, NULL, 0444);
MODULE_PARM_DESC(fault, "what goes wrong (string)");

#endif /* IPI_XCALL_FAULTS */
