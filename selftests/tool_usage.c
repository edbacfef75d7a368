// SPDX-License-Identifier: GPL-2.0
/* ipixctl: how it is used, what it says in words, and what it compares. */
#define _GNU_SOURCE
#include <fcntl.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"
#include "json.h"
#include "tool_run.h"

FIXTURE(usage) {
	int cpus;
	int other;
};

FIXTURE_SETUP(usage)
{
	machine_restore();
	unsetenv("IPIXCTL_SYSFS");
	self->cpus = cpus_online();
	self->other = other_cpu();
}

FIXTURE_TEARDOWN(usage)
{
	machine_restore();
	EXPECT_CLEAN();
}

TEST_F(usage, text_goes_to_stdout_and_nothing_to_stderr)
{
	static const char *const commands[] = {
		"list", "stats", "trigger all", "call all", "measure --samples 10",
		"matrix --samples 10", "matrix --samples 10 --compact", "--help",
		"storm --mode unicast --rate 1000", "watch --interval 10 --count 2",
		"--version", "measure --help", "storm --help", "watch --help",
	};
	unsigned int i;

	for (i = 0; i < ABI_ARRAY(commands); i++) {
		struct run r = TOOL("%s", commands[i]);

		if (tool_was_starved(&r))
			continue;
		EXPECT_EQ(0, r.status) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_STREQ("", r.err);
		EXPECT_LT(10, strlen(r.out));
	}
}

TEST_F(usage, options_stand_on_either_side)
{
	struct run r = TOOL("call 0 --json --count 3");

	EXPECT_JSON(r, "call");
	EXPECT_EQ(3, json_number(r.out, "cpus.0.runs"));
	r = TOOL("call --count 3 --json -- %d", home_cpu());
	EXPECT_JSON(r, "call");
}

/* No percentile that no sample stands behind; the others say how many do. */
TEST_F(usage, few_samples_say_what_they_cannot_say)
{
	struct run r = TOOL("measure --json --mode unicast --samples 1 --target %d",
			    home_cpu());

	NEEDS_A_FINE_CLOCK();
	EXPECT_JSON(r, "measure");
	EXPECT_TRUE(json_is(r.out, "results.0.ack.p50", "null"));
	EXPECT_LE(1, json_length(r.out, "notes"));
	EXPECT_LT(0, json_number(r.out, "results.0.ack.mean"));
	r = TOOL("measure --json --mode unicast --samples 50 --target %d", home_cpu());
	EXPECT_EQ(25, json_number(r.out, "results.0.ack.behind.p50"));
	EXPECT_EQ(5, json_number(r.out, "results.0.ack.behind.p90"));
	EXPECT_TRUE(json_is(r.out, "results.0.ack.p99", "null"));
	r = TOOL("measure --mode unicast --samples 50 --target %d", home_cpu());
	EXPECT_FALSE(!strstr(r.out, "s* ")) {
		TH_LOG("%s", r.out);
	}
	r = TOOL("matrix --json --samples 1");
	EXPECT_JSON(r, "matrix");
	EXPECT_LE(1, json_length(r.out, "notes"));
}

/* Columns of the longest line; a block is one, though it has three bytes. */
static int width(const char *text)
{
	int most = 0, n = 0;

	for (; *text; text++) {
		n = *text == '\n' ? 0 : n + ((*text & 0xc0) != 0x80);
		most = n > most ? n : most;
	}
	return most;
}

TEST_F(usage, tables_are_as_wide_as_a_terminal)
{
	struct run r;

	setenv("COLUMNS", "80", 1);
	r = TOOL("stats --compact");
	EXPECT_GE(80, width(r.out));
	r = TOOL("storm --mode unicast --rate 1000");
	EXPECT_GE(80, width(strstr(r.out, "offered/s")));
	r = TOOL("measure --samples 10");
	EXPECT_GE(80, width(r.out));
	/* A label and two blocks: each for half of the CPUs. */
	setenv("COLUMNS", "7", 1);
	r = TOOL("matrix --samples 10");
	EXPECT_TRUE((self->cpus > 2) == !!strstr(r.out, "block"));
	unsetenv("COLUMNS");
}

/* Numbers of what was counted for long may be wider. */
TEST_F(usage, counters_of_a_fresh_module_are_as_wide_as_a_terminal)
{
	struct run r;

	NEEDS_RELOAD();
	ASSERT_EQ(0, xcall_reload());
	setenv("COLUMNS", "80", 1);
	r = TOOL("stats");
	EXPECT_GE(80, width(r.out));
	EXPECT_FALSE(!strstr(r.out, "lingered_ns"));
	unsetenv("COLUMNS");
}

TEST_F(usage, hypervisor_has_a_name)
{
	static const char *const signatures[] = { "TCGTCG", "KVMKVM", "Microsoft Hv", "VMwareVM" };
	struct run r = TOOL("list --json");
	unsigned int i;

	EXPECT_JSON(r, "list");
	for (i = 0; i < ABI_ARRAY(signatures); i++)
		EXPECT_TRUE(!strstr(r.out, signatures[i]));
}

static int write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return ok ? 0 : -1;
}

TEST_F(usage, repeated_runs_are_told_apart_and_compared)
{
	struct run r = TOOL("measure --json --mode unicast --samples 20 --repeat 3 --target %d",
			    home_cpu());
	int i;

	EXPECT_JSON(r, "measure");
	EXPECT_EQ(3, json_number(r.out, "runs"));
	ASSERT_EQ(3, json_length(r.out, "results"));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(i, number(r.out, "results.%d.run", i));
}

/* The function takes longer by a known time on one side. */
TEST_F(usage, known_delay_is_found)
{
	static const char *const delays[] = { "", " --delay 0:1000000" };
	static const char *const files[] = { "/tmp/ipixctl-before", "/tmp/ipixctl-after" };
	struct run r;
	int i;

	for (i = 0; i < 2; i++) {
		r = TOOL("measure --json --mode unicast --samples 100 --repeat 5 --target 0%s",
			 delays[i]);
		EXPECT_JSON(r, "measure");
		unlink(files[i]);
		ASSERT_LE(0, write_new(files[i], r.out));
	}
	r = TOOL("compare --json %s %s", files[0], files[1]);
	EXPECT_ENDED(r, "compare", 4);
	EXPECT_TRUE(json_is(r.out, "verdict", "slower"));
	r = TOOL("compare --json %s %s", files[1], files[0]);
	EXPECT_ENDED(r, "compare", 0);
	EXPECT_TRUE(json_is(r.out, "verdict", "faster"));
	r = TOOL("compare --json %s %s", files[0], files[0]);
	EXPECT_ENDED(r, "compare", 0);
	EXPECT_TRUE(json_is(r.out, "verdict", "no difference seen"));
}

static void check_misuse(struct __test_metadata *_metadata, const char *words)
{
	struct run r = TOOL("%s", words);

	EXPECT_EQ(2, r.status) {
		TH_LOG("%s", words);
	}
	EXPECT_STREQ("", r.out);
	EXPECT_EQ(0, strncmp(r.err, "ipixctl: ", 9));
	EXPECT_EQ(strlen(r.err) - 1, strcspn(r.err, "\n"));
}

TEST_F(usage, misuse_is_one_line_and_status_2)
{
	static const char *const bad[] = {
		"nonsense", "measure --nonsense", "measure extra", "measure -x",
		"measure --samples", "measure --samples 0", "measure --samples -1",
		"measure --samples 1x", "measure --samples 99999999999999999999",
		"measure --mode nonsense", "measure --mode unicast,", "measure --mode=",
		"measure --json=yes", "measure --cpus 3-1", "measure --cpus 0,,1",
		"measure --cpus 0-", "measure --cpus x", "measure --cpus 70000",
		"measure --state sleeping", "measure --delay 1", "measure --delay 1:0",
		"measure --delay x:5", "measure --delay 1:1000001", "measure --count 5",
		"measure --period 1000000001", "matrix --of middle", "matrix --mode many",
		"matrix --mode unicast,single", "matrix --state both", "matrix --mode dry",
		"storm --rate 0", "storm --rate 5,x", "storm --seconds 0",
		"storm --mode dry", "storm --mode unicast,trigger", "trigger", "call",
		"trigger nobody", "trigger 65535", "call 0 1", "call --count 0 0",
		"watch --json", "watch --interval 0", "list all", "stats all",
		"measure --broadcast", "measure --target 65535", "matrix --cpus 65535",
		"storm --source 65535", "measure --delay 65535:5",
		"compare a", "compare a b c", "compare a vs", "measure --repeat 0",
		"matrix --repeat 2", "list --force", "compare a b --threshold x", "-- list",
		"call -- --json 0",
	};
	char words[80];
	unsigned int i;

	for (i = 0; i < ABI_ARRAY(bad); i++)
		check_misuse(_metadata, bad[i]);
	if (self->cpus > 1) {
		snprintf(words, sizeof(words),
			 "storm --mode unicast --source %d,%d --target %d --rate 1",
			 home_cpu(), self->other, self->other);
		check_misuse(_metadata, words);
	}
}

TEST_HARNESS_MAIN
