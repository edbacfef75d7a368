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

static __printf(1, 0) void xt_log_add(const char *fmt, va_list args)
{
	xt_log_len += vscnprintf(xt_log + xt_log_len,
				 sizeof(xt_log) - xt_log_len, fmt, args);
	xt_log_len += scnprintf(xt_log + xt_log_len,
				sizeof(xt_log) - xt_log_len, "\n");
}

/* Any context. */
void xt_fail(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	if (xt_failures++ < XT_MAX_FAILURES) {
		va_start(args, fmt);
		xt_log_add(fmt, args);
		va_end(args);
	}
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
}

void xt_note(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	va_start(args, fmt);
	xt_log_add(fmt, args);
	va_end(args);
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
}

void xt_skip(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	xt_skipped = true;
	va_start(args, fmt);
	xt_log_add(fmt, args);
	va_end(args);
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
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
