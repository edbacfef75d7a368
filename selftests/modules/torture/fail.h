/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to fail, and what has. */
#ifndef XCALL_TORTURE_FAIL_H
#define XCALL_TORTURE_FAIL_H

#include <linux/compiler.h>

/**
 * enum tt_error - the ways to fail
 * @TT_TWICE: a message ran more than once on a CPU
 * @TT_MISSED: a message did not run on a CPU that it was sent to
 * @TT_STRAY: a function ran on a CPU that was not asked
 * @TT_COUNT: a call returned another number than that of the runs
 * @TT_UNSEEN: what was stored before was not seen after
 * @TT_TOUCHED: memory was touched after it had been given back
 * @TT_LATE: a function ran after its end (wait or unregister), or too early
 * @TT_LOST: a trigger that succeeded was followed by no run
 * @TT_HUNG: an operation took longer than the bound
 * @TT_CONTEXT: a function ran with interrupts on
 * @TT_LAW: what was sent does not add up to what ran and was cancelled
 * @TT_ERRNO: a call failed that had no reason to, or did not that had one
 * @TT_ERRORS: how many there are
 */
enum tt_error {
	TT_TWICE, TT_MISSED, TT_STRAY, TT_COUNT, TT_UNSEEN, TT_TOUCHED, TT_LATE,
	TT_LOST, TT_HUNG, TT_CONTEXT, TT_LAW, TT_ERRNO,
	TT_ERRORS
};

__printf(2, 3) void tt_fail(enum tt_error what, const char *fmt, ...);
unsigned int tt_failures(void);
void tt_failures_report(void);

/* When it began, in jiffies, and how long after that the first failure was. */
extern unsigned long tt_start;
extern unsigned int tt_first_failure_ms;

#endif /* XCALL_TORTURE_FAIL_H */
