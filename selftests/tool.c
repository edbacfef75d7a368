// SPDX-License-Identifier: GPL-2.0
/* ipixctl: what it prints is true, whatever happens while it runs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sys/stat.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"
#include "json.h"
#include "tool_run.h"

#define DELAY_NS	1000000

/* Parts of /sys, as some machine might have them. */
static char sysfs[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void put(const char *file, const char *text)
{
	char path[256], *p;
	int fd;

	snprintf(path, sizeof(path), "%s/devices/system/%s", sysfs, file);
	for (p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

#define CPU_DIR	"/sys/devices/system/cpu/"

static void copy_file(const char *name, const char *to)
{
	char text[4096];

	if (read_file(name, text, sizeof(text)) > 0)
		put(to, text);
}

/*
 * The tool leaves CPUs alone that are isolated. To see all that are online, tests
 * show it a machine where none is.
 */
static void put_sysfs(void)
{
	char name[128], to[128];
	int cpu;

	copy_file(CPU_DIR "online", "cpu/online");
	put("cpu/isolated", "\n");
	for_each_possible(cpu) {
		snprintf(name, sizeof(name),
			 CPU_DIR "cpu%d/topology/thread_siblings_list", cpu);
		snprintf(to, sizeof(to), "cpu/cpu%d/topology/thread_siblings_list",
			 cpu);
		copy_file(name, to);
	}
	setenv("IPIXCTL_SYSFS", sysfs, 1);
}

static bool some_are_isolated(void)
{
	int cpu;

	for_each_possible(cpu)
		if (cpu_is_isolated(cpu))
			return true;
	return false;
}

/* A line that may have one %d, for a CPU. */
static struct run tool_at(const char *line, int cpu)
{
	const char *hole = strstr(line, "%d");

	return hole ? TOOL("%.*s%d%s", (int)(hole - line), line, cpu, hole + 2) :
		      TOOL("%s", line);
}

FIXTURE(tool) {
	int cpus;		/* online */
	int home;		/* two of them, if there are two */
	int other;
	int some;		/* not all of very many, for what takes all pairs */
	char only_some[64];	/* their option, or nothing */
};

FIXTURE_SETUP(tool)
{
	machine_restore();
	unsetenv("IPIXCTL_SYSFS");
	strcpy(sysfs, "/tmp/ipixctl-sys.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(sysfs));
	if (some_are_isolated())
		put_sysfs();
	self->cpus = cpus_online();
	self->home = home_cpu();
	self->other = other_cpu();
	self->some = self->cpus;
	if (self->cpus > 16) {
		self->some = 2;
		snprintf(self->only_some, sizeof(self->only_some), " --cpus %d,%d",
			 self->home, self->other);
	}
}

FIXTURE_TEARDOWN(tool)
{
	machine_restore();
	nftw(sysfs, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	EXPECT_CLEAN();
}

/* A checker that lets everything pass would prove nothing. */
TEST_F(tool, json_that_is_broken_is_found_out)
{
	static const char *const bad[] = {
		"", "{", "}", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.",
		".5", "+1", "nan", "inf", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "[1 2]",
		"{} {}", "tru", "\"", "1e", "[\"a\":1]", "'a'",
	};
	const char *good = " {\"a\": [1, -2.5e+3, {\"b\": \"\\u00e4\\\"\"}], \"c\": null} ";
	unsigned int i;

	for (i = 0; i < ABI_ARRAY(bad); i++)
		EXPECT_FALSE(json_valid(bad[i])) {
			TH_LOG("text %u", i);
		}
	ASSERT_TRUE(json_valid(good));
	EXPECT_EQ(-2500, json_number(good, "a.1"));
	EXPECT_EQ(3, json_length(good, "a"));
	EXPECT_TRUE(json_is(good, "c", "null"));
	EXPECT_TRUE(!json_at(good, "a.3"));
	EXPECT_TRUE(!json_at(good, "b"));
}

TEST_F(tool, each_command_writes_json)
{
	static const struct {
		const char *args, *kind;
	} commands[] = {
		{ "list --json", "list" }, { "stats --json", "stats" },
		{ "trigger --json all", "trigger" },
		{ "trigger --json --count 10 %d", "trigger" },
		{ "call --json --count 10 all", "call" },
		{ "measure --json --samples 10", "measure" },
		{ "matrix --json --samples 10", "matrix" },
		{ "storm --json", "storm" },
	};
	unsigned int i;
	struct run r;

	for (i = 0; i < ABI_ARRAY(commands); i++) {
		r = tool_at(commands[i].args, self->home);
		EXPECT_JSON(r, commands[i].kind);
		EXPECT_TRUE(json_is(r.out, "tool", "ipixctl"));
		EXPECT_TRUE(json_is(r.out, "interrupted", "false"));
		EXPECT_TRUE(json_is(r.out, "setting.lingering", "false"));
		EXPECT_TRUE(!json_is(r.out, "setting.kernel", ""));
		EXPECT_LE(0, json_number(r.out, "setting.steal_ms"));
	}
}

TEST_F(tool, runs_are_told_by_cpu)
{
	struct run r = TOOL("trigger --json --count 3 %d", self->home);

	EXPECT_JSON(r, "trigger");
	EXPECT_EQ(1, json_length(r.out, "cpus"));
	EXPECT_EQ(self->home, json_number(r.out, "cpus.0.cpu"));
	EXPECT_EQ(3, json_number(r.out, "cpus.0.runs") +
		     json_number(r.out, "coalesced"));
	r = TOOL("call --json --count 7 all");
	EXPECT_JSON(r, "call");
	ASSERT_EQ(self->cpus, json_length(r.out, "cpus"));
	EXPECT_EQ(7, json_number(r.out, "cpus.0.runs"));
	EXPECT_LE(json_number(r.out, "cpus.0.min"), json_number(r.out, "cpus.0.max"));
}

/* Every sample is in a bucket; the first and the last hold the extremes. */
static void check_histogram(struct __test_metadata *_metadata, const char *summary,
			    double samples)
{
	const char *h = json_at(summary, "histogram");
	int i, n = json_length(summary, "histogram");
	double sum = 0;

	ASSERT_LT(0, n);
	for (i = 0; i < n; i++) {
		EXPECT_LT(0, number(h, "%d.1", i));
		sum += number(h, "%d.1", i);
	}
	EXPECT_EQ(samples, sum);
	EXPECT_LE(json_number(h, "0.0"), json_number(summary, "min"));
	EXPECT_LE(number(h, "%d.0", n - 1), json_number(summary, "max"));
}

static void check_quantiles(struct __test_metadata *_metadata, const char *summary)
{
	const char *q = json_at(summary, "quantiles");
	int i, n = json_length(summary, "quantiles");
	double last[2] = { -1, -1 };

	ASSERT_LT(90, n);
	for (i = 0; i < n; i++) {
		EXPECT_LT(last[0], number(q, "%d.0", i));
		EXPECT_LE(last[1], number(q, "%d.1", i));
		last[0] = number(q, "%d.0", i);
		last[1] = number(q, "%d.1", i);
	}
	EXPECT_EQ(1, last[0]);
	EXPECT_EQ(json_number(summary, "max"), last[1]);
}

/* Of one distribution: what belongs together agrees. */
static void check_summary(struct __test_metadata *_metadata, const char *summary,
			  double samples)
{
	static const char *const order[] = { "min", "p50", "p90", "p99", "p999", "max" };
	double last = -1;
	int i;

	ASSERT_NE(NULL, summary);
	for (i = 0; i < 6; i++) {
		/* Few samples have not all percentiles. */
		if (isnan(json_number(summary, order[i])))
			continue;
		EXPECT_LE(last, json_number(summary, order[i]));
		last = json_number(summary, order[i]);
	}
	EXPECT_LE(json_number(summary, "min"), json_number(summary, "mean"));
	EXPECT_GE(json_number(summary, "max"), json_number(summary, "mean"));
	check_histogram(_metadata, summary, samples);
	check_quantiles(_metadata, summary);
}

TEST_F(tool, distributions_add_up)
{
	struct run r;
	const char *row;
	char at[32];
	int i, n;

	NEEDS_A_FINE_CLOCK();
	r = TOOL("measure --json --source %d --target %d", self->home, self->other);
	EXPECT_JSON(r, "measure");
	EXPECT_LT(0, json_number(r.out, "overhead_ns"));
	n = json_length(r.out, "results");
	/* Each mode; a broadcast only if those are all CPUs. */
	ASSERT_EQ(self->cpus <= 2 ? 9 : 8, n);
	for (i = 0; i < n; i++) {
		snprintf(at, sizeof(at), "results.%d", i);
		row = json_at(r.out, at);
		EXPECT_EQ(1000, json_number(row, "samples"));
		EXPECT_GE(1000, json_number(row, "found_idle"));
		check_summary(_metadata, json_at(row, "start"), 1000);
		check_summary(_metadata, json_at(row, "end"), 1000);
		check_summary(_metadata, json_at(row, "ack"), 1000);
		EXPECT_LE(json_number(row, "start.p50"), json_number(row, "end.p50"));
		EXPECT_LE(json_number(row, "end.p50"), json_number(row, "ack.p50"));
	}
}

/* A CPU that is kept busy is found idle less often than one left alone. */
TEST_F(tool, what_the_target_was_doing_is_told)
{
	struct run r;

	if (self->other == self->home)
		SKIP(return, "needs two CPUs");
	NEEDS_TO_RUN_ON(self->other);
	r = TOOL("measure --json --mode unicast --state both --samples 200 --target %d",
		 self->other);
	EXPECT_JSON(r, "measure");
	ASSERT_EQ(2, json_length(r.out, "results"));
	EXPECT_TRUE(json_is(r.out, "results.0.state", "idle"));
	EXPECT_TRUE(json_is(r.out, "results.1.state", "busy"));
	EXPECT_LT(100, json_number(r.out, "results.0.found_idle"));
	EXPECT_GT(100, json_number(r.out, "results.1.found_idle"));
}

/* The longest of a matrix. */
static double slowest(const char *json, int cpus)
{
	double ns, most = 0;
	int row, column;

	for (row = 0; row < cpus; row++) {
		for (column = 0; column < cpus; column++) {
			ns = number(json, "p50.%d.%d", row, column);
			most = ns > most ? ns : most;
		}
	}
	return most;
}

/* The function of one CPU takes a millisecond: its column shows it, no other. */
TEST_F(tool, delay_shows_in_its_column_of_the_matrix)
{
	struct run r = TOOL("matrix --json --samples 20 --of end%s",
			    self->only_some);
	int row, column;
	double ns;

	NEEDS_A_FINE_CLOCK();
	EXPECT_JSON(r, "matrix");
	ns = slowest(r.out, self->some);
	if (2 * ns > DELAY_NS)
		SKIP(return, "a call takes %.0f us here as it is", ns / 1000);
	r = TOOL("matrix --json --samples 100 --of end --delay %d:%d%s",
		 self->other, DELAY_NS, self->only_some);
	EXPECT_JSON(r, "matrix");
	ASSERT_EQ(self->some, json_length(r.out, "cpus"));
	ASSERT_EQ(self->some, json_length(r.out, "p50"));
	for (row = 0; row < self->some; row++) {
		for (column = 0; column < self->some; column++) {
			ns = number(r.out, "p50.%d.%d", row, column);
			if (number(r.out, "cpus.%d", column) == self->other) {
				EXPECT_LE(DELAY_NS, ns);
				EXPECT_GT(20 * DELAY_NS, ns);
			} else {
				EXPECT_GT(DELAY_NS, ns);
			}
		}
	}
}

TEST_F(tool, classes_and_groups_cover_the_matrix)
{
	struct run r = TOOL("matrix --json --samples 100%s", self->only_some);
	int i, pairs = 0, size = 0;

	EXPECT_JSON(r, "matrix");
	for (i = 0; i < json_length(r.out, "classes"); i++)
		pairs += number(r.out, "classes.%d.pairs", i);
	EXPECT_EQ(self->some * self->some, pairs);
	for (i = 0; i < json_length(r.out, "groups"); i++) {
		EXPECT_EQ(size, number(r.out, "groups.%d.first", i));
		size += number(r.out, "groups.%d.size", i);
	}
	EXPECT_EQ(self->some, size);
}

/* Of a machine with two sockets, each with two siblings, numbered crosswise. */
static void put_topology(void)
{
	char file[64];
	int cpu;

	put("cpu/online", "0-3\n");
	for (cpu = 0; cpu < 4; cpu++) {
		snprintf(file, sizeof(file), "cpu/cpu%d/topology/thread_siblings_list", cpu);
		put(file, cpu % 2 ? "1,3\n" : "0,2\n");
		snprintf(file, sizeof(file), "cpu/cpu%d/topology/physical_package_id", cpu);
		put(file, cpu % 2 ? "1\n" : "0\n");
	}
	put("node/online", "0-1\n");
	put("node/node0/cpulist", "0,2\n");
	put("node/node1/cpulist", "1,3\n");
}

TEST_F(tool, neighbours_stand_beside_each_other)
{
	static const int order[] = { 0, 2, 1, 3 };
	struct run r;
	int i;

	if (self->cpus != 4 || self->home != 0 || self->other != 3)
		SKIP(return, "needs CPUs 0 to 3 online and no others");
	put_topology();
	setenv("IPIXCTL_SYSFS", sysfs, 1);
	r = TOOL("matrix --json --samples 10");
	EXPECT_JSON(r, "matrix");
	for (i = 0; i < 4; i++)
		EXPECT_EQ(order[i], number(r.out, "cpus.%d", i));
	EXPECT_EQ(3, json_length(r.out, "classes"));
	EXPECT_TRUE(json_is(r.out, "classes.0.class", "self"));
	EXPECT_TRUE(json_is(r.out, "classes.1.class", "smt"));
	EXPECT_EQ(4, json_number(r.out, "classes.1.pairs"));
	EXPECT_TRUE(json_is(r.out, "classes.2.class", "remote"));
	EXPECT_EQ(8, json_number(r.out, "classes.2.pairs"));
	ASSERT_EQ(2, json_length(r.out, "groups"));
	EXPECT_TRUE(json_is(r.out, "groups.1.name", "node 1"));
	EXPECT_EQ(2, json_number(r.out, "groups.1.first"));
}

TEST_F(tool, isolated_cpus_are_left_alone_unless_named)
{
	char list[16];
	struct run r;

	if (self->other == self->home)
		SKIP(return, "needs two CPUs");
	put_sysfs();
	snprintf(list, sizeof(list), "%d\n", self->other);
	put("cpu/isolated", list);
	r = TOOL("matrix --json --samples 10");
	EXPECT_JSON(r, "matrix");
	EXPECT_EQ(self->cpus - 1, json_length(r.out, "cpus"));
	r = TOOL("matrix --json --samples 10 --cpus %d,%d", self->home,
		 self->other);
	EXPECT_JSON(r, "matrix");
	EXPECT_EQ(2, json_length(r.out, "cpus"));
	/* A broadcast would interrupt it. */
	r = TOOL("measure --json --samples 10");
	EXPECT_JSON(r, "measure");
	EXPECT_TRUE(!strstr(r.out, "broadcast"));
	r = TOOL("measure --json --samples 10 --mode broadcast");
	EXPECT_EQ(2, r.status);
	r = TOOL("measure --json --samples 10 --mode broadcast --target all");
	EXPECT_JSON(r, "measure");
}

/* By the kernel, whatever the tool takes for isolated. */
TEST_F(tool, isolated_cpus_are_not_interrupted_unless_named)
{
	static const char *const commands[] = {
		"list", "stats", "trigger %d", "call %d", "measure --samples 50",
		"matrix --samples 10", "storm", "storm --mode unicast",
		"watch --count 2 --interval 100",
	};
	long long passes;
	unsigned int i;

	if (!some_are_isolated())
		SKIP(return, "no CPU is isolated");
	unsetenv("IPIXCTL_SYSFS");
	passes = stat_sum_isolated("passes");
	for (i = 0; i < ABI_ARRAY(commands); i++) {
		struct run r = tool_at(commands[i], self->home);

		EXPECT_EQ(0, r.status & ~3) {
			TH_LOG("%s: %s", commands[i], r.err);
		}
		EXPECT_EQ(passes, stat_sum_isolated("passes")) {
			TH_LOG("by %s", commands[i]);
		}
	}
	EXPECT_EQ(0, param_set("linger_ns", "auto"));
	EXPECT_EQ(passes, stat_sum_isolated("passes"));
	/* It can be seen. */
	if (cpu_is_isolated(self->other)) {
		TOOL("call %d", self->other);
		EXPECT_LT(passes, stat_sum_isolated("passes"));
	}
}

TEST_F(tool, works_where_sysfs_tells_nothing)
{
	struct run r;

	/* Nothing tells it otherwise. */
	if (self->home || self->other != self->cpus - 1)
		SKIP(return, "the CPUs online are not the first ones");
	setenv("IPIXCTL_SYSFS", "/tmp/no-such-directory", 1);
	r = TOOL("matrix --json --samples 10");
	EXPECT_JSON(r, "matrix");
	EXPECT_EQ(self->cpus, json_length(r.out, "cpus"));
	EXPECT_EQ(self->cpus > 1 ? 2 : 1, json_length(r.out, "classes"));
	EXPECT_EQ(1, json_length(r.out, "groups"));
	r = TOOL("measure --json --samples 10");
	EXPECT_JSON(r, "measure");
}

TEST_F(tool, offline_cpu_is_left_out_and_named_one_is_an_error)
{
	int cpu = cpu_to_unplug();
	struct run r;

	NEEDS_A_FINE_CLOCK();
	NEEDS_UNPLUG(cpu);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	if (some_are_isolated())
		put_sysfs();
	r = TOOL("matrix --json --samples 10");
	EXPECT_JSON(r, "matrix");
	EXPECT_EQ(self->cpus - 1, json_length(r.out, "cpus"));
	r = TOOL("matrix --json --samples 10 --cpus %d,%d", self->home, cpu);
	EXPECT_ENDED(r, "matrix", 3);
	EXPECT_FALSE(!strstr(r.err, "3 of 4 pairs have no number"));
	EXPECT_EQ(1, json_length(r.out, "lacking"));
	EXPECT_TRUE(json_is(r.out, "p50.0.1", "null"));
	EXPECT_TRUE(json_is(r.out, "p50.1.0", "null"));
	EXPECT_LT(0, json_number(r.out, "p50.0.0"));
	r = TOOL("measure --json --samples 10 --mode unicast --target %d", cpu);
	EXPECT_EQ(1, r.status);
	EXPECT_STREQ("", r.out);
	EXPECT_FALSE(!strstr(r.err, "offline"));
	r = TOOL("trigger %d", cpu);
	EXPECT_EQ(1, r.status);
	r = TOOL("call %d", cpu);
	EXPECT_EQ(1, r.status);
	r = TOOL("call --json %d,%d", self->home, cpu);
	EXPECT_JSON(r, "call");
	EXPECT_EQ(1, json_number(r.out, "offline"));
	EXPECT_FALSE(!strstr(r.out, "1 of the CPUs is offline"));
	r = TOOL("storm --source %d --target %d", cpu, self->home);
	EXPECT_EQ(1, r.status);
	EXPECT_FALSE(!strstr(r.err, "offline"));
}

/* The rate is kept if it can be, and several sources to one CPU coalesce. */
TEST_F(tool, storm_reports_what_it_achieved)
{
	struct run r = TOOL("storm --json --mode unicast --source %d --rates 50,100 --seconds 2",
			    self->home);
	int tries;

	EXPECT_JSON(r, "storm");
	ASSERT_EQ(2, json_length(r.out, "points"));
	EXPECT_EQ(50, json_number(r.out, "points.0.offered"));
	EXPECT_EQ(100, json_number(r.out, "points.1.offered"));
	/* Emulated CPUs may be held up, but nothing may be sent ahead of its time. */
	EXPECT_LT(0, json_number(r.out, "points.0.achieved"));
	EXPECT_GE(55, json_number(r.out, "points.0.achieved"));
	EXPECT_GE(110, json_number(r.out, "points.1.achieved"));
	/* It ends with 3 if one was held up just as the last trigger was timed. */
	for (tries = 0; tries < 3; tries++) {
		r = TOOL("storm --json --mode trigger");
		if (r.status != 3)
			break;
	}
	EXPECT_JSON(r, "storm");
	EXPECT_TRUE(json_is(r.out, "points.0.offered", "null"));
	EXPECT_LE(json_number(r.out, "points.0.coalesced"),
		  json_number(r.out, "points.0.sent"));
}

/* More than one file can have measurements under way. */
TEST_F(tool, storm_sends_from_each_cpu)
{
	static const char *const modes[] = { "unicast", "multicast" };
	struct run r;
	unsigned int i;

	if (self->cpus <= IPI_XCALL_MEASURES_PER_FILE)
		SKIP(return, "needs five CPUs");
	for (i = 0; i < ABI_ARRAY(modes); i++) {
		r = TOOL("storm --json --seconds 1 --mode %s", modes[i]);
		EXPECT_JSON(r, "storm");
		EXPECT_LE(self->cpus, json_number(r.out, "points.0.sent"));
	}
}

TEST_HARNESS_MAIN
