// SPDX-License-Identifier: GPL-2.0
/* See fail.h. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "fail.h"

#define ERRORS_SHOWN	10

static const char * const error_names[TT_ERRORS] = {
	[TT_TWICE] = "twice", [TT_MISSED] = "missed", [TT_STRAY] = "stray",
	[TT_COUNT] = "count", [TT_UNSEEN] = "unseen", [TT_TOUCHED] = "touched",
	[TT_LATE] = "late", [TT_LOST] = "lost", [TT_HUNG] = "hung",
	[TT_CONTEXT] = "context", [TT_LAW] = "law", [TT_ERRNO] = "errno",
};

static atomic_t errors[TT_ERRORS];
static atomic_t all_errors;
unsigned long tt_start;
unsigned int tt_first_failure_ms;

void tt_fail(enum tt_error what, const char *fmt, ...)
{
	unsigned int ms = jiffies_to_msecs(jiffies - tt_start);
	int n = atomic_inc_return(&all_errors);
	struct va_format vaf;
	va_list args;

	atomic_inc(&errors[what]);
	if (n == 1)
		tt_first_failure_ms = ms;
	if (n > ERRORS_SHOWN)
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_alert("!!! %s after %u ms: %pV\n", error_names[what], ms, &vaf);
	va_end(args);
}

unsigned int tt_failures(void)
{
	return atomic_read(&all_errors);
}

void tt_failures_report(void)
{
	unsigned int i;

	for (i = 0; i < TT_ERRORS; i++)
		if (atomic_read(&errors[i]))
			pr_info("errors: %s %d\n", error_names[i],
				atomic_read(&errors[i]));
}
