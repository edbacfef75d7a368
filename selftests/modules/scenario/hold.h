/* SPDX-License-Identifier: GPL-2.0 */
/* CPUs that are kept in a handler until they are let go. */
#ifndef XCALL_TEST_HOLD_H
#define XCALL_TEST_HOLD_H

#include "slot.h"

/* How long a held CPU may stay held before the holder lets go by itself. */
#define XT_HOLD_MS	10000

/**
 * struct xt_hold - a CPU kept in a handler or function until it is released
 * @slot: the handler that keeps it, unless that is another's function
 * @held: the CPU is in the handler
 * @release: it may leave
 * @left: it has left
 * @max_ms: it leaves by itself after this, 0 for XT_HOLD_MS and a failure
 */
struct xt_hold {
	struct xt_slot slot;
	bool held;
	bool release;
	bool left;
	unsigned int max_ms;
};

/* Holds @cpu by a slot of its own; true when it is held. */
bool xt_hold_cpu(struct xt_hold *hold, unsigned int cpu);
void xt_hold_release(struct xt_hold *hold);

/* The same by a function of the caller's, which calls xt_hold_here(). */
void xt_hold_here(struct xt_hold *hold);
bool xt_hold_await(struct xt_hold *hold);
void xt_let_go(struct xt_hold *hold);

/* An online CPU that is not the caller's; skips the scenario if there is none. */
bool xt_other_cpu(unsigned int *cpu);

#endif /* XCALL_TEST_HOLD_H */
