// SPDX-License-Identifier: GPL-2.0
/* See report.h. */
#include <linux/kernel.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "report.h"

#define XT_LOG_SIZE	8192
/* The first failures explain the others. */
#define XT_MAX_FAILURES	16

static DEFINE_RAW_SPINLOCK(xt_log_lock);
static char xt_log[XT_LOG_SIZE];
static size_t xt_log_len;
static unsigned int xt_failures;
static bool xt_skipped;
static bool xt_expired;

enum xt_line { XT_NOTE, XT_SKIP, XT_FAIL };

/* Any context. */
static __printf(2, 0) void xt_log_line(enum xt_line kind, const char *fmt, va_list args)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	xt_skipped |= kind == XT_SKIP;
	if (kind != XT_FAIL || xt_failures++ < XT_MAX_FAILURES) {
		xt_log_len += vscnprintf(xt_log + xt_log_len,
					 sizeof(xt_log) - xt_log_len, fmt, args);
		xt_log_len += scnprintf(xt_log + xt_log_len,
					sizeof(xt_log) - xt_log_len, "\n");
	}
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
}

void xt_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xt_log_line(XT_FAIL, fmt, args);
	va_end(args);
}

void xt_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xt_log_line(XT_NOTE, fmt, args);
	va_end(args);
}

void xt_skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xt_log_line(XT_SKIP, fmt, args);
	va_end(args);
}

void xt_held_too_long(void)
{
	WRITE_ONCE(xt_expired, true);
	xt_fail("CPU %u was held for too long", smp_processor_id());
}

bool xt_failed(void)
{
	return READ_ONCE(xt_failures);
}

void xt_report_reset(void)
{
	xt_log_len = 0;
	xt_log[0] = '\0';
	xt_failures = 0;
	xt_skipped = false;
	xt_expired = false;
}

int xt_report_result(void)
{
	if (xt_failures > XT_MAX_FAILURES)
		xt_note("and %u more", xt_failures - XT_MAX_FAILURES);
	if (xt_failures)
		return -EPROTO;
	return xt_skipped ? -EOPNOTSUPP : 0;
}

bool xt_report_expired(void)
{
	return xt_expired;
}

const char *xt_report_text(void)
{
	return xt_log;
}
