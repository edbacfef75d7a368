/* SPDX-License-Identifier: GPL-2.0 */
/* What ipixctl asks of the module. */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "../uapi/ipi_xcall.h"
#include "cpus.h"

int dev_open(void);
/* 0 or -errno. */
int dev_ioctl(int fd, unsigned int cmd, void *arg);
struct ipi_xcall_info dev_info(int fd);
/* One for each possible CPU; *nr of them. */
struct ipi_xcall_cpu_stats *dev_stats(int fd, unsigned int *nr);
unsigned int dev_register(int fd, unsigned int kind);
/* What came of a measurement. */
struct taken {
	unsigned int nr;
	int err;		/* 0 or -errno, -ENXIO for a CPU that went offline */
	bool held;		/* others have the source: there was no more to come */
	uint64_t ns, waited_ns;	/* what it took, and how much of it for that reason */
};

/*
 * Takes @nr samples, in as many commands as it needs, which differ from *@m in
 * nothing else. There are fewer if it failed, or if the user interrupted it.
 */
struct taken dev_measure(int fd, struct ipi_xcall_measure *m,
			 struct ipi_xcall_sample *samples, unsigned int nr);
/* What an errno of IPI_XCALL_IOC_MEASURE, negative, means. */
const char *measure_error(int err);
/* Why there are no more; one of two texts lives until the next call. */
const char *taken_why(const struct taken *t, unsigned int source);
/* A set for the ABI; lives until the next call in this thread. */
struct ipi_xcall_target dev_set(const struct cpus *set);
/* What the target of a mode from a source is. */
struct ipi_xcall_target dev_target(unsigned int mode, unsigned int source,
				   const struct cpus *targets);
/*
 * What to add to now_ns() for the clock of the module, from which that of a time
 * namespace differs. The caller runs on @cpu and nowhere else.
 */
int64_t dev_clock_offset(int fd, unsigned int cpu);

#endif /* DEVICE_H */
