// SPDX-License-Identifier: GPL-2.0
/* The counters: what each counts, and that they balance when all is quiet. */
#include "kselftest_harness.h"
#include "helpers.h"

/* The fixture itself checks the law at the end of each test of each program. */
CLIENT_FIXTURE(stats)

TEST_F(stats, file_has_a_header_and_a_row_per_possible_cpu)
{
	static const char header[] = "cpu triggers coalesced runs posted ";
	static char text[TABLE_SIZE];
	char *p = text;
	int rows = -1;

	ASSERT_LT(0, read_file(XCALL_DIR "stats", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, header, strlen(header)));
	for (; (p = strchr(p, '\n')); p++)
		rows++;
	EXPECT_EQ(cpus_possible(), rows);
}

TEST_F(stats, triggers_and_runs_are_counted)
{
	long long triggers = stat_sum("triggers"), runs = stat_sum("runs");

	ASSERT_LE(0, triggers);
	RUN("trigger_self");
	EXPECT_EQ(triggers + 100, stat_sum("triggers"));
	EXPECT_EQ(runs + 100, stat_sum("runs"));
}

TEST_F(stats, coalesced_triggers_are_counted)
{
	long long coalesced = stat_sum("coalesced");

	/* 15 triggers of a CPU that is held; one of them runs. */
	RUN("coalesced_counts");
	EXPECT_LE(coalesced + 14, stat_sum("coalesced"));
}

TEST_F(stats, messages_are_counted_once_for_each_cpu_called)
{
	long long posted = stat_sum("posted"), executed = stat_sum("executed");
	int online = cpus_online();

	RUN("broadcast_each");
	EXPECT_EQ(posted + 2 * online - 1, stat_sum("posted"));
	EXPECT_EQ(executed + 2 * online - 1, stat_sum("executed"));
}

TEST_F(stats, refused_calls_are_not_counted)
{
	long long triggers = stat_sum("triggers"), posted = stat_sum("posted");

	RUN("trigger_errors -1");
	RUN("send_errors -1");
	EXPECT_EQ(triggers, stat_sum("triggers"));
	EXPECT_EQ(posted, stat_sum("posted"));
}

TEST_F(stats, cancelled_messages_are_counted)
{
	long long cancelled;
	int tries = 0;

	do {
		cancelled = stat_sum("cancelled");
		RUN("cancel_unstarted");
	} while (scenario_ran_again() && ++tries < 4);
	EXPECT_EQ(cancelled + 2, stat_sum("cancelled"));
}

TEST_F(stats, full_mailboxes_are_counted)
{
	long long full = stat_sum("full");

	RUN("full_mailbox_spins");
	EXPECT_LT(full, stat_sum("full"));
}

TEST_F(stats, kicks_and_passes_are_counted_and_none_is_without_the_other)
{
	long long kicks = stat_sum("kicks"), passes = stat_sum("passes");

	RUN("trigger_remote");
	EXPECT_EQ(kicks + cpus_online() - 1, stat_sum("kicks"));
	EXPECT_EQ(passes + cpus_online() - 1, stat_sum("passes"));
}

TEST_F(stats, message_to_the_local_cpu_is_no_kick)
{
	long long kicks = stat_sum("kicks"), posted = stat_sum("posted");

	RUN("unicast_each");
	EXPECT_EQ(posted + cpus_online(), stat_sum("posted"));
	EXPECT_EQ(kicks + cpus_online() - 1, stat_sum("kicks"));
}

TEST_F(stats, law_holds_after_a_storm)
{
	RUN("stores_all_to_all 300");
	RUN("all_broadcast_at_once 300");
	RUN("cancel_at_any_moment 300");
	EXPECT_BALANCE();
}

TEST_HARNESS_MAIN
