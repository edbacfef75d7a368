// SPDX-License-Identifier: GPL-2.0
/* Synchronous calls: exactly once on each CPU, and over when wait returns. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE_EACH_WAY(sync)

TEST_F(sync, unicast_runs_once_on_that_cpu_and_on_self_before_return)
{
	RUN("unicast_each");
}

TEST_F(sync, multicast_counts_and_runs_each_online_cpu_of_the_set_once)
{
	RUN("multicast_sets");
}

TEST_F(sync, broadcast_counts_and_runs_all_and_self_unless_skipped)
{
	RUN("broadcast_each");
}

TEST_F(sync, sends_work_with_softirqs_off)
{
	RUN("send_with_bh_off");
}

TEST_F(sync, wait_returns_after_the_end_of_a_function_that_takes_long)
{
	RUN("wait_for_slow");
}

TEST_F(sync, stores_are_seen_both_ways_and_a_message_may_live_on_the_stack)
{
	RUN("messages_on_stack %d", rounds(400, 2000));
}

TEST_F(sync, all_cpus_broadcast_at_once)
{
	RUN("all_broadcast_at_once %d", rounds(400, 2000));
}

TEST_F(sync, all_cpus_post_more_to_one_than_its_mailbox_holds)
{
	RUN("flood_one %d", rounds(300, 1500));
}

TEST_F(sync, all_cpus_post_more_to_all_than_their_mailboxes_hold)
{
	RUN("flood_all %d", rounds(300, 1500));
}

/* All CPUs are served by one call, but one of them needs no kick. */
TEST_F(sync, set_that_is_kicked_in_part_runs_once_on_each_cpu)
{
	char n[32];
	int cpus = cpus_online();

	if (cpus < 3)
		SKIP(return, "needs three online CPUs");
	snprintf(n, sizeof(n), "%d", cpus - 1);
	ASSERT_EQ(0, param_set("mask_min", n));
	RUN("set_with_one_kicked_before");
}

TEST_F(sync, sender_that_finds_a_full_mailbox_spins_with_interrupts_on)
{
	RUN("full_mailbox_spins");
}

TEST_F(sync, after_an_error_nothing_is_pending)
{
	RUN("send_errors -1");
}

TEST_F(sync, number_of_no_cpu_is_ENXIO)
{
	RUN("call_of_the_impossible");
}

TEST_HARNESS_MAIN
