/* SPDX-License-Identifier: GPL-2.0 */
/* Runs on CPUs, and keeps them busy. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <sys/types.h>

#include "cpus.h"

/* Run on one CPU and nowhere else; false if that is not possible. */
bool pin(unsigned int cpu);
/* Is the caller on this CPU? It is not, in spite of pin(), once that is offline. */
bool runs_on(unsigned int cpu);
/* Those of a set that pin() works for. */
void pinnable(struct cpus *set);
/* Let a thread run anywhere, also one that others keep from its CPU. */
void unpin(pid_t thread);
/* Ends the program if it may not run on one of them. */
void load_start(const struct cpus *set, unsigned int but);
void load_stop(void);

#endif /* LOAD_H */
