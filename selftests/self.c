// SPDX-License-Identifier: GPL-2.0
/* Handlers and message functions that trigger. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE(self)

TEST_F(self, trigger_of_own_cpu_in_a_handler_is_deferred_and_not_lost)
{
	RUN("self_trigger_bounded 50");
}

TEST_F(self, handler_that_triggers_itself_for_ever_leaves_the_cpu_to_tasks)
{
	RUN("self_trigger_forever 0 0");
}

TEST_F(self, so_does_one_on_another_cpu)
{
	RUN("self_trigger_forever 1 0");
}

TEST_F(self, unregister_ends_a_handler_that_triggers_itself_for_ever)
{
	RUN("self_trigger_forever 0 1");
}

TEST_F(self, unregister_ends_one_on_another_cpu)
{
	RUN("self_trigger_forever 1 1");
}

TEST_F(self, handlers_that_trigger_each_other_do_not_nest_and_see_stores)
{
	RUN("handlers_trigger_each_other 40");
}

TEST_F(self, trigger_of_own_cpu_in_a_message_to_self_is_deferred)
{
	RUN("message_triggers_own_cpu 0");
}

TEST_F(self, trigger_of_own_cpu_in_a_message_from_afar_is_deferred)
{
	RUN("message_triggers_own_cpu 1");
}

TEST_F(self, handlers_can_pass_a_token_round_all_cpus)
{
	RUN("handler_passes_token 1000");
}

TEST_F(self, handlers_can_broadcast)
{
	RUN("handlers_broadcast 200");
}

TEST_HARNESS_MAIN
