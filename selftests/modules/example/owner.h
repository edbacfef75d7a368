/* SPDX-License-Identifier: GPL-2.0 */
/* A unit of each CPU, owned lazily: an example of sends with interrupts off. */
#ifndef IPI_XCALL_EXAMPLE_OWNER_H
#define IPI_XCALL_EXAMPLE_OWNER_H

/**
 * struct owner - a task's state of the unit
 * @cpu: whose unit holds it, or -1: it is in @state
 * @state: while no unit holds it
 * @moves: how often another CPU had to hand it over
 * @busy: how often that CPU's mailbox was full
 */
struct owner {
	int cpu;
	unsigned long state;
	unsigned long moves;
	unsigned long busy;
};

void owner_init(struct owner *o);
int owner_add(struct owner *o, unsigned long n);
int owner_fetch(struct owner *o, unsigned long *state);

#endif /* IPI_XCALL_EXAMPLE_OWNER_H */
