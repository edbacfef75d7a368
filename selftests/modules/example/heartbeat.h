/* SPDX-License-Identifier: GPL-2.0 */
/* CPUs that look after each other: an example of sends from a hard timer. */
#ifndef IPI_XCALL_EXAMPLE_HEARTBEAT_H
#define IPI_XCALL_EXAMPLE_HEARTBEAT_H

/* Beats of a CPU in which another one must have come on by a beat. */
#define HEARTBEAT_LATE		10
#define HEARTBEAT_MS		5

/**
 * struct heartbeat_counts - what the CPUs have seen, summed up
 * @beats: beats of all CPUs
 * @shocks: messages to a CPU whose heart stood still
 * @revived: those that have been run
 * @dead: those that had not been run HEARTBEAT_LATE beats later
 * @busy: those that found no room in the mailbox, which is for the next beat
 */
struct heartbeat_counts {
	unsigned long beats;
	unsigned long shocks;
	unsigned long revived;
	unsigned long dead;
	unsigned long busy;
};

int heartbeat_start(void);
void heartbeat_stop(void);
void heartbeat_read(struct heartbeat_counts *sum);

#endif /* IPI_XCALL_EXAMPLE_HEARTBEAT_H */
