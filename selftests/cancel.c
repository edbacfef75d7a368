// SPDX-License-Identifier: GPL-2.0
/* Calls that cannot hang: waits with a limit, messages taken back. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE_EACH_WAY(cancel)

TEST_F(cancel, wait_with_a_limit_succeeds_when_all_have_run)
{
	RUN("timeout_when_done");
}

TEST_F(cancel, wait_with_a_limit_names_the_cpus_that_have_not_started)
{
	RUN("timeout_names_late");
}

TEST_F(cancel, wait_with_a_limit_names_the_cpu_that_is_running_it)
{
	RUN("timeout_names_running");
}

TEST_F(cancel, cancelled_run_never_starts_and_the_message_is_the_callers)
{
	RUN("cancel_unstarted");
}

TEST_F(cancel, cancel_waits_for_a_run_that_has_started)
{
	RUN("cancel_waits_for_running");
}

TEST_F(cancel, cancel_frees_the_mailbox)
{
	RUN("cancel_frees_the_mailbox");
}

TEST_F(cancel, runs_and_prevented_runs_add_up_at_any_moment)
{
	RUN("cancel_at_any_moment %d", rounds(400, 2000));
}

/* What a report of a stall says. */
struct report {
	char text[TEXT_SIZE];
	long long stalls, all_stalls;
	unsigned long pending;
	unsigned int used, size;
};

/* Long enough for a wait to begin in time on a machine with other work. */
#define STALL		"400"

/* What was reported and counted since the last time; where it names @state, or NULL. */
static const char *read_report(struct report *r, int klog, const char *state)
{
	long long before = r->all_stalls;

	r->all_stalls = stat_sum("stalls");
	r->stalls = r->all_stalls - before;
	klog_count(klog, r->text, sizeof(r->text), "ipi_xcall: ");
	return strstr(r->text, state);
}

/*
 * What a wait of STALL ms, while 100 are allowed, is reported as: who waits for
 * which function, and in which @state its CPU is.
 */
static void get_report(struct __test_metadata *_metadata, struct report *r,
		       const char *line, const char *waits, const char *state)
{
	const char *at;
	int fd;

	if (cpus_online() < 2)
		SKIP(return, "needs a second online CPU");
	ASSERT_EQ(0, param_set("stall_ms", "100"));
	fd = klog_open();
	ASSERT_LE(0, fd);
	r->all_stalls = stat_sum("stalls");
	RUN_STALL((at = read_report(r, fd, state)), "%s", line);
	close(fd);
	TH_LOG("%s", r->text);
	EXPECT_NE(NULL, strstr(r->text, "stall: CPU "));
	EXPECT_NE(NULL, strstr(r->text, waits));
	EXPECT_NE(NULL, strstr(r->text, " [ipi_xcall_test] for over 100 ms"));
	ASSERT_NE(NULL, at);
	ASSERT_EQ(3, sscanf(at + strlen(state), "; pending %lx, mailbox %u of %u",
			    &r->pending, &r->used, &r->size));
}

static struct report report;

TEST_F(cancel, stalled_wait_is_reported_and_counted_once)
{
	get_report(_metadata, &report, "stalled_wait " STALL, " waits for hang_func",
		   "(online) has not finished it");
	if (!report.size)
		return;
	EXPECT_EQ(1, report.stalls);
	EXPECT_EQ(1, report.used);
	EXPECT_NE(NULL, strstr(report.text, " has been in hang_func [ipi_xcall_test] for "));
}

TEST_F(cancel, stalled_wait_with_a_limit_is_reported_as_well)
{
	get_report(_metadata, &report, "stalled_wait " STALL " 1",
		   " waits for hang_func", "(online) has not finished it");
	if (report.size)
		EXPECT_EQ(1, report.stalls);
}

TEST_F(cancel, stall_report_tells_a_message_that_was_not_taken)
{
	get_report(_metadata, &report, "stalled_by_handler " STALL " 1",
		   " waits for count_func", "(online) has not taken it");
	if (!report.size)
		return;
	/* The handler's unregister may take as long, and is another report. */
	EXPECT_EQ(report.stalls, 1 + !!strstr(report.text, " waits to unregister "));
	EXPECT_EQ(NULL, strstr(strstr(report.text, " waits for ") + 1, " waits for "));
	EXPECT_NE(0, report.pending);
	EXPECT_EQ(1, report.used);
	EXPECT_NE(NULL, strstr(report.text, " has been in xt_slot_run [ipi_xcall_test] for "));
}

/* With 0, one message more than a mailbox holds. */
TEST_F(cancel, stall_report_tells_a_sender_that_finds_a_full_mailbox)
{
	get_report(_metadata, &report, "stalled_by_handler " STALL " 0",
		   " waits to post count_func", "(online) has a full mailbox");
	if (!report.size)
		return;
	EXPECT_LE(1, report.stalls);
	EXPECT_NE(0, report.pending);
	EXPECT_EQ(report.size, report.used);
}

TEST_F(cancel, stall_report_can_be_switched_off)
{
	char text[TEXT_SIZE];
	long long stalls;
	int fd;

	if (cpus_online() < 2)
		SKIP(return, "needs a second online CPU");
	ASSERT_EQ(0, param_set("stall_ms", "0"));
	stalls = stat_sum("stalls");
	fd = klog_open();
	ASSERT_LE(0, fd);
	RUN("stalled_wait 300");
	EXPECT_EQ(stalls, stat_sum("stalls"));
	EXPECT_EQ(0, klog_count(fd, text, sizeof(text), "ipi_xcall: "));
	close(fd);
}

TEST_HARNESS_MAIN
