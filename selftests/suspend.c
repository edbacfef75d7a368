// SPDX-License-Identifier: GPL-2.0
/* Suspend and resume lose nothing, whatever is going on at the time. */
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers.h"

#define RTC		"/sys/class/rtc/rtc0/"
#define POWER		"/sys/power/"
#define TEST_DELAY	"/sys/module/suspend/parameters/pm_test_delay"

CLIENT_FIXTURE(suspend)

static bool offers(const char *file, const char *word)
{
	char text[256];

	return read_file(file, text, sizeof(text)) > 0 && strstr(text, word);
}

static bool is_set(const char *file)
{
	char text[64];

	return read_file(file, text, sizeof(text)) > 0 && text[0] != '\n';
}

/* Goes through all but the last step, and wakes up by itself. */
static void pretend(struct __test_metadata *_metadata, const char *level)
{
	DISTURBS("suspends the machine's devices or more");
	if (!offers(POWER "state", "mem"))
		SKIP(return, "this kernel cannot suspend");
	if (!offers(POWER "pm_test", level))
		SKIP(return, "no suspend test level '%s'", level);
	setting_write(TEST_DELAY, "1");
	ASSERT_EQ(0, setting_write(POWER "pm_test", level));
	RUN("load_start 60000");
	sleep_ms(200);
	EXPECT_EQ(0, write_file(POWER "state", "mem"));
	EXPECT_EQ(0, write_file(POWER "pm_test", "none"));
	RUN("load_stop");
}

TEST_F(suspend, devices_are_suspended_under_load)
{
	pretend(_metadata, "devices");
}

static void pretend_deep(struct __test_metadata *_metadata, const char *level)
{
	DISTURBS("suspends the machine but for its last step");
	if (!offers(POWER "mem_sleep", "deep"))
		SKIP(return, "no suspend state takes CPUs offline here");
	ASSERT_EQ(0, setting_write(POWER "mem_sleep", "deep"));
	pretend(_metadata, level);
}

TEST_F(suspend, all_but_the_last_cpu_are_suspended_under_load)
{
	pretend_deep(_metadata, "processors");
}

TEST_F(suspend, the_whole_machine_is_suspended_under_load)
{
	pretend_deep(_metadata, "core");
}

static int successes(void)
{
	char text[64];

	return read_file(POWER "suspend_stats/success", text, sizeof(text)) > 0 ?
	       atoi(text) : -1;
}

/*
 * In earnest, until the clock wakes the machine, or the client does by a timer.
 * In s2idle in QEMU timers go on, and the clock's alarm makes a machine of one
 * CPU hang: there it comes late, for machines whose timers stop.
 */
static void sleep_for_real(struct __test_metadata *_metadata, const char *state,
			   const char *alarm, int wake_ms)
{
	int before = successes();

	DISTURBS("suspends the machine in earnest");
	if (!offers(POWER "mem_sleep", state))
		SKIP(return, "no suspend state '%s'", state);
	if (!offers(RTC "device/power/wakeup", "enabled"))
		SKIP(return, "no clock that could wake this machine");
	if (access(RTC "wakealarm", W_OK))
		SKIP(return, "this kernel has no file to set the clock's alarm");
	if (is_set(RTC "wakealarm"))
		SKIP(return, "somebody has set the clock's alarm");
	ASSERT_EQ(0, setting_write(POWER "mem_sleep", state));
	RUN("load_start 60000");
	sleep_ms(200);
	ASSERT_EQ(0, write_file(RTC "wakealarm", alarm));
	if (wake_ms)
		RUN("wake_in %d", wake_ms);
	EXPECT_EQ(0, write_file(POWER "state", "mem"));
	write_file(RTC "wakealarm", "0");
	EXPECT_EQ(before + 1, successes());
	RUN("load_stop");
}

TEST_F(suspend, s2idle_under_load_loses_nothing)
{
	sleep_for_real(_metadata, "s2idle", "+30", 5000);
}

TEST_F(suspend, suspend_to_ram_under_load_loses_nothing)
{
	sleep_for_real(_metadata, "deep", "+8", 0);
}

TEST_HARNESS_MAIN
