/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of CPUs, and which there are. */
#ifndef CPUS_H
#define CPUS_H

#include <stdbool.h>

struct cpus {
	unsigned int nr;
	unsigned int *cpu;	/* ascending */
};

/* "0-3,7" or "all"; false if it is neither. */
bool cpus_parse(struct cpus *set, const char *text);
bool cpus_has(const struct cpus *set, unsigned int cpu);
void cpus_add(struct cpus *set, unsigned int cpu);
void cpus_free(struct cpus *set);
/* As it was parsed; lives until the next call. */
const char *cpus_text(const struct cpus *set);
void cpus_online(struct cpus *set);
bool cpu_online(unsigned int cpu);

#endif /* CPUS_H */
