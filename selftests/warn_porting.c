// SPDX-License-Identifier: GPL-2.0
/*
 * NetBSD's sends as they are, from where they are made there: refused, and not
 * in silence. Then sends that never wait, from where even they must not be made.
 * As warn_context, this is not in the default list, for it makes the kernel
 * warn, twice. Run it by scripts/test/check-warnings.
 */
#include "kselftest_harness.h"
#include "helpers.h"

FIXTURE(warn) {
	int log;
	char text[TEXT_SIZE];
};

/* A fresh module has not warned yet. Each test needs one. */
FIXTURE_SETUP(warn)
{
	ASSERT_EQ(0, client_unload());
	if (!why_no_reload())
		ASSERT_EQ(0, xcall_reload());
	self->log = klog_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(warn)
{
	close(self->log);
	EXPECT_EQ(0, client_unload());
	EXPECT_EQ(0, slots_used());
}

TEST_F(warn, naive_port_is_refused_at_splhigh_and_in_a_hard_timer)
{
	NEEDS_RELOAD();
	EXPECT_EQ(0, module_load("ipi_xcall_port", "run=naive"));
	EXPECT_EQ(0, module_unload("ipi_xcall_port"));
	EXPECT_EQ(1, klog_count(self->log, self->text, sizeof(self->text),
				"WARNING: ")) {
		TH_LOG("%s", self->text);
	}
}

TEST_F(warn, sends_that_never_wait_are_refused_to_the_own_cpu_from_within)
{
	NEEDS_RELOAD();
	ASSERT_EQ(0, client_load());
	RUN("wrong_try_self");
	RUN("wrong_try");
	EXPECT_EQ(1, klog_count(self->log, self->text, sizeof(self->text),
				"WARNING: ")) {
		TH_LOG("%s", self->text);
	}
}

TEST_HARNESS_MAIN
