/* SPDX-License-Identifier: GPL-2.0 */
/* How near CPUs are to each other. */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include "cpus.h"

enum pair_class { SELF, SMT, LLC, NODE, SOCKET, REMOTE, PAIR_CLASSES };

struct place {
	unsigned int cpu;
	int smt, llc, node, socket;
	int group;		/* by what there is more than one of */
	const char *group_kind;
};

extern const char *const pair_names[PAIR_CLASSES];
/* Of each CPU of the set, neighbours beside each other. */
struct place *topology(const struct cpus *set);
enum pair_class pair_class(const struct place *a, const struct place *b);
/* The class of two CPUs by their numbers. */
enum pair_class pair_class_of(unsigned int a, unsigned int b);

#endif /* TOPOLOGY_H */
