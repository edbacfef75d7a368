/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Three RCU readers, and grace periods one at a time, for the models.
 *
 * A reader is a section with preemption or interrupts off. A grace period
 * waits for those that are under way when it begins, and for no other.
 */
#define READERS	3

bit inside[READERS];
bit awaited[READERS];

#define read_lock(r)	inside[r] = 1
#define read_unlock(r)	d_step { inside[r] = 0; awaited[r] = 0 }

inline synchronize_rcu()
{
	d_step {
		awaited[0] = inside[0];
		awaited[1] = inside[1];
		awaited[2] = inside[2]
	};
	!awaited[0] && !awaited[1] && !awaited[2]
}
