// SPDX-License-Identifier: GPL-2.0
/*
 * Calls from the wrong context, and messages that are sent again while they are
 * in flight. The first of each kind makes the kernel warn, once in the life of the
 * module. That is right, but looks wrong on a console, hence this program is not in
 * the default list. Run it alone, by scripts/test/check-warnings, which expects a
 * warning of each kind.
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

TEST_F(warn, refused_send_of_a_message_in_flight_leaves_its_wait_alone)
{
	check_warns(_metadata, "wrong_send_again", 1);
}

TEST_F(warn, wait_for_a_message_that_was_sent_twice_ends)
{
	check_warns(_metadata, "wrong_send_twice", 1);
}

TEST_F(warn, register_and_unregister_in_a_handler_are_refused)
{
	check_warns(_metadata, "wrong_register", 1);
}

TEST_HARNESS_MAIN
