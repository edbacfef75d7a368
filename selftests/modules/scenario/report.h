/* SPDX-License-Identifier: GPL-2.0 */
/* What a scenario has to say: failures, notes, why it was skipped. */
#ifndef XCALL_TEST_REPORT_H
#define XCALL_TEST_REPORT_H

#include <linux/types.h>

__printf(1, 2) void xt_fail(const char *fmt, ...);
__printf(1, 2) void xt_note(const char *fmt, ...);
__printf(1, 2) void xt_skip(const char *fmt, ...);
/* A failure, but perhaps not ours: see xt_run_case(). */
void xt_held_too_long(void);
bool xt_failed(void);

/* For who runs scenarios: forgets what the last one said. */
void xt_report_reset(void);
/* 0, -EPROTO for a scenario that failed, -EOPNOTSUPP for one that was skipped. */
int xt_report_result(void);
/* It failed since a CPU was held too long. */
bool xt_report_expired(void);
const char *xt_report_text(void);

#define xt_true(cond, fmt, ...)						\
({									\
	bool __ok = (cond);						\
									\
	if (!__ok)							\
		xt_fail("%s:%d: " fmt, __func__, __LINE__, ##__VA_ARGS__); \
	__ok;								\
})

#define xt_eq(got, want, fmt, ...)					\
({									\
	long long __got = (got), __want = (want);			\
									\
	xt_true(__got == __want, fmt ": got %lld, want %lld",		\
		##__VA_ARGS__, __got, __want);				\
})

#endif /* XCALL_TEST_REPORT_H */
