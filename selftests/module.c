// SPDX-License-Identifier: GPL-2.0
/* Modules come and go: the module that is tested, and its clients. */
#include <fcntl.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "helpers.h"

#define RCU_EXPEDITED	"/sys/kernel/rcu_expedited"

/* A client that somebody has loaded stays. */
#define NEEDS_ABSENT(name)						\
	do {								\
		if (module_loaded(name))				\
			SKIP(return, "%s is loaded", name);		\
	} while (0)

FIXTURE(module) {
	int log;
	char text[TEXT_SIZE];
};

FIXTURE_SETUP(module)
{
	ASSERT_EQ(0, client_unload());
	self->log = klog_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(module)
{
	close(self->log);
	if (!module_loaded("ipi_xcall"))
		EXPECT_EQ(0, module_load("ipi_xcall", ""));
	CLIENT_TEARDOWN;
}

TEST_F(module, hello_triggers_and_calls_all_cpus)
{
	char want[256];

	NEEDS_ABSENT("ipi_xcall_hello");
	ASSERT_EQ(0, module_load("ipi_xcall_hello", ""));
	EXPECT_EQ(0, module_unload("ipi_xcall_hello"));
	EXPECT_EQ(2, klog_count(self->log, self->text, sizeof(self->text),
				"ipi_xcall_hello: "));
	snprintf(want, sizeof(want), "%d CPUs triggered, %d runs",
		 cpus_online(), cpus_online());
	EXPECT_NE(NULL, strstr(self->text, want));
	snprintf(want, sizeof(want), "%d CPUs called, %d runs",
		 cpus_online(), cpus_online());
	EXPECT_NE(NULL, strstr(self->text, want));
	TH_LOG("%s", self->text);
}

TEST_F(module, client_that_leaves_slots_loses_them_with_one_warning)
{
	NEEDS_ABSENT("ipi_xcall_leak");
	ASSERT_EQ(0, module_load("ipi_xcall_leak", ""));
	EXPECT_EQ(2, slots_used());
	EXPECT_EQ(0, module_unload("ipi_xcall_leak"));
	EXPECT_EQ(0, slots_used());
	EXPECT_EQ(1, klog_count(self->log, self->text, sizeof(self->text),
				"ipi_xcall: ")) {
		TH_LOG("log: %s", self->text);
	}
	EXPECT_NE(NULL, strstr(self->text, "ipi_xcall_leak"));
}

TEST_F(module, client_that_fails_to_load_loses_its_slots_too)
{
	NEEDS_ABSENT("ipi_xcall_leak");
	EXPECT_EQ(-ECANCELED, module_load("ipi_xcall_leak", "fail_init=1"));
	EXPECT_EQ(0, slots_used());
	EXPECT_EQ(1, klog_count(self->log, self->text, sizeof(self->text),
				"ipi_xcall: ")) {
		TH_LOG("log: %s", self->text);
	}
}

static void expect_param(struct __test_metadata *_metadata, const char *param,
			 const char *value)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), PARAM_DIR "%s", param);
	ASSERT_LT(0, read_file(path, text, sizeof(text)));
	text[strcspn(text, "\n")] = '\0';
	EXPECT_STREQ(value, text);
}

TEST_F(module, linger_ns_is_a_number_with_a_limit_or_auto)
{
	static const char *const bad[] = { "100001", "-1", "x", "\n", "autos" };
	size_t i;

	EXPECT_EQ(0, param_set("linger_ns", "100000"));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		klog_forget(self->log);
		EXPECT_EQ(-EINVAL, param_set("linger_ns", bad[i])) {
			TH_LOG("%s", bad[i]);
		}
		EXPECT_EQ(1, klog_count(self->log, self->text, sizeof(self->text),
					"ipi_xcall: "));
		expect_param(_metadata, "linger_ns", "100000");
	}
	EXPECT_EQ(0, param_set("linger_ns", "0"));
	expect_param(_metadata, "linger_ns", "0");
}

/* What an interrupt costs has been measured, if there is another CPU; calls work. */
static void check_auto(struct __test_metadata *_metadata)
{
	char cost[64];

	expect_param(_metadata, "linger_ns", "auto");
	ASSERT_LT(0, read_file(PARAM_DIR "linger_cost_ns", cost, sizeof(cost)));
	EXPECT_EQ(cpus_online() > 1, atoi(cost) > 0);
	EXPECT_EQ(0, write_file(XCALL_DIR "call", "all 200"));
}

TEST_F(module, linger_ns_auto_measures_and_calls_work)
{
	NEEDS_RELOAD();
	ASSERT_EQ(0, xcall_reload());
	expect_param(_metadata, "linger_cost_ns", "0");
	EXPECT_EQ(0, param_set("linger_ns", "auto"));
	check_auto(_metadata);

	/* Be it at load. */
	ASSERT_EQ(0, module_unload("ipi_xcall"));
	ASSERT_EQ(0, module_load("ipi_xcall", "linger_ns=auto"));
	check_auto(_metadata);
	EXPECT_EQ(0, param_set("linger_ns", "0"));
}

TEST_F(module, stays_while_a_client_is_loaded)
{
	NEEDS_RELOAD();
	ASSERT_EQ(0, client_load());
	/* Not by module_unload(), which gives the client time to go. */
	EXPECT_EQ(-1, syscall(SYS_delete_module, "ipi_xcall", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_TRUE(module_loaded("ipi_xcall"));
}

TEST_F(module, unload_with_slots_of_debugfs_live_is_clean)
{
	int i;

	NEEDS_RELOAD();
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, write_file(XCALL_DIR "register", "count"));
		ASSERT_EQ(0, write_file(XCALL_DIR "register", "stamp"));
	}
	EXPECT_EQ(6, slots_used());
	for (i = 1; i <= 6; i++) {
		char line[32];

		snprintf(line, sizeof(line), "%d all", i);
		EXPECT_EQ(0, write_file(XCALL_DIR "trigger", line));
	}
	ASSERT_EQ(0, xcall_reload());
	EXPECT_TRUE(module_loaded("ipi_xcall"));
	EXPECT_EQ(0, slots_used());
	EXPECT_EQ(0, stat_sum("triggers"));
}

/* The client goes in the middle of its load, the module right after it. */
static void load_by_client(struct __test_metadata *_metadata, int i)
{
	ASSERT_EQ(0, client_load());
	RUN("load_start 60000");
	sleep_ms(i % 10);
	ASSERT_EQ(0, client_unload());
	EXPECT_EQ(0, slots_used());
}

/* Without a client in between: slots stay live, their runs may be to come. */
static void load_by_files(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, write_file(XCALL_DIR "register", "count"));
	ASSERT_EQ(0, write_file(XCALL_DIR "register", "stamp"));
	EXPECT_EQ(0, write_file(XCALL_DIR "call", "all 20"));
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", "1 all"));
	EXPECT_EQ(0, write_file(XCALL_DIR "trigger", "2 all"));
}

/*
 * A few times as it is, then with short grace periods, which leave less time
 * for what is still going on.
 */
TEST_F_TIMEOUT(module, unloads_after_load_again_and_again, 240)
{
	int64_t start = now_ms();
	int i, few = 12, n = rounds(few, 100);

	NEEDS_RELOAD();
	/* A machine with a second for each does fewer. */
	for (i = 0; i < few || (i < n && now_ms() - start < 120000); i++) {
		if (i == n / 4)
			setting_write(RCU_EXPEDITED, "1");
		if (i % 4)
			load_by_files(_metadata);
		else
			load_by_client(_metadata, i);
		ASSERT_EQ(0, xcall_reload());
	}
}

TEST_HARNESS_MAIN
