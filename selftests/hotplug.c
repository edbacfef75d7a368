// SPDX-License-Identifier: GPL-2.0
/* CPUs come and go: nothing is lost, nothing hangs, errors are right. */
#include "kselftest_harness.h"
#include "helpers.h"

FIXTURE(hotplug) {
	int cpu;
};

FIXTURE_SETUP(hotplug)
{
	cpus_all_online();
	self->cpu = cpu_to_unplug();
	ASSERT_EQ(0, client_load());
}

FIXTURE_TEARDOWN(hotplug)
{
	char why[256];

	cpus_all_online();
	EXPECT_EQ(0, client_unload());
	EXPECT_EQ(0, slots_used());
	EXPECT_TRUE(stats_balance(why, sizeof(why))) {
		TH_LOG("%s", why);
	}
}

#define NEEDS_HOTPLUG()							\
	do {								\
		if (self->cpu < 0)					\
			SKIP(return, "no CPU can be taken offline");	\
	} while (0)

TEST_F(hotplug, calls_to_an_offline_cpu_fail_after_all_other_checks)
{
	NEEDS_HOTPLUG();
	ASSERT_EQ(0, cpu_set_online(self->cpu, false));
	RUN("trigger_errors %d", self->cpu);
	RUN("send_errors %d", self->cpu);
}

TEST_F(hotplug, sets_skip_offline_cpus_and_do_not_count_them)
{
	NEEDS_HOTPLUG();
	ASSERT_EQ(0, cpu_set_online(self->cpu, false));
	RUN("multi_sets");
	RUN("broadcast");
	RUN("multicast_sets");
	RUN("broadcast_each");
}

TEST_F(hotplug, cpu_that_came_back_takes_calls_again)
{
	NEEDS_HOTPLUG();
	ASSERT_EQ(0, cpu_set_online(self->cpu, false));
	ASSERT_EQ(0, cpu_set_online(self->cpu, true));
	RUN("trigger_remote");
	RUN("unicast_each");
	RUN("all_slots_all_cpus");
}

/* All CPUs that can, down and up, one after the other, while threads call. */
TEST_F(hotplug, cpus_go_and_come_under_load_and_nothing_is_lost)
{
	int64_t end = now_ms() + 8000;
	int cpu, ret, cycles = 0;

	NEEDS_HOTPLUG();
	RUN("load_start 60000");
	while (now_ms() < end) {
		for (cpu = 0; cpu < cpus_possible() && now_ms() < end; cpu++) {
			ret = cpu_set_online(cpu, false);
			if (ret && ret != -EOPNOTSUPP && ret != -EBUSY)
				EXPECT_EQ(0, ret);
			sleep_ms(cycles % 3 * 10);
			EXPECT_EQ(0, cpu_set_online(cpu, true));
			cycles += !ret;
		}
	}
	RUN("load_stop");
	TH_LOG("%d CPUs went and came back", cycles);
	EXPECT_LT(0, cycles);
}

/* Down to one, if time allows, and up to all: the set changes by many. */
TEST_F(hotplug, all_but_one_go_and_come_under_load)
{
	int64_t end = now_ms() + 5000;
	int cpu, rounds;

	NEEDS_HOTPLUG();
	RUN("load_start 60000");
	for (rounds = 0; now_ms() < end; rounds++) {
		for (cpu = cpus_possible() - 1; cpu > 0 && now_ms() < end; cpu--)
			cpu_set_online(cpu, false);
		sleep_ms(20);
		for (cpu = 1; cpu < cpus_possible(); cpu++)
			EXPECT_EQ(0, cpu_set_online(cpu, true));
	}
	RUN("load_stop");
	TH_LOG("%d rounds", rounds);
}

TEST_F(hotplug, handler_that_triggers_itself_dies_with_its_cpu)
{
	int i;

	NEEDS_HOTPLUG();
	for (i = 0; i < 5; i++) {
		RUN("self_trigger_start %d", self->cpu);
		ASSERT_EQ(0, cpu_set_online(self->cpu, false));
		RUN("self_trigger_stop");
		ASSERT_EQ(0, cpu_set_online(self->cpu, true));
	}
}

TEST_HARNESS_MAIN
