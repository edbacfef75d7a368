/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scenarios of ipi_xcall_test, a table for each file.
 *
 * A scenario is a function that provokes one property of the contract and
 * reports each departure with xt_true() or xt_eq(). It runs in the context of
 * the task that wrote its name to debugfs, with migration disabled: a CPU
 * that a scenario holds is never the one that it runs on. Every wait ends.
 */
#ifndef XCALL_TEST_CASES_H
#define XCALL_TEST_CASES_H

struct xt_case {
	const char *name;
	void (*run)(const long *arg);
};

extern const struct xt_case xt_async_cases[];
extern const struct xt_case xt_cancel_cases[];
extern const struct xt_case xt_context_cases[];
extern const struct xt_case xt_load_cases[];
extern const struct xt_case xt_self_cases[];
extern const struct xt_case xt_slots_cases[];
extern const struct xt_case xt_stall_cases[];
extern const struct xt_case xt_sync_cases[];
extern const struct xt_case xt_try_cases[];
extern const struct xt_case xt_unregister_cases[];
extern const struct xt_case xt_wrong_cases[];

void xt_load_exit(void);
void xt_self_exit(void);

#endif /* XCALL_TEST_CASES_H */
