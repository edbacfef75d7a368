/* SPDX-License-Identifier: GPL-2.0 */
/* What the control files need of each other, and the door of them. */
#ifndef IPI_XCALL_CTL_H
#define IPI_XCALL_CTL_H

#include "../core/info.h"

struct ipi_xcall_sample;

/**
 * struct ipi_measure - a measurement; its numbers are those of the ABI
 * @mode: what to measure
 * @to: how it is aimed
 * @cpus: at whom, offline CPUs included
 * @source: the CPU that sends
 * @period_ns: from one sample to the next
 * @from_due: count from when a sample was due
 * @delay_cpu: the CPU on which the function takes longer
 * @delay_ns: by so much
 * @samples: for what is measured
 * @room: how many may be taken
 * @taken: out: how many were
 * @ended: out: why no more
 */
struct ipi_measure {
	u32 mode;
	u32 to;
	const struct cpumask *cpus;
	unsigned int source;
	u32 period_ns;
	bool from_due;
	unsigned int delay_cpu;
	u32 delay_ns;
	struct ipi_xcall_sample *samples;
	unsigned int room;
	unsigned int taken;
	u32 ended;
};

/* Handlers that all control files offer. */
void ipi_count(void *unused);
void ipi_stamp(void *stamps);
/* What they do on top of it. */
void ipi_keep_busy(u32 ns);

int ipi_measure(struct ipi_measure *m);

void ipi_linger_param_init(void);

int ipi_ctl_init(void);
void ipi_ctl_exit(void);

void ipi_debugfs_init(void);
void ipi_debugfs_exit(void);

#endif /* IPI_XCALL_CTL_H */
