// SPDX-License-Identifier: GPL-2.0
/* Sends that never wait work from everywhere, and say whom they missed. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE_EACH_WAY(try)

TEST_F(try, works_from_a_task)
{
	RUN("try_from 0");
}

TEST_F(try, works_with_softirqs_off)
{
	RUN("try_from 1");
}

TEST_F(try, works_with_interrupts_off)
{
	RUN("try_from 2");
}

TEST_F(try, works_from_a_tasklet)
{
	RUN("try_from 3");
}

TEST_F(try, works_from_a_timer_in_softirq)
{
	RUN("try_from 4");
}

TEST_F(try, works_from_a_timer_in_hardirq)
{
	RUN("try_from 5");
}

TEST_F(try, works_from_irq_work)
{
	RUN("try_from 6");
}

TEST_F(try, names_who_has_no_room)
{
	RUN("try_full");
}

TEST_F(try, within_a_handler_misses_the_own_cpu)
{
	RUN("try_within");
}

TEST_F(try, refused_calls_leave_nothing_in_flight)
{
	RUN("try_errors");
}

TEST_F(try, comes_on_top_of_sends_that_wait)
{
	RUN("try_under_fire %d", rounds(600, 3000));
}

TEST_HARNESS_MAIN
