// SPDX-License-Identifier: GPL-2.0
/* Asynchronous calls: each trigger that succeeds is followed by a run. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE_EACH_WAY(async)

TEST_F(async, trigger_to_self_runs_before_return)
{
	RUN("trigger_self");
}

TEST_F(async, trigger_to_another_cpu_runs_there_and_nowhere_else)
{
	RUN("trigger_remote");
}

TEST_F(async, multi_counts_and_runs_each_online_cpu_of_the_set_once)
{
	RUN("multi_sets");
}

TEST_F(async, broadcast_counts_and_runs_all_and_self_unless_skipped)
{
	RUN("broadcast");
}

TEST_F(async, coalesced_trigger_is_counted_and_merges_into_one_run)
{
	RUN("coalesced_counts");
}

TEST_F(async, trigger_during_a_run_is_followed_by_another_run)
{
	RUN("trigger_during_run");
}

/* A rare event: the more messages the better, where there is time for them. */
TEST_F(async, store_before_a_coalesced_trigger_is_seen)
{
	RUN("coalesced_stores %d %d %d", rounds(30000, 100000), rounds(5000, 20000),
	    slots_of_others());
}

TEST_F(async, stores_of_all_cpus_are_seen_on_all_cpus)
{
	RUN("stores_all_to_all %d", rounds(300, 1500));
}

TEST_F(async, all_slots_run_on_all_cpus)
{
	RUN("all_slots_all_cpus %d", slots_of_others());
}

TEST_HARNESS_MAIN
