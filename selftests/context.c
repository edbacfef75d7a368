// SPDX-License-Identifier: GPL-2.0
/* Triggers work from everywhere, and functions run with interrupts off. */
#include "kselftest_harness.h"
#include "helpers.h"

CLIENT_FIXTURE(context)

TEST_F(context, triggers_work_from_a_task)
{
	RUN("trigger_from 0");
}

TEST_F(context, triggers_work_with_softirqs_off)
{
	RUN("trigger_from 1");
}

TEST_F(context, triggers_work_with_interrupts_off)
{
	RUN("trigger_from 2");
}

TEST_F(context, triggers_work_from_a_tasklet)
{
	RUN("trigger_from 3");
}

TEST_F(context, triggers_work_from_a_timer_in_softirq)
{
	RUN("trigger_from 4");
}

TEST_F(context, triggers_work_from_a_timer_in_hardirq)
{
	RUN("trigger_from 5");
}

TEST_F(context, triggers_work_from_irq_work)
{
	RUN("trigger_from 6");
}

TEST_F(context, sends_survive_triggers_that_interrupt_them)
{
	RUN("sends_under_fire %d", rounds(600, 3000));
}

TEST_HARNESS_MAIN
