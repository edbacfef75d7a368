// SPDX-License-Identifier: GPL-2.0
/* When unregister returns the handler has run for the last time. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE(unregister)

TEST_F(unregister, trigger_that_succeeded_is_run_and_later_ones_fail)
{
	RUN("pending_is_run");
}

TEST_F(unregister, handler_that_is_running_is_waited_for)
{
	RUN("running_is_awaited");
}

TEST_F(unregister, pending_runs_reach_the_old_owner_and_never_the_new_one)
{
	RUN("reuse_gets_no_stale_run 30");
}

TEST_F(unregister, under_fire_no_run_finds_a_dead_argument)
{
	RUN("unregister_under_fire %d", rounds(900, 5000));
}

TEST_HARNESS_MAIN
