// SPDX-License-Identifier: GPL-2.0
/*
 * Calls from the wrong context. Each is refused; the first trigger and the
 * first other call make the kernel warn, once in the life of the module. That
 * is right, but looks wrong on a console, hence this program is not in the
 * default list. Run it alone and expect two warnings:
 *
 *	scripts/run-guest --expect 'trigger with preemption on' \
 *		--expect 'synchronous call or wait' -- /selftests/warn_context
 */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE(warn)

/* Refused each time, and warned of @warnings times in all. */
static void check_warns(struct __test_metadata *_metadata, const char *line,
			int warnings)
{
	char text[TEXT_SIZE];
	int fd = klog_open();

	ASSERT_LE(0, fd);
	RUN("%s", line);
	RUN("%s", line);
	EXPECT_EQ(warnings, klog_count(fd, text, sizeof(text), "WARNING: ")) {
		TH_LOG("%s", text);
	}
	close(fd);
}

/* A fresh module has not warned yet. */
TEST_F(warn, calls_with_preemption_on_are_refused_with_one_warning_a_kind)
{
	ASSERT_EQ(0, client_unload());
	NEEDS_RELOAD();
	ASSERT_EQ(0, xcall_reload());
	ASSERT_EQ(0, client_load());
	check_warns(_metadata, "wrong_preemptible", 2);
}

TEST_F(warn, sends_and_waits_with_interrupts_off_are_refused)
{
	check_warns(_metadata, "wrong_irqs_off", 0);
}

TEST_F(warn, sends_and_waits_from_softirq_are_refused)
{
	check_warns(_metadata, "wrong_softirq", 0);
}

TEST_F(warn, sends_and_waits_from_hardirq_are_refused)
{
	check_warns(_metadata, "wrong_hardirq", 0);
}

TEST_F(warn, sends_and_waits_from_a_handler_are_refused)
{
	check_warns(_metadata, "wrong_handler", 0);
}

TEST_HARNESS_MAIN
