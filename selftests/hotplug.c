// SPDX-License-Identifier: GPL-2.0
/* CPUs come and go: nothing is lost, nothing hangs, errors are right. */
#include "kselftest_harness.h"
#include "helpers.h"

ALL_NEED_CLIENT()

FIXTURE(hotplug) {
	int cpu;
};

FIXTURE_SETUP(hotplug)
{
	machine_restore();
	self->cpu = cpu_to_unplug();
	ASSERT_EQ(0, client_load());
}

FIXTURE_TEARDOWN(hotplug)
{
	CLIENT_TEARDOWN;
}

TEST_F(hotplug, calls_to_an_offline_cpu_fail_after_all_other_checks)
{
	NEEDS_UNPLUG(self->cpu);
	ASSERT_EQ(0, cpu_set_online(self->cpu, false));
	RUN("trigger_errors %d", self->cpu);
	RUN("send_errors %d", self->cpu);
}

TEST_F(hotplug, sets_skip_offline_cpus_and_do_not_count_them)
{
	NEEDS_UNPLUG(self->cpu);
	ASSERT_EQ(0, cpu_set_online(self->cpu, false));
	RUN("multi_sets");
	RUN("broadcast");
	RUN("multicast_sets");
	RUN("broadcast_each");
}

TEST_F(hotplug, cpu_that_came_back_takes_calls_again)
{
	NEEDS_UNPLUG(self->cpu);
	ASSERT_EQ(0, cpu_set_online(self->cpu, false));
	ASSERT_EQ(0, cpu_set_online(self->cpu, true));
	RUN("trigger_remote");
	RUN("unicast_each");
	RUN("all_slots_all_cpus %d", slots_of_others());
}

static int cpus[CPU_IDS_MAX];

/* Those that are online now; returns how many. */
static int list_cpus(void)
{
	int cpu, n = 0;

	for_each_possible(cpu)
		if (cpu_is_online(cpu))
			cpus[n++] = cpu;
	return n;
}

/* All CPUs that can, down and up, one after the other, while threads call. */
TEST_F(hotplug, cpus_go_and_come_under_load_and_nothing_is_lost)
{
	int64_t start = now_ms();
	int i, n, ret, cycles = 0;

	NEEDS_UNPLUG(self->cpu);
	n = list_cpus();
	RUN("load_start 60000");
	while (go_on(start, rounds(1500, 8000), cycles >= 3)) {
		for (i = 0; i < n && go_on(start, rounds(1500, 8000), cycles >= 3); i++) {
			ret = cpu_set_online(cpus[i], false);
			if (ret && ret != -EOPNOTSUPP && ret != -EBUSY)
				EXPECT_EQ(0, ret);
			sleep_ms(cycles % 3 * 10);
			EXPECT_EQ(0, cpu_set_online(cpus[i], true));
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
	int64_t end = now_ms() + rounds(1200, 5000);
	int i, n, times;

	NEEDS_UNPLUG(self->cpu);
	n = list_cpus();
	RUN("load_start 60000");
	for (times = 0; now_ms() < end; times++) {
		for (i = n - 1; i > 0 && now_ms() < end; i--)
			cpu_set_online(cpus[i], false);
		sleep_ms(20);
		for (i = 1; i < n; i++)
			EXPECT_EQ(0, cpu_set_online(cpus[i], true));
	}
	RUN("load_stop");
	TH_LOG("%d rounds", times);
}

/* Where data races are looked for, also of those who ask whether it is there. */
TEST_F(hotplug, cpu_that_is_called_all_the_while_goes_and_comes)
{
	int64_t start = now_ms();
	int cycles;

	NEEDS_UNPLUG(self->cpu);
	RUN("load_aim 600000 %d", self->cpu);
	for (cycles = 0; go_on(start, rounds(600, 20000), cycles >= 3); cycles++) {
		ASSERT_EQ(0, cpu_set_online(self->cpu, false));
		ASSERT_EQ(0, cpu_set_online(self->cpu, true));
	}
	RUN("load_stop");
	TH_LOG("%d times", cycles);
}

TEST_F(hotplug, handler_that_triggers_itself_dies_with_its_cpu)
{
	int i;

	NEEDS_UNPLUG(self->cpu);
	for (i = 0; i < 5; i++) {
		RUN("self_trigger_start %d", self->cpu);
		ASSERT_EQ(0, cpu_set_online(self->cpu, false));
		RUN("self_trigger_stop");
		ASSERT_EQ(0, cpu_set_online(self->cpu, true));
	}
}

TEST_HARNESS_MAIN
