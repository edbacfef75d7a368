// SPDX-License-Identifier: GPL-2.0
/*
 * Waits that take too long and sleep: reported, and who is late for what reason.
 * Those that spin are in cancel.c.
 */
#include "kselftest_harness.h"
#include "helpers.h"

/* Long enough for a wait to begin in time on a machine with other work. */
#define STALL_MS	"400"

ALL_NEED_CLIENT()

FIXTURE(stall) {
	int log;
	char text[TEXT_SIZE];
};

FIXTURE_SETUP(stall)
{
	machine_restore();
	ASSERT_EQ(0, client_load());
	ASSERT_EQ(0, param_set("stall_ms", "100"));
	self->log = klog_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(stall)
{
	close(self->log);
	CLIENT_TEARDOWN;
}

/* What the log says since the last look has this text. */
static bool told(FIXTURE_DATA(stall) *self, const char *what)
{
	klog_count(self->log, self->text, sizeof(self->text), "ipi_xcall: stall: ");
	return strstr(self->text, what);
}

static void expect_told(struct __test_metadata *_metadata,
			const FIXTURE_DATA(stall) *self, const char *what)
{
	EXPECT_NE(NULL, strstr(self->text, what)) {
		TH_LOG("no '%s' in: %s", what, self->text);
	}
}

#define EXPECT_TOLD(what)	expect_told(_metadata, self, what)

TEST_F(stall, unregister_that_waits_for_its_handler_is_reported)
{
	RUN_STALL(told(self, " is in a function"), "stalled_unregister " STALL_MS);
	EXPECT_TOLD(" waits to unregister xt_slot_run [ipi_xcall_test] for over 100 ms");
	EXPECT_TOLD("(online) is in a function; pending ");
	EXPECT_TOLD(" has been in xt_slot_run [ipi_xcall_test] for ");
}

TEST_F(stall, unregister_that_waits_for_a_message_is_reported)
{
	RUN_STALL(told(self, " is in a function"),
		  "stalled_unregister_by_message " STALL_MS);
	EXPECT_TOLD(" waits to unregister xt_slot_run [ipi_xcall_test] for over 100 ms");
	EXPECT_TOLD(" has been in stall_hang [ipi_xcall_test] for ");
}

/* A client that goes and leaves slots behind, one of which is running. */
TEST_F(stall, rmmod_that_waits_for_a_handler_is_reported)
{
	bool seen = false;
	int tries;

	if (cpus_online() < 2)
		SKIP(return, "needs a second online CPU");
	ASSERT_EQ(0, client_unload());
	/* Who waits may be let run late, see RUN_STALL(). */
	for (tries = 0; !seen && tries < 4; tries++) {
		ASSERT_EQ(0, module_load("ipi_xcall_leak", "hold_ms=" STALL_MS));
		klog_forget(self->log);
		EXPECT_EQ(0, module_unload("ipi_xcall_leak"));
		seen = told(self, " has been in leak_hold [ipi_xcall_leak] for ");
	}
	EXPECT_TRUE(seen);
	EXPECT_TOLD(" waits to unregister leak_hold [ipi_xcall_leak] for over 100 ms");
}

static pid_t hold_a_cpu(void)
{
	char text[TEXT_SIZE];
	int64_t start = now_ms();
	pid_t pid = fork();

	if (!pid)
		_exit(scenario("stalled_unregister " STALL_MS, text, sizeof(text)) < 0);
	/* If it was not seen by then, it is over. */
	while (now_ms() - start < 1000 &&
	       (read_file(XCALL_DIR "cpus", text, sizeof(text)) <= 0 ||
		!strstr(text, " xt_slot_run ")))
		;
	return pid;
}

/* A pass that began before may linger when its function returns. */
TEST_F(stall, lingering_that_is_switched_off_is_reported)
{
	bool seen = false;
	int tries;
	pid_t pid;

	if (cpus_online() < 2)
		SKIP(return, "needs a second online CPU");
	pin(home_cpu());
	for (tries = 0; !seen && tries < 4; tries++) {
		ASSERT_EQ(0, param_set("linger_ns", "1000"));
		klog_forget(self->log);
		pid = hold_a_cpu();
		EXPECT_EQ(0, param_set("linger_ns", "0"));
		EXPECT_EQ(0, child_status(pid));
		/* A slow machine may come to look when the function has ended. */
		seen = told(self, " waits for all passes to end for over 100 ms") &&
		       strstr(self->text, " has been in xt_slot_run [ipi_xcall_test] for ");
	}
	unpin();
	EXPECT_TRUE(seen);
}

/* The sender of another message is held up between ring and kick. */
TEST_F(stall, kick_that_is_owed_is_named)
{
	const char *next, *kicked;

	RUN_STALL(told(self, " is owed its kick "), "stalled_by_owed_kick " STALL_MS);
	EXPECT_TOLD(" waits for count_func [ipi_xcall_test] for over 100 ms");
	EXPECT_TOLD("(online) has not taken it; pending ");
	EXPECT_TOLD(" is owed its kick by a sender that is held up");
	/* That sender, whose own wait comes then, may have another to report. */
	next = strstr(self->text, " waits for ");
	next = next ? strstr(next + 1, " waits for ") : NULL;
	kicked = strstr(self->text, " was kicked ");
	EXPECT_TRUE(!kicked || (next && kicked > next));
}

/* One that was kicked and takes no interrupts is told from that. */
TEST_F(stall, kick_that_is_not_taken_is_named)
{
	RUN_STALL(told(self, " was kicked "), "stalled_by_handler " STALL_MS " 1");
	EXPECT_TOLD(" was kicked and has not taken the interrupt");
	EXPECT_EQ(NULL, strstr(self->text, " is owed "));
}

TEST_F(stall, message_that_was_never_sent_is_not_said_to_be_over)
{
	RUN_STALL(told(self, " no CPU has it"), "stalled_never_sent " STALL_MS);
	EXPECT_TOLD(" waits for count_func [ipi_xcall_test] for over 100 ms");
	EXPECT_TOLD("stall: no CPU has it: was it ever sent?");
}

/* A wait that is let go may free its message at once. */
TEST_F(stall, cancel_does_not_look_at_a_message_that_it_has_let_go)
{
	pin(home_cpu());
	RUN("cancel_lets_go %d", rounds(1200, 6000));
	unpin();
}

TEST_HARNESS_MAIN
