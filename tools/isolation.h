/* SPDX-License-Identifier: GPL-2.0 */
/* Which CPUs are not to be interrupted. */
#ifndef ISOLATION_H
#define ISOLATION_H

#include "cpus.h"

/* Isolated by boot argument, by a cgroup, or for want of a sched domain. */
void cpus_isolated(struct cpus *set);
void cpus_nohz_full(struct cpus *set);
/* Those online that are neither. */
void cpus_housekeeping(struct cpus *set);

#endif /* ISOLATION_H */
